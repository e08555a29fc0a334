"""Surveys of infections in institutions: a ward on a prevalence day, an operation and its follow-up."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from varde.messages.records.base import Code, Kind, Patient, Record, Statement

InstitutionKind = Literal["hospital", "nursing-home"]


class Treatment(Record, frozen=True, kw_only=True):
    """One prescription of an antibiotic to one patient on the day of the survey.

    Attributes:
        drugs: the alternatives that name the drug (ATC code, name).
        indication: what it is given for, as sent.
        classification: healthcare-associated, community-acquired, prophylaxis …, as sent.
        route: as sent (code or word); empty when not given.
        age, sex: of the patient, when given.
    """

    drugs: tuple[Code, ...]
    indication: str = ""
    classification: str = ""
    route: str = ""
    age: int | None = None
    sex: str = ""


class InfectionCount(Record, frozen=True, kw_only=True):
    """How many on the ward had one kind of infection, by where it was acquired.

    Attributes:
        infection: a key of the survey's list of infections.
        origin: a key of its list of origins; empty when the survey does not tell.
        count: at least 0.
    """

    infection: str
    origin: str = ""
    count: int


class WardPrevalence(Statement, frozen=True, kw_only=True):
    """One ward on the day of a prevalence survey (NOIS-PIAH): counts, and nobody's identity.

    Attributes:
        institution: its identifier and name.
        institution_kind: hospital or nursing home.
        ward, ward_type, specialty: as sent.
        municipality: four digits; empty when unknown.
        surveyed: the day.
        present: patients or residents at eight in the morning.
        with_infection: of those, how many with at least one healthcare-associated infection; None
            when the survey does not say.
        on_antibiotics: of those, how many are given a systemic antibiotic; None when it does not say.
        infections: one entry per kind and origin; a zero is a count, what is absent is not.
        treatments: one entry per prescription.
    """

    kind: ClassVar[Kind] = "prevalence"

    institution: Code
    institution_kind: InstitutionKind
    ward: str
    ward_type: str = ""
    specialty: str = ""
    municipality: str = ""
    surveyed: date
    present: int
    with_infection: int | None = None
    on_antibiotics: int | None = None
    infections: tuple[InfectionCount, ...] = ()
    treatments: tuple[Treatment, ...] = ()


InfectionDepth = Literal["none", "superficial", "deep", "organ", ""]
"""Of a surgical site infection (EU case definitions); empty while nobody has looked."""


class Surgery(Statement, frozen=True, kw_only=True):
    """One operation under surveillance of surgical site infections (NOIS-POSI), and its follow-up.

    A later version of the same operation carries the follow-up: status preliminary until 30 days are over.

    Attributes:
        procedure: NCSP code, as sent; `procedure_group` a key of the survey's list of procedures.
        operated, discharged: days.
        urgent: emergency or planned; None when not given.
        asa: physical status 1 to 5; None when not given.
        wound_class: contamination class 1 (clean) to 4; None when not given.
        minutes: duration of the operation, skin to skin; None when not given.
        prophylaxis: whether antibiotic prophylaxis was given; None when not given.
        implant: whether an implant was left; None when not given.
        at_discharge, at_follow_up: infection found by then.
        infected: the day it was found; None when there is none.
        follow_up: the day of the last follow-up; None when there has been none.
        reoperated: because of the infection; None when not given.
        died: None when alive or unknown.
        hospital, department: as sent.
    """

    kind: ClassVar[Kind] = "surgery"

    patient: Patient
    hospital: Code
    department: str = ""
    procedure: Code
    procedure_group: str = ""
    operated: date
    discharged: date | None = None
    urgent: bool | None = None
    asa: int | None = None
    wound_class: int | None = None
    minutes: int | None = None
    prophylaxis: bool | None = None
    implant: bool | None = None
    at_discharge: InfectionDepth = ""
    at_follow_up: InfectionDepth = ""
    infected: date | None = None
    follow_up: date | None = None
    reoperated: bool | None = None
    died: date | None = None
