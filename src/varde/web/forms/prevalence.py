"""NOIS-PIAH on a form: a ward on the day of the survey, its infections, and its prescriptions.

The number of a ward's form is made of place, institution, ward and day: sent again, it replaces what was
there, and prescriptions that are no longer on it are withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from hashlib import blake2b
from types import MappingProxyType
from typing import NamedTuple

from django.utils.translation import gettext as _

from varde.messages import ServiceType, Table, published_tables, write_treatments, write_ward
from varde.web.forms import antibiotics
from varde.web.forms.definitions import Definition, explain
from varde.web.forms.faults import Answers
from varde.web.forms.fields import Field, Section, Values
from varde.web.forms.handing_in import Sender
from varde.web.forms.tables import day_of, field_of, organisation_faults, plain_values

WARD = (
    *("surveyed", "institution", "institution_name", "municipality"),
    *("ward", "ward_type", "specialty"),
)
NUMBERS = ("present", "with_infection", "on_antibiotics")
PRESCRIPTION = ("atc", "indication", "classification", "route", "age", "sex")
ORIGINS = ("own", "other-hospital", "other-nursing-home")
FIRST_ROWS, MORE_ROWS, MOST_ROWS = 5, 5, 60

STAND_INS = MappingProxyType(
    {"surveyed": "2020-01-01", "institution": "X", "ward": "X", "present": "9999"}
)
ROW_STAND_INS = MappingProxyType({"atc": "J01XX08", "classification": "Ukjent"})
"""Also what stands in a row that withdraws a prescription: nobody reads it, and it must not be empty."""

_LETTERS = bytes.maketrans(b"0123456789abcdef", b"ABCDEFGHIJKLMNOP")


class CountRow(NamedTuple):
    """One infection, with the field for each place where it can have been acquired."""

    key: str
    name: str
    fields: Sequence[Field]


def wards() -> Table:
    """The table of wards."""
    return published_tables()["nois-piah-avdeling"]


def treatments() -> Table:
    """The table of prescriptions."""
    return published_tables()["nois-piah-behandling"]


def sections(on: date) -> list[Section]:
    """The ward and its numbers."""
    table = wards()
    return [
        Section(_("Ward"), [field_of(table.column(name), on) for name in WARD]),
        Section(
            _("Patients or residents"),
            [field_of(table.column(name), on) for name in NUMBERS],
        ),
    ]


def counts(kind: str, on: date) -> list[CountRow]:
    """The infections that are counted in one kind of institution ("hospital" or "nursing-home")."""
    names, origins = _infections(), origin_names()
    rows: dict[str, dict[str, Field]] = {}
    for column in wards().columns:
        infection, origin = column.about.get("infection"), column.about.get("origin", "")
        if infection and column.about.get("only", kind) == kind:
            label = f"{names[infection]}, {origins[origin].lower()}"
            rows.setdefault(infection, {})[origin] = field_of(column, on, label=label)
    return [
        CountRow(infection, names[infection], [fields[origin] for origin in ORIGINS])
        for infection, fields in rows.items()
    ]


def origin_names() -> dict[str, str]:
    """Where an infection can have been acquired."""
    return {
        "own": _("Here"),
        "other-hospital": _("Another hospital"),
        "other-nursing-home": _("Another nursing home"),
    }


def _infections() -> dict[str, str]:
    return {
        "uti": _("Urinary tract infection"),
        "uti-catheter": _("Urinary tract infection with catheter"),
        "uti-no-catheter": _("Urinary tract infection without catheter"),
        "lower-airway": _("Lower respiratory tract infection"),
        "ssi-superficial": _("Surgical site infection, superficial"),
        "ssi-deep": _("Surgical site infection, deep"),
        "ssi-organ": _("Surgical site infection, organ or space"),
        "skin": _("Skin infection"),
        "bsi-primary": _("Bloodstream infection, primary"),
        "bsi-secondary": _("Bloodstream infection, secondary"),
    }


def prescription(number: int, on: date) -> list[Field]:
    """The questions about one prescription, from 1."""
    table = treatments()
    asked = [field_of(table.column(name), on, row_prefix(number)) for name in PRESCRIPTION]
    # A row may be left empty: only in one that is used must anything be filled in.
    return [
        replace(
            field, required=False, suggested=antibiotics.LIST if field.example else "", longest=80
        )
        for field in asked
    ]


def row_prefix(number: int) -> str:
    """What stands before the names of the fields of a prescription."""
    return f"r{number}-"


def number_of(values: Values, sender: Sender) -> str:
    """The number of a ward's form: the same for the same ward and day."""
    surveyed, institution, ward = (
        (values.get(name) or [""])[0] for name in ("surveyed", "institution", "ward")
    )
    said = "\n".join(" ".join(each.split()).casefold() for each in (institution, ward))
    digest = blake2b(f"{sender.key}\n{said}".encode("utf-8", "replace"), digest_size=8)
    letters = digest.hexdigest().encode().translate(_LETTERS).decode()
    return f"{day_of(surveyed)[:10]}-{letters}"


def write_counts(
    values: Values, kind: str, sender: Sender, now: datetime, service_type: ServiceType = "N"
) -> bytes:
    """The ward's counts as they are handed in; M when they replace what was sent for the ward and day."""
    return write_ward(_ward(values, kind, sender), now, service_type)


def write_prescriptions(
    ward: Values,
    kind: str,
    rows: Sequence[Values],
    withdrawn: Sequence[str],
    sender: Sender,
    now: datetime,
) -> bytes:
    """The ward's prescriptions as they are handed in.

    Args:
        withdrawn: numbers of prescriptions that were sent before and are no longer there.
    """
    gone = [{**ROW_STAND_INS, "report_id": number} for number in withdrawn]
    shared = _ward(ward, kind, sender)
    return write_treatments(shared, [_coded(row) for row in rows], now, gone)


def _coded(row: Values) -> dict[str, str]:
    """A prescription with the code of its antibiotic, which may have been written by name."""
    values = plain_values(row)
    return values | {"atc": antibiotics.atc_of(values["atc"])} if "atc" in values else values


def answers_of(values: Values, fields: Mapping[str, Field]) -> Answers:
    """What was answered, for words about contradictions."""
    words = {
        "with_infection": _("This does not go together with the infections counted below."),
    }
    return Answers(fields, values, ("present",), words)


def find_own_faults(values: Values, kind: str, on: date) -> dict[str, str]:
    """What the form asks for beyond what the readers need, by field.

    A total that is more than all infections that were counted means that some were forgotten: the reader
    can only say so when nothing was left empty.
    """
    faults = organisation_faults(values, "institution")
    counted = [
        int(text)
        for row in counts(kind, on)
        for field in row.fields
        for text in values.get(field.name, ())
        if _is_count(text)
    ]
    total = (values.get("with_infection") or [""])[0]
    if counted and _is_count(total) and sum(counted) < int(total):
        faults["with_infection"] = _(
            "Only %(counted)s infections are counted below. Count the rest too, or leave all of them empty "
            "if nobody has counted by infection."
        ) % {"counted": sum(counted)}
    return faults


def find_prescription_faults(values: Values, described: int) -> dict[str, str]:
    """Whether as many prescriptions are described as patients are given antibiotics; none at all is right too.

    A patient may be given several, so more of them are never wrong, but for nobody.
    """
    given = (values.get("on_antibiotics") or [""])[0]
    if not described or not _is_count(given):
        return {}
    said = {"described": described, "given": int(given)}
    if int(given) == 0:
        text = _("Prescriptions are described below (%(described)s), but nobody is given any.")
    elif described < int(given):
        text = _(
            "%(given)s are given antibiotics, but only %(described)s prescriptions are described below. "
            "Describe the rest too, or leave all of them empty."
        )
    else:
        return {}
    return {"on_antibiotics": text % said}


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6


def words_to_explain(kind: str, on: date) -> list[Definition]:
    """What is counted in one kind of institution, and what it means."""
    return explain(["associated", *(row.key for row in counts(kind, on))])


def _ward(values: Values, kind: str, sender: Sender) -> dict[str, str]:
    return {
        **plain_values(values),
        "institution_kind": kind,
        "sender": sender.key,
        "sender_name": sender.name,
        "report_id": number_of(values, sender),
    }
