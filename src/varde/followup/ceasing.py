"""Cases that cease: why there is none any more, and which case has now what was done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from varde.cases import Disease
from varde.followup.lineage import Succession, succeed
from varde.followup.models import Delivery, Entry, Told
from varde.followup.threads import say
from varde.register import Origin, Trace, what_became


class Happened(NamedTuple):
    """What the outbox says of one case since it was last read.

    Attributes:
        at: when the first of it happened.
        into: the case that it is one with now, when there is one.
        change: the last row.
    """

    at: datetime
    into: int | None
    change: int


def tell_gone(
    told: Told, threads: Sequence[Delivery], what: Happened, now: datetime, entries: list[Entry]
) -> None:
    """There is no such case any more: everybody who has it is told once."""
    state = "merged" if what.into else "gone"
    told.standing, told.form_since = False, None
    told.save()
    detail: dict[str, Any] = {"into": what.into} if what.into else {"why": _why_gone(told)}
    for delivery in threads:
        same_as_before = delivery.state == state and (state == "gone" or delivery.into == what.into)
        if delivery.state in ("moved", "settled") or same_as_before:
            continue
        delivery.state, delivery.into = state, what.into
        say(delivery, state, now, entries, what.change, detail)
        delivery.save()


def _why_gone(told: Told) -> list[tuple[str, str, str]]:
    """What became of each report that a case rested on: kind, sender, and what (`varde.register.what_became`)."""
    kept = msgspec.json.decode(told.evidence, type=list[Origin]) if told.evidence else []
    about = bytes(told.about) if told.about is not None else None
    return [(one.kind, one.sender, fate) for one, fate in what_became(kept, about)]


def tell_heirs(
    happened: Mapping[int, Happened],
    traces: Mapping[int, Trace],
    files: Mapping[str, Disease],
    now: datetime,
    entries: list[Entry],
) -> None:
    """Give the cases that ceased their heirs, and tell the units. Inside the transaction that told the cases.

    Args:
        traces: of those of them that stand.
    """
    merged = [Succession(one, what.into) for one, what in sorted(happened.items()) if what.into]
    new = [*_link(merged), *succeed(traces, happened.keys() - traces.keys(), files)]
    _tell_succession(new, now, entries)


def _link(merged: Sequence[Succession]) -> list[Succession]:
    """Give cases that are one with another that as their heir; those of which that is new."""
    return [
        one
        for one in merged
        if Told.objects.filter(case=one.old, standing=False)
        .exclude(heir=one.heir, heir__isnull=False)
        .update(heir=one.heir)
    ]


def _tell_succession(new: Sequence[Succession], now: datetime, entries: list[Entry]) -> None:
    """Units that had a case, and those that have the one which took over, are told of each other's numbers."""
    for old, heir in new:
        for delivery in Delivery.objects.filter(case=old, event=0, state="gone").order_by("id"):
            delivery.into = heir
            say(delivery, "followed", now, entries, detail={"into": heir})
            delivery.save()
        threads = Delivery.objects.filter(case=heir, event=0, kind="case", state="standing")
        for delivery in threads.order_by("id"):
            say(delivery, "took-over", now, entries, detail={"from": old})
            delivery.save()
