"""A decision about two persons is killed in the middle: nothing of it is there, and nobody is kept from working."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, connections

from own_vault import vault_in
from register.test_identities import BY, question
from register.told import groups, linked_state, persons
from varde.register import decide_question, list_questions
from varde.register.opening import Register

KILLED = """
import sys
from datetime import UTC, datetime
from varde.cli import start_django
start_django()
from pathlib import Path
from varde.register import decide_question, list_questions, open_register
from varde.register.identities import deciding
register = open_register(Path(sys.argv[1]))
def stop(moved, context, **more):
    redo(moved, context, **more)
    print("in the middle", flush=True)
    sys.stdin.read()
redo, deciding.redo = deciding.redo, stop
[asked] = list_questions()
decide_question(register, asked.number, same=True, by="ida", purpose="surveillance", reason="", at=datetime.now(UTC), log=list)
"""


@pytest.fixture
def own_vault(tmp_path: Path) -> Iterator[None]:
    """The vault where another process looks for it: in the register's folder."""
    with vault_in(tmp_path):
        yield


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_it_changes_nothing(
    own_vault: None, register: Register, tmp_path: Path
) -> None:
    if connection.vendor == "postgresql":
        pytest.skip("another process does not see the database of the tests")
    asked = question(register)
    before = linked_state()
    connection.close()
    connections["identity"].close()
    environment = os.environ | {"VARDE_HOME": str(tmp_path), "DATABASE_URL": ""}
    arguments = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(
        arguments, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stdout.readline() == "in the middle\n"
        process.send_signal(signal.SIGKILL)
    assert linked_state() == before
    # The next one is not kept from its work.
    decide_question(register, asked, same=True, **BY)
    assert len(groups(persons())) == 1
    assert list_questions() == []
