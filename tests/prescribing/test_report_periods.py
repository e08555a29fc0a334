"""Follow-ups that cross the turn of the year, and years of which months are missing."""

from __future__ import annotations

from datetime import date

import pytest

from prescribing.small_country import on_duckdb
from prescribing.two_years import NOW, members, table, world
from varde.prescribing.reports import Known, ReportError
from varde.prescribing.reports.measuring import Counting, Findings, make_reports, span_of

pytestmark = pytest.mark.xdist_group("measuring")


def test_six_months_from_the_autumn_end_in_the_next_year() -> None:
    span = span_of(2025, 6, 9)
    assert (span.now.since, span.now.until) == (date(2025, 9, 1), date(2026, 2, 28))
    assert (span.before.since, span.before.until) == (date(2024, 9, 1), date(2025, 2, 28))
    assert [one.since.month for one in span.quarters] == [9, 12, 9, 12]
    assert not span.ends_its_year
    for months, first in ((6, 13), (6, 0), (12, 2)):
        with pytest.raises(ReportError, match="cannot begin"):
            span_of(2025, months, first)


def test_a_follow_up_of_an_autumn_course_counts_its_own_six_months() -> None:
    tables = on_duckdb(world(members(12)))
    found = Findings(Counting(tables, span_of(NOW, 6, 9)), "rak", "follow-up")
    [one] = found.find(["1000"])
    ab3 = {each.described.key: each for each in one.measured}["ab3"]
    assert (
        isinstance(ab3.own, Known) and ab3.own.denominator == 40
    )  # September to December: nothing was delivered after them
    [report] = make_reports(found, as_of=date(NOW + 1, 1, 20), units=["1000"])
    assert report.until == date(NOW + 1, 2, 28)
    assert "september 2025–februar 2026" in report.subtitle.nb


@pytest.mark.parametrize("last", [10, 12])
def test_a_year_of_which_months_are_missing_says_so_first(last: int) -> None:
    tables = world(members(12))
    for key, day in (("consultations", "held_on"), ("dispensings", "dispensed_on")):
        kept = [one for one in tables[key].to_pylist() if one[day] < date(NOW, last, 28)]
        kept = [one for one in kept if one[day].year < NOW or one[day].month <= last]
        tables[key] = table(key, kept)
    found = Findings(Counting(on_duckdb(tables), span_of(NOW)), "rak")
    [report] = make_reports(found, as_of=date(NOW, 11, 20), units=["1000"])
    said = "Bare 10 av 12\u00a0måneder er med: ingen har levert tall for november–desember 2025."
    assert (said in report.lead.nb) == (last == 10)
