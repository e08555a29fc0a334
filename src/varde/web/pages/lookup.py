"""Earlier microbiology of one patient, so that a test is not taken twice and resistance is known before treatment."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods

from varde import register
from varde.access import audit
from varde.access.gate import page
from varde.access.roles import may_open
from varde.register import using
from varde.web import history, looking
from varde.web.deaths import death_words
from varde.web.history_chart import draw_history
from varde.web.looking import Nobody, Seen
from varde.web.registers import laboratory_names, the_register

WHAT = "earlier findings"
"""What is seen, as the access log says it."""


@require_http_methods(["GET", "HEAD", "POST"])
@page("lookup")
def show(request: HttpRequest) -> HttpResponse:
    """The form that asks for a number and a purpose; or what the register knows of whose it is."""
    if request.method != "POST":
        if request.GET:  # a number does not belong in an address, whoever wrote it there
            return redirect("lookup")
        return _ask(request)
    asked, faults = looking.read_asked(request.user, request.POST)
    if asked is None:
        return _ask(request, faults, status=422)
    if trouble := looking.must_wait(request.user):
        audit.record(request.user, "denied", "lookup", WHAT)
        return _ask(request, {"": trouble}, status=429)
    with using("default"):
        seen = looking.look(request, "lookup", WHAT, asked)
        if seen is Nobody.SEEN:
            return _ask(request, nobody=True, status=404)
        return _show(request, seen, asked.number)


def _ask(
    request: HttpRequest,
    faults: dict[str, str] | None = None,
    nobody: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {"faults": faults or {}, "nobody": nobody, **looking.form_of(request)}
    return render(request, "web/lookup.html", context, status=status)


def _show(request: HttpRequest, seen: Seen, number: str) -> HttpResponse:
    found = register.read_history(seen.person.ids)
    senders, today = laboratory_names(), timezone.localdate()
    cases = [history.case_words(case, today) for case in found.cases]
    protected, gaps = history.protection_words(found.doses)
    sought, choices = history.sought_words(found, senders, today)
    answers = [one for one in found.answers if not history.tells_all(one)]
    context: dict[str, Any] = {
        "history": found,
        "death": death_words(
            register.read_deaths_of(seen.person.ids, the_register().context.knowledge)
        ),
        "findings": [
            history.finding_words(f, senders) for f in found.findings[: history.MOST_ROWS]
        ],
        "older_findings": max(0, len(found.findings) - history.MOST_ROWS),
        "sought": sought[: history.MOST_ROWS],
        "older_sought": max(0, len(sought) - history.MOST_ROWS),
        "choices": choices,
        "answers": [history.answer_words(a, senders) for a in answers[: history.MOST_ROWS]],
        "answer_count": len(answers),
        "older_answers": max(0, len(answers) - history.MOST_ROWS),
        "patterns": [
            history.finding_words(f, senders) | {"since": history.since(f.day, today)}
            for f in history.newest_patterns(found)
        ],
        "carried": history.carried_words(found),
        "cases": cases,
        "waiting": any(case["case"].form_missing for case in cases),
        "protected": protected,
        "gaps": gaps,
        # SVG made by `draw_history`, which escapes every text.
        "charts": [
            mark_safe(draw_history(found, today, narrow=narrow))  # noqa: S308
            for narrow in (False, True)
        ],
        "purpose": seen.purpose.in_language(request.LANGUAGE_CODE),
        "may_notify": may_open(request.user, "notification"),
        "number": number,
        "purpose_key": seen.purpose.key,
        "reason_key": seen.reason,
    }
    return render(request, "web/lookup_answer.html", context)
