"""All indicators by id, as they hold on a day."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec

from varde.codes import CodeFileError
from varde.guidelines import SHIPPED, Library, read_library
from varde.prescribing.indicators.definition import Definition, check_definition
from varde.prescribing.indicators.errors import UnknownIndicator

FOLDER = Path(__file__).with_name("definitions")


@dataclass(frozen=True)
class Catalogue:
    """Every version of every indicator.

    Attributes:
        versions: by id, the oldest first.
    """

    versions: Mapping[str, tuple[Definition, ...]]

    def on(self, day: date) -> Mapping[str, Definition]:
        """The indicators as they hold on a day, by id, in the order of their ids; those not begun are left out."""
        found = {}
        for id_, versions in self.versions.items():
            begun = [one for one in versions if one.version <= day]
            if begun:
                found[id_] = begun[-1]
        return MappingProxyType(found)

    def get(self, id_: str, day: date) -> Definition:
        """An indicator as it holds on a day.

        Raises:
            UnknownIndicator: there is none; the message says since when it is, or names those there are.
        """
        found = self.on(day)
        if id_ in found:
            return found[id_]
        if versions := self.versions.get(id_):
            since = versions[0].version
            raise UnknownIndicator(
                f"there is no indicator {id_!r} on {day}: its definition holds from {since} on"
            )
        if found:
            raise UnknownIndicator(f"there is no indicator {id_!r}: give one of {', '.join(found)}")
        first = min(each[0].version for each in self.versions.values())
        raise UnknownIndicator(
            f"there is no indicator {id_!r}, and none at all on {day}: definitions hold from {first} on"
        )

    def overdue(self, day: date) -> tuple[Definition, ...]:
        """The indicators that were to be looked over before this day."""
        return tuple(one for one in self.on(day).values() if one.next_review < day)


@cache
def catalogue() -> Catalogue:
    """The shipped indicators.

    Raises:
        CodeFileError: a file is not what it should be.
    """
    return read_catalogue(FOLDER, read_library(SHIPPED))


def read_catalogue(folder: Path, library: Library) -> Catalogue:
    """The indicators in the files of a folder: each one version, ``<id>.toml`` or ``<id>@<first day>.toml``.

    Args:
        library: the guideline that the definitions point to.

    Raises:
        CodeFileError: a file is not what it should be; the message says which and why.
    """
    found: dict[str, dict[date, Definition]] = defaultdict(dict)
    for path in sorted(folder.glob("*.toml")):
        definition = read_definition(path, library)
        if definition.version in found[definition.id]:
            raise CodeFileError(path, 0, f"{definition.id} has two versions of that day")
        found[definition.id][definition.version] = definition
    return Catalogue(
        MappingProxyType(
            {
                id_: tuple(versions[day] for day in sorted(versions))
                for id_, versions in sorted(found.items())
            }
        )
    )


def read_definition(path: Path, library: Library) -> Definition:
    """One file.

    Raises:
        CodeFileError: it is not what it should be.
    """
    try:
        definition = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Definition)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
        raise CodeFileError(path, 0, str(error)) from None
    for problem in (
        *check_definition(definition),
        *_check_place(definition, path.stem),
        *_check_links(definition, library),
    ):
        raise CodeFileError(path, 0, problem)
    return definition


def _check_place(definition: Definition, name: str) -> Iterator[str]:
    if name not in (definition.id, f"{definition.id}@{definition.version}"):
        yield f"the id {definition.id} is not the file's name"


def _check_links(definition: Definition, library: Library) -> Iterator[str]:
    for slug in definition.guideline:
        if library.id_of_slug("anbefaling", slug) is None:
            yield f"the guideline has no recommendation {slug}"
