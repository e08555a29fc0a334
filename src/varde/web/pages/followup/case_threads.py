"""The threads of a case on a page: what each unit was told and did, with its own notes opened for itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varde.access.keys import load_keys
from varde.followup import events, inbox
from varde.followup.models import Delivery, Entry
from varde.followup.notes import LONGEST, NoteBook, earlier_notes
from varde.followup.threads import discarded_among
from varde.followup.units import NATIONAL, names_of, unit_of
from varde.web.pages.followup import words

NOTE_PROBLEMS = {
    "identity": gettext_lazy(
        "This may hold a national number. National numbers belong in the list of contacts, in the field for them; "
        "telephone numbers can stand here."
    ),
    "long": gettext_lazy("This is too long: at most %(most)s signs."),
}


def notebook() -> NoteBook:
    """The notes under the keys of this register."""
    return NoteBook(load_keys(Path(settings.VARDE_HOME)))


def say_note_problem(code: str) -> str:
    """Why a note was not kept; empty for one that was empty."""
    return str(NOTE_PROBLEMS[code]) % {"most": LONGEST} if code in NOTE_PROBLEMS else ""


def own_names(request: HttpRequest) -> tuple[str, ...]:
    """All names of the user's unit."""
    today = timezone.localdate()
    unit = unit_of(request.user, today)
    return names_of(unit, today) if unit else ()


def own_threads(request: HttpRequest, number: int, standing: bool = True) -> list[Delivery]:
    """The threads of the user's unit about a case.

    Args:
        standing: only those of what is the unit's now.
    """
    names = own_names(request)
    return [
        one
        for one in inbox.list_threads(case=number)
        if one.unit in names and (one.state == "standing" or not standing)
    ]


def describe_threads(
    threads: Iterable[Delivery], own: set[int], now: datetime, typed: Mapping[int, tuple[str, str]]
) -> list[dict[str, Any]]:
    """Threads in the reader's words.

    Args:
        own: the user's own, whose notes are opened.
        typed: thread → a note that was not kept, and why.
    """
    found = list(threads)
    entries = inbox.read_entries([one.id for one in found])
    notes = notebook().read(entry for entry in entries if entry.delivery in own)
    today = timezone.localdate()
    discarded = discarded_among(found)
    return [
        {
            "thread": one,
            "own": one.id in own,
            "waits": one.receipted_at is None and one.case not in discarded,
            "unit": words.unit_words(one.unit, today),
            "phone": words.phone_words(one.unit, today),
            "receiver": words.told_as(one.receiver, one.reason, one.unit),
            "reason": words.reason_words(one.reason) if one.reason else "",
            "kind": words.KINDS.get(one.kind, one.kind),
            "due": words.say_answer(one, now, inbox.is_overdue(one, now)),
            "overdue": inbox.is_overdue(one, now),
            "typed": typed.get(one.id, ("", ""))[0],
            "trouble": typed.get(one.id, ("", ""))[1],
            # What another unit writes to itself, and who works there, is its own.
            "entries": [
                _entry(entry, one.id in own, notes, today)
                for entry in entries
                if entry.delivery == one.id and (one.id in own or entry.what != "note")
            ],
        }
        for one in found
    ]


def _entry(entry: Entry, own: bool, notes: Mapping[int, str], today: date) -> dict[str, Any]:
    detail = inbox.changes_in(entry)
    return {
        "at": entry.at,
        "what": words.ENTRIES.get(entry.what, entry.what),
        "by": entry.by if own else "",
        "text": notes.get(entry.id, ""),
        "changes": [
            *words.describe_change(detail, today),
            *words.describe_detail(entry.what, detail),
        ],
    }


def describe_earlier_notes(number: int, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """The own unit's notes about the cases that a case took over from."""
    entries = earlier_notes(number, names)
    notes = notebook().read(entries)
    cases = dict(
        Delivery.objects.filter(id__in={one.delivery for one in entries}).values_list("id", "case")
    )
    return [
        {"at": one.at, "by": one.by, "text": notes[one.id], "case": cases[one.delivery]}
        for one in entries
    ]


def describe_events(request: HttpRequest, number: int) -> dict[str, Any]:
    """The events that a case is in: those that the user may open by name, and how many others."""
    today = timezone.localdate()
    unit = unit_of(request.user, today) or ""
    found = events.events_of(number)
    known = [one for one in found if unit == NATIONAL or events.is_of(one, unit, today)]
    return {
        "events": [
            {"id": one.id, "place": one.place, "disease": words.disease_words(one.disease)}
            for one in known
        ],
        "other_events": len(found) - len(known),
    }


def title_of(number: int) -> str:
    """What the page of a case is called before it is said what for."""
    return _("Case {number}").format(number=number)
