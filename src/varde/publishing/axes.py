"""Axes of a report's charts: from nought to a comfortable top, and marks for what lies beyond."""

from __future__ import annotations

from collections.abc import Iterable
from math import floor, log10

import msgspec

from varde.codes import write_count, write_decimal, write_percent

TOPS = (1.0, 2.0, 4.0, 6.0, 8.0, 10.0)
"""Tops whose half is a number that people say."""
NOUGHT = 1e-9
"""What is below this is drawn as nought."""
FAR = 2.0
"""How many times the highest value an interval may stretch the axis."""


class Axis(msgspec.Struct, frozen=True, kw_only=True):
    """From a value to a place in the picture.

    Attributes:
        top: the highest value that the axis shows; the lowest is nought.
        start, length: where in the picture it begins, and how long it is; negative when it goes upwards.
        percent: its values are percentages.
    """

    top: float
    start: float
    length: float
    percent: bool

    def place(self, value: float) -> float:
        """Where a value is; what lies beyond the axis is at its end."""
        return self.start + self.length * min(max(value, 0.0), self.top) / self.top

    def beyond(self, value: float) -> bool:
        """Whether a value lies outside of the axis."""
        return not 0.0 <= value <= self.top

    def ticks(self) -> tuple[float, ...]:
        """Nought, the half, the top."""
        return (0.0, self.top / 2, self.top)

    def write(self, value: float, language: str) -> str:
        """A tick's label."""
        places = 0
        while places < 4 and abs(round(value, places) - value) > 1e-9 * max(1.0, self.top):
            places += 1
        if self.percent:
            return write_percent(value, places, language)
        return (
            write_decimal(value, places, language)
            if places
            else write_count(round(value), language)
        )


def find_top(values: Iterable[float], ends: Iterable[float], *, percent: bool) -> float:
    """The smallest comfortable top that holds all values, and the ends of intervals as far as they do not squeeze the
    values into a corner. A percentage never goes beyond 100."""
    highest = max((one for one in values if one > 0), default=0.0)
    far = max((one for one in ends if one > 0), default=0.0)
    wanted = max(highest, min(far, highest * FAR)) if highest else far
    if wanted < NOUGHT:
        return 1.0
    top = _round_up(wanted)
    return min(top, 100.0) if percent and wanted <= 100.0 else top


def _round_up(value: float) -> float:
    size = 10.0 ** floor(log10(value))
    return next((size * top for top in TOPS if size * top >= value), size * 10)
