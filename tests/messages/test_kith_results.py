"""Findings and susceptibilities of one report: how items hang together, and the dirt seen in them."""

from __future__ import annotations

from typing import Any

import pytest

from messages import kith_builder as kith
from messages.kith_builder import LOCAL, NLK, SIR, culture, identification, quantity, susceptibility
from varde.messages import Code, Failure, Finding, LabReport, read
from varde.messages.kith.quantities import parse_mic

AMPICILLIN = (NLK, "NPU06045", "Us-Ampicillin")


def only(data: bytes) -> LabReport:
    (report,) = read(data)
    assert isinstance(report, LabReport), report
    return report


def findings(*items: str, version: str = "1.4") -> tuple[Finding, ...]:
    return only(kith.simple(*items, version=version)).findings


def reason(*items: str) -> str:
    (failure,) = read(kith.simple(*items))
    assert isinstance(failure, Failure), failure
    return failure.reason


def categories(finding: Finding) -> str:
    return "".join(result.sir or "-" for result in finding.susceptibilities)


def names(*found: Finding) -> list[str]:
    return [finding.organisms[-1].text for finding in found]


@pytest.mark.parametrize("version", ["1.3", "1.4"])
def test_culture_then_identification_then_results_by_reference(version: str) -> None:
    (found,) = findings(
        culture("Vekst", item="C"),
        identification("Escherichia coli", item="F", refers="C"),
        susceptibility(sir="S", refers="F"),
        susceptibility(AMPICILLIN, sir="R", refers="F"),
        version=version,
    )
    assert names(found) == ["Escherichia coli"]
    assert categories(found) == "SR"
    assert found.number == found.specimen == 1


def test_the_culture_itself_can_name_the_organism() -> None:
    found = findings(
        culture("Escherichia coli", item="1", nested=[quantity(" >100.000 pr.ml.")]),
        culture("Klebsiella pneumoniae", item="2"),
        susceptibility(refers="1"),
        susceptibility(refers="2", sir="R"),
        susceptibility(AMPICILLIN, refers="1", sir="I"),
    )
    assert names(*found) == ["Escherichia coli", "Klebsiella pneumoniae"]
    assert [categories(finding) for finding in found] == ["SI", "R"]
    assert [finding.number for finding in found] == [1, 2]
    assert [finding.quantity for finding in found] == [">100.000 pr.ml.", ""]


def test_results_inside_the_finding() -> None:
    (found,) = findings(
        identification(
            "Escherichia coli", nested=[susceptibility(), susceptibility(AMPICILLIN, sir="R")]
        )
    )
    assert categories(found) == "SR"


def test_inside_and_referring_to_the_same_finding() -> None:
    found = findings(
        identification("Escherichia coli", item="F", nested=[susceptibility(refers="F")]),
        identification("Proteus mirabilis", item="G", nested=[susceptibility(refers="G")]),
    )
    assert [categories(finding) for finding in found] == ["S", "S"]


def test_a_reference_through_several_levels() -> None:
    found = findings(
        identification("Escherichia coli", item="F"),
        identification("Proteus mirabilis", item="G"),
        susceptibility(AMPICILLIN, item="A", refers="G"),
        susceptibility(item="B", refers="A"),
        kith.result((LOCAL, "X", "Merknad"), item="N", refers="F", nested=[susceptibility()]),
    )
    assert [categories(finding) for finding in found] == ["S", "SS"]


def test_results_inside_a_group() -> None:
    group = kith.element(
        "ResultItem",
        kith.element("TextResult", kith.coded("Heading", "GR"), kith.text("TextResultValue", "B")),
        culture(None, item="C"),
        identification("Escherichia coli", item="F", refers="C"),
    )
    (found,) = findings(group, susceptibility(refers="F"))
    assert categories(found) == "S"


def test_a_loose_result_belongs_to_the_only_finding() -> None:
    (found,) = findings(identification("Escherichia coli"), susceptibility(refers="nowhere"))
    assert categories(found) == "S"


def test_a_loose_result_without_any_finding_is_refused() -> None:
    assert reason(culture("Vekst", item="C"), susceptibility(refers="C")) == (
        "unattached-susceptibility"
    )


def test_a_loose_result_that_says_nothing_is_left_out() -> None:
    two = identification("Escherichia coli"), identification("Proteus mirabilis")
    assert [categories(f) for f in findings(*two, susceptibility(sir=None))] == ["", ""]


def test_a_finding_belongs_to_the_specimen_it_refers_to() -> None:
    person = kith.patient(
        kith.specimen("A", coded_as="U"),
        kith.specimen("B", coded_as="B"),
        culture("Vekst", item="C", specimen="B"),
        identification("Escherichia coli", refers="C"),
        identification("Proteus mirabilis", specimen="A"),
        identification("Candida albicans"),
    )
    report = only(kith.message(kith.report(person)))
    assert [finding.specimen for finding in report.findings] == [2, 1, 1]
    assert [s.specimen_id for s in report.specimens] == ["A", "B"]


def test_a_wrong_specimen_reference_is_harmless_with_one_specimen() -> None:
    (found,) = findings(identification("Escherichia coli", specimen="unknown"))
    assert found.specimen == 1


def test_cancelled_items_are_left_out_with_all_beneath_them() -> None:
    found = findings(
        culture("Vekst", item="C"),
        identification("Escherichia coli", item="F", service="C"),
        susceptibility(refers="F"),
        identification("Proteus mirabilis", item="G", status="14", nested=[susceptibility()]),
        identification("Klebsiella oxytoca", item="H"),
        susceptibility(refers="H"),
        susceptibility(refers="H", sir="R", service="C"),
    )
    assert names(*found) == ["Klebsiella oxytoca"]
    assert categories(found[0]) == "S"


def test_a_cancelled_group_takes_its_findings_with_it() -> None:
    inside = identification("Escherichia coli", item="F", nested=[susceptibility()])
    group = kith.result((LOCAL, "GR", "Gruppe"), service="C", nested=[inside])
    assert not findings(group, susceptibility(refers="F"))


def test_the_first_quantity_counts() -> None:
    (found,) = findings(
        identification("E. coli", item="F", nested=[quantity("Rik vekst")]),
        quantity("Sparsom vekst", refers="F"),
    )
    assert found.quantity == "Rik vekst"


def test_no_growth_is_an_answer() -> None:
    report = only(kith.simple(culture("Ingen vekst.")))
    assert report.negative and not report.findings


def test_growth_without_identification_is_not_negative_and_waits_for_a_person() -> None:
    report = only(kith.simple(culture("Vekst"), culture("Ingen vekst")))
    assert not report.negative
    assert [f.organisms[0].text for f in report.findings] == ["U-Bakterier dyrkning: positiv"]


def test_a_virus_test_is_read_without_finding() -> None:
    item = kith.result((NLK, "NPU59390", "Us-SARS-CoV-2 antigen"), said="Ikke påvist")
    report = only(kith.simple(item))
    assert report.negative and not report.findings


def test_a_coded_answer_can_be_no_growth() -> None:
    report = only(kith.simple(culture(None, codes=[(kith.OID + "8340", "2", "Ikke påvist")])))
    assert report.negative and not report.findings


# The dirt of real messages, item by item.


def test_organism_codes_sent_under_the_resistance_list() -> None:
    (found,) = findings(
        identification("Staphylococcus aureus", codes=[(SIR, "STAURE", "Staphylococcus aureus")])
    )
    assert found.organisms == (Code(system=SIR, code="STAURE", text="Staphylococcus aureus"),)


def test_code_and_different_words_are_both_kept() -> None:
    (found,) = findings(identification("E.COLI", codes=[(SIR, "ESCOLI", "Escherichia coli")]))
    assert [code.text for code in found.organisms] == ["Escherichia coli", "E.COLI"]


@pytest.mark.parametrize("said", ["Positiv", "K", "NEG"])
def test_other_words_under_the_resistance_list_give_no_category(said: str) -> None:
    (found,) = findings(identification("S. aureus", nested=[susceptibility(sir=said)]))
    assert categories(found) == "-"


RSB = {"heading": "RSB"}
PLAIN = {"heading": None}


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        (RSB | {"codes": [(SIR, "Q", "")]}, "Q"),
        (RSB | {"codes": [(SIR, "Q", "Ukjent")]}, "Q"),
        (RSB | {"codes": [(SIR, "", "Kanskje")]}, "Kanskje"),
        (RSB | {"codes": [(LOCAL, "Q", "")]}, "Q"),
        (RSB | {"codes": [(SIR, "Q", ""), (SIR, "R", "Resistent")]}, "Q"),
        (RSB | {"codes": [(SIR, "Q", "")], "said": "0,25"}, "Q"),
        (RSB | {"said": "Halvveis"}, "Halvveis"),
        (PLAIN | {"codes": [(SIR, "Q", "")]}, "Q"),
    ],
)
def test_what_stands_for_a_category_and_is_none_is_refused(
    fields: dict[str, Any], detail: str
) -> None:
    (failure,) = read(kith.simple(identification("E. coli", nested=[kith.result(AMPICILLIN, **fields)])))  # fmt: skip
    assert isinstance(failure, Failure)
    assert (failure.reason, failure.detail) == ("bad-susceptibility", detail)
    assert failure.place.startswith("Message/ServReport/Patient/ResultItem/ResultItem (line")


@pytest.mark.parametrize(
    ("fields", "sir"),
    [
        (RSB | {"codes": [(SIR, "R", "")], "said": "Ring laboratoriet"}, "R"),
        (RSB | {"codes": [(SIR, "R", ""), (LOCAL, "Q", "")]}, "R"),
        (RSB | {"codes": [(SIR, "R", ""), (SIR, "ESBL", "ESBL påvist")]}, "R"),
        (RSB | {"codes": [(SIR, "K", "")], "said": "Ring laboratoriet"}, ""),
        (RSB | {"codes": [(SIR, "Q", "Resistent")]}, "R"),
        (PLAIN | {"codes": [(SIR, "ESBL", "ESBL påvist")]}, ""),
    ],
)
def test_a_remark_beside_a_category_is_no_category(fields: dict[str, Any], sir: str) -> None:
    (found,) = findings(identification("E. coli", nested=[kith.result(AMPICILLIN, **fields)]))
    assert [result.sir for result in found.susceptibilities] == [sir]


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"number": ("", "NaN", "mg/L")}, "NaN mg/l"), ({"number": ("", "1e400", "mg/L")}, "1e400 mg/l"),
        ({"number": (">", "1234567", "mg/L")}, ">1234567 mg/l"), ({"number": ("", "1234", "mm")}, "1234 mm"),
        ({"number": ("", "-1", "")}, "-1"),
        ({"said": "NaN", "codes": [(SIR, "R", "")], **RSB}, "NaN"),
        ({"said": "0,25-0,5", "codes": [(SIR, "R", "")], **RSB}, "0,25-0,5"),
    ],
)  # fmt: skip
def test_a_measurement_that_is_none_is_refused(fields: dict[str, Any], detail: str) -> None:
    item = kith.result(AMPICILLIN, **({"heading": None} | fields))
    (failure,) = read(kith.simple(identification("E. coli", nested=[item])))
    assert isinstance(failure, Failure)
    assert failure.reason == "bad-quantity"
    assert failure.detail.startswith(detail[:4])


def test_a_category_with_a_number_in_another_unit_is_refused() -> None:
    number = '</TextResult><NumResult><NumResultValue V="2" U="g/L"/></NumResult>'
    item = susceptibility(sir="R").replace("</TextResult>", number)
    assert reason(identification("E. coli", nested=[item])) == "bad-quantity"
    (found,) = findings(identification("E. coli", nested=[item.replace("g/L", "mg/L")]))
    assert (found.susceptibilities[0].sir, found.susceptibilities[0].mic) == ("R", "2")


def test_a_number_in_another_unit_is_no_measurement_of_a_susceptibility() -> None:
    item = kith.result((LOCAL, "KOL", "Kolonier"), number=(">", "1234567", "CFU/ml"), heading=None)
    for written in (item, item.replace("1234567", "50")):
        (found,) = findings(identification("E. coli", nested=[written]))
        assert [result.mic for result in found.susceptibilities] == [""]


def test_two_categories_for_one_antibiotic_are_refused() -> None:
    cipro = susceptibility(sir="R"), susceptibility(sir="S")
    assert reason(identification("E. coli", nested=cipro)) == "contradictory-susceptibility"
    both = susceptibility(sir="R", said="8"), susceptibility(sir="S", said="0,25")
    assert reason(identification("E. coli", nested=both)) == "contradictory-susceptibility"


def test_a_measured_category_and_another_one_are_two_tests() -> None:
    cipro = susceptibility(sir="S"), susceptibility(sir="R", said="8"), susceptibility(sir="S")
    (found,) = findings(identification("E. coli", nested=cipro))
    assert categories(found) == "SRS"


def test_local_codes_sent_as_national_ones() -> None:
    (found,) = findings(
        kith.result(
            (NLK, "ESCOLI", "Identifikasjon"), (LOCAL, "ESCOLI", "Identifikasjon"),
            said="Escherichia coli", item="1",
            nested=[kith.result((NLK, "KVANT", "Mengde"), said="Vekst", heading=None)],
        ),
    )  # fmt: skip
    assert names(found) == ["Escherichia coli"]
    assert found.quantity == "Vekst"


def test_two_ids_of_one_test_national_first() -> None:
    item = kith.result(
        (LOCAL, "AM-D", "Ampicillin "), AMPICILLIN, heading="RSB", codes=[(SIR, "S", "")]
    )
    (found,) = findings(identification("E. coli"), item)
    (result,) = found.susceptibilities
    assert [code.code for code in result.antibiotics] == ["NPU06045", "AM-D"]
    assert result.antibiotics[1].text == "Ampicillin"


def test_only_a_local_name() -> None:
    (found,) = findings(identification("E. coli"), susceptibility((LOCAL, "", "Ciprofloxacin")))
    assert found.susceptibilities[0].antibiotics == (Code(system=LOCAL, text="Ciprofloxacin"),)


@pytest.mark.parametrize(
    "words",
    ["Sensitiv, økt eksponering", "Intermediært følsom", "Intermediær følsom", "", "noe annet"],
)
def test_new_and_old_words_for_i(words: str) -> None:
    (found,) = findings(identification("E. coli"), susceptibility(sir="I", words=words))
    assert categories(found) == "I"


@pytest.mark.parametrize(
    ("said", "sir"),
    [
        ("Resistent", "R"),
        ("R", "R"),
        ("Sensitiv, standarddose", "S"),
        ("intermediær", "I"),
        ("IP", "-"),
    ],
)
def test_words_without_code(said: str, sir: str) -> None:
    (found,) = findings(identification("E. coli"), susceptibility(sir=None, said=said))
    assert categories(found) == sir


@pytest.mark.parametrize(
    ("said", "mic"),
    [
        ("0,25", "0.25"), ("0.125", "0.125"), ("0.250", "0.250"), ("<= 0,5", "<=0.5"),
        ("≤0,5", "<=0.5"), ("> 256", ">256"), ("≥ 32 mg/L", ">=32"), ("=2", "2"), ("10", "10"),
        ("0,25 mg/l", "0.25"), ("Se kommentar", ""), ("", ""), ("1,2,3", ""), ("1e3", ""),
        ("-1", ""), ("0,", ""), ("١", ""), (">100.000 kolonier pr.ml", ""), ("0.25\n", ""),
    ],
)  # fmt: skip
def test_concentrations(said: str, mic: str) -> None:
    assert parse_mic(said) == mic


def test_a_concentration_beside_the_category() -> None:
    (found,) = findings(identification("E. coli"), susceptibility(sir="R", said="0,5"))
    assert (found.susceptibilities[0].sir, found.susceptibilities[0].mic) == ("R", "0.5")


@pytest.mark.parametrize("sign", ["<=", "LE", "≤"])
def test_a_numeric_result_inside_the_finding_is_a_concentration(sign: str) -> None:
    item = kith.result(AMPICILLIN, number=(sign, "0.5", "mg/L"), heading=None)
    (found,) = findings(identification("E. coli", nested=[item]))
    assert found.susceptibilities[0].mic == "<=0.5"
    assert categories(found) == "-"


def test_a_zone_diameter() -> None:
    item = kith.result(AMPICILLIN, number=("", "23", "mm"), heading=None)
    (found,) = findings(identification("E. coli", nested=[item]))
    assert (found.susceptibilities[0].zone, found.susceptibilities[0].mic) == (23, "")


def test_a_numeric_result_of_another_kind_is_no_susceptibility() -> None:
    other = kith.result((NLK, "NPU19748", "CRP"), number=("", "5", "mg/L"), heading=None)
    (found,) = findings(identification("E. coli"), other)
    assert not found.susceptibilities


def test_growth_as_free_text_is_the_quantity() -> None:
    (found,) = findings(
        identification("E.COLI", item="F", nested=[quantity(">100.000 kolonier pr.ml", refers="F")])
    )
    assert found.quantity == ">100.000 kolonier pr.ml"


def test_results_without_result_were_not_tested() -> None:
    (found,) = findings(
        identification(
            "E. coli", item="F",
            nested=[kith.result((LOCAL, "CI_V", "Ciprofloksacin"), heading=None, refers="F")],
        ),
        susceptibility(sir=None, refers="F"),
        susceptibility(sir=None, said="...", refers="F"),
    )  # fmt: skip
    assert not found.susceptibilities


def test_normal_flora_is_no_organism() -> None:
    report = only(kith.simple(culture("Vekst"), identification("NORMAL HALSFLORA")))
    assert not report.findings and not report.negative


def test_a_local_name_of_a_culture() -> None:
    item = kith.result((LOCAL, "UD", "U-Bakterier dyrkning"), said="Escherichia coli")
    assert names(*findings(item)) == ["Escherichia coli"]


def test_a_result_of_another_examination_is_never_an_organism() -> None:
    item = kith.result((LOCAL, "MIK", "Mikroskopi"), said="Gramnegative staver")
    assert not findings(item)


def test_an_id_used_twice_is_harmless_until_it_is_referred_to() -> None:
    found = findings(identification("E. coli", item="1"), identification("K. oxytoca", item="1"))
    assert len(found) == 2


def test_a_chain_of_references_has_an_end() -> None:
    chain = [culture("Vekst", item=f"C{n}", refers=f"C{n + 1}") for n in range(200)]
    assert reason(*chain, susceptibility(refers="C0")) == "too-deep"


def test_an_item_that_refers_to_itself_is_cyclic() -> None:
    assert reason(culture("Vekst", item="A", refers="A"), susceptibility(refers="A")) == (
        "cyclic-reference"
    )


def test_more_text_codes_than_one() -> None:
    item = kith.result(AMPICILLIN, heading="RSB", codes=[(SIR, "K", ""), (SIR, "R", "Resistent")])
    (found,) = findings(identification("E. coli"), item)
    assert categories(found) == "R"


def test_two_text_codes_that_disagree() -> None:
    item = kith.result(AMPICILLIN, heading="RSB", codes=[(SIR, "S", ""), (SIR, "R", "")])
    assert reason(identification("E. coli"), item) == "contradictory-susceptibility"


def test_text_with_markup_inside_is_read_as_text() -> None:
    item = culture("Escherichia coli").replace("Escherichia coli", "<p>Escherichia <i>coli</i></p>")
    assert names(*findings(item)) == ["Escherichia coli"]


@pytest.mark.parametrize(
    "seen", ["Grampositive kokker i klaser", "Vekst av grampositive kokker i hoper", "Vekst"]
)
def test_what_susceptibilities_hang_on_is_what_was_identified(seen: str) -> None:
    (found,) = findings(
        kith.result((LOCAL, "BK", "Blodkultur"), said=seen, item="1"),
        kith.result((LOCAL, "ART", "Artsbestemmelse"), said="Staphylococcus aureus", item="2"),
        susceptibility(refers="2"),
    )
    assert names(found) == ["Staphylococcus aureus"]
    assert len(found.susceptibilities) == 1
    assert found.method == "culture"


def test_what_susceptibilities_hang_on_and_is_no_name_identifies_nothing() -> None:
    item = kith.result((LOCAL, "X", "Kommentar"), said="Se eget svar", item="2")
    assert reason(item, susceptibility(refers="2")) == "unattached-susceptibility"
