"""How long it took: by hand, and against a plain percentile."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.test_telling import DAY, salmonella
from register.answers import NOW, make_register, send
from register.case_messages import BO
from varde.followup import inbox
from varde.followup.models import Delivery, Told
from varde.followup.telling import tell_new
from varde.followup.times import _rank, read_times
from varde.messages.times import parse_time

OSLO = "municipality:0301"


def at(**length: float) -> datetime:
    return NOW + timedelta(**length)


@pytest.mark.django_db
def test_each_part_is_measured() -> None:
    send(make_register(), salmonella())
    send(make_register(), salmonella(report="R2", message="M2", person=BO, municipality="4601"))
    tell_new(at(hours=2))
    inbox.receipt(Delivery.objects.get(unit=OSLO).id, "kari", at(hours=5))
    Told.objects.update(specimen_at=at(days=-3), result_at=at(days=-1))
    found = read_times(DAY, DAY, DAY)
    parts = found.whole.parts
    assert found.whole.cases == 2
    assert {key: (one.cases, one.median, one.ninth) for key, one in parts.items()} == {
        "making": (2, 48, 48),
        "receiving": (2, 24, 24),
        "telling": (2, 2, 2),
        "answering": (1, 3, 3),
        "whole": (2, 74, 74),
    }
    by_place = {row.key: row.cases for row in read_times(DAY, DAY, DAY, "municipality").rows}
    assert by_place == {"0301": 1, "4601": 1}
    assert [row.key for row in read_times(DAY, DAY, DAY, "month").rows] == ["2026-11"]
    assert read_times(DAY, DAY, DAY, "disease", OSLO).whole.cases == 1
    assert read_times(date(2026, 1, 1), date(2026, 2, 1), DAY).whole.cases == 0
    # What ended before it began is a wrong clock, and is left out.
    Told.objects.update(specimen_at=at(days=3))
    assert read_times(DAY, DAY, DAY).whole.parts["making"].median is None


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50), st.sampled_from([0.5, 0.9]))
def test_so_many_took_at_most_so_long(hours: list[float], share: float) -> None:
    value = _rank(sorted(hours), share)
    assert value is not None and value in hours
    assert sum(one <= value for one in hours) >= share * len(hours)
    assert sum(one < value for one in hours) < share * len(hours)


@pytest.mark.django_db
def test_each_unit_and_laboratory_has_its_own_times() -> None:
    """Two units have one case; the second was told an hour later, and answered at once."""
    send(make_register(), salmonella())
    tell_new(at(hours=2))
    one = Delivery.objects.get(unit=OSLO)
    other = Delivery(kind="case", case=one.case, unit="national", at_once=True)
    other.due_at = other.told_at = other.news_at = at(hours=3)
    other.receipted_at = at(hours=3)
    other.save()
    inbox.receipt(one.id, "kari", at(hours=5))
    rows = {
        row.key: row.parts["answering"].median for row in read_times(DAY, DAY, DAY, "unit").rows
    }
    assert rows == {OSLO: 3, "national": 0}
    [row] = read_times(DAY, DAY, DAY, "laboratory").rows
    assert row.key == "HER:91843" and row.parts["telling"].median == 2
    Told.objects.update(evidence="")
    assert [row.key for row in read_times(DAY, DAY, DAY, "laboratory").rows] == [""]


@pytest.mark.django_db
def test_clocks_that_differ_and_the_night_with_two_threes() -> None:
    send(make_register(), salmonella())
    tell_new(at(hours=2))
    Told.objects.update(result_at=at(minutes=5), intake_at=at())
    assert read_times(DAY, DAY, DAY).whole.parts["receiving"].median == 0
    Told.objects.update(result_at=at(hours=25), intake_at=at())
    assert read_times(DAY, DAY, DAY).whole.parts["receiving"].median is None
    # Summer time ended on 25 October 2026 at 03: from half past one to half past three is three hours.
    taken, made = (parse_time(f"2026-10-25T0{hour}:30") for hour in (1, 3))
    Told.objects.update(specimen_at=taken, result_at=made)
    assert read_times(DAY, DAY, DAY).whole.parts["making"].median == 3
