"""Bundles and envelopes of administered drugs, as an institution's system sends them by FHI's guide LMDI.

Input: rows of the tables ``administrations`` and ``institutions``. Output: a bundle for each sender and day. Patients have
synthetic national numbers (month of birth + 80) made of their pseudonyms; what reads the bundles gets the same rows back,
but for the patients' pseudonyms and the administrations' numbers.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from varde.codes import daily_dose, municipalities
from varde.messages.lmdi import OwnCertificate, vocabulary

from .persons import number_of

PROFILE = "http://hl7.no/fhir/ig/lmdi/StructureDefinition/lmdi-"
SOURCE = "urn:oid:2.16.578.1.34.10.3"
NUMBERS = "https://syntetisk.example/administrering"
CLASSES = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
FNR = "urn:oid:2.16.578.1.12.4.1.4.1"
ROUTES = {
    "O": ("26643006", "Oral route"),
    "P": ("47625008", "Intravenous route"),
    "R": ("37161004", "Rectal route"),
    "T": ("6064005", "Topical route"),
    "I": ("447694001", "Respiratory tract route"),
}
STAYS = {"nursing-home": ("SS", "short stay"), "home-care": ("HH", "home health")}
UNITS = {"g": ("mg", 1000), "mg": ("mg", 1), "MU": ("[iU]", 10**6), "TU": ("[iU]", 10**3)}
"""Unit of a daily dose → the UCUM code that doses are written in, and how many of it are one."""

SERIALS = 150
"""So many synthetic numbers there are of one birth date and sex."""

Json = dict[str, Any]


class DayBundle(NamedTuple):
    """What one sender sends of one day.

    Attributes:
        sender: its organisation number.
        day: on which the drugs were given.
        content: the bundle, as JSON.
    """

    sender: str
    day: date
    made_at: datetime
    content: bytes


class Person(NamedTuple):
    """A synthetic national number, and the day of birth that it has."""

    number: str
    born: date


def write_day_bundles(
    administrations: pa.Table, institutions: pa.Table, deleted: Collection[str] = ()
) -> Iterator[DayBundle]:
    """The bundles of some administrations: one for each day and sender, which is the municipality of the institution.

    Args:
        administrations, institutions: with the columns of the layouts; each institution's rows over time.
        deleted: numbers of administrations that are sent as recorded in error.
    """
    known: dict[str, list[Json]] = defaultdict(list)
    for row in institutions.to_pylist():
        known[row["institution"]].append(row)
    persons = _number_patients(administrations)
    groups: dict[tuple[date, str], list[Json]] = defaultdict(list)
    for row in administrations.to_pylist():
        here = _at(known, row["institution"], row["given_on"])
        groups[row["given_on"], here["part_of"] or row["institution"]].append(row)
    for day, sender in sorted(groups):
        made_at = datetime.combine(day + timedelta(1), time(4, 30), UTC)
        content = _write(groups[day, sender], known, persons, made_at, sender, frozenset(deleted))
        yield DayBundle(sender, day, made_at, content)


def make_certificate(organisation: str, name: str, since: datetime) -> tuple[OwnCertificate, bytes]:
    """A certificate of an invented organisation that it has signed itself, and the PEM file of certificate and key."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "NO"),
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, name),
            x509.NameAttribute(x509.NameOID.ORGANIZATION_IDENTIFIER, f"NTRNO-{organisation}"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, name),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=730))
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return OwnCertificate.of(pem), pem


def _at(known: Mapping[str, Sequence[Json]], number: str, day: date) -> Json:
    """What holds of an institution on a day."""
    rows = [row for row in known[number] if row["since"] <= day <= (row["until"] or date.max)]
    return max(rows, key=lambda row: row["since"])


def _name(*parts: str) -> str:
    """The same address for the same thing in every bundle."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, '|'.join((NUMBERS, *parts)))}"


def _entry(kind: str, full_url: str, **fields: Any) -> Json:
    resource = {
        "resourceType": kind,
        "id": full_url.removeprefix("urn:uuid:"),
        "meta": {"profile": [PROFILE + kind.lower()]},
    }
    written = {name: value for name, value in fields.items() if value is not None}
    return {
        "fullUrl": full_url,
        "resource": resource | written,
        "request": {"method": "POST", "url": kind},
    }


def _coded(system: str, code: str, display: str = "") -> Json:
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]}


def _write(
    rows: Sequence[Json],
    known: Mapping[str, Sequence[Json]],
    persons: Mapping[str, Person],
    made_at: datetime,
    sender: str,
    deleted: frozenset[str],
) -> bytes:
    entries: dict[str, Json] = {}
    given = []
    for row in rows:
        day = row["given_on"]
        stay = _add_stay(entries, known, row["institution"], day)
        patient = _add_patient(entries, row, persons[row["patient"]])
        drug = _add_drug(entries, row)
        reason = _add_reason(entries, row, patient)
        code, amount = _dose(row, day)
        address = _name("given", row["administration_id"])
        given.append(
            _entry(
                "MedicationAdministration",
                address,
                identifier=[{"system": NUMBERS, "value": row["administration_id"]}],
                status="entered-in-error" if row["administration_id"] in deleted else "completed",
                medicationReference={"reference": drug},
                subject={"reference": patient},
                context={"reference": stay},
                effectiveDateTime=f"{day}T12:00:00+00:00",
                reasonReference=[{"reference": reason}] if reason else None,
                dosage=_dosage(row["route"], code, amount),
            )
        )
    number = hashlib.sha256(f"{sender}|{made_at}".encode()).hexdigest()[:16]
    bundle = {
        "resourceType": "Bundle",
        "meta": {"profile": [PROFILE + "bundle"]},
        "identifier": {"system": SOURCE, "value": number},
        "type": "transaction",
        "timestamp": made_at.isoformat(),
        "entry": [*entries.values(), *given],
    }
    return msgspec.json.encode(bundle)


def _add_stay(
    entries: dict[str, Json], known: Mapping[str, Sequence[Json]], number: str, day: date
) -> str:
    address = _name("stay", number)
    if address not in entries:
        row = _at(known, number, day)
        where = _add_organisation(entries, known, row, day)
        code, display = STAYS.get(row["kind"], ("IMP", "inpatient encounter"))
        entries[address] = _entry(
            "Encounter",
            address,
            status="in-progress",
            serviceProvider={"reference": where},
        )
        kind = {"system": CLASSES, "code": code, "display": display}
        entries[address]["resource"]["class"] = kind
    return address


def _add_organisation(
    entries: dict[str, Json], known: Mapping[str, Sequence[Json]], row: Json, day: date
) -> str:
    address = _name("organisation", row["institution"])
    if address in entries:
        return address
    above = row["part_of"]
    over = _add_organisation(entries, known, _at(known, above, day), day) if above else ""
    systems = vocabulary().systems
    district = municipalities(day)[row["municipality"]].name
    coding = {"system": systems.municipality, "code": row["municipality"], "display": district}
    extension = {"url": systems.municipality_extension, "valueCoding": coding}
    entries[address] = _entry(
        "Organization",
        address,
        identifier=[{"system": systems.organisation, "value": row["institution"]}],
        name=row["name"],
        address=[
            {
                "type": "physical",
                "district": district,
                "_district": {"extension": [extension]},
            }
        ],
        partOf={"reference": over} if over else None,
    )
    return address


def _add_patient(entries: dict[str, Json], row: Json, person: Person) -> str:
    address = _name("patient", row["patient"])
    entries.setdefault(
        address,
        _entry(
            "Patient",
            address,
            identifier=[{"system": FNR, "value": person.number}],
            gender={"F": "female", "M": "male"}.get(row["sex"]),
            birthDate=person.born.isoformat(),
        ),
    )
    return address


def _number_patients(administrations: pa.Table) -> dict[str, Person]:
    """Pseudonym → a synthetic number of somebody of that sex, and of that age in the year of the first row.

    All are born in December, so that the age holds until the next. No two have the same number.
    """
    if not administrations.num_rows:
        return {}
    year = pc.min(administrations["given_on"]).as_py().year
    columns = administrations.select(["patient", "age", "sex"]).to_pylist()
    people = {row["patient"]: (row["age"], row["sex"]) for row in reversed(columns)}
    counted: Counter[tuple[int | None, str | None]] = Counter()
    found = {}
    for pseudonym in sorted(people):
        age, sex = people[pseudonym]
        day, serial = divmod(counted[age, sex], SERIALS)
        counted[age, sex] += 1
        born = date(year - 1 - (80 if age is None else age), 12, 2 + day)
        found[pseudonym] = Person(number_of(born, sex != "M", serial), born)
    return found


def _add_drug(entries: dict[str, Json], row: Json) -> str:
    address = _name("drug", row["atc"])
    systems = vocabulary().systems
    entries.setdefault(
        address,
        _entry(
            "Medication",
            address,
            extension=[
                {
                    "url": systems.classification,
                    "valueCodeableConcept": _coded(systems.atc[0], row["atc"]),
                }
            ],
            code=_coded("http://fh.no/fhir/NamingSystem/lokaltVirkemiddel", row["atc"], row["atc"]),
        ),
    )
    return address


def _add_reason(entries: dict[str, Json], row: Json, patient: str) -> str:
    if not row["reason_code"]:
        return ""
    address = _name("reason", row["patient"], row["reason_system"], row["reason_code"])
    system = next(key for key, name in vocabulary().reasons.items() if name == row["reason_system"])
    entries.setdefault(
        address,
        _entry(
            "Condition",
            address,
            code=_coded(system, row["reason_code"]),
            subject={"reference": patient},
        ),
    )
    return address


def _dose(row: Json, day: date) -> tuple[str, Decimal]:
    """UCUM code and amount; one dose unit where the daily doses are unknown."""
    standard = daily_dose(row["atc"], row["route"], day)
    if standard is None or row["ddd"] is None:
        return "{dose}", Decimal(1)
    code, many = UNITS[standard.unit]
    return code, (row["ddd"] * standard.value * many).normalize()


def _dosage(route: str, code: str, amount: Decimal) -> Json:
    coded = {"route": _coded(SNOMED, *ROUTES[route])} if route in ROUTES else {}
    number = float(amount)
    written = int(number) if number.is_integer() else number
    return coded | {"dose": {"value": written, "unit": code, "system": UCUM, "code": code}}
