"""The dated tables of ``data/routing.json``: who stands for a receiver, what is waited for, who comes next.

Rows of one kind and key stand in the order of `valid_from`; the last that has begun is the one that holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from varde.access.roles import Words
from varde.cases import LinkKind, Receiver, Tell
from varde.codes import normal_name

DATA = Path(__file__).with_name("data") / "routing.json"

Kind = Literal[
    "municipality",
    "trust",
    "national",
    "national-backup",
    "food-safety",
    "state-administrator",
    "svalbard",
]
Next = Literal["deputy", "state-administrator", "national-duty-officer", "national-backup"]
EventKind = Literal["food", "institution", "hospital", "other"]
EVENT_KINDS: tuple[EventKind, ...] = ("food", "institution", "hospital", "other")
Hours = Annotated[float, Meta(ge=0, le=8760)]


class TablesInvalid(ValueError):
    """The tables contradict themselves; the message says which row and how."""


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every row: the day it holds from, and where it is from."""

    valid_from: date
    source: str


class ReceiverRow(Row, frozen=True, kw_only=True):
    """Who stands for a receiver of the disease files.

    Attributes:
        place: what of the case says which unit of this kind; empty where there is only one.
        otherwise: who is told where that is not known; None: nobody.
    """

    receiver: Receiver
    unit: Kind
    place: Literal["residence", "stay", "hospital", ""] = ""
    otherwise: Receiver | None = None


class ReminderRow(Row, frozen=True, kw_only=True):
    """When a unit that has not answered is late, and when it is reminded.

    Attributes:
        grace_minutes: so long after the time by which it was to know it is not said to be late.
        after_hours, every_hours, most: the first reminder so long after that time, then every so often, so many times.
        then_every_hours: after those, for as long as there is no answer; None: no more.
    """

    at_once: bool
    grace_minutes: Annotated[int, Meta(ge=0, le=10_080)] = 0
    after_hours: Hours
    every_hours: Annotated[float, Meta(gt=0, le=8760)]
    most: Annotated[int, Meta(ge=0, le=100)]
    then_every_hours: Annotated[float, Meta(gt=0, le=8760)] | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is told next, and how long after the time by which the unit was to know.

    Attributes:
        to: the first of these that has not been told of it already.
    """

    after_hours: Hours
    to: Annotated[tuple[Next, ...], Meta(min_length=1)]


class EscalationRow(Row, frozen=True, kw_only=True):
    """Who is told when a unit does not answer.

    Attributes:
        within_hours: how fast whoever is told in its place is to answer.
    """

    at_once: bool
    within_hours: Hours
    steps: tuple[Step, ...]


class DeputyRow(Row, frozen=True, kw_only=True):
    """The unit that stands in for another; both as `municipality:0301`."""

    unit: str
    deputy: str
    valid_to: date | None = None


class PlaceRow(Row, frozen=True, kw_only=True):
    """A number that stands where a municipality's does and is none.

    Attributes:
        unit: who is told of cases there; None: nobody knows.
        within: the number of the place that it is part of; empty for none.
        known: whether it says where somebody is.
    """

    number: str
    name: Words
    unit: Kind | None = None
    within: str = ""
    known: bool = True


class AdministratorRow(Row, frozen=True, kw_only=True):
    """A state administrator (statsforvalter) and the counties it serves.

    Attributes:
        number: of the first of its counties: it makes up the unit's name.
    """

    number: str
    counties: tuple[str, ...]
    name: Words


class TelephoneRow(Row, frozen=True, kw_only=True):
    """Where a unit is reached at all hours."""

    unit: str
    number: str


class InstitutionRow(Row, frozen=True, kw_only=True):
    """A nursing home or the like, whose name in an answer or form says where a person stays.

    Attributes:
        number: by which it is sent too: organisation number or HER id; empty for none.
        municipality: where it lies, by the number of that time.
    """

    name: str
    number: str = ""
    municipality: str
    valid_to: date | None = None


class FormRow(Row, frozen=True, kw_only=True):
    """Who is reminded of a clinician's form that is missing: the first receiver that can be found.

    Attributes:
        escalate_after_days: so long after the form was due the national duty officer sees it among what nobody has
            answered; before that it is routine.
    """

    after_days: Annotated[int, Meta(ge=0, le=365)]
    within_hours: Hours
    escalate_after_days: Annotated[int, Meta(ge=0, le=3660)]
    to: tuple[Receiver, ...]


class EventRow(Row, frozen=True, kw_only=True):
    """Who is told of an event, and what it says of its cases.

    Attributes:
        link: what being in the event with a confirmed case is evidence of, where the disease's definition asks for such
            links; else the same source.
    """

    kind: EventKind
    tell: tuple[Tell, ...]
    link: LinkKind = "common-source"


class DaysRow(Row, frozen=True, kw_only=True):
    """A number of days."""

    days: Annotated[int, Meta(ge=1, le=3660)]


class FollowUpRow(DaysRow, frozen=True, kw_only=True):
    """How many days after the last exposure a contact is followed; of the disease that is empty: of all others."""

    disease: str


class Tables(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file.

    Attributes:
        institutions: none is shipped; a site names those of its area (`varde.followup.site`).
        hospital_words: sender → what a site has said that its words mean which name a hospital; not in the file
            (`varde.followup.site`).
    """

    version: str
    source: str
    units: dict[str, Words]
    reasons: dict[str, Words]
    receivers: tuple[ReceiverRow, ...]
    reminders: tuple[ReminderRow, ...]
    escalation: tuple[EscalationRow, ...]
    deputies: tuple[DeputyRow, ...]
    places: tuple[PlaceRow, ...]
    state_administrators: tuple[AdministratorRow, ...]
    telephones: tuple[TelephoneRow, ...]
    form_missing: tuple[FormRow, ...]
    events: tuple[EventRow, ...]
    history: tuple[DaysRow, ...]
    follow_up: tuple[FollowUpRow, ...]
    institutions: tuple[InstitutionRow, ...] = ()
    hospital_words: dict[str, Mapping[str, str]] = {}

    def receiver(self, receiver: Receiver, day: date) -> ReceiverRow | None:
        """Who stands for a receiver on a day."""
        return _on((row for row in self.receivers if row.receiver == receiver), day)

    def reminder(self, at_once: bool, day: date) -> ReminderRow | None:
        """How units are reminded on a day."""
        return _on((row for row in self.reminders if row.at_once == at_once), day)

    def steps(self, at_once: bool, day: date) -> tuple[Step, ...]:
        """Who is told next, in order."""
        row = self.escalation_on(at_once, day)
        return row.steps if row else ()

    def escalation_on(self, at_once: bool, day: date) -> EscalationRow | None:
        """Who is told, and how fast, when a unit does not answer."""
        return _on((row for row in self.escalation if row.at_once == at_once), day)

    def deputy(self, unit: str, day: date) -> str:
        """The unit that stands in for another on a day; empty when there is none."""
        rows = (row for row in self.deputies if row.unit == unit)
        row = _on(rows, day)
        return row.deputy if row and (row.valid_to is None or day <= row.valid_to) else ""

    def place(self, number: str, day: date) -> PlaceRow | None:
        """What a number means that stands where a municipality's does and is none."""
        return _on((row for row in self.places if row.number == number), day)

    def administrator(self, county: str, day: date) -> AdministratorRow | None:
        """The state administrator of a county."""
        return _on((row for row in self.state_administrators if county in row.counties), day)

    def administrator_named(self, number: str, day: date) -> AdministratorRow | None:
        """The state administrator of a number."""
        return _on((row for row in self.state_administrators if row.number == number), day)

    def telephone(self, unit: str, day: date) -> str:
        """Where a unit is reached; empty where the tables do not say."""
        row = _on((row for row in self.telephones if row.unit == unit), day)
        return row.number if row else ""

    def stays_in(self, words: Iterable[str], day: date) -> str:
        """The municipality of the one institution that some words or numbers name; empty for none, or for two."""
        sent = {normal_name(word) for word in words} | {_bare(word) for word in words}
        found = {
            row.municipality
            for row in self.institutions
            if row.valid_from <= day
            and (row.valid_to is None or day <= row.valid_to)
            and (normal_name(row.name) in sent or (row.number and _bare(row.number) in sent))
        }
        return found.pop() if len(found) == 1 else ""

    def form(self, day: date) -> FormRow | None:
        """Who is reminded of a missing form."""
        return _on(self.form_missing, day)

    def event(self, kind: str, day: date) -> tuple[Tell, ...]:
        """Who is told of an event of a kind."""
        row = _on((row for row in self.events if row.kind == kind), day)
        return row.tell if row else ()

    def event_link(self, kind: str, day: date) -> LinkKind:
        """What being in an event of a kind is evidence of."""
        row = _on((row for row in self.events if row.kind == kind), day)
        return row.link if row else "common-source"

    def history_days(self, day: date) -> int | None:
        """After how many days a case that is first known is history; None: never."""
        row = _on(self.history, day)
        return row.days if row else None

    def follow_up_days(self, disease: str, day: date) -> int | None:
        """How long contacts are followed, as far as this table says of the disease itself."""
        row = _on((row for row in self.follow_up if row.disease == disease), day)
        return row.days if row else None


_Row = TypeVar("_Row", bound=Row)


def _bare(number: str) -> str:
    """A number without its kind: "HER:123" as "123"."""
    return number.rpartition(":")[2].strip()


def _on(rows: Iterable[_Row], day: date) -> _Row | None:
    holding = None
    for row in rows:
        if row.valid_from <= day:
            holding = row
    return holding


def read_tables(content: bytes) -> Tables:
    """Decode and check a file of tables.

    Raises:
        msgspec.ValidationError: it does not have the shape of `Tables`.
        TablesInvalid: rows are out of order, or a step comes before the one before it.
    """
    read = msgspec.json.decode(content, type=Tables)
    keyed: dict[tuple[str, str], date] = {}
    for name in _ORDERED:
        for row in getattr(read, name):
            key = next(
                (str(getattr(row, field)) for field in _KEYS if hasattr(row, field)),
                "",
            )
            before = keyed.get((name, key))
            if before is not None and row.valid_from <= before:
                raise TablesInvalid(f"{name}, {key or 'row'} of {row.valid_from}: not in order")
            keyed[name, key] = row.valid_from
    for each in read.escalation:
        hours = [step.after_hours for step in each.steps]
        if hours != sorted(hours):
            raise TablesInvalid(f"escalation of {each.valid_from}: steps are not in order")
    for rule in read.receivers:
        if rule.unit in ("municipality", "trust") and not rule.place:
            raise TablesInvalid(f"receivers, {rule.receiver}: which {rule.unit}?")
    return read


_KEYS = ("receiver", "at_once", "number", "unit", "kind")
"""What rows of one list are told apart by: the first that they have."""
_ORDERED = (
    "receivers",
    "reminders",
    "escalation",
    "deputies",
    "places",
    "state_administrators",
    "form_missing",
    "events",
)


@cache
def tables() -> Tables:
    """The tables that are shipped."""
    return read_tables(DATA.read_bytes())
