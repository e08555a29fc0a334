"""The triggers of the access log: what they refuse, and that anything else in their place is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError

from access.audit.logs import DOCTOR, fill, read_log
from access.tampering import execute
from operation.sites import at, copy
from varde.access import audit
from varde.access.audit import rows
from varde.access.audit.guards import guard_faults
from varde.access.purposes import purpose_of

LOG, HEADS = "access_accesslogentry", "access_signedhead"


@pytest.fixture
def home(empty_site: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    made = copy(empty_site, tmp_path / "site")
    with django_db_blocker.unblock(), at(made):
        yield made


def test_an_entry_or_a_head_is_not_replaced(home: Path) -> None:
    fill(2)
    audit.sign()
    before = read_log(home)
    for table, key in ((LOG, "id"), (HEADS, "number")):
        for value in (1, 2):
            with pytest.raises(IntegrityError, match="append-only"):
                execute(
                    f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE {key} = {value}"
                )
    rows.remember_heads(list(rows.known_heads()))
    assert read_log(home) == before
    assert guard_faults() == []


@pytest.mark.parametrize(
    "trigger",
    [
        f"BEFORE INSERT ON {LOG} WHEN NEW.action = 'view' BEGIN SELECT RAISE(IGNORE); END",
        f"BEFORE INSERT ON {LOG} WHEN NEW.id > 3 BEGIN SELECT RAISE(IGNORE); END",
    ],
)
def test_where_the_log_is_not_written_the_look_is_refused(home: Path, trigger: str) -> None:
    fill(2)
    execute(f"CREATE TRIGGER zz {trigger}")
    with pytest.raises(audit.LogNotWritten):
        audit.record_looks(
            DOCTOR, "view", "person", "person", purpose_of("care"), [bytes(32), b"1" * 32]
        )
    assert rows.last_entry()[0] == 2
    report = audit.verify_log(audit.place_of(home), {})
    [fault] = report.faults
    assert fault.kind == "unguarded" and f"zz on {LOG} is none of Varde's" in fault.text


_BEFORE = f"CREATE TRIGGER {LOG}_no_update BEFORE UPDATE ON {LOG}"
_ABORT = "SELECT RAISE(ABORT, 'the access log is append-only');"


@pytest.mark.parametrize(
    ("instead", "told"),
    [
        ("", f"it has no {LOG}_no_update"),
        (f"{_BEFORE} WHEN 0 BEGIN {_ABORT} END", f"{LOG}_no_update is not as Varde made it"),
        (f"{_BEFORE} BEGIN SELECT 1; END", f"{LOG}_no_update is not as Varde made it"),
        (
            f"{_BEFORE.replace('UPDATE', 'UPDATE OF actor')} BEGIN {_ABORT} END",
            f"{LOG}_no_update is not as Varde made it",
        ),
        (
            f"CREATE TRIGGER {LOG}_no_update BEFORE UPDATE ON access_user BEGIN {_ABORT} END",
            f"it has no {LOG}_no_update",
        ),
        (f"{_BEFORE} BEGIN {_ABORT} END", ""),
    ],
)
def test_what_only_has_the_name_of_a_guard_is_told(home: Path, instead: str, told: str) -> None:
    execute(f"DROP TRIGGER {LOG}_no_update")
    if instead:
        execute(instead)
    assert guard_faults() == ([told] if told else [])
