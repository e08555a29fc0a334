"""Opening a register: its tables, its keys, and the code maps it is read with."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from varde.identity import DATABASE as VAULT
from varde.identity.opening import open_vault
from varde.identity.vault import Vault
from varde.messages import READER_VERSION
from varde.register import store
from varde.register.casework.versions import note_definitions
from varde.register.identities.knowledge import linking_version
from varde.register.joining_rules import rules_version
from varde.register.projection import Context
from varde.register.settings import read_setting, write_setting
from varde.register.store import connection

_CHECK = "storage_check/"
MADE = ".migrate.lock"
"""A file beside a register's database (SQLite): whoever makes tables locks it; it says so once there are any."""
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
        """Folder of the columns made from this register: each has its own, so that nothing can be put together."""
        return (self.home / self.alias if self.alias in store.APART else self.home) / "warehouse"


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
        source = KeySource(home, apart)
        keys = _load_keys(source)
        _check_keys(source, keys)
        vault = _open_vault(home) if store.has_persons() else None
        site = SiteMaps(home / "maps")
        codes = site.read()
        context = Context.make(codes, keys, site, vault)
        if not read_setting("code_map"):
            write_versions(codes.version)
            if store.has_persons():
                note_definitions(context.definitions())
    sealer = Sealer(keys, source)
    return Register(home=home, sealer=sealer, context=context, alias=alias)


def make_tables(home: Path, alias: str = "default") -> None:
    """Make the tables of a register, or of the identity vault, or bring them to what this version of Varde expects."""
    folder = home / alias if alias in (*store.APART, VAULT) else home
    folder.mkdir(parents=True, exist_ok=True)
    with store.using(alias):
        if _tables_missing():
            with _alone(folder):
                if _tables_missing():
                    only = tables_of(alias)
                    call_command("migrate", *only, database=alias, interactive=False, verbosity=0)
        database = connections[alias]
        if database.vendor == "sqlite" and not database.is_in_memory_db() and not was_made(folder):
            (folder / MADE).write_text("made\n", encoding="ascii")


def _open_vault(home: Path) -> Vault:
    make_tables(home, VAULT)
    return open_vault(home)


def was_made(folder: Path) -> bool:
    """Whether the tables of the register in a folder were ever made there (SQLite)."""
    try:
        return (folder / MADE).stat().st_size > 0
    except OSError:
        return False


def _tables_missing() -> bool:
    executor = MigrationExecutor(connections[store.alias()])
    graph = executor.loader.graph
    apps: Sequence[str | None] = tables_of(store.alias()) or (None,)
    return bool(executor.migration_plan([node for app in apps for node in graph.leaf_nodes(app)]))


def tables_of(alias: str) -> tuple[str, ...]:
    """The application whose tables a database has; none when it has those of all."""
    if alias == VAULT:
        return ("identity",)
    return ("register",) if alias in store.APART else ()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Only one process at a time makes tables: two first intakes may start together."""
    if store.is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATING])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATING])
        return
    with (folder / MADE).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _load_keys(source: KeySource) -> Keys:
    """The keys of the register in use, made only where it never had any.

    Raises:
        KeyProblem: they are not there, or malformed.
    """
    if not read_setting("key_check"):
        return load_keys(source.home, source.apart)
    missing = source.missing_files
    if missing:
        raise KeyProblem(
            f"the keys of the register {store.alias()} are not there ({missing[0]} is missing): put back "
            f"{say_needed()}. Make no new ones"
        )
    return source.read()


def say_needed() -> str:
    """Which keys the register in use needs, by their check values as far as they are known."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT key_id FROM register_message ORDER BY key_id")
        used = [str(row[0]) for row in cursor.fetchall()]
    checks = _storage_checks(used)
    storage = [
        f"storage key {key_id}" + (f" (check value {checks[key_id]})" if key_id in checks else "")
        for key_id in used
    ]
    pseudonym = f"the pseudonym key with check value {read_setting('key_check')}"
    return f"{pseudonym}, and {', '.join(storage)}" if storage else pseudonym


def _check_keys(source: KeySource, keys: Keys) -> None:
    check = keys.check_value()
    with store.atomic():
        store.lock()
        known = read_setting("key_check")
        if not known:
            write_setting("key_check", check)
        elif known != check:
            raise KeyProblem(
                "these are not the keys that this register was made with: the pseudonym key has check "
                f"value {check}, needed is {say_needed()}. Restore the folder {source.folder} from its "
                f"backup, or set {source.pseudonym_variable} to the original key"
            )
        note_storage_checks(keys.storage_checks())


def note_storage_checks(checks: Mapping[str, str]) -> None:
    """Remember the check values of storage keys in the register in use, so that it can say which keys it
    needs when they are lost. Inside the caller's transaction; what is known is left as it is."""
    known = _storage_checks(checks)
    for key_id, check in checks.items():
        if check and key_id not in known:
            write_setting(f"{_CHECK}{key_id}", check)


def _storage_checks(key_ids: Iterable[str]) -> dict[str, str]:
    rows = store.select_in("setting", "name, value", "name", [f"{_CHECK}{k}" for k in key_ids])
    return {str(name).removeprefix(_CHECK): str(value) for name, value in rows}


def write_versions(code_map: str) -> None:
    """Remember the code maps, readers and rules that the whole register is folded with."""
    write_setting("code_map", code_map)
    write_setting("reader", READER_VERSION)
    write_setting("joining", rules_version())
    if store.has_persons():
        write_setting("linking", linking_version())
