"""Subtypes that are organisms of their own are not thrown away with the words around a name."""

from __future__ import annotations

import pytest

from varde.codes import CodeMap, refines
from varde.codes.subtypes import subtype_in, subtypes

MAP = CodeMap.load()
SEASONAL, ANIMAL = "influenza-a-virus", "zoonotic-influenza-a-virus"


@pytest.mark.parametrize(
    ("text", "organism"),
    [
        ("Influensavirus A(H5N1)", ANIMAL),
        ("influensa A H5", ANIMAL),
        ("Influenza A virus subtype H7N9", ANIMAL),
        ("Influensa A-virus/H9N2", ANIMAL),
        ("A(H5N1)", ANIMAL),
        ("H5N1", ANIMAL),
        ("Influensa A (H1N2v)", ANIMAL),
        ("Fugleinfluensa", ANIMAL),
        ("Influensavirus A", SEASONAL),
        ("Influensa A H3N2", SEASONAL),
        ("Influensavirus A(H1N1)pdm09", SEASONAL),
        ("Influensa B", "influenza-b-virus"),
    ],
)
def test_an_animal_subtype_is_not_seasonal_influenza(text: str, organism: str) -> None:
    assert MAP.find("organism", [("", "", text)]) == organism


def test_every_subtype_refines_what_it_is_of() -> None:
    for (of, text), organism in subtypes().items():
        assert refines(organism, of)
        written = {
            "influenza-a-virus": ("Influensa A {}", "Influensa A({})", "Influensa A/{}"),
            "measles-virus": ("Meslingvirus {}", "Meslingvirus ({})", "Morbilli genotype {}"),
            "mumps-virus": ("Kusmavirus {}", "Kusmavirus ({})"),
            "rubella-virus": ("Rubellavirus {}", "Rubellavirus ({})"),
            "rotavirus": ("Rotavirus {}", "Rotavirus ({})"),
            "poliovirus": ("Poliovirus {}", "Poliovirus ({})"),
            "yellow-fever-virus": ("Gulfebervirus {}", "Gulfebervirus ({})"),
            "chlamydia": ("Chlamydia {}", "Klamydia {}"),
            "chlamydia-trachomatis": (
                "Chlamydia trachomatis {}",
                "Chlamydia trachomatis serovar {}",
            ),
            "yersinia-enterocolitica": (
                "Yersinia enterocolitica biotype {}",
                "Yersinia enterocolitica, biotype {}",
                "Yersinia enterocolitica (biotype {})",
            ),
        }[of]
        for name in (one.format(text) for one in written if "type" not in text or "gen" not in one):
            assert MAP.find("organism", [("", "", name.upper())]) == organism
    assert subtype_in("influenza-b-virus", "influensa b h5n1") is None
