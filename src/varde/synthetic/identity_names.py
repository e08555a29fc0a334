"""Names, addresses and telephones of people who do not exist, and the slips of those who write them.

Names are common ones; how common each is here is assumed: a name's share falls with its place in the
list (Zipf). A tail of family names is put together from parts of farm names. Telephone numbers begin
with 1, which no subscriber's does.
"""

from __future__ import annotations

import tomllib
from bisect import bisect
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import accumulate, islice
from random import Random
from typing import Any

from .knowledge import rows

_HALVED = 8.0
"""A name so many places down the list is half as common as the first."""

_BARE = {
    "æ": "ae",
    "ø": "o",
    "å": "aa",
    "é": "e",
    "ü": "u",
    "ö": "o",
    "ä": "a",
    "ń": "n",
    "ś": "s",
    "ł": "l",
}
_LETTERS = "abcdefghijklmnoprstuvy"


@cache
def settings() -> dict[str, Any]:
    """``data/identities.toml``."""
    text = files("varde.synthetic").joinpath("data/identities.toml").read_text("utf-8")
    return tomllib.loads(text)


def chance(random: Random, name: str) -> bool:
    """Whether something happens, with its chance in ``data/identities.toml``."""
    return random.random() < settings()["chances"][name]


def draw_family(random: Random, *, foreign: bool) -> str:
    """A family name."""
    if foreign:
        return _draw_name(random, "family", "foreign")
    if chance(random, "rare_family"):
        return _pick(random, _parts("first")) + _pick(random, _parts("last"))
    name = _draw_name(random, "family", "norwegian")
    if chance(random, "double_family"):
        name += f" {_draw_name(random, 'family', 'norwegian')}"
    return name


def draw_common(random: Random, names: Sequence[str]) -> str:
    """One of some names, the first of which is the most common (Zipf)."""
    ends = tuple(accumulate(1 / (place + 2) for place in range(len(names))))
    return names[_at(random, ends)]


def draw_given(random: Random, *, female: bool, foreign: bool) -> str:
    """A given name, or two."""
    kind, origin = "female" if female else "male", "foreign" if foreign else "norwegian"
    name = _draw_name(random, kind, origin)
    if chance(random, "second_given"):
        second = _draw_name(random, kind, origin)
        if second != name:
            name += f"{_pick(random, ' -')}{second}"
    return name


def draw_twin_given(random: Random, *, female: bool, foreign: bool, other: str) -> str:
    """A given name for somebody whose twin is called `other`."""
    alike = chance(random, "shares_first_letter")
    names = (draw_given(random, female=female, foreign=foreign) for _ in range(1000))
    fitting = (name for name in names if first_of(name) != first_of(other))
    found = list(islice(fitting, 50))
    return next((name for name in found if alike and name[0] == other[0]), found[0])


def first_of(name: str) -> str:
    """The first of some given names; empty for none."""
    return name.replace("-", " ").split(" ")[0]


def draw_postal_code(random: Random, municipality: str) -> str:
    """A postal code of a municipality: some of four digits for each, invented."""
    first = int(municipality or "0301") * 37 % 8900
    return f"{500 + first + int(random.random() * 12):04}"


def draw_phone(random: Random, *, foreign: bool) -> str:
    """A telephone number that nobody has."""
    digits = "".join(str(int(random.random() * 10)) for _ in range(7))
    if foreign:
        return f"+{_pick(random, ('46', '48', '49', '370', '44'))} 1{digits}{digits[:2]}"
    return _pick(
        random, (f"1{digits}", f"+47 1{digits}", f"1{digits[:2]} {digits[2:4]} {digits[4:]}")
    )


def mistype(random: Random, word: str) -> str:
    """One letter changed, left out, put in, or changed with its neighbour; never the first."""
    if len(word) < 3:
        return word
    at = 1 + int(random.random() * (len(word) - 2))
    letter = _pick(random, _LETTERS)
    slip = int(random.random() * 4)
    if slip == 0:
        return word[:at] + letter + word[at + 1 :]
    if slip == 1:
        return word[:at] + word[at + 1 :]
    if slip == 2:
        return word[:at] + letter + word[at:]
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def mistype_digit(random: Random, digits: str) -> str:
    """Another digit in one place, or two neighbours changed."""
    at = int(random.random() * (len(digits) - 1))
    if random.random() < 0.4 and digits[at] != digits[at + 1]:
        return digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
    other = (
        str((int(digits[at]) + 1 + int(random.random() * 9)) % 10) if digits[at].isdigit() else "7"
    )
    return digits[:at] + other + digits[at + 1 :]


def mistype_day(random: Random, day: date) -> date:
    """A day that differs in one digit, or the same where there is none."""
    for _ in range(20):
        written = mistype_digit(random, f"{day:%Y%m%d}")
        try:
            found = date(int(written[:4]), int(written[4:6]), int(written[6:]))
        except ValueError:
            continue
        if date(1900, 1, 1) <= found <= date(2026, 12, 31):
            return found
    return day


def bare(text: str) -> str:
    """As a system writes it that has only the letters a to z."""
    return "".join(_bare_letter(letter) for letter in text)


def _bare_letter(letter: str) -> str:
    found = _BARE.get(letter.lower(), letter)
    return found.capitalize() if letter.isupper() else found


def _draw_name(random: Random, kind: str, origin: str) -> str:
    names, ends = _names(kind, origin)
    return names[_at(random, ends)]


def _at(random: Random, ends: Sequence[float]) -> int:
    return bisect(ends, random.random() * ends[-1], hi=len(ends) - 1)


@cache
def _names(kind: str, origin: str) -> tuple[tuple[str, ...], tuple[float, ...]]:
    found = [
        (row["name"], 1 / (int(row["rank"]) + _HALVED))
        for row in rows("person_names.csv")
        if (row["kind"], row["origin"]) == (kind, origin)
    ]
    return tuple(name for name, _ in found), tuple(accumulate(weight for _, weight in found))


@cache
def _parts(place: str) -> tuple[str, ...]:
    return tuple(row["part"] for row in rows("family_parts.csv") if row["place"] == place)


def _pick(random: Random, choices: Sequence[str]) -> str:
    return choices[int(random.random() * len(choices))]
