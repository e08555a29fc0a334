"""Who is to be told of a case: a pure function of the case, the disease files and the tables of a day."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from varde.cases import Disease, Receiver
from varde.codes import municipalities, successor
from varde.codes.geography import changes
from varde.followup.tables import Next, ReceiverRow, Tables
from varde.followup.units import code_of, current, is_unit, name_unit, trust_named


class Facts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What units are told of a case, and tell whether it has changed for them: nothing that leads to the person.

    Attributes:
        residence, stay: numbers as sent; empty when nobody says.
        hospitals: what the evidence names: numbers or names, sorted.
        hospitals_by: the same, each with the key of its sender before it: what a site has said of a word holds for
            the sender that wrote it.
        discarded_on: the day of the answer that discards the case; None when none does.
        residences: all that its reports say of where the person lives, as sent, where they say more than one; else none.
    """

    number: int
    disease: str
    classification: str
    presentation: str = ""
    first_day: date
    onset: date | None = None
    imported: str = "unknown"
    form_missing: bool = False
    residence: str = ""
    stay: str = ""
    infected_in: str = ""
    hospitals: tuple[str, ...] = ()
    hospitals_by: tuple[tuple[str, str], ...] = ()
    discarded_on: date | None = None
    residences: tuple[str, ...] = ()


def differing(residences: Collection[str], on: date) -> tuple[str, ...]:
    """What reports say of where a person lives, where that is more than one municipality as borders are on a day; else
    nothing."""
    return (
        tuple(sorted(residences))
        if len({successor(one, on) or one for one in residences}) > 1
        else ()
    )


class Wanted(NamedTuple):
    """One unit that is to be told.

    Attributes:
        receiver: of the disease file, for which it stands; of several the one with the least time.
        within_hours: how fast.
        reason: why it is told in another's place; empty where it is not.
        row: the row of the disease file that asks for it: disease and day.
    """

    unit: str
    receiver: Receiver
    within_hours: float
    at_once: bool
    reason: str
    row: str


def route(
    facts: Facts, diseases: Mapping[str, Disease], tables: Tables, on: date
) -> tuple[Wanted, ...]:
    """Everybody who is to be told, each once, by unit.

    Args:
        on: the day whose tables and borders hold: that on which they are told. The duty is that of the case's first
            day.
    """
    disease = diseases.get(facts.disease)
    duty = disease.duty_on(facts.first_day) if disease else None
    if duty is None or not duty.group:
        return ()
    found: dict[str, Wanted] = {}
    for tell in duty.tell:
        for unit, reason in stand_for(tell.receiver, facts, tables, on):
            wanted = Wanted(
                unit,
                tell.receiver,
                tell.within_hours,
                duty.at_once and tell.within_hours == 0,
                reason,
                f"{facts.disease} {duty.valid_from}",
            )
            found[unit] = _both(wanted, found[unit]) if unit in found else wanted
    return tuple(found[unit] for unit in sorted(found))


def _both(one: Wanted, other: Wanted) -> Wanted:
    """A unit that is told for two receivers is told once: for the one with less time, of two alike for its own sake; why it
    is told in another's place is said all the same."""
    first, second = sorted((one, other), key=lambda w: (w.within_hours, w.reason != "", w.receiver))
    return first._replace(reason=first.reason or second.reason)


def stand_for(
    receiver: Receiver, facts: Facts, tables: Tables, on: date
) -> Iterator[tuple[str, str]]:
    """The units that stand for a receiver of a case, each with why it is told in another's place (or empty)."""
    rule = tables.receiver(receiver, on)
    if rule is None:
        return
    units = sorted(set(_units(rule, facts, tables, on)))
    yield from ((unit, "") for unit in units)
    other = tables.receiver(rule.otherwise, on) if rule.otherwise and not units else None
    if other is not None:
        yield from ((unit, _why(rule, facts)) for unit in _units(other, facts, tables, on))


def form_receivers(facts: Facts, tables: Tables, on: date) -> list[tuple[str, Receiver, str]]:
    """Who is to see to it that a clinician's missing form comes: the units of the first receiver that there is one of,
    each with that receiver and why it is told in another's place (or empty)."""
    rule = tables.form(on)
    for receiver in rule.to if rule else ():
        if found := list(stand_for(receiver, facts, tables, on)):
            return [(unit, receiver, reason) for unit, reason in found]
    return []


def next_in_line(
    unit: str, to: Sequence[Next], told: Collection[str], tables: Tables, on: date
) -> str:
    """The first who can be told in a unit's place and has not been told already; empty when there is nobody."""
    for role in to:
        found = _stand_in(unit, role, tables, on)
        if found and current(found, on) not in {current(one, on) for one in (unit, *told)}:
            return found
    return ""


def _stand_in(unit: str, role: Next, tables: Tables, on: date) -> str:
    if role == "deputy":
        deputy = tables.deputy(unit, on)
        return deputy if deputy and is_unit(deputy, on) else ""
    if role == "state-administrator":
        place = municipalities(on).get(code_of(current(unit, on) or ""))
        row = tables.administrator(place.county, on) if place else None
        return name_unit("state-administrator", row.number) if row else ""
    return name_unit("national" if role == "national-duty-officer" else role)


def _units(rule: ReceiverRow, facts: Facts, tables: Tables, on: date) -> Iterator[str]:
    if rule.place == "hospital":
        for sender, word in (*(("", word) for word in facts.hospitals), *facts.hospitals_by):
            if trust := trust_named(word, on, tables.hospital_words.get(sender, {})):
                yield name_unit(rule.unit, trust)
    elif rule.place:
        said = getattr(facts, rule.place)
        if rule.place == "stay" and not said:
            said = tables.stays_in(facts.hospitals, on)
        number = successor(said, on)
        elsewhere = tables.place(said, on) if number is None else None
        if number is not None:
            yield name_unit(rule.unit, number)
        elif elsewhere is not None and elsewhere.unit is not None:
            yield name_unit(elsewhere.unit)
    else:
        yield name_unit(rule.unit)


def _why(rule: ReceiverRow, facts: Facts) -> str:
    """Why nobody stands for a receiver."""
    number = getattr(facts, rule.place, "") if rule.place != "hospital" else ""
    divided = number and any(change.kind == "split" for change in changes().get(number, ()))
    return f"{rule.place}-split" if divided else f"{rule.place}-unknown"
