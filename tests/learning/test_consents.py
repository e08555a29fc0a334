"""Nobody's figures are a dot for the leader without that doctor's consent, and those shown tell of nobody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from learning.some_reports import DOCTOR, GROUP, UNIT, a_report, write_prescribers
from varde import learning
from varde.access.models import AccessLogEntry, User
from varde.learning.models import Consent
from varde.prescribing.reports import Report

DOCTORS = [f"99000{number:02}" for number in range(1, 11)]


def user_of(doctor: str) -> Any:
    found, _made = User.objects.get_or_create(
        username=f"lege-{doctor}", defaults={"role": "general-practitioner", "area": doctor}
    )
    return found


@pytest.fixture
def group(home: Path) -> Report:
    """A group of ten, each with a report, and the group's own."""
    write_prescribers(home, DOCTORS)
    reports = [a_report(unit=one, seed=number) for number, one in enumerate(DOCTORS)]
    learning.keep_reports(reports)
    return by_consent()


def by_consent() -> Report:
    """A group's report whose own figures are of so few that all must agree."""
    made = a_report("peer-group", "meeting", GROUP)
    keys = tuple(row.indicator for row in made.table.rows)
    return msgspec.structs.replace(made, by_consent=keys)


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
    before = {panel.indicator: panel for panel in group.panels}
    for panel in shown.panels:
        expected = tuple(sorted(own_value(one, panel.indicator) for one in agreed))
        if count < 5:
            assert panel.dots is None and panel.dots_description.nb == ""
        else:
            assert panel.dots is not None
            assert (panel.dots.values, panel.dots.own) == (expected, None)
            assert f"de {count} ligger" in panel.dots_description.nb
            assert panel.dots_description.en.startswith(panel.description.en)
        told = panel.marks[0].figure.value is not None
        assert told == (count == len(DOCTORS)) == (panel.trend == before[panel.indicator].trend)
    assert (shown.table == group.table) == (count == len(DOCTORS))
    assert all(row.cells[2:] for row in shown.table.rows)


@pytest.mark.parametrize("count", range(11))
def test_a_sum_and_dots_do_not_tell_of_few_who_are_silent(group: Report, count: int) -> None:
    """Where the group's own figure is shown though not all agree, it less the dots is of those who do not."""
    agree(count)
    large = msgspec.structs.replace(group, by_consent=())
    shown = learning.show_agreed(large)
    assert shown.table == large.table
    for panel in shown.panels:
        assert (panel.dots is not None) == (count == len(DOCTORS))


def test_a_consent_taken_back_holds_at_once(group: Report) -> None:
    agree(6)
    learning.withdraw_consent(user_of(DOCTORS[0]), DOCTORS[0])
    for panel in learning.show_agreed(group).panels:
        assert panel.dots is not None
        assert len(panel.dots.values) == 5
        assert own_value(DOCTORS[0], panel.indicator) not in panel.dots.values


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
