"""Where a case's infection is from, as far as somebody has said: the links that stand, stating one, taking one back.

Whoever follows the case states links of it. Of the case at the other end nothing is shown to somebody whose it is not, but
whether it is confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varde import register
from varde.access import audit
from varde.access.gate import require
from varde.access.purposes import purpose_of
from varde.access.roles import Right
from varde.cases import LinkKind
from varde.followup import events
from varde.followup.lineage import family, heir_of
from varde.followup.linking import is_checked
from varde.followup.models import Event
from varde.followup.threads import alone
from varde.followup.units import NATIONAL, unit_of
from varde.register import (
    CannotLink,
    CurrentCase,
    KnownCase,
    Link,
    LinkState,
    StatedLink,
    current_cases,
    link_days,
    link_kinds,
    link_number,
    pseudonym_of,
)
from varde.web.forms.tables import day_of
from varde.web.pages.followup.case_threads import own_names
from varde.web.pages.followup.gatekeeping import Kept, allowed_area, allowed_in, units_having
from varde.web.registers import the_register
from varde.web.templatetags.words import day as say_day

RIGHT: Right = "follow-contacts"
KINDS: Mapping[LinkKind, Any] = {
    "human": gettext_lazy("Contact with"),
    "common-source": gettext_lazy("The same source as"),
    "food": gettext_lazy("The same food or water as"),
    "environment": gettext_lazy("The same surroundings as"),
    "animal": gettext_lazy("The same animals as"),
    "laboratory": gettext_lazy("The same laboratory as"),
}
PROBLEMS = {
    "end": gettext_lazy("Give the number of a case, or choose an event; one of the two."),
    "no-case": gettext_lazy("There is no case of this number in your area."),
    "same-case": gettext_lazy("This is the same case, or the same person."),
    "other-disease": gettext_lazy("That case is of another disease."),
    "kind": gettext_lazy("Choose how they are linked."),
    "future": gettext_lazy("The day is yet to come."),
    "day": gettext_lazy("Give the day of exposure, between {first} and {last}."),
    "later": gettext_lazy("That person fell ill after this one, and cannot have infected them."),
}


class Trouble(NamedTuple):
    """A link that cannot be stated: why, and what was typed."""

    said: str
    typed: Mapping[str, str]


def act(
    request: HttpRequest, kept: Kept, purpose: str, address: str
) -> HttpResponse | Trouble | None:
    """State a link or take one back, where a button asks for that: where to go on to, or why not. None: no such button.

    Raises:
        AccessRefused: the case is not the user's to follow for this purpose.
        Http404: there is no such case any more, or no such link of it.
    """
    wanted = request.POST.get("gjor", "")
    if wanted not in ("lenke", "trekk-lenke"):
        return None
    if kept.case is None:
        raise Http404
    require(request, "case", RIGHT, allowed_in(request, kept.areas, purpose, RIGHT), purpose)
    by, now = request.user.get_username(), timezone.now()
    if wanted == "trekk-lenke":
        number = _number(request.POST.get("lenke", ""))
        # What being in an event states is taken back by leaving it.
        mine = {one.link.id for one in _links(kept.number) if one.link.basis != "event"}
        if number not in mine:
            raise Http404
        with alone():
            register.withdraw_links(the_register(), [number], by=by, at=now)
            _log(request, kept.number, f"link withdrawn of case {kept.number}", purpose)
        return redirect(f"{address}#lenker")
    try:
        said = _read(request, kept.case, purpose)
        with alone():
            number = register.state_link(the_register(), said, by=by, purpose=purpose, at=now)
            _log(request, kept.number, f"link stated of case {kept.number}", purpose)
            if said.to_case is not None:
                _log(request, said.to_case, f"link stated to case {said.to_case}", purpose)
    except CannotLink as problem:
        return _trouble(request, kept.case, problem.code, problem.days)
    except KeyError as problem:
        return _trouble(request, kept.case, str(problem.args[0]))
    return redirect(f"{address}#lenker")


def _trouble(
    request: HttpRequest, case: CurrentCase, code: str, days: tuple[date, date] | None = None
) -> Trouble:
    if days is not None and days[0] > days[1]:
        said = _("This person cannot have been infected by that one: the days do not fit.")
        return Trouble(said, {name: request.POST.get(name, "") for name in _FIELDS})
    first, last = days or _all_days(case)
    words = str(PROBLEMS[code]).format(first=say_day(first), last=say_day(last))
    return Trouble(words, {name: request.POST.get(name, "") for name in _FIELDS})


_FIELDS = ("slags", "til-sak", "til-hendelse", "eksponert")


def _all_days(case: CurrentCase) -> tuple[date, date]:
    """The first and the last day of exposure that any kind of link that counts would do with."""
    definitions, listed = the_register().context.definitions(), case.listed
    kinds = link_kinds(definitions, listed.disease, listed.first_day)
    reaches = [link_days(definitions, listed, kind) for kind in kinds]
    reaches = reaches or [link_days(definitions, listed, "common-source")]
    return min(first for first, _ in reaches), max(last for _, last in reaches)


def _read(request: HttpRequest, case: CurrentCase, purpose: str) -> Link:
    """What was typed.

    Raises:
        KeyError: it is no link; of the code in `PROBLEMS`.
    """
    kind, other, event, day = (request.POST.get(name, "").strip() for name in _FIELDS)
    chosen = next((one for one in KINDS if one == kind), None)
    if chosen is None:
        raise KeyError("kind")
    if bool(other) == bool(event):
        raise KeyError("end")
    try:
        exposed = date.fromisoformat(day_of(day))
    except ValueError:
        raise KeyError("day") from None
    if event:
        if _number(event) not in {one.id for one in _own_events(request, case.listed.disease)}:
            raise Http404
        return Link(case.listed.number, chosen, exposed, to_event=_number(event))
    number = _number(other)
    there = current_cases([number]).get(number)
    if there is None or allowed_area(request, there, purpose) is None:
        raise KeyError("no-case")
    return Link(case.listed.number, chosen, exposed, to_case=number)


def _log(request: HttpRequest, number: int, what: str, purpose: str) -> None:
    about, said = pseudonym_of(number), purpose_of(purpose)
    if about is None:
        audit.record(request.user, "change", "case", what, 1, said)
    else:
        audit.record(request.user, "change", "case", what, 1, purpose=said, about=about)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


# --- what is shown --------------------------------------------------------------------------------


def _links(number: int, counted: tuple[int, ...] = ()) -> list[LinkState]:
    known = register.read_case(number)
    names = (*family(number), *(known.known_as if isinstance(known, KnownCase) else ()))
    return register.links_of(the_register(), names, counted)


def describe_links(
    request: HttpRequest,
    kept: Kept,
    known: KnownCase,
    purpose: str,
    trouble: Trouble | None,
) -> dict[str, Any]:
    """The links of a case, and the form for another one where the user may state any."""
    case = kept.case
    if case is None:
        return {}
    used = {key for reason in known.case.reasons for key in reason.evidence}
    counted = tuple(link_number(key) for key in used if register.is_link(key))
    found = _links(kept.number, counted)
    definitions = the_register().context.definitions()
    kinds = link_kinds(definitions, case.listed.disease, case.listed.first_day)
    may = allowed_in(request, kept.areas, purpose, RIGHT) is not None
    first, last = _all_days(case)
    return {
        "links": [
            {
                "id": one.link.id,
                "said": say_link(request, one, purpose),
                "case": _shown_case(request, one.link, purpose),
                "counts": one.link.id in counted,
                "why": _why_not(one),
                "by": _stated_by(one.link),
                "by_hand": one.link.basis != "event",
            }
            for one in found
        ],
        "link_evidence": {
            register.link_key(one.link.id): _within(say_link(request, one, purpose))
            for one in found
            if one.link.id in counted
        },
        "may_link": may,
        "link_kinds": [
            (key, words)
            for key, words in KINDS.items()
            if key in kinds and key not in ("animal", "laboratory")
        ],
        "link_events": _own_events(request, case.listed.disease) if may else [],
        "link_first": first,
        "link_last": min(last, timezone.localdate()),
        "link_trouble": trouble.said if trouble else "",
        "link_typed": (
            {name.replace("-", "_"): said for name, said in trouble.typed.items()}
            if trouble
            else {}
        ),
    }


def _within(words: str) -> str:
    """Words as they stand inside a sentence."""
    return words[:1].lower() + words[1:]


def say_link(request: HttpRequest, one: LinkState, purpose: str) -> str:
    """A link in a line: what kind it is, and what is at its other end, as far as the user may know."""
    link = one.link
    said = _("{kind} {other}, exposed {day}")
    other = _other(request, one, purpose)
    return said.format(kind=KINDS[link.kind], other=other, day=say_day(link.day))


def _other(request: HttpRequest, one: LinkState, purpose: str) -> str:
    link = one.link
    if link.to_event is not None:
        known = _event(request, link.to_event)
        if known is not None and one.counts:
            return _("a confirmed case in the event {place}").format(place=known.place)
        if known is not None:
            return _("others in the event {place}").format(place=known.place)
        return (
            _("a confirmed case in an event of another unit")
            if one.counts
            else _("others in an event of another unit")
        )
    number = _shown_case(request, link, purpose)
    if _is_gone(link):
        was_own = not units_having(link.to_case or 0).isdisjoint(own_names(request))
        if was_own:
            return _("case {number}, which is none any more").format(number=link.to_case)
        return _("a case that is none any more")
    if number and one.counts:
        return _("a confirmed case, case {number}").format(number=number)
    if number:
        return _("case {number}, which is not confirmed").format(number=number)
    if one.counts:
        return _("a confirmed case in another municipality")
    return _("a case in another municipality, which is not confirmed")


def _shown_case(request: HttpRequest, link: StatedLink, purpose: str) -> int:
    """The case at the other end as it is known now, where it is the user's; else 0."""
    if link.to_case is None:
        return 0
    number = heir_of(link.to_case)
    case = current_cases([number]).get(number)
    return number if case and allowed_area(request, case, purpose) is not None else 0


def _is_gone(link: StatedLink) -> bool:
    """Whether there is no case any more at the other end."""
    if link.to_case is None:
        return False
    number = heir_of(link.to_case)
    return number not in current_cases([number])


def _why_not(one: LinkState) -> str:
    """Why a link that is no evidence now is none."""
    if _is_gone(one.link):
        return _("what the other case rested on was withdrawn or is judged otherwise")
    if one.counts:
        return _("the disease cannot have passed then: by when each fell ill, and the incubation")
    if one.link.to_event is not None:
        return _("nobody else in the event is confirmed")
    return _("the other case is not confirmed, or is one with this")


def _stated_by(link: StatedLink) -> str:
    how = {
        "event": _("by being joined to the event"),
        "contact": _("from a list of contacts"),
    }.get(link.basis, _("stated on this page"))
    said = f"{how}, {link.stated_by}" if link.stated_by else how
    if link.contact is not None and not is_checked(link.contact):
        unproven = _(
            "that the contact is the person of this case could not be checked, and counts on the word of whoever entered it"
        )
        return f"{said}; {unproven}"
    return said


def _event(request: HttpRequest, number: int) -> Event | None:
    """An event that the user may open."""
    today = timezone.localdate()
    unit = unit_of(request.user, today) or ""
    found = events.read_event(number)
    if found is not None and (unit == NATIONAL or events.is_of(found, unit, today)):
        return found
    return None


def _own_events(request: HttpRequest, disease: str) -> list[Event]:
    today = timezone.localdate()
    unit = unit_of(request.user, today)
    if unit is None:
        return []
    found = events.list_events(None if unit == NATIONAL else unit, today)
    return [one for one in found if one.disease == disease]
