"""An invented dose in the two formats that vaccinations come in: a FHIR R4 bundle, a row of a table.

In FHIR a version is an Immunization with the same identifier, a later `recorded` and a higher
`meta.versionId`; in the table it is a row with the same number and a later time.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

from .callings import Calling, call_as_sent

Json = dict[str, Any]

HER = "urn:oid:2.16.578.1.12.4.1.2"
NUMBERS = {"FNR": "urn:oid:2.16.578.1.12.4.1.4.1", "DNR": "urn:oid:2.16.578.1.12.4.1.4.2"}
MUNICIPALITIES = "urn:oid:2.16.578.1.12.4.1.1.3402"
MUNICIPALITY = "http://hl7.no/fhir/StructureDefinition/no-basis-municipalitycode"
SYSVAK = "urn:varde:sysvak"
"""Our own name for the list: the OID that messages name it by is not known here."""

ATC = "http://www.whocc.no/atc"
ROLES = "http://terminology.hl7.org/CodeSystem/v2-0443"
STATUS = {"N": "completed", "M": "completed", "C": "entered-in-error"}
HEADINGS = (
    "Avsender", "Avsendernavn", "Nummer", "Tidspunkt", "Type", "Fødselsnummer", "Fødselsdato", "Kjønn",
    "Bostedskommune", "Vaksinekode", "ATC", "Preparat", "Hendelsetype", "Vaksinasjonsdato", "Dosenummer",
    "Batchnummer", "Program", "Indikasjon", "Vaksinasjonskommune",
)  # fmt: skip


class Site(NamedTuple):
    """An invented place of vaccination."""

    code: str
    name: str
    her: int


@dataclass(frozen=True, slots=True)
class SentVaccination:
    """One version of one dose, as it is sent.

    Attributes:
        version: 1, then 2 for a change or a withdrawal.
        recorded: when this version was made.
        number: national number; empty for a person without one. `kind` is FNR or DNR.
        fault: what is wrong with it; empty for a good one.
    """

    report_id: str
    version: int
    service_type: str
    recorded: datetime
    person: int
    number: str
    kind: str
    sex: str
    born: date
    municipality: str
    sysvak: str
    atc: str
    product: str
    given: date
    dose: int | None
    batch: str
    programme: str
    indication: str
    fault: str = ""


def write_table(site: Site, sent: Sequence[SentVaccination]) -> bytes:
    """The rows of one place, as spreadsheets in Norway write them: semicolons, days as 05.01.2026."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for v in sent:
        writer.writerow((
            f"HER:{site.her}", site.name, v.report_id, v.recorded.isoformat(), v.service_type, v.number,
            f"{v.born:%d.%m.%Y}", "K" if v.sex == "F" else "M", v.municipality.lstrip("0"), v.sysvak, v.atc,
            v.product, "ikke vaksinert" if v.fault == "not-vaccinated" else "V", f"{v.given:%d.%m.%Y}",
            "" if v.dose is None else v.dose, v.batch, v.programme, v.indication, v.municipality,
        ))  # fmt: skip
    return text.getvalue().encode("utf-8")


def write_bundle(site: Site, number: int, sent: Sequence[SentVaccination]) -> bytes:
    """A transaction with these versions; persons and municipalities that several share stand once."""
    entries = [_entry("Organization", f"{site.her}", _organization(site))]
    for municipality in sorted({v.municipality for v in sent}):
        entries.append(_entry("Location", municipality, _location(municipality)))
    seen: set[str] = set()
    for v in sent:
        if _person_key(v) not in seen:
            seen.add(_person_key(v))
            entries.append(_entry("Patient", _person_key(v), _patient(site, v)))
        own = f"{v.report_id}/{v.version}"
        entries.append(_entry("Immunization", own, _immunization(site, v)))
    bundle = {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:varde:syntetisk", "value": f"{site.code}-{number:06}"},
        "type": "transaction",
        "timestamp": sent[-1].recorded.isoformat(),
        "entry": entries,
    }
    return json.dumps(bundle, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _address(kind: str, own: str) -> str:
    """The same address for the same thing, whenever it is written."""
    digest = blake2b(f"{kind}/{own}".encode(), digest_size=16).digest()
    return f"urn:uuid:{UUID(bytes=digest, version=4)}"


def _entry(kind: str, own: str, resource: Json) -> Json:
    filled = {key: value for key, value in resource.items() if value not in (None, "", [], {})}
    return {
        "fullUrl": _address(kind, own),
        "resource": {"resourceType": kind, **filled},
        "request": {"method": "POST", "url": kind},
    }


def _person_key(v: SentVaccination) -> str:
    """A person as sent: a faulty version tells another number or sex."""
    return f"{v.person}/{v.number}/{v.sex}"


def _organization(site: Site) -> Json:
    return {"identifier": [{"system": HER, "value": f"{site.her}"}], "name": site.name}


def _municipality(number: str) -> Json:
    coded = {"url": MUNICIPALITY, "valueCoding": {"system": MUNICIPALITIES, "code": number}}
    return {"_district": {"extension": [coded]}}


def _location(municipality: str) -> Json:
    return {
        "name": "Syntetisk helsestasjon",
        "address": {"use": "work", "country": "NO"} | _municipality(municipality),
    }


def _patient(site: Site, v: SentVaccination) -> Json:
    calling = call_as_sent(site.code, v.person, v.sex, v.born, v.municipality, bool(v.number))
    return {
        "identifier": [{"system": NUMBERS[v.kind], "value": v.number}] if v.number else [],
        "name": [{"use": "official", "family": calling.family, "given": [calling.given]}],
        "telecom": [{"system": "phone", "value": calling.phone, "use": "mobile"}]
        if calling.phone
        else [],
        "gender": "female" if v.sex == "F" else "male",
        "birthDate": v.born.isoformat(),
        "address": [
            {"use": "home", "country": "NO"} | _street(calling) | _municipality(v.municipality)
        ],
    }


def _street(calling: Calling) -> Json:
    if not calling.street:
        return {}
    return {"line": [calling.street], "city": calling.city, "postalCode": calling.postal_code}


def _immunization(site: Site, v: SentVaccination) -> Json:
    coding = [
        {"system": system, "code": code}
        for system, code in ((SYSVAK, v.sysvak), (ATC, v.atc))
        if code
    ]
    vaccine = {"coding": coding, "text": v.product}
    concept = {key: value for key, value in vaccine.items() if value}
    performer = {
        "function": {"coding": [{"system": ROLES, "code": "AP"}]},
        "actor": {"reference": _address("Organization", f"{site.her}")},
    }
    return {
        "meta": {"versionId": f"{v.version}"},
        "identifier": [{"system": "urn:varde:syntetisk:dose", "value": v.report_id}],
        "status": "not-done" if v.fault == "not-vaccinated" else STATUS[v.service_type],
        # FHIR asks for a vaccine always; one that nobody names is said to be absent.
        "vaccineCode": concept or _absent(),
        "patient": {"reference": _address("Patient", _person_key(v))},
        "occurrenceDateTime": v.given.isoformat(),
        "recorded": v.recorded.isoformat(),
        "primarySource": True,
        "location": {"reference": _address("Location", v.municipality)},
        "lotNumber": v.batch,
        "performer": [performer],
        "reasonCode": [{"text": v.indication}] if v.indication else [],
        "programEligibility": [{"text": v.programme}] if v.programme else [],
        "protocolApplied": [{"doseNumberPositiveInt": v.dose}] if v.dose is not None else [],
    }


def _absent() -> Json:
    reason = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    return {"extension": [{"url": reason, "valueCode": "unknown"}]}
