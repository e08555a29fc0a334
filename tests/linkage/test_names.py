"""Names: many spellings are one, and what only holds a place is no name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.linkage import Names, fold_name, read_names, split_name


@pytest.mark.parametrize(
    "spellings",
    [
        ["Bjørn", "Bjoern", "BJÖRN", "Bjorn", "bjørn "],
        ["Ås", "Aas", "As", "AAS"],
        ["Kjær", "Kjaer", "Kjär"],
        ["Müller", "Mueller", "MULLER"],
        ["Łukasz", "Lukasz"],
        ["O'Connor", "O’Connor", "OConnor"],
        ["Anne-Grete", "Anne Grete", "ANNE–GRETE", "anne.grete"],
        ["Jose\u0301", "José", "Jose"],
        ["Strauß", "Strauss"],
        ["Đỗ", "Do"],
    ],
)
def test_spellings_of_one_name_are_one(spellings: list[str]) -> None:
    assert len({fold_name(spelling) for spelling in spellings}) == 1


def test_different_names_stay_different() -> None:
    names = ["Hansen", "Hanssen", "Jensen", "Ås", "Øs", "Is", "Bø", "Bo i", "Нина", "Лина"]
    assert len({fold_name(name) for name in names}) == len(names)


@pytest.mark.parametrize("word", ["Nyfødt", "Gutt", "JENTE", "Baby", "udøpt", "Newborn", "pike"])
def test_a_word_of_waiting_is_no_given_name(word: str) -> None:
    assert read_names("Hansen", word) == Names(("hansen",), (), True)
    assert read_names(f"{word} Hansen", "") == Names(("hansen",), (), True)


@pytest.mark.parametrize(
    ("given_name", "order", "multiple"),
    [
        ("Tvilling A", 1, True),
        ("tvilling 2", 2, True),
        ("Baby B", 2, False),
        ("Twin II", 2, True),
        ("Trilling C", 3, True),
        ("Gutt", 0, False),
    ],
)
def test_a_word_of_waiting_may_say_which_of_twins(
    given_name: str, order: int, multiple: bool
) -> None:
    assert read_names("Dahl", given_name) == Names(("dahl",), (), True, order, multiple)


def test_an_initial_without_a_word_of_waiting_is_a_given_name() -> None:
    assert read_names("Dahl", "A.") == Names(("dahl",), ("a",))


@pytest.mark.parametrize("word", ["Ukjent", "N.N.", "NN", "Anonym", "unknown"])
def test_nobody_is_called_unknown(word: str) -> None:
    folded = read_names(word, word)
    if word == "N.N.":  # Two letters with dots are initials of somebody.
        assert folded.given == ("n", "n")
    else:
        assert folded == Names((), ())


@pytest.mark.parametrize(
    ("written", "family"),
    [
        ("van Dijk", ("dijk",)),
        ("von der Lippe", ("lippe",)),
        ("al-Masri", ("masri",)),
        ("de la Cruz", ("cruz",)),
        ("Le", ("le",)),  # Vietnamese, and no particle where nothing follows
        ("Dr. Holm", ("holm",)),
    ],
)
def test_particles_and_titles_are_left_out_of_family_names(
    written: str, family: tuple[str, ...]
) -> None:
    assert read_names(written, "Eva").family == family


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        ("Hansen, Kari Anne", ("Hansen", "Kari Anne")),
        ("Kari Anne Hansen", ("Hansen", "Kari Anne")),
        ("Piet van Dijk", ("van Dijk", "Piet")),
        ("Anna von der Lippe", ("von der Lippe", "Anna")),
        ("Hansen", ("Hansen", "")),
        ("", ("", "")),
        (" , ", ("", "")),
    ],
)
def test_a_name_in_one_piece_is_split(whole: str, parts: tuple[str, str]) -> None:
    assert split_name(whole) == parts


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_gives_words_of_small_letters_and_folding_again_changes_nothing(
    family: str, given_name: str
) -> None:
    found = read_names(family, given_name)
    for word in (*found.family, *found.given):
        assert word and " " not in word
    words = fold_name(family)
    assert fold_name(" ".join(words)[:200]) == words or len(" ".join(words)) > 200
    split_name(family)
