"""How common names are: ``data/common_names.toml``, checked, beside what weights were trained with."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from varde.linkage.errors import LinkageFileError
from varde.linkage.names import fold_name

FILE = Path(__file__).parent / "data" / "common_names.toml"

Share = Annotated[float, Meta(gt=0, le=1)]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    second: Share
    groups: dict[str, frozenset[str]]
    family: dict[str, Share]
    given: dict[str, Share]


class Commonness(NamedTuple):
    """What is known of common names beside the weights.

    Attributes:
        groups: a spelling → all spellings of that name.
        shares: field → spelling → share, of the whole group.
        second: of people with one of two names, so many have the other too, at most.
    """

    version: str
    groups: Mapping[str, frozenset[str]]
    shares: Mapping[str, Mapping[str, float]]
    second: float


@lru_cache(maxsize=1)
def common_names() -> Commonness:
    """The names of ``data/common_names.toml``.

    Raises:
        LinkageFileError: the file breaks its schema, a word is not written as names are compared, or is in two groups.
    """
    try:
        found = msgspec.convert(tomllib.loads(FILE.read_text("utf-8")), _File)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
        raise LinkageFileError(FILE.name, str(error)) from error
    groups: dict[str, frozenset[str]] = {}
    for name, words in found.groups.items():
        for word in words:
            if word in groups:
                raise LinkageFileError(FILE.name, f"{name}: {word!r} is in two groups")
            groups[word] = words
    for word in (*groups, *found.family, *found.given):
        if fold_name(word) != (word,):
            raise LinkageFileError(FILE.name, f"{word!r} is not written as names are compared")
    shares = {"family": found.family, "given": found.given}
    return Commonness(
        version=found.version,
        groups=MappingProxyType(groups),
        shares=MappingProxyType(
            {
                field: MappingProxyType(_spread(field, listed, groups))
                for field, listed in shares.items()
            }
        ),
        second=found.second,
    )


def _spread(
    field: str, listed: Mapping[str, float], groups: Mapping[str, frozenset[str]]
) -> dict[str, float]:
    """The share of each spelling of what is listed."""
    found: dict[str, float] = {}
    for word, share in listed.items():
        for spelling in groups.get(word, (word,)):
            if spelling in found:
                raise LinkageFileError(FILE.name, f"{field}: {word!r} is listed twice")
            found[spelling] = share
    return found
