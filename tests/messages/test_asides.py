"""What is beside an answer takes nothing from it and adds nothing to it; and nothing else is taken for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.messages.answers.asides import is_of_drug, without_asides
from varde.messages.answers.said import read_words

ANSWERS = ["Påvist", "Ikke påvist", "Vekst av Salmonella Typhi", "Ingen vekst", "Influensa A påvist", "Salmonella ikke påvist", "Influensa A påvist, RSV ikke påvist"]  # fmt: skip
ASIDES = [
    "Dyrkning pågår",
    "Resistens følger",
    "Endelig resistensbestemmelse følger",
    "Meldepliktig sykdom, gruppe A",
    "Meldt til MSIS",
    "Kommuneoverlegen er varslet per telefon",
    "Isolat sendt til referanselaboratoriet (FHI)",
    "Sendt nasjonalt referanselaboratorium for MRSA",
    "Bekreftet ved nøytralisering",
    "Bekreftet med Western blot",
    "S/CO 15,4",
    "Rifampicinresistens ikke påvist",
    "Makrolidresistens påvist",
    "Legionella-PCR anbefales",
    "HCV RNA følger",
    "Ringt avdelingen kl. 14:30",
]
KEPT = [
    "Campylobacter påvist",
    "RSV ikke påvist",
    "Rifampicinresistens påvist",
    "Vankomycinresistens påvist",
    "MRSA påvist",
    "E. coli dyrket",
    "E. coli sendt til typing",
    "Ikke bekreftet",
    "Må bekreftes",
    "Bekreftet hos annen pasient",
    "Nylig vaksinert",
    "Prøven var inhibert",
    "Falsk positiv kan ikke utelukkes",
    "Tidligere påvist",
    "Xyzbacter følger",
    "Mulig kontaminasjon, ny prøve anbefales",
]


@given(st.sampled_from(ANSWERS), st.lists(st.sampled_from(ASIDES), min_size=1, max_size=3), st.sampled_from([". ", "\n", "; "]))  # fmt: skip
def test_asides_take_nothing_and_add_nothing(answer: str, asides: list[str], between: str) -> None:
    assert read_words(between.join([answer, *asides])) == read_words(answer)


@pytest.mark.parametrize("kept", KEPT)
def test_what_says_something_of_the_answer_stays(kept: str) -> None:
    left = without_asides(f"Påvist. {kept}")
    assert all(word in left for word in kept.replace(",", "").split()[:1]), left


@pytest.mark.parametrize("text", ASIDES)
def test_an_answer_of_asides_alone_is_none(text: str) -> None:
    assert read_words(text).kind != "growth" or is_of_drug(text)


def test_what_is_said_of_a_drug_alone_is_known() -> None:
    assert is_of_drug("Rifampicinresistens ikke påvist")
    assert not is_of_drug("MTB påvist, rifampicinresistens ikke påvist")
    assert not is_of_drug("Påvist")


def test_a_long_text_stays_as_it_is() -> None:
    text = "Påvist. " + "Dyrkning pågår. " * 100
    assert without_asides(text) == text
