"""Who may do what, where and for what: every role × right × area × purpose against the table
`tests/spec/who_may_do_what.csv`, and places in places on days.

A cell says ``no``, or where: ``yes`` (it is about no place), ``own`` (what lies in the own area), ``country``
(every place), ``anywhere`` (the place does not matter); and after *for* what must be stated.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from varde.access.areas import COUNTRY, Area, area_of, check_area, contains
from varde.access.decisions import Refused, allows, opens, refusals
from varde.access.purposes import purposes
from varde.access.roles import role_file, roles

TABLE = Path(__file__).parents[1] / "spec" / "who_may_do_what.csv"
DAY = date(2026, 11, 26)
OWN = {
    "laboratory": "HER:1",
    "sender": "ENH:1",
    "county": "46",
    "municipality": "0301",
    "trust": "993467049",
    "practice": "praksis-1",
    "group": "gruppe-1",
    "institution": "hjem-1",
}
INSIDE = {
    "county": Area("municipality", "4601"),
    "municipality": Area("municipality", "0301"),
    "trust": Area("hospital", "974589095"),
}
OUTSIDE = {
    "laboratory": Area("laboratory", "HER:2"),
    "sender": Area("sender", "ENH:2"),
    "county": Area("municipality", "0301"),
    "municipality": Area("municipality", "4601"),
    "trust": Area("hospital", "974749025"),
    "practice": Area("practice", "praksis-2"),
    "group": Area("group", "gruppe-2"),
    "institution": Area("institution", "hjem-2"),
    "country": Area("municipality", "9999"),
    "none": Area("municipality", "0301"),
}


def user(role: str, area: str = "", signed_in: bool = True) -> Any:
    return SimpleNamespace(role=role, area=area, is_authenticated=signed_in)


def read_table() -> dict[str, dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row.pop("role"): row for row in csv.DictReader(file)}


def test_every_role_and_every_right_is_in_the_table() -> None:
    table = read_table()
    assert set(table) == set(roles())
    for row in table.values():
        assert set(row) == set(role_file().rights)


def places(kind: str) -> Iterator[tuple[str, Area | None]]:
    """Places by where they lie for one whose area is of a kind."""
    yield "own", Area(kind, OWN[kind]) if kind in OWN else COUNTRY  # type: ignore[arg-type]
    yield "own", INSIDE.get(kind, Area(kind, OWN[kind]) if kind in OWN else COUNTRY)  # type: ignore[arg-type]
    yield "elsewhere", OUTSIDE[kind]
    if kind == "country":
        yield "own", Area("municipality", "4601")
        yield "own", Area("hospital", "974589095")
    yield "unknown", None


@pytest.mark.parametrize("role", sorted(roles()))
def test_each_cell_is_what_the_table_says(role: str) -> None:
    kind = roles()[role].area_kind
    someone = user(role, OWN.get(kind, ""))
    for right, cell in read_table()[role].items():
        where, _, stated = cell.partition(" for ")
        needed = set(stated.split(" or ")) if stated else set()
        for lies, area in places(kind):
            for purpose in ("", "nonsense", *sorted(purposes())):
                fits = (
                    purpose in needed
                    if needed
                    else purpose == "" or purpose in roles()[role].purposes
                )
                here = where in ("yes", "anywhere") or (
                    where in ("own", "country") and lies == "own"
                )
                decision = allows(someone, right, area, purpose, DAY)  # type: ignore[arg-type]
                told = f"{role}, {right}, {lies} {area}, {purpose!r}: {cell}, {decision}"
                assert bool(decision) == (fits and here), told
                if not decision:
                    assert isinstance(decision, Refused)
                    assert decision.reason("nb") and decision.reason("en"), told
                    assert "{" not in decision.reason("nb") + decision.reason("en")


def test_one_without_area_may_do_nothing_that_is_about_a_place() -> None:
    for role, row in read_table().items():
        for right, cell in row.items():
            if cell.startswith("own"):
                purpose = cell.partition(" for ")[2].split(" or ")[0]
                place = OUTSIDE[roles()[role].area_kind]
                found = allows(user(role), right, place, purpose, DAY)  # type: ignore[arg-type]
                assert found == Refused("area-missing", right)


@pytest.mark.parametrize(
    ("someone", "code"),
    [
        (None, "not-signed-in"),
        (user("duty-officer", signed_in=False), "not-signed-in"),
        (user("gone"), "no-role"),
        (user(""), "no-role"),
    ],
)
def test_nobody_may_do_anything_without_a_role(someone: object, code: str) -> None:
    for right in role_file().rights:
        found = allows(someone, right, COUNTRY, "outbreak", DAY)
        assert isinstance(found, Refused) and found.code == code
    found = opens(someone, "quarantine")
    assert isinstance(found, Refused) and found.code == code


def test_a_refusal_says_what_and_where() -> None:
    doctor = user("municipal-doctor", "0301")
    found = allows(doctor, "open-event", Area("municipality", "4601"), "outbreak", DAY)
    assert isinstance(found, Refused)
    assert found.reason("nb") == "Du har bare lov å åpne en utbruddshendelse for egen kommune."
    assert (
        found.reason("en") == "You are allowed to open an outbreak event for own municipality only."
    )
    assert all(words.nb and words.en for words in refusals().values())


@pytest.mark.parametrize(
    ("outer", "inner", "day", "expected"),
    [
        (COUNTRY, Area("municipality", "4601"), DAY, True),
        (COUNTRY, Area("municipality", "9999"), DAY, False),
        (COUNTRY, Area("laboratory", ""), DAY, False),
        (Area("none"), Area("none"), DAY, False),
        (Area("municipality", "4601"), COUNTRY, DAY, False),
        (Area("county", "46"), Area("municipality", "4601"), DAY, True),
        (Area("county", "03"), Area("municipality", "4601"), DAY, False),
        # 3024 Bærum of Viken (30) became 3201 of Akershus (32) on 1 January 2024.
        (Area("county", "30"), Area("municipality", "3024"), date(2023, 12, 31), True),
        (Area("county", "30"), Area("municipality", "3024"), date(2024, 1, 1), False),
        (Area("county", "32"), Area("municipality", "3024"), date(2024, 1, 1), True),
        (Area("county", "32"), Area("municipality", "3201"), date(2023, 12, 31), False),
        (Area("municipality", "3201"), Area("municipality", "3024"), DAY, True),
        (Area("municipality", "3024"), Area("municipality", "3201"), DAY, True),
        # 1507 was split: its old number does not say which part is meant.
        (Area("municipality", "1508"), Area("municipality", "1507"), DAY, False),
        (Area("municipality", "1507"), Area("municipality", "1507"), DAY, False),
        (Area("trust", "993467049"), Area("hospital", "974589095"), DAY, True),
        (Area("trust", "993467049"), Area("hospital", "974749025"), DAY, False),
        (Area("trust", "993467049"), Area("hospital", "974589095"), date(2019, 1, 1), False),
        (Area("hospital", "974589095"), Area("trust", "993467049"), DAY, False),
        (Area("hospital", "974589095"), Area("hospital", "974589095"), DAY, True),
        (Area("trust", "OUS"), Area("trust", "OUS"), DAY, True),
        (Area("laboratory", "HER:1"), Area("laboratory", "HER:12"), DAY, False),
    ],
)
def test_places_lie_in_places_as_the_borders_are_on_the_day(
    outer: Area, inner: Area, day: date, expected: bool
) -> None:
    assert contains(outer, inner, day) is expected


def test_what_somebody_is_limited_to_follows_role_and_area() -> None:
    assert area_of(user("duty-officer")) == COUNTRY
    assert area_of(user("municipal-doctor", "0301")) == Area("municipality", "0301")
    for nothing in (user("municipal-doctor"), user("researcher", "0301"), user("gone", "0301")):
        assert area_of(nothing) is None


@pytest.mark.parametrize(
    ("role", "area", "said"),
    [
        ("municipal-doctor", "0301", ""),
        ("municipal-doctor", "", "limited to a municipality"),
        ("municipal-doctor", "9999", "no municipality '9999'"),
        ("duty-officer", "", ""),
        ("duty-officer", "0301", "has no area"),
        ("clinician", "993467049", ""),
    ],
)
def test_an_area_must_fit_the_role(role: str, area: str, said: str) -> None:
    found = check_area(roles()[role], area, DAY)
    assert said in found and bool(said) == bool(found)
