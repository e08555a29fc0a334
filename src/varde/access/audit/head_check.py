"""What a file of signed heads says, and whether it can be believed: links, signatures, keys, order.

Pure: lines in, what is found out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from varde.access.audit.encoding import START
from varde.access.audit.heads import Head, follow
from varde.access.audit.keys import key_id_of

FaultKind = Literal[
    "changed",
    "gap",
    "duplicate",
    "reordered",
    "tail-missing",
    "rewritten",
    "unknown-version",
    "not-restored",
    "unsigned",
    "heads-missing",
    "heads-forgotten",
    "head-changed",
    "head-order",
    "bad-signature",
    "unknown-key",
    "no-head",
    "unguarded",
]


@dataclass(frozen=True)
class Fault:
    """Something that is wrong.

    Attributes:
        kind: what it is; docs/audit.md explains each.
        text: a sentence.
        sequence: the entry that it is about or begins at.
        head: number of the head.
    """

    kind: FaultKind
    text: str
    sequence: int | None = None
    head: int | None = None


class Checkpoint(NamedTuple):
    """What a head says of the log."""

    sequence: int
    hash: str
    head: int
    restored: bool
    since: int = 0


@dataclass
class HeadsFound:
    """What a file of heads says.

    Attributes:
        count: heads in it.
        checkpoints: what holds of the log, by sequence.
        faults, notes: what is wrong, and what is to be known.
        digests: number of a head → SHA-256 of its line.
        keys: ids of the keys that signed, in their order.
        restored: numbers of the heads that say that a backup was put back.
        heads: number of a head → the entry up to which it vouches; of one that says that a backup was put back also
            `since` (`Head.since`), else None.
    """

    count: int = 0
    checkpoints: list[Checkpoint] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    digests: dict[int, bytes] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    restored: list[int] = field(default_factory=list)
    heads: dict[int, tuple[int, int | None]] = field(default_factory=dict)


class _Reader:
    """Goes through the heads.

    Args:
        trusted: id → public key, of whoever verifies.
    """

    def __init__(self, trusted: Mapping[str, bytes]) -> None:
        self._trusted = trusted
        self._keys = dict(trusted)
        self._last: Head | None = None
        self._believed = False
        self._vouched = 0
        self.found = HeadsFound()

    def take(self, head: Head, link: str) -> None:
        found, last = self.found, self._last
        found.count += 1
        found.digests[head.number] = hashlib.sha256(head.line()).digest()
        since = head.since if head.kind == "restored" else None
        found.heads[head.number] = head.sequence, since
        expected = last.number + 1 if last else 1
        if head.number != expected:
            missing = f"heads {expected} to {head.number - 1} are not in the file"
            text = missing if head.number > expected else f"head {head.number} stands out of order"
            found.faults.append(Fault("heads-missing", text, head=head.number))
        elif head.previous != link:
            text = f"what stands in the file before head {head.number} is not what was signed"
            found.faults.append(Fault("head-changed", text, head=head.number))
        self._check_signature(head)
        self._check_order(head)
        self._last = head

    def _check_signature(self, head: Head) -> None:
        last, found = self._last, self.found
        begins = last is None
        if head.public_key:
            public = bytes.fromhex(head.public_key)
            self._keys.setdefault(key_id_of(public), public)
            if head.key_id == key_id_of(public) and last is not None:
                begins = head.key_id in self._trusted
                if begins:
                    found.notes.append(
                        f"head {head.number}: the key {head.key_id} began by its own word, without the one before"
                    )
        if head.key_id not in found.keys:
            found.keys.append(head.key_id)
        public_key = self._keys.get(head.key_id)
        if public_key is None or not head.is_signed_by(public_key):
            kind: FaultKind = "unknown-key" if public_key is None else "bad-signature"
            why = (
                f"is signed by a key {head.key_id} that nothing vouches for"
                if public_key is None
                else "is not what was signed"
            )
            found.faults.append(Fault(kind, f"head {head.number} {why}", head=head.number))
            return
        if not begins and last is not None and head.key_id != last.signs_next:
            text = (
                f"head {head.number} is signed by {head.key_id}, and {last.signs_next} was to sign"
            )
            found.faults.append(Fault("unknown-key", text, head=head.number))
            return
        # A trusted key vouches for all before it by the links, and for keys that it names.
        believed = head.key_id in self._trusted or (self._believed and not begins)
        self._believed = believed
        if believed:
            self._vouched = head.number

    def _check_order(self, head: Head) -> None:
        found, points = self.found, self.found.checkpoints
        if head.kind == "restored":
            found.restored.append(head.number)
            gone = [point for point in points if point.sequence > head.since]
            del points[len(points) - len(gone) :]
            at = points[-1].sequence if points else 0
            right = head.since == at and head.sequence > head.since
            right = right and head.count == head.sequence - head.since and not head.public_key
            if gone:
                found.notes.append(
                    f"an operator recorded at {head.at} that a backup was put back: what stood after entry "
                    f"{head.since} then, as far as entry {gone[-1].sequence}, is not in this log"
                )
            else:
                found.notes.append(f"an operator recorded at {head.at} that a backup was put back")
        else:
            point = points[-1] if points else Checkpoint(0, START, 0, False)
            key = head.kind == "key"
            # A key begins where the head before was, also when that is not in the log any more.
            last = self._last
            at, digest = (last.sequence, last.hash) if last else (0, START)
            right = head.since == 0 and head.count == head.sequence - at
            right = right and bool(head.public_key) == key and head.sequence >= point.sequence
            same = (head.sequence, head.hash) == (at, digest)
            # A new key signs at once, also where nothing is new.
            right = right and (
                same if key else not same or (last is not None and last.kind == "key")
            )
            right = right and (head.sequence > 0 or head.hash == START)
        if not right:
            text = f"head {head.number} does not follow from the one before"
            found.faults.append(Fault("head-order", text, head=head.number))
        if head.kind != "key":
            restored = head.kind == "restored"
            points.append(Checkpoint(head.sequence, head.hash, head.number, restored, head.since))

    def end(self) -> HeadsFound:
        last = self._last
        if last is not None and self._vouched < last.number:
            first = self._vouched + 1
            text = (
                f"heads {first} to {last.number} are by keys that the public key given does not vouch for: "
                f"{', '.join(self.found.keys)}"
            )
            self.found.faults.append(Fault("unknown-key", text, head=first))
        return self.found


def check_heads(lines: Iterable[bytes], trusted: Mapping[str, bytes]) -> HeadsFound:
    """Read a file of heads.

    Args:
        lines: its lines, each with its end.
        trusted: id → public key, of whoever verifies; one is enough, of any time.
    """
    reader = _Reader(trusted)
    waiting: list[tuple[int, bytes]] = []
    for number, line, head, link in follow(lines):
        if head is None:
            waiting.append((number, line[-1:]))
            continue
        reader.take(head, link)
        if waiting and not _is_fault(reader.found, head.number):
            # What an interrupted writer left is signed over by the next head.
            reader.found.notes.append(
                f"line {waiting[-1][0]} of the heads was not finished; head {head.number} says so"
            )
            waiting.clear()
    found = reader.end()
    for number, end in waiting:
        if end == b"\n":
            text = f"line {number} of the heads is no head"
            found.faults.append(Fault("no-head", text))
        else:
            text = (
                f"the last line of the heads, {number}, is not finished: whoever wrote it was interrupted, or it "
                "was cut. varde audit sign goes on after it"
            )
            found.faults.append(Fault("no-head", text))
    return found


def _is_fault(found: HeadsFound, head: int) -> bool:
    return any(fault.head == head and fault.kind == "head-changed" for fault in found.faults)


def compare_known(found: HeadsFound, known: Iterable[tuple[int, bytes]], copy: bool) -> None:
    """Compare with the heads that the database remembers: each must be in the file.

    Args:
        copy: the file is a copy that may be of an earlier day: newer heads need not be in it.
    """
    missing = []
    newest = max(found.digests, default=0)
    for number, line in known:
        digest = found.digests.get(number)
        if digest is None:
            missing.append(number)
        elif digest != hashlib.sha256(line).digest():
            text = f"head {number} in the file is another than the one that the database remembers"
            found.faults.append(Fault("head-changed", text, head=number))
    if missing:
        span = f"{missing[0]} to {missing[-1]}" if len(missing) > 1 else f"{missing[0]}"
        text = f"heads {span} were signed, as the database remembers, and are not in the file"
        if copy and missing[0] > newest:
            found.notes.append(text)
        else:
            found.faults.append(Fault("heads-missing", text, head=missing[0]))


def forgotten(
    found: HeadsFound, known: Iterable[int], last: int, older: bool = False
) -> tuple[list[int], list[int]]:
    """Heads of the file that the database does not remember and should, and those that it may not remember yet.

    A head is remembered as soon as it is in the file. Only the newest may be on their way, while nothing was logged
    after them. A backup that was put back knows none of the heads that were signed after it was made: those of entries
    from `since` of the head that says so.

    Args:
        known: numbers of the heads that the database remembers.
        last: number of the newest entry; where the log is `older`, of the newest that a head vouches for.
        older: the log lacks entries that heads vouch for, which is told as such: it need not remember those heads.
    """
    there = set(known)
    newest = max(there, default=0)
    lost: list[int] = []
    waiting: list[int] = []
    since: int | None = None  # the least of those of the heads after this one
    for number in sorted(found.heads, reverse=True):
        sequence, put_back = found.heads[number]
        if number not in there and (since is None or sequence < since):
            on_its_way = sequence >= last and (older or number > newest)
            (waiting if on_its_way else lost).append(number)
        if put_back is not None:
            since = put_back if since is None else min(since, put_back)
    return sorted(lost), sorted(waiting)
