"""One verdict: the decision table cell by cell, and what never happens whatever the figures."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from varde.codes import CodeFileError
from varde.prescribing.comparison import (
    Estimate,
    Funnel,
    NotComputable,
    Place,
    Verdict,
    estimate,
    is_enough,
    judge,
    verdicts,
    write_verdict,
)
from varde.prescribing.comparison.change import Change
from varde.prescribing.comparison.verdict import FILE, read_verdicts

OWN = Estimate(0.30, 0.25, 0.36, 90, 300)
MIRROR = Estimate(0.70, 0.64, 0.75, 210, 300)
PLACES: list[Place | None] = ["below-99.8", "below-95", "within", "above-95", "above-99.8", None]
OPPOSITE: dict[Place | None, Place | None] = dict(zip(PLACES, [*PLACES[4::-1], None], strict=True))
TURNED: dict[Change, Change] = {"up": "down", "down": "up"}
CHANGES: list[Change] = ["up", "down", "steady", "mixed", "not-computable"]

# Lower is better. Benchmark, place in the funnel, and what is said.
CELLS = [
    # At the benchmark or better.
    (0.30, "below-99.8", "hold"),
    (0.35, "below-95", "hold"),
    (0.40, "within", "hold"),
    (0.40, "above-95", "open"),
    (0.40, "above-99.8", "open"),
    (0.40, None, "hold"),
    # Worse, but the interval reaches it.
    (0.25, "below-99.8", "better"),
    (0.29, "below-95", "better"),
    (0.29, "within", "unsure"),
    (0.29, "above-95", "worse"),
    (0.29, "above-99.8", "much-worse"),
    (0.29, None, "near"),
    # The whole interval is worse.
    (0.24, "below-99.8", "better"),
    (0.10, "below-95", "better"),
    (0.10, "within", "room"),
    (0.10, "above-95", "worse"),
    (0.10, "above-99.8", "much-worse"),
    (0.10, None, "room"),
    # No benchmark.
    (None, "below-99.8", "better"),
    (None, "below-95", "better"),
    (None, "within", "unsure"),
    (None, "above-95", "worse"),
    (None, "above-99.8", "much-worse"),
    (None, None, "no-peers"),
]


def aim(benchmark: float | None) -> float | NotComputable:
    return NotComputable("too-few-units") if benchmark is None else benchmark


@pytest.mark.parametrize(("benchmark", "place", "level"), CELLS)
def test_every_cell(benchmark: float | None, place: Place | None, level: str) -> None:
    assert judge(OWN, "lower", aim(benchmark), place, "steady").level == level
    turned = None if benchmark is None else 1 - benchmark
    assert judge(MIRROR, "higher", aim(turned), OPPOSITE[place], "steady").level == level


def test_rounding_takes_nobody_from_the_benchmark() -> None:
    own = Estimate(0.1 + 0.2, 0.25, 0.36, 90, 300)
    assert own.value > 0.3
    assert judge(own, "lower", 0.3, "within", "steady").level == "hold"
    assert judge(own, "lower", 0.2999, "within", "steady").level == "unsure"


def test_no_cell_is_left_out() -> None:
    assert len({(b is None or (b >= 0.3, b >= 0.25), place) for b, place, _ in CELLS}) == 4 * 6


@pytest.mark.parametrize(
    ("place", "level"),
    [*zip(PLACES, ["far-below", "below", "alike", "above", "far-above", "no-peers"], strict=True)],
)
def test_an_indicator_that_judges_nobody(place: Place | None, level: str) -> None:
    for change, moved in zip(CHANGES, ["up", "down", "", "", ""], strict=True):
        found = judge(OWN, "none", 0.2, place, change)
        assert found == Verdict(level, "even", moved)  # type: ignore[arg-type]
        message = write_verdict(found, "en", NUMBERS)
        assert not {"better", "worse", "aim"} & set(message.replace(".", "").split())


NUMBERS = {
    "value": "30 %",
    "low": "25 %",
    "high": "36 %",
    "benchmark": "20 %",
    "typical": "28 %",
    "before": "33 %",
}


@pytest.mark.parametrize("change", CHANGES)
def test_too_few_says_nothing_else(change: Change) -> None:
    silent = Verdict("too-few", "even")
    assert judge(NotComputable("zero-denominator"), "lower", 0.2, "within", change) == silent
    assert judge(OWN, "lower", 0.2, "above-99.8", change, enough=False) == silent
    assert judge(OWN, "none", 0.2, "above-99.8", change, enough=False) == silent
    assert write_verdict(silent, "nb", {}) == "For få til å si noe."


@pytest.mark.parametrize(
    ("direction", "change", "moved"),
    [
        ("lower", "up", "worse"),
        ("lower", "down", "better"),
        ("higher", "up", "better"),
        ("higher", "down", "worse"),
        ("lower", "steady", ""),
        ("lower", "mixed", ""),
        ("higher", "not-computable", ""),
    ],
)
def test_changes(direction: str, change: Change, moved: str) -> None:
    assert judge(OWN, direction, 0.3, "within", change).moved == moved  # type: ignore[arg-type]


def test_messages_as_they_are_read() -> None:
    hold = judge(OWN, "lower", 0.3, "within", "down")
    assert write_verdict(hold, "en", NUMBERS) == (
        "Level with the best of the similar, or better: 30 %, and the best have 20 %. Hold this level."
        " That is better than the year before (33 %)."
    )
    bad = judge(OWN, "lower", 0.1, "above-99.8", "down")
    assert write_verdict(bad, "nb", NUMBERS) == (
        "Sikkert lenger fra målet enn de fleste lignende: 30 %, der 28 % er vanlig."
        " Men det går rett vei: 33 % året før."
    )
    assert bad.needs == {"value", "typical", "before"}
    assert write_verdict(hold, "nb", NUMBERS, earlier="i samme måneder året før").endswith(
        " Det er bedre enn i samme måneder året før (33 %)."
    )
    with pytest.raises(KeyError):
        write_verdict(bad, "nb", {"value": "30 %"})


def test_every_verdict_has_one_message_that_does_not_contradict_itself() -> None:
    """Of a good level no sentence says that it is bad, and the other way; improvement of a bad one begins with but."""
    seen = set()
    for benchmark, place, change, direction in product(
        (0.4, 0.29, 0.1, None), PLACES, CHANGES, ("lower", "higher", "none")
    ):
        found = judge(OWN, direction, aim(benchmark), place, change)  # type: ignore[arg-type]
        seen.add(found)
        message = write_verdict(found, "en", NUMBERS)
        assert "{" not in message
        assert "{" not in write_verdict(found, "nb", NUMBERS)
        first = message.split(". ")[0]
        assert not ("etter than most" in first and "urther from" in first)
        if found.tone == "bad":
            assert "better" not in message
            assert ("But" in message) == (found.moved == "better")
        if found.tone == "good":
            assert "urther from" not in message
            assert ("But" in message) == (found.moved == "worse")
    # Only (level, change) pairs of the closed list.
    keys = {
        one.key
        for one in (
            *verdicts().levels,
            *verdicts().unjudged_levels,
            *verdicts().silent_levels,
        )
    }
    assert {one.level for one in seen} == keys - {"too-few"}


ORDER = ["hold", "better", "near", "unsure", "open", "room", "worse", "much-worse"]


def decide(x: int, d: int, centre: float, benchmark: float | None, direction: str) -> Verdict:
    [own] = estimate([x], [d], "proportion")
    place = Funnel("proportion", centre, 1.3, 50).place([x], [d])[0]
    return judge(own, direction, aim(benchmark), place, "steady")  # type: ignore[arg-type]


SHARES = st.integers(1, 99).map(lambda n: n / 100)


@given(
    st.integers(1, 400),
    SHARES,
    st.none() | SHARES,
    st.sampled_from(["lower", "higher"]),
    st.sampled_from(["proportion", "rate"]),
)
def test_a_better_value_never_gets_a_worse_verdict(
    d: int, centre: float, benchmark: float | None, direction: str, kind: str
) -> None:
    """All the values that a unit of this size may have, from the best to the worst."""
    counts = list(range(d + 1))
    owns = estimate(counts, [d] * (d + 1), kind)  # type: ignore[arg-type]
    places = Funnel(kind, centre, 1.3, 50).place(counts, [d] * (d + 1))  # type: ignore[arg-type]
    ranks = [
        ORDER.index(judge(own, direction, aim(benchmark), place, "steady").level)  # type: ignore[arg-type]
        for own, place in zip(owns, places, strict=True)
    ]
    assert ranks == sorted(ranks, reverse=direction == "higher")


@given(st.integers(1, 500), st.data(), SHARES, st.none() | SHARES)
def test_what_is_lower_of_one_is_higher_of_the_other(
    d: int, data: st.DataObject, centre: float, benchmark: float | None
) -> None:
    x = data.draw(st.integers(0, d))
    one = decide(x, d, centre, benchmark, "lower")
    other = decide(d - x, d, 1 - centre, None if benchmark is None else 1 - benchmark, "higher")
    if benchmark is not None:  # where the interval ends on the benchmark, rounding decides
        [own] = estimate([x], [d], "proportion")
        assert isinstance(own, Estimate)
        assume(abs(own.low - benchmark) > 1e-9)
    assert one == other


@pytest.mark.parametrize(
    ("kind", "denominator", "number", "enough"),
    [
        ("proportion", 30, None, True),
        ("proportion", 29, 0.5, False),
        ("rate", 100, 0.05, True),
        ("rate", 100, 0.049, False),
        ("rate", 1, None, True),
        ("rate", 0, None, False),
        ("density", 1, 0.01, True),
        ("density", 0, None, False),
    ],
)
def test_enough(kind: str, denominator: float, number: float | None, enough: bool) -> None:
    assert is_enough(kind, denominator, number) is enough  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"worse",  "much-worse", "near"]', '"much-worse",  "worse", "near"]', "better place"),
        (
            'short = ["better", "better", "room"',
            'short = ["hold", "better", "room"',
            "nearer the benchmark",
        ),
        ('"below", "far-below", "no-peers"]', '"below", "no-peers"]', "keys of levels"),
        ('row = ["far-above"', 'row = ["high"', "keys of levels"),
        ("({before}): følg med", "({after}): følg med", "number before"),
        ("bedre enn {earlier} (", "bedre enn året før (", "and of when"),
        ("og de beste har {benchmark}. Hold", "og de beste har mer. Hold", "different numbers"),
        ('key = "too-few"', 'key = "few"', "compare nothing"),
        ('key = "better"\ntone', 'key = "hold"\ntone', "same key"),
        ('key = "down"', 'key = "up"', "each once"),
        ('tone = "bad"', 'tone = "awful"', "Invalid enum value"),
    ],
)
def test_a_file_that_breaks_a_rule(tmp_path: Path, old: str, new: str, problem: str) -> None:
    text = FILE.read_text("utf-8")
    assert old in text
    path = tmp_path / "verdicts.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(CodeFileError, match=problem):
        read_verdicts(path)


def test_a_sentence_speaks_only_of_what_is_there(tmp_path: Path) -> None:
    """Level "unsure" is said where there is no benchmark too."""
    text = FILE.read_text("utf-8").replace(
        "mellom {others}: {value}, der {typical} er vanlig.",
        "mellom {others}: {value} {benchmark}.",
    )
    text = text.replace(
        "among {others}: {value}, where {typical} is usual.", "among {others}: {value} {benchmark}."
    )
    path = tmp_path / "verdicts.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(CodeFileError, match="unsure: a number is not there"):
        read_verdicts(path)
