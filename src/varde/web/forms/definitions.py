"""What the words of the surveys mean, shortly and in our own words; the survey's own template decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
from django.utils.translation import get_language

_DATA = Path(__file__).with_name("definitions.json")


class Definition(NamedTuple):
    """A word and what it means."""

    term: str
    text: str


class _InLanguages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    nb: Definition
    en: Definition


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    definitions: dict[str, _InLanguages]


@cache
def definitions() -> Mapping[str, _InLanguages]:
    """Key → a definition in bokmål and English."""
    return msgspec.json.decode(_DATA.read_bytes(), type=_File).definitions


def explain(keys: Iterable[str]) -> list[Definition]:
    """The definitions of some words in the reader's language; those without one are left out."""
    english = get_language() == "en"
    found = [definitions()[key] for key in keys if key in definitions()]
    return [each.en if english else each.nb for each in found]
