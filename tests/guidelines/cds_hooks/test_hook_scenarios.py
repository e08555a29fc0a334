"""What a doctor is told in well-known situations: the table is the specification.

Each row is a situation and what stands on the cards. The content is the demonstration content; "terms"
says whether the invented terminology is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pytest

from guidelines.cds_hooks.hook_requests import (
    ANAPHYLAXIS,
    Json,
    allergy,
    collection,
    condition,
    dosage,
    encode,
    hook_request,
    observation,
    order,
    person,
    searchset,
)
from guidelines.shipped import TODAY, publication_of
from varde.guidelines.cds_hooks import answer

ADULT = person("1984-05-17", "male")
WOMAN = person("1996-02-01", "female")
CHILD = person("2021-03-03", "female")
PENICILLIN_SHOCK = allergy("SNOMED 373270004", ANAPHYLAXIS)
OLD_PREGNANCY = condition("ICPC-2 W78", recordedDate="2024-01-10")
PREGNANT = condition("ICPC-2 W78", recordedDate="2026-10-01")


@dataclass(frozen=True)
class Situation:
    """One row.

    Attributes:
        says: all of these stand on one and the same card, in its summary or detail.
        never: none of these stands on any card.
        indicator: of that card.
    """

    name: str
    hook: str
    who: Json
    diagnosis: str = ""
    records: tuple[Json, ...] = ()
    allergies: tuple[Json, ...] = ()
    orders: tuple[Json, ...] = ()
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    indicator: str = "info"
    silent: bool = False
    terms: bool = False
    day: date = field(default=TODAY)


def weighs(kilograms: float) -> Json:
    return observation("29463-7", kilograms, "kg", "2026-11-01")


def week(number: int) -> Json:
    return observation("18185-9", number, "wk", TODAY.isoformat())


def filters(rate: float) -> Json:
    return observation("98979-8", rate, "mL/min/{1.73_m2}", "2026-10-01")


SITUATIONS = (
    Situation(
        "pneumonia, adult: five days since 27.06.2024",
        "patient-view", ADULT, "ICPC-2 R81",
        says=("Pneumoni:", "Fenoksymetylpenicillin", "1 g x 4 i 5 døgn", "Førstevalg"),
    ),
    Situation(
        "the same the day before: seven days",
        "patient-view", ADULT, "ICPC-2 R81", day=date(2024, 6, 26),
        says=("Pneumoni:", "1 g x 4 i 7 døgn"), never=("1 g x 4 i 5 døgn",),
    ),
    Situation(
        "the same by an ICD-10 code without full stop",
        "patient-view", ADULT, "ICD-10 J189",
        says=("1 g x 4 i 5 døgn",),
    ),
    Situation(
        "cystitis, child of 18 kg: worked out exactly",
        "patient-view", CHILD, "ICPC-2 U71", records=(weighs(18), filters(110)),
        says=("135 mg x 3 (7,5 mg/kg × 18 kg) i 5 døgn", "7,5 mg/kg × 18 kg = 135 mg.", "Per døgn: 405 mg."),
        never=("Opplysninger som mangler",),
    ),
    Situation(
        "the same of 17.3 kg: whole mg, with the exact number in the detail",
        "patient-view", CHILD, "ICPC-2 U71", records=(weighs(17.3),),
        says=("130 mg x 3 (7,5 mg/kg × 17,3 kg)", "= 129,75 mg, vist som 130 mg."),
    ),
    Situation(
        "the same without weight: says so",
        "patient-view", CHILD, "ICPC-2 U71",
        says=("7,5 mg/kg x 3", "Dosen kan ikke regnes ut: vekt mangler.", "Opplysninger som mangler: vekt."),
    ),
    Situation(
        "a weight of half a year ago says nothing about a child",
        "patient-view", CHILD, "ICPC-2 U71",
        records=(observation("29463-7", 12, "kg", "2026-05-01"),),
        says=("vekt mangler",), never=("12 kg",),
    ),
    Situation(
        "of several weights the newest counts, also in gram",
        "patient-view", CHILD, "ICPC-2 U71",
        records=(observation("29463-7", 17, "kg", "2026-10-01"), observation("3141-9", 18000, "g", "2026-11-01")),
        says=("7,5 mg/kg × 18 kg",), never=("17 kg",),
    ),
    Situation(
        "a weight that was entered in error does not count",
        "patient-view", CHILD, "ICPC-2 U71",
        records=(observation("29463-7", 180, "kg", "2026-11-01", status="entered-in-error"),),
        says=("vekt mangler",),
    ),
    Situation(
        "a healed, refuted or old diagnosis is not advised on",
        "patient-view", ADULT, records=(
            condition("ICPC-2 R81", clinicalStatus={"coding": [{"code": "resolved"}]}),
            condition("ICPC-2 R81", verificationStatus={"coding": [{"code": "refuted"}]}),
            condition("ICPC-2 R81", recordedDate="2026-09-01"),
        ),
        silent=True,
    ),
    Situation(
        "an old diagnosis of this encounter is",
        "patient-view", ADULT, records=(
            condition("ICPC-2 R81", recordedDate="2026-09-01",
                      category=[{"coding": [{"code": "encounter-diagnosis"}]}]),
        ),
        says=("Pneumoni:",),
    ),
    Situation(
        "of a year of birth alone, what is certain is said",
        "patient-view", person("1980", "male"), "ICPC-2 R81",
        says=("Førstevalg", "1 g x 4 i 5 døgn"),
    ),
    Situation(
        "and what is not is left open",
        "patient-view", person("2014", "male"), "ICPC-2 R81", records=(weighs(45),),
        says=("nøyaktig alder",),
    ),
    Situation(
        "cystitis in pregnancy: five days",
        "patient-view", WOMAN, "ICPC-2 U71", records=(PREGNANT,),
        says=("Akutt cystitt hos gravide:", "200 mg x 3 i 5 døgn"), never=("i 3 døgn",),
    ),
    Situation(
        "a pregnancy of two years ago is over, and nobody knows of a new one",
        "patient-view", WOMAN, "ICPC-2 U71", records=(OLD_PREGNANCY,),
        says=("i 3 døgn", "graviditetsstatus", "hvis aktuelt"),
    ),
    Situation(
        "erythema migrans, child of 40 kg: cut at the highest single dose",
        "patient-view", person("2018-01-01", "male"), "ICPC-2 A78", records=(weighs(40),),
        says=("650 mg x 4 (20 mg/kg × 40 kg, høyst 650 mg per dose)",
              "20 mg/kg × 40 kg = 800 mg, begrenset til høyeste enkeltdose 650 mg."),
    ),
    Situation(
        "acute bronchitis: no antibiotic",
        "patient-view", ADULT, "ICPC-2 R78",
        says=("Akutt bronkitt: Uten antibiotika",),
    ),
    Situation(
        "a diagnosis that the guideline does not have",
        "patient-view", ADULT, "ICPC-2 L03", silent=True,
    ),
    Situation(
        "penicillin shock, and penicillin is drafted (by product, with the path)",
        "order-sign", ADULT, "ICPC-2 R81", allergies=(PENICILLIN_SHOCK,), terms=True,
        orders=(order("SNOMED 13039999999101", dosage=dosage(1, "g", 4, 5)),),
        says=("kontraindikasjon – Penicillin straksreaksjon", "journalen har reaksjon på",
              "Funnet i SNOMED CT:", "har presist virkestoff", "Doksysyklin"),
        indicator="critical",
    ),
    Situation(
        "the same drafted as ATC, without terminology",
        "order-select", ADULT, "ICPC-2 R81", allergies=(PENICILLIN_SHOCK,),
        orders=(order("ATC J01CE02"),),
        says=("kontraindikasjon – Penicillin straksreaksjon", "ATC J01CE02 er fenoksymetylpenicillin."),
        indicator="critical",
    ),
    Situation(
        "an undescribed reaction to penicillin: not certain, and said",
        "order-sign", ADULT, "ICPC-2 R81", allergies=(allergy("SNOMED 373270004"),), terms=True,
        orders=(order("ATC J01CE02", dosage=dosage(1, "g", 4, 5)),),
        says=("Penicillin bivirkning", "reaksjonen på SNOMED-CT 373270004 er ikke beskrevet"),
        indicator="warning",
    ),
    Situation(
        "doxycycline to a pregnant woman in week 20",
        "order-sign", WOMAN, "ICPC-2 R81", records=(PREGNANT, week(20)),
        orders=(order("ATC J01AA02"),),
        says=("kontraindikasjon – Gravid", "ICPC-2 W78, uke 20"), indicator="critical",
    ),
    Situation(
        "doxycycline to a pregnant woman, and nobody knows the week",
        "order-sign", WOMAN, "ICPC-2 R81", records=(PREGNANT,),
        orders=(order("ATC J01AA02"),),
        says=("Gravid", "kan ikke utelukkes", "uken er ikke kjent"), indicator="warning",
    ),
    Situation(
        "weeks of pregnancy are counted on from when they were measured",
        "order-sign", WOMAN, "ICPC-2 R81",
        records=(observation("18185-9", 12, "wk", "2026-10-28"),),
        orders=(order("ATC J01AA02"),),
        says=("kontraindikasjon – Gravid", "uke 16"), indicator="critical",
    ),
    Situation(
        "nitrofurantoin at eGFR 25",
        "order-sign", person("1950-01-01", "female"), "ICPC-2 U71", records=(filters(25),),
        orders=(order("ATC J01XE01", dosage=dosage(50, "mg", 3, 5)),),
        says=("forsiktighetsregel – Nedsatt nyrefunksjon", "eGFR 25 er under 60"), indicator="warning",
    ),
    Situation(
        "nitrofurantoin at eGFR 80, as recommended: nothing to say",
        "order-sign", person("1950-01-01", "female"), "ICPC-2 U71", records=(filters(80),),
        orders=(order("ATC J01XE01", dosage=dosage(50, "mg", 3, 5)),), silent=True,
    ),
    Situation(
        "two ingredients: both are met",
        "order-sign", person("1960-01-01", "male"), "ICPC-2 Y73", records=(filters(25),), terms=True,
        orders=(order("SNOMED 13309999999106", dosage=dosage(2, "{tablet}", 2, 14)),),
        says=("forsiktighetsregel – Nedsatt nyrefunksjon", "Funnet i SNOMED CT"), indicator="warning",
    ),
    Situation(
        "two ingredients: one tablet where two are recommended",
        "order-sign", person("1960-01-01", "male"), "ICPC-2 Y73", records=(filters(90),), terms=True,
        orders=(order("SNOMED 13309999999106", dosage=dosage(1, "{tablet}", 2, 14)),),
        says=("Dosen er 1 tablett; anbefalt er 2 tabletter.",), indicator="warning",
    ),
    Situation(
        "trimethoprim alone is not the two together",
        "order-sign", person("1960-01-01", "male"), "ICPC-2 Y73", records=(filters(90),),
        orders=(order("ATC J01EA01"),),
        says=("er ikke blant det som anbefales ved Akutt prostatitt",), indicator="warning",
    ),
    Situation(
        "another dose and duration than recommended",
        "order-sign", ADULT, "ICPC-2 R81",
        orders=(order("ATC J01CE02", dosage=dosage(660, "mg", 4, 10)),),
        says=("Dosen er 660 mg; anbefalt er 1 g.", "Varigheten er 10 døgn; anbefalt er 5 døgn."),
        indicator="warning",
    ),
    Situation(
        "an antibiotic for bronchitis",
        "order-sign", ADULT, "ICPC-2 R78", orders=(order("ATC J01CA04"),),
        says=("er ikke blant det som anbefales ved Akutt bronkitt", "Uten antibiotika"),
        indicator="warning",
    ),
    Situation(
        "a broad antibiotic that the guideline does not mention",
        "order-sign", ADULT, "ICPC-2 R81", orders=(order("ATC J01DC02"),),
        says=("er ikke blant det som anbefales",), indicator="warning",
    ),
    Situation(
        "no antibiotic at all: nothing to say",
        "order-sign", ADULT, "ICPC-2 R81", orders=(order("ATC N02AA01"),), silent=True,
    ),
    Situation(
        "the order says what it is for, whatever else is on record",
        "order-sign", ADULT, "ICPC-2 R78",
        orders=(order("ATC J01CE02", dosage=dosage(1, "g", 4, 5),
                      reasonCode=[condition("ICPC-2 R81")["code"]]),),
        silent=True,
    ),
)  # fmt: skip


def cards_of(situation: Situation) -> list[Json]:
    day = situation.day.isoformat()
    coded = [situation.diagnosis] if situation.diagnosis else []
    diagnoses = [condition(code, recordedDate=day) for code in coded]
    conditions = [one for one in situation.records if one["resourceType"] == "Condition"]
    observations = [one for one in situation.records if one["resourceType"] == "Observation"]
    prefetch = {
        "patient": situation.who,
        "conditions": searchset(*diagnoses, *conditions),
        "allergies": searchset(*situation.allergies),
        "anything": searchset(*observations),
    }
    context = {"draftOrders": collection(*situation.orders)} if situation.orders else {}
    request = encode(hook_request(situation.hook, prefetch, **context))
    publication = publication_of(situation.day, situation.terms)
    service = f"varde-antibiotika-{situation.hook}"
    cards = answer(service, request, publication, situation.day, "https://varde.test")["cards"]
    assert isinstance(cards, list)
    return cards


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.name)
def test_what_the_cards_say(situation: Situation) -> None:
    cards = cards_of(situation)
    texts = [f"{card['summary']}\n{card['detail']}" for card in cards]
    if situation.silent:
        assert texts == []
        return
    found = [
        card
        for card, text in zip(cards, texts, strict=True)
        if all(part in text for part in situation.says)
    ]
    assert found, "\n\n".join(texts) or "no cards"
    assert found[0]["indicator"] == situation.indicator
    for part in situation.never:
        assert not [text for text in texts if part in text], part


def test_the_answer_names_what_the_order_should_be_instead() -> None:
    [situation] = [one for one in SITUATIONS if one.name.startswith("penicillin shock")]
    [card] = cards_of(situation)
    actions = [action for one in card["suggestions"] for action in one["actions"]]
    assert {action["type"] for action in actions} == {"delete", "create"}
    assert all(
        action["resourceId"] == "MedicationRequest/m1"
        for action in actions
        if action["type"] == "delete"
    )
    created = [action["resource"] for action in actions if action["type"] == "create"]
    names = {one["medicationCodeableConcept"]["text"] for one in created}
    assert names
    assert not any("penicillin" in name.lower() for name in names)
    assert card["overrideReasons"]
