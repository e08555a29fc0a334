"""What the notification's questions can be answered with, in the reader's language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path

import msgspec
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from varde import codes
from varde.messages import list_notification_choices
from varde.messages.klinikermelding.lists import form_fields
from varde.web.forms.fields import Choice, Group

FOLDER = Path(__file__).parent
COUNTRIES, CONTINENTS, MUNICIPALITIES = "80007", "80022", "80006"


class _Diseases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: date
    source: str
    diseases: tuple[tuple[str, str], ...]


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: date
    source: str
    lists: dict[str, dict[str, str]]


@cache
def diseases() -> tuple[tuple[str, str], ...]:
    """The notifiable diseases in bokmål and English; the bokmål name is what is sent."""
    data = (FOLDER / "diseases.json").read_bytes()
    return msgspec.json.decode(data, type=_Diseases).diseases


@cache
def english_words() -> Mapping[str, Mapping[str, str]]:
    """Number of a code list → code → its words in English."""
    data = (FOLDER / "english_words.json").read_bytes()
    return msgspec.json.decode(data, type=_Words).lists


def disease_choices() -> list[Choice]:
    """The diseases by their name in the reader's language."""
    english = get_language() == "en"
    found = [Choice(nb, en if english else nb) for nb, en in diseases()]
    return sorted(found, key=lambda choice: str(choice.words).casefold())


def code_choices(path: str, wanted: Iterable[str] = ()) -> list[Choice]:
    """The codes that a field of the notification takes.

    Args:
        path: of the field.
        wanted: numbers of the lists to take them from; all that the field has when it is empty.
    """
    first = _lists_of(path)[0]
    english = english_words() if get_language() == "en" else {}
    found = []
    for value, words in list_notification_choices(path):
        number, _colon, code = value.rpartition(":")
        if not wanted or (number or first) in wanted:
            translated = english.get(number or first, {}).get(code, "")
            language = "" if translated or not english else "nb"
            found.append(Choice(value, translated or words, language))
    return found


def by_name(choices: Iterable[Choice]) -> list[Choice]:
    """In the order of their words."""
    return sorted(choices, key=lambda choice: str(choice.words).casefold())


def municipality_groups(on: date) -> list[Group]:
    """The municipalities of a day, by county."""
    found: dict[str, list[Choice]] = defaultdict(list)
    for number, municipality in codes.municipalities(on).items():
        found[municipality.county].append(Choice(number, municipality.name, "nb"))
    names = {number: county.name for number, county in codes.counties(on).items()}
    return [
        Group(names[county], by_name(found[county]))
        for county in sorted(found, key=lambda county: names[county].casefold())
    ]


def place_groups(path: str, on: date) -> list[Group]:
    """Where somebody can have been infected: countries, continents, municipalities."""
    return [
        Group(_("Countries"), by_name(code_choices(path, {COUNTRIES}))),
        Group(_("Continents"), by_name(code_choices(path, {CONTINENTS}))),
        Group(_("Elsewhere in Norway"), code_choices(path, {MUNICIPALITIES})),
        *municipality_groups(on),
    ]


def country_groups(path: str) -> list[Group]:
    """Countries and continents."""
    return [
        Group(_("Countries"), by_name(code_choices(path, {COUNTRIES}))),
        Group(_("Continents"), by_name(code_choices(path, {CONTINENTS}))),
    ]


@cache
def _lists_of(path: str) -> tuple[str, ...]:
    return next(field.lists for field in form_fields() if field.path == path)
