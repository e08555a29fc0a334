"""Where a notification form says that somebody was infected, in the few ways in which evidence says it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from varde.cases.disease import Part, Words
from varde.cases.files import DATA, read_toml
from varde.codes import countries, municipalities
from varde.messages import list_notification_choices

PLACES = DATA / "places.toml"
_FIELD = "smitteforhold.smittested"
_MUNICIPALITY = re.compile(r"\d{4}|\d{6}", re.ASCII)
_NUMBER_OF_COUNTRY = re.compile(r"\d{3}", re.ASCII)
ABROAD = "abroad"


class _Places(Part, frozen=True, kw_only=True):
    source: Words
    codes: dict[str, str]
    words: dict[str, str]


def infected_in(code: str, words: str, day: date) -> str:
    """The place of infection that a form means, as `Notified.infected_in` has it.

    Args:
        code: of the lists 80006, 80021, 80007 and 80022, or two letters; empty for words alone.
        words: what stands beside it.
        day: whose municipalities a name is looked for among.

    Returns:
        The number of a municipality, a country by two letters, a continent as list 80022 has it, or
        ``abroad``; empty where nobody can tell.
    """
    said = code.strip()
    if said in _places().codes:
        return _places().codes[said]
    if _MUNICIPALITY.fullmatch(said):
        return said[:4]
    if said in countries() or said in _listed().values():
        return said
    named = _listed().get(said, "") or _named(words, day)
    if _NUMBER_OF_COUNTRY.fullmatch(said):
        # Norway's own number is among those that are known.
        return named or ABROAD
    return named or _named(said, day)


def _named(words: str, day: date) -> str:
    name = " ".join(words.split()).casefold()
    if not name:
        return ""
    if name in _names():
        return _names()[name]
    found = [one.number for one in municipalities(day).values() if one.name.casefold() == name]
    if len(found) > 1:
        return "NO"
    return found[0] if found else ""


@lru_cache(maxsize=1)
def _places() -> _Places:
    """The file of words and codes.

    Raises:
        DiseaseFileError: the file breaks its schema.
    """
    return read_toml(PLACES.read_bytes(), PLACES.name, _Places)


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    """Names of countries and continents, in small letters, and what they mean."""
    found = {code: words.casefold() for code, words in _choices("80022:")}
    named = {words: code for code, words in found.items() if code not in _places().codes}
    named |= {one.name_en.casefold(): key for key, one in countries().items()}
    named |= {one.name_nb.casefold(): key for key, one in countries().items()}
    return MappingProxyType(named | _places().words)


@lru_cache(maxsize=1)
def _listed() -> Mapping[str, str]:
    """Codes of the lists of countries and continents, and what they mean."""
    found = {code: _names().get(words.casefold(), ABROAD) for code, words in _choices("80007:")}
    continents = {code: code for code, _ in _choices("80022:") if code not in _places().codes}
    return MappingProxyType(found | continents)


def _choices(number: str) -> list[tuple[str, str]]:
    return [
        (code.removeprefix(number), words)
        for code, words in list_notification_choices(_FIELD)
        if code.startswith(number)
    ]
