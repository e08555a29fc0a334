"""FHIR R4 bundles (JSON) to lab reports, one a DiagnosticReport, and vaccinations (`immunizations`).

Structure: HL7 FHIR R4 (4.0.1). The part that is read is in `fhir_resources`, the meaning of codes in
`words.json`. How the KITH svarrapport is written in FHIR follows the mapping notes of the
national laboratory answer service (HL7 Norway, NILAR).

Choices that the format leaves open:

- `generated` is DiagnosticReport.issued, which stands for KITH's GenDate: when this version was made.
  Without it, when the resource last changed (meta.lastUpdated). Bundle.timestamp comes last: it says
  when the bundle was put together, and an old answer that is sent again would look new.
- A specimen without time of collection has that of the specimen it was made from, else the time
  that the report is about (effective).
- What DiagnosticReport.result does not lead to, and what is not derived from it, is no part of it.
- A cancelled report is read for its identity alone; a cancelled Observation is left out, with what
  hangs on nothing else.
- A time without zone is Norwegian time, though FHIR asks for a zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple, cast

from varde.messages.answers.found import names_known_agent
from varde.messages.answers.looked_for import denies
from varde.messages.answers.settled import settle
from varde.messages.errors import InvalidContent, MessageError
from varde.messages.fhir.conclusions import conclude
from varde.messages.fhir.documents import parse_bundle
from varde.messages.fhir.immunizations import read_vaccination, read_vaccinator
from varde.messages.fhir.items import Item, collect_items
from varde.messages.fhir.moments import read_generated
from varde.messages.fhir.names import (
    codes_of,
    message_id_of,
    organization_of,
    own_number,
    read_sender,
    report_id_of,
)
from varde.messages.fhir.patients import has_subject, read_patient
from varde.messages.fhir.references import Held, Store, require_whole
from varde.messages.fhir.resources import (
    Bundle,
    CodeableConcept,
    Coding,
    DiagnosticReport,
    Encounter,
    Immunization,
    Location,
    Reference,
    ServiceRequest,
)
from varde.messages.fhir.resources import Specimen as SpecimenResource
from varde.messages.fhir.results import read_results, specimen_of
from varde.messages.fhir.undecoded import salvage_named
from varde.messages.fhir.words import as_oid, fhir_words
from varde.messages.kith.reports import MAX_SPECIMENS
from varde.messages.kith.results import Results
from varde.messages.marks import is_marked
from varde.messages.names import Names, failure_of
from varde.messages.records import (
    Failure,
    Kind,
    LabReport,
    Patient,
    ServiceType,
    Specimen,
    Status,
    Vaccination,
)
from varde.messages.times import collection_fault, latest_moment, norwegian_day, parse_time

NOTIFIABLE_LIST = "2.16.578.1.12.4.1.1.8269"
KINDS: dict[str, Kind] = {"DiagnosticReport": "laboratory", "Immunization": "vaccination"}


class Head(NamedTuple):
    """What holds for the whole of one report.

    Attributes:
        message_id: of this report; empty when the bundle has none.
        generated: when this version was made.
        latest: the latest time that anything in it may bear.
    """

    message_id: str
    generated: datetime
    latest: datetime


def read_fhir(
    data: bytes, received: datetime | None = None
) -> Iterator[LabReport | Vaccination | Failure]:
    """The reports and vaccinations of one bundle, in its order; one that cannot be used becomes a
    `Failure`. After them a `Failure` for each damaged entry that none of them told of.

    Args:
        data: the bytes of the bundle.
        received: when it arrived; nothing in it can be from more than a day later.

    Raises:
        MessageError: when the bundle as a whole cannot be used.
    """
    bundle, damaged = parse_bundle(data)
    store = Store(bundle.entry, damaged)
    statements = store.statements()
    if not statements and not damaged:
        raise InvalidContent("no-report", "Bundle.entry")
    message_id = message_id_of(bundle, store)
    latest = latest_moment(received)
    told: set[str] = set()
    for item, held in enumerate(statements):
        own_id = f"{message_id}#{item + 1}" if message_id and item else message_id
        read = read_vaccination if held.kind == "Immunization" else read_report
        try:
            yield read(held, own_id, bundle, store, latest)
        except MessageError as error:
            failure = _failure(error, item, own_id, held, store)
            told.add(failure.place)
            yield failure
    rest = list(store.untold(told))
    marked = bool(rest) and is_marked(data)
    for item, untold in enumerate(rest, len(statements)):
        yield failure_of(untold, item, Names("", message_id, ""), notifiable=marked)


def read_report(
    held: Held, message_id: str, bundle: Bundle, store: Store, latest: datetime
) -> LabReport:
    """One DiagnosticReport.

    Raises:
        InvalidContent: the reason says which field is missing, contradictory or out of bounds.
    """
    require_whole(held)
    if held.kind == "Bundle":
        raise InvalidContent("wrong-bundle", held.at(""), held.kind)
    report = cast(DiagnosticReport, held.resource)
    if not message_id:
        raise InvalidContent("missing-message-id", "Bundle.identifier")
    service, status = _read_status(held, report)
    sender = read_sender(held, report, store)
    report_id = report_id_of(held, report, store, message_id)
    if not report_id:
        raise InvalidContent("missing-report-id", held.at("identifier"))
    head = Head(message_id, _read_generated(held, report, bundle, latest), latest)
    if not has_subject(report) and service != "C":
        raise InvalidContent("missing-patient", held.at("subject"))
    discipline = _read_discipline(report)
    mark = _read_notifiable(report)
    said = (service, discipline, mark, status != "F")
    specimens, results = _read_content(held, report, store, head, *said)
    made_on = norwegian_day(head.generated)
    patient = read_patient(held, report, store, sender.identifier, specimens, made_on)
    findings, looked_for = settle(results.findings, results.looked_for, specimens)
    return LabReport(
        sender=sender.identifier,
        sender_name=sender.name,
        message_id=message_id,
        report_id=report_id,
        service_type=service,
        status=status,
        generated=head.generated,
        discipline=discipline,
        notifiable=mark,
        negative=results.negative and denies(looked_for),
        patient=patient if has_subject(report) else Patient(),
        specimens=specimens,
        findings=findings,
        looked_for=looked_for,
    )


def _failure(error: MessageError, item: int, message_id: str, held: Held, store: Store) -> Failure:
    """What went wrong, with the names that can still be read."""
    sender = report_id = ""
    try:
        if held.kind == "Immunization":
            given = cast(Immunization | None, held.resource) or salvage_named(
                held.raw, held.damage, Immunization
            )
            report_id = own_number(given.identifier, message_id)
            sender = read_vaccinator(held, given, store).identifier
        elif held.kind == "DiagnosticReport":
            report = cast(DiagnosticReport | None, held.resource) or salvage_named(
                held.raw, held.damage, DiagnosticReport
            )
            report_id = report_id_of(held, report, store, message_id)
            sender = read_sender(held, report, store).identifier
    except MessageError:
        pass  # then it has no name: the fault itself is what is reported
    names = Names(sender, message_id, report_id)
    return failure_of(error, item, names, KINDS.get(held.kind, ""), is_marked(bytes(held.raw)))


def _read_status(held: Held, report: DiagnosticReport) -> tuple[ServiceType, Status]:
    written = report.status.strip()
    found = fhir_words().report_status.get(written)
    if found is None:
        raise InvalidContent("unknown-code", held.at("status"), written)
    return cast(ServiceType, found[0]), cast(Status, found[1])


def _read_generated(
    held: Held, report: DiagnosticReport, bundle: Bundle, latest: datetime
) -> datetime:
    times = ((report.issued, "issued"), (report.meta.last_updated, "meta.lastUpdated"))
    return read_generated(held, times, bundle, latest)


def _read_discipline(report: DiagnosticReport) -> str:
    """The code of the report's category or kind that says microbiology; else its first category."""
    coded = [code.code for concept in (*report.category, report.code) for code in codes_of(concept)]
    known = fhir_words().disciplines
    first = next((code.code for concept in report.category for code in codes_of(concept)), "")
    return next((code for code in coded if code in known), first)


def _read_notifiable(report: DiagnosticReport) -> str:
    """The first code of list 8269 among conclusions and extensions that says notifiable or not."""
    for coding in _conclusions(report):
        code = coding.code.strip().upper()
        if code in fhir_words().notifiable and as_oid(coding.system) in (NOTIFIABLE_LIST, ""):
            return code
    return ""


def _conclusions(report: DiagnosticReport) -> Iterator[Coding]:
    concepts: list[CodeableConcept] = list(report.conclusion_code)
    for extension in report.extension:
        if extension.value_coding is not None:
            yield extension.value_coding
        if extension.value_codeable_concept is not None:
            concepts.append(extension.value_codeable_concept)
    for concept in concepts:
        yield from concept.coding


def _read_content(
    held: Held, report: DiagnosticReport, store: Store, head: Head, service: str, discipline: str,
    mark: str, waiting: bool,
) -> tuple[tuple[Specimen, ...], Results]:  # fmt: skip
    """Specimens and results; none of a cancelled report, which may be of any discipline.

    What the report holds decides over what its category says: an MSIS code, a culture, a susceptibility or a
    search for a known agent is microbiology, and so is a report whose own code is one of such a search.
    """
    if service == "C":
        return (), Results()
    items = collect_items(held, report, store)
    specimens, numbers = _read_specimens(held, report, items, store, head)
    doubted = discipline not in fhir_words().disciplines and not mark
    results = read_results(items, numbers, store, mark, doubted, waiting)
    results = conclude(report, held, items, numbers.values(), results, mark)
    if doubted and not (results.microbiology or names_known_agent(codes_of(report.code))):
        raise InvalidContent("not-microbiology", held.at("category"), discipline)
    return specimens, results


def _read_specimens(
    held: Held, report: DiagnosticReport, items: Iterable[Item], store: Store, head: Head
) -> tuple[tuple[Specimen, ...], dict[int, int]]:
    """The report's specimens, then those that only its results name; and their numbers."""
    found: dict[int, Held] = {}
    for source, reference in _specimen_references(held, report, items):
        specimen = specimen_of(reference, source, store)
        found.setdefault(id(specimen), specimen)
    if len(found) > MAX_SPECIMENS:
        raise InvalidContent("too-many-specimens", held.at("specimen"), str(len(found)))
    ward = _read_ward(held, report, store) if found else ""
    specimens = tuple(
        _read_specimen(number, specimen, held, report, store, head, ward)
        for number, specimen in enumerate(found.values(), 1)
    )
    return specimens, {key: number for number, key in enumerate(found, 1)}


def _specimen_references(
    held: Held, report: DiagnosticReport, items: Iterable[Item]
) -> Iterator[tuple[Held, Reference]]:
    for reference in report.specimen:
        yield held, reference
    written: set[str] = set()
    for item in items:
        if item.specimen is None:
            continue
        # Hundreds of results name one specimen: a repeated address leads nowhere else, unless it
        # is inside the result or relative to where that lies.
        address = item.specimen.reference
        if address and address in written and address[0] != "#" and not item.held.base:
            continue
        written.add(address)
        yield item.held, item.specimen


def _read_specimen(
    number: int, held: Held, source: Held, report: DiagnosticReport, store: Store, head: Head,
    ward: str,
) -> Specimen:  # fmt: skip
    specimen = cast(SpecimenResource, held.resource)
    own = [specimen.accession_identifier, *specimen.identifier]
    numbers = [identifier.value.strip() for identifier in own if identifier is not None]
    return Specimen(
        number=number,
        specimen_id=next(filter(None, numbers), ""),
        materials=codes_of(specimen.type),
        collected=_read_collected(held, source, report, store, head),
        ward=ward,
    )


def _read_collected(
    held: Held, source: Held, report: DiagnosticReport, store: Store, head: Head
) -> datetime:
    """When a specimen was taken: its own time, that of what it was made from, or the report's."""
    current: Held | None = held
    seen: set[int] = set()
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        specimen = cast(SpecimenResource, current.resource)
        collection = specimen.collection
        for written, path in (
            (collection.collected_date_time, "collection.collectedDateTime"),
            (collection.collected_period.start, "collection.collectedPeriod.start"),
        ):
            if written.strip():
                return _check_collected(written.strip(), current, path, head)
        parent = specimen.parent[0] if specimen.parent else None
        current = store.follow(parent, current, "parent", SpecimenResource) if parent else None
    for written in (report.effective_date_time, report.effective_period.start):
        if written.strip():
            return _check_collected(written.strip(), source, "effective", head)
    raise InvalidContent("missing-collected", held.at("collection"))


def _check_collected(written: str, held: Held, path: str, head: Head) -> datetime:
    collected = parse_time(written)
    if collected is None:
        raise InvalidContent("bad-date", held.at(path), written)
    fault = collection_fault(collected, head.generated, head.latest)
    if fault is not None:
        raise InvalidContent(fault[0], held.at(path), fault[1])
    return collected


def _read_ward(held: Held, report: DiagnosticReport, store: Store) -> str:
    """Where the patient was: the last place of the encounter, else the requesting unit."""
    stay = store.find(report.encounter, held, "encounter") if report.encounter else None
    if stay is not None and isinstance(stay.resource, Encounter):
        for place in reversed(stay.resource.location):
            name = _location_name(place.location, stay, store) if place.location else ""
            if name:
                return name
    for number, reference in enumerate(report.based_on):
        request = store.find(reference, held, f"basedOn[{number}]")
        if request is None or not isinstance(request.resource, ServiceRequest):
            continue
        requester = request.resource.requester
        units = organization_of(requester, request, store, "requester") if requester else []
        for unit in units:
            if unit.name:
                return unit.name
    return ""


def _location_name(reference: Reference, source: Held, store: Store) -> str:
    found = store.find(reference, source, "location.location")
    if found is not None and isinstance(found.resource, Location):
        return " ".join((found.resource.name or reference.display).split())
    return " ".join(reference.display.split()) if found is None else ""
