"""The fold, case by case: what each kind of version does, and what is never counted twice."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from messages import kith_builder as kith
from register.answers import (
    MAPPING,
    PERSONS,
    answer,
    clock,
    count,
    make_register,
    register_state,
    send,
    send_again,
)
from varde.messages import LabReport
from varde.register import quarantine_counts, replay_quarantined, store
from varde.register.intake import take_in
from varde.register.log import Incoming
from varde.register.projection import Context, Projection

pytestmark = pytest.mark.django_db


def results() -> list[tuple[str, str]]:
    return [(row[3], row[4]) for row in register_state()["susceptibilities"]]


def test_one_answer_becomes_person_specimen_finding_and_results() -> None:
    counts = send(make_register(), answer(person=PERSONS[0]))
    assert (counts.received, counts.accepted) == (1, 1)
    state = register_state()
    assert [row[4] for row in state["findings"]] == ["escherichia-coli"]
    assert [row[4] for row in state["specimens"]] == ["urine"]
    assert results() == [("CIP", "S")]
    assert len(state["persons"]) == 1


def test_final_replaces_preliminary_also_when_it_comes_first() -> None:
    preliminary = answer(message="M1", status="P", made=1, results=[("NPU06049", "S")])
    final = answer(message="M2", status="F", made=3, results=[("NPU06049", "R")])
    register = make_register()
    send(register, final)
    counts = send(register, preliminary)
    assert counts.accepted == 1
    assert results() == [("CIP", "R")]
    assert [row[4] for row in register_state()["reports"]] == ["F"]


def test_a_cancellation_removes_the_report_whenever_it_comes() -> None:
    new, cancelled = answer(person=PERSONS[0]), answer(message="M2", service="C", made=2)
    for order in ((new, cancelled), (cancelled, new)):
        with transaction.atomic():
            register = make_register()
            for data in order:
                send(register, data)
            state = register_state()
            assert [row[3] for row in state["reports"]] == ["1"]
            assert state["findings"] == []
            assert state["persons"] == []
            transaction.set_rollback(True)


def test_a_modified_answer_moves_to_another_month_and_both_are_marked_changed() -> None:
    register = make_register()
    send(register, answer(day="2025-12-05"))
    send(register, answer(message="M2", service="M", made=9, day="2025-11-30"))
    assert [row[7] for row in register_state()["specimens"]] == ["2025-11"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT period, version FROM register_period ORDER BY period")
        assert cursor.fetchall() == [("2025-11", 1), ("2025-12", 2)]


def test_the_same_bytes_again_are_a_duplicate_and_are_kept_once() -> None:
    register = make_register()
    send(register, answer())
    counts = send(register, answer(), answer())
    assert (counts.received, counts.duplicate, counts.accepted) == (2, 2, 0)
    assert count("message") == 1


def test_the_same_content_under_another_message_id_is_a_duplicate() -> None:
    register = make_register()
    counts = send(register, answer(message="M1"), answer(message="M2"))
    assert (counts.accepted, counts.duplicate) == (1, 1)


def test_a_reused_message_id_goes_to_quarantine_and_the_newer_version_counts() -> None:
    old, new = answer(made=1, report="R1"), answer(made=2, report="R2")
    states = []
    for order in ((old, new), (new, old)):
        with transaction.atomic():
            register = make_register()
            total = [send(register, data) for data in order]
            states.append(register_state())
            assert sum(c.received for c in total) == 2
            transaction.set_rollback(True)
    assert states[0] == states[1]
    assert [row[1] for row in states[0]["reports"]] == ["R2"]
    assert [row[1] for row in states[0]["quarantine"]] == ["message-id-reused"]


def test_additional_results_are_merged_into_the_answer() -> None:
    first = answer(results=[("NPU06049", "S")])
    more = answer(message="M2", service="A", made=2, results=[("NPU06044", "R")])
    for order in ((first, more), (more, first)):
        with transaction.atomic():
            register = make_register()
            for data in order:
                send(register, data)
            assert sorted(results()) == [("CIP", "S"), ("MEC", "R")]
            assert count("finding") == 1
            transaction.set_rollback(True)


def test_an_addition_adds_what_was_found_in_another_way() -> None:
    more = answer(message="M2", service="A", made=2, searches=["Escherichia coli DNA"], results=[])
    send(make_register(), answer(), more)
    assert sorted(row[6] for row in register_state()["findings"]) == ["culture", "nucleic-acid"]


def test_a_historic_copy_never_replaces_the_answer() -> None:
    register = make_register()
    send(register, answer(made=1, results=[("NPU06049", "R")]))
    send(register, answer(message="M9", service="H", made=20, results=[("NPU06049", "S")]))
    assert results() == [("CIP", "R")]


def test_an_antibiotic_tested_twice_counts_once_and_as_the_more_resistant() -> None:
    """Under two codes: two answers under one code that disagree are refused by the reader."""
    send(make_register(), answer(results=[("NPU06049", "S"), ("CIP", "R")]))
    assert results() == [("CIP", "R")]


def test_two_answers_for_one_code_that_disagree_are_refused() -> None:
    counts = send(make_register(), answer(results=[("NPU06049", "S"), ("NPU06049", "R")]))
    assert (counts.accepted, counts.quarantined) == (0, 1)
    assert register_state()["quarantine"] == [
        ("HER:91843", "contradictory-susceptibility", "R ≠ S")
    ]


def test_unknown_codes_are_counted_and_kept_apart_never_guessed() -> None:
    counts = send(
        make_register(), answer(organism="Bacillus fabulosus", results=[("NPU99999", "R")])
    )
    assert (counts.accepted, counts.unmapped) == (1, 2)
    state = register_state()
    assert [row[4] for row in state["findings"]] == ["None"]
    assert {(row[2], row[4], row[5]) for row in state["unmapped"]} == {
        ("organism", "", "Bacillus fabulosus"),
        ("antibiotic", "NPU99999", ""),
    }


def test_laboratories_do_not_share_report_numbers() -> None:
    send(make_register(), answer(her="91843"), answer(her="91844"))
    assert {row[0] for row in register_state()["reports"]} == {"HER:91843", "HER:91844"}


def test_a_message_that_was_folded_is_not_folded_again() -> None:
    register = make_register()
    send(register, answer())
    assert send_again(register, [1]) == {}


def test_one_bad_file_goes_to_quarantine_and_the_others_are_taken() -> None:
    counts = send(make_register(), answer(), b"<not xml", answer(report="R2", message="M2"))
    assert (counts.received, counts.accepted, counts.quarantined) == (3, 2, 1)


def test_text_that_a_database_cannot_hold_is_fitted() -> None:
    rows = b"id,patient,date,organism,AMP\n1,P1,2026-01-05,Escherichia " + b"x" * 400 + b",R\n"
    counts = take_in(make_register(), [Incoming("list.csv", rows, MAPPING)], clock)
    assert (counts.accepted, counts.unmapped) == (1, 1)
    assert store.fit("E\0scherichia", 5) == "Esche"


def test_a_message_that_the_fold_fails_on_is_set_aside_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import varde.register.fold as module

    original = module.project

    def fail(report: LabReport, context: Context) -> Projection:
        if report.report_id == "R2":
            raise LookupError("a fault in the program")
        return original(report, context)

    monkeypatch.setattr(module, "project", fail)
    register = make_register()
    counts = send(register, answer(), answer(report="R2", message="M2"), answer("R3", "M3"))
    assert (counts.received, counts.accepted, counts.quarantined) == (3, 2, 1)
    assert quarantine_counts() == [("reader-fault", 1)]
    assert "cannot be folded" in caplog.text

    monkeypatch.undo()
    assert replay_quarantined(register, clock).settled == 1
    assert quarantine_counts() == []
    assert count("report") == 3


def test_additions_beyond_what_a_report_holds_are_set_aside_and_the_next_report_is_whole() -> None:
    def many(message: str, service: str, made: int, first: int) -> bytes:
        findings = [kith.culture(f"Sopp {n}", item=str(n)) for n in range(first, first + 600)]
        patient = kith.patient(kith.specimen(collected="2025-12-05T10:00:00"), *findings)
        report = kith.report(patient, service=service, own="R1")
        return kith.message(report, message_id=message, generated=f"2026-01-{made:02d}T12:00:00")

    register = make_register()
    counts = send(register, many("M1", "N", 1, 1), many("M2", "A", 2, 1001), answer("R2", "M3"))
    assert (counts.received, counts.accepted, counts.quarantined) == (3, 2, 1)
    assert {row[1]: row[4] for row in register_state()["findings"]}["R2"] == "escherichia-coli"
    assert quarantine_counts() == [("too-many-findings", 1)]


@pytest.mark.parametrize(
    "alike", [("20260107120100", "20260107120200"), ("x" * 130 + "1", "x" * 130 + "2")]
)
def test_long_numbers_that_are_masked_or_cut_are_still_different(alike: tuple[str, str]) -> None:
    """A time as message id has eleven digits in a row, as an identity number has."""
    register = make_register()
    counts = send(register, *(answer(number, number) for number in alike))
    assert (counts.accepted, counts.quarantined) == (2, 0)
    assert count("report") == 2
    assert not [row for row in register_state()["reports"] if alike[0] in row]


def test_rows_are_found_by_many_values_whatever_signs_they_have() -> None:
    words = ["a", 'a"b', "c\\d", "\\", "{,}", "NULL", "å'ø %s", " b "]
    hashes = {b"", b"\0\\\xff", b'"'}
    store.insert("setting", ("name", "value"), [(word, "") for word in words])
    assert {name for (name,) in store.select_in("setting", "name", "name", words)} == set(words)
    known = store.find_persons(hashes)
    assert store.find_persons(hashes) == known
    ids = set(known.values())
    assert {one for (one,) in store.select_in("person", "id", "id", [*ids, -(2**60)])} == ids
