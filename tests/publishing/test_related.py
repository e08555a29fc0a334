"""Of a row whose numbers hang together, none that is hidden can be narrowed to fewer than three numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.publishing import Figure, Row, disclose_counts, rules
from varde.web.overview import BY, MEASURES

LIMIT = rules().small_cell.below
NAMES = (
    *("cases", "suspected", "cases_without_finding", "findings"),
    *("findings_without_case", "forms", "forms_without_finding"),
)


def row_of(**told: int) -> dict[str, object]:
    given = dict.fromkeys((*MEASURES.counts, *MEASURES.parts, *MEASURES.shares)) | {"resistant": 0}
    return {**given, "kind": "disease", "key": "x", "marker": "", "forms_missing": 0, **told}


def disclosed(**told: int) -> Row:
    [row] = disclose_counts(pa.Table.from_pylist([row_of(**told)]), BY, MEASURES)
    return row


def could_be(figure: Figure, number: int) -> range:
    if figure.status == "ok":
        return range(int(figure.value or 0), int(figure.value or 0) + 1)
    return range(1, LIMIT) if figure.status == "suppressed" else range(number + LIMIT)


def read(row: Row, truth: Mapping[str, int]) -> dict[str, set[int]]:
    """What a reader who tries all numbers finds that each can be: slow and plain. The reader knows which guesses are true
    of the row."""
    guesses: list[Callable[..., bool]] = [
        lambda c, s, cw, f, fw, m, mw: c - cw <= f - fw,
        lambda c, s, cw, f, fw, m, mw: c - cw == f - fw,
        lambda c, s, cw, f, fw, m, mw: cw <= mw,
        lambda c, s, cw, f, fw, m, mw: mw <= cw + s,
        lambda c, s, cw, f, fw, m, mw: mw == cw + s,
        lambda c, s, cw, f, fw, m, mw: mw == cw,
        lambda c, s, cw, f, fw, m, mw: m - mw <= c - cw,
        lambda c, s, cw, f, fw, m, mw: m == c + s,
        lambda c, s, cw, f, fw, m, mw: c == m,
    ]
    real = tuple(truth[name] for name in NAMES)
    true = [guess for guess in guesses if guess(*real)]
    found: dict[str, set[int]] = {name: set() for name in (*NAMES, "with", "within", "formed")}
    for tried in product(*(could_be(row.figures[name], truth[name]) for name in NAMES)):
        c, _s, cw, f, fw, m, mw = tried
        if cw <= c and fw <= f and mw <= m and all(guess(*tried) for guess in true):
            more = {"with": c - cw, "within": f - fw, "formed": m - mw}
            for name, value in (dict(zip(NAMES, tried, strict=True)) | more).items():
                found[name].add(value)
    return found


def check(truth: Mapping[str, int]) -> None:
    row = disclosed(**truth)
    found = read(row, truth)
    for name in NAMES:
        # Larger ones and noughts are hidden for these alone.
        if row.figures[name].status != "ok" and 0 < truth[name] < LIMIT:
            assert len(found[name]) >= 3, (name, row.figures)
    small = {
        "with": truth["cases"] - truth["cases_without_finding"],
        "within": truth["findings"] - truth["findings_without_case"],
        "formed": truth["forms"] - truth["forms_without_finding"],
    }
    for name, number in small.items():
        if 0 < number < LIMIT:
            assert len(found[name]) >= 3, (name, row.figures)


def told(c: int, s: int, cw: int, f: int, fw: int, m: int, mw: int) -> dict[str, int]:
    return dict(zip(NAMES, (c, s, cw, f, fw, m, mw), strict=True))


def test_what_two_columns_give_away_of_a_third_is_hidden() -> None:
    covid = told(8, 6, 4, 4, 0, 12, 10)
    row = disclosed(**covid)
    assert row.figures["forms_without_finding"].value is None
    assert (row.value("cases"), row.value("suspected")) == (8, 6), "MSIS shows them"
    check(covid)


@pytest.mark.parametrize(
    "numbers",
    [
        *((8, 6, 4, 4, 0, 10, 10), (8, 0, 4, 4, 0, 8, 4), (6, 5, 6, 0, 0, 11, 11)),
        *(
            (9, 0, 0, 9, 0, 2, 0),
            (7, 2, 3, 6, 2, 6, 4),
            (2, 0, 1, 1, 0, 2, 1),
            (0, 3, 0, 0, 0, 3, 3),
        ),
    ],
)
def test_rows_that_were_thought_of(numbers: tuple[int, ...]) -> None:
    check(told(*numbers))


SMALL = st.integers(0, 6)


@settings(max_examples=25, deadline=None)
@given(SMALL, st.sampled_from([0, 2, 5]), SMALL, SMALL, SMALL, SMALL, SMALL)
def test_no_hidden_number_is_narrowed(
    c: int, s: int, cw: int, within: int, fw: int, formed: int, mw: int
) -> None:
    check(told(c, s, min(c, cw), within + fw, fw, formed + mw, mw))


def test_what_another_page_hides_is_not_told_by_what_it_adds_up_to() -> None:
    numbers = told(6, 0, 6, 0, 0, 6, 6)
    table = pa.Table.from_pylist([row_of(**numbers, of_known=6, vaccinated=0)])
    [row] = disclose_counts(table, BY, MEASURES, elsewhere=lambda row: {"cases"})
    assert row.figures["cases"].status == "protected"
    assert row.value("forms") is None and row.value("of_known") is None
    assert len(read(row, numbers)["cases"]) >= 3


def test_what_is_related_to_nothing_small_is_shown() -> None:
    row = disclosed(**told(64, 6, 30, 40, 6, 70, 36))
    assert {row.figures[name].status for name in NAMES} == {"ok"}
