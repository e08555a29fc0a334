"""Numbers that an editor enters: one number or an interval, exact, as the published model writes them.

JSON is ``"150"`` or ``{"lav": "100", "hoy": "200"}``: always text, so that no reader turns a dose into
a binary fraction.
"""

from __future__ import annotations

import re
from decimal import Decimal

NUMBER = re.compile(r"(0|[1-9]\d{0,8})(\.\d{1,9})?", re.ASCII)
_KEYS = {"lav", "hoy"}

AmountJson = str | dict[str, str]


class Amount:
    """A number, or an interval between two. Immutable.

    Not a dataclass: msgspec would read and write those as objects, not as the published JSON.

    Args:
        low: the lower end, exact; what was written with two decimals keeps two.
        high: the upper end; None for a single number.

    Raises:
        ValueError: an end is no number a dose can be, or the ends are not in order.
    """

    __slots__ = ("high", "low")
    low: Decimal
    high: Decimal | None

    def __init__(self, low: Decimal, high: Decimal | None = None) -> None:
        for end in (low, high):
            if end is not None and not NUMBER.fullmatch(_text(end)):
                raise ValueError(f"{end} is no number a dose can be: 0 or more, without exponent")
        if high is not None and high <= low:
            raise ValueError(
                f"the interval's lav {low} must be below its hoy {high}; "
                "equal ends are written as one number"
            )
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"an amount does not change: {name}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Amount) and write_amount(self) == write_amount(other)

    def __hash__(self) -> int:
        return hash((self.low, self.high))

    def __repr__(self) -> str:
        return f"Amount({write_amount(self)!r})"

    @property
    def is_interval(self) -> bool:
        """Whether there are two ends."""
        return self.high is not None

    @property
    def most(self) -> Decimal:
        """The upper end, or the number itself."""
        return self.low if self.high is None else self.high

    def times(self, factor: Decimal) -> Amount:
        """Both ends multiplied; exact.

        Raises:
            ValueError: the factor is 0 or less, or the result is beyond what a dose can be.
        """
        high = None if self.high is None else _plain(self.high * factor)
        return Amount(_plain(self.low * factor), high)


def read_amount(value: object) -> Amount:
    """An amount out of its JSON.

    Raises:
        ValueError: neither a number as text nor an interval of two; the message says which.
    """
    if isinstance(value, str):
        return Amount(_number(value))
    if isinstance(value, dict):
        if set(value) != _KEYS:
            found = ", ".join(sorted(map(str, value))) or "nothing"
            raise ValueError(f"an interval has exactly lav and hoy, found {found}")
        return Amount(_number(value["lav"]), _number(value["hoy"]))
    raise ValueError(f'{value!r} must be a number as text ("150") or an interval (lav, hoy)')


def write_amount(amount: Amount) -> AmountJson:
    """The JSON of an amount: exactly what `read_amount` read."""
    if amount.high is None:
        return _text(amount.low)
    return {"lav": _text(amount.low), "hoy": _text(amount.high)}


def _number(value: object) -> Decimal:
    if not isinstance(value, str) or not NUMBER.fullmatch(value):
        raise ValueError(
            f"{value!r} is no number: write digits as text, with a point before decimals"
        )
    return Decimal(value)


def _text(number: Decimal) -> str:
    return format(number, "f")


def _plain(number: Decimal) -> Decimal:
    """Without zeros at the end that a multiplication has left: 90.00 is 90."""
    return Decimal(_text(number.normalize()))
