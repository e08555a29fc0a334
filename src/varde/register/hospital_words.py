"""What a site has said that a sender's words mean which name a hospital and which the tables of `varde.codes` do not know.

A word holds for the sender that wrote it alone: "Infeksjonsmedisin" is a ward of many hospitals, and who is told of a
case may open whose it is. Kept among the register's settings, which a replay leaves alone, under a hash of sender and
word as it is compared: a word as sent is longer than a setting's name, and two that are compared alike are one.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from datetime import date

import msgspec

from varde.codes import normal_name
from varde.register.settings import write_setting
from varde.register.store import connection

_PREFIX = "hospital:"
NONE = ""
"""What a word means that names no hospital."""
LONGEST = 100


class HospitalWord(msgspec.Struct, frozen=True, array_like=True):
    """A word of a sender, and what somebody said of it.

    Attributes:
        name: the word as it is compared (`varde.codes.normal_name`).
        of: organisation number of a hospital or a trust; empty when it names none.
        sender: its key; empty in what was said before words were kept by sender: it holds for nobody.
    """

    name: str
    of: str
    by: str
    on: date
    sender: str = ""


def list_hospital_words() -> list[HospitalWord]:
    """All that this site has said, in the order of the words."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM register_setting WHERE name LIKE %s", [f"{_PREFIX}%"])
        found = [msgspec.json.decode(value, type=HospitalWord) for (value,) in cursor.fetchall()]
    return sorted(found, key=lambda one: (one.name, one.sender))


def hospital_words() -> dict[str, Mapping[str, str]]:
    """Sender → its words as they are compared → organisation number; empty for those that name no hospital."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for one in list_hospital_words():
        if one.sender:
            found[one.sender][one.name] = one.of
    return dict(found)


def say_hospital(sender: str, word: str, of: str, by: str, on: date) -> None:
    """Say what a sender's word means; what was said before of it does not hold any more.

    Raises:
        ValueError: there is nothing in the word to compare, or no sender.
    """
    name = normal_name(word)[:LONGEST]
    if not name or not sender:
        raise ValueError("a word without letters, or of nobody, names nothing")
    said = HospitalWord(name, of, by[:64], on, sender)
    write_setting(_key(sender, name), msgspec.json.encode(said).decode())


def take_back_hospital(sender: str, name: str) -> HospitalWord | None:
    """Forget what was said of a sender's word.

    Args:
        sender: empty for what was said before words were kept by sender.
        name: as it is compared.

    Returns:
        What was said; None where nothing was.
    """
    said = [one for one in list_hospital_words() if (one.sender, one.name) == (sender, name)]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM register_setting WHERE name = %s", [_key(sender, name)])
    return said[0] if said else None


def _key(sender: str, name: str) -> str:
    words = f"{sender}\0{name}" if sender else name
    return f"{_PREFIX}{hashlib.blake2b(words.encode(), digest_size=15).hexdigest()}"
