"""Retention: what has been kept long enough, shown and, when asked for, removed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import transaction

from varde.identity import DATABASE as VAULT
from varde.operation.databases import exists, need_register
from varde.operation.operators import record
from varde.operation.retention_rules import Rule, RuleKey, site_rules
from varde.register import (
    alone,
    erase,
    folded_messages,
    open_register,
    replay,
    sweep_vault,
    unusable_messages,
    using,
    work,
)

_logger = logging.getLogger(__name__)

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
        NothingThere: there is no register.
    """
    need_register(home)
    return [_find(rule, database, now) for rule, database in _rules(home)]


def apply_retention(home: Path, clock: Clock) -> list[Due]:
    """Remove what is due, each with an entry in the access log.

    Raises:
        RetentionInvalid: the site's own rules cannot be followed.
        NothingThere: there is no register.
        KeyProblem: messages must be read again and the keys are not at hand.
    """
    need_register(home)
    done = []
    with work(_logger, "retention") as told:
        for rule, database in _rules(home):
            due = _apply(home, _find(rule, database, clock()), clock)
            if due.removed:
                about = {"rule": rule.key, "register": database, "removed": due.removed}
                _logger.info("removed by rule", extra=about)
            done.append(due)
        if exists(VAULT):
            sweep_vault()
        told["removed"] = sum(due.removed for due in done)
    return done


def _rules(home: Path) -> Iterator[tuple[Rule, str]]:
    for rule in site_rules(home):
        for database in rule.registers:
            if exists(database):
                yield rule, database


def _find(rule: Rule, database: str, now: datetime) -> Due:
    if rule.after is None:
        return Due(rule, database, None)
    before = rule.after.before(now)
    if rule.key in _FOLLOWUP:
        return Due(rule, database, before, len(_followed(rule.key, before)))
    if rule.key not in _MESSAGES:
        return Due(rule, database, before, _rows(rule.key, before).count())
    with using(database):
        return Due(rule, database, before, len(_list(rule, before)))


def _apply(home: Path, due: Due, clock: Clock) -> Due:
    if due.before is None or not due.count:
        return due
    if due.rule.key == "apart-messages":
        removed = _erase_and_replay(home, due, due.before, clock)
    elif due.rule.key in _MESSAGES:
        removed = _erase_unused(due, due.before, clock)
    elif due.rule.key in _FOLLOWUP:
        removed = _forget(due.rule.key, due.before)
    else:
        with transaction.atomic():
            removed, _ = _rows(due.rule.key, due.before).delete()
            record("erased", due.rule.key, removed)
    return replace(due, removed=removed)


def _erase_unused(due: Due, before: datetime, clock: Clock) -> int:
    """Messages that no report stands in, a few at a time."""
    removed = 0
    with using(due.database):
        found = _list(due.rule, before)
        for start in range(0, len(found), BATCH):
            with alone():
                # Asked for anew while nobody else writes: a replay may have found a use for one.
                still = _list(due.rule, before, found[start : start + BATCH])
                erased = erase(still, due.rule.key, clock())
            removed += erased
            record("erased", f"{due.rule.key} {due.database}", erased)
    return removed


def _erase_and_replay(home: Path, due: Due, before: datetime, clock: Clock) -> int:
    """Messages that reports stand in: what is left is read again in the same transaction."""
    register = open_register(home, due.database)
    with using(due.database), alone():
        removed = erase(_list(due.rule, before), due.rule.key, clock())
        replay(register, clock)
    record("erased", f"{due.rule.key} {due.database}", removed)
    return removed


def _followed(key: RuleKey, before: datetime) -> Sequence[int]:
    """What is due of what was done about cases."""
    from varde.followup import keeping  # holds tables: Django must be ready

    found = keeping.list_ceased if key == "ceased-cases" else keeping.list_contacts_over
    return found(before)


def _forget(key: RuleKey, before: datetime) -> int:
    """A few at a time, each time what is still due."""
    from varde.followup import keeping

    forget = keeping.forget_ceased if key == "ceased-cases" else keeping.forget_contacts
    removed = 0
    found = _followed(key, before)
    for start in range(0, len(found), BATCH):
        with transaction.atomic():
            gone = forget(before, found[start : start + BATCH])
            record("erased", key, gone)
        removed += gone
    return removed


def _list(rule: Rule, before: datetime, among: Collection[int] | None = None) -> Sequence[int]:
    """Messages that are due, in the register in use."""
    if rule.key == "apart-messages":
        return folded_messages(before)
    settled = rule.key == "settled-messages"
    return unusable_messages(before, settled, rule.spared_reasons, among)


_MESSAGES: frozenset[RuleKey] = frozenset(
    ("unusable-messages", "settled-messages", "apart-messages")
)
"""Rules on messages of the log that may have a period."""
_FOLLOWUP: frozenset[RuleKey] = frozenset(("ceased-cases", "contact-lists"))
"""Rules on what was done about cases (`varde.followup.keeping`)."""
_ROWS: Mapping[RuleKey, tuple[str, str, str]] = {
    "failed-sign-ins": ("access", "FailedSignIn", "at"),
    "used-ids": ("access", "UsedId", "until"),
    "sessions": ("sessions", "Session", "expire_date"),
}
"""Rules on other rows → their model, and the time that tells their age."""


def _rows(key: RuleKey, before: datetime) -> Any:
    app, model, field = _ROWS[key]
    return apps.get_model(app, model).objects.filter(**{f"{field}__lt": before})
