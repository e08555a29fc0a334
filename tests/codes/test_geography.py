"""Counts and sums of the published structure, and what becomes of an old number."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.codes import counties, municipalities, population, successor
from varde.codes.geography import all_municipalities, changes

NOW = date(2026, 1, 1)
THEN = date(2022, 6, 1)

# Published by Statistics Norway, 1 January 2026.
COUNTY_SUMS = {
    "03": 728_714,
    "11": 508_922,
    "15": 273_169,
    "18": 243_272,
    "31": 316_448,
    "32": 749_207,
    "33": 272_981,
    "34": 379_488,
    "39": 259_332,
    "40": 177_923,
    "42": 323_930,
    "46": 658_342,
    "50": 489_166,
    "55": 171_218,
    "56": 75_288,
}
MUNICIPALITY_SUMS = {
    "1151": 219,
    "4601": 294_860,
    "5001": 218_460,
    "1103": 151_669,
    "3201": 133_228,
}


def test_counts_of_both_structures() -> None:
    assert (len(municipalities(NOW)), len(counties(NOW))) == (357, 15)
    assert (len(municipalities(THEN)), len(counties(THEN))) == (356, 11)


def test_days_before_the_file_are_empty_not_wrong() -> None:
    assert not municipalities(date(2019, 12, 31))
    assert not counties(date(2019, 12, 31))


def test_the_last_day_of_a_structure_belongs_to_it() -> None:
    assert "3024" in municipalities(date(2023, 12, 31))
    assert "3024" not in municipalities(date(2024, 1, 1))
    assert "3201" not in municipalities(date(2023, 12, 31))
    assert "3201" in municipalities(date(2024, 1, 1))


def test_population_sums() -> None:
    by_county: Counter[str] = Counter()
    by_municipality: Counter[str] = Counter()
    for row in population():
        assert row.year == 2026
        by_county[municipalities(NOW)[row.municipality].county] += row.count
        by_municipality[row.municipality] += row.count
    assert by_county.total() == 5_627_400
    assert by_county == COUNTY_SUMS
    assert set(by_municipality) == set(municipalities(NOW))
    assert {number: by_municipality[number] for number in MUNICIPALITY_SUMS} == MUNICIPALITY_SUMS


def test_age_bands_cover_every_age_once() -> None:
    bands: dict[tuple[str, str], list[tuple[int, int | None]]] = {}
    for row in population():
        bands.setdefault((row.municipality, row.sex), []).append((row.age_low, row.age_high))
    assert len(bands) == 357 * 2
    for found in bands.values():
        found.sort()
        assert found[0][0] == 0
        assert found[-1][1] is None
        assert all(
            high is not None and high + 1 == low
            for (_, high), (low, _) in itertools.pairwise(found)
        )


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("3024", "3201"),  # Bærum
        ("3004", "3107"),  # Fredrikstad
        ("3807", "4003"),  # Skien
        ("5403", "5601"),  # Alta
        ("5401", "5501"),  # Tromsø
        ("0301", "0301"),  # Oslo never changed
        ("0219", "3201"),  # Bærum before 2020: two steps
        ("0720", "3907"),  # Stokke, since 2017 Sandefjord: three steps
        ("1612", "5055"),  # Hemne, 2018 and 2020
        ("1142", "1103"),  # Rennesøy became part of Stavanger, which kept its number
        ("1534", None),  # Haram before 2020 leads through 1507, which was split
        ("1850", None),  # Tysfjord, split in 2020
        ("1507", None),  # split in two
        ("9999", None),
        ("", None),
    ],
)
def test_successor_of_known_municipalities(number: str, expected: str | None) -> None:
    assert successor(number, NOW) == expected


def test_a_younger_number_has_no_successor_in_the_past() -> None:
    assert successor("3201", THEN) is None
    assert successor("3024", THEN) == "3024"
    assert successor("0219", THEN) == "3024"
    assert successor("1534", THEN) == "1507"


def test_every_number_that_ended_says_what_became_of_it() -> None:
    ended = {m.number for m in all_municipalities() if m.valid_to}
    assert ended <= set(changes())
    assert {number for number in ended if successor(number, NOW) is None} == {"1507"}


def test_the_reforms_of_2020_and_2024_are_complete() -> None:
    """Every municipality kept its number or has a predecessor; nothing appears from nowhere."""
    for number in municipalities(NOW):
        started = min(m.valid_from for m in all_municipalities() if m.number == number)
        assert started.year == 2020 or number in {
            c.new for rows in changes().values() for c in rows
        }
    led_to = {successor(old, THEN) for old in changes()}
    kept = set(municipalities(THEN)) - led_to
    assert len(kept) == 82
    assert {number[:2] for number in kept} == {"03", "11", "15", "18"}


def test_every_change_leads_to_a_number_that_exists() -> None:
    known = {m.number for m in all_municipalities()} | set(changes())
    for old, rows in changes().items():
        for change in rows:
            at_once = change.on < date(2020, 1, 1) or change.new in municipalities(change.on)
            assert change.new in known and at_once, f"{old} leads to {change.new}, which is nowhere"


@given(number=st.text(max_size=6), on=st.dates())
def test_successor_is_valid_on_the_day_or_none(number: str, on: date) -> None:
    found = successor(number, on)
    assert found is None or found in municipalities(on)


@given(number=st.sampled_from(sorted(changes())), on=st.dates(min_value=date(2020, 1, 1)))
def test_successor_agrees_with_following_the_rows(number: str, on: date) -> None:
    expected: str | None = number
    while expected is not None and expected not in municipalities(on):
        following = [c.new for c in changes().get(expected, ()) if c.on <= on]
        expected = following[0] if len(following) == 1 else None
    assert successor(number, on) == expected
