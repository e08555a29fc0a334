"""The words that may be kept: each is in a list, or written as the grammar of its column says.

Every function gives None for what is not known. What a cell says is then neither kept nor shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from varde.codes import CodeMap, antibiotics, antivirals, countries, organisms
from varde.messages.deidentified.published import Measure, Register, keeping
from varde.messages.kith.quantities import parse_mic

MOST_MUTATIONS = 100
LONGEST_MIC = 16

ATC = "http://www.whocc.no/atc"
ATC_CODE = re.compile(r"[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}", re.I)

_HEADING = re.compile(r"(.+?)(?:_(MIC|ZONE))?", re.I | re.S)
_BETWEEN = re.compile(r"[\s,;]+")
_MUTATION = re.compile(
    r"(?:(?P<gene>[A-Za-z0-9]{1,8})[:\-]|(?P<rt>rt)(?=[A-Z]))?"
    r"(?P<was>[A-Z])(?P<at>[0-9]{1,4})(?P<became>[A-Z*](?:/?[A-Z*]){0,5}|del|ins|stop)"
)
_MUNICIPALITY = re.compile(r"[0-9]{4}")


class Drug(NamedTuple):
    """What the heading of a column of results says.

    Attributes:
        name: the drug as the heading names it, single blanks within.
        code: the key of the antibiotic or antiviral.
        holds: what its cells are.
    """

    name: str
    code: str
    holds: Measure | None


def find_drug(register: Register, heading: str) -> Drug | None:
    """The drug of a heading: an antibiotic in NORM, an antiviral in RAVN."""
    match = _HEADING.fullmatch(heading)
    if match is None:
        return None
    name = " ".join(match[1].split())
    holds: Measure | None = {"MIC": "mic", "ZONE": "zone"}.get((match[2] or "").upper())  # type: ignore[assignment]
    if holds is not None and holds not in keeping().measures[register]:
        return None
    code = code_map().find("antibiotic", [("ATC", name.upper(), ""), ("", name, "")])
    known = antibiotics() if register == "norm" else antivirals()
    return Drug(name, code, holds) if code is not None and code in known else None


def find_organism(register: Register, text: str) -> str | None:
    """The name as sent, when it is of an organism that the register is about."""
    key = code_map().find("organism", [("", "", text)])
    if key is None or organisms()[key].kind not in keeping().organisms[register]:
        return None
    return " ".join(text.split())


def find_material(text: str) -> str | None:
    """The name of the material as sent."""
    found = code_map().find("material", [("", "", text)])
    return None if found is None else " ".join(text.split())


def find_place(text: str) -> str | None:
    """A country's two letters, a municipality's four digits, or a code of the list; "" is unknown."""
    if _MUNICIPALITY.fullmatch(text):
        return text
    return _places().get(_plain(text))


def find_mutations(text: str) -> tuple[str, ...] | None:
    """The mutations of a text, each once, in its order: ``H275Y``, ``PA:I38T``, ``RT:M184V/I``."""
    written = [word for word in _BETWEEN.split(text) if word]
    found = [_mutation(word) for word in written]
    if len(found) > MOST_MUTATIONS or None in found:
        return None
    return tuple(dict.fromkeys(word for word in found if word))


def find_category(text: str) -> str | None:
    """S, I or R; "" for a word that says that there is no category."""
    return code_map().find("sir", [("", "", text)])


def find_mic(text: str) -> str | None:
    """The concentration with a decimal point."""
    found = parse_mic(text)
    return found if found and len(found) <= LONGEST_MIC else None


def find_zone(text: str) -> str | None:
    """Millimetres, 6 (no zone) to 99."""
    if text.isascii() and text.isdigit() and len(text) <= 2 and int(text) >= 6:
        return str(int(text))
    return None


@cache
def code_map() -> CodeMap:
    """The code map of the program. A laboratory's own codes are no words that everybody knows."""
    return CodeMap.load()


def _mutation(word: str) -> str | None:
    match = _MUTATION.fullmatch(word)
    if match is None:
        return None
    gene = (match["gene"] or match["rt"] or "").upper()
    if gene and gene not in keeping().genes:
        return None
    change = f"{match['was']}{match['at']}{match['became']}"
    return f"{gene}:{change}" if gene else change


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


@cache
def _places() -> Mapping[str, str]:
    found = {
        _plain(word): country.code
        for country in countries().values()
        for word in (country.code, country.name_nb, country.name_en)
    }
    found |= {
        _plain(word): place.code
        for place in keeping().places
        for word in (place.code, place.text.nb, place.text.en, *place.aliases)
        if word
    }
    return found
