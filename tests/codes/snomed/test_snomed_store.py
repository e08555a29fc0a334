"""The store: replaced as a whole or not at all, the same bytes each time, and never half trusted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from codes.snomed.rf2_release import IS_A, code, concept, description, relationship, write_rf2
from varde.codes.snomed import (
    TerminologyDamaged,
    TerminologyMissing,
    check_store,
    load_release,
    open_terminology,
    store,
)

A, B, C = map(code, range(3))


def write_old(folder: Path) -> Path:
    rows = [concept(A), concept(B), relationship(B, IS_A, A), description(1, A, "alt nytt")]
    return write_rf2(folder / "old", rows)


def write_new(folder: Path) -> Path:
    return write_rf2(folder / "new", [concept(A), concept(C), relationship(C, IS_A, A)])


def read_all(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_two_loads_give_the_same_bytes(tmp_path: Path) -> None:
    release = write_old(tmp_path)
    load_release([release], tmp_path / "one")
    moved = release.rename(tmp_path / "elsewhere")
    load_release([moved], tmp_path / "two")
    load_release([moved], tmp_path / "two")
    assert read_all(tmp_path / "one") == read_all(tmp_path / "two")
    assert len(read_all(tmp_path / "one")) == len(store.NAMES) + 1


def test_a_new_release_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    load_release([write_old(tmp_path)], tmp_path / "store")
    before = open_terminology(tmp_path / "store")
    load_release([write_new(tmp_path)], tmp_path / "store")
    after = open_terminology(tmp_path / "store")
    assert (B in before, B in after, C in after) == (True, False, True)
    assert before.term(A, "en") == "alt nytt", "whoever has the old one open keeps it"
    assert before.descendants(A) == (B,)
    assert len([path for path in (tmp_path / "store").iterdir() if path.is_dir()]) == 1


def test_a_crash_anywhere_in_saving_leaves_the_old_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saving is stopped at each time that something reaches the disk, until it gets through."""
    folder = tmp_path / "store"
    load_release([write_old(tmp_path)], folder)
    new = write_new(tmp_path)
    real = os.fsync
    crashes = 0

    def stop_at(limit: int) -> Callable[[int], None]:
        left = iter(range(limit))

        def fsync(descriptor: int) -> None:
            if next(left, None) is None:
                raise KeyboardInterrupt
            real(descriptor)

        return fsync

    while True:
        monkeypatch.setattr(store.os, "fsync", stop_at(crashes))
        try:
            load_release([new], folder)
        except KeyboardInterrupt:
            crashes += 1
        else:
            break
        check_store(folder)
        found = open_terminology(folder)
        if C in found:
            # Stopped after the one step that counts: then the new one is whole already.
            assert found.descendants(A) == (C,)
        else:
            assert found.descendants(A) == (B,)
            assert found.term(A, "en") == "alt nytt"
    assert crashes == len(store.NAMES) + 3
    assert C in open_terminology(folder)
    assert {path.name[:6] for path in folder.iterdir()} == {"store.", "arrays"}
    assert len(read_all(folder)) == len(store.NAMES) + 1


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    (folder / "arrays-of-mine").mkdir(parents=True)
    (folder / "notes.txt").touch()
    load_release([write_old(tmp_path)], folder)
    load_release([write_new(tmp_path)], folder)
    assert (folder / "arrays-of-mine").is_dir()
    assert (folder / "notes.txt").is_file()


def test_nothing_loaded_yet(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(TerminologyMissing, match="varde snomed load"):
            open_terminology(folder)


def change_json(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "store.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return change


def damage_array(name: str, damage: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (path,) = folder.glob(f"arrays-*/{name}.npy")
        path.write_bytes(damage(path.read_bytes()))

    return change


DAMAGES = {
    "another format": (change_json(format=2), "it has format 2, this program reads 1"),
    "no format": (lambda folder: (folder / "store.json").write_text("{}"), "is not one"),
    "empty": (lambda folder: (folder / "store.json").write_text(""), "is not one"),
    "not text": (lambda folder: (folder / "store.json").write_bytes(b"\xff\x00"), "is not one"),
    "no release": (change_json(release=None), "is not one"),
    "a folder elsewhere": (change_json(folder="../../etc"), "names other files"),
    "no files": (change_json(files={}), "names other files"),
    "a file missing": (
        lambda folder: next(folder.glob("arrays-*/codes.npy")).unlink(),
        "codes.npy cannot be read",
    ),
    "a file cut off": (damage_array("ancestors", lambda data: data[:-1]), "another size"),
    "a file grown": (damage_array("term_bytes", lambda data: data + b"x"), "another size"),
    "no array": (damage_array("codes", lambda data: b"x" * len(data)), "codes.npy cannot be read"),
    "another type": (
        damage_array("codes", lambda data: data.replace(b"<i8", b"<f8")),
        "holds something else",
    ),
    "other runs": (
        damage_array("parent_starts", lambda data: data[:-8] + bytes(7) + b"\x01"),
        "parent_starts.npy does not fit",
    ),
}


@pytest.mark.parametrize(("damage", "message"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_store_is_refused_and_loading_repairs_it(
    tmp_path: Path, damage: Callable[[Path], None], message: str
) -> None:
    folder, release = tmp_path / "store", write_old(tmp_path)
    load_release([release], folder)
    whole = read_all(folder)
    damage(folder)
    with pytest.raises(TerminologyDamaged, match=message) as caught:
        open_terminology(folder)
    assert "varde snomed load" in str(caught.value)
    assert str(folder) in str(caught.value)
    load_release([release], folder)
    assert read_all(folder) == whole


def test_a_changed_byte_is_found_by_checking(tmp_path: Path) -> None:
    folder, release = tmp_path / "store", write_old(tmp_path)
    load_release([release], folder)
    check_store(folder)
    damage_array("term_bytes", lambda data: data[:-1] + b"!")(folder)
    open_terminology(folder)
    with pytest.raises(TerminologyDamaged, match=r"term_bytes\.npy is not what was written"):
        check_store(folder)
    load_release([release], folder)
    check_store(folder)


def test_a_load_that_ends_while_opening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between reading store.json and its arrays these may be swept: then it is read again."""
    folder, new = tmp_path / "store", write_new(tmp_path)
    load_release([write_old(tmp_path)], folder)
    real = store._read_description
    waiting = [new]

    def read_then_load(folder: Path) -> store.Store:
        description = real(folder)
        if waiting:
            load_release([waiting.pop()], folder)
        return description

    monkeypatch.setattr(store, "_read_description", read_then_load)
    assert C in open_terminology(folder)


def test_opening_needs_neither_pyarrow_nor_django(tmp_path: Path) -> None:
    load_release([write_old(tmp_path)], tmp_path / "store")
    script = (
        "import sys; from pathlib import Path; from varde.codes.snomed import open_terminology;"
        "open_terminology(Path(sys.argv[1])); print('pyarrow' in sys.modules, 'django' in sys.modules)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "store")]
    assert subprocess.check_output(command, text=True).split() == ["False", "False"]


def test_the_room_does_not_open_this_door() -> None:
    script = "import sys, varde.codes; print('varde.codes.snomed' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", script], text=True).strip() == "False"
