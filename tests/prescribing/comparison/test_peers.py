"""Who is similar: bands, the least numbers, widening, and the rules' file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.codes import CodeFileError
from varde.prescribing.comparison import Circle, NoPeers, Peers, Profile, name_stay, rules
from varde.prescribing.comparison.peers import sign
from varde.prescribing.comparison.rules import FILE, read_rules

GP = Profile(
    unit="1",
    kind="prescriber",
    role="gp",
    municipality="0301",
    county="03",
    activity=3300,
    elderly=0.14,
    children=0.1,
)


def doctors(count: int, start: int = 1, **other: object) -> list[Profile]:
    return [replace(GP, unit=str(start + n), **other) for n in range(count)]  # type: ignore[arg-type]


def find(profiles: list[Profile], unit: str = "1", **sizes: float) -> Circle | NoPeers:
    denominator = {one.unit: 100.0 for one in profiles} | {k[1:]: v for k, v in sizes.items()}
    return Peers(profiles).find(denominator, "municipality")[unit]


def test_eleven_of_a_municipality() -> None:
    found = find(doctors(11))
    assert isinstance(found, Circle)
    assert (found.area, found.place, found.widened) == ("municipality", "0301", ())
    assert len(found.members) == 11


def test_ten_are_too_few_beside_oneself() -> None:
    found = find(doctors(10) + doctors(1, 50, municipality="0302"))
    assert isinstance(found, Circle)
    assert (found.area, found.place) == ("county", "03")
    assert found.widened == (("municipality", "too-few-units"),)


def test_who_has_no_denominator_needs_ten_and_is_not_among_them() -> None:
    found = find(doctors(11), _1=0.0)
    assert isinstance(found, Circle)
    assert "1" not in found.members
    assert find(doctors(10), _1=0.0) == NoPeers(
        "too-few-units", tuple((area, "too-few-units") for area in rules().comparator.areas)
    )


def test_one_that_has_most_widens() -> None:
    home, away = doctors(12), doctors(20, 50, municipality="1103", county="11")
    found = find(home + away, _5=1101.0)
    assert isinstance(found, Circle)
    assert found.area == "country"
    assert found.widened == (("municipality", "one-dominates"), ("county", "one-dominates"))
    assert isinstance(find(home + away, _5=1000.0), Circle)
    # Half of all, but more than half of what is left when the reader's own is taken away.
    found = find(home, _5=1050.0)
    assert isinstance(found, NoPeers)
    assert found.reason == "one-dominates"
    # The own may not be most either.
    assert isinstance(find(home, _1=1101.0), NoPeers)


@pytest.mark.parametrize(
    "other",
    [
        {"role": "out-of-hours"},
        {"activity": 1000},
        {"elderly": 0.3},
        {"children": 0.01},
        {"activity": None},
    ],
)
def test_only_the_similar(other: dict[str, object]) -> None:
    found = find(doctors(11) + doctors(30, 50, **other))
    assert isinstance(found, Circle)
    assert len(found.members) == 11


def test_unknown_and_unruled() -> None:
    assert sign(replace(GP, activity=None)) == NoPeers("unknown-profile")
    assert sign(replace(GP, kind="hospital")) == NoPeers("no-rule")
    # What a rule does not ask for may be unknown.
    assert sign(replace(GP, role="out-of-hours", elderly=None)) == (
        "prescriber",
        "out-of-hours",
        "2" if GP.activity and GP.activity < 1200 else "3",
    )


def test_a_unit_that_is_in_no_municipality_is_asked_for_in_the_country() -> None:
    found = find(doctors(12, municipality="", county=""))
    assert isinstance(found, Circle)
    assert (found.area, found.place, found.widened) == ("country", "", ())


@pytest.mark.parametrize(
    ("short", "long", "name"),
    [
        (0, 100, "long-stay"),
        (19.9, 80.1, "long-stay"),
        (20, 80, "long-stay"),
        (20.1, 79.9, "mixed"),
        (79.9, 20.1, "mixed"),
        (80, 20, "short-stay"),
        (100, 0, "short-stay"),
        (0, 0, None),
    ],
)
def test_nursing_homes_by_stay(short: float, long: float, name: str | None) -> None:
    assert name_stay(short, long) == name


def test_two_profiles_of_one_unit() -> None:
    with pytest.raises(ValueError, match="two profiles"):
        Peers([GP, GP])


def plain_find(
    profiles: list[Profile], denominator: dict[str, float], unit: Profile, start: int
) -> tuple[str, list[str]] | None:
    """Each unit asked about each other, area by area."""
    steps = {"activity": [1600, 3200, 4800], "elderly": [0.09, 0.19], "children": [0.07, 0.13]}

    def band(one: Profile) -> list[int]:
        return [sum(getattr(one, key) >= step for step in by) for key, by in steps.items()]

    for area in ("municipality", "county", "country")[start:]:
        if area != "country" and not getattr(unit, area):
            continue
        members = [
            one.unit
            for one in profiles
            if band(one) == band(unit)
            and denominator.get(one.unit, 0) > 0
            and (area == "country" or getattr(one, area) == getattr(unit, area))
        ]
        others = [denominator[one] for one in members if one != unit.unit]
        total = sum(denominator[one] for one in members)
        if (
            len(others) >= 10
            and 2 * max(others) <= sum(others)
            and 2 * max(denominator[one] for one in members) <= total
        ):
            return area, sorted(members)
    return None


@given(
    st.lists(
        st.tuples(
            st.sampled_from([1000.0, 1600.0, 3300.0]),
            st.sampled_from([0.05, 0.15]),
            st.sampled_from(["0301", "1103", "1108", ""]),
            st.sampled_from([0.0, 5.0, 9.0, 10.0, 120.0]),
        ),
        min_size=1,
        max_size=60,
    ),
    st.integers(0, 2),
)
def test_it_is_what_asking_each_gives(
    rows: list[tuple[float, float, str, float]], start: int
) -> None:
    profiles = [
        replace(GP, unit=str(n), activity=a, elderly=e, municipality=m, county=m[:2])
        for n, (a, e, m, _) in enumerate(rows)
    ]
    denominator = {str(n): row[3] for n, row in enumerate(rows)}
    found = Peers(profiles).find(denominator, rules().comparator.areas[start])
    for profile in profiles:
        expected = plain_find(profiles, denominator, profile, start)
        one = found[profile.unit]
        if expected is None:
            assert isinstance(one, NoPeers)
        else:
            assert isinstance(one, Circle)
            assert (one.area, sorted(one.members)) == expected


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"county", "country"]', '"county"]', "last area"),
        ("most_of_one = 0.5", "most_of_one = 0.7", "at most a half"),
        ("share = 0.2", "share = 0.6", "at most a half"),
        ("units = 11", "units = 10", "more units"),
        ("[1600, 3200, 4800]", "[1600, 1600]", "must rise"),
        ('names = ["long-stay", "mixed", "short-stay"]', 'names = ["long-stay"]', "has a name"),
        ('kind = "county"', 'kind = "municipality"', "two rows"),
        ("others = 10", "others = ten", "Invalid value"),
        ("others = 10", 'others = "10"', "Expected `int`"),
    ],
)
def test_a_file_that_breaks_a_rule(tmp_path: Path, old: str, new: str, problem: str) -> None:
    text = FILE.read_text("utf-8")
    assert old in text
    path = tmp_path / "peers.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(CodeFileError, match=problem):
        read_rules(path)
