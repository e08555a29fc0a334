"""What the page of the log says at once agrees with what a verification of all of it says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from access.audit.logs import fill
from access.tampering import disarm, execute
from operation.sites import at, copy
from varde.access import audit

NOW = datetime(2026, 11, 26, 5, tzinfo=UTC)


@pytest.fixture
def home(empty_site: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    made = copy(empty_site, tmp_path / "site")
    with django_db_blocker.unblock(), at(made):
        yield made


def verify(home: Path) -> audit.Report:
    report = audit.verify_log(audit.place_of(home), audit.own_public_keys(home))
    audit.remember(home, report, NOW)
    return report


def test_without_a_verification_all_is_looked_at(home: Path) -> None:
    fill(12)
    seen = audit.glance(home)
    assert (seen.broken_at, seen.since, seen.verified, seen.is_whole) == (None, 0, None, True)


def test_it_goes_on_from_the_last_verification(home: Path) -> None:
    fill(12)
    report = verify(home)
    fill(5)
    seen = audit.glance(home)
    assert seen.verified is not None and seen.verified.at == NOW
    assert (seen.broken_at, seen.since, seen.is_whole) == (None, report.last, True)


@pytest.mark.parametrize("place", [3, 15])
def test_what_was_changed_is_found_where_it_is_looked(home: Path, place: int) -> None:
    fill(12)
    report = verify(home)
    assert report.last < 15
    fill(10)
    disarm()
    execute("UPDATE access_accesslogentry SET object_count = 99 WHERE id = %s", place)
    # What was verified is believed until it is verified again, which the page says with its day.
    assert audit.glance(home).broken_at == (None if place == 3 else place)
    again = verify(home)
    assert not again.whole
    seen = audit.glance(home)
    assert seen.broken_at == again.first_bad == place and not seen.is_whole


def test_a_log_that_was_cut_or_written_anew_does_not_fit_what_was_verified(home: Path) -> None:
    fill(12)
    verify(home)
    disarm()
    execute("DELETE FROM access_accesslogentry WHERE id > 6")
    seen = audit.glance(home)
    assert seen.broken_at == 7 and not seen.is_whole


def test_of_a_long_log_the_newest_are_looked_at_and_no_more_is_claimed(home: Path) -> None:
    fill(30)
    seen = audit.glance(home, at_once=10)
    assert seen.broken_at is None and seen.since > 0 and not seen.is_whole
    verify(home)
    assert audit.glance(home, at_once=10).is_whole


def test_a_damaged_note_is_as_none(home: Path) -> None:
    fill(3)
    verify(home)
    (home / "audit-verified.json").write_bytes(b'{"at": 3')
    assert audit.glance(home).is_whole and audit.glance(home).verified is None


def test_a_home_that_cannot_be_written_to_keeps_the_earlier_note(home: Path) -> None:
    fill(3)
    (home / "audit-verified.json").mkdir()
    verify(home)
    assert audit.glance(home).verified is None
    assert not list(home.glob("audit-verified.json.*"))
