"""What the database itself keeps the access log with: triggers that refuse to change, remove or replace entries and heads.

They are made by migrations and compared with what is written here word for word: one that has the right name and does
nothing is none, and one that nobody of Varde's made may keep entries from being written.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection

TABLES = {"access_accesslogentry": "id", "access_signedhead": "number"}
"""Table → its key."""
_REFUSE = "BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END"
_FUNCTION = "BEGIN RAISE EXCEPTION 'the access log is append-only'; END"
_FOUND = {
    "sqlite": """
        SELECT lower(tbl_name), name, sql, '' FROM sqlite_master
        WHERE type = 'trigger' AND lower(tbl_name) IN ('access_accesslogentry', 'access_signedhead')
    """,
    "postgresql": """
        SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid, true),
            CASE WHEN t.tgenabled IN ('O', 'A') THEN p.prosrc ELSE '' END
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE NOT t.tgisinternal
            AND c.oid IN ('access_accesslogentry'::regclass, 'access_signedhead'::regclass)
        UNION ALL
        SELECT c.relname, r.rulename, '', ''
        FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
        WHERE c.oid IN ('access_accesslogentry'::regclass, 'access_signedhead'::regclass)
    """,
}
"""Table, name, definition and body of every trigger (and rule) of the two tables."""


class _Guard(NamedTuple):
    table: str
    name: str
    definition: str
    body: str


def guard_faults() -> list[str]:
    """What is wrong with the triggers of the log and its heads, in words; empty when they are as Varde made them."""
    with connection.cursor() as cursor:
        cursor.execute(_FOUND[connection.vendor])
        found = {
            (one.table, one.name): one
            for row in cursor.fetchall()
            for one in [_Guard(*(_one_line(str(text)) for text in row))]
        }
    wanted = {(one.table, one.name): one for one in _wanted(connection.vendor)}
    missing = [f"it has no {name}" for _, name in sorted(wanted.keys() - found.keys())]
    changed = [
        f"{name} is not as Varde made it"
        for table, name in sorted(wanted.keys() & found.keys())
        if wanted[table, name] != found[table, name]
    ]
    foreign = [
        f"{name} on {table} is none of Varde's" for table, name in sorted(found.keys() - wanted)
    ]
    return missing + changed + foreign


def _wanted(vendor: str) -> list[_Guard]:
    guards = []
    for table, key in TABLES.items():
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_no_{verb.lower()}"
            begin = f"CREATE TRIGGER {name} BEFORE {verb} ON {table}"
            if vendor == "sqlite":
                guards.append(_Guard(table, name, f"{begin} {_REFUSE}", ""))
            else:
                text = f"{begin} FOR EACH ROW EXECUTE FUNCTION access_append_only()"
                guards.append(_Guard(table, name, text, _FUNCTION))
        if vendor == "postgresql":  # where TRUNCATE removes all rows and asks no trigger of rows
            name = f"{table}_no_truncate"
            text = (
                f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION access_append_only()"
            )
            guards.append(_Guard(table, name, text, _FUNCTION))
        if vendor == "sqlite":  # where INSERT OR REPLACE removes a row and no trigger is asked
            name = f"{table}_no_replace"
            text = (
                f"CREATE TRIGGER {name} BEFORE INSERT ON {table} "  # noqa: S608 - compared, not run
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) {_REFUSE}"
            )
            guards.append(_Guard(table, name, text, ""))
    return guards


def _one_line(text: str) -> str:
    return " ".join(text.split())
