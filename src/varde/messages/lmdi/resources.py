"""The part of the guide's resources that is read, as typed immutable objects; all other fields are passed over.

Source: FHI, LMDI 1.1.2; HL7 FHIR R4 (4.0.1). Numbers stay as the text that was sent.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

from varde.messages.fhir.resources import (
    NOTHING,
    Address,
    CodeableConcept,
    Coding,
    Element,
    Extension,
    Identifier,
    Reference,
)


class Meta(Element, frozen=True, kw_only=True):
    """Which profiles a resource says that it follows."""

    profile: tuple[str, ...] = ()


class Resource(Element, frozen=True, kw_only=True, tag_field="resourceType"):
    """Anything that has a life of its own in a bundle."""

    id: str = ""
    meta: Meta = Meta()
    identifier: tuple[Identifier, ...] = ()
    contained: tuple[Raw, ...] = ()


class Patient(Resource, frozen=True, kw_only=True, tag=True):
    """Who got it."""

    gender: str = ""
    birth_date: str = ""


class Practitioner(Resource, frozen=True, kw_only=True, tag=True):
    """Who ordered it. Not read."""


class Organization(Resource, frozen=True, kw_only=True, tag=True):
    """A ward, an institution, a municipality."""

    name: str = ""
    address: tuple[Address, ...] = ()
    part_of: Reference | None = None


class Encounter(Resource, frozen=True, kw_only=True, tag=True):
    """The stay during which it was given."""

    status: str = ""
    kind: Coding = msgspec.field(default=Coding(), name="class")
    service_provider: Reference | None = None


class Ingredient(Element, frozen=True, kw_only=True):
    """A substance in a drug."""

    item_codeable_concept: CodeableConcept | None = None
    item_reference: Reference | None = None


class Medication(Resource, frozen=True, kw_only=True, tag=True):
    """A drug."""

    extension: tuple[Extension, ...] = ()
    code: CodeableConcept = CodeableConcept()
    form: CodeableConcept = CodeableConcept()
    ingredient: tuple[Ingredient, ...] = ()


class Substance(Resource, frozen=True, kw_only=True, tag=True):
    """What a drug is made of."""

    code: CodeableConcept = CodeableConcept()


class Condition(Resource, frozen=True, kw_only=True, tag=True):
    """What it was given for."""

    code: CodeableConcept | None = None


class MedicationRequest(Resource, frozen=True, kw_only=True, tag=True):
    """The order. Not read."""


class Quantity(Element, frozen=True, kw_only=True):
    """An amount; the value is the JSON text of the number."""

    value: Raw = NOTHING
    unit: str = ""
    system: str = ""
    code: str = ""


class Dosage(Element, frozen=True, kw_only=True):
    """How much, and by which way."""

    route: CodeableConcept | None = None
    dose: Quantity | None = None


class Period(Element, frozen=True, kw_only=True):
    """A span of time."""

    start: str = ""
    end: str = ""


class MedicationAdministration(Resource, frozen=True, kw_only=True, tag=True):
    """One drug given to one patient."""

    status: str = ""
    medication_reference: Reference | None = None
    subject: Reference | None = None
    context: Reference | None = None
    effective_date_time: str = ""
    effective_period: Period | None = None
    reason_reference: tuple[Reference, ...] = ()
    dosage: Dosage | None = None


AnyResource = (
    Patient
    | Practitioner
    | Organization
    | Encounter
    | Medication
    | Substance
    | Condition
    | MedicationRequest
    | MedicationAdministration
)


class Request(Element, frozen=True, kw_only=True):
    """What is to be done with an entry."""

    method: str = ""
    url: str = ""


class RequestedEntry(Element, frozen=True, kw_only=True):
    """The part of an entry that says so."""

    request: Request | None = None


class Outer(Element, frozen=True, kw_only=True):
    """The fields of a bundle that the profile has something to say of, beside those that every bundle has."""

    entry: tuple[Raw, ...] = ()
    total: Raw = NOTHING
    link: Raw = NOTHING
