"""Kinds of report as data: which indicators, in which order, and the words. Checked when loaded."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeVar

import msgspec

from varde.codes import CodeFileError
from varde.prescribing.comparison import verdicts
from varde.prescribing.indicators import Role as Actor
from varde.prescribing.indicators import UnitKind
from varde.prescribing.layout import Words
from varde.prescribing.reports.report import Good, Kind, Labels, Role, Why
from varde.prescribing.reports.wording import Dotted, Months, OnPage, Sentences, Text

FOLDER = Path(__file__).parent / "data"
FEWEST_PANELS, MOST_PANELS = 3, 5
YEAR = 12

T = TypeVar("T")


class Common(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all kinds say."""

    reviewed: date
    months: Months
    date: Words
    quarter: Words
    labels: Labels
    good: Mapping[Good, Words]
    missing: Mapping[Why, Words]
    missing_cell: Mapping[Why, Words]
    missing_headline: Mapping[Why, Words]
    sentences: Sentences
    uncertainty: Text
    intervals: tuple[Words, ...]
    spread: tuple[Words, ...]
    errors: Text
    page: OnPage


class IndicatorWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What reports say of one indicator.

    Attributes:
        says: the headline's first sentence, with the places {who} and {own}.
        percent: its figures are written in percent.
        unit: what is counted.
        advice: the guideline's advice in short; None where a report gives none.
        recommendation: the name of the recommendation in `varde.guidelines`.
    """

    title: Words
    percent: bool
    says: Words
    unit: Words
    advice: Words | None = None
    recommendation: str = ""


Alike = Literal["similar", "no-children", "no-ages", "all"]
"""How alike those are whom one is compared with: in all that is asked; not in how many children; nor in how many
elderly; in nothing but their kind."""


class CircleWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a circle is called, as alike as its units are.

    Attributes:
        others: its units, after "most of" in English and after "de fleste" in bokmål.
        benchmark, peers: the roles' names where they are of this circle.
    """

    others: Words
    benchmark: Words
    peers: Words


class Variant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One form of a kind.

    Attributes:
        months: how long its period is.
        who: the reader as the subject of a sentence.
        short: the reader above a column of a chart; None: as `who`.
        personal: it is about a single prescriber, or shows which of others that one is: for that one alone.
        own_dot: it may show which dot is the reader's.
        circle: which of the kind's circles it is compared with.
        made: it is made of what was delivered; else it is a form alone, which nothing fills in yet.
        roles: names that differ from the kind's.
        stretches: what its two periods are called, by whose figures they have, where other months lie between them;
            empty where one follows the other.
        earlier: when the figure before was, in a sentence after "than" and after a figure; None: the year before.
    """

    months: int
    circle: str = "own"
    personal: bool = False
    own_dot: bool = False
    made: bool = True
    who: Words
    short: Words | None = None
    subtitle: Words
    roles: Mapping[Role, Words] = {}
    stretches: Mapping[Literal["before", "own"], Words] = {}
    earlier: Words | None = None


class CountedAs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one kind of report, or one variant of it, is counted.

    Attributes:
        variant: the only one of its kind that is counted so; blank: all.
        by: whose report it is.
        base: who must not become known by subtraction.
        role: only what was done in that role.
        alike: the kind and role that its readers are compared within (`comparison.Profile`).
        beside: comparators in the order in which a report wants them.
        read_too: kind and variant of a report that the same reader sees: of the unit, of the group.
        of_several: the report's own figures are a sum of several persons, each of whom may read it and knows the own:
            they are shown where at least as many others are left as a comparator needs.
        each_as_dot: whoever reads it may know each of them too: as a dot.
        own_hidden: what is said where they are not shown.
        case_mix: beside where the reader lies among similar ones stands what is usual for the reader's patients' ages and
            sexes.
    """

    variant: str = ""
    by: UnitKind
    base: UnitKind
    role: Actor | None = None
    alike: tuple[str, str]
    beside: tuple[Role, ...]
    read_too: tuple[Kind, str] | None = None
    of_several: bool = False
    each_as_dot: bool = False
    own_hidden: Words | None = None
    case_mix: bool = False


class KindOfReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind.

    Attributes:
        dots: its panels show the members of a group as dots.
        first_page, table: keys of indicators, in order; the same every year.
        columns: the table's, by role.
        circles: those whom a reader is compared with, by name, as alike as they are.
        counted: how its variants are counted.
        method: how the figures are made; {billing} is the codes of the contacts that the first indicator counts, in the
            roles that the kind is of.
        says: headlines that differ from the indicators'.
        dotted: what method and `not_shown` say besides where there are dots.
    """

    reviewed: date
    key: Kind
    title: Words
    counted: tuple[CountedAs, ...]
    dots: bool = False
    first_page: tuple[str, ...]
    table: tuple[str, ...]
    columns: tuple[Role, ...]
    variants: Mapping[str, Variant]
    roles: Mapping[Role, Words]
    circles: Mapping[str, Mapping[Alike, CircleWords]]
    says: Mapping[str, Words] = {}
    method: Text
    not_shown: Text
    dotted: Dotted = Dotted()

    def name(self, role: Role, variant: str) -> Words:
        """What a role is called.

        Raises:
            KeyError: this kind has no name for it.
        """
        found = self.variants[variant].roles.get(role) or self.roles[role]
        return fill(found, months=str(self.variants[variant].months))

    def earlier(self, variant: str) -> Words:
        """When the figure before was: the year before, or the months that are compared."""
        return self.variants[variant].earlier or verdicts().earlier

    def circle(self, variant: str, alike: Alike) -> CircleWords:
        """What those are called whom a reader is compared with.

        Raises:
            KeyError: this kind has no words for a circle so wide.
        """
        return self.circles[self.variants[variant].circle][alike]


def fill(words: Words, **places: str | Words) -> Words:
    """Words with their places filled in, in each language.

    Raises:
        KeyError: nothing is given for a place.
    """
    return Words(
        nb=words.nb.format(
            **{key: one if isinstance(one, str) else one.nb for key, one in places.items()}
        ),
        en=words.en.format(
            **{key: one if isinstance(one, str) else one.en for key, one in places.items()}
        ),
    )


def places_of(words: Words) -> set[str]:
    """The places that stand in words, in either language."""
    return {
        name
        for text in (words.nb, words.en)
        for _, name, _, _ in string.Formatter().parse(text)
        if name
    }


@cache
def common() -> Common:
    """What all kinds say.

    Raises:
        CodeFileError: the file is not what it should be.
    """
    return _read(FOLDER / "common.toml", Common)


@cache
def indicator_words() -> Mapping[str, IndicatorWords]:
    """What reports say of each indicator, by its key.

    Raises:
        CodeFileError: the file is not what it should be.
    """
    path = FOLDER / "indicators.toml"
    raw = _load(path)
    raw.pop("reviewed", None)
    found = _convert(path, raw, dict[str, IndicatorWords])
    for key, words in found.items():
        if places_of(words.says) - {"who", "own"} or "own" not in places_of(words.says):
            raise CodeFileError(path, 0, f"{key}: says needs {{own}}, and may have {{who}}")
        if (words.advice is None) != (not words.recommendation):
            raise CodeFileError(path, 0, f"{key}: an advice names its recommendation")
    return MappingProxyType(found)


@cache
def kinds() -> Mapping[Kind, KindOfReport]:
    """All kinds by key.

    Raises:
        CodeFileError: a file is not what it should be.
    """
    found: dict[Kind, KindOfReport] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        if path.stem not in ("common", "indicators"):
            kind = _read(path, KindOfReport)
            for problem in _check(kind, path.stem):
                raise CodeFileError(path, 0, problem)
            found[kind.key] = kind
    return MappingProxyType(found)


def _check(kind: KindOfReport, name: str) -> list[str]:
    problems = []
    if kind.key != name:
        problems.append(f"the key {kind.key} is not the file's name")
    if not FEWEST_PANELS <= len(kind.first_page) <= MOST_PANELS:
        problems.append(f"the first page has {FEWEST_PANELS} to {MOST_PANELS} indicators")
    for key in (*kind.first_page, *kind.table, *kind.says):
        if key not in indicator_words():
            problems.append(f"indicators.toml says nothing of {key}")
    for key in kind.first_page:
        if key not in kind.table:
            problems.append(f"{key} is on the first page and not in the table")
    if any(one.own_dot and not one.personal for one in kind.variants.values()):
        problems.append("an own dot is shown to its owner alone: in what is personal")
    if kind.columns[:2] != ("own", "before"):
        problems.append("the first two columns are own and before")
    for one in kind.counted:
        if one.variant and one.variant not in kind.variants:
            problems.append(f"counted: no variant {one.variant}")
        if one.of_several != (one.own_hidden is not None):
            problems.append("counted: what is of several says what is shown where it is hidden")
    for variant in kind.variants.values():
        if set(variant.stretches) != ({"before", "own"} if variant.months < YEAR else set()):
            problems.append("what is not of a year has two stretches, before and own")
        if (variant.earlier is None) != (variant.months >= YEAR):
            problems.append(
                "what is not of a year, and that alone, says when the figure before was"
            )
        if variant.circle not in kind.circles:
            problems.append(f"no circle {variant.circle}")
        for role in kind.columns:
            if role not in variant.roles and role not in kind.roles:
                problems.append(f"no name for {role}")
    return problems


def _read(path: Path, type_: type[T]) -> T:
    return _convert(path, _load(path), type_)


def _load(path: Path) -> dict[str, Any]:
    try:
        raw: dict[str, Any] = bind(tomllib.loads(path.read_text("utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise CodeFileError(path, 0, str(error)) from None
    return raw


def _convert(path: Path, raw: Any, type_: type[T]) -> T:
    try:
        return msgspec.convert(raw, type_)
    except msgspec.ValidationError as error:
        raise CodeFileError(path, 0, str(error)) from None


def bind(value: Any) -> Any:
    """Numbers keep to what they count, so that no line ends between "95" and "%"."""
    if isinstance(value, dict):
        return {key: bind(one) for key, one in value.items()}
    if isinstance(value, list):
        return [bind(one) for one in value]
    if isinstance(value, str):
        return re.sub(
            r"(?<=[\d}]) (?=%|md\.|måneder\b|months\b)|(?<=\bn) (?==)|(?<=n =) ", "\u00a0", value
        )
    return value
