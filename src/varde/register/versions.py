"""Which version of a report counts: a function of the set of versions, never of their order.

A laboratory sends an answer several times: preliminary, final, modified, cancelled; messages overtake
each other and are sent twice. Every version gets a key that sorts by when the laboratory made it
(GenDate; IssueDate is constant over versions), and the newest counts. The maximum of a set does not
depend on the order in which the set was filled, and taking it twice changes nothing: that is why any
order and any duplication give the same register.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from varde.messages.records import LabReport, Patient, Statement

# At the same instant, what says more wins: a cancellation over a change over a first answer, final
# over partial over preliminary.
_SERVICE_RANK = {"H": "0", "N": "1", "A": "1", "M": "2", "C": "3"}
_STATUS_RANK = {"P": "0", "S": "1", "F": "2"}

_encode = msgspec.msgpack.Encoder().encode


def fingerprint(report: Statement, keyed_hash: Callable[[bytes], bytes]) -> bytes:
    """Keyed hash of everything the report says except its message id: the same answer sent again
    under a new message id has the same fingerprint."""
    return keyed_hash(_encode(msgspec.structs.replace(report, message_id="")))


def version_key(report: Statement, fingerprint: bytes) -> str:
    """Text that sorts a report's versions from oldest to newest, without ties.

    A historic copy (H) is older than everything else, whenever it was made. Two different versions
    of the same instant and rank are ordered by their fingerprint: arbitrary, but the same for all. What it ends in
    says whether the version found anything, and orders nothing.
    """
    era = "0" if report.service_type == "H" else "1"
    at = report.generated
    made = (
        f"{at.year:04}{at.month:02}{at.day:02}"
        f"{at.hour:02}{at.minute:02}{at.second:02}{at.microsecond:06}"
    )
    rank = _SERVICE_RANK[report.service_type] + _STATUS_RANK[report.status]
    found = "1" if isinstance(report, LabReport) and report.findings else "0"
    return f"{era}{made}{rank}{fingerprint.hex()}{found}"


FINAL_BECAME_PRELIMINARY = "final-became-preliminary"
FINDINGS_GONE = "findings-gone"
PATIENT_CHANGED = "patient-changed"
NUMBER_GONE = "patient-number-gone"
WITHDRAWN_OTHER = "withdrawn-other-patient"
MADE = slice(0, 21)
"""Where a key says when the version was made: era and moment."""
_STATUS_AT = 22
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


def notices_of(versions: Collection[Versioned], standing: str) -> str:
    """What a person should look at in a report, by commas. A function of the set of its versions, and of nothing else.

    Since it was last withdrawn: an earlier version was final and the one that counts is not; an earlier one was final
    and found something, and nothing is left of it; any is of another patient than the one that counts; an earlier
    one had a number of the patient that the one that counts has not. And of one that is withdrawn: that the withdrawal names
    another patient. Additions about somebody else are no part of the report, and wait elsewhere (`putting_aside`).

    Args:
        standing: the key of the version that counts.
    """
    if len(versions) < 2:
        return ""
    known = {version.key: version for version in versions}
    current = known.get(standing)
    if current is None or len(known) == 1:
        return ""
    if current.service_type == "C":
        return WITHDRAWN_OTHER if _withdraws_other(known, current) else ""
    withdrawn = max((key for key, each in known.items() if each.service_type == "C"), default="")
    others = [each for key, each in known.items() if key > withdrawn and key != standing]
    earlier = [each for each in others if each.key < standing]
    kept = [
        each
        for each in others
        if each.key > standing
        and each.service_type == "A"
        and not differ(each.patient, current.patient)
    ]
    found = []
    if not is_final(standing) and any(is_final(each.key) for each in earlier):
        found.append(FINAL_BECAME_PRELIMINARY)
    elif not (has_findings(standing) or any(has_findings(each.key) for each in kept)) and any(
        is_final(each.key) and has_findings(each.key) for each in earlier
    ):
        found.append(FINDINGS_GONE)
    if any(differ(each.patient, current.patient) for each in earlier):
        found.append(PATIENT_CHANGED)
    if any(_precision(each.patient) > _precision(current.patient) for each in earlier):
        found.append(NUMBER_GONE)
    return ",".join(found)


def is_final(key: str) -> bool:
    """Whether a version is final, by its key."""
    return key[_STATUS_AT] == _STATUS_RANK["F"]


def has_findings(key: str) -> bool:
    """Whether a version found anything, by its key."""
    return key[-1] == "1"


def _withdraws_other(known: Mapping[str, Versioned], current: Versioned) -> bool:
    """Whether a withdrawal names another patient than the answer that it withdraws."""
    before = sorted(key for key in known if key < current.key)
    since: list[Versioned] = []
    for key in before:
        since = [] if known[key].service_type == "C" else [*since, known[key]]
    answers = [each for each in since if each.service_type != "A"] or since[:1]
    return bool(answers) and differ(answers[-1].patient, current.patient)


def _precision(mark: int) -> int:
    """How much a mark says of who it is: a number of the country, of a sender, or none."""
    return 0 if mark <= 0 else 1 + mark % 2


def differ(one: int, other: int) -> bool:
    """Whether two marks are of two patients, as far as they can be compared."""
    same_kind = (one < 0 and other < 0) or (one > 0 and other > 0 and one % 2 == other % 2)
    return same_kind and one != other


class Completed(LabReport, frozen=True, kw_only=True):
    """A laboratory answer and the additional results that came after it.

    What they say together depends on what their words mean: `varde.register.kinds` makes one answer of it.

    Attributes:
        additions: oldest first.
        keys: of the version that each of them is.
    """

    additions: tuple[LabReport, ...]
    keys: tuple[str, ...]


def resolve(versions: Iterable[tuple[str, Statement]]) -> tuple[str, Statement] | None:
    """The report as it stands, and the key of the version it stands in; None when there is none.

    The newest of all versions that are not additions counts; additions made after it complete it. A newest version
    of type C means that the report is withdrawn.

    Args:
        versions: (`version_key`, report) of every version, in any order; repetitions do no harm.
    """
    ordered = sorted(dict(versions).items())
    standing: tuple[str, Statement] | None = None
    additions: list[tuple[str, Statement]] = []
    for key, report in ordered:
        if report.service_type != "A" or standing is None:
            standing, additions = (key, report), []
        else:
            additions.append((key, report))
    if standing is None or not additions:
        return standing
    return standing[0], _complete(standing[1], additions)


def _complete(base: Statement, additions: Sequence[tuple[str, Statement]]) -> Statement:
    """Only laboratory answers have additions; of anything else the newest counts. A withdrawn answer stays
    withdrawn."""
    answers = [(key, each) for key, each in additions if isinstance(each, LabReport)]
    if not isinstance(base, LabReport) or len(answers) < len(additions):
        return additions[-1][1]
    if base.service_type == "C":
        return base
    said = {field: getattr(base, field) for field in LabReport.__struct_fields__}
    return Completed(
        **said,
        additions=tuple(each for _, each in answers),
        keys=tuple(key for key, _ in answers),
    )
