"""What must not mislead: words nobody can read, impossible numbers, orders nobody knows, empty lists."""

from __future__ import annotations

from typing import Any

import pytest

from guidelines.cds_hooks.hook_requests import (
    ANAPHYLAXIS,
    Json,
    allergy,
    collection,
    concept,
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
from varde.guidelines.cds_hooks import answer, discover
from varde.guidelines.cds_hooks.texts import escape, first_sentence, make_plain

ADULT = person("1984-05-17", "male")
CHILD = person("2021-03-03", "female")
OLD_WOMAN = person("1950-01-01", "female")
PENICILLIN = order("ATC J01CE02", dosage=dosage(1, "g", 4, 5))


def cards_for(
    who: Json,
    *records: Json,
    diagnosis: str = "",
    orders: tuple[Json, ...] = (),
    terms: bool = False,
) -> list[Json]:
    kinds: dict[str, list[Json]] = {"Condition": [], "AllergyIntolerance": [], "Observation": []}
    if diagnosis:
        kinds["Condition"].append(condition(diagnosis, recordedDate=TODAY.isoformat()))
    for one in records:
        kinds[one["resourceType"]].append(one)
    prefetch = {
        "patient": who,
        "conditions": searchset(*kinds["Condition"]),
        "allergies": searchset(*kinds["AllergyIntolerance"]),
        "anything": searchset(*kinds["Observation"]),
    }
    hook = "order-sign" if orders else "patient-view"
    context = {"draftOrders": collection(*orders)} if orders else {}
    body = encode(hook_request(hook, prefetch, **context))
    service = f"varde-antibiotika-{hook}"
    found = answer(service, body, publication_of(TODAY, terms), TODAY, "https://varde.test")
    cards = found["cards"]
    assert isinstance(cards, list)
    return cards


def in_words(text: str, **members: Any) -> Json:
    found = allergy("SNOMED 1", **members)
    return found | {"code": {"text": text}}


def weighs(value: float, unit: str = "kg") -> Json:
    return observation("29463-7", value, unit, "2026-11-01")


def filters(rate: float) -> Json:
    return observation("98979-8", rate, "mL/min/{1.73_m2}", "2026-10-01")


def called(text: str, **members: Any) -> Json:
    return order("ATC X", **members) | {"medicationCodeableConcept": {"text": text}}


# --- allergies and conditions in words ------------------------------------------------------------


@pytest.mark.parametrize(
    "entry", [in_words("Penicillin"), allergy("SNOMED 99999999999") | {"code": {"coding": [
        {"system": "http://snomed.info/sct", "code": "99999999999", "display": "Penicillin"}]}}],
    ids=["words", "unknown code"],
)  # fmt: skip
def test_an_allergy_nobody_can_read_is_quoted_and_keeps_penicillin_in_doubt(entry: Json) -> None:
    [card] = cards_for(ADULT, entry, diagnosis="ICPC-2 R81", orders=(PENICILLIN,))
    assert card["indicator"] == "warning"
    assert "kan ikke utelukkes" in card["summary"]
    assert "Allergi som ikke kan tolkes: «Penicillin»" in card["detail"]
    view = cards_for(ADULT, entry, diagnosis="ICPC-2 R81")
    assert all("Allergi som ikke kan tolkes: «Penicillin»" in one["detail"] for one in view)
    assert "enoksymetylpenicillin" not in view[0]["summary"]
    for code in ("R81", "R72", "S76", "U71", "D82", "H71"):
        for one in cards_for(ADULT, entry, diagnosis=f"ICPC-2 {code}"):
            labels = [suggestion["label"] for suggestion in one.get("suggestions", ())]
            assert not [label for label in labels if "cillin" in label]


def test_an_immediate_reaction_that_may_have_been_is_said_before_a_mild_one_that_was() -> None:
    entry = allergy("SNOMED 373270004")
    [card] = cards_for(ADULT, entry, diagnosis="ICPC-2 R81", orders=(PENICILLIN,))
    assert "Penicillin straksreaksjon kan ikke utelukkes" in card["summary"]
    assert "Forsiktighetsregel: Penicillin bivirkning" in card["detail"]


def test_words_that_are_exactly_an_ingredient_are_that() -> None:
    shock = in_words("  Amoksicillin ") | {"reaction": [{"manifestation": [concept(ANAPHYLAXIS)]}]}
    [card] = cards_for(ADULT, shock, diagnosis="ICPC-2 R81", orders=(PENICILLIN,))
    assert card["indicator"] == "critical"
    assert "kan ikke tolkes" not in card["detail"]
    other = cards_for(ADULT, in_words("doksysyklin"), diagnosis="ICPC-2 R81", orders=(PENICILLIN,))
    assert other == []


def test_a_code_does_not_hide_words_of_the_same_entry() -> None:
    both = in_words("Pencilin?") | {"reaction": [{"substance": concept("ATC J01FA01")}]}
    [card] = cards_for(ADULT, both, diagnosis="ICPC-2 R81", orders=(PENICILLIN,))
    assert "«Pencilin?»" in card["detail"]


def test_an_order_of_another_antibiotic_quotes_the_words_too() -> None:
    nitrofurantoin = order("ATC J01XE01", dosage=dosage(50, "mg", 3, 5))
    records = (in_words("Noe fra 1987"), filters(80))
    [card] = cards_for(OLD_WOMAN, *records, diagnosis="ICPC-2 U71", orders=(nitrofurantoin,))
    assert card["indicator"] == "info"
    assert "Noe fra 1987" in card["summary"]


def test_no_known_allergy_is_none() -> None:
    none = allergy("SNOMED 716186003")
    assert cards_for(ADULT, none, diagnosis="ICPC-2 R81", orders=(PENICILLIN,)) == []


# --- observations that cannot be ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (weighs(1800), "Vekt 1800 kg er ikke mulig og er ikke brukt"),
        (weighs(-5), "Vekt -5 kg er ikke mulig og er ikke brukt"),
        (weighs(0), "Vekt 0 kg er ikke mulig og er ikke brukt"),
        (weighs(1e300), "er ikke mulig og er ikke brukt"),
        (weighs(180), "Vekt 180 kg er ikke mulig ved pasientens alder og er ikke brukt"),
        (filters(5000), "eGFR 5000 mL/min/"),
    ],
)
def test_an_impossible_observation_is_left_out_and_named(record: Json, said: str) -> None:
    [card] = cards_for(CHILD, record, diagnosis="ICPC-2 U71")
    assert said.replace("{", r"\{") in card["detail"]
    assert "Dosen kan ikke regnes ut: vekt mangler." in card["detail"]


def test_a_heavy_adult_is_possible_and_an_older_weight_does_not_replace_an_impossible_one() -> None:
    assert "ikke brukt" not in cards_for(ADULT, weighs(180), diagnosis="ICPC-2 R81")[0]["detail"]
    older = observation("29463-7", 18, "kg", "2026-10-20")
    [card] = cards_for(CHILD, weighs(180), older, diagnosis="ICPC-2 U71")
    assert "18 kg =" not in card["detail"]


@pytest.mark.parametrize(
    ("value", "unit", "shown"), [(40, "[lb_av]", "18,144 kg"), (18000, "g", "18 kg")]
)
def test_weights_in_other_units_are_converted(value: float, unit: str, shown: str) -> None:
    [card] = cards_for(CHILD, weighs(value, unit), diagnosis="ICPC-2 U71")
    assert f"7,5 mg/kg × {shown}" in card["detail"]


# --- kidneys: care, and never an empty list -------------------------------------------------------


def test_where_every_regimen_has_a_warning_all_are_listed_and_may_be_chosen() -> None:
    nitrofurantoin = order("ATC J01XE01", dosage=dosage(50, "mg", 3, 5))
    [card] = cards_for(OLD_WOMAN, filters(59), diagnosis="ICPC-2 U71", orders=(nitrofurantoin,))
    assert card["indicator"] == "warning"
    assert "forsiktighetsregel – Nedsatt nyrefunksjon" in card["summary"]
    assert "Ingen av behandlingene er uten advarsel" in card["detail"]
    assert "Anbefalt ved" not in card["detail"]
    assert "Frarådes" not in card["detail"]
    assert "Tilpass dosen etter nyrefunksjonen" in card["detail"]
    assert card["detail"].count("**Med forsiktighet:**") == 2
    [suggestion] = card["suggestions"]
    assert suggestion["label"].startswith("Pivmecillinam")
    assert "isRecommended" not in suggestion
    assert card["overrideReasons"]


def test_the_view_of_the_patient_says_it_too() -> None:
    [card] = cards_for(OLD_WOMAN, filters(59), diagnosis="ICPC-2 U71")
    assert "ingen behandling er uten forsiktighetsregel" in card["summary"]
    assert len(card["suggestions"]) == 2
    assert card["overrideReasons"]


def test_what_is_to_be_avoided_is_never_suggested() -> None:
    shock = allergy("SNOMED 373270004", ANAPHYLAXIS)
    for code in ("R81", "R72", "S76", "U71", "D82"):
        for card in cards_for(ADULT, shock, diagnosis=f"ICPC-2 {code}"):
            for one in card.get("suggestions", ()):
                assert "cillin" not in one["label"]


# --- orders ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Fenoksymetylpenicillin", "fenoksymetylpenicillin peroral"])
def test_an_order_in_words(text: str) -> None:
    shock = allergy("SNOMED 373270004", ANAPHYLAXIS)
    [card] = cards_for(ADULT, shock, orders=(called(text),))
    if text == "Fenoksymetylpenicillin":
        assert card["indicator"] == "critical"
    else:
        assert card["indicator"] == "info"
        assert card["summary"] == f"Bestillingen kunne ikke kontrolleres: {text}"
        assert "journalen har reaksjon på" in card["detail"]


@pytest.mark.parametrize(
    "draft",
    [
        called("Apocillin 660 mg"),
        order("SNOMED 99999999999"),
        order("SNOMED 1") | {"medicationCodeableConcept": {"coding": [{"display": "Apocillin"}]}},
        order("SNOMED 1") | {"medicationCodeableConcept": {}},
    ],
)
def test_an_order_that_cannot_be_read_says_so_only_where_it_matters(draft: Json) -> None:
    assert cards_for(ADULT, orders=(draft,)) == []
    assert cards_for(ADULT, diagnosis="ICPC-2 L03", orders=(draft,)) == []
    [card] = cards_for(ADULT, diagnosis="ICPC-2 R81", orders=(draft,))
    assert card["indicator"] == "info"
    assert card["summary"].startswith("Bestillingen kunne ikke kontrolleres")
    assert "suggestions" not in card
    for record in (filters(20), condition("ICD-10 D55.0"), in_words("Pencilin")):
        assert cards_for(ADULT, record, orders=(draft,)), record


def test_a_card_is_built_on_the_recommendation_that_has_the_drug() -> None:
    doxycycline = order("ATC J01AA02", dosage=dosage(100, "mg", 4, 20))
    penicillin = order("ATC J01CE02", dosage=dosage(1, "g", 2, 5))
    for draft in (doxycycline, penicillin):
        cards = cards_for(ADULT, diagnosis="ICPC-2 R81", orders=(draft,))
        assert len(cards) == 1
        made = [
            action["resource"]["medicationCodeableConcept"]["text"].casefold()
            for action in cards[0]["suggestions"][0]["actions"]
            if action["type"] == "create"
        ]
        wanted = "doksysyklin" if draft is doxycycline else "fenoksymetylpenicillin"
        assert made[0].startswith(wanted)
        page = cards[0]["source"]["url"]
        assert page.endswith("/atypisk-pneumoni/" if draft is doxycycline else "/pneumoni/")
        assert cards[0]["links"][0]["url"] == page


# --- which recommendations ------------------------------------------------------------------------


def test_no_drug_recommendation_crowds_out_what_applies() -> None:
    titles = [
        card["summary"].partition(":")[0]
        for card in cards_for(CHILD, weighs(18), diagnosis="ICPC-2 U71")
    ]
    assert titles == ["Akutt cystitt hos barn"]
    [bronchitis] = cards_for(ADULT, diagnosis="ICPC-2 R78")
    assert bronchitis["summary"].startswith("Akutt bronkitt")


def test_cards_without_drugs_come_last() -> None:
    cards = cards_for(ADULT, condition("ICPC-2 R78"), condition("ICPC-2 R81", id="c2"))
    assert cards[0]["summary"].startswith("Pneumoni")
    assert cards[-1]["summary"].startswith("Akutt bronkitt")


def test_a_patient_younger_than_every_dose_is_told_so() -> None:
    baby = person("2026-08-25", "female")
    [card] = cards_for(baby, weighs(6), diagnosis="ICPC-2 U71")
    assert "ingen dosering i retningslinjen for denne alderen" in card["summary"]
    assert "> Dyrk alltid urin." in card["detail"]
    assert card["links"][0]["url"].endswith("/antibiotika/cystitt-hos-barn/")
    assert "suggestions" not in card
    cards = cards_for(baby, weighs(6), diagnosis="ICPC-2 R81")
    assert "ingen dosering" in cards[0]["summary"]
    drafted = cards_for(baby, weighs(6), diagnosis="ICPC-2 U71", orders=(PENICILLIN,))
    assert drafted[0]["indicator"] == "info"
    assert "ingen dosering" in drafted[0]["summary"]


def test_what_others_fell_away_from_is_no_first_choice() -> None:
    [card] = cards_for(ADULT, condition("ICD-10 D55.0"), diagnosis="ICPC-2 U71")
    assert "**Anbefalt for denne pasienten:** Pivmecillinam" in card["detail"]
    assert "**Frarådes her:** Nitrofurantoin" in card["detail"]
    assert "Førstevalg" not in card["detail"]
    assert len(card["suggestions"]) == 1
    assert "isRecommended" not in card["suggestions"][0]
    free = cards_for(ADULT, diagnosis="ICPC-2 R81")[0]
    assert "Førstevalg" in free["detail"]
    assert free["suggestions"][0]["isRecommended"] is True


def test_conditions_in_snomed_alone_give_no_card_and_discovery_says_why() -> None:
    assert cards_for(ADULT, diagnosis="SNOMED 233604007") == []
    for service in discover()["services"]:
        assert "ICPC-2 eller ICD-10" in service["usageRequirements"]


# --- texts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<b>Fet</b> <script>x</script>", "Fet x"),
        ("&lt;img src=x&gt; a", "a"),
        ("[her](javascript:alert(1)) **nå**", "her nå"),
        ("a\n  b\t<i", "a b i"),
        ("7,5 mg/kg × 18 kg (x 3)", "7,5 mg/kg × 18 kg (x 3)"),
        ("a\u202eb", "a b"),
    ],
)
def test_plain_text(text: str, plain: str) -> None:
    assert make_plain(text) == plain


def test_a_summary_has_no_markup_whatever_the_order_is_called() -> None:
    evil = "<b>x</b> [y](javascript:alert(1)) " + "*z* " * 80
    draft = order("ATC J01DC02") | {
        "medicationCodeableConcept": {"text": evil, **concept("ATC J01DC02")}
    }
    [card] = cards_for(ADULT, diagnosis="ICPC-2 R81", orders=(draft,))
    assert len(card["summary"]) < 140
    assert not set("<>*[]_`") & set(card["summary"])
    assert "javascript:" not in card["detail"]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://x.no/a", "data:text/html,x"])
def test_addresses_of_other_schemes_are_taken_out(address: str) -> None:
    assert address not in escape(f"se {address} her")
    assert "https://varde.test/a" in escape("se https://varde.test/a")
    assert escape("Pasientdata: se under") == "Pasientdata: se under"


def test_a_first_sentence() -> None:
    assert first_sentence("Én. To.") == "Én."
    assert first_sentence("Gi 1.5 g nå! Mer.") == "Gi 1.5 g nå!"
    assert first_sentence("uten slutt") == "uten slutt"
