"""Telling is killed in the middle: nothing of that batch is there, and the next round tells all of it, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from followup.test_telling import LATER, salmonella
from register.answers import PERSONS, send
from varde.followup.models import Cursor, Delivery, Entry, Told
from varde.followup.telling import tell_new
from varde.register.opening import Register

TESTS = Path(__file__).parents[1]
KILLED = """
import sys
from varde.cli import start_django
start_django()
from varde.followup import telling
from followup.test_telling import LATER
told = 0
tell_unit = telling.tell_unit
def stop(*given, **more):
    global told
    tell_unit(*given, **more)
    told += 1
    if told == 2:
        print("in the middle", flush=True)
        sys.stdin.read()
telling.tell_unit = stop
telling.tell_new(LATER)
"""


def deliveries() -> list[tuple[Any, ...]]:
    return sorted(
        Delivery.objects.values_list("case", "unit", "row", "reason", "due_at", "told_at")
    )


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_it_told_nobody(register: Register, tmp_path: Path) -> None:
    if connection.vendor == "postgresql":
        pytest.skip("another process does not see the database of the tests")
    files = [
        salmonella(report=f"R{n}", message=f"M{n}", person=person, day="2025-12-05")
        for n, person in enumerate(PERSONS)
    ]
    send(register, *files)
    connection.close()
    path = os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])
    environment = os.environ | {"VARDE_HOME": str(tmp_path), "DATABASE_URL": "", "PYTHONPATH": path}
    with subprocess.Popen(
        [sys.executable, "-c", KILLED],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout and process.stdout.readline() == "in the middle\n"
        process.send_signal(signal.SIGKILL)
    assert (deliveries(), Entry.objects.count(), Told.objects.count()) == ([], 0, 0)
    assert not Cursor.objects.filter(number__gt=0).exists()
    assert tell_new(LATER) == 3
    told = deliveries()
    assert len(told) == 3
    assert tell_new(LATER) == 0
    assert deliveries() == told
