"""A disk that is full, as SQLite tells it."""

from __future__ import annotations

import pytest
from django.db import connection, connections

from register.answers import clock, count
from register.test_door import messages
from varde.register import Door, NotDurable
from varde.register.opening import Register

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_full_disk_is_told_and_afterwards_nothing_is_missing(register: Register) -> None:
    options = connections.settings["default"]["OPTIONS"]
    usual = options["init_command"]
    pages = connection.cursor().execute("PRAGMA page_count").fetchone()[0]
    options["init_command"] = f"{usual}; PRAGMA max_page_count={pages + 12}"
    try:
        door = Door(register, clock)
        kept = 0
        for incoming in messages(60):
            try:
                door.submit([incoming]).wait(60)
                kept += 1
            except NotDurable:
                break
        assert 0 < kept < 60, "the disk was never full"
        assert count("message") == kept
        door.close(60)
    finally:
        options["init_command"] = usual
    again = Door(register, clock)
    for incoming in messages(60):
        assert again.submit([incoming]).wait(60)
    again.close(60)
    assert (count("message"), count("report"), count("item")) == (60, 60, 60)
