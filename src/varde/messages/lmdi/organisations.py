"""Who gave it: the organisation at institution level, and what it is part of, up to the municipality or trust."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from varde.messages.fhir.resources import Identifier, Reference
from varde.messages.lmdi.entries import Entries, Held
from varde.messages.lmdi.errors import EntryRefused
from varde.messages.lmdi.resources import Encounter, Organization
from varde.messages.lmdi.vocabulary import vocabulary

LONGEST_NAME: Final = 120
MOST_LINKS: Final = 20
"""Links from a ward to the top: more is a slip."""

_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)
_MUNICIPALITY = re.compile(r"[0-9]{4}", re.ASCII)
_IS_MUNICIPALITY = re.compile(r"\bkommune\b", re.IGNORECASE)

KindOfInstitution = Literal["nursing-home", "home-care", "municipality", "other"]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One organisation by itself.

    Attributes:
        keys: its numbers as senders' keys ("ENH:985626154", "RSH:4208723").
        number: the organisation number; empty without.
        municipality: its number; empty when not stated.
    """

    keys: tuple[str, ...]
    number: str
    name: str
    municipality: str


class Institution(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table ``institutions``, but for its days.

    Attributes:
        kind: by the stays there, where it is part of a municipality; "other" when nothing tells.
        part_of: the organisation number next above; empty at the top.
    """

    institution: str
    name: str
    kind: KindOfInstitution
    part_of: str
    municipality: str


def is_organisation(number: str) -> bool:
    """Nine digits with the right check digit (modulus 11, weights 3 2 7 6 5 4 3 2; Brønnøysundregistrene)."""
    if len(number) != 9 or not number.isascii() or not number.isdigit():
        return False
    rest = sum(w * int(d) for w, d in zip(_WEIGHTS, number, strict=False)) % 11
    return (11 - rest) % 11 == int(number[8])


def read_place(held: Held) -> Place:
    """One organisation.

    Raises:
        EntryRefused: ``lmdi-organisation`` or ``lmdi-organisation-number``.
    """
    resource: Organization = held.resource
    keys = _keys(resource.identifier, held)
    if not keys:
        raise EntryRefused("lmdi-organisation", held.at("identifier"))
    name = " ".join(resource.name.split())
    if not name or len(name) > LONGEST_NAME:
        raise EntryRefused("lmdi-organisation", held.at("name"))
    return Place(
        keys=tuple(keys.values()),
        number=keys.get("ENH", "").removeprefix("ENH:"),
        name=name,
        municipality=_municipality(resource),
    )


def _keys(identifiers: tuple[Identifier, ...], held: Held) -> dict[str, str]:
    """Kind of number → sender's key."""
    systems = vocabulary().systems
    kinds = {systems.organisation: "ENH", systems.resh: "RSH"}
    keys: dict[str, str] = {}
    for at, each in enumerate(identifiers):
        kind = kinds.get(each.system.strip())
        value = each.value.replace(" ", "")
        if kind is None:
            continue
        if kind in keys and keys[kind] != f"{kind}:{value}":
            raise EntryRefused("lmdi-organisation", held.at(f"identifier[{at}].value"))
        if not value or (kind == "ENH" and not is_organisation(value)):
            place = held.at(f"identifier[{at}].value")
            raise EntryRefused("lmdi-organisation-number", place, value)
        keys[kind] = f"{kind}:{value}"
    return keys


def _municipality(resource: Organization) -> str:
    systems = vocabulary().systems
    for address in resource.address:
        for extension in (*address.district_element.extension, *address.extension):
            coding = extension.value_coding
            if extension.url != systems.municipality_extension or coding is None:
                continue
            if coding.system == systems.municipality and _MUNICIPALITY.fullmatch(coding.code):
                return coding.code
    return ""


class Organisations:
    """The organisations of a bundle; each chain is worked out once."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        self._chains: dict[Held, tuple[Place, ...]] = {}
        self._stays: dict[str, str] | None = None

    def place(self, held: Held) -> Place:
        """One organisation; as `read_place`."""
        return self._entries.once("place", held, lambda: read_place(held))

    def chain(self, held: Held) -> tuple[Place, ...]:
        """The organisation and what it is part of, from below.

        Raises:
            EntryRefused: as `read_place`, ``lmdi-circle``, or a reference leads nowhere.
        """
        if held in self._chains:
            return self._chains[held]
        found: list[Place] = []
        seen: set[int] = set()
        at: Held | None = held
        while at is not None:
            if id(at) in seen or len(seen) >= MOST_LINKS:
                raise EntryRefused("lmdi-circle", at.at("partOf"))
            seen.add(id(at))
            found.append(self.place(at))
            above: Reference | None = at.resource.part_of
            followed = self._entries.read(Organization, above, at, "partOf")
            if followed is None and above is not None:
                found += _named(above, at, "partOf")
            at = followed[0] if followed is not None else None
        self._chains[held] = tuple(found)
        return self._chains[held]

    def of_stay(self, reference: Reference | None, source: Held) -> tuple[Place, ...]:
        """Where a stay is, and what that is part of, from below.

        Raises:
            EntryRefused: ``lmdi-no-institution``, or as `chain`.
        """
        stay = self._entries.read(Encounter, reference, source, "context")
        if stay is None:
            raise EntryRefused("lmdi-no-institution", source.at("context"))
        held, encounter = stay
        where = self._entries.read(
            Organization, encounter.service_provider, held, "serviceProvider"
        )
        if where is not None:
            chain = self.chain(where[0])
        elif encounter.service_provider is not None:
            chain = _named(encounter.service_provider, held, "serviceProvider")
        else:
            chain = ()
        if not any(each.number for each in chain):
            raise EntryRefused("lmdi-no-institution", held.at("serviceProvider"))
        return chain

    def institutions(self, chains: Mapping[int, tuple[Place, ...]]) -> tuple[Institution, ...]:
        """What the bundle says of organisations that have a number and a municipality, or are part of one that has.

        Args:
            chains: of the organisations of the bundle, by entry.
        """
        stays = self._kinds_of_stay()
        found: dict[str, Institution] = {}
        for chain in chains.values():
            numbered = [place for place in chain if place.number and place.name]
            for at, place in enumerate(numbered):
                above = numbered[at + 1 :]
                within = (each.municipality for each in (place, *above))
                municipality = next(filter(None, within), "")
                if not municipality:
                    continue
                row = Institution(
                    institution=place.number,
                    name=place.name,
                    kind=_kind(place, above, stays),
                    part_of=above[0].number if above else "",
                    municipality=municipality,
                )
                known = found.get(place.number)
                found[place.number] = row if known is None else max(known, row, key=_rank)
        return tuple(found[number] for number in sorted(found))

    def _kinds_of_stay(self) -> dict[str, str]:
        """Organisation number → what the stays there make it."""
        if self._stays is not None:
            return self._stays
        kinds = vocabulary().stays
        self._stays = {}
        for held in self._entries.of_kind(Encounter):
            kind = kinds.get(held.resource.kind.code)
            try:
                where = self._entries.read(
                    Organization, held.resource.service_provider, held, "serviceProvider"
                )
                numbers = [each.number for each in self.chain(where[0])] if where else []
            except EntryRefused:
                continue
            number = next(filter(None, numbers), "")
            if kind and number:
                self._stays[number] = max(kind, self._stays.get(number, ""))
        return self._stays


def _named(reference: Reference, source: Held, path: str) -> tuple[Place, ...]:
    """An organisation that is told by its number alone."""
    if reference.reference or reference.identifier is None:
        return ()
    keys = _keys((reference.identifier,), source)
    if not keys:
        raise EntryRefused("lmdi-organisation", source.at(f"{path}.identifier"))
    number = keys.get("ENH", "").removeprefix("ENH:")
    return (Place(keys=tuple(keys.values()), number=number, name="", municipality=""),)


def _kind(place: Place, above: list[Place], stays: Mapping[str, str]) -> KindOfInstitution:
    if not above and _IS_MUNICIPALITY.search(place.name):
        return "municipality"
    if above and _IS_MUNICIPALITY.search(above[-1].name):
        match stays.get(place.number):
            case "nursing-home":
                return "nursing-home"
            case "home-care":
                return "home-care"
    return "other"


def _rank(row: Institution) -> tuple[bool, str, str]:
    """Of two things said of one institution in a bundle, the one that says more."""
    return (row.part_of != "", row.part_of, row.name)
