"""Who is the same person, as the register works it out when messages come: nodes, persons, questions, decisions."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connections

from messages.numbers import make_number
from register.answers import clock, send
from register.case_messages import SALMONELLA
from register.told import (
    groups,
    linked_register,
    linked_state,
    numbers,
    only,
    persons,
    told,
    unlogged,
)
from varde.register import (
    CannotDecide,
    decide_question,
    list_cases,
    list_questions,
    list_rulings,
    replay,
    take_changes,
    undo_decision,
)
from varde.register.opening import Register

pytestmark = pytest.mark.django_db

BORN = date(1980, 5, 17)
FNR, OTHER, *_ = (n for serial in range(100, 200, 2) if (n := make_number(BORN, serial)))
DNR = next(n for serial in range(100, 200, 2) if (n := make_number(BORN, serial, day=40)))
ASKED = {"given": "Kari", "born": "1980-05-17", "municipality": None, "sex": None}
BY: dict[str, Any] = {
    "by": "ida",
    "purpose": "surveillance",
    "reason": "samme adresse",
    "at": clock(),
    "log": unlogged,
}


@pytest.fixture
def register() -> Register:
    return linked_register()


def test_one_description_is_one_node_however_often_it_is_said(register: Register) -> None:
    send(register, told("R1"), told("R2"), told("R3", made=2))
    send(register, told("R4", her="91844"))
    assert groups(persons()) == {frozenset(("R1", "R2", "R3", "R4"))}
    assert len(numbers("id", "node")) == 1


def test_without_number_persons_are_found_by_name_and_birth_date(register: Register) -> None:
    send(register, told("R1", family="Fjellvang Vik"), told("R2"), told("R3", given="Ole", sex="1"))
    assert groups(persons()) == {frozenset(("R1", "R2")), frozenset(("R3",))}


def test_a_number_names_the_person_as_it_did_before(register: Register) -> None:
    send(register, told("R1"))
    nameless = persons()["R1"]
    send(register, told("R2", number=FNR))
    known = register.context.pseudonym("FNR", "", FNR)
    assert persons() == {"R1": known.hex(), "R2": known.hex()} != {"R1": nameless}
    assert len(numbers("id", "person")) == 1


def test_two_numbers_are_two_persons_however_alike_the_rest(register: Register) -> None:
    send(register, told("R1", number=FNR), told("R2", number=OTHER))
    assert len(groups(persons())) == 2
    assert list_questions() == []


def test_nobody_is_found_by_nothing(register: Register) -> None:
    send(register, told("R1", family="", given=""), told("R2", family="", given="Kari", born=None))
    assert persons()["R1"] == ""


def test_newborns_of_one_day_are_each_their_reports_own(register: Register) -> None:
    child = {"family": "Vik", "given": "Nyfødt", "postal": "0150", "born": "2025-12-01"}
    send(register, told("R1", **child), told("R2", **child), told("R1", made=2, **child))
    assert groups(persons()) == {frozenset(("R1",)), frozenset(("R2",))}


def test_a_laboratorys_own_number_joins_as_before_unless_the_rest_contradicts_it(
    register: Register,
) -> None:
    own = {"number": "17", "kind": "LABNR"}
    send(register, told("R1", family="", given="", born=None, **own), told("R2", **own))
    send(register, told("R3", family="Olsen", given="Per", born="1933-02-01", **own))
    found = persons()
    assert found["R1"]
    assert found["R2"] != found["R3"]


def test_a_correction_takes_the_old_description_along(register: Register) -> None:
    send(register, told("R1", given="Torhlid"), told("R2", given="Ole", sex="1"))
    first = numbers("hash", "node")
    send(register, told("R1", made=2))
    assert len(numbers("hash", "node")) == 2 and set(map(bytes, first)) != set(
        map(bytes, numbers("hash", "node"))
    )
    send(register, told("R1", made=3, service="C"))
    assert len(numbers("hash", "node")) == len(numbers("id", "person")) == 1
    assert persons()["R1"] == ""


def test_what_joined_two_and_is_withdrawn_gives_them_back(register: Register) -> None:
    send(register, told("R1", number=FNR), told("R2", number=DNR, family="Osei"))
    before = linked_state()
    assert len(groups(persons())) == 2
    send(register, told("R3", number=FNR, also=DNR))
    assert len(groups(persons())) == 1
    send(register, told("R3", made=2, service="C"))
    after = linked_state()
    assert groups(persons()) == {frozenset(("R1",)), frozenset(("R2",))}
    assert [after[name] for name in ("nodes", "keys", "links", "questions")] == [
        before[name] for name in ("nodes", "keys", "links", "questions")
    ]


def question(register: Register) -> int:
    """Two of whom the register asks whether they are one, each with a case."""
    send(
        register,
        told("R1", organism=SALMONELLA, free="Feces", born="1980-05-17", municipality=None, sex=None),
        told("R2", organism=SALMONELLA, free="Feces", her="91844", given="T",
             municipality=None, sex=None),
        told("R3", organism="Escherichia coli"),
    )  # fmt: skip
    return only(list_questions()).number


def test_a_decision_joins_and_undoing_it_gives_back_exactly_what_was(register: Register) -> None:
    asked = question(register)
    before = linked_state()
    cases = {case.number for case in list_cases()}
    assert len(cases) == 2
    number = decide_question(register, asked, same=True, **BY)
    assert len(groups(persons())) == 1
    assert len(list_cases()) == 1
    assert list_questions() == []
    undo_decision(register, number, **BY)
    assert linked_state() == before
    assert {case.number for case in list_cases()} == cases
    assert [(one.verdict, one.undone, one.by) for one in list_rulings(9)] == [
        ("undone", False, "ida"),
        ("same", True, "ida"),
    ]
    with pytest.raises(CannotDecide):
        undo_decision(register, number, **BY)


def test_a_decision_that_they_are_two_is_not_asked_about_again(register: Register) -> None:
    asked = question(register)
    before = linked_state()
    number = decide_question(register, asked, same=False, **BY)
    assert list_questions() == []
    assert len(groups(persons())) == 2
    with pytest.raises(CannotDecide):
        decide_question(register, asked, same=True, **BY)
    undo_decision(register, number, **BY)
    assert linked_state() == before


def test_decisions_survive_a_replay(register: Register) -> None:
    decide_question(register, question(register), same=True, **BY)
    before = linked_state()
    replay(register, clock)
    assert linked_state() == before


def test_a_decision_about_somebody_who_is_gone_holds_when_they_come_back(
    register: Register,
) -> None:
    decide_question(register, question(register), same=True, **BY)
    joined = groups(persons())
    lone = told("R2", service="C", made=2, her="91844")
    send(register, lone)
    assert groups(persons()) != joined
    again = told(
        "R2", organism=SALMONELLA, free="Feces", her="91844", given="T", municipality=None,
        sex=None, made=3,
    )  # fmt: skip
    send(register, again)
    assert groups(persons()) == joined


def test_a_known_change_of_number_makes_two_numbers_one_person(register: Register) -> None:
    send(register, told("R1", number=DNR, family="Osei"), told("R2", number=FNR, given="Mona"))
    before = linked_state()
    assert len(groups(persons())) == 2
    file = f"what,old,new,day,source\nchanged,{DNR},{FNR},2025-12-01,Folkeregisteret\n".encode()
    taken = take_changes(register, file, clock(), clock().date())
    assert (taken.added, taken.known, taken.refused, taken.moved) == (1, 0, (), 1)
    known = register.context.pseudonym("FNR", "", FNR).hex()
    assert persons() == {"R1": known, "R2": known}
    state = linked_state()
    assert take_changes(register, file, clock(), clock().date())[:2] == (0, 1)
    replay(register, clock)
    assert linked_state() == state
    split = file.replace(b"changed", b"split").replace(b"12-01", b"12-02")
    take_changes(register, split, clock(), clock().date())
    assert linked_state() == before


SPLIT = f"what,old,new,day,source\nsplit,{DNR},{FNR},2025-12-02,Folkeregisteret\n".encode()


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("changed", [True, False])
def test_a_split_keeps_two_apart_who_are_alike_in_all_the_rest(
    register: Register, before: bool, changed: bool
) -> None:
    steps = [SPLIT]
    if changed:
        steps.append(SPLIT.replace(b"split", b"changed").replace(b"12-02", b"12-01"))
    messages = (told("R1", number=DNR), told("R2", number=FNR))
    if before:
        send(register, *messages)
        assert len(groups(persons())) == 1
    moved = [take_changes(register, step, clock(), clock().date()).moved for step in steps]
    assert moved[0] == before
    if not before:
        send(register, *messages)
    assert groups(persons()) == {frozenset(("R1",)), frozenset(("R2",))}
    assert list_questions() == []
    state = linked_state()
    replay(register, clock)
    assert linked_state() == state


def test_a_split_is_taken_back_by_a_later_change(register: Register) -> None:
    send(register, told("R1", number=DNR), told("R2", number=FNR))
    take_changes(register, SPLIT, clock(), clock().date())
    later = SPLIT.replace(b"split", b"changed").replace(b"12-02", b"12-03")
    take_changes(register, later, clock(), clock().date())
    assert len(groups(persons())) == 1


def test_a_split_holds_for_whatever_either_number_became(register: Register) -> None:
    send(register, told("R1", number=DNR), told("R2", number=OTHER), told("R3", number=FNR))
    take_changes(register, SPLIT, clock(), clock().date())
    change = f"old;new;day;source\n{FNR};{OTHER};2025-12-03;Folkeregisteret\n".encode()
    assert take_changes(register, change, clock(), clock().date()).refused == ()
    assert groups(persons()) == {frozenset(("R1",)), frozenset(("R2", "R3"))}
    assert list_questions() == []


def test_changes_that_go_around_a_split_join_nobody(register: Register) -> None:
    send(register, told("R1", number=DNR), told("R2", number=OTHER), told("R3", number=FNR))
    around = (
        f"what,old,new,day,source\nsplit,{DNR},{FNR},2025-12-02,A\n"
        f",{DNR},{OTHER},2025-12-03,A\n,{OTHER},{FNR},2025-12-03,A\n"
    ).encode()
    taken = take_changes(register, around, clock(), clock().date())
    assert [one.fault for one in taken.refused] == ["contradicts-change"] * 2
    assert len(groups(persons())) == 3
    state = linked_state()
    replay(register, clock)
    assert linked_state() == state


def test_a_change_that_comes_before_those_it_is_about(register: Register) -> None:
    file = f"old;new;day;source\n{DNR};{FNR};2025-12-01;Folkeregisteret\n".encode()
    take_changes(register, file, clock(), clock().date())
    send(register, told("R1", number=DNR), told("R2", number=FNR))
    assert len(groups(persons())) == 1


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (f"x,{DNR},{FNR},2025-12-01,F", "what-unknown"),
        (f"changed,123,{FNR},2025-12-01,F", "old-invalid"),
        (f"changed,{DNR},12345678901,2025-12-01,F", "new-invalid"),
        (f"changed,{DNR},,2025-12-01,F", "new-missing"),
        (f"died,{DNR},{FNR},2025-12-01,F", "new-unexpected"),
        (f"changed,{DNR},{DNR},2025-12-01,F", "same-number"),
        (f"changed,{DNR},{FNR},2031-12-01,F", "day-invalid"),
        (f"changed,{DNR},{FNR},i går,F", "day-invalid"),
        (f"changed,{DNR},{FNR},2025-12-01,", "source-missing"),
    ],
)
def test_a_row_that_cannot_be_used_is_told_and_the_others_go_on(
    register: Register, row: str, fault: str
) -> None:
    good = f"died,{FNR},,2025-12-01,Folkeregisteret"
    data = f"what,old,new,day,source\n{row}\n{good}\n".encode()
    taken = take_changes(register, data, clock(), clock().date())
    assert (taken.added, [(one.line, one.fault) for one in taken.refused]) == (1, [(2, fault)])


def test_the_registers_database_holds_nothing_of_who_somebody_is(register: Register) -> None:
    send(
        register,
        told(
            "R1", family="Xylofonsen", given="Qvirilda", number=FNR, phone="99887766", postal="0987"
        ),
        told("R2", family="Xylofonsen", given="Q", phone="99887766"),
    )
    for alias in ("default", "identity"):
        connection = connections[alias]
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"SELECT * FROM {table}")
                for row in cursor.fetchall():
                    text = repr(
                        [bytes(v) if isinstance(v, memoryview) else v for v in row]
                    ).casefold()
                    for secret in ("xylofon", "qvirilda", FNR, "99887766"):
                        assert secret not in text, table
    with connections["identity"].cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM identity_entry")
        assert cursor.fetchone()[0] >= 2


def test_a_vault_that_lacks_a_description_stops_nobody(register: Register) -> None:
    send(register, told("R1"))
    with connections["identity"].cursor() as cursor:
        cursor.execute("DELETE FROM identity_entry")
    assert register.context.knowledge is not None
    register.context.knowledge.forget()
    send(register, told("R2", given="Torhilde"))
    assert len(groups(persons())) == 2
    replay(register, clock)
    before = linked_state()
    send(register, told("R3", given="Torhilde"))
    assert before["links"] != [] or len(groups(persons())) == 2
