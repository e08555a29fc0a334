"""What stands of several things under one number, as one would say it: specimen by specimen, with the whole answers at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from varde.messages import LabReport
from varde.messages.records import Specimen


@dataclass
class Thing:
    """A specimen under a number, all that was ever said of it (oldest first), and how it was described last."""

    specimen: Specimen | None
    told: list[str]


class Stands(NamedTuple):
    """What stands: the key that counts, the answer, what was said of each thing, whether somebody must look."""

    key: str
    report: Any
    lines: list[list[str]]
    doubtful: bool


def is_part(report: Any) -> bool:
    """Whether others may stand beside it."""
    scope = getattr(report, "scope", "")
    if scope and report.service_type == "C":
        return bool(report.withdraws)
    return bool(scope == "part")


def stand(versions: dict[str, Any]) -> Stands | None:
    """What stands of versions, by their keys; None where they speak of one thing alone."""
    keys = [key for key in sorted(versions) if versions[key].service_type != "A"]
    since = [n for n, key in enumerate(keys) if not is_part(versions[key])]
    first = keys[since[-1] :] if since else keys
    parts = [versions[key] for key in first if is_part(versions[key])]
    if len({(p.service_type == "C", *(p.withdraws or _described(p))) for p in parts}) < 2:
        return None
    things: list[Thing] = []
    unsure = False
    for n, key in enumerate(first):
        said = versions[key]
        if said.service_type == "C":
            stood = bool(things)
            things, missed = _without(things, said, versions)
            before = [versions[k] for k in first[:n] if is_part(versions[k])]
            answered = {s.specimen_id for v in before for s in v.specimens}
            if stood and len(things) and not answered & set(said.withdraws):
                missed = missed or any(versions[t.told[-1]].findings for t in things)
            unsure = bool(things) and (unsure or missed)
        elif not is_part(said):
            things, unsure = [Thing(None, [key])], False
        else:
            things = _with(things, key, said, versions)
    if not things:
        return Stands(first[-1], versions[first[-1]], [], False)
    newest = max(thing.told[-1] for thing in things)
    things = [t for t in things if not _another(versions[t.told[-1]], versions[newest])]
    return _together(newest, things, versions, unsure)


def _described(report: LabReport) -> list[str]:
    return sorted(repr(_triple(each)) for each in report.specimens)


def _triple(specimen: Specimen) -> tuple[Any, ...]:
    names = tuple(c.code or c.text.casefold() for c in specimen.materials)
    return specimen.specimen_id, names, specimen.collected


def _without(
    things: list[Thing], said: LabReport, versions: dict[str, Any]
) -> tuple[list[Thing], bool]:
    numbers = [thing.specimen.specimen_id if thing.specimen else "" for thing in things]
    if not is_part(said):
        return [], False
    if numbers == [""] and (said.scope == "part" or not is_part(versions[things[0].told[-1]])):
        return [], False
    left = [t for t, number in zip(things, numbers, strict=True) if number not in said.withdraws]
    return left, len(left) == len(things) and "" in numbers


def _relation(one: Specimen | None, other: Specimen | None) -> str:
    """equal, numbered, may, other, surely"""
    if one is None or other is None:
        return "equal" if one is other else "may"
    if _triple(one) == _triple(other):
        return "equal"
    if one.specimen_id and other.specimen_id:
        return "numbered" if one.specimen_id == other.specimen_id else "surely"
    (_, a, at), (_, b, then) = _triple(one), _triple(other)
    return "may" if at == then and (not a or not b or set(a) & set(b)) else "other"


def _with(things: list[Thing], key: str, said: LabReport, versions: dict[str, Any]) -> list[Thing]:
    new = [Thing(each, []) for each in said.specimens] or [Thing(None, [])]
    if things and things[0].specimen is None and not is_part(versions[things[0].told[-1]]):
        return [Thing(each.specimen, [*things[0].told, key]) for each in new]
    left = list(things)
    went: set[int] = set()
    for wanted in ("equal", "numbered", "may"):
        for each in new:
            fits = [old for old in left if _relation(old.specimen, each.specimen) == wanted]
            if wanted == "may" and (id(each) in went or len(fits) != 1):
                continue
            for old in fits:
                each.told += old.told
                left.remove(old)
                went.add(id(each))
    alone = not went and said.service_type == "M" and len(things) == len(new) == 1
    if alone and _relation(things[0].specimen, new[0].specimen) != "surely":
        new[0].told += left.pop().told
    for each in new:
        each.told = [*sorted(set(each.told)), key]
    return left + new


def _another(one: LabReport, other: LabReport) -> bool:
    from register.plain_rule import _others

    return _others(one.patient, other.patient)


def _together(newest: str, things: list[Thing], versions: dict[str, Any], unsure: bool) -> Stands:
    things = sorted(things, key=lambda t: _place(t))
    doubtful = unsure or any(
        a.told[-1] != b.told[-1] and _relation(a.specimen, b.specimen) != "surely"
        for a in things
        for b in things
    )
    for last in things:
        for first in things:
            now, then = versions[last.told[-1]], versions[first.told[-1]]
            of = [
                f
                for f in then.findings
                if not first.specimen or f.specimen == first.specimen.number
            ]
            if now.status == "F" and then.status != "F" and len(last.told) == 1 and of:
                doubtful = doubtful or last.told[-1][:21] > first.told[-1][:21]
    specimens: list[Any] = []
    findings: list[Any] = []
    searches: list[Any] = []
    for thing in things:
        said = versions[thing.told[-1]]
        for old in [thing.specimen] if thing.specimen else said.specimens:
            specimens.append(msgspec.structs.replace(old, number=len(specimens) + 1))
            searches += [
                msgspec.structs.replace(asked, specimen=len(specimens))
                for asked in said.looked_for
                if asked.specimen == old.number
            ]
        shift = len(specimens) - len(said.specimens)
        for found in said.findings:
            if thing.specimen is None or found.specimen == thing.specimen.number:
                at = len(specimens) if thing.specimen else found.specimen + shift
                findings.append(
                    msgspec.structs.replace(found, number=len(findings) + 1, specimen=at)
                )
    standing = sorted({thing.told[-1] for thing in things})
    reports = [versions[key] for key in standing]
    lines = [sorted({k for t in things if t.told[-1] == key for k in t.told}) for key in standing]
    statuses = {each.status for each in reports}
    whole = msgspec.structs.replace(
        versions[newest],
        specimens=tuple(specimens),
        findings=tuple(findings),
        looked_for=tuple(searches),
        status="S" if len(statuses) > 1 else next(iter(statuses)),
        notifiable=([each.notifiable for each in reports if each.notifiable] or [""])[-1],
        negative=all(each.negative for each in reports),
    )
    return Stands(newest, whole, lines, doubtful)


def _place(thing: Thing) -> tuple[Any, ...]:
    if thing.specimen is None:
        return ("", (), "", thing.told[-1], 0)
    number, names, at = _triple(thing.specimen)
    return (number, names, at.isoformat(), thing.told[-1], thing.specimen.number)
