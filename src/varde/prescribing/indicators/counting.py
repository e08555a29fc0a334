"""The compiler: numerators and denominators of many indicators in one pass over a table's rows, in portable Ibis.

A pass marks each row with what it counts for (`mark`), and adds up the marks by unit and period (`total`). What a row's
codes mean is joined, age and dates are compared, what the guideline says of a prescription is joined by a number; nothing
here is a function of the engine. Four sorts of passes: over rows, over rows that the guideline is asked about, over
rows of which the patients or contacts are counted, and over rows with a row of the other table in the same contact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from varde.prescribing.indicators.conditions import holds, join_codes
from varde.prescribing.indicators.contacts import KEYS, keys_of, mark_contacts
from varde.prescribing.indicators.definition import Definition, Part, Where
from varde.prescribing.indicators.guideline import conversion
from varde.prescribing.indicators.guideline_tables import Advised, thousandths
from varde.prescribing.indicators.matching import Value, join_meanings
from varde.prescribing.indicators.rows import Question, contact_day, in_ages, place_rows
from varde.prescribing.indicators.shapes import SHAPES
from varde.prescribing.indicators.units import Numbered

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
    """What can be counted together."""

    way: str
    table: str
    other: str
    strata: bool
    at_post: bool = False


@dataclass(frozen=True)
class Marked:
    """Rows with a mark for each task.

    Attributes:
        rows: with `KEYS`, the table's identifying columns, and ``f0``, ``f1`` … (whether a row counts).
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


def sort_of(task: Task) -> Sort:
    """The pass that a task belongs to."""
    part = task.part
    if part.contact:
        return Sort("contact", part.table, part.contact.table, task.strata)
    if part.counts in ("patients", "contacts"):
        return Sort(part.counts, part.table, "", task.strata, task.at_post)
    way = "guideline" if part.where.concordance or part.where.course else "rows"
    return Sort(way, part.table, "", task.strata, task.at_post)


def mark(question: Question, sort: Sort, tasks: Sequence[Task], group: Numbered) -> Marked:
    """The rows of a pass with their marks. Rows that count for nothing may be left out."""
    wheres = [task.part.where for task in tasks]
    needs_role = sort.table == "dispensings" and any(where.setting for where in wheres)
    advised = Advised(question.guideline, question.seen) if _asks_guideline(wheres) else None
    if sort.way == "contact":
        parts = [task.part for task in tasks]
        return Marked(mark_contacts(question, sort.other, group, parts, advised, sort.strata), {})
    rows = place_rows(question, sort.table, group, sort.strata, needs_role, sort.at_post)
    rows, names = join_codes(question, sort.table, rows, wheres, advised)
    if advised:
        rows = advised.join(advised.person(rows), [task.part for task in tasks])
    factors: dict[int, Sequence[Fraction]] = {}
    for version in sorted({task.ddd_version or 0 for task in tasks if task.part.counts == "ddd"}):
        rows, factors[version] = _join_factors(question, sort.table, rows, version)
    flags = {
        f"f{number}": holds(rows, sort.table, where, names, advised is not None)
        for number, where in enumerate(wheres)
    }
    return Marked(rows.mutate(**flags), factors)


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
    return join_meanings(rows, columns, values, {name: meaning}, False), factors


def total(sort: Sort, tasks: Sequence[Task], marked: Marked) -> ibis.Table:
    """The marks added up.

    Returns:
        One row for each unit, period and stratum (`KEYS`). For task 0: ``n0`` rows that count; ``p0_0`` … what they
        come to, by the number of the factor, where an amount is added up; ``s0`` rows that count and whose amount
        nobody can say.
    """
    import ibis

    rows, keys = marked.rows, keys_of(sort.strata)
    if sort.way in ("patients", "contacts"):
        more = ["patient"]
        if sort.way == "contacts":
            rows = rows.mutate(_contact=contact_day(rows, sort.table))
            more = ["prescriber", "patient", "_contact"]
        flags = [f"f{number}" for number in range(len(tasks))]
        rows = rows.filter(ibis.or_(*(rows[name] for name in flags)))
        if len(tasks) == 1:
            each = rows.select(*keys, *more).distinct()
            return _with_all_keys(each.group_by(list(keys)).aggregate(n0=each.count()), keys)
        each = rows.group_by([*keys, *more]).aggregate(
            **{name: rows[name].cast("int32").max() for name in flags}
        )
        sums = {f"n{number}": each[name].sum() for number, name in enumerate(flags)}
        return _with_all_keys(each.group_by(list(keys)).aggregate(**sums), keys)
    found: dict[str, ibis.Value] = {}
    for number, task in enumerate(tasks):
        flag = rows[f"f{number}"]
        found[f"n{number}"] = rows.count(where=flag)
        if task.part.counts in AMOUNTS:
            found |= _sums(rows, number, task, flag, marked.factors)
    return _with_all_keys(rows.group_by(list(keys)).aggregate(**found), keys)


def _with_all_keys(totals: ibis.Table, keys: Sequence[str]) -> ibis.Table:
    import ibis

    return totals.mutate(**{name: ibis.literal("") for name in KEYS if name not in keys})


def _sums(
    rows: ibis.Table,
    number: int,
    task: Task,
    flag: ibis.Value,
    factors: Mapping[int, Sequence[Fraction]],
) -> dict[str, ibis.Value]:
    column, whole = AMOUNTS[task.part.counts]
    amount = thousandths(rows[column]) if whole == 1000 else rows[column].cast("int64")
    if task.part.counts == "persons":
        amount = amount * rows._days.cast("int64")
    spoiled = flag & rows[column].isnull()
    if task.part.table == "list-populations" and task.part.where.ages:
        sexes = [rows.sex == task.part.where.sex] if task.part.where.sex else []
        partly = in_ages(rows, task.part.table, task.part.where.ages)[1]
        for condition in sexes:
            partly = partly & condition
        spoiled = spoiled | partly
    found = {f"s{number}": rows.count(where=spoiled)}
    if task.part.counts != "ddd":
        return found | {f"p{number}_0": amount.sum(where=flag).fill_null(0)}
    version = task.ddd_version or 0
    for place in range(len(factors[version])):
        counts = flag & (rows[f"_factor_{version}"] == place)
        found[f"p{number}_{place}"] = amount.sum(where=counts).fill_null(0)
    return found
