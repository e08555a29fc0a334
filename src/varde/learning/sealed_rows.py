"""What this room seals, under the storage keys of the register of persons, and how a change of keys reaches it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Count

from varde.access.key_files import KeySource
from varde.access.keys import KeyProblem, load_keys
from varde.access.sealing import Sealer
from varde.learning.models import Goal, KeptReport, Remark, SettledRegister

_LOCK = (
    0x6C6561726E  # this room's own advisory lock; register, follow-up and access log have others
)
_BATCH = 50


@contextmanager
def alone() -> Iterator[None]:
    """A transaction in which nobody else writes into this room's tables."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        yield


def open_sealer() -> Sealer:
    """Seals and opens with the keys of the register of persons.

    Raises:
        KeyProblem: they cannot be read.
    """
    home = Path(settings.VARDE_HOME)
    return Sealer(load_keys(home), KeySource(home))


def bind_report(row: KeptReport) -> bytes:
    """What a sealed report is bound to: moved to another reader, it does not open."""
    return f"learning|report|{row.kind}|{row.variant}|{row.unit}|{row.year}".encode()


def bind_register(row: SettledRegister) -> bytes:
    """What a settled register is bound to: another day's, or table's, does not open in its place."""
    return f"learning|register|{row.table}|{row.day.isoformat()}".encode()


def bind_goal(row: Goal) -> bytes:
    """What the words of a goal are bound to."""
    return f"learning|goal|{row.kind}|{row.unit}|{row.year}|{row.picked_at.timestamp()}".encode()


def bind_remark(row: Remark) -> bytes:
    """What the words of a remark are bound to."""
    return f"learning|remark|{row.kind}|{row.unit}|{row.year}|{row.said_at.timestamp()}".encode()


_BOUND: Mapping[type[models.Model], Callable[..., bytes]] = {
    KeptReport: bind_report,
    SettledRegister: bind_register,
    Goal: bind_goal,
    Remark: bind_remark,
}


def storage_keys_used() -> Counter[str]:
    """Storage key id → how many rows of this room it sealed."""
    used: Counter[str] = Counter()
    for table in _BOUND:
        rows = table._default_manager.exclude(key_id="").values_list("key_id")
        for key_id, count in rows.annotate(number=Count("pk")).order_by():
            used[key_id] += count
    return used


def seal_anew(sealer: Sealer, progress: Callable[[int], None]) -> tuple[int, int]:
    """Seal with the newest key what lies under older ones, some rows at a time; what was done before stays done.

    Returns:
        How many rows were sealed anew, and how many did not open and are left as they are.
    """
    done = unreadable = 0
    for table, bind in _BOUND.items():
        last = 0
        while True:
            with alone():
                seal = sealer.current()
                found = table._default_manager.exclude(key_id__in=("", seal.key_id))
                rows = list(found.filter(pk__gt=last).order_by("pk")[:_BATCH])
                fresh = []
                for row in rows:
                    try:
                        content = sealer.open(row.sealed, bind(row), row.key_id)
                    except KeyProblem:
                        unreadable += 1
                        continue
                    row.key_id, row.sealed = seal.key_id, seal.close(content, bind(row))
                    fresh.append(row)
                table._default_manager.bulk_update(fresh, ["key_id", "sealed"])
            if not rows:
                break
            last = rows[-1].pk
            done += len(fresh)
            progress(len(rows))
    return done, unreadable
