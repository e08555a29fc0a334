"""Which conditions of many definitions rows hold, as bits of one number: codes by what was joined, the rest by comparison.

Definition number n has the bit 2ⁿ. Each condition says which definitions a row may still count for, and the number is
what all of them leave: one column, however many definitions are asked for, by which rows can be counted together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any, Final

from varde.prescribing.indicators.definition import Where
from varde.prescribing.indicators.engine import lend
from varde.prescribing.indicators.guideline_tables import Advised
from varde.prescribing.indicators.matching import (
    BILLING,
    COLUMNS,
    DIAGNOSES,
    DRUG,
    REIMBURSEMENT,
    Meaning,
    Value,
    asks,
    atc_of,
    join_meanings,
    means,
)
from varde.prescribing.indicators.rows import Question, in_ages
from varde.prescribing.indicators.shapes import REGISTERED, SHAPES

if TYPE_CHECKING:
    import ibis

MOST: Final = 62
"""So many definitions have room in one whole number of any engine."""

Condition = tuple[Any, "ibis.Value"]
"""What is asked, by which the same condition of two definitions is known; and whether rows hold it."""


def bits_of(numbers: Iterable[int]) -> int:
    """The bits of some definitions."""
    return sum(1 << number for number in set(numbers))


def has_any(bits: ibis.Value, wanted: int) -> ibis.Value:
    """Whether any of some bits is there."""
    return (bits & wanted) != 0


def join_codes(
    question: Question,
    table: str,
    rows: ibis.Table,
    wheres: Sequence[Where],
    advised: Advised | None,
    prefix: str = "c",
) -> tuple[ibis.Table, list[str]]:
    """Rows with a column for each sort of codes that is asked for: the bits of the definitions that may still count them;
    and those columns' names. Rows whose codes none of the definitions can count are left out."""
    names: list[str] = []
    for sort in (DRUG, REIMBURSEMENT, DIAGNOSES, BILLING):
        asked = [asks(where, sort) for where in wheres]
        columns = ("antibiotic",) if table == "treatments" else COLUMNS[sort]
        meanings: dict[str, Meaning] = {}
        needed: list[str] = []
        if any(asked):
            name = f"_{prefix}_{sort}"
            meanings[name] = _bits_of_codes(table, sort, asked)
            needed.append(name)
            names.append(name)
        if advised and columns[0] in rows.columns:
            more, must = advised.meanings(sort, table, wheres)
            meanings |= more
            needed += list(more) if must else []
        if meanings:
            values = question.seen.values(table, columns)
            rows = join_meanings(rows, columns, values, meanings, needed)
    return _join_institutions(question, table, rows, wheres), names


def _bits_of_codes(table: str, sort: str, asked: Sequence[tuple[Any, ...]]) -> Meaning:
    asking = defaultdict(list)
    for number, wanted in enumerate(asked):
        asking[wanted].append(number)
    free = bits_of(asking.pop((), []))

    def meaning(value: Value) -> int:
        codes = (atc_of(value[0]),) if table == "treatments" else value
        found = [bits_of(some) for wanted, some in asking.items() if means(sort, wanted, codes)]
        return free + sum(found)

    return meaning


def _join_institutions(
    question: Question, table: str, rows: ibis.Table, wheres: Sequence[Where]
) -> ibis.Table:
    """Rows with what their institution was that day (``_kind``) and whether it told that month of what it gave
    (``_delivered``), where that is asked."""
    if table not in REGISTERED:
        return rows
    if any(where.institution_kinds for where in wheres):
        day = rows[SHAPES[table].day]
        rows = rows.mutate(_ymd=(day.year() * 10_000 + day.month() * 100 + day.day()).cast("int32"))
        kinds = lend(rows, question.who.kinds())
        rows = rows.left_join(
            kinds,
            [
                rows.institution == kinds.k_institution,
                rows._ymd >= kinds.k_from,
                rows._ymd <= kinds.k_until,
            ],
        ).drop("k_institution", "k_from", "k_until", "_ymd")
    if any(where.delivered for where in wheres):
        given = question.table("administrations")
        given = given.select(
            g_institution=given.institution,
            g_year=given.given_on.year().cast("int32"),
            g_month=given.given_on.month().cast("int32"),
        ).distinct()
        rows = rows.left_join(
            given,
            [
                rows.institution == given.g_institution,
                rows.month.year().cast("int32") == given.g_year,
                rows.month.month().cast("int32") == given.g_month,
            ],
        )
        rows = rows.mutate(_delivered=rows.g_institution.notnull())
        rows = rows.drop("g_institution", "g_year", "g_month")
    return rows


def mark_bits(
    rows: ibis.Table,
    table: str,
    wheres: Sequence[Where],
    names: Sequence[str],
    with_guideline: bool,
) -> ibis.Value:
    """The bits of the definitions that count each row: it holds all their conditions.

    Args:
        names: as of `join_codes`.
        with_guideline: with what the guideline says, which must have been joined.
    """

    def conditions(where: Where) -> Iterator[Condition]:
        yield from _conditions(rows, table, where)
        if with_guideline:
            yield from guideline_conditions(rows, where)

    found = [rows[name] for name in names]
    return common_bits([*found, *leave_bits(map(conditions, wheres))], len(wheres))


def common_bits(found: Sequence[ibis.Value], definitions: int) -> ibis.Value:
    """What all of some numbers leave; where there are none, all bits of so many definitions."""
    import ibis

    if not found:
        return ibis.literal((1 << definitions) - 1, "int64")
    return reduce(and_, found)


def leave_bits(wanted: Iterable[Iterable[Condition]]) -> Iterator[ibis.Value]:
    """For each condition that any definition has the bits that it leaves: all, or those of the definitions without it.
    A condition on what a row does not say does not hold.

    Args:
        wanted: the conditions of each definition.
    """
    import ibis

    holds: dict[Any, ibis.Value] = {}
    asking: dict[Any, list[int]] = defaultdict(list)
    definitions = 0
    for number, conditions in enumerate(wanted):
        definitions += 1
        for key, condition in conditions:
            holds.setdefault(key, condition)
            asking[key].append(number)
    every = (1 << definitions) - 1
    for key, some in asking.items():
        rest = ibis.literal(every - bits_of(some), "int64")
        yield holds[key].ifelse(ibis.literal(every, "int64"), rest)


def _conditions(rows: ibis.Table, table: str, where: Where) -> Iterator[Condition]:
    if where.ages:
        yield ("ages", where.ages), in_ages(rows, table, where.ages)[0]
    if where.setting:
        role = rows._role if table == "dispensings" else rows.setting
        yield ("setting", where.setting), role == where.setting
    if told := where.wait_and_see:
        yield ("wait_and_see", told), _is_told(rows.wait_and_see, told)
    for column, wanted in (
        ("sex", (where.sex,) if where.sex else ()),
        ("part", where.part),
        ("stay", where.stay),
        ("route", where.route),
        ("_kind" if table in REGISTERED else "institution_kind", where.institution_kinds),
        ("classification", where.classifications),
    ):
        if wanted:
            yield (column, wanted), rows[column].isin(wanted)
    if where.delivered:
        yield "delivered", rows._delivered
    if where.answered:
        yield "answered", rows.on_antibiotics.notnull()
    if where.told:
        yield "told", rows._told


def _is_told(said: ibis.Value, wanted: Sequence[str]) -> ibis.Value:
    if set(wanted) == {"yes", "no"}:
        return said.notnull()
    return said if "yes" in wanted else ~said


def guideline_conditions(
    rows: ibis.Table, where: Where, amount: ibis.Value | None = None
) -> Iterator[Condition]:
    """What is asked of the guideline.

    Args:
        amount: what a whole course comes to; None where each row is one.
    """
    if chosen := where.concordance:
        yield chosen, Advised.chosen(rows, chosen)
    if course := where.course:
        whole = Advised.amount(rows) if amount is None else amount
        yield course, Advised.length(rows, course, whole)
