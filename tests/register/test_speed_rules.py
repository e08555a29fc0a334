"""What is done in a fast way in the fold, against the plain rule that it stands for."""

from __future__ import annotations

import gc
import sqlite3
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.messages.records import Code, Notification, Patient
from varde.register import memory
from varde.register.drivers import array_of
from varde.register.versions import version_key


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda at: at.year >= 1900))
def test_the_moment_in_a_version_key_is_written_digit_by_digit(at: datetime) -> None:
    statement = Notification(
        sender="ENH:974633574",
        message_id="1",
        report_id="1",
        service_type="N",
        status="F",
        generated=at,
        patient=Patient(),
        diagnosis=Code(code="101"),
    )
    assert version_key(statement, b"\x01", bytes)[1:21] == at.strftime("%Y%m%d%H%M%S%f")


@pytest.mark.parametrize(
    ("values", "array"),
    [
        ([1, -2], "{1,-2}"),
        (['a"b', "c\\d", "", "{,}", "NULL"], r'{"a\"b","c\\d","","{,}","NULL"}'),
        ([b"\0\xff"], r'{"\\x00ff"}'),
        ([1, None], [1, None]),
        ([True], [True]),
        ([], []),
    ],
)
def test_an_array_is_written_as_postgresql_reads_it(values: list[Any], array: Any) -> None:
    assert array_of(values) == array


VALUES: list[Any] = [True, False, None, b"", b"\0\xff", date(2025, 1, 31), 1, "x"]


def test_sqlite_is_given_what_it_would_have_been_given() -> None:
    with sqlite3.connect(":memory:") as database:
        [found] = database.execute(f"SELECT {', '.join('?' * len(VALUES))}", VALUES)
        kinds = [database.execute("SELECT typeof(?)", [each]).fetchone()[0] for each in VALUES]
    database.close()
    assert found == (1, 0, None, b"", b"\0\xff", "2025-01-31", 1, "x")
    assert kinds == ["integer", "integer", "null", "blob", "blob", "text", "integer", "text"]


def test_what_is_loaded_is_left_out_of_searches_for_garbage_once() -> None:
    before = gc.get_threshold()
    memory.settle.cache_clear()  # another test of this process may have folded
    gc.unfreeze()  # what the tests themselves have left out
    try:
        memory.settle()
        frozen, thresholds = gc.get_freeze_count(), gc.get_threshold()
        assert frozen > 0
        assert thresholds[0] == memory.YOUNG
        kept = [[number] for number in range(1000)]
        memory.settle()
        assert gc.get_freeze_count() <= frozen
        assert gc.get_threshold() == thresholds
        assert len(kept) == 1000
    finally:
        gc.freeze()
        gc.set_threshold(*before)


def test_a_process_searches_less_for_garbage_before_it_folds_for_the_first_time() -> None:
    before = gc.get_threshold()
    memory.begin.cache_clear()  # another test of this process may have folded
    try:
        gc.set_threshold(700, *before[1:])
        memory.begin()
        assert gc.get_threshold()[0] == memory.YOUNG
    finally:
        gc.set_threshold(*before)
