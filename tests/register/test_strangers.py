"""Two people are not made one by what they share: a laboratory's number, a number on the wrong form, a wrong change of
number; and what was taken for one and is not, leaves nothing behind."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messages.numbers import make_number
from register.answers import clock, send
from register.case_messages import SALMONELLA
from register.told import (
    groups,
    linked_register,
    linked_state,
    only,
    persons,
    told,
    unlogged,
)
from varde.register import (
    CannotDecide,
    decide_question,
    find_person,
    join_persons,
    list_cases,
    list_questions,
    list_rulings,
    part_person,
    read_case,
    replay,
    take_changes,
    undo_decision,
)
from varde.register.opening import Register

pytestmark = pytest.mark.django_db

BORN = date(1980, 5, 17)
FNR, OTHER, *_ = (n for serial in range(100, 200, 2) if (n := make_number(BORN, serial)))
DNR = next(n for serial in range(100, 200, 2) if (n := make_number(BORN, serial, day=40)))
BY: dict[str, Any] = {
    "by": "ida",
    "purpose": "surveillance",
    "reason": "samme adresse",
    "at": clock(),
    "log": unlogged,
}
SICK = {"organism": SALMONELLA, "free": "Feces"}
NILS = {"family": "Haugen", "given": "Nils", "born": "1950-01-01", "sex": "1"}
EVA = {"family": "Lie", "given": "Eva", "born": "1990-09-09", "sex": "2"}
TOR = {"family": "Bø", "given": "Tor", "born": "2001-09-09", "sex": "1"}


@pytest.fixture
def register() -> Register:
    return linked_register()


@pytest.mark.parametrize("number", ["1", "ANON", "XXX", "X1", "0000", "4711"])
def test_a_laboratorys_number_makes_three_people_no_one(register: Register, number: str) -> None:
    own = {"number": number, "kind": "XXX", **SICK}
    send(register, told("R1", **NILS, **own), told("R2", **EVA, **own), told("R3", **TOR, **own))
    assert len(groups(persons())) == 3
    assert len(list_cases()) == 3
    replay(register, clock)
    assert len(groups(persons())) == 3


def test_what_only_stands_where_a_number_would_finds_nobody(register: Register) -> None:
    nobody = {"family": "", "given": "", "number": "ANON", "kind": "XXX"}
    send(register, told("R1", **nobody), told("R2", **nobody))
    assert set(persons().values()) == {""}
    known = nobody | {"number": "4711"}
    send(register, told("R3", **known), told("R4", **known))
    assert groups(persons()) == {frozenset(("R3", "R4"))}


PEOPLE = st.fixed_dictionaries(
    {
        "family": st.sampled_from(["Haugen", "Lie", "Bø", ""]),
        "given": st.sampled_from(["Nils", "Eva", "Tor", ""]),
        "born": st.sampled_from(["1950-01-01", "1990-09-09", "2001-09-09", None]),
        "sex": st.sampled_from(["1", "2", None]),
        "number": st.sampled_from(["1", "17", "4711"]),
    }
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(PEOPLE, min_size=2, max_size=6))
def test_whom_nothing_links_is_not_one_person(people: list[dict[str, Any]]) -> None:
    from django.db import transaction

    with transaction.atomic():
        register = linked_register()
        send(register, *(told(f"R{n}", kind="XXX", **one) for n, one in enumerate(people)))
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, person FROM register_node")
            person_of = dict(cursor.fetchall())
            cursor.execute("SELECT node, other FROM register_nodelink WHERE kind <> 0")
            links = cursor.fetchall()
        reached = {node: {node} for node in person_of}
        for one, other in links:
            if person_of[one] == person_of[other]:
                together = reached[one] | reached[other]
                for node in together:
                    reached[node] = together
        for one, person in person_of.items():
            for other in person_of:
                assert (person_of[other] == person) == (other in reached[one])
        transaction.set_rollback(True)


def test_two_names_under_one_number_are_asked_about_and_found_by_it(register: Register) -> None:
    send(
        register,
        told("R1", family="Dahl", given="Grete", number=FNR, **SICK),
        told("R2", family="Vik", given="Tone", number=FNR, her="91844", **SICK),
        told("R3", family="Solheim", given="Grete", number=FNR, **SICK),
    )
    asked = only(list_questions())
    assert asked.reason == "contradicted-number"
    # A name that a marriage changed is no question.
    assert groups(persons()) == {frozenset(("R1", "R3")), frozenset(("R2",))}
    assert len(list_cases()) == 2
    found = find_person(FNR, register.context.pseudonym)
    assert found is not None and len(found.ids) == 2, "nothing is missing for whoever asks"
    before = linked_state()
    number = decide_question(register, asked.number, same=True, **BY)
    assert len(groups(persons())) == len(list_cases()) == 1
    undo_decision(register, number, **BY)
    assert linked_state() == before


def changes(register: Register, *rows: str) -> Any:
    data = "\n".join(("what;old;new;day;source", *rows, "")).encode()
    return take_changes(register, data, clock(), clock().date())


TO_ONE, TO_OTHER = f"changed;{DNR};{FNR};2025-12-01;A", f"changed;{DNR};{OTHER};2025-12-02;A"


@pytest.mark.parametrize("order", [(TO_ONE, TO_OTHER), (TO_OTHER, TO_ONE)])
@pytest.mark.parametrize("together", [True, False])
def test_changes_that_contradict_each_other_join_nobody(
    register: Register, order: tuple[str, str], together: bool
) -> None:
    send(
        register,
        told("R0", number=DNR, **SICK),
        told("R1", number=FNR, **SICK),
        told("R2", number=OTHER, family="Nordmann", given="Kari", **SICK),
    )
    if together:
        taken = changes(register, *order)
        assert [(one.line, one.fault) for one in taken.refused] == [
            (2, "contradicts-change"),
            (3, "contradicts-change"),
        ]
    else:
        assert changes(register, order[0]).refused == ()
        assert only(changes(register, order[1]).refused).fault == "contradicts-change"
    assert len(groups(persons())) == len(list_cases()) == 3
    questions = list_questions()
    assert {one.reason for one in questions} == {"contradicted-change"}
    assert len(questions) == 2
    state = linked_state()
    replay(register, clock)
    assert linked_state() == state
    assert changes(register, *order).moved == 0
    # The wrong one taken back gives the right one its effect.
    changes(register, f"split;{DNR};{OTHER};2025-12-03;A")
    assert groups(persons()) == {frozenset(("R0", "R1")), frozenset(("R2",))}
    assert list_questions() == []


def test_a_national_number_that_became_another_contradicts_nothing(register: Register) -> None:
    taken = changes(register, TO_ONE, TO_OTHER, f"changed;{FNR};{OTHER};2025-12-03;A")
    assert taken.refused == ()
    send(register, told("R1", number=FNR), told("R2", number=OTHER))
    assert len(groups(persons())) == 1


def test_two_days_of_one_death_are_told(register: Register) -> None:
    first, second = f"died;{FNR};;2025-12-01;A", f"died;{FNR};;2025-12-04;A"
    assert changes(register, first).refused == ()
    assert changes(register, first).refused == ()
    assert only(changes(register, second).refused).fault == "contradicts-death"


def whole() -> dict[str, list[str]]:
    """Every row of the register as it stands, ids too, but for what is only ever added to."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            kept = ("register_ruling", "register_casechange", "register_period", "register_person")
            if table.startswith("register_") and table not in kept:
                cursor.execute(f"SELECT * FROM {table}")
                found[table] = sorted(
                    repr([bytes(v) if isinstance(v, memoryview) else v for v in row])
                    for row in cursor.fetchall()
                )
    return found


NEWBORN = {"family": "Vik", "born": "2025-12-01", "sex": "1", "phone": "92222222", **SICK}


def baby(register: Register) -> int:
    """A newborn without name, perhaps Emil: each has a case, and the register asks."""
    send(register, told("B1", given="Nyfødt", **NEWBORN))
    send(register, told("B2", given="Emil", number=make_number(date(2025, 12, 1), 501), **NEWBORN))
    return only(list_questions()).number


def test_undoing_a_decision_leaves_every_row_as_it_was(register: Register) -> None:
    asked = baby(register)
    before = whole()
    number = decide_question(register, asked, same=True, **BY)
    assert len(list_cases()) == 1
    undo_decision(register, number, **BY)
    assert whole() == before


def test_a_case_number_does_not_lead_to_another_person_when_a_decision_was_undone(
    register: Register,
) -> None:
    asked = baby(register)
    first, second = (case.number for case in sorted(list_cases(), key=lambda one: one.number))
    number = decide_question(register, asked, same=True, **BY)
    # More comes while they are taken for one.
    emil = {"given": "Emil", "number": make_number(date(2025, 12, 1), 501), **NEWBORN}
    send(register, told("B3", her="91844", **emil))
    undo_decision(register, number, **BY)
    assert {case.number for case in list_cases()} == {first, second}
    assert read_case(second).known_as == ()  # type: ignore[union-attr]
    send(register, told("B1", made=2, service="C", **NEWBORN))
    gone = read_case(first)
    assert gone is not None and getattr(gone, "merged_into", 0) is None


def test_a_person_is_taken_apart_by_decision_whatever_joined_them(register: Register) -> None:
    grete = {"family": "Dahl", "given": "Grete", "number": FNR, **SICK}
    send(register, told("R1", **grete), told("R2", phone="11223344", **grete))
    send(register, told("R3", her="91844", born="1980-05-17", postal="7010", **grete))
    before, state = linked_state(), whole()
    assert len(groups(persons())) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT n.person, n.hash FROM register_node n")
        rows = cursor.fetchall()
        cursor.execute(
            "SELECT n.hash FROM register_report r JOIN register_node n ON n.id = r.node "
            "WHERE r.report_ref = 'R3'"
        )
        wrong = bytes(cursor.fetchone()[0])
    place = sorted(bytes(hash_) for _, hash_ in rows).index(wrong) + 1
    number = part_person(register, rows[0][0], [place], **BY)
    assert groups(persons()) == {frozenset(("R1", "R2")), frozenset(("R3",))}
    assert len(list_cases()) == 2 and list_questions() == []
    decided = linked_state()
    replay(register, clock)
    assert linked_state() == decided
    undo_decision(register, number, **BY)
    assert linked_state() == before
    assert whole().keys() == state.keys()


def test_two_persons_are_joined_by_decision_and_stay_so_for_what_comes(register: Register) -> None:
    send(register, told("R1", number=FNR, **SICK), told("R2", number=OTHER, given="Kari", **SICK))
    before = whole()
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT person FROM register_node ORDER BY 1")
        first, second = (row[0] for row in cursor.fetchall())
    number = join_persons(register, first, second, **BY)
    assert len(groups(persons())) == len(list_cases()) == 1
    undo_decision(register, number, **BY)
    assert whole() == before
    number = join_persons(register, first, second, **BY)
    send(register, told("R3", number=FNR, phone="11223344", **SICK))
    assert len(groups(persons())) == 1
    with pytest.raises(CannotDecide, match="one person already"):
        join_persons(register, first, first, **BY)
    with pytest.raises(CannotDecide, match="no person 99"):
        part_person(register, 99, [1], **BY)


def test_numbers_in_a_reason_are_masked_and_an_answered_question_says_by_what(
    register: Register,
) -> None:
    asked = baby(register)
    said = BY | {"reason": "mor bekrefter 01019012345"}
    number = decide_question(register, asked, same=True, **said)
    assert only(list_rulings(9)).reason == "mor bekrefter ••••••"
    with pytest.raises(CannotDecide, match=f"by decision {number}"):
        decide_question(register, asked, same=False, **BY)
