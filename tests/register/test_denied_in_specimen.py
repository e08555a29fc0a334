"""From messages to cases: what is denied in its own specimen, and a gene that is EHEC by itself."""

from __future__ import annotations

import pytest

from messages import kith_builder as kith
from register.answers import make_register, send
from varde.register import list_cases

pytestmark = pytest.mark.django_db


def classes(*searches: tuple[str, str]) -> list[tuple[str, str]]:
    made = "".join(kith.search(said, name) for name, said in searches)
    send(make_register(), kith.simple(made))
    return [(one.disease, one.classification) for one in list_cases()]


@pytest.mark.parametrize("gene", ["stx1-gen PCR", "stx2-gen PCR", "stx1", "F-stx2"])
def test_a_gene_of_shiga_toxin_alone_is_ehec(gene: str) -> None:
    assert classes((gene, "Påvist")) == [("ehec", "confirmed")]


def test_a_gene_that_was_not_found_or_another_is_none() -> None:
    assert classes(("stx1-gen PCR", "Ikke påvist"), ("eae PCR", "Påvist")) == []


def test_wild_measles_virus_and_the_vaccines() -> None:
    assert classes(("Meslingvirus RNA", "Påvist, genotype D8")) == [("measles", "confirmed")]


def test_the_strain_of_the_vaccine_is_no_case() -> None:
    assert classes(("Meslingvirus RNA", "Meslingvirus genotype A")) == []


@pytest.mark.parametrize("virus", ["Meslingvirus", "Rubellavirus", "Kusmavirus", "Rotavirus"])
@pytest.mark.parametrize("strain", ["vaksinestamme", "vaksinevirus"])
def test_virus_in_a_specimen_with_the_vaccines_strain_is_no_case(virus: str, strain: str) -> None:
    found = (f"{virus} PCR", "Påvist")
    assert classes(found, (f"{virus} {strain} PCR", "Påvist")) == []


@pytest.mark.parametrize(
    ("virus", "disease"),
    [("Meslingvirus", "measles"), ("Rubellavirus", "rubella"), ("Rotavirus", "rotavirus")],
)
def test_a_strain_that_is_not_there_takes_nothing_away(virus: str, disease: str) -> None:
    found = classes((f"{virus} PCR", "Påvist"), (f"{virus} vaksinestamme PCR", "Ikke påvist"))
    assert found == [(disease, "confirmed")]


@pytest.mark.parametrize(
    ("born", "disease"),
    [
        ("1946-02-03", "syphilis"),
        ("1980-02-03", "syphilis"),
        ("2023-12-01", "syphilis"),
        ("2024-02-03", "congenital-syphilis"),
        ("2025-11-03", "congenital-syphilis"),
    ],
)
def test_syphilis_begins_a_case_at_every_age(born: str, disease: str) -> None:
    search = kith.search("Påvist", "Treponema pallidum PCR")
    report = kith.report(kith.patient(kith.specimen(), search, born=born))
    send(make_register(), kith.message(report))
    assert [(one.disease, one.classification) for one in list_cases()] == [(disease, "confirmed")]
