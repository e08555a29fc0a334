"""Finding a recommendation by words, codes and organ system."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidelines.invented_documents import chapter, code, dose, guideline, recommendation
from guidelines.shipped import TODAY, shipped
from guidelines.stored import library, on, titles
from varde.guidelines.search import Index, fold, split_words

THROAT = recommendation(
    "1",
    "Akutt streptokokkhals",
    [dose(code("1", "Fenoksymetylpenicillin oral"))],
    koder={"ICPC-2": ["R72"], "ICD-10": ["J02.0"]},
    intro="<p>Vurder &Aring; vente</p>",
)
THROAT["data"]["varde"] = {"sokeord": ["halsbetennelse", "ørebetennelse ikke", "fenoksymetyl-pcv"]}
LUNG = recommendation(
    "2", "Pneumoni", [dose(code("2", "Doksysyklin oral"))], koder={"ICPC-2": ["R81"]}
)
LUNG["data"]["rasjonale"] = "<p>Dette er ikke halsbetennelse, men <b>lungebetennelse</b>.</p>"

EDITION = library(
    ("2021-11-16", guideline()),
    ("2021-11-16", chapter()),
    ("2022-01-01", THROAT),
    ("2022-01-01", LUNG),
).edition(on("2023-01-01"))
INDEX = Index(EDITION, {("ICPC-2", "R81"): "Lungebetennelse"})


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("pneumoni", ["Pneumoni"]),
        ("PNEU", ["Pneumoni"]),
        ("R81", ["Pneumoni"]),
        ("r81", ["Pneumoni"]),
        ("J02.0", ["Akutt streptokokkhals"]),
        ("halsbetennelse", ["Akutt streptokokkhals", "Pneumoni"]),
        ("betennelse", ["Akutt streptokokkhals", "Pneumoni"]),
        ("hals strep", ["Akutt streptokokkhals"]),
        ("doksy", ["Pneumoni"]),
        ("luftveier", ["Akutt streptokokkhals", "Pneumoni"]),
        ("pneumoni urin", ["Pneumoni"]),
        ("strep doksy", ["Akutt streptokokkhals", "Pneumoni"]),
        ("R81 streptokokk", ["Pneumoni"]),
        ("R72 R81 fenoksymetyl", ["Akutt streptokokkhals", "Pneumoni"]),
        ("R81 R72 fenoksymetyl", ["Akutt streptokokkhals", "Pneumoni"]),
        ("streptokokker", ["Akutt streptokokkhals"]),
        ("strept", ["Akutt streptokokkhals"]),
        ("pcv", ["Akutt streptokokkhals"]),
        ("cv", []),
        ("finnesikke", []),
        ("", []),
        ("   ", []),
        ("%_*()", []),
        ("zé", []),
        ("x" * 10_000, []),
    ],
)
def test_what_is_found_and_in_which_order(asked: str, found: list[str]) -> None:
    assert titles(hit.entry for hit in INDEX.find(asked)) == found


def test_a_hit_by_code_says_the_code() -> None:
    [hit] = INDEX.find("R81")
    assert hit.code == ("ICPC-2", "R81")


def test_norwegian_letters_are_letters_and_other_accents_are_not() -> None:
    assert fold("Én") == "en" and fold("ÅRE") == "åre" and fold("Sår") != fold("Sar")
    assert split_words("Øre, nese/hals (ØNH) J18.9") == ["øre", "nese", "hals", "ønh", "j18.9"]


@given(st.text(max_size=60))
def test_any_question_has_an_answer(asked: str) -> None:
    for hit in INDEX.find(asked):
        assert hit.score > 0


@given(
    st.sampled_from(["streptokokkhals", "pneumoni", "fenoksymetylpenicillin"]), st.integers(1, 22)
)
def test_a_longer_beginning_never_finds_more(word: str, length: int) -> None:
    shorter = {hit.entry.innhold.id for hit in INDEX.find(word[:length])}
    longer = {hit.entry.innhold.id for hit in INDEX.find(word[: length + 1])}
    assert longer <= shorter or length < 4


def test_words_that_nothing_fits_are_said_and_the_others_count() -> None:
    found = INDEX.look_up("Pneumoni Finnesikke")
    assert titles(hit.entry for hit in found.hits) == ["Pneumoni"]
    assert found.missing == ("Finnesikke",)
    assert INDEX.look_up("pneumoni").missing == ()
    # Each word fits something, though nothing has both.
    assert INDEX.look_up("pneumoni streptokokkhals").missing == ()


def test_a_code_is_found_and_the_word_beside_it_ranks() -> None:
    found = INDEX.look_up("R81 lungebetennelse")
    [hit] = found.hits
    assert hit.code == ("ICPC-2", "R81") and hit.score > INDEX.find("R81")[0].score
    assert found.missing == ()
    assert INDEX.look_up("R81 gravid").missing == ("gravid",)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("lungebetenelse", "lungebetennelse"),
        ("penumoni", "pneumoni"),
        ("Doksicyklin", "doksysyklin"),
        ("akutt penumoni", "akutt pneumoni"),
    ],
)
def test_what_is_misspelt_gets_a_suggestion(asked: str, meant: str) -> None:
    found = INDEX.look_up(asked)
    assert found.suggestions[0] == meant
    assert INDEX.look_up(meant).suggestions == ()


@pytest.mark.parametrize("asked", ["", "pneumoni", "pneu", "R81", "xyzzyx", "pnm", "x" * 10_000])
def test_what_is_known_or_like_nothing_gets_none(asked: str) -> None:
    assert INDEX.look_up(asked).suggestions == ()


def test_forms_of_a_word_find_each_other_last() -> None:
    library_ = shipped().edition(TODAY)
    found = Index(library_).find("urinveier")
    titles_of = {
        parent.innhold.tittel for hit in found for parent in library_.parents(hit.entry.innhold.id)
    }
    assert "Urinveisinfeksjoner" in titles_of
