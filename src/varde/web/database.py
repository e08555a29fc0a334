"""Which database the register lives in: SQLite in the home folder, or PostgreSQL by address."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.db.utils import DEFAULT_DB_ALIAS

MAX_AGE = 60
"""Seconds that a thread keeps its connection: to make one takes longer than to note a message."""

# WAL lets pages read while the intake writes; FULL makes an accepted message survive a power cut.
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=30000; "
    "PRAGMA foreign_keys=ON; PRAGMA cache_size=-8192; PRAGMA temp_store=MEMORY"
)


def sqlite(path: Path) -> dict[str, Any]:
    """Settings for the SQLite file at `path`."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "init_command": SQLITE_PRAGMAS,
            # A transaction that will write takes its lock at once, instead of failing half-way.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
        },
        "CONN_MAX_AGE": MAX_AGE,
    }


def postgres(address: str) -> dict[str, Any]:
    """Settings for ``postgres://user:password@host:port/name?host=/socket/folder&sslmode=require``.

    Every part may be percent-encoded. A `host` in the query wins (a socket folder cannot stand in
    the host's place); other query items go to the driver as they are.

    Raises:
        ImproperlyConfigured: the address is not PostgreSQL's or names no database.
    """
    parts = urlsplit(address)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in ("postgres", "postgresql") or not name:
        raise ImproperlyConfigured(
            "DATABASE_URL must read postgres://user:password@host:port/name; "
            f"it starts with {parts.scheme!r}"
        )
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": MAX_AGE,
        "CONN_HEALTH_CHECKS": True,
    }


_OF_PERSONS = (
    *("person", "case", "casenumber", "casechange", "link", "linkanchor"),
    *("node", "nodekey", "commonkey", "nodelink", "question", "ruling", "numberchange"),
)
"""The register's tables that are about persons alone."""


class Apart:
    """Keeps databases apart: those of the de-identified registers hold the register's tables alone, and none of
    persons; the identity vault's holds its own, and no other does. Django asks this when it makes tables."""

    def allow_migrate(self, db: str, app_label: str, model_name: str = "", **_: Any) -> bool | None:
        """Whether a table belongs into the database `db`."""
        if "identity" in (db, app_label):
            return db == app_label
        if db == DEFAULT_DB_ALIAS:
            return None
        return app_label == "register" and model_name not in _OF_PERSONS


def choose(address: str, home: Path) -> dict[str, Any]:
    """PostgreSQL when there is an address, else the SQLite file in `home`."""
    return postgres(address) if address else sqlite(home / "varde.sqlite3")
