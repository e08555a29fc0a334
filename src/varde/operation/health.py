"""Whether the service can do its work: each thing that it needs, looked at and named."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, connections
from django.db import Error as DatabaseTrouble

from varde.access.keys import KeyProblem
from varde.access.sealing import Sealer
from varde.identity import DATABASE as VAULT
from varde.operation.databases import (
    HELD,
    newest_known,
    read_settings,
    say_gone,
    source_of,
    state_of,
)
from varde.register import Door, Newest, newest, using

SKEW = timedelta(minutes=1)
"""So much may the clocks of machines that share a database differ."""
Doors = Callable[[], Sequence[Door]]


@dataclass(frozen=True)
class Check:
    """One thing that the service needs.

    Attributes:
        name: "database default", "keys norm", "intake default", "disk" or "clock ravn".
        detail: what is wrong, for whoever runs the service; empty when nothing is.
    """

    name: str
    ok: bool
    detail: str = ""


def check_readiness(home: Path, doors: Doors, now: datetime, least_free: int) -> list[Check]:
    """Look at everything the service needs. No exception leaves: what cannot be asked is not ready.

    Args:
        doors: gives the doors that this process has opened.
        least_free: bytes that must be free where the home folder lies.
    """
    checks: list[Check] = []
    for database in HELD:
        checks.extend(_check_register(home, database, now))
    checks.extend(
        Check(f"intake {door.register.alias}", door.alive, "" if door.alive else "it is closed")
        for door in doors()
    )
    checks.append(_check_disk(home, least_free))
    return checks


def _check_register(home: Path, database: str, now: datetime) -> Iterator[Check]:
    name = f"database {database}"
    try:
        state = state_of(home, database)
        if state == "gone":
            yield Check(name, False, say_gone(database))
        elif state == "never" and database == DEFAULT_DB_ALIAS:
            yield Check(
                name, False, "there is no register yet: varde serve and varde ingest make one"
            )
        if state != "there":
            return
        lacking = _newest(database) - _applied(database)
        if lacking:
            yield Check(name, False, "its tables are of an older version: varde status renews them")
            return
        if database == VAULT:
            last = None
        else:
            with using(database):
                last = newest()
        key_check = read_settings(connections[database]).get("key_check", "")
    except (DatabaseTrouble, OSError) as error:
        yield Check(name, False, f"it does not answer ({type(error).__name__})")
        return
    yield Check(name, True)
    yield _check_keys(home, database, key_check, last)
    if database == VAULT:
        return
    behind = last is not None and last.received_at - now > SKEW
    yield Check(
        f"clock {database}",
        not behind,
        "the clock of this machine is behind the newest message" if behind else "",
    )


@cache
def _newest(database: str) -> frozenset[tuple[str, str]]:
    """The newest migrations of a database's tables; reading them takes a while."""
    return frozenset(newest_known(database).items())


def _applied(database: str) -> set[tuple[str, str]]:
    with connections[database].cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return {(str(app), str(name)) for app, name in cursor.fetchall()}


def _check_keys(home: Path, database: str, key_check: str, last: Newest | None) -> Check:
    name = f"keys {database}"
    try:
        keys = source_of(home, database).read()
        if key_check and keys.check_value() != key_check:
            return Check(name, False, "they are not those that the register was made with")
        if last is not None:
            Sealer(keys).open(last.sealed_name, last.sha256, last.key_id)
    except KeyProblem as error:
        return Check(name, False, str(error))
    return Check(name, True)


def _check_disk(home: Path, least_free: int) -> Check:
    try:
        free = shutil.disk_usage(home).free
    except OSError as error:
        return Check("disk", False, f"the home folder cannot be reached ({type(error).__name__})")
    if free < least_free:
        return Check("disk", False, f"{free >> 20} MiB are free, {least_free >> 20} are wanted")
    return Check("disk", True)
