"""Genes and antigens of tests, and names of what is not resistant."""

from __future__ import annotations

import pytest

from varde.codes import (
    CodeMap,
    counts_as,
    may_carry,
    organisms,
    read_resistant_name,
    susceptible_to,
    targets,
)

MAP = CodeMap.load()


def owners(text: str) -> set[str]:
    return {one.organism for one in targets()[text]}


def test_neighbours_have_targets_of_their_own() -> None:
    assert owners("is481") == {"bordetella-pertussis"}
    assert owners("is1001") == {"bordetella-parapertussis"}
    assert owners("stx2") == {"escherichia-coli-ehec"}
    assert owners("is6110") == {"mycobacterium-tuberculosis-complex"}


def test_what_others_have_too_proves_nothing() -> None:
    proves = {one.organism: one.proves for one in targets()["eae"]}
    assert proves == {"escherichia-coli-ehec": False, "escherichia-coli-epec": True}
    assert all(one.organism in organisms() for found in targets().values() for one in found)


def test_no_target_is_the_name_of_an_organism() -> None:
    assert [text for text in targets() if MAP.find("organism", [("", "", text)])] == []


@pytest.mark.parametrize(
    ("text", "markers"),
    [
        ("MSSA", {"mrsa"}),
        ("Meticillinfølsom S. aureus", {"mrsa"}),
        ("VSE", {"vre"}),
        ("MRSA", set()),
        ("S. aureus", set()),
    ],
)
def test_names_that_say_that_there_is_no_resistance(text: str, markers: set[str]) -> None:
    assert susceptible_to(text) == markers


def test_what_is_not_resistant_is_not_read_as_resistant() -> None:
    assert read_resistant_name("MRSA").markers == {"mrsa"}
    assert read_resistant_name("MRSA/MSSA").markers == frozenset()


def test_mrsa_is_of_staphylococcus_aureus_alone() -> None:
    assert counts_as("staphylococcus-aureus", "mrsa")
    assert not counts_as("staphylococcus-epidermidis", "mrsa")
    assert not counts_as("coagulase-negative-staphylococcus", "mrsa")
    assert counts_as("enterococcus-faecium", "vre") and counts_as("klebsiella-pneumoniae", "cpo")
    # The gene is of it all the same.
    assert may_carry("staphylococcus-epidermidis", "mrsa")


def test_white_staphylococci_are_coagulase_negative_ones() -> None:
    for text in ("Hvite stafylokokker", "hvite stafylokokker"):
        assert MAP.find("organism", [("", "", text)]) == "coagulase-negative-staphylococcus"
