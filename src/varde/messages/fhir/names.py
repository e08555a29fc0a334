"""What names a FHIR answer or vaccination: the message's id, its own number, who sends it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from varde.messages.answers.said import composed
from varde.messages.errors import InvalidContent
from varde.messages.fhir.references import Held, Store, require_undamaged
from varde.messages.fhir.resources import (
    Bundle,
    CodeableConcept,
    Coding,
    Composition,
    DiagnosticReport,
    Identifier,
    MessageHeader,
    Organization,
    PractitionerRole,
    Reference,
    ServiceRequest,
)
from varde.messages.fhir.words import as_oid, fhir_words
from varde.messages.kith.names import Sender
from varde.messages.records import Code

MAX_PARENTS = 10
"""Longest chain of organisations that are parts of each other."""


@lru_cache(maxsize=16384)
def _make_code(system: str, code: str, text: str) -> Code | None:
    code, text = code.strip(), composed(" ".join(text.split()))
    return Code(system=as_oid(system), code=code, text=text) if code or text else None


def code_of(coding: Coding) -> Code | None:
    """A coding as a code; None when it says nothing. Equal short ones share one record."""
    make = _make_code if len(coding.display) < 80 else _make_code.__wrapped__
    return make(coding.system, coding.code, coding.display)


def codes_of(concept: CodeableConcept) -> tuple[Code, ...]:
    """All codings of a concept, then its text unless a coding has the same words."""
    if not concept.text and len(concept.coding) == 1:
        code = code_of(concept.coding[0])
        return (code,) if code is not None else ()
    codes = [code for coding in concept.coding if (code := code_of(coding)) is not None]
    text = composed(" ".join(concept.text.split()))
    if text and all(code.text != text for code in codes):
        codes.append(Code(text=text))
    return tuple(codes)


def message_id_of(bundle: Bundle, store: Store) -> str:
    """Bundle.identifier, else the id of the MessageHeader, else of the bundle; empty without any, or
    when the MessageHeader is damaged."""
    if bundle.identifier is not None and bundle.identifier.value.strip():
        return bundle.identifier.value.strip()
    for held in store.of_kinds("MessageHeader"):
        if held.damage is not None:
            return ""
        if isinstance(held.resource, MessageHeader) and held.resource.id.strip():
            return held.resource.id.strip()
    return bundle.id.strip()


def report_id_of(held: Held, report: DiagnosticReport, store: Store, message_id: str) -> str:
    """The laboratory's number for a report; empty when it has none.

    Secondary and old identifiers, the requester's number (type PLAC) and a copy of the message's id
    stand back. When there is only such a copy, the request's number is used, as in KITH.
    """
    base = message_id.partition("#")[0]
    best = own_number(report.identifier, message_id)
    if best and best == base:
        for reference in report.based_on:
            request = store.find(reference, held, "basedOn")
            if request is not None and isinstance(request.resource, ServiceRequest):
                for identifier in (*request.resource.identifier, request.resource.requisition):
                    if identifier is not None and identifier.value.strip():
                        return identifier.value.strip()
    return best


def own_number(identifiers: Iterable[Identifier], message_id: str) -> str:
    """The number of a thing that the sender uses for it; empty when it has none."""
    base = message_id.partition("#")[0]
    own = [identifier for identifier in identifiers if identifier.value.strip()]
    return min(own, key=lambda each: _rank(each, base)).value.strip() if own else ""


def _rank(identifier: Identifier, message_id: str) -> tuple[bool, bool, bool, bool]:
    kinds = {coding.code.upper() for coding in identifier.type.coding}
    return (
        identifier.value.strip() == message_id,
        identifier.use in ("secondary", "old", "temp"),
        "PLAC" in kinds,
        "FILL" not in kinds,
    )


def read_sender(held: Held, report: DiagnosticReport, store: Store) -> Sender:
    """The laboratory: a performer of the report, else who wrote the document or sent the message.

    Of several, one with a HER-id goes before one with an organisation number, and that before one
    with a number of another kind. Of an organisation that is part of another, its own HER-id counts
    first, then that of the whole.

    Raises:
        InvalidContent: ``missing-sender`` and what `Store.follow` raises.
    """
    return sender_among(held, store, _performers(held, report))


Site = tuple[str, Held, Reference]
"""A field, the resource that it stands in, and the reference there."""


def sender_among(held: Held, store: Store, *performers: Iterable[Site]) -> Sender:
    """The organisation among these performers, the first group that has any; else who wrote or sent.

    Raises:
        InvalidContent: ``missing-sender`` and what `Store.follow` raises.
    """
    for sites in performers:
        found = _best_sender(sites, store)
        if found is not None:
            return found
    writer = store.once(("writer",), lambda: _best_sender(_writers(store), store))
    if writer is None:
        raise InvalidContent("missing-sender", held.at("performer"))
    return writer


def _best_sender(sites: Iterable[Site], store: Store) -> Sender | None:
    found = [
        sender
        for path, source, reference in sites
        if (sender := _sender_of(reference, source, store, path)) is not None
    ]
    return min(found, key=lambda sender: sender[0])[1] if found else None


def _performers(held: Held, report: DiagnosticReport) -> Iterator[Site]:
    for number, reference in enumerate(report.performer):
        yield f"performer[{number}]", held, reference


def _writers(store: Store) -> Iterator[Site]:
    for held in store.of_kinds("Composition", "MessageHeader"):
        require_undamaged(held)
        resource = held.resource
        if isinstance(resource, Composition):
            for number, reference in enumerate(resource.author):
                yield f"author[{number}]", held, reference
            if resource.custodian is not None:
                yield "custodian", held, resource.custodian
        elif isinstance(resource, MessageHeader):
            for path in ("responsible", "author", "sender"):
                reference = getattr(resource, path)
                if reference is not None:
                    yield path, held, reference


class Unit(NamedTuple):
    """An organisation, or as much of one as a reference says."""

    identifiers: Sequence[Identifier]
    name: str


def organization_of(reference: Reference, source: Held, store: Store, path: str) -> list[Unit]:
    """The organisation that a reference means, then those that it is part of, innermost first.

    Empty for a person, and for an organisation that is not in the bundle and has no identifier.
    """
    units: list[Unit] = []
    seen: set[int] = set()
    while len(units) < MAX_PARENTS:
        held = store.find(reference, source, path)
        if held is None:
            if reference.identifier is not None and _may_be_organization(reference):
                units.append(Unit([reference.identifier], reference.display))
            return units
        if id(held) in seen:
            return units
        seen.add(id(held))
        if held.fault is not None and held.kind in ("Organization", "PractitionerRole"):
            store.follow(reference, source, path, Organization, PractitionerRole)
        resource = held.resource
        if isinstance(resource, Organization):
            units.append(Unit(resource.identifier, " ".join(resource.name.split())))
            following, path = resource.part_of, "partOf"
        elif isinstance(resource, PractitionerRole):
            following, path = resource.organization, "organization"
        else:
            return units
        if following is None:
            return units
        reference, source = following, held
    return units


def _may_be_organization(reference: Reference) -> bool:
    """Whether something outside the bundle is called an organisation, by type or by its number."""
    said = reference.type.rpartition("/")[2] or reference.reference.partition("/")[0]
    if said:
        return said == "Organization"
    identifier = reference.identifier
    return identifier is not None and as_oid(identifier.system) in fhir_words().organizations


def _sender_of(
    reference: Reference, source: Held, store: Store, path: str
) -> tuple[int, Sender] | None:
    held = store.find(reference, source, path)
    if held is None:
        return _name_units(organization_of(reference, source, store, path))
    return store.once(
        ("sender", id(held)),
        lambda: _name_units(organization_of(reference, source, store, path)),
    )


def _name_units(units: Sequence[Unit]) -> tuple[int, Sender] | None:
    """How an organisation is called as a sender, and how good that name is (0 is the best)."""
    for rank, kind in enumerate(("HER", "ENH")):
        for depth, unit in enumerate(units):
            value = _number(unit, kind)
            if value:
                return rank, Sender(f"{kind}:{value}", _joined_name(units[depth:]))
    for depth, unit in enumerate(units):
        for identifier in unit.identifiers:
            if identifier.system.strip() and identifier.value.strip():
                name = f"{as_oid(identifier.system)}|{identifier.value.strip()}"
                return 2, Sender(name, _joined_name(units[depth:]))
    return None


def _number(unit: Unit, kind: str) -> str:
    known = fhir_words().organizations
    for identifier in unit.identifiers:
        if known.get(as_oid(identifier.system)) == kind and identifier.use != "old":
            value = "".join(identifier.value.split())
            if value:
                return value
    return ""


def _joined_name(units: Sequence[Unit]) -> str:
    return ", ".join(unit.name for unit in reversed(units) if unit.name)
