"""Likeness of words: the same figures as DuckDB's functions, which Splink uses."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.linkage.likeness import jaro_winkler, within_one_edit

word = st.text("abcdeno", max_size=9)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("martha", "marhta", 0.9611), ("dixon", "dicksonx", 0.8133), ("dwayne", "duane", 0.84)],
)
def test_the_examples_of_the_literature(one: str, other: str, expected: float) -> None:
    assert jaro_winkler(one, other) == pytest.approx(expected, abs=5e-5)


@settings(deadline=None, max_examples=12)
@given(st.lists(st.tuples(word, word), min_size=40, max_size=40))
def test_both_measures_are_those_of_duckdb_and_symmetric(pairs: list[tuple[str, str]]) -> None:
    with duckdb.connect() as connection:
        found = connection.execute(
            "select jaro_winkler_similarity(a, b), damerau_levenshtein(a, b)"
            " from (select unnest(?) as a, unnest(?) as b)",
            [[one for one, _ in pairs], [other for _, other in pairs]],
        ).fetchall()
    for (one, other), (likeness, distance) in zip(pairs, found, strict=True):
        if one and other:
            assert jaro_winkler(one, other) == pytest.approx(likeness, abs=1e-9)
        assert jaro_winkler(one, other) == pytest.approx(jaro_winkler(other, one), abs=1e-12)
        assert within_one_edit(one, other) == (distance <= 1) == within_one_edit(other, one)
