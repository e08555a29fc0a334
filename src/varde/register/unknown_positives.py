"""Answers that the laboratory marks as notifiable, and in which no map knows what was found: nobody is told of them.

A positive answer whose analysis or organism no code map knows is taken in, waits among the unknown codes, and begins no
case. Where the answer is marked as notifiable it is urgent all the same: a case of measles may hide behind a name that is
spelled in a new way. So these are told of by themselves, from the moment they are taken in, until the expression gets a
meaning (`confirming`), is said to have none, or somebody says what was done about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from msgspec import Struct

from varde.messages import clean_line
from varde.messages.errors import mask_digits
from varde.register import ids, store
from varde.register.confirming import decisions
from varde.register.projection import Expression
from varde.register.store import connection

WHAT = "notifiable-unknown"
"""What `register_noticeseen` calls that somebody has dealt with one."""
MARKS = ("MSIS-M", "MSIS-UM")
"""The marks of answers that are to be notified, with and without the patient's name (list 8269)."""
RECENT = timedelta(days=365)
"""What was answered longer ago is history."""
MOST = 5_000
"""Rows that are looked at, the newest answers first."""


class UnknownPositive(Struct, frozen=True, kw_only=True):
    """One expression in one sender's answers.

    Attributes:
        laboratory_name: what the sender calls itself; empty when unknown.
        marks: of the answers, sorted.
        answers: how many answers have it, and begin no case.
        first_day, last_day: days of their specimens; None where there is none.
        made_at: when the newest was answered.
    """

    sender: str
    laboratory_name: str
    expression: Expression
    marks: tuple[str, ...]
    answers: int
    first_day: date | None
    last_day: date | None
    made_at: datetime


class _Row(Struct, frozen=True):
    report: int
    sender: str
    name: str
    mark: str
    made: datetime
    day: date | None
    expression: Expression


_UNSEEN = (
    "AND NOT EXISTS (SELECT 1 FROM register_noticeseen n WHERE n.report_ref = r.report_ref AND n.sender = r.sender "
    f"AND n.kind = r.kind AND n.version_key = r.version_key AND n.what = '{WHAT}')"
)


def list_unknown_positives(
    now: datetime, sender: str | None = None, *, seen: bool = False
) -> list[UnknownPositive]:
    """What waits for a meaning, the newest answer first.

    Args:
        sender: only this sender's; None for everybody's.
        seen: also what somebody has said is dealt with.
    """
    rows = _read(now, sender, "" if seen else _UNSEEN)
    said = decisions({row.expression for row in rows})
    found = [
        _group(list(ones))
        for _key, ones in groupby(sorted(rows, key=_same), key=_same)
        if not _means_nothing(said, _key[1])
    ]
    return sorted(found, key=lambda one: (one.made_at, one.sender, one.expression), reverse=True)


def see_unknown_positive(
    sender: str, expression: Expression, by: str, reason: str, now: datetime
) -> int:
    """Note that the answers of a sender that have an expression are dealt with. One comes back with a newer version.

    Args:
        by: the user.
        reason: what was done; digits that may be of a person are masked.

    Returns:
        How many answers there were.
    """
    reports = {row.report for row in _read(now, sender, _UNSEEN) if row.expression == expression}
    said = store.fit(mask_digits(clean_line(reason)), 200)
    at = "TIMESTAMPTZ" if store.is_postgres() else "TEXT"
    with store.alone(), connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO register_noticeseen (kind, sender, report_ref, what, version_key, seen_by, reason, seen_at) "
            f"SELECT r.kind, r.sender, r.report_ref, '{WHAT}', r.version_key, CAST(%s AS VARCHAR(64)), "
            f"CAST(%s AS VARCHAR(200)), CAST(%s AS {at}) FROM register_report r WHERE r.id = %s {_UNSEEN}",
            [(by, said, store.stamp(now), report) for report in sorted(reports)],
        )
    return len(reports)


def _read(now: datetime, sender: str | None, unseen: str) -> list[_Row]:
    where, values = ("AND r.sender = %s", [sender]) if sender is not None else ("", [])
    with connection.cursor() as cursor:
        # From the unknown expressions, which are few; an answer's specimens lie together, by its id.
        cursor.execute(
            "SELECT r.id, r.sender, COALESCE(s.name, ''), r.notifiable, CAST(r.generated_at AS TEXT), "
            "(SELECT CAST(MIN(p.collected_on) AS TEXT) FROM register_specimen p "
            f"WHERE p.id >= r.id * {ids.PARTS} AND p.id < (r.id + 1) * {ids.PARTS}), "
            "u.kind, u.system, u.code, u.text FROM register_unmapped u "
            f"JOIN register_report r ON r.id = u.id / {ids.EXPRESSIONS} "
            "LEFT JOIN register_sender s ON s.key = r.sender "
            "WHERE u.kind = 'organism' AND r.kind = 'laboratory' AND r.notifiable IN (%s, %s) "
            f"AND NOT r.begins AND NOT r.cancelled AND r.generated_at >= %s {where} {unseen} "
            "ORDER BY r.generated_at DESC, u.id LIMIT %s",
            [*MARKS, store.stamp(now - RECENT), *values, MOST],
        )
        return [_row(row) for row in cursor.fetchall()]


def _row(row: Sequence[Any]) -> _Row:
    report, sender, name, mark, made, day, *expression = row
    return _Row(
        report,
        sender,
        name,
        mark,
        store.moment(made),
        date.fromisoformat(day) if day else None,
        tuple(expression),
    )


def _same(row: _Row) -> tuple[str, Expression]:
    return row.sender, row.expression


def _group(rows: list[_Row]) -> UnknownPositive:
    days = sorted(row.day for row in rows if row.day)
    newest = max(rows, key=lambda row: row.made)
    return UnknownPositive(
        sender=newest.sender,
        laboratory_name=newest.name,
        expression=newest.expression,
        marks=tuple(sorted({row.mark for row in rows})),
        answers=len({row.report for row in rows}),
        first_day=days[0] if days else None,
        last_day=days[-1] if days else None,
        made_at=newest.made,
    )


def _means_nothing(said: Mapping[Expression, Any], expression: Expression) -> bool:
    return expression in said and said[expression].verdict == "unmappable"
