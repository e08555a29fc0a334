"""Writes vaccinations for the tests, as FHIR and as rows of the table. All persons are invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from messages import fhir_builder as fhir
from messages.fhir_builder import Json, clean, concept
from messages.numbers import some_number

SYSVAK = "SYSVAK"
ATC = "http://www.whocc.no/atc"
CVX = "http://hl7.org/fhir/sid/cvx"
HER = fhir.HER
ROLES = "http://terminology.hl7.org/CodeSystem/v2-0443"

HEADER = (
    "Avsender;Avsendernavn;Nummer;Melding_id;Tidspunkt;Type;Fødselsnummer;Fødselsdato;Kjønn;Bostedskommune;"
    "Vaksinekode;ATC;Preparat;Hendelsetype;Vaksinasjonsdato;Dosenummer;Batchnummer;Program;Indikasjon;"
    "Vaksinasjonskommune"
)


@dataclass(frozen=True)
class Given:
    """One vaccination in no format's words. Days are ISO; `kind` is N, M or C."""

    message_id: str = "M1"
    report_id: str = "V1"
    kind: str = "N"
    generated: str = "2026-01-07T12:00:00+01:00"
    her: str = "91843"
    number: str | None = some_number()
    born: str = ""
    sex: str = ""
    home: str = ""
    code: str = "MMR52"
    atc: str = "J07BD52"
    product: str = "Priorix"
    given: str = "2026-01-05"
    dose: int | None = 1
    batch: str = "A12"
    programme: str = "Barnevaksinasjonsprogrammet"
    indication: str = ""
    place: str = "4601"
    extra: dict[str, Any] = field(default_factory=dict)


def address(municipality: str) -> Json | None:
    if not municipality:
        return None
    coded = fhir.coding(fhir.kith.OID + "3402", municipality)
    return {"_district": {"extension": [{"url": fhir.MUNICIPALITY, "valueCoding": coded}]}}


def immunization(**more: Any) -> Json:
    """A small Immunization with these fields; None takes one away."""
    fields: Json = {
        "id": "imm",
        "identifier": [{"system": "urn:site:dose", "value": "V1"}],
        "status": "completed",
        "vaccineCode": concept((SYSVAK, "MMR52", ""), text="Priorix"),
        "patient": {"reference": "Patient/pat"},
        "occurrenceDateTime": "2026-01-05",
        "recorded": "2026-01-07T12:00:00+01:00",
        "performer": [{"actor": {"reference": "Organization/org"}}],
    } | more
    return clean(resourceType="Immunization", **fields)


def location(municipality: str = "4601", **more: Any) -> Json:
    fields: Json = {"id": "loc", "name": "Helsestasjon", "address": address(municipality)} | more
    return clean(resourceType="Location", **fields)


def simple(*others: Json, **more: Any) -> Json:
    """A bundle with one Immunization, its patient and its place of vaccination."""
    person = fhir.patient(some_number(), gender="female")
    return fhir.bundle(immunization(**more), person, fhir.organization(), *others)


def as_bundle(given: Given, kind: str = "transaction", names: str = "relative") -> Json:
    """The vaccination as a bundle of that type, its resources named in that way (see `fhir.rename`)."""
    home = address(given.home)
    person = fhir.patient(
        given.number,
        gender={"F": "female", "M": "male"}.get(given.sex, ""),
        birthDate=given.born,
        address=[home | {"use": "home"}] if home else None,
    )
    codes = [(s, c, "") for s, c in ((SYSVAK, given.code), (ATC, given.atc)) if c]
    made = immunization(
        meta={"versionId": "2"} if given.kind == "M" else None,
        identifier=[{"value": given.report_id}],
        status="entered-in-error" if given.kind == "C" else "completed",
        vaccineCode=concept(*codes, text=given.product),
        occurrenceDateTime=given.given,
        recorded=given.generated,
        location=fhir.ref("Location/loc") if given.place else None,
        lotNumber=given.batch,
        programEligibility=[{"text": given.programme}] if given.programme else None,
        reasonCode=[{"text": given.indication}] if given.indication else None,
        protocolApplied=[{"doseNumberPositiveInt": given.dose}] if given.dose else None,
        **given.extra,
    )
    places = [location(given.place)] if given.place else []
    unit = fhir.organization(given.her, name="")
    whole = fhir.bundle(
        made, person, unit, *places, type=kind, identifier={"value": given.message_id}
    )
    return fhir.rename(whole, names)


def as_fhir(given: Given, kind: str = "transaction", names: str = "relative") -> bytes:
    return fhir.write(as_bundle(given, kind, names))


def cells(given: Given) -> list[str]:
    """The vaccination as the cells of a row below `HEADER`."""
    return [
        f"HER:{given.her}", "", given.report_id, given.message_id, given.generated, given.kind,
        given.number or "", given.born, given.sex, given.home, given.code, given.atc, given.product, "",
        given.given, "" if given.dose is None else str(given.dose), given.batch, given.programme,
        given.indication, given.place,
    ]  # fmt: skip


def rows(*lines: str, header: str = HEADER) -> bytes:
    return (header + "\n" + "\n".join(lines) + "\n").encode()


def as_table(*all_given: Given) -> bytes:
    return rows(*(";".join(cells(given)) for given in all_given))


def row(**more: str) -> str:
    """The usual row with these cells, by heading, instead of its own."""
    values = dict(zip(HEADER.split(";"), cells(Given()), strict=True)) | more
    return ";".join(values.values())
