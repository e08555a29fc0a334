"""The part of FHIR R4 that answers and vaccinations are read from, as typed immutable objects.

A closed profile: these fields are decoded and their types checked, all others are passed over.
Source: HL7 FHIR R4 (4.0.1). Names are FHIR's own in Python's spelling. Numbers stay as the text that
was sent (`Quantity.value`), because a binary fraction loses the last zero of 0.250.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

NOTHING = Raw()


class Element(msgspec.Struct, frozen=True, kw_only=True, gc=False, rename="camel"):
    """Base of all parts of a resource."""


class Coding(Element, frozen=True, kw_only=True):
    """A code of a code system, with its display text."""

    system: str = ""
    code: str = ""
    display: str = ""


class CodeableConcept(Element, frozen=True, kw_only=True):
    """One meaning in several codings and in words."""

    coding: tuple[Coding, ...] = ()
    text: str = ""


class Identifier(Element, frozen=True, kw_only=True):
    """A number that someone has given out."""

    use: str = ""
    type: CodeableConcept = CodeableConcept()
    system: str = ""
    value: str = ""


class Reference(Element, frozen=True, kw_only=True):
    """A link to another resource: by address, by identifier, or by both."""

    reference: str = ""
    type: str = ""
    identifier: Identifier | None = None
    display: str = ""


class Quantity(Element, frozen=True, kw_only=True):
    """A measured amount; the value is the JSON text of the number."""

    value: Raw = NOTHING
    comparator: str = ""
    unit: str = ""
    code: str = ""


class Period(Element, frozen=True, kw_only=True):
    """A span of time; only its start is used."""

    start: str = ""


class Extension(Element, frozen=True, kw_only=True):
    """What a profile adds; only coded values are read."""

    url: str = ""
    value_coding: Coding | None = None
    value_codeable_concept: CodeableConcept | None = None


class Extended(Element, frozen=True, kw_only=True):
    """What a profile adds to a plain text (``_district``)."""

    extension: tuple[Extension, ...] = ()


class Address(Element, frozen=True, kw_only=True):
    """Where someone lives. What is only kept to tell persons apart is decoded for itself."""

    use: str = ""
    district: str = ""
    district_element: Extended = msgspec.field(default=Extended(), name="_district")
    extension: tuple[Extension, ...] = ()
    line: Raw = NOTHING
    city: Raw = NOTHING
    postal_code: Raw = NOTHING
    country: Raw = NOTHING


class HumanName(Element, frozen=True, kw_only=True):
    """What someone is called."""

    use: str = ""
    text: str = ""
    family: str = ""
    given: tuple[str | None, ...] = ()


class ContactPoint(Element, frozen=True, kw_only=True):
    """How someone is reached."""

    system: str = ""
    value: str = ""
    use: str = ""


class Meta(Element, frozen=True, kw_only=True):
    """What a server says of a resource."""

    last_updated: str = ""


class VersionedMeta(Meta, frozen=True, kw_only=True):
    """The same of a resource whose version number is read too."""

    version_id: str = ""


class Valued(Element, frozen=True, kw_only=True):
    """A code with a value of one of many types: an Observation, or a component of one."""

    code: CodeableConcept = CodeableConcept()
    interpretation: tuple[CodeableConcept, ...] = ()
    value_quantity: Quantity | None = None
    value_codeable_concept: CodeableConcept | None = None
    value_string: str | None = None
    value_boolean: Raw = NOTHING
    value_integer: Raw = NOTHING
    value_range: Raw = NOTHING
    value_ratio: Raw = NOTHING
    value_sampled_data: Raw = NOTHING
    value_time: Raw = NOTHING
    value_date_time: Raw = NOTHING
    value_period: Raw = NOTHING


class Resource(Element, frozen=True, kw_only=True, tag_field="resourceType", tag=True):
    """Base of the resources (but of Observation, which has a value); the tag is the class's name."""

    id: str = ""
    meta: Meta = Meta()
    contained: tuple[Raw, ...] = ()


class DiagnosticReport(Resource, frozen=True, kw_only=True, tag=True):
    """One answer."""

    identifier: tuple[Identifier, ...] = ()
    based_on: tuple[Reference, ...] = ()
    status: str = ""
    category: tuple[CodeableConcept, ...] = ()
    code: CodeableConcept = CodeableConcept()
    subject: Reference | None = None
    encounter: Reference | None = None
    effective_date_time: str = ""
    effective_period: Period = Period()
    issued: str = ""
    performer: tuple[Reference, ...] = ()
    specimen: tuple[Reference, ...] = ()
    result: tuple[Reference, ...] = ()
    conclusion: str = ""
    conclusion_code: tuple[CodeableConcept, ...] = ()
    extension: tuple[Extension, ...] = ()


class Observation(Valued, frozen=True, kw_only=True, tag_field="resourceType", tag=True):
    """One result: a culture, an organism, a susceptibility, a group of others."""

    id: str = ""
    meta: Meta = Meta()
    contained: tuple[Raw, ...] = ()
    status: str = ""
    subject: Reference | None = None
    specimen: Reference | None = None
    method: CodeableConcept | None = None
    has_member: tuple[Reference, ...] = ()
    derived_from: tuple[Reference, ...] = ()
    component: tuple[Valued, ...] = ()


class Collection(Element, frozen=True, kw_only=True):
    """How a specimen was taken."""

    collected_date_time: str = ""
    collected_period: Period = Period()


class Specimen(Resource, frozen=True, kw_only=True, tag=True):
    """What was taken."""

    identifier: tuple[Identifier, ...] = ()
    accession_identifier: Identifier | None = None
    type: CodeableConcept = CodeableConcept()
    parent: tuple[Reference, ...] = ()
    collection: Collection = Collection()


class Patient(Resource, frozen=True, kw_only=True, tag=True):
    """Of whom it was taken.

    What is only kept to tell persons apart is decoded for itself: a fault in it spoils nothing else.
    """

    identifier: tuple[Identifier, ...] = ()
    gender: str = ""
    birth_date: str = ""
    address: tuple[Address, ...] = ()
    extension: tuple[Extension, ...] = ()
    name: Raw = NOTHING
    telecom: Raw = NOTHING
    multiple_birth_boolean: Raw = NOTHING
    multiple_birth_integer: Raw = NOTHING
    deceased_date_time: Raw = NOTHING
    deceased_boolean: Raw = NOTHING


class Performer(Element, frozen=True, kw_only=True):
    """Who took part in a vaccination, and as what."""

    function: CodeableConcept = CodeableConcept()
    actor: Reference | None = None


class Protocol(Element, frozen=True, kw_only=True):
    """Which dose of which series it was; the number is the JSON text of it."""

    dose_number_positive_int: Raw = NOTHING
    dose_number_string: str = ""


class Immunization(Resource, frozen=True, kw_only=True, tag=True):
    """One vaccination, or one that was not done."""

    meta: VersionedMeta = VersionedMeta()
    identifier: tuple[Identifier, ...] = ()
    status: str = ""
    vaccine_code: CodeableConcept = CodeableConcept()
    patient: Reference | None = None
    occurrence_date_time: str = ""
    occurrence_string: str = ""
    recorded: str = ""
    location: Reference | None = None
    lot_number: str = ""
    performer: tuple[Performer, ...] = ()
    reason_code: tuple[CodeableConcept, ...] = ()
    program_eligibility: tuple[CodeableConcept, ...] = ()
    protocol_applied: tuple[Protocol, ...] = ()


class Organization(Resource, frozen=True, kw_only=True, tag=True):
    """A laboratory, or who asked it; who vaccinates."""

    identifier: tuple[Identifier, ...] = ()
    name: str = ""
    part_of: Reference | None = None


class PractitionerRole(Resource, frozen=True, kw_only=True, tag=True):
    """A person at an organisation; only the organisation is read."""

    organization: Reference | None = None


class ServiceRequest(Resource, frozen=True, kw_only=True, tag=True):
    """What was asked for."""

    identifier: tuple[Identifier, ...] = ()
    requisition: Identifier | None = None
    requester: Reference | None = None


class Place(Element, frozen=True, kw_only=True):
    """Where a patient was during an encounter."""

    location: Reference | None = None


class Encounter(Resource, frozen=True, kw_only=True, tag=True):
    """A stay or a visit."""

    location: tuple[Place, ...] = ()


class Location(Resource, frozen=True, kw_only=True, tag=True):
    """A ward; where someone was vaccinated. The address is decoded when it is asked for."""

    name: str = ""
    address: Raw = NOTHING


class Composition(Resource, frozen=True, kw_only=True, tag=True):
    """The first page of a document."""

    author: tuple[Reference, ...] = ()
    custodian: Reference | None = None


class MessageHeader(Resource, frozen=True, kw_only=True, tag=True):
    """The head of a message."""

    sender: Reference | None = None
    author: Reference | None = None
    responsible: Reference | None = None


AnyResource = (
    DiagnosticReport | Observation | Specimen | Immunization | Patient | Organization
    | PractitionerRole | ServiceRequest | Encounter | Location | Composition | MessageHeader
)  # fmt: skip


class Entry(Element, frozen=True, kw_only=True):
    """One place in a bundle. The resource is decoded for itself: one bad one stops no other."""

    full_url: str = ""
    resource: Raw = NOTHING


class Bundle(Element, frozen=True, kw_only=True):
    """What was sent."""

    resource_type: str = ""
    id: str = ""
    type: str = ""
    identifier: Identifier | None = None
    timestamp: str = ""
    entry: tuple[Entry, ...] = ()


class LooseBundle(Element, frozen=True, kw_only=True):
    """What was sent, when some of its entries may be none."""

    resource_type: str = ""
    id: str = ""
    type: str = ""
    identifier: Identifier | None = None
    timestamp: str = ""
    entry: tuple[Raw, ...] = ()
