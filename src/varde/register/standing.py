"""A report as it stands: what all its versions say together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from varde.messages.records import LabReport, Statement
from varde.register.beside import Beside, put_beside
from varde.register.requisitions import put_answers_beside
from varde.register.versions import are_several, states_whole


class Completed(LabReport, frozen=True, kw_only=True):
    """A laboratory answer and the additional results that came after it.

    What they say together depends on what their words mean: `varde.register.kinds` makes one answer of it.

    Attributes:
        additions: oldest first.
        keys: of the version that each of them is.
        lineages, doubtful: as of `Beside`, where several things stand under the number.
    """

    additions: tuple[LabReport, ...]
    keys: tuple[str, ...]
    lineages: tuple[tuple[str, ...], ...] = ()
    doubtful: bool = False


def resolve(versions: Iterable[tuple[str, Statement]]) -> tuple[str, Statement] | None:
    """The report as it stands, and the key of the version it stands in; None when there is none.

    The newest of all versions that are not additions counts, with what stands beside it where versions state parts of
    their number (`beside`), or several whole answers have one (`requisitions`); additions made after it complete it. A
    newest version of type C means that the report is withdrawn.

    Args:
        versions: (`version_key`, report) of every version, in any order; repetitions do no harm.
    """
    ordered = sorted(dict(versions).items())
    answers = [
        (key, each)
        for key, each in ordered
        if isinstance(each, LabReport) and each.service_type != "A"
    ]
    if are_several([key for key, _ in answers]):
        since = max((n for n, (key, _) in enumerate(answers) if states_whole(key)), default=0)
        beside = put_beside(answers[since:])
        later = [(key, each) for key, each in ordered if key > answers[-1][0]]
        if beside is None or not later:
            return beside
        return beside[0], _complete(beside[1], later)
    if len(answers) > 1:
        several = put_answers_beside(
            [(k, each) for k, each in ordered if isinstance(each, LabReport)]
        )
        if several is not None:
            added = several.additions
            return several.key, _complete(several.answer, added) if added else several.answer
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
    several = (base.lineages, base.doubtful) if isinstance(base, Beside) else ((), False)
    return Completed(
        **said,
        additions=tuple(each for _, each in answers),
        keys=tuple(key for key, _ in answers),
        lineages=several[0],
        doubtful=several[1],
    )
