"""Tests for a resistance or its genes that name no organism, and names that say which resistance an organism has not."""

from __future__ import annotations

import pytest

from varde.codes import (
    CodeMap,
    markers_denied_in,
    read_marker_test,
    read_susceptible_name,
    resistance_markers,
    resistance_words,
)
from varde.codes.marker_tests import MARKER_TESTS

FIVE = {"kpc", "ndm", "vim", "imp", "oxa48"}


@pytest.mark.parametrize(
    ("name", "markers"),
    [
        ("Karbapenemase", {"cpo"}), ("Karbapenemaseproduksjon", {"cpo"}), ("Karbapenemasegener PCR", {"cpo"}),
        ("F-Karbapenemase", {"cpo"}), ("CPE", {"cpo"}), ("ESBL og karbapenemase", {"cpo"}),
        ("blaKPC", {"kpc"}), ("Karbapenemase (KPC)", {"kpc"}), ("OXA-48-like", {"oxa48"}), ("IMP", {"imp"}),
        ("Klebsiella pneumoniae karbapenemase", {"kpc"}), ("KPC/NDM/VIM/IMP/OXA-48", FIVE), ("Xpert Carba-R", FIVE),
        ("Karbapenemase (KPC, NDM, VIM, IMP og OXA-48)", FIVE), ("mCIM", {"hydrolysis"}), ("Carba-NP", {"hydrolysis"}),
        ("Karbapenemase MBL", {"mbl"}), ("eCIM", {"mbl"}), ("OXA-181", {"oxa181"}), ("blaOXA-23", {"oxa23"}),
        ("vanA", {"vana"}), ("vanA/vanB", {"vana", "vanb"}), ("vanA/B", {"vana", "vanb"}), ("vanC", {"vanother"}),
        # What may be a gene that no row knows leaves the others; a variant is less than its gene.
        ("Karbapenemase XYZ-1", set()), ("KPC-3", set()), ("OXA-372", set()),
        ("ESBL", set()), ("Karbapenem", set()), ("Imipenem", set()), ("Vankomycin", set()), ("", set()),
    ],
)  # fmt: skip
def test_what_a_test_looks_for(name: str, markers: set[str]) -> None:
    assert read_marker_test([name]).markers == markers


def test_alternatives_are_of_one_test_and_the_parts_count() -> None:
    assert read_marker_test(["Karbapenemase", "blaNDM"]).markers == {"ndm"}
    assert read_marker_test(["Klebsiella karbapenemase"]) == ({"cpo"}, False)
    assert read_marker_test(["CPE (NDM)"]) == ({"ndm"}, True)


def test_every_gene_that_a_name_may_say_is_a_part_or_the_whole() -> None:
    """A word of resistance that no row knew would be nothing, and not the whole of it."""
    assert "karbapenemase" in MARKER_TESTS.read_text("utf-8")
    for word in (
        "KPC",
        "NDM",
        "VIM",
        "OXA-48",
        "OXA-244",
        "IMP-1",
        "vanA",
        "vanB",
        "karbapenemase",
    ):
        assert resistance_words(word) and read_marker_test([word]).markers, word
        assert bool(read_marker_test([word]).markers & resistance_markers()) == (
            word == "karbapenemase"
        )


@pytest.mark.parametrize(
    ("name", "organism", "markers"),
    [
        ("MSSA", "staphylococcus-aureus", {"mrsa"}), ("Staphylococcus aureus (MSSA)", "staphylococcus-aureus", {"mrsa"}),
        ("S. aureus, ikke MRSA", "staphylococcus-aureus", {"mrsa"}), ("VSE", "enterococcus", {"vre"}),
        ("meticillinfølsomme gule stafylokokker", "staphylococcus-aureus", {"mrsa"}),
        ("MSSA (meticillinfølsom Staphylococcus aureus)", "staphylococcus-aureus", {"mrsa"}),
        ("Klebsiella pneumoniae, ikke karbapenemaseproduserende", "klebsiella-pneumoniae", {"cpo"}),
        ("Klebsiella pneumoniae uten karbapenemase", "klebsiella-pneumoniae", {"cpo"}),
        ("Enterococcus faecium (ikke VRE)", "enterococcus-faecium", {"vre"}),
        ("Staphylococcus aureus, MRSA negativ", "staphylococcus-aureus", {"mrsa"}),
        ("ikke MRSA", None, {"mrsa"}), ("MRSA ikke påvist", None, {"mrsa"}),
        ("Mulig MRSA", None, set()), ("MRSA/MSSA", None, set()), ("S. aureus, ikke tidligere MRSA", None, set()),
        ("Staphylococcus aureus, MRSA ikke undersøkt", None, set()), ("S. aureus ikke meticillinfølsom", None, set()),
        ("MRSA ikke utelukket", None, set()), ("Escherichia coli og MSSA", None, {"mrsa"}), ("MSSA?", None, set()),
        ("MRSA", "staphylococcus-aureus", set()), ("Staphylococcus aureus", "staphylococcus-aureus", set()),
    ],
)  # fmt: skip
def test_what_a_name_says_an_organism_has_not(
    name: str, organism: str | None, markers: set[str]
) -> None:
    assert read_susceptible_name(name).markers == markers
    assert markers_denied_in([("", name)]) == markers
    assert CodeMap.load().find("organism", [("", "", name)]) == organism


def test_another_name_of_it_that_says_the_resistance_counts() -> None:
    assert markers_denied_in([("", "MSSA"), ("", "MRSA")]) == frozenset()
