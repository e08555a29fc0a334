"""A gene by itself: which organism it proves, and what it says where it is not found."""

from __future__ import annotations

import pytest

from varde.codes import CodeMap, organism_proved_by, parts_looked_for, plain_gene

EHEC = "escherichia-coli-ehec"


@pytest.mark.parametrize(
    "name",
    ["stx1", "Stx2", "stx1-gen", "stx1/stx2", "F-stx2", "Feces stx1", "stx1: positiv", "F-stx2: positiv", "VTX1",
     "stx-genet", "Shigatoksingenet (stx)", "Shigatoksingenene", "Shigatoksin-genene (stx1 og stx2)"],
)  # fmt: skip
def test_a_gene_of_shiga_toxin_is_the_organism(name: str) -> None:
    assert organism_proved_by([name]) == EHEC
    assert CodeMap.load().find("organism", [("", "", name.partition(":")[0])]) is None


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Difteritoksingenet (tox)", "Difteritoksingen (tox)"), ("stx-genet", "stx-gen"), ("toksin B-genets", "toksin B-gen"),
        ("Shigatoksingenene", "Shigatoksingen"), ("antigenet", "antigenet"), ("genetikk", "genetikk"), ("Tarmpatogener", "Tarmpatogener"),
        ("toksingenese", "toksingenese"), ("genet", "genet"),
    ],
)  # fmt: skip
def test_a_gene_is_called_as_lists_call_it(text: str, plain: str) -> None:
    assert plain_gene(text) == plain


@pytest.mark.parametrize(
    "name",
    ["eae", "mecA", "stx1 kontroll", "ikke stx1", "stx1?", "stx1: uklar", "stx1 og eae", "ipaH", "Shigella stx1", "uidA", ""],
)  # fmt: skip
def test_nothing_else_is(name: str) -> None:
    assert organism_proved_by([name]) is None


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("stx1", {"stx1"}), ("EHEC stx2", {"stx2"}), ("stx1/2", {"stx1", "stx2"}), ("stx1 og stx2", {"stx1", "stx2"}),
        ("stx1/stx2", {"stx1", "stx2"}), ("Shigatoksin 1", {"stx1"}), ("EHEC", set()), ("stx", set()), ("stx2a", set()),
    ],
)  # fmt: skip
def test_the_parts_that_a_test_looks_for(name: str, parts: set[str]) -> None:
    assert parts_looked_for([name]).get(EHEC, frozenset()) == parts


def test_mec_c_is_not_all_of_mrsa() -> None:
    aureus = "staphylococcus-aureus"
    assert parts_looked_for(["mecA"]) == {aureus: {"mrsa"}}
    assert parts_looked_for(["mecC"]) == {aureus: {"mecc"}}
    assert parts_looked_for(["mecA/mecC"]) == {aureus: {"mrsa", "mecc"}}
