"""A register that several threads can open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from empty_tables import lay_tables
from varde.register import open_register
from varde.register.opening import Register

POSTGRES = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    """A register that several threads can open: on SQLite a file, not memory."""
    if POSTGRES:
        yield open_register(tmp_path)
        return
    described, usual = connection.settings_dict, connection.settings_dict["NAME"]
    # A database in memory is gone when its connection closes: it is laid aside.
    memory, connection.connection = connection.connection, None
    described["NAME"] = str(tmp_path / "varde.sqlite3")
    try:
        lay_tables(tmp_path)
        yield open_register(tmp_path)
    finally:
        connection.close()
        described["NAME"], connection.connection = usual, memory
