"""A line of the access log in plain words for the person whom it is about.

Numbers of cases, events and contacts are left out: they are the register's own, and of a contact somebody else's. What
has no words here is told of as information about the person, never in the words of the program.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from varde.access.audit import Look
from varde.access.looks import look_reasons
from varde.access.roles import roles
from varde.codes import counties, municipalities, successor
from varde.followup.units import say_unit

SAID: Mapping[str, object] = {
    "case": gettext_lazy("a case of infectious disease that is about you"),
    "case joined to event": gettext_lazy("that a case that is about you is part of an outbreak"),
    "case left event": gettext_lazy("that a case that is about you is no part of an outbreak"),
    "link stated of case": gettext_lazy("where you may have been infected"),
    "link stated to case": gettext_lazy(
        "that somebody may have been infected by you or where you were"
    ),
    "link withdrawn of case": gettext_lazy(
        "that it was taken back where you may have been infected"
    ),
    "contact of case": gettext_lazy("that you are listed as somebody's close contact"),
    "contact of event": gettext_lazy("that you are listed as a contact in an outbreak"),
    "line of event": gettext_lazy(
        "your age group, sex and municipality in the list of those who fell ill in an outbreak"
    ),
    "exposures of case in event": gettext_lazy("what you may have been infected by in an outbreak"),
    "identity": gettext_lazy("who you are: name, number and address"),
    "linkage decision": gettext_lazy("whether what is said of you is about one person or two"),
    "linkage decision undone": gettext_lazy(
        "that a decision whether what is said of you is about one person or two was taken back"
    ),
    "earlier findings": gettext_lazy("your earlier findings, vaccinations and cases"),
    "earlier analysis": gettext_lazy("whether an analysis was made of you before"),
    "notification form filled in": gettext_lazy(
        "a form of notification, filled in with what is known of you"
    ),
    "notification as sent": gettext_lazy("a form of notification about you that had been sent"),
    "access log entry": gettext_lazy("this list: who has seen what is known of you"),
}
"""What was seen, without numbers → what the person is told."""
_NUMBERS = re.compile(r"\s+[0-9][0-9/]*(?=\s|$)")


def say_what(what: str) -> str:
    """What was seen, and why where somebody had to say so (`varde.access.looks`).

    Args:
        what: as the access log has it: ``case 518``, ``earlier findings, in-treatment``.
    """
    kind, _comma, beside = what.partition(", ")
    words = str(SAID.get(_NUMBERS.sub("", kind), _("information about you")))
    reason = look_reasons().get(beside)
    if reason is not None:
        return f"{words}. {reason.in_language(get_language() or 'nb')}"
    # A machine names the user whom it asks for.
    return f"{words} ({beside})" if beside and kind == "earlier analysis" else words


def say_place(look: Look, senders: Mapping[str, str], on: date) -> str:
    """The place that somebody's role was limited to; empty where it was none.

    Args:
        senders: names of senders by key.
        on: the day of the look.
    """
    role = roles().get(look.role)
    kind = role.area_kind if role else ""
    if kind == "municipality":
        known = municipalities(on).get(successor(look.area, on) or look.area)
        return known.name if known else _("a municipality that there is not any more")
    if kind == "county":
        county = counties(on).get(look.area)
        return county.name if county else _("a county that there is not any more")
    if kind == "trust":
        return say_unit(f"trust:{look.area}", on, get_language() or "nb")
    if look.area in senders or not look.area:
        return senders.get(look.area, "")
    # A practice or a home has its name in no list: users of it are called by it.
    return look.name or look.area
