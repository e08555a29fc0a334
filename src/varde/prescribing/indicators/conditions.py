"""Which rows hold the conditions of a definition: codes by what was joined, the rest by comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

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
    asks,
    atc_of,
    join_meanings,
    means,
)
from varde.prescribing.indicators.rows import Question, in_ages
from varde.prescribing.indicators.shapes import REGISTERED, SHAPES

if TYPE_CHECKING:
    import ibis

Names = Mapping[tuple[str, tuple[Any, ...]], str]
"""The column that says whether a row's codes are what is asked for, by sort of code and what is asked."""


def join_codes(
    question: Question,
    table: str,
    rows: ibis.Table,
    wheres: Sequence[Where],
    advised: Advised | None,
    prefix: str = "c",
) -> tuple[ibis.Table, Names]:
    """Rows with a column for everything that is asked of their codes, and those columns' names. Rows that none of the
    conditions can hold may be left out."""
    names: dict[tuple[str, tuple[Any, ...]], str] = {}
    for sort in (DRUG, REIMBURSEMENT, DIAGNOSES, BILLING):
        wanted = list(dict.fromkeys(asked for where in wheres if (asked := asks(where, sort))))
        columns = ("antibiotic",) if table == "treatments" else COLUMNS[sort]
        meanings: dict[str, Meaning] = {}
        for asked in wanted:
            names[sort, asked] = f"{prefix}_{sort}_{len(meanings)}"
            meanings[names[sort, asked]] = _meaning(table, sort, asked)
        needed = bool(wanted) and all(asks(where, sort) for where in wheres)
        if advised and columns[0] in rows.columns:
            more, must = advised.meanings(sort, table, wheres)
            meanings |= more
            needed = needed or must
        if meanings:
            values = question.seen.values(table, columns)
            rows = join_meanings(rows, columns, values, meanings, needed)
    return _join_institutions(question, table, rows, wheres), names


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


def _meaning(table: str, sort: str, asked: tuple[Any, ...]) -> Meaning:
    if table == "treatments":
        return lambda value: means(sort, asked, (atc_of(value[0]),))
    return lambda value: means(sort, asked, value)


def holds(
    rows: ibis.Table, table: str, where: Where, names: Names, with_guideline: bool
) -> ibis.Value:
    """Whether rows hold all conditions.

    Args:
        names: as of `join_codes`.
        with_guideline: with what the guideline says, which must have been joined.
    """
    import ibis

    conditions = list(_conditions(rows, table, where, names))
    if with_guideline:
        conditions += guideline_conditions(rows, where)
    return ibis.and_(*conditions) if conditions else ibis.literal(True)


def _conditions(rows: ibis.Table, table: str, where: Where, names: Names) -> Iterator[ibis.Value]:
    for sort in (DRUG, REIMBURSEMENT, DIAGNOSES, BILLING):
        if asked := asks(where, sort):
            yield rows[names[sort, asked]]
    if where.ages:
        yield in_ages(rows, table, where.ages)[0]
    if where.setting:
        role = rows._role if table == "dispensings" else rows.setting
        yield (role == where.setting).fill_null(False)
    if where.wait_and_see:
        told = rows.wait_and_see
        if set(where.wait_and_see) == {"yes", "no"}:
            yield told.notnull()
        else:
            yield (told if "yes" in where.wait_and_see else ~told).fill_null(False)
    for column, wanted in (
        ("sex", (where.sex,) if where.sex else ()),
        ("part", where.part),
        ("stay", where.stay),
        ("route", where.route),
        ("_kind" if table in REGISTERED else "institution_kind", where.institution_kinds),
        ("classification", where.classifications),
    ):
        if wanted:
            yield rows[column].isin(wanted).fill_null(False)
    if where.delivered:
        yield rows._delivered
    if where.answered:
        yield rows.on_antibiotics.notnull()
    if where.told:
        yield rows._told


def guideline_conditions(rows: ibis.Table, where: Where, amount: str = "") -> Iterator[ibis.Value]:
    """What is asked of the guideline.

    Args:
        amount: the column with what a whole course comes to; empty where each row is one.
    """
    if where.concordance:
        yield Advised.chosen(rows, where.concordance)
    if where.course:
        yield Advised.length(rows, where.course, rows[amount] if amount else Advised.amount(rows))
