"""Words where the category of a susceptibility test belongs are read or refused in every format, and never passed over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from messages import fhir_builder as fhir
from messages import hl7v2_builder as hl7
from messages import kith_builder as kith
from varde.messages import Failure, LabReport, read

EXAMPLE = Path(__file__).parents[2] / "examples" / "messages" / "fhir-transaction.json"
LOINC = "http://loinc.org"


def only(data: bytes) -> LabReport | Failure:
    [one] = read(data)
    assert isinstance(one, LabReport | Failure)
    return one


def in_every_format(name: str, said: str) -> dict[str, LabReport | Failure]:
    """An organism, and one test of it, with words in place of a category."""
    drug = fhir.observation("ast", {"text": name}, said)
    grown = fhir.organism(hasMember=[{"reference": "Observation/ast"}])
    return {
        "kith": only(kith.simple(kith.culture("Escherichia coli", item="1"), kith.susceptibility(("", "", name), None, said=said, refers="1"))),
        "fhir": only(fhir.write(fhir.simple(grown, drug, listed=1))),
        "fhir, concept": only(fhir.write(fhir.simple(grown, fhir.observation("ast", {"text": name}, {"text": said}), listed=1))),
        "fhir, component": only(fhir.write(fhir.simple(fhir.organism(component=[{"code": {"text": name}, "valueString": said}])))),
        "hl7, panel": only(hl7.message(hl7.pid(), hl7.obr(), hl7.organism(), hl7.obr("R1-2", ("29576-6", "Bacterial susceptibility panel", "LN"), f26="&Culture^1", f29="^R1"), hl7.obx(("", name), hl7.escape(said), "ST"))),
    }  # fmt: skip


READ = [("S ved økt eksponering", "I", ""), ("S, økt eksponering", "I", ""), ("I (økt eksponering)", "I", ""), ("S ved standard dosering", "S", ""), ("Resistant", "R", ""), ("Susceptible", "S", ""), ("Intermediate", "I", ""), ("R", "R", ""), ("Resistent", "R", ""), ("følsom", "S", ""), ("S", "S", ""), ("Sensitiv", "S", ""), ("I", "I", ""), (">=32", "", ">=32"), ("0,5", "", "0.5"), ("<= 0,25 mg/L", "", "<=0.25"), ("R (MIC 32)", "R", "32"), ("R (>=32)", "R", ">=32"), ("S, MIC 0,5", "S", "0.5"), ("Resistent, MIC >32 mg/L", "R", ">32"), ("S (MIK = 0,25 mg/l)", "S", "0.25"), ("Følsom ved økt eksponering (MIC 1)", "I", "1")]  # fmt: skip
REFUSED = ["S ved høy eksponering", "NS, MIC 4", "S ved lav dose", "Nedsatt følsomhet", "ikke følsom", "Non-susceptible", "High-level resistent", "MIC 0,5", "SFR", "HLAR", "Lavgradig resistent", "MIK > 256", "Muligens resistent", "Trolig R", "S/I", "R*", "Høygradig resistens", "Ikke-følsom", "Ikke R (MIC 32)", "R 2", "Resistent isolat 3"]  # fmt: skip


@pytest.mark.parametrize("name", ["Ampicillin", "Us-Ciprofloksacin", "Fabelcillin"])
@pytest.mark.parametrize(("said", "sir", "mic"), READ)
def test_words_that_are_a_category_or_an_amount_are_read(
    name: str, said: str, sir: str, mic: str
) -> None:
    for written, report in in_every_format(name, said).items():
        assert isinstance(report, LabReport), (written, report)
        [finding] = report.findings
        assert [(t.sir, t.mic) for t in finding.susceptibilities] == [(sir, mic)], written


@pytest.mark.parametrize("name", ["Ampicillin", "Us-Ciprofloksacin", "Fabelcillin"])
@pytest.mark.parametrize("said", REFUSED)
def test_words_that_are_none_are_refused(name: str, said: str) -> None:
    for written, failure in in_every_format(name, said).items():
        assert isinstance(failure, Failure), (written, failure)
        assert failure.reason == "bad-susceptibility", written


@pytest.mark.parametrize("name", ["Ampicillin", "Fabelcillin"])
@pytest.mark.parametrize("said", ["Ikke utført", "Ikke testet", "-"])
def test_what_was_not_done_is_no_test(name: str, said: str) -> None:
    for written, report in in_every_format(name, said).items():
        assert isinstance(report, LabReport), (written, report)
        assert [len(each.susceptibilities) for each in report.findings] == [0], written


@pytest.mark.parametrize(
    ("value", "sir", "mic"),
    [
        ({"valueString": "R"}, "R", ""),
        ({"valueString": "Resistent"}, "R", ""),
        ({"valueString": ">=32"}, "", ">=32"),
        ({"valueCodeableConcept": {"text": "R"}}, "R", ""),
        ({"valueCodeableConcept": {"text": "Resistent"}}, "R", ""),
        ({"valueCodeableConcept": {"coding": [{"system": LOINC, "code": "LA6676-6"}]}}, "R", ""),
        ({"valueCodeableConcept": {"coding": [{"system": LOINC, "code": "LA24225-7", "display": "Susceptible"}]}}, "S", ""),
        ({"valueCodeableConcept": {"coding": [{"system": "urn:local", "code": "R"}]}}, "R", ""),
        ({"valueCodeableConcept": {"coding": [{"system": LOINC, "code": "LA9660-7"}]}}, None, ""),
        ({"valueCodeableConcept": {"coding": [{"system": LOINC, "code": "LA9660-7", "display": "Presumed resistant"}]}}, None, ""),
        ({"valueString": "Nedsatt følsomhet"}, None, ""),
        ({"interpretation": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "code": "r"}]}]}, "R", ""),
    ],
)  # fmt: skip
def test_the_example_keeps_both_its_tests_however_the_first_is_said(
    value: Mapping[str, Any], sir: str | None, mic: str
) -> None:
    bundle = json.loads(EXAMPLE.read_text("utf-8"))
    [ampicillin] = [
        entry["resource"]
        for entry in bundle["entry"]
        if entry["resource"].get("code", {}).get("coding", [{}])[0].get("code") == "18864-9"
    ]
    del ampicillin["interpretation"]
    ampicillin |= value
    report = only(json.dumps(bundle).encode())
    if sir is None:
        assert isinstance(report, Failure) and report.reason == "bad-susceptibility"
        return
    assert isinstance(report, LabReport)
    [first, second] = report.findings[0].susceptibilities
    assert (first.sir, first.mic) == (sir, mic)
    assert second.sir == "S"


def test_not_susceptible_is_no_category_where_its_code_says_so() -> None:
    drug = hl7.obx(hl7.AMPICILLIN, hl7.comps("NS", "Non-susceptible", hl7.SIR), f4="1")
    report = only(hl7.message(hl7.pid(), hl7.obr(), hl7.organism(), drug))
    assert isinstance(report, LabReport) and len(report.findings) == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Resistensmekanisme kommentar", "Nedsatt følsomhet for flere midler"),
        ("Kommentar", "Resistensbestemmelse utføres ikke rutinemessig"),
        ("Merknad", "MIC bestemt"),
    ],
)
def test_a_remark_is_no_test(name: str, said: str) -> None:
    for written, report in in_every_format(name, said).items():
        if not written.startswith("kith"):
            assert isinstance(report, LabReport), (written, report)
            assert report.findings[0].susceptibilities == ()


def _among(name: str, code: str, words: str = "", tested: bool = True) -> LabReport | Failure:
    """FHIR: what hangs on an organism, among its susceptibility tests or alone."""
    system = fhir.kith.LOCAL
    members = [fhir.ref("Observation/x"), *([fhir.ref("Observation/ast")] if tested else [])]
    return only(
        fhir.write(
            fhir.simple(
                {**fhir.organism("org1"), "hasMember": members},
                fhir.observation("x", {"text": name}, fhir.concept((system, code, words))),
                *([fhir.susceptibility("ast")] if tested else []),
            )
        )
    )


@pytest.mark.parametrize(
    ("name", "code"),
    [("Zzyx", "PX"), ("Fabelcillin", "Q"), ("Fabelcillin", "PXQ"), ("ESBL", "PX"), ("mecA", "NN")],
)
def test_a_bare_code_among_susceptibility_tests_may_be_a_category(name: str, code: str) -> None:
    """As in a panel of HL7 version 2, and under the heading of such tests in KITH, it waits."""
    for words in ("", code):
        failure = _among(name, code, words)
        assert isinstance(failure, Failure)
        assert (failure.reason, failure.detail) == ("bad-susceptibility", code)


@pytest.mark.parametrize(
    ("name", "code", "words", "tested"),
    [
        ("Zzyx", "PX", "", False),
        ("Zzyx", "PX", "Grønt", True),
        ("Serogruppe", "B", "", True),
        ("Serotype", "19A", "", True),
        ("Spa-type", "t008", "", True),
        ("Sekvenstype", "131", "", True),
        ("Kommentar", "XX", "", True),
        ("Toksin", "A", "", True),
        ("Fabelcillin", "NA", "", True),
        ("Fabelcillin", "R", "", True),
    ],
)
def test_what_is_no_category_beside_them_does_not_wait(
    name: str, code: str, words: str, tested: bool
) -> None:
    report = _among(name, code, words, tested)
    assert isinstance(report, LabReport), report
