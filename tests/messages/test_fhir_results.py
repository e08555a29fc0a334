"""Findings and susceptibilities of one report: how Observations hang together, and their values."""

from __future__ import annotations

from typing import Any

import pytest

from messages import fhir_builder as fhir
from messages.fhir_builder import (
    AMPICILLIN,
    CIPRO,
    LOCAL,
    LOINC,
    NLK,
    SIR,
    SNOMED,
    V3,
    Json,
    bundle,
    concept,
    culture,
    exactly,
    observation,
    organism,
    ref,
    report,
    simple,
    specimen,
    susceptibility,
)
from messages.hl7v2_builder import INTERPRETATIONS
from varde.messages import Code, Failure, Finding, LabReport
from varde.messages.fhir.reports import read_fhir


def only(whole: Json) -> LabReport:
    (found,) = read_fhir(fhir.write(whole))
    assert isinstance(found, LabReport), found
    return found


def findings(*observations: Json, listed: int | None = None) -> tuple[Finding, ...]:
    return only(simple(*observations, listed=listed)).findings


def reason(*observations: Json, listed: int | None = None) -> str:
    (failure,) = read_fhir(fhir.write(simple(*observations, listed=listed)))
    assert isinstance(failure, Failure), failure
    return failure.reason


def categories(finding: Finding) -> str:
    return "".join(result.sir or "-" for result in finding.susceptibilities)


def names(*found: Finding) -> list[str]:
    return [finding.organisms[-1].text for finding in found]


def members(*observations: Json) -> list[Json]:
    return [ref(each) for each in observations]


def part(made: Json) -> Json:
    """An Observation as a component."""
    return {key: each for key, each in made.items() if key not in ("resourceType", "id", "status")}


def result(**fields: Any) -> Finding:
    """A finding with one result that has these fields."""
    (found,) = findings(organism(), susceptibility(derivedFrom=members(organism()), **fields))
    return found


A, B = susceptibility("a"), susceptibility("b", "R", AMPICILLIN)


def test_results_that_are_members_of_the_finding() -> None:
    (found,) = findings(organism(hasMember=members(A, B)), A, B, listed=1)
    assert categories(found) == "SR"
    assert found.number == found.specimen == 1


def test_results_that_are_derived_from_the_finding_and_not_listed() -> None:
    derived = [each | {"derivedFrom": members(organism())} for each in (A, B)]
    (found,) = findings(organism(), *derived, listed=1)
    assert categories(found) == "SR"


def test_results_that_are_components_of_the_finding() -> None:
    (found,) = findings(organism(component=[part(A), part(B)]))
    assert categories(found) == "SR"
    assert [r.antibiotics[0].code for r in found.susceptibilities] == ["NPU06049", "NPU06045"]


def test_both_ways_to_the_same_finding() -> None:
    derived = A | {"derivedFrom": members(organism())}
    (found,) = findings(organism(hasMember=members(derived)), derived)
    assert categories(found) == "S"


def test_two_findings_with_their_own_results_in_one_panel() -> None:
    one, two = (
        organism("o1", hasMember=members(A)),
        organism("o2", "Proteus mirabilis", hasMember=members(B)),
    )
    panel = observation("p", {"text": "Panel"}, hasMember=members(one, two, A, B))
    found = findings(panel, one, two, A, B, listed=1)
    assert names(*found) == ["Escherichia coli", "Proteus mirabilis"]
    assert [categories(each) for each in found] == ["S", "R"]


def test_organism_and_results_in_one_group() -> None:
    one, two = organism("o1"), organism("o2", "Proteus mirabilis")
    groups = [
        observation("g1", {"text": "Isolat 1"}, hasMember=members(one, A)),
        observation("g2", {"text": "Isolat 2"}, hasMember=members(B, two)),
    ]
    found = findings(*groups, one, two, A, B, listed=2)
    assert [categories(each) for each in found] == ["S", "R"]


def test_a_panel_between_finding_and_results() -> None:
    panel = observation("p", concept((LOINC, "50545-3", "")), hasMember=members(A, B))
    one = organism("o1", hasMember=members(panel))
    found = findings(one, organism("o2", "Proteus mirabilis"), panel, A, B)
    assert [categories(each) for each in found] == ["SR", ""]


def test_a_culture_above_the_organism() -> None:
    one = organism(hasMember=members(A))
    (found,) = findings(culture(hasMember=members(one)), one, A, listed=1)
    assert categories(found) == "S"


@pytest.mark.parametrize("said", ["Escherichia coli", "E.COLI"])
def test_an_organism_is_known_by_its_results_whatever_its_test_is_called(said: str) -> None:
    one = observation("x", {"text": "Funn"}, {"text": said}, hasMember=members(A))
    assert names(*findings(one, A)) == [said]


def test_a_loose_result_belongs_to_the_only_finding_of_the_report() -> None:
    (found,) = findings(organism(), A)
    assert categories(found) == "S"
    assert reason(organism(), organism("o2", "Proteus mirabilis"), A) == "unattached-susceptibility"
    assert reason(A) == "unattached-susceptibility"


def test_what_is_not_reached_is_no_part_of_the_report() -> None:
    (found,) = findings(organism(), organism("o2", "Proteus mirabilis"), A, listed=1)
    assert categories(found) == ""


def test_a_report_alone_that_lists_nothing_has_all() -> None:
    (found,) = only(simple(organism(), A, listed=0)).findings
    assert categories(found) == "S"


def test_a_group_that_is_derived_from_its_members_is_still_their_group() -> None:
    group = organism(hasMember=members(A), derivedFrom=members(A))
    (found,) = findings(group, A)
    assert categories(found) == "S"


def test_what_another_kind_of_resource_gave_is_no_link() -> None:
    derived = A | {"derivedFrom": [ref("DocumentReference/1"), ref("Media/1")]}
    assert categories(findings(organism(), derived)[0]) == "S"
    assert (
        reason(organism(), A | {"derivedFrom": [ref("Observation/gone")]}) == "dangling-reference"
    )


def test_rings_are_harmless_until_a_result_hangs_on_one() -> None:
    one = culture("c1", "Blandingsflora", hasMember=[ref("Observation/c2")])
    two = culture("c2", "Blandingsflora", hasMember=[ref("Observation/c1")])
    assert not findings(one, two)
    two["hasMember"].append(ref(A))
    assert reason(one, two, A) == "cyclic-reference"
    assert reason(organism(), A | {"hasMember": members(A)}) == "cyclic-reference"


@pytest.mark.parametrize("depth", [40, 60, 3000])
def test_a_chain_of_groups_has_an_end(depth: int) -> None:
    groups = [
        observation(f"g{n}", {"text": "G"}, hasMember=[ref(f"Observation/g{n + 1}")])
        for n in range(depth)
    ]
    groups[-1]["hasMember"] = members(A)
    for order in (groups, groups[::-1]):
        if depth < 50:
            assert categories(findings(organism(), *order, A)[0]) == "S"
        else:
            assert reason(organism(), *order, A) == "too-deep"


def test_many_results_on_many_groups_take_no_long_time() -> None:
    layers = [[f"l{layer}n{n}" for n in range(12)] for layer in range(40)]
    made = [
        observation(name, {"text": "G"}, hasMember=[ref(f"Observation/{below}") for below in layers[i + 1]])
        for i, layer in enumerate(layers[:-1]) for name in layer
    ]  # fmt: skip
    last = [observation(name, {"text": "G"}, hasMember=members(A)) for name in layers[-1]]
    assert categories(findings(organism(), *made, *last, A)[0]) == "S"


# What is taken back.


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_a_finding_that_is_taken_back_takes_its_results_with_it(status: str) -> None:
    gone = organism("o1", status=status, hasMember=members(A))
    found = findings(gone, organism("o2", "Proteus mirabilis"), A)
    assert names(*found) == ["Proteus mirabilis"]
    assert categories(found[0]) == ""


def test_a_result_that_is_taken_back_is_left_out() -> None:
    (found,) = findings(organism(), A, B | {"status": "cancelled"})
    assert categories(found) == "S"


def test_what_hangs_on_something_else_too_stays() -> None:
    one = organism()
    gone = culture("c1", status="entered-in-error", hasMember=members(one))
    (found,) = findings(gone, culture("c2", hasMember=members(one)), one)
    assert names(found) == ["Escherichia coli"]
    assert not findings(gone, one)


def test_an_unknown_status_of_a_result_is_refused() -> None:
    assert reason(organism(status="ferdig")) == "unknown-code"


# Organisms.


def test_all_codings_name_the_organism_in_their_order_then_the_words() -> None:
    value = concept((SNOMED, "112283007", "Escherichia coli"), (LOCAL, "ECOLI", ""), text="E. coli")
    (found,) = findings(observation("o", fhir.IDENTIFICATION, value))
    assert found.organisms == (
        Code(system=SNOMED, code="112283007", text="Escherichia coli"),
        Code(system=LOCAL, code="ECOLI"),
        Code(text="E. coli"),
    )


@pytest.mark.parametrize(
    "system", [SIR, "urn:oid:" + SIR, "http://ehelse.no/fhir/CodeSystem/no-kodeverk-8271"]
)
def test_national_systems_are_written_as_oid(system: str) -> None:
    value = {"coding": [{"system": system, "code": "ESCOLI", "display": "Escherichia coli"}]}
    (found,) = findings(observation("o", fhir.IDENTIFICATION, value))
    assert found.organisms == (Code(system=SIR, code="ESCOLI", text="Escherichia coli"),)


@pytest.mark.parametrize(
    "code",
    [
        concept((LOINC, "630-4", "")),
        {"text": "Bacteria identified in Urine by Culture"},
        fhir.CULTURE,
    ],
)
def test_tests_that_name_organisms(code: Json) -> None:
    assert names(*findings(observation("o", code, {"text": "Escherichia coli"}))) == [
        "Escherichia coli"
    ]
    assert names(*findings(observation("o", code, "Escherichia coli"))) == ["Escherichia coli"]


def test_a_result_of_another_examination_is_never_an_organism() -> None:
    assert not findings(observation("o", {"text": "Mikroskopi"}, {"text": "Gramnegative staver"}))


@pytest.mark.parametrize(
    "value",
    [
        {"text": "Ingen vekst."}, {"text": "No growth"}, concept((SNOMED, "264868006", "")),
        concept((SNOMED, "260415000", "Ikke noe")), concept((fhir.kith.OID + "8340", "2", "Ikke påvist")),
    ],
)  # fmt: skip
def test_nothing_found_is_an_answer(value: Json) -> None:
    found = only(simple(observation("c", fhir.CULTURE, value)))
    assert found.negative and not found.findings


def test_nothing_found_can_be_said_by_the_interpretation() -> None:
    found = only(simple(observation("c", fhir.CULTURE, interpretation=[concept((V3, "NEG", ""))])))
    assert found.negative


def test_growth_without_identification_is_not_negative_and_waits_for_a_person() -> None:
    found = only(simple(culture("c1"), culture("c2", "Ingen vekst")))
    assert not found.negative
    assert [f.organisms[0].text for f in found.findings] == ["U-Bakterier dyrkning: positiv"]


def test_normal_flora_is_no_organism() -> None:
    found = only(simple(culture(), organism(name="NORMAL HALSFLORA")))
    assert not found.findings and not found.negative


def test_the_amount_of_growth() -> None:
    amount = observation("q", fhir.QUANTITY, ">100.000 pr.ml.", derivedFrom=members(organism()))
    assert findings(organism(), amount)[0].quantity == ">100.000 pr.ml."
    count = concept((LOINC, "564-5", ""))
    value = {"value": exactly("1e5"), "comparator": ">", "unit": "CFU/mL"}
    amount = observation("q", count, value, derivedFrom=members(organism()))
    assert findings(organism(), amount)[0].quantity == ">100000 cfu/ml"


# Antibiotics and categories.


def test_the_national_name_of_a_test_comes_first() -> None:
    found = result(
        code=concept((LOCAL, "AM-D", "Ampicillin "), (NLK, "NPU06045", "Us-Ampicillin"), text="Amp")
    )
    assert found.susceptibilities[0].antibiotics == (
        Code(system=NLK, code="NPU06045", text="Us-Ampicillin"),
        Code(system=LOCAL, code="AM-D", text="Ampicillin"),
        Code(text="Amp"),
    )


@pytest.mark.parametrize(
    ("interpretation", "sir"),
    [
        (concept((V3, "S", "")), "S"), (concept((V3, "I", "")), "I"), (concept((V3, "R", "Resistant")), "R"),
        (concept((V3, "SDD", "")), "I"), (concept((V3, "NS", "")), ""),
        (concept((SIR, "R", "Resistent")), "R"), (concept((SIR, "K", "Se kommentar")), ""),
        (concept((SNOMED, "30714006", "")), "R"), (concept((SNOMED, "1255965005", "")), "I"),
        (concept(("http://lab.example/sir", "R", "")), "R"), ({"text": "Sensitiv, økt eksponering"}, "I"),
        ({"text": "Susceptible"}, "S"), (concept((V3, "H", "")), ""), (concept((V3, "S", ""), (SIR, "S", "")), "S"),
    ],
)  # fmt: skip
def test_categories(interpretation: Json, sir: str) -> None:
    category = [concept((fhir.kith.OID + "8231", "RSB", ""))]
    one = organism()
    made = susceptibility(interpretation=[interpretation], derivedFrom=members(one))
    made["valueCodeableConcept"] = category[0]
    (found,) = findings(one, made)
    assert categories(found) == (sir or "-")


@pytest.mark.parametrize(
    ("value", "sir"),
    [
        (concept((SIR, "R", "Resistent")), "R"), (concept((SIR, "K", "")), "-"),
        (concept((SNOMED, "131196009", "Susceptible")), "S"),
        (concept((fhir.kith.OID + "8231", "RSB", ""), (SIR, "I", ""), text="0,25"), "I"),
        (concept((fhir.kith.OID + "8231", "RSB", ""), text="Resistent"), "R"),
    ],
)  # fmt: skip
def test_the_category_can_be_the_value(value: Json, sir: str) -> None:
    (found,) = findings(organism(), susceptibility(sir=None, valueCodeableConcept=value))
    assert categories(found) == sir


@pytest.mark.parametrize(
    "interpretation",
    [
        [concept((V3, "S", "")), concept((SIR, "R", ""))],
        [concept((V3, "R", "Susceptible"))],
        [concept((V3, "R", ""), text="S")],
    ],
)
def test_two_categories_that_disagree(interpretation: list[Json]) -> None:
    assert (
        reason(organism(), susceptibility(interpretation=interpretation))
        == "contradictory-susceptibility"
    )


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"interpretation": [concept((V3, "Q", ""))]}, "Q"),
        ({"interpretation": [concept((V3, "Q", "Quite"))]}, "Q"),
        ({"interpretation": [concept(("", "Q", ""))]}, "Q"),
        ({"interpretation": [concept((SIR, "Q", ""))]}, "Q"),
        ({"interpretation": [concept((V3, "R", "")), concept((V3, "Q", ""))]}, "Q"),
        ({"interpretation": [concept((V3, "Q", ""))], "valueQuantity": {"value": 2, "unit": "mg/L"}}, "Q"),
        ({"interpretation": [concept((V3, "Q", ""))], "valueString": "0,25"}, "Q"),
        ({"interpretation": [], "valueCodeableConcept": concept((V3, "Q", ""))}, "Q"),
        ({"interpretation": [], "valueCodeableConcept": concept((SIR, "Q", ""))}, "Q"),
        ({"interpretation": [{"text": "Halvveis"}], "valueCodeableConcept": concept((fhir.kith.OID + "8231", "RSB", ""))}, "Halvveis"),
        ({"interpretation": [], "valueCodeableConcept": concept((fhir.kith.OID + "8231", "RSB", ""), text="Halvveis")}, "Halvveis"),
    ],
)  # fmt: skip
def test_what_stands_for_a_category_and_is_none_is_refused(
    fields: dict[str, Any], detail: str
) -> None:
    (failure,) = read_fhir(fhir.write(simple(organism(), susceptibility(**fields))))
    assert isinstance(failure, Failure)
    assert (failure.reason, failure.detail) == ("bad-susceptibility", detail)
    field = "interpretation" if fields["interpretation"] else "value"
    assert failure.place == f"Bundle.entry[5].resource.{field} (Observation)"


@pytest.mark.parametrize(
    "other",
    [
        observation("x", {"text": "CRP"}, {"value": 5, "unit": "%"}, interpretation=[concept(("", "!", ""))]),
        observation("x", {"text": "PCR"}, {"text": "Påvist"}, interpretation=[concept(("", "!", ""))]),
        observation("x", {"text": "Funn"}, concept((SIR, "STAURE", "Staphylococcus aureus"))),
    ],
)  # fmt: skip
def test_other_results_may_be_interpreted_as_they_like(other: Json) -> None:
    (found,) = findings(organism(), other)
    assert not found.susceptibilities


def test_a_remark_beside_a_category_is_no_category() -> None:
    said = [concept((V3, "R", ""), text="Ring laboratoriet"), concept((LOCAL, "Q", ""))]
    assert result(interpretation=said).susceptibilities[0].sir == "R"


@pytest.mark.parametrize("code", INTERPRETATIONS)
def test_every_code_of_the_tables_gives_a_category_or_is_known_to_give_none(code: str) -> None:
    own = {"S": "S", "VS": "S", "I": "I", "MS": "I", "SDD": "I", "R": "R"}.get(code, "")
    heading = concept((fhir.kith.OID + "8231", "RSB", ""))
    for system in (V3, "http://terminology.hl7.org/CodeSystem/v2-0078"):
        said = [concept((system, code, ""))]
        made = susceptibility(interpretation=said, valueCodeableConcept=heading)
        assert categories(findings(organism(), made)[0]) == (own or "-")


def test_two_categories_for_one_antibiotic_are_refused() -> None:
    two = susceptibility("a", "R"), susceptibility("b", "S")
    assert reason(organism(), *two) == "contradictory-susceptibility"
    measured = [
        susceptibility(id_, sir, valueQuantity={"value": value, "unit": "mg/L"})
        for id_, sir, value in (("a", "R", 8), ("b", "S", 1))
    ]
    assert reason(organism(), *measured) == "contradictory-susceptibility"
    (found,) = findings(organism(), measured[0], two[1])
    assert categories(found) == "RS"


def test_a_test_without_result_was_not_done() -> None:
    empty = observation("a", CIPRO, concept((fhir.kith.OID + "8231", "RSB", "")))
    pending = observation("b", CIPRO, concept((fhir.kith.OID + "8231", "RSB", ""), text="..."))
    (found,) = findings(organism(), empty, pending)
    assert not found.susceptibilities


# Measurements.


@pytest.mark.parametrize(
    ("number", "comparator", "unit", "mic"),
    [
        ("0.250", "", "mg/L", "0.250"), ("0.5", "<=", "mg/l", "<=0.5"), ("256", ">", "ug/mL", ">256"),
        ("2", ">=", "", ">=2"), ("2.5e-1", "<", "mg/L", "<0.25"), ("1E1", "", "µg/mL", "10"),
        ("0.12500", "", "mg/L", "0.12500"),
    ],
)  # fmt: skip
def test_concentrations_are_those_of_the_message(
    number: str, comparator: str, unit: str, mic: str
) -> None:
    quantity = fhir.clean(value=exactly(number), comparator=comparator, unit=unit)
    for fields in ({"sir": "R"}, {"sir": None}):
        found = result(valueQuantity=quantity, **fields)
        assert (found.susceptibilities[0].mic, found.susceptibilities[0].zone) == (mic, 0)


def test_the_code_of_a_unit_goes_before_its_words() -> None:
    found = result(valueQuantity={"value": 2, "unit": "milligram per liter", "code": "mg/L"})
    assert found.susceptibilities[0].mic == "2"


@pytest.mark.parametrize(("number", "zone"), [("23", 23), ("23.0", 23), ("6.5", 6)])
def test_a_zone_diameter(number: str, zone: int) -> None:
    found = result(valueQuantity={"value": exactly(number), "unit": "mm"})
    assert (found.susceptibilities[0].zone, found.susceptibilities[0].mic) == (zone, "")


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ({"value": -1, "unit": "mg/L"}, "bad-quantity"),
        ({"value": exactly("1e999999999"), "unit": "mg/L"}, "bad-quantity"),
        ({"value": exactly("9" * 5000), "unit": "mg/L"}, "bad-quantity"),
        ({"value": exactly("1e50"), "unit": "mg/L"}, "bad-quantity"),
        ({"value": 1234567, "unit": "mg/L"}, "bad-quantity"),
        ({"value": 1234, "unit": "mm"}, "bad-quantity"),
        ({"value": 2, "unit": "%"}, "bad-quantity"),
        ({"value": "2", "unit": "mg/L"}, "bad-field"),
        ({"value": [2], "unit": "mg/L"}, "bad-field"),
        ({"value": True, "unit": "mg/L"}, "bad-field"),
        ({"value": 2, "comparator": "about"}, "unknown-code"),
        ([2], "bad-field"),
    ],
)
def test_numbers_that_are_no_measurement(quantity: Any, expected: str) -> None:
    assert reason(organism(), susceptibility(valueQuantity=quantity)) == expected


@pytest.mark.parametrize("written", ["NaN", "1e400", "0,25-0,5", "> 1234567 mg/L"])
def test_a_text_that_is_no_measurement(written: str) -> None:
    assert reason(organism(), susceptibility(valueString=written)) == "bad-quantity"


def test_a_concentration_can_be_a_text() -> None:
    assert result(valueString="<= 0,5 mg/L").susceptibilities[0].mic == "<=0.5"
    assert result(valueCodeableConcept={"text": "0,25"}).susceptibilities[0].mic == "0.25"


def test_a_quantity_without_number_is_a_category_alone() -> None:
    assert result(valueQuantity={"unit": "mg/L"}).susceptibilities[0].mic == ""


def test_a_number_of_another_kind_is_no_susceptibility() -> None:
    crp = observation("crp", {"text": "CRP"}, {"value": 5, "unit": "mg/L"})
    panel = observation("p", {"text": "Panel"}, hasMember=members(organism(), crp))
    (found,) = findings(panel, organism(), crp)
    assert not found.susceptibilities


def test_category_and_concentration_as_components_of_one_test() -> None:
    parts = [
        {"code": {"text": "MIC"}, "valueQuantity": {"value": exactly("0.50"), "unit": "mg/L"}},
        {"code": {"text": "Tolkning"}, "valueCodeableConcept": concept((SIR, "R", ""))},
    ]
    (found,) = findings(organism(), observation("a", CIPRO, component=parts))
    assert found.susceptibilities[0].antibiotics[0].code == "NPU06049"
    assert (categories(found), found.susceptibilities[0].mic) == ("R", "0.50")
    (found,) = findings(organism(), susceptibility("a", "S", component=parts[:1]))
    assert (categories(found), found.susceptibilities[0].mic) == ("S", "0.50")


@pytest.mark.parametrize(
    "other",
    [
        {"valueBoolean": True},
        {"valueRange": {}},
        {"valueQuantity": {"value": 1}},
        {"valueInteger": 0},
    ],
)
def test_two_values_are_one_too_many(other: Json) -> None:
    assert reason(organism() | other) == "several-values"
    assert reason(organism(component=[part(A) | {"valueString": "x"} | other])) == "several-values"


# Specimens and patients of single results.


def test_a_finding_belongs_to_the_specimen_it_or_what_is_above_it_names() -> None:
    one, two = specimen("s1"), specimen("s2", accessionIdentifier={"value": "S2"})
    first = organism("o1", specimen=ref(two))
    second = organism("o2", "Proteus mirabilis")
    above = culture(hasMember=members(second), specimen=ref(two))
    loose = organism("o3", "Candida albicans")
    listed = (first, above, second, loose)
    head = report(*listed, specimen=members(one, two))
    found = only(bundle(head, fhir.patient(), fhir.organization(), one, two, *listed))
    assert [each.specimen for each in found.findings] == [2, 2, 1]
    assert [each.specimen_id for each in found.specimens] == ["S1", "S2"]


def test_a_specimen_that_only_a_result_names() -> None:
    found = only(simple(organism(specimen=ref("Specimen/spm")), specimen=[]))
    assert found.findings[0].specimen == 1


def test_a_specimen_of_a_result_that_is_nowhere() -> None:
    assert reason(organism(specimen=ref("Specimen/gone"))) == "dangling-reference"


@pytest.mark.parametrize(
    ("subject", "fits"),
    [
        (ref("Patient/pat"), True), (ref("Patient/pat/_history/1"), True), ({"display": "x"}, True),
        (ref("Patient/other"), False), ({"identifier": {"value": "1"}}, False),
    ],
)  # fmt: skip
def test_a_result_about_another_patient(subject: Json, fits: bool) -> None:
    if fits:
        assert findings(organism(subject=subject))
    else:
        assert reason(organism(subject=subject)) == "several-patients"
