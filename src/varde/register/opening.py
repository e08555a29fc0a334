"""Opening a register: its tables, its keys, and the code maps it is read with."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from varde.access.key_files import KeySource
from varde.access.keys import KeyProblem, Keys, load_keys
from varde.access.sealing import Sealer
from varde.codes import SiteMaps
from varde.messages import READER_VERSION
from varde.register import store
from varde.register.projection import Context
from varde.register.store import connection

_MIGRATING = 0x7661726467
"""The advisory lock of those who make tables; the register and the access log have their own."""


@dataclass(frozen=True)
class Register:
    """An open register: what every command needs at hand.

    Attributes:
        home: the folder of its state.
        alias: the name of its database: "default", or that of a de-identified register.
    """

    home: Path
    sealer: Sealer
    context: Context
    alias: str = "default"

    def pinned(self) -> Register:
        """This register with the site's maps as they are now, whatever becomes of the files meanwhile."""
        return replace(self, context=replace(self.context.renewed(), site=None))

    @property
    def keyed(self) -> Callable[[bytes], bytes]:
        """Keyed hash under which a de-identified register keeps the numbers of isolates."""
        return self.context.reference

    @property
    def warehouse(self) -> Path:
        """Folder of the columns made from this register."""
        return self.home / "warehouse"


def open_register(home: Path, alias: str = "default") -> Register:
    """Make the tables if they are missing, and check that the keys are this register's.

    Code maps confirmed at this site lie in ``home/maps`` and are read on top of the project's own. A
    de-identified register (`store.APART`) has its database and its keys for itself.

    Raises:
        KeyProblem: the keys are missing or are not those that the register was made with. Folding
            with other keys would make every person a stranger.
    """
    make_tables(home, alias)
    with store.using(alias):
        apart = alias if alias in store.APART else ""
        keys = load_keys(home, apart)
        _check_keys(keys)
        site = SiteMaps(home / "maps")
        codes = site.read()
        if not read_setting("code_map"):
            write_versions(codes.version)
    context = Context.make(codes, keys, site)
    sealer = Sealer(keys, KeySource(home, apart))
    return Register(home=home, sealer=sealer, context=context, alias=alias)


def make_tables(home: Path, alias: str = "default") -> None:
    """Make the tables of a register, or bring them to what this version of Varde expects."""
    (home / alias if alias in store.APART else home).mkdir(parents=True, exist_ok=True)
    with store.using(alias):
        if _tables_missing():
            with _alone(home):
                if _tables_missing():
                    call_command("migrate", database=alias, interactive=False, verbosity=0)


def _tables_missing() -> bool:
    executor = MigrationExecutor(connections[store.alias()])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Only one process at a time makes tables: two first intakes may start together."""
    if store.is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATING])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATING])
        return
    with (home / ".migrate.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _check_keys(keys: Keys) -> None:
    check = keys.check_value()
    with store.atomic():
        store.lock()
        known = read_setting("key_check")
        if not known:
            write_setting("key_check", check)
        elif known != check:
            raise KeyProblem(
                "these are not the keys that this register was made with: restore the folder keys/ "
                "from its backup, or set VARDE_PSEUDONYM_KEY to the original key"
            )


def read_setting(name: str) -> str:
    """A fact about the register; empty when it is not set."""
    rows = list(store.select_in("setting", "value", "name", [name]))
    return str(rows[0][0]) if rows else ""


def write_setting(name: str, value: str) -> None:
    """Set a fact about the register."""
    store.insert(
        "setting",
        ("name", "value"),
        [(name, value)],
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )


def write_versions(code_map: str) -> None:
    """Remember the code maps and readers that the whole register is folded with."""
    write_setting("code_map", code_map)
    write_setting("reader", READER_VERSION)
