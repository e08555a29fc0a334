"""The number that a case is known by: under late evidence, merging and splitting, replays and other definitions."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from register.answers import answer, clock, make_register, send
from register.case_messages import ADA, BO, SALMONELLA, STOOL, notified
from varde.register import Gone, KnownCase, list_cases, read_case, replay
from varde.register.casework.numbers import Had, Held, Numbered, choose, note

DAY = date(2026, 1, 5)


def held(name: str, day: date = DAY) -> Held:
    return name.encode(), day


class Memory:
    """What evidence is remembered with, as the table has it."""

    def __init__(self) -> None:
        self.had: list[Had] = []

    def number(self, *cases: str | Sequence[Held], live: Sequence[int] = ()) -> list[int]:
        """Give cases their numbers and remember them. Each is a string of one-letter names, or held evidence."""
        return [one.number for one in self.choose(*cases, live=live)]

    def choose(self, *cases: str | Sequence[Held], live: Sequence[int] = ()) -> list[Numbered]:
        made = [frozenset(map(held, case) if isinstance(case, str) else case) for case in cases]
        names = {evidence for case in made for evidence, _ in case}
        known = [one for one in self.had if one.evidence in names]
        first_new = max((one.number for one in self.had), default=0) + 1
        found = choose(made, known, live, first_new)
        noted = note(made, found, known)
        now = {row: current for current, row in noted.changed}
        self.had = [one._replace(current=now.get(one.id, one.current)) for one in self.had]
        self.had += [Had(row, *fresh) for row, fresh in enumerate(noted.fresh, len(self.had) + 1)]
        return found


def test_late_evidence_takes_the_number_of_its_case() -> None:
    memory = Memory()
    assert memory.number("b") == [1]
    assert memory.number("ab") == [1]
    assert memory.number("a") == [1], "the first piece was withdrawn"
    assert memory.number("b") == [1], "and came back, and the other went"


def test_of_two_that_become_one_the_lower_stays_and_each_gets_its_own_back() -> None:
    memory = Memory()
    assert memory.number("b", "a") == [1, 2]
    assert memory.choose("ab") == [Numbered(1, (2,))]
    assert memory.number("abc") == [1]
    assert memory.number("a", "bc") == [2, 1]
    # Evidence that came while they were one goes with whichever it belongs to, and takes no number from the other.
    assert memory.number("ac", "b") == [2, 1]


def test_a_case_that_is_split_leaves_its_number_with_its_first_evidence() -> None:
    memory = Memory()
    assert memory.number("b") == [1]
    assert memory.number("ab") == [1]
    assert memory.choose("a", "b") == [Numbered(2, (1,)), Numbered(1, ())]
    assert memory.number("ab") == [1]
    assert memory.number("a", "b") == [2, 1]


def test_a_number_goes_with_evidence_whose_day_is_corrected() -> None:
    memory = Memory()
    assert memory.number([held("a", date(2026, 1, 5))]) == [1]
    assert memory.number([held("a", date(2026, 1, 7))]) == [1]
    # A report with two specimens, half a year apart: each day has its own.
    two = [[held("a", date(2026, 1, 7))], [held("a", date(2026, 8, 1))]]
    assert memory.number(*two) == [1, 2]
    earlier = [[held("a", date(2025, 3, 1))], *two]
    assert memory.number(*earlier) == [3, 1, 2]


def test_evidence_whose_day_is_corrected_takes_along_what_it_was() -> None:
    memory = Memory()
    other = held("b", date(2026, 1, 5))
    assert memory.number([held("a", date(2025, 3, 1))], [other]) == [1, 2]
    # Corrected, it is of the other's case.
    both = [held("a", date(2026, 1, 6)), other]
    for _ in range(2):
        assert memory.choose(both) == [Numbered(1, (2,))]


def test_a_number_that_another_person_has_is_not_taken() -> None:
    memory = Memory()
    assert memory.number("ab") == [1]
    assert memory.number("b", live=[1]) == [2]


PIECES = st.sets(st.sampled_from("abcdef"), min_size=1)


@given(
    st.lists(st.tuples(PIECES, st.integers(0, 3)), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_a_replay_gives_every_case_its_own_number(
    history: list[tuple[set[str], int]], chance: random.Random
) -> None:
    """Whatever came before, and however the cases are taken together when all are made anew."""
    memory = Memory()
    cases: list[str] = []
    numbers: list[Numbered] = []
    for pieces, cut in history:
        names = sorted(pieces)
        cases = [part for part in ("".join(names[:cut]), "".join(names[cut:])) if part]
        numbers = memory.choose(*cases)
        assert len({one.number for one in numbers}) == len(numbers)
    pairs = list(zip(cases, numbers, strict=True))
    chance.shuffle(pairs)
    before = list(memory.had)
    assert memory.choose(*(case for case, _ in pairs)) == [numbered for _, numbered in pairs]
    live: list[int] = []
    for case, numbered in pairs:
        assert memory.choose(case, live=live) == [numbered]
        live.append(numbered.number)
    assert memory.had == before


# --- in the register ------------------------------------------------------------------------------


def found(report: str, day: str, **more: object) -> bytes:
    """Salmonella found in somebody; an episode is 180 days."""
    about: dict[str, object] = {"message": f"M-{report}", "made": 1} | more
    return answer(report, organism=SALMONELLA, person=ADA, day=day, **STOOL, **about)  # type: ignore[arg-type]


P, Q, R = found("P", "2025-01-10"), found("Q", "2025-07-20"), found("R", "2025-03-01")
NO_P = found("P", "2025-01-10", message="M-P-c", service="C", made=2)
P_AGAIN = found("P", "2025-01-10", message="M-P-m", service="M", made=3)


def numbers() -> dict[str, int]:
    """First day → number."""
    return {str(case.first_day): case.number for case in list_cases()}


def known_as(number: int) -> tuple[int, ...]:
    case = read_case(number)
    assert isinstance(case, KnownCase)
    return case.known_as


@pytest.mark.django_db
def test_cases_merge_and_split_in_the_register() -> None:
    register = make_register()
    send(register, P, R)
    send(register, Q)
    assert numbers() == {"2025-01-10": 1, "2025-07-20": 2}
    # Without P, what R began reaches to Q.
    send(register, NO_P)
    assert numbers() == {"2025-03-01": 1}
    assert known_as(1) == (2,)
    assert read_case(2) == Gone(number=2, merged_into=1)
    send(register, P_AGAIN)
    assert numbers() == {"2025-01-10": 1, "2025-07-20": 2}
    assert known_as(1) == ()
    replay(register, clock)
    assert numbers() == {"2025-01-10": 1, "2025-07-20": 2}


@pytest.mark.django_db
def test_a_split_is_told() -> None:
    register = make_register()
    send(register, R)
    send(register, Q)
    assert numbers() == {"2025-03-01": 1}
    send(register, P)
    assert numbers() == {"2025-01-10": 1, "2025-07-20": 2}
    assert known_as(2) == (1,)


@pytest.mark.django_db
def test_what_is_left_of_a_number_is_told() -> None:
    register = make_register()
    send(register, P)
    assert read_case(7) is None
    send(register, NO_P)
    assert read_case(1) == Gone(number=1, merged_into=None)
    send(register, P_AGAIN)
    assert numbers() == {"2025-01-10": 1}


@pytest.mark.django_db
def test_a_number_is_never_given_to_another_case() -> None:
    register = make_register()
    send(register, P, NO_P)
    send(register, notified("Meslinger", person=BO, sampled="2025-12-05"))
    send(register, P_AGAIN)
    replay(register, clock)
    assert [(case.disease, case.number) for case in list_cases()] == [
        ("measles", 1),
        ("salmonellosis", 2),
    ]


@pytest.mark.django_db
def test_numbers_are_kept_without_saying_whose_they_are() -> None:
    send(make_register(), found("R1", "2025-01-10"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT evidence, CAST(day AS TEXT), number, current FROM register_casenumber"
        )
        [(evidence, day, number, current)] = cursor.fetchall()
    assert (len(bytes(evidence)), day, number, bool(current)) == (16, "2025-01-10", 1, True)
    assert b"R1" not in bytes(evidence)
