"""How good what a laboratory sends is: what is missing in its findings, what nobody knows, and whether that changes.

Findings that another laboratory's counts in place of are in it: what a laboratory sends is its own, counted or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from varde.statistics.dimensions import check, choose, count_rows, known
from varde.statistics.shares import Change, change

if TYPE_CHECKING:
    import ibis

    from varde.warehouse import Tables

DIMENSIONS: Final = ("laboratory", "month", "year", "material_group")

MISSING: Final = ("municipality", "age", "sex", "material", "method", "organism")
"""What is looked for in each finding. Material and organism: not given, or by a code that nobody knows."""

RESULT_MISSING: Final = ("antibiotic", "mic")
"""What is looked for in each result: an antibiotic that nobody knows, and whether there is a MIC."""


def count_missing(tables: Tables, by: Sequence[str] = ("laboratory",), **where: Any) -> pa.Table:
    """What is missing in findings.

    Returns:
        The columns of `by`; ``n`` findings, of them without each of `MISSING`; ``results`` against antibiotics, of
        them without each of `RESULT_MISSING`.

    Raises:
        InvalidQuestion: a column that cannot be broken down by.
    """
    check(by, DIMENSIONS)
    findings = tables.table("findings")
    findings = findings.mutate(month=findings.period)
    findings = choose(findings, where, DIMENSIONS)
    absent: dict[str, ibis.Value] = {
        "municipality": known(findings.municipality).isnull(),
        "age": findings.age.isnull(),
        "sex": known(findings.sex).isnull(),
        "material": findings.material.isnull(),
        "method": known(findings.method).isnull(),
        "organism": findings.organism.isnull(),
    }
    return count_rows(
        tables,
        findings,
        by,
        **{name: absent[name].cast("int64").sum().fill_null(0) for name in MISSING},
        results=findings.results.sum().fill_null(0),
        antibiotic=findings.unknown_antibiotics.sum().fill_null(0),
        mic=findings.without_mic.sum().fill_null(0),
    )


def follow_missing(rows: Sequence[dict[str, Any]], what: str, recent: int = 3) -> Change:
    """Whether a share of what is missing in the newest months is another than in those before them.

    Args:
        rows: of one laboratory by month, in order, as `count_missing` gives them.
        what: of `MISSING` or `RESULT_MISSING`.
        recent: how many months are the newest; as many before them are compared with.
    """
    of = "results" if what in RESULT_MISSING else "n"
    after, before = rows[-recent:], rows[-2 * recent : -recent]
    return change(_sums(before, what, of), _sums(after, what, of))


def _sums(rows: Sequence[dict[str, Any]], what: str, of: str) -> tuple[int, int]:
    return sum(row[what] for row in rows), sum(row[of] for row in rows)
