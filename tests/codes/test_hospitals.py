"""Hospitals: every number has its check digit, and what is written in many ways is one; what is not told apart is None."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from typing import Any

import pytest

from varde.codes import find_hospital, hospitals, municipalities, successor, trusts

DAY = date(2026, 11, 1)
ULLEVAAL, HAUKELAND = "974589095", "974557746"


def has_check_digit(number: str) -> bool:
    total = sum(
        int(digit) * weight for digit, weight in zip(number, (3, 2, 7, 6, 5, 4, 3, 2), strict=False)
    )
    return (11 - total % 11) % 11 == int(number[8])


def test_every_number_has_its_check_digit_and_every_hospital_lies_somewhere() -> None:
    assert all(map(has_check_digit, [*hospitals(DAY), *trusts(DAY)]))
    for one in hospitals(DAY).values():
        assert successor(one.municipality, DAY) in municipalities(DAY), one
        assert one.trust in trusts(DAY)


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("Haukeland universitetssjukehus", HAUKELAND),
        ("HAUKELAND UNIVERSITETSSYKEHUS - Barneklinikken", HAUKELAND),
        ("Helse Bergen HF, Haukeland, Medisinsk avdeling", HAUKELAND),
        ("Ullevål, Akuttmottak", ULLEVAAL),
        ("Ullevål-Akuttmottak", ULLEVAAL),
        ("Medisinsk avdeling, Ullevål", ULLEVAAL),
        ("Ullevål sykehus akuttmottak", ULLEVAAL),
        ("Oslo universitetssykehus HF, Medisin, Rikshospitalet", "874716782"),
        (f"ENH:{ULLEVAAL}", ULLEVAAL),
        ("Ålesund sjukehus", "974747138"),
        ("Stavanger universitetssjukehus", "974703300"),
    ],
)
def test_a_hospital_is_known_however_it_is_written(word: str, number: str) -> None:
    found = find_hospital(word, DAY)
    assert found is not None and found.number == number


@pytest.mark.parametrize(
    ("word", "trust"),
    [
        ("Ahus", "983971636"),
        ("UNN", "983974899"),
        ("St. Olavs Hospital HF", "883974832"),
        ("OUS", "993467049"),
    ],
)
def test_a_trust_is_known_by_its_name(word: str, trust: str) -> None:
    found = find_hospital(word, DAY)
    assert found is not None and found.trust == trust


@pytest.mark.parametrize(
    "word",
    [
        "",
        "Medisinsk avdeling",
        "Haukeland legesenter",
        "Ullevål / Haukeland",
        "HER:12",
        "Bergen legevakt",
    ],
)
def test_what_names_none_or_two_is_unknown(word: str) -> None:
    assert find_hospital(word, DAY) is None


def test_a_site_says_what_a_word_means_only_where_the_tables_do_not() -> None:
    mapped = {"kirurgen bygg 9": HAUKELAND, "ullevål": HAUKELAND}
    found = find_hospital("Kirurgen, bygg 9", DAY, mapped)
    assert found is not None and found.number == HAUKELAND
    known = find_hospital("Ullevål", DAY, mapped)
    assert known is not None and known.number == ULLEVAAL


def test_municipalities_are_those_of_the_day() -> None:
    before, after = (find_hospital("Ålesund sjukehus", day) for day in (date(2023, 6, 1), DAY))
    assert before is not None and before.municipality == "1507"
    assert after is not None and after.municipality == "1508"


def test_names_are_compared_anew_only_where_the_tables_change() -> None:
    module: Any = sys.modules["varde.codes.hospitals"]
    module._by_name.cache_clear()
    module._find.cache_clear()
    for days in range(300):
        assert find_hospital("Haukeland", DAY + timedelta(days)) is not None
    assert module._by_name.cache_info().misses == 1
    changes = module._changes()
    for change in changes[1 :: max(1, len(changes) // 8)]:
        for day in (change - timedelta(1), change, change + timedelta(1)):
            assert module._by_name(module._since(day)) == module._by_name.__wrapped__(day), day
