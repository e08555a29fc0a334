"""A watched folder: where a file is before it is taken in, meanwhile, and after.

    FOLDER/…                       what others put there
    FOLDER/.taking/…               what is being taken in, under the same name
    FOLDER/.done/2026-01-31/…      what is in the register, and beside each file its receipt
    FOLDER/.quarantined/2026-01-31/…   the same, where something in the file waits for a person

A file changes place by being renamed, which is done wholly or not at all. It is taken in from a place of
its own, so that a new file under its old name is another file, and it leaves that place only when it is
durable in the log: whenever this is interrupted, the file is in one of the places, once.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from contextlib import suppress
from datetime import date
from pathlib import Path
from stat import S_ISREG

from varde.listening.sightings import Sight, sight_of

TAKING = ".taking"
DONE = ".done"
QUARANTINED = ".quarantined"
LOCK = ".lock"
RECEIPT = ".receipt.json"
LARGEST = 512 << 20
"""Bytes of a file; a larger one is left where it is: no reader takes as much."""
LONGEST_NAME = 200
"""Bytes of a file's name, beyond which its receipt has no room beside it."""


class FolderBusy(Exception):
    """Another process watches the folder."""


class TooLarge(OSError):
    """A file is larger than `LARGEST`."""

    def __init__(self) -> None:
        super().__init__(27, f"is larger than {LARGEST >> 20} MiB")


class Hold:
    """That this process alone takes files out of a folder, from the first `keep` to `release`.

    Args:
        folder: the folder; it may be removed and made again meanwhile.
    """

    def __init__(self, folder: Path) -> None:
        self._place = folder / TAKING
        self._handle: int | None = None

    def keep(self) -> None:
        """Take hold of the folder, or see that it is still this one.

        Raises:
            FolderBusy: another process has hold of it.
            OSError: the folder is not there, or cannot be written to.
        """
        self._place.mkdir(exist_ok=True)
        handle = os.open(self._place / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if self._handle is not None and os.path.samestat(os.fstat(handle), os.fstat(self._handle)):
            os.close(handle)
            return
        self.release()
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            if isinstance(error, BlockingIOError):
                raise FolderBusy(f"another process watches {self._place.parent}") from None
            raise
        self._handle = handle

    def release(self) -> None:
        """Let go of it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def claim(folder: Path, name: str) -> None:
    """Put a file where it is taken in from.

    Raises:
        OSError: it is gone, it cannot be moved, or an earlier file of this name is there still.
    """
    place = folder / TAKING / name
    if os.path.lexists(place):
        raise FileExistsError(17, "waits for an earlier file of the same name", name)
    place.parent.mkdir(parents=True, exist_ok=True)
    os.rename(folder / name, place)  # noqa: PTH104 - the name may have no place yet


def read_claimed(folder: Path, name: str) -> tuple[bytes, Sight]:
    """A file that is being taken in, and how it looked when it was read.

    Raises:
        OSError: it cannot be read, is no ordinary file or too large.
    """
    handle = os.open(folder / TAKING / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not S_ISREG(found.st_mode):
            raise OSError(22, "is no ordinary file")
        if found.st_size > LARGEST:
            raise TooLarge
        return file.read(LARGEST), sight_of(name, found)


def is_unchanged(folder: Path, sight: Sight) -> bool:
    """Whether a file that was read is the one that is still there: nobody has gone on writing."""
    try:
        return sight_of(sight.name, (folder / TAKING / sight.name).lstat()) == sight
    except OSError:
        return False


def finish(
    folder: Path, name: str, day: date, receipt: bytes, number: int, quarantined: bool
) -> None:
    """Put a file that is durable where it stays, and its receipt beside it.

    Args:
        day: names the folder.
        number: tells it from another of the same name on that day.

    Raises:
        OSError: there is no room, or the file is gone; it is where it was then.
    """
    place = _free_place(
        folder / (QUARANTINED if quarantined else DONE) / day.isoformat(), name, number
    )
    beside = place.with_name(place.name + RECEIPT)
    unfinished = beside.with_name(f".{beside.name}.part")
    try:
        unfinished.write_bytes(receipt)
        unfinished.replace(beside)
        os.rename(folder / TAKING / name, place)  # noqa: PTH104
    except OSError:
        for made in (unfinished, beside):
            made.unlink(missing_ok=True)
        raise


def finish_apart(folder: Path, name: str, day: date, receipt: bytes, called: str) -> None:
    """Put a receipt where it stays, and remove its file: of what is for a de-identified register nothing is kept
    as it was sent, not even its name.

    Args:
        called: what the receipt is called, in the folder of the day.

    Raises:
        OSError: there is no room, or the file is gone; the file is where it was then.
    """
    place = folder / DONE / day.isoformat() / f"{called}{RECEIPT}"
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_name(f".{place.name}.part")
    try:
        unfinished.write_bytes(receipt)
        unfinished.replace(place)
        (folder / TAKING / name).unlink()
    except OSError:
        for made in (unfinished, place):
            made.unlink(missing_ok=True)
        raise


def tidy(folder: Path) -> None:
    """Remove the folders that files were taken in from, where they are empty."""
    for here, inner, _ in os.walk(folder / TAKING, topdown=False):
        for name in inner:
            with suppress(OSError):
                (Path(here) / name).rmdir()


def _free_place(top: Path, name: str, number: int) -> Path:
    """A path below a folder where nothing is, in folders that are there."""
    parent, _, last = name.rpartition("/")
    try:
        (top / parent).mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):  # a file has the name of the folder
        parent, last = "", name.replace("/", "~")
        top.mkdir(parents=True, exist_ok=True)
    if len(os.fsencode(last)) > LONGEST_NAME:
        digest = hashlib.sha256(os.fsencode(last)).hexdigest()[:16]
        last = f"{os.fsdecode(os.fsencode(last)[: LONGEST_NAME - 20])}~{digest}"
    if last.endswith(RECEIPT):  # what ends so, here, is a receipt
        last += "~"
    place = top / parent / last
    times = 0
    while os.path.lexists(place):
        times += 1
        place = top / parent / f"{last}~{number}{f'-{times}' if times > 1 else ''}"
    return place
