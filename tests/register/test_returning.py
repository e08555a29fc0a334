"""A report that is written over with another person and comes back is the case that it was."""

from __future__ import annotations

import pytest

from register.answers import PERSONS, answer, clock, make_register, send
from register.case_messages import SALMONELLA, STOOL
from register.told import linked_register
from varde.register import list_cases, replay

pytestmark = pytest.mark.django_db

ADA, BO, CLEO = PERSONS


def said(person: str, made: int, **more: object) -> bytes:
    return answer(
        "R1",
        f"M{made}",
        organism=SALMONELLA,
        person=person,
        made=made,
        service="M" if made > 1 else "N",
        **STOOL | more,
    )  # type: ignore[arg-type]


@pytest.mark.parametrize("make", [make_register, linked_register])
def test_it_gets_its_first_number_back_and_so_does_the_other(make: object) -> None:
    register = make()  # type: ignore[operator]
    numbers = []
    for made, person in enumerate([ADA, BO, ADA, BO, CLEO, ADA], 1):
        send(register, said(person, made))
        [case] = list_cases()
        numbers.append(case.number)
        replay(register, clock)
        assert [one.number for one in list_cases()] == [case.number]
    assert numbers == [1, 2, 1, 2, 3, 1]


def test_another_case_of_the_first_person_keeps_its_own() -> None:
    register = make_register()
    other = answer("R2", "M-2", organism=SALMONELLA, person=ADA, day="2025-02-01", **STOOL)  # type: ignore[arg-type]
    send(register, said(ADA, 1), other)
    before = {str(one.first_day): one.number for one in list_cases()}
    send(register, said(BO, 2))
    send(register, said(ADA, 3))
    assert {str(one.first_day): one.number for one in list_cases()} == before


def test_whom_only_a_birth_date_tells_from_others_gets_no_number_back() -> None:
    """Two people may share it: a number must not come to another."""
    from register.told import told

    register = linked_register()
    about = {"number": "4711", "kind": "XXX", "organism": SALMONELLA, "free": "Feces"}
    nils = {"family": "Haugen", "given": "Nils", "born": "1950-01-01", "sex": "1"}
    eva = {"family": "Lie", "given": "Eva", "born": "1990-09-09", "sex": "2"}
    tor = {"family": "Bø", "given": "Tor", "born": "1950-01-01", "sex": "1"}
    numbers = []
    for made, who in enumerate([nils, eva, tor], 1):
        send(register, told("R1", **who, **about, message=f"M{made}", made=made, service="M"))
        numbers.append(list_cases()[0].number)
    assert numbers == [1, 2, 3]
