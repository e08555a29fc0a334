"""Connections cut by the server while messages come. Run by `test_suites_on_postgres`."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from django.db import connection

from register.answers import clock, count
from register.test_door import messages
from varde.register import Door, NotDurable, open_register

pytestmark = pytest.mark.django_db(transaction=True)


def test_connections_cut_in_the_middle_lose_nothing(tmp_path: Path) -> None:
    door = Door(open_register(tmp_path), clock)
    done = threading.Event()

    def cut() -> None:
        while not done.wait(0.02):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid() "
                    "AND application_name = ''"
                )
        connection.close()

    cutter = threading.Thread(target=cut)
    cutter.start()
    for incoming in messages(60):
        while True:
            try:
                door.submit([incoming]).wait(60)
                break
            except NotDurable:
                time.sleep(0.01)
    done.set()
    cutter.join()
    assert door.submit(messages(61)[60:]).wait(60)
    door.close(60)
    connection.close()
    assert (count("message"), count("report"), count("item")) == (61, 61, 61)
