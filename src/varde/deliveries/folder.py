"""The folder of deliveries: where what lies, its lock, its keys, and the sweep of what nothing names.

VARDE_HOME/deliveries/
    manifest.json                      the state (`manifest`)
    sealed/<file>.raw                  what was handed in, byte for byte, sealed
    sealed/<file>.rejected             its rejected rows, sealed
    rows/<table>/year=<year>/….parquet accepted rows, named after their content
    staging/                           what is being written; emptied at every start
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from varde.access.key_files import KeySource
from varde.access.keys import KeyProblem, Keys, load_keys
from varde.access.pseudonyms import make_pseudonymiser
from varde.access.sealed_files import DataKey, SealedReader, open_data_key
from varde.access.sealing import Sealer
from varde.deliveries.manifest import Delivery, Manifest, read_manifest, reopen, write_manifest
from varde.deliveries.staging import Rename
from varde.warehouse import hold_lock, sync_folder

NAME: Final = "deliveries"
LOCK: Final = ".lock"
PURPOSE: Final = "prescribing"
"""Pseudonyms here are of a purpose of their own: no row can be joined with the register."""


@dataclass(frozen=True)
class Store:
    """The folder, held by this process alone.

    Attributes:
        folder: ``VARDE_HOME/deliveries``.
    """

    folder: Path
    keys: Keys
    sealer: Sealer

    @property
    def sealed(self) -> Path:
        """Where sealed files are."""
        return self.folder / "sealed"

    @property
    def staging(self) -> Path:
        """Where files are written before they belong anywhere."""
        return self.folder / "staging"

    def raw(self, delivery: Delivery) -> Path:
        """The sealed bytes of a delivery."""
        return self.sealed / f"{delivery.file}.raw"

    def rejected(self, delivery: Delivery) -> Path:
        """Its sealed rejected rows."""
        return self.sealed / f"{delivery.file}.rejected"

    def key_of(self, delivery: Delivery) -> DataKey:
        """What opens a delivery's files.

        Raises:
            KeyProblem: the storage key is not at hand.
        """
        return open_data_key(self.sealer, delivery.file, delivery.key_id, delivery.key)

    def open_raw(self, delivery: Delivery) -> SealedReader:
        """A delivery's bytes."""
        return SealedReader(self.raw(delivery), self.key_of(delivery), "raw")

    def renamer(self, series: str) -> Rename:
        """Pseudonyms of a series → Varde's own, numbers of 64 bits: the chance that any two of ten million persons
        have the same is three in a million."""
        pseudonymise = make_pseudonymiser(self.keys, PURPOSE)

        def rename(value: str) -> int:
            return int.from_bytes(pseudonymise("PSEUDONYM", series, value)[:8], signed=True)

        return rename

    def manifest(self) -> Manifest:
        """The state now."""
        return reopen(read_manifest(self.folder))

    def put(self, manifest: Manifest) -> Manifest:
        """Make a state the current one, and remove what neither it nor `Manifest.previous` needs."""
        manifest = replace(manifest, key_check=self.keys.check_value())
        write_manifest(self.folder, manifest)
        self.sweep(manifest)
        return manifest

    def sweep(self, manifest: Manifest) -> None:
        """Remove files that nothing names: what a crash left behind, or was removed."""
        keep = manifest.paths() | set(manifest.previous)
        for folder in sorted(self.folder.glob("rows/*/year=*")):
            below = folder.relative_to(self.folder).as_posix()
            named = {Path(path).name for path in keep if path.rpartition("/")[0] == below}
            _sweep(folder, named)
        named = {each.file for each in manifest.deliveries}
        _sweep(self.sealed, {f"{name}.{part}" for name in named for part in ("raw", "rejected")})
        shutil.rmtree(self.staging, ignore_errors=True)


def _sweep(folder: Path, keep: Collection[str]) -> None:
    if not folder.is_dir():
        return
    gone = [path for path in folder.iterdir() if path.name not in keep]
    for path in gone:
        path.unlink()
    if gone:
        sync_folder(folder)


def folder_of(home: Path) -> Path:
    """Where deliveries lie below a home folder."""
    return home / NAME


def look(home: Path) -> Store:
    """The folder for those who only read: others may go on writing.

    Raises:
        KeyProblem: the keys cannot be read, or there are none.
    """
    keys = load_keys(home, make=False)
    return Store(folder_of(home), keys, Sealer(keys, KeySource(home)))


@contextmanager
def keep_still(home: Path) -> Iterator[None]:
    """Nothing in the folder changes meanwhile; nothing is made where there is none."""
    if not folder_of(home).is_dir():
        yield
        return
    with hold_lock(folder_of(home) / LOCK):
        yield


@contextmanager
def hold(home: Path) -> Iterator[Store]:
    """The folder, made when it is absent, with nobody else writing in it.

    Raises:
        KeyProblem: the keys cannot be read, or are not those that the pseudonyms here were made with.
        ManifestUnreadable: see there.
    """
    folder = folder_of(home)
    for each in (folder, folder / "sealed"):
        each.mkdir(parents=True, exist_ok=True, mode=0o700)
    with hold_lock(folder / LOCK):
        known = read_manifest(folder)
        keys = load_keys(home, make=not known.number)
        if known.key_check and known.key_check != keys.check_value():
            raise KeyProblem(
                f"the deliveries in {folder} were read with another pseudonym key: put keys/pseudonym.key back, "
                "or nobody in new files will be who they are in the earlier"
            )
        yield Store(folder, keys, Sealer(keys, KeySource(home)))
