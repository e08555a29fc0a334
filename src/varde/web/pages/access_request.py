"""To a person who asks: who has looked at what the register knows of them, when, as whom and what for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from varde import register
from varde.access import audit
from varde.access.audit import Look
from varde.access.gate import page, require
from varde.access.purposes import purpose_of
from varde.register import using
from varde.web import looking
from varde.web.look_words import say_place, say_what
from varde.web.pages.access_log import ACTIONS
from varde.web.registers import laboratory_names, the_register

PAGE = "access-request"
PURPOSE = "access-request"
FIELDS = ("nummer", "tidligere")
"""The number, and an earlier one of the same person."""


@require_http_methods(["GET", "HEAD", "POST"])
@page(PAGE)
def show(request: HttpRequest) -> HttpResponse:
    """The form that asks for a number; or who has looked at whose it is."""
    if request.method != "POST":
        if request.GET:  # a number does not belong in an address, whoever wrote it there
            return redirect(PAGE)
        return render(request, "web/access_request.html", {"faults": {}})
    require(request, PAGE, "show-lookups", purpose=PURPOSE)
    numbers, faults = _read_numbers(request)
    if faults:
        return render(request, "web/access_request.html", {"faults": faults}, status=422)
    if trouble := looking.must_wait(request.user):
        audit.record(request.user, "denied", PAGE, "access log entry")
        return render(request, "web/access_request.html", {"faults": {"": trouble}}, status=429)
    with using("default"):
        known, about = _pseudonyms(numbers)
        senders = laboratory_names()
    looks = list(audit.list_looks(known, request.LANGUAGE_CODE))
    # Before anything is shown, and after the list: this look is in the next one.
    audit.record_looks(
        request.user, "looks-shown", PAGE, "access log entry", purpose_of(PURPOSE), about
    )
    context = {
        "visits": _group([_tell(look, senders) for look in reversed(looks)]),
        "shown_at": timezone.now(),
        "first": looks[0].at if looks else None,
    }
    return render(request, "web/access_request_answer.html", context)


def _read_numbers(request: HttpRequest) -> tuple[list[str], dict[str, str]]:
    numbers, faults = [], {}
    for field in FIELDS:
        typed = request.POST.get(field, "")[: looking.LONGEST]
        if not typed.strip() and field != FIELDS[0]:
            continue
        read = register.read_number(typed)
        if read is None:
            faults[field] = _("This is no identity number. A digit may be wrong.")
        else:
            numbers.append(read[0])
    return list(dict.fromkeys(numbers)), faults


def _pseudonyms(numbers: list[str]) -> tuple[list[bytes], list[bytes]]:
    """All that the register may know some numbers by, and of each the one that the log names the person by."""
    pseudonym = the_register().context.pseudonym
    known: list[bytes] = []
    about: list[bytes] = []
    for number in numbers:
        names, logged_by = register.named_in_log(number, pseudonym)
        known += names
        about.append(logged_by)
    return list(dict.fromkeys(known)), list(dict.fromkeys(about))


def _group(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Looks that belong together, in the order of the newest of each: by who looked, as whom, from where, on which day
    and what for."""
    found: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for line in lines:
        look = line["look"]
        key = (
            *(timezone.localdate(look.at), look.actor, line["who"], look.role),
            *(line["place"], look.purpose, look.action == "denied"),
        )
        found.setdefault(key, []).append(line)
    return [
        {
            **each[0],
            "day": day,
            "looks": each,
            "did": list(dict.fromkeys(line["action"] for line in each)),
            "saw": Counter(line["what"] for line in each if line["what"]).most_common(),
        }
        for (day, *_who), each in found.items()
    ]


def _tell(look: Look, senders: Mapping[str, str]) -> dict[str, Any]:
    return {
        "look": look,
        "who": look.name or look.actor,
        "action": ACTIONS.get(look.action, look.action),
        "place": say_place(look, senders, timezone.localdate(look.at)),
        "what": say_what(look.what),
    }
