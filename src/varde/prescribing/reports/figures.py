"""Writes figures: the same value, in the same words, wherever a report shows it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from math import isfinite

import msgspec

from varde.codes import write_count, write_decimal, write_percent
from varde.prescribing.layout import Words
from varde.prescribing.reports.errors import ReportError
from varde.prescribing.reports.forms import common, fill, indicator_words
from varde.prescribing.reports.inputs import Described, Known, Measured, Missing, Value
from varde.prescribing.reports.report import Figure

SMALL = 10.0
"""Below this a figure has a decimal: 4.2 and 4.4 are not the same."""
LANGUAGES = ("nb", "en")
NOTHING = Words("", "")


def choose_places(values: Iterable[Value], per: int) -> int:
    """How many decimals figures that stand beside each other are written with: none, or one where one of them is
    small, or where two that differ would else be written alike."""
    shown = {one.value * per for one in values if isinstance(one, Known)}
    if any(0 < one < SMALL for one in shown):
        return 1
    return 0 if len({write_decimal(one, 0) for one in shown}) == len(shown) else 1


def places_for(measured: Measured, goal: float | None = None) -> int:
    """How many decimals the figures of an indicator are written with, wherever the report shows them.

    Args:
        goal: what the reader picked for it: it stands beside them, and must be told from them. One with decimals is
            not held against whole numbers.
    """
    if goal is not None and has_decimals(goal * measured.described.per):
        return 1
    beside = [measured.own, measured.before, *(one.value for one in measured.comparators)]
    if goal is not None:
        beside.append(Known(value=goal))
    return choose_places(beside, measured.described.per)


MOST_PLACES = 2


def has_decimals(target: float) -> bool:
    """Whether what a reader picked is no whole number, as it is shown."""
    return round(target) != round(target, 6)


def write_target(target: float, scale: Scale) -> Words:
    """What a reader picked, as it was picked: with its own decimals, whatever the figures beside it have.

    Args:
        target: as it is shown: 15.5 for 15.5 %.
    """
    places = next(
        (few for few in range(MOST_PLACES) if round(target, few) == round(target, 6)), MOST_PLACES
    )
    return write_figure(Known(value=target / scale.per), scale, places).shown


class Scale(msgspec.Struct, frozen=True):
    """How values of an indicator are shown: multiplied by `per`, in percent or not."""

    per: int
    percent: bool


PERCENT = Scale(100, True)


def scale_of(described: Described) -> Scale:
    """How an indicator's values are shown."""
    return Scale(described.per, indicator_words()[described.key].percent)


def write_figure(value: Value, scale: Scale, places: int) -> Figure:
    """A figure of an indicator, as value and as words.

    Raises:
        ReportError: it is not a number: what cannot be computed comes as `Missing`.
    """
    if isinstance(value, Missing):
        return Figure(
            missing=value.why,
            shown=common().missing[value.why],
            interval=NOTHING,
        )
    shown, low, high = (
        None if one is None else float(one) * scale.per
        for one in (value.value, value.low, value.high)
    )
    if shown is None or not all(isfinite(one) for one in (shown, low, high) if one is not None):
        raise ReportError("a figure is no number: what cannot be computed comes with a reason")
    interval = NOTHING
    if low is not None and high is not None:
        interval = Words(
            *(
                f"{_number(low, places, language)}–{_number(high, places, language)}"
                for language in LANGUAGES
            )
        )
    write = write_percent if scale.percent else _number
    return Figure(
        value=shown,
        low=low,
        high=high,
        shown=Words(*(write(shown, places, language) for language in LANGUAGES)),
        interval=interval,
    )


def _number(value: float, places: int, language: str) -> str:
    """A number; whole ones with their thousands apart."""
    if places:
        return write_decimal(value, places, language)
    return write_count(int(write_decimal(value, 0, "en")), language)


def write_counted(value: Known, scale: Scale) -> Words:
    """Of how many: "31 av 100", or "1 234 på 18 000" where one is no part of the other; empty where that is not told."""
    if value.numerator is None or value.denominator is None:
        return NOTHING
    sentences = common().sentences
    return fill(
        sentences.counted if scale.percent else sentences.counted_over,
        numerator=write_amount(value.numerator),
        denominator=write_amount(value.denominator),
    )


def write_amount(amount: Decimal | int) -> Words:
    """A whole number, as people write it; amounts of drugs are rounded to it."""
    whole = int(Decimal(amount).to_integral_value())
    return Words(write_count(whole, "nb"), write_count(whole, "en"))
