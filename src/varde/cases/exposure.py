"""When somebody may have been infected by another: what incubation and the other's infectious time allow.

Asked of links from person to person alone. Who has it from the same food, event or surroundings may fall ill on the same day
as the others, or before them: there the definition's window is all that is asked.

- Not longer before falling ill than the longest incubation (`Definition.imported_days`). Where no day of falling ill is
  known, the first day stands for it, and the window counts where it is longer.
- Not by somebody who fell ill later, and not outside the days on which that person may have infected others: from
  `Epidemiological.infectious_before_days` before falling ill until `infectious_after_days` after, or `window_days` where the
  file does not say. Where that day is not known, its first day stands for it, with the window to both sides. A disease
  with carriers asks neither.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from varde.cases.disease import Definition
from varde.cases.evidence import Linked, LinkKind

Reach = tuple[date, date]
"""First and last day, both included; no day at all where the last comes before the first."""


class Illness(NamedTuple):
    """When a case was ill, as far as known: its first day, and when the person fell ill."""

    first_day: date
    onset: date | None = None

    @property
    def began(self) -> date:
        """The day of falling ill, or the first day where that is earlier or all that is known."""
        return min(self.first_day, self.onset or self.first_day)


def exposure_days(
    definition: Definition, kind: LinkKind, case: Illness, source: Illness | None = None
) -> Reach:
    """The days on which a case may have been exposed by a link of a kind.

    Args:
        source: of whom it may have it; None where that is no person, or nobody knows who.
    """
    window = definition.window_days
    if kind != "human":
        return _later(case.first_day, -window), case.first_day
    longest = definition.imported_days if definition.imported_days is not None else window
    reach = longest if case.onset else max(longest, window)
    first, last = _later(case.began, -reach), case.began
    if source is None or is_later(definition, case, source):
        return (first, last) if source is None else (last, _later(last, -1))
    infectious = infectious_days(definition, source)
    return (max(first, infectious[0]), min(last, infectious[1])) if infectious else (first, last)


def is_later(definition: Definition, case: Illness, source: Illness) -> bool:
    """Whether the source is known to have fallen ill too late to have infected the case."""
    asked = definition.epidemiological
    if asked is not None and asked.carriers:
        return False
    return source.onset is not None and source.onset > (case.onset or case.first_day)


def infectious_days(definition: Definition, source: Illness) -> Reach | None:
    """The days on which a case may have infected others; None where the definition does not say."""
    asked = definition.epidemiological
    if asked is None or "human" not in asked.links or asked.carriers:
        return None
    before, window = asked.infectious_before_days, definition.window_days
    if source.onset is None:
        return _later(source.first_day, -max(before, window)), _later(source.first_day, window)
    after = asked.infectious_after_days
    return _later(source.onset, -before), _later(source.onset, window if after is None else after)


def may_be_from(definition: Definition, link: Linked, case: Illness) -> bool:
    """Whether a case may have it by a link from person to person. An exposure that is said to be after falling ill was at
    falling ill at the latest: whoever was near, was near before."""
    first, last = exposure_days(definition, link.kind, case, _source(link))
    return first <= min(link.day, case.began) <= last


def _source(link: Linked) -> Illness | None:
    return None if link.source_day is None else Illness(link.source_day, link.source_onset)


def _later(day: date, days: int) -> date:
    """A day so many days later, or the last or first that there is."""
    try:
        return day + timedelta(days)
    except OverflowError:
        return date.max if days > 0 else date.min
