"""Numbers as people write them in each language."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_DECIMAL_MARK = {"nb": ",", "en": "."}
_THOUSANDS = {"nb": "\u00a0", "en": ","}  # a no-break space in Norwegian
_PERCENT = {"nb": "\u00a0%", "en": "%"}


def write_count(value: int, language: str = "nb") -> str:
    """12345 as "12 345" in Norwegian and "12,345" in English."""
    digits = f"{value:,}"
    return digits.replace(",", _THOUSANDS[_known(language)])


def write_decimal(value: float, places: int = 1, language: str = "nb") -> str:
    """4.25 as "4,3" in Norwegian and "4.3" in English; halves are rounded away from zero."""
    step = Decimal(1).scaleb(-places)
    rounded = Decimal(repr(value)).quantize(step, ROUND_HALF_UP)
    return f"{rounded}".replace(".", _DECIMAL_MARK[_known(language)])


def write_percent(value: float, places: int = 1, language: str = "nb") -> str:
    """4.25 as "4,3 %" in Norwegian and "4.3%" in English."""
    return write_decimal(value, places, language) + _PERCENT[_known(language)]


def write_interval(low: float, high: float, places: int = 1, language: str = "nb") -> str:
    """An interval in percent, without the sign: "2,1–7,9"."""
    return f"{write_decimal(low, places, language)}–{write_decimal(high, places, language)}"


def _known(language: str) -> str:
    return "en" if language.startswith("en") else "nb"
