"""A re-classification is killed in the middle: nothing of it is there, and nobody is kept from working."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from register.answers import register_state, send
from register.test_reclassify import FILES, NO_METHOD, again, files, under
from varde.cases import read_catalogue
from varde.register.opening import Register

KILLED = """
import sys
from varde.cli import start_django
start_django()
from pathlib import Path
from dataclasses import replace
from varde.cases import read_catalogue
from varde.register import open_register, reclassify
from varde.register.casework import everybody
everybody.BATCH = 1
register = open_register(Path(sys.argv[1]))
definitions = read_catalogue(Path(sys.argv[2]))
register = replace(register, context=replace(register.context, definitions=lambda: definitions))
looked_at = 0
def stop(persons):
    global looked_at
    looked_at += persons
    if looked_at == 4:
        print("in the middle", flush=True)
        sys.stdin.read()
reclassify(register, stop)
"""


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_it_changes_nothing(register: Register, tmp_path: Path) -> None:
    if connection.vendor == "postgresql":
        pytest.skip("another process does not see the database of the tests")
    files(tmp_path / "after", salmonellosis=NO_METHOD)
    send(register, *FILES)
    before = register_state()
    assert len(before["cases"]) == 4
    connection.close()
    arguments = [sys.executable, "-c", KILLED, str(tmp_path), str(tmp_path / "after")]
    environment = os.environ | {"VARDE_HOME": str(tmp_path), "DATABASE_URL": ""}
    with subprocess.Popen(
        arguments, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stdout.readline() == "in the middle\n"
        process.send_signal(signal.SIGKILL)
    assert register_state() == before
    # The next one is not kept from its work.
    result, _ = again(register)
    assert (result.why, result.added, result.removed, result.changed) == ([], 0, 0, 0)
    assert again(under(register, read_catalogue(tmp_path / "after")))[0].removed > 0
