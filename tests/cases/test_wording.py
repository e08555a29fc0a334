"""A known code of a disease and the words beside it: what agrees, and what a person must look at."""

from __future__ import annotations

import pytest

from varde.cases import catalogue, diseases
from varde.cases.form import read_form
from varde.cases.wording import is_of

CODE = "713"


@pytest.mark.parametrize(
    "words",
    [
        "",
        "713",
        "--",
        "713 Koronavirus med utbruddspotensial",
        "713 - koronavirus med  utbruddspotensial.",
        "KORONAVIRUS MED UTBRUDDSPOTENSIAL",
        "Koronavirus m. utbruddspot.",
        "Covid-19, virus påvist",
        "U07.1",
        "U07.1 Covid-19",
        "COVID19",
        "covid 19",
        "Covid19-infeksjon",
        "SARS-CoV-2",
        "SARS-CoV-2-infeksjon",
        "2019-nCoV",
        "Koronavirusinfeksjon",
        "Coronavirus disease 2019 (COVID-19)",
        "Mistenkt covid-19",
    ],
)
def test_variants_of_the_name_agree_with_the_code(words: str) -> None:
    named = catalogue().diagnosed(CODE, words)
    assert named is not None and named.disease == "covid-19"


@pytest.mark.parametrize(
    "words",
    [
        "Tulldiagnose",
        "713 Tulldiagnose",
        "Tull19",
        "Meslinger",
        "713 Meslinger",
        "Meslinger og covid-19",
        "Ikke covid-19",
        "Covid-19 avkreftet",
        "SARS",
        "MERS-koronavirus",
        "Influensa A",
        "Skabb",
        "k",
    ],
)
def test_unknown_words_and_those_of_another_disease_contradict_the_code(words: str) -> None:
    assert catalogue().diagnosed(CODE, words) is None


@pytest.mark.parametrize("words", ["Meslinger", "605 Meslinger", "Meslinger."])
def test_an_unknown_code_leaves_the_words(words: str) -> None:
    named = catalogue().diagnosed("605", words)
    assert named is not None and named.disease == "measles"


def test_each_disease_knows_its_own_names_and_those_of_no_other() -> None:
    denials = read_form().denials
    for key, disease in diseases().items():
        others = [n.word for k, other in diseases().items() if k != key for n in other.names()]
        for name in disease.names():
            assert is_of(disease, f"123 {name.word.upper()}, mistenkt", others, denials), name
