"""MSIS: notified and found cases. A case is not a person: one who falls ill twice is two cases.

A case stands where its person lived (county of today's structure, unknown kept) and in the month of its first
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


def count_cases(tables: Tables, by: Sequence[str] = ("disease", "year"), **where: Any) -> pa.Table:
    """Cases for each combination that occurs.

    Args:
        by: columns of `DIMENSIONS`.
        where: columns of `DIMENSIONS` and the values that count.

    Returns:
        The columns of `by`; ``n`` cases, of them ``imported`` (infected abroad) and ``form_missing`` (a clinician's
        form is due); ``population`` and ``rate`` per 100,000, null unless the row is about one year whose inhabitants
        are known. Sorted by the columns of `by`, unknown (null) last.

    Raises:
        InvalidQuestion: a column that cases do not have.
    """
    check(by, DIMENSIONS)
    cases = choose(_with_dimensions(tables.table("cases")), where, DIMENSIONS)
    counted = count_rows(
        tables,
        cases,
        by,
        imported=(cases.infected == "abroad").fill_null(False).cast("int64").sum().fill_null(0),
        form_missing=cases.form_missing.cast("int64").sum().fill_null(0),
    )
    return with_rates(counted, by, where)


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
