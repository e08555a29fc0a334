"""All versions of all objects, and the guideline as it stood on a day.

A `Library` is read once from folders of content and never changes; an `Edition` is what was valid on one
day. Every question about the guideline is put to an edition, so none is without a date.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from varde.guidelines.errors import ContentError, InvalidId, NoSuchObject, UnknownCodeSystem
from varde.guidelines.files import StoredVersion, read_folder
from varde.guidelines.model import CODE_SYSTEMS, ID, AnbefalingData, InfoType, Innhold, Kilde

SHIPPED = Path(__file__).with_name("content")
"""The demonstration content that comes with Varde."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of an object and the period it is valid.

    Attributes:
        first_day: the first day it is valid.
        end: the first day of the next version; None while there is none.
        number: 1 for an object's first version.
    """

    stored: StoredVersion
    number: int
    end: date | None

    @property
    def innhold(self) -> Innhold[Any]:
        """The object."""
        return self.stored.version.innhold

    @property
    def first_day(self) -> date:
        """The first day it is valid."""
        return self.stored.version.gyldigFra

    @property
    def sources(self) -> tuple[Kilde, ...]:
        """Where its content is from."""
        return self.stored.version.kilder or ()

    @property
    def slug(self) -> str:
        """The name of its folder: what addresses of pages are made of."""
        return self.stored.name.split("/")[1]


class Library:
    """Every version of every object.

    Args:
        stored: versions, in any order.

    Raises:
        ContentError: two versions of one object begin on the same day, an object changes its type,
            or hangs below what cannot hold it.
    """

    def __init__(self, stored: Iterable[StoredVersion]) -> None:
        by_id: dict[str, list[StoredVersion]] = defaultdict(list)
        for one in stored:
            by_id[one.version.innhold.id].append(one)
        self._versions = MappingProxyType({id_: _periods(found) for id_, found in by_id.items()})
        self._slugs = _unique_slugs(self._versions)
        self._editions: dict[date, Edition] = {}
        _check_parents(self)

    def __len__(self) -> int:
        return len(self._versions)

    def has(self, id_: str) -> bool:
        """Whether there is such an object."""
        return id_ in self._versions

    @cached_property
    def change_days(self) -> tuple[date, ...]:
        """Every day on which some version begins, in order."""
        return tuple(sorted({entry.first_day for entry in self.entries()}))

    def entries(self) -> Iterator[Entry]:
        """Every version of every object."""
        for versions in self._versions.values():
            yield from versions

    def versions(self, id_: str) -> tuple[Entry, ...]:
        """Every version of an object, the oldest first.

        Raises:
            InvalidId, NoSuchObject.
        """
        check_id(id_)
        if id_ not in self._versions:
            raise NoSuchObject(f"there is no object with id {id_}")
        return self._versions[id_]

    def version(self, id_: str, first_day: date) -> Entry:
        """The version that begins on this day.

        Raises:
            InvalidId, NoSuchObject.
        """
        found = self.versions(id_)
        for entry in found:
            if entry.first_day == first_day:
                return entry
        days = ", ".join(entry.first_day.isoformat() for entry in found)
        raise NoSuchObject(f"{id_} has no version from {first_day}: its versions are from {days}")

    def id_of_slug(self, info_type: InfoType, slug: str) -> str | None:
        """The id of the object in the folder of this name; None when there is none."""
        return self._slugs.get((info_type, slug))

    def id_named(self, name: str) -> str | None:
        """The id that a person means: an id, or a folder's name; recommendations before others."""
        if self.has(name):
            return name
        kinds = sorted(_BELOW, key=lambda kind: kind != "anbefaling")
        return next(
            (self._slugs[kind, name] for kind in kinds if (kind, name) in self._slugs), None
        )

    def edition(self, day: date) -> Edition:
        """The guideline as it stood on a day."""
        known = bisect_right(self.change_days, day)
        begins = self.change_days[known - 1] if known else date.min
        if begins not in self._editions:
            self._editions[begins] = Edition(self, begins)
        return self._editions[begins]


class Edition:
    """What was valid on a day. Made by `Library.edition`.

    Attributes:
        begins: the first day on which exactly this was valid (`date.min` before all content).
    """

    def __init__(self, library: Library, day: date) -> None:
        self.library = library
        self.begins = day
        valid = {}
        for entry in library.entries():
            if entry.first_day <= day and (entry.end is None or day < entry.end):
                valid[entry.innhold.id] = entry
        self._valid: Mapping[str, Entry] = MappingProxyType(
            dict(sorted(valid.items(), key=lambda pair: _order(pair[1])))
        )
        children: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.current():
            for parent in entry.innhold.parents:
                children[parent].append(entry)
        self._children = {id_: tuple(found) for id_, found in children.items()}

    def get(self, id_: str) -> Entry:
        """The version of an object that was valid, also one that has been withdrawn (Utgått).

        Raises:
            InvalidId, NoSuchObject: the latter says from when there is one.
        """
        check_id(id_)
        if id_ in self._valid:
            return self._valid[id_]
        first = self.library.versions(id_)[0].first_day
        raise NoSuchObject(f"{id_} was not valid yet: its first version is from {first}")

    def current(self, *types: InfoType) -> tuple[Entry, ...]:
        """What was in force, of these types or of all, by title."""
        return tuple(
            entry
            for entry in self._valid.values()
            if entry.innhold.status == "Gjeldende"
            and (not types or entry.innhold.info_type in types)
        )

    def children(self, id_: str) -> tuple[Entry, ...]:
        """What hangs directly below an object, by title."""
        return self._children.get(id_, ())

    def parents(self, id_: str) -> tuple[Entry, ...]:
        """What an object hangs directly below, in the object's own order."""
        return self.parents_of(self._valid[id_])

    def parents_of(self, entry: Entry) -> tuple[Entry, ...]:
        """The same for any version of an object, placed in this edition."""
        return tuple(
            self._valid[parent] for parent in entry.innhold.parents if parent in self._valid
        )

    def roots(self, id_: str) -> tuple[Entry, ...]:
        """The guidelines that an object belongs to: one or more, each once."""
        return self.roots_of(self._valid[id_])

    def roots_of(self, entry: Entry) -> tuple[Entry, ...]:
        """The same for any version of an object, placed in this edition."""
        found: dict[str, Entry] = {}
        for parent in self.parents_of(entry):
            for root in self.roots_of(parent) or (parent,):
                found[root.innhold.id] = root
        return tuple(found.values())

    def with_code(self, system: str, code: str) -> tuple[Entry, ...]:
        """What is about this code; first what the content puts first for it, then by title.

        A longer code is found under a shorter one of the content, as ICD-10's classes are nested:
        J18.9 finds what is coded J18.

        Raises:
            UnknownCodeSystem: the message names those there are.
        """
        if system not in CODE_SYSTEMS:
            known = ", ".join(CODE_SYSTEMS)
            raise UnknownCodeSystem(f"there is no code system {system!r}: give one of {known}")
        wanted = code.strip().upper()
        found = [
            entry
            for entry in self.current()
            if entry.innhold.koder
            and any(_covers(own.upper(), wanted, system) for own in entry.innhold.koder.of(system))
        ]
        return tuple(sorted(found, key=lambda entry: not _is_first(entry, wanted, system)))


def read_library(*folders: Path, drafts: bool = False) -> Library:
    """Every published version in these folders of content.

    Args:
        drafts: take in what is not published yet too.

    Raises:
        ContentError: a file breaks a rule; the message names file, path and rule.
    """
    return Library(
        one for folder in folders for one in read_folder(folder) if one.published or drafts
    )


def served_folders(own: Path, demonstration: bool) -> list[Path]:
    """The folders of content that a site serves: the shipped one if wanted, and its own when there."""
    return [*([SHIPPED] if demonstration else []), *([own] if own.is_dir() else [])]


def check_id(id_: str) -> None:
    """Refuse what has not the form of an id.

    Raises:
        InvalidId
    """
    if not ID.fullmatch(id_):
        raise InvalidId(f"{id_[:60]!r} is no id: ids match {ID.pattern}")


def _covers(own: str, wanted: str, system: str) -> bool:
    if own == wanted:
        return True
    return system == "ICD-10" and "." not in own and wanted.startswith(f"{own}.")


def _is_first(entry: Entry, wanted: str, system: str) -> bool:
    data = entry.innhold.data
    first = data.varde.forstFor or () if isinstance(data, AnbefalingData) and data.varde else ()
    return any(_covers(own.upper(), wanted, system) for own in first)


def _order(entry: Entry) -> tuple[str, str]:
    return (entry.innhold.tittel.casefold(), entry.innhold.id)


def _periods(found: list[StoredVersion]) -> tuple[Entry, ...]:
    ordered = sorted(found, key=lambda one: one.version.gyldigFra)
    entries = []
    for number, one in enumerate(ordered, start=1):
        following = ordered[number] if number < len(ordered) else None
        if following and following.version.gyldigFra == one.version.gyldigFra:
            raise ContentError(
                following.name, "$.gyldigFra", f"{one.name} is of the same object and day"
            )
        if one.version.innhold.info_type != ordered[0].version.innhold.info_type:
            raise ContentError(
                one.name,
                "$.innhold.tekniskeData.infoType",
                f"was {ordered[0].version.innhold.info_type} in {ordered[0].name}",
            )
        end = following.version.gyldigFra if following else None
        entries.append(Entry(one, number, end))
    return tuple(entries)


def _unique_slugs(versions: Mapping[str, tuple[Entry, ...]]) -> Mapping[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for id_, entries in versions.items():
        for entry in entries:
            key = (entry.innhold.info_type, entry.slug)
            if found.setdefault(key, id_) != id_:
                raise ContentError(
                    entry.stored.name, "$.innhold.id", f"the folder holds {found[key]} too"
                )
    return MappingProxyType(found)


_BELOW: Mapping[InfoType, frozenset[InfoType]] = MappingProxyType(
    {
        "retningslinje": frozenset(),
        "kapittel": frozenset(("retningslinje", "kapittel")),
        "anbefaling": frozenset(("kapittel", "retningslinje")),
        "kontraindikasjon": frozenset(("retningslinje",)),
        "pico": frozenset(("anbefaling",)),
        "referanse": frozenset(("anbefaling", "kapittel", "retningslinje", "pico")),
    }
)
"""What each type may hang below."""


def _check_parents(library: Library) -> None:
    """Each kind hangs below the right kind, and nothing below itself.

    A parent that is not there is no error here: a site may take in a recommendation without its
    chapter. `varde.guidelines.checks` tells the editor.
    """
    for entry in library.entries():
        for position, link in enumerate(entry.innhold.links or ()):
            if link.rel != "forelder" or not library.has(link.target):
                continue
            above = library.versions(link.target)[0].innhold.info_type
            if above not in _BELOW[entry.innhold.info_type]:
                raise ContentError(
                    entry.stored.name,
                    f"$.innhold.links[{position}]",
                    f"{entry.innhold.info_type} cannot hang below {above}",
                )
        _check_no_circle(library, entry)


def _check_no_circle(library: Library, entry: Entry) -> None:
    """A chapter below itself would have no root, in any of its versions."""
    above, seen = list(entry.innhold.parents), set[str]()
    while above:
        id_ = above.pop()
        if id_ == entry.innhold.id:
            raise ContentError(entry.stored.name, "$.innhold.links", "it hangs below itself")
        if id_ not in seen:
            seen.add(id_)
            versions = library.versions(id_) if library.has(id_) else ()
            above += [up for version in versions for up in version.innhold.parents]
