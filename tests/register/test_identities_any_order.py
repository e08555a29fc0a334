"""Persons from any messages in any order: those of a plain rule over all descriptions at once, also after a replay."""

from __future__ import annotations

import os
import random
from collections import defaultdict
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from messages.numbers import make_number
from register.answers import clock, send
from register.plain_rule import standing_statements
from register.test_any_order import split
from register.told import groups, linked_register, linked_state, persons, told, unlogged
from varde.linkage import Description, clusters, decide, prepare
from varde.linkage.blocking import blocking_keys
from varde.messages import identify
from varde.messages.records import LabReport
from varde.register import decide_question, list_questions, replay, undo_decision
from varde.register.identities import components, nodes
from varde.register.projection import Context

pytestmark = pytest.mark.django_db

BORN = date(1980, 5, 17)
NUMBERS = [n for serial in range(100, 140, 2) if (n := make_number(BORN, serial))][:2]
DNR = next(n for serial in range(100, 200, 2) if (n := make_number(BORN, serial, day=40)))
EXAMPLES = int(os.environ.get("VARDE_EXAMPLES", "25"))
HYPOTHESIS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    pick = lambda *values: draw(st.sampled_from(values))  # noqa: E731
    number = pick(None, None, None, *NUMBERS, DNR)
    return told(
        f"R{draw(st.integers(1, 6))}",
        family=pick("Fjellvang", "Fjellvang", "Fjellvang Vik", "Vik"),
        given=pick("Torhild", "Torhild", "Torhilde", "Nyfødt", "T", "Mona"),
        number=number,
        own=pick(None, None, "A17", "B23") if number else None,
        born=pick("1980-05-17", "1980-05-17", "1980-05-18", None),
        sex=pick("2", "2", None),
        municipality=pick("0301", None, "4601"),
        postal=pick(None, "0150"),
        phone=pick(None, None, "99887766"),
        service=pick("N", "N", "N", "M", "C"),
        made=draw(st.integers(1, 3)),
        message=f"M{draw(st.integers(1, 30))}",
    )


def plain(files: list[bytes], context: Context) -> tuple[set[frozenset[str]], int]:
    """Reports of one person, and how many questions: everything clustered at once, without a database.

    Descriptions of one content are one key, but for those that say too little to be told from another's.
    """
    described: dict[str, Description] = {}
    reports: dict[str, set[str]] = defaultdict(set)
    for (_, _, report), (_, statement) in standing_statements(files, context).items():
        assert isinstance(statement, LabReport)
        if statement.service_type == "C":
            continue
        patient, said = statement.patient, statement.patient.described
        assert said is not None
        one = Description(
            numbers=said.numbers,
            family=said.family,
            given=said.given,
            born=patient.birth_date,
            sex=patient.sex,
            municipality=patient.municipality,
            postal_code=said.postal_code,
            phone=said.phone,
        )
        if not blocking_keys(prepare(one)):
            continue
        told_apart = patient.identifier is not None or decide(one, one).outcome == "same"
        content = repr([getattr(one, name) for name in Description.__struct_fields__[1:]])
        key = content + "".join(number.value for number in one.numbers)
        key += "" if told_apart else report
        described[key] = one
        reports[key].add(report)
    # Beside a number that decides, a laboratory's own numbers make no other description.
    merged: dict[str, Description] = {}
    held: dict[str, set[str]] = defaultdict(set)
    for key, one in described.items():
        national = [
            n for n in one.numbers if n.kind in ("FNR", "DNR") and identify(n.kind, n.value).valid
        ]
        own = [n for n in one.numbers if n.kind == "LOCAL"]
        same = key
        if national and len(national) + len(own) == len(one.numbers):
            rest = [getattr(one, name) for name in Description.__struct_fields__[1:]]
            same = repr((sorted(n.value for n in national), rest))
        if same in merged:
            numbers = dict.fromkeys((*merged[same].numbers, *one.numbers))
            one = replace(merged[same], numbers=tuple(numbers))
        merged[same] = one
        held[same] |= reports[key]
    found = clusters(merged)
    return (
        {frozenset(r for key in keys for r in held[key]) for keys in found.persons},
        len(found.questions),
    )


@HYPOTHESIS
@given(st.lists(answers(), min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_any_order_gives_the_persons_of_a_plain_rule(
    files: list[bytes], chance: random.Random
) -> None:
    shuffled = files + chance.choices(files, k=chance.randint(0, 3))
    chance.shuffle(shuffled)
    register = linked_register()
    with transaction.atomic():
        for batch in split(shuffled, chance):
            send(register, *batch)
        assert (groups(persons()), len(list_questions())) == plain(files, register.context)
        state = linked_state()
        replay(register, clock)
        assert linked_state() == state
        transaction.set_rollback(True)


@HYPOTHESIS
@given(
    st.lists(answers(), min_size=2, max_size=7),
    st.randoms(use_true_random=False),
    st.lists(st.booleans(), min_size=1, max_size=4),
)
def test_decisions_undone_in_any_order_leave_what_was_before(
    files: list[bytes], chance: random.Random, answers: list[bool]
) -> None:
    register = linked_register()
    said: dict[str, Any] = {"by": "ida", "purpose": "surveillance", "reason": ""}
    said |= {"at": clock(), "log": unlogged}
    with transaction.atomic():
        send(register, *files)
        before = linked_state()
        made = []
        for same in answers:
            asked = list_questions()
            if asked:
                made.append(
                    decide_question(register, chance.choice(asked).number, same=same, **said)
                )
        decided = linked_state()
        replay(register, clock)
        assert linked_state() == decided
        chance.shuffle(made)
        for number in made:
            undo_decision(register, number, **said)
        assert linked_state() == before
        transaction.set_rollback(True)


@HYPOTHESIS
@given(st.lists(answers(), min_size=3, max_size=12), st.randoms(use_true_random=False))
def test_crowded_keys_and_large_components_do_not_depend_on_the_order_either(
    files: list[bytes], chance: random.Random
) -> None:
    states = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nodes, "LARGEST_BLOCK", 2)
        patch.setattr(components, "LARGEST", 3)
        for _ in range(3):
            chance.shuffle(files)
            register = linked_register()
            with transaction.atomic():
                for batch in split(files, chance):
                    send(register, *batch)
                state = linked_state()
                del state["register/quarantine"]  # of a file sent twice there may be two
                states.append(state)
                transaction.set_rollback(True)
    assert states[0] == states[1] == states[2]
