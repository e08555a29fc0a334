"""Disclosure control against a plain statement of the rules, on generated tables."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.publishing import Disclosed, disclose, disclose_count, rules
from varde.publishing.disclosure import Limit, Minimum, Rules
from varde.resistance.antibiogram import add_percentages

COUNTS = st.tuples(*[st.integers(0, 40)] * 3)
SHARES = ("percent_s", "percent_i", "percent_r", "low", "high")


def make_table(counts: list[tuple[int, int, int]]) -> pa.Table:
    """An antibiogram by antibiotic, percentages and status as the resistance room adds them."""
    rows = [
        {"antibiotic": f"A{index}", "n": sum(one), "S": one[0], "I": one[1], "R": one[2]}
        for index, one in enumerate(counts)
    ]
    schema = pa.schema(
        [("antibiotic", pa.string()), *((name, pa.int64()) for name in ("n", "S", "I", "R"))]
    )
    return add_percentages(pa.Table.from_pylist(rows, schema), ("antibiotic",))


def expected(key: str, s: int, i: int, r: int) -> dict[str, Any]:
    """The rules in plain words: what of a row may be known."""
    n = s + i + r
    if n == 0:
        return {"key": key, "status": "not-tested", "n": 0}
    if n < 5:
        return {"key": key, "status": "suppressed", "limit": 5}
    if n < 30:
        return {"key": key, "status": "too-few", "n": n}
    if 1 <= r <= 4 or 1 <= s + i <= 4:  # a few that are resistant, or that are not, are not told
        return {
            "key": key,
            "status": "few-resistant" if 1 <= r <= 4 else "few-others",
            "n": n,
            "limit": 5,
        }
    told = {"s": s, "i": i} if not (1 <= s <= 4 or 1 <= i <= 4) else {}
    return {"key": key, "status": "ok", "n": n, "r": r, **told}


@settings(deadline=None)
@given(st.lists(COUNTS, max_size=8))
def test_only_what_the_rules_allow_is_let_through(counts: list[tuple[int, int, int]]) -> None:
    for row, one in zip(disclose(make_table(counts), "antibiotic"), counts, strict=True):
        allowed = expected(row.key, *one)
        for field in ("key", "status", "n", "s", "i", "r", "limit"):
            assert getattr(row, field) == allowed.get(field, 0 if field == "limit" else None)
        if row.status == "ok":
            assert row.percent_r == pytest.approx(100 * one[2] / sum(one))
            assert row.low is not None and row.high is not None and row.percent_r is not None
            assert row.low <= row.percent_r <= row.high
        else:
            assert all(getattr(row, share) is None for share in SHARES)


@settings(deadline=None)
@given(COUNTS, COUNTS)
def test_rows_of_hidden_size_cannot_be_told_apart(
    one: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    """Two rows of the same disclosed size look alike whatever their S, I and R were."""
    a, b = (disclose(make_table([counts]), "antibiotic")[0] for counts in (one, other))
    if a.status == b.status == "suppressed":
        assert a == b
    if a.status == b.status and a.r is None and sum(one) == sum(other):
        assert a == b


def test_a_few_resistant_are_not_found_in_shares_nor_intervals() -> None:
    """MRSA among all of the species: one to four look alike, in every number that is given away."""
    few = {tuple(disclose(make_table([(200 - r, 0, r)]), "antibiotic")) for r in range(1, 5)}
    assert len(few) == 1 and next(iter(few))[0].status == "few-resistant"
    others = {tuple(disclose(make_table([(n, 0, 200 - n)]), "antibiotic")) for n in range(1, 5)}
    assert len(others) == 1 and next(iter(others))[0].status == "few-others"


def test_rows_that_add_up_give_no_few_away() -> None:
    """Who adds and subtracts finds no few in a series whose sums are told: of those that are hidden there are several,
    and all of them together are no few either."""
    kinds = [(0, 0), (3, 1), (20, 2), (40, 0), (40, 1), (40, 4), (40, 9), (44, 40), (50, 9)]
    for series in combinations_with_replacement(kinds, 4):
        table = make_table([(n - r, 0, r) for n, r in series])
        shown = disclose(table, "antibiotic", adds_up=True)
        for row, (n, r) in zip(shown, series, strict=True):
            assert row.n in (n, None) and row.r in (r, None)
        told = {
            "tested": [(row.n, n) for row, (n, _) in zip(shown, series, strict=True)],
            "resistant": [(row.r, r) for row, (_, r) in zip(shown, series, strict=True)],
            "others": [
                (None if row.r is None else n - r, n - r)
                for row, (n, r) in zip(shown, series, strict=True)
            ],
        }
        for what, pairs in told.items():
            hidden = [count for one, count in pairs if one is None]
            if sum(count for _, count in pairs) >= 5 and any(0 < count < 5 for count in hidden):
                assert len(hidden) > 1 and sum(hidden) >= 5, (what, series)


def test_the_rules_are_data() -> None:
    strict = Rules(
        version="test",
        valid_from="2026-01-01",
        small_cell=Limit(below=10, source="test"),
        percentage=Minimum(least=50, source="test"),
    )
    rows = disclose(
        make_table([(9, 0, 0), (10, 0, 0), (40, 0, 0), (50, 0, 0)]), "antibiotic", strict
    )
    assert [row.status for row in rows] == ["suppressed", "too-few", "too-few", "ok"]
    assert rows[0].limit == 10


def test_rules_more_lenient_than_the_tables_minimum_show_no_share_that_is_not_there() -> None:
    lenient = Rules(
        version="test",
        valid_from="2026-01-01",
        small_cell=Limit(below=5, source="test"),
        percentage=Minimum(least=10, source="test"),
    )
    row = disclose(make_table([(20, 0, 0)]), "antibiotic", lenient)[0]
    assert row == Disclosed(key="A0", status="too-few", n=20)


def test_shipped_rules_say_where_they_come_from() -> None:
    assert rules().small_cell.below == 5 and rules().percentage.least == 30
    assert rules().small_cell.source and rules().percentage.source


def test_a_count_that_stands_alone_is_hidden_when_small() -> None:
    assert [disclose_count(n) for n in (0, 1, 4, 5, 600)] == [0, None, None, 5, 600]
