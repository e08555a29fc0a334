"""An operator's work on PostgreSQL: registers move between it and SQLite as they are."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from operation.sites import (
    ALIASES,
    NOW,
    at,
    clock,
    dump,
    fill,
    messages,
    put_back_keys,
    without_keys,
)
from varde.access import audit
from varde.access.models import User
from varde.operation import (
    NotEmpty,
    apply_retention,
    backup,
    check_readiness,
    find_due,
    read_figures,
    restore,
    rotate,
)
from varde.register import open_register, replay, using

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("postgres")]


@pytest.fixture(scope="module")
def addresses(address: str) -> dict[str, str]:
    """Three empty databases, by alias."""
    with psycopg.connect(address, autocommit=True) as connection:
        for alias in ALIASES:
            connection.execute(f"CREATE DATABASE site_{alias}")
    return {alias: address.replace("/postgres?", f"/site_{alias}?") for alias in ALIASES}


def test_a_site_on_postgresql(
    addresses: dict[str, str], filled_site: Path, empty_site: Path, tmp_path: Path
) -> None:
    """One test, because the server and its tables take longer than all that is done with them."""
    with at(filled_site):
        backup(filled_site, tmp_path / "from-sqlite.zip", NOW)

    home = tmp_path / "on-postgresql"
    with at(home, addresses):
        assert len(restore(home, tmp_path / "from-sqlite.zip").warnings) == 4
        put_back_keys(filled_site, home)
        assert restore(home, tmp_path / "from-sqlite.zip").warnings == ()
        backup(home, tmp_path / "from-postgresql.zip", NOW)

    again = without_keys(empty_site, tmp_path / "again")
    with at(again):
        restore(again, tmp_path / "from-postgresql.zip")
    assert dump(again) == dump(filled_site)

    with at(home, addresses):
        # Numbers go on after those that were put back.
        last = User.objects.latest("id").pk
        assert User.objects.create_user("kari", role="clinician").pk == last + 1
        assert audit.verify() is None
        register = open_register(home)
        fill(register, messages(5, first=700))
        with pytest.raises(NotEmpty):
            restore(home, tmp_path / "from-sqlite.zip")
        for alias in ALIASES:
            result = rotate(home, alias, retire=True)
            assert (result.remaining, result.unreadable) == (0, [])
        assert not replay(register, clock).changed
        figures = read_figures("default")
        assert (figures.unfolded, figures.oldest_unfolded) == (0, None)
        assert sum(each.number for each in figures.messages) == 36
        checks = check_readiness(home, list, NOW, 0)
        assert all(check.ok for check in checks), checks
        later = NOW.replace(year=NOW.year + 3)
        due = {(d.rule.key, d.database): d.count for d in find_due(home, later)}
        assert due["unusable-messages", "default"] > 0
        removed = {
            (d.rule.key, d.database): d.removed for d in apply_retention(home, lambda: later)
        }
        assert {key: count for key, count in removed.items() if count} == {
            key: count for key, count in due.items() if count
        }
        with using("default"):
            again_read = replay(register, clock)
        assert not (again_read.added or again_read.removed or again_read.changed)
