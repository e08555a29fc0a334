"""Vaccinations in FHIR R4 bundles: one for each Immunization.

Structure: HL7 FHIR R4 (4.0.1). The national register has published no profile of it yet, so what is
read is the base resource with Norwegian identifiers.

Choices that the format leaves open:

- `generated` is Immunization.recorded; without it when the resource last changed (meta.lastUpdated),
  last Bundle.timestamp.
- A version number (meta.versionId) above 1 makes it a change; it decides nothing but between versions
  of one instant.
- Who vaccinates is the sender: a performer, unless it is the one who ordered (table 0443, OP).
- Different dose numbers for the diseases of one combined vaccine are no dose number.
- One entered in error is read for its identity alone: what is wrong with it may be why it is withdrawn.
- One that is not done is refused: nothing was given. So is one whose day is only in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from typing import cast

import msgspec

from varde.messages.errors import InvalidContent, MessageError
from varde.messages.fhir.damage import describe_fault
from varde.messages.fhir.moments import read_generated
from varde.messages.fhir.names import Site, codes_of, own_number, sender_among
from varde.messages.fhir.patients import municipality_of, names_someone, read_person
from varde.messages.fhir.references import Held, Store, require_whole
from varde.messages.fhir.resources import (
    NOTHING,
    Address,
    Bundle,
    Immunization,
    Location,
    Performer,
    Protocol,
)
from varde.messages.fhir.words import fhir_words
from varde.messages.kith.names import Sender
from varde.messages.records import Code, Patient, ServiceType, Vaccination
from varde.messages.times import norwegian_day, parse_time
from varde.messages.vaccinations.rules import MAX_DOSE, given_fault, is_somebody

DIGITS = re.compile(r"[0-9]{1,9}")
_ADDRESS = msgspec.json.Decoder(Address)


def read_vaccination(
    held: Held, message_id: str, bundle: Bundle, store: Store, latest: datetime
) -> Vaccination:
    """One Immunization.

    Args:
        held: where it lies in the bundle.
        message_id: of this vaccination; empty when the bundle has none.
        bundle: what was sent.
        store: its resources.
        latest: the latest time that anything in it may bear.

    Raises:
        InvalidContent: the reason says which field is missing, contradictory or out of bounds.
    """
    require_whole(held)
    immunization = cast(Immunization, held.resource)
    if not message_id:
        raise InvalidContent("missing-message-id", "Bundle.identifier")
    service = _read_service(held, immunization)
    sender = read_vaccinator(held, immunization, store)
    report_id = own_number(immunization.identifier, message_id)
    if not report_id:
        raise InvalidContent("missing-report-id", held.at("identifier"))
    times = (
        (immunization.recorded, "recorded"),
        (immunization.meta.last_updated, "meta.lastUpdated"),
    )
    generated = read_generated(held, times, bundle, latest)
    vaccines = codes_of(immunization.vaccine_code)
    if service == "C":
        patient, given = _read_withdrawn(held, immunization, store, sender.identifier, generated)
    else:
        if not vaccines:
            raise InvalidContent("missing-vaccine", held.at("vaccineCode"))
        made_on = norwegian_day(generated)
        place, patient = _read_person(held, immunization, store, sender.identifier, made_on)
        given = _read_given(held, immunization)
        fault = given_fault(given, patient.birth_date, generated, latest)
        if fault is not None:
            born = fault[0] == "born-after-vaccination"
            at = place.at("birthDate") if born else held.at("occurrenceDateTime")
            raise InvalidContent(fault[0], at, fault[1])
    return Vaccination(
        sender=sender.identifier,
        sender_name=sender.name,
        message_id=message_id,
        report_id=report_id,
        service_type=service,
        generated=generated,
        patient=patient,
        vaccines=vaccines,
        given=given,
        dose=_read_dose(held, immunization) if service != "C" else None,
        batch=" ".join(immunization.lot_number.split()),
        programme=_read_programme(immunization),
        given_at=_read_place(held, immunization, store) if service != "C" else "",
    )


def _read_service(held: Held, immunization: Immunization) -> ServiceType:
    written = immunization.status.strip()
    service = fhir_words().immunization_status.get(written)
    if service is None:
        raise InvalidContent("unknown-code", held.at("status"), written)
    if not service:
        raise InvalidContent("not-vaccinated", held.at("status"))
    version = immunization.meta.version_id.strip()
    if service == "N" and DIGITS.fullmatch(version) and int(version) > 1:
        return "M"
    return cast(ServiceType, service)


def read_vaccinator(held: Held, immunization: Immunization, store: Store) -> Sender:
    """The organisation that vaccinated: a performer, else who ordered it, else who sent the bundle.

    Raises:
        InvalidContent: ``missing-sender`` and what `Store.follow` raises.
    """
    sites = list(_actors(held, immunization))
    vaccinators = [site for ordered, site in sites if not ordered]
    return sender_among(held, store, vaccinators, [site for ordered, site in sites if ordered])


def _actors(held: Held, immunization: Immunization) -> Iterator[tuple[bool, Site]]:
    """Everybody who took part, and whether they only ordered it."""
    for number, performer in enumerate(immunization.performer):
        if performer.actor is not None:
            yield _only_ordered(performer), (f"performer[{number}].actor", held, performer.actor)


def _only_ordered(performer: Performer) -> bool:
    codes = {coding.code.strip().upper() for coding in performer.function.coding}
    return bool(codes) and codes <= fhir_words().ordering


def _read_person(
    held: Held, immunization: Immunization, store: Store, sender: str, on: date
) -> tuple[Held, Patient]:
    reference = immunization.patient
    if reference is None or not names_someone(reference):
        raise InvalidContent("missing-patient", held.at("patient"))
    place, patient = read_person(reference, held, "patient", store, sender, on)
    if not is_somebody(patient):
        raise InvalidContent("missing-patient", place.at(""))
    return place, patient


def _read_given(held: Held, immunization: Immunization) -> date:
    written = immunization.occurrence_date_time.strip()
    if not written:
        said = immunization.occurrence_string.strip()
        raise InvalidContent(
            "missing-vaccination-date",
            held.at("occurrenceString" if said else "occurrenceDateTime"),
        )
    moment = parse_time(written)
    if moment is None:
        raise InvalidContent("bad-date", held.at("occurrenceDateTime"), written)
    return norwegian_day(moment)


def _read_withdrawn(
    held: Held, immunization: Immunization, store: Store, sender: str, generated: datetime
) -> tuple[Patient, date]:
    """Person and day of one entered in error, as far as they can be read; else the day it was said."""
    patient, given = Patient(), norwegian_day(generated)
    try:
        given = _read_given(held, immunization)
        patient = _read_person(held, immunization, store, sender, norwegian_day(generated))[1]
    except MessageError:
        pass  # the vaccination does not stand, so nothing in it needs to be right
    return patient, given


def _read_dose(held: Held, immunization: Immunization) -> int | None:
    """The dose number that all protocols agree on; words ("booster") are none."""
    found = {
        number
        for index, protocol in enumerate(immunization.protocol_applied)
        if (number := _dose_of(held, index, protocol)) is not None
    }
    return found.pop() if len(found) == 1 else None


def _dose_of(held: Held, index: int, protocol: Protocol) -> int | None:
    place = held.at(f"protocolApplied[{index}].doseNumberPositiveInt")
    if protocol.dose_number_positive_int != NOTHING:
        written = bytes(protocol.dose_number_positive_int).decode("utf-8")
        if not DIGITS.fullmatch(written):
            raise InvalidContent("bad-field", place, f"{written[:20]} ≠ positiveInt")
    else:
        written = protocol.dose_number_string.strip()
        if not DIGITS.fullmatch(written):
            return None
    if not 1 <= int(written) <= MAX_DOSE:
        raise InvalidContent("bad-field", place, f"{written} ≠ 1–{MAX_DOSE}")
    return int(written)


def _read_programme(immunization: Immunization) -> Code | None:
    """Why it was given: the programme that paid, else the first reason."""
    concepts = (*immunization.program_eligibility, *immunization.reason_code)
    return next((code for concept in concepts for code in codes_of(concept)), None)


def _read_place(held: Held, immunization: Immunization, store: Store) -> str:
    """The municipality of the place; empty when unknown."""
    if immunization.location is None:
        return ""
    found = store.find(immunization.location, held, "location")
    if found is None or not isinstance(found.resource, Location):
        return ""
    return store.once(("place", id(found)), partial(_municipality_of, found, found.resource))


def _municipality_of(found: Held, location: Location) -> str:
    if location.address == NOTHING:
        return ""
    try:
        return municipality_of([_ADDRESS.decode(location.address)])
    except msgspec.ValidationError as error:
        path, detail = describe_fault(error)
        raise InvalidContent("bad-field", found.at(f"address{path}"), detail) from None
