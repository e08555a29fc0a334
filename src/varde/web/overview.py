"""The total overview, put to the snapshot of the register of persons; disclosed and remembered as `varde.web.figures`.

A row's numbers hang together, and are hidden together: see `MEASURES`. What the register MSIS shows of the same disease
and year a reader knows too, so what is hidden there is hidden here (`_hidden_in_msis`), and of the rest only what MSIS
does not show is hidden for what it would give away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from django.utils import timezone

from varde import statistics
from varde.cases import catalogue
from varde.publishing import HIDDEN, Measures, Row, at_most, disclose_counts, equal, rules
from varde.web.answers import snapshot_name
from varde.web.case_figures import case_tables
from varde.web.figures import warehouse

if TYPE_CHECKING:
    import pyarrow as pa

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
        # Where few are resistant, or are not, it is hidden too: see `_elsewhere`.
        "pct_resistant": ("tested", "tested"),
    },
    unseen={
        "cases_with_finding": ("cases", "cases_without_finding"),
        "findings_in_case": ("findings", "findings_without_case"),
        "forms_with_finding": ("forms", "forms_without_finding"),
    },
    # The first three are what the words mean; the others are what may be, and a reader may guess.
    relations=(
        equal("cases", "cases_with_finding", "cases_without_finding"),
        equal("findings", "findings_in_case", "findings_without_case"),
        equal("forms", "forms_with_finding", "forms_without_finding"),
        at_most("cases_with_finding", "findings_in_case"),
        equal("cases_with_finding", "findings_in_case"),
        at_most("cases_without_finding", "forms_without_finding"),
        at_most("forms_without_finding", "cases_without_finding", "suspected"),
        equal("forms_without_finding", "cases_without_finding", "suspected"),
        equal("forms_without_finding", "cases_without_finding"),
        at_most("forms_with_finding", "cases_with_finding"),
        equal("forms", "cases", "suspected"),
        equal("cases", "forms", "forms_missing"),
        equal("cases_with_finding", "forms_with_finding", "forms_missing"),
        at_most("of_known", "cases"),
        equal("of_known", "cases"),
    ),
    may_hide=(
        *("forms_without_finding", "forms", "of_known", "findings_without_case"),
        *("cases_without_finding", "findings"),
    ),
)
IN_MSIS = {
    "n": "cases",
    "suspected": "suspected",
    "imported": "imported",
    "form_missing": "forms_missing",
}
"""What MSIS calls a number → what it is called here."""
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
            rows=tuple(
                disclose_counts(
                    table,
                    BY,
                    MEASURES,
                    elsewhere=_elsewhere(_hidden_in_msis(folder, snapshot, year), table),
                )
            ),
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


def _elsewhere(
    hidden: Mapping[str, Collection[str]], table: pa.Table
) -> Callable[[Mapping[str, Any]], Collection[str]]:
    """What of a row MSIS hides, and the share that would tell how many cases there are."""
    below = rules().small_cell.below
    told: set[tuple[str, str]] = set()  # (disease or organism, drug)
    for row in table.to_pylist():
        known = row["kind"] == "disease" and statistics.markers().diseases.get(row["key"])
        few = any(0 < (row[name] or 0) < below for name in ("cases", "findings", "resistant"))
        if known and (few or "cases" in hidden.get(row["key"], ())):
            # Of such a disease the resistant isolates are the cases.
            disease = catalogue().diseases.get(row["key"])
            organisms = disease.organisms if disease else ()
            told |= {(one, known) for one in (row["key"], *organisms)}

    def of_row(row: Mapping[str, Any]) -> Collection[str]:
        names = set(hidden.get(row["key"], ())) if row["kind"] == "disease" else set()
        tested, resistant = row["tested"] or 0, row["resistant"] or 0
        few = 0 < resistant < below or 0 < tested - resistant < below
        if few or (row["key"], row["marker"]) in told:
            names |= {"pct_resistant"}
        return names

    return of_row


def _hidden_in_msis(folder: Path, snapshot: str, year: int | None) -> Mapping[str, set[str]]:
    """Disease → which of its numbers of a year (or of all years) MSIS hides."""
    cases = case_tables(folder, snapshot, timezone.localdate())
    found: dict[str, set[str]] = defaultdict(set)
    for disease in cases.diseases:
        about = {"disease": disease} if year is None else {"disease": disease, "year": year}
        for theirs, ours in IN_MSIS.items():
            if cases.figure(theirs, about).status in HIDDEN:
                found[disease].add(ours)
        if cases.figure("n", {**about, "classification": "confirmed"}).status in HIDDEN:
            found[disease].add("confirmed")
    return found


SHARES = dict.fromkeys(("pct", "low", "high"), ("count", "n"))


def _newest(rows: list[Row]) -> tuple[Row, ...]:
    """Of each kind of institution, the row of the newest day on which anybody answered."""
    newest: dict[str, Row] = {}
    for row in rows:  # by kind, then by day
        if row.figures["n"].value != 0:
            newest[row.key["institution_kind"]] = row
    return tuple(newest.values())
