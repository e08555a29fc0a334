"""The line list of an event: a line for each case, as a table and as a file, for the unit that follows the event up.

No name and no number of a person stands in it. Of a case in another area it has what the event's page has, and no more. It
may single people out all the same, so that whoever opens it says what for, each line is a look at a person in the access
log, and the file says in every line that it is not for publication.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from varde.access import audit
from varde.access.gate import page, require
from varde.access.purposes import Purpose, purpose_of
from varde.access.roles import Right
from varde.followup import events, exposures
from varde.followup.events import EventProblem
from varde.followup.models import Event, EventExposure
from varde.followup.threads import alone
from varde.followup.units import area_of_unit
from varde.register import CurrentCase, ListedCase, current_cases, pseudonym_of
from varde.statistics import AGE_GROUPS
from varde.web.pages.followup import words
from varde.web.pages.followup.event_cases import describe_case
from varde.web.pages.followup.event_gate import PROBLEMS, find_event, own_case
from varde.web.pages.followup.gatekeeping import (
    ask,
    purposes_for,
    state_purpose,
    stated_purpose,
)

RIGHT: Right = "follow-contacts"
"""Whoever follows the contacts of an event has its line list: the unit that opened it, and the duty officer."""
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@require_http_methods(["GET", "HEAD", "POST"])
@page("contacts")
def show(request: HttpRequest, number: int) -> HttpResponse:
    """The line list, once it is said what for; what is said of exposures is kept."""
    event, now = find_event(request, number), timezone.now()
    address, title = reverse("event-lines", args=[number]), _title(event)
    allowed = [one.key for one in purposes_for(request, RIGHT)]
    place = area_of_unit(event.unit)
    if request.method == "POST" and request.POST.get("gjor") == "apne":
        purpose = request.POST.get("formal", "")
        if purpose not in allowed:
            return ask(request, title, address, _("Say what you need it for."), RIGHT)
        state_purpose(request, _key(event), purpose, now)
        return redirect(address)
    purpose = stated_purpose(request, _key(event), now)
    if purpose not in allowed:
        require(request, "contacts", RIGHT, place, next(iter(allowed), ""))
        return ask(request, title, address, right=RIGHT)
    require(request, "contacts", RIGHT, place, purpose)
    said, trouble = purpose_of(purpose), ""
    if request.method == "POST":
        try:
            _keep_answers(request, event, said)
        except EventProblem as problem:
            trouble = str(PROBLEMS[problem.code])
        else:
            return redirect(address)
    lines = _lines(request, event, purpose)
    _log(request, event, lines, said, "view")
    context = {
        "event": event,
        "title": title,
        "trouble": trouble,
        "lines": lines,
        "exposures": exposures.exposures_of(number),
        "samples": exposures.samples_of(number),
        "answers": _answer_words().items(),
        "may_say": event.closed_at is None and any(one["mine"] for one in lines),
    }
    return render(request, "web/event_lines.html", context, status=422 if trouble else 200)


@require_safe
@page("contacts")
def download(request: HttpRequest, number: int) -> HttpResponse:
    """The same as CSV, for whoever has said what for."""
    event = find_event(request, number)
    purpose = stated_purpose(request, _key(event), timezone.now())
    if purpose not in {one.key for one in purposes_for(request, RIGHT)}:
        return redirect("event-lines", number)
    require(request, "contacts", RIGHT, area_of_unit(event.unit), purpose)
    lines = _lines(request, event, purpose)
    _log(request, event, lines, purpose_of(purpose), "download")
    content = write_lines(lines, exposures.exposures_of(number), event)
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="linjeliste-hendelse-{number}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def _title(event: Event) -> str:
    return _("Line list of event {number}").format(number=event.id)


def _key(event: Event) -> str:
    return f"lines {event.id}"


def _log(
    request: HttpRequest,
    event: Event,
    lines: Sequence[Mapping[str, Any]],
    said: Purpose,
    action: str,
) -> None:
    """That the list was opened, and for each own case the look at its person."""
    kind = f"line of event {event.id}"
    audit.record(request.user, action, "contacts", f"lines of event {event.id}", len(lines), said)
    found = (pseudonym_of(one["number"]) for one in lines if one["mine"])
    audit.record_looks(
        request.user, action, "contacts", kind, said, [one for one in found if one is not None]
    )


def _lines(request: HttpRequest, event: Event, purpose: str) -> list[dict[str, Any]]:
    today = timezone.localdate()
    cases = events.cases_in(event.id)
    known = current_cases([one.number for one in cases])
    answers = exposures.answers_in(event.id)
    there = exposures.exposures_of(event.id)
    return [
        _line(request, event, one, known.get(one.number), purpose, today)
        | {
            "answers": [
                {"exposure": each, "answer": answers.get(one.number, {}).get(each.id, "")}
                for each in there
            ]
        }
        for one in cases
    ]


def _line(
    request: HttpRequest,
    event: Event,
    one: ListedCase,
    case: CurrentCase | None,
    purpose: str,
    today: date,
) -> dict[str, Any]:
    described = describe_case(request, event, one, case, purpose, today)
    mine = described["mine"]
    return described | {
        "age": age_group(one.age) if mine else "",
        "sex": words.sex_words(one.sex, one.age) if mine else "",
    }


def age_group(age: int | None) -> str:
    """The group of an age in whole years, as in the published tables; empty when nobody knows."""
    if age is None:
        return ""
    return next(name for low, name in reversed(AGE_GROUPS) if age >= low)


def _answer_words() -> dict[str, str]:
    return {"": "–", "yes": _("yes"), "no": _("no")}


def _keep_answers(request: HttpRequest, event: Event, said: Purpose) -> None:
    """Keep what was answered of own cases; each case of which something is news is in the access log."""
    by, now = request.user.get_username(), timezone.now()
    typed: dict[int, dict[int, str]] = {}
    for name, value in request.POST.items():
        parts = name.split("-")
        if parts[0] == "svar" and len(parts) == 3 and all(map(_is_number, parts[1:])):
            typed.setdefault(int(parts[1]), {})[int(parts[2])] = str(value)
    if not typed:
        raise Http404
    with alone():
        for case, answers in typed.items():
            own_case(request, case)
            if exposures.say_answers(event.id, case, answers, by, now):
                what, about = f"exposures of case {case} in event {event.id}", pseudonym_of(case)
                if about is None:
                    audit.record(request.user, "change", "contacts", what, 1, said)
                else:
                    audit.record(
                        request.user, "change", "contacts", what, 1, purpose=said, about=about
                    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def write_lines(
    lines: Sequence[Mapping[str, Any]], there: Sequence[EventExposure], event: Event
) -> bytes:
    """The line list as CSV, with a column for each exposure; what a program would take for a formula is not one."""
    said = _answer_words() | {"": ""}
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(
        [
            _("Case"),
            _("Disease"),
            _("Class"),
            _("Onset, or first specimen or message"),
            _("Is the onset"),
            _("Age group"),
            _("Sex"),
            _("Municipality"),
            *(_plain(one.what) for one in there),
            _("Remark"),
        ]
    )
    note = _("Not for publication: for the unit that follows event {number}").format(
        number=event.id
    )
    for one in lines:
        table.writerow(
            [
                one["number"],
                _plain(str(one["disease"])),
                one["class"],
                f"{one['day']:%Y-%m-%d}",
                said["yes" if one["onset"] else "no"],
                one["age"],
                one["sex"],
                one["residence"] if one["mine"] else _("another area"),
                *(said[each["answer"]] for each in one["answers"]),
                note,
            ]
        )
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_STARTS_FORMULA) else text
