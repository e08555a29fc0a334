"""Additions with which an answer would hold more than an answer can: put aside, in any order, and told."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messages import kith_builder as kith
from register import plain_requisitions
from register.answers import answer, clock, make_register, register_state, send
from register.plain_rule import expected_reports, fitting, found_reports
from register.test_any_order import split
from varde import messages as wire
from varde.messages import Failure
from varde.messages.kith.reports import MAX_SPECIMENS
from varde.messages.kith.results import MAX_FINDINGS
from varde.register import fold as folding
from varde.register import quarantine_items, read_receipts, register_status
from varde.register.chunk import read_version
from varde.register.kinds import additions
from varde.register.replay import replay, replay_quarantined

pytestmark = pytest.mark.django_db


def many(message: str, service: str, made: int, organism: str, number: int = 700) -> bytes:
    """An answer R1 with very many findings of one organism."""
    findings = [kith.culture(organism, item=str(n)) for n in range(1, number + 1)]
    patient = kith.patient(kith.specimen(collected="2025-12-05T10:00:00"), *findings)
    report = kith.report(patient, service=service, own="R1")
    return kith.message(report, message_id=message, generated=f"2026-01-{made:02d}T12:00:00")


FIRST = many("M1", "N", 1, "Escherichia coli")
MORE = many("M2", "A", 4, "Klebsiella pneumoniae")


def told(state: dict[str, Any]) -> set[tuple[str, ...]]:
    return {tuple(row[1:]) for row in state["quarantine"]}


@pytest.mark.parametrize("order", [(FIRST, MORE), (MORE, FIRST)])
def test_two_answers_that_are_too_large_together(order: tuple[bytes, bytes]) -> None:
    register = make_register()
    for data in order:
        send(register, data)
    before = register_state()
    assert {row[4] for row in before["findings"]} == {"escherichia-coli"}
    assert len(before["findings"]) == 700
    assert told(before) == {("too-many-findings", "1400")}
    [item] = quarantine_items()
    assert (item.sender, item.report_ref, item.message_ref) == ("HER:91843", "R1", "M2")
    # What its sender is told agrees, whichever came first.
    receipts = read_receipts([1, 2])
    assert (receipts[1].quarantined, receipts[2].quarantined) == (
        (0, 1) if order[0] is FIRST else (1, 0)
    )
    [waits] = [each for one in receipts.values() for each in one.items if each.reason]
    assert (waits.state, waits.reason, waits.settled) == (
        "quarantined",
        "too-many-findings",
        False,
    )
    result = replay(register, clock)
    assert (result.set_aside, result.counts.quarantined, result.changed) == (0, 1, [])
    assert register_state() == before
    for only in (None, [item.message]):
        assert replay_quarantined(register, clock, only=only).set_aside == 0
        assert register_state() == before
    assert register_status()["quarantined"] == 1


def test_a_smaller_answer_makes_room_and_a_larger_one_takes_it_again() -> None:
    register = make_register()
    send(register, MORE)
    send(register, FIRST)
    # Another message of its sender is no correction of what is put aside.
    send(register, answer("R2", "M9", made=3))
    send(register, answer("R1", "M10", made=1, service="H"))
    assert told(register_state()) == {("too-many-findings", "1400")}
    assert send(register, answer("R1", "M5", made=2, service="M", results=[])).accepted == 1
    assert quarantine_items() == []
    assert len(register_state()["findings"]) == 702
    assert (read_receipts([1])[1].accepted, read_receipts([1])[1].quarantined) == (1, 0)
    assert send(register, many("M6", "M", 3, "Proteus mirabilis", 701)).accepted == 1
    assert told(register_state()) == {("too-many-findings", "1401")}
    assert read_receipts([1])[1].quarantined == 1


def test_the_limit_is_that_of_one_message() -> None:
    assert additions.MOST == MAX_FINDINGS == MAX_SPECIMENS


FEW = st.lists(
    st.builds(
        answer,
        report=st.just("R1"),
        message=st.sampled_from(["M1", "M2", "M3", "M4", "M5", "M6"]),
        service=st.sampled_from(["N", "M", "A", "A", "A", "A", "C"]),
        status=st.sampled_from("PF"),
        made=st.integers(1, 5),
        organism=st.sampled_from(["Escherichia coli", "E. coli", "Klebsiella", "Ukjent mikrobe", ""]),
        searches=st.lists(st.sampled_from(["Meslingvirus RNA", "Norovirus RNA"]), max_size=2),
        number=st.sampled_from(["S1", "S2", "S3"]),
    ),
    min_size=2,
    max_size=7,
)  # fmt: skip


@settings(
    max_examples=int(os.environ.get("VARDE_EXAMPLES", "40")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(FEW, st.randoms(use_true_random=False))
def test_any_order_puts_the_same_aside(files: list[bytes], chance: random.Random) -> None:
    """With a limit so low that it is met all the time."""
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(additions, "MOST", 2)
        register = make_register()
        shuffled = files + chance.choices(files, k=chance.randint(0, 3))
        chance.shuffle(shuffled)
        for batch in split(shuffled, chance):
            send(register, *batch)
        state = register_state()
        assert found_reports(state) == expected_reports(files, register.context)
        aside = expected_aside(files, register.context)
        told = [i.message_ref for i in quarantine_items() if i.reason.startswith("too-")]
        # A version that came under two message ids is put aside once, under either.
        assert len(told) == len(aside)
        assert all(len(ids.intersection(told)) == 1 for ids in aside)
        numbers = range(1, len({bytes(each) for each in shuffled}) + 1)
        waits = {
            each.message_ref
            for one in read_receipts(numbers).values()
            for each in one.items
            if each.reason.startswith("too-")
        }
        assert waits == set(told)
        result = replay(register, clock)
        assert register_state() == state
        assert (result.changed, result.set_aside) == ([], 0)
        replay_quarantined(register, clock)
        assert register_state() == state
        transaction.set_rollback(True)


def expected_aside(files: list[bytes], context: Any) -> list[set[str]]:
    """The message ids of each addition that is put aside, by all versions at once."""
    rivals: dict[str, dict[bytes, Any]] = {}
    for data in files:
        for record in wire.read(data):
            assert not isinstance(record, Failure)
            digest = read_version(1, record, context)
            rivals.setdefault(record.message_id, {})[digest.fingerprint] = (digest.key, record)
    # Of one message id the newest counts; the same version under two ids is one.
    known: dict[str, list[Any]] = {}
    for one in rivals.values():
        key, record = max(one.values(), key=lambda rival: rival[0])
        known.setdefault(key, []).append(record)
    keys = sorted(known)
    bases = [key for key in keys if known[key][0].service_type != "A"] or keys[:1]
    base = known[bases[-1]][0]
    added = {k: known[k][0] for k in keys if k > bases[-1] and known[k][0].service_type == "A"}
    if several := plain_requisitions.stand({key: same[0] for key, same in known.items()}):
        base, added = several[0].report, several[1]
    if base.service_type == "C":
        return []
    fit = fitting(base, [added[key] for key in sorted(added)], context)
    return [
        {record.message_id for record in known[key]}
        for key, addition in added.items()
        if not any(addition is each for each in fit)
    ]


def test_a_replay_goes_on_around_a_message_that_the_fold_fails_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    register = make_register()
    send(register, *(answer(f"R{n}", f"M{n}") for n in range(1, 6)))
    before = register_state()
    original = folding.project

    def fail(report: Any, context: Any) -> Any:
        if report.report_id == "R2":
            raise OverflowError("a fault in the program")
        return original(report, context)

    monkeypatch.setattr(folding, "project", fail)
    result = replay(register, clock)
    assert (result.set_aside, result.counts.accepted) == (1, 4)
    assert result.removed == [("HER:91843", "R2")]
    [waits] = quarantine_items()
    assert (waits.reason, waits.message) == ("reader-fault", 2)
    again = replay_quarantined(register, clock, only=[2])
    assert (again.set_aside, again.messages) == (1, 1)
    assert [item.id for item in quarantine_items()] == [waits.id]
    monkeypatch.undo()
    assert replay_quarantined(register, clock).settled == 1
    assert register_state() == before
