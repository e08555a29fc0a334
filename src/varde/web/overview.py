"""The total overview, put to the snapshot of the register of persons; disclosed and remembered as `varde.web.figures`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import msgspec

from varde import statistics
from varde.cases import catalogue
from varde.publishing import Measures, Row, disclose_counts
from varde.web.answers import snapshot_name
from varde.web.figures import warehouse

MEASURES = Measures(
    counts=("cases", "suspected", "findings", "forms", "of_known", "tested"),
    parts={
        "confirmed": "cases",
        "imported": "cases",
        "cases_without_finding": "cases",
        "forms_missing": "cases",
        "findings_without_case": "findings",
        "forms_without_finding": "forms",
        "vaccinated": "of_known",
    },
    shares={
        "pct_vaccinated": ("vaccinated", "of_known"),
        # Resistance is a property of bacteria: of enough isolates the share is shown, however few are resistant.
        "pct_resistant": ("tested", "tested"),
    },
)
BY = ("kind", "key", "marker")


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on one page.

    Attributes:
        year: None for all years.
        rows: of diseases and organisms, disclosed; key: kind, key, marker.
        prevalence: of healthcare-associated infections on the newest survey day of each kind of institution.
        surgery: surgical site infections of any depth by operation.
        years: in which there are cases, findings, forms.
    """

    year: int | None
    rows: tuple[Row, ...]
    prevalence: tuple[Row, ...]
    surgery: tuple[Row, ...]
    years: tuple[int, ...]
    snapshot: int
    code_map_version: str


def ask_overview(year: int | None = None) -> Overview:
    """The overview now.

    Raises:
        varde.warehouse.NoSnapshot: nothing has been refreshed into the warehouse yet.
    """
    folder = warehouse()
    return _overview(folder, snapshot_name(folder), year)


@lru_cache(maxsize=32)
def _overview(folder: Path, snapshot: str, year: int | None) -> Overview:
    from varde.warehouse import open_tables

    with open_tables(folder) as tables:
        table = statistics.with_overview_shares(statistics.overview(tables, catalogue(), year))
        place = table.column_names.index("marker")  # none is no unknown one
        table = table.set_column(place, "marker", table["marker"].fill_null(""))
        wards = statistics.prevalence(tables, ("institution_kind", "surveyed"), year=year)
        surgery = statistics.surgical_site_infections(tables, ("procedure_group",), year=year)
        return Overview(
            year=year,
            rows=tuple(disclose_counts(table, BY, MEASURES)),
            prevalence=_newest(
                disclose_counts(
                    statistics.pick(wards, "measure", "infection"),
                    ("institution_kind", "surveyed"),
                    Measures(counts=("n",), parts={"count": "n"}, shares=SHARES),
                )
            ),
            surgery=tuple(
                disclose_counts(
                    statistics.pick(surgery, "depth", "any"),
                    ("procedure_group",),
                    Measures(counts=("operations", "n"), parts={"count": "n"}, shares=SHARES),
                )
            ),
            years=statistics.years_of(tables),
            snapshot=tables.snapshot,
            code_map_version=tables.code_map_version,
        )


SHARES = dict.fromkeys(("pct", "low", "high"), ("count", "n"))


def _newest(rows: list[Row]) -> tuple[Row, ...]:
    """Of each kind of institution, the row of the newest day on which anybody answered."""
    newest: dict[str, Row] = {}
    for row in rows:  # by kind, then by day
        if row.figures["n"].value != 0:
            newest[row.key["institution_kind"]] = row
    return tuple(newest.values())
