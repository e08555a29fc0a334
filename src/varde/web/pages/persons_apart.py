"""Persons whom nobody asks about, taken apart or joined: one at a time, opened from the vault for a purpose.

Whoever it is about is found by a number, which comes in the body of a POST and goes nowhere else. Each look is logged
before anything is shown, and a decision about everybody concerned when it is made. It holds only for a person who is
described as they were when they were looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, product
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from varde import register
from varde.access import audit
from varde.access.gate import page, require
from varde.access.purposes import purpose_of
from varde.linkage import NO_CHANGES, Decision, Description, decide
from varde.register import CannotDecide, OpenedPerson
from varde.web import looking
from varde.web.pages.persons import (
    DECIDE,
    JOIN_REASONS,
    PAGE,
    PART_REASONS,
    purposes_of,
    side_by_side,
    tell_decision,
)
from varde.web.registers import the_register

WHAT = "identity"
LONGEST = 40
COMPARED = 400
"""Pairs of descriptions that are weighed at most, to show those that speak most for one person and most against."""


class _Trouble(Exception):
    """What cannot be done, in words, and the status of the answer."""

    def __init__(self, said: str, status: int = 422) -> None:
        self.said, self.status = said, status
        super().__init__(said)


class _Sides(NamedTuple):
    """What is compared: the descriptions of each side, with their places."""

    one: Sequence[tuple[int, Description]]
    other: Sequence[tuple[int, Description]]


class _Pair(NamedTuple):
    """Two descriptions that were compared, by their places, and what came of it."""

    places: tuple[int, int]
    decision: Decision


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@page(PAGE)
def show(request: HttpRequest) -> HttpResponse:
    """Who it is about; then how they are described; then how the two sides compare, and the decision."""
    if request.method != "POST":
        return _form(request)
    purpose = request.POST.get("formal", "")
    if purpose not in {key for key, _words in purposes_of(request)}:
        if purpose:
            require(request, PAGE, DECIDE, None, purpose)  # refused, and logged
        return _form(request, _("Say what you need it for."), 422)
    require(request, PAGE, DECIDE, None, purpose)
    if wait := looking.must_wait(request.user):
        audit.record(request.user, "denied", PAGE, WHAT)
        return _form(request, wait, 429)
    try:
        with register.using("default"):
            return _answer(request, purpose)
    except _Trouble as trouble:
        return _form(request, trouble.said, trouble.status)


def _form(request: HttpRequest, fault: str = "", status: int = 200) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    context = {
        "purposes": purposes_of(request),
        "purpose": sent.get("formal", ""),
        "fault": fault,
    }
    return render(request, "web/persons_apart.html", context, status=status)


def _answer(request: HttpRequest, purpose: str) -> HttpResponse:
    sent = request.POST
    action = sent.get("gjor", "")
    if action == "finn":
        one = _find(request, sent.get("ene", ""), purpose)
        other = _find(request, sent["andre"], purpose) if sent.get("andre", "").strip() else 0
        if one == other:
            raise _Trouble(_("Both numbers are of one person already."))
        return _show(request, purpose, one, other)
    one, other = _row(sent.get("person", "")), _row(sent.get("person-to", "0"))
    if action == "skill" and not other:
        return _part(request, purpose, one)
    if action == "samle" and other:
        return _join(request, purpose, one, other)
    if action == "vurder":
        return _show(request, purpose, one, other)
    raise Http404


def _find(request: HttpRequest, typed: str, purpose: str) -> int:
    """The register's number of the person whom somebody means: by that number, or a national one."""
    text = "".join(typed[:LONGEST].split())
    read = register.read_number(text)
    if read is None:
        if 0 < len(text) < 11 and text.isascii() and text.isdigit():
            return int(text)
        raise _Trouble(
            _(
                "This is no identity number, and not the register's number of a person. A digit may be wrong."
            )
        )
    found = register.find_person(read[0], the_register().context.pseudonym)
    if found is None:
        # As of somebody who is there, so that the log shows who asked about whom.
        _names, pseudonym = register.named_in_log(read[0], the_register().context.pseudonym)
        said = purpose_of(purpose)
        audit.record(request.user, "view", PAGE, WHAT, 0, purpose=said, about=pseudonym)
        raise _Trouble(_("The register knows nobody by that number."), 404)
    if len(found.ids) > 1:
        numbers = ", ".join(map(str, found.ids))
        told = _("Several persons are known by that number: {numbers}. Write one of these numbers.")
        raise _Trouble(told.format(numbers=numbers))
    return found.ids[0]


def _open(request: HttpRequest, person: int, purpose: str) -> OpenedPerson:
    found = register.open_person(the_register(), request.user, person, purpose, PAGE)
    if found is None:
        raise _Trouble(_("There is no such person in the register, or not any more."), 404)
    return found


def _show(
    request: HttpRequest,
    purpose: str,
    one: int,
    other: int,
    fault: str = "",
    status: int = 200,
) -> HttpResponse:
    """How one person is described, or two; and, where there are two sides, what speaks for and against that they are
    one."""
    first = _open(request, one, purpose)
    second = _open(request, other, purpose) if other else None
    chosen = _chosen(request, len(first.descriptions))
    sides = _sides(first, second, chosen)
    if request.POST.get("gjor") == "vurder" and sides is None and not fault:
        fault = _("Tick what is of somebody else, and leave something.")
        status = 422
    reasons = JOIN_REASONS if second else PART_REASONS
    context: dict[str, Any] = {
        "purpose": purpose,
        "fault": fault,
        "first": first,
        "second": second,
        "lists": [_rows(each) for each in (first, second) if each is not None],
        "chosen": chosen,
        "sides": sides,
        "reasons": reasons,
        "reason": request.POST.get("grunn", ""),
    }
    if sides is not None:
        most, least = _compare(sides)
        context["pair"], context["weights"] = most.places, _told(most, request)
        if least.decision.weight < most.decision.weight:
            context["pair_against"], context["against"] = least.places, _told(least, request)
    return render(request, "web/persons_apart_person.html", context, status=status)


def _sides(
    first: OpenedPerson, second: OpenedPerson | None, chosen: Sequence[int]
) -> _Sides | None:
    whole = list(enumerate(first.descriptions, 1))
    if second is not None:
        return _Sides(whole, list(enumerate(second.descriptions, 1)))
    taken = [(place, one) for place, one in whole if place in chosen]
    left = [(place, one) for place, one in whole if place not in chosen]
    return _Sides(left, taken) if taken and left else None


def _compare(sides: _Sides) -> tuple[_Pair, _Pair]:
    """What speaks most for one person between two sides, and what speaks least for it."""
    knowledge = the_register().context.knowledge
    changes = knowledge.changes() if knowledge is not None else NO_CHANGES
    weighed = [
        _Pair((place, another), decide(one, other, changes=changes))
        for (place, one), (another, other) in islice(product(*sides), COMPARED)
    ]
    by_weight = sorted(weighed, key=lambda each: each.decision.weight)
    return by_weight[-1], by_weight[0]


def _told(pair: _Pair, request: HttpRequest) -> dict[str, Any]:
    return tell_decision(pair.decision, request.LANGUAGE_CODE)


def _rows(person: OpenedPerson) -> list[dict[str, Any]]:
    """Each description: its place, and what it says."""
    return [
        {
            "place": place,
            "said": [(name, said) for name, said, *_ in side_by_side(one, one)],
        }
        for place, one in enumerate(person.descriptions, 1)
    ]


def _part(request: HttpRequest, purpose: str, person: int) -> HttpResponse:
    reason = request.POST.get("grunn", "")
    if reason not in PART_REASONS:
        return _show(request, purpose, person, 0, _("Say why."), 422)
    places = [int(each) for each in request.POST.getlist("annen") if _is_place(each)]
    try:
        number = register.part_person(
            the_register(), person, places, mark=_mark(request, "merke"), **_said(request, purpose)
        )
    except CannotDecide:
        return _show(request, purpose, person, 0, _changed(), 409)
    return _done(purpose, number)


def _join(request: HttpRequest, purpose: str, one: int, other: int) -> HttpResponse:
    reason = request.POST.get("grunn", "")
    if reason not in JOIN_REASONS:
        return _show(request, purpose, one, other, _("Say why."), 422)
    marks = (_mark(request, "merke"), _mark(request, "merke-to"))
    try:
        number = register.join_persons(
            the_register(), one, other, marks=marks, **_said(request, purpose)
        )
    except CannotDecide:
        return _show(request, purpose, one, other, _changed(), 409)
    return _done(purpose, number)


def _said(request: HttpRequest, purpose: str) -> dict[str, Any]:
    return {
        "by": request.user.get_username(),
        "purpose": purpose,
        "reason": request.POST["grunn"],
        "at": timezone.now(),
        "log": register.log_decision(request.user, "linkage decision", purpose, PAGE),
    }


def _done(purpose: str, number: int) -> HttpResponse:
    return redirect(f"{reverse(PAGE)}?{urlencode({'formal': purpose, 'avgjort': number})}")


def _changed() -> str:
    return _("What is known has changed since you looked, so nothing was decided. Look again.")


def _mark(request: HttpRequest, name: str) -> str:
    # Never empty: an empty one would say that nobody had looked.
    return request.POST.get(name, "")[:16] or "-"


def _row(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Http404
    return int(text)


def _is_place(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6


def _chosen(request: HttpRequest, count: int) -> list[int]:
    places = [int(each) for each in request.POST.getlist("annen") if _is_place(each)]
    return [place for place in places if 1 <= place <= count]
