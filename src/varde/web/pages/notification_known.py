"""The notification, filled in with what is known: after a number and a purpose, and logged as a look at the person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from varde import register
from varde.access import audit
from varde.access.decisions import AccessRefused, Refused
from varde.access.gate import page
from varde.access.roles import may_do
from varde.register import using
from varde.web import history, looking
from varde.web.forms import notification
from varde.web.forms.handing_in import new_number
from varde.web.forms.prefill import choose_case, evidence_of, fill
from varde.web.looking import Asked, Nobody, Seen
from varde.web.pages.notification import draw_form, known_of_sender, sender_or_refuse
from varde.web.registers import laboratory_names

WHAT = "notification form filled in"


@require_http_methods(["GET", "HEAD", "POST"])
@page("notification")
def show(request: HttpRequest) -> HttpResponse:
    """The question whom it is about; or the form, filled in."""
    if not may_do(request.user, looking.SEE):
        audit.record(request.user, "denied", "notification", WHAT)
        raise AccessRefused(Refused("right-not-for-role", looking.SEE))
    sender_or_refuse(request)
    if request.method != "POST":
        if request.GET:  # a number does not belong in an address, whoever wrote it there
            return redirect("notification-known")
        return _ask(request)
    asked, faults = looking.read_asked(request.user, request.POST)
    if asked is None:
        return _ask(request, faults, status=422)
    if trouble := looking.must_wait(request.user):
        audit.record(request.user, "denied", "notification", WHAT)
        return _ask(request, {"": trouble}, status=429)
    with using("default"):
        seen = looking.look(request, "notification", WHAT, asked)
        if seen is Nobody.SEEN:
            return _ask(request, nobody=True, status=404)
        return _fill(request, asked, seen)


def _ask(
    request: HttpRequest,
    faults: dict[str, str] | None = None,
    nobody: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {"faults": faults or {}, "nobody": nobody, **looking.form_of(request)}
    return render(request, "web/notification_known.html", context, status=status)


def _fill(request: HttpRequest, asked: Asked, seen: Seen) -> HttpResponse:
    today = timezone.localdate()
    found = register.read_history(seen.person.ids)
    case = choose_case(found, request.POST.get("tilfelle", ""))
    filled = fill(asked.number, asked.identity, found, case, today)
    own = known_of_sender(request)
    marks = dict.fromkeys(own, _("From what is known of you and your workplace.")) | filled.marks
    values = own | filled.values
    protected, _gaps = history.protection_words(found.doses)
    senders = laboratory_names()
    known: dict[str, Any] = {
        "case": history.case_words(case, today) if case else None,
        "others": [] if case else [history.case_words(other, today) for other in found.cases],
        "waiting": [
            history.case_words(other, today)
            for other in found.cases
            if other.form_missing and other is not case
        ],
        "findings": [
            history.finding_words(each, senders)
            for each in (evidence_of(case, found) if case else ())
        ],
        "protected": protected,
    }
    form = notification.sections(today)
    signed = new_number(request.user)
    return draw_form(request, form, values, {}, signed, known=known, marks=marks)
