"""Whoever asks for every table of cases, with every choice, finds no number that is hidden."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import pytest

from varde.publishing import CaseTables, Figure, rules
from varde.publishing.cross_tables import CrossTable
from varde.publishing.protection import Mark

NAMES = ("disease", "year", "county", "sex", "infected")
VALUES: tuple[tuple[Any, ...], ...] = (
    ("measles", "mumps", "rubella"),
    (2025, 2026),
    ("03", "46"),
    ("F", "M"),
    ("abroad", "norway"),
)
CELLS = list(product(*VALUES))
LIMIT = rules().small_cell.below
PRIME = 2**31 - 1
Told = tuple[Mapping[str, Any], str, Figure, list[int]]
"""What was asked, which number, what was shown, and the cells that it is the sum of."""


def tables(world: Sequence[int], closed: str = "") -> CaseTables:
    """Of so many cases in each of `CELLS`."""

    def load(by: tuple[str, ...], where: Mapping[str, Any]) -> list[dict[str, Any]]:
        found: dict[Any, dict[str, int]] = defaultdict(
            lambda: dict.fromkeys(("n", "suspected", "imported", "form_missing"), 0)
        )
        for cell, number in zip(CELLS, world, strict=True):
            key = dict(zip(NAMES, cell, strict=True))
            if number and all(key[name] == value for name, value in where.items()):
                row = found[tuple(key[name] for name in by)]
                row["n"] += number
                row["imported"] += number * (key["infected"] == "abroad")
        return [{**dict(zip(by, key, strict=True)), **row} for key, row in found.items()]

    return CaseTables(load, LIMIT, lambda disease: disease == closed)


def ask_everything(world: Sequence[int]) -> list[Told]:
    """Every number that a reader can ask for: everything chosen or not, and one more column."""
    shown = tables(world)
    found = []
    for chosen in product(*((None, *values) for values in VALUES)):
        if chosen[3] is None or chosen[4] is None:
            key = {name: one for name, one in zip(NAMES, chosen, strict=True) if one is not None}
            for name in ("n", "imported"):
                cells = [
                    place
                    for place, cell in enumerate(CELLS)
                    if all(one in (None, its) for one, its in zip(chosen, cell, strict=True))
                    and (name == "n" or cell[4] == "abroad")
                ]
                if cells:
                    found.append((key, name, shown.figure(name, key), cells))
    return found


def echelon(told: Sequence[Told]) -> dict[int, dict[int, int]]:
    """What is shown as equations, reduced: leading cell → its equation."""
    basis: dict[int, dict[int, int]] = {}
    for _key, _name, figure, cells in told:
        left = reduce(basis, cells) if figure.status == "ok" else {}
        if left:
            lead = min(left)
            inverse = pow(left[lead], -1, PRIME)
            basis[lead] = {place: value * inverse % PRIME for place, value in left.items()}
    return basis


def reduce(basis: Mapping[int, Mapping[int, int]], cells: Sequence[int]) -> dict[int, int]:
    """What of a sum does not follow from the equations; nothing when all of it does."""
    left = dict.fromkeys(cells, 1)
    for lead in sorted(basis):
        factor = left.get(lead, 0)
        for place, value in basis[lead].items() if factor else ():
            left[place] = (left.get(place, 0) - factor * value) % PRIME
            if not left[place]:
                del left[place]
    return left


MANY = ((0, 0, 0, 1, 2, 8, 30), (0, 6, 9, 30, 2), (0, 0, 0, 0, 1, 9), (3, 40, 50, 60), (0, 0, 1))


@pytest.mark.parametrize("most", MANY)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_few_follow_from_everything_that_is_shown(most: tuple[int, ...], seed: int) -> None:
    """By adding and subtracting whatever can be asked for, with all choices, no hidden few are found, and no few that
    are left of a whole."""
    draw = random.Random(seed)
    world = [draw.choice(most) for _ in CELLS]
    told = ask_everything(world)
    basis = echelon(told)
    numbers = {(str(key), name): sum(world[one] for one in cells) for key, name, _, cells in told}
    assert any(figure.status != "ok" for _, _, figure, _ in told)
    for key, name, figure, cells in told:
        true = numbers[str(key), name]
        assert figure.value in (None, true)
        rest = numbers[str(key), "n"] - true if name == "imported" else 0
        if 0 < true < LIMIT or 0 < rest < LIMIT:
            assert figure.status != "ok" and reduce(basis, cells), (key, name)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_few_can_be_other_numbers_too(seed: int) -> None:
    """There are other registers that look the same, in which the few are others: found by moving persons about."""
    draw = random.Random(seed)
    world = [draw.choice((0, 0, 0, 1, 2, 8, 30)) for _ in CELLS]
    told = ask_everything(world)
    moves = list(unseen_moves(told))
    few = [cells for *_, figure, cells in told if figure.status == "suppressed"]
    answers: list[set[int]] = [{sum(world[one] for one in cells)} for cells in few]
    for _ in range(4):
        now = list(world)
        for _ in range(700):
            move, sign = draw.choice(moves), draw.choice((1, -1))
            after = [count + sign * change for count, change in zip(now, move, strict=True)]
            sums = [sum(after[one] for one in cells) for cells in few]
            if min(after) >= 0 and all(0 < number < LIMIT for number in sums):
                now = after
                for found, number in zip(answers, sums, strict=True):
                    found.add(number)
    assert few and all(len(found) > 1 for found in answers)


def unseen_moves(told: Sequence[Told]) -> list[list[int]]:
    """Ways to change the cells of which nothing that is shown tells: of each free cell, and of two of them."""
    basis = echelon(told)
    for lead in sorted(basis, reverse=True):  # to where only free cells are left of each
        for place in [one for one in basis[lead] if one != lead and one in basis]:
            factor = basis[lead][place]
            for one, value in basis[place].items():
                basis[lead][one] = (basis[lead].get(one, 0) - factor * value) % PRIME
    single = []
    for free in sorted(set(range(len(CELLS))) - basis.keys()):
        move = [0] * len(CELLS)
        move[free] = 1
        for lead, equation in basis.items():
            value = -equation.get(free, 0) % PRIME
            move[lead] = value - PRIME if value > PRIME // 2 else value
        single.append(move)
    single = [move for move in single if max(map(abs, move)) < LIMIT]
    pairs = [
        [a + sign * b for a, b in zip(one, other, strict=True)]
        for place, one in enumerate(single)
        for other in single[:place]
        for sign in (1, -1)
    ]
    return single + pairs


def test_a_year_that_is_hidden_is_hidden_for_its_disease_too() -> None:
    """Twelve and three in one year: the twelve protect the three by disease, and are not told of the disease alone."""
    world = [0] * len(CELLS)
    world[CELLS.index(("measles", 2026, "03", "F", "norway"))] = 12
    world[CELLS.index(("mumps", 2026, "03", "F", "norway"))] = 3
    shown = tables(world)
    for key in ({"disease": "measles"}, {"disease": "measles", "year": 2026}):
        for more in ({}, {"sex": "F"}, {"county": "03"}, {"county": "03", "sex": "F"}):
            assert shown.figure("n", {**key, **more}).status == "protected"
    assert shown.figure("n", {}).value == shown.figure("n", {"year": 2026}).value == 15


def test_of_a_disease_for_the_country_alone_nothing_is_told_by_county() -> None:
    shown = tables([10] * len(CELLS), closed="mumps")
    assert shown.figure("n", {"disease": "mumps"}).value == 160
    for key in ({"disease": "mumps"}, {"disease": "mumps", "year": 2025}, {"year": 2025}, {}):
        assert shown.figure("n", {**key, "county": "03"}).status == "not-published"
    assert shown.figure("n", {"disease": "measles", "county": "03", "sex": "F"}).value == 40


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([[2, 20], [30, 40]], [[0, 0], [0, 0]]),  # the sums are told: only a ring of four hides one
        ([[2, 20, 50], [30, 40, 60]], [[0, 0, 1], [0, 0, 1]]),
        ([[20, 30], [40, 50]], [[1, 1], [1, 1]]),
    ],
)
def test_a_ring_is_hidden_around_the_few(counts: list[list[int]], shown: list[list[int]]) -> None:
    rows, columns = len(counts), len(counts[0])
    sums = [(row, columns) for row in range(rows + 1)]
    sums += [(rows, column) for column in range(columns)]
    marks = CrossTable(counts, LIMIT, given=dict.fromkeys(sums, "shown")).protect()
    told = [[int(marks[r, c] == "shown") for c in range(columns)] for r in range(rows)]
    assert told == shown


def test_where_nothing_large_is_left_the_small_and_the_noughts_are_told_alike() -> None:
    sums: dict[tuple[int, int], Mark] = {(0, 6): "shown", (1, 6): "shown"}
    marks = CrossTable([[1, 1, 1, 1, 1, 0]], LIMIT, given=sums).protect()
    assert {marks[0, column] for column in range(6)} == {"protected"}
