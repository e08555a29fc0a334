"""Additional results are put together by what they mean, whatever they are called and by whichever format."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messages import fhir_builder as fhir
from messages import hl7v2_builder as hl7
from messages import kith_builder as kith
from register import answers, wires
from register.answers import NOW, PERSONS, clock, make_register, register_state, send
from register.plain_rule import expected_reports, found_reports
from register.test_confirming import FABLE, open_site, waiting
from varde.register import replay
from varde.register.confirming import confirm, withdraw

pytestmark = pytest.mark.django_db

CIP, AMP = "NPU06049", "NPU06045"


def organisms() -> list[str]:
    return [row[4] for row in register_state()["findings"]]


def results() -> list[tuple[str, str]]:
    return sorted((row[3], row[4]) for row in register_state()["susceptibilities"])


def test_a_local_code_first_and_snomed_later_are_one_finding() -> None:
    """HL7 version 2 with the laboratory's own code, then FHIR with SNOMED CT."""
    first = hl7.message(
        hl7.pid(f"{PERSONS[0]}^^^NO&2.16.578.1.12.4.1.4.1&ISO^NNNOR", f7=None, f8=None),
        hl7.obr("R1", f7="20251205100000", f22="20260101120000", f25="F"),
        hl7.organism(("ECOLI", "Escherichia coli", "L"), f11="F"),
        hl7.test((CIP, "", fhir.NLK), "R", f11="F"),
        hl7.spm(collected="20251205100000"),
        head=hl7.header(f4="FJORDBY^2.16.578.1.12.4.1.2.91843^ISO", f7="20260101120000", f10="M1"),
    )
    later = fhir.as_fhir(
        fhir.Answer(
            message_id="M2",
            report_id="R1",
            status="appended",
            generated="2026-01-02T12:00:00+01:00",
            her="91843",
            number=PERSONS[0],
            specimens=(fhir.Taken("S1", "2025-12-05T10:00:00+01:00"),),
            isolates=(
                fhir.Isolate(
                    "",
                    codes=(("http://snomed.info/sct", "112283007", ""),),
                    drugs=(fhir.Drug(((fhir.NLK, CIP, ""),), "S"),),
                ),
            ),
        ),
        fhir.Shape(kind="transaction"),
    )
    for order in ((first, later), (later, first)):
        with transaction.atomic():
            register = make_register()
            for data in order:
                assert send(register, data).accepted == 1
            assert organisms() == ["escherichia-coli"]
            assert results() == [("CIP", "S")]
            transaction.set_rollback(True)


def test_what_the_newest_statement_says_nothing_of_stands() -> None:
    register = make_register()
    send(
        register,
        answers.answer(results=[(CIP, "R"), (AMP, "R")]),
        answers.answer(message="M2", service="A", made=3, organism="E. coli", results=[(CIP, "S")]),
        answers.answer(message="M3", service="A", made=2, organism="ESCOLI", results=[(CIP, "I")]),
    )
    assert organisms() == ["escherichia-coli"]
    assert results() == [("AMP", "R"), ("CIP", "S")]


def two(message: str, service: str, made: int, *found: tuple[str, str]) -> bytes:
    """An answer with several findings in one specimen, each tested once."""
    parts = []
    for n, (organism, sir) in enumerate(found, 1):
        parts.append(kith.culture(organism, item=str(n)))
        parts.append(kith.susceptibility((kith.NLK, CIP, ""), sir, refers=str(n)))
    patient = kith.patient(kith.specimen(collected="2025-12-05T10:00:00"), *parts)
    report = kith.report(patient, service=service, own="R1")
    return kith.message(report, message_id=message, generated=f"2026-01-{made:02d}T12:00:00")


def test_two_isolates_of_one_organism_stay_two_and_each_gets_its_own() -> None:
    base = two("M1", "N", 1, ("Escherichia coli", "S"), ("E. coli", "R"))
    assert results_after(base) == [("CIP", "R"), ("CIP", "S")]
    # By how they are called, then by order.
    more = two("M2", "A", 2, ("E. coli", "I"), ("Escherichia coli", "I"))
    assert results_after(base, more) == [("CIP", "I"), ("CIP", "I")]
    assert results_after(base, two("M2", "A", 2, ("E. coli", "I"))) == [("CIP", "I"), ("CIP", "S")]
    assert results_after(base, two("M2", "A", 2, ("ESCOLI", "I"))) == [("CIP", "I"), ("CIP", "R")]
    three = [("ESCOLI", "S"), ("E. coli", "S"), ("Escherichia coli", "S")]
    assert results_after(base, two("M2", "A", 2, *three)) == [("CIP", "S")] * 3


def results_after(*files: bytes) -> list[tuple[str, str]]:
    with transaction.atomic():
        send(make_register(), *files)
        found = results()
        transaction.set_rollback(True)
    return found


def test_an_organism_that_is_explained_later_joins_what_it_is_and_parts_when_taken_back(
    tmp_path: Path,
) -> None:
    register = open_site(tmp_path)
    files = [
        answers.answer(organism="Bacillus cereus", results=[(CIP, "R"), (AMP, "R")]),
        answers.answer(message="M2", service="A", made=2, organism=FABLE, results=[(CIP, "S")]),
    ]
    send(register, *files)
    before = register_state()
    assert sorted(organisms()) == ["None", "bacillus-cereus"]
    expression = waiting(FABLE)

    assert confirm(register, expression, "bacillus-cereus", "vakt", NOW) == 1
    after = register_state()
    assert organisms() == ["bacillus-cereus"]
    assert results() == [("AMP", "R"), ("CIP", "S")]
    assert [row[5] for row in after["confirmed"]] == [FABLE]
    replay(register, clock)
    assert register_state() == after

    assert withdraw(register, expression, "vakt", NOW) == 1
    assert register_state() == before
    replay(register, clock)
    assert register_state() == before


def test_an_antibiotic_that_is_explained_later_gives_way_and_comes_back(tmp_path: Path) -> None:
    register = open_site(tmp_path)
    send(
        register,
        answers.answer(results=[("FABEL", "R")]),
        answers.answer(message="M2", service="A", made=2, results=[(CIP, "S")]),
    )
    before = register_state()
    assert results() == [("CIP", "S"), ("None", "R")]
    [unknown] = [row[2:6] for row in before["unmapped"]]
    confirm(register, unknown, "CIP", "vakt", NOW)
    after = register_state()
    assert results() == [("CIP", "S")]
    replay(register, clock)
    assert register_state() == after
    withdraw(register, unknown, "vakt", NOW)
    assert register_state() == before


ADDED = st.lists(
    st.builds(
        wires.write,
        st.sampled_from(wires.FORMATS),
        st.just("R1"),
        st.sampled_from(["M1", "M2", "M3", "M4", "M5"]),
        service=st.sampled_from(["N", "A", "A", "A", "C"]),
        status=st.sampled_from(["P", "F"]),
        made=st.integers(1, 5),
        organism=st.sampled_from(["Escherichia coli", "E. coli", "ESCOLI", "Klebsiella", FABLE]),
        results=st.lists(
            st.tuples(st.sampled_from([CIP, AMP]), st.sampled_from("SIR")),
            max_size=2,
            unique_by=lambda pair: pair[0],
        ),
        person=st.just(PERSONS[0]),
    ),
    min_size=2,
    max_size=6,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ADDED, st.randoms(use_true_random=False))
def test_any_order_of_additions_in_any_format_gives_what_the_plain_rule_gives(
    files: list[bytes], chance: random.Random
) -> None:
    with transaction.atomic():
        register = make_register()
        chance.shuffle(shuffled := list(files))
        for data in shuffled:
            send(register, data)
        assert found_reports(register_state()) == expected_reports(files, register.context)
        transaction.set_rollback(True)
