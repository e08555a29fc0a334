"""Who is the same person: what a person must decide, why it is asked, and what was decided before.

A purpose is stated first. The list says nothing of who anybody is; one question at a time is opened from the vault, and
each of the two persons gets a line in the access log before anything is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from varde import register
from varde.access import audit
from varde.access.gate import page, require
from varde.access.purposes import purpose_of, say_purpose
from varde.access.roles import Right, role_file, role_of
from varde.codes import municipalities
from varde.linkage import REASONS, Decision, Description, shipped_weights
from varde.messages import clean_line
from varde.register import CannotDecide, FieldSaid, ListedQuestion
from varde.web.deaths import death_words
from varde.web.registers import the_register
from varde.web.templatetags.words import day as say_day

PAGE = "persons"
DECIDE: Right = "decide-linkage"
SHOWN, DECISIONS = 50, 20
LONGEST_REASON = 300
HEAVIEST = 25
"""Bits that fill a bar."""


@require_http_methods(["GET", "HEAD", "POST"])
@page(PAGE)
def show(request: HttpRequest) -> HttpResponse:
    """The purpose; then the questions, and what was decided before. A POST takes a decision back."""
    if request.method == "POST":
        return _undo(request)
    purpose = request.GET.get("formal", "")
    context: dict[str, Any] = {"purposes": purposes_of(request), "purpose": purpose}
    if purpose:
        require(request, PAGE, DECIDE, None, purpose)
        with register.using("default"):
            asked = register.list_questions(SHOWN)
            decided = register.list_rulings(DECISIONS)
            counts = register.count_identities()
        audit.record(request.user, "view", PAGE, "linkage question", len(asked), purpose)
        context |= {
            "questions": [_tell(one, request.LANGUAGE_CODE) for one in asked],
            "total": counts["questions"],
            "decided": [
                (
                    one,
                    _VERDICTS[one.verdict],
                    say_purpose(one.purpose, request.LANGUAGE_CODE),
                    REASONS_GIVEN.get(one.reason, one.reason),
                )
                for one in decided
            ],
            "done": request.GET.get("avgjort", ""),
        }
    return render(request, "web/persons.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(PAGE)
def show_question(request: HttpRequest, number: int) -> HttpResponse:
    """One question: why it is asked; when the user asks for it, both descriptions; and the answer."""
    sent = request.POST if request.method == "POST" else request.GET
    purpose = sent.get("formal", "")
    if not purpose and request.method != "POST":
        with register.using("default"):
            if register.read_question(number) is None:
                raise Http404
        return redirect(PAGE)
    require(request, PAGE, DECIDE, None, purpose)
    with register.using("default"):
        asked = register.read_question(number)
    if asked is None:
        raise Http404
    if request.method == "POST" and sent.get("svar") in ("same", "different"):
        return _decide(request, asked, purpose)
    return _render(request, asked, purpose, opened=request.method == "POST")


def _render(
    request: HttpRequest,
    asked: ListedQuestion,
    purpose: str,
    *,
    opened: bool,
    fault: object = "",
    status: int = 200,
) -> HttpResponse:
    told = _tell(asked, request.LANGUAGE_CODE)
    context: dict[str, Any] = {
        "page_question": told,
        "of_one": asked.persons[0] == asked.persons[1],
        "cause": told["cause"],
        "reason": told["reason"],
        "purpose": purpose,
        "fault": fault,
        "longest": LONGEST_REASON,
        "reason_given": request.POST.get("grunn", "")[:LONGEST_REASON],
    }
    if opened:
        found = register.open_question(the_register(), request.user, asked.number, purpose, PAGE)
        if found is None:
            raise Http404
        context["rows"] = side_by_side(
            found.one, found.other, [one.field for one in asked.fields if one.level == "missing"]
        )
        context["reports"] = found.reports
        context["single"] = found.one == found.other
        if asked.cause == "death":
            context["death"] = death_words(
                register.read_deaths_of(asked.persons[:1], the_register().context.knowledge)
            )
            context["seen"] = register.read_last_seen(asked.persons[:1])
    else:
        audit.record(request.user, "view", PAGE, "linkage question", 1, purpose)
    return render(request, "web/persons_question.html", context, status=status)


def _decide(request: HttpRequest, asked: ListedQuestion, purpose: str) -> HttpResponse:
    reason = clean_line(request.POST.get("grunn", ""))
    if not reason:
        fault = _("Say why, so that others can understand it later.")
        return _render(request, asked, purpose, opened=True, fault=fault, status=422)
    same = request.POST["svar"] == "same"
    try:
        number = register.decide_question(
            the_register(),
            asked.number,
            same=same,
            by=request.user.get_username(),
            purpose=purpose,
            reason=reason[:LONGEST_REASON],
            at=timezone.now(),
            log=register.log_decision(request.user, "linkage decision", purpose, PAGE),
        )
    except CannotDecide:
        raise Http404 from None
    query = urlencode({"formal": purpose, "avgjort": number})
    return redirect(f"{reverse(PAGE)}?{query}")


def _undo(request: HttpRequest) -> HttpResponse:
    purpose = request.POST.get("formal", "")
    require(request, PAGE, DECIDE, None, purpose)
    number = request.POST.get("angre", "")
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        raise Http404
    try:
        register.undo_decision(
            the_register(),
            int(number),
            by=request.user.get_username(),
            purpose=purpose,
            reason="",
            at=timezone.now(),
            log=register.log_decision(request.user, "linkage decision undone", purpose, PAGE),
        )
    except CannotDecide:
        raise Http404 from None
    return redirect(f"{reverse(PAGE)}?{urlencode({'formal': purpose})}")


def purposes_of(request: HttpRequest) -> list[tuple[str, str]]:
    """What the user may decide this for: keys and words."""
    role, rule = role_of(request.user), role_file().rights[DECIDE]
    if role is None or DECIDE not in role.may:
        return []
    return [
        (key, purpose_of(key).in_language(request.LANGUAGE_CODE))
        for key in role.purposes
        if key in rule.purposes
    ]


PART_REASONS = {
    "apart/wrong-number": _("another's number stood on the form"),
    "apart/two-of-a-birth": _("they are two of one birth"),
    "apart/namesakes": _("they are two of one name"),
    "apart/confirmed": _("whoever sent it says that they are two"),
}
"""Why one person is taken apart: what is kept of the reason → what it says."""
JOIN_REASONS = {
    "join/new-number": _("the person got another number"),
    "join/new-name": _("the person changed name"),
    "join/slip": _("name, number or birth date was written wrong"),
    "join/newborn": _("a child was described before it had name and number"),
    "join/confirmed": _("whoever sent it says that it is one person"),
}
REASONS_GIVEN: dict[str, object] = {**PART_REASONS, **JOIN_REASONS}

_VERDICTS = {
    "same": _("The same person"),
    "different": _("Two persons"),
    "undone": _("Taken back"),
}
_CAUSES = {
    "unsure": _("What is known does not decide it."),
    "conflict": _("What is known contradicts itself."),
    "rulings": _("Earlier decisions contradict each other."),
    "death": _("What is said of a death contradicts what else is known of the person."),
}


def _tell(asked: ListedQuestion, language: str) -> dict[str, Any]:
    """A question for a template, without anything of who somebody is."""
    words = REASONS[asked.reason]
    said: object = words.en if language.startswith("en") else words.nb
    levels = {one.field: one.level for one in asked.fields}
    if asked.reason == "too-little" and levels.get("given") == "missing":
        said = _(
            "The weight is enough, but no given name is said by both, so nothing is joined without asking"
        )
    return {
        "asked": asked,
        "cause": _CAUSES[asked.cause],
        "reason": said,
        **_weights(asked.fields, language),
    }


def tell_decision(decision: Decision, language: str) -> dict[str, Any]:
    """What two descriptions weigh, as `persons_weights.html` shows it."""
    said = [FieldSaid(field=f.field, level=f.level, weight=f.weight) for f in decision.fields]
    return _weights(said, language)


def _weights(said: Sequence[FieldSaid], language: str) -> dict[str, Any]:
    """What fields weigh, to one decimal, and the sum of just that: whoever adds it up finds the same."""
    prior = round(shipped_weights().prior, 1)
    return {
        "prior": prior,
        "total": round(prior + sum(round(one.weight, 1) for one in said), 1),
        "fields": [_bar(one, language) for one in said if one.level != "missing"],
        "missing": [one.name(language) for one in said if one.level == "missing"],
    }


def _bar(field: FieldSaid, language: str) -> dict[str, Any]:
    return {
        "name": field.name(language),
        "words": field.words(language),
        "weight": round(field.weight, 1),
        "size": min(HEAVIEST, abs(field.weight)),
        "against": field.weight < 0,
        "most": HEAVIEST,
    }


_WEIGHED_AS = ("number", "family", "given", "born", "sex", "place", "place", "phone")
"""The field of `varde.linkage` that each of the first rows of `side_by_side` is weighed as."""


def side_by_side(
    one: Description, other: Description, uncompared: Collection[str] = ()
) -> list[tuple[object, object, object, bool, bool]]:
    """Name of the field, what each says, whether they say the same, and whether what both say tells nothing all the same:
    numbers of two kinds, a name that is given to every newborn.

    Args:
        uncompared: the fields of `varde.linkage` that nothing was told by.
    """
    rows = [
        (_("Number"), *(", ".join(f"{n.kind} {n.value}" for n in d.numbers) for d in (one, other))),
        (_("Family name"), one.family, other.family),
        (_("Given name"), one.given, other.given),
        (_("Born"), *(_born(d) for d in (one, other))),
        (_("Sex"), *({"F": _("Woman"), "M": _("Man")}.get(d.sex, "") for d in (one, other))),
        (_("Municipality"), *(_place(d.municipality) for d in (one, other))),
        (_("Postal code"), one.postal_code, other.postal_code),
        (_("Telephone"), one.phone, other.phone),
        (_("Dead"), *(_dead(d) for d in (one, other))),
        (_("Number in a multiple birth"), *(str(d.birth_order or "") for d in (one, other))),
    ]
    weighed = dict(enumerate(_WEIGHED_AS))
    return [
        (name, a, b, a == b, bool(a and b and a != b) and weighed.get(place, "") in uncompared)
        for place, (name, a, b) in enumerate(rows)
        if a or b
    ]


def _born(one: Description) -> str:
    return say_day(one.born) if one.born else str(one.birth_year or "")


def _dead(one: Description) -> str:
    if one.died:
        return say_day(one.died)
    return str(_("yes, the day was not said")) if one.dead else ""


def _place(number: str) -> str:
    """A municipality as people call it, with its number; one that is no more by its number alone."""
    known = municipalities(timezone.localdate()).get(number)
    return f"{known.name} ({number})" if known else number
