"""Writes figures: the same value, in the same words, wherever a report shows it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from math import isfinite

from varde.codes import write_count, write_decimal, write_interval, write_percent
from varde.prescribing.layout import Words
from varde.prescribing.reports.errors import ReportError
from varde.prescribing.reports.inputs import Described, Known, Missing, Value
from varde.prescribing.reports.kinds import common, fill
from varde.prescribing.reports.report import Figure

SMALL = 10.0
"""Below this a figure has a decimal: 4.2 and 4.4 are not the same."""
NOTHING = Words("", "")


def choose_places(values: Iterable[Value], per: int) -> int:
    """How many decimals figures that stand beside each other are written with: none, or one where one of them is
    small, or where two that differ would else be written alike."""
    shown = {one.value * per for one in values if isinstance(one, Known)}
    if any(0 < one < SMALL for one in shown):
        return 1
    return 0 if len({write_decimal(one, 0) for one in shown}) == len(shown) else 1


def write_figure(value: Value, described: Described, places: int) -> Figure:
    """A figure of an indicator, as value and as words.

    Raises:
        ReportError: it is not a number: what cannot be computed comes as `Missing`.
    """
    if isinstance(value, Missing):
        return Figure(
            missing=value.why,
            shown=common().missing[value.why],
            interval=NOTHING,
            counted=NOTHING,
        )
    shown, low, high = (
        None if one is None else float(one) * described.per
        for one in (value.value, value.low, value.high)
    )
    if shown is None or not all(isfinite(one) for one in (shown, low, high) if one is not None):
        raise ReportError(f"{described.key}: a figure that is no number has no reason")
    return Figure(
        value=shown,
        low=low,
        high=high,
        shown=_both(shown, places, percent=described.proportion),
        interval=NOTHING
        if low is None or high is None
        else Words(
            write_interval(low, high, places, "nb"), write_interval(low, high, places, "en")
        ),
        counted=_counted(value.numerator, value.denominator),
    )


def _both(shown: float, places: int, *, percent: bool) -> Words:
    write = write_percent if percent else write_decimal
    return Words(write(shown, places, "nb"), write(shown, places, "en"))


def _counted(numerator: Decimal | None, denominator: Decimal | None) -> Words:
    if numerator is None or denominator is None:
        return NOTHING
    return fill(
        common().sentences.counted,
        numerator=write_amount(numerator),
        denominator=write_amount(denominator),
    )


def write_amount(amount: Decimal | int) -> Words:
    """A whole number, as people write it; amounts of drugs are rounded to it."""
    whole = int(Decimal(amount).to_integral_value())
    return Words(write_count(whole, "nb"), write_count(whole, "en"))
