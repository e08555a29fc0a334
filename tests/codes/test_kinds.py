"""Kinds of organisms that are no organism of their own."""

from __future__ import annotations

import pytest

from varde.codes import all_kinds, kinds, kinds_of, subtypes
from varde.codes.errors import CodeFileError

COUNTING = [("norovirus", "GII.4"), ("influenza-a-virus", "A(H1N1)pdm09"), ("influenza-a-virus", "H3N2"), ("sars-cov-2", "BA.2.86"), ("human-papillomavirus", "HPV 16"), ("clostridioides-difficile", "ribotype 027"), ("staphylococcus-aureus", "spa-type t008"), ("salmonella-typhi", "O-gruppe 9"), ("measles-virus", "MVs/Dublin.IRL/8.16")]  # fmt: skip


@pytest.mark.parametrize(("organism", "text"), COUNTING)
def test_a_kind_counts_for_its_organism(organism: str, text: str) -> None:
    own = kinds_of(organism)
    assert own is not None and own.counting.fullmatch(text) and all_kinds().fullmatch(text)


def test_a_kind_is_of_no_other_organism() -> None:
    measles = kinds_of("measles-virus")
    assert measles is not None
    assert not measles.counting.fullmatch("GII.4") and not measles.counting.fullmatch("BA.2")
    assert kinds_of("rabies-virus") is None


def test_a_vaccine_strain_is_doubtful() -> None:
    measles = kinds_of("measles-virus")
    assert measles is not None
    for text in ("genotype A", "Genotype: A", "A"):
        assert measles.doubtful.fullmatch(text), text
        assert not measles.counting.fullmatch(text), text
    assert not all_kinds().fullmatch("genotype: A")


def test_what_others_have_too_counts_only_beside() -> None:
    ehec = kinds_of("escherichia-coli-ehec")
    assert ehec is not None
    assert ehec.beside.fullmatch("O157:H7") and not ehec.counting.fullmatch("O157")


def test_no_subtype_that_is_an_organism_of_its_own_is_a_kind() -> None:
    for of, text in subtypes():
        own = kinds_of(of)
        assert own is None or not own.counting.fullmatch(text), text


@pytest.mark.parametrize("row", ["(,norovirus,yes", "x*,norovirus,yes", "gii,nobody,yes"])
def test_a_broken_row_is_refused(row: str, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "kinds.csv"
    file.write_text(f"pattern,organism,counts,source,valid_from\n{row},a,2026-01-01\n", "utf-8")
    monkeypatch.setattr(kinds, "KINDS", file)
    with pytest.raises(CodeFileError):
        kinds._rows.__wrapped__()
