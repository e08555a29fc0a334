"""When and how heads of the access log are signed.

A head is written when `EVERY_ENTRIES` entries are under none, `EVERY_SECONDS` after an entry (in a process that
goes on: `keep_signed`), when a process that logged something ends (`finish`), and when somebody asks (`sign`).
An entry stands in the log whether its head can be written or not: what is in the way is told in the program's log, and
tried again.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from varde.access.audit import heads, rows
from varde.access.audit.errors import AuditError, HeadsDoNotFit, LogDoesNotFit
from varde.access.audit.heads import Head
from varde.access.audit.keys import (
    PERSONS,
    SIGNING,
    AuditKeys,
)
from varde.access.audit.writing import Writer, id_of

EVERY_ENTRIES = 1_000
EVERY_SECONDS = 600
RETRY_SECONDS = 60
AT_ONCE = 2
"""So many heads are written at once, at most."""

_logger = logging.getLogger(__name__)


def sign() -> Head | None:
    """Sign the log as it is now; give the newest head, None where there is no entry and no head.

    Raises:
        LogDoesNotFit: the log is not what its heads say.
        HeadsDoNotFit: heads that were signed are not in the file.
        NoSigningKey, KeyProblem: the key that signs is not at hand.
        OSError: the file cannot be written.
    """
    path = heads.place_of(_home())
    known = rows.last_known_head()  # first: what it says is in the file, if that is whole
    if not path.exists():
        if known is not None:
            raise _heads_missing(path)
        if rows.last_entry()[0] == 0:
            return None
    with heads.alone_with(path) as handle:
        end = heads.find_end(path)
        _see_that_heads_fit(path, rows.last_known_head(), end.head)
        _see_that_log_fits(end.head)
        _remember_newest(path, end.head)
        return Writer(_home(), path, handle, end, timezone.now()).add_entries()


def sign_restored(user: Any) -> Head:
    """Record that a backup was put back: an entry in the log, and a head that goes on from it.

    Heads that the database remembers and the file lacks are put back into the file first. A new key is made where
    the one that signed is lost.

    Raises:
        HeadsDoNotFit: heads in the file are others than those that the database remembers.
        KeyProblem: the key that signs is malformed.
        OSError: the file cannot be written.
    """
    from varde.access.audit.recording import record

    path = heads.place_of(_home())
    with heads.alone_with(path) as handle:
        _put_back_heads(path, handle)
        end = heads.find_end(path)
        since, furthest = _last_that_fits(path)
        lost = max(0, furthest - since)
        # Its head is written below: another would wait for this file for ever.
        _here.signing = True
        try:
            entry = record(
                user, "restored", "command-line", "entry beyond the last head that fits", lost
            )
        finally:
            _here.signing = False
        writer = Writer(_home(), path, handle, end, timezone.now(), lost_key=True)
        return writer.add_restored(int(entry.pk), str(entry.digest), since)


def change_keys() -> tuple[str, str]:
    """Make a new key that signs and a new one that persons are hashed under; the old one signs for the new.

    Returns:
        Id of the key that signs now, and of the one that hashes; empty where keys come from the environment.

    Raises:
        AuditError, KeyProblem, OSError: as `sign`. The new keys are used from the next time that it can be signed.
    """
    persons = AuditKeys(_home(), PERSONS).add()
    signing = AuditKeys(_home(), SIGNING)
    signing.add()
    sign()
    if signing.from_environment:
        return "", persons
    return id_of(next(iter(signing.read().values()))), persons


def what_is_wrong() -> str:
    """Why the log cannot be signed as it is; empty when it can."""
    path = heads.place_of(_home())
    try:
        known = rows.last_known_head()
        end = heads.find_end(path)
        _see_that_heads_fit(path, known, end.head)
        _see_that_log_fits(end.head)
    except (AuditError, OSError) as error:
        return str(error)
    return ""


# --- when ---------------------------------------------------------------------------------------


@dataclass
class _Keeper:
    """What this process knows of what is signed.

    Attributes:
        known: place of the heads → number of the entry up to which they were when it looked last.
        logged: whether it added entries that it has not signed since.
        timed: whether it signs by itself after a while.
    """

    known: dict[Path, int] = field(default_factory=dict)
    logged: bool = False
    timed: bool = False
    not_before: float = 0.0
    timer: threading.Timer | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


_keeper = _Keeper()
_here = threading.local()
"""Of a thread: `signing` while it has the file of heads open."""


def note(sequence: int) -> None:
    """Entries up to this one stand in the log: sign when it is time. Never raises."""
    _keeper.logged = True
    if getattr(_here, "signing", False):
        return
    try:
        path = heads.place_of(_home())
        if sequence - _keeper.known.get(path, 0) >= EVERY_ENTRIES:
            _look(path, sequence)
        if _keeper.timed and _keeper.timer is None:
            _start_timer()
    except Exception as error:
        _tell(error)


def keep_signed() -> None:
    """Sign by itself from now on, in a process that goes on until it is stopped; what was logged before as well."""
    _keeper.timed = True
    _start_timer()


def finish() -> None:
    """Sign what this process has logged, before it ends. Never raises."""
    with _keeper.lock:
        timer, _keeper.timer = _keeper.timer, None
    if timer is not None:
        timer.cancel()
    if _keeper.logged:
        _sign_quietly()


def _look(path: Path, sequence: int) -> None:
    """See how far others have signed, and sign when it is time."""
    if time.monotonic() < _keeper.not_before:
        return
    head = heads.find_end(path).head
    _keeper.known[path] = head.sequence if head else 0
    if sequence - _keeper.known[path] >= EVERY_ENTRIES:
        _sign_quietly()


def _start_timer() -> None:
    with _keeper.lock:
        if _keeper.timer is None:
            _keeper.timer = threading.Timer(EVERY_SECONDS, _sign_in_time)
            _keeper.timer.daemon = True
            _keeper.timer.start()


def _sign_in_time() -> None:
    with _keeper.lock:
        _keeper.timer = None
    try:
        if not _sign_quietly():
            _start_timer()
    finally:
        connection.close()


def _sign_quietly() -> bool:
    """Sign; trouble is told in the program's log, and is not tried again at once."""
    _keeper.logged = False
    try:
        head = sign()
    except Exception as error:
        _keeper.logged = True
        _tell(error)
        return False
    if head is not None:
        _keeper.known[heads.place_of(_home())] = head.sequence
    return True


def _tell(error: Exception) -> None:
    _keeper.not_before = time.monotonic() + RETRY_SECONDS
    _logger.error(
        "the access log cannot be signed: varde audit sign says why",
        extra={"error": type(error).__name__},
    )


def _see_that_heads_fit(path: Path, known: tuple[int, bytes] | None, last: Head | None) -> None:
    if known is None:
        return
    number, line = known
    if last is None or last.number < number:
        raise _heads_missing(path)
    found = last.line() if last.number == number else _line_of(path, number)
    if found != line:
        raise HeadsDoNotFit(
            f"head {number} in {path} is another than the one that the database remembers: "
            "varde audit verify tells more"
        )


def _see_that_log_fits(last: Head | None) -> None:
    if last is not None and rows.hash_at(last.sequence) != last.hash:
        raise LogDoesNotFit(
            f"head {last.number} says that there is an entry {last.sequence} with another hash: the log was "
            "changed or cut, or a backup was put back. varde audit verify tells more; when it was a backup, "
            "varde audit sign --restored records that"
        )


def _heads_missing(path: Path) -> HeadsDoNotFit:
    return HeadsDoNotFit(
        f"heads that were signed are not in {path}: put the file back (VARDE_AUDIT_HEADS says where it lies). "
        "When a backup was put back and the file is lost, varde audit sign --restored goes on without it"
    )


def _remember_newest(path: Path, last: Head | None) -> None:
    """Let the database remember what the last writer could not, since it was interrupted: at most what is written at
    once, a new key and the head that it signs. More of them are for a person to look at (`varde audit verify`)."""
    known = rows.last_known_head()
    first = known[0] + 1 if known else 1
    if last is not None and first <= last.number < first + AT_ONCE:
        numbers = range(first, last.number + 1)
        lines = [(number, _line_of(path, number)) for number in numbers]
        rows.remember_heads([(number, line) for number, line in lines if line])


def _line_of(path: Path, number: int) -> bytes:
    with path.open("rb") as file:
        for line in file:
            head = heads.read_line(line)
            if head is not None and head.number == number:
                return line
    return b""


def _put_back_heads(path: Path, handle: int) -> None:
    """Heads that the database remembers, after those that the file has."""
    end = heads.find_end(path)
    last = end.head.number if end.head else 0
    known = rows.last_known_head()
    if known is None or known[0] <= last:
        _see_that_heads_fit(path, known, end.head)
        return
    content, expected = b"\n" if end.torn else b"", end.link
    for number, line in rows.known_heads():
        if number <= last:
            continue
        head = heads.read_line(line)
        if head is None or head.previous != expected or head.number != last + 1:
            raise HeadsDoNotFit(
                f"the heads in {path} are others than those that the database remembers: "
                "varde audit verify tells more"
            )
        content, expected, last = content + line, hashlib.sha256(line).hexdigest(), number
    heads.add_lines(handle, path, content)


def _last_that_fits(path: Path) -> tuple[int, int]:
    """(entry up to which the log is what heads say, entry up to which they say anything)."""
    valid: list[Head] = []
    furthest = 0
    with path.open("rb") as file:
        for line in file:
            head = heads.read_line(line)
            if head is None:
                continue
            if head.kind == "restored":
                valid = [each for each in valid if each.sequence <= head.since]
            valid.append(head)
            furthest = head.sequence if head.kind == "restored" else max(furthest, head.sequence)
    for head in reversed(valid):
        if rows.hash_at(head.sequence) == head.hash:
            return head.sequence, furthest
    return 0, furthest


def _home() -> Path:
    return Path(settings.VARDE_HOME)
