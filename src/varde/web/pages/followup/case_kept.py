"""A case that there is none of any more, or that another unit has now: for those who were told of it, to be read.

It says why, what the unit did, and which contacts, notes and events there are. Of what is another's now, nothing that has
become known since stands here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varde.access.roles import may_do
from varde.followup import contacts, inbox
from varde.followup.lineage import heir_of
from varde.followup.models import Delivery, Entry
from varde.register import current_cases
from varde.web.pages.followup import words
from varde.web.pages.followup.case_threads import (
    describe_events,
    describe_threads,
    own_names,
    own_threads,
)
from varde.web.pages.followup.gatekeeping import Kept, allowed_area, purposes_for, units_having
from varde.web.registers import laboratory_names

FATES: Mapping[tuple[str, str], object] = {
    ("laboratory", "withdrawn"): gettext_lazy("the answer was withdrawn by the laboratory"),
    ("notification", "withdrawn"): gettext_lazy("the clinician's form was withdrawn"),
    ("laboratory", "another-person"): gettext_lazy(
        "the answer was corrected: it is about another person"
    ),
    ("notification", "another-person"): gettext_lazy(
        "the clinician's form was corrected: it is about another person"
    ),
    ("laboratory", "no-finding"): gettext_lazy("the answer was corrected: it has no finding"),
    ("laboratory", "missing"): gettext_lazy("the answer is not in the register any more"),
    ("notification", "missing"): gettext_lazy(
        "the clinician's form is not in the register any more"
    ),
    ("laboratory", "stands"): gettext_lazy(
        "the answer was changed, or is judged otherwise by the definition"
    ),
    ("notification", "stands"): gettext_lazy(
        "the clinician's form was changed, or is judged otherwise by the definition"
    ),
}
WHY_MOVED: Mapping[str, object] = {
    "residence": gettext_lazy("the place of residence is another"),
    "stay": gettext_lazy("the place of stay is another"),
    "hospitals": gettext_lazy("the hospital is another"),
    "disease": gettext_lazy("the disease is another"),
    "rules": gettext_lazy("the rules say so"),
}


def show_kept(request: HttpRequest, kept: Kept) -> HttpResponse:
    """The page."""
    now, today = timezone.now(), timezone.localdate()
    mine = own_threads(request, kept.number, standing=False)
    heir = heir_of(kept.number)
    followed = contacts.shown_to(
        contacts.list_contacts(case=kept.number), own_names(request), units_having(heir)
    )
    context: dict[str, Any] = {
        "number": kept.number,
        "disease": words.disease_words(kept.disease),
        "state": kept.state,
        "reasons": _say_why(kept),
        "since": _since(kept, mine),
        "now_with": _now_with(kept, mine, today),
        "why_moved": WHY_MOVED.get(str(_latest(mine, "moved").get("why", "rules")), ""),
        "heir": heir if heir != kept.number else None,
        "heir_open": _may_open(request, heir),
        "threads": describe_threads(mine, {one.id for one in mine}, now, {}),
        "contacts": len(followed),
        "may_follow": may_do(request.user, "follow-contacts"),
        **describe_events(request, kept.number),
    }
    return render(request, "web/case_kept.html", context)


def _latest(threads: Sequence[Delivery], what: str) -> Mapping[str, Any]:
    """The details of the newest entry of a kind in some threads."""
    entries = [one for one in inbox.read_entries([t.id for t in threads]) if one.what == what]
    return inbox.changes_in(entries[-1]) if entries else {}


def _since(kept: Kept, mine: Sequence[Delivery]) -> object:
    """When the unit was told; of somebody who was not, when the first was."""
    what = {"moved": "moved", "gone": "gone", "merged": "merged"}[kept.state]
    threads = mine or list(Delivery.objects.filter(case=kept.number, event=0))
    newest = Entry.objects.filter(delivery__in=[one.id for one in threads], what=what)
    return newest.order_by("-id").values_list("at", flat=True).first()


def _say_why(kept: Kept) -> list[str]:
    """What became of what the case rested on, each in a phrase with its sender."""
    if kept.state != "gone":
        return []
    names = laboratory_names()
    threads = list(Delivery.objects.filter(case=kept.number, event=0))
    found = dict.fromkeys(
        (str(FATES[kind, fate]), names.get(sender, sender))
        for kind, sender, fate in _latest(threads, "gone").get("why", ())
        if (kind, fate) in FATES
    )
    return [f"{said} ({sender})" for said, sender in found] or [
        _("what it rested on was withdrawn or is judged otherwise")
    ]


def _now_with(kept: Kept, mine: Sequence[Delivery], today: date) -> list[str]:
    """The units that have a case which went to another: those told for the same reason, else all."""
    if kept.state != "moved":
        return []
    there = Delivery.objects.filter(case=kept.number, event=0, kind="case", state="standing")
    ones = list(there.order_by("id"))
    as_mine = {one.receiver for one in mine}
    same = [one for one in ones if one.receiver in as_mine]
    return [
        f"{words.unit_words(one.unit, today)} ({words.phone_words(one.unit, today)})"
        for one in same or ones
    ]


def _may_open(request: HttpRequest, number: int) -> bool:
    case = current_cases([number]).get(number)
    return case is not None and any(
        allowed_area(request, case, one.key) for one in purposes_for(request, "see-person")
    )
