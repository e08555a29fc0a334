"""What fails leaves nothing behind and says why; and the way back to keys that are missing or out of use."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from operation.sites import (
    NOW,
    at,
    copy,
    database_file,
    dump,
    everything,
    fill,
    limited,
    messages,
    put_back_keys,
)
from operation.test_backup import archive, empty
from varde.access.keys import KeyProblem
from varde.operation import (
    NotEmpty,
    NothingThere,
    NotWritten,
    RotationError,
    backup,
    open_archive,
    restore,
    rotate,
)
from varde.operation.manifest import DatabaseEntry
from varde.register import open_register, read_names, using

__all__ = ["archive", "empty"]

restoring = import_module("varde.operation.restore")
"""The module: the package has a function of the same name."""


def copy_tables(source: Path) -> Callable[[Path, DatabaseEntry], None]:
    """Makes empty tables by copying some: making them takes seconds."""

    def make(home: Path, database: DatabaseEntry) -> None:
        file = database_file(home, database.name)
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(database_file(source, database.name), file)

    return make


# --- backups ------------------------------------------------------------------------------------


def test_a_disk_that_is_full_is_told_and_nothing_of_the_backup_is_left(
    filled_site: Path, tmp_path: Path
) -> None:
    def write() -> None:
        with at(filled_site):
            backup(filled_site, tmp_path / "b.zip", NOW)

    told = limited(40_000, write)
    assert told.startswith(f"NotWritten: cannot write {tmp_path}/b.zip: File too large. Nothing is")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("place", "complaint"),
    [
        ("nowhere/b.zip", "there is no folder {}/nowhere: make it"),
        ("file/b.zip", "there is no folder {}/file: make it"),
        ("x" * 250, "cannot write {}/xxx"),
    ],
)
def test_a_place_that_cannot_be_written_is_told(
    place: str, complaint: str, filled_site: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with at(filled_site), pytest.raises(NotWritten) as caught:
        backup(filled_site, tmp_path / place, NOW)
    assert str(caught.value).startswith(complaint.format(tmp_path))
    assert ".part" not in str(caught.value)


def test_a_register_that_is_gone_is_not_left_out_of_a_backup(
    filled_site: Path, tmp_path: Path
) -> None:
    home = copy(filled_site, tmp_path / "home")
    database_file(home, "norm").unlink()
    with at(home), pytest.raises(NothingThere, match="was here and is gone"):
        backup(home, tmp_path / "b.zip", NOW)
    assert not (tmp_path / "b.zip").exists()


@pytest.mark.parametrize(("size", "there"), [(2_000, True), (2_000, False), (300_000, True)])
def test_a_restore_onto_a_full_disk_leaves_nothing(
    size: int, there: bool, archive: Path, tmp_path: Path
) -> None:
    home = tmp_path / "deep" / "home"
    if there:
        (home / "keys").mkdir(parents=True)
        (home / "keys" / "pseudonym.key").write_text("11" * 32)

    def put_back() -> None:
        with at(home):
            restore(home, archive)

    told = limited(size, put_back)
    assert told.startswith(f"NotRestored: the backup cannot be put back into {home}: ")
    assert told.endswith(". Nothing was changed")
    assert everything(home) == ({"keys", "keys/pseudonym.key"} if there else set())


@pytest.mark.parametrize("moment", ["_fill", "_write_file", "digest", "make_tables", "_note_keys"])
def test_whenever_a_restore_fails_it_leaves_nothing(
    moment: str,
    archive: Path,
    filled_site: Path,
    empty_site: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (source := copy(filled_site, tmp_path / "source")).joinpath("maps").mkdir(exist_ok=True)
    (source / "maps" / "own.csv").write_text("kind\n")
    file = tmp_path / "b.zip"
    with at(source):
        backup(source, file, NOW)

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    (home := tmp_path / "home").mkdir()
    (home / "mine").write_text("mine")
    monkeypatch.setattr(restoring, "_make_tables_as_then", copy_tables(empty_site))
    with monkeypatch.context() as patch, at(home):
        patch.setattr(restoring, moment, fail)
        with pytest.raises(KeyboardInterrupt):
            restore(home, file)
    assert everything(home) == {"mine"}
    with at(home):
        restore(home, file)
    assert dump(home) == dump(source)


def test_a_refused_restore_touches_nothing(
    archive: Path, filled_site: Path, tmp_path: Path
) -> None:
    """Not even where a service is at work: its files come and go."""
    home = copy(filled_site, tmp_path / "home")
    with at(home):
        fill(open_register(home), messages(1, first=900))
    before = dump(home), everything(home)
    with at(home):
        beside = open_register(home)
        with pytest.raises(NotEmpty):
            restore(home, archive)
        fill(beside, messages(1, first=901))
    after = dump(home)
    assert before[1] <= everything(home)
    assert len(after["default/register_message"]) == 1 + len(before[0]["default/register_message"])


# --- keys ----------------------------------------------------------------------------------------


def test_a_register_without_its_keys_says_which_it_needs(
    archive: Path, filled_site: Path, empty: Path
) -> None:
    """As the restore did, by their check values; none are made."""
    with open_archive(archive) as opened:
        [default, _, norm, _] = opened.manifest.databases
    with at(empty) as home:
        restore(home, archive)
        for database, alias in ((default, "default"), (norm, "norm")):
            with pytest.raises(KeyProblem) as caught:
                open_register(home, alias)
            told = str(caught.value)
            assert database.key_check in told and database.storage_keys["k1"] in told
            assert f"of the register {alias} are not there" in told
        assert not (home / "keys").exists() and not (home / "norm" / "keys").exists()
        put_back_keys(filled_site, home)
        (home / "keys" / "pseudonym.key").write_text("11" * 32)
        with pytest.raises(KeyProblem, match="not the keys that this") as caught:
            open_register(home)
        assert default.key_check in str(caught.value)
        put_back_keys(filled_site, home)
        open_register(home)


def test_an_old_backup_and_keys_of_today_need_a_key_that_is_out_of_use(
    archive: Path, filled_site: Path, empty: Path, tmp_path: Path
) -> None:
    today = copy(filled_site, tmp_path / "today")
    with at(today):
        rotate(today, "default", retire=True)
    with at(empty) as home:
        put_back_keys(today, home)
        [warning] = restore(home, archive).warnings
        retired, storage = (home / "keys" / name for name in ("retired/k1.keys", "storage.keys"))
        way_back = f"out of use and lies in {retired}: append that file to {storage}"
        assert way_back in warning
        register = open_register(home)
        with using("default"), pytest.raises(KeyProblem) as caught:
            read_names([1], register.sealer)
        assert way_back in str(caught.value)
        with pytest.raises(RotationError) as refused:
            rotate(home, "default")
        assert way_back in str(refused.value)
        with storage.open("a") as file:
            file.write(retired.read_text())
        with using("default"):
            assert read_names([1], open_register(home).sealer) == {1: "1.xml"}
        assert rotate(home, "default", retire=True).retired == ("k1",)
