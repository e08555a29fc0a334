"""What a FHIR answer concludes: the answer itself where it has no results, and a question where it has."""

from __future__ import annotations

from typing import Any

import pytest

from messages import fhir_builder as fhir
from messages import kith_builder as kith
from messages.test_answers_found import only
from varde.codes import CodeMap
from varde.messages import Failure, LabReport

CODES = CodeMap.load()
RNA = {"text": "Meslingvirus RNA"}


def coded(code: str, name: str = "") -> dict[str, Any]:
    return {"conclusionCode": [fhir.concept((fhir.SNOMED, code, name))]}


def answered(*results: Any, **more: Any) -> LabReport:
    report = only(fhir.write(fhir.simple(*results, **more)))
    assert isinstance(report, LabReport), report
    return report


def found(report: LabReport) -> list[tuple[str | None, str, str]]:
    """Concept, first name or code, and method of each finding."""
    return [
        (
            CODES.find("organism", [(c.system, c.code, c.text) for c in each.organisms]),
            each.organisms[0].text or each.organisms[0].code,
            each.method,
        )
        for each in report.findings
    ]


@pytest.mark.parametrize(
    ("more", "concept", "method"),
    [
        (coded("14189004", "Measles"), "measles-virus", ""),
        (coded("14189004"), "measles-virus", ""),
        (coded("112283007", "Escherichia coli"), "escherichia-coli", ""),
        (coded("14189004", "Measles") | {"code": RNA}, "measles-virus", "nucleic-acid"),
        (coded("10828004", "Positive") | {"code": RNA}, "measles-virus", "nucleic-acid"),
        ({"conclusionCode": [{"text": "Meslinger"}]}, "measles-virus", ""),
        ({"conclusion": "Påvist Campylobacter jejuni."}, "campylobacter-jejuni", ""),
        ({"conclusion": "Campylobacter jejuni"}, "campylobacter-jejuni", ""),
        ({"conclusion": "Positiv", "code": RNA}, "measles-virus", "nucleic-acid"),
        (coded("14189004", "Measles") | {"conclusion": "Meslinger"}, "measles-virus", ""),
    ],
)
def test_a_conclusion_alone_is_the_answer(more: dict[str, Any], concept: str, method: str) -> None:
    report = answered(**more)
    assert [(each, how) for each, _, how in found(report)] == [(concept, method)]
    assert not report.negative


def test_several_organisms_in_words_are_several_findings() -> None:
    report = answered(conclusion="Vekst av Salmonella Typhi og Shigella sonnei")
    assert [each for each, _, _ in found(report)] == ["salmonella-typhi", "shigella-sonnei"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (coded("233604007", "Pneumonia"), "Pneumonia"),
        (coded("999999999999999"), "999999999999999"),
        (coded("10828004", "Positive"), "Mikrobiologi: positiv"),
        ({"conclusion": "Mulig meslinger"}, "Mikrobiologi: Mulig meslinger"),
        (coded("14189004", "Measles") | {"conclusion": "Ikke påvist"}, "Mikrobiologi: Measles, Ikke påvist"),
    ],
)  # fmt: skip
def test_what_nobody_knows_or_that_is_unsure_waits_with_its_words(
    more: dict[str, Any], words: str
) -> None:
    assert found(answered(**more)) == [(None, words, "")]


@pytest.mark.parametrize(
    ("more", "negative"),
    [
        (coded("260385009", "Negative"), True),
        ({"conclusion": "Ingen patogene bakterier påvist"}, True),
        (coded("17621005", "Normal"), False),
        ({"conclusion": "Ny prøve anbefales"}, False),
        ({"conclusion": "Takk for henvisningen"}, False),
    ],
)
def test_what_finds_nothing_is_no_finding(more: dict[str, Any], negative: bool) -> None:
    report = answered(**more)
    assert (found(report), report.negative) == ([], negative)


def test_beside_results_it_repeats_what_they_found() -> None:
    measles = fhir.observation("o", {"text": "Meslingvirus IgM"}, {"text": "Påvist"})
    for more in (coded("14189004", "Measles"), {"conclusion": "Meslinger påvist"}):
        assert found(answered(measles, **more)) == [
            ("measles-virus", "Meslingvirus", "antibody-igm")
        ]


def test_against_results_that_found_nothing_a_person_decides() -> None:
    nothing = fhir.observation("o", {"text": "Meslingvirus IgM"}, {"text": "Ikke påvist"})
    report = answered(nothing, **coded("14189004", "Measles"))
    assert found(report) == [(None, "Mikrobiologi: Measles", "")] and not report.negative
    report = answered(nothing, conclusion="Påvist rubellavirus")
    assert found(report) == [(None, "Mikrobiologi: Påvist rubellavirus", "")]
    for said in ("Negativ serologi utelukker ikke tidlig infeksjon", "Ikke påvist"):
        report = answered(nothing, conclusion=said)
        assert (found(report), report.negative) == ([], True)


def test_a_mark_beside_it_is_no_finding_of_its_own() -> None:
    mark = fhir.concept((kith.OID + "8269", "MSIS-M", ""))
    report = answered(conclusionCode=[mark, fhir.concept((fhir.SNOMED, "14189004", "Measles"))])
    assert [each for each, _, _ in found(report)] == ["measles-virus"]
    assert report.notifiable == "MSIS-M"
    assert found(answered(conclusionCode=[mark])) == [(None, "MSIS-M", "")]


def test_an_agent_in_it_makes_an_answer_microbiology() -> None:
    other = [fhir.concept(("http://x", "RAD", ""))]
    assert found(answered(category=other, **coded("14189004", "Measles")))
    refused = only(fhir.write(fhir.simple(category=other, **coded("233604007", "Pneumonia"))))
    assert isinstance(refused, Failure) and refused.reason == "not-microbiology"


def test_a_finding_needs_a_specimen() -> None:
    bundle = fhir.simple(specimen=[], **coded("14189004", "Measles"))
    refused = only(fhir.write(bundle))
    assert isinstance(refused, Failure) and refused.reason == "missing-specimen"
