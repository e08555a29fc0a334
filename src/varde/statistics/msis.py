"""MSIS: notified and found cases. A case is not a person: one who falls ill twice is two cases.

Counted are confirmed and probable cases; those that are suspected, and may never become more, stand in a column of their
own. A case stands where its person lived (county of today's structure, unknown kept) and in the month of its first
day, by the definition of that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from varde.statistics.dimensions import age_group, check, choose, count_rows, known
from varde.statistics.population import with_rates

if TYPE_CHECKING:
    import ibis

    from varde.warehouse import Tables

DIMENSIONS: Final = (
    "disease",
    "classification",
    "presentation",
    "year",
    "month",
    "county",
    "age_group",
    "sex",
    "infected",
)
"""What cases can be broken down by; `infected` is where: norway, abroad, or null."""

COUNTED: Final = ("confirmed", "probable")
"""The classes that are counted as cases, and that rates are of."""


def count_cases(tables: Tables, by: Sequence[str] = ("disease", "year"), **where: Any) -> pa.Table:
    """Cases for each combination that occurs.

    Args:
        by: columns of `DIMENSIONS`.
        where: columns of `DIMENSIONS` and the values that count.

    Returns:
        The columns of `by`; ``n`` cases of the classes `COUNTED`, and beside them ``suspected`` ones; of the `n`,
        ``imported`` (infected abroad) and ``form_missing`` (a clinician's form is due); ``population`` and ``rate`` per 100,000, null unless the row is about one year whose inhabitants
        are known. Sorted by the columns of `by`, unknown (null) last.

    Raises:
        InvalidQuestion: a column that cases do not have.
    """
    check(by, DIMENSIONS)
    cases = choose(_with_dimensions(tables.table("cases")), where, DIMENSIONS)
    is_counted = cases.classification.isin(COUNTED)
    counted = count_rows(
        tables,
        cases,
        by,
        n=_number(is_counted),
        suspected=_number(~is_counted),
        imported=_number(is_counted & (cases.infected == "abroad").fill_null(False)),
        form_missing=_number(is_counted & cases.form_missing),
    )
    return with_rates(counted, by, where)


def _number(true: ibis.Value) -> ibis.Value:
    """How many rows something is true of."""
    return true.cast("int64").sum().fill_null(0)


def count_by_municipality(tables: Tables, disease: str, year: int) -> pa.Table:
    """Cases (of the classes `COUNTED`) of one disease in one year where people lived: ``county`` (null where it is
    unknown or cannot be placed), ``municipality`` (of the day of the refresh; of one without a county, the number as it
    was sent, such as Svalbard's) and ``n``. Municipalities without cases are not there."""
    cases = choose(
        _with_dimensions(tables.table("cases")),
        {"disease": disease, "year": year, "classification": COUNTED},
        DIMENSIONS,
    )
    placed = cases.mutate(municipality=known(cases.municipality))
    return count_rows(tables, placed, ("county", "municipality"))


def definitions_used(tables: Tables, **where: Any) -> pa.Table:
    """Which definitions the cases of each disease and year were made by: ``disease``, ``year``, ``definition`` (its
    first day) and ``n``: a series that two definitions stand in is marked where the second begins."""
    cases = choose(_with_dimensions(tables.table("cases")), where, DIMENSIONS)
    return count_rows(tables, cases, ("disease", "year", "definition"))


def _with_dimensions(cases: ibis.Table) -> ibis.Table:
    import ibis

    return cases.mutate(
        month=cases.period,
        county=known(cases.county),
        sex=known(cases.sex),
        presentation=known(cases.presentation),
        age_group=age_group(cases.age),
        infected=ibis.cases(
            (cases.imported == "yes", "abroad"), (cases.imported == "no", "norway"), else_=None
        ),
    )
