"""The store: arrays in files that are mapped into memory, and one small file that names them.

A folder of arrays is named after its content and never changes. ``store.json`` is replaced in one
step when the new folder is whole and on disk, so a crash anywhere leaves the old store as it was.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from varde.codes.errors import TerminologyDamaged, TerminologyMissing
from varde.codes.snomed.hierarchy import Numbers
from varde.codes.snomed.release import Release

FORMAT: Final = 1
"""Raise it when arrays get another meaning: older stores then ask to be loaded again."""

STORE: Final = "store.json"
OURS: Final = re.compile(r"\.?arrays-[0-9a-f]{16}(\.tmp)?")
TEMPORARY: Final = f".arrays-{'0' * 16}.tmp"


@dataclass(frozen=True, kw_only=True)
class Arrays:
    """Everything about concepts, which are numbered in the order of their codes.

    Rows of different length are runs of one array: those of concept i lie from ``starts[i]`` to
    ``starts[i + 1]``, ascending.

    Attributes:
        codes: the SCTID of each concept.
        parent_starts, parents: concepts directly above.
        child_starts, children: concepts directly below.
        ancestor_starts, ancestors: concepts anywhere above.
        attribute_starts: of the next three, ordered by group, type and target.
        attribute_groups: role group; 0 for none.
        attribute_types: place in `types`.
        attribute_targets: concept at the other end.
        types: the SCTID of each relationship type, ascending.
        substances: 1 for a substance.
        term_starts, term_bytes: the kept terms in UTF-8.
        preferred: for each language and concept the place of a term, -1 for none.
        full_names: for each concept the place of its fully specified name, -1 for none.
    """

    codes: Numbers
    parent_starts: Numbers
    parents: Numbers
    child_starts: Numbers
    children: Numbers
    ancestor_starts: Numbers
    ancestors: Numbers
    attribute_starts: Numbers
    attribute_groups: Numbers
    attribute_types: Numbers
    attribute_targets: Numbers
    types: Numbers
    substances: Numbers
    term_starts: Numbers
    term_bytes: Numbers
    preferred: Numbers
    full_names: Numbers


NAMES: Final = tuple(field.name for field in fields(Arrays))
WIDE: Final = frozenset({"codes", "types", *(name for name in NAMES if name.endswith("_starts"))})
BYTES: Final = frozenset({"substances", "term_bytes"})


def _kind(name: str) -> np.dtype[np.int64] | np.dtype[np.int32] | np.dtype[np.uint8]:
    if name in WIDE:
        return np.dtype(np.int64)
    return np.dtype(np.uint8) if name in BYTES else np.dtype(np.int32)


class ArrayFile(msgspec.Struct, frozen=True):
    """Size in bytes and SHA-256 of an array's file."""

    bytes: int
    sha256: str


class _Head(msgspec.Struct, frozen=True):
    """What a store of any format says first."""

    format: int


class Store(msgspec.Struct, frozen=True, kw_only=True):
    """The content of ``store.json``: format version, where the arrays lie, and what they are."""

    format: int
    folder: str
    files: Mapping[str, ArrayFile]
    release: Release


def save(folder: Path, arrays: Arrays, release: Release) -> None:
    """Replace the store in the folder, or make it.

    Raises:
        OSError: it cannot be written; the old store is whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _alone_in(folder):
        temporary = folder / TEMPORARY
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        files = {name: _write_array(temporary, name, getattr(arrays, name)) for name in NAMES}
        _sync(temporary)
        digest = hashlib.sha256(msgspec.json.encode(files, order="sorted")).hexdigest()
        target = folder / f"arrays-{digest[:16]}"
        if not _is_whole(target, files):
            shutil.rmtree(target, ignore_errors=True)
            temporary.replace(target)
        store = Store(format=FORMAT, folder=target.name, files=files, release=release)
        _write_store(folder, store)
        _sweep(folder, target)


def _is_whole(target: Path, files: Mapping[str, ArrayFile]) -> bool:
    with suppress(OSError):
        return all(_describe(target / f"{name}.npy") == file for name, file in files.items())
    return False


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process saves here."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # Some network file systems refuse this; there nobody may load twice at a time.
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write_array(folder: Path, name: str, array: Numbers) -> ArrayFile:
    path = folder / f"{name}.npy"
    with path.open("wb") as file:
        np.save(file, np.ascontiguousarray(array, _kind(name)), allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    return _describe(path)


def _describe(path: Path) -> ArrayFile:
    with path.open("rb") as file:
        return ArrayFile(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _write_store(folder: Path, store: Store) -> None:
    temporary = folder / f".{STORE}.tmp"
    with temporary.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(store), indent=1))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / STORE)
    _sync(folder)


def _sweep(folder: Path, keep: Path) -> None:
    """Remove arrays that no store names; whoever has them open keeps them until then."""
    for path in folder.iterdir():
        if path != keep and OURS.fullmatch(path.name):
            shutil.rmtree(path, ignore_errors=True)


def _sync(folder: Path) -> None:
    """Make new names in the folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_store(folder: Path) -> tuple[Release, Arrays]:
    """Map the arrays into memory; nothing but their sizes and shapes is looked at.

    Raises:
        TerminologyMissing: nothing was loaded into the folder yet.
        TerminologyDamaged: another format version, or not whole.
    """
    try:
        return _read_once(folder)
    except TerminologyDamaged:
        # A load that ended just now swept the arrays that the old store.json named.
        return _read_once(folder)


def _read_once(folder: Path) -> tuple[Release, Arrays]:
    store = _read_description(folder)
    below = folder / store.folder
    arrays = Arrays(**{name: _map_array(below, name, store, folder) for name in NAMES})
    if fault := _find_mismatch(arrays, store.release):
        raise _damaged(folder, fault)
    return store.release, arrays


def check_store(folder: Path) -> None:
    """Read the whole store and compare every hash; opening it looks at sizes and shapes only.

    Raises:
        TerminologyMissing: nothing was loaded into the folder yet.
        TerminologyDamaged: as for `read_store`, or some byte is another than was written.
    """
    read_store(folder)
    store = _read_description(folder)
    for name, file in store.files.items():
        if _describe(folder / store.folder / f"{name}.npy") != file:
            raise _damaged(folder, f"{name}.npy is not what was written")


def _read_description(folder: Path) -> Store:
    try:
        data = (folder / STORE).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise TerminologyMissing(
            f"no SNOMED CT in {folder}: run 'varde snomed load' with the folder of a release first"
        ) from None
    except OSError as error:
        raise _damaged(folder, f"{STORE} cannot be read: {error.strerror}") from error
    try:
        version = msgspec.json.decode(data, type=_Head).format
        if version != FORMAT:
            raise _damaged(folder, f"it has format {version}, this program reads {FORMAT}")
        store = msgspec.json.decode(data, type=Store)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _damaged(folder, f"{STORE} is not one ({error})") from None
    if not OURS.fullmatch(store.folder) or store.files.keys() != set(NAMES):
        raise _damaged(folder, f"{STORE} names other files than a store has")
    return store


def _map_array(below: Path, name: str, store: Store, folder: Path) -> Numbers:
    path = below / f"{name}.npy"
    try:
        if path.stat().st_size != store.files[name].bytes:
            raise _damaged(folder, f"{path.name} has another size than was written")
        # A plain array over the mapping: the subclass for mappings is slow to index.
        array = np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray)
    except (OSError, ValueError, EOFError) as error:
        raise _damaged(folder, f"{path.name} cannot be read ({error})") from None
    if array.dtype != _kind(name) or array.ndim != (2 if name == "preferred" else 1):
        raise _damaged(folder, f"{path.name} holds something else")
    return array


def _find_mismatch(arrays: Arrays, release: Release) -> str:
    """What does not fit together, empty if all does."""
    size = arrays.codes.size
    runs = {
        "parent_starts": (arrays.parents,),
        "child_starts": (arrays.children,),
        "ancestor_starts": (arrays.ancestors,),
        "attribute_starts": (
            arrays.attribute_groups,
            arrays.attribute_types,
            arrays.attribute_targets,
        ),
    }
    for name, values in runs.items():
        starts = getattr(arrays, name)
        if starts.size != size + 1 or any(int(starts[-1]) != array.size for array in values):
            return f"{name}.npy does not fit the others"
    if not arrays.term_starts.size or int(arrays.term_starts[-1]) != arrays.term_bytes.size:
        return "term_starts.npy does not fit the others"
    if arrays.preferred.shape != (len(release.languages), size):
        return "preferred.npy does not fit the others"
    if arrays.full_names.size != size or arrays.substances.size != size:
        return "full_names.npy or substances.npy does not fit the others"
    return ""


def _damaged(folder: Path, what: str) -> TerminologyDamaged:
    return TerminologyDamaged(
        f"the SNOMED CT store in {folder} cannot be used: {what}. "
        "Run 'varde snomed load' with the folder of the release to make it anew"
    )
