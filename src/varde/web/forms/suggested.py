"""Words that the notification suggests where no whole code list is known; anything else may be written."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
from django.utils.translation import get_language

from varde import codes
from varde.web.forms.fields import Choice

_DATA = Path(__file__).with_name("suggested_words.json")


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer in bokmål, which is sent, and English. `alive`: nobody who has died can have it."""

    nb: str
    en: str
    alive: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    outcomes: tuple[Word, ...]
    routes: tuple[Word, ...]


@cache
def _file() -> _File:
    return msgspec.json.decode(_DATA.read_bytes(), type=_File)


def outcomes() -> tuple[Word, ...]:
    """How an illness may have ended."""
    return _file().outcomes


def routes() -> tuple[Word, ...]:
    """How somebody may have been infected."""
    return _file().routes


def choices_of(words: tuple[Word, ...]) -> list[Choice]:
    """What a page suggests; the words are those of the reader's language, the value is what is sent."""
    english = get_language() == "en"
    return [Choice(each.nb, each.en if english else each.nb) for each in words]


def meant(words: tuple[Word, ...], written: str) -> str:
    """The suggestion in bokmål that an answer is, in either language; any other answer as it is."""
    return _known(words).get(" ".join(written.split()).casefold(), written)


@cache
def _known(words: tuple[Word, ...]) -> Mapping[str, str]:
    return {said.casefold(): each.nb for each in words for said in (each.en, each.nb)}


@cache
def agents() -> tuple[str, ...]:
    """The scientific names of all organisms that are known, in the order of the alphabet."""
    return tuple(
        sorted({each.name for each in codes.organisms().values()}, key=lambda name: name.casefold())
    )
