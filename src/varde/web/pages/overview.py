"""The total overview: of each disease and organism, everything that is known in any register, on one row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from varde.access import audit
from varde.access.gate import page
from varde.publishing import (
    NARROW,
    WIDE,
    Bar,
    Figure,
    Row,
    Words,
    as_share,
    draw_groups,
    draw_resistance,
    rules,
    write_figure,
    write_interval,
    write_rows_csv,
    write_rows_parquet,
)
from varde.statistics import markers
from varde.warehouse import NoSnapshot
from varde.web.names import antibiotic_name, organism_words
from varde.web.overview import Overview, ask_overview
from varde.web.register_charts import bar_words
from varde.web.register_words import disease_name, language, value_name

NO_YEAR = -1
MOST = 20
"""Diseases in the chart."""
ROOMY = msgspec.structs.replace(WIDE, width=760, left=360)
"""A chart with room for an organism and a drug in each name."""
SHOWN = (
    *(
        "cases",
        "suspected",
        "imported",
        "findings",
        "findings_without_case",
        "cases_without_finding",
    ),
    *("forms", "forms_without_finding", "pct_vaccinated", "pct_resistant"),
)


@require_safe
@page("overview")
def show(request: HttpRequest) -> HttpResponse:
    """The page; without a snapshot, a page that says what is missing."""
    try:
        found = ask_overview(None)
        year = _asked_year(request, found.years)
        if year == NO_YEAR:
            asked = {"years": found.years, "refused": True}
            return render(request, "web/overview.html", asked, status=422)
        if year is not None:
            found = ask_overview(year)
    except NoSnapshot:
        return render(request, "web/no_snapshot.html")
    if not found.years and not found.prevalence and not found.surgery:
        return render(request, "web/no_snapshot.html")
    return render(request, "web/overview.html", _describe(found, year))


def _asked_year(request: HttpRequest, years: Sequence[int]) -> int | None:
    """The year that is asked for; this year, or else the newest before it, when nobody has asked; None for all; `NO_YEAR` for what there is not."""
    asked = request.GET.get("ar")
    if asked:
        return next((year for year in years if str(year) == asked), NO_YEAR)
    if asked is not None:
        return None
    today = timezone.localdate().year
    return next((year for year in years if year <= today), None)


def _describe(found: Overview, year: int | None) -> dict[str, Any]:
    rows = sorted(found.rows, key=_order)
    diseases = [row for row in rows if row.key["kind"] == "disease"]
    organisms = [row for row in rows if row.key["kind"] == "organism"]
    return {
        "found": found,
        "year": year,
        "years": found.years,
        "unfinished": year == timezone.localdate().year,
        "diseases": [_line(row) for row in diseases],
        "organisms": [_line(row) for row in organisms],
        "charts": _cases_charts(diseases),
        "share_charts": _share_charts(rows),
        "prevalence": [_share_line(row, "institution_kind") for row in found.prevalence],
        "surgery": [_share_line(row, "procedure_group") for row in found.surgery],
        "limit": rules().small_cell.below,
        "least": rules().percentage.least,
        "marker_version": markers().version,
    }


def _order(row: Row) -> tuple[float, str]:
    """Those with most cases first, then those with most findings, then by name."""
    counted = float(row.value("cases") or 0) * 1e6 + float(row.value("findings") or 0)
    return -counted, _name(row)


def _name(row: Row) -> str:
    key = row.key["key"]
    return disease_name(key) if row.key["kind"] == "disease" else organism_words(key)


def _line(row: Row) -> dict[str, Any]:
    words = bar_words("", "")
    cells = {}
    for name in SHOWN:
        figure = row.figures[name]
        said = _("too few") if figure.status == "too-few" else write_figure(figure, words)
        if figure.status == "not-computable":
            said = "–"
        if figure.value is not None and name.startswith("pct_"):
            said = write_figure(Figure(status="ok", value=float(figure.value)), words)
        cells[name] = {"said": said, "status": figure.status}
    drug = row.key["marker"]
    return {
        "name": _name(row),
        "key": row.key["key"],
        "cells": cells,
        "drug": antibiotic_name(drug) if drug else "",
    }


def _share_line(row: Row, column: str) -> dict[str, Any]:
    words = bar_words("", "")
    share = row.figures["pct"]
    interval = ""
    low, high = row.value("low"), row.value("high")
    if share.value is not None and low is not None and high is not None:
        interval = write_interval(low, high, 1, language())
    said = _("too few") if share.status == "too-few" else write_figure(share, words)
    return {
        "name": value_name(column, row.key[column]),
        "day": row.key.get("surveyed"),
        "n": write_figure(row.figures["n"], words),
        "share": said,
        "interval": interval,
        "status": share.status,
    }


def _cases_charts(rows: Sequence[Row]) -> list[str]:
    bars = [Bar(label=_name(row), figure=row.figures["cases"]) for row in rows][:MOST]
    if not bars:
        return []
    words = bar_words(_("Cases by disease"), _("Confirmed and probable"))
    return [
        draw_groups(bars, words, name=name, width=width)
        for name, width in (("cases-by-disease", 760.0), ("cases-by-disease-narrow", 330.0))
    ]


def _short(name: str) -> str:
    """A species with its genus as a letter: "E. coli"."""
    genus, _blank, species = name.partition(" ")
    return f"{genus[0]}. {species}" if species and species.islower() else name


def _share_charts(rows: Sequence[Row]) -> list[str]:
    from varde.resistance import wilson

    shares, names = [], {}
    for row in rows:
        n, percent = row.value("tested"), row.value("pct_resistant")
        if not row.key["marker"] or row.key["kind"] == "disease" or n is None or percent is None:
            continue
        low, high = wilson(round(n * percent / 100), n)
        key = row.key["key"]
        figures = {
            "n": row.figures["tested"],
            "count": Figure(status="ok", value=round(n * percent / 100)),
            "pct": row.figures["pct_resistant"],
            "low": Figure(status="ok", value=100 * float(low)),
            "high": Figure(status="ok", value=100 * float(high)),
        }
        shares.append(as_share(Row(key={}, figures=figures), key))
        names[key] = f"{_short(organism_words(key))}: {antibiotic_name(row.key['marker'])}"
    if not shares:
        return []
    words = Words(
        title=_("Share resistant to the drug that is followed first"),
        axis=_("Share resistant, with 95 % interval"),
        status={"ok": "", "too-few": "", "suppressed": "", "not-tested": ""},
        extremes=_(
            "Lowest share: {low_name}, {low}. Highest share: {high_name}, {high}. "
            "All numbers stand in the table."
        ),
        nothing=_("No share can be shown."),
        language=language(),
    )
    return [
        draw_resistance(shares, names, words, name="markers", shape=ROOMY),
        draw_resistance(shares, names, words, name="markers-narrow", shape=NARROW),
    ]


@require_safe
@page("overview")
def download_csv(request: HttpRequest) -> HttpResponse:
    """The table of the page as CSV."""
    return _download(request, "csv", "text/csv; charset=utf-8", write_rows_csv)


@require_safe
@page("overview")
def download_parquet(request: HttpRequest) -> HttpResponse:
    """The table of the page as Parquet."""
    return _download(request, "parquet", "application/vnd.apache.parquet", write_rows_parquet)


def _download(
    request: HttpRequest, ending: str, kind: str, write: Callable[..., bytes]
) -> HttpResponse:
    try:
        found = ask_overview(None)
        year = _asked_year(request, found.years)
        if year == NO_YEAR:
            asked = {"years": found.years, "refused": True}
            return render(request, "web/overview.html", asked, status=422)
        found = found if year is None else ask_overview(year)
    except NoSnapshot:
        return render(request, "web/no_snapshot.html", status=404)
    audit.record(request.user, "download", "overview", "table row", len(found.rows))
    response = HttpResponse(write(found.rows, about(found)), content_type=kind)
    response["Content-Disposition"] = (
        f'attachment; filename="varde-overview-{year or "all"}.{ending}"'
    )
    return response


def about(found: Overview) -> dict[str, str]:
    """What a file must say of itself."""
    return {
        "year": str(found.year or "all"),
        "first_isolates": "episode:365",
        "markers": markers().version,
        "snapshot": str(found.snapshot),
        "code_map": found.code_map_version,
        "disclosure_rules": rules().version,
        "generated": timezone.now().isoformat(timespec="seconds"),
    }
