"""The compiler: numerators and denominators of many indicators in one pass over a table's rows, in portable Ibis.

A pass marks each row with what it counts for (`mark`: the bits of one number), and adds up the marks by unit and period
(`total`). What a row's codes mean is joined, age and dates are compared, what the guideline says of a prescription is
joined by a number; nothing here is a function of the engine. Four sorts of passes: over rows, over rows that the guideline
is asked about, over rows of which the patients or contacts are counted, and over rows with a row of the other table in
the same contact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from varde.prescribing.indicators.conditions import (
    MOST,
    Condition,
    bits_of,
    common_bits,
    has_any,
    join_codes,
    leave_bits,
    mark_bits,
)
from varde.prescribing.indicators.contacts import KEYS, keys_of, mark_contacts
from varde.prescribing.indicators.definition import Definition, Part, Where
from varde.prescribing.indicators.engine import any_bits
from varde.prescribing.indicators.guideline import conversion
from varde.prescribing.indicators.guideline_tables import Advised, thousandths
from varde.prescribing.indicators.matching import Value, join_meanings
from varde.prescribing.indicators.rows import Question, contact_day, in_ages, place_rows
from varde.prescribing.indicators.shapes import SHAPES, UnitKind
from varde.prescribing.indicators.units import AREAS, Numbered

if TYPE_CHECKING:
    import ibis

AMOUNTS: Final[Mapping[str, tuple[str, int]]] = {
    "ddd": ("ddd", 1000),
    "hours": ("hours", 1000),
    "bed-days": ("bed_days", 1000),
    "residents": ("present", 1000),
    "on-antibiotics": ("on_antibiotics", 1000),
    "persons": ("persons", 1),
}
"""The column that is added up, and what it is multiplied by to be whole: thousandths; persons are in days."""


class Task(NamedTuple):
    """One thing to count: a part of an indicator, with the version of daily doses, broken down or not; and whether it is
    of where it was done (`find_units`)."""

    part: Part
    ddd_version: int | None
    strata: bool
    at_post: bool = False


class Sort(NamedTuple):
    """What can be counted together.

    Attributes:
        way: "rows", "guideline", "patients", "contacts" or "contact" (see above).
        table, other: what is counted, and where the contact must have a row; strata, at_post: as of `Task`.
        setting: of dispensings, the role that they must be in (`find_units`).
    """

    way: str
    table: str
    other: str
    strata: bool
    at_post: bool = False
    setting: str = ""


@dataclass(frozen=True)
class Marked:
    """Rows with a mark for each task.

    Attributes:
        rows: with `KEYS`, the table's identifying columns, and ``_counts``: the bits of the tasks that a row counts for.
        factors: for each version of daily doses that is asked for, what a row's doses are multiplied by, by the number
            in the column ``_factor_<version>``.
    """

    rows: ibis.Table
    factors: Mapping[int, Sequence[Fraction]]


def make_tasks(definition: Definition, strata: bool) -> tuple[Task, Task]:
    """Numerator and denominator; strata only where both tables have age and sex. What is over shifts is of where these
    were, above and below."""
    broken = strata and all(SHAPES[part.table].personal for part in definition.parts)
    version = definition.ddd_version
    at_post = any(part.table == "shifts" for part in definition.parts)
    first, second = (Task(part, version, broken, at_post) for part in definition.parts)
    return first, second


def sort_of(task: Task, by: UnitKind) -> Sort:
    """The pass that a task belongs to."""
    part = task.part
    at_post = task.at_post and by in AREAS  # to all others it is the same (`find_units`)
    if part.contact:
        return Sort("contact", part.table, part.contact.table, task.strata)
    setting = part.where.setting if part.table == "dispensings" else ""
    way = "guideline" if part.where.concordance or part.where.course else "rows"
    if part.counts in ("patients", "contacts"):
        way = part.counts
    return Sort(way, part.table, "", task.strata, at_post, setting)


def split_passes(tasks: Sequence[Task], by: UnitKind) -> Iterator[tuple[Sort, Sequence[Task]]]:
    """The passes, and the tasks of each: no more than have room in one number."""
    sorts: dict[Sort, list[Task]] = defaultdict(list)
    for task in dict.fromkeys(tasks):
        sorts[sort_of(task, by)].append(task)
    for sort, some in sorts.items():
        for first in range(0, len(some), MOST):
            yield sort, some[first : first + MOST]


def mark(question: Question, sort: Sort, tasks: Sequence[Task], group: Numbered) -> Marked:
    """The rows of a pass with their marks. Rows that count for nothing may be left out."""
    wheres = [task.part.where for task in tasks]
    advised = Advised(question.guideline, question.seen) if _asks_guideline(wheres) else None
    if sort.way == "contact":
        parts = [task.part for task in tasks]
        return Marked(mark_contacts(question, sort.other, group, parts, advised, sort.strata), {})
    rows = place_rows(question, sort.table, group, sort.strata, sort.setting, sort.at_post)
    rows, names = join_codes(question, sort.table, rows, wheres, advised)
    if advised:
        rows = advised.join(advised.person(rows), [task.part for task in tasks])
    factors: dict[int, Sequence[Fraction]] = {}
    for version in sorted({task.ddd_version or 0 for task in tasks if task.part.counts == "ddd"}):
        rows, factors[version] = _join_factors(question, sort.table, rows, version)
    counts = mark_bits(rows, sort.table, wheres, names, advised is not None)
    return Marked(rows.mutate(_counts=counts), factors)


def _asks_guideline(wheres: Sequence[Where]) -> bool:
    return any(where.concordance or where.course for where in wheres)


def _join_factors(
    question: Question, table: str, rows: ibis.Table, version: int
) -> tuple[ibis.Table, Sequence[Fraction]]:
    """Rows with the number of what their doses are multiplied by; 0 for those of the version that is asked for."""
    has_route = "route" in rows.columns
    columns = ("atc", "route", "ddd_version") if has_route else ("atc", "ddd_version")
    values = question.seen.values(table, columns)
    factors = [Fraction(1)]

    def meaning(value: Value) -> int:
        if not value[-1]:
            return 0
        route = value[1] if has_route else "O"
        factor = conversion(value[0], route, int(value[-1]), version)
        if factor not in factors:
            factors.append(factor)
        return factors.index(factor)

    name = f"_factor_{version}"
    return join_meanings(rows, columns, values, {name: meaning}), factors


def total(sort: Sort, tasks: Sequence[Task], marked: Marked) -> ibis.Table:
    """The marks added up: first rows that count for the same tasks together, of which there are few in each unit and
    period; then what each task has of them.

    Returns:
        One row for each unit, period and stratum (`KEYS`). For task 0: ``n0`` rows that count; ``p0_0`` … what they
        come to, by the number of the factor, where an amount is added up; ``s0`` rows that count and whose amount
        nobody can say.
    """
    import ibis

    rows, keys = marked.rows, keys_of(sort.strata)
    if sort.way in ("patients", "contacts"):
        rows = _once(rows, sort, len(tasks), keys)
    marks = ["_counts"]
    if sort.table == "list-populations":
        rows = rows.mutate(_partly=_count_partly(rows, tasks))
        marks.append("_partly")
    elif len(tasks) == 1:
        # What is grouped by would only make the engine's table wider: all rows that count are alike.
        rows = rows.filter(rows._counts != 0)
        marks = []
    amounts = _amounts(rows, tasks, marked.factors)
    alike = rows.group_by([*keys, *marks]).aggregate(_rows=rows.count(), **amounts)
    found: dict[str, ibis.Value] = {}
    for number, task in enumerate(tasks):
        counts = has_any(alike._counts, bits_of([number])) if marks else ibis.literal(True)
        names = {f"n{number}": "_rows"}
        if task.part.counts in AMOUNTS:
            column, places = _columns_of(task, marked.factors)
            names |= {f"p{number}_{at}": f"{column}_{at}" for at in range(places)}
            spoiled = counts.ifelse(alike[f"{column}_null"], 0)
            if "_partly" in marks:
                spoiled += has_any(alike._partly, bits_of([number])).ifelse(alike._rows, 0)
            found[f"s{number}"] = spoiled.sum().cast("int64")
        for name, column in names.items():
            found[name] = counts.ifelse(alike[column], 0).sum().cast("int64")
    totals = alike.group_by(list(keys)).aggregate(**found)
    return totals.mutate(**{name: ibis.literal("") for name in KEYS if name not in keys})


def _once(rows: ibis.Table, sort: Sort, tasks: int, keys: Sequence[str]) -> ibis.Table:
    """Each patient, or contact, of a unit and period once, with all that any of its rows counts for."""
    import ibis

    more = ["patient"]
    if sort.way == "contacts":
        rows = rows.mutate(_contact=contact_day(rows, sort.table))
        more = ["prescriber", "patient", "_contact"]
    rows = rows.filter(rows._counts != 0)
    if tasks == 1:
        return rows.select(*keys, *more).distinct().mutate(_counts=ibis.literal(1, "int64"))
    return rows.group_by([*keys, *more]).aggregate(_counts=any_bits(rows._counts))


def _count_partly(rows: ibis.Table, tasks: Sequence[Task]) -> ibis.Value:
    """The bits of the tasks of which nobody can say whether a row counts: list populations of a band of ages that is
    only partly asked for."""
    import ibis

    def conditions(task: Task) -> Iterator[Condition]:
        where = task.part.where
        if not (task.part.table == "list-populations" and where.ages):
            yield "never", ibis.literal(False)
            return
        yield where.ages, in_ages(rows, task.part.table, where.ages)[1]
        if where.sex:
            yield where.sex, rows.sex == where.sex

    return common_bits(list(leave_bits(map(conditions, tasks))), len(tasks))


def _columns_of(task: Task, factors: Mapping[int, Sequence[Fraction]]) -> tuple[str, int]:
    """The name of what a task adds up, and how many sums it has: one for each factor."""
    if task.part.counts != "ddd":
        return f"_{AMOUNTS[task.part.counts][0]}", 1
    version = task.ddd_version or 0
    return f"_ddd_{version}", len(factors[version])


def _amounts(
    rows: ibis.Table, tasks: Sequence[Task], factors: Mapping[int, Sequence[Fraction]]
) -> dict[str, ibis.Value]:
    """Sums of all that the tasks add up, and the numbers of rows that do not say it (``…_null``)."""
    found: dict[str, ibis.Value] = {}
    for task in tasks:
        if task.part.counts not in AMOUNTS:
            continue
        column, whole = AMOUNTS[task.part.counts]
        name, places = _columns_of(task, factors)
        amount = thousandths(rows[column]) if whole == 1000 else rows[column].cast("int64")
        if task.part.counts == "persons":
            amount = amount * rows._days.cast("int64")
        found[f"{name}_null"] = rows.count(where=rows[column].isnull())
        for place in range(places):
            chosen = rows[f"_factor_{task.ddd_version or 0}"] == place if places > 1 else None
            found[f"{name}_{place}"] = amount.sum(where=chosen).fill_null(0).cast("int64")
    return found
