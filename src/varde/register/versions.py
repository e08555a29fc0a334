"""Which version of a report counts: a function of the set of versions, never of their order.

A laboratory sends an answer several times: preliminary, final, modified, cancelled; messages overtake
each other and are sent twice. Every version gets a key that sorts by when the laboratory made it
(GenDate; IssueDate is constant over versions), and the newest counts. The maximum of a set does not
depend on the order in which the set was filled, and taking it twice changes nothing: that is why any
order and any duplication give the same register.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
    of the same instant and rank are ordered by their fingerprint: arbitrary, but the same for all.
    """
    era = "0" if report.service_type == "H" else "1"
    made = report.generated.strftime("%Y%m%d%H%M%S%f")
    rank = _SERVICE_RANK[report.service_type] + _STATUS_RANK[report.status]
    return f"{era}{made}{rank}{fingerprint.hex()}"


FINAL_BECAME_PRELIMINARY = "final-became-preliminary"
PATIENT_CHANGED = "patient-changed"
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


def notices_of(versions: Iterable[Versioned], standing: str) -> str:
    """What a person should look at in a report, by commas: `FINAL_BECAME_PRELIMINARY`, `PATIENT_CHANGED`. A function
    of the set of its versions, and of nothing else.

    Since it was last withdrawn: an earlier version was final and the one that counts is not; or any is of another
    patient than the one that counts.

    Args:
        standing: the key of the version that counts.
    """
    known = {version.key: version for version in versions}
    current = known.get(standing)
    if current is None or current.service_type == "C" or len(known) == 1:
        return ""
    withdrawn = max((key for key, each in known.items() if each.service_type == "C"), default="")
    others = [each for key, each in known.items() if key > withdrawn and key != standing]
    found = []
    final = _STATUS_RANK["F"]
    if standing[_STATUS_AT] != final and any(
        each.key < standing and each.key[_STATUS_AT] == final for each in others
    ):
        found.append(FINAL_BECAME_PRELIMINARY)
    if any(_differ(each.patient, current.patient) for each in others):
        found.append(PATIENT_CHANGED)
    return ",".join(found)


def _differ(one: int, other: int) -> bool:
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
