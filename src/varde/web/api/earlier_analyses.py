"""``POST /analyser/tidligere``: was this analysis made of this patient before, and when?

JSON in and out. The number stands in the body and nowhere else. A machine comes with an access token or a certificate, as
to the intake, and says which person it asks for; a page comes with the session of whoever is signed in. Each question
is in the access log, with its purpose, before it is answered; whoever nobody knows and whoever may not be seen
are answered alike.
"""

from __future__ import annotations

import re

import msgspec
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import path
from django.utils import timezone
from msgspec import Struct
from msgspec.json import encode

from varde import register
from varde.access import audit
from varde.access.clients import Client, authenticate, services
from varde.access.decisions import AccessRefused
from varde.access.looks import look_allowances, look_reasons
from varde.access.purposes import purpose_of
from varde.codes import CodeMap, materials, organisms
from varde.messages.records import Code
from varde.register import Analysis, History, KnownPerson, find_earlier, understand, using
from varde.web import looking
from varde.web.api import earlier_description
from varde.web.api.earlier_answer import answer_of
from varde.web.api.earlier_question import Question
from varde.web.api.earlier_refusals import QuestionRefused, refuse
from varde.web.intake.bodies import read_body, take_body
from varde.web.intake.receiving import guarded
from varde.web.looking import Nobody
from varde.web.registers import the_register

SERVICE = "earlier-analyses"
WHAT = "earlier analysis"
LARGEST = 16_384
"""Bytes of a question."""
EMPTY = History(sex="", municipality="")
_PERSON = re.compile(r"[A-Za-z0-9._@/:-]{1,40}", re.ASCII)
_IDENTITY = re.compile(r"\d{11}", re.ASCII)


class Actor(Struct, frozen=True):
    """A machine as the access log knows users."""

    username: str
    area: str
    is_authenticated: bool = False


@guarded("POST", refuse)
def ask(request: HttpRequest) -> HttpResponse:
    """Answer one question."""
    machine = _authenticate(request)
    if request.content_type != "application/json":
        raise QuestionRefused("not-json")
    body = take_body(request, machine) if machine is not None else read_body(request)
    question = _read(body)
    with using("default"):
        context = the_register().context
        analysis = read_analysis(question, context.codes)
        person = _by_machine(question, machine) if machine else _by_user(request, question)
        history = register.read_history(person.ids) if person else EMPTY
        found = answer_of(analysis, find_earlier(history, analysis, timezone.localdate()))
    return HttpResponse(encode(found), content_type="application/json")


def read_analysis(question: Question, codes: CodeMap) -> Analysis:
    """What is asked for.

    Raises:
        QuestionRefused: nobody knows.
    """
    for key, known in (("organism", organisms()), ("material", materials())):
        said = getattr(question, key)
        if said and said not in known:
            raise QuestionRefused("bad-question", f"{key} is not one of Varde's")
    named = question.analysis
    names = (Code(system=named.system, code=named.code, text=named.text),)
    specimen = question.specimen
    taken = (Code(**msgspec.structs.asdict(specimen)),) if specimen else ()
    understood = understand(names if named.code or named.text else (), taken, codes)
    group = materials()[question.material].group if question.material else understood.material
    analysis = Analysis(
        organism=question.organism or understood.organism,
        method=question.method or understood.method,
        material=group,
        markers=frozenset() if question.organism else understood.markers,
    )
    if not analysis.known:
        raise QuestionRefused("unknown-analysis")
    return analysis


def look_for_machine(
    client: Client, number: str, purpose: str, person_asks: str, page: str
) -> KnownPerson | None:
    """The person of a number, for a machine that may ask; logged in either case.

    Args:
        number: as `register.read_number` gives it.
        person_asks: whom the machine asks for, as it names them.
        page: key of the page, for the log.

    Raises:
        ClientRefused: ``not-allowed``: the machine may not ask.
        QuestionRefused: ``no-purpose``, ``too-many-looks``.
    """
    client.check_kind(SERVICE)
    allowed = services()[SERVICE].purposes
    if purpose not in allowed:
        raise QuestionRefused("no-purpose", ", ".join(allowed))
    if wait := look_allowances.spend(f"{client.client_id}|{person_asks}"):
        raise QuestionRefused("too-many-looks", str(wait), wait)
    pseudonym = the_register().context.pseudonym
    person = register.find_person(number, pseudonym)
    about = person.pseudonym if person else register.pseudonyms_of(number, pseudonym)[0]
    actor = Actor(client.client_id, client.sender)
    count = 1 if person else 0
    said = f"{WHAT}, {person_asks}"
    audit.record(actor, "view", page, said, count, purpose=purpose_of(purpose), about=about)
    return person


def _authenticate(request: HttpRequest) -> Client | None:
    """The machine that asks; None for somebody who is signed in.

    Raises:
        ClientRefused, QuestionRefused: neither.
    """
    if "Authorization" in request.headers or not request.user.is_authenticated:
        client = authenticate(request)
        client.check_kind(SERVICE)
        return client
    refused = CsrfViewMiddleware(lambda _request: HttpResponse()).process_view(
        request, _checked, (), {}
    )
    if refused is not None:
        raise QuestionRefused("not-from-here")
    return None


def _checked(request: HttpRequest) -> HttpResponse:  # pragma: no cover - only stands for a view
    """A view that Django's check of forms from elsewhere holds for."""
    return HttpResponse()


def _read(body: bytes) -> Question:
    if len(body) > LARGEST:
        raise QuestionRefused("bad-question", f"more than {LARGEST} bytes")
    try:
        return msgspec.json.decode(body, type=Question)
    except msgspec.ValidationError as error:
        # Names fields and types, never what stood in them.
        raise QuestionRefused("bad-question", str(error).replace("`", "")) from None
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise QuestionRefused("bad-question", "no JSON") from None


def _by_machine(question: Question, client: Client) -> KnownPerson | None:
    number = _number(question)
    who = question.on_behalf_of
    if not _PERSON.fullmatch(who) or _IDENTITY.search(who):
        raise QuestionRefused("nobody-asks")
    return look_for_machine(client, number, question.purpose, who, SERVICE)


def _by_user(request: HttpRequest, question: Question) -> KnownPerson | None:
    purposes = [each.key for each in looking.purposes_of(request.user)]
    if question.purpose not in purposes:
        audit.record(request.user, "denied", SERVICE, WHAT)
        raise QuestionRefused("no-purpose", ", ".join(purposes) or "–")
    number = _number(question)
    sent = {"nummer": number, "formal": question.purpose, "grunn": question.reason}
    asked, _faults = looking.read_asked(request.user, sent)
    if asked is None:
        raise QuestionRefused("no-reason", ", ".join(look_reasons()))
    if wait := look_allowances.spend(request.user.get_username()):
        raise QuestionRefused("too-many-looks", str(wait), wait)
    try:
        seen = looking.look(request, SERVICE, WHAT, asked)
    except AccessRefused as error:
        raise QuestionRefused("not-for-role", error.refused.reason("nb")) from None
    return None if seen is Nobody.SEEN else seen.person


def _number(question: Question) -> str:
    read = register.read_number(question.number[: looking.LONGEST])
    if read is None:
        raise QuestionRefused("no-number")
    return read[0]


addresses = [
    path("analyser/tidligere", ask, name="earlier-analyses"),
    path("analyser/openapi.json", earlier_description.show, name="earlier-analyses-description"),
]
