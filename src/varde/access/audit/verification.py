"""Whether the access log is whole: every entry hashed after the one before, and all of it what its heads say.

Reads the entries once, in order, a few in memory at a time. When something does not fit it goes through them once
more, to find where the first few that do not fit belong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from varde.access.audit import rows
from varde.access.audit.encoding import COLUMNS, START, VERSION, digest_of
from varde.access.audit.guards import guard_faults
from varde.access.audit.head_check import (
    Checkpoint,
    Fault,
    FaultKind,
    HeadsFound,
    check_heads,
    compare_known,
    forgotten,
)
from varde.access.audit.seen import Seen, compare_seen
from varde.access.audit.signing import EVERY_ENTRIES

LISTED = 20
"""So many faults are listed; the others are counted."""
TRACED = 3
"""So many entries that do not fit are looked for elsewhere in the chain."""
UNSIGNED = 2 * EVERY_ENTRIES
"""More entries under no head are a fault."""
_WIDTH = len(COLUMNS)
_ACTION = COLUMNS.index("action")


@dataclass
class Report:
    """What a verification found.

    Attributes:
        entries: in the log.
        last: number of the newest.
        digest: its hash.
        heads: in the file.
        signed: the newest entry that a head vouches for; 0: none.
        last_head: SHA-256 of the line of the last of them, in hexadecimal digits.
        restored: numbers of the heads, not verified before, that say that a backup was put back.
        keys: ids of the keys that signed.
        faults: what is wrong, in the order of the log; at most `LISTED`.
        more: faults that are not listed.
        notes: what is no fault and should be known.
    """

    entries: int = 0
    last: int = 0
    digest: str = START
    heads: int = 0
    signed: int = 0
    last_head: str = ""
    restored: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    more: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    @property
    def first_bad(self) -> int | None:
        """The first entry that something is wrong with."""
        return min((f.sequence for f in self.faults if f.sequence is not None), default=None)

    def add(
        self, kind: FaultKind, text: str, sequence: int | None = None, head: int | None = None
    ) -> None:
        """Note a fault."""
        if len(self.faults) < LISTED:
            self.faults.append(Fault(kind, text, sequence, head))
        else:
            self.more += 1


def verify_chain() -> int | None:
    """The number of the first entry that does not fit; None when the chain is whole. Heads are not asked."""
    return walk_chain(0, START)


def walk_chain(since: int, digest: str) -> int | None:
    """The number of the first entry after `since`, whose hash is `digest`, that does not fit; None when all do."""
    previous, expected = digest, since + 1
    for row in rows.read_rows(since):
        if row[0] != expected or row[-1] != digest_of(previous, row[:_WIDTH]):
            return int(row[0])
        previous, expected = row[-1], expected + 1
    return None


def verify_log(
    heads: Path, trusted: Mapping[str, bytes], copy: bool = False, seen: Seen | None = None
) -> Report:
    """Verify the log in the database against a file of heads.

    Args:
        heads: the file; where there is none and nobody signs, the chain alone is verified.
        trusted: id → public key: one of those that signed, of any time.
        copy: the file is a copy that was kept elsewhere, and may be of an earlier day.
        seen: what an earlier verification saw, where it is known.

    Raises:
        OSError: the file cannot be read.
    """
    # In this order: whatever a head speaks of stands in the log before it.
    known = list(rows.known_heads())
    lines = _lines(heads) if heads.exists() else iter(())
    found = check_heads(lines, trusted)
    compare_known(found, known, copy)
    report = verify_entries(rows.read_rows, found, copy)
    if found.heads.keys() - {number for number, _ in known}:
        # Read anew: what was signed meanwhile is in the file, and was remembered after it.
        compare_forgotten(report, found, (number for number, _ in rows.known_heads()))
    if trusted and not found.count:
        text = (
            "there is a key that signs the log, and no head: heads were removed, or the first could not be written "
            "(varde audit sign)"
        )
        report.add("heads-missing", text)
    if seen is not None:
        compare_seen(seen, report, found, rows.hash_at)
    report.last_head = found.digests[max(found.digests)].hex() if found.digests else ""
    before = seen.heads if seen is not None else 0
    report.restored = [each for each in found.restored if each > before]
    if wrong := guard_faults():
        text = f"the database lets entries be changed, or keeps them out: {'; '.join(wrong)}"
        report.add("unguarded", text)
    return report


def compare_forgotten(report: Report, found: HeadsFound, known: Iterable[int]) -> None:
    """Tell of heads that are in the file and that the database does not remember.

    Args:
        report: of the entries.
        known: numbers of those that it remembers.
    """
    # An older database than the heads is told as such: it does not know those of what it lacks either.
    older = any(fault.kind in ("tail-missing", "rewritten") for fault in report.faults)
    last = report.signed if older else report.last
    lost, waiting = forgotten(found, known, last, older)
    if lost:
        text = (
            f"{_named(lost)} in the file, and the database does not remember {'it' if len(lost) == 1 else 'them'}: rows "
            "were removed from it, or whoever wrote the newest was interrupted (varde audit sign goes on after that)"
        )
        report.add("heads-forgotten", text, head=lost[0])
    elif waiting:
        report.notes.append(
            f"{_named(waiting)} in the file, and the database does not remember that yet: varde audit sign goes on after it"
        )


def _named(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"head {numbers[0]} stands"
    whole = len(numbers) == numbers[-1] - numbers[0] + 1
    return (
        f"heads {numbers[0]} to {numbers[-1]} stand"
        if whole
        else (f"{len(numbers)} heads from {numbers[0]} to {numbers[-1]} stand")
    )


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def verify_entries(
    read: Callable[[], Iterable[rows.Row]], heads: HeadsFound, copy: bool = False
) -> Report:
    """Verify entries against what heads say of them.

    Args:
        read: gives the entries in order of their numbers, anew each time.
        copy: as of `verify_log`.
    """
    report = Report(heads=heads.count, keys=heads.keys, notes=list(heads.notes))
    for fault in heads.faults:
        report.add(fault.kind, fault.text, fault.sequence, fault.head)
    walk = _Walk(report, heads.checkpoints)
    for row in read():
        walk.take(row)
    walk.end()
    if walk.suspects:
        _trace(read, walk.suspects, report)
    unsigned = report.last - report.signed
    if report.faults:
        return report
    if heads.count and unsigned and (copy or unsigned <= UNSIGNED):
        report.notes.append(f"the newest {unsigned} entries are under no head yet")
    elif unsigned > UNSIGNED:
        text = (
            f"no head vouches for entries {report.signed + 1} to {report.last}: the heads are cut, or could "
            "not be signed (varde audit sign)"
        )
        report.add("unsigned", text, report.signed + 1)
    elif not heads.count and report.entries:
        report.notes.append("nothing is signed: only the chain was verified")
    return report


class _Walk:
    """Goes through the entries."""

    def __init__(self, report: Report, checkpoints: list[Checkpoint]) -> None:
        self._report = report
        self._points = iter(checkpoints)
        self._point = next(self._points, None)
        self._previous = START
        self._expected = 1
        self._restore = 0
        self.suspects: list[rows.Row] = []

    def take(self, row: rows.Row) -> None:
        report, sequence, digest = self._report, row[0], row[-1]
        if sequence == self._expected:
            self._check(row)
        elif sequence > self._expected:
            last = sequence - 1
            span = f"{self._expected} to {last}" if last > self._expected else f"{last}"
            report.add("gap", f"entries missing: {span}", self._expected)
        else:
            report.add("duplicate", f"entry {sequence} stands there twice", sequence)
            self._suspect(row)
            return
        if row[_ACTION] == "restore":
            self._restore = sequence
        while self._point is not None and self._point.sequence <= sequence:
            if self._point.sequence == sequence:
                self._compare(self._point, row)
            self._point = next(self._points, None)
        report.entries += 1
        report.last, report.digest = sequence, digest
        self._previous, self._expected = digest, sequence + 1

    def _check(self, row: rows.Row) -> None:
        sequence, digest, version = row[0], row[-1], row[_WIDTH]
        if version != VERSION:
            text = f"entry {sequence} is written in form {version}, which this version of Varde does not know"
            self._report.add("unknown-version", text, sequence)
        elif digest != digest_of(self._previous, row[:_WIDTH]):
            text = f"entry {sequence} is not what its hash says, after the one before"
            self._report.add("changed", text, sequence)
            self._suspect(row)

    def _suspect(self, row: rows.Row) -> None:
        if len(self.suspects) < TRACED:
            self.suspects.append(row)

    def _compare(self, point: Checkpoint, row: rows.Row) -> None:
        report = self._report
        if point.hash != row[-1]:
            text = (
                f"entry {point.sequence} has another hash than the one that head {point.head} signed: the "
                f"chain was rewritten after entry {report.signed}"
            )
            report.add("rewritten", text, report.signed + 1, point.head)
            return
        if point.restored and row[_ACTION] != "restored":
            text = f"head {point.head} says that a backup was put back, and entry {point.sequence} does not"
            report.add("not-restored", text, point.sequence, point.head)
        elif point.restored and self._restore <= point.since:
            report.notes.append(
                f"before head {point.head} no varde restore is in the log: ask who put a backup back, and how"
            )
        report.signed = point.sequence

    def end(self) -> None:
        furthest = self._point
        for point in self._points:
            furthest = point
        if furthest is not None:
            report = self._report
            text = (
                f"entries {report.last + 1} to {furthest.sequence} are missing at the end: head "
                f"{furthest.head} signed them"
            )
            report.add("tail-missing", text, report.last + 1, furthest.head)


def _trace(
    read: Callable[[], Iterable[rows.Row]], suspects: list[rows.Row], report: Report
) -> None:
    """Say of the first entries that do not fit whether they are copies, or stood elsewhere."""
    waiting, previous, last = list(suspects), START, 0
    for row in read():
        for suspect in list(waiting):
            moved = (row[0], *suspect[1:_WIDTH])
            if row[0] != suspect[0] and suspect[-1] == digest_of(previous, moved):
                own = row[1:] == suspect[1:]
                _say_origin(report, suspect[0], row[0], own)
                waiting.remove(suspect)
        previous, last = row[-1], row[0]
    for suspect in waiting:  # it may have stood after the last
        moved = (last + 1, *suspect[1:_WIDTH])
        if suspect[0] != last + 1 and suspect[-1] == digest_of(previous, moved):
            _say_origin(report, suspect[0], last + 1, False)


def _say_origin(report: Report, sequence: int, origin: int, copy: bool) -> None:
    for place, fault in enumerate(report.faults):
        if fault.sequence == sequence and fault.kind in ("changed", "duplicate"):
            if copy:
                text = f"entry {sequence} is a copy of entry {origin}"
                report.faults[place] = Fault("duplicate", text, sequence)
            else:
                text = f"entry {sequence} was entry {origin}: the order was changed"
                report.faults[place] = Fault("reordered", text, sequence)
            return


__all__ = ["Report", "verify_chain", "verify_entries", "verify_log", "walk_chain"]
