"""NOIS-POSI on a form: one operation, and later its follow-up under the same number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType

from django.utils.translation import gettext as _

from varde.messages import ServiceType, Table, published_tables, write_surgery
from varde.web.forms.faults import Answers
from varde.web.forms.fields import Field, Section, Values
from varde.web.forms.handing_in import Sender
from varde.web.forms.tables import field_of, organisation_faults, plain_values

PATIENT = ("patient", "born", "sex", "age", "municipality")
OPERATION = (
    *("hospital", "hospital_name", "department", "procedure", "procedure_name", "operated"),
    *("discharged", "minutes", "asa", "wound_class", "urgent", "prophylaxis", "implant"),
)
INFECTION = ("at_discharge", "follow_up", "at_follow_up", "infected", "reoperated", "died")

STAND_INS = MappingProxyType(
    {"report_id": "X", "hospital": "X", "procedure": "AAA00", "operated": "1990-01-01"}
)


def operations() -> Table:
    """The table of operations."""
    return published_tables()["nois-posi"]


def sections(on: date) -> list[Section]:
    """The form, in the reader's language."""
    table = operations()
    number = Field(
        name="report_id",
        label=_("Your number of the operation"),
        hint=_("Use the same number for the follow-up. Never an identity number."),
        required=True,
        longest=60,
    )

    def ask(names: tuple[str, ...]) -> list[Field]:
        return [field_of(table.column(name), on) for name in names]

    return [
        Section(_("Operation"), [number, *ask(OPERATION)]),
        Section(_("Patient"), ask(PATIENT)),
        Section(_("Infection and follow-up"), ask(INFECTION)),
    ]


def answers_of(values: Values, fields: Mapping[str, Field]) -> Answers:
    """What was answered, for words about contradictions."""
    words = {
        "follow_up": _(
            "Fill in the day of the follow-up, when it says whether there was an infection."
        ),
        "infected": _(
            "There is a day that the infection was found, but no infection at discharge or at follow-up."
        ),
        "reoperated": _(
            "Operated on again because of an infection, but no infection at discharge or at follow-up."
        ),
    }
    return Answers(fields, values, ("operated", "born"), words, "patient")


DEFINED = ("ssi-superficial", "ssi-deep", "ssi-organ", "within-30-days")
"""Words of the form that it explains."""


def find_own_faults(values: Values) -> dict[str, str]:
    """What the form asks for beyond what the readers need, by field."""
    return organisation_faults(values, "hospital")


def write(values: Values, sender: Sender, now: datetime, service_type: ServiceType = "N") -> bytes:
    """The operation as it is handed in; M for a follow-up or a correction."""
    own = {"sender": sender.key, "sender_name": sender.name}
    return write_surgery({**plain_values(values), **own}, now, service_type)
