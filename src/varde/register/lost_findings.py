"""What is lost under one number when another version takes the place of one, as only their contents tell.

A whole answer (KITH, FHIR) takes the place of all that HL7 version 2 said of its number, and the other way round. What a
final answer named before that, and is not named any more, is told (`FINDINGS_GONE`). Names in two formats are the same
when they mean the same, so the contents of all versions are looked at.

So it is when the last of whole answers names some of what a final answer named, and not the rest: a correction that took one of two
findings back, or another answer under a number that is not its own (a requisition's). What is named more precisely is
named.

So it is when a correction of one specimen (HL7 version 2) names some organism, and not all that a final version before it
named.

So it is when a preliminary answer found something, and the final one found nothing and looked for other things alone: it
does not say that what was found is not there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from varde.codes import CodeMap, refines
from varde.messages.records import Finding, LabReport, LookedFor
from varde.register.chunk import Version
from varde.register.standing import resolve
from varde.register.versions import (
    differ,
    drops_by_correcting,
    has_findings,
    is_final,
    scope_in,
    states_whole,
)


def in_two_formats(versions: Iterable[Version]) -> bool:
    """Whether some versions state the whole of their number, and others a part of it; of those that are answers."""
    return len({not scope_in(v.key) for v in versions if v.service_type not in ("A", "C")}) > 1


def _say_what_is_lost(versions: Iterable[Version]) -> bool:
    """Whether anything was found or any states a part of its number: of no other can findings be lost, as of forms,
    doses and surveys."""
    return any(has_findings(v.key) or scope_in(v.key) for v in versions)


def needs_contents(versions: Collection[Version]) -> bool:
    """Whether `loses_findings` must look at the contents of some versions."""
    if len(versions) < 2 or not _say_what_is_lost(versions):
        return False
    last = max((v.key for v in versions if v.service_type != "A"), default="")
    return (
        in_two_formats(versions)
        or _preliminary_before(versions, last) is not None
        or bool(_finals_before(versions, last))
        or bool(_corrected_before([v.key for v in versions if v.service_type not in ("A", "C")]))
    )


def _corrected_before(keys: Sequence[str], lineages: Collection[Sequence[str]] = ()) -> list[str]:
    """The versions that a correction of a part, which counts, may name less than.

    Args:
        keys: of answers, since all was withdrawn.
        lineages: as of `beside.Beside`; empty where there is one thing.
    """
    found: set[str] = set()
    for lineage in lineages or (sorted(keys),):
        *before, last = lineage if lineage else ("",)
        found.update(key for key in before if key in keys and drops_by_correcting(key, last))
    return sorted(found)


def _finals_before(versions: Collection[Version], last: str, found: bool = False) -> list[Version]:
    """The final versions of the whole that found something and were made before the last, which is one of the whole too and
    found something, or is added to; since everything was withdrawn.

    Args:
        found: what stands beside the last found something.
    """
    kept = found or any(
        has_findings(v.key) for v in versions if v.key >= last and v.service_type != "C"
    )
    if not last or scope_in(last) or not kept:
        return []
    withdrawn = max((v.key for v in versions if v.service_type == "C"), default="")
    return [
        v
        for v in versions
        if withdrawn < v.key < last
        and not scope_in(v.key)
        and is_final(v.key)
        and has_findings(v.key)
    ]


def _preliminary_before(versions: Iterable[Version], last: str) -> Version | None:
    """The version that a final one without findings took the place of, when it was not final and found something: both of
    the whole."""
    if not last or scope_in(last) or has_findings(last) or not is_final(last):
        return None
    earlier = [v for v in versions if v.service_type != "A" and v.key < last]
    before = max(earlier, key=lambda v: v.key, default=None)
    if before is None or before.service_type == "C" or scope_in(before.key):
        return None
    return before if has_findings(before.key) and not is_final(before.key) else None


def loses_findings(versions: Collection[Version], standing: Version, codes: CodeMap) -> bool:
    """Whether an organism that a final answer named is named no more; or one that a preliminary answer named, when the final
    one looked for others.

    Args:
        versions: of a report, all with their contents.
        standing: the one that counts, with what stands.
        codes: what names mean.
    """
    if len(versions) < 2 or standing.service_type == "C" or not _say_what_is_lost(versions):
        return False
    known = {v.key: v for v in versions}
    added = [
        v.content
        for k, v in known.items()
        if v.service_type == "A" and k > standing.key and not differ(v.patient, standing.patient)
    ]
    added += getattr(standing.content, "additions", ())
    preliminary = _preliminary_before(versions, standing.key)
    if preliminary is not None and not differ(preliminary.patient, standing.patient):
        sought = _looked_for([standing.content, *added], codes)
        named = _named([preliminary.content], codes) - _named(added, codes)
        if sought and None not in sought and not named <= sought:
            return True
    if _drops(known.values(), standing, added, codes) or _corrected_away(
        known, standing, added, codes
    ):
        return True
    if not in_two_formats(versions):
        return False
    withdrawn = max(
        (k for k, v in known.items() if v.service_type == "C" and states_whole(k)), default=""
    )
    since = {k: v for k, v in known.items() if k > withdrawn and v.service_type != "A"}
    whole = not scope_in(standing.key)
    others = [
        k
        for k, v in since.items()
        if v.service_type != "C" and k < standing.key and (not scope_in(k)) != whole
    ]
    before = {k: v for k, v in since.items() if others and k <= max(others)}
    stood = resolve((k, v.content) for k, v in before.items() if v.content is not None)
    if stood is None or stood[1].service_type == "C":
        return False
    final = [v.content for k, v in before.items() if is_final(k) and v.service_type != "C"]
    lost = _named([stood[1]], codes) & _named(final, codes)
    return not lost <= _named([standing.content, *added], codes)


def _drops(
    versions: Collection[Version], standing: Version, added: Sequence[object], codes: CodeMap
) -> bool:
    """Whether an organism that a final answer of the whole named is named no more, neither so nor more or less precisely."""
    left = _named([standing.content, *added], codes)
    before = [
        v.content
        for v in _finals_before(versions, standing.key, bool(left))
        if not differ(v.patient, standing.patient)
    ]
    gone = _named(before, codes) - left
    return any(not any(_is_same(one, other) for other in left) for one in gone)


def _corrected_away(
    known: Mapping[str, Version], standing: Version, added: Sequence[object], codes: CodeMap
) -> bool:
    """The same of a final version of a part, and a correction of that part."""
    withdrawn = max(
        (k for k, v in known.items() if v.service_type == "C" and states_whole(k)), default=""
    )
    keys = [k for k, v in known.items() if k > withdrawn and v.service_type not in ("A", "C")]
    before = _corrected_before(keys, getattr(standing.content, "lineages", ()))
    then = [known[k] for k in before if not differ(known[k].patient, standing.patient)]
    left = _named([standing.content, *added], codes)
    gone = _named([v.content for v in then], codes) - left
    return any(not any(_is_same(one, other) for other in left) for one in gone)


def _is_same(one: object, other: object) -> bool:
    """Whether one name is a more precise one of what the other says."""
    if not (isinstance(one, str) and isinstance(other, str)):
        return False
    return refines(one, other) or refines(other, one)


def _named(answers: Iterable[object], codes: CodeMap) -> set[object]:
    """What was found, by what it means; what nobody knows by its names."""
    return {
        _meaning(finding, codes)
        for each in answers
        if isinstance(each, LabReport)
        for finding in each.findings
    }


def _looked_for(answers: Iterable[object], codes: CodeMap) -> set[object]:
    """What was looked for, by what it means; with None where that is not known, or anything that grows."""
    return {
        codes.find("organism", _names(asked))
        for each in answers
        if isinstance(each, LabReport)
        for asked in each.looked_for
    }


def _meaning(finding: Finding, codes: CodeMap) -> object:
    return codes.find("organism", _names(finding)) or finding.organisms


def _names(said: Finding | LookedFor) -> list[tuple[str, str, str]]:
    return [(each.system, each.code, each.text) for each in said.organisms]
