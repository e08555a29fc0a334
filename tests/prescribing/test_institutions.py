"""Institutions as of a day: names, what they are part of, what took over, and circles that are refused."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.prescribing import layouts
from varde.prescribing.institutions import (
    Circle,
    Finding,
    Institution,
    InstitutionCycle,
    Institutions,
)

DAY = date(2026, 1, 1)


def row(number: str, since: date = DAY, until: date | None = None, **more: str) -> Institution:
    said: dict[str, str | None] = {"name": number, "kind": "nursing-home", "municipality": "4601"}
    said |= {"part_of": None, "successor": None} | more
    return Institution(institution=number, since=since, until=until, **said)  # type: ignore[arg-type]


KNOWN = Institutions(
    [
        row("home", DAY, date(2026, 5, 31), name="Vestheim", part_of="town"),
        row(
            "home",
            date(2026, 6, 1),
            date(2026, 8, 31),
            name="Nyheim",
            part_of="town",
            successor="big",
        ),
        row("big", date(2026, 7, 1), date(2026, 12, 31), part_of="area", successor="later"),
        row("later", date(2027, 1, 1), date(2027, 12, 31)),
        row("area", part_of="town"),
        row("town", kind="municipality"),
    ]
)


def test_a_name_is_that_of_the_day() -> None:
    days = (date(2025, 12, 31), DAY, date(2026, 5, 31), date(2026, 6, 1), date(2026, 10, 1))
    names = [KNOWN.name("home", day) for day in days]
    assert names == ["home", "Vestheim", "Vestheim", "Nyheim", "Nyheim"]
    assert KNOWN.name("nobody", DAY) == "nobody"
    assert KNOWN.find("home", date(2026, 9, 1)) is None and KNOWN.find("nobody", DAY) is None
    found = KNOWN.find("home", date(2026, 6, 1))
    assert found is not None and found.name == "Nyheim"


def test_the_chain_goes_up_as_of_the_day() -> None:
    assert [each.institution for each in KNOWN.chain("home", DAY)] == ["home", "town"]
    assert [e.institution for e in KNOWN.chain("big", date(2026, 8, 1))] == ["big", "area", "town"]
    assert KNOWN.chain("home", date(2026, 9, 1)) == () == KNOWN.chain("nobody", DAY)
    assert [each.institution for each in KNOWN.parts("town", DAY)] == ["area", "home"]
    assert KNOWN.parts("home", DAY) == ()


def test_who_took_over_by_a_day() -> None:
    assert KNOWN.successors("home", date(2026, 8, 31)) == ("home",)
    assert KNOWN.successors("home", date(2026, 9, 1)) == ("home", "big")
    assert KNOWN.successors("home", date(2027, 1, 1)) == ("home", "big", "later")
    # Closed: nobody took over from the last.
    assert KNOWN.successors("home", date(2028, 1, 1)) == ("home", "big", "later")
    assert KNOWN.find("later", date(2028, 1, 1)) is None
    assert KNOWN.successors("home", date(2025, 1, 1)) == ("home",)
    assert KNOWN.successors("nobody", DAY) == ("nobody",)


def test_circles_are_refused_and_told() -> None:
    end = DAY + timedelta(30)
    parts = Institutions([row("a", part_of="b"), row("b", part_of="c"), row("c", part_of="b")])
    with pytest.raises(InstitutionCycle, match="b → c → b"):
        parts.chain("a", DAY)
    heirs = Institutions([row("a", until=end, successor="b"), row("b", until=end, successor="a")])
    with pytest.raises(InstitutionCycle, match="a → b → a"):
        heirs.successors("a", end + timedelta(1))
    assert heirs.successors("a", end) == ("a",)
    assert {each.problem for each in (*parts.check(), *heirs.check())} == {"cycle"}


def test_every_circle_is_told_once_whoever_leads_into_it() -> None:
    end, later = DAY + timedelta(30), DAY + timedelta(60)
    known = Institutions(
        [
            row("a", part_of="c"),
            row("c", part_of="d"),
            row("d", part_of="c", until=end, successor="e"),
            row("e", until=later, successor="d"),
            # It was a circle until it began again.
            row("f", until=end, successor="g"),
            row("g", until=later, successor="f"),
            row("f", since=later + timedelta(10)),
            row("h", until=end, successor="f"),
        ]
    )
    assert known.circles() == (
        Circle("part_of", ("c", "d")),
        Circle("successor", ("d", "e")),
        Circle("successor", ("f", "g")),
    )
    assert KNOWN.circles() == ()


def test_what_cannot_be_right_is_told() -> None:
    assert KNOWN.check() == ()
    found = Institutions(
        [
            row("a", DAY),
            row("a", DAY + timedelta(1)),
            row("b", part_of="x"),
            row("c", successor="y"),
        ]
    ).check()
    assert found == (
        Finding("overlap", "a", DAY + timedelta(1)),
        Finding("unknown-part-of", "b", DAY),
        Finding("unknown-successor", "c", DAY),
    )


def test_the_table_of_deliveries_is_what_it_is_made_of() -> None:
    table = pa.Table.from_pylist(
        [{"institution": "a", "since": DAY, "name": "A", "kind": "other", "municipality": "0301"}],
        layouts()["institutions"].schema,
    )
    assert Institutions.of(table).find("a", DAY) == row(
        "a", name="A", kind="other", municipality="0301"
    )
    assert "a" in Institutions.of(table) and "b" not in Institutions.of(table)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcd"),
            st.integers(0, 20),
            st.integers(0, 20),
            st.sampled_from("abcdx"),
        ),
        max_size=8,
    ),
    st.integers(-1, 22),
)
def test_questions_end_whatever_the_rows(
    rows: list[tuple[str, int, int, str]], offset: int
) -> None:
    known = Institutions(
        row(
            number,
            DAY + timedelta(since),
            DAY + timedelta(since + length),
            part_of=other,
            successor=other,
        )
        for number, since, length, other in rows
    )
    on = DAY + timedelta(offset)
    known.check()
    told = {number for each in known.circles() for number in each.numbers}
    for number in "abcd":
        for ask in (known.chain, known.successors):
            try:
                found = ask(number, on)
            except InstitutionCycle as error:
                assert error.numbers[0] == error.numbers[-1]
                assert told.issuperset(error.numbers)
            else:
                assert len(found) <= 5
