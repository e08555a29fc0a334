"""Replay: the register made anew from the log, and what that changed."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from varde.messages import READER_VERSION
from varde.register import ids, log, store
from varde.register.casework.changes import changing, note_replayed, quietly
from varde.register.casework.everybody import work_out_everybody
from varde.register.casework.versions import note_definitions, were_others
from varde.register.events import work
from varde.register.faults import fold_around_faults
from varde.register.fold import Counts, fold
from varde.register.identities.knowledge import linking_version
from varde.register.identities.nodes import TABLES as IDENTITIES
from varde.register.identities.sweeping import sweep_vault
from varde.register.intake import Clock, Progress
from varde.register.joining_rules import rules_version
from varde.register.kinds import TABLES
from varde.register.log import Stored
from varde.register.notices import forget_seen
from varde.register.opening import Register, write_versions
from varde.register.quarantine import quarantined_messages
from varde.register.receipts import MOST_MESSAGES
from varde.register.settings import read_setting
from varde.register.store import connection

_logger = logging.getLogger(__name__)

BATCH = 500
_DERIVED = (
    "receipt",
    "item",
    "person",
    "report",
    *(table for tables in TABLES.values() for table in tables),
    "joined",
    "unmapped",
    "confirmed",
    "case",
    *IDENTITIES,
)
_OF_PERSONS = ("person", "case", *IDENTITIES)


@dataclass
class ReplayResult:
    """What a replay found.

    Attributes:
        messages: how many were read again.
        counts: what became of their items.
        added, removed, changed: reports that were not there before, are not any more, or mean
            something else now, as (sender, report number).
        why: what differs from when the register was last folded ("code maps", "readers", "rules", "linkage",
            "case definitions"); empty when nothing does.
        settled: quarantined items that could be used after all.
        set_aside: messages that Varde itself failed on, each of which is an item in quarantine.
        cases_added, cases_removed, cases_changed: numbers of the cases that were not there before, are not any
            more, or are others now. A replay of messages in quarantine does not tell.
    """

    messages: int = 0
    counts: Counts = field(default_factory=Counts)
    added: list[tuple[str, str]] = field(default_factory=list)
    removed: list[tuple[str, str]] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    settled: int = 0
    set_aside: int = 0
    cases_added: list[int] = field(default_factory=list)
    cases_removed: list[int] = field(default_factory=list)
    cases_changed: list[int] = field(default_factory=list)


def replay(register: Register, clock: Clock, progress: Progress | None = None) -> ReplayResult:
    """Make everything derived anew from the log, under today's readers, code maps and keys.

    All in one transaction: readers see the old register until the new one is whole, and a replay that
    is interrupted changes nothing.
    """
    with work(_logger, "replay", register=register.alias) as told:
        result = _replay(register, clock, progress)
        told |= _about(result)
    if register.context.knowledge is not None:
        # Whatever this is a part of: nothing leaves the vault before the register is certain not to need it.
        transaction.on_commit(sweep_vault, using=register.alias)
    return result


def _replay(register: Register, clock: Clock, progress: Progress | None) -> ReplayResult:
    with store.atomic():
        store.lock()
        register = register.pinned()
        result = ReplayResult(why=_reasons(register))
        # What an interrupted intake left is folded here for the first time.
        arrived = frozenset(log.unfinished(MOST_MESSAGES))
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMPORARY TABLE before_replay AS "
                "SELECT kind, sender, report_ref, digest FROM register_report"
            )
            if store.has_persons():
                cursor.execute(
                    "CREATE TEMPORARY TABLE cases_before AS SELECT id, disease, digest FROM register_case"
                )
        if store.has_persons():
            _let_numbers_go(register, clock, sorted(arrived))
        with connection.cursor() as cursor:
            for table in _DERIVED:
                if table not in _OF_PERSONS or store.has_persons():
                    cursor.execute(f"DELETE FROM register_{table}")
            cursor.execute("UPDATE register_period SET version = version + 1")
            cursor.execute("SELECT id FROM register_message ORDER BY id")
            messages = [row[0] for row in cursor.fetchall()]
        for start in range(0, len(messages), BATCH):
            batch = messages[start : start + BATCH]
            _fold_again(register, batch, clock, result, (), arrived, cases=False)
            if progress:
                progress(len(batch))
        _compare(result)
        forget_seen()
        if store.has_persons():
            _make_cases(register, result, clock())
        result.settled = _settle(clock)
        write_versions(register.context.codes.version)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE before_replay")
    return result


def _let_numbers_go(register: Register, clock: Clock, arrived: Sequence[int]) -> None:
    """Fold what was never folded, or could not be read, into the register as it stands, for what that makes of the numbers
    of cases alone: it is all made anew afterwards.

    A version that is about another person than the one before it takes the number of that one's case from its report. A
    replay sees only how reports stand in the end, and would give the number to the other person.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM register_casenumber)")
        if not cursor.fetchone()[0]:
            return
    unread = [message for message in quarantined_messages() if message not in set(arrived)]
    with quietly():
        for messages, again in ((arrived, False), (unread, True)):
            for start in range(0, len(messages), BATCH):
                batch = messages[start : start + BATCH]
                standing = _reopen(batch) if again else ()
                _fold_again(register, batch, clock, ReplayResult(), standing, ())


def replay_quarantined(
    register: Register,
    clock: Clock,
    progress: Progress | None = None,
    only: Collection[int] | None = None,
) -> ReplayResult:
    """Read only the messages with open items in quarantine again; what can be used now is folded.

    Args:
        only: messages; those of them with nothing in quarantine are left alone. None for all.
    """
    with work(_logger, "replay", register=register.alias, state="quarantined") as told:
        result = _replay_quarantined(register, clock, progress, only)
        told |= _about(result)
    return result


def _about(result: ReplayResult) -> dict[str, Any]:
    """What the log is told of a replay."""
    return {
        "messages": result.messages,
        "accepted": result.counts.accepted,
        "quarantined": result.counts.quarantined,
        "added": len(result.added),
        "removed": len(result.removed),
        "changed": len(result.changed),
        "settled": result.settled,
    }


def _replay_quarantined(
    register: Register, clock: Clock, progress: Progress | None, only: Collection[int] | None
) -> ReplayResult:
    result = ReplayResult(why=_reasons(register))
    messages = [m for m in quarantined_messages() if only is None or m in only]
    for start in range(0, len(messages), BATCH):
        batch = messages[start : start + BATCH]
        with store.atomic():
            store.lock()
            standing = _reopen(batch)
            _fold_again(register, batch, clock, result, standing, ())
            result.settled += _settle(clock)
            _recount(batch)
        if progress:
            progress(len(batch))
    return result


def _reasons(register: Register) -> list[str]:
    why = []
    if read_setting("code_map") not in ("", register.context.renewed().codes.version):
        why.append("code maps")
    if read_setting("reader") not in ("", READER_VERSION):
        why.append("readers")
    if read_setting("code_map") and read_setting("joining") != rules_version():
        why.append("rules")
    if store.has_persons() and read_setting("linking") not in ("", linking_version()):
        why.append("linkage")
    if store.has_persons() and were_others(register.context.definitions()):
        why.append("case definitions")
    return why


def _fold_again(
    register: Register,
    batch: Sequence[int],
    clock: Clock,
    result: ReplayResult,
    standing: Sequence[int],
    arrived: Collection[int],
    cases: bool = True,
) -> None:
    left = frozenset(standing)

    def folding(some: Sequence[Stored], refused: Collection[int]) -> dict[int, Counts]:
        return fold(
            some,
            register.context,
            register.sealer,
            clock(),
            left,
            refused=refused,
            arrived=arrived,
            cases=cases,
        )

    counts, aside = fold_around_faults(list(log.read(batch, register.sealer)), folding)
    for each in counts.values():
        result.counts.add(each)
    result.messages += len(batch)
    result.set_aside += len(aside)


def _compare(result: ReplayResult) -> None:
    """Reports added, removed and changed, by their digests before and after."""
    same = "r.kind = b.kind AND r.sender = b.sender AND r.report_ref = b.report_ref"
    with connection.cursor() as cursor:
        for found, statement in (
            (
                result.added,
                "SELECT r.sender, r.report_ref FROM register_report r LEFT JOIN before_replay b "
                f"ON {same} WHERE b.sender IS NULL",
            ),
            (
                result.removed,
                "SELECT b.sender, b.report_ref FROM before_replay b LEFT JOIN register_report r "
                f"ON {same} WHERE r.sender IS NULL",
            ),
            (
                result.changed,
                f"SELECT r.sender, r.report_ref FROM register_report r JOIN before_replay b ON {same} "
                "WHERE r.digest <> b.digest",
            ),
        ):
            cursor.execute(f"{statement} ORDER BY 1, 2")
            found.extend((str(sender), str(ref)) for sender, ref in cursor.fetchall())


def _make_cases(register: Register, result: ReplayResult, at: datetime) -> None:
    """Make everybody's cases of the reports as they now stand, and compare them with those of before.

    Once, at the end: what somebody's evidence was while it was being put together again is no matter.
    """
    with quietly():
        for _ in work_out_everybody(register.context):
            pass
    with changing(at):
        note_replayed()
    note_definitions(register.context.definitions())
    with connection.cursor() as cursor:
        for found, statement in (
            (
                result.cases_added,
                "SELECT c.id FROM register_case c LEFT JOIN cases_before b ON b.id = c.id "
                "WHERE b.id IS NULL",
            ),
            (
                result.cases_removed,
                "SELECT b.id FROM cases_before b LEFT JOIN register_case c ON c.id = b.id "
                "WHERE c.id IS NULL",
            ),
            (
                result.cases_changed,
                "SELECT c.id FROM register_case c JOIN cases_before b ON b.id = c.id "
                "WHERE c.digest <> b.digest",
            ),
        ):
            cursor.execute(f"{statement} ORDER BY 1")
            found.extend(int(row[0]) for row in cursor.fetchall())
        cursor.execute("DROP TABLE cases_before")


def _settle(clock: Clock) -> int:
    """Close quarantine entries whose item is not in quarantine any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT q.id FROM register_quarantineentry q LEFT JOIN register_item i "
            "ON i.id = q.id AND i.state IN ('Q', 'P') WHERE i.id IS NULL AND q.resolved_at IS NULL"
        )
        settled = [row[0] for row in cursor.fetchall()]
    store.close_quarantine(settled, clock())
    return len(settled)


def _reopen(batch: Sequence[int]) -> list[int]:
    """Forget the receipts and quarantined items of messages; the items that stand, which are left."""
    ranges = [(ids.item_id(m, 0), ids.item_id(m + 1, 0)) for m in batch]
    standing: list[int] = []
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM register_receipt WHERE message = %s", [(m,) for m in batch])
        cursor.executemany(
            "DELETE FROM register_item WHERE id >= %s AND id < %s AND state = 'Q'", ranges
        )
        for first, after in ranges:
            cursor.execute(
                "SELECT id FROM register_item WHERE id >= %s AND id < %s", [first, after]
            )
            standing.extend(row[0] for row in cursor.fetchall())
    return standing


def _recount(batch: Sequence[int]) -> None:
    """Make the receipts of messages that were folded in two goes tell of all their items."""
    with connection.cursor() as cursor:
        for message in batch:
            cursor.execute(
                "SELECT COUNT(*), COALESCE(SUM(CASE WHEN state = 'A' THEN 1 ELSE 0 END), 0), "
                "COALESCE(SUM(CASE WHEN state IN ('Q', 'P') THEN 1 ELSE 0 END), 0) "
                "FROM register_item WHERE id >= %s AND id < %s",
                [ids.item_id(message, 0), ids.item_id(message + 1, 0)],
            )
            items, accepted, quarantined = cursor.fetchone()
            cursor.execute(
                "UPDATE register_receipt SET items = %s, accepted = %s, quarantined = %s, "
                "duplicate = %s WHERE message = %s",
                [items, accepted, quarantined, items - accepted - quarantined, message],
            )
