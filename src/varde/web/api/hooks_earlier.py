"""CDS Hooks order-select and order-sign: "this analysis was made N days ago".

These services speak of a person. They answer registered systems alone, which sign each call (`varde.access.clients`); to
anybody else they have no cards, whoever the patient is. No cookie counts. Each call that asks about a person is in the
access log, with the system, the user that it names and the purpose, before anything is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from msgspec import Struct
from msgspec.json import decode

from varde import register
from varde.access.clients import Client, base_address, check_cds_token
from varde.guidelines.cds_hooks import (
    Asked,
    Found,
    HookRequest,
    Records,
    Service,
    escape,
    gather,
    make_plain,
    object_at,
    objects,
    read_request,
    shorten,
    text_at,
)
from varde.messages.records import Code
from varde.register import Analysis, Earlier, find_earlier, understand_each, using
from varde.web.api.earlier_analyses import look_for_machine
from varde.web.api.earlier_answer import Specimen, ago_words, answer_of
from varde.web.registers import the_register

Json = dict[str, Any]

DATA = Path(__file__).with_name("hooks_earlier.json")
PAGE = "cds-hooks"
PURPOSE = "care"
OVER = ("revoked", "completed", "entered-in-error")
KEEPS = (
    "Registeret har det som er funnet, og det som ble lett etter når svaret sier det. Analysen kan være gjort senere uten at "
    "det står her."
)
"""What a card says that the register does not have, to a clinician."""
MOST_ORDERS = 20
"""Orders of one call that are looked into."""


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    withoutFindingDays: int
    searchDays: int
    identifierSystems: frozenset[str]
    usageRequirements: str
    prefetch: dict[str, str]
    services: tuple[Service, ...]


class Order(Struct, frozen=True):
    """A draft of a microbiological analysis.

    Attributes:
        reference: ``ServiceRequest/id``.
        name: as the system writes it.
    """

    reference: str
    name: str
    analysis: Analysis


@cache
def _file() -> _File:
    return decode(DATA.read_bytes(), type=_File)


def own_services() -> dict[str, Service]:
    """The services by their ids."""
    return {one.id: one for one in _file().services}


def discover_own() -> list[Json]:
    """What discovery says of them."""
    return [
        {
            "hook": one.hook,
            "id": one.id,
            "title": one.title,
            "description": one.description,
            "prefetch": dict(_file().prefetch),
            "usageRequirements": _file().usageRequirements,
        }
        for one in _file().services
    ]


def identify(request: HttpRequest) -> Client | None:
    """The system that calls; None when it does not say who it is.

    Raises:
        ClientRefused: it says so, and it is not so.
    """
    scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    address = base_address(request) + request.path
    return check_cds_token(token.strip(), address, timezone.now(), PAGE)


def answer_own(id: str, body: bytes, client: Client | None, origin: str) -> Json:
    """The cards for a call.

    Args:
        client: who calls; None for somebody unknown: no cards.
        origin: scheme and host that the call came to.

    Raises:
        HookRefused: the request breaks a rule.
        ClientRefused: the system may not ask.
    """
    hook = read_request(body, own_services()[id])
    if client is None:
        return {"cards": []}
    records = gather(hook)
    with using("default"):
        orders = list(read_orders(hook, records))[:MOST_ORDERS]
        number = read_patient_number(records, hook.patient)
        if not orders or not number:
            return {"cards": []}
        user = text_at(decode(body).get("context"), "userId")[:40]
        person = look_for_machine(client, number, PURPOSE, user, PAGE)
        if person is None:
            return {"cards": []}
        history, today = register.read_history(person.ids), timezone.localdate()
        found = [(order, find_earlier(history, order.analysis, today)) for order in orders]
        asked = Asked(hook.instance, hook.patient, origin)
        cards = [write_card(asked, order, earlier) for order, earlier in found]
    return {"cards": [card for card in cards if card is not None]}


def read_patient_number(records: Records, patient: str) -> str:
    """The number of the request's patient; empty when it has none that is valid."""
    for found in records.of("Patient"):
        if found.resource.get("id") not in (None, patient):
            continue
        for identifier in objects(found.resource, "identifier"):
            if text_at(identifier, "system") in _file().identifierSystems:
                read = register.read_number(text_at(identifier, "value"))
                if read is not None:
                    return read[0]
    return ""


def read_orders(hook: HookRequest, records: Records) -> Iterator[Order]:
    """The drafts of analyses that say what they look for, one for each organism of a test for several; of order-select the
    selected ones."""
    codes = the_register().context.codes
    for order in records.of("ServiceRequest"):
        resource = order.resource
        reference = f"ServiceRequest/{text_at(resource, 'id')}"
        if not order.path.startswith("context.draftOrders"):
            continue
        if hook.hook == "order-select" and reference not in hook.selections:
            continue
        if resource.get("doNotPerform") is True or text_at(resource, "status") in OVER:
            continue
        names = _names(object_at(resource, "code"))
        if not names:
            continue
        words = next((name.text for name in names if name.text), names[0].code)
        for analysis in understand_each(names, _specimen(order, records), codes):
            if analysis.known:
                yield Order(reference, words, analysis)


def write_card(asked: Asked, order: Order, earlier: Earlier) -> Json | None:
    """The card of an order; None when there is nothing to say to it."""
    answer = answer_of(order.analysis, earlier)
    search = answer.latest if earlier.looked is not None else None
    if search is not None and search.days <= _file().searchDays:
        # One that is on its way need not be sent again; else whether to do so is the clinician's to judge.
        indicator = "warning" if search.answer == "pending" else "info"
        said = search.text
        lines = [
            f"**{escape(order.name)}**",
            "",
            f"{search.taken:%d.%m.%Y}: {escape(search.text)}.",
        ]
        if answer.found is not None:
            lines += ["", _describe(answer.found)]
        if answer.without_finding is not None:
            lines += ["", _describe_without(answer.without_finding)]
    elif answer.found is not None:
        said = f"Denne analysen ble gjort for {ago_words(answer.found.days)}: {_say(answer.found)}"
        rarely = answer.repeat == "rarely-useful"
        lines = [f"**{escape(order.name)}**", "", _describe(answer.found)]
        if answer.why:
            lines += [
                "",
                f"{escape(answer.why)} ({'Sjelden' if rarely else 'Kan være'} nyttig å gjenta nå; kilde: allmenn kunnskap, ikke bekreftet.)",
            ]
        if answer.without_finding is not None:
            lines += ["", _describe_without(answer.without_finding)]
        indicator = "warning" if rarely else "info"
    elif (
        answer.without_finding is not None
        and answer.without_finding.days <= _file().withoutFindingDays
    ):
        taken = answer.without_finding
        what = "svaret er under arbeid" if taken.under_way else "uten funn"
        said = f"Prøve av samme materiale for {ago_words(taken.days)}, {what}. Hva det ble lett etter, er ikke kjent"
        lines = [f"**{escape(order.name)}**", "", _describe_without(taken)]
        indicator = "info"
    else:
        return None
    page = f"{asked.origin}/oppslag/"
    return {
        "uuid": asked.make_id("earlier", order.reference, order.analysis.organism),
        "summary": shorten(make_plain(said)),
        "indicator": indicator,
        "detail": "\n".join([*lines, "", f"_{escape(KEEPS)}_"]),
        "source": {"label": "Varde, tidligere analyser", "url": page},
        "links": [{"label": "Se tidligere funn i Varde", "url": page, "type": "absolute"}],
    }


def _names(concept: Json) -> tuple[Code, ...]:
    words = text_at(concept, "text").strip()
    found = [
        Code(
            system=text_at(coding, "system"),
            code=text_at(coding, "code").strip(),
            text=text_at(coding, "display").strip() or words,
        )
        for coding in objects(concept, "coding")
    ]
    if words and all(one.text != words for one in found):
        found.append(Code(text=words))
    return tuple(one for one in found if one.code or one.text)


def _specimen(order: Found, records: Records) -> tuple[Code, ...]:
    """The material that an order names: of a specimen that came along or that it contains."""
    for reference in objects(order.resource, "specimen"):
        id_ = text_at(reference, "reference")
        contained = [
            one
            for one in objects(order.resource, "contained")
            if id_.startswith("#") and one.get("id") == id_[1:]
        ]
        specimen = contained[0] if contained else records.resolve(reference)
        if specimen is not None:
            return _names(object_at(specimen, "type"))
    return ()


def _say(found: Specimen) -> str:
    if found.organism is None:
        return f"uavklart, se svaret hos laboratoriet ({found.laboratory.name})"
    return f"{found.organism.name} påvist ({found.laboratory.name})"


def _describe(found: Specimen) -> str:
    parts = [f"{found.taken:%d.%m.%Y}: {_say(found)}"]
    if found.material:
        parts.append(f"i {found.material.name}")
    if found.method:
        parts.append(f"ved {found.method.name}")
    if found.preliminary:
        parts.append("(foreløpig svar)")
    text = escape(" ".join(parts)) + "."
    if found.sir:
        text += " " + escape(", ".join(f"{name} {sir}" for name, sir in found.sir.items())) + "."
    return text


def _describe_without(answer: Specimen) -> str:
    place = "av" if answer.under_way else "i"
    material = f" {place} {answer.material.name}" if answer.material else ""
    what = "prøve under arbeid" if answer.under_way else "svar uten funn"
    return escape(
        f"{answer.taken:%d.%m.%Y}: {what}{material} ({answer.laboratory.name}). "
        "Svaret sier ikke hva det ble lett etter."
    )
