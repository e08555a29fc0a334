"""Clinicians' notifications in JSON to records: one an object.

The fields are those of `fields.json`, the codes those of `lists.json`. Choices that the form leaves
open:

- A code outside a list that is wholly known is refused; of the other lists any code of their form is taken.
- Words that belong to another code of the list than the one they stand beside are refused, and so is an
  agent that is not of its diagnosis (the code of an agent begins with that of its diagnosis): of two that
  contradict each other nobody can know which is right. Other words are taken as they are.
- A cancelled notification is read for its identity; what can be read of patient and diagnosis is kept.
- The name of a workplace stays in the sealed message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime
from typing import Any, cast

import msgspec
from msgspec.structs import replace

from varde.messages.errors import InvalidContent, MessageError
from varde.messages.identifiers import NO_IDENTITY, Identity, identify
from varde.messages.klinikermelding.documents import Form, Item, join_place, parse_item, split_items
from varde.messages.klinikermelding.lists import TREE, form_fields
from varde.messages.klinikermelding.names import (
    NOTHING,
    Head,
    Section,
    make_message_id,
    names_of,
    read_head,
)
from varde.messages.klinikermelding.salvage import salvage_names
from varde.messages.klinikermelding.values import (
    Remembered,
    check_day,
    decode_value,
    read_answer,
    read_code,
    read_codes,
    read_day,
    read_institution,
    read_reference,
    read_text,
)
from varde.messages.names import Names, failure_of
from varde.messages.persons import MAX_NAME, clean, describe
from varde.messages.records import Code, Failure, Notification, Patient, PersonId, Sex
from varde.messages.times import TOLERANCE, latest_moment, norwegian_day

_decode_text = msgspec.json.Decoder(str).decode
SEXES: dict[str, Sex] = {"1": "M", "2": "F"}
UNKNOWN_PLACE = "9999"
DIAGNOSIS = f"{TREE}80012"
DIGITS_OF_AGENT = 3
FIELDS = tuple(field for field in form_fields() if field.record != "patient")
DAYS = {field.record: field.path for field in FIELDS if field.kind == "day"}

READERS: dict[str, Callable[[Any, str], Any]] = {
    "coded": read_code,
    "several": read_codes,
    "answer": read_answer,
    "day": lambda value, path: (day := read_day(value, path)) and check_day(day, path),
    "institution": read_institution,
}
Content = dict[str, Any]
"""Fields of the record by name; what the form does not say is not there."""


def read_klinikermelding(
    data: bytes, received: datetime | None = None
) -> Iterator[Notification | Failure]:
    """The notifications of one file; each that cannot be used is a `Failure`. Never raises for bad input.

    Args:
        data: one JSON object, an array of them, or an object on each line.
        received: when it arrived; nothing in it can be from more than a day later. A form without
            envelope was made then.
    """
    item = -1
    latest = latest_moment(received)
    try:
        for item, each in enumerate(split_items(data)):
            yield _read_item(each, item, received, latest)
    except MessageError as error:
        yield _failure(error, item + 1, salvage_names(data))


def read_notification(form: Form, received: datetime | None, latest: datetime) -> Notification:
    """One notification from a JSON object that was read.

    Args:
        form: its sections.
        received: when it arrived.
        latest: the latest time that anything in it may bear.

    Raises:
        MessageError: the reason says which field is missing, contradictory or out of bounds.
    """
    head = read_head(form, received, latest)
    if head.service_type == "C":
        content = _read_withdrawn(form, head)
    else:
        content = _read_content(form)
        content["patient"] = _read_patient(form.get("pasient", NOTHING), head)
        _check_agent(content)
        _check_days(content, head, latest)
    record = Notification(
        sender=head.sender,
        sender_name=head.sender_name,
        message_id=head.message_id,
        report_id=head.report_id,
        service_type=head.service_type,
        status=head.status,
        generated=head.generated,
        requester=head.requester,
        **content,
    )
    return record if head.message_id else replace(record, message_id=make_message_id(record))


def _read_item(
    item: Item, number: int, received: datetime | None, latest: datetime
) -> Notification | Failure:
    try:
        form = parse_item(item)
    except MessageError as error:
        return _failure(error, number, salvage_names(item.text))
    try:
        return read_notification(form, received, latest)
    except MessageError as error:
        error.place = join_place(item.place, error.place)
        return _failure(error, number, names_of(form))


def _failure(error: MessageError, number: int, names: Names) -> Failure:
    return failure_of(error, number, names, Notification.kind)


def _read_content(form: Form) -> Content:
    content: Content = {}
    for name, readers in SECTIONS.items():
        given = form.get(name)
        if not given:
            continue
        for key, path, record, remembered in readers:
            raw = given.get(key)
            if raw is None:
                continue
            if remembered is None:
                found = read_text(decode_value(raw, path), path)
            else:
                found = remembered[bytes(raw)]
            if found and record not in content:
                content[record] = found
    if "diagnosis" not in content:
        raise InvalidContent("missing-diagnosis", "diagnoseforhold.diagnose")
    return content


def _sections() -> dict[str, list[tuple[str, str, str, Remembered | None]]]:
    """Section → key, path, field of the record, and what reads it; texts are not remembered."""
    found: dict[str, list[tuple[str, str, str, Remembered | None]]] = {}
    for field in FIELDS:
        read = READERS.get(field.kind)
        remembered = None if read is None else Remembered(read, field.path)
        row = (field.key, field.path, field.record, remembered)
        found.setdefault(field.section, []).append(row)
    return found


SECTIONS = _sections()
SEX = Remembered(read_code, "pasient.kjonn")
HOME = Remembered(read_code, "pasient.bosted")


def _read_withdrawn(form: Form, head: Head) -> Content:
    """What can be read of a cancelled notification's patient and diagnosis."""
    content: Content = {"diagnosis": Code(system=DIAGNOSIS)}
    with suppress(MessageError):
        content["patient"] = _read_patient(form.get("pasient", NOTHING), head)
    with suppress(MessageError):
        path = "diagnoseforhold.diagnose"
        given = decode_value(form.get("diagnoseforhold", NOTHING).get("diagnose"), path)
        content["diagnosis"] = read_code(given, path) or content["diagnosis"]
    return content


def _read_patient(given: Section, head: Head) -> Patient:
    """The patient; one without number is a patient too.

    Raises:
        MessageError: ``missing-patient``, ``invalid-identity-number``, ``contradictory-birth-date``,
            ``contradictory-sex`` and what the readers of values raise.
    """
    if not given:
        raise InvalidContent("missing-patient", "pasient")
    written = decode_value(given.get("fodselsdato"), "pasient.fodselsdato")
    born = read_day(written, "pasient.fodselsdato")
    coded = _remember(given, "kjonn", SEX)
    sex = SEXES.get(coded.code, "") if coded else ""
    number = decode_value(given.get("fodselsnummer"), "pasient.fodselsnummer")
    identifier, known = _read_identity(number, head)
    if known.contradicts(born):
        raise InvalidContent("contradictory-birth-date", "pasient.fodselsdato")
    if sex and known.sex and sex != known.sex:
        raise InvalidContent("contradictory-sex", "pasient.kjonn")
    return Patient(
        identifier=identifier,
        sex=sex or known.sex,
        birth_date=born or known.birth_date,
        municipality=_municipality(_remember(given, "bosted", HOME)),
        described=describe(
            identifier, family=_read_name(given, "etternavn"), given=_read_name(given, "fornavn")
        ),
    )


def _read_name(given: Section, key: str) -> str:
    """A name as written; empty for what is no text. Nothing in it is a reason to refuse a notification."""
    raw = given.get(key)
    if raw is None:
        return ""
    try:
        return clean(_decode_text(raw), MAX_NAME)
    except msgspec.DecodeError:
        return ""


def _remember(given: Section, key: str, remembered: Remembered) -> Code | None:
    raw = given.get(key)
    return None if raw is None else cast(Code | None, remembered[bytes(raw)])


def _municipality(home: Code | None) -> str:
    """Kommunenummer of a municipality or city district; empty when unknown."""
    number = home.code[:4] if home else ""
    return "" if number == UNKNOWN_PLACE else number


def _read_identity(value: Any, head: Head) -> tuple[PersonId | None, Identity]:
    """The identifier, and what it says of itself.

    A number that was sent as one has lost its first zero. Help numbers begin with 8 or 9, and DUF numbers
    have twelve digits. A help number that a hospital gives out holds for its sender alone.
    """
    path = "pasient.fodselsnummer"
    written = "".join(read_reference(value, path).split())
    if not written:
        return None, NO_IDENTITY
    if type(value) is int:
        written = written.zfill(11)
    kind = "DUF" if len(written) == 12 else "FHN" if written[0] in "89" else "FNR"
    identity = identify(kind, written, norwegian_day(head.generated))
    if not identity.valid:
        raise InvalidContent("invalid-identity-number", path, f"• × {len(written)}")
    issuer = head.sender if identity.kind == "HNR" else ""
    person = PersonId(kind=identity.kind, value=written, issuer=issuer)
    return person, identity


def _check_agent(content: Content) -> None:
    agent: Code | None = content.get("agent")
    diagnosis: Code = content["diagnosis"]
    if agent is None or not agent.code or not diagnosis.code:
        return
    if agent.code[:-DIGITS_OF_AGENT] != diagnosis.code:
        # The bar keeps six digits apart, which would be masked.
        detail = f"{diagnosis.code} ≠ {agent.code[:-DIGITS_OF_AGENT]}|{agent.code[-3:]}"
        raise InvalidContent("contradictory-code", "diagnoseforhold.smittestoff", detail)


def _check_days(content: Content, head: Head, latest: datetime) -> None:
    """Refuse days of the future, illness before birth, and death before illness.

    A specimen may be taken before the first symptoms, and after death.
    """
    days = [(content[record], record) for record in DAYS if record in content]
    born: date | None = content["patient"].birth_date
    made = head.generated.date()
    newest = max(days)[0] if days else made
    if newest > made or (born is not None and born > made):
        # Rarely: what is no later than the notification itself needs no clock.
        _check_future(days, born, norwegian_day(min(latest, head.generated + TOLERANCE)))
    if born is not None and days and min(days)[0] < born:
        _refuse_before_birth(days, born)
    onset, died = content.get("onset"), content.get("died")
    if onset and died and died < onset:
        raise InvalidContent("contradictory-values", DAYS["died"], f"{died} < {onset}")


def _check_future(days: list[tuple[date, str]], born: date | None, limit: date) -> None:
    for day, record in days:
        if day > limit:
            reason = "future-collected" if record == "sampled" else "future-date"
            raise InvalidContent(reason, DAYS[record], day.isoformat())
    if born is not None and born > limit:
        raise InvalidContent("future-date", "pasient.fodselsdato", born.isoformat())


def _refuse_before_birth(days: list[tuple[date, str]], born: date) -> None:
    day, record = min(days)
    if record == "sampled":
        raise InvalidContent("born-after-collected", "pasient.fodselsdato")
    raise InvalidContent("contradictory-values", DAYS[record], f"{day} < {born}")
