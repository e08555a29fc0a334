"""Which version of a report counts: a function of the set of versions, never of their order.

A laboratory sends an answer several times: preliminary, final, modified, cancelled; messages overtake
each other and are sent twice. Every version gets a key that sorts by when the laboratory made it
(GenDate; IssueDate is constant over versions), and the newest counts. The maximum of a set does not
depend on the order in which the set was filled, and taking it twice changes nothing: that is why any
order and any duplication give the same register.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from varde.messages.records import LabReport, Statement

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
