"""Who got it: what tells the patient apart, age and sex. Names and addresses are not read."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from varde.messages.identifiers import NO_IDENTITY, identify
from varde.messages.lmdi.entries import Entries, Held
from varde.messages.lmdi.errors import EntryRefused
from varde.messages.lmdi.resources import MedicationAdministration, Patient
from varde.messages.lmdi.vocabulary import Sex, vocabulary

OLDEST = 120
MOST_NUMBERS = 20
"""Identifiers of one patient: each of thousands of administrations looks at all of them."""


class Person(NamedTuple):
    """A patient, on the day that the drug was given.

    Attributes:
        key: what tells the patient apart; holds a national number, and is replaced by a pseudonym before it is kept.
            Empty when nothing tells.
        age: whole years; None when unknown, or when it cannot be right.
    """

    key: str
    age: int | None
    sex: Sex


def read_person(held: Held, entries: Entries, scope: str, on: date) -> Person:
    """The patient of an administration.

    Args:
        scope: of numbers that are not national: those of one scope are never of another's patients.
        on: the day it was given.

    Raises:
        EntryRefused: ``lmdi-no-patient``, ``invalid-identity-number``, ``contradictory-birth-date``,
            ``contradictory-sex``, ``bad-date``, or the reference leads nowhere.
    """
    administration: MedicationAdministration = held.resource
    subject = administration.subject
    found = entries.read(Patient, subject, held, "subject")
    if found is not None:
        at, patient = found
        identifiers, place = patient.identifier, at.at("identifier")
    elif subject is not None and subject.identifier is not None:
        at, patient = held, Patient()
        identifiers, place = (subject.identifier,), held.at("subject.identifier")
    else:
        raise EntryRefused("lmdi-no-patient", held.at("subject"))
    if len(identifiers) > MOST_NUMBERS:
        raise EntryRefused("bad-field", place, f"{len(identifiers)} > {MOST_NUMBERS}")
    key, identity = "", NO_IDENTITY
    for each in identifiers:
        kind = vocabulary().persons.get(each.system)
        value = each.value.replace(" ", "")
        if kind is None or not value:
            if value and not key:
                key = f"{scope}|{each.system}|{value}"
            continue
        said = identify(kind, value, on)
        if not said.valid:
            raise EntryRefused("invalid-identity-number", place, kind)
        if identity is not NO_IDENTITY and key != value:
            raise EntryRefused("several-patients", place)
        key, identity = value, said
    if not key and patient.id:
        key = f"{scope}|id|{patient.id}"
    born = _born(patient, at)
    if identity.contradicts(born):
        raise EntryRefused("contradictory-birth-date", at.at("birthDate"))
    sex = vocabulary().genders.get(patient.gender)
    if sex is None and patient.gender:
        raise EntryRefused("bad-field", at.at("gender"), patient.gender[:20])
    if sex and identity.sex and sex != identity.sex:
        raise EntryRefused("contradictory-sex", at.at("gender"))
    known: Sex = sex or identity.sex
    return Person(key, _age(born or identity.birth_date, on, at), known)


def _born(patient: Patient, at: Held) -> date | None:
    """The day of birth; None when it is not stated to the day."""
    written = patient.birth_date.strip()
    if len(written) in (0, 4, 7):
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise EntryRefused("bad-date", at.at("birthDate")) from None


def _age(born: date | None, on: date, at: Held) -> int | None:
    if born is None:
        return None
    years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    if years < 0:
        raise EntryRefused("contradictory-birth-date", at.at("birthDate"))
    return years if years <= OLDEST else None
