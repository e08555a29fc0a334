"""One code that Varde does not know: who sends it, what it may mean, and a person's word for what it does.

National roles confirm, and their word holds for everybody who sends the expression. A laboratory's contact
proposes: a code map says nothing of who sends, so that one laboratory's word would hold for the others.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from varde import register
from varde.access import audit
from varde.access.gate import page
from varde.access.roles import may_do
from varde.codes import suggest
from varde.register import CannotConfirm, Expression
from varde.web.names import CODE_KINDS, concept_choices, concept_name
from varde.web.pages.laboratory import scope_of
from varde.web.registers import the_register

SUGGESTED = 5


@require_http_methods(["GET", "HEAD", "POST"])
@page("laboratory")
def show(request: HttpRequest) -> HttpResponse:
    """The code, and the form; what the form said is done and told."""
    own = scope_of(request)
    given = request.POST if request.method == "POST" else request.GET
    expression = (
        given.get("slag", ""),
        given.get("system", ""),
        given.get("kode", ""),
        given.get("tekst", ""),
    )
    senders = [row for row in register.senders_of(expression) if own in (None, row[0])]
    decision = register.decisions([expression]).get(expression)
    if own is not None and not senders and (decision is None or decision.sender != own):
        raise Http404
    if not senders and decision is None:
        raise Http404
    problem = ""
    if request.method == "POST":
        try:
            changed = _act(request, expression, own)
        except CannotConfirm as error:
            problem = _problem_words(error)
        else:
            return redirect(_address(expression, changed))
    codes = the_register().context.renewed().codes
    kind, _system, code, text = expression
    suggestions = suggest(codes, kind, code, text, limit=SUGGESTED)
    if request.method != "POST":
        audit.record(request.user, "view", "laboratory", "unknown code", 1)
    changed_before = request.GET.get("endret", "")
    return render(
        request,
        "web/code.html",
        {
            "national": own is None,
            "expression": expression,
            "kind_name": CODE_KINDS.get(kind, kind),
            "senders": senders,
            "waiting": sum(number for _, _, number in senders),
            "decision": decision,
            "decision_name": concept_name(kind, decision.concept) if decision else "",
            "may_confirm": may_do(request.user, "confirm-codes"),
            "may_propose": may_do(request.user, "propose-codes"),
            "suggestions": [
                {
                    "key": each.concept,
                    "name": concept_name(kind, each.concept),
                    "why": _why(each.why, each.known),
                }
                for each in suggestions
            ],
            "choices": concept_choices(kind),
            "wordless": bool(code) and not text and len(senders) > 1,
            "problem": problem,
            "chosen": request.POST.get("mening", decision.concept if decision else ""),
            "changed": int(changed_before) if changed_before.isdecimal() else None,
        },
        status=422 if problem else 200,
    )


def _act(request: HttpRequest, expression: Expression, own: str | None) -> int:
    """Do what the form says, and write it in the access log; how many answers changed.

    Raises:
        CannotConfirm: it cannot be done.
        PermissionDenied: the role may not do it.
    """
    what = request.POST.get("gjor", "")
    chosen = request.POST.get("mening", "")
    concept = request.POST.get("annen", "") if chosen in ("", "annen") else chosen
    by, now = request.user.get_username(), timezone.now()
    if what == "propose":
        _require(request, "propose-codes")
        if concept not in dict(concept_choices(expression[0])):
            raise CannotConfirm("unknown-concept", concept)
        register.say(expression, "proposed", concept, own or "", by, now)
        audit.record(request.user, "change", "laboratory", "code proposed", 1)
        return 0
    _require(request, "confirm-codes")
    if what == "confirm":
        changed = register.confirm(the_register(), expression, concept, by, now)
        audit.record(request.user, "change", "laboratory", "answer by code confirmed", changed)
    elif what == "withdraw":
        changed = register.withdraw(the_register(), expression, by, now)
        audit.record(request.user, "change", "laboratory", "answer by code withdrawn", changed)
    elif what in ("unmappable", "declined"):
        changed = 0
        verdict = "unmappable" if what == "unmappable" else "declined"
        register.say(expression, verdict, "", "", by, now)  # type: ignore[arg-type]
        audit.record(request.user, "change", "laboratory", f"code {what}", 1)
    else:
        raise CannotConfirm("unknown-concept")
    return changed


def _require(request: HttpRequest, right: Any) -> None:
    if not may_do(request.user, right):
        audit.record(request.user, "denied", "laboratory")
        raise PermissionDenied


def _address(expression: Expression, changed: int) -> str:
    kind, system, code, text = expression
    said = {"slag": kind, "system": system, "kode": code, "tekst": text, "endret": changed}
    return f"{reverse('laboratory-code')}?{urlencode(said)}"


def _why(why: str, known: str) -> str:
    words = {
        "same-name": _("the same name, written otherwise: {known}"),
        "other-code": _("the code is known as {known}"),
        "abbreviation": _("may be an abbreviation of {known}"),
        "contains": _("holds the name {known}"),
        "spelling": _("spelt nearly like {known}"),
    }
    return words[why].format(known=known)


def _problem_words(error: CannotConfirm) -> str:
    words = {
        "unknown-concept": _("Choose what it means."),
        "not-waiting": _("No answer waits for this code any more."),
        "masked": _(
            "Digits in it are hidden because they may be of a person, and what is hidden may differ "
            "from answer to answer. The laboratory must correct the answers."
        ),
        "too-long": _(
            "The text is too long to be a name. The laboratory must correct the answers."
        ),
        "refused": _(
            "The site's code maps do not go together with this. The administrator finds the file in "
            "the folder maps."
        ),
    }
    return words[error.why]
