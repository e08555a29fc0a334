"""The page of columns and words says what is taken, and all that it says is taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from varde.codes import materials, organisms
from varde.messages.deidentified import vocabulary
from varde.messages.deidentified.description import rewrite
from varde.messages.deidentified.published import REGISTERS, Register, keeping, published

PAGE = Path(__file__).resolve().parents[2] / "docs" / "deidentified.md"
WORD = re.compile(r"`([^`]+)`")


def region(key: str) -> list[str]:
    """The lines of a region without the head of its table."""
    page = PAGE.read_text("utf-8")
    [inside] = re.findall(rf"<!-- words:{key} -->\n(.*?)<!-- /words -->", page, re.S)
    lines: list[str] = inside.splitlines()
    return lines[2:] if lines[0].startswith("|") else lines


def cells(key: str) -> Iterator[list[str]]:
    for line in region(key):
        yield [cell.strip() for cell in line.strip("|").split("|")]


def test_the_page_says_what_the_files_say() -> None:
    page = PAGE.read_text("utf-8")
    assert rewrite(page) == page, "run the command at the end of docs/deidentified.md"


@pytest.mark.parametrize("register", REGISTERS)
def test_every_organism_is_listed_and_every_word_of_it_is_taken(register: Register) -> None:
    rows = list(cells(f"{register}-organisms"))
    kinds = keeping().organisms[register]
    assert [row[0] for row in rows] == [o.name for o in organisms().values() if o.kind in kinds]
    words = [word for name, others in rows for word in (name, *WORD.findall(others))]
    assert len(words) > len(rows)
    assert [word for word in words if vocabulary.find_organism(register, word) is None] == []


def test_every_material_is_listed_and_every_word_of_it_is_taken() -> None:
    rows = list(cells("materials"))
    assert [row[0] for row in rows] == [material.name_nb for material in materials().values()]
    words = [word for name, others in rows for word in (name, *WORD.findall(others))]
    assert [word for word in words if vocabulary.find_material(word) is None] == []


@pytest.mark.parametrize("register", REGISTERS)
def test_every_name_of_a_drug_is_a_heading(register: Register) -> None:
    for name, atc, code, others in cells(f"{register}-drugs"):
        found = vocabulary.find_drug(register, name)
        assert found is not None
        for word in filter(None, (atc, code, *WORD.findall(others))):
            drug = vocabulary.find_drug(register, word)
            assert drug is not None and drug.code == found.code, word


def test_every_word_of_the_short_lists_is_taken() -> None:
    for name, words in cells("categories"):
        for word in WORD.findall(words):
            assert vocabulary.find_category(word) == ("" if name == "no category" else name), word
    for line in region("places"):
        assert len({vocabulary.find_place(word) for word in WORD.findall(line)} - {None}) == 1
    for gene in WORD.findall(region("genes")[0]):
        assert vocabulary.find_mutations(f"{gene}:H275Y") == (f"{gene}:H275Y",)


@pytest.mark.parametrize("register", REGISTERS)
def test_every_column_is_listed(register: Register) -> None:
    headings = [WORD.findall(row[0])[0] for row in cells(f"{register}-columns")]
    assert headings == [column.heading for column in published(register).columns]


@pytest.mark.parametrize(
    "virus",
    ["Influensa A(H3N2)", "influensa A/H1N1pdm09", "Influenza B (Yamagata)", "hiv-1", "HBV", "HCV 3a",
     "HCV genotype 1b", "CMV", "HSV-1", "herpes simplex virus type 2"],
)  # fmt: skip
def test_usual_ways_to_write_a_virus_are_taken_as_they_are_sent(virus: str) -> None:
    assert vocabulary.find_organism("ravn", virus) == virus
