"""The words of `words.toml`, checked when loaded."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from varde.codes import CodeFileError
from varde.prescribing.layout import Words
from varde.prescribing.reports.forms import bind, places_of
from varde.prescribing.reports.report import Kind

FILE = Path(__file__).parent / "words.toml"


class FactWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number that the figures rest on."""

    kinds: tuple[Kind, ...]
    indicator: str
    of: Literal["numerator", "denominator"]
    name: Words


class PartWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One drug of a choice: the indicator whose figure is its share."""

    indicator: str
    name: Words


class ChoiceWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A choice among drugs; its parts have the same denominator.

    Attributes:
        others: what all other drugs are called: the rest of the whole.
    """

    kinds: tuple[Kind, ...]
    title: Words
    others: Words
    parts: tuple[PartWords, ...]


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a reader is called whose name is not known."""

    prescriber: str


class MeasuringWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of them."""

    reviewed: date
    place: Mapping[str, Words]
    why_not: Mapping[str, Words]
    fact: tuple[FactWords, ...]
    choice: tuple[ChoiceWords, ...]
    names: Names


@cache
def measuring_words() -> MeasuringWords:
    """The words.

    Raises:
        CodeFileError: the file is not what it should be.
    """
    try:
        found = msgspec.convert(bind(tomllib.loads(FILE.read_text("utf-8"))), MeasuringWords)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
        raise CodeFileError(FILE, 0, str(error)) from None
    for key, words in found.why_not.items():
        if places_of(words) != {"name", "of"}:
            raise CodeFileError(FILE, 0, f"why_not.{key}: it has the places {{name}} and {{of}}")
    return found
