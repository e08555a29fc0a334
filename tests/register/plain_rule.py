"""The register's rules as one would say them: over all messages at once, without a database."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec

from register import plain_parts, plain_requisitions
from varde import messages as wire
from varde.codes import refines
from varde.messages import Failure, LabReport
from varde.messages.records import Code, Finding, Specimen, Statement
from varde.register.kinds import additions, project
from varde.register.projection import Context
from varde.register.searches import meaning
from varde.register.versions import fingerprint, version_key

Key = tuple[str, str, str]


def expected_reports(files: Iterable[bytes], context: Context) -> set[tuple[str, ...]]:
    """(kind, sender, number, version, cancelled, digest) of every statement that stands."""
    expected = set()
    for name, (base, record) in standing_statements(files, context).items():
        cancelled = str(int(record.service_type == "C"))
        expected.add((*name, base, cancelled, project(record, context).digest.hex()))
    return expected


def standing_statements(
    files: Iterable[bytes], context: Context
) -> dict[Key, tuple[str, Statement]]:
    """(kind, sender, number) → the version it stands in, and what it says with all that was added."""
    by_report = all_versions(files, context)
    return {name: _standing(known, context) for name, known in by_report.items()}


def expected_notices(files: Iterable[bytes], context: Context) -> dict[Key, str]:
    """(kind, sender, number) → what a person should look at, of the statements where there is something."""
    found = {}
    everything = all_versions(files, context)
    for name, known in everything.items():
        base = _standing(known, context)[0]
        said: list[str] = []
        since: list[tuple[str, Any]] = []
        for key in sorted(known):
            if known[key].service_type != "C":
                since = [*since, (key, known[key])]
            elif not plain_parts.is_part(known[key]):
                since = []
        current: Any = known[base]
        if current.service_type == "C":
            before: list[Any] = []
            for key in sorted(key for key in known if key < base):
                if known[key].service_type != "C":
                    before = [*before, known[key]]
                elif not plain_parts.is_part(known[key]):
                    before = []
            answers = [each for each in before if each.service_type != "A"] or before[:1]
            if answers and _others(answers[-1].patient, current.patient):
                said.append("withdrawn-other-patient")
            late: list[Any] = [known[k] for k in known if k > base]
            if any(a.service_type == "A" and not _others(a.patient, current.patient) for a in late):
                said.append("added-after-withdrawal")
            apart = None if plain_parts.stand(known) else plain_requisitions.stand(known)
            if apart and apart[0].doubtful:
                said.append("several-of-one-number")
            found |= {name: ",".join(said)} if said else {}
            continue
        earlier = [each for key, each in since if key < base]
        added = [each for key, each in since if key > base]
        more = [
            a for a in added if a.service_type == "A" and not _others(a.patient, current.patient)
        ]
        lost_then = _lost_by_format(known, base, more, context)
        several = plain_parts.stand(known)
        apart = None if several else plain_requisitions.stand(known)
        if apart:
            several = apart[0]
            also = [*more, *apart[1].values()]
            lost_then = _lost_by_format(
                known | {base: several.report}, base, also, context, known[base]
            )
        lines = several.lines if several else [[*(k for k, _ in since if k < base), base]]
        lost = set()
        for *then, last in lines:
            final = [v for k in then if (v := known[k]).status == "F" and (k, v) in since]
            now: Any = known[last]
            left = [now, *(more if last == base else [])]
            if now.status != "F" and final:
                lost.add("final-became-preliminary")
            elif not any(getattr(each, "findings", ()) for each in left):
                if any(getattr(each, "findings", ()) for each in final):
                    lost.add("findings-gone")
            elif any(_maybe_other(each, now) for each in final):
                lost.add("several-of-one-number")
        if lost_then and not lost and not (several and several.doubtful):
            lost.add("findings-gone")
        said += [w for w in ("final-became-preliminary", "findings-gone") if w in lost]
        if any(_others(each.patient, current.patient) for each in earlier):
            said.append("patient-changed")
        if any(_known(each.patient) > _known(current.patient) for each in earlier):
            said.append("patient-number-gone")
        if "several-of-one-number" in lost or (several and several.doubtful):
            said.append("several-of-one-number")
        if said:
            found[name] = ",".join(said)
    for name in _beside(everything, context):
        found[name] = ",".join(filter(None, [found.get(name, ""), "stands-beside-another"]))
    for name in _withdrew_nothing(everything, context):
        found[name] = ",".join(filter(None, [found.get(name, ""), "withdrew-nothing"]))
    for name in _two_patients(everything, context):
        if "patient-changed" not in found.get(name, ""):
            found[name] = ",".join(filter(None, [found.get(name, ""), "two-patients"]))
    return found


def _lost_by_format(
    known: dict[str, Statement],
    base: str,
    more: list[Any],
    context: Context,
    version: Any = None,
) -> bool:
    """Whether what one format named is not named by the one that took its place."""
    everything: dict[str, Any] = dict(known)
    last = version or everything[base]
    if _forgets_preliminary(everything, base, more, context, last):
        return True
    if _drops_some(everything, base, more, context):
        return True
    if _corrects_away(everything, base, more, context):
        return True
    ends = [
        k for k, v in everything.items() if v.service_type == "C" and not plain_parts.is_part(v)
    ]
    since = {
        k: v for k, v in everything.items() if k > max(ends, default="") and v.service_type != "A"
    }
    of_other = [
        k
        for k, v in since.items()
        if v.service_type != "C"
        and k < base
        and bool(getattr(v, "scope", "")) != bool(getattr(known[base], "scope", ""))
    ]
    if not of_other:
        return False
    before = {k: v for k, v in since.items() if k <= max(of_other)}
    stood: Any = _standing(before, context)[1]
    final = [v for v in before.values() if v.service_type != "C" and v.status == "F"]
    if stood.service_type == "C":
        return False
    now: Any = _standing(
        {k: v for k, v in everything.items() if v.service_type != "A" or k < base}, context
    )[1]
    then, ever, left = (
        {_means("organism", f.organisms, context) for each in answers for f in each.findings}
        for answers in ([stood], final, [now, *more])
    )
    return bool((then & ever) - left)


def _drops_some(known: dict[str, Any], base: str, more: list[Any], context: Context) -> bool:
    """Whether a whole answer leaves out one of the organisms that a final whole answer before it named."""
    now = known[base]
    if now.kind != "laboratory" or now.scope:
        return False
    left = {_means("organism", f.organisms, context) for a in (now, *more) for f in a.findings}
    for key, then in known.items():
        withdrawn = any(v.service_type == "C" for k, v in known.items() if k > key and k < base)
        if key > base or then.service_type == "C" or withdrawn or then.scope or then.status != "F":
            continue
        if _others(then.patient, now.patient) or not left:
            continue
        for finding in then.findings:
            named = _means("organism", finding.organisms, context)
            if not any(named == each or _refine(named, each) for each in left):
                return True
    return False


def _corrects_away(known: dict[str, Any], base: str, more: list[Any], context: Context) -> bool:
    """Whether a correction of a specimen names something, and not all that a final version of it named."""
    now = known[base]
    if now.kind != "laboratory" or not now.scope:
        return False
    ends = [k for k, v in known.items() if v.service_type == "C" and not plain_parts.is_part(v)]
    answers = {
        k: v
        for k, v in known.items()
        if k > max(ends, default="") and k <= base and v.service_type not in ("A", "C")
    }
    several = plain_parts.stand(known)
    _, stood = _standing({k: v for k, v in known.items() if v.service_type != "A"}, context)
    left = {_means("organism", f.organisms, context) for a in (stood, *more) for f in a.findings}
    for *before, last in several.lines if several else [sorted(answers)]:
        corrected = known[last]
        if corrected.service_type != "M" or not corrected.scope or not corrected.findings:
            continue
        for then in (answers[k] for k in before if k in answers):
            if then.status != "F" or not then.scope or _others(then.patient, now.patient):
                continue
            if {_first(f.organisms) for f in then.findings} <= {
                _first(f.organisms) for f in corrected.findings
            }:
                continue
            named = [_means("organism", f.organisms, context) for f in then.findings]
            if any(not any(n == o or _refine(n, o) for o in left) for n in named):
                return True
    return False


def _refine(one: object, other: object) -> bool:
    keys = [str(one), str(other)]
    return refines(*keys) or refines(*reversed(keys))


def _forgets_preliminary(
    known: dict[str, Any], base: str, more: list[Any], context: Context, last: Any
) -> bool:
    """Whether a final answer looked for other things alone than what the preliminary one before it found."""
    now = known[base]
    earlier = [known[k] for k in sorted(known) if k < base and known[k].service_type != "A"]
    if now.kind != "laboratory" or not earlier or earlier[-1].service_type == "C":
        return False
    then = earlier[-1]
    stages = (then.status == "F", last.status == "F", bool(then.scope), bool(now.scope))
    if stages != (False, True, False, False) or last.findings or _others(then.patient, now.patient):
        return False
    asked = [_known_as(each.organisms, context) for a in (now, *more) for each in a.looked_for]
    left = [_means("organism", f.organisms, context) for a in more for f in a.findings]
    found = [_means("organism", f.organisms, context) for f in then.findings]
    return (
        bool(asked) and None not in asked and any(f not in asked and f not in left for f in found)
    )


def _known_as(words: tuple[Code, ...], context: Context) -> str | None:
    return context.codes.find("organism", [(c.system, c.code, c.text) for c in words])


def _two_patients(everything: dict[Key, dict[str, Statement]], context: Context) -> set[Key]:
    """Answers that stand under the number of an earlier one that is about somebody else."""
    stands = []
    for name, known in everything.items():
        base, record = _standing(known, context)
        if name[0] == "laboratory" and record.service_type != "C":
            stands.append((base, (*name[:2], name[2].split("^")[0]), name, known[base]))
    pairs = [(one, other) for one in stands for other in stands if one[0] < other[0]]
    return {
        later[2]
        for earlier, later in pairs
        if earlier[1] == later[1] and _others(earlier[3].patient, later[3].patient)
    }


def _maybe_other(then: Any, now: Any) -> bool:
    """Whether an answer may be another thing than the final one before it under its number."""
    if not isinstance(now, LabReport):
        return False
    parts = [plain_parts.is_part(each) for each in (then, now)]
    if all(parts):
        before, after = ({_first(f.organisms) for f in each.findings} for each in (then, now))
        return now.service_type != "M" and not before <= after
    return any(parts) and len(now.findings) < len(then.findings)


def _first(organisms: tuple[Code, ...]) -> str:
    return organisms[0].code or organisms[0].text.casefold()


def _beside(everything: dict[Key, dict[str, Statement]], context: Context) -> list[Key]:
    """Answers of one test that stand beside another that may be meant to take their place."""
    found = []
    stands: dict[Key, tuple[str, Any]] = {}
    for name, known in everything.items():
        base, record = _standing(known, context)
        if isinstance(record, LabReport) and record.service_type != "C":
            shown = project(record, context)
            if shown.pseudonym is not None:
                stands[name] = (base, (record, shown.pseudonym, everything[name][base]))
    for name, (made, (record, person, version)) in stands.items():
        number, test, _ = name[2].partition("^")
        if not test or not record.scope:
            continue
        others = [
            (key, at, other)
            for key, (at, other) in stands.items()
            if key[:2] == name[:2] and key[2].partition("^")[0] == number and other[1] == person
        ]
        later = any(
            key[2] != number and at[:21] > made[:21] and other[0].status == "F" and other[0].scope
            for key, at, other in others
        )
        wholes = [other for key, _, other in others if key[2] == number and not other[0].scope]
        positive = any(other[2].findings for other in wholes)
        contradicted = any(other[0].status == "F" for other in wholes)
        tests = [o for k, _, o in others if k[2] != number and o[0].scope]
        if version.findings:
            if (record.status != "F" and later) or positive or contradicted:
                found.append(name)
        elif record.status == "F" and positive and not any(o[2].findings for o in tests):
            found.append(name)
    for name, (made, (record, person, version)) in stands.items():
        for other, (at, (final, whose, _)) in stands.items():
            tests = [each[2].partition("^")[2] for each in (name, other)]
            of_one = name[:2] == other[:2] and name[2].split("^")[0] == other[2].split("^")[0]
            general = [not test and r.scope for test, r in zip(tests, (record, final), strict=True)]
            named = "".join(tests)
            if (
                of_one and person == whose and any(general) and not all(general) and named
                and made[:21] < at[:21] and (record.status, final.status) in (("P", "F"), ("S", "F"))
                and version.findings and record.scope and final.scope
                and not re.fullmatch(r"[0-9]{1,5}-[0-9]", named)
                and _may_have_grown(record) and _may_have_grown(final) and name not in found
            ):  # fmt: skip
                found.append(name)
    return found


def _may_have_grown(answer: LabReport) -> bool:
    methods = [each.method for each in (*answer.findings, *answer.looked_for)]
    return not methods or "culture" in methods or "" in methods


def _withdrew_nothing(everything: dict[Key, dict[str, Statement]], context: Context) -> list[Key]:
    """Withdrawals of a test that had no answer, where something stands under the number."""
    found = []
    for name, known in everything.items():
        base, record = _standing(known, context)
        withdrawal: Any = known[base]
        if name[0] != "laboratory" or record.service_type != "C" or not withdrawal.scope:
            continue
        if withdrawal.by_order:
            under = [
                each
                for other, versions in everything.items()
                if other == name
                or (withdrawal.scope == "number" and other[:2] == name[:2]
                    and other[2].startswith(f"{name[2]}^"))
                for key, each in versions.items()
                if key < base
            ]  # fmt: skip
            if all(each.service_type == "C" for each in under):
                found.append(name)
            continue
        if withdrawal.scope != "part":
            continue
        own = [
            key
            for key, each in known.items()
            if each.service_type != "C" and each.report_id == withdrawal.report_id
        ]
        if any(key < base for key in own):
            continue
        for other, versions in everything.items():
            at, stands = _standing(versions, context)
            version: Any = versions[at]
            if (
                other[:2] == name[:2] and other[2].split("^")[0] == name[2].split("^")[0]
                and stands.service_type != "C" and getattr(stands, "findings", ())
                and at[:21] <= base[:21]
                and not _others(version.patient, withdrawal.patient)
            ):  # fmt: skip
                found.append(name)
                break
    return found


def _known(patient: Any) -> int:
    if patient.identifier is None:
        return 0
    return 1 if patient.identifier.kind == "LOCAL" else 2


def is_another(one: Any, other: Any) -> bool:
    """Whether two patients are two persons, as far as they say."""
    if one.identifier and one.identifier == other.identifier:
        return False
    pairs = [(one.birth_date, other.birth_date), (one.sex, other.sex)]
    return _others(one, other) or any(a and b and a != b for a, b in pairs)


def _others(one: Any, other: Any) -> bool:
    ids = [each.identifier for each in (one, other)]
    if all(ids):
        local = {each.kind == "LOCAL" for each in ids}
        numbers = {(each.issuer, each.value) for each in ids}
        return len(local) == 1 and len(numbers) == 2
    if any(ids) or not (one.birth_date and other.birth_date):
        return False
    return (one.birth_date, one.sex) != (other.birth_date, other.sex)


def all_versions(files: Iterable[bytes], context: Context) -> dict[Key, dict[str, Statement]]:
    """(kind, sender, number) → each version by its key."""
    versions: dict[Key, dict[bytes, tuple[str, Statement]]] = defaultdict(dict)
    for data in files:
        for record in wire.read(data):
            if isinstance(record, Failure):
                continue
            digest = fingerprint(record, context.fingerprint)
            # One message id, two contents: only the newest of them counts.
            rivals = versions[record.kind, record.sender, record.message_id]
            rivals[digest] = (version_key(record, digest, context.reference), record)
    by_report: dict[Key, dict[str, Statement]] = defaultdict(dict)
    everything: list[tuple[str, Any]] = []
    for rivals in versions.values():
        key, record = max(rivals.values(), key=lambda rival: rival[0])
        by_report[record.kind, record.sender, record.report_id][key] = record
        everything.append((key, record))
    for kind, sender, number in [*by_report]:
        for key, record in everything:
            # A withdrawal of everything under a number is one of each test under it.
            under = (record.kind, record.sender) == (kind, sender) and number.startswith(
                f"{record.report_id}^"
            )
            whole = isinstance(record, LabReport) and record.scope in ("", "number")
            if under and whole and record.service_type == "C":
                by_report[kind, sender, number][key] = record
    return by_report


def found_notices(state: dict[str, Any]) -> dict[Key, str]:
    """The same of a register's state."""
    return {(row[11], row[0], row[1]): row[13] for row in state["reports"] if row[13]}


def found_reports(state: dict[str, Any]) -> set[tuple[str, ...]]:
    """The same of a register's state (`answers.register_state`)."""
    return {(row[11], row[0], row[1], row[2], row[3], row[10]) for row in state["reports"]}


def _standing(known: dict[str, Statement], context: Context) -> tuple[str, Statement]:
    keys = sorted(known)
    bases = [key for key in keys if known[key].service_type != "A"] or keys[:1]
    base = bases[-1]
    record = known[base]
    added = [known[key] for key in keys if key > base and known[key].service_type == "A"]
    several = plain_parts.stand(known)
    answers = None if several else plain_requisitions.stand(known)
    if several is not None:
        base, record = several.key, several.report
    elif answers is not None:
        base, record = answers[0].key, answers[0].report
        added = [each for _, each in sorted(answers[1].items())]
    if added and record.service_type != "C":
        assert isinstance(record, LabReport)
        record = _with_additions(record, fitting(record, added, context), context)
    return base, record


def fitting(base: LabReport, added: list[Any], context: Context) -> list[Any]:
    """The additions that are part of the answer: those with which, in their turn, it is not too large."""
    fit: list[Any] = []
    for addition in added:
        if is_another(base.patient, addition.patient):
            continue
        whole = _with_additions(base, [*fit, addition], context)
        if max(len(whole.specimens), len(whole.findings)) <= additions.MOST:
            fit.append(addition)
    return fit


def _with_additions(base: LabReport, added: list[Any], context: Context) -> LabReport:
    """One answer of an answer and its additions, oldest first."""
    specimens: list[Specimen] = list(base.specimens)
    findings: list[Finding] = list(base.findings)
    names = [[finding.organisms] for finding in findings]
    searches = list(base.looked_for)
    for addition in added:
        taken: set[int] = set()
        places = {}
        for new in addition.specimens:
            same = [
                old.number
                for old in specimens
                if (old.specimen_id and old.specimen_id == new.specimen_id)
                or (not old.specimen_id and not new.specimen_id and old.number == new.number)
            ]
            if not same:
                same = [max([old.number for old in specimens], default=0) + 1]
                specimens.append(msgspec.structs.replace(new, number=same[0]))
            places[new.number] = same[0]
        asked = [
            msgspec.structs.replace(each, specimen=places[each.specimen])
            for each in addition.looked_for
        ]
        answered = [
            (each.specimen, meaning(each, context.codes))
            for each in asked
            if each.answer != "pending"
        ]
        searches = [
            *(
                each
                for each in searches
                if each.answer == "found"
                or (each.specimen, meaning(each, context.codes)) not in answered
            ),
            *asked,
        ]
        goes: dict[int, int] = {}
        for by_name in (True, False):
            for n, new in enumerate(addition.findings):
                for place, old in enumerate(findings):
                    fits = (
                        new.organisms in names[place]
                        if by_name
                        else _means("organism", new.organisms, context)
                        == _means("organism", old.organisms, context)
                    )
                    there = old.specimen == places[new.specimen] and old.method == new.method
                    if n not in goes and place not in taken and there and fits:
                        goes[n] = place
                        taken.add(place)
        for n, new in enumerate(addition.findings):
            if n not in goes:
                number = max([old.number for old in findings], default=0) + 1
                findings.append(
                    msgspec.structs.replace(new, number=number, specimen=places[new.specimen])
                )
                names.append([new.organisms])
                continue
            old = findings[goes[n]]
            names[goes[n]].append(new.organisms)
            again = [
                _means("antibiotic", each.antibiotics, context) for each in new.susceptibilities
            ]
            kept = [
                each
                for each in old.susceptibilities
                if _means("antibiotic", each.antibiotics, context) not in again
            ]
            findings[goes[n]] = msgspec.structs.replace(
                old, susceptibilities=(*kept, *new.susceptibilities)
            )
    return msgspec.structs.replace(
        base,
        status=[base, *added][-1].status,
        notifiable=([each.notifiable for each in (base, *added) if each.notifiable] or [""])[-1],
        negative=all(each.negative for each in (base, *added)),
        specimens=tuple(specimens),
        findings=tuple(findings),
        looked_for=tuple(searches),
    )


def _means(kind: str, words: tuple[Code, ...], context: Context) -> object:
    return context.codes.find(kind, [(c.system, c.code, c.text) for c in words]) or words
