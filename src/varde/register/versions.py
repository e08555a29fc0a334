"""Which version of a report counts: a function of the set of versions, never of their order.

A laboratory sends an answer several times: preliminary, final, modified, cancelled; messages overtake
each other and are sent twice. Every version gets a key that sorts by when the laboratory made it
(GenDate; IssueDate is constant over versions), and the newest counts. The maximum of a set does not
depend on the order in which the set was filled, and taking it twice changes nothing: that is why any
order and any duplication give the same register.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Protocol

import msgspec

from varde.messages.records import LabReport, Patient, Specimen, Statement
from varde.messages.times import norwegian_day

# At the same instant, what says more wins: a cancellation over a change over a first answer, final
# over partial over preliminary.
_SERVICE_RANK = {"H": "0", "N": "1", "A": "1", "M": "2", "C": "3"}
_STATUS_RANK = {"P": "0", "S": "1", "F": "2"}

_encode = msgspec.msgpack.Encoder().encode


def fingerprint(report: Statement, keyed_hash: Callable[[bytes], bytes]) -> bytes:
    """Keyed hash of everything the report says except its message id: the same answer sent again
    under a new message id has the same fingerprint."""
    return keyed_hash(_encode(msgspec.structs.replace(report, message_id="")))


def version_key(report: Statement, fingerprint: bytes, keyed_hash: Callable[[bytes], bytes]) -> str:
    """Text that sorts a report's versions from oldest to newest, without ties.

    A historic copy (H) is older than everything else, whenever it was made. Two different versions
    of the same instant and rank are ordered by their fingerprint: arbitrary, but the same for all. What comes after it
    orders nothing: what the version states of its number (`_part_of`), and at the end how much it found, 9 for more.
    """
    era = "0" if report.service_type == "H" else "1"
    at = report.generated
    made = (
        f"{at.year:04}{at.month:02}{at.day:02}"
        f"{at.hour:02}{at.minute:02}{at.second:02}{at.microsecond:06}"
    )
    rank = _SERVICE_RANK[report.service_type] + _STATUS_RANK[report.status]
    part, found = "", 0
    if isinstance(report, LabReport):
        found = min(len(report.findings), 9)
        part = _part_of(report, keyed_hash) if report.scope else ""
    return f"{era}{made}{rank}{fingerprint.hex()}{part}{found}"


def written_in(key: str) -> str:
    """When a version was made, as its key has it: text that sorts, in UTC."""
    return key[1:21]


def made_in(key: str) -> date:
    """The Norwegian day on which a version was made, by its key."""
    return norwegian_day(datetime.strptime(written_in(key), "%Y%m%d%H%M%S%f").replace(tzinfo=UTC))


PART, ALL_OF_REPORT, ALL_OF_NUMBER, PART_OF_NUMBER = "p", "c", "n", "s"
"""What a version states that does not state the whole of its number: its own specimens; or a withdrawal of the report,
of everything under the number, or of specimens under the number whatever the test."""
_BY_ORDER = "o"
"""Stands after what a withdrawal states, when it is called by the number of the one who ordered alone."""
_PART_AT = 55
"""Where a key says so: after era, moment, ranks and fingerprint. Keys of whole answers have one character after it."""
_SPECIMENS = slice(_PART_AT + 1, _PART_AT + 9)
_MOST_NAMED = 6
"""Findings whose organisms a key tells apart."""


def _part_of(report: LabReport, keyed_hash: Callable[[bytes], bytes]) -> str:
    """What a version states of its number, of which specimens, and which organisms it found, as short keyed hashes:
    whether two versions speak of the same is known without reading them."""
    names = [specimen_name(each) for each in report.specimens]
    if report.service_type == "C":
        ordered = _BY_ORDER if report.by_order else ""
        if not report.withdraws:
            return (ALL_OF_NUMBER if report.scope == "number" else ALL_OF_REPORT) + ordered
        named = _hash_names(["withdrawn", *report.withdraws], keyed_hash)
        return (PART_OF_NUMBER if report.scope == "number" else PART) + named + ordered
    specimens = _hash_names(names, keyed_hash)
    organisms = {
        keyed_hash(f"organism|{code.code or code.text.casefold()}".encode())[:1].hex()
        for finding in report.findings
        for code in finding.organisms[:1]
    }
    return f"{PART}{specimens}{''.join(sorted(organisms)[:_MOST_NAMED])}"


def _hash_names(names: Sequence[str], keyed_hash: Callable[[bytes], bytes]) -> str:
    return keyed_hash("\n".join(("specimens", *sorted(names))).encode())[:4].hex()


def specimen_name(specimen: Specimen) -> str:
    """What a specimen is told from others by, as text."""
    words = material_names(specimen)
    return "|".join((specimen.specimen_id, specimen.collected.isoformat(), *words))


def material_names(specimen: Specimen) -> tuple[str, ...]:
    """The names of its material, as they are compared."""
    return tuple(each.code or each.text.casefold() for each in specimen.materials)


def scope_in(key: str) -> str:
    """One of `PART`, `ALL_OF_REPORT`, `ALL_OF_NUMBER`; empty of a version that states the whole of its number."""
    return key[_PART_AT] if len(key) > _PART_AT + 1 else ""


def states_whole(key: str) -> bool:
    """Whether nothing that was made before a version stands beside it."""
    return scope_in(key) not in (PART, PART_OF_NUMBER)


def names_order(key: str) -> bool:
    """Whether a version is a withdrawal that has no number of the laboratory's, only that of the one who ordered."""
    return key[_PART_AT:-1].endswith(_BY_ORDER)


def may_be_several(keys: Iterable[str]) -> bool:
    """Whether any two versions speak of different things, so that the newest alone may not tell how the report stands, or
    stood before one of them came.

    Args:
        keys: of those that are not additions.
    """
    return len({key[_SPECIMENS] for key in keys if not states_whole(key)}) > 1


def are_several(keys: Sequence[str]) -> bool:
    """Whether versions speak of more than one thing since the last that states the whole.

    Args:
        keys: of those that are not additions.
    """
    since = max((key for key in keys if states_whole(key)), default="")
    return may_be_several(key for key in keys if key > since)


FINAL_BECAME_PRELIMINARY = "final-became-preliminary"
FINDINGS_GONE = "findings-gone"
PATIENT_CHANGED = "patient-changed"
NUMBER_GONE = "patient-number-gone"
SEVERAL = "several-of-one-number"
BESIDE = "stands-beside-another"
WITHDREW_NOTHING = "withdrew-nothing"
TWO_PATIENTS = "two-patients"
BY_OTHERS = (BESIDE, WITHDREW_NOTHING, TWO_PATIENTS)
"""These are of a report by what stands beside it (`under_one_number`, `withdrawals`), never by its versions."""
WITHDRAWN_OTHER = "withdrawn-other-patient"
ADDED_AFTER = "added-after-withdrawal"
MADE = slice(0, 21)
"""Where a key says when the version was made: era and moment."""
_SERVICE_AT, _STATUS_AT = 21, 22
"""Where a key says the rank of the status: after era, moment and the rank of the service type."""


class Versioned(Protocol):
    """What of a version tells whether a person should look at its report.

    Attributes:
        patient: who it is about, as of `patient_mark`.
    """

    @property
    def key(self) -> str: ...
    @property
    def service_type(self) -> str: ...
    @property
    def patient(self) -> int: ...


def patient_mark(report: Statement, keyed_hash: Callable[[bytes], bytes]) -> int:
    """Whom a version is about, as a number that tells nothing without the key: odd of a number that the country
    gives, even of a sender's own, negative of a day of birth and a sex; 0 when it says none of them. Two marks of one
    kind that differ are of two descriptions; marks of two kinds cannot be compared."""
    patient = getattr(report, "patient", None)
    if not isinstance(patient, Patient):
        return 0
    number = patient.identifier
    if number is not None:
        hashed = _small(keyed_hash(f"mark|{number.issuer}|{number.value}".encode()))
        return (hashed & ~1) + (2 if number.kind == "LOCAL" else 1)
    if patient.birth_date is not None:
        return -1 - _small(keyed_hash(f"mark|{patient.birth_date}|{patient.sex}".encode()))
    return 0


def _small(hashed: bytes) -> int:
    return int.from_bytes(hashed[:8], "big") >> 2


def notices_of(
    versions: Collection[Versioned],
    standing: str,
    lineages: Collection[Sequence[str]] = (),
    doubtful: bool = False,
    lost: bool = False,
) -> str:
    """What a person should look at in a report, by commas. A function of the set of its versions, and of nothing else.

    Since it was last withdrawn: an earlier version was final and the one that counts is not; an earlier one was final
    and found something, and nothing is left of it; any is of another patient than the one that counts; an earlier
    one had a number of the patient that the one that counts has not; what stands under the number may be one thing or
    several (`_may_be_several`). And of one that is withdrawn: that the withdrawal names another patient, that results
    were added after it, which stand nowhere, or that it is of several answers. Additions about
    somebody else are no part of the report, and wait elsewhere (`putting_aside`).

    Args:
        standing: the key of the version that counts.
        lineages, doubtful: where several things stand under the number, as of `beside.Beside`.
        lost: another format took the place of an answer and does not name all that it named (`lost_findings`).
    """
    if len(versions) < 2:
        return ""
    known = {version.key: version for version in versions}
    current = known.get(standing)
    if current is None or len(known) == 1:
        return ""
    if current.service_type == "C":
        return _of_withdrawn(known, current, doubtful)
    withdrawn = max(
        (key for key, v in known.items() if v.service_type == "C" and states_whole(key)), default=""
    )
    others = {key: each for key, each in known.items() if key > withdrawn and key != standing}
    others = {key: each for key, each in others.items() if not _is_partial(each)}
    earlier = [each for each in others.values() if each.key < standing]
    kept = [
        each
        for each in others.values()
        if each.key > standing
        and each.service_type == "A"
        and not differ(each.patient, current.patient)
    ]
    said = {SEVERAL} if doubtful else set()
    for *before, last in lineages or [(*(each.key for each in earlier), standing)]:
        since = [known[key] for key in before if key in others]
        said |= _lost(since, last, kept if last == standing else ())
    if lost and not said:
        said.add(FINDINGS_GONE)
    found = [what for what in (FINAL_BECAME_PRELIMINARY, FINDINGS_GONE) if what in said]
    if any(differ(each.patient, current.patient) for each in earlier):
        found.append(PATIENT_CHANGED)
    if any(_precision(each.patient) > _precision(current.patient) for each in earlier):
        found.append(NUMBER_GONE)
    return ",".join([*found, *(said & {SEVERAL})])


def _is_partial(version: Versioned) -> bool:
    """Whether it withdraws a part of what stands under its number."""
    return version.service_type == "C" and not states_whole(version.key)


def _lost(earlier: Sequence[Versioned], last: str, kept: Collection[Versioned]) -> set[str]:
    """What was said and is said no more by the last version of one thing, and those that add to it."""
    final = [each.key for each in earlier if is_final(each.key)]
    if not is_final(last) and final:
        return {FINAL_BECAME_PRELIMINARY}
    if not (has_findings(last) or any(has_findings(each.key) for each in kept)):
        return {FINDINGS_GONE} if any(has_findings(key) for key in final) else set()
    return {SEVERAL} if any(_may_be_several(key, last) for key in final) else set()


def _may_be_several(earlier: str, last: str) -> bool:
    """Whether a final version may be another thing than the one that took its place: a new one (no correction) that
    does not name all the organisms that it named; or one of the whole number and one of a part, the later with
    fewer findings."""
    scopes = {scope_in(earlier), scope_in(last)}
    if scopes == {PART}:
        corrects = last[_SERVICE_AT] == _SERVICE_RANK["M"]
        return not corrects and not _organisms(earlier) <= _organisms(last)
    return PART in scopes and last[-1] < earlier[-1]


def drops_by_correcting(earlier: str, last: str) -> bool:
    """Whether a correction of a part may name less than a final version that it took the place of, as the organisms in
    their keys say."""
    return (
        scope_in(earlier) == scope_in(last) == PART
        and last[_SERVICE_AT] == _SERVICE_RANK["M"]
        and earlier < last
        and is_final(earlier)
        and has_findings(last)
        and not _organisms(earlier) <= _organisms(last)
    )


def _organisms(key: str) -> set[str]:
    named = key[_SPECIMENS.stop : -1]
    return {named[at : at + 2] for at in range(0, len(named), 2)}


def is_final(key: str) -> bool:
    """Whether a version is final, by its key."""
    return key[_STATUS_AT] == _STATUS_RANK["F"]


def has_findings(key: str) -> bool:
    """Whether a version found anything, by its key."""
    return key[-1] != "0"


def _of_withdrawn(known: Mapping[str, Versioned], current: Versioned, several: bool) -> str:
    """What a person should look at in a report that is withdrawn.

    Args:
        several: more than one answer stood under its number.
    """
    added = any(
        key > current.key and each.service_type == "A" and not differ(each.patient, current.patient)
        for key, each in known.items()
    )
    found = (
        (WITHDRAWN_OTHER, _withdraws_other(known, current)),
        (ADDED_AFTER, added),
        (SEVERAL, several),
    )
    return ",".join(what for what, holds in found if holds)


def _withdraws_other(known: Mapping[str, Versioned], current: Versioned) -> bool:
    """Whether a withdrawal names another patient than the answer that it withdraws."""
    before = sorted(key for key in known if key < current.key)
    since: list[Versioned] = []
    for key in before:
        ends = known[key].service_type == "C" and states_whole(key)
        since = [] if ends else [*since, known[key]]
    since = [each for each in since if not _is_partial(each)]
    answers = [each for each in since if each.service_type != "A"] or since[:1]
    return bool(answers) and differ(answers[-1].patient, current.patient)


def _precision(mark: int) -> int:
    """How much a mark says of who it is: a number of the country, of a sender, or none."""
    return 0 if mark <= 0 else 1 + mark % 2


def differ(one: int, other: int) -> bool:
    """Whether two marks are of two patients, as far as they can be compared."""
    same_kind = (one < 0 and other < 0) or (one > 0 and other > 0 and one % 2 == other % 2)
    return same_kind and one != other
