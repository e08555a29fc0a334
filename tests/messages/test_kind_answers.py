"""Which kind of an organism there was, answered beside the search that found it, alike in KITH, FHIR and HL7 v2."""

from __future__ import annotations

import pytest

from messages.test_beside import both
from varde.messages.answers.known_names import concept_of

FLU, MEASLES = "Influensa A RNA", "Meslingvirus RNA"
SEASONAL, AVIAN = "influenza-a-virus", "zoonotic-influenza-a-virus"


def read(one: tuple[str, str], other: tuple[str, str]) -> list[list[str]]:
    """The findings of each format, in both orders: organisms, or what waits as it is shown."""
    return [
        [concept_of(f.organisms) or f.organisms[0].text for f in report.findings]
        for pair in ((one, other), (other, one))
        for report in both(*pair)
    ]


@pytest.mark.parametrize(
    ("search", "kind", "found"),
    [
        ((FLU, "Påvist"), ("Subtype", "H5N1"), [AVIAN]),
        ((FLU, "Påvist"), ("Subtype", "H5N1 påvist"), [AVIAN]),
        ((FLU, "Påvist"), ("Influensa A subtyping", "H7N9"), [AVIAN]),
        ((FLU, "Påvist"), ("H5 RNA", "Påvist"), [AVIAN]),
        ((FLU, "Påvist"), ("Subtype", "H3N2"), [SEASONAL]),
        ((FLU, "Påvist"), ("Influensa A subtyping", "H3"), [SEASONAL]),
        ((FLU, "Påvist"), ("Subtyping", "H1N1pdm09"), [SEASONAL]),
        ((MEASLES, "Påvist"), ("Genotype", "D8"), ["measles-virus-wild-type"]),
        ((MEASLES, "Påvist"), ("Genotype", "A"), ["Genotype: A"]),
        (("Norovirus PCR", "Påvist"), ("Genotype", "GII.4"), ["norovirus"]),
        ((FLU, "Ikke påvist"), ("Subtype", "H5N1"), ["Subtype: H5N1"]),
        ((FLU, "Ikke påvist"), ("Influensa A subtyping", "H3"), ["Influensa A subtyping: H3"]),
        ((FLU, "Ikke påvist"), ("H5 RNA", "Påvist"), ["H5 RNA: H5"]),
    ],
)
def test_a_kind_is_of_what_was_found(
    search: tuple[str, str], kind: tuple[str, str], found: list[str]
) -> None:
    assert all(each == found for each in read(search, kind)), read(search, kind)


def test_a_kind_that_cannot_be_told_waits() -> None:
    for each in read((FLU, "Påvist"), ("Influensa A subtype", "Ikke typbar")):
        assert sorted(each) == ["Influensa A subtype: Ikke typbar", SEASONAL]
