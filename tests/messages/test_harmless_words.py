"""Which words may stand beside the word that finds, in answer to a search for another thing, and say nothing of another.

``<word> påvist`` in answer to a search for Salmonella: every word that counts there as if it were not is listed in
`tests/spec/harmless_words.csv` with its class, each looked at by a person. A word that is not there makes the answer wait.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from varde.codes import all_kinds, kinds_of, organisms
from varde.messages import Code
from varde.messages.answers.found import read_answer
from varde.messages.answers.names import PLACES
from varde.messages.answers.notes import Noted
from varde.messages.answers.said import read_words
from varde.messages.answers.search_words import words
from varde.messages.answers.words import result_words

FILE = Path(__file__).parents[1] / "spec" / "harmless_words.csv"
CLASSES = {"grammar", "number", "amount", "time", "place", "method", "test", "people", "course", "answer"}  # fmt: skip
SEARCHES = ["F-Salmonella PCR", "P-Hepatitt A IgM", "Denguevirus RNA", "Salmonella dyrkning"]

with FILE.open(encoding="utf-8", newline="") as file:
    REVIEWED = {row["word"]: row["class"] for row in csv.DictReader(file)}


def counts(name: str, text: str) -> bool:
    """Whether an answer finds what was looked for."""
    said = read_words(text)
    values = tuple(Code(text=each) for each in said.names)
    found = read_answer((Code(text=name),), (), {said.kind} - {""}, values, text, [text])
    return found is not None and not isinstance(found, Noted)


def every_word() -> set[str]:
    known, searched = result_words(), words()
    return {
        *known.harmless, *known.remarks, *known.devices, *known.accounted, *known.introducing,
        *searched.seen, *searched.amounts, *searched.fields,
    }  # fmt: skip


@pytest.mark.parametrize("name", SEARCHES)
def test_every_word_that_is_harmless_beside_an_answer_was_looked_at(name: str) -> None:
    counting = {word for word in every_word() if counts(name, f"{word} påvist")}
    assert counting - REVIEWED.keys() == set()


def test_the_list_says_each_word_once_and_none_too_many() -> None:
    assert set(REVIEWED.values()) == CLASSES
    counting = {
        word for name in SEARCHES for word in every_word() if counts(name, f"{word} påvist")
    }
    assert REVIEWED.keys() - counting == set()
    assert min(Counter(REVIEWED.values()).values()) > 5


@pytest.mark.parametrize("word", sorted(result_words().telling | result_words().substances))
def test_a_word_that_tells_of_another_thing_never_counts(word: str) -> None:
    assert not counts("F-Salmonella PCR", f"{word} påvist")


@pytest.mark.parametrize("word", sorted(result_words().substances))
def test_what_may_be_found_itself_is_a_specimen_behind_a_word_of_place(word: str) -> None:
    assert counts("F-Salmonella PCR", f"Påvist i {word}")


def test_no_kind_is_a_word_of_grammar_or_of_an_answer() -> None:
    known = result_words()
    common = {*PLACES, *known.links, *words().links, "en", "et", "er", "the", "to", "an"}
    common |= {word for word, sign in known.sign_of.items() if sign in ("+", "-", "denial")}
    assert [word for word in common if all_kinds().fullmatch(word)] == []
    for organism in organisms():
        kinds = kinds_of(organism)
        assert kinds is None or not any(kinds.counting.fullmatch(word) for word in common)
