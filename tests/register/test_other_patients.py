"""Additions about somebody else than their answer, in every format and order; forms whose code and words disagree."""

from __future__ import annotations

from itertools import permutations

import pytest
from django.db import transaction

from register import wires
from register.answers import PERSONS, clock, make_register, register_state, send
from varde.cases import catalogue
from varde.register import quarantine_items
from varde.register.replay import replay

pytestmark = pytest.mark.django_db

ADA, BO = PERSONS[:2]


@pytest.mark.parametrize("wire", ["kith", "fhir"])
def test_an_addition_about_somebody_else_waits_and_nothing_of_it_is_in_the_answer(
    wire: str,
) -> None:
    files = [
        wires.write(wire, "R1", "M1", organism="Salmonella Typhi", person=ADA),
        wires.write(wire, "R1", "M2", service="A", made=2, organism="Escherichia coli", person=BO),
    ]
    for order in permutations(files):
        with transaction.atomic():
            register = make_register()
            for data in order:
                send(register, data)
            state = register_state()
            assert len(state["findings"]) == 1 and len(state["persons"]) == 1
            [waits] = quarantine_items()
            assert (waits.reason, waits.message_ref) == ("addition-other-patient", "M2")
            replay(register, clock)
            assert register_state() == state
            # The patient corrected: it is taken in, and nothing waits.
            send(
                register,
                wires.write(
                    wire, "R1", "M3", service="A", made=3, organism="Escherichia coli", person=ADA
                ),
            )
            assert len(register_state()["findings"]) == 2
            transaction.set_rollback(True)


def test_one_about_the_same_or_nobody_known_is_part_of_the_answer() -> None:
    for person in (ADA, None):
        with transaction.atomic():
            register = make_register()
            send(register, wires.write("kith", "R1", "M1", organism="Salmonella Typhi", person=ADA))
            send(register, wires.write("kith", "R1", "M2", service="A", made=2, person=person))
            state = register_state()
            assert len(state["findings"]) == 2 and not state["quarantine"]
            transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("code", "words", "disease"),
    [
        ("", "Meslinger", "measles"),
        ("713", "", "covid-19"),
        ("713", "Covid-19", "covid-19"),
        ("713", "Meslinger", None),
        ("999", "Meslinger", "measles"),
        ("999", "", None),
    ],
)
def test_a_code_and_words_that_disagree_are_no_disease(
    code: str, words: str, disease: str | None
) -> None:
    named = catalogue().diagnosed(code, words)
    assert (named and named.disease) == disease
