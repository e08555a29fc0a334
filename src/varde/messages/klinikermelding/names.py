"""What names a notification: who sends it, its numbers, when it was made.

The envelope `melding` is Varde's own addition to the published form, and says all that. A form without
one, as the published client sends it, is named by what it says:

- its sender is the requester;
- its report id is a hash of sender, patient, diagnosis, and the day of the specimen (else of the first
  symptoms): the same case notified again is a version of the same report;
- it was made when it arrived;
- its message id is a hash of all that the record holds, when it was made included. Sent again in the same
  moment it is a duplicate; sent again later it is a newer version that says the same. Were the time left
  out, the second copy would be one message id with two contents, and stand in quarantine.

A patient without number is known by name, birth date and sex. Without these, everything the form says is
in its report id, so that two unknown patients of one day are never taken for one.

The hashes are written in letters: digits could be taken for an identity number, and hidden. They are not
keyed, and who has a list of numbers can find the patient's: what stores a report id must protect it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from typing import Any, NamedTuple, cast

import msgspec

from varde.messages.errors import InvalidContent, MessageError
from varde.messages.klinikermelding.documents import Form
from varde.messages.klinikermelding.values import (
    Remembered,
    decode_value,
    parse_day,
    read_reference,
    read_text,
    wrong_kind,
)
from varde.messages.names import MADE, Names
from varde.messages.records import Notification, ServiceType, Status
from varde.messages.times import generated_fault, parse_time

ENVELOPE, REQUESTER = "melding", "rekvirent"
SENDER = f"{ENVELOPE}.avsender"
PLACES = {key: f"{ENVELOPE}.{key}" for key in ("id", "nummer", "tidspunkt")}
SERVICES = frozenset({"N", "M", "C", "H"})
STATUSES = frozenset({"P", "F"})
MAX_REFERENCE = 100
"""Characters of a message's or a report's number."""

FORMS = {
    "HER": re.compile(r"\d{1,10}", re.ASCII),
    "ENH": re.compile(r"\d{9}", re.ASCII),
    "HPR": re.compile(r"\d{4,9}", re.ASCII),
    "FORM": re.compile(r"[A-Z0-9](?:[A-Z0-9-]{0,38}[A-Z0-9])?"),
}
REQUESTER_KEYS = ("herId", "orgnummer", "hprNummer")
"""Which of a requester's identifiers names the sender; who fills in the form is named by the last first."""

PERSON_KEYS = ("hprNummer", "herId", "orgnummer")

Section = Mapping[str, Any]
"""One object of a notification: key → value, as bytes."""
NOTHING: Section = {}

_LETTERS = bytes.maketrans(b"0123456789abcdef", b"abcdefghijklmnop")
_pack = msgspec.msgpack.Encoder().encode
_sort = msgspec.json.Encoder(order="sorted").encode


class Head(NamedTuple):
    """What stands above the content of a notification.

    Attributes:
        message_id: empty while it is still to be made of the whole record.
    """

    sender: str
    sender_name: str
    message_id: str
    report_id: str
    service_type: ServiceType
    status: Status
    generated: datetime
    requester: str


def read_head(form: Form, received: datetime | None, latest: datetime) -> Head:
    """Names, version and time of a notification.

    Raises:
        MessageError: ``bad-field``, ``too-large``, ``unknown-code``, ``missing-message-id``,
            ``missing-report-id``, ``missing-sender``, ``missing-generated``, ``bad-date``,
            ``absurd-date`` or ``future-generated``.
    """
    envelope = form.get(ENVELOPE)
    sender, sender_name = read_sender(form)
    requester = _identifier(form.get(REQUESTER, NOTHING), PERSON_KEYS)
    if not envelope:
        generated = _arrival(received)
        report_id = make_report_id(form, sender)
        return Head(sender, sender_name, "", report_id, "N", "F", generated, requester)
    message_id = _reference(envelope, "id", "missing-message-id")
    report_id = _reference(envelope, "nummer", "missing-report-id")
    return Head(
        sender=sender,
        sender_name=sender_name,
        message_id=message_id,
        report_id=report_id,
        service_type=cast(ServiceType, _remember(envelope, "type", _SERVICES, "N")),
        status=cast(Status, _remember(envelope, "status", _STATUSES, "F")),
        generated=_read_generated(envelope, latest),
        requester=requester,
    )


def read_sender(form: Form) -> tuple[str, str]:
    """Who sends a notification, and its name: the envelope's sender, else the requester.

    Raises:
        MessageError: ``bad-field``, ``too-large``, ``duplicate-key`` or ``missing-sender``.
    """
    envelope = form.get(ENVELOPE, NOTHING)
    raw = envelope.get("avsender")
    sender: tuple[str, str] | None = None if raw is None else _SENDERS[bytes(raw)]
    if sender is not None:
        return sender
    requester = form.get(REQUESTER, NOTHING)
    found = _identifier(requester, REQUESTER_KEYS)
    if not found:
        raise InvalidContent("missing-sender", SENDER if envelope else REQUESTER)
    # The institution's name; a person's own name stays in the sealed message.
    return found, _remember(requester, "virksomhet", _NAMES, "")


def _read_envelope_sender(value: Any, place: str) -> tuple[str, str] | None:
    if value is None:
        return None
    if type(value) is not dict:
        raise wrong_kind(place, value, "object")
    for kind, key in (("HER", "herId"), ("ENH", "orgnr"), ("FORM", "skjema")):
        found = _read_identifier(kind, value.get(key), f"{place}.{key}")
        if found:
            return found, read_text(value.get("navn"), f"{place}.navn")
    return None


def _read_identifier(kind: str, value: Any, place: str) -> str:
    found = "".join(read_reference(value, place).split())
    if found and FORMS[kind].fullmatch(found) is None:
        raise InvalidContent("bad-field", place, f"{found} ≠ {kind}")
    return f"{kind}:{found}" if found else ""


_SENDERS = Remembered(_read_envelope_sender, SENDER)
_NAMES = Remembered(read_text, f"{REQUESTER}.virksomhet")
_IDENTIFIERS = {
    key: Remembered(partial(_read_identifier, kind), f"{REQUESTER}.{key}")
    for kind, key in (("HER", "herId"), ("ENH", "orgnummer"), ("HPR", "hprNummer"))
}


def _identifier(requester: Section, keys: tuple[str, ...]) -> str:
    """The first of the requester's identifiers that is given, with its kind; empty when none is."""
    for key in keys:
        if key in requester:
            found = _remember(requester, key, _IDENTIFIERS[key], "")
            if found:
                return found
    return ""


def names_of(form: Form) -> Names:
    """Sender, message id and report id of a notification, as far as they can be seen. Never raises.

    A form without envelope that cannot be used has no message id: it would be that of its record.
    """
    envelope = form.get(ENVELOPE)
    try:
        sender = read_sender(form)[0]
    except MessageError:
        sender = ""
    if envelope:
        return Names(sender, _seen(envelope, "id"), _seen(envelope, "nummer"))
    return Names(sender, "", make_report_id(form, sender) if sender else "")


def make_report_id(form: Form, sender: str) -> str:
    """The report id of a form without envelope; empty when it has no diagnosis."""
    told = form.get("diagnoseforhold", NOTHING)
    try:
        diagnosis = _remember(told, "diagnose", _DIAGNOSES, "")
    except MessageError:
        return ""
    if not diagnosis:
        return ""
    person = _person(form.get("pasient", NOTHING))
    if not person:
        return _hash(_whole(form, sender))
    day = _iso(_seen_value(told, "provedato")) or _iso(_seen_value(told, "innsykningsdato"))
    return _hash("\n".join((sender, *person, diagnosis, day)).encode("utf-8", "replace"))


def make_message_id(record: Notification) -> str:
    """The message id of a form without envelope, made of its record without one."""
    return _hash(_pack(record))


def _hash(data: bytes) -> str:
    return MADE + blake2b(data, digest_size=20).hexdigest().encode().translate(_LETTERS).decode()


def _whole(form: Form, sender: str) -> bytes:
    """All that a form says, the same however its JSON was laid out."""
    said = {
        name: {key: _seen_value(section, key) for key in section} for name, section in form.items()
    }
    try:
        return _sort([sender, said])
    except OverflowError:  # a whole number of more than 64 bits
        return json.dumps([sender, said], sort_keys=True).encode()


def _plain_diagnosis(value: Any, place: str) -> str:
    coded = value if type(value) is dict else {}
    return _plain(coded.get("verdi")) or _plain(coded.get("beskrivelse"))


_DIAGNOSES = Remembered(_plain_diagnosis, "diagnoseforhold.diagnose")


def _seen_value(section: Section, key: str) -> Any:
    try:
        return decode_value(section.get(key), "")
    except MessageError:
        return None


def _object(section: Section, key: str) -> Section:
    found = _seen_value(section, key)
    return found if type(found) is dict else NOTHING


def _plain(value: Any) -> str:
    """Text or a whole number without blanks, in one case; empty for all else."""
    return "".join(str(value).split()).casefold() if type(value) in (str, int) else ""


def _iso(value: Any) -> str:
    """A day in one form of writing; what is no day as it is."""
    written = _plain(value)
    day = parse_day(written.upper())
    return written if day is None else day.isoformat()


def _person(patient: Section) -> tuple[str, ...]:
    """What a patient is known by; nothing when that is too little."""
    number = _plain(_seen_value(patient, "fodselsnummer"))
    if number:
        return (number.zfill(11),)
    born = _iso(_seen_value(patient, "fodselsdato"))
    first, last = (_plain(_seen_value(patient, key)) for key in ("fornavn", "etternavn"))
    if not born or not first or not last:
        return ()
    return first, last, born, _plain(_object(patient, "kjonn").get("verdi"))


def _seen(envelope: Section, key: str) -> str:
    try:
        return _reference(envelope, key, "")
    except MessageError:
        return ""


def _reference(envelope: Section, key: str, reason: str) -> str:
    raw = envelope.get(key)
    place = PLACES[key]
    found = "" if raw is None else read_reference(decode_value(raw, place), place)
    if not found:
        raise InvalidContent(reason, place)
    if len(found) > MAX_REFERENCE:
        raise InvalidContent("too-large", place, f"{len(found)} > {MAX_REFERENCE}")
    return found


def _letter(letters: frozenset[str], value: Any, place: str) -> str:
    letter = read_text(value, place).upper()
    if letter and letter not in letters:
        raise InvalidContent("unknown-code", place, letter)
    return letter


_SERVICES = Remembered(partial(_letter, SERVICES), f"{ENVELOPE}.type")
_STATUSES = Remembered(partial(_letter, STATUSES), f"{ENVELOPE}.status")


def _remember(section: Section, key: str, remembered: Remembered, usual: str) -> str:
    raw = section.get(key)
    found: str = "" if raw is None else remembered[bytes(raw)]
    return found or usual


def _arrival(received: datetime | None) -> datetime:
    if received is None:
        raise InvalidContent("missing-generated", PLACES["tidspunkt"])
    return received.astimezone(UTC)


def _read_generated(envelope: Section, latest: datetime) -> datetime:
    place = PLACES["tidspunkt"]
    written = read_text(decode_value(envelope.get("tidspunkt"), place), place)
    if not written:
        raise InvalidContent("missing-generated", place)
    generated = parse_time(written)
    if generated is None:
        raise InvalidContent("bad-date", place, written)
    fault = generated_fault(generated, latest)
    if fault is not None:
        raise InvalidContent(fault[0], place, fault[1])
    return generated
