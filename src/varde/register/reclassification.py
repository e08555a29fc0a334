"""Re-classification: all cases worked out anew under today's disease files, with what that changed and why."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date

import msgspec

from varde.cases import (
    Case,
    Catalogue,
    Difference,
    Explanation,
    differences,
    explain,
)
from varde.register import store
from varde.register.casework.drafts import read_trail
from varde.register.casework.everybody import (
    count_everybody,
    diagnosed_otherwise,
    tell_beginnings,
    work_out_everybody,
)
from varde.register.casework.link_evidence import FOR_EVER
from varde.register.casework.pieces import Dossier
from varde.register.casework.versions import due, has_other_criteria, note_definitions
from varde.register.casework.work import Standing, Written
from varde.register.events import work
from varde.register.intake import Progress
from varde.register.opening import Register
from varde.register.reprojection import project_again

_logger = logging.getLogger(__name__)


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A case that is new, gone, or another than before.

    Attributes:
        number: of the case: the same before and after.
        merged_into: of a case that is gone: the one that its evidence is in now, when there is one.
        split_from: of a new case: the one that its evidence was in before, when there was one.
        difference: the case before and after, and why.
    """

    number: int
    merged_into: int | None = None
    split_from: int | None = None
    difference: Difference


class Reclassified(msgspec.Struct, kw_only=True):
    """What a re-classification did.

    Attributes:
        why: the diseases whose files have changed since the cases were made.
        worked_out: persons, and reports about nobody known, that were looked at.
        beginnings: reports that may begin a case now and could not before, or the other way round.
    """

    why: list[str]
    worked_out: int = 0
    beginnings: int = 0
    added: int = 0
    removed: int = 0
    changed: int = 0


Tell = Callable[[Changed], None]


def reclassify(
    register: Register,
    progress: Progress | None = None,
    tell: Tell | None = None,
    since: date | None = None,
    only: Collection[str] | None = None,
) -> Reclassified:
    """Work out all cases anew under today's disease files.

    All in one transaction: readers see the old cases until the new ones are whole, and one that is interrupted
    changes nothing.

    Args:
        tell: is told each case that changed, before it is certain: only when this returns do the changes hold.
        since: only persons of whom something is known from this day on. Cases of others may be due still.
        only: diseases; None for all.
    """
    with work(_logger, "reclassify", register=register.alias) as told:
        with store.alone():
            result = _reclassify(register.pinned(), progress, tell or (lambda _: None), since, only)
        told |= {"added": result.added, "removed": result.removed, "changed": result.changed}
    return result


def count_to_reclassify() -> int:
    """How many `reclassify` looks at."""
    return count_everybody()


def _reclassify(
    register: Register,
    progress: Progress | None,
    tell: Tell,
    since: date | None,
    only: Collection[str] | None,
) -> Reclassified:
    definitions = register.context.definitions()
    result = Reclassified(why=due(definitions))
    if result.why:
        # A diagnosis that nobody knew may be known now, or the other way round.
        project_again(
            diagnosed_otherwise(definitions), register.context, register.sealer, None, False
        )
    if has_other_criteria(definitions):
        result.beginnings = tell_beginnings(definitions)
        store.touch_every_period()  # the columns say of each finding which criteria it meets
    trails: dict[int, Case] = {}

    def before(standing: Sequence[Standing]) -> None:
        trails.clear()
        numbers = [one.number for one in standing]
        for number, trail in store.select_in("case", "id, trail", "id", numbers):
            trails[number] = read_trail(trail).case

    for worked in work_out_everybody(register.context, since, only, before):
        result.worked_out += len(worked.whose)
        for written in worked.written:
            dossier = worked.dossiers.get(written.group.whose, Dossier())
            for one in _compare(written, trails, dossier, definitions):
                kind = one.difference.kind
                setattr(result, kind, getattr(result, kind) + 1)
                tell(one)
        if progress:
            progress(len(worked.whose))
    note_definitions(definitions, only if since is None else ())
    return result


def _compare(
    written: Written, trails: Mapping[int, Case], dossier: Dossier, definitions: Catalogue
) -> Iterator[Changed]:
    """What became of one person's cases of one disease."""
    group = written.group
    disease = definitions.diseases.get(group.disease)
    now = (
        explain(disease, dossier.evidence, FOR_EVER)
        if disease
        else Explanation(cases=(), attempts=())
    )
    before = {one.number: trails[one.number] for one in group.before}
    after = {
        numbered.number: (drafted.case, numbered.known_as)
        for drafted, numbered in zip(group.after, written.numbers, strict=True)
    }
    taken = {other: number for number, (_, known_as) in after.items() for other in known_as}
    for number in sorted(before.keys() | after.keys()):
        was = before.get(number)
        has, known_as = after.get(number, (None, ()))
        side = Explanation(cases=(has,) if has else (), attempts=now.attempts)
        for difference in differences([was] if was else [], side, disease):
            gone, new = has is None, was is None
            yield Changed(
                number=number,
                merged_into=taken.get(number) if gone else None,
                split_from=min(set(known_as) & before.keys(), default=None) if new else None,
                difference=difference,
            )
