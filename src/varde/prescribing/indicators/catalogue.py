"""All indicators by id, as they hold on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from varde.codes import CodeFileError
from varde.guidelines import SHIPPED, Library, read_library
from varde.prescribing.indicators.checking import Problem, check_definition, check_reviewed
from varde.prescribing.indicators.definition import Definition
from varde.prescribing.indicators.definition_files import read_file
from varde.prescribing.indicators.errors import UnknownIndicator
from varde.prescribing.indicators.inclusion import check_inclusion

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
        CodeFileError: a file is not what it should be, or there is none; the message says which and why. `check_files`
            tells of all.
    """
    checked = check_files(folder, library)
    for path, problems in checked.wrong.items():
        raise CodeFileError(path, 0, str(problems[0]))
    return checked.catalogue


@dataclass(frozen=True)
class Checked:
    """What a folder of definitions holds.

    Attributes:
        catalogue: of the files that are as they should be.
        wrong: the others, in the order of their names, and all that is wrong with each.
    """

    catalogue: Catalogue
    wrong: Mapping[Path, tuple[Problem, ...]]


def check_files(
    folder: Path = FOLDER, library: Library | None = None, day: date | None = None
) -> Checked:
    """All files of a folder, read as `read_catalogue` reads them; one that is wrong keeps no other from being looked at.

    Args:
        folder: where they are; the shipped ones when it is left out.
        library: the guideline that they point to; the shipped one when None.
        day: today, for those who write definitions: none may have been looked over later. None: that is not asked.

    Raises:
        CodeFileError: the folder has no file of definitions, or is none.
    """
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise CodeFileError(
            folder.resolve(),
            0,
            "there is no definition in this folder: give one with files named <id>.toml",
        )
    library = library or read_library(SHIPPED)
    found: dict[str, dict[date, Definition]] = defaultdict(dict)
    wrong: dict[Path, tuple[Problem, ...]] = {}
    for path in paths:
        checked = check_file(path, library, day)
        if not isinstance(checked, Definition):
            wrong[path] = checked
        elif checked.version in found[checked.id]:
            wrong[path] = (_twice(checked),)
        else:
            found[checked.id][checked.version] = checked
    versions = {
        id_: tuple(by_day[day] for day in sorted(by_day)) for id_, by_day in sorted(found.items())
    }
    return Checked(Catalogue(MappingProxyType(versions)), MappingProxyType(wrong))


def _twice(definition: Definition) -> Problem:
    return Problem(
        "version",
        f"{definition.id} has two versions of that day",
        "give the later one its own first day, or take one of the files away",
    )


def read_definition(path: Path, library: Library) -> Definition:
    """One file.

    Raises:
        CodeFileError: it is not what it should be.
    """
    checked = check_file(path, library)
    if isinstance(checked, Definition):
        return checked
    raise CodeFileError(path, 0, str(checked[0]))


def check_file(
    path: Path, library: Library, day: date | None = None
) -> Definition | tuple[Problem, ...]:
    """One file, or all that is wrong with it; `day` as of `check_files`."""
    read = read_file(path)
    if isinstance(read, Problem):
        return (read,)
    problems = (
        *check_definition(read),
        *(check_reviewed(read, day) if day else ()),
        *_check_place(read, path.stem),
        *_check_links(read, library),
    )
    if not problems and read.kind == "proportion":
        problems = tuple(check_inclusion(*read.parts))
    return problems or read


def _check_place(definition: Definition, name: str) -> Iterator[Problem]:
    if name not in (definition.id, f"{definition.id}@{definition.version}"):
        yield Problem(
            "id",
            f"the id {definition.id} is not the file's name",
            f"call the file {definition.id}.toml or {definition.id}@{definition.version}.toml, or correct the id",
        )


def _check_links(definition: Definition, library: Library) -> Iterator[Problem]:
    for slug in definition.guideline:
        if library.id_of_slug("anbefaling", slug) is None:
            yield Problem(
                "guideline",
                f"the guideline has no recommendation {slug}",
                "give the name of its folder, as akutt-sinusitt",
            )
