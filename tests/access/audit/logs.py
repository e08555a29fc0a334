"""A log with heads, made by Varde in a site of its own and read as it lies there: to be changed and verified."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from access.audit import reference
from varde.access import audit
from varde.access.audit import rows
from varde.access.audit.head_check import check_heads, compare_known
from varde.access.audit.heads import make_head, read_line
from varde.access.audit.keys import key_id_of, private_key, raw_public
from varde.access.audit.verification import Report, compare_forgotten, verify_entries
from varde.access.models import AccessLogEntry
from varde.access.purposes import purpose_of

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
DOCTOR = SimpleNamespace(username="kari", role="duty-officer", area="", is_authenticated=True)
PERSONS = [hashlib.sha256(b"person %d" % number).digest() for number in range(5)]
Row = tuple[Any, ...]


@dataclasses.dataclass(frozen=True)
class Log:
    """Entries, the file of heads, what the database remembers of it, and public keys to verify with."""

    rows: tuple[Row, ...]
    heads: bytes
    known: tuple[tuple[int, bytes], ...]
    trusted: Mapping[str, bytes]

    def but(self, **changes: Any) -> Log:
        return dataclasses.replace(self, **changes)


def read_log(home: Path) -> Log:
    """The log of the site that is in use."""
    path = audit.place_of(home)
    return Log(
        rows=tuple(rows.read_rows()),
        heads=path.read_bytes() if path.exists() else b"",
        known=tuple(rows.known_heads()),
        trusted=dict(audit.own_public_keys(home)),
    )


def verify(log: Log) -> Report:
    """As Varde does."""
    lines = [line + b"\n" for line in log.heads.split(b"\n")]
    lines[-1] = lines[-1].removesuffix(b"\n")
    found = check_heads([line for line in lines if line], log.trusted)
    compare_known(found, log.known, copy=False)
    report = verify_entries(lambda: log.rows, found)
    compare_forgotten(report, found, [number for number, _ in log.known])
    return report


def both(log: Log) -> Report:
    """As Varde does; the plain reference must say the same."""
    report = verify(log)
    assert report.whole == reference.is_whole(log.rows, log.heads, log.known, log.trusted), report
    return report


def fill(count: int) -> None:
    """Some entries of several kinds, every third about a person."""
    for number in range(count):
        if number % 3 == 0:
            audit.record(
                DOCTOR,
                "view",
                "person",
                "person",
                1,
                purpose=purpose_of("outbreak"),
                about=PERSONS[number % 5],
            )
        elif number % 3 == 1:
            audit.record(DOCTOR, "download", "resistance", f"antibiogram row {number}", number)
        else:
            audit.record(None, "sign-in-failed")


def make_log(home: Path) -> Log:
    """Nineteen entries under four heads of two keys."""
    fill(5)
    audit.sign()
    fill(6)
    audit.sign()
    audit.change_keys()
    fill(7)
    audit.sign()
    fill(1)
    audit.sign()
    return read_log(home)


def stored(number: int) -> AccessLogEntry:
    return AccessLogEntry.objects.get(id=number)


def chain_anew(found: Sequence[Row], start: int = 0) -> tuple[Row, ...]:
    """Entries numbered and hashed anew from a place on, as somebody does who hides a change."""
    made = list(found[:start])
    previous = made[-1][13] if made else reference.ZEROS
    for number, row in enumerate(found[start:], start + 1):
        fields = (number, *row[1:12])
        previous = reference.entry_hash(previous, fields)
        made.append((*fields, row[12], previous))
    return tuple(made)


def sign_anew(log: Log, seed: bytes) -> Log:
    """All heads made anew with another key, and remembered so by the database: all but the public key is replaced."""
    own = raw_public(private_key(seed).public_key())
    lines: list[bytes] = []
    last = None
    for line in log.heads.splitlines(keepends=True):
        head = read_line(line)
        assert head is not None
        digest = log.rows[head.sequence - 1][13] if head.sequence else reference.ZEROS
        last = make_head(
            seed,
            head.number,
            head.kind,
            head.sequence,
            digest,
            AT,
            head.count,
            hashlib.sha256(lines[-1]).hexdigest() if lines else reference.ZEROS,
            head.since,
            own.hex() if head.public_key else "",
        )
        assert last.key_id == key_id_of(own)
        lines.append(last.line())
    return log.but(heads=b"".join(lines), known=tuple(enumerate(lines, 1)))
