"""Contacts that a unit has met, handed over to the unit that has the case now: asked for by the one, and taken over by the
other, which is the receipt. Until then whoever met them follows them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from varde.followup.lineage import family, heir_of
from varde.followup.models import Contact, Delivery, Entry, Handover
from varde.followup.threads import alone, say


def ask_to_take_over(case: int, unit: str, names: Collection[str], by: str, now: datetime) -> bool:
    """Ask the units that have a case, or what took over from it, to follow the contacts that a unit follows.

    Args:
        unit: that asks.
        names: all its names.

    Returns:
        False when it follows none, or has asked before.
    """
    with alone():
        heir = heir_of(case)
        cases = family(heir)
        if not _followed_by(cases, names).exists():
            return False
        if Handover.objects.filter(case__in=cases, unit__in=names, taken_at=None).exists():
            return False
        Handover.objects.create(case=heir, unit=unit, asked_at=now, asked_by=by)
        _tell(heir, "handover-asked", {"unit": unit}, now, without=names)
        return True


def waiting_handovers(case: int) -> list[Handover]:
    """What units have asked for and nobody has taken over, of a case and those that it took over from."""
    found = Handover.objects.filter(case__in=family(heir_of(case)), taken_at=None)
    return list(found.order_by("id"))


def take_over(
    handover: int, unit: str, names_asked: Collection[str], by: str, now: datetime
) -> int:
    """Follow the contacts that another unit asked to be taken over; how many. 0 when somebody has done so before.

    Args:
        unit: that follows them from now on.
        names_asked: all names of the unit that asked.
    """
    with alone():
        one = Handover.objects.get(id=handover)
        if one.taken_at is not None:
            return 0
        number = _followed_by(family(heir_of(one.case)), names_asked).update(unit=unit)
        one.taken_at, one.taken_by, one.taken_unit, one.contacts = now, by, unit, number
        one.save()
        detail = {"unit": unit, "contacts": number}
        threads = Delivery.objects.filter(
            case__in=family(heir_of(one.case)), event=0, kind="case", unit__in=list(names_asked)
        )
        _say_all(threads, "handover-taken", detail, now)
        return number


def _followed_by(cases: Collection[int], names: Collection[str]):  # type: ignore[no-untyped-def]  # Django's own
    return Contact.objects.filter(case__in=list(cases), event=0, unit__in=list(names))


def _tell(
    case: int, what: str, detail: dict[str, object], now: datetime, without: Collection[str]
) -> None:
    threads = Delivery.objects.filter(case=case, event=0, kind="case", state="standing")
    _say_all(threads.exclude(unit__in=list(without)), what, detail, now)


def _say_all(threads, what: str, detail: dict[str, object], now: datetime) -> None:  # type: ignore[no-untyped-def]
    entries: list[Entry] = []
    for thread in threads.order_by("id"):
        say(thread, what, now, entries, detail=detail)
        thread.save()
    Entry.objects.bulk_create(entries)
