"""Intake of files and folders: made durable first, folded second, in batches."""

from __future__ import annotations

import logging
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from varde.register import log, store
from varde.register.apart import database_of, prepare
from varde.register.events import tell_taken_in
from varde.register.faults import fold_around_faults
from varde.register.files import open_file, read_mapping_beside
from varde.register.fold import Counts, fold
from varde.register.log import Incoming, Logged, Stored
from varde.register.opening import Register, open_register

_logger = logging.getLogger(__name__)

BATCH_FILES = 500
BATCH_BYTES = 16 << 20
Clock = Callable[[], datetime]
Progress = Callable[[int], None]
"""Called with the number of messages finished since the last call: files, and members of archives."""


@dataclass
class IntakeResult:
    """What a run took in.

    Attributes:
        counts: over the files of this run.
        resumed: over messages that an interrupted run had made durable and not folded.
        unreadable: files and folders that could not be opened, with the reason; they are not in the
            register.
    """

    counts: Counts = field(default_factory=Counts)
    resumed: Counts = field(default_factory=Counts)
    unreadable: list[Problem] = field(default_factory=list)


class Found(NamedTuple):
    """A file to take in: where it is, and its name below the path that was asked for."""

    path: Path
    name: str


Problem = tuple[Path, str]


def list_files(paths: Iterable[Path], problems: list[Problem] | None = None) -> Iterator[Found]:
    """The files named, and all files below the folders named, folder by folder in order; hidden
    files and column mappings (``*.toml``) are not messages.

    Args:
        problems: is told what is passed over and why: folders that cannot be opened, links to
            folders, and what is no ordinary file (reading a pipe would wait for ever).

    Raises:
        FileNotFoundError: a path does not exist.
    """
    told = problems if problems is not None else []
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(2, "no such file or folder", str(path))
        if not path.is_dir():
            yield from _regular(Found(path, path.name), told)
            continue
        for folder, folders, names in os.walk(path, onerror=lambda error: _tell(error, told)):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            here = Path(folder)
            told.extend(
                (here / name, "is a link to a folder, which is not followed")
                for name in folders
                if (here / name).is_symlink()
            )
            for name in sorted(names):
                if not name.startswith(".") and not name.endswith(".toml"):
                    file = here / name
                    yield from _regular(Found(file, str(file.relative_to(path))), told)


def _regular(found: Found, problems: list[Problem]) -> Iterator[Found]:
    if found.path.is_file():
        yield found
    else:
        problems.append((found.path, "is no ordinary file"))


def _tell(error: OSError, problems: list[Problem]) -> None:
    problems.append((Path(error.filename), error.strerror or str(error)))


def ingest(
    register: Register,
    paths: Iterable[Path],
    clock: Clock,
    mapping: Path | None = None,
    progress: Progress | None = None,
    kind: str = "",
) -> IntakeResult:
    """Take files, and the files in folders, into the register they belong to.

    Each batch is made durable in the log before anything reads it, then folded in one transaction. A
    run that is killed loses nothing: what was durable is folded by the next run, what was not is
    still in its file. What has the headings of a de-identified register goes there, whatever is said.

    Args:
        register: the register of persons; the de-identified ones beside it are opened when needed.
        mapping: column mapping for line lists; without it, the one beside each file is used.
        kind: what all of it is handed in as; empty: each file says itself.
    """
    result = IntakeResult()
    registers = {register.alias: register}
    for alias, batch in _batches(list_files(paths, result.unreadable), mapping, kind, result):
        if alias not in registers:
            registers[alias] = open_register(register.home, alias)
        result.counts.add(take_in(registers[alias], batch, clock))
        if progress:
            progress(len(batch))
    for each in registers.values():
        result.resumed.add(resume(each, clock))
    return result


def take_in(register: Register, batch: Sequence[Incoming], clock: Clock) -> Counts:
    """Make a batch of files durable, then fold it."""
    began = time.perf_counter()
    counts = Counts()
    with store.using(register.alias):
        batch = prepare(register, batch)
        logged = log.append(batch, register.sealer, clock())
        for each in fold_logged(register, batch, logged, clock):
            counts.add(each)
    tell_taken_in(register.alias, batch, [counts], began)
    return counts


def fold_logged(
    register: Register, batch: Sequence[Incoming], logged: Sequence[Logged], clock: Clock
) -> list[Counts]:
    """Fold a batch that has just been made durable.

    Returns:
        What became of the items of each message, in the order of the batch.
    """
    todo: dict[int, Stored] = {}
    repeated: set[int] = set()
    for entry, incoming in zip(logged, batch, strict=True):
        if entry.settled is not None or entry.message in todo:
            repeated.add(entry.message)
        else:
            todo[entry.message] = Stored(
                entry.message,
                incoming.data,
                incoming.mapping,
                entry.received_at,
                incoming.submitter,
                incoming.kind,
            )
    folded = _fold(register, todo.values(), clock)
    # Another intake, running at the same time, may have folded some of them first.
    repeated.update(message for message in todo if message not in folded)
    settled = log.settled_counts(repeated)
    mapped = [m for m, c in folded.items() if c.accepted and todo[m].mapping is not None]
    store.settle_retries(mapped, clock())
    counts = []
    for entry in logged:
        found = folded.pop(entry.message, None)
        if found is None:
            again, waiting = settled.get(entry.message, (0, 0))
            # What cannot be used is not used the second time either, and its receipt says so.
            found = Counts(received=again, duplicate=again - waiting, quarantined=waiting)
        counts.append(found)
    return counts


def resume(register: Register, clock: Clock, leaving: Collection[int] = ()) -> Counts:
    """Fold what an interrupted run left durable but not folded.

    Args:
        leaving: messages that are being folded by whoever asks.
    """
    counts = Counts()
    messages = 0
    with store.using(register.alias):
        while waiting := [
            message
            for message in log.unfinished(BATCH_FILES + len(leaving))
            if message not in leaving
        ]:
            for each in _fold(register, log.read(waiting, register.sealer), clock).values():
                counts.add(each)
                messages += 1
    if messages:
        about = {"register": register.alias, "messages": messages, "items": counts.received}
        _logger.info("what was kept before is read now", extra=about)
    return counts


def _fold(register: Register, batch: Iterable[Stored], clock: Clock) -> dict[int, Counts]:
    """Fold a batch; a message that makes the fold itself fail is set aside, the others go on."""

    def folding(some: Sequence[Stored], refused: Collection[int]) -> dict[int, Counts]:
        return fold(some, register.context, register.sealer, clock(), refused=refused)

    return fold_around_faults(list(batch), folding)[0]


def _batches(
    files: Iterable[Found], mapping: Path | None, kind: str, result: IntakeResult
) -> Iterator[tuple[str, list[Incoming]]]:
    """Files with their mappings, in batches of bounded number and size, each with the name of the
    database it goes to."""
    given = mapping.read_bytes() if mapping else None
    batches: dict[str, list[Incoming]] = defaultdict(list)
    sizes: Counter[str] = Counter()
    for file, name in files:
        try:
            data = file.read_bytes()
            content = given if given is not None else read_mapping_beside(file)
        except OSError as error:
            result.unreadable.append((file, error.strerror or str(error)))
            continue
        for incoming in open_file(name, data, content, only=given is not None, kind=kind):
            alias = database_of(incoming)
            batches[alias].append(incoming)
            sizes[alias] += len(incoming.data)
            if len(batches[alias]) >= BATCH_FILES or sizes[alias] >= BATCH_BYTES:
                yield alias, batches.pop(alias)
                sizes[alias] = 0
    yield from batches.items()
