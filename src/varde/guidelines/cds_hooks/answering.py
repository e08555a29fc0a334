"""From a request to its cards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from varde.guidelines.advice.advising import advise
from varde.guidelines.advice.allergies import unread_allergies
from varde.guidelines.advice.drugs import Formulary
from varde.guidelines.advice.orders import check_order
from varde.guidelines.advice.patients import Patient
from varde.guidelines.cds_hooks.cards import write_advice, write_check
from varde.guidelines.cds_hooks.drafts import DraftOrder, read_drafts
from varde.guidelines.cds_hooks.errors import Fault, InvalidRequest
from varde.guidelines.cds_hooks.reading import read_diagnoses, read_patient
from varde.guidelines.cds_hooks.records import Records, gather
from varde.guidelines.cds_hooks.requests import HookRequest, read_request
from varde.guidelines.cds_hooks.services import service
from varde.guidelines.cds_hooks.suggestions import Asked
from varde.guidelines.publication import Publication

Json = dict[str, Any]


def answer(service_id: str, body: bytes, publication: Publication, day: date, origin: str) -> Json:
    """The cards for a request.

    A request without medication orders to a service about orders has nothing to advise on: no cards.

    Args:
        publication: the guideline of the day.
        day: the day in Norway: ages, and how old a record is, are counted to it.
        origin: scheme and host that the request came to, without slash at the end.

    Raises:
        UnknownService, InvalidRequest, PrefetchMissing.
    """
    request = read_request(body, service(service_id))
    records = gather(request)
    asked = Asked(request.instance, request.patient, origin)
    if request.hook == "patient-view":
        return {"cards": list(_advise(request, records, publication, day, asked))}
    orders = read_drafts(request, records)
    if not orders:
        return {"cards": []}
    return {"cards": list(_check(request, records, publication, day, asked, orders))}


def _advise(
    request: HookRequest, records: Records, publication: Publication, day: date, asked: Asked
) -> Iterator[Json]:
    patient = _recognise(request, records, publication, day)
    notes = (*_quote_unread(patient, publication), *patient.unused)
    for advice in advise(publication, patient, read_diagnoses(records, day)):
        yield write_advice(asked, publication, advice, notes)


def _recognise(
    request: HookRequest, records: Records, publication: Publication, day: date
) -> Patient:
    """The patient, with what the guideline itself can say about the codes and words of allergies."""
    formulary = Formulary(publication.edition, publication.terminology)
    return formulary.recognise(read_patient(records, request.patient, day))


def _quote_unread(patient: Patient, publication: Publication) -> tuple[str, ...]:
    names = unread_allergies(patient, publication.terminology)
    return tuple(f"Allergi som ikke kan tolkes: «{name}»" for name in names)


def _check(
    request: HookRequest,
    records: Records,
    publication: Publication,
    day: date,
    asked: Asked,
    orders: tuple[DraftOrder, ...],
) -> Iterator[Json]:
    patient = _recognise(request, records, publication, day)
    unread = unread_allergies(patient, publication.terminology)
    notes = (*_quote_unread(patient, publication), *patient.unused)
    fresh = read_diagnoses(records, day)
    for order in orders:
        advices = advise(publication, patient, order.reasons or fresh)
        check = check_order(publication, patient, order.draft, advices)
        card = write_check(asked, publication, check, order.reference, notes, unread)
        if card is not None:
            yield card


def accept_feedback(service_id: str, body: bytes) -> None:
    """Check that feedback has the shape of it; nothing of it is kept.

    Raises:
        UnknownService, InvalidRequest.
    """
    service(service_id)
    try:
        feedback = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidRequest([Fault("$", "er ikke gyldig JSON i UTF-8")]) from None
    if not isinstance(feedback, dict) or not isinstance(feedback.get("feedback"), list):
        raise InvalidRequest([Fault("feedback", "mangler, eller er ikke en liste")])


def encode_answer(value: Json) -> bytes:
    """The JSON of an answer, problem or discovery: decimals with exactly the digits that they have."""
    return msgspec.json.Encoder(decimal_format="number").encode(value)
