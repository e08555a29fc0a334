"""What stands of several whole answers under one number, as one would say it: answer by answer, with all versions at hand."""

from __future__ import annotations

from typing import Any

import msgspec

from register.plain_parts import Stands, _relation, _triple
from varde.codes import CodeMap, refines

MAP = CodeMap.load()


def stand(known: dict[str, Any]) -> tuple[Stands, dict[str, Any]] | None:
    """What stands and what was added to it, by its keys; None where it is one answer or none."""
    versions = sorted(known.items())
    if any(v.kind != "laboratory" or (v.scope and v.service_type != "C") for _, v in versions):
        return None
    things: list[list[str]] = []
    added: dict[str, str] = {}
    several = False
    for key, said in versions:
        if said.service_type == "C":
            several = len(things) > 1 or (several and not things)
            things = []
        elif said.service_type == "A":
            common = [t for t in things if _common(known[t[-1]], said) == "yes"]
            if things:
                added[key] = max(t[-1] for t in common or things)
        else:
            several = False
            things = _next(things, key, said, known)
    last = versions[-1][0] if versions else ""
    if not things and several:
        last = max(k for k, v in versions if v.service_type == "C")
        return Stands(last, known[last], [], True), {}
    if len(things) < 2:
        return None
    things.sort(key=lambda t: t[-1])
    now = [known[t[-1]] for t in things]
    doubtful = any(v.service_type == "M" and len(t) == 1 for v, t in zip(now, things, strict=True))
    specimens: list[Any] = []
    findings: list[Any] = []
    searches: list[Any] = []
    where: dict[tuple[str, int], int] = {}
    for thing, said in zip(things, now, strict=True):
        for one in said.specimens:
            same = [s.number for s in specimens if one.specimen_id and _triple(s) == _triple(one)]
            if not same:
                specimens.append(msgspec.structs.replace(one, number=len(specimens) + 1))
            where[thing[-1], one.number] = (same or [len(specimens)])[0]
        for f in said.findings:
            at = where[thing[-1], f.specimen]
            findings.append(msgspec.structs.replace(f, number=len(findings) + 1, specimen=at))
        searches += [
            msgspec.structs.replace(s, specimen=where[thing[-1], s.specimen])
            for s in said.looked_for
        ]
    for b, later in enumerate(now):
        for a, first in enumerate(now[:b]):
            if _common(first, later) != "other specimens" and first.discipline == later.discipline:
                for f in first.findings:
                    [of] = [s for s in first.specimens if s.number == f.specimen]
                    doubtful = doubtful or any(
                        _relation(of, s) in ("equal", "numbered", "may") for s in later.specimens
                    )
            stages = (first.status != "F", later.status == "F", len(things[b]) == 1)
            if all(stages) and first.findings and things[a][-1][:21] < things[b][-1][:21]:
                doubtful = True
    statuses = {v.status for v in now}
    whole = msgspec.structs.replace(
        now[-1],
        specimens=tuple(specimens),
        findings=tuple(findings),
        looked_for=tuple(searches),
        status=statuses.pop() if len(statuses) == 1 else "S",
        notifiable=([v.notifiable for v in now if v.notifiable] or [""])[-1],
        negative=all(v.negative for v in now),
    )
    more = {}
    for key, of in added.items():
        if of not in [t[-1] for t in things]:
            continue
        one = known[key]
        at = {s.number: where.get((of, s.number), len(specimens) + s.number) for s in one.specimens}
        more[key] = msgspec.structs.replace(
            one,
            specimens=tuple(msgspec.structs.replace(s, number=at[s.number]) for s in one.specimens),
            **{
                name: tuple(
                    msgspec.structs.replace(x, specimen=at[x.specimen]) for x in getattr(one, name)
                )
                for name in ("findings", "looked_for")
            },
        )
    return Stands(things[-1][-1], whole, things, doubtful), more


def _next(things: list[list[str]], key: str, said: Any, known: dict[str, Any]) -> list[list[str]]:
    common = {t[-1]: _common(known[t[-1]], said) for t in things}
    left = []
    for thing in things:
        stays = common[thing[-1]] == "other specimens"
        if common[thing[-1]] == "no":
            final = known[thing[-1]].status == "F" and said.service_type != "M"
            lone_correction = said.service_type == "M" and len(things) == 1
            stays = final or ("yes" in common.values() and not lone_correction)
            stays = stays or (said.service_type == "M" and not lone_correction)
        if stays:
            left.append(thing)
    replaced = [k for t in things if t not in left for k in t]
    return [*left, [*sorted(replaced), key]]


def _common(one: Any, other: Any) -> str:
    """yes, maybe, no, other specimens: whether two versions have anything in common."""
    from register.plain_rule import _others

    if _others(one.patient, other.patient) or not one.looked_for or not other.looked_for:
        return "maybe"
    numbers = [{s.specimen_id for s in v.specimens} for v in (one, other)]
    if all(numbers) and not any("" in n for n in numbers) and not numbers[0] & numbers[1]:
        return "other specimens"
    sought = [_sought(v) for v in (one, other)]
    if None in sought:
        return "maybe"
    mine, theirs = sought
    assert mine is not None and theirs is not None
    return "yes" if any(_same(a, b) for a in mine for b in theirs) else "no"


def _sought(version: Any) -> list[tuple[str, str]] | None:
    """(organism, method) of everything; a culture of whatever grows has no organism."""
    found: list[tuple[str, str]] = []
    for each in version.looked_for:
        name = _means(each.organisms)
        if name is None or (name == "" and each.method != "culture"):
            return None
        found.append((name, each.method))
    asked = list(found)
    for each in version.findings:
        one = (_means(each.organisms), each.method)
        if not one[0] or not any(_same((one[0], one[1]), a) for a in asked):
            return None
        found.append((one[0], one[1]))
    return found


def _means(organisms: tuple[Any, ...]) -> str | None:
    return (
        MAP.find("organism", [(c.system, c.code, c.text) for c in organisms]) if organisms else ""
    )


def _same(one: tuple[str, str], other: tuple[str, str]) -> bool:
    if not (one[0] and other[0]):
        return not {one[1], other[1]} - {"culture", ""}
    pair = (one[0], other[0])
    return pair[0] == pair[1] or refines(*pair) or refines(*reversed(pair))
