"""The access log past Varde: its triggers taken away, its rows read and written as they lie."""

from __future__ import annotations

from typing import Any

from django.db import connection

TABLES = ("access_accesslogentry", "access_signedhead")


def disarm() -> None:
    """Let the database change and remove entries, as whoever owns it can."""
    with connection.cursor() as cursor:
        for table in TABLES:
            for verb in ("update", "delete", "replace", "truncate"):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{on}")


def read_guards() -> list[str]:
    """What makes SQLite's triggers anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'access%'"
        )
        return [str(row[0]) for row in cursor.fetchall()]


def execute(statement: str, *parameters: Any) -> None:
    """One statement, past Varde."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
