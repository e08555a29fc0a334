"""Retention: what has been kept long enough, shown and, when asked for, removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import transaction

from varde.operation.databases import exists
from varde.operation.operators import record
from varde.operation.retention_rules import Rule, RuleKey, site_rules
from varde.register import (
    alone,
    erase,
    folded_messages,
    open_register,
    replay,
    unusable_messages,
    using,
)

BATCH = 500
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Due:
    """What one rule says of one register now.

    Attributes:
        before: what is older is due; None: kept for ever.
        count: how many are due.
        removed: how many were removed.
    """

    rule: Rule
    database: str
    before: datetime | None
    count: int = 0
    removed: int = 0


def find_due(home: Path, now: datetime) -> list[Due]:
    """What every rule says of every register that there is.

    Raises:
        RetentionInvalid: the site's own rules cannot be followed.
    """
    return [_find(rule, database, now) for rule, database in _rules(home)]


def apply_retention(home: Path, clock: Clock) -> list[Due]:
    """Remove what is due, each with an entry in the access log.

    Raises:
        RetentionInvalid: the site's own rules cannot be followed.
        KeyProblem: messages must be read again and the keys are not at hand.
    """
    return [_apply(home, _find(rule, database, clock()), clock) for rule, database in _rules(home)]


def _rules(home: Path) -> Iterator[tuple[Rule, str]]:
    for rule in site_rules(home):
        for database in rule.registers:
            if exists(database):
                yield rule, database


def _find(rule: Rule, database: str, now: datetime) -> Due:
    if rule.after is None:
        return Due(rule, database, None)
    before = rule.after.before(now)
    if rule.key in _LISTS:
        with using(database):
            return Due(rule, database, before, len(_LISTS[rule.key](rule, before)))
    return Due(rule, database, before, _rows(rule.key, before).count())


def _apply(home: Path, due: Due, clock: Clock) -> Due:
    if due.before is None or not due.count:
        return due
    if due.rule.key == "apart-messages":
        removed = _erase_and_replay(home, due, clock)
    elif due.rule.key in _LISTS:
        removed = _erase_unused(due, clock)
    else:
        with transaction.atomic():
            removed, _ = _rows(due.rule.key, due.before).delete()
            record("erased", due.rule.key, removed)
    return Due(due.rule, due.database, due.before, due.count, removed)


def _erase_unused(due: Due, clock: Clock) -> int:
    """Messages that no report stands in, a few at a time."""
    removed = 0
    with using(due.database):
        while True:
            with alone():
                # Asked for anew while nobody else writes: a replay may have found a use for one.
                found = _LISTS[due.rule.key](due.rule, due.before)[:BATCH]
                erased = erase(found, due.rule.key, clock())
            if not erased:
                return removed
            removed += erased
            record("erased", f"{due.rule.key} {due.database}", erased)


def _erase_and_replay(home: Path, due: Due, clock: Clock) -> int:
    """Messages that reports stand in: what is left is read again in the same transaction."""
    register = open_register(home, due.database)
    with using(due.database), alone():
        found = _LISTS[due.rule.key](due.rule, due.before)
        removed = erase(found, due.rule.key, clock())
        replay(register, clock)
    record("erased", f"{due.rule.key} {due.database}", removed)
    return removed


def _unusable(rule: Rule, before: datetime | None) -> Sequence[int]:
    return unusable_messages(_known(before), False, rule.spared_reasons)


def _settled(rule: Rule, before: datetime | None) -> Sequence[int]:
    return unusable_messages(_known(before), True, rule.spared_reasons)


def _folded(rule: Rule, before: datetime | None) -> Sequence[int]:
    return folded_messages(_known(before))


def _known(before: datetime | None) -> datetime:
    if before is None:
        raise AssertionError("what is kept for ever is never due")
    return before


_LISTS: Mapping[RuleKey, Callable[[Rule, datetime | None], Sequence[int]]] = {
    "unusable-messages": _unusable,
    "settled-messages": _settled,
    "apart-messages": _folded,
}
"""Rules on messages → those that are due, in the register in use."""
_ROWS: Mapping[RuleKey, tuple[str, str, str]] = {
    "failed-sign-ins": ("access", "FailedSignIn", "at"),
    "used-ids": ("access", "UsedId", "until"),
    "sessions": ("sessions", "Session", "expire_date"),
}
"""Rules on other rows → their model, and the time that tells their age."""


def _rows(key: RuleKey, before: datetime) -> Any:
    app, model, field = _ROWS[key]
    return apps.get_model(app, model).objects.filter(**{f"{field}__lt": before})
