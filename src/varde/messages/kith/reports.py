"""KITH svarrapport 1.3 and 1.4 (the XML that Norwegian laboratories answer with) to lab reports.

One message holds one report (1.4) or several (1.3). Structure and code lists: the schemas
``labsvar/2008-12-01`` and ``labsvar/2012-02-15``; the meaning of words is in `words.json`.

Choices that the format leaves open:

- The report's id is ServProvId; but several laboratories put a copy of the message's own id there,
  which changes with every version, and then the request's number at the laboratory is used.
- `generated` is GenDate: IssueDate stays the same over all versions of a report.
- A new or changed answer whose status says that it is an addition to a report is one, as with ServType A.
- A cancelled report is read for its identity alone; a cancelled result item in another report is
  left out, with everything beneath it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple, cast

from lxml import etree

from varde.messages.answers.looked_for import denies
from varde.messages.answers.settled import settle
from varde.messages.errors import InvalidContent, MessageError, UnreadableMessage
from varde.messages.identifiers import NO_IDENTITY, Identity, identify
from varde.messages.kith.descriptions import read_described
from varde.messages.kith.items import NAMESPACE_LENGTH, code_of, place_of
from varde.messages.kith.names import (
    Parts,
    Sender,
    children,
    number_of,
    read_sender,
    text_in,
    value_in,
)
from varde.messages.kith.results import Results, read_results
from varde.messages.kith.words import words
from varde.messages.marks import is_marked
from varde.messages.names import Names, failure_of
from varde.messages.records import (
    Code,
    Failure,
    LabReport,
    Patient,
    PersonId,
    ServiceType,
    Sex,
    Specimen,
    Status,
)
from varde.messages.times import (
    collection_fault,
    generated_fault,
    latest_moment,
    norwegian_day,
    parse_time,
)
from varde.messages.xml_documents import parse_document

NAMESPACES = (
    "{http://www.kith.no/xmlstds/labsvar/2008-12-01}",
    "{http://www.kith.no/xmlstds/labsvar/2012-02-15}",
)
MAX_SPECIMENS = 900


class Head(NamedTuple):
    """What stands above the reports of a message."""

    message_id: str
    generated: datetime
    latest: datetime


def read_kith(data: bytes, received: datetime | None = None) -> Iterator[LabReport | Failure]:
    """The reports of one message; a report that cannot be used becomes a `Failure`.

    Args:
        data: the bytes of the message.
        received: when it arrived; nothing in it can be from more than a day later.

    Raises:
        MessageError: when the message as a whole cannot be used.
    """
    root = parse_document(data)
    if root.tag[:NAMESPACE_LENGTH] not in NAMESPACES or root.tag[NAMESPACE_LENGTH:] != "Message":
        raise UnreadableMessage("unknown-namespace", place_of(root), str(root.tag))
    message = children(root)
    reports = message.get("ServReport", [])
    if not reports:
        raise UnreadableMessage("no-report", place_of(root))
    latest = latest_moment(received)
    for item, element in enumerate(reports):
        parts: Parts = {}
        try:
            parts = children(element)
            yield read_report(_read_head(root, message, item, latest), parts, element)
        except MessageError as error:
            yield _failure(error, item, message, parts, element)


def read_report(head: Head, parts: Parts, element: Any) -> LabReport:
    """One ServReport.

    Raises:
        InvalidContent: the reason says which field is missing, contradictory or out of bounds.
    """
    known = words()
    service = _letter(parts, "ServType", known.service_type, element)
    status = _letter(parts, "Status", known.status, element)
    if (service, value_in(parts, "Status").upper()) in known.additional:
        service = "A"
    sender = read_sender(parts, element)
    person = parts.get("Patient")
    if person is None:
        reason = "not-human" if "Animal" in parts or "Material" in parts else "missing-patient"
        if reason == "not-human" or service != "C":
            raise InvalidContent(reason, place_of(element))
    fields = children(person[0]) if person else {}
    discipline = value_in(parts, "MsgDescr")
    mark = _read_notifiable(parts)
    waiting = status != "F"
    specimens, results = _read_content(fields, head, service, discipline, mark, element, waiting)
    findings, looked_for = settle(results.findings, results.looked_for, specimens)
    return LabReport(
        sender=sender.identifier,
        sender_name=sender.name,
        message_id=head.message_id,
        report_id=number_of(parts, head.message_id),
        service_type=cast(ServiceType, service),
        status=cast(Status, status),
        generated=head.generated,
        discipline=discipline,
        notifiable=mark,
        negative=results.negative and denies(looked_for),
        patient=_read_patient(fields, specimens, sender, head, person[0]) if person else Patient(),
        specimens=specimens,
        findings=findings,
        looked_for=looked_for,
    )


def _read_content(
    fields: Parts,
    head: Head,
    service: str,
    discipline: str,
    mark: str,
    element: Any,
    waiting: bool,
) -> tuple[tuple[Specimen, ...], Results]:
    """Specimens and results; none of a cancelled report, which may be of any discipline.

    What the report holds decides over what its discipline says: an MSIS code, a culture, a susceptibility or a
    search for a known agent is microbiology.
    """
    if service == "C":
        return (), Results()
    if any("ResultItem" in children(nested) for nested in fields.get("Patient", [])):
        raise InvalidContent("several-patients", place_of(fields["Patient"][0]))
    specimens = _read_specimens(fields, head)
    numbers: dict[str, int] = {}
    for specimen in specimens:
        numbers.setdefault(specimen.specimen_id, specimen.number)
    doubted = discipline not in words().disciplines and not mark
    results = read_results(fields.get("ResultItem", []), numbers, mark, doubted, waiting)
    if doubted and not results.microbiology:
        raise InvalidContent("not-microbiology", place_of(element), discipline)
    return specimens, results


def _read_head(root: Any, message: Parts, item: int, latest: datetime) -> Head:
    """Message id and time, checked once a report so that each report's failure says it."""
    message_id = text_in(message, "MsgId")
    if not message_id:
        raise InvalidContent("missing-message-id", place_of(root), item=item)
    if "GenDate" not in message:
        raise InvalidContent("missing-generated", place_of(root), item=item)
    generated = _time(message["GenDate"][0])
    fault = generated_fault(generated, latest)
    if fault is not None:
        raise InvalidContent(fault[0], place_of(message["GenDate"][0]), fault[1])
    return Head(message_id if item == 0 else f"{message_id}#{item + 1}", generated, latest)


def _failure(error: MessageError, item: int, message: Parts, parts: Parts, element: Any) -> Failure:
    message_id = text_in(message, "MsgId")
    if message_id and item:
        message_id = f"{message_id}#{item + 1}"
    try:
        sender = read_sender(parts, None).identifier
    except MessageError:
        sender = ""
    names = Names(sender, message_id, number_of(parts, message_id))
    return failure_of(error, item, names, LabReport.kind, is_marked(etree.tostring(element)))


def _time(element: Any) -> datetime:
    written = (element.get("V") or "").strip()
    found = parse_time(written)
    if found is None:
        raise InvalidContent("bad-date", place_of(element), written)
    return found


def _letter(parts: Parts, name: str, codes: dict[str, str], element: Any) -> str:
    written = value_in(parts, name).upper()
    letter = codes.get(written)
    if letter is None:
        where = place_of(parts[name][0]) if name in parts else f"{place_of(element)}/{name}"
        raise InvalidContent("unknown-code", where, written)
    return letter


def _read_notifiable(parts: Parts) -> str:
    for element in parts.get("CodedComment", []):
        code = (element.get("V") or "").strip().upper()
        if code in words().notifiable:
            return code
    return ""


def _read_specimens(fields: Parts, head: Head) -> tuple[Specimen, ...]:
    """All specimens, nested ones after the one they were made from, whose time they share."""
    found: list[Specimen] = []
    ward = _read_ward(fields)
    pending = [(element, None) for element in reversed(fields.get("AnalysedSubject", []))]
    stack: list[tuple[Any, datetime | None]] = list(pending)
    while stack:
        element, inherited = stack.pop()
        parts = children(element)
        collected = _read_collected(parts, head) or inherited
        if collected is None:
            raise InvalidContent("missing-collected", place_of(element))
        found.append(
            Specimen(
                number=len(found) + 1,
                specimen_id=text_in(parts, "IdByServProvider"),
                materials=_read_materials(parts),
                collected=collected,
                ward=ward,
            )
        )
        if len(found) > MAX_SPECIMENS:
            raise InvalidContent("too-many-specimens", place_of(element))
        stack.extend((nested, collected) for nested in reversed(parts.get("AnalysedSubject", [])))
    return tuple(found)


def _read_collected(parts: Parts, head: Head) -> datetime | None:
    for sample in parts.get("CollectedSample", []):
        for child in sample:
            if child.tag[NAMESPACE_LENGTH:] == "CollectedDate" and child.get("V"):
                collected = _time(child)
                fault = collection_fault(collected, head.generated, head.latest)
                if fault is not None:
                    raise InvalidContent(fault[0], place_of(child), fault[1])
                return collected
    return None


def _read_materials(parts: Parts) -> tuple[Code, ...]:
    coded = [code for element in parts.get("TypeCoded", []) if (code := code_of(element))]
    free = text_in(parts, "Type")
    if free and all(code.text != free for code in coded):
        coded.append(Code(text=free))
    return tuple(coded)


def _read_ward(fields: Parts) -> str:
    """Where the patient was: the place of stay, else the requesting unit."""
    for stay in fields.get("AdmLocation", []):
        for location in children(stay).get("Location", []):
            parts = children(location)
            ward = text_in(parts, "Description") or _unit_name(parts)
            if ward:
                return ward
    for responsible in fields.get("ResponsibleHcp", []):
        parts = children(responsible)
        if value_in(parts, "Relation") in ("REK", ""):
            for holder in parts.get("HCP", []):
                ward = _unit_name(children(holder))
                if ward:
                    return ward
    return ""


def _unit_name(parts: Parts) -> str:
    for institution in parts.get("Inst", []):
        fields = children(institution)
        for department in reversed(fields.get("Dept", [])):
            name = text_in(children(department), "Name")
            if name:
                return name
        return text_in(fields, "Name")
    return ""


def _read_patient(
    fields: Parts, specimens: tuple[Specimen, ...], sender: Sender, head: Head, element: Any
) -> Patient:
    sex = cast(Sex, words().sex.get(value_in(fields, "Sex"), ""))
    birth_date = _read_birth_date(fields)
    identifier, known = _read_identity(fields, sender, head, element)
    if known.contradicts(birth_date):
        raise InvalidContent("contradictory-birth-date", place_of(element))
    if sex and known.sex and sex != known.sex:
        raise InvalidContent("contradictory-sex", place_of(element))
    born = birth_date or known.birth_date
    for specimen in specimens:
        if born is not None and norwegian_day(specimen.collected) < born:
            raise InvalidContent("born-after-collected", place_of(element))
    homes = [children(home) for home in fields.get("Address", ())]
    made_on = norwegian_day(head.generated)
    return Patient(
        identifier=identifier,
        sex=sex or known.sex,
        birth_date=born,
        municipality=_read_municipality(homes),
        described=read_described(fields, homes, identifier, sender.identifier, made_on),
    )


def _read_birth_date(fields: Parts) -> date | None:
    if not value_in(fields, "DateOfBirth"):
        return None
    return norwegian_day(_time(fields["DateOfBirth"][0]))


def _read_identity(
    fields: Parts, sender: Sender, head: Head, element: Any
) -> tuple[PersonId | None, Identity]:
    """The identifier, and what it says of itself.

    A help number (HNR) is given out by each hospital for itself, so it has an issuer like any
    local number.
    """
    value = "".join(text_in(fields, "OffId").split())
    if not value:
        return None, NO_IDENTITY
    kind = words().identity_types.get(value_in(fields, "TypeOffId").upper(), "LOCAL")
    identity = identify(kind, value, norwegian_day(head.generated))
    if not identity.valid:
        raise InvalidContent("invalid-identity-number", place_of(element), f"• × {len(value)}")
    issuer = sender.identifier if identity.kind in ("LOCAL", "HNR") else ""
    person = PersonId(kind=identity.kind, value=value, issuer=issuer)
    return person, identity


def _read_municipality(homes: Iterable[Parts]) -> str:
    """Kommunenummer of residence: four digits in Address/County (code list 3402)."""
    for home in homes:
        number = value_in(home, "County")
        if len(number) == 4 and number.isascii() and number.isdigit():
            return number
    return ""
