"""One message of one indicator and one unit: how it stands, and how it has changed, in sentences that agree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final, Literal

import msgspec

from varde.prescribing.comparison.change import Change
from varde.prescribing.comparison.funnel import Place
from varde.prescribing.comparison.rules import rules
from varde.prescribing.comparison.values import Direction, Estimate, Kind, NotComputable
from varde.prescribing.data_files import read_data
from varde.prescribing.layout import Words

FILE = Path(__file__).parent / "data" / "verdicts.toml"

Tone = Literal["good", "even", "bad"]
Standing = Literal["met", "near", "short", "none"]
Moved = Literal["better", "worse", "up", "down", ""]
Language = Literal["nb", "en"]

# Places in a row of the table, the good side (or the top) first.
FROM_TOP: Final[Mapping[Place | None, int]] = {
    "above-99.8": 0,
    "above-95": 1,
    "within": 2,
    "below-95": 3,
    "below-99.8": 4,
    None: 5,
}
FROM_BOTTOM: Final[Mapping[Place | None, int]] = {
    place: 4 - column if place else column for place, column in FROM_TOP.items()
}
CELLS: Final = len(FROM_TOP)
NUMBER: Final = re.compile(r"\{(\w+)\}")

# What there is to fill in: always the own number, the rest where the sentence speaks of it.
OWN: Final = frozenset({"value", "low", "high"})
OTHERS: Final = "others"
"""The place of whom a unit is compared with: no number, and in every cell."""
EARLIER: Final = "earlier"
"""The place of when its own number before was: no number, and in every sentence of a change."""
SILENT: Final = ("too-few", "no-peers")
SIMILAR: Final[Mapping[Language, str]] = {"nb": "lignende", "en": "the similar"}


class Level(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a unit stands: a key, whether that is good, and a sentence with places for numbers."""

    key: str
    tone: Tone
    nb: str
    en: str


class ChangeWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of a change after a level of each tone."""

    key: Literal["better", "worse", "up", "down"]
    even: Words
    good: Words | None = None
    bad: Words | None = None


class Judged(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The decision table: a row for each `Standing`, a column for each place in the funnel."""

    met: tuple[str, ...]
    near: tuple[str, ...]
    short: tuple[str, ...]
    none: tuple[str, ...]


class Unjudged(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The decision table of an indicator that judges nobody."""

    row: tuple[str, ...]


class Verdicts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The closed list of what may be said, and when."""

    reviewed: str
    source: str
    levels: tuple[Level, ...]
    unjudged_levels: tuple[Level, ...]
    silent_levels: tuple[Level, ...]
    earlier: Words
    changes: tuple[ChangeWords, ...]
    judged: Judged
    unjudged: Unjudged

    def level(self, key: str) -> Level:
        """The level of that key.

        Raises:
            KeyError: there is none.
        """
        for one in chain(self.levels, self.unjudged_levels, self.silent_levels):
            if one.key == key:
                return one
        raise KeyError(key)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one thing to say.

    Attributes:
        level: a key of the closed list ("hold", "better", "unsure", "room", "worse", "much-worse", "too-few" …).
        tone: whether that is good.
        moved: what the second sentence says of the unit's own change; blank: nothing.
    """

    level: str
    tone: Tone
    moved: Moved = ""

    @property
    def needs(self) -> frozenset[str]:
        """The numbers that its sentences speak of: "value", "low", "high", "benchmark", "typical", "before"."""
        return frozenset(NUMBER.findall(" ".join(_sentences(self, "nb")))) - {OTHERS, EARLIER}


def judge(
    own: Estimate | NotComputable,
    direction: Direction,
    benchmark: float | NotComputable,
    place: Place | None,
    change: Change,
    enough: bool = True,
) -> Verdict:
    """The verdict of one unit and one indicator.

    Args:
        own: its number with interval.
        direction: which values are good.
        benchmark: what the best of its like reach.
        place: where it lies in the funnel of its like; None: there is no funnel.
        change: its own change (`own_change`).
        enough: whether there are enough to say anything (`is_enough`).
    """
    if isinstance(own, NotComputable) or not enough:
        return _verdict("too-few", "")
    if direction == "none":
        key = verdicts().unjudged.row[FROM_TOP[place]]
        return _verdict(key, change if change in ("up", "down") else "")
    standing = stand(own, direction, benchmark)
    columns = FROM_BOTTOM if direction == "lower" else FROM_TOP
    key = getattr(verdicts().judged, standing)[columns[place]]
    moved: Moved = ""
    if change in ("up", "down"):
        moved = "better" if (change == "down") == (direction == "lower") else "worse"
    return _verdict(key, moved)


def _verdict(key: str, moved: Moved) -> Verdict:
    return Verdict(key, verdicts().level(key).tone, moved)


def stand(
    own: Estimate, direction: Literal["lower", "higher"], benchmark: float | NotComputable
) -> Standing:
    """How the own number stands to the benchmark."""
    if isinstance(benchmark, NotComputable):
        return "none"
    # Mirrored so that lower is better; a value that only rounding tells from the benchmark is at it.
    sign = 1 if direction == "lower" else -1
    end = own.low if direction == "lower" else own.high
    aim = sign * benchmark + 1e-12 * abs(benchmark)
    return "met" if sign * own.value <= aim else "near" if sign * end <= aim else "short"


def is_enough(kind: Kind, denominator: float, number: float | None) -> bool:
    """Whether a unit has enough of an indicator for anything to be said.

    What decides is the denominator, never what the unit did with it: a better value is not fewer. A proportion's must
    be at least 30; of a rate at least five events must be expected at the `number` that it is compared with (None:
    nothing is asked). A density's months decide (`estimate_density`).
    """
    least = rules().minimum
    if kind == "proportion":
        return denominator >= least.denominator
    if kind == "rate" and number is not None:
        return denominator * number >= least.expected
    return denominator > 0


def write_verdict(
    verdict: Verdict,
    language: Language,
    numbers: Mapping[str, str],
    others: str = "",
    earlier: str = "",
) -> str:
    """The message: one or two sentences, with numbers written as the caller writes them.

    Args:
        others: whom it is compared with, after "most of" in English and after "de fleste" in bokmål; blank: the similar.
        earlier: when the number before was, after "than" and after a number; blank: the year before.

    Raises:
        KeyError: a number of `Verdict.needs` is not there.
    """
    text = " ".join(_sentences(verdict, language))
    year = verdicts().earlier
    given = {
        OTHERS: others or SIMILAR[language],
        EARLIER: earlier or (year.nb if language == "nb" else year.en),
        **numbers,
    }
    return NUMBER.sub(lambda found: given[found[1]], text)


def _sentences(verdict: Verdict, language: Language) -> list[str]:
    level = verdicts().level(verdict.level)
    found = [level.nb if language == "nb" else level.en]
    for change in verdicts().changes:
        if change.key == verdict.moved:
            words = getattr(change, level.tone)
            found.append(words.nb if language == "nb" else words.en)
    return found


@cache
def verdicts() -> Verdicts:
    """The closed list.

    Raises:
        CodeFileError: the file is not what it should be.
    """
    return read_verdicts(FILE)


def read_verdicts(path: Path) -> Verdicts:
    """The list of a file.

    Raises:
        CodeFileError: the file is not what it should be.
    """
    return read_data(path, Verdicts, _check)


def _check(found: Verdicts) -> list[str]:
    problems = []
    order = [level.key for level in found.levels]
    every = [*order, *(level.key for level in (*found.unjudged_levels, *found.silent_levels))]
    if len(set(every)) != len(every):
        problems.append("two levels have the same key")
    if tuple(level.key for level in found.silent_levels) != SILENT:
        problems.append(f"the levels that compare nothing are {', '.join(SILENT)}")
    if sorted(change.key for change in found.changes) != ["better", "down", "up", "worse"]:
        problems.append("a change is better, worse, up or down, each once")
    table = (found.judged.met, found.judged.near, found.judged.short, found.judged.none)
    for row in (*table, found.unjudged.row):
        if len(row) != CELLS or not set(row) <= set(every):
            problems.append(f"a row has {CELLS} keys of levels: {', '.join(row)}")
            return problems
    for row in table:
        places = [order.index(key) for key in row[:5] if key in order]
        if len(places) != 5 or places != sorted(places):
            problems.append(f"a better place in the funnel never gives a worse level: {row}")
    for column in range(5):
        places = [order.index(row[column]) for row in table[:3] if row[column] in order]
        if places != sorted(places):
            problems.append(f"nearer the benchmark never gives a worse level: column {column + 1}")
    problems += _check_words(found, table)
    return problems


def _check_words(found: Verdicts, table: tuple[tuple[str, ...], ...]) -> list[str]:
    """Sentences speak only of numbers that are there in every cell they are said in, and of the same in both languages."""
    problems = []
    cells: dict[str, set[str]] = {}
    for line, row in enumerate((*table, found.unjudged.row)):
        for column, key in enumerate(row):
            there = set(OWN)
            there |= {"benchmark"} if line < 3 else set()
            there |= {"typical"} if column < 5 else set()
            cells[key] = cells.get(key, there) & there
    for level in (*found.levels, *found.unjudged_levels, *found.silent_levels):
        named = set(NUMBER.findall(level.nb))
        if named != set(NUMBER.findall(level.en)):
            problems.append(f"{level.key}: bokmål and English speak of different numbers")
        if not named - {OTHERS} <= cells.get(level.key, set()):
            problems.append(f"{level.key}: a number is not there in every cell that says so")
    for change in found.changes:
        judging = change.key in ("better", "worse")
        if judging != (change.good is not None and change.bad is not None):
            problems.append(f"{change.key}: what is better or worse has words for every tone")
        for words in (change.good, change.even, change.bad):
            if words and any(
                {*NUMBER.findall(text)} != {"before", EARLIER} for text in (words.nb, words.en)
            ):
                problems.append(f"{change.key}: a change speaks of the number before, and of when")
    return problems
