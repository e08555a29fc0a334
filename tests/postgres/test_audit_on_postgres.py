"""The access log on PostgreSQL: one chain of several processes, the same bytes, the same verification."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction

from access.audit.logs import both, fill, make_log, read_log
from access.audit.test_writers import together, write_and_sign
from access.tampering import disarm, execute
from operation.sites import NOW, at, without_keys
from varde.access import audit
from varde.access.audit.guards import guard_faults
from varde.operation import backup, restore
from varde.register import make_tables

LOG = "access_accesslogentry"
FOREIGN = (
    "CREATE FUNCTION zz() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; "
    f"CREATE TRIGGER zz BEFORE INSERT ON {LOG} FOR EACH ROW EXECUTE FUNCTION zz()",
    f"CREATE RULE zz AS ON INSERT TO {LOG} DO INSTEAD NOTHING",
    f"ALTER TABLE {LOG} DISABLE TRIGGER {LOG}_no_update",
    f"ALTER TABLE {LOG} DISABLE TRIGGER {LOG}_no_truncate",
    f"DROP TRIGGER {LOG}_no_truncate ON {LOG}",
    f"ALTER TABLE {LOG} ENABLE REPLICA TRIGGER {LOG}_no_update",
    f"DROP TRIGGER {LOG}_no_update ON {LOG}; CREATE TRIGGER {LOG}_no_update BEFORE UPDATE ON {LOG} "
    "FOR EACH ROW WHEN (false) EXECUTE FUNCTION access_append_only()",
    "CREATE OR REPLACE FUNCTION access_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RETURN NEW; END $$",
)
"""What lets entries be changed, or keeps them out."""

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("postgres")]


@pytest.fixture(scope="module")
def database(address: str) -> dict[str, str]:
    """Address of an empty database."""
    with psycopg.connect(address, autocommit=True) as server:
        server.execute("CREATE DATABASE audit")
    return {"default": address.replace("/postgres?", "/audit?")}


def test_the_access_log_on_postgresql(
    database: dict[str, str], empty_site: Path, tmp_path: Path
) -> None:
    """One test, because making the tables takes longer than all that is done with them."""
    home = tmp_path / "site"
    with at(home, database):
        make_tables(home)
        first = make_log(home)
        assert both(first).whole and first.rows[-1][0] == 19

        together(write_and_sign, 4)
        log = read_log(home)
        report = both(log)
        assert report.whole and (report.entries, report.signed) == (139, 139), report
        assert [row[0] for row in log.rows] == list(range(1, 140))

        # A transaction that comes to nothing leaves no gap.
        with transaction.atomic():
            fill(2)
            transaction.set_rollback(True)
        fill(2)
        assert both(read_log(home)).last == 141
        audit.sign()
        backup_file = tmp_path / "b.zip"
        backup(home, backup_file, NOW)

    again = without_keys(empty_site, tmp_path / "on-sqlite")
    with at(again):
        restore(again, backup_file)
        moved = read_log(again)
    with at(home, database):
        kept = read_log(home)
        assert moved.rows == kept.rows and moved.known == kept.known
        assert both(kept.but(rows=moved.rows)).whole

        for statement in (
            "UPDATE access_accesslogentry SET actor = 'x' WHERE id = 4",
            "DELETE FROM access_accesslogentry WHERE id = 141",
            "DELETE FROM access_signedhead",
            "TRUNCATE access_accesslogentry",
            "TRUNCATE access_signedhead CASCADE",
            "TRUNCATE register_message",
            "TRUNCATE register_mapping, register_erasure",
        ):
            with pytest.raises(Exception, match="append-only"):
                execute(statement)
        assert guard_faults() == []
        for instead in FOREIGN:
            with transaction.atomic():
                execute(instead)
                assert len(guard_faults()) >= 1
                if " INSERT " in instead:
                    with pytest.raises(audit.LogNotWritten):
                        fill(1)
                transaction.set_rollback(True)
        assert guard_faults() == []
        disarm()
        for statement, kind in (
            (
                "UPDATE access_accesslogentry SET at = at + interval '1 microsecond' WHERE id = 4",
                "changed",
            ),
            ("DELETE FROM access_accesslogentry WHERE id = 7", "gap"),
            ("DELETE FROM access_accesslogentry WHERE id > 100", "tail-missing"),
        ):
            execute(statement)
            found = both(read_log(home))
            assert kind in {fault.kind for fault in found.faults}
        report = audit.verify_log(audit.place_of(home), audit.own_public_keys(home))
        # That it was disarmed is told too, last.
        assert report.faults[-1].kind == "unguarded"
        assert report.faults[:-1] == found.faults
        connection.close()


def test_earlier_entries_are_chained_on_postgresql(address: str, tmp_path: Path) -> None:
    from access.audit.test_migration import migrate, old_entries, write

    with psycopg.connect(address, autocommit=True) as server:
        server.execute("CREATE DATABASE audit_before")
    home = tmp_path / "site"
    with at(home, {"default": address.replace("/postgres?", "/audit_before?")}):
        home.mkdir(exist_ok=True)
        migrate("0002_clients")
        entries = old_entries([2, 5, 6, 900, 901])
        write(entries)
        migrate()
        log = read_log(home)
        assert [row[0] for row in log.rows] == [1, 2, 3, 4, 5, 6] and both(log).whole
        assert [row[2:10] for row in log.rows[:5]] == [entry[2:10] for entry in entries]
        assert log.rows[5][5:9] == ("chained", "whole", entries[-1][-1], 5)
        fill(1)
        assert both(read_log(home)).last == 7
        connection.close()
