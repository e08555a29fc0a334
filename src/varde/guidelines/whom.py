"""Whom a regimen is for, in words: made from the limits in the content, so that they cannot differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct, UnsetType

from varde.guidelines.amounts import Amount
from varde.guidelines.model import Gjelder, Grense, Kode
from varde.guidelines.rendering import write_number

WORDS = Path(__file__).with_name("data") / "whom_words.json"
ADULT = Decimal(18)
"""Years from which one is an adult by Norwegian law."""
NEAR = Decimal("0.05")
"""Of a month: how far a number of years may be from a whole month that is meant."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a regimen is for.

    Attributes:
        words: sex, age and weight, in the reader's language; empty for everybody.
        having: names of conditions of which the person has one, as the guideline writes them.
        without: names of conditions of which the person has none.
        language: of the words; conditions are in the content's own.
    """

    words: str = ""
    having: str = ""
    without: str = ""
    language: str = "nb"

    def __bool__(self) -> bool:
        return bool(self.words or self.having or self.without)

    def __str__(self) -> str:
        """In one line."""
        say = _Speaker(self.language)
        without = say("not", conditions=self.without) if self.without else ""
        return ", ".join(part for part in (self.words, self.having, without) if part)


def say_whom(limits: Gjelder | UnsetType, language: str = "nb") -> Whom:
    """Whom a regimen is for; empty where the content does not limit it.

    Args:
        language: ``nb`` or ``en``; any other is taken as bokmål.
    """
    if not isinstance(limits, Gjelder):
        return Whom(language=language)
    say = _Speaker(language)
    age, weight = _ends(limits.alderAar), _ends(limits.vektKg)
    parts = []
    if limits.kjonn:
        parts.append(say("women" if limits.kjonn == "kvinne" else "men"))
    parts.append(_say_age(*age, say))
    parts.append(_say_weight(*weight, say, alone=not any(age) and not limits.kjonn))
    return Whom(
        words=_capital(", ".join(part for part in parts if part)),
        having=_list(limits.tilstander),
        without=_list(limits.ikkeTilstander),
        language=language,
    )


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    words: dict[str, dict[str, str]]


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return msgspec.json.decode(WORDS.read_bytes(), type=_File).words


class _Speaker:
    """Says a phrase of the words' file in one language."""

    def __init__(self, language: str) -> None:
        self._phrases = _words()["en" if language.startswith("en") else "nb"]

    def __call__(self, phrase: str, **values: object) -> str:
        return self._phrases[phrase].format(**values)


def _ends(limit: Grense | UnsetType) -> tuple[Decimal | None, Decimal | None]:
    if not isinstance(limit, Grense):
        return None, None
    first, last = limit.fra, limit.til
    return (
        first.low if isinstance(first, Amount) else None,
        last.low if isinstance(last, Amount) else None,
    )


def _say_age(first: Decimal | None, end: Decimal | None, say: _Speaker) -> str:
    if end is None:
        if first is None:
            return ""
        return say("adults") if first == ADULT else say("from-age", age=_age(first, say))
    if first is None:
        return say("children-under", age=_age(end, say))
    if _whole(first) and _whole(end) and first > 0:
        last = end - 1
        years = write_number(first)
        return say("years", years=years if last == first else f"{years}–{write_number(last)}")
    return say("ages", first=_age(first, say), end=_age(end, say))


def _age(years: Decimal, say: _Speaker) -> str:
    """In years; in whole months where the number is one, to a day or two (0.08 is a month)."""
    months = round(years * 12)
    if not _whole(years) and months and abs(years * 12 - months) < NEAR:
        return say("month") if months == 1 else say("months", months=months)
    return say("year") if years == 1 else say("years", years=write_number(years))


def _say_weight(first: Decimal | None, end: Decimal | None, say: _Speaker, *, alone: bool) -> str:
    if end is None:
        if first is None:
            return ""
        phrase = "adults-and-children-from" if alone else "from-kg"
        return say(phrase, kg=write_number(first))
    if first is None:
        return say("under-kg", kg=write_number(end))
    return say("weights", first=write_number(first), end=write_number(end))


def _whole(number: Decimal) -> bool:
    return number == number.to_integral_value()


def _list(concepts: tuple[Kode, ...] | UnsetType) -> str:
    """In Norwegian, as the names themselves are."""
    names = [one.display[:1].lower() + one.display[1:] for one in concepts or ()]
    return " eller ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
