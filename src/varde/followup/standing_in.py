"""Units that were told because another did not answer: so long as that one has the case, they stand in for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

import msgspec

from varde.followup.models import Delivery, Entry
from varde.followup.threads import ESCALATION
from varde.followup.units import same

UNANSWERED = "unanswered"
"""The entry in the thread of a stand-in that names the unit which has not answered."""


def stood_in_for(threads: Iterable[Delivery]) -> Mapping[int, frozenset[str]]:
    """The units that did not answer, for each thread of a unit that was told in another's place."""
    stand_ins = [one.id for one in threads if one.receiver == ESCALATION]
    if not stand_ins:
        return {}
    found: dict[int, set[str]] = defaultdict(set)
    rows = Entry.objects.filter(delivery__in=stand_ins, what=UNANSWERED)
    for thread, detail in rows.values_list("delivery", "detail"):
        found[thread].add(str(msgspec.json.decode(detail)["unit"]))
    return {thread: frozenset(units) for thread, units in found.items()}


def is_needed(
    thread: Delivery,
    stood_for: Mapping[int, frozenset[str]],
    wanted: Collection[str],
    on: date,
) -> bool:
    """Whether a unit that was told in another's place still stands in for one that has the case. One whose thread has moved
    does so no more, also when the case comes back: whoever has it then is waited for anew, and only then others are told.

    Args:
        stood_for: as `stood_in_for` gives it.
        wanted: the units that have the case now.
    """
    return thread.state != "moved" and any(
        same(unit, one, on) for unit in stood_for.get(thread.id, ()) for one in wanted
    )
