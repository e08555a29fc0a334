"""Which regimens are advised, in which order, and what is said to an order."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from guidelines.shipped import publication_of, shipped
from varde.guidelines import Amount
from varde.guidelines.advice.advising import Advice, advise
from varde.guidelines.advice.conditions import Answer
from varde.guidelines.advice.drugs import Formulary
from varde.guidelines.advice.orders import Draft, OrderCheck, check_order
from varde.guidelines.advice.patients import Allergy, Code, Condition, Patient

MAN: dict[str, Any] = {
    "age": Decimal(40), "sex": "mann", "weight": Decimal(80), "egfr": Decimal(90),
    "conditions": (), "allergies": (),
}  # fmt: skip
SHOCK = (Allergy((Code("SNOMED-CT", "373270004"),), "immediate"),)


def advice_on(
    patient: Patient, *codes: str, day: date = date(2026, 11, 25), terminology: bool = False
) -> tuple[Advice, ...]:
    diagnoses = [Code(*code.split(" ")) for code in codes]
    return advise(publication_of(day, terminology), patient, diagnoses)


def titled(advices: tuple[Advice, ...], title: str) -> Advice:
    [found] = [one for one in advices if one.innhold.tittel == title]
    return found


def preferred(advice: Advice) -> list[str]:
    return [option.doses[0].short for option in advice.options if option.preferred]


def test_the_standard_regimen_comes_first_and_is_preferred() -> None:
    found = titled(advice_on(Patient(**MAN), "ICPC-2 R81"), "Pneumoni")
    [line] = preferred(found)
    assert line.endswith("1 g x 4 i 5 døgn")
    assert found.missing == ()
    assert found.options[0].preferred


def test_with_a_penicillin_shock_the_alternatives_take_its_place() -> None:
    found = titled(advice_on(Patient(**MAN | {"allergies": SHOCK}), "ICPC-2 R81"), "Pneumoni")
    [line] = preferred(found)
    assert "penicillin" not in line.lower()


def test_what_a_contraindication_speaks_against_comes_last_with_the_reason() -> None:
    woman = MAN | {"sex": "kvinne", "age": Decimal(80), "egfr": Decimal(25)}
    found = titled(
        advice_on(Patient(**woman), "ICPC-2 U71"), "Akutt cystitt hos kvinner over 65 år"
    )
    assert preferred(found) == []
    for option in found.options:
        assert option.warnings
        assert "eGFR 25 er under 60" in option.warnings[0].finding.reason
        assert option.warnings[0].path
    assert found.treatments[0].all_warned
    assert found.treatments[0].first_choice is None
    assert found.treatments[0].suggested == found.options


def test_care_comes_before_what_is_to_be_avoided() -> None:
    facts = MAN | {"allergies": SHOCK, "egfr": Decimal(50)}
    for code in ("R81", "U70", "S76", "R95"):
        for advice in advice_on(Patient(**facts), f"ICPC-2 {code}"):
            for treatment in advice.treatments:
                for one in treatment.suggested:
                    assert not any(warned.is_strict for warned in one.warnings)
                strict = [any(w.is_strict for w in one.warnings) for one in treatment.options]
                oral = [one.placed.kind.startswith("overgang") for one in treatment.options]
                if not any(oral):
                    assert strict == sorted(strict)


def test_facts_that_are_missing_make_a_regimen_possible_and_are_named() -> None:
    found = titled(advice_on(Patient(age=Decimal(5)), "ICPC-2 R81"), "Pneumoni")
    assert preferred(found) == []
    assert {"vekt", "allergier"} <= set(found.missing)
    assert all(option.applies.answer is Answer.UNKNOWN for option in found.options)


def test_a_recommendation_for_others_is_left_out() -> None:
    titles = {one.innhold.tittel for one in advice_on(Patient(**MAN), "ICPC-2 U71")}
    assert "Akutt cystitt hos menn" in titles
    assert not [title for title in titles if "barn" in title or "gravide" in title]


def test_the_change_to_oral_is_never_the_first_choice() -> None:
    hospital = advice_on(Patient(**MAN), "ICD-10 J18")
    for advice in hospital:
        for option in advice.options:
            assert not (option.preferred and option.placed.kind.startswith("overgang"))


def test_advice_is_of_the_day() -> None:
    before = advice_on(Patient(**MAN), "ICPC-2 R81", day=date(2024, 6, 26))
    assert preferred(titled(before, "Pneumoni"))[0].endswith("i 7 døgn")
    assert advice_on(Patient(**MAN), "ICPC-2 R81", day=date(2000, 1, 1)) == ()


def test_other_code_systems_are_passed_over() -> None:
    assert advice_on(Patient(**MAN), "ATC J01CE02", "LOINC 29463-7") == ()


def check(patient: Patient, draft: Draft, *codes: str, terminology: bool = False) -> OrderCheck:
    publication = publication_of(terminology=terminology)
    advices = advice_on(patient, *codes, terminology=terminology)
    return check_order(publication, patient, draft, advices)


def of(atc: str, **numbers: str) -> Draft:
    amounts = {
        name: Amount(*map(Decimal, text.split("-")))
        for name, text in numbers.items()
        if name != "unit"
    }
    return Draft(codes=(Code("ATC", atc),), unit=numbers.get("unit", "mg"), **amounts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("draft", "deviations"),
    [
        (of("J01CE02", dose="1000", frequency="4", days="5"), ()),
        (of("J01CE02", dose="1200", frequency="4", days="5"), ()),
        (of("J01CE02", dose="650", frequency="4"), ("Dosen er 650 mg; anbefalt er 1 g.",)),
        (of("J01CE02", frequency="3"), ("Doser per døgn er 3; anbefalt er 4.",)),
        (of("J01CE02", days="7"), ("Varigheten er 7 døgn; anbefalt er 5 døgn.",)),
        (of("J01CE02", dose="2", unit="tablett"), ()),
        (of("J01CE02", dose="2", unit=""), ()),
        (of("J01CE02", dose="12.5", unit="mg/kg"), ()),
        (of("J01CE02", dose="5", unit="mg/kg"), ("Dosen er 5 mg/kg; anbefalt er 1 g.",)),
        (of("J01CE02"), ()),
    ],
)
def test_only_what_can_be_computed_and_differs_clearly_is_said(
    draft: Draft, deviations: tuple[str, ...]
) -> None:
    found = check(Patient(**MAN), draft, "ICPC-2 R81")
    assert found.deviations == deviations
    assert found.recommended is True


def test_a_loading_dose_counts_among_the_days() -> None:
    patient = Patient(**MAN | {"allergies": SHOCK})
    draft = of("J01AA02", dose="100", frequency="1", days="5")
    assert check(patient, draft, "ICD-10 J18.9").deviations == ()


def test_nothing_is_said_about_drugs_that_are_no_antibiotics_or_without_a_diagnosis() -> None:
    assert check(Patient(**MAN), of("N02AA01"), "ICPC-2 R81").recommended is None
    assert check(Patient(**MAN), of("J01CE02")).recommended is None
    assert check(Patient(**MAN), of("J01DC02"), "ICPC-2 R81").recommended is False


def test_contraindications_need_no_diagnosis() -> None:
    found = check(Patient(**MAN | {"allergies": SHOCK}), of("J01CA04"))
    assert [one.indicator for one in found.warnings if one.tilstand.code == "30059999999106"] == [
        "critical"
    ]


@pytest.mark.parametrize("terminology", [False, True])
@pytest.mark.parametrize(
    ("codes", "ingredients"),
    [
        ((Code("ATC", "j01ee01"),), {"trimetoprim", "sulfametoksazol"}),
        ((Code("SNOMED-CT", "21229999999103"),), {"trimetoprim"}),
        ((Code("SNOMED-CT", "not-a-code"),), set()),
        ((Code("ATC", "N02AA01"),), set()),
        ((), set()),
    ],
)
def test_what_is_in_an_ordered_drug(
    codes: tuple[Code, ...], ingredients: set[str], terminology: bool
) -> None:
    publication = publication_of(terminology=terminology)
    drug = Formulary(publication.edition, publication.terminology).of_order(codes)
    assert {one.display for one in drug.ingredients} == ingredients


def test_the_same_drug_means_the_same_however_it_is_coded() -> None:
    publication = publication_of(terminology=True)
    formulary = Formulary(publication.edition, publication.terminology)
    ways = [
        Code("ATC", "J01CA08"),
        Code("SNOMED-CT", "11189999999102"),
        Code("SNOMED-CT", "22029999999101"),
        Code("SNOMED-CT", "22019999999108"),
    ]
    assert len({formulary.of_order([way]).meaning for way in ways}) == 1


def test_records_of_conditions_in_any_system_count() -> None:
    pregnant = MAN | {
        "sex": "kvinne",
        "age": Decimal(30),
        "conditions": (Condition((Code("ICD-10", "Z33"),)),),
    }
    found = titled(advice_on(Patient(**pregnant), "ICPC-2 U71"), "Akutt cystitt hos gravide")
    assert preferred(found)


def test_every_recommendation_can_be_asked_for_by_each_of_its_codes() -> None:
    edition = shipped().edition(date(2026, 11, 25))
    for entry in edition.current("anbefaling"):
        for system in ("ICPC-2", "ICD-10"):
            for code in entry.innhold.koder.of(system) if entry.innhold.koder else ():
                advise(publication_of(), Patient(), [Code(system, code)])
