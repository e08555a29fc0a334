"""Which kind of an organism there was, answered beside the search that found it, alike in KITH, FHIR and HL7 v2."""

from __future__ import annotations

import pytest

from messages.test_beside import both
from spec.test_answers_spec import in_every_format
from varde.messages import LabReport
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
        ((FLU, "Påvist"), ("Subtype", "H5N1 (høypatogen)"), [AVIAN]),
        (
            (MEASLES, "Påvist"),
            ("Meslingvirus genotyping", "D8 (villtype)"),
            ["measles-virus-wild-type"],
        ),
        (
            (MEASLES, "Påvist"),
            ("Meslingvirus genotype", "A (vaksinestamme)"),
            ["Meslingvirus genotype: A (vaksinestamme)"],
        ),
        (
            (MEASLES, "Påvist"),
            ("Meslingvirus genotyping", "Vaksinestamme"),
            ["Meslingvirus genotyping: Vaksinestamme"],
        ),
        (
            ("Poliovirus PCR", "Påvist"),
            ("Poliovirus typing", "Vaksinestamme (Sabin 2)"),
            ["Poliovirus typing: Vaksinestamme (Sabin 2)"],
        ),
        (
            ("Poliovirus PCR", "Påvist"),
            ("Poliovirus typing", "Sabin 2"),
            ["poliovirus-vaccine-strain"],
        ),
        (
            ("Poliovirus PCR", "Påvist"),
            ("Poliovirus typing", "VDPV type 2"),
            ["poliovirus-vaccine-derived"],
        ),
        (
            ("Rotavirus PCR", "Påvist"),
            ("Rotavirus genotype", "Vaksinestamme (Rotarix)"),
            ["Rotavirus genotype: Vaksinestamme (Rotarix)"],
        ),
        (
            ("Salmonella PCR", "Påvist"),
            ("Salmonella serovar", "Paratyphi A"),
            ["salmonella-paratyphi-a"],
        ),
        (("Salmonella PCR", "Påvist"), ("Serotype", "Salmonella Typhi"), ["salmonella-typhi"]),
        (("Salmonella PCR", "Påvist"), ("Salmonella serotyping", "Sendt FHI"), ["salmonella"]),
        (
            ("Chlamydia PCR", "Påvist"),
            ("Chlamydia genotype", "L2b (LGV)"),
            ["chlamydia-trachomatis-lgv"],
        ),
        (("Chlamydia PCR", "Påvist"), ("Genotype", "LGV"), ["chlamydia-trachomatis-lgv"]),
        (("Chlamydia PCR", "Påvist"), ("Genotype", "L2"), ["chlamydia-trachomatis-lgv"]),
        (("Chlamydia trachomatis PCR", "Påvist"), ("Genotype", "D"), ["chlamydia-trachomatis"]),
        (("Vibrio cholerae PCR", "Påvist"), ("Serogruppe", "O1"), ["vibrio-cholerae-o1"]),
        (
            ("Dyrkning", "Salmonella Typhimurium"),
            ("Serotype", "Typhimurium"),
            ["salmonella-typhimurium"],
        ),
        (
            ("Dyrkning", "Streptococcus pneumoniae"),
            ("Serotype", "19A"),
            ["streptococcus-pneumoniae"],
        ),
        (("Dyrkning", "Neisseria meningitidis"), ("Serogruppe", "B"), ["neisseria-meningitidis"]),
    ],
)
def test_a_kind_is_of_what_was_found(
    search: tuple[str, str], kind: tuple[str, str], found: list[str]
) -> None:
    assert all(each == found for each in read(search, kind)), read(search, kind)


def test_a_kind_that_cannot_be_told_waits() -> None:
    for each in read((FLU, "Påvist"), ("Influensa A subtype", "Ikke typbar")):
        assert sorted(each) == ["Influensa A subtype: Ikke typbar", SEASONAL]


@pytest.mark.parametrize(
    ("grown", "kind", "found"),
    [
        (("Dyrkning", "Salmonella species"), ("Salmonella serovar", "Typhi"), "salmonella-typhi"),
        (("F-Salmonella dyrkning", "Påvist"), ("Serovar", "Typhi"), "salmonella-typhi"),
        (
            ("F-Salmonella dyrkning", "Påvist"),
            ("Salmonella serotype", "Salmonella Typhi"),
            "salmonella-typhi",
        ),
        (
            ("Identifikasjon", "Salmonella"),
            ("Salmonella serotyping", "Paratyphi A"),
            "salmonella-paratyphi-a",
        ),
        (("Dyrkning", "Vibrio cholerae"), ("Serogruppe", "O139"), "vibrio-cholerae-o139"),
        (("Dyrkning", "Candida species"), ("Artsbestemmelse", "C. auris"), "candida-auris"),
        (
            ("Dyrkning", "Vekst av mykobakterier"),
            ("Mykobakterier identifikasjon", "M. tuberculosis"),
            "mycobacterium-tuberculosis",
        ),
        (
            ("Dyrkning", "Shigella species"),
            ("Serotype", "S. dysenteriae type 1"),
            "shigella-dysenteriae",
        ),
        (("Klamydia PCR", "Positiv"), ("LGV-genotype", "Påvist"), "chlamydia-trachomatis-lgv"),
    ],
)
def test_a_kind_that_is_an_organism_names_what_grew(
    grown: tuple[str, str], kind: tuple[str, str], found: str
) -> None:
    for each in read(grown, kind):
        assert each == [found], each


@pytest.mark.parametrize(
    ("grown", "kind"),
    [
        (("Dyrkning", "Salmonella Typhimurium"), ("Salmonella serotyping", "Typhi")),
        (("Dyrkning", "Enterococcus faecium"), ("van-genotype", "vanA")),
        (("Dyrkning", "Enterococcus species, VRE"), ("Art", "E. faecium")),
        (("Dyrkning", "E. coli"), ("Virulensgener", "stx2a, eae")),
        (
            ("Dyrkning", "Mycobacterium tuberculosis"),
            ("M. tuberculosis resistens", "Rifampicin resistent"),
        ),
        (("Dyrkning", "E. coli"), ("E. coli virulensgener", "stx2")),
    ],
)
def test_a_kind_with_a_disease_of_its_own_waits_beside_what_grew(
    grown: tuple[str, str], kind: tuple[str, str]
) -> None:
    for each in read(grown, kind):
        assert len(each) == 2 and f"{kind[0]}: {kind[1]}" in each, each


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Salmonella serovar", "Typhi"),
        ("Salmonella serotyping", "Enteritidis"),
        ("Salmonella serotyping by antisera", "Typhimurium"),
        ("E. coli virulensgener", "stx2a, eae"),
        ("M. tuberculosis resistens", "Rifampicin R, isoniazid R"),
        ("M. tuberculosis resistens", "Rifampicin resistent"),
        ("M. tuberculosis genotypisk resistens", "rpoB-mutasjon påvist"),
        ("Poliovirus typing", "VDPV type 2"),
        ("Meslingvirus genotyping", "D8 (villtype)"),
        ("Kusmavirus genotype", "Vaksinestamme (Jeryl Lynn)"),
        ("Influensa A subtyping", "Vaksinestamme (LAIV)"),
        ("Rotavirus genotype", "G1P[8]"),
        ("RPR", "Titer 32"),
        ("Bordetella pertussis IgG", "150 IU/mL"),
        ("Pertussis toksin IgG", ">100 IU/mL"),
    ],
)
def test_alone_it_waits(name: str, said: str) -> None:
    for report in in_every_format(name, said).values():
        assert isinstance(report, LabReport)
        assert [f.organisms[0].text for f in report.findings] == [f"{name}: {said}"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Salmonella serotyping", "Følger"),
        ("M. tuberculosis resistens", "Ikke resistent"),
        ("M. tuberculosis resistens", "Følger"),
        ("Bordetella pertussis IgG", "<5 IU/mL"),
        ("Rubella IgG", "45 IU/mL"),
    ],
)
def test_what_says_no_kind_does_not_wait(name: str, said: str) -> None:
    for report in in_every_format(name, said).values():
        assert isinstance(report, LabReport)
        assert not report.findings
