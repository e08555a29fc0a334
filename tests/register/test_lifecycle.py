"""A laboratory's whole life with the register, in three wire formats at once, with crashes between.

Whatever is written, in whatever order it comes, however often, by whichever door, and wherever the process
dies between keeping and folding: the register is the one that a plain rule gives, and the one that the same
messages give in another order.
"""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule, run_state_machine_as_test

from register import orders, wires
from register.answers import NOW, PERSONS, clock, make_register, register_state
from register.plain_rule import expected_notices, expected_reports, found_notices, found_reports
from varde.register import log
from varde.register.intake import resume, take_in
from varde.register.log import Incoming
from varde.register.replay import replay, replay_quarantined

pytestmark = pytest.mark.django_db


class Laboratory(RuleBasedStateMachine):
    """Two laboratories write answers about two persons; messages are delivered as it pleases chance."""

    written = Bundle("written")

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.register = make_register()
        self.delivered: list[bytes] = []

    @rule(
        target=written,
        wire=st.sampled_from(wires.FORMATS),
        report=st.sampled_from(["R1", "R2"]),
        message=st.sampled_from(["M1", "M2", "M3", "M4", "M5", "M6"]),
        service=st.sampled_from(["N", "N", "M", "C", "A", "H"]),
        status=st.sampled_from(["P", "S", "F", "F"]),
        made=st.integers(1, 4),
        organism=st.sampled_from(["Escherichia coli", "Staphylococcus aureus", "Ukjent mikrobe"]),
        results=st.lists(
            st.tuples(st.sampled_from(["NPU06049", "NPU06044"]), st.sampled_from("SIR")),
            max_size=2,
            unique_by=lambda pair: pair[0],
        ),
        person=st.sampled_from([*PERSONS[:2], None]),
        day=st.sampled_from(["2025-11-30", "2025-12-31"]),
        her=st.sampled_from(["91843", "91844"]),
    )
    def write(self, her: str, wire: str, report: str, message: str, **said: Any) -> Incoming:
        data = wires.write(wire, report, message, her=her, **said)
        return Incoming("", data, submitter=f"HER:{her}", kind="laboratory", door="api")

    @rule(
        target=written,
        made=st.integers(1, 4),
        found=st.lists(st.sampled_from([orders.ECOLI, orders.AUREUS]), max_size=2, unique=True),
        test=st.sampled_from([orders.BLOOD, orders.RESP, orders.RESPF, ("", "", "")]),
        specimen=st.sampled_from(["A", "B", None]),
        status=st.sampled_from(["P", "F", "F", "C", "X"]),
        number=st.sampled_from(["R1", "R2"]),
    )
    def order(self, made: int, found: list[Any], **said: Any) -> Incoming:
        """Of one specimen and one test, under a number that other tests and formats have too."""
        if said["status"] == "X":
            data = orders.cancelled(
                made, said["specimen"], test=said["test"], number=said["number"]
            )
        else:
            data = orders.oru(made, *found, **said)
        return Incoming("", data, submitter="HER:91843", kind="laboratory", door="api")

    @rule(batch=st.lists(written, min_size=1, max_size=4))
    def deliver(self, batch: list[Incoming]) -> None:
        take_in(self.register, batch, clock)
        self.delivered.extend(incoming.data for incoming in batch)

    @rule(incoming=written)
    def deliver_as_a_file(self, incoming: Incoming) -> None:
        take_in(self.register, [Incoming("f", incoming.data)], clock)
        self.delivered.append(incoming.data)

    @rule(incoming=written)
    def deliver_in_anothers_name(self, incoming: Incoming) -> None:
        """Nothing of it counts, and it does not stand in the way of the one whose it is."""
        forged = Incoming("", incoming.data, submitter="HER:1", kind="laboratory", door="api")
        assert take_in(self.register, [forged], clock).accepted == 0

    @rule(batch=st.lists(written, min_size=1, max_size=3))
    def die_when_it_is_kept(self, batch: list[Incoming]) -> None:
        log.append(batch, self.register.sealer, NOW)
        self.delivered.extend(incoming.data for incoming in batch)

    @rule()
    def start_again(self) -> None:
        resume(self.register, clock)

    @rule()
    def fold_everything_anew(self) -> None:
        replay(self.register, clock)

    @rule()
    def fold_the_quarantine_anew(self) -> None:
        replay_quarantined(self.register, clock)

    def teardown(self) -> None:
        try:
            resume(self.register, clock)
            found = register_state()
            expected = expected_reports(self.delivered, self.register.context)
            assert found_reports(found) == expected
            told = expected_notices(self.delivered, self.register.context)
            assert found_notices(found) == told
            again = self._in_another_order()
            for state in (found, again):
                # Forged copies wait in quarantine, and may be any number.
                state.pop("quarantine")
            assert found == again
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    def _in_another_order(self) -> dict[str, Any]:
        with transaction.atomic():
            register = make_register()
            for table in ("joined", "report", "item", "receipt", "person", "specimen", "finding",
                          "susceptibility", "unmapped", "quarantineentry"):  # fmt: skip
                _empty(table)
            _forget_the_log()
            files = sorted(set(self.delivered))
            random.Random(len(files)).shuffle(files)
            take_in(register, [Incoming("", data) for data in files], clock)
            state = register_state()
            transaction.set_rollback(True)
        return state


def _empty(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM register_{table}")


def _forget_the_log() -> None:
    """Only a test may: the database refuses to remove a message without an order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO register_erasure (id, rule, ordered_at, sha256) "
            "SELECT id, 'test', received_at, sha256 FROM register_message"
        )
        cursor.execute("DELETE FROM register_message")


def test_a_laboratorys_whole_life() -> None:
    run_state_machine_as_test(
        Laboratory,
        settings=settings(
            max_examples=int(os.environ.get("VARDE_EXAMPLES", "25")),
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
