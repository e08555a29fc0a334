"""What a message says, in one shape for every wire format: typed, immutable, as sent.

Nothing here is translated: codes and words stay as the sender wrote them, and `varde.codes` maps
them when the register folds the record. A record therefore never changes when a code map does.
Times are aware and in UTC; a time without zone in a message is Norwegian local time.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from varde.messages.errors import mask_digits

ServiceType = Literal["N", "M", "C", "H", "A"]
"""New, modified, cancelled, historic copy, additional results (KITH code list 8310's letters)."""

Status = Literal["P", "S", "F"]
"""Preliminary, partial, final."""

Sir = Literal["S", "I", "R", ""]
"""EUCAST categories; empty when the laboratory gave no category (an MIC alone, say)."""

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


class Patient(Record, frozen=True, kw_only=True):
    """The patient as the message describes them; every field may be unknown.

    Attributes:
        identifier: None for a patient without number (then no episodes can be followed).
        birth_date: from the message or from the identifier; None when unknown.
        age: whole years at collection, when the message gives age and not birth date.
        municipality: four-digit kommunenummer of residence as sent, or empty.
    """

    identifier: PersonId | None = None
    sex: Sex = ""
    birth_date: date | None = None
    age: int | None = None
    municipality: str = ""


class Susceptibility(Record, frozen=True, kw_only=True):
    """One isolate against one antibiotic, as reported.

    Attributes:
        antibiotics: the alternatives that name the antibiotic (a national and a local code of the
            same test); the first one that maps is used.
        sir: S, I, R; empty when the laboratory gave only a measurement.
        mic: minimum inhibitory concentration in mg/L as sent but with a decimal point
            ("0.125", "<=0.5", ">256"); empty when not given.
        zone: zone diameter in millimetres, 0 when not given.
    """

    antibiotics: tuple[Code, ...]
    sir: Sir = ""
    mic: str = ""
    zone: int = 0


class Finding(Record, frozen=True, kw_only=True):
    """One organism found in one specimen, with its susceptibilities.

    Attributes:
        number: position among the report's findings, from 1; stable within the report.
        specimen: the `Specimen.number` it was found in.
        organisms: the alternatives that name the organism; the first one that maps is used.
        quantity: amount of growth as free text, or empty.
        order: tie-breaker between findings of one patient on one day, from the content itself
            (the isolate number of a line list); 0 when the message gives none.
    """

    number: int
    specimen: int
    organisms: tuple[Code, ...]
    quantity: str = ""
    order: int = 0
    susceptibilities: tuple[Susceptibility, ...] = ()


class Specimen(Record, frozen=True, kw_only=True):
    """One specimen of the report.

    Attributes:
        number: position in the report, from 1.
        specimen_id: the laboratory's own number for it, or empty.
        materials: the alternatives that name the material (code list 8351, free text).
        collected: when it was taken. A day without hour is that day's Norwegian midnight.
        ward: the kind of ward or unit as sent (free text or code), or empty.
    """

    number: int
    specimen_id: str = ""
    materials: tuple[Code, ...] = ()
    collected: datetime
    ward: str = ""


class LabReport(Record, frozen=True, kw_only=True):
    """One version of one laboratory answer: the unit that is accepted, replaced or cancelled.

    Attributes:
        sender: the laboratory, as ``"HER:91843"``, ``"ENH:985626154"`` or a line list's sender.
        sender_name: its name as sent.
        message_id: unique per sender; with several reports in one message, ``id#2`` and so on.
        report_id: the laboratory's number for the report, constant over its versions.
        generated: when this version was made: it decides which version is newer.
        notifiable: code of list 8269 (``MSIS-M``, ``MSIS-UM``, ``MSIS-AV``) or empty.
        negative: True when the report says explicitly that nothing was found.
    """

    sender: str
    sender_name: str = ""
    message_id: str
    report_id: str
    service_type: ServiceType = "N"
    status: Status = "F"
    generated: datetime
    discipline: str = ""
    notifiable: str = ""
    negative: bool = False
    patient: Patient = Patient()
    specimens: tuple[Specimen, ...] = ()
    findings: tuple[Finding, ...] = ()


class Failure(Record, frozen=True, kw_only=True):
    """An item that could not be read: what a `MessageError` says, as a value in a batch.

    Attributes:
        item: its position in the file, from 0; the other items of the file are unaffected.
        sender: who sent it, when that much could be read; empty otherwise.
        message_id: the sender's id of it, when that much could be read; empty otherwise.
        report_id: the number of the report, as `LabReport.report_id`, when that much could be read;
            empty otherwise. A later message with the same one is its correction.
    """

    item: int
    reason: str
    place: str = ""
    detail: str = ""
    sender: str = ""
    message_id: str = ""
    report_id: str = ""

    def __repr__(self) -> str:
        ids = mask_digits(f"{self.message_id!r}, report_id={self.report_id!r}", 11)
        said = f"place={self.place!r}, detail={self.detail!r}, sender={self.sender!r}"
        return f"Failure(item={self.item}, reason={self.reason!r}, {said}, message_id={ids})"
