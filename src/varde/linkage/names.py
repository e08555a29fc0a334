"""Names as they can be compared: one spelling for many, and no name where a word only holds its place.

Nothing here is shown to anybody: what is shown is the name as written.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from varde.linkage.errors import LinkageFileError

FILE = Path(__file__).parent / "data" / "names.toml"
LONGEST = 200
"""Letters of a name that are looked at: bounded work for anything that is sent as one."""

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile(r"['’`´]")


class Names(NamedTuple):
    """Family and given names in a form that can be compared.

    Attributes:
        family: words of the family name in their order, particles and titles left out.
        given: words of the given name in their order; empty when none has been given yet.
        waiting: whether something stood where the given name will come ("Nyfødt", "Gutt").
        order: which of twins such a word says ("Tvilling B": 2); 0 when it says nothing.
        multiple: whether it says that there were several.
    """

    family: tuple[str, ...]
    given: tuple[str, ...]
    waiting: bool = False
    order: int = 0
    multiple: bool = False


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    particles: frozenset[str]
    titles: frozenset[str]
    waiting: frozenset[str]
    unknown: frozenset[str]
    orders: dict[str, int]
    multiples: frozenset[str]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    letters: dict[str, str]
    words: _Words


@lru_cache(maxsize=1)
def _data() -> tuple[_File, re.Pattern[str]]:
    try:
        found = msgspec.convert(tomllib.loads(FILE.read_text("utf-8")), _File)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
        raise LinkageFileError(FILE.name, str(error)) from error
    longest = sorted(found.letters, key=lambda letters: (-len(letters), letters))
    for word in set().union(*(getattr(found.words, each) for each in _Words.__struct_fields__)):
        if word != _replace(word, re.compile("|".join(longest)), found.letters):
            raise LinkageFileError(FILE.name, f"{word!r} is not written as names are compared")
    return found, re.compile("|".join(longest))


@lru_cache(maxsize=1 << 16)
def fold_name(text: str) -> tuple[str, ...]:
    """The words of a name in small bare letters: ``"Bjørn-Åge"`` gives ``("bjorn", "age")``.

    Case, accents, hyphens, dots and apostrophes do not count; æ, ø and å are what is written for them
    where they cannot be. Letters of other alphabets stay.
    """
    data, pattern = _data()
    bare = _APOSTROPHES.sub("", text[:LONGEST]).casefold()
    if not bare.isascii():
        combining = unicodedata.combining
        bare = "".join([sign for sign in unicodedata.normalize("NFD", bare) if not combining(sign)])
    return tuple([_replace(word, pattern, data.letters) for word in _WORD.findall(bare)])


def _replace(word: str, pattern: re.Pattern[str], letters: dict[str, str]) -> str:
    """Until nothing is left to replace: three a are one."""
    if pattern.search(word) is None:
        return word
    while (found := pattern.sub(lambda match: letters[match.group()], word)) != word:
        word = found
    return word


@lru_cache(maxsize=1 << 16)
def read_names(family: str, given: str) -> Names:
    """Family and given names as written, in a form that can be compared.

    A family name that is a word of waiting ("Nyfødt Hansen" written as family name) gives it up too.
    """
    words = _data()[0].words
    family_words, given_words = fold_name(family), fold_name(given)
    if words.unknown & set(family_words):
        family_words = ()
    if words.unknown & set(given_words):
        given_words = ()
    held = [word for word in (*given_words, *family_words) if word in words.waiting]
    order = 0
    if held:
        order = next((words.orders[word] for word in given_words if word in words.orders), 0)
        given_words = tuple(
            word for word in given_words if word not in words.waiting and word not in words.orders
        )
        family_words = tuple(word for word in family_words if word not in words.waiting)
    titles = words.titles
    family_words = tuple([word for word in family_words if word not in titles])
    kept = tuple([word for word in family_words if word not in words.particles])
    return Names(
        family=kept or family_words,
        given=tuple([word for word in given_words if word not in titles]),
        waiting=bool(held),
        order=order,
        multiple=bool(words.multiples & set(held)),
    )


def without_particles(words: Iterable[str]) -> tuple[str, ...]:
    """Words of a name as `read_names` gives them, as a family name would have them; all of them where none is left."""
    words = tuple(words)
    if len(words) < 2:
        return words
    particles = _data()[0].words.particles
    return tuple([word for word in words if word not in particles]) or words


def split_name(text: str) -> tuple[str, str]:
    """Family and given names of a name in one piece: ``"Hansen, Kari"`` and ``"Kari Hansen"`` alike.

    Without comma the last word is the family name, with the particles before it.
    """
    family, comma, given = text.partition(",")
    if comma:
        return family.strip(), given.strip()
    words = text.split()
    at = len(words) - 1
    while at > 1 and "".join(fold_name(words[at - 1])) in _data()[0].words.particles:
        at -= 1
    return " ".join(words[max(at, 0) :]), " ".join(words[: max(at, 0)])
