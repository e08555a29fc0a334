"""What is hidden of a group cannot be worked out: against every way to fill in what is not shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from varde.publishing.protection import LEAST_ANSWERS, Mark, protect

LIMIT = 5


def readings(counts: Sequence[int], marks: Sequence[Mark]) -> Iterator[tuple[int, ...]]:
    """Every group that the marks and the sum could be of, to a reader who takes protected cells for nought or large;
    the plain rule that `protect` is held against."""
    total = sum(counts)
    choices: list[Sequence[int]] = []
    for count, mark in zip(counts, marks, strict=True):
        if mark == "shown":
            choices.append((count,))
        elif mark == "suppressed":
            choices.append(range(1, LIMIT))
        else:
            choices.append(range(total + 1))
    for filled in product(*choices):
        added = sum(filled)
        if added == total if total >= LIMIT or total == 0 else 0 < added < LIMIT:
            yield filled


def marks_of(counts: Sequence[int]) -> list[Mark]:
    return ["suppressed" if 0 < count < LIMIT else "shown" for count in counts]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5))
@example([1, 1, 1, 1, 1])
@example([4, 4, 0])
@example([4, 4, 5])
@example([1, 3, 9])
@example([1, 1, 1, 0])
def test_each_hidden_cell_could_be_several_numbers(counts: list[int]) -> None:
    marks = protect(counts, marks_of(counts), LIMIT)
    possible = list(readings(counts, marks))
    assert tuple(counts) in possible
    for place, mark in enumerate(marks):
        answers = {filled[place] for filled in possible}
        if mark == "suppressed":
            assert 0 < counts[place] < LIMIT
            assert len(answers) >= LEAST_ANSWERS
        elif mark == "protected":
            assert len(answers) > 1
    hidden = [count for count, mark in zip(counts, marks, strict=True) if mark != "shown"]
    if hidden and sum(counts) >= LIMIT:
        assert sum(hidden) >= LIMIT


@given(st.lists(st.integers(0, 30), max_size=12))
def test_what_is_hidden_enough_stays_as_it_is(counts: list[int]) -> None:
    once = protect(counts, marks_of(counts), LIMIT)
    assert protect(counts, once, LIMIT) == once
    assert all(
        after != "shown"
        for before, after in zip(marks_of(counts), once, strict=True)
        if before != "shown"
    )


@pytest.mark.parametrize(
    ("counts", "marks"),
    [
        ((3, 50), "sp"),
        ((3, 2, 50), "ss."),
        ((3, 20, 50), "sp."),
        ((1, 1, 1, 1, 1, 0), "pppppp"),
        ((0, 0, 7), "..."),
        ((2, 0, 0), "s.."),
        # Two fours are given away by their sum; with a large one they are not, were that known to be five or more.
        ((4, 4, 5, 9), "ssp."),
        ((1, 1, 5, 9), "ss.p"),
        # Told alike, since they could all be small: else two fours were the only ones that are.
        ((4, 4), "pp"),
        ((3, 5), "pp"),
        ((3, 6), "sp"),
    ],
)  # fmt: skip
def test_no_more_is_hidden_than_has_to_be(counts: tuple[int, ...], marks: str) -> None:
    said: dict[str, Mark] = {".": "shown", "s": "suppressed", "p": "protected"}
    assert protect(counts, marks_of(counts), LIMIT) == [said[mark] for mark in marks]
