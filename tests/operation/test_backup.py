"""Backup and restore: everything comes back, whatever it is, and a damaged backup changes nothing."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import random
import shutil
import stat
import threading
import tracemalloc
import zipfile
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.db import connections, models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operation.sites import (
    ALIASES,
    HELD,
    NOW,
    at,
    clock,
    copy,
    database_file,
    dump,
    fill,
    killed,
    messages,
    put_back_keys,
    without_keys,
)
from varde.access.models import User
from varde.operation import (
    ArchiveInvalid,
    NotEmpty,
    NothingThere,
    backup,
    count_all,
    open_archive,
    restore,
)
from varde.operation.archive import new_archive
from varde.operation.databases import models_of
from varde.operation.manifest import MANIFEST, Manifest
from varde.operation.rows import LENGTH_BYTES
from varde.register import Incoming, open_register, replay, resume

EXAMPLES = int(os.environ.get("VARDE_EXAMPLES", "4"))


@pytest.fixture(scope="module")
def archive(
    filled_site: Path, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Path:
    """A backup of the filled site."""
    file = tmp_path_factory.mktemp("archive") / "varde.zip"
    with django_db_blocker.unblock(), at(filled_site):
        backup(filled_site, file, NOW)
    return file


@pytest.fixture
def empty(empty_site: Path, tmp_path: Path) -> Path:
    """A home with tables and nothing in them, and no keys."""
    return without_keys(empty_site, tmp_path / "empty")


# --- there and back -----------------------------------------------------------------------------


def test_everything_comes_back_in_every_register(
    filled_site: Path, archive: Path, empty: Path
) -> None:
    advanced: list[int] = []
    with at(empty):
        result = restore(empty, archive, advanced.append)
    found, expected = dump(empty), dump(filled_site)
    assert found == expected
    for table in ("register_message", "register_item", "register_quarantineentry"):
        assert all(expected[f"{alias}/{table}"] for alias in ALIASES)
    for table in ("user", "accesslogentry", "registeredclient", "clientcertificate", "usedid"):
        assert expected[f"default/access_{table}"]
    assert sum(advanced) == 2 * sum(result.rows.values()) == 2 * sum(map(len, expected.values()))


def test_a_backup_is_for_its_owner_and_holds_no_key_and_no_session(
    filled_site: Path, archive: Path
) -> None:
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]
    with zipfile.ZipFile(archive) as opened:
        content = b"".join(opened.read(name) for name in opened.namelist())
        assert not [name for name in opened.namelist() if "session" in name]
        assert opened.getinfo("default/register_message.rows").compress_type == zipfile.ZIP_STORED
    for path in filled_site.rglob("*.key*"):
        for line in path.read_text().split():
            secret = line.rpartition(":")[2]
            assert len(secret) == 64
            assert secret.encode() not in content and bytes.fromhex(secret) not in content


def test_the_manifest_says_what_is_in_it(filled_site: Path, archive: Path) -> None:
    with at(filled_site), open_archive(archive) as opened:
        manifest = opened.manifest
        assert manifest.rows == count_all(filled_site)
    assert [database.name for database in manifest.databases] == list(HELD)
    assert manifest.made_at == "2026-11-01T12:00:00+00:00"
    checks = {database.key_check for database in manifest.databases if database.name in ALIASES}
    assert len(checks) == 3 and all(len(check) == 16 for check in checks)
    assert all(len(database.storage_keys["k1"]) == 16 for database in manifest.databases)


def test_site_files_come_back(filled_site: Path, empty_site: Path, tmp_path: Path) -> None:
    home = copy(empty_site, tmp_path / "home")
    files = {
        "maps/own.csv": b"kind,system\n",
        "retention.json": b'{"periods": {}}',
        "followup.json": b'{"telephones": []}',
        "guidelines/anbefalinger/a/2026-01-01.json": b"{}",
    }
    for name, content in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(content)
    (home / "warehouse").mkdir()
    (home / "warehouse" / "manifest.json").write_text("{}")
    with at(home):
        assert backup(home, tmp_path / "b.zip", NOW).files == len(files)
    again = without_keys(empty_site, tmp_path / "again")
    with at(again):
        restore(again, tmp_path / "b.zip")
    assert {name: (again / name).read_bytes() for name in files} == files
    assert not (again / "warehouse").exists()
    (again / "maps" / "own.csv").write_text("other")
    with at(again), pytest.raises(NotEmpty, match=r"maps/own\.csv"):
        restore(again, tmp_path / "b.zip")


_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4)
_VALUES: dict[type[models.Field], st.SearchStrategy[Any]] = {
    models.BooleanField: st.booleans(),
    models.BinaryField: st.binary(max_size=4),
    models.DateTimeField: st.datetimes(
        datetime(1, 1, 2),  # noqa: DTZ001 - the zone is given beside it
        datetime(9999, 12, 30),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    models.DateField: st.dates(date(1, 1, 1), date(9999, 12, 31)),
    models.JSONField: st.recursive(
        st.none() | st.booleans() | st.integers(-(2**31), 2**31) | _TEXT,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXT, inner, max_size=2),
        max_leaves=4,
    ).filter(lambda value: value is not None),
    models.CharField: _TEXT,
    models.TextField: _TEXT,
    models.PositiveBigIntegerField: st.integers(0, 2**63 - 1),
    models.PositiveIntegerField: st.integers(0, 2**31 - 1),
    models.SmallIntegerField: st.integers(-(2**15), 2**15 - 1),
    models.BigIntegerField: st.integers(-(2**63), 2**63 - 1),
    models.IntegerField: st.integers(-(2**31), 2**31 - 1),
}


def rows_of(model: type[models.Model]) -> st.SearchStrategy[list[models.Model]]:
    """Some rows of a table, with anything in them that it can hold."""
    values: dict[str, st.SearchStrategy[Any]] = {}
    unique = [model._meta.pk.attname]
    for field in model._meta.concrete_fields:
        known = next((v for kind, v in _VALUES.items() if isinstance(field, kind)), None)
        if field.primary_key and not isinstance(field, models.CharField):
            known = st.integers(1, 2**63 - 1)
        elif isinstance(field, models.ForeignKey):
            return st.just([])
        assert known is not None, field
        values[field.attname] = st.none() | known if field.null else known
        unique += [field.attname] if field.unique else []
    sets = [unique[:1], *([name] for name in unique[1:])]
    sets += [
        [model._meta.get_field(name).attname for name in constraint.fields]
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint)
    ]
    keys = tuple(
        (lambda row, names=tuple(names): tuple(row[name] for name in names)) for names in sets
    )
    rows = st.lists(st.fixed_dictionaries(values), max_size=3, unique_by=keys)
    return rows.map(lambda found: [model(**row) for row in found])


TABLES = [
    (alias, model)
    for alias in ALIASES
    for model in models_of(alias)
    if model._meta.model_name != "setting"
]


@given(data=st.data())
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_rows_come_back(data: st.DataObject, empty_site: Path, tmp_path: Path) -> None:
    folder = tmp_path / "example"
    shutil.rmtree(folder, ignore_errors=True)
    home = copy(empty_site, folder / "home")
    with at(home):
        for alias, model in data.draw(st.lists(st.sampled_from(TABLES), min_size=4, max_size=6)):
            found = data.draw(rows_of(model), label=f"{alias} {model._meta.db_table}")
            model._base_manager.using(alias).bulk_create(found, ignore_conflicts=True)
        backup(home, folder / "b.zip", NOW)
    again = without_keys(empty_site, folder / "again")
    with at(again):
        restore(again, folder / "b.zip")
        backup(again, folder / "c.zip", NOW)
    assert dump(again) == dump(home)
    with open_archive(folder / "b.zip") as first, open_archive(folder / "c.zip") as second:
        assert [each.tables for each in first.manifest.databases] == [
            each.tables for each in second.manifest.databases
        ]


def test_a_backup_made_while_the_intake_goes_on_is_of_one_moment(
    empty_site: Path, tmp_path: Path
) -> None:
    home = copy(empty_site, tmp_path / "home")
    stop = threading.Event()
    taken: list[int] = []

    def take_in_for_ever() -> None:
        register = open_register(home)
        while not stop.is_set():
            fill(register, messages(4, first=4 * len(taken) + 1))
            taken.append(4)
        connections.close_all()

    with at(home):
        fill(open_register(home), messages(40, first=10_001))
        worker = threading.Thread(target=take_in_for_ever)
        worker.start()
        try:
            while not taken:
                pass
            before = len(taken)
            results = [backup(home, tmp_path / f"{n}.zip", NOW) for n in range(3)]
            after = len(taken)
        finally:
            stop.set()
            worker.join()
    assert after > before, "nothing came while the backup was made"
    again = without_keys(empty_site, tmp_path / "again")
    put_back_keys(home, again)
    with at(again):
        assert restore(again, tmp_path / "2.zip").warnings == ()
        register = open_register(again)
        resume(register, clock)
        result = replay(register, clock)
    assert result.messages == results[-1].messages["default"] >= 40
    assert not (result.added or result.removed or result.changed)


def test_numbers_go_on_after_those_that_were_put_back(archive: Path, empty: Path) -> None:
    with at(empty):
        restore(empty, archive)
        last = User.objects.latest("id").pk
        assert User.objects.create_user("kari", role="clinician").pk == last + 1


@pytest.fixture
def usual_garbage() -> Iterator[None]:
    """Garbage is searched for as in a process that folds nothing, such as that of these commands."""
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*before)


def test_memory_stays_flat(empty_site: Path, tmp_path: Path, usual_garbage: None) -> None:
    home = copy(empty_site, tmp_path / "home")
    large = 1 << 20
    again = without_keys(empty_site, tmp_path / "again")
    with at(home):
        register = open_register(home)
        for number in range(20):
            fill(register, [Incoming("", bytes([number]) * large, None, "", "", "api")])
        tracemalloc.start()
        try:
            backup(home, tmp_path / "b.zip", NOW)
            _, used = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert (tmp_path / "b.zip").stat().st_size > 20 * large
    assert used < 12 * large
    with at(again):
        tracemalloc.start()
        try:
            restore(again, tmp_path / "b.zip")
            _, used = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert used < 13 * large


# --- what is refused ----------------------------------------------------------------------------


def test_a_register_that_is_there_is_not_touched(
    archive: Path, filled_site: Path, empty_site: Path, tmp_path: Path
) -> None:
    home = copy(empty_site, tmp_path / "home")
    with at(home):
        fill(open_register(home), messages(1))
    before = dump(home)
    with at(home), pytest.raises(NotEmpty, match="VARDE_HOME to a new folder"):
        restore(home, archive)
    assert dump(home) == before


def test_a_de_identified_register_that_is_there_is_not_touched(
    empty_site: Path, filled_site: Path, tmp_path: Path
) -> None:
    alone = copy(empty_site, tmp_path / "alone")
    for alias in ("ravn", "norm"):
        shutil.rmtree(alone / alias)
    with at(alone):
        backup(alone, tmp_path / "b.zip", NOW)
    with open_archive(tmp_path / "b.zip") as opened:
        assert [each.name for each in opened.manifest.databases] == ["default", "identity"]
    assert not (alone / "norm").exists()
    home = copy(filled_site, tmp_path / "home")
    database_file(home).unlink()
    database_file(home, "identity").unlink()
    with at(home), pytest.raises(NotEmpty, match="database ravn"):
        restore(home, tmp_path / "b.zip")


def test_the_columns_of_another_register_are_in_the_way(
    archive: Path, filled_site: Path, empty: Path, tmp_path: Path
) -> None:
    (empty / "warehouse").mkdir()
    before = dump(empty)
    with at(empty), pytest.raises(NotEmpty, match="warehouse"):
        restore(empty, archive)
    assert dump(empty) == before
    own = copy(filled_site, tmp_path / "own")
    (own / "warehouse").mkdir()
    with at(own):
        restore(own, archive)


def test_restoring_twice_changes_nothing(archive: Path, filled_site: Path, tmp_path: Path) -> None:
    home = copy(filled_site, tmp_path / "home")
    with at(home):
        assert set(restore(home, archive).rows.values()) == {0}
    assert dump(home) == dump(filled_site)


def test_there_must_be_a_register_to_back_up(tmp_path: Path) -> None:
    with at(tmp_path / "home") as home, pytest.raises(NothingThere, match="VARDE_HOME"):
        backup(home, tmp_path / "b.zip", NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_no_file_is_written_over(filled_site: Path, tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_text("mine")
    with at(filled_site), pytest.raises(NotEmpty, match="another name"):
        backup(filled_site, tmp_path / "b.zip", NOW)
    assert (tmp_path / "b.zip").read_text() == "mine"


def test_a_backup_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError),
        new_archive(tmp_path / "b.zip", NOW) as writer,
    ):
        writer.add("a", [b"a"])
        raise RuntimeError
    assert not list(tmp_path.iterdir())


def changed(archive: Path, file: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The archive with a manifest that says something else."""
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == MANIFEST:
                manifest = json.loads(content)
                change(manifest)
                content = json.dumps(manifest).encode()
            target.writestr(name, content)
    return file


def _set(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(manifest: dict[str, Any]) -> None:
        *way, last = path.split("/")
        place: Any = manifest
        for step in way:
            place = place[int(step)] if step.isdigit() else place[step]
        place[int(last) if last.isdigit() else last] = value

    return change


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (_set("format", 2), "format 2"),
        (_set("databases/0/name", "other"), "'other'"),
        (_set("databases/0/migrations/register", "0999_later"), "install that version"),
        (_set("databases/0/tables/0/name", "sqlite_master"), "'sqlite_master'"),
        (_set("databases/0/tables/0/key", "1; DROP TABLE x"), "Varde has not"),
        (_set("databases/0/tables/0/columns/0/name", 'a" --'), "Varde has not"),
        (_set("databases/0/tables/0/columns/0/kind", "pickle"), "no backup of Varde"),
        (_set("databases/0/tables/0/sha256", "0" * 64), "is not what was written"),
        (_set("databases/0/tables/0/size", 1), "is not what was written"),
        (_set("databases/0/tables", []), "not what its manifest says"),
        (_set("files", [{"path": "../x", "size": 0, "sha256": ""}]), "no place here"),
        (_set("files", [{"path": "keys/web.key", "size": 0, "sha256": ""}]), "no place here"),
        (_set("files", [{"path": "/maps/a.csv", "size": 0, "sha256": ""}]), "no place here"),
        (_set("more", 1), "no backup of Varde"),
    ],
)
def test_an_archive_that_is_not_ours_is_refused(
    change: Callable[[dict[str, Any]], None],
    complaint: str,
    archive: Path,
    empty: Path,
    tmp_path: Path,
) -> None:
    file = changed(archive, tmp_path / "foreign.zip", change)
    before = dump(empty)
    with at(empty), pytest.raises(ArchiveInvalid, match=complaint):
        restore(empty, file)
    assert dump(empty) == before


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all" * 100])
def test_what_is_no_archive_is_refused(content: bytes, empty: Path, tmp_path: Path) -> None:
    (tmp_path / "f.zip").write_bytes(content)
    with at(empty), pytest.raises(ArchiveInvalid, match="no backup"):
        restore(empty, tmp_path / "f.zip")


def test_any_zip_file_without_a_manifest_is_refused(empty: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "f.zip", "w") as other:
        other.writestr("a.txt", "a")
    with at(empty), pytest.raises(ArchiveInvalid, match="no manifest"):
        restore(empty, tmp_path / "f.zip")


def test_rows_that_do_not_fit_change_nothing(archive: Path, empty: Path, tmp_path: Path) -> None:
    """Hashes that are right over rows that are wrong: somebody's own archive."""
    import hashlib

    path = "default/register_person.rows"
    rows = b"".join(
        len(row).to_bytes(4, "big") + row
        for row in (msgspec.msgpack.encode([1, b"p" * 32]), msgspec.msgpack.encode(["2", b"q"]))
    )
    file = tmp_path / "own.zip"
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(file, "w") as target:
        manifest = msgspec.json.decode(source.read(MANIFEST))
        entry = next(
            t for t in manifest["databases"][0]["tables"] if t["name"] == "register_person"
        )
        entry |= {"rows": 2, "size": len(rows), "sha256": hashlib.sha256(rows).hexdigest()}
        for name in source.namelist():
            content = {path: rows, MANIFEST: msgspec.json.encode(manifest)}
            target.writestr(name, content.get(name) or source.read(name))
    before = dump(empty)
    with at(empty), pytest.raises(ArchiveInvalid, match="does not fit"):
        restore(empty, file)
    assert dump(empty) == before


def test_whatever_byte_is_damaged_it_is_noticed(archive: Path, tmp_path: Path) -> None:
    """Or it does not matter: what is read is what was written."""
    whole = archive.read_bytes()
    with open_archive(archive) as opened:
        manifest = opened.manifest
    chance = random.Random(3)
    file = tmp_path / "damaged.zip"
    noticed = 0
    for attempt in range(int(os.environ.get("VARDE_FUZZ", "100"))):
        data = bytearray(whole)
        if attempt % 3 == 0:
            data = data[: chance.randrange(len(data))]
        else:
            place = chance.randrange(len(data))
            if attempt % 3 == 1:
                place = len(data) - 1 - chance.randrange(6_000)  # the directory and the manifest
            data[place] ^= 1 << chance.randrange(8)
        file.write_bytes(data)
        try:
            with open_archive(file) as opened:
                opened.verify()
                assert opened.manifest == manifest
        except ArchiveInvalid:
            noticed += 1
    assert noticed > attempt // 2


# --- crashes and other versions -----------------------------------------------------------------


def test_a_restore_that_is_killed_is_done_again(
    archive: Path, filled_site: Path, empty_site: Path, tmp_path: Path
) -> None:
    chance = random.Random(5)
    expected = dump(filled_site)
    home = without_keys(empty_site, tmp_path / "home")
    empty = dump(home)
    interrupted = 0

    def put_back() -> None:
        with at(home):
            restore(home, archive)

    for _ in range(6):
        interrupted += killed(put_back, chance.uniform(0.005, 0.08))
        if dump(home) != empty:
            break
    assert interrupted, "every restore had ended before it was killed"
    put_back()
    assert dump(home) == expected


def test_a_restore_that_ended_between_two_databases_is_finished(
    archive: Path, filled_site: Path, empty_site: Path, tmp_path: Path
) -> None:
    home = without_keys(empty_site, tmp_path / "home")
    shutil.copy(database_file(filled_site), database_file(home))
    with at(home):
        result = restore(home, archive)
    assert result.rows["default"] == 0 and result.rows["norm"] > 0
    assert dump(home) == dump(filled_site)


def test_a_backup_of_an_older_version_is_brought_up_to_date(
    archive: Path, filled_site: Path, tmp_path: Path
) -> None:
    """As if made before there were tallies: tables and columns that came later are made and filled."""
    later = (
        *("register_tally", "register_codedecision", "register_confirmed", "register_traffic"),
        *("register_case", "register_casenumber", "register_casechange"),
        *("register_link", "register_linkanchor"),
        *("register_node", "register_nodekey", "register_commonkey", "register_nodelink"),
        *("register_question", "register_ruling", "register_numberchange", "register_noticeseen"),
    )
    columns = (
        *("closed_by", "closed_reason", "method"),
        *("begins", "diagnosis_name", "infected_in_name"),
        *("rank", "patient", "notices", "disease", "node", "markers", "stay", "looked_for"),
        *("accession", "marked"),
    )

    with open_archive(archive) as opened:
        newest: Manifest = opened.manifest
    kept = {
        t.name
        for d in newest.databases
        for t in d.tables
        if t.name not in later
        and not t.name.startswith(("followup_", "learning_"))
        and not {c.name for c in t.columns} & set(columns)
    }
    file = tmp_path / "older.zip"
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(file, "w") as target:
        manifest = json.loads(source.read(MANIFEST))
        [default] = [each for each in manifest["databases"] if each["name"] == "default"]
        manifest["databases"] = [default]
        default["migrations"]["register"] = "0003_every_kind"
        for app in ("followup", "learning"):
            default["migrations"].pop(app)
        default["tables"] = [
            t
            for t in default["tables"]
            if t["name"] not in later and not t["name"].startswith(("followup_", "learning_"))
        ]
        for table in default["tables"]:
            name = f"default/{table['name']}.rows"
            data = _without(columns, table, source.read(name))
            table |= {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            target.writestr(name, data)
        target.writestr(MANIFEST, json.dumps(manifest))
    with at(tmp_path / "home") as home:
        restore(home, file)
    found, expected = dump(home), dump(filled_site)
    assert found["default/register_tally"] == expected["default/register_tally"]
    for name, rows in expected.items():
        if name.removeprefix("default/") in kept:
            assert found[name] == rows, name


def _without(columns: Collection[str], table: dict[str, Any], data: bytes) -> bytes:
    """The rows of a table as they were before it had some columns, which are taken from its description too."""
    left = [at for at, c in enumerate(table["columns"]) if c["name"] not in columns]
    table["columns"] = [table["columns"][at] for at in left]
    rows = []
    while data:
        length = int.from_bytes(data[:LENGTH_BYTES], "big")
        row = msgspec.msgpack.decode(data[LENGTH_BYTES : LENGTH_BYTES + length])
        packed = msgspec.msgpack.encode([row[at] for at in left])
        rows.append(len(packed).to_bytes(LENGTH_BYTES, "big") + packed)
        data = data[LENGTH_BYTES + length :]
    return b"".join(rows)


# --- keys ---------------------------------------------------------------------------------------


def test_the_keys_that_are_needed_are_named(
    archive: Path, filled_site: Path, empty: Path, empty_site: Path
) -> None:
    with open_archive(archive) as opened:
        [default, ravn, _, vault] = opened.manifest.databases
    with at(empty):
        warnings = restore(empty, archive).warnings
        assert len(warnings) == 4
        assert str(empty / "identity" / "keys") in warnings[3]
        assert vault.storage_keys["k1"] in warnings[3]
        assert default.key_check in warnings[0] and default.storage_keys["k1"] in warnings[0]
        assert ravn.key_check in warnings[1] and str(empty / "ravn" / "keys") in warnings[1]
        assert not (empty / "keys").exists(), "a restore makes no keys"
        put_back_keys(filled_site, empty)
        assert restore(empty, archive).warnings == ()
        (empty / "keys" / "pseudonym.key").write_text("11" * 32)
        (empty / "keys" / "storage.keys").write_text("k1:" + "22" * 32)
        [pseudonym, storage, closed] = restore(empty, archive).warnings
        assert f"needs the one with {default.key_check}" in pseudonym
        assert f"needed is the one with {default.storage_keys['k1']}" in storage
        assert "Message 1 of the register default does not open" in closed
        put_back_keys(filled_site, empty)
        (empty / "keys" / "retired").mkdir()
        (empty / "keys" / "storage.keys").rename(empty / "keys" / "retired" / "k1.keys")
        (empty / "keys" / "storage.keys").write_text("k9:" + "22" * 32)
        [missing] = restore(empty, archive).warnings
        retired, file = (empty / "keys" / name for name in ("retired/k1.keys", "storage.keys"))
        assert f"out of use and lies in {retired}: append that file to {file}" in missing
        file.write_text(file.read_text() + "\n" + retired.read_text())
        assert restore(empty, archive).warnings == ()
