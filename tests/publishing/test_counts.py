"""What may be shown of counts: nothing that is hidden can be worked out from what is beside it in its table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.publishing import (
    Bar,
    BarWords,
    Figure,
    Measures,
    as_share,
    disclose_counts,
    disclose_resistance,
    draw_counts,
    draw_groups,
    rules,
    write_figure,
    write_rows_csv,
    write_rows_parquet,
)

LIMIT = rules().small_cell.below
CASES = Measures(counts=("n",), parts={"imported": "n"}, rates={"rate": "n"}, open=("population",))
SHARES = Measures(
    counts=("n",),
    parts={"count": "n"},
    shares=dict.fromkeys(("pct", "low", "high"), ("count", "n")),
)
WORDS = BarWords(
    title="Title",
    description="Description",
    axis="Cases",
    fewer="< {limit}",
    hidden="hidden",
    missing="no number",
)


def table(*rows: Mapping[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([dict(row) for row in rows])


def states(rows: Sequence[Any], name: str) -> list[str]:
    return [row.figures[name].status for row in rows]


@pytest.mark.parametrize(
    ("n", "status"), [(0, "ok"), (1, "suppressed"), (4, "suppressed"), (5, "ok"), (500, "ok")]
)
def test_nought_is_shown_and_a_few_are_not(n: int, status: str) -> None:
    [row] = disclose_counts(table({"county": "03", "n": n}), ("county",), Measures(counts=("n",)))
    assert row.figures["n"].status == status
    assert row.value("n") == (n if status == "ok" else None)
    assert row.figures["n"].limit == (LIMIT if status == "suppressed" else 0)


def test_unknown_not_computable_suppressed_and_nought_are_four_answers() -> None:
    rows = disclose_counts(
        table(
            {"county": None, "n": 9, "imported": 0, "rate": None, "population": None},
            {"county": "03", "n": 3, "imported": 0, "rate": 0.4, "population": 728714},
            {"county": "46", "n": 0, "imported": 0, "rate": 0.0, "population": 600000},
        ),
        ("county",),
        CASES,
    )
    assert [row.key["county"] for row in rows] == [None, "03", "46"]
    assert states(rows, "n") == ["ok", "suppressed", "ok"]
    assert states(rows, "rate") == ["not-computable", "suppressed", "ok"]
    assert states(rows, "imported") == ["ok", "protected", "ok"]
    assert states(rows, "population") == ["not-computable", "ok", "ok"]


@pytest.mark.parametrize(
    ("imported", "status"),
    [(0, "ok"), (3, "suppressed"), (10, "ok"), (17, "protected"), (20, "ok")],
)
def test_a_part_is_hidden_when_what_is_left_is_small(imported: int, status: str) -> None:
    row = {"n": 20, "imported": imported, "rate": 1.0, "population": 10}
    [shown] = disclose_counts(table(row), (), CASES)
    assert shown.figures["imported"].status == status


@given(st.lists(st.integers(0, 12), min_size=1, max_size=6))
def test_what_is_hidden_cannot_be_found_by_subtraction(counts: list[int]) -> None:
    """Of the hidden ones of a table more than one division of their sum is possible for each."""
    rows = disclose_counts(
        table(*({"county": str(place), "n": n} for place, n in enumerate(counts))),
        ("county",),
        Measures(counts=("n",)),
        adds_up=("county",),
    )
    for n, row in zip(counts, rows, strict=True):
        assert row.value("n") in (None, n)
        assert row.figures["n"].status in (
            ("suppressed", "protected") if 0 < n < LIMIT else ("ok", "protected")
        )
    hidden = [n for n, row in zip(counts, rows, strict=True) if row.value("n") is None]
    if not hidden or sum(counts) < LIMIT:
        return  # the total is hidden too
    assert len(hidden) > 1
    assert sum(hidden) >= LIMIT


@pytest.mark.parametrize(
    "counts",
    [(6, *[1] * 8), (1, 1, 1, 1, 1, 0, 0), (4, 4, 20, 30), (0, 1, 1, 1, 1), (12, 4, 4, 9)],
)
def test_ones_and_fours_that_add_up_are_not_given_away(counts: tuple[int, ...]) -> None:
    rows = disclose_counts(
        table(*({"county": str(place), "n": n, "imported": n} for place, n in enumerate(counts))),
        ("county",),
        Measures(counts=("n",), parts={"imported": "n"}),
        adds_up=("county",),
    )
    for name in ("n", "imported"):
        hidden = [n for n, row in zip(counts, rows, strict=True) if row.value(name) is None]
        few = states(rows, name).count("suppressed")
        assert few == 0 or sum(hidden) >= few + 2
        assert few == 0 or len(hidden) > few or sum(hidden) <= 4 * few - 2


def test_that_there_is_somebody_is_hidden_of_a_part_as_of_its_whole() -> None:
    rows = disclose_counts(
        table(*({"county": str(place), "n": 1, "imported": 1 - place % 2} for place in range(5))),
        ("county",),
        Measures(counts=("n",), parts={"imported": "n"}),
        adds_up=("county",),
    )
    assert states(rows, "n") == states(rows, "imported") == ["protected"] * 5


def test_rows_of_several_groups_are_protected_each_by_itself() -> None:
    counts = {("a", "x"): 3, ("a", "y"): 50, ("b", "x"): 40, ("b", "y"): 60}
    rows = disclose_counts(
        table(*({"disease": d, "year": y, "n": n} for (d, y), n in counts.items())),
        ("disease", "year"),
        Measures(counts=("n",)),
        adds_up=("year",),
    )
    assert states(rows, "n") == ["suppressed", "protected", "ok", "ok"]


def test_nothing_is_published_of_too_small_an_area() -> None:
    row = {"county": "03", "n": 50, "imported": 9, "rate": 1.0, "population": 9}
    [shown] = disclose_counts(table(row), ("county",), CASES, withheld=lambda key: True)
    assert {figure.status for figure in shown.figures.values()} == {"not-published"}
    assert {figure.value for figure in shown.figures.values()} == {None}


@pytest.mark.parametrize(
    ("count", "n", "shown", "share"),
    [
        (10, 100, "ok", "ok"),
        (3, 100, "suppressed", "suppressed"),
        (97, 100, "protected", "protected"),
        (0, 100, "ok", "ok"),
        (6, 20, "protected", "too-few"),
        (0, 20, "ok", "too-few"),
        (2, 3, "suppressed", "suppressed"),
    ],
)
def test_a_share_is_hidden_with_its_count(count: int, n: int, shown: str, share: str) -> None:
    row = {"n": n, "count": count, "pct": 100 * count / n, "low": 0.0, "high": 99.0}
    [found] = disclose_counts(table(row), (), SHARES)
    assert found.figures["count"].status == shown
    assert found.figures["pct"].status == share
    one = as_share(found, "key")
    assert one.percent_r == (row["pct"] if share == "ok" else None)
    assert one.r == (count if share == "ok" else None)


def test_a_share_of_nobody_is_not_computable() -> None:
    row = {"n": 0, "count": 0, "pct": None, "low": None, "high": None}
    schema = pa.schema([(k, pa.int64() if k in ("n", "count") else pa.float64()) for k in row])
    [found] = disclose_counts(pa.Table.from_pylist([row], schema), (), SHARES)
    assert found.figures["pct"].status == "not-computable"
    assert as_share(found, "key").status == "not-tested"


def test_resistance_goes_through_its_own_rules() -> None:
    columns = {"pct_S": 90.0, "pct_I": 0.0, "R_low": 4.0, "R_high": 23.0}
    found = disclose_resistance(
        table(
            {"antibiotic": "CTX", "n": 40, "S": 36, "I": 0, "R": 4, "pct_R": 10.0, **columns},
            {"antibiotic": "AMP", "n": 10, "S": 9, "I": 0, "R": 1, "pct_R": 10.0, **columns},
            {"antibiotic": "GEN", "n": 2, "S": 2, "I": 0, "R": 0, "pct_R": 0.0, **columns},
            {"antibiotic": "MEM", "n": 0, "S": 0, "I": 0, "R": 0, "pct_R": None, **columns},
        ),
        ("antibiotic",),
    )
    assert states(found, "n") == ["ok", "ok", "suppressed", "ok"]
    assert states(found, "pct") == ["ok", "too-few", "suppressed", "not-computable"]
    assert states(found, "R") == ["ok", "too-few", "suppressed", "not-computable"]


def test_files_say_why_a_cell_is_empty() -> None:
    rows = disclose_counts(
        table(
            {"county": None, "n": 9, "imported": 0, "rate": None, "population": None},
            {"county": "03", "n": 3, "imported": 0, "rate": 0.4, "population": 728714},
        ),
        ("county",),
        CASES,
    )
    about = {"register": "msis", "snapshot": "1"}
    text = write_rows_csv(rows, about).decode("utf-8-sig")
    as_csv = list(csv.DictReader(io.StringIO(text)))
    as_parquet = pq.read_table(io.BytesIO(write_rows_parquet(rows, about)))
    assert [row["county"] for row in as_csv] == ["unknown", "03"]
    assert [(row["n"], row["n_status"]) for row in as_csv] == [("9", "ok"), ("", "suppressed")]
    assert [row["rate_status"] for row in as_csv] == ["not-computable", "suppressed"]
    assert as_parquet["n"].to_pylist() == [9, None]
    assert as_parquet.column_names == list(as_csv[0])
    assert as_csv[1]["register"] == "msis"
    assert b"msis" in as_parquet.schema.metadata[b"varde"]


def test_a_chart_never_draws_what_is_hidden_as_a_number() -> None:
    bars = [
        Bar(label="2023", figure=Figure(status="ok", value=12)),
        Bar(label="2024", figure=Figure(status="suppressed", limit=5)),
        Bar(label="2025", figure=Figure(status="not-computable"), mark="Another definition"),
        Bar(label="2026", figure=Figure(status="ok", value=0), unfinished=True),
    ]
    for draw in (draw_counts, draw_groups):
        svg = draw(bars, WORDS, name="one")
        assert "&lt; 5" in svg and "no number" in svg and "#one-stripes" in svg
        assert 'role="img"' in svg and "style=" not in svg
    assert "Another definition" in draw_counts(bars, WORDS, name="one")
    assert [write_figure(bar.figure, WORDS) for bar in bars] == ["12", "< 5", "no number", "0"]
