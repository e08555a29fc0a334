"""Nobody who came to a sum of doctors, or left it, is known by what two years' reports say of the same months."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from prescribing.small_country import on_duckdb as lay_out
from prescribing.two_years import (
    NEW_YEAR,
    NOW,
    OLD_YEAR,
    THEN,
    UNIT,
    members,
    table,
    two_units,
    world,
)
from varde.prescribing.reports import Known, Measured, Missing, Report
from varde.prescribing.reports.measuring import Counting, Findings, make_reports, span_of

pytestmark = pytest.mark.xdist_group("measuring")


def findings(tables: Mapping[str, pa.Table], kind: Any, year: int, **more: Any) -> Findings:
    first = more.pop("first", None)
    span = span_of(year, 6, first) if first else span_of(year)
    return Findings(Counting(lay_out(dict(tables)), span), kind, **more)


def ab3(found: Findings, unit: str) -> Measured:
    [one] = found.find([unit])
    return {each.described.key: each for each in one.measured}["ab3"]


def read(tables: Mapping[str, pa.Table], kind: Any, unit: str, year: int) -> Measured:
    return ab3(findings(tables, kind, year), unit)


def shows_before(one: Measured) -> bool:
    """Whether anything of the year before is there; else all of it says why."""
    values = [one.before, *(each.value for each in one.quarters if each.since < NEW_YEAR)]
    shown = {isinstance(value, Known) for value in values}
    assert len(shown) == 1
    if shown == {False}:
        assert {value.why for value in values if isinstance(value, Missing)} == {"other-members"}
        assert "{before}" not in one.verdict.sentence.nb
    return shown == {True}


def above(one: Measured) -> tuple[int, int]:
    assert isinstance(one.own, Known)
    return int(one.own.numerator or 0), int(one.own.denominator or 0)


@pytest.mark.parametrize("moved", [("tolv", ""), ("", "tolv")], ids=["left", "joined"])
def test_who_left_or_joined_a_group_is_not_the_difference_of_two_years(
    moved: tuple[str, str],
) -> None:
    tables = world(members(11) | {"1066": moved})
    then, now = (read(tables, "peer-group", "tolv", year) for year in (THEN, NOW))
    stay = (sum(20 + at for at in range(11)), 11 * 120)
    one = (stay[0] + 86, stay[1] + 120)
    assert (above(then), above(now)) == ((one, stay) if moved[0] else (stay, one))
    assert not shows_before(now)
    own = [each.value for each in now.quarters if each.since >= NEW_YEAR]
    assert len(own) == 4 and all(isinstance(value, Known) for value in own)


def test_one_for_another_is_two_who_moved() -> None:
    swapped = members(11) | {"1066": ("tolv", ""), "1067": ("", "tolv")}
    assert not shows_before(read(world(swapped), "peer-group", "tolv", NOW))


def test_the_same_members_are_shown_the_year_before_whatever_the_group_is_called() -> None:
    tables = world(members(12) | {"1066": ("andre", "")})
    one = read(tables, "peer-group", "tolv", NOW)
    then = read(tables, "peer-group", "tolv", THEN)
    assert shows_before(one) and isinstance(one.before, Known) and isinstance(then.own, Known)
    assert one.before.value == then.own.value
    renamed = dict.fromkeys(members(12), ("gammel", "ny"))
    assert shows_before(read(world(renamed), "peer-group", "ny", NOW))


def test_a_new_group_has_no_year_before() -> None:
    tables = world(dict.fromkeys(members(12), ("", "tolv")))
    assert not shows_before(read(tables, "peer-group", "tolv", NOW))


def test_a_group_that_is_hidden_is_hidden_in_both_years() -> None:
    one = read(world(members(9) | {"1066": ("tolv", "")}), "peer-group", "tolv", NOW)
    assert one.own == one.before == Missing(why="suppressed")


def test_what_nobody_delivered_of_the_year_before_is_unknown() -> None:
    tables = world(members(11) | {"1066": ("tolv", "")})
    for key, day in (("consultations", "held_on"), ("dispensings", "dispensed_on")):
        kept = [one for one in tables[key].to_pylist() if one[day] >= NEW_YEAR]
        tables[key] = table(key, kept)
    assert read(tables, "peer-group", "tolv", NOW).before == Missing(why="unknown")


@pytest.mark.parametrize(
    ("gone", "come", "told"),
    [(0, 0, True), (1, 0, False), (0, 3, False), (5, 5, False), (8, 6, True), (12, 0, True)],
)
def test_a_county_is_shown_the_year_before_where_nobody_or_many_came_and_went(
    gone: int, come: int, told: bool
) -> None:
    """Trondheim, and Bergen for those who moved from there, with others who stay in either."""
    here, there = "5001", "4601"
    posts = {f"{1000 + at}": (here, here) for at in range(14)}
    posts |= {f"{1100 + at}": (there, there) for at in range(14)}
    posts |= {f"{1200 + at}": (here, "" if at % 2 else there) for at in range(gone)}
    posts |= {f"{1300 + at}": (there, here) for at in range(come)}
    one = read(world(posts, "municipality"), "county", "50", NOW)
    assert isinstance(one.own, Known)
    assert shows_before(one) == told


def test_a_county_of_which_one_who_moved_has_most_is_not_shown_the_year_before() -> None:
    here, there = "5001", "4601"
    posts = {f"{1000 + at}": (here, here) for at in range(14)}
    posts |= {f"{1100 + at}": (there, there) for at in range(14)}
    posts |= {f"{1200 + at}": (here, "") for at in range(12)}
    tables = world(posts, "municipality")
    more = [
        one | {"consultation_id": f"{one['consultation_id']}-{at}"}
        for one in tables["consultations"].to_pylist()
        if one["prescriber"] == "1200"
        for at in range(12)
    ]
    tables["consultations"] = table("consultations", [*tables["consultations"].to_pylist(), *more])
    assert not shows_before(read(tables, "county", "50", NOW))


@pytest.mark.parametrize("merged", [False, True])
def test_a_unit_that_took_over_another_is_not_shown_the_year_before(merged: bool) -> None:
    tables = two_units(OLD_YEAR if merged else None)
    assert shows_before(read(tables, "legevakt", UNIT, NOW)) != merged


@pytest.mark.parametrize(("first", "told"), [(4, False), (7, True)])
def test_a_follow_up_shows_the_group_only_where_it_ends_with_the_year(
    first: int, told: bool
) -> None:
    """The quarters of the year's report are of those who are in the group when the year ends."""
    found = findings(world(members(12)), "rak", NOW, variant="follow-up", first=first)
    group = {one.role: one for one in ab3(found, "1000").comparators}["group"]
    assert isinstance(group.value, Known) == told
    if not told:
        assert group.value == Missing(why="not-shown") and group.why_not is not None
        assert "slutter før året" in group.why_not.nb


def report() -> Report:
    tables = world(members(11) | {"1066": ("tolv", "")})
    [made] = make_reports(
        findings(tables, "peer-group", NOW), as_of=date(2026, 2, 1), units=["tolv"]
    )
    return made


def test_the_report_says_why() -> None:
    made = report()
    [panel] = [one for one in made.panels if one.indicator == "ab3"]
    before = {mark.role: mark for mark in panel.marks}["before"].figure
    assert (before.value, before.missing) == (None, "other-members")
    assert (before.shown.nb, before.shown.en) == ("andre leger", "other doctors")
    assert any("den som kom eller sluttet" in note.nb for note in made.table.notes)
    assert "1. kv. 2025" in panel.trend_description.nb
    assert [point.figure.missing for point in panel.trend] == ["other-members"] * 4 + [None] * 4
