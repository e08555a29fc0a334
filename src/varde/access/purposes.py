"""What somebody may look at a person for: ``data/purposes.json``, read and checked once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec

DATA = Path(__file__).with_name("data") / "purposes.json"
_KEY = re.compile(r"[a-z][a-z-]{1,39}", re.ASCII)


class PurposesInvalid(ValueError):
    """``purposes.json`` contradicts itself; the message says which purpose and how."""


class PurposeUnknown(ValueError):
    """There is no purpose of this key."""


class Purpose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One purpose. Take it from `purpose_of`: what is not in the file is no purpose.

    Attributes:
        key: what the access log holds.
        nb, en: what people read.
        source: the law or regulation that gives it.
    """

    key: str
    nb: str
    en: str
    source: str

    def in_language(self, language: str) -> str:
        """The English words for English, else the Norwegian."""
        return self.en if language.startswith("en") else self.nb


class PurposeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of ``purposes.json``."""

    version: str
    source: str
    purposes: tuple[Purpose, ...]


def read_purposes(content: bytes) -> PurposeFile:
    """Decode and check a file of purposes.

    Raises:
        msgspec.ValidationError: it does not have the shape of `PurposeFile`.
        PurposesInvalid: a key is malformed or comes twice, or something is not said of a purpose.
    """
    file = msgspec.json.decode(content, type=PurposeFile)
    seen: set[str] = set()
    for each in file.purposes:
        if not _KEY.fullmatch(each.key):
            raise PurposesInvalid(f"{each.key!r} is no key: small letters and hyphens, at most 40")
        if each.key in seen:
            raise PurposesInvalid(f"purpose {each.key!r} stands twice in purposes.json")
        if not all(text.strip() for text in (each.nb, each.en, each.source)):
            raise PurposesInvalid(f"purpose {each.key!r} lacks words or source")
        seen.add(each.key)
    return file


@cache
def purposes() -> Mapping[str, Purpose]:
    """Every purpose by its key, as shipped."""
    file = read_purposes(DATA.read_bytes())
    return MappingProxyType({each.key: each for each in file.purposes})


def purpose_of(key: str) -> Purpose:
    """The purpose of this key.

    Raises:
        PurposeUnknown: there is none.
    """
    found = purposes().get(key)
    if found is None:
        raise PurposeUnknown(f"there is no purpose {key!r}: give one of {', '.join(purposes())}")
    return found


def say_purpose(logged: str, language: str) -> str:
    """What the access log holds as a purpose, in words: of a key its own, else what stands there."""
    found = purposes().get(logged)
    return found.in_language(language) if found else logged
