"""The code lists of MSIS and the fields that use them, from `lists.json` and `fields.json`.

Both files are checked when they are loaded: a misspelt key, a code that breaks its list's form, one
wording of two meanings, or a field that the record does not have stops the program.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import msgspec

from varde.messages.json_documents import find_duplicates
from varde.messages.kith.words import normal
from varde.messages.records import Notification

TREE = "2.16.578.1.12.4.1.1."
"""Where the national code lists stand in the tree of OIDs."""


class _RawList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    closed: bool
    pattern: str
    source: str
    codes: dict[str, list[str]]
    earlier: frozenset[str] = frozenset()


class _RawLists(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    valid_from: date
    as_of: date
    source: str
    lists: dict[str, _RawList]


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field of the form.

    Attributes:
        path: section and key, as ``pasient.fodeland``.
        record: the field of `Notification` that it fills.
        kind: what it holds: a coded value, several of them, yes or no, a day, words, an institution.
        lists: numbers of the code lists that it takes, the usual one first; none: any list.
        text: what is done with words where a coded value belongs.
    """

    path: str
    record: str
    kind: Literal["coded", "several", "answer", "day", "text", "institution"]
    lists: tuple[str, ...] = ()
    text: Literal["refuse", "take", "leave"] = "refuse"

    @property
    def section(self) -> str:
        """The object that holds it."""
        return self.path.partition(".")[0]

    @property
    def key(self) -> str:
        """Its name there."""
        return self.path.partition(".")[2]


class _RawFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    valid_from: date
    as_of: date
    source: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CodeList:
    """One code list.

    Attributes:
        number: as MSIS calls it; `system` is the same as an OID.
        closed: all its codes are known; else any code that `pattern` matches is taken.
        texts: code → its wordings, the one to write first.
        meanings: a wording, as `normal` makes it → the codes it may stand for.
        numerals: a number without leading zeros → the codes it may stand for.
        earlier: codes that were given up: they are read, and not offered.
    """

    number: str
    name: str
    closed: bool
    pattern: re.Pattern[str]
    texts: Mapping[str, tuple[str, ...]]
    meanings: Mapping[str, frozenset[str]]
    numerals: Mapping[int, tuple[str, ...]]
    earlier: frozenset[str]

    @property
    def system(self) -> str:
        """Its OID."""
        return TREE + self.number

    def takes(self, code: str) -> bool:
        """Whether a code belongs to the list, as far as the list is known."""
        return code in self.texts or (not self.closed and self.pattern.fullmatch(code) is not None)

    def contradicts(self, code: str, text: str) -> bool:
        """Whether a wording is that of other codes of the list only."""
        meant = self.meanings.get(normal(text))
        return meant is not None and code not in meant


@cache
def code_lists() -> Mapping[str, CodeList]:
    """All lists by number.

    Raises:
        ValueError: the file breaks a rule, which the message names.
    """
    data = files("varde.messages.klinikermelding").joinpath("lists.json").read_bytes()
    return check_lists(data)


def check_lists(data: bytes) -> Mapping[str, CodeList]:
    """The lists in a file of the form of `lists.json`.

    Raises:
        ValueError: the file breaks a rule, which the message names.
    """
    raw = msgspec.json.decode(data, type=_RawLists)
    twice = find_duplicates(data)
    if twice:
        raise ValueError(f"lists.json: {sorted(twice)[0]} stands there twice")
    return MappingProxyType({number: _make(number, each) for number, each in raw.lists.items()})


def _make(number: str, raw: _RawList) -> CodeList:
    pattern = re.compile(raw.pattern, re.ASCII)
    if (
        not number.isdigit()
        or (raw.closed and not raw.codes)
        or not raw.earlier <= raw.codes.keys()
    ):
        raise ValueError(f"lists.json: {number} is no list")
    meanings: dict[str, set[str]] = {}
    numerals: dict[int, list[str]] = {}
    for code, texts in raw.codes.items():
        if pattern.fullmatch(code) is None or not texts or not all(map(str.strip, texts)):
            raise ValueError(f"lists.json: {number} {code} has the wrong form or no words")
        for text in texts:
            meanings.setdefault(normal(text), set()).add(code)
        if code.isdigit():
            numerals.setdefault(int(code), []).append(code)
    return CodeList(
        number=number,
        name=raw.name,
        closed=raw.closed,
        pattern=pattern,
        texts=MappingProxyType({code: tuple(texts) for code, texts in raw.codes.items()}),
        meanings=MappingProxyType({text: frozenset(codes) for text, codes in meanings.items()}),
        numerals=MappingProxyType({n: tuple(codes) for n, codes in numerals.items()}),
        earlier=raw.earlier,
    )


@cache
def form_fields() -> tuple[Field, ...]:
    """All fields that a record is made of, in the order of the form.

    Raises:
        ValueError: the file breaks a rule, which the message names.
    """
    data = files("varde.messages.klinikermelding").joinpath("fields.json").read_bytes()
    return check_fields(data)


def check_fields(data: bytes) -> tuple[Field, ...]:
    """The fields in a file of the form of `fields.json`.

    Raises:
        ValueError: the file breaks a rule, which the message names.
    """
    fields = msgspec.json.decode(data, type=_RawFields).fields
    known = set(Notification.__struct_fields__)
    for field in fields:
        if field.record not in known or not field.key:
            raise ValueError(f"fields.json: {field.path} fills no field of a notification")
        if not set(field.lists) <= code_lists().keys():
            raise ValueError(f"fields.json: {field.path} uses a list that is not in lists.json")
    if len({field.path for field in fields}) < len(fields):
        raise ValueError("fields.json: a field stands there twice")
    return fields
