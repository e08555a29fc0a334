"""Parts of a whole that another table shows: whoever has both tables, and knows how they are made, finds nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import chain, islice, product
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.publishing import Figure, Measures, Row, conceal, disclose_counts, disclose_parts, rules

LIMIT = rules().small_cell.below
N = Measures(counts=("n",))
Told = tuple[tuple[str, object], ...]


def say(figures: dict[str, Figure]) -> Told:
    return tuple((one.status, one.value) for _, one in sorted(figures.items()))


@cache
def wholes(sums: tuple[int, ...]) -> tuple[Figure, ...]:
    """What the table of the counties shows, as it is shown to everybody."""
    table = pa.table({"county": [str(n) for n in range(len(sums))], "n": list(sums)})
    shown = disclose_counts(table, ("county",), N, adds_up=("county",))
    return tuple(row.figures["n"] for row in shown)


@cache
def parts(counts: tuple[int, ...], whole: Figure) -> Told:
    return say(disclose_parts({str(n): count for n, count in enumerate(counts)}, whole))


def countries(sizes: tuple[int, ...], most: int) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Every country of counties with so many municipalities each, with at most so many cases in all."""
    for cells in product(range(most + 1), repeat=sum(sizes)):
        if sum(cells) <= most:
            left = iter(cells)
            yield tuple(tuple(islice(left, size)) for size in sizes)


@pytest.mark.parametrize(("sizes", "own"), [((2, 2, 1), False), ((3, 1), True)])
def test_no_few_are_found_by_whoever_has_both_tables_and_the_rule(
    sizes: tuple[int, ...], own: bool
) -> None:
    """Of all countries that look the same, with the counties and the sum as they are shown, no hidden number is the
    same in all: more than a reader finds by adding up, who does not know by which rule it is hidden.

    The own municipality, where there is one, is the first of the first county, and known as it is: what that and the
    counties' table say alone is no finding.
    """
    looks: dict[Any, list[tuple[int, ...]]] = defaultdict(list)
    without: dict[Any, list[tuple[int, ...]]] = defaultdict(list)
    for groups in countries(sizes, 10):
        sums = tuple(map(sum, groups))
        shown = wholes(sums)
        total = sum(sums) if sum(sums) >= LIMIT or not sum(sums) else "few"
        known, others = (groups[0][:1], (groups[0][1:], *groups[1:])) if own else ((), groups)
        told = tuple(parts(group, whole) for group, whole in zip(others, shown, strict=True))
        counties = say(dict(enumerate(shown)))  # type: ignore[arg-type]
        for seen, what in (
            (looks, (total, counties, known, told)),
            (without, (total, counties, known)),
        ):
            seen[what].append(tuple(chain(*others)))
    found = []
    for (total, counties, known, told), alike in looks.items():
        for place, (_status, value) in enumerate(chain(*told)):
            answers = {country[place] for country in alike}
            if value is None and len(answers) == 1 and 0 < min(answers) < LIMIT:
                known_before = {country[place] for country in without[total, counties, known]}
                if own is False or len(known_before) > 1:
                    found.append(alike)
    assert not found


def test_the_parts_of_a_hidden_whole_say_nothing() -> None:
    for whole in (Figure(status="suppressed", limit=LIMIT), Figure(status="protected")):
        told = {parts(counts, whole) for counts in product(range(9), repeat=2)}
        assert told == {(("protected", None), ("protected", None))}
    assert parts((4, 0), Figure(status="not-published")) == (("not-published", None),) * 2


@pytest.mark.parametrize(
    ("counts", "whole", "marks"),
    [
        ((0, 2, 0), 9, "ppp"),  # the reader's own has seven: two are left, and everybody can subtract
        ((9, 2, 3), 14, ".ss"),
        ((9, 2), 11, "ps"),
        ((1, 1, 1, 1, 1), 5, "ppppp"),
        ((0, 0), 0, ".."),
        ((0, 8, 6), 14, "..."),
    ],
)  # fmt: skip
def test_the_parts_of_a_shown_whole_are_protected_by_what_is_left(
    counts: tuple[int, ...], whole: int, marks: str
) -> None:
    found = parts(counts, Figure(status="ok", value=whole))
    said = {"ok": ".", "suppressed": "s", "protected": "p"}
    assert "".join(said[status] for status, _ in found) == marks


@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.integers(0, 9))
def test_no_few_are_shown(counts: list[int], own: int) -> None:
    total = sum(counts) + own
    whole = Figure(status="ok", value=total)
    for (status, value), count in zip(parts(tuple(counts), whole), counts, strict=True):
        assert (value == count and not 0 < count < LIMIT) or (value is None and status != "ok")


def test_what_another_table_protects_is_concealed_with_its_parts_and_rates() -> None:
    measures = Measures(counts=("n", "other"), parts={"abroad": "n"}, rates={"rate": "n"})
    figures = {name: Figure(status="ok", value=7) for name in ("n", "other", "abroad", "rate")}
    found = conceal(Row(key={}, figures=figures), {"n"}, measures)
    assert {name for name, one in found.figures.items() if one.value is None} == {
        *("n", "abroad", "rate")
    }
