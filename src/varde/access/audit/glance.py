"""Whether the access log is whole, as far as a page can tell at once: what was verified last, and what came since.

`varde audit verify` goes through the whole log and leaves what it found in a small file. A page goes on from there,
because a log grows by everything that anybody does and verifying all of it takes minutes.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import msgspec

from varde.access.audit import rows
from varde.access.audit.encoding import START
from varde.access.audit.seen import Seen
from varde.access.audit.verification import Report, walk_chain

FILE = "audit-verified.json"
AT_ONCE = 20_000
"""So many entries are gone through for a page; they take a fraction of a second."""


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What the last verification of the whole log found.

    Attributes:
        at: when.
        last: number of the newest entry then, and its hash.
        first_bad: the first entry that something was wrong with; None where nothing was, or where it is about
            heads alone.
        whole: whether nothing was wrong.
        seen: the last that found everything whole, this one or an earlier one.
    """

    at: datetime
    last: int
    digest: str
    whole: bool
    first_bad: int | None = None
    seen: Seen | None = None


class Glance(msgspec.Struct, frozen=True, kw_only=True):
    """What can be said of the log now.

    Attributes:
        broken_at: the first entry that does not fit; None where all that was looked at fits.
        since: all entries after this one were looked at now; 0: all there are.
        verified: what the last whole verification found; None where there was none, or the log is another.
    """

    broken_at: int | None
    since: int
    verified: Verified | None

    @property
    def is_whole(self) -> bool:
        """Whether every entry there is was looked at, now or the last time, and fits."""
        return self.broken_at is None and (
            self.since == 0 or (self.verified is not None and self.verified.whole)
        )


def remember(home: Path, report: Report, at: datetime) -> None:
    """Leave what a verification of the whole log found where `glance` looks. In one step: a reader sees the earlier
    file or this one. A home that cannot be written to keeps the earlier: whoever verifies may do so with reading
    rights alone."""
    earlier = _read(home)
    seen = earlier.seen if earlier else None
    if report.whole:
        seen = Seen(
            at=at,
            last=report.last,
            digest=report.digest,
            heads=report.heads,
            head=report.last_head,
        )
    found = Verified(
        at=at,
        last=report.last,
        digest=report.digest,
        whole=report.whole,
        first_bad=report.first_bad,
        seen=seen,
    )
    new = home / f"{FILE}.{os.getpid()}"
    try:
        new.write_bytes(msgspec.json.encode(found) + b"\n")
        new.replace(home / FILE)
    except OSError:
        new.unlink(missing_ok=True)


def last_seen(home: Path) -> Seen | None:
    """What the last verification that found everything whole left; None where there was none."""
    found = _read(home)
    return found.seen if found else None


def glance(home: Path, at_once: int = AT_ONCE) -> Glance:
    """Go through what came after the last verification, at most the newest `at_once` entries."""
    verified = _read(home)
    last, _ = rows.last_entry()
    since, digest = 0, START
    if verified is not None and verified.last:
        if rows.hash_at(verified.last) != verified.digest:
            # Entries up to there were changed or cut off since, or it is about another log.
            return Glance(broken_at=min(verified.last, last + 1), since=0, verified=verified)
        since, digest = verified.last, verified.digest
        if not verified.whole and verified.first_bad is not None:
            return Glance(broken_at=verified.first_bad, since=since, verified=verified)
    if last - since > at_once:
        since = last - at_once
        found = rows.hash_at(since)
        if found is None:
            return Glance(broken_at=since, since=since, verified=None)
        digest, verified = found, None
    return Glance(broken_at=walk_chain(since, digest), since=since, verified=verified)


def _read(home: Path) -> Verified | None:
    try:
        return msgspec.json.decode((home / FILE).read_bytes(), type=Verified)
    except (OSError, msgspec.DecodeError):
        return None
