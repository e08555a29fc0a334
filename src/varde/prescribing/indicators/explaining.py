"""Which rows one unit's numerator and denominator count: for a reader who checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from varde.guidelines import Library
from varde.prescribing.indicators.computing import ask, count_months
from varde.prescribing.indicators.counting import Task, make_tasks, mark, sort_of
from varde.prescribing.indicators.definition import Definition
from varde.prescribing.indicators.engine import fetch
from varde.prescribing.indicators.months import is_by_month, told_months
from varde.prescribing.indicators.periods import Period
from varde.prescribing.indicators.rows import Question
from varde.prescribing.indicators.shapes import SHAPES, Role, UnitKind
from varde.prescribing.indicators.units import Numbered

if TYPE_CHECKING:
    import ibis


@dataclass(frozen=True)
class Explanation:
    """What was counted.

    Attributes:
        numerator, denominator: one row for each row of the table that counts: the columns that identify it, in their
            order. Of patients and contacts every row that makes one count is there.
    """

    numerator: pa.Table
    denominator: pa.Table


def explain(
    tables: Mapping[str, ibis.Table],
    indicator: Definition,
    by: UnitKind,
    unit: str,
    period: Period,
    *,
    role: Role | None = None,
    library: Library | None = None,
) -> Explanation:
    """The rows that an indicator of one unit counts in a period.

    The rows are personal data: they are for whom the figures are of, or who has to check them.

    Args:
        unit: as it stands in the column ``unit`` of `compute`.

    Raises:
        InvalidQuestion: as of `compute`.
    """
    question = ask(tables, [indicator], by, role, library)
    group = [(0, period)]
    if is_by_month(indicator):
        months, counted = count_months(question, indicator, period)
        told = told_months(counted, unit)
        # Months that are left out have no rows; where none is told, those whose days come to 0 are what there is.
        group = [pair for pair in enumerate(months) if not told or pair[1].since in told]
    first, second = (_list(question, task, unit, group) for task in make_tasks(indicator, False))
    if is_by_month(indicator) and not told:
        first = first.slice(0, 0)
    return Explanation(first, second)


def _list(question: Question, task: Task, unit: str, group: Numbered) -> pa.Table:
    sort = sort_of(task)
    rows = mark(question, sort, [task], group).rows
    rows = rows.filter((rows._unit == unit) & rows.f0)
    ids = list(SHAPES[task.part.table].identified_by)
    return fetch(rows.select(*ids).order_by(ids))
