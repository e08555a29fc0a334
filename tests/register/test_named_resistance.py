"""Resistance that stands in a name: from the message to the case, in every format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from messages import fhir_builder as fhir
from messages import hl7v2_builder as hl7
from messages import kith_builder as kith
from register import wires
from register.answers import NOW, PERSONS, clock, make_register, register_state, send
from register.test_confirming import open_site, waiting
from varde.register import list_cases, reclassify, replay
from varde.register.casework.versions import CRITERIA
from varde.register.confirming import confirm
from varde.register.settings import write_setting

pytestmark = pytest.mark.django_db

ADA = PERSONS[0]
NUMBER = f"{ADA}^^^NO&2.16.578.1.12.4.1.4.1&ISO^NNNOR"


def searched(wire: str, name: str, said: str) -> bytes:
    """An analysis and its answer."""
    if wire == "kith":
        patient = kith.patient(
            kith.specimen(collected="2025-12-05T10:00:00"), kith.search(said, name), number=ADA
        )
        return kith.message(kith.report(patient, own="R1"), message_id="M1")
    if wire == "fhir":
        found = fhir.observation("o", {"text": name}, {"text": said})
        whole = fhir.simple(found)
        for each in fhir.find_patients(whole):
            each.update({k: v for k, v in fhir.patient(ADA).items() if k != "id"})
        return fhir.write(whole)
    return hl7.message(
        hl7.pid(NUMBER, f7=None, f8=None),
        hl7.obr("R1"),
        hl7.obx(("", name), hl7.comps("", said)),
        hl7.spm(),
    )


def state_of(data: bytes) -> tuple[set[tuple[Any, ...]], set[str], list[tuple[str, str]]]:
    """Findings (organism, markers), unknown expressions, and cases."""
    send(make_register(), data)
    state = register_state()
    found = {(row[4], row[7]) for row in state["findings"]}
    waits = {row[5] for row in state["unmapped"] if row[2] == "organism"}
    return found, waits, sorted((one.disease, one.classification) for one in list_cases())


@pytest.mark.parametrize("wire", wires.FORMATS)
@pytest.mark.parametrize(
    ("name", "organism", "markers", "case"),
    [
        ("MRSA", "staphylococcus-aureus", "mrsa", "mrsa"),
        ("Staphylococcus aureus (MRSA)", "staphylococcus-aureus", "mrsa", "mrsa"),
        ("Meticillinresistente Staphylococcus aureus", "staphylococcus-aureus", "mrsa", "mrsa"),
        ("VRE", "enterococcus", "vre", "vre"),
        ("Enterococcus faecium, vankomycinresistent", "enterococcus-faecium", "vre", "vre"),
        ("Enterococcus faecium VRE (vanA)", "enterococcus-faecium", "vre", "vre"),
        ("LRE", "enterococcus", "lre", "lre"),
        ("Klebsiella pneumoniae, KPC-produserende", "klebsiella-pneumoniae", "cpo", "cpo"),
        ("Escherichia coli NDM-5 og OXA-48", "escherichia-coli", "cpo", "cpo"),
        ("CPE", "enterobacterales", "cpo", "cpo"),
        ("CPO", "gram-negative-rods", "cpo", "cpo"),
        ("Escherichia coli (ESBL)", "escherichia-coli", "esbl", None),
        ("Klebsiella pneumoniae ESBL", "klebsiella-pneumoniae", "esbl", None),
        ("EHEC", "escherichia-coli-ehec", "", "ehec"),
        ("STEC", "escherichia-coli-ehec", "", "ehec"),
        ("VTEC", "escherichia-coli-ehec", "", "ehec"),
        ("Enterohemoragisk E. coli", "escherichia-coli-ehec", "", "ehec"),
        ("Staphylococcus aureus", "staphylococcus-aureus", "", None),
    ],
)  # fmt: skip
def test_an_organism_with_its_resistance_is_a_case(
    wire: str, name: str, organism: str, markers: str, case: str | None
) -> None:
    data = wires.write(wire, "R1", "M1", organism=name, person=ADA)
    assert state_of(data) == (
        {(organism, markers)},
        set(),
        [(case, "confirmed")] if case else [],
    )


@pytest.mark.parametrize("wire", wires.FORMATS)
@pytest.mark.parametrize(
    ("name", "said", "organism", "case"),
    [
        ("MRSA PCR", "MRSA påvist", "staphylococcus-aureus", "mrsa"),
        ("MRSA PCR", "Påvist", "staphylococcus-aureus", "mrsa"),
        ("Bakterier dyrkning", "Vekst av MRSA", "staphylococcus-aureus", "mrsa"),
        ("VRE PCR", "Påvist", "enterococcus", "vre"),
        ("F-EHEC PCR", "Påvist", "escherichia-coli-ehec", "ehec"),
        ("F-Tarmpatogene bakterier PCR", "EHEC påvist", "escherichia-coli-ehec", "ehec"),
    ],
)
def test_an_analysis_that_finds_one_is_a_case(
    wire: str, name: str, said: str, organism: str, case: str
) -> None:
    found, waits, cases = state_of(searched(wire, name, said))
    assert ({one for one, _ in found}, waits) == ({organism}, set())
    assert cases == [(case, "confirmed")]


@pytest.mark.parametrize("wire", wires.FORMATS)
def test_an_organism_that_is_said_to_be_without_the_resistance_is_itself(wire: str) -> None:
    name = "Staphylococcus aureus, ikke MRSA"
    found, waits, cases = state_of(wires.write(wire, "R1", "M1", organism=name, person=ADA))
    assert {one for one, _ in found} == {"staphylococcus-aureus"}
    assert (waits, cases) == (set(), [])


@pytest.mark.parametrize("wire", wires.FORMATS)
@pytest.mark.parametrize(
    "name",
    [
        "Mulig MRSA",
        "Staphylococcus aureus MRSA?",
        "ESBL",
        "KPC",
    ],
)
def test_what_is_denied_or_doubted_or_names_no_organism_waits_for_a_person(
    wire: str, name: str
) -> None:
    found, waits, cases = state_of(wires.write(wire, "R1", "M1", organism=name, person=ADA))
    assert {one for one, _ in found} == {"None"}
    assert (waits, cases) == ({name}, [])


@pytest.mark.parametrize(
    ("organism", "name", "said", "case"),
    [
        ("Staphylococcus aureus", "mecA-gen", "Påvist", "mrsa"),
        ("Klebsiella pneumoniae", "Karbapenemase PCR", "KPC", "cpo"),
        ("Staphylococcus epidermidis", "mecA-gen", "Påvist", None),
    ],
)
def test_a_resistance_answered_beside_what_grew_is_a_case(
    organism: str, name: str, said: str, case: str | None
) -> None:
    patient = kith.patient(
        kith.specimen(collected="2025-12-05T10:00:00"),
        kith.identification(organism),
        kith.search(said, name),
        number=ADA,
    )
    found, waits, cases = state_of(kith.message(kith.report(patient, own="R1"), message_id="M1"))
    # S. epidermidis with the gene is no MRSA, and is not called so.
    assert [markers for _, markers in found] == [case or ""] and not waits
    assert cases == ([(case, "confirmed")] if case else [])


def test_a_named_resistance_is_no_result_of_a_test() -> None:
    send(make_register(), wires.write("kith", "R1", "M1", organism="MRSA", person=ADA))
    assert register_state()["susceptibilities"] == []


def test_a_case_of_a_name_stays_when_all_are_worked_out_anew() -> None:
    register = make_register()
    send(register, searched("kith", "MRSA", "Påvist"))
    [case] = list_cases()
    write_setting(CRITERIA, "older")
    assert reclassify(register).beginnings == 0, "its answer may begin a case, as before"
    assert list_cases() == [case]


@pytest.mark.parametrize(
    ("name", "waits"),
    [
        ("Staphylococcus aureus MRSA-", "Staphylococcus aureus MRSA-"),
        # Doubtful beside what was done: it waits with all its words.
        ("Staphylococcus aureus; MRSA 0", "U-Bakterier dyrkning: Staphylococcus aureus; MRSA 0"),
    ],
)
def test_a_denied_resistance_is_none_when_its_name_is_confirmed_and_all_is_replayed(
    name: str, waits: str, tmp_path: Path
) -> None:
    register = open_site(tmp_path)
    send(register, wires.write("kith", "R1", "M1", organism=name, person=ADA))
    confirm(register, waiting(waits), "staphylococcus-aureus", "vakt", NOW)
    replay(register, clock)
    found = {(row[4], row[7]) for row in register_state()["findings"]}
    assert (found, list_cases()) == ({("staphylococcus-aureus", "")}, [])
