"""What a site has said that words mean which name a hospital and which the tables of `varde.codes` do not know.

Kept among the register's settings, which a replay leaves alone, under a hash of the word as it is compared: a word as
sent is longer than a setting's name, and two that are compared alike are one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import msgspec

from varde.codes import normal_name
from varde.register.settings import write_setting
from varde.register.store import connection

_PREFIX = "hospital:"
NONE = ""
"""What a word means that names no hospital."""
LONGEST = 100


class HospitalWord(msgspec.Struct, frozen=True, array_like=True):
    """A word, and what somebody said of it.

    Attributes:
        name: the word as it is compared (`varde.codes.normal_name`).
        of: organisation number of a hospital or a trust; empty when it names none.
    """

    name: str
    of: str
    by: str
    on: date


def list_hospital_words() -> list[HospitalWord]:
    """All that this site has said, in the order of the words."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM register_setting WHERE name LIKE %s", [f"{_PREFIX}%"])
        found = [msgspec.json.decode(value, type=HospitalWord) for (value,) in cursor.fetchall()]
    return sorted(found, key=lambda one: one.name)


def hospital_words() -> Mapping[str, str]:
    """Words as they are compared → organisation number; empty for those that name no hospital."""
    return MappingProxyType({one.name: one.of for one in list_hospital_words()})


def say_hospital(word: str, of: str, by: str, on: date) -> None:
    """Say what a word means; what was said before does not hold any more.

    Raises:
        ValueError: there is nothing in the word to compare.
    """
    name = normal_name(word)[:LONGEST]
    if not name:
        raise ValueError("a word without letters names nothing")
    said = HospitalWord(name, of, by[:64], on)
    digest = hashlib.blake2b(name.encode(), digest_size=15).hexdigest()
    write_setting(f"{_PREFIX}{digest}", msgspec.json.encode(said).decode())
