"""One case: what it is and why, when what was known, who was told and has answered, and what is still missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from varde import register
from varde.access import audit
from varde.access.gate import page
from varde.access.roles import may_do
from varde.cases import UNDECIDED, Case, Definition, diseases, words_of
from varde.followup import contacts, inbox
from varde.followup.lineage import family
from varde.followup.models import Delivery, Told
from varde.followup.notes import NoteProblem
from varde.followup.routing import differing
from varde.register import CurrentCase, KnownCase, PieceOfEvidence
from varde.web.deaths import death_words
from varde.web.names import concept_name, organism_words
from varde.web.pages.followup import words
from varde.web.pages.followup.case_kept import show_kept
from varde.web.pages.followup.case_links import Trouble, describe_links
from varde.web.pages.followup.case_links import act as act_on_links
from varde.web.pages.followup.case_tested import describe_tested
from varde.web.pages.followup.case_threads import (
    describe_earlier_notes,
    describe_events,
    describe_threads,
    notebook,
    own_names,
    own_threads,
    say_note_problem,
    title_of,
)
from varde.web.pages.followup.gatekeeping import (
    Kept,
    ask,
    find_kept,
    look,
    purposes_for,
    state_purpose,
    stated_purpose,
)
from varde.web.pages.followup.inbox import act_on
from varde.web.registers import laboratory_names, the_register
from varde.web.templatetags.words import day as say_day


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("notat")
@page("case")
def show(request: HttpRequest, number: int) -> HttpResponse:
    """The case, once it is said what for; what a button asks for is done."""
    now = timezone.now()
    kept = find_kept(request, number, "case")
    address = reverse("case", args=[number])
    title = title_of(number)
    if request.method == "POST" and request.POST.get("gjor") == "apne":
        purpose = request.POST.get("formal", "")
        if purpose not in {one.key for one in purposes_for(request, "see-person")}:
            return ask(request, title, address, _("Say what you need it for."))
        state_purpose(request, f"case {number}", purpose, now)
        return redirect(address)
    purpose = stated_purpose(request, f"case {number}", now)
    if not purpose:
        return ask(request, title, address)
    typed: dict[int, tuple[str, str]] = {}
    trouble: Trouble | None = None
    if request.method == "POST":
        linked = act_on_links(request, kept, purpose, address)
        if isinstance(linked, HttpResponse):
            return linked
        trouble = linked
        done = {} if linked else _act(request, kept, address)
        if isinstance(done, HttpResponse):
            return done
        typed = done
    look(request, kept, purpose, "case", "case")
    mine = own_threads(request, number, standing=kept.case is not None)
    for thread in mine:
        inbox.see(thread.id, request.user.get_username(), now)
    if kept.case is None:
        return show_kept(request, kept)
    described = _describe(kept.case, request, now, mine, typed)
    known = register.read_case(number)
    if not isinstance(known, KnownCase):
        raise Http404
    links = describe_links(request, kept, known, purpose, trouble)
    described |= links | {"reasons": _reasons(known, links["link_evidence"])}
    return render(request, "web/case.html", described, status=422 if typed or trouble else 200)


def _act(
    request: HttpRequest, kept: Kept, address: str
) -> HttpResponse | dict[int, tuple[str, str]]:
    """Do what a button asks for: where to go on to; or a note that cannot be kept, and why."""
    thread = request.POST.get("trad", "")
    mine = {one.id for one in own_threads(request, kept.number, standing=kept.case is not None)}
    if not (thread.isascii() and thread.isdigit() and int(thread) in mine):
        raise Http404
    if request.POST.get("gjor") != "notat":
        return act_on(request, int(thread), "case", None, address)
    if kept.case is None:
        raise Http404
    text, by = request.POST.get("notat", ""), request.user.get_username()
    try:
        notebook().add(int(thread), text, by, timezone.now())
    except NoteProblem as problem:
        if said := say_note_problem(problem.code):
            return {int(thread): (text, said)}
    else:
        audit.record(request.user, "change", "case", f"note {thread}", 1)
    return redirect(f"{address}#trad-{thread}")


def _describe(
    case: CurrentCase,
    request: HttpRequest,
    now: datetime,
    mine: list[Delivery],
    typed: Mapping[int, tuple[str, str]],
) -> dict[str, Any]:
    today = timezone.localdate()
    listed = case.listed
    known = register.read_case(listed.number)
    if not isinstance(known, KnownCase):
        raise Http404
    told = Told.objects.filter(case=listed.number).first()
    return {
        "case": listed,
        "known_as": known.known_as,
        "disease": words.disease_words(listed.disease),
        "class": words.CLASSES.get(listed.classification, listed.classification),
        "presentation": _presentation(known.case),
        "imported": words.IMPORTED.get(listed.imported, listed.imported),
        "infected_in": words.infected_words(listed.infected_in, today),
        "residence": words.place_words(listed.residence, today),
        "other_residences": [
            words.place_words(one, today)
            for one in differing(case.residences, today)
            if one != listed.residence
        ],
        "stay": words.place_words(listed.stay, today),
        "sex": words.sex_words(listed.sex, listed.age),
        "death": death_words(
            register.read_deaths_of_case(listed.number, the_register().context.knowledge)
        ),
        "episode": known.case.number,
        "rule": _rule(known.case),
        "definition": known.case.definition,
        "duty": _duty(listed.disease, listed.first_day),
        "times": _times(case, told),
        "threads": describe_threads(
            (one for one in inbox.list_threads(case=listed.number) if one.state == "standing"),
            {one.id for one in mine},
            now,
            typed,
        ),
        "earlier_notes": describe_earlier_notes(listed.number, own_names(request)),
        "took_over": family(listed.number)[1:],
        "earlier": [
            {
                "disease": words.disease_words(one.disease),
                "class": words.CLASSES.get(one.classification, ""),
                "first_day": one.first_day,
                "number": one.number,
            }
            for one in register.cases_beside(listed.number)
        ],
        **describe_events(request, listed.number),
        **describe_tested(listed.number, known.case, today),
        "may_follow": may_do(request.user, "follow-contacts"),
        "whose_purposes": [
            (one.key, one.in_language(words.language()))
            for one in (
                purposes_for(request, "identify-case")
                if may_do(request.user, "identify-case")
                else ()
            )
        ],
        "contacts": contacts.count_contacts(case=listed.number),
    }


# --- why ------------------------------------------------------------------------------------------


def _definition(case: Case) -> Definition | None:
    found = diseases().get(case.disease)
    rows = found.definition if found else ()
    return next((row for row in rows if row.valid_from == case.definition), None)


def _presentation(case: Case) -> str:
    definition = _definition(case)
    for one in definition.presentation if definition else ():
        if one.id == case.presentation:
            return one.en if words.language() == "en" else one.nb
    return case.presentation


def _name(case: Case, criterion: str) -> str:
    definition = _definition(case)
    try:
        found = words_of(definition, criterion) if definition else None
    except KeyError:
        found = None
    if found is None:
        return criterion
    return found.en if words.language() == "en" else found.nb


def _rule(case: Case) -> dict[str, list[str]]:
    """The words of what the rule rests on: what is met, and what is only presumed."""
    presumed = {one.criterion for one in case.reasons if one.state == "presumed"}
    return {
        "met": [_name(case, one) for one in case.rule if one not in presumed],
        "presumed": [_name(case, one) for one in case.rule if one in presumed],
    }


def _reasons(known: KnownCase, links: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every criterion with what it came to and what it rests on, the met ones first.

    Args:
        links: the words of those that it rests on, by their keys.
    """
    case = known.case
    pieces = register.describe_evidence([source.key for source in known.sources])
    names = laboratory_names()
    order = {"met": 0, "presumed": 1, "unknown": 2, "unmet": 3}
    found = [
        {
            "name": _name(case, reason.criterion),
            "state": reason.state,
            "said": words.state_words(reason.state, bool(reason.evidence)),
            "evidence": [
                *(
                    describe_piece(pieces[key], names, reason.criterion == UNDECIDED)
                    for key in reason.evidence
                    if key in pieces
                ),
                *(
                    _("Epidemiological link: {link}").format(link=links[key])
                    for key in reason.evidence
                    if key in links
                ),
            ],
        }
        for reason in sorted(case.reasons, key=lambda one: order[one.state])
    ]
    for one in case.set_aside:
        if one.evidence in pieces:
            said = (
                _("set aside: the laboratory says that it is not notifiable after all")
                if one.why == "msis-av"
                else _("set aside: taken so soon after a dose that it may be the vaccine's")
            )
            evidence = [describe_piece(pieces[one.evidence], names)]
            found.append({"name": "", "state": "unmet", "said": said, "evidence": evidence})
    return found


def describe_piece(
    piece: PieceOfEvidence, names: Mapping[str, str], undecided: bool = False
) -> str:
    """A piece of evidence in a line.

    Args:
        undecided: it stands for what is unclear or to come, not for what was not found beside it.
    """
    sender = names.get(piece.sender, piece.sender)
    at = say_day(piece.day or timezone.localdate(piece.made))
    if piece.kind == "notification":
        return _("The clinician's form, {day}, from {sender}").format(day=at, sender=sender)
    if piece.kind == "vaccination":
        vaccine = concept_name("vaccine", piece.vaccine) if piece.vaccine else _("vaccine")
        return _("{vaccine}, given {day}").format(vaccine=vaccine, day=at)
    if undecided and piece.undecided:
        return _("Unclear or to come: {what}, specimen of {day}, from {sender}").format(
            what=_sought_words(piece.undecided), day=at, sender=sender
        )
    if piece.not_found:
        what = _sought_words(piece.not_found)
        return _("Looked for and not found: {what}, specimen of {day}, from {sender}").format(
            what=what or _("finding"), day=at, sender=sender
        )
    how = [organism_words(piece.organism)] if piece.organism else []
    how += [str(words.METHODS[piece.method])] if piece.method in words.METHODS else []
    how += [concept_name("material", piece.material).lower()] if piece.material else []
    return _("{finding}, specimen of {day}, from {sender}").format(
        finding=", ".join(how) or _("finding"), day=at, sender=sender
    )


def _sought_words(sought: Sequence[tuple[str, str]]) -> str:
    return ", ".join(
        f"{organism_words(organism)} ({words.METHODS[method]})"
        if method in words.METHODS
        else organism_words(organism)
        for organism, method in sought
        if organism
    )


def _duty(key: str, day: date) -> dict[str, Any] | None:
    found = diseases().get(key)
    duty = found.duty_on(day) if found else None
    if found is None or duty is None:
        return None
    definition = found.definition_on(day)
    return {
        "group": duty.group,
        "at_once": duty.at_once,
        "incubation": definition.imported_days if definition else None,
        "form": duty.clinician_form,
    }


# --- when, and who --------------------------------------------------------------------------------


def _times(case: CurrentCase, told: Told | None) -> list[tuple[str, str]]:
    """When what was known, in words; of a day without an hour, the day."""
    first = Delivery.objects.filter(case=case.listed.number, kind="case").order_by("told_at")
    receipts = (
        first.exclude(receipted_at=None)
        .order_by("receipted_at")
        .values_list("receipted_at", flat=True)
    )
    specimen = told.specimen_at if told else case.times.specimen
    result = told.result_at if told else case.times.result
    inbox = first.values_list("told_at", flat=True).first()
    times: list[tuple[str, datetime | None]] = [
        (_("First specimen taken"), specimen),
        (_("First answer or form made"), result),
        (_("Received here"), told.intake_at if told else case.times.intake),
        (_("In the inbox"), inbox),
        (_("First receipt"), receipts.first()),
    ]
    return [(name, words.say_known(at)) for name, at in times]
