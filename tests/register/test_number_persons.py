"""A case's number never leads from one person to another: reports whose newer version is about somebody else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from messages import klinikermelding_builder as form
from messages.numbers import make_number
from register.answers import NOW, answer, clock, make_register, send
from register.case_messages import ADA, BO, CLEO, OFFICE, SALMONELLA, STOOL, notified
from register.told import linked_register
from varde.register import changes_after, list_cases, reclassify, replay, take_changes
from varde.register.models import Case

pytestmark = pytest.mark.django_db

BORN = date(1980, 2, 14)
FNR, OTHER, *_ = (n for serial in range(100, 200, 2) if (n := make_number(BORN, serial)))
DNR = next(n for serial in range(100, 200, 2) if (n := make_number(BORN, serial, day=40)))


def changes(last: int = 0) -> list[tuple[str, int]]:
    return [(one.change.what, one.change.number) for one in changes_after(last)]


def cases() -> list[tuple[str, int]]:
    return sorted((case.disease, case.number) for case in list_cases())


def measles(made: int, type: str = "N", **patient: Any) -> bytes:
    """One version of the form PX, about whoever is described so."""
    return form.write(
        form.form(
            melding=form.envelope(
                id=f"PX-{made}",
                nummer="PX",
                tidspunkt=f"2026-01-{made:02d}T10:00:00+01:00",
                type=type,
                avsender={"herId": OFFICE, "navn": "Fjordby legekontor"},
            ),
            pasient={"fodselsnummer": None, "kjonn": None} | patient,
            diagnoseforhold={
                "diagnose": {"beskrivelse": "Meslinger"},
                "provedato": None,
                "innsykningsdato": "2026-01-02",
            },
            rekvirent={"hprNummer": "9999999", "herId": OFFICE},
        )
    )


def named(given: str, family: str, born: str = "1980-02-14", **more: Any) -> dict[str, Any]:
    return {"fornavn": given, "etternavn": family, "fodselsdato": born} | more


A = {"fodselsnummer": ADA}
B = {"fodselsnummer": BO}
OLA = named("Ola", "Bakketun")
ANOTHER: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "two national numbers": (A, B),
    "two national numbers, one name": (A | {"fornavn": "Kari"}, B | {"fornavn": "Kari"}),
    "a number, and a name of another day": (A, named("Ola", "Bakketun", "1961-03-04")),
    "twins": (
        OLA | {"fodselsnummer": FNR},
        named("Per", "Bakketun") | {"fodselsnummer": OTHER},
    ),
    "two names": (OLA, named("Kristin", "Overland", "1991-11-04")),
}
SAME: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing about whom": (A, A | {"telefon": "90000001"}),
    "a number that was not said": (OLA, OLA | {"fodselsnummer": FNR}),
    "a number for somebody of whom nothing was said": ({"fodselsdato": None}, A),
    "a number for a D number": ({"fodselsnummer": DNR} | OLA, {"fodselsnummer": FNR} | OLA),
    "a number for a D number, and no name": ({"fodselsnummer": DNR}, {"fodselsnummer": FNR}),
    "no number any more": (OLA | {"fodselsnummer": FNR}, OLA),
    "nothing about whom any more": (A, {"fodselsdato": None}),
    "another name under the same number": (
        A | {"fornavn": "Ola", "etternavn": "Bakketun"},
        A | {"fornavn": "Kristin", "etternavn": "Overland"},
    ),
    "a name for an initial and nothing else": (
        {"fornavn": "O", "fodselsdato": None},
        {"fornavn": "Ola", "fodselsdato": None, "telefon": "90000001"},
    ),
    "a slip in the name": (OLA, named("Ola", "Baketun")),
    "a slip in the day": (OLA, named("Ola", "Bakketun", "1980-02-24")),
    "a name beside the number": (A, A | {"fornavn": "Ola", "etternavn": "Bakketun"}),
    "married": (
        A | {"fornavn": "Ola", "etternavn": "Bakketun"},
        A | {"fornavn": "Ola", "etternavn": "Overland"},
    ),
}


@pytest.mark.parametrize("what", ANOTHER)
def test_another_person_under_the_same_number_is_another_case(what: str) -> None:
    first, second = ANOTHER[what]
    register = linked_register()
    send(register, measles(5, **first))
    assert cases() == [("measles", 1)]
    send(register, measles(6, "M", **second))
    assert cases() == [("measles", 2)]
    assert changes() == [("new", 1), ("gone", 1), ("new", 2)] or changes() == [
        ("new", 1),
        ("new", 2),
        ("gone", 1),
    ]
    # The next version about the same person is the same case, and a replay knows no more than that.
    send(register, measles(7, "M", **second, bosted=form.coded("0301", "", 80006)))
    replay(register, clock)
    reclassify(register)
    assert cases() == [("measles", 2)]
    assert [one for one in changes(3) if one[0] != "changed"] == []


@pytest.mark.parametrize("what", SAME)
def test_the_same_person_keeps_the_case(what: str) -> None:
    first, second = SAME[what]
    register = linked_register()
    send(register, measles(5, **first))
    send(register, measles(6, "M", **second))
    replay(register, clock)
    assert cases() == [("measles", 1)]
    assert [one[0] for one in changes() if one[0] != "changed"] == ["new"]


BETWEEN: list[dict[str, Any]] = [
    {"fodselsdato": None},
    {"fornavn": "K", "fodselsdato": None},
    # A name and nothing else, which could be of either.
    {"fornavn": "Ola", "etternavn": "Bakketun", "fodselsdato": None},
]


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("type", ["M", "C"])
def test_a_version_between_that_is_about_nobody_hides_nothing(
    between: dict[str, Any], type: str
) -> None:
    register = linked_register()
    send(register, measles(5, **A))
    send(register, measles(6, type, **between))
    send(register, measles(7, "M", **B))
    assert [number for _, number in cases()] == [2]


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("type", ["M", "C"])
def test_whoever_comes_back_after_a_version_about_nobody_has_the_case_again(
    between: dict[str, Any], type: str
) -> None:
    register = linked_register()
    send(register, measles(5, **A))
    send(register, measles(6, type, **between))
    send(register, measles(7, "M", **A))
    assert cases() == [("measles", 1)]


def test_what_comes_back_to_the_first_person_gets_its_first_number() -> None:
    register = linked_register()
    send(register, measles(5, **A))
    send(register, measles(6, "M", **B))
    send(register, measles(7, "M", **A))
    assert cases() == [("measles", 1)]
    replay(register, clock)
    assert cases() == [("measles", 1)]


def test_other_evidence_keeps_the_number_and_the_other_persons_case_keeps_its_own() -> None:
    register = linked_register()
    send(register, measles(5, **A))
    send(register, notified("Meslinger", "A2", person=ADA, onset="2026-01-03"))
    send(register, notified("Meslinger", "B2", person=BO, onset="2026-01-03"))
    assert cases() == [("measles", 1), ("measles", 2)]
    send(register, measles(6, "M", **B))
    assert cases() == [("measles", 1), ("measles", 2)]
    replay(register, clock)
    assert cases() == [("measles", 1), ("measles", 2)]
    # The last of it goes: the first person's number is not the other's.
    send(register, notified("Meslinger", "A2", person=BO, onset="2026-01-03", made=8, type="M"))
    assert cases() == [("measles", 2)]
    assert changes()[-1] in (("gone", 1), ("changed", 2))
    assert ("merged", 1) not in changes()


def test_both_known_before_by_other_forms() -> None:
    register = linked_register()
    send(register, notified("Kikhoste", "K1", person=ADA), notified("Kikhoste", "K2", person=BO))
    send(register, measles(5, **A))
    send(register, measles(6, "M", **B))
    assert [one for one in cases() if one[0] == "measles"] == [("measles", 4)]


def test_another_disease_meanwhile_hides_nothing() -> None:
    register = linked_register()
    send(register, measles(5, **A))
    send(register, notified("Kikhoste", "PX", person=BO, made=6, type="M"))
    send(register, measles(7, "M", **B))
    assert [one for one in cases() if one[0] == "measles"] == [("measles", 3)]


def test_an_answer_with_another_number_too() -> None:
    register = linked_register()
    about = {"organism": SALMONELLA, "mark": "MSIS-M", **STOOL}
    send(register, answer("R1", "M1", person=ADA, **about))
    send(register, answer("R1", "M2", person=BO, made=2, service="M", **about))
    assert cases() == [("salmonellosis", 2)]
    send(register, answer("R1", "M3", person=BO, made=3, service="M", municipality="0301", **about))
    assert cases() == [("salmonellosis", 2)]


def test_a_change_of_number_that_somebody_vouches_for_is_the_same_person() -> None:
    register = linked_register()
    row = f"changed,{FNR},{OTHER},2026-01-01,Folkeregisteret"
    take_changes(register, f"what,old,new,day,source\n{row}\n".encode(), NOW, NOW.date())
    send(register, measles(5, fodselsnummer=FNR))
    send(register, measles(6, "M", fodselsnummer=OTHER))
    assert cases() == [("measles", 1)]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_any_order_gives_the_same_cases_and_no_number_is_of_two(order: tuple[int, ...]) -> None:
    """What is told of each number is about one person, whatever came first."""
    files = [
        measles(5, **A),
        measles(6, "M", **B),
        notified("Meslinger", "A2", person=ADA, onset="2026-01-03"),
        notified("Meslinger", "C1", person=CLEO, onset="2026-01-03"),
    ]
    register = linked_register()
    whose: dict[int, set[int | None]] = defaultdict(set)
    for place in order:
        send(register, files[place])
        for case in Case.objects.all():
            whose[case.id].add(case.person)
    assert {len(persons) for persons in whose.values()} == {1}
    assert Case.objects.count() == 3
    before = cases()
    replay(register, clock)
    assert cases() == before


def test_where_nobody_is_linked_another_number_is_another_person() -> None:
    register = make_register()
    send(register, measles(5, **A), measles(6, "M", fodselsdato=None))
    send(register, measles(5, **A))
    send(register, measles(7, "M", **B))
    send(register, measles(8, "M", fodselsdato=None))
    before = cases()
    send(register, measles(9, "M", **A))
    assert before != cases()
