"""A resistance in a name that a sign or a word behind it denies is none."""

from __future__ import annotations

import pytest

from varde.codes import markers_in, read_resistant_name

DENIED = [
    "Staphylococcus aureus MRSA-",
    "Staphylococcus aureus mecA-",
    "Staphylococcus aureus, MRSA -",
    "Staphylococcus aureus, MRSA: -",
    "Staphylococcus aureus; MRSA 0",
    "MRSA- Staphylococcus aureus",
    "E. coli ESBL-",
    "E. coli ESBL–",
    "E. coli ESBL (-)",
    "E. coli (ESBL) -",
    "E. coli ESBL/CPO -",
    "E. coli, ESBL - KPC +",
    "Enterococcus faecium VRE-",
    "Klebsiella pneumoniae (CPO-)",
    "E. coli ESBL: nei",
    "E. coli ESBL = 0",
    "Staphylococcus aureus, testet for MRSA",
    "Staphylococcus aureus, MRSA utelukket",
    "Staphylococcus aureus (MRSA-dyrkning følger)",
    "E. coli (ESBL-test følger)",
]
FOUND = [
    ("MRSA", "mrsa"),
    ("MRSA+", "mrsa"),
    ("(MRSA)", "mrsa"),
    ("MRSA positiv", "mrsa"),
    ("MRSA - Staphylococcus aureus", "mrsa"),
    ("E. coli ESBL-pos", "esbl"),
    ("E. coli ESBL (+)", "esbl"),
    ("E. coli ESBL - positiv", "esbl"),
    ("ESBL- produserende E. coli", "esbl"),
    ("E. coli - ESBL", "esbl"),
    ("Klebsiella pneumoniae KPC-3", "cpo"),
]


@pytest.mark.parametrize("name", DENIED)
def test_what_is_denied_is_no_resistance_and_the_name_stays_whole(name: str) -> None:
    assert read_resistant_name(name).markers == frozenset()
    assert read_resistant_name(name).plain == ""
    assert markers_in([("", name)]) == ()


@pytest.mark.parametrize(("name", "marker"), FOUND)
def test_what_is_found_stays(name: str, marker: str) -> None:
    assert markers_in([("", name)]) == (marker,)


def test_two_resistances_with_one_hyphen_are_both_found() -> None:
    name = "ESBL- og KPC-produserende Klebsiella pneumoniae"
    assert markers_in([("", name)]) == ("cpo", "esbl")
