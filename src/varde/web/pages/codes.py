"""One code that Varde does not know: who sends it, what it may mean, and a person's word for what it does.

National roles confirm, and their word holds for everybody who sends the expression. A laboratory's contact
proposes: a code map says nothing of who sends, so that one laboratory's word would hold for the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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
from varde.codes import markers_in
from varde.codes.code_map import LONGEST
from varde.codes.suggestions import plain_letters
from varde.register import CannotConfirm, Decision, Expression
from varde.web.decisions import describe_decisions
from varde.web.expressions import NAME, is_hidden, query_of, seal, shown, unseal
from varde.web.names import CODE_KINDS, concept_choices
from varde.web.pages.laboratory import scope_of
from varde.web.registers import laboratory_names, the_register

SUGGESTED = 5
FOUND = 12
"""At most so many of what a search finds."""
ANOTHER = "annen"


@require_http_methods(["GET", "HEAD", "POST"])
@page("laboratory")
def show(request: HttpRequest) -> HttpResponse:
    """The code, what was said about it, and the form; what the form said is done and told."""
    own = scope_of(request)
    given = request.POST if request.method == "POST" else request.GET
    expression = unseal(given.get(NAME, ""))
    if expression is None:
        raise Http404
    history = register.decisions_on(expression, own)
    waiting = _own(register.senders_of(expression), own)
    understood = _own(register.senders_of(expression, confirmed=True), own)
    said = history if own is None else [each for each in history if each.sender == own]
    if not (waiting or understood or said):
        raise Http404
    problem, looked_for, found = "", "", []
    if request.method == "POST":
        typed = request.POST.get("annen", "").strip()[:LONGEST]
        if typed:
            looked_for, found = typed, find_concepts(expression[0], typed)
        if request.POST.get("gjor") != "find":
            try:
                changed = _act(request, expression, own, found if looked_for else None)
            except CannotConfirm as error:
                problem = _problem_words(error, looked_for)
            else:
                return redirect(_address(expression, changed))
    decision = history[0] if history else None
    proposed = decision.concept if decision and decision.verdict == "proposed" else ""
    names = laboratory_names()
    kind = expression[0]
    if request.method != "POST":
        audit.record(request.user, "view", "laboratory", "unknown code", 1)
    changed_before = request.GET.get("endret", "")
    choices = concept_choices(kind)
    offered = _offer(expression, decision, found, dict(choices), names)
    return render(
        request,
        "web/code.html",
        {
            "national": own is None,
            "expression": (*expression[:3], shown(expression[3], own is not None)),
            "hidden": is_hidden(expression[3], own is not None),
            "masked": _problem_words(CannotConfirm("masked"), "")
            if register.is_masked(expression)
            else "",
            "sealed": seal(expression),
            "kind_name": CODE_KINDS.get(kind, kind),
            "resistances": _resistances(expression),
            "senders": waiting,
            "waiting_names": ", ".join(name or key for key, name, _ in waiting) or "–",
            "waiting": sum(number for _, _, number in waiting),
            "understood": sum(number for _, _, number in understood),
            "decision": decision,
            "history": describe_decisions(history, names, own is not None),
            "may_confirm": may_do(request.user, "confirm-codes"),
            "may_propose": may_do(request.user, "propose-codes"),
            "suggestions": [each for each in offered if each["key"] not in found],
            "found": [each for each in offered if each["key"] in found],
            "choices": choices,
            "another": ANOTHER,
            "wordless": bool(expression[2]) and not expression[3] and len(waiting) > 1,
            "problem": problem,
            "looked_for": looked_for,
            "nothing_found": bool(looked_for) and not found,
            "chosen": _chosen(request, found, offered, proposed),
            "changed": int(changed_before) if changed_before.isdecimal() else None,
        },
        status=422 if problem else 200,
    )


def _resistances(expression: Expression) -> str:
    """The resistances in the words of an organism (MRSA): they are kept whatever organism is confirmed."""
    kind, _system, code, text = expression
    if kind != "organism" or register.is_masked(expression):
        return ""
    return ", ".join(each.upper() for each in markers_in([(code, text)]))


def _own(senders: list[tuple[str, str, int]], own: str | None) -> list[tuple[str, str, int]]:
    return [row for row in senders if own in (None, row[0])]


def _offer(
    expression: Expression,
    decision: Decision | None,
    found: Sequence[str],
    choices: Mapping[str, str],
    names: Mapping[str, str],
) -> list[dict[str, str]]:
    """What the form offers to choose from, each with why: what the search found, what a laboratory
    proposed, and what is like the expression."""
    kind, _system, code, text = expression
    codes = the_register().context.renewed().codes
    whys = dict.fromkeys(found, _("found by your search"))
    if decision is not None and decision.verdict == "proposed":
        who = names.get(decision.sender, decision.sender)
        whys.setdefault(decision.concept, _("proposed by {who}").format(who=who))
    definitions = the_register().context.definitions()
    for each in register.suggest_meanings(codes, definitions, kind, code, text, limit=SUGGESTED):
        whys.setdefault(each.concept, _why(each.why, each.known))
    return [
        {"key": key, "name": choices[key], "why": why}
        for key, why in whys.items()
        if key in choices
    ]


def _chosen(
    request: HttpRequest, found: Sequence[str], offered: Sequence[Mapping[str, str]], proposed: str
) -> str:
    """What is chosen before anybody has: what was chosen last, or else what was proposed.

    What a search found is never chosen unasked, also when it is one alone.
    """
    last = request.POST.get("mening", "")
    keys = {each["key"] for each in offered}
    if last in keys:
        return last
    if proposed in keys and not found:
        return proposed
    return "" if offered or found else ANOTHER


def find_concepts(kind: str, typed: str) -> list[str]:
    """The keys of what somebody may mean who types a name: the one that is called so, or else those with
    words that begin like the ones typed, what the maps know it as, and what is spelt like it."""
    choices = concept_choices(kind)
    same = [key for key, name in choices if typed.casefold() in (key.casefold(), name.casefold())]
    if same:
        return same
    codes = the_register().context.renewed().codes
    known = codes.find(kind, [("", "", typed), ("", typed, "")])
    words = plain_letters(typed).split()
    begun = [
        key
        for key, name in choices
        if words
        and all(any(w.startswith(word) for w in plain_letters(name).split()) for word in words)
    ]
    definitions = the_register().context.definitions()
    found_like = register.suggest_meanings(codes, definitions, kind, "", typed, limit=FOUND)
    like = [each.concept for each in found_like]
    keys = dict(choices)
    found = dict.fromkeys(([known] if known in keys else []) + begun + like)
    return [key for key in found if key in keys][:FOUND]


def _act(
    request: HttpRequest, expression: Expression, own: str | None, found: list[str] | None
) -> int:
    """Do what the form says, and write it in the access log; how many answers changed.

    Args:
        found: what the words typed may mean; one of several must be chosen. None when nothing was typed.

    Raises:
        CannotConfirm: it cannot be done.
        PermissionDenied: the role may not do it.
    """
    what = request.POST.get("gjor", "")
    chosen = request.POST.get("mening", "")
    if chosen in ("", ANOTHER):
        chosen = found[0] if found and len(found) == 1 else ""
    elif what in ("confirm", "propose") and found is not None and chosen not in found:
        # Somebody typed one thing and left another chosen: which of them is meant, they must say.
        chosen = ""
    by, now = request.user.get_username(), timezone.now()
    if what == "propose":
        _require(request, "propose-codes")
        if chosen not in dict(concept_choices(expression[0])):
            raise CannotConfirm("unknown-concept", chosen)
        register.say(expression, "proposed", chosen, own or "", by, now)
        audit.record(request.user, "change", "laboratory", "code proposed", 1)
        return 0
    _require(request, "confirm-codes")
    if what == "confirm":
        changed = register.confirm(the_register(), expression, chosen, by, now)
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
    return f"{reverse('laboratory-code')}{query_of(expression)}&endret={changed}"


def _why(why: str, known: str) -> str:
    words = {
        "same-name": _("the same name, written otherwise: {known}"),
        "other-code": _("the code is known as {known}"),
        "abbreviation": _("may be an abbreviation of {known}"),
        "contains": _("holds the name {known}"),
        "spelling": _("spelt nearly like {known}"),
    }
    return words[why].format(known=known)


def _problem_words(error: CannotConfirm, looked_for: str) -> str:
    words = {
        "unknown-concept": _("Choose what it means."),
        "catch-all": _(
            "That only says that nobody knows what it is. Let it wait, or say that it stands for "
            "nothing that is counted."
        ),
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
    if error.why == "unknown-concept" and looked_for:
        return _("Choose one of those found, or empty the field you typed in.")
    return words[error.why]
