"""What somebody should look at though it was taken in: an answer that was final and became preliminary, or lost what it
had found; one that changed its patient, or lost the patient's number; a withdrawal that names another patient, or after
which results were added; one that withdrew nothing.

The newest version counts, always. But a laboratory seldom takes back that it was sure, and never gives the number of
one person's answer to another on purpose: what was known before is gone from the register then, and nobody would see
it. So it is told of the report, as a function of all its versions, for as long as it is so, or until a person has
looked at it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, get_args

from varde.messages.errors import mask_digits
from varde.register import ids, store
from varde.register.chunk import Chunk
from varde.register.rows import Projections
from varde.register.store import connection
from varde.register.under_one_number import with_told
from varde.register.versions import BY_OTHERS, notices_of
from varde.register.withdrawals import stands_under

What = Literal[
    "final-became-preliminary",
    "findings-gone",
    "patient-changed",
    "patient-number-gone",
    "withdrawn-other-patient",
    "added-after-withdrawal",
    "several-of-one-number",
    "stands-beside-another",
    "withdrew-nothing",
    "two-patients",
]
WHATS: tuple[What, ...] = get_args(What)


@dataclass(frozen=True)
class Noticed:
    """Something about a report that a person should look at.

    Attributes:
        report: its row.
        report_ref, message_ref: the sender's own numbers of the report, and of the message that it stands in.
        message: that message's number in the log.
        made_at: when the version that counts was made.
        laboratory_name: what the sender calls itself; empty when unknown.
        beside: what stands under the same number, by the sender's own numbers; only where that is what it is about.
    """

    report: int
    what: What
    kind: str
    sender: str
    laboratory_name: str
    report_ref: str
    message_ref: str
    message: int
    made_at: datetime
    beside: tuple[str, ...] = ()


def tell_unchanged(chunk: Chunk, projections: Projections) -> None:
    """Tell anew of the reports that got a version and stand as they did: the others are told of as they are written."""
    changed = []
    for key in chunk.changed.keys() - projections.keys():
        row = chunk.rows.get(key)
        if row is None:
            continue
        said = notices_of(chunk.known(key), row.version_key)
        for what in BY_OTHERS:
            said = with_told(said, what, what in row.notices)
        if said != row.notices:
            chunk.rows[key] = row._replace(notices=said)
            changed.append((said, row.id))
    if changed:
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE register_report SET notices = %s WHERE id = %s", sorted(changed)
            )


_SEEN = (
    "SELECT 1 FROM register_noticeseen n WHERE n.report_ref = r.report_ref AND n.sender = r.sender "
    "AND n.kind = r.kind AND n.version_key = r.version_key AND n.what = "
)


def list_notices(sender: str | None = None, limit: int = 100) -> list[Noticed]:
    """What nobody has looked at yet, the newest first.

    Args:
        sender: only this sender's; None for everybody's.
    """
    where, values = _of(sender)
    found: list[Noticed] = []
    with connection.cursor() as cursor:
        for what in WHATS:
            cursor.execute(
                "SELECT r.id, r.kind, r.sender, COALESCE(s.name, ''), r.report_ref, i.message_ref, r.item, "
                "CAST(r.generated_at AS TEXT) FROM register_report r "
                "LEFT JOIN register_item i ON i.id = r.item "
                "LEFT JOIN register_sender s ON s.key = r.sender "
                f"WHERE r.notices <> '' AND r.notices LIKE %s {where} AND NOT EXISTS ({_SEEN} %s) "
                "ORDER BY r.generated_at DESC, r.id DESC LIMIT %s",
                [f"%{what}%", *values, what, limit],
            )
            found.extend(_notice(what, row) for row in cursor.fetchall())
    found = sorted(found, key=lambda one: (one.made_at, one.report), reverse=True)[:limit]
    about = [one for one in found if one.what in BY_OTHERS]
    beside = stands_under({(one.kind, one.sender, one.report_ref) for one in about})
    return [
        replace(one, beside=beside[one.kind, one.sender, one.report_ref]) if one in about else one
        for one in found
    ]


def count_notices(sender: str | None = None) -> dict[What, int]:
    """How many of each nobody has looked at yet; as of `list_notices`."""
    where, values = _of(sender)
    found: dict[What, int] = {}
    with connection.cursor() as cursor:
        for what in WHATS:
            cursor.execute(
                "SELECT COUNT(*) FROM register_report r WHERE r.notices <> '' AND r.notices LIKE %s "
                f"{where} AND NOT EXISTS ({_SEEN} %s)",
                [f"%{what}%", *values, what],
            )
            found[what] = int(cursor.fetchone()[0])
    return found


def see_notice(
    report: int, what: What, by: str, reason: str, now: datetime, sender: str | None = None
) -> bool:
    """Note that a person has looked at it. It comes back when a newer version of the report gives the same cause; a
    replay leaves it seen.

    Args:
        by: the user.
        reason: what was found; digits that may be of a person are masked.
        sender: only when it is this sender's; None for anybody's.

    Returns:
        False when there is no such thing to look at.
    """
    where, values = _of(sender)
    said = store.fit(mask_digits(" ".join(reason.split())), 200)
    with store.alone(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO register_noticeseen (kind, sender, report_ref, what, version_key, seen_by, reason, seen_at) "
            "SELECT r.kind, r.sender, r.report_ref, CAST(%s AS VARCHAR(40)), r.version_key, "
            "CAST(%s AS VARCHAR(64)), CAST(%s AS VARCHAR(200)), CAST(%s AS "
            f"{'TIMESTAMPTZ' if store.is_postgres() else 'TEXT'}) "
            f"FROM register_report r WHERE r.id = %s AND r.notices LIKE %s {where} AND NOT EXISTS ({_SEEN} %s)",
            [what, by, said, store.stamp(now), report, f"%{what}%", *values, what],
        )
        return bool(cursor.rowcount)


def forget_seen() -> None:
    """Forget what was seen of reports that are there no more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM register_noticeseen WHERE NOT EXISTS (SELECT 1 FROM register_report r WHERE "
            "r.report_ref = register_noticeseen.report_ref AND r.sender = register_noticeseen.sender "
            "AND r.kind = register_noticeseen.kind)"
        )


def _of(sender: str | None) -> tuple[str, list[str]]:
    return ("AND r.sender = %s", [sender]) if sender is not None else ("", [])


def _notice(what: What, row: tuple[Any, ...]) -> Noticed:
    report, kind, sender, name, report_ref, message_ref, item, made = row
    return Noticed(
        report=report,
        what=what,
        kind=kind,
        sender=sender,
        laboratory_name=name,
        report_ref=report_ref,
        message_ref=message_ref or "",
        message=ids.message_of(item)[0],
        made_at=store.moment(made),
    )
