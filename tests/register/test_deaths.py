"""Deaths: kept with whoever died, counted against joining somebody seen long after, told where a number joins them."""

from __future__ import annotations

import os
import random
from datetime import date
from typing import Any

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messages import kith_builder as kith
from messages import klinikermelding_builder as klinikermelding
from messages.numbers import make_number
from messages.test_described import of_fhir, of_hl7v2, of_kith
from register.answers import clock, send
from register.test_any_order import split
from register.told import groups, linked_register, linked_state, only, persons, told, unlogged
from varde.register import (
    CannotDecide,
    dead_persons,
    decide_question,
    find_person,
    list_questions,
    read_deaths_of,
    replay,
    take_changes,
    undo_decision,
)
from varde.register.opening import Register

pytestmark = pytest.mark.django_db

BORN = date(1980, 5, 17)
FNR = next(n for serial in range(100, 200, 2) if (n := make_number(BORN, serial)))
BY: dict[str, Any] = {"by": "ida", "purpose": "surveillance", "reason": "", "at": clock(), "log": unlogged}  # fmt: skip
LIVING: dict[str, Any] = {"phone": "22334455", "her": "91844", "taken": "2025-12-05"}
DEAD: dict[str, Any] = {"phone": "22334455", "taken": "2025-09-30", "died": "2025-10-01"}


@pytest.fixture
def register() -> Register:
    return linked_register()


def person_of(report: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT person FROM register_report WHERE report_ref = %s", [report])
        return int(cursor.fetchone()[0])


def days(register: Register, report: str = "R1") -> list[date | None]:
    found = read_deaths_of([person_of(report)], register.context.knowledge)
    return [one.day for one in found]


def test_who_is_seen_long_after_a_death_is_asked_about_and_not_joined(register: Register) -> None:
    send(register, told("R1", **DEAD), told("R2", **LIVING))
    asked = only(list_questions())
    assert (asked.cause, asked.reason) == ("unsure", "seen-after-death")
    assert len(groups(persons())) == 2
    # Who lived when both were seen is the same; so is what was taken of the dead within the days that a rule says.
    send(register, told("R2", **LIVING | {"taken": "2025-10-20"}, made=2))
    assert len(groups(persons())) == 1
    assert list_questions() == []


def test_what_comes_between_does_not_join_them_either(register: Register) -> None:
    send(register, told("R1", **DEAD), told("R2", **LIVING | {"taken": "2025-09-01"}))
    assert len(groups(persons())) == 1
    send(register, told("R3", **LIVING | {"postal": "0182"}))
    together = groups(persons())
    assert not any({"R1", "R3"} <= each for each in together)
    assert list_questions()


def test_a_number_joins_them_and_a_person_is_told(register: Register) -> None:
    send(register, told("R1", number=FNR, **DEAD), told("R2", number=FNR, **LIVING))
    assert len(groups(persons())) == 1
    asked = only(list_questions())
    assert (asked.cause, asked.reason) == ("death", "seen-after-death")
    assert len(set(asked.persons)) == 1
    before = linked_state()
    number = decide_question(register, asked.number, same=True, **BY)
    assert list_questions() == []
    undo_decision(register, number, **BY)
    assert linked_state() == before
    number = decide_question(register, asked.number, same=False, **BY)
    assert len(groups(persons())) == 2
    undo_decision(register, number, **BY)
    assert linked_state() == before


def test_one_answer_that_contradicts_itself_is_told_of(register: Register) -> None:
    send(register, told("R1", number=FNR, **DEAD | {"taken": "2025-12-05"}))
    asked = only(list_questions())
    assert (asked.cause, asked.reason) == ("death", "seen-after-death")
    with pytest.raises(CannotDecide):
        decide_question(register, asked.number, same=False, **BY)
    decide_question(register, asked.number, same=True, **BY)
    assert list_questions() == []


def test_a_death_that_is_taken_back_leaves_nothing(register: Register) -> None:
    send(register, told("R2", **LIVING))
    alive = linked_state()
    send(register, told("R1", **DEAD))
    assert days(register) == [date(2025, 10, 1)]
    send(register, told("R1", **DEAD | {"died": None}, made=2))
    assert len(groups(persons())) == 1
    assert list_questions() == []
    assert days(register) == []
    send(register, told("R1", **DEAD, made=3))
    assert len(groups(persons())) == 2
    send(register, told("R1", **DEAD, made=4, service="C"))
    left = linked_state()
    for name in ("nodes", "keys", "links", "questions", "register/specimens"):
        assert left[name] == alive[name]


def test_two_days_of_one_death_are_told_and_both_kept(register: Register) -> None:
    send(
        register,
        told("R1", number=FNR, **DEAD),
        told("R2", number=FNR, **DEAD | {"died": "2025-10-02", "her": "91844"}, made=2),
    )
    assert days(register) == [date(2025, 10, 2), date(2025, 10, 1)], "the newest statement first"
    asked = only(list_questions())
    assert (asked.cause, asked.reason) == ("death", "two-deaths")
    send(register, told("R1", number=FNR, **DEAD | {"died": "2025-10-02"}, made=3))
    assert days(register) == [date(2025, 10, 2)]
    assert list_questions() == []


def test_days_far_apart_do_not_join_those_without_number(register: Register) -> None:
    other = {"died": "2025-11-01", "her": "91844"}
    send(register, told("R1", **DEAD), told("R2", **DEAD | other))
    assert only(list_questions()).reason == "two-deaths"
    assert len(groups(persons())) == 2
    send(register, told("R2", **DEAD | other | {"died": "2025-10-04"}, made=2))
    assert len(groups(persons())) == 1


def changes(register: Register, *rows: str) -> Any:
    data = "\n".join(("what;old;new;day;source", *rows, "")).encode()
    return take_changes(register, data, clock(), clock().date())


def test_a_death_told_of_a_number_counts_as_one_that_an_answer_tells(register: Register) -> None:
    send(register, told("R1", number=FNR, **LIVING))
    before = linked_state()
    changes(register, f"died;{FNR};;2025-10-01;Folkeregisteret")
    asked = only(list_questions())
    assert (asked.cause, asked.reason) == ("death", "seen-after-death")
    assert days(register) == [date(2025, 10, 1)]
    state = linked_state()
    replay(register, clock)
    assert linked_state() == state
    assert dead_persons([person_of("R1")])
    told_of = changes(register, f"not-died;{FNR};;2025-10-01;Folkeregisteret")
    assert not told_of.refused
    assert linked_state() == before
    assert days(register) == []
    # The other way round too: what was taken back stays so, whichever row came first.
    changes(register, f"died;{FNR};;2025-10-01;Another")
    assert linked_state() == before


def test_who_shares_all_but_the_number_of_the_dead_is_asked_about(register: Register) -> None:
    changes(register, f"died;{FNR};;2025-10-01;Folkeregisteret")
    send(register, told("R1", number=FNR, **DEAD | {"died": None}), told("R2", **LIVING))
    assert len(groups(persons())) == 2
    assert only(list_questions()).reason == "seen-after-death"


ON = date(2026, 1, 3)
TOLD = {
    "kith": (of_kith(kith.coded("DateOfDeath", "2026-01-03"), number=FNR), ON),
    "fhir": (of_fhir(number=FNR, deceasedDateTime="2026-01-03"), ON),
    "fhir, nobody knows when": (of_fhir(number=FNR, deceasedBoolean=True), None),
    "hl7v2": (of_hl7v2(f"{FNR}^^^^NNNOR", f29="20260103", f30="Y"), ON),
    "hl7v2, nobody knows when": (of_hl7v2(f"{FNR}^^^^NNNOR", f30="Y"), None),
    "klinikermelding": (
        klinikermelding.write(
            klinikermelding.form(
                pasient={"fodselsnummer": FNR}, diagnoseforhold={"dodsdato": "2026-01-03"}
            )
        ),
        ON,
    ),
}


def test_every_format_tells_of_deaths(register: Register) -> None:
    for key, (data, day) in TOLD.items():
        with transaction.atomic():
            send(register, data)
            known = find_person(FNR, register.context.pseudonym)
            assert known is not None, key
            found = read_deaths_of(known.ids, register.context.knowledge)
            assert [one.day for one in found] == [day], key
            assert dead_persons(known.ids) == set(known.ids), key
            transaction.set_rollback(True)


@pytest.mark.parametrize("day", ["2026-03-01", "1979-01-01"])
def test_a_day_that_cannot_be_is_none(register: Register, day: str) -> None:
    """It has not come, or was before the birth."""
    send(register, told("R1", number=FNR, **DEAD | {"died": day}))
    assert days(register) == []


def test_nothing_of_a_death_stands_in_the_register_in_clear(register: Register) -> None:
    send(register, told("R1", number=FNR, **DEAD))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, key FROM register_nodekey")
        assert not any("20251001" in f"{a} {b}" or str(date(2025, 10, 1).toordinal()) in str(b)
                       for a, b in cursor.fetchall())  # fmt: skip
    with connections["identity"].cursor() as cursor:
        cursor.execute("SELECT sealed FROM identity_entry")
        assert not any(b"2025-10-01" in bytes(row[0]) for row in cursor.fetchall())


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """One of few people, told of by one of few reports, dead or alive."""
    return told(
        draw(st.sampled_from(["R1", "R2", "R3", "R4"])),
        given=draw(st.sampled_from(["Torhild", "Torild", "Kari"])),
        number=draw(st.sampled_from([None, None, FNR])),
        phone=draw(st.sampled_from([None, "22334455"])),
        her=draw(st.sampled_from(["91843", "91844"])),
        made=draw(st.integers(1, 3)),
        service=draw(st.sampled_from(["N", "N", "M", "C"])),
        died=draw(st.sampled_from([None, None, "2025-10-01", "2025-10-03", "2025-12-01"])),
        taken=draw(st.sampled_from(["2025-09-01", "2025-10-20", "2025-12-05"])),
    )


@settings(
    max_examples=int(os.environ.get("VARDE_EXAMPLES", "4")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(answers(), min_size=2, max_size=7), st.booleans(), st.randoms(use_true_random=False)
)
def test_any_order_gives_the_same(files: list[bytes], told_of: bool, chance: random.Random) -> None:
    states = []
    for _ in range(2):
        chance.shuffle(files)
        with transaction.atomic():
            register = linked_register()
            batches = list(split(files, chance))
            at = chance.randrange(len(batches) + 1)
            for n, batch in enumerate(batches):
                if told_of and n == at:
                    changes(register, f"died;{FNR};;2025-10-01;Folkeregisteret")
                send(register, *batch)
            if told_of and at == len(batches):
                changes(register, f"died;{FNR};;2025-10-01;Folkeregisteret")
            state = linked_state()
            replay(register, clock)
            assert linked_state() == state
            del state["register/quarantine"]
            states.append(state)
            transaction.set_rollback(True)
    assert states[0] == states[1]
