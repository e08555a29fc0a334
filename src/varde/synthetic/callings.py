"""What the invented inhabitants are called, where they live, and how each sender has it written.

A person is a pure function of their position in the population, so that all formats tell of the same one. Each
sender has one spelling of a person, with slips of its own: as in its list of patients. Chances are those of
``data/identities.toml``. Nobody is called so: streets are "Syntetisk vei", telephone numbers begin with 1.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from random import Random
from typing import NamedTuple

from varde.codes import municipalities

from .identity_names import (
    bare,
    chance,
    draw_family,
    draw_given,
    draw_phone,
    draw_postal_code,
    first_of,
    mistype,
    settings,
)

REMEMBERED = 8192
STRUCTURE = date(2026, 1, 1)
"""Places are named as on this day."""


class Calling(NamedTuple):
    """What a person is called, and where they live; empty where that is not said."""

    family: str
    given: str
    street: str = ""
    postal_code: str = ""
    city: str = ""
    phone: str = ""

    @property
    def whole(self) -> str:
        """The name in one piece, family name first."""
        return f"{self.family}, {self.given}" if self.given else self.family


@lru_cache(maxsize=REMEMBERED)
def call(person: int, sex: str, born: date, municipality: str) -> Calling:
    """A person as they really are.

    Args:
        person: the position in the population. Of another seed it is somebody else, born on another day.
        sex: F or M.
        municipality: where they live; empty for nowhere in the country.
    """
    random = Random(f"calling/{person}/{born}")
    foreign = chance(random, "foreign")
    place = municipalities(STRUCTURE).get(municipality)
    return Calling(
        family=draw_family(random, foreign=foreign),
        given=draw_given(random, female=sex == "F", foreign=foreign),
        street=f"Syntetisk vei {1 + int(random.random() * 180)}" if place else "",
        postal_code=draw_postal_code(random, municipality) if place else "",
        city=place.name if place else "",
        phone="" if chance(random, "no_phone") else _draw_phone(random),
    )


@lru_cache(maxsize=REMEMBERED)
def call_as_sent(
    sender: str, person: int, sex: str, born: date, municipality: str, numbered: bool
) -> Calling:
    """The same as one sender has it written.

    Args:
        sender: key of the sender.
        numbered: whether the sender knows the number. Of those without, a share are visitors, known by name and
            birth date alone.
    """
    true = call(person, sex, born, municipality)
    random = Random(f"calling/{person}/{born}/{sender}")
    family, given = true.family, true.given
    if chance(random, "given_dropped"):
        given = first_of(given)
    if chance(random, "family_typo"):
        family = mistype(random, family)
    if chance(random, "given_typo"):
        given = mistype(random, given)
    if chance(random, "bare_letters"):
        family, given = bare(family), bare(given)
    if chance(random, "swapped_names"):
        family, given = given, family
    if (
        not numbered
        and Random(f"calling/{person}/{born}/visitor").random() < settings()["visitors"]
    ):
        return Calling(family, given)
    return true._replace(
        family=family,
        given=given,
        phone=_draw_phone(random) if chance(random, "other_phone") else true.phone,
    )


def newborn(calling: Calling, sex: str) -> Calling:
    """A child that has no name of its own yet."""
    words = ("Nyfødt", "Jente" if sex == "F" else "Gutt")
    return calling._replace(given=words[len(calling.family) % 2])


def _draw_phone(random: Random) -> str:
    """A telephone number without blanks: an address (``tel:``) has none."""
    return draw_phone(random, foreign=False).replace(" ", "")
