"""Antibiotics chosen by name: what the form suggests, and the ATC code that a written answer means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache

from django.utils.translation import get_language

from varde import codes

LIST = "antibiotics"
"""The id of the list of suggestions on a page."""
MOST = 4
LIKE = 0.7
"""How like a name must be to be meant, from 0 to 1 (difflib.SequenceMatcher.ratio)."""
_ATC = re.compile(r"[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}", re.ASCII)
_CODE_LAST = re.compile(r".*\(\s*([A-Za-z][0-9]{2}[A-Za-z]{2}[0-9]{2})\s*\)", re.ASCII | re.DOTALL)


@cache
def _names() -> Mapping[str, codes.Antibiotic]:
    """ATC code → the antibiotic, the first of those that share a code."""
    found: dict[str, codes.Antibiotic] = {}
    for each in codes.antibiotics().values():
        if _ATC.fullmatch(each.atc):
            found.setdefault(each.atc, each)
    return found


def suggestions() -> list[str]:
    """What can be chosen, as it is written into the answer: the name, and its code after it."""
    return sorted((_write(each) for each in _names().values()), key=str.casefold)


def atc_of(written: str) -> str:
    """The ATC code that an answer means; the answer itself where it means none.

    A code alone is taken as it is, and so is one in brackets after a name. A name must be a whole one, in
    bokmål or English.
    """
    coded = _CODE_LAST.fullmatch(written)
    if coded is not None:
        return coded[1].upper()
    plain = " ".join(written.split()).casefold()
    names = {each.atc for each in _names().values() if plain in (each.name_nb, each.name_en)}
    return names.pop() if len(names) == 1 else written


def named(atc: str) -> str:
    """How an ATC code is written into an answer; the code itself where it has no name."""
    found = _names().get(atc)
    return _write(found) if found is not None else atc


def like(written: str) -> list[str]:
    """The antibiotics that an answer may mean: those with it in their name, else those most like it."""
    plain = " ".join(written.split()).casefold()
    if len(plain) < 3:
        return []
    named = [each for each in _names().values() if plain in f"{each.name_nb} {each.name_en}"]
    if not named:
        known = {name: each for each in _names().values() for name in (each.name_nb, each.name_en)}
        named = [known[name] for name in get_close_matches(plain, known, MOST, LIKE)]
    return [_write(each) for each in dict.fromkeys(named[:MOST])]


def _write(antibiotic: codes.Antibiotic) -> str:
    name = antibiotic.name_en if get_language() == "en" else antibiotic.name_nb
    return f"{name} ({antibiotic.atc})"
