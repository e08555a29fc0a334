"""What an earlier verification saw, and what of it is missing or another now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from varde.access.audit.head_check import HeadsFound
    from varde.access.audit.verification import Report


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification found whole: what came to be missing or another since is told by it.

    Attributes:
        at: when.
        last, digest: number of the newest entry, and its hash.
        heads: heads in the file, and SHA-256 of the last one's line, in hexadecimal digits.
    """

    at: datetime
    last: int
    digest: str
    heads: int = 0
    head: str = ""


def compare_seen(
    seen: Seen, report: Report, heads: HeadsFound, hash_at: Callable[[int], str | None]
) -> None:
    """Tell what was there when all was whole, and is not, or is another. A backup that was put back since, with a head
    that says so, explains entries that are gone; nothing explains heads that are.

    Args:
        hash_at: number of an entry → its hash; None where it is not there.
    """
    when = f"{seen.at:%Y-%m-%d %H:%M} UTC"
    if heads.count < seen.heads:
        text = f"heads {heads.count + 1} to {seen.heads} were in the file when it was verified on {when}, and are not"
        report.add("heads-missing", text, head=heads.count + 1)
    elif seen.heads and _hex_of(heads.digests, seen.heads) != seen.head:
        text = f"head {seen.heads} is another than the one that was verified on {when}"
        report.add("head-changed", text, head=seen.heads)
    explained = any(
        point.restored and point.head > seen.heads and point.since < seen.last
        for point in heads.checkpoints
    )
    if explained:
        return
    if report.last < seen.last:
        text = f"entries {report.last + 1} to {seen.last} were there when the log was verified on {when}, and are not"
        report.add("tail-missing", text, report.last + 1)
    elif hash_at(seen.last) != seen.digest:
        text = f"entry {seen.last} has another hash than when the log was verified on {when}"
        report.add("rewritten", text, seen.last)


def _hex_of(digests: Mapping[int, bytes], number: int) -> str:
    found = digests.get(number)
    return found.hex() if found else ""
