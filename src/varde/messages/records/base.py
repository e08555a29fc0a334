"""What every record has in common: codes as sent, persons, statements and failures."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal

import msgspec

from varde.messages.errors import mask_digits

ServiceType = Literal["N", "M", "C", "H", "A"]
"""New, modified, cancelled, historic copy, additional results (KITH code list 8310's letters)."""

Status = Literal["P", "S", "F"]
"""Preliminary, partial, final."""

Kind = Literal["laboratory", "notification", "vaccination", "prevalence", "surgery"]
"""What is stated: a laboratory answer, a clinician's notification, a vaccination, a ward on the day of
a prevalence survey, an operation and its follow-up."""

Sex = Literal["F", "M", ""]


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of all records: immutable, compared by value."""


class Code(Record, frozen=True, kw_only=True):
    """A coded or free-text expression exactly as sent; at least one of code and text is not empty.

    Attributes:
        system: OID or the mapping file's name of the code system; empty for free text.
        code: the code as sent, blanks stripped.
        text: the words that came with it (KITH's DN or OT attribute, a cell of a list).
    """

    system: str = ""
    code: str = ""
    text: str = ""


class PersonId(Record, frozen=True, kw_only=True):
    """An identifier of a person. Shown as ``•`` in every representation, so that it is not logged.

    Attributes:
        kind: FNR, DNR, HNR, FHN, DUF, or LOCAL for a sender's own number.
        value: the identifier itself, blanks removed. Never stored or logged in clear.
        issuer: for LOCAL, who issued it (two laboratories' patient 17 are two persons).
    """

    kind: str
    value: str
    issuer: str = ""

    def __repr__(self) -> str:
        return f"PersonId(kind={self.kind!r}, value='•')"

    __str__ = __repr__


class Described(Record, frozen=True, kw_only=True):
    """Who a statement says that it is about, beyond what `Patient` counts by: for telling persons apart
    (`varde.linkage`) and for the identity vault, and for nothing else. Shown as ``Described(•)``, so that
    nobody is logged. Empty or None is what was not said.

    Attributes:
        numbers: every number that was given, that of `Patient.identifier` too. Kinds are those of `PersonId`, and
            PASSPORT for a travel document, whose issuer is a country.
        family, given: names as written; a name of waiting ("Nyfødt") stays as it is.
        birth_year: when only the year is known.
        address: street address and place as written, on one line.
        postal_code: of residence, four digits.
        phone: as written; of several, the first that is the person's own.
        born_multiple: whether one of twins or more (HL7 PID-24, FHIR ``multipleBirthBoolean``).
        birth_order: which of them (HL7 PID-25, FHIR ``multipleBirthInteger``), from 1.
        died: the day of death.
        dead: that the person is dead, where it is said without a day that can be read (FHIR ``deceasedBoolean``, HL7 PID-30).
    """

    numbers: tuple[PersonId, ...] = ()
    family: str = ""
    given: str = ""
    birth_year: int | None = None
    address: str = ""
    postal_code: str = ""
    phone: str = ""
    born_multiple: bool | None = None
    birth_order: int | None = None
    died: date | None = None
    dead: bool = False

    def __repr__(self) -> str:
        return "Described(•)"

    __str__ = __repr__


class Patient(Record, frozen=True, kw_only=True):
    """The patient as the message describes them; every field may be unknown.

    Attributes:
        identifier: None for a patient without number (then no episodes can be followed).
        birth_date: from the message or from the identifier; None when unknown.
        age: whole years at collection, when the message gives age and not birth date.
        municipality: four-digit kommunenummer of residence as sent, or empty.
        described: names, numbers and contact details; None when the message gives none of them.
    """

    identifier: PersonId | None = None
    sex: Sex = ""
    birth_date: date | None = None
    age: int | None = None
    municipality: str = ""
    described: Described | None = None


class Statement(Record, frozen=True, kw_only=True):
    """One version of something a sender states: the unit that is accepted, replaced or cancelled.

    Attributes:
        sender: who says it, as ``"HER:91843"``, ``"ENH:985626154"`` or a line list's sender.
        sender_name: its name as sent.
        message_id: unique per sender; with several statements in one message, ``id#2`` and so on.
        report_id: the sender's number for what is stated, constant over its versions.
        generated: when this version was made: it decides which version is newer.
    """

    kind: ClassVar[Kind]

    sender: str
    sender_name: str = ""
    message_id: str
    report_id: str
    service_type: ServiceType = "N"
    status: Status = "F"
    generated: datetime


class Failure(Record, frozen=True, kw_only=True):
    """An item that could not be read: what a `MessageError` says, as a value in a batch.

    Attributes:
        item: its position in the file, from 0; the other items of the file are unaffected.
        sender: who sent it, when that much could be read; empty otherwise.
        message_id: the sender's id of it, when that much could be read; empty otherwise.
        report_id: the number of the report, as `Statement.report_id`, when that much could be read;
            empty otherwise. A later message with the same one is its correction.
        kind: what it would have been a statement of, when that much could be seen; empty otherwise.
        notifiable: whether a mark of something notifiable stands in it (`varde.messages.marks`).
    """

    item: int
    reason: str
    place: str = ""
    detail: str = ""
    sender: str = ""
    message_id: str = ""
    report_id: str = ""
    kind: str = ""
    notifiable: bool = False

    def __repr__(self) -> str:
        ids = mask_digits(f"{self.message_id!r}, report_id={self.report_id!r}", 11)
        said = f"place={self.place!r}, detail={self.detail!r}, sender={self.sender!r}"
        return f"Failure(item={self.item}, reason={self.reason!r}, {said}, message_id={ids})"
