"""Nobody's figures are a dot for the leader without that doctor's consent, and those shown tell of nobody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.some_reports import (
    DOCTOR,
    GROUP,
    UNIT,
    a_report,
    a_small_groups_report,
    write_prescribers,
)
from varde import learning
from varde.access.models import AccessLogEntry, User
from varde.learning.models import Consent
from varde.learning.versions import choose_dots
from varde.prescribing.reports import Report

DOCTORS = [f"99000{number:02}" for number in range(1, 11)]


def user_of(doctor: str) -> Any:
    found, _made = User.objects.get_or_create(
        username=f"lege-{doctor}", defaults={"role": "general-practitioner", "area": doctor}
    )
    return found


@pytest.fixture
def group(home: Path) -> Report:
    """A group of ten, each with a report, and the group's own: without a sum of so few."""
    write_prescribers(home, DOCTORS)
    reports = [a_report(unit=one, seed=number) for number, one in enumerate(DOCTORS)]
    learning.keep_reports(reports)
    return a_small_groups_report()


def agree(count: int) -> list[str]:
    for doctor in DOCTORS[:count]:
        learning.give_consent(user_of(doctor), doctor)
    return DOCTORS[:count]


def own_value(doctor: str, indicator: str) -> float:
    report = learning.read_report("rak", doctor, 2025, "year")
    assert report is not None
    [row] = [row for row in report.table.rows if row.indicator == indicator]
    assert row.cells[0].value is not None
    return row.cells[0].value


@pytest.mark.parametrize("count", range(11))
def test_the_leader_sees_those_who_agree_and_no_other(group: Report, count: int) -> None:
    agreed = agree(count)
    shown = learning.show_agreed(group)
    for panel in shown.panels:
        expected = tuple(sorted(own_value(one, panel.indicator) for one in agreed))
        if count < 5:
            assert panel.dots is None and panel.dots_description.nb == ""
        else:
            assert panel.dots is not None
            assert (panel.dots.values, panel.dots.own) == (expected, None)
            assert f"de {count} ligger" in panel.dots_description.nb
            assert panel.dots_description.en.startswith(panel.description.en)
    assert shown.table == group.table


@pytest.mark.parametrize("count", range(11))
def test_a_sum_and_dots_do_not_tell_of_few_who_are_silent(group: Report, count: int) -> None:
    """Where the group's own figure is shown though not all agree, it less the dots is of those who do not."""
    agree(count)
    large = a_report("peer-group", "meeting", GROUP)
    shown = learning.show_agreed(large)
    assert shown.table == large.table
    for panel in shown.panels:
        assert (panel.dots is not None) == (count == len(DOCTORS))


def test_a_consent_taken_back_holds_at_once(group: Report) -> None:
    """Nobody had looked: those who still agree are shown."""
    agree(6)
    learning.withdraw_consent(user_of(DOCTORS[0]), DOCTORS[0])
    for panel in learning.show_agreed(group).panels:
        assert panel.dots is not None
        assert len(panel.dots.values) == 5
        assert own_value(DOCTORS[0], panel.indicator) not in panel.dots.values


def dots_of(report: Report) -> list[tuple[float, ...]]:
    return [() if one.dots is None else one.dots.values for one in report.panels]


def test_a_dot_is_not_known_by_its_going(group: Report) -> None:
    """The leader has seen six, and one takes it back: five beside the six would tell whose went."""
    agree(6)
    first = learning.show_agreed(group)
    assert all(len(one) == 6 for one in dots_of(first))
    assert dots_of(learning.show_agreed(group)) == dots_of(first)
    learning.withdraw_consent(user_of(DOCTORS[0]), DOCTORS[0])
    assert dots_of(learning.show_agreed(group)) == [()] * len(group.panels)
    # The same for a copy of the report that is made anew.
    again = msgspec.structs.replace(group, made_of=group.lead)
    assert dots_of(learning.show_agreed(again)) == [()] * len(group.panels)
    learning.give_consent(user_of(DOCTORS[0]), DOCTORS[0])
    assert dots_of(learning.show_agreed(group)) == dots_of(first)


def test_a_dot_is_not_known_by_its_coming(group: Report) -> None:
    """Who agrees after the leader has looked is shown when as many as a chart needs are new."""
    agree(5)
    first = learning.show_agreed(group)
    for count in (6, 7, 8, 9):
        agree(count)
        assert dots_of(learning.show_agreed(group)) == dots_of(first)
    agree(10)
    assert all(len(one) == 10 for one in dots_of(learning.show_agreed(group)))
    # One of the ten takes it back: those first five are known already, and all agree still.
    learning.withdraw_consent(user_of(DOCTORS[9]), DOCTORS[9])
    assert dots_of(learning.show_agreed(group)) == dots_of(first)


def test_another_years_dots_are_others(group: Report, home: Path) -> None:
    agree(6)
    learning.show_agreed(group)
    learning.keep_reports(a_report(unit=one, year=2024, seed=7) for one in DOCTORS)
    learning.withdraw_consent(user_of(DOCTORS[0]), DOCTORS[0])
    earlier = a_small_groups_report(2024)
    assert all(len(one) == 5 for one in dots_of(learning.show_agreed(earlier)))


@given(st.lists(st.frozensets(st.sampled_from(DOCTORS), max_size=10), max_size=12))
def test_no_two_versions_differ_by_a_few(agreed: list[frozenset[str]]) -> None:
    """Whatever comes and goes: all dots are of those who agree, and between any two versions, by nobody or by five."""
    seen: list[frozenset[str]] = []
    for now in agreed:
        chosen = choose_dots(now, seen)
        assert chosen <= now and (not chosen or len(chosen) >= 5)
        for one in filter(None, seen):
            if chosen:
                assert len(chosen - one) in (0, *range(5, 11))
                assert len(one - chosen) in (0, *range(5, 11))
        if chosen and chosen not in seen:
            seen.append(chosen)
        if len(now) >= 5 and not seen:
            raise AssertionError("the first to be seen are all who agree")


def test_who_is_in_another_group_is_no_dot(group: Report, home: Path) -> None:
    agree(5)
    stranger = "9900099"
    write_prescribers(home, [stranger], group="gruppe-2")
    learning.keep_reports([a_report(unit=stranger, seed=99)])
    learning.give_consent(user_of(stranger), stranger)
    for panel in learning.show_agreed(group).panels:
        assert panel.dots is not None and len(panel.dots.values) == 5


def test_nobody_is_shown_where_nothing_is_known_of_the_group(home: Path) -> None:
    group = a_report("peer-group", "meeting", GROUP)
    assert any(panel.dots for panel in group.panels), "the report itself has dots"
    assert all(panel.dots is None for panel in learning.show_agreed(group).panels)


def test_giving_and_taking_back_are_kept_and_logged(home: Path) -> None:
    user = user_of(DOCTOR)
    assert not learning.withdraw_consent(user, DOCTOR)
    assert learning.give_consent(user, DOCTOR) and not learning.give_consent(user, DOCTOR)
    assert learning.has_consented(DOCTOR)
    assert learning.withdraw_consent(user, DOCTOR) and not learning.has_consented(DOCTOR)
    assert learning.give_consent(user, DOCTOR)
    assert learning.consenting([DOCTOR, "1", DOCTOR]) == {DOCTOR}
    assert Consent.objects.count() == 2
    logged = AccessLogEntry.objects.values_list("object_kind", "purpose")
    assert list(logged) == [
        ("consent given", "quality"),
        ("consent withdrawn", "quality"),
        ("consent given", "quality"),
    ]


def test_who_works_with_whom_is_as_on_the_day(home: Path) -> None:
    from datetime import date

    write_prescribers(home, [DOCTOR], role="out-of-hours", group="")
    assert learning.out_of_hours_unit(DOCTOR, date(2025, 12, 31)) == UNIT
    assert learning.out_of_hours_unit(DOCTOR, date(2019, 12, 31)) == ""
    assert not learning.is_group(DOCTOR, date(2025, 12, 31))
    write_prescribers(home, [DOCTORS[1]])
    assert learning.is_group(DOCTORS[1], date(2025, 12, 31))
    assert learning.members_of(GROUP, date(2025, 12, 31)) == {DOCTORS[1]}
    assert learning.members_of("", date(2025, 12, 31)) == frozenset()
