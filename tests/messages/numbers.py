"""Identity numbers of synthetic persons (month + 80), and a plain check written from the rule."""

from __future__ import annotations

from datetime import date

FIRST = [3, 7, 6, 1, 8, 9, 4, 5, 2]
SECOND = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]


def control_digits(nine: str, remainder: int = 0) -> str | None:
    """The two control digits of nine digits; None when the number may not be issued."""
    first = (11 - sum(w * int(d) for w, d in zip(FIRST, nine, strict=True)) % 11 + remainder) % 11
    if first == 10:
        return None
    ten = nine + str(first)
    second = (11 - sum(w * int(d) for w, d in zip(SECOND, ten, strict=True)) % 11) % 11
    return None if second == 10 else f"{first}{second}"


def make_number(
    born: date, serial: int, *, remainder: int = 0, day: int = 0, month: int = 80
) -> str | None:
    """An identity number; `day` and `month` are what is added to the birth date's digits."""
    nine = f"{born.day + day:02}{born.month + month:02}{born.year % 100:02}{serial:03}"
    digits = control_digits(nine, remainder)
    return None if digits is None else nine + digits


def some_number(born: date = date(1984, 3, 17), *, male: bool = False, **more: int) -> str:
    """The first number that may be issued to someone born that day in the 1900s."""
    serials = range(1 if male else 0, 500, 2)
    return next(n for serial in serials if (n := make_number(born, serial, **more)))
