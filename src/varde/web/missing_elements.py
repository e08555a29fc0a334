"""Which element is missing, where a message names only the one that it should stand in."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import msgspec

_DATA = Path(__file__).with_suffix(".json")


class _Format(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    place: str
    elements: dict[str, str]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    formats: tuple[_Format, ...]


@cache
def _formats() -> tuple[_Format, ...]:
    return msgspec.json.decode(_DATA.read_bytes(), type=_File).formats


def missing_element(reason: str, place: str) -> str:
    """The path of the element that a reason says is missing; empty where the place names it already."""
    for each in _formats():
        if re.fullmatch(each.place, place, re.DOTALL):
            return each.elements.get(reason, "")
    return ""
