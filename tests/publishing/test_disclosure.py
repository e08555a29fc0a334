"""Disclosure control against a plain statement of the rules, on generated tables."""

from __future__ import annotations

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
    return {"key": key, "status": "ok", "n": n, "s": s, "i": i, "r": r}


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
    if a.status == b.status == "too-few" and sum(one) == sum(other):
        assert a == b


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
