"""A resistance that is answered beside what grew is one of that organism, alike in KITH, FHIR and HL7 v2."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from messages import fhir_builder as fhir
from messages import hl7v2_builder as hl7
from messages import kith_builder as kith
from messages.test_answers_found import only
from varde.codes import markers_in, may_carry, resistance_words
from varde.messages import LabReport
from varde.messages.answers.resistance import read_trait
from varde.messages.records import Code

AUREUS, FAECIUM = "Staphylococcus aureus", "Enterococcus faecium"
KLEBSIELLA, COLI = "Klebsiella pneumoniae", "Escherichia coli"
YEAST = "Candida albicans"

FOUND = [
    ("mecA-gen", "Påvist", AUREUS, "mrsa"),
    ("mecA PCR", "Positiv", AUREUS, "mrsa"),
    ("Resistensgen", "mecA", AUREUS, "mrsa"),
    ("MRSA", "Ja", AUREUS, "mrsa"),
    ("Methicillin resistance mecA gene", "Detected", AUREUS, "mrsa"),
    ("vanA/vanB PCR", "vanA påvist, vanB ikke påvist", FAECIUM, "vre"),
    ("blaKPC", "Påvist", KLEBSIELLA, "cpo"),
    ("Karbapenemase PCR", "KPC påvist", KLEBSIELLA, "cpo"),
    ("Karbapenemase PCR", "NDM", KLEBSIELLA, "cpo"),
    ("Carbapenemase [Type] in Isolate", "KPC", KLEBSIELLA, "cpo"),
    ("OXA-48 gen", "Positiv. Bekreftet.", COLI, "cpo"),
    ("ESBL", "Positiv", COLI, "esbl"),
    ("ESBL-screening", "Påvist", COLI, "esbl"),
    ("Resistensmekanisme", "ESBL-produserende", COLI, "esbl"),
    ("Beta lactamase.extended spectrum [Susceptibility]", "Positive", COLI, "esbl"),
]
DENIED = [
    ("mecA", "Ikke påvist", AUREUS),
    ("Karbapenemase", "Negativ", KLEBSIELLA),
    ("ESBL", "Neg", COLI),
    ("Resistensmekanisme", "Ingen ESBL påvist", COLI),
    ("Merknad", "ESBL-produserende", COLI),
    ("PVL-gen", "Påvist", AUREUS),
]
UNSURE = [
    ("ESBL", "Mulig positiv", COLI),
    ("mecA", "Påvist", COLI),
    ("vanA", "Påvist", AUREUS),
    ("ESBL/karbapenemase", "Positiv", KLEBSIELLA),
]


def read(data: bytes) -> list[tuple[str, tuple[str, ...]]]:
    """The first name of each finding, and the resistances of all its names."""
    report = only(data)
    assert isinstance(report, LabReport), report
    return [
        (f.organisms[0].text, markers_in((c.code, c.text) for c in f.organisms))
        for f in report.findings
    ]


def beside(name: str, said: str, *organisms: str) -> Iterator[bytes]:
    """An answer beside organisms, linked to none of them."""
    grown = [kith.identification(organism) for organism in organisms]
    yield kith.simple(kith.search(said, name), *grown)
    named = [fhir.organism(f"o{n}", name=o) for n, o in enumerate(organisms)]
    yield fhir.write(fhir.simple(*named, fhir.observation("g", {"text": name}, said)))
    yield fhir.write(fhir.simple(fhir.observation("g", {"text": name}, {"text": said}), *named))
    of = [hl7.organism(("", organism), sub=str(n)) for n, organism in enumerate(organisms, 1)]
    yield hl7.simple(hl7.obx(("", name), hl7.escape(said), "ST"), *of)


def linked(name: str, said: str, organism: str) -> Iterator[bytes]:
    """The same of the first of two organisms, as each format links them; and among its susceptibilities."""
    other = kith.identification(YEAST)
    for heading in ("LR", "RSB"):
        result = kith.result((kith.LOCAL, "X", name), said=said, heading=heading)
        yield kith.simple(kith.identification(organism, nested=[result]), other)
    grown, more = fhir.organism("o1", name=organism), fhir.organism("o2", name=YEAST)
    result_of = fhir.observation("g", {"text": name}, said, derivedFrom=[fhir.ref(grown)])
    yield fhir.write(fhir.simple(grown, more, result_of))
    first, second = hl7.organism(("", organism)), hl7.organism(("", YEAST), sub="2")
    written = hl7.escape(said)
    yield hl7.simple(first, second, hl7.obx(("", name), f"^{written}", f4="1"))
    tests = hl7.obr("R2", ("", "Resistensbestemmelse"), **hl7.child())
    yield hl7.message(
        hl7.pid(), hl7.obr(), first, second, tests, hl7.obx(("", name), written, "ST"), hl7.spm()
    )


@pytest.mark.parametrize(("name", "said", "organism", "marker"), FOUND)
def test_it_is_one_of_the_organism_that_grew(
    name: str, said: str, organism: str, marker: str
) -> None:
    for data in beside(name, said, organism):
        assert read(data) == [(organism, (marker,))]
    for data in linked(name, said, organism):
        assert read(data) == [(organism, (marker,)), (YEAST, ())]


@pytest.mark.parametrize(("name", "said", "organism"), DENIED)
def test_what_is_denied_is_none(name: str, said: str, organism: str) -> None:
    for data in beside(name, said, organism):
        assert read(data) == [(organism, ())]


@pytest.mark.parametrize(("name", "said", "organism"), UNSURE)
def test_what_is_unsure_waits_with_its_own_words(name: str, said: str, organism: str) -> None:
    for data in beside(name, said, organism):
        [(first, none), (waits, _)] = read(data)
        assert (first, none) == (organism, ())
        assert waits.startswith(f"{name}: ")


@pytest.mark.parametrize(("name", "said", "organism", "marker"), FOUND)
def test_with_several_organisms_and_no_link_a_person_decides(
    name: str, said: str, organism: str, marker: str
) -> None:
    for data in beside(name, said, organism, YEAST):
        *grown, (waits, _) = read(data)
        assert grown == [(organism, ()), (YEAST, ())]
        assert waits.startswith(f"{name}: ")


def test_where_nothing_grew_it_waits_as_before() -> None:
    for data in beside("mecA-gen", "Påvist"):
        assert [name for name, _ in read(data)] == ["mecA-gen: positiv"]
    for data in beside("Resistensgen", "mecA"):
        assert [name for name, _ in read(data)] == ["Resistensgen: mecA"]


def test_an_organism_of_another_specimen_is_not_the_one() -> None:
    person = kith.patient(
        kith.specimen("S1"),
        kith.specimen("S2"),
        kith.identification(COLI, specimen="S1"),
        kith.search("Påvist", "Karbapenemase PCR", specimen="S2"),
    )
    assert read(kith.message(kith.report(person))) == [
        (COLI, ()),
        ("Karbapenemase PCR: positiv", ("cpo",)),
    ]


def test_a_search_for_an_organism_is_no_resistance() -> None:
    for data in beside("MRSA PCR", "Påvist", AUREUS):
        assert sorted(read(data)) == [("MRSA", ("mrsa",)), (AUREUS, ())]
    names = (Code(text="Escherichia coli DNA"),)
    assert read_trait(names, (), {"growth"}, ["Påvist", "ESBL"]) is None


def test_who_may_carry_what() -> None:
    assert may_carry("staphylococcus-aureus", "mrsa")
    assert may_carry("escherichia-coli", "esbl") and may_carry("acinetobacter-baumannii", "cpo")
    assert may_carry("enterococcus-faecalis", "lre")
    assert not may_carry("escherichia-coli", "vre")
    assert not may_carry("candida-albicans", "cpo")
    assert resistance_words("vanA og blaKPC-3 påvist") == ("vanA", "blaKPC-3")
