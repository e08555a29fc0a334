"""Contacts of a case or an event, sealed: which there are, who sees them, and for how long each is followed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from varde.cases import diseases
from varde.followup.lineage import family
from varde.followup.models import Contact
from varde.followup.tables import Tables


def follow_up_days(disease: str, day: date, known: Tables) -> int:
    """How many days after the last exposure a contact is followed: by the table, else for the longest incubation of the
    disease file, else as the table says of all others."""
    if disease and (days := known.follow_up_days(disease, day)) is not None:
        return days
    found = diseases().get(disease)
    definition = found.definition_on(day) if found else None
    if definition is not None and definition.imported_days is not None:
        return definition.imported_days
    return known.follow_up_days("", day) or 14


def list_contacts(case: int = 0, event: int = 0) -> list[Contact]:
    """The contacts of a case and of those that it took over from, or of an event: sealed, in the order in which they
    were added."""
    cases = family(case) if case else (0,)
    found: Sequence[Contact] = Contact.objects.filter(case__in=cases, event=event).order_by("id")
    return list(found)


def count_contacts(case: int = 0, event: int = 0) -> int:
    """How many contacts a case or an event has."""
    cases = family(case) if case else (0,)
    return int(Contact.objects.filter(case__in=cases, event=event).count())


def shown_to(
    found: Sequence[Contact], mine: Collection[str] | None, having: Collection[str]
) -> list[Contact]:
    """Those contacts that a unit sees: its own, and those of units that have the case too. Whom a unit met that does
    not have the case any more is that unit's, until it is taken over.

    Args:
        mine: all names of the unit; None: whoever sees all.
        having: all names of the units that have the case.
    """
    if mine is None:
        return list(found)
    shared = {"", *having}
    return [
        one
        for one in found
        if one.unit in mine or (not shared.isdisjoint(mine) and one.unit in shared)
    ]


def say_of_day(days: dict[date, str], day: date, state: str) -> None:
    """Add what was said of a day to what was said of it before. The last counts; that somebody was not reached later on
    the same day takes nothing back of how they were when they were."""
    if state != "not-reached" or day not in days:
        days[day] = state
