"""The hour that is there twice when summer time ends, and the one that is not there when it begins, in every format."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from varde.messages.hl7v2.values import moment_of
from varde.messages.isolate_list.cells import parse_moment
from varde.messages.tables.cells import _moment_of
from varde.messages.times import parse_time


def utc(hour: int, minute: int, day: tuple[int, int] = (10, 25)) -> datetime:
    return datetime(2026, *day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    "moment",
    [
        parse_time("2026-10-25T02:30:00"),
        moment_of("202610250230", None),
        parse_moment("2026-10-25 02:30", "%Y-%m-%d %H:%M"),
        _moment_of("25.10.2026 02:30"),
    ],
)
def test_a_time_without_zone_is_of_the_first_of_the_two_hours(moment: datetime | None) -> None:
    assert moment == utc(0, 30)


def test_a_time_with_its_zone_is_of_the_hour_that_it_says() -> None:
    assert parse_time("2026-10-25T02:30:00+02:00") == moment_of("202610250230+0200", None)
    assert parse_time("2026-10-25T02:30:00+02:00") == utc(0, 30)
    assert parse_time("2026-10-25T02:30:00+01:00") == moment_of("202610250230+0100", None)
    assert parse_time("2026-10-25T02:30:00+01:00") == utc(1, 30)


def test_around_it_nothing_is_moved() -> None:
    assert parse_time("2026-10-25T01:59:00") == utc(23, 59, (10, 24))
    assert parse_time("2026-10-25T03:00:00") == utc(2, 0)


def test_a_time_in_the_hour_that_is_not_there_is_taken_by_the_clock_of_before() -> None:
    assert parse_time("2026-03-29T02:30:00") == moment_of("202603290230", None)
    assert parse_time("2026-03-29T02:30:00") == utc(1, 30, (3, 29))
