"""Which files of a folder are finished: looked at twice, and the same both times."""

from __future__ import annotations

import os
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

UNFINISHED = (".tmp", ".part", ".filepart")
"""Ends of names that senders give to what they still write (``.filepart``: WinSCP)."""
EMPTY_SECONDS = 60
"""An empty file is one that somebody has just made, until it is as old as this."""

Tell = Callable[[str, str], None]
"""Called with the name of a file or folder, and what is wrong with it."""


class Sight(NamedTuple):
    """A file as it was when it was looked at.

    Attributes:
        name: its path below the folder, with ``/``.
        size: bytes.
        changed: when its content changed last, in nanoseconds.
        file: what distinguishes it from another file of the same name: device and inode.
    """

    name: str
    size: int
    changed: int
    file: tuple[int, int]


def sight_of(name: str, found: os.stat_result) -> Sight:
    """How a file looks."""
    return Sight(name, found.st_size, found.st_mtime_ns, (found.st_dev, found.st_ino))


def list_sights(folder: Path, tell: Tell) -> Iterator[Sight]:
    """The ordinary files below a folder, as they are found; no order, and no list of all in memory.

    Left out: hidden files and folders, unfinished files (`UNFINISHED`), column mappings (``*.toml``).
    Links are not followed: whoever may write here may not have the rest of the machine read.

    Args:
        tell: is told what is passed over, and why.
    """
    folders = [""]
    while folders:
        here = folders.pop()
        try:
            with os.scandir(folder / here) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    name = f"{here}{entry.name}"
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(f"{name}/")
                    elif not entry.name.lower().endswith((".toml", *UNFINISHED)):
                        yield from _look(entry, name, tell)
        except OSError as error:
            # A folder below that is gone again held nothing.
            if not (here and isinstance(error, FileNotFoundError | NotADirectoryError)):
                tell(here or ".", error.strerror or str(error))


def _look(entry: os.DirEntry[str], name: str, tell: Tell) -> Iterator[Sight]:
    try:
        found = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return
    except OSError as error:
        tell(name, error.strerror or str(error))
        return
    if S_ISREG(found.st_mode):
        yield sight_of(name, found)
    else:
        tell(name, "is no ordinary file")


class Lookout:
    """Remembers one look at a folder, for the next: eight bytes a file."""

    def __init__(self) -> None:
        self._marks = array("q")

    def look(self, sights: Iterator[Sight], now: float) -> Iterator[Sight]:
        """Those of the files that are finished: they look as they did last time.

        Args:
            sights: of all files there are.
            now: seconds since 1970, on the clock that files are dated with.
        """
        marks = array("q")
        try:
            for sight in sights:
                mark = hash(sight)
                young = not sight.size and now - sight.changed / 1e9 < EMPTY_SECONDS
                if not young and self._has(mark):
                    yield sight
                marks.append(mark)
        finally:
            self._marks = array("q", sorted(marks))

    def _has(self, mark: int) -> bool:
        at = bisect_left(self._marks, mark)
        return at < len(self._marks) and self._marks[at] == mark
