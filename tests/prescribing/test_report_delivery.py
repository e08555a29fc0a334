"""Reports of months that nobody delivered: headline, chart and notes are of the same months, and nothing is called a change
that is one of months."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import ibis
import pytest

from prescribing.invented_prescribing import HOMES
from prescribing.test_counted_cases import HOME, KNOWN, sold, stayed
from prescribing.test_explaining import institution
from prescribing.test_explaining import tables as lay_out_rows
from prescribing.test_report_disclosure import country, lay_out, rows
from varde.prescribing.indicators import catalogue
from varde.prescribing.layout import Words
from varde.prescribing.reports import Known, Missing, Report
from varde.prescribing.reports.forms import common
from varde.prescribing.reports.inputs import Measured
from varde.prescribing.reports.measuring import (
    Counting,
    Findings,
    count_for,
    make_reports,
    span_of,
)
from varde.prescribing.reports.measuring.changing import find_change
from varde.prescribing.reports.sections import say_intervals

SPAN = span_of(2025)
LATE = tuple(date(2025, month, 1) for month in range(7, 13))


def doctors() -> dict[str, Any]:
    """Twelve, each with ten contacts a month; all get an antibiotic."""
    return country({f"{1000 + at}": ("4601", 120, 120) for at in range(12)})


def without_late(tables: dict[str, Any], key: str, day: str) -> dict[str, Any]:
    kept = [row for row in tables[key].to_pylist() if row[day] < LATE[0]]
    return tables | {key: rows(key, kept)}


def of_one(tables: Mapping[str, Any], unit: str = "1000") -> dict[str, Measured]:
    [found] = Findings(Counting(lay_out(dict(tables)), SPAN), "rak").find([unit])
    return {one.described.key: one for one in found.measured}


@pytest.mark.parametrize(
    ("key", "day"), [("dispensings", "dispensed_on"), ("consultations", "held_on")]
)
def test_headline_chart_and_note_are_of_the_months_that_were_delivered(key: str, day: str) -> None:
    made = Findings(Counting(lay_out(without_late(doctors(), key, day)), SPAN), "rak")
    [found] = made.find(["1000"])
    one = {each.described.key: each for each in found.measured}["ab3"]
    assert isinstance(one.own, Known)
    assert (one.own.value, one.own.numerator, one.own.denominator) == (1, 60, 60)
    now = [each.value for each in one.quarters if each.since.year == 2025]
    assert [isinstance(each, Known) and each.value for each in now] == [1, 1, False, False]
    assert [each.why for each in now if isinstance(each, Missing)] == ["unknown", "unknown"]
    assert one.undelivered == LATE
    assert one.verdict.key not in ("worse", "better")
    [report] = make_reports(made, as_of=date(2026, 1, 20), units=["1000"])
    panel = next(each for each in report.panels if each.indicator == "ab3")
    assert "100\u00a0%" in panel.headline.nb and "60 av 60" in panel.unit.nb
    notes = [line.nb for line in report.sections[0].lines]
    assert any("juli–desember 2025" in line and "ingen har levert" in line for line in notes)
    # What is said of intervals is said where there are some.
    about = common().intervals
    assert report.sections[1].lines[: len(about)] == about
    bare = say_intervals(report.sections[1], [])
    assert bare.lines == report.sections[1].lines[len(about) :] and bare.lines


def test_events_are_set_over_as_large_a_part_of_the_persons() -> None:
    whole, half = doctors(), without_late(doctors(), "dispensings", "dispensed_on")
    asked = [
        catalogue().get(key, SPAN.now.until) for key in ("j01-per-1000", "inhabitants-with-j01")
    ]
    for tables, events, persons in ((whole, (120, 1500), (120, 1500)), (half, (60, 750), None)):
        counting = Counting(lay_out(tables), SPAN)
        found = counting.count(asked, "prescriber", "gp")
        for one, answer in zip(asked, (events, persons), strict=True):
            years = found[one.id].years
            row = found[one.id].units.index("1000")
            assert years.there[row, 1] == (answer is not None)
            assert (years.x[row, 1], years.d[row, 1]) == (answer or (0, 0))
            assert counting.deliveries.is_delivered(one, SPAN.now) == (answer is not None)
        quarters = found["j01-per-1000"].quarters
        row = found["j01-per-1000"].units.index("1000")
        assert quarters.d[row, 4:].tolist() == ([375] * 4 if persons else [375, 375, 0, 0])
        level = counting.level(asked, "county", "gp")
        # One doctor in ten has no list, and is in the numerator of the county alone.
        assert level["j01-per-1000"]["46"] == (12 * events[0], 11 * events[1])
        assert ("46" in level["inhabitants-with-j01"]) == (persons is not None)
    assert of_one(half)["ab3"].undelivered == LATE


@pytest.mark.parametrize(("early", "change"), [(60, "not-computable"), (10, "up")])
def test_a_change_that_is_one_of_months_is_not_sure(early: int, change: str) -> None:
    """A year before with antibiotics in its first half alone: half of all contacts, as many as now in those months."""
    tables = without_late(doctors(), "dispensings", "dispensed_on")
    for key, days, name in (
        ("consultations", ("held_on",), "consultation_id"),
        ("dispensings", ("dispensed_on", "prescribed_on"), "dispensing_id"),
    ):
        now = tables[key].to_pylist()
        mine = sorted((row for row in now if row["prescriber"] == "1000"), key=lambda r: r[days[0]])
        some = mine if key == "consultations" else mine[:early]
        # A prescription of something else, and without a contact, says that a month was delivered.
        other = {"patient": "other", "atc": "N02BE01"}
        more = [
            mine[0] | other | {day: date(2025, month, 1) for day in days} | {name: f"o{month}"}
            for month in range(1, 13)
        ]
        before = [
            row
            | {day: row[day].replace(year=2024, day=1) for day in days}
            | {name: f"b{row[name]}"}
            for row in (*some, *(more if key == "dispensings" else []))
        ]
        tables[key] = rows(key, [*now, *before])
    counting = Counting(lay_out(tables), SPAN)
    one = catalogue().get("ab3", SPAN.now.until)
    counted = counting.count([one], "prescriber", "gp")["ab3"]
    row = counted.units.index("1000")
    assert counted.years.x[row].tolist() == [early, 60]
    assert counted.years.d[row].tolist() == [120, 60]
    missing = counting.deliveries.missing(one)
    assert missing == set(LATE)
    assert find_change(counted, row, SPAN, missing) == change
    assert find_change(counted, row, SPAN, frozenset()) == "up"


def test_a_home_that_took_over_another_has_not_its_doses_of_months_without_its_days() -> None:
    def month(at: int) -> date:
        return date(2025, at, 1)

    other = HOMES[3]
    given = {
        "sales": [
            sold(HOME, "J01CA08", "10"),
            sold(other, "J01CA08", "20"),
            sold(other, "J01CA08", "40", month=month(8)),
        ],
        "bed_days": [stayed(HOME, "100"), stayed(HOME, "200", month(8))],
        "institutions": [
            *KNOWN,
            institution(other, "nursing-home", until=date(2025, 6, 30), successor=HOME),
        ],
    }
    connection = ibis.duckdb.connect()
    one = catalogue().get("home-ddd", SPAN.now.until)
    counting = Counting(lay_out_rows(connection, **given), SPAN)
    counted = counting.count([one], "institution", None)["home-ddd"]
    assert counted.units == (HOME,)
    assert (counted.years.x[0, 1], counted.years.d[0, 1]) == (50, 300)
    assert counting.level([one], "county", None)["home-ddd"] == {"46": (50, 300)}
    assert Decimal(50) == sum(Decimal(int(each)) for each in counted.months.x[0])


def two_years(left_out: Mapping[int, tuple[int, ...]], untreated: int = 0) -> dict[str, Any]:
    """The same in both years.

    Args:
        left_out: by year the months of which nobody delivered prescriptions.
        untreated: the year from whose October on the doctor 1000 wrote none, while others did.
    """
    tables = doctors()
    for key, days, name in (
        ("consultations", ("held_on",), "consultation_id"),
        ("dispensings", ("dispensed_on", "prescribed_on"), "dispensing_id"),
    ):
        now = tables[key].to_pylist()
        before = [
            row | {day: row[day].replace(year=2024) for day in days} | {name: f"b{row[name]}"}
            for row in now
        ]
        tables[key] = rows(key, [*before, *now])
    kept = [
        row
        for row in tables["dispensings"].to_pylist()
        if (day := row["dispensed_on"]).month not in left_out.get(day.year, ())
        and not (row["prescriber"] == "1000" and day.year == untreated and day.month >= 10)
    ]
    return tables | {"dispensings": rows("dispensings", kept)}


def follow_up(tables: dict[str, Any]) -> tuple[Measured, Report]:
    counting = count_for(lay_out(tables), "rak", 2025, "follow-up", 7)
    made = Findings(counting, "rak", "follow-up")
    [found] = made.find(["1000"])
    [report] = make_reports(made, as_of=date(2026, 1, 20), units=["1000"])
    return {one.described.key: one for one in found.measured}["ab3"], report


@pytest.mark.parametrize(("missing", "other"), [(2025, 2024), (2024, 2025)])
def test_a_follow_up_sets_the_same_months_against_each_other(missing: int, other: int) -> None:
    """A month that is missing in one year is in neither's figure; else 30 of 60 would stand beside 30 of 30."""
    measured, report = follow_up(two_years({missing: (10, 11, 12)}, untreated=other))
    for value in (measured.own, measured.before):
        assert isinstance(value, Known)
        assert (value.numerator, value.denominator) == (30, 30)
    assert {one.value.value for one in measured.comparators if isinstance(one.value, Known)} == {1}
    assert measured.undelivered == tuple(
        date(year, month, 1) for year in (2024, 2025) for month in (10, 11, 12)
    )
    panel = next(one for one in report.panels if one.indicator == "ab3")
    assert [mark.name.nb for mark in panel.marks[:2]] == [
        "Du, etter kurset",
        "Du, samme måneder året før",
    ]
    assert panel.notes[0] == Words(
        "Bare 3 av 6\u00a0måneder er med: juli–september 2024 og juli–september 2025."
        " De andre mangler tall det ene året eller begge.",
        "Only 3 of 6\u00a0months are counted: July–September 2024 and July–September 2025."
        " The others lack figures in one year or both.",
    )
    assert panel.band.nb.startswith("Strek: 3 av 6\u00a0måneder")
    assert panel.band.en.startswith("Line: 3 of 6\u00a0months")
    notes = [line.nb for line in report.sections[0].lines]
    assert any(
        "for samme måned i det andre året: oktober–desember 2024 og oktober–desember 2025" in line
        for line in notes
    )
    assert not any("som ingen har levert tall for, og" in line for line in notes)


def test_a_follow_up_with_no_month_in_both_years_shows_its_own_alone() -> None:
    measured, report = follow_up(two_years({2025: (7, 8, 9), 2024: (10, 11, 12)}))
    assert isinstance(measured.own, Known) and measured.own.denominator == 30
    assert measured.before == Missing(why="unknown")
    panel = next(one for one in report.panels if one.indicator == "ab3")
    assert panel.notes[0].en.startswith(
        "Only 3 of 6\u00a0months are counted: October–December 2025."
    )


def test_a_follow_up_with_all_months_says_nothing_of_them() -> None:
    measured, report = follow_up(two_years({}))
    assert isinstance(measured.own, Known) and measured.own.denominator == 60
    for panel in report.panels:
        assert not any("av 6" in note.nb for note in panel.notes)
    assert report.panels[0].band.nb.startswith("Strek: alle 6\u00a0måneder")


def test_a_year_keeps_the_months_that_the_year_before_does_not_have() -> None:
    measured = of_one(two_years({2024: (10, 11, 12)}))["ab3"]
    assert isinstance(measured.own, Known) and measured.own.denominator == 120
    assert isinstance(measured.before, Known) and measured.before.denominator == 90
