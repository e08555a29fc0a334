"""Nothing in a message can be from later than its arrival: dates ahead of the clock are refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages import gallery
from messages import kith_builder as kith
from varde.messages import Failure, LabReport, read

RECEIVED = datetime(2026, 1, 7, 12, tzinfo=UTC)
VERSIONED = (
    b'sender = "L"\n[columns]\ncollected = "date"\norganism = "bug"\nversion = "made"\n'
    b'[date]\nversion_format = "%Y-%m-%dT%H:%M:%S"\n'
)


def message(generated: str, collected: str = "2026-01-05T10:00:00") -> bytes:
    person = kith.patient(kith.specimen(collected=collected))
    return kith.message(kith.report(person), generated=generated)


def only(data: bytes, mapping: bytes | None = None, received: datetime | None = RECEIVED) -> object:
    (record,) = read(data, mapping, received)
    return record


def failure(data: bytes, mapping: bytes | None = None) -> Failure:
    record = only(data, mapping)
    assert isinstance(record, Failure), record
    return record


@pytest.mark.parametrize("generated", ["2026-01-08T12:59:00", "2026-01-08T12:00:00Z"])
def test_up_to_a_day_ahead_is_accepted(generated: str) -> None:
    assert isinstance(only(message(generated)), LabReport)


def test_an_answer_from_the_future_is_refused_at_its_time() -> None:
    found = failure(message("2026-01-09T00:30:00"))
    assert (found.reason, found.detail) == ("future-generated", "2026-01-09")
    assert found.place.startswith("Message/GenDate (line ")
    assert found.sender == "HER:91843"


def test_without_arrival_nothing_is_ahead() -> None:
    assert isinstance(only(message("2099-01-01T00:00:00"), received=None), LabReport)


def test_a_specimen_from_the_future_is_refused_at_its_time() -> None:
    found = failure(message("2026-01-08T12:00:00", "2026-01-09T00:30:00"))
    assert (found.reason, found.detail) == ("future-collected", "2026-01-09")
    assert "CollectedDate" in found.place


def test_a_row_from_the_future_is_refused() -> None:
    found = failure(
        gallery.rows(gallery.VALID_ROW.replace("2026-01-05", "2026-02-05")), gallery.MAPPING
    )
    assert (found.reason, found.place) == ("future-collected", "line 2, column date")
    assert found.detail == "2026-02-05"


def test_a_row_made_in_the_future_is_refused() -> None:
    rows = b"made,date,bug,AMP\n2026-01-09T00:30:00,2026-01-05,E. coli,S\n"
    found = failure(rows, VERSIONED)
    assert (found.reason, found.place) == ("future-generated", "line 2, column made")
    assert found.detail == "2026-01-09"
    assert isinstance(only(rows, VERSIONED, None), LabReport)


@pytest.mark.parametrize("received", [datetime.max.replace(tzinfo=UTC), RECEIVED])
def test_any_clock_will_do(received: datetime) -> None:
    assert isinstance(only(message("2026-01-06T00:00:00"), received=received), LabReport)


@given(st.timedeltas(timedelta(days=-3), timedelta(days=3)))
def test_a_day_is_the_limit(ahead: timedelta) -> None:
    generated = (RECEIVED + ahead).replace(microsecond=0)
    record = only(message(generated.isoformat()))
    assert isinstance(record, LabReport) == (generated - RECEIVED <= timedelta(hours=24))


def test_days_are_shown_as_norway_has_them() -> None:
    old = only(message("2026-01-07T12:00:00", "1926-01-05"), received=None)
    assert isinstance(old, Failure)
    assert (old.reason, old.detail) == ("absurd-date", "1926-01-05")
    late = only(message("2026-01-07", "2026-01-09"), received=None)
    assert isinstance(late, Failure)
    assert (late.reason, late.detail) == ("future-collected", "2026-01-09 > 2026-01-07")
    first = only(message("1970-01-02", "1970-01-01"), received=None)
    assert isinstance(first, LabReport)


@pytest.mark.parametrize("written", ["9999-12-31T23:30:00Z", "9999-12-31", "0001-01-01T00:00:00Z"])
def test_the_ends_of_the_calendar_are_absurd(written: str) -> None:
    for data in (message(written), message("2026-01-07", written)):
        record = only(data, received=None)
        assert isinstance(record, Failure) and record.reason == "absurd-date"
    person = kith.patient(kith.specimen(), born=written)
    born = only(kith.message(kith.report(person)))
    assert not isinstance(born, Failure) or born.reason == "born-after-collected"


def test_a_bad_date_of_a_list_is_shown() -> None:
    row = gallery.VALID_ROW.replace("2026-01-05", "32.01.2026")
    found = failure(gallery.rows(row), gallery.MAPPING + b'[date]\nformat = "%d.%m.%Y"\n')
    assert (found.reason, found.detail) == ("bad-date", "32.01.2026")
