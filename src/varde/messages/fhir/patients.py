"""Whom a FHIR answer or vaccination is about: identifier, sex, birth date, municipality."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import cast

from varde.messages.errors import InvalidContent
from varde.messages.fhir.descriptions import issuer_of, kind_of, read_described
from varde.messages.fhir.references import Held, Store
from varde.messages.fhir.resources import (
    Address,
    DiagnosticReport,
    Extension,
    Identifier,
    Patient,
    Reference,
)
from varde.messages.fhir.words import as_oid, fhir_words
from varde.messages.identifiers import NO_IDENTITY, Identity, identify
from varde.messages.records import Patient as PatientRecord
from varde.messages.records import PersonId, Sex, Specimen
from varde.messages.times import norwegian_day

ORDER = ("FNR", "DNR", "FHN", "DUF", "HNR", "LOCAL")
"""Which identifier of a patient counts: one that holds everywhere before one of a single place."""

NOT_PERSONS = frozenset({"Group", "Device", "Location", "Substance"})


def read_patient(
    held: Held,
    report: DiagnosticReport,
    store: Store,
    sender: str,
    specimens: Sequence[Specimen],
    on: date,
) -> PatientRecord:
    """The patient of a report.

    Args:
        held: where the report lies.
        report: the report; without subject the patient is empty.
        store: the bundle.
        sender: who gives out numbers that name no other issuer.
        specimens: what was taken; nobody is born after it.
        on: the day it was said.

    Raises:
        InvalidContent: ``not-human``, ``dangling-reference``, ``invalid-identity-number``,
            ``several-patients``, ``bad-date``, ``contradictory-birth-date``,
            ``contradictory-sex``, ``born-after-collected`` and what `Store.follow` raises.
    """
    if report.subject is None or _says_nothing(report.subject):
        return PatientRecord()
    found, patient = read_person(report.subject, held, "subject", store, sender, on)
    for specimen in specimens:
        if patient.birth_date and norwegian_day(specimen.collected) < patient.birth_date:
            raise InvalidContent("born-after-collected", found.at("birthDate"))
    return patient


def read_person(
    reference: Reference, held: Held, path: str, store: Store, sender: str, on: date
) -> tuple[Held, PatientRecord]:
    """The person that a reference means, and where that is said.

    Args:
        reference: the reference, in the field `path` of `held`.
        held: the resource that it stands in.
        path: the field that it stands in, for the place of an error.
        store: the bundle.
        sender: who gives out numbers that name no other issuer.
        on: the day it was said.

    Raises:
        InvalidContent: as `read_patient`, but for ``born-after-collected``.
    """
    found, patient = _find_patient(reference, held, path, store)
    if found is held:
        return found, _read_details(found, patient, sender, on)
    return found, store.once(
        ("person", id(found), sender, on), lambda: _read_details(found, patient, sender, on)
    )


def _read_details(found: Held, patient: Patient, sender: str, on: date) -> PatientRecord:
    extensions = patient.extension
    if extensions and any(each.url in fhir_words().animal for each in extensions):
        raise InvalidContent("not-human", found.at("extension"))
    sex = cast(Sex, fhir_words().sex.get(patient.gender.strip().lower(), ""))
    birth_date = _read_birth_date(found, patient.birth_date.strip())
    identifier, known = _read_identity(patient.identifier, sender, found, on)
    if known.contradicts(birth_date):
        raise InvalidContent("contradictory-birth-date", found.at("birthDate"))
    if sex and known.sex and sex != known.sex:
        raise InvalidContent("contradictory-sex", found.at("gender"))
    return PatientRecord(
        identifier=identifier,
        sex=sex or known.sex,
        birth_date=birth_date or known.birth_date,
        municipality=municipality_of(patient.address),
        described=read_described(patient, identifier, sender, birth_date or known.birth_date, on),
    )


def has_subject(report: DiagnosticReport) -> bool:
    """Whether a report says at all whom it is about."""
    return names_someone(report.subject)


def names_someone(reference: Reference | None) -> bool:
    """Whether a reference to a person says at all who is meant."""
    return reference is not None and not _says_nothing(reference)


def is_same_subject(
    one: Reference, other: Reference, held: Held, source: Held, store: Store
) -> bool:
    """Whether the subject of a report (in `held`) and of a result (in `source`) are one patient."""
    if one.reference and one.reference == other.reference and not one.reference.startswith("#"):
        return True
    if _says_nothing(other):
        return True
    first, second = store.find(one, held, "subject"), store.find(other, source, "subject")
    if first is not None and second is not None:
        return first is second or _numbers(first.resource) & _numbers(second.resource) != set()
    if first is None and second is None and one.identifier and other.identifier:
        return _key(one.identifier) == _key(other.identifier)
    known = first or second
    alone = other.identifier if second is None else one.identifier
    return known is not None and alone is not None and _key(alone) in _numbers(known.resource)


def _says_nothing(reference: Reference) -> bool:
    named = reference.identifier is not None and reference.identifier.value.strip()
    return not reference.reference.strip() and not named


def _key(identifier: Identifier) -> tuple[str, str]:
    return as_oid(identifier.system), "".join(identifier.value.split())


def _numbers(resource: object) -> set[tuple[str, str]]:
    if not isinstance(resource, Patient):
        return set()
    return {_key(identifier) for identifier in resource.identifier if identifier.value.strip()}


def _find_patient(
    reference: Reference, held: Held, path: str, store: Store
) -> tuple[Held, Patient]:
    """The patient, from the bundle or from a logical identifier."""
    target = store.find(reference, held, path)
    kind = target.kind if target else reference.type or reference.reference.partition("/")[0]
    if kind in NOT_PERSONS:
        raise InvalidContent("not-human", held.at(path), kind)
    if target is None:
        if reference.identifier is not None and reference.identifier.value.strip():
            return held, Patient(identifier=(reference.identifier,))
        raise InvalidContent("dangling-reference", held.at(path), reference.reference)
    store.follow(reference, held, path, Patient)
    return target, cast(Patient, target.resource)


def _read_birth_date(held: Held, written: str) -> date | None:
    """The day; None when only a year or a month is known, which FHIR allows."""
    if not written or (len(written) in (4, 7) and written.replace("-", "").isdigit()):
        return None
    try:
        return date.fromisoformat(written[:10])
    except ValueError:
        raise InvalidContent("bad-date", held.at("birthDate"), written) from None


def _read_identity(
    identifiers: Sequence[Identifier], sender: str, held: Held, on: date
) -> tuple[PersonId | None, Identity]:
    """The identifier that counts, and what it says of itself."""
    counting = _find_counting(identifiers, held)
    if counting is None:
        return None, NO_IDENTITY
    kind, value, system = counting
    identity = identify(kind, value, on)
    if not identity.valid:
        raise InvalidContent("invalid-identity-number", held.at("identifier"), f"• × {len(value)}")
    issuer = issuer_of(sender, system) if identity.kind in ("LOCAL", "HNR") else ""
    person = PersonId(kind=identity.kind, value=value, issuer=issuer)
    return person, identity


def _find_counting(identifiers: Sequence[Identifier], held: Held) -> tuple[str, str, str] | None:
    """Kind, value and system of the identifier that counts; None when there is none."""
    if len(identifiers) == 1:
        # As most patients have it: nothing need be compared.
        only = identifiers[0]
        value = "".join(only.value.split())
        return (kind_of(only), value, as_oid(only.system)) if value and only.use != "old" else None
    found: dict[str, set[str]] = {}
    systems: dict[str, str] = {}
    for identifier in identifiers:
        value = "".join(identifier.value.split())
        if value and identifier.use != "old":
            kind = kind_of(identifier)
            if kind != "LOCAL" or kind not in found:
                found.setdefault(kind, set()).add(value)
                systems.setdefault(kind, as_oid(identifier.system))
    kind = next((kind for kind in ORDER if kind in found), "")
    if not kind:
        return None
    if len(found[kind]) > 1:
        raise InvalidContent("several-patients", held.at("identifier"), kind)
    return kind, found[kind].pop(), systems[kind]


def municipality_of(addresses: Sequence[Address]) -> str:
    """Kommunenummer of the first address that says one, from the extension of the base profile or written as district."""
    if len(addresses) > 1:
        addresses = sorted(
            addresses, key=lambda address: (address.use == "old", address.use != "home")
        )
    for address in addresses:
        coded = _municipality_codes((*address.district_element.extension, *address.extension))
        for number in (*coded, address.district.strip()):
            if len(number) == 4 and number.isascii() and number.isdigit():
                return number
    return ""


def _municipality_codes(extensions: Iterable[Extension]) -> Iterable[str]:
    for extension in extensions:
        if extension.url.rpartition("/")[2] in fhir_words().municipality:
            concept = extension.value_codeable_concept
            codings = concept.coding if concept is not None else ()
            own = (extension.value_coding,) if extension.value_coding is not None else ()
            for coding in (*own, *codings):
                yield coding.code.strip()
