"""Facts about a patient, and what they establish: yes, no, or unknown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidelines.shipped import invented_terminology, publication_of, shipped
from varde.guidelines import InvalidPatient
from varde.guidelines.advice.conditions import Answer, established
from varde.guidelines.advice.drugs import ingredients_by_atc
from varde.guidelines.advice.facts import facts, rules
from varde.guidelines.advice.patients import Allergy, Code, Condition, Patient, age_between
from varde.guidelines.model import SNOMED, AnbefalingData, Kode, KontraindikasjonData
from varde.guidelines.treatments import iterate_doses, iterate_regimens

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN

GRAVID = Kode(SNOMED, "77386006", "Gravid")
FIRST = Kode(SNOMED, "57630001", "Gravid 1. trimester")
THIRD = Kode(SNOMED, "41587001", "Gravid 3. trimester")
LAST_WEEKS = Kode(SNOMED, "30019999999107", "Gravid siste 4 uker")
AFTER_15 = Kode(SNOMED, "30029999999100", "Gravid etter uke 15")
NURSING = Kode(SNOMED, "866041003", "Amming")
KIDNEY = Kode(SNOMED, "236423003", "Nedsatt nyrefunksjon")
SHOCK = Kode(SNOMED, "30059999999106", "Penicillin straksreaksjon")
ALLERGY = Kode(SNOMED, "91936005", "Penicillinallergi")
REACTION = Kode(SNOMED, "292954005", "Penicillin bivirkning")
CARNITINE = Kode(SNOMED, "30069999999109", "Iatrogen karnitinmangel")
OTHER = Kode(SNOMED, "73211009", "Diabetes")

woman = {"sex": "kvinne", "age": Decimal(30)}


def recorded(system: str, code: str, days: int | None = None) -> dict[str, Any]:
    return {"conditions": (Condition((Code(system, code),), days),)}


def allergic(code: str, reaction: Any = "unknown", is_allergy: bool = True) -> dict[str, Any]:
    system = "ATC" if code.startswith("J") else "SNOMED-CT"
    return {"allergies": (Allergy((Code(system, code),), reaction, is_allergy),)}


@pytest.mark.parametrize(
    ("facts_", "tilstand", "answer"),
    [
        # nothing is known: nothing is a no
        ({}, GRAVID, UNKNOWN),
        ({}, KIDNEY, UNKNOWN),
        ({}, SHOCK, UNKNOWN),
        ({}, CARNITINE, UNKNOWN),
        ({}, NURSING, UNKNOWN),
        ({}, OTHER, UNKNOWN),
        # pregnancy
        ({"pregnant": True}, GRAVID, YES),
        ({"pregnant": False}, GRAVID, NO),
        ({"pregnant": False}, THIRD, NO),
        ({"sex": "mann"}, GRAVID, NO),
        ({"sex": "mann", "pregnant": True}, GRAVID, YES),
        (woman, GRAVID, UNKNOWN),
        (woman | {"conditions": ()}, GRAVID, UNKNOWN),
        (woman | {"age": Decimal(8)}, GRAVID, NO),
        (woman | {"age": Decimal(70)}, GRAVID, NO),
        (woman | {"age": Decimal(5), "age_at_most": Decimal(40)}, GRAVID, UNKNOWN),
        (woman | recorded("ICPC-2", "W78"), GRAVID, YES),
        (woman | recorded("ICPC-2", "W78", 300), GRAVID, YES),
        (woman | recorded("ICPC-2", "W78", 302), GRAVID, UNKNOWN),
        (woman | recorded("ICD-10", "O23.1"), GRAVID, YES),
        (woman | recorded("ICD-10", "o231"), GRAVID, YES),
        (woman | recorded("ICD-10", "O80"), GRAVID, UNKNOWN),
        # weeks
        ({"pregnant": True}, FIRST, UNKNOWN),
        ({"week": 13}, FIRST, YES),
        ({"week": 14}, FIRST, NO),
        ({"week": 14}, AFTER_15, NO),
        ({"week": 15}, AFTER_15, YES),
        ({"week": 36}, LAST_WEEKS, YES),
        ({"week": 35}, LAST_WEEKS, NO),
        ({"trimester": 1}, AFTER_15, NO),
        ({"trimester": 2}, AFTER_15, UNKNOWN),
        ({"trimester": 3}, AFTER_15, YES),
        ({"trimester": 3}, FIRST, NO),
        (woman | recorded("SNOMED-CT", "57630001"), FIRST, YES),
        (woman | recorded("SNOMED-CT", "57630001"), THIRD, NO),
        (woman | recorded("SNOMED-CT", "57630001", 200), THIRD, UNKNOWN),
        # breastfeeding
        ({"breastfeeding": True}, NURSING, YES),
        ({"breastfeeding": False}, NURSING, NO),
        ({"sex": "mann"}, NURSING, NO),
        (woman | recorded("ICPC-2", "W94"), NURSING, UNKNOWN),
        # kidneys
        ({"egfr": Decimal("59.9")}, KIDNEY, YES),
        ({"egfr": Decimal(60)}, KIDNEY, NO),
        ({"conditions": ()}, KIDNEY, UNKNOWN),
        (recorded("ICD-10", "N18.4"), KIDNEY, YES),
        (recorded("ICD-10", "N18.4") | {"egfr": Decimal(90)}, KIDNEY, YES),
        (recorded("ICD-10", "N18.1"), KIDNEY, UNKNOWN),
        (recorded("ICD-10", "N18.1") | {"egfr": Decimal(90)}, KIDNEY, NO),
        # allergies
        ({"allergies": ()}, SHOCK, NO),
        ({"allergies": (), "incomplete": frozenset({"allergies"})}, SHOCK, UNKNOWN),
        ({"conditions": ()}, SHOCK, UNKNOWN),
        (allergic("373270004", "immediate"), SHOCK, YES),
        (allergic("373270004", "other"), SHOCK, NO),
        (allergic("373270004", "other"), ALLERGY, YES),
        (allergic("373270004"), SHOCK, UNKNOWN),
        (allergic("373270004", is_allergy=False), SHOCK, NO),
        (allergic("373270004", is_allergy=False), ALLERGY, NO),
        (allergic("373270004", is_allergy=False), REACTION, YES),
        (allergic("J01CA04"), ALLERGY, YES),
        (allergic("J01FA01", "immediate"), SHOCK, NO),
        (allergic("22039999999104", "immediate"), SHOCK, YES),
        (recorded("SNOMED-CT", "91936005") | {"allergies": ()}, ALLERGY, YES),
        # allergies that cannot be read, or are wider than what is asked about
        ({"allergies": (Allergy((), text="Penicillin"),)}, SHOCK, UNKNOWN),
        ({"allergies": (Allergy((), text="Penicillin"),)}, REACTION, UNKNOWN),
        ({"allergies": (Allergy(()),)}, ALLERGY, UNKNOWN),
        (allergic("99999999999"), ALLERGY, UNKNOWN),
        (allergic("J01"), ALLERGY, UNKNOWN),
        (allergic("J-unknown"), ALLERGY, UNKNOWN),
        (allergic("716186003"), ALLERGY, NO),
        # conditions in words may be anything
        ({"conditions": (Condition(()),)}, CARNITINE, UNKNOWN),
        (recorded("SNOMED-CT", "99999999999"), CARNITINE, UNKNOWN),
        (recorded("ICPC-2", "R81"), CARNITINE, NO),
        (recorded("ICPC-2", "A85"), REACTION, UNKNOWN),
        # what only a list of conditions tells
        ({"conditions": ()}, CARNITINE, NO),
        ({"conditions": (), "incomplete": frozenset({"conditions"})}, CARNITINE, UNKNOWN),
        (recorded("ICD-10", "E71.3"), CARNITINE, YES),
        ({"conditions": ()}, OTHER, NO),
        (recorded("SNOMED-CT", "73211009"), OTHER, YES),
    ],
)
def test_what_is_established(facts_: dict[str, Any], tilstand: Kode, answer: Answer) -> None:
    found = established(Patient(**facts_), tilstand)
    assert found.answer is answer, found
    assert found.reason
    assert bool(found.missing) == (answer is UNKNOWN)


def test_an_allergy_to_a_product_is_found_through_the_terminology() -> None:
    patient = Patient(**allergic("13039999999101", "immediate"))
    assert established(patient, SHOCK).answer is UNKNOWN
    assert established(patient, SHOCK, invented_terminology()).answer is YES


def test_every_condition_of_the_shipped_content_has_a_rule() -> None:
    edition = publication_of().edition
    asked: dict[str, str] = {}
    for entry in edition.current("kontraindikasjon"):
        assert isinstance(entry.innhold.data, KontraindikasjonData)
        asked |= {code.code: code.display for code in entry.innhold.data.tilstand.koder}
    for entry in edition.current("anbefaling"):
        data = entry.innhold.data
        for placed in iterate_regimens(data) if isinstance(data, AnbefalingData) else ():
            varde = placed.regimen.varde
            whom = varde.gjelderFor if varde else None
            for codes in (whom.tilstander, whom.ikkeTilstander) if whom else ():
                asked |= {code.code: code.display for code in codes or ()}
    assert {code: term for code, term in asked.items() if code not in rules()} == {}


def test_every_ingredient_of_the_shipped_content_has_an_atc_code() -> None:
    known = {code.code for codes in ingredients_by_atc().values() for code in codes}
    used = {}
    for entry in shipped().edition(date(2026, 11, 25)).current("anbefaling"):
        data = entry.innhold.data
        for dose in iterate_doses(data) if isinstance(data, AnbefalingData) else ():
            varde = dose.data.varde
            used |= {
                code.code: code
                for code in (varde.virkestoff.koder if varde and varde.virkestoff else ())
            }
    assert {one for code, one in used.items() if code not in known} == set()


def test_every_rule_has_a_source() -> None:
    for rule in facts().tilstander:
        assert rule.sources, rule.name
    for measured in facts().observations.values():
        assert measured.source


@pytest.mark.parametrize(
    "facts_",
    [
        {"age": Decimal(-1)},
        {"age": Decimal(300)},
        {"age": Decimal("NaN")},
        {"age": Decimal(5), "age_at_most": Decimal(4)},
        {"weight": Decimal(0)},
        {"weight": Decimal(-3)},
        {"weight": Decimal(900)},
        {"weight": Decimal("18.0001")},
        {"egfr": Decimal(-1)},
        {"egfr": Decimal(1000)},
        {"week": 46},
        {"week": -1},
        {"trimester": 4},
        {"pregnant": False, "week": 12},
        {"pregnant": False, "trimester": 1},
    ],
)
def test_impossible_facts_are_refused_with_a_sentence(facts_: dict[str, Any]) -> None:
    with pytest.raises(InvalidPatient, match=" "):
        Patient(**facts_)


@pytest.mark.parametrize(
    ("birth", "day", "years"),
    [
        ("2020-01-01", "2026-01-01", "6"),
        ("2020-01-01", "2025-12-31", "5.997312"),
        ("2026-05-25", "2026-11-25", "0.5"),
        ("2026-08-31", "2026-09-30", "0.083333"),
        ("2024-02-29", "2025-02-28", "1"),
        ("2026-11-25", "2026-11-25", "0"),
        ("2026-10-28", "2026-11-25", "0.075269"),
    ],
)
def test_ages(birth: str, day: str, years: str) -> None:
    found = age_between(date.fromisoformat(birth), date.fromisoformat(day))
    assert found == Decimal(years)


def test_nobody_is_born_tomorrow() -> None:
    with pytest.raises(InvalidPatient, match="after"):
        age_between(date(2026, 11, 26), date(2026, 11, 25))


days = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@given(birth=days, one=days, other=days)
def test_nobody_grows_younger(birth: date, one: date, other: date) -> None:
    first, second = sorted((one, other))
    if birth <= first:
        young, old = age_between(birth, first), age_between(birth, second)
        assert young <= old
        assert abs(old - Decimal((second - birth).days) / Decimal("365.2425")) < Decimal("0.01")
