"""Entries of before the chain was gap-free are put into it in their order, and that is said."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.core.management import call_command
from django.db import connection, transaction

from access.audit.logs import both, fill, read_log, stored
from operation.sites import at, copy
from varde.access import audit

ACCESS = "migrate", "access"
FIELDS = ("actor", "role", "area", "action", "page", "object_kind", "object_count", "purpose")
Old = tuple[Any, ...]


@pytest.fixture
def home(empty_site: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    """A site with the access log as it was before."""
    made = copy(empty_site, tmp_path / "site")
    with django_db_blocker.unblock(), at(made):
        migrate("0002_clients")
        yield made


def migrate(*to: str) -> None:
    call_command("migrate", "access", *to, interactive=False, verbosity=0)


def old_entries(numbers: list[int]) -> list[Old]:
    """Entries hashed as they were then; what was done has words that need escaping."""
    found, previous = [], "0" * 64
    for place, number in enumerate(numbers):
        moment = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=place, microseconds=place % 3)
        values = (
            f'ka"ri {place}',
            "clinician",
            "OUS",
            "view",
            "side",
            "sak\n",
            place,
            "Smittevern æ",
        )
        content = msgspec.json.encode([moment.timestamp(), *values])
        previous = hashlib.sha256(previous.encode() + content).hexdigest()
        found.append((number, moment, *values, previous))
    return found


def write(entries: list[Old]) -> None:
    columns = ", ".join(("id", "at", *FIELDS, "digest"))
    marks = ", ".join(["%s"] * 11)
    adapt = connection.ops.adapt_datetimefield_value
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO access_accesslogentry ({columns}) VALUES ({marks})",
            [(number, adapt(moment), *rest) for number, moment, *rest in entries],
        )


@pytest.mark.parametrize("numbers", [[1], [1, 2, 3], [2, 5, 6, 900, 901], list(range(3, 2400, 2))])
def test_they_are_chained_in_their_order(numbers: list[int], home: Path) -> None:
    entries = old_entries(numbers)
    write(entries)
    migrate()
    log = read_log(home)
    assert [row[0] for row in log.rows] == list(range(1, len(numbers) + 2))
    for row, old in zip(log.rows, entries, strict=False):
        assert row[2:10] == old[2:10] and (row[10], row[11]) == ("", "")
        assert datetime.fromisoformat(row[1]) == old[1]
    last = stored(len(numbers) + 1)
    assert (last.action, last.page, last.object_count) == ("chained", "whole", len(numbers))
    assert last.object_kind == entries[-1][-1], (
        "the newest hash of before, which may stand elsewhere"
    )
    assert both(log).whole and audit.verify() is None
    fill(3)
    audit.sign()
    assert both(read_log(home)).signed == len(numbers) + 4


def test_a_chain_that_was_broken_before_is_told(home: Path) -> None:
    entries = old_entries([1, 2, 3, 4])
    write([*entries[:1], (*entries[1][:2], "other", *entries[1][3:]), *entries[2:]])
    migrate()
    assert (stored(5).page, stored(5).object_count) == ("broken at 2", 4)
    assert both(read_log(home)).whole


def test_where_there_is_nothing_nothing_is_chained(home: Path) -> None:
    migrate()
    assert read_log(home).rows == ()
    migrate("0002_clients")
    migrate()
    fill(1)
    with pytest.raises(RuntimeError, match="cannot be taken back"):
        migrate("0002_clients")
    assert audit.verify() is None and stored(1)
