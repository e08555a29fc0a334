"""Two processes at once: what may be used once is used once."""

from __future__ import annotations

import os
import time
import traceback
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections

from access.a_sender import (
    ENDPOINT,
    assertion,
    register,
)
from varde.access.clients import (
    ClientRefused,
    check_assertion,
)
from varde.web import database

pytestmark = pytest.mark.django_db


def in_a_process(work: Callable[[], None]) -> int:
    """Work in a copy of this process, which ends with it; its id."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # other threads: the copy needs none of them
        child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def race(home: Path) -> None:
    """Two processes use the same eight assertions at the same moment; what came of it is in two files."""
    connections.databases["default"].update(database.sqlite(home / "race.sqlite3"))
    connections["default"] = connections.create_connection("default")
    call_command("migrate", "access", verbosity=0)
    client = register()
    texts = [assertion(client.client_id) for _ in range(8)]
    connections["default"].close()
    start = time.monotonic() + 0.05

    def use(name: str) -> None:
        said = []
        time.sleep(max(0, start - time.monotonic()))
        for text in texts:
            try:
                said.append(check_assertion(text, ENDPOINT, datetime.now(UTC)).client_id)
            except ClientRefused as error:
                said.append(error.code)
        (home / name).write_text(" ".join(said))

    for child in [in_a_process(lambda name=name: use(name)) for name in "ab"]:  # type: ignore[misc]
        os.waitpid(child, 0)


def test_an_assertion_is_used_once_whichever_process_it_comes_to(tmp_path: Path) -> None:
    assert os.waitpid(in_a_process(lambda: race(tmp_path)), 0)[1] == 0
    first, second = ((tmp_path / name).read_text().split() for name in "ab")
    assert len(first) == len(second) == 8
    for one, other in zip(first, second, strict=True):
        assert (one == "replayed") != (other == "replayed")
        assert {one, other} - {"replayed"} == ({*first, *second} - {"replayed"})
