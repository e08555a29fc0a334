"""Which version of a report counts: a function of the set of versions, never of their order.

A laboratory sends an answer several times: preliminary, final, modified, cancelled; messages overtake
each other and are sent twice. Every version gets a key that sorts by when the laboratory made it
(GenDate; IssueDate is constant over versions), and the newest counts. The maximum of a set does not
depend on the order in which the set was filled, and taking it twice changes nothing: that is why any
order and any duplication give the same register.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from varde.messages.records import Finding, LabReport, Specimen, Statement

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


def resolve(versions: Iterable[tuple[str, Statement]]) -> tuple[str, Statement] | None:
    """The report as it stands, and the key of the version it stands in; None when there is none.

    The newest of all versions that are not additions counts; additions made after it are merged into
    it, oldest first. A newest version of type C means that the report is withdrawn.

    Args:
        versions: (`version_key`, report) of every version, in any order; repetitions do no harm.
    """
    ordered = sorted(dict(versions).items())
    standing: tuple[str, Statement] | None = None
    for key, report in ordered:
        if report.service_type != "A" or standing is None:
            standing = (key, report)
        else:
            standing = (standing[0], _add(standing[1], report))
    return standing


def _add(base: Statement, addition: Statement) -> Statement:
    """Only laboratory answers have additions; of anything else the newer counts."""
    if isinstance(base, LabReport) and isinstance(addition, LabReport):
        return merge(base, addition)
    return addition


def merge(base: LabReport, addition: LabReport) -> LabReport:
    """`base` with the results of `addition`: what both report, the addition says last.

    Specimens are the same when their laboratory numbers are (or, without numbers, their position);
    findings when specimen, organism and method are. A withdrawn report stays withdrawn.
    """
    if base.service_type == "C":
        return base
    specimens = list(base.specimens)
    place: dict[int, int] = {}
    for specimen in addition.specimens:
        place[specimen.number] = _place_specimen(specimens, specimen)
    findings = list(base.findings)
    for finding in addition.findings:
        _place_finding(findings, msgspec.structs.replace(finding, specimen=place[finding.specimen]))
    return msgspec.structs.replace(
        base,
        status=addition.status,
        notifiable=addition.notifiable or base.notifiable,
        negative=base.negative and addition.negative,
        specimens=tuple(specimens),
        findings=tuple(findings),
    )


def _place_specimen(specimens: list[Specimen], new: Specimen) -> int:
    """Number of the specimen that `new` is, added when it is not there."""
    for old in specimens:
        same_id = old.specimen_id == new.specimen_id
        if same_id and (new.specimen_id or old.number == new.number):
            return old.number
    number = 1 + max((old.number for old in specimens), default=0)
    specimens.append(msgspec.structs.replace(new, number=number))
    return number


def _place_finding(findings: list[Finding], new: Finding) -> None:
    """Join `new` to the finding it is, else add it."""
    for index, old in enumerate(findings):
        same = old.specimen == new.specimen and old.method == new.method
        if same and old.organisms == new.organisms:
            results = {result.antibiotics: result for result in old.susceptibilities}
            results |= {result.antibiotics: result for result in new.susceptibilities}
            findings[index] = msgspec.structs.replace(
                old,
                quantity=new.quantity or old.quantity,
                susceptibilities=tuple(results.values()),
            )
            return
    number = 1 + max((old.number for old in findings), default=0)
    findings.append(msgspec.structs.replace(new, number=number))
