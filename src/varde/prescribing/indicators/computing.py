"""Numerators and denominators of indicators, for every unit and period: one Arrow table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from math import lcm
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from varde.guidelines import SHIPPED, Library, read_library
from varde.prescribing.indicators.counting import (
    AMOUNTS,
    Marked,
    Task,
    make_tasks,
    mark,
    split_passes,
    total,
)
from varde.prescribing.indicators.definition import Definition
from varde.prescribing.indicators.delivery import Delivered, count_months, split_by_missing
from varde.prescribing.indicators.engine import fetch
from varde.prescribing.indicators.errors import InvalidQuestion
from varde.prescribing.indicators.guideline import Guideline
from varde.prescribing.indicators.matching import Seen
from varde.prescribing.indicators.months import fold_months, is_by_month
from varde.prescribing.indicators.periods import Period, check_periods, split_disjoint
from varde.prescribing.indicators.rows import ASTRIDE, Question, name_band
from varde.prescribing.indicators.shapes import BANDS, UNIT_KINDS, Role, UnitKind
from varde.prescribing.indicators.units import Who

if TYPE_CHECKING:
    import ibis

Numbers = np.ndarray[Any, np.dtype[np.int64]]

AMOUNT: Final = pa.decimal128(18, 3)
SCHEMA: Final = pa.schema(
    [
        pa.field("indicator", pa.string(), nullable=False),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("since", pa.date32(), nullable=False),
        pa.field("until", pa.date32(), nullable=False),
        pa.field("age_band", pa.string(), nullable=False),
        pa.field("sex", pa.string(), nullable=False),
        pa.field("numerator", AMOUNT, nullable=False),
        pa.field("denominator", AMOUNT, nullable=False),
        pa.field("months", pa.int32(), nullable=False),
    ]
)
"""One indicator of one unit in one period, in one stratum (age band and sex blank when not asked for), and of how many of
the period's months: of all, but where months are left out that were not delivered (`delivery`) or have no bed days
(`months`)."""

STRATA: Final = ("", *(name_band(*band) for band in BANDS))
SEXES: Final = ("", "F", "M")
STEPS: Final = len(STRATA) * len(SEXES)


@cache
def shipped_guideline() -> Guideline:
    """The demonstration guideline that comes with Varde."""
    return Guideline(read_library(SHIPPED))


def compute(
    tables: Mapping[str, ibis.Table],
    indicators: Sequence[Definition],
    by: UnitKind,
    periods: Sequence[Period],
    strata: bool = False,
    *,
    role: Role | None = None,
    library: Library | None = None,
    delivered: Delivered | None = None,
) -> pa.Table:
    """What the indicators count, for every unit of a kind and every period.

    Nothing is divided here. A unit without any row in the denominator is not there, nor one of whose rows nobody can
    say what they come to (a list population whose band of ages is only partly asked for, an administration without
    daily doses): those are not computable. A unit with rows in the denominator that come to 0 is there with 0. Over bed
    days the months decide, each by itself. Months in which not all is delivered that an indicator counts are left out of
    it above and below, but of persons, who are those of the whole period. What is left out is said (``months``); of a
    period without any month that counts there is no row.

    Args:
        tables: by the keys of their layouts; "wards" and "treatments" of the warehouse's surveys. On any one engine.
        by: the kind of unit; who is what, as of each period's last day.
        periods: whole months; they may overlap.
        strata: by age band and sex too, for indicators whose two tables have both; others stay whole.
        role: only what general practitioners, or doctors out of hours, did in that role; None for both.
        library: the guideline; the shipped one when None.
        delivered: the months that were delivered of each monthly table (`find_delivered`); None: all were.

    Returns:
        The columns of `SCHEMA`, in the order of the indicators, then unit, period, stratum.

    Raises:
        InvalidQuestion: an indicator that has no units of this kind, or a table that is missing.
        InvalidPeriod: no period, or one twice.
    """
    periods = check_periods(periods)
    question = ask(tables, indicators, by, role, library)
    parts = [SCHEMA.empty_table()]
    for left_out, some in split_by_missing(indicators, periods, delivered).items():
        asked = replace(question, left_out=left_out)
        if whole := [one for one in some if not is_by_month(one)]:
            parts.append(_count(asked, whole, periods, strata))
        if by_month := [one for one in some if is_by_month(one)]:
            parts += _count_by_month(asked, by_month, periods)
    counted = pa.concat_tables(parts)
    return counted if len(parts) == 2 else _in_order(counted, indicators, periods)


def _count_by_month(
    question: Question, indicators: Sequence[Definition], periods: Sequence[Period]
) -> Iterator[pa.Table]:
    question = replace(question, by_premises=True)
    place = partial(question.who.place, question.by)
    for group in split_disjoint(enumerate(periods)):
        some = [period for _, period in group]
        months = [month for period in some for month in period.months]
        yield fold_months(_count(question, indicators, months, False), some, place, SCHEMA)


def _in_order(
    counted: pa.Table, indicators: Sequence[Definition], periods: Sequence[Period]
) -> pa.Table:
    """Rows by indicator, unit and period, as they were asked for; strata stay in their order."""
    names = pa.array([one.id for one in indicators], pa.string())
    spans = [(one.since, one.until) for one in periods]
    places = list(zip(counted["since"].to_pylist(), counted["until"].to_pylist(), strict=True))
    keyed = pa.table(
        {
            "indicator": pc.index_in(counted["indicator"], names),
            "unit": counted["unit"],
            "period": pa.array([spans.index(place) for place in places], pa.int32()),
            "place": pa.array(range(counted.num_rows), pa.int64()),
        }
    )
    order = keyed.sort_by([(name, "ascending") for name in keyed.column_names])["place"]
    return counted.take(order.combine_chunks())


def count_premises(
    question: Question, definition: Definition, months: Sequence[Period]
) -> tuple[Question, pa.Table]:
    """What one indicator comes to in each month, by institution as it is in that month; and the question of those."""
    question = replace(question, by_premises=True)
    return question, _count(question, [definition], months, False)


def _count(
    question: Question, indicators: Sequence[Definition], periods: Sequence[Period], strata: bool
) -> pa.Table:
    asked = [make_tasks(definition, strata) for definition in indicators]
    passes = list(split_passes([task for pair in asked for task in pair], question.by))
    answers: list[tuple[Sequence[Task], Marked, pa.Table]] = []
    for group in split_disjoint(enumerate(periods)):
        for sort, tasks in passes:
            marked = mark(question, sort, tasks, group)
            answers.append((tasks, marked, fetch(total(sort, tasks, marked))))
    counted, units = _gather(answers, periods)
    months = np.array([count_months(one, question.left_out) for one in periods], np.int64)
    found = [
        _assemble(definition.id, counted[first], counted[second], units, periods, months)
        for definition, (first, second) in zip(indicators, asked, strict=True)
    ]
    return pa.concat_tables(found) if found else SCHEMA.empty_table()


def ask(
    tables: Mapping[str, ibis.Table],
    indicators: Sequence[Definition],
    by: UnitKind,
    role: Role | None,
    library: Library | None,
) -> Question:
    """The question, when it can be asked.

    Raises:
        InvalidQuestion: see `compute`.
    """
    check_units(indicators, by)
    for definition in indicators:
        for table in sorted(definition.tables - set(tables)):
            raise InvalidQuestion(f"{definition.id} counts the table {table}, which is missing")
    guideline = Guideline(library) if library else shipped_guideline()
    return Question(tables, by, role, guideline, Who(tables), Seen(tables))


def check_units(indicators: Sequence[Definition], by: str) -> None:
    """Whether all of some indicators can be computed for a kind of unit.

    Raises:
        InvalidQuestion: there is no such kind, or some have no units of it; the message names all of these, and the
            kinds that they have.
    """
    if by not in UNIT_KINDS:
        raise InvalidQuestion(f"{by!r} is no kind of unit: give one of {', '.join(UNIT_KINDS)}")
    without: dict[str, list[str]] = defaultdict(list)
    for one in indicators:
        if by not in one.kinds:
            without[", ".join(kind for kind in UNIT_KINDS if kind in one.kinds)].append(one.id)
    if without:
        told = [
            f"{', '.join(ids)} {'is' if len(ids) == 1 else 'are'} not computed by {by}: give one of {some}"
            for some, ids in without.items()
        ]
        raise InvalidQuestion("; ".join(told))


@dataclass(frozen=True)
class Counted:
    """What one task came to: keys in order, one for each unit, period and stratum.

    Attributes:
        values: in thousandths.
        rows: how many rows count.
        spoiled: how many of them nobody can say the amount of.
    """

    keys: Numbers
    values: Numbers
    rows: Numbers
    spoiled: Numbers


def _gather(
    answers: Sequence[tuple[Sequence[Task], Marked, pa.Table]], periods: Sequence[Period]
) -> tuple[Mapping[Task, Counted], Sequence[str]]:
    names = pa.chunked_array(
        [chunk.cast(pa.string()) for _, _, t in answers for chunk in t["_unit"].chunks], pa.string()
    )
    units = pc.unique(names).sort() if len(names) else pa.array([], pa.string())
    days = np.array([period.days for period in periods], np.int64)
    pieces: dict[Task, list[Counted]] = defaultdict(list)
    for tasks, marked, table in answers:
        keys, bad = _keys(table, units, len(periods))
        order = np.argsort(keys, kind="stable")
        for number, task in enumerate(tasks):
            rows = _column(table, f"n{number}")
            values = rows * 1000
            spoiled = np.zeros_like(rows)
            if task.part.counts in AMOUNTS:
                values = _amount(table, number, task, marked)
                spoiled = _column(table, f"s{number}") + np.where(bad, rows, 0)
                if task.part.counts == "persons":
                    values = _round(values * 1000, days[_column(table, "_period")])
            pieces[task].append(Counted(keys[order], values[order], rows[order], spoiled[order]))
    return {task: _merge(found) for task, found in pieces.items()}, units.to_pylist()


def _keys(table: pa.Table, units: pa.Array, periods: int) -> tuple[Numbers, Any]:
    """A number for each row's unit, period and stratum, and whether its stratum is none (then the whole unit's)."""
    unit = _numbers(pc.index_in(table["_unit"].cast(pa.string()), units))
    band = _numbers(pc.index_in(table["_band"].cast(pa.string()), pa.array(STRATA)))
    sex = _numbers(pc.index_in(table["_sex"].cast(pa.string()), pa.array(SEXES)))
    bad = np.asarray(pc.equal(table["_band"].cast(pa.string()), ASTRIDE))
    period = _column(table, "_period")
    whole = (unit * periods + period) * STEPS
    return whole + np.where(bad, 0, band * len(SEXES) + sex), bad


def _numbers(column: pa.ChunkedArray) -> Numbers:
    filled = pc.fill_null(column, 0).cast(pa.int64())
    return np.asarray(filled, np.int64)


def _column(table: pa.Table, name: str) -> Numbers:
    return _numbers(table[name])


def _amount(table: pa.Table, number: int, task: Task, marked: Marked) -> Numbers:
    if task.part.counts != "ddd":
        return _column(table, f"p{number}_0")
    factors = marked.factors[task.ddd_version or 0]
    whole = lcm(*(factor.denominator for factor in factors))
    found = np.zeros(table.num_rows, np.int64)
    for place, factor in enumerate(factors):
        found += _column(table, f"p{number}_{place}") * int(factor * whole)
    return _round(found, np.int64(whole))


def _round(numbers: Numbers, by: Any) -> Numbers:
    """Divided, to the nearest whole number, halves to the even one."""
    whole, rest = np.divmod(numbers, by)
    up = (2 * rest > by) | ((2 * rest == by) & (whole % 2 == 1))
    result: Numbers = whole + up
    return result


def _merge(pieces: Sequence[Counted]) -> Counted:
    keys = np.concatenate([one.keys for one in pieces])
    order = np.argsort(keys, kind="stable")
    columns = (
        np.concatenate([getattr(one, name) for one in pieces])[order]
        for name in ("values", "rows", "spoiled")
    )
    return Counted(keys[order], *columns)


def _assemble(
    indicator: str,
    numerator: Counted,
    denominator: Counted,
    units: Sequence[str],
    periods: Sequence[Period],
    months: Numbers,
) -> pa.Table:
    spoiled = np.unique(
        np.concatenate([one.keys[one.spoiled > 0] // STEPS for one in (numerator, denominator)])
    )
    there = (denominator.rows > 0) & ~np.isin(denominator.keys // STEPS, spoiled)
    there &= months[denominator.keys // STEPS % len(periods)] > 0
    keys = denominator.keys[there]
    values = np.zeros(keys.size, np.int64)
    if numerator.keys.size:
        places = np.minimum(np.searchsorted(numerator.keys, keys), numerator.keys.size - 1)
        found = numerator.keys[places] == keys
        values[found] = numerator.values[places[found]]
    unit, period = np.divmod(keys // STEPS, len(periods))
    band, sex = np.divmod(keys % STEPS, len(SEXES))
    columns = [
        pa.array([indicator], pa.string()).take(pa.array(np.zeros(keys.size, np.int64))),
        pa.array(units, pa.string()).take(pa.array(unit)),
        pa.array([one.since for one in periods], pa.date32()).take(pa.array(period)),
        pa.array([one.until for one in periods], pa.date32()).take(pa.array(period)),
        pa.array(STRATA).take(pa.array(band)),
        pa.array(SEXES).take(pa.array(sex)),
        _thousandths(values),
        _thousandths(denominator.values[there]),
        pa.array(months, pa.int32()).take(pa.array(period)),
    ]
    return pa.table(columns, SCHEMA)


def _thousandths(values: Numbers) -> pa.Array:
    """Exact decimals of whole thousandths: a decimal is kept as two halves, the upper one its sign."""
    halves = np.stack([values, values >> 63], axis=1)
    buffer = pa.py_buffer(np.ascontiguousarray(halves).tobytes())
    return pa.Array.from_buffers(AMOUNT, values.size, [None, buffer])
