"""An organism that is named beside the denial of something else is never taken for not found."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages import fhir_builder as fhir
from messages import hl7v2_builder as hl7
from messages import kith_builder as kith
from messages.test_answers_found import only
from varde.codes import organisms
from varde.messages import LabReport
from varde.messages.answers.known_names import find_named
from varde.messages.answers.said import read_words

OTHER = "Plasmodium vivax"
DENIALS = [
    "{}, MRSA negativ",
    "{}, ESBL ikke påvist",
    "{}, mecA negativ",
    "{}, betalaktamase negativ",
    "{}, toksin negativ",
    "{}, direkte mikroskopi negativ",
    "{} uten holdepunkter for ESBL",
    "{}, øvrige negative",
    "{}. Øvrige agens ikke påvist.",
    "{} (Ct 22), øvrige negative",
    "{}+, resten neg",
    "{}, ingen vekst av andre bakterier",
    "{}, ellers ingen tarmpatogene bakterier påvist",
    "{}, ellers normal halsflora",
    "{} og normalflora",
    "{} i normalflora",
    "Normal flora + {}",
    "Normalflora, men også {}",
    "Negativ dyrkning, {} i direkte preparat",
    "Ingen vekst. {}",
    f"{{}}, {OTHER} negativ",
    f"Ikke {OTHER}. {{}}.",
    f"Ingen {OTHER}, men {{}}",
    f"{{}} (ikke {OTHER})",
]
NAMES = sorted(
    {
        name
        for key, one in organisms().items()
        for name in (one.name, one.name_nb)
        if name
        and find_named(name) == key
        and one.kind not in ("parasite", "unknown")
        and not (one.group == "unspecified" and one.kind == "bacterium")
    }
)


@given(st.sampled_from(NAMES), st.sampled_from(DENIALS))
def test_a_known_organism_outside_a_denial_is_found_or_read_by_a_person(
    name: str, denial: str
) -> None:
    said = read_words(denial.format(name))
    assert said.kind != "no_growth"
    assert said.name or said.doubtful
    if said.name:
        assert find_named(name) in {find_named(each) for each in said.names}


RESISTANCES = ["ESBL", "MRSA", "VRE", "mecA", "KPC", "OXA-48", "CPO", "karbapenemase"]
SIGNS = [": 0", ": -", ":0", " = 0", " (0)", " (-)", " -", ": –"]
BEFORE = [
    "Ingen vekst av streptokokker gr. A, C og G. {}",
    "Ingen vekst av betahemolytiske streptokokker gr A og G. {} 2+",
    "Ikke påvist GAS. {}",
    "Ikke påvist influensa A og B. {}",
    f"1) Ingen vekst av {OTHER} 2) {{}}",
    f"a) Ikke påvist {OTHER} b) {{}}",
    f"1) Ikke {OTHER}  2) {{}} 2+",
    f"Ingen vekst av {OTHER} 2) {{}}",
    f"1) {{}} 2) {OTHER} ikke påvist",
    f"a) {{}}, b) {OTHER}: negativ",
    f"{{}} + {OTHER} negativ",
]


@given(
    st.sampled_from(NAMES),
    st.sampled_from([", ", " ", "; ", ". ", "\n", " + "]),
    st.sampled_from(RESISTANCES),
    st.sampled_from(SIGNS),
)
def test_a_sign_that_denies_a_resistance_takes_no_organism(
    name: str, between: str, resistance: str, sign: str
) -> None:
    text = f"{name}{between}{resistance}{sign}"
    for said in map(read_words, (text, f"{text}.", f"{text}, ESBL: 0")):
        assert said.kind != "no_growth", text


@given(st.sampled_from(NAMES), st.sampled_from(BEFORE), st.sampled_from([str, str.lower]))
def test_a_list_and_an_abbreviation_end_what_a_denial_reaches(
    name: str, before: str, form: Callable[[str], str]
) -> None:
    text = form(before.format(name))
    said = read_words(text)
    assert said.kind != "no_growth", text
    assert said.name or said.doubtful, text


@pytest.mark.parametrize("said", ["Inhibert", "Kontaminert."])
@pytest.mark.parametrize("name", ["Bakterier dyrkning", "Luftveispanel PCR", "Influensa A RNA"])
def test_an_examination_that_came_to_nothing_is_unclear(name: str, said: str) -> None:
    for report in (
        only(kith.simple(kith.search(said, name))),
        only(fhir.write(fhir.simple(fhir.observation("o", {"text": name}, said)))),
        only(hl7.simple(hl7.obx(("", name), said, "TX"))),
    ):
        assert isinstance(report, LabReport) and not report.findings and not report.negative
        assert [each.answer for each in report.looked_for] == ["inconclusive"]


@pytest.mark.parametrize(
    ("name", "said"),
    [("RPR", "< 1:8"), ("ANA", "1:320"), ("Mykobakterier mikroskopi", "0/100 synsfelt")],
)
def test_what_is_below_what_counts_and_what_is_no_infection_is_noted_for_nobody(
    name: str, said: str
) -> None:
    report = only(kith.simple(kith.search(said, name)))
    assert isinstance(report, LabReport) and not report.findings


@pytest.mark.parametrize(
    "text",
    [
        "Salmonella, Shigella, Campylobacter og Yersinia ikke påvist",
        "Influensa A, B og RSV ikke påvist",
        "Salmonella, ikke påvist",
        "Staphylococcus aureus (MRSA) ikke påvist",
        "Enterobacterales med ESBL ikke påvist",
        "C. difficile toksin negativ",
        "Ikke påvist: Salmonella, Shigella",
    ],
)
def test_one_list_under_one_denial_is_negative(text: str) -> None:
    assert read_words(text).kind == "no_growth"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Ingen vekst så langt", "pending"),
        ("Ingen vekst så langt. Inkuberes videre.", "pending"),
        ("Ingen vekst etter 5 døgn", "not-found"),
        ("Staphylococcus aureus, MRSA negativ", "found"),
        ("Salmonella Typhi, Shigella og Yersinia ikke påvist", "inconclusive"),
    ],
)
def test_what_was_looked_for_in_every_format(text: str, answer: str) -> None:
    name = "Bakterier dyrkning"
    for report in (
        only(kith.simple(kith.search(text, name))),
        only(fhir.write(fhir.simple(fhir.observation("o", {"text": name}, text)))),
        only(hl7.simple(hl7.obx(("", name), hl7.escape(text), "TX"))),
    ):
        assert isinstance(report, LabReport)
        assert [each.answer for each in report.looked_for] == [answer]
        assert report.negative is (answer == "not-found")


def test_an_identification_with_its_susceptibilities_keeps_its_organism() -> None:
    """The denied property takes neither the organism nor what it was tested against."""
    report = only(
        kith.simple(
            kith.culture("Vekst", item="1"),
            kith.identification("Staphylococcus aureus, MRSA negativ", item="2", refers="1"),
            kith.susceptibility(refers="2"),
        )
    )
    assert isinstance(report, LabReport)
    [finding] = report.findings
    assert finding.organisms[0].text == "Staphylococcus aureus"
    assert [test.sir for test in finding.susceptibilities] == ["S"]
