"""Comparators shown together: no weighted sum of them is of few units that the reader does not know."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from varde.prescribing.comparison import Comparator, Disclosure, choose_together


def name(numbers: range | list[int]) -> frozenset[str]:
    return frozenset(str(number) for number in numbers)


def choose(
    *sets: range | list[int],
    knows: tuple[str, ...] = ("0",),
    sizes: dict[str, float] | None = None,
) -> tuple[list[int], dict[int, str]]:
    comparators = [Comparator(str(place), name(one)) for place, one in enumerate(sets)]
    denominator = {str(unit): 100.0 for unit in range(200)} | (sizes or {})
    found = choose_together(comparators, denominator, knows)
    return [int(key) for key in found.shown], {int(k): v for k, v in found.refused.items()}


def test_group_county_and_country_are_shown_where_they_differ_enough() -> None:
    assert choose(range(12), range(40), range(200)) == ([0, 1, 2], {})


@pytest.mark.parametrize(
    ("sets", "shown", "refused"),
    [
        # Ten others beside the own, and nine.
        ([range(11)], [0], {}),
        ([range(10)], [], {0: "too-few-units"}),
        # The own group, and the same without oneself.
        ([range(40), range(1, 40)], [0], {1: "by-difference"}),
        # A county less a group is nine, and ten.
        ([range(40), range(31)], [0], {1: "by-difference"}),
        ([range(40), range(30)], [0, 1], {}),
        # Two that overlap: nine in the one only, nine in the other only. No subtraction reaches fewer than eighteen.
        ([range(40), range(9, 49)], [0, 1], {}),
        ([range(40), range(4, 44)], [0], {1: "by-difference"}),
        # Three: a third and fourth part of the country that leave five, though each differs enough from each.
        ([range(60), range(1, 28), range(28, 55)], [0, 1], {2: "by-difference"}),
        ([range(60), range(1, 25), range(25, 50)], [0, 1, 2], {}),
        # The same units twice are one figure.
        ([range(40), range(40)], [0, 1], {}),
    ],
)
def test_differences(sets: list[range], shown: list[int], refused: dict[int, str]) -> None:
    assert choose(*sets) == (shown, refused)


def test_weights_beyond_one() -> None:
    """Three pairs of three regions, less twice what is all of them and five more: twice the five are left."""
    regions = [range(20), range(20, 40), range(40, 60)]
    pairs = [[*regions[one], *regions[other]] for one, other in ((0, 1), (0, 2), (1, 2))]
    assert choose(range(65), *pairs) == ([0, 1, 2], {3: "by-difference"})
    assert choose(range(70), *pairs) == ([0, 1, 2, 3], {})


def test_one_that_has_most() -> None:
    assert choose(range(20), sizes={"5": 1900.1}) == ([], {0: "one-dominates"})
    assert choose(range(20), sizes={"5": 1800.0}) == ([0], {})
    assert choose(range(20), sizes={"0": 1900.1}) == ([], {0: "one-dominates"})
    # Large in the difference only.
    shown = choose(range(60), range(40), sizes={"50": 1901.0})
    assert shown == ([0], {1: "by-difference"})


def test_what_everybody_may_see_holds_for_each_of_them() -> None:
    assert choose(range(11), knows=()) == ([0], {})
    assert choose(range(10), knows=()) == ([], {0: "too-few-units"})
    # Two of equal size have all: neither has more than half, but each knows the other.
    sizes = {"1": 1001.0, "2": 1001.0}
    assert choose(range(12), knows=(), sizes=sizes) == ([], {0: "one-dominates"})
    assert choose(range(12), knows=("3",), sizes=sizes) == ([0], {})


def test_units_without_a_denominator_hide_nobody() -> None:
    sizes = {str(unit): 0.0 for unit in range(5, 11)}
    assert choose(range(11), sizes=sizes) == ([], {0: "too-few-units"})


def test_a_leader_who_knows_a_practice() -> None:
    assert choose(range(14), knows=("0", "1", "2", "3")) == ([0], {})
    assert choose(range(13), knows=("0", "1", "2", "3")) == ([], {0: "too-few-units"})


def test_not_more_than_six() -> None:
    nested = [range(1, 1 + 15 * n) for n in range(1, 9)]
    shown, refused = choose(*nested)
    assert shown == list(range(6))
    assert refused == {6: "too-many", 7: "too-many"}


def test_many_small_parts_are_refused_without_looking_at_all_combinations() -> None:
    """Five sums that cut each other into parts of three units: every part could be some difference."""
    cut = [[unit for unit in range(96) if unit // 3 >> bit & 1] for bit in range(5)]
    shown, refused = choose(range(96), *cut, knows=())
    assert shown[0] == 0
    assert set(refused.values()) == {"by-difference"}


def test_keys_are_different() -> None:
    one = Comparator("a", name(range(20)))
    with pytest.raises(ValueError, match="same key"):
        choose_together([one, one], {})


def solve(rows: list[list[int]], wanted: list[int]) -> bool:
    """Whether some weights of the rows give the wanted one, in fractions: Gauss, written out."""
    columns = [
        [Fraction(row[u]) for row in rows] + [Fraction(wanted[u])] for u in range(len(wanted))
    ]
    pivot = 0
    for column in range(len(rows)):
        found = next((r for r in range(pivot, len(columns)) if columns[r][column]), None)
        if found is None:
            continue
        columns[pivot], columns[found] = columns[found], columns[pivot]
        lead = columns[pivot][column]
        columns[pivot] = [value / lead for value in columns[pivot]]
        for r in range(len(columns)):
            if r != pivot and columns[r][column]:
                factor = columns[r][column]
                columns[r] = [
                    a - factor * b for a, b in zip(columns[r], columns[pivot], strict=True)
                ]
        pivot += 1
    return not any(row[-1] for row in columns[pivot:])


@st.composite
def asked(draw: st.DrawFn) -> tuple[list[frozenset[str]], dict[str, float], frozenset[str]]:
    """A country in blocks of few to many units; comparators that are of whole blocks, as counties, groups and others are."""
    blocks: list[list[str]] = []
    for size in draw(st.lists(st.sampled_from([1, 2, 5, 9, 10, 11, 15]), min_size=3, max_size=7)):
        start = sum(map(len, blocks))
        blocks.append([str(start + n) for n in range(size)])
    every = [unit for block in blocks for unit in block]
    sets = [
        frozenset(
            unit for block, taken in zip(blocks, choice, strict=True) if taken for unit in block
        )
        for choice in draw(
            st.lists(st.tuples(*[st.booleans()] * len(blocks)), min_size=1, max_size=4)
        )
    ]
    sizes = dict.fromkeys(every, 10.0)
    for unit in draw(st.lists(st.sampled_from(every), max_size=2)):
        sizes[unit] = draw(st.sampled_from([0.0, 95.0, 400.0]))
    known = draw(st.frozensets(st.sampled_from(every), max_size=2))
    return sets, sizes, known


@given(asked())
def test_no_sum_and_no_difference_tells_of_few(
    case: tuple[list[frozenset[str]], dict[str, float], frozenset[str]],
) -> None:
    """All weights from -2 to 2 of what is shown; whoever it is shown to, less what that one knows."""
    sets, sizes, known = case
    comparators = [Comparator(str(place), units) for place, units in enumerate(sets)]
    together = choose_together(comparators, sizes, known)
    assert {*together.shown, *together.refused} == {c.key for c in comparators}
    shown = [sets[int(key)] for key in together.shown]
    event(f"{len(shown)} shown")
    every = [unit for unit in sizes if sizes[unit] > 0]
    readers = [known] if known else [frozenset({unit}) for unit in every]
    for weights in product(range(-2, 3), repeat=len(shown)):
        reached = {
            unit
            for unit in every
            if sum(w for w, units in zip(weights, shown, strict=True) if unit in units)
        }
        for reader in readers:
            left = sorted((sizes[unit] for unit in reached - reader), reverse=True)
            assert not left or len(left) >= 10
            if left and max(map(abs, weights)) == 1:
                assert left[0] <= sum(left) / 2
    # And no single unit's figure follows, whatever the weights.
    if shown:
        reader = readers[0]
        unknown = [unit for unit in every if unit not in reader]
        rows = [[int(unit in units) for unit in unknown] for units in shown]
        for place in range(0, len(unknown), 7):
            assert not solve(rows, [int(place == other) for other in range(len(unknown))])


@given(asked())
def test_the_first_that_can_be_shown_alone_is_shown(
    case: tuple[list[frozenset[str]], dict[str, float], frozenset[str]],
) -> None:
    sets, sizes, known = case
    comparators = [Comparator(str(place), units) for place, units in enumerate(sets)]
    alone = [one.key for one in comparators if choose_together([one], sizes, known).shown]
    together = choose_together(comparators, sizes, known).shown
    assert together[:1] == tuple(alone[:1])
    assert set(together) <= set(alone)


@given(asked())
def test_what_is_remembered_changes_no_answer(
    case: tuple[list[frozenset[str]], dict[str, float], frozenset[str]],
) -> None:
    sets, sizes, _ = case
    comparators = [Comparator(str(place), units) for place, units in enumerate(sets)]
    remembering = Disclosure(sizes)
    for reader in ((), *((unit,) for unit in sorted(sizes)[:12])):
        assert remembering.choose(comparators, reader) == choose_together(
            comparators, sizes, reader
        )
        # Nobody is shown less for knowing one unit, which each of "anybody" does.
        everybody = remembering.choose(comparators[:1]).shown
        assert set(everybody) <= set(remembering.choose(comparators[:1], reader).shown)
