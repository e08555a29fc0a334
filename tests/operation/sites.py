"""Sites of their own for the tests of an operator's work: databases on disk, keys, and a plain dump.

`at` makes a folder the home of everything that Django and Varde do meanwhile. `dump` reads the databases past
Django and past Varde, to compare with. `killed` lets something run in a process of its own and kills that.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from messages import deidentified_lists as lists
from register.answers import PERSONS, answer
from varde.register import APART, Incoming, Register, open_register
from varde.register.intake import take_in
from varde.web.database import choose

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ALIASES = ("default", *APART)
HELD = (*ALIASES, "identity")
"""The databases of a site: its registers', and the identity vault's."""
BESIDE = (*APART, "identity")
"""Those whose folders lie in the home folder."""
JSON_COLUMNS = frozenset({"kinds", "keys"})
Tables = dict[str, list[tuple[Any, ...]]]


def clock() -> datetime:
    return NOW


@contextmanager
def at(home: Path, addresses: Mapping[str, str] | None = None) -> Iterator[Path]:
    """Work with the databases of `home` (or those of PostgreSQL at `addresses`, by alias)."""
    addresses = addresses or {}
    chosen = {
        alias: choose(addresses.get(alias, ""), home / alias if alias in BESIDE else home)
        for alias in HELD
    }
    earlier_settings = {alias: connections.settings[alias] for alias in HELD}
    earlier = {alias: connections[alias] for alias in HELD}
    earlier_home = settings.VARDE_HOME
    home.mkdir(parents=True, exist_ok=True)
    connections.settings.update(connections.configure_settings(chosen))
    for alias in HELD:
        connections[alias] = connections.create_connection(alias)
    settings.VARDE_HOME = home
    try:
        yield home
    finally:
        settings.VARDE_HOME = earlier_home
        for alias in HELD:
            connections[alias].close()
            connections[alias] = earlier[alias]
        connections.settings.update(earlier_settings)


def copy(template: Path, home: Path) -> Path:
    """Another site that is as the template is."""
    shutil.copytree(template, home)
    return home


def without_keys(template: Path, home: Path) -> Path:
    """The template's databases alone."""
    copy(template, home)
    for folder in (home, *(home / alias for alias in BESIDE)):
        shutil.rmtree(folder / "keys", ignore_errors=True)
    return home


def put_back_keys(source: Path, home: Path) -> None:
    for folder in ("keys", *(f"{alias}/keys" for alias in BESIDE)):
        shutil.copytree(source / folder, home / folder, dirs_exist_ok=True)


def messages(count: int, first: int = 1, made: int = 1) -> list[Incoming]:
    """Laboratory answers, every fifth cut short."""
    found = []
    for number in range(first, first + count):
        data = answer(f"R{number}", f"M{number}", person=PERSONS[number % 3], made=made)
        if number % 5 == 0:
            data = data[: len(data) // 2]
        found.append(Incoming(f"{number}.xml", data, None, "HER:91843", "laboratory", "api"))
    return found


def fill(register: Register, batch: Sequence[Incoming]) -> None:
    take_in(register, batch, clock)


def fill_site(home: Path, count: int = 30) -> None:
    """A small register with a user, a client and an access log, and both de-identified registers."""
    from varde.access import audit
    from varde.access.models import FailedSignIn, RegisteredClient, UsedId, User

    register = open_register(home)
    fill(register, messages(count))
    mapping = b'sender = "X"\n[columns]\n'
    fill(register, [Incoming("list.csv", b"id;date\n1;2026-01-01\n", mapping)])
    for alias in APART:
        fill(open_register(home, alias), deidentified(alias))
    user = User.objects.create_user("ola", display_name="Ola Ø", role="epidemiologist")
    audit.record(user, "view", "quarantine", "quarantine item", 3)
    audit.record(None, "sign-in-failed")
    FailedSignIn.objects.create(key="k" * 64, at=NOW)
    UsedId.objects.create(digest="d" * 64, until=NOW)
    client = RegisteredClient.objects.create(
        client_id="machine",
        name="Fjordby",
        sender="HER:91843",
        kinds=["laboratory"],
        keys=[{"kty": "EC", "kid": "æ", "alg": "ES384"}],
        created=NOW,
    )
    client.certificates.create(fingerprint="f" * 64, der=b"\x00\xff\x30")


def submission(alias: str, *isolates: str, made: str = "2026-07-01T10:30") -> Incoming:
    """A list that a de-identified register is handed."""
    rows = [lists.row(alias, Isolatnummer=number, Tidspunkt=made) for number in isolates]
    return Incoming("list.csv", lists.write(alias, *rows), None, "", alias, "api")


def deidentified(alias: str) -> list[Incoming]:
    """What a de-identified register is handed; some of it of no use."""
    return [submission(alias, "1", "2", "3"), Incoming("", b"nothing", None, "", alias, "api")]


def database_file(home: Path, alias: str = "default") -> Path:
    return (home / alias if alias in BESIDE else home) / "varde.sqlite3"


def dump(home: Path) -> Tables:
    """Every table of Varde's in a site on SQLite, read past Django; only those with rows."""
    found: Tables = {}
    for alias in HELD:
        file = database_file(home, alias)
        if not file.exists():
            continue
        with closing(sqlite3.connect(file)) as database:
            tables = database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND (name GLOB 'register_*' "
                "OR name GLOB 'access_*' OR name GLOB 'identity_*' OR name GLOB 'followup_*' "
                "OR name GLOB 'learning_*') "
                "ORDER BY name"
            ).fetchall()
            for (table,) in tables:
                cursor = database.execute(f"SELECT * FROM {table}")
                names = [column[0] for column in cursor.description]
                rows = sorted((_plain(names, row) for row in cursor), key=repr)
                if rows:
                    found[f"{alias}/{table}"] = rows
    return found


def _plain(names: Sequence[str], row: Sequence[Any]) -> tuple[Any, ...]:
    """A row with JSON in one form, whoever wrote it."""
    return tuple(
        json.dumps(json.loads(value), sort_keys=True)
        if name in JSON_COLUMNS and value is not None
        else value
        for name, value in zip(names, row, strict=True)
    )


def limited(size: int, work: Callable[[], object]) -> str:
    """Run something in a process of its own that cannot write files larger than so many bytes, as on a disk
    that is full.

    Returns:
        What it raised, as "NotWritten: why"; empty when it raised nothing.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        said = ""
        try:
            work()
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return told


def everything(home: Path) -> set[str]:
    """Every file and folder below a folder."""
    return {path.relative_to(home).as_posix() for path in home.rglob("*")}


def killed(work: Callable[[], object], after: float | None = None) -> bool:
    """Run something in a process of its own, and kill that after a while (or it kills itself).

    Returns:
        Whether it was killed before it had ended.
    """
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)
