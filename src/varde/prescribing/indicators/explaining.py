"""Which rows one unit's numerator and denominator count: for a reader who checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from varde.guidelines import Library
from varde.prescribing.indicators.computing import ask, count_premises
from varde.prescribing.indicators.counting import Task, make_tasks, mark, sort_of
from varde.prescribing.indicators.definition import Definition
from varde.prescribing.indicators.delivery import Delivered, count_months, find_missing
from varde.prescribing.indicators.engine import fetch, lend
from varde.prescribing.indicators.months import is_by_month, name_pairs, pick_told
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
    delivered: Delivered | None = None,
) -> Explanation:
    """The rows that an indicator of one unit counts in a period.

    The rows are personal data: they are for whom the figures are of, or who has to check them.

    Args:
        unit: as it stands in the column ``unit`` of `compute`.
        delivered: as of `compute`.

    Raises:
        InvalidQuestion: as of `compute`.
    """
    question = ask(tables, [indicator], by, role, library)
    left_out = find_missing(indicator, [period], delivered)
    question = replace(question, left_out=left_out)
    tasks = make_tasks(indicator, False)
    if not is_by_month(indicator):
        wanted = name_pairs([(unit, 0)] if count_months(period, left_out) else [])
        return Explanation(*(_list(question, task, wanted, [(0, period)]) for task in tasks))
    months = period.months
    question, counted = count_premises(question, indicator, months)
    place = partial(question.who.place, by)
    told, is_any = pick_told(counted, months, unit, period.as_of, place)
    first, second = (_list(question, task, told, list(enumerate(months))) for task in tasks)
    return Explanation(first if is_any else first.slice(0, 0), second)


def _list(question: Question, task: Task, wanted: pa.Table, group: Numbered) -> pa.Table:
    """The rows of some units in some periods."""
    sort = sort_of(task, question.by)
    rows = mark(question, sort, [task], group).rows
    rows = rows.filter(rows._counts != 0)
    small = lend(rows, wanted)
    rows = rows.join(small, [rows._unit == small.t_unit, rows._period == small.t_period])
    ids = list(SHAPES[task.part.table].identified_by)
    return fetch(rows.select(*ids).order_by(ids))
