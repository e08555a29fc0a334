"""The dated tables of ``data/routing.json``: who stands for a receiver, what is waited for, who comes next.

Rows of one kind and key stand in the order of `valid_from`; the last that has begun is the one that holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from varde.access.roles import Words
from varde.cases import Receiver, Tell

DATA = Path(__file__).with_name("data") / "routing.json"

Kind = Literal["municipality", "trust", "national", "food-safety"]
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
    """When a unit that has not answered is reminded: so long after the time by which it was to know, then every so
    often, and how many times at most."""

    at_once: bool
    after_hours: Hours
    every_hours: Annotated[float, Meta(gt=0, le=8760)]
    most: Annotated[int, Meta(ge=0, le=100)]


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is told next, and how long after the time by which the unit was to know."""

    after_hours: Hours
    to: Literal["deputy", "national-duty-officer"]


class EscalationRow(Row, frozen=True, kw_only=True):
    """Who is told when a unit does not answer."""

    at_once: bool
    steps: tuple[Step, ...]


class DeputyRow(Row, frozen=True, kw_only=True):
    """The unit that stands in for another; both as `municipality:0301`."""

    unit: str
    deputy: str
    valid_to: date | None = None


class FormRow(Row, frozen=True, kw_only=True):
    """Who is reminded of a clinician's form that is missing: the first receiver that can be found."""

    after_days: Annotated[int, Meta(ge=0, le=365)]
    within_hours: Hours
    to: tuple[Receiver, ...]


class EventRow(Row, frozen=True, kw_only=True):
    """Who is told of an event."""

    kind: EventKind
    tell: tuple[Tell, ...]


class DaysRow(Row, frozen=True, kw_only=True):
    """A number of days."""

    days: Annotated[int, Meta(ge=1, le=3660)]


class FollowUpRow(DaysRow, frozen=True, kw_only=True):
    """How many days after the last exposure a contact is followed; of the disease that is empty: of all others."""

    disease: str


class Tables(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    version: str
    source: str
    units: dict[str, Words]
    reasons: dict[str, Words]
    receivers: tuple[ReceiverRow, ...]
    reminders: tuple[ReminderRow, ...]
    escalation: tuple[EscalationRow, ...]
    deputies: tuple[DeputyRow, ...]
    form_missing: tuple[FormRow, ...]
    events: tuple[EventRow, ...]
    history: tuple[DaysRow, ...]
    follow_up: tuple[FollowUpRow, ...]

    def receiver(self, receiver: Receiver, day: date) -> ReceiverRow | None:
        """Who stands for a receiver on a day."""
        return _on((row for row in self.receivers if row.receiver == receiver), day)

    def reminder(self, at_once: bool, day: date) -> ReminderRow | None:
        """How units are reminded on a day."""
        return _on((row for row in self.reminders if row.at_once == at_once), day)

    def steps(self, at_once: bool, day: date) -> tuple[Step, ...]:
        """Who is told next, in order."""
        row = _on((row for row in self.escalation if row.at_once == at_once), day)
        return row.steps if row else ()

    def deputy(self, unit: str, day: date) -> str:
        """The unit that stands in for another on a day; empty when there is none."""
        rows = (row for row in self.deputies if row.unit == unit)
        row = _on(rows, day)
        return row.deputy if row and (row.valid_to is None or day <= row.valid_to) else ""

    def form(self, day: date) -> FormRow | None:
        """Who is reminded of a missing form."""
        return _on(self.form_missing, day)

    def event(self, kind: str, day: date) -> tuple[Tell, ...]:
        """Who is told of an event of a kind."""
        row = _on((row for row in self.events if row.kind == kind), day)
        return row.tell if row else ()

    def history_days(self, day: date) -> int | None:
        """After how many days a case that is first known is history; None: never."""
        row = _on(self.history, day)
        return row.days if row else None

    def follow_up_days(self, disease: str, day: date) -> int | None:
        """How long contacts are followed, as far as this table says of the disease itself."""
        row = _on((row for row in self.follow_up if row.disease == disease), day)
        return row.days if row else None


_Row = TypeVar("_Row", bound=Row)


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
    for name in ("receivers", "reminders", "escalation", "deputies", "form_missing", "events"):
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


_KEYS = ("receiver", "at_once", "unit", "kind")


@cache
def tables() -> Tables:
    """The tables that are shipped."""
    return read_tables(DATA.read_bytes())
