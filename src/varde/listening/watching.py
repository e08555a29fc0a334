"""Takes files out of a watched folder and into the register, round after round.

A round is one look at the folder. What looks as it did a look ago is finished: it is put aside, read,
made durable and folded, and then put away with a receipt. Taking a file in twice is harmless, so that
whatever a round could not finish is simply there for the next.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from django.db import Error as DatabaseTrouble

from varde import __version__
from varde.access.clients import kinds
from varde.access.keys import KeyProblem
from varde.listening import folders
from varde.listening.receipts import FileReceipt, Outcome
from varde.listening.sightings import Lookout, Sight, Tell, list_sights
from varde.messages import mask_digits
from varde.register import (
    APART,
    DoorError,
    Incoming,
    MessageReceipt,
    database_of,
    open_file,
    read_mapping_beside,
)

_logger = logging.getLogger(__name__)

BATCH_MESSAGES = 200
BATCH_BYTES = 4 << 20
LONGEST_PAUSE = 60
MOST_TOLD = 10_000

TakeFiles = Callable[[str, Sequence[Incoming]], Sequence[MessageReceipt]]
"""Makes messages durable in the register with this database, and says what became of each."""


class Taken:
    """A file that is being taken in.

    Attributes:
        waiting: how many of its messages have not been handed in.
        apart: the de-identified register that one of them is for; else empty.
        read: whether all of its messages have been read.
        failed: whether one of them could not be taken in.
    """

    def __init__(self, sight: Sight) -> None:
        self.sight = sight
        self.receipt = FileReceipt()
        self.waiting = 0
        self.apart = ""
        self.read = False
        self.failed = False


class Watch:
    """Watches a folder.

    Args:
        folder: the folder.
        take: as `varde.listening.Doors.take_files`.
        today: tells the day.
        tell: is told, once for as long as it is so, what is passed over and why.
        mapping: the column mapping for every list; None for the one beside each.
        stop: set when the watch is to stop, between two files.

    Attributes:
        problems: how many files and folders were passed over in the last round.
        taken: how many files were taken in altogether.
    """

    def __init__(
        self,
        folder: Path,
        take: TakeFiles,
        today: Callable[[], date],
        tell: Tell,
        mapping: bytes | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        self.folder = folder
        self.problems = 0
        self.taken = 0
        self.quarantined = 0
        self.stop = stop or threading.Event()
        self._take = take
        self._today = today
        self._say = tell
        self._mapping = mapping
        self._hold = folders.Hold(folder)
        self._arriving = Lookout()
        self._resumed = Lookout()
        self._told: set[int] = set()
        self._told_before: set[int] = set()
        self._batch: list[tuple[Taken, Incoming]] = []
        self._size = 0
        self._database = ""
        self._open: deque[Taken] = deque()
        self._trouble = False

    def run(self, interval: float) -> None:
        """Look again and again until `stop` is set.

        Args:
            interval: seconds between two looks. After trouble with the database or the disk it grows.

        Raises:
            FolderBusy: another process watches the folder already.
        """
        about: dict[str, object] = {"door": "file", "version": __version__, "seconds": interval}
        _logger.info("the watch is ready", extra=about)
        pause = interval
        while not self.stop.is_set():
            quiet = self.look()
            pause = interval if quiet else min(max(LONGEST_PAUSE, interval), pause * 2)
            self.stop.wait(pause)
        _logger.info("the watch has stopped", extra={"door": "file", "files": self.taken})

    def close(self) -> None:
        """Let another process watch the folder."""
        self._hold.release()

    def look(self) -> bool:
        """One round.

        Returns:
            Whether nothing went wrong beyond single files.

        Raises:
            FolderBusy: another process watches the folder.
        """
        self._told_before, self._told = self._told, set()
        self.problems, self._trouble = 0, False
        before = self.taken
        try:
            self._hold.keep()
            self._take_all(self._resumed, self.folder / folders.TAKING, claimed=True)
            if not self._trouble:
                self._take_all(self._arriving, self.folder, claimed=False)
            folders.tidy(self.folder)
        except OSError as error:
            self._tell(".", error.strerror or str(error))
            self._trouble = True
        if self.taken > before:
            _logger.info("files taken in", extra={"door": "file", "files": self.taken - before})
        return not self._trouble

    def _take_all(self, lookout: Lookout, place: Path, *, claimed: bool) -> None:
        sights = lookout.look(list_sights(place, self._tell), time.time())
        for sight in sights:
            if self.stop.is_set() or self._trouble:
                break
            if claimed or self._claim(sight):
                self._read(sight)
        self._hand_in()

    def _claim(self, sight: Sight) -> bool:
        if sight.size > folders.LARGEST:
            self._tell(sight.name, f"is larger than {folders.LARGEST >> 20} MiB")
            return False
        try:
            if not os.access(self.folder / sight.name, os.R_OK, follow_symlinks=False):
                self._tell(sight.name, "cannot be read")
                return False
            folders.claim(self.folder, sight.name)
        except FileNotFoundError:
            return False  # somebody has taken it away
        except OSError as error:
            self._tell(sight.name, error.strerror or str(error))
            return False
        return True

    def _read(self, sight: Sight) -> None:
        """Take a file's messages into the batch, and the batch in where it is full."""
        try:
            data, seen = folders.read_claimed(self.folder, sight.name)
            mapping = self._mapping or read_mapping_beside(self.folder / sight.name)
        except OSError as error:
            self._tell(sight.name, error.strerror or str(error))
            return
        if seen != sight:
            return  # somebody writes on: it is looked at again
        taken = Taken(sight)
        self._open.append(taken)
        only = self._mapping is not None
        kind = kind_of(sight.name)
        for incoming in open_file(sight.name, data, mapping, only=only, kind=kind):
            if taken.failed or self.stop.is_set():
                taken.failed = True
                break
            database = database_of(incoming)
            if database != self._database:
                self._hand_in()
                self._database = database
            if database in APART:
                taken.apart = database
            self._batch.append((taken, incoming))
            taken.waiting += 1
            self._size += len(incoming.data)
            if len(self._batch) >= BATCH_MESSAGES or self._size >= BATCH_BYTES:
                self._hand_in()
        taken.read = True
        self._put_away()

    def _hand_in(self) -> None:
        """Make the batch durable and note what became of it."""
        batch, self._batch, self._size = self._batch, [], 0
        if batch:
            try:
                receipts = self._take(self._database, [incoming for _, incoming in batch])
            except (DoorError, DatabaseTrouble, KeyProblem) as error:
                about = {"door": "file", "register": self._database, "messages": len(batch)}
                cause = type(error.__cause__ or error).__name__
                _logger.error("files cannot be taken in", extra=about | {"error": cause})
                self._trouble = True
                for taken, _ in batch:
                    taken.failed = True
                    taken.waiting -= 1
            else:
                for (taken, incoming), receipt in zip(batch, receipts, strict=True):
                    taken.waiting -= 1
                    taken.failed |= not receipt.folded
                    taken.receipt.add(Outcome("" if taken.apart else incoming.name, receipt))
                self._trouble |= any(not receipt.folded for receipt in receipts)
        self._put_away()

    def _put_away(self) -> None:
        """Put away, in their order, the files that are durable to the last message."""
        while self._open and self._open[0].read and not self._open[0].waiting:
            taken = self._open.popleft()
            name = taken.sight.name
            if taken.failed or not folders.is_unchanged(self.folder, taken.sight):
                continue
            receipt = taken.receipt
            try:
                day, content, number = self._today(), receipt.write(), receipt.number
                if taken.apart:
                    called = f"{taken.apart}-{number}"
                    folders.finish_apart(self.folder, name, day, content, called)
                else:
                    folders.finish(self.folder, name, day, content, number, receipt.quarantined)
            except OSError as error:
                self._tell(name, error.strerror or str(error))
                self._trouble = True
            else:
                self.taken += 1
                self.quarantined += receipt.quarantined

    def _tell(self, name: str, what: str) -> None:
        """Say once what is wrong with a file, for as long as it is."""
        self.problems += 1
        key = hash((name, what))
        if key not in self._told_before and key not in self._told:
            self._say(mask_digits(os.fsencode(name).decode(errors="replace"), 11), what)
        if len(self._told) < MOST_TOLD:
            self._told.add(key)


def kind_of(name: str) -> str:
    """What a file is handed in as: the kind that the first folder is called after, else ""."""
    first, slash, _ = name.partition("/")
    return first if slash and first in kinds() else ""
