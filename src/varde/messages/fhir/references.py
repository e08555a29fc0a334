"""The resources of one bundle, and what a reference in one of them leads to.

A reference is an address (the entry's fullUrl, or ``Type/id``), a resource inside the same one
(``#id``), a search (``Patient?identifier=system|value``) or an identifier. A resource that cannot be
decoded is found all the same, and then spoils only the reports that reach it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar, cast, get_args

import msgspec

from varde.messages.errors import InvalidContent
from varde.messages.fhir.damage import Damage, describe_fault
from varde.messages.fhir.resources import (
    NOTHING,
    AnyResource,
    Element,
    Entry,
    Identifier,
    Observation,
    Reference,
)
from varde.messages.fhir.undecoded import field_of, open_raw, text_of
from varde.messages.fhir.words import as_oid

Result = TypeVar("Result")

_RESOURCE: msgspec.json.Decoder[Any] = msgspec.json.Decoder(AnyResource)
SEARCH = re.compile(
    r"(?P<kind>[A-Z][A-Za-z]+)\?(?:.*&)?identifier=(?:(?P<system>[^|&]*)\|)?(?P<value>[^&]+)"
)
READ = frozenset(kind.__name__ for kind in get_args(AnyResource))
"""Types of resources that are read."""

MAX_OBSERVATIONS = 100_000
"""Most Observations that the reports of one bundle read together, counted once for each report."""

NAME = re.compile(r"(?:.*/)?(?P<name>[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})")


class Held:
    """One resource as it lies in the bundle.

    Attributes:
        number: which entry of the bundle, or which resource inside its holder, it is.
        holder: the resource that it lies in; None for one of the bundle's own.
        kind: its resource type as sent; empty when it has none.
        resource: decoded; None for a type that is not read, or when it cannot be decoded.
        fault: place inside it and detail when it cannot be decoded.
        damage: what is wrong with its entry; then it is not decoded.
        base: what a relative reference in it is relative to; empty when unknown.
    """

    __slots__ = (
        "base", "damage", "fault", "holder", "inside", "kind", "number", "raw", "resource"
    )  # fmt: skip

    def __init__(
        self,
        raw: msgspec.Raw,
        number: int,
        holder: Held | None = None,
        damage: Damage | None = None,
    ) -> None:
        self.raw = raw
        self.number = number
        self.holder = holder
        self.base = ""
        self.inside: dict[str, Held] | None = None
        self.fault: tuple[str, str] | None = None
        self.resource: AnyResource | None = None
        self.damage = damage
        if damage is not None:
            self.kind = text_of(raw, damage, "resourceType")
            return
        try:
            self.resource = _RESOURCE.decode(raw)
            self.kind = type(self.resource).__name__
        except msgspec.ValidationError as error:
            self.kind, self.fault = _describe(raw, error)

    @property
    def place(self) -> str:
        """Where it lies, as ``Bundle.entry[3].resource``."""
        if self.holder is not None:
            return f"{self.holder.place}.contained[{self.number}]"
        return f"Bundle.entry[{self.number}].resource"

    def at(self, path: str) -> str:
        """The place of a field, with the type of the resource that holds it."""
        return f"{self.place}{path and '.'}{path} ({self.kind or '?'})"


def _describe(
    raw: msgspec.Raw, error: msgspec.ValidationError
) -> tuple[str, tuple[str, str] | None]:
    """The type of a resource that could not be decoded, and its fault unless it need not be read."""
    found = open_raw(raw)
    kind = found.get("resourceType") if isinstance(found, dict) else None
    if not isinstance(kind, str) or not kind:
        return "", describe_fault(error)
    path, detail = describe_fault(error)
    # A type that is read has no fault in its name, unless the name stands twice.
    unread = path == ".resourceType" and kind not in READ
    return kind, None if unread else (path, detail)


class Store:
    """All resources of a bundle, found by what a reference says."""

    def __init__(
        self, entries: Sequence[Entry], damaged: Mapping[int, Damage] = MappingProxyType({})
    ) -> None:
        self.all: list[Held] = []
        self.damaged: list[tuple[int, str, Damage]] = []
        self.budget = MAX_OBSERVATIONS
        self._by_address: dict[str, list[Held]] = {}
        self._by_identifier: dict[tuple[str, str, str], list[Held]] | None = None
        self._by_kinds: dict[tuple[str, ...], list[Held]] = {}
        self._derived: dict[int, list[Held]] | None = None
        self._memory: dict[tuple[Hashable, ...], tuple[Any, InvalidContent | None]] = {}
        for number, entry in enumerate(entries):
            if number in damaged:
                self._add_damaged(number, entry, damaged[number])
                continue
            if entry.resource == NOTHING:
                continue
            held = Held(entry.resource, number)
            if held.fault is not None and bytes(entry.resource) == b"null":
                continue
            self.all.append(held)
            self._index(held, entry.full_url.strip())

    def _add_damaged(self, number: int, entry: Entry, damage: Damage) -> None:
        """Take in a damaged entry: it is found, and then tells what is wrong with it."""
        held = None
        if entry.resource != NOTHING:
            raw = msgspec.Raw(b"{}") if damage.whole else entry.resource
            held = Held(raw, number, damage=damage)
            self.all.append(held)
            self._index(held, "" if damage.address else entry.full_url.strip())
        self.damaged.append((number, held.kind if held else "", damage))

    def untold(self, places: Container[str]) -> Iterator[InvalidContent]:
        """What is wrong with the damaged entries, but for those that are told of at one of these places."""
        for number, kind, damage in self.damaged:
            error = damage.error(number, kind)
            if error.place not in places:
                yield error

    def _index(self, held: Held, full_url: str) -> None:
        names = [_address(full_url)] if full_url else []
        own = held.resource.id if held.resource is not None else ""
        if held.fault is not None or held.damage is not None:
            own = text_of(held.raw, held.damage, "id")
        if own:
            names.append(f"{held.kind}/{own}")
        if full_url.startswith("http"):
            last = NAME.fullmatch(full_url)
            if last is not None:
                names.append(last["name"])
                held.base = full_url[: -len(last["name"])]
        for name in names:
            known = self._by_address.get(name)
            if known is None:
                self._by_address[name] = [held]
            elif known[-1] is not held:
                known.append(held)

    def of_kinds(self, *kinds: str) -> Sequence[Held]:
        """The resources of these types, in order."""
        if kinds not in self._by_kinds:
            self._by_kinds[kinds] = [held for held in self.all if held.kind in kinds]
        return self._by_kinds[kinds]

    def reports(self) -> Sequence[Held]:
        """What must give one answer each, in order: reports, and entries of which nobody can say
        that they are none (without a type, or bundles in the bundle); but for what is damaged and
        without a type, which waits in quarantine whatever it is."""
        found = self.of_kinds("DiagnosticReport", "", "Bundle")
        return [held for held in found if held.kind or held.damage is None]

    def observations(self) -> Sequence[Held]:
        """All Observations, for a report that has all there are.

        Raises:
            InvalidContent: what is wrong with an entry that may be one of them.
        """
        for held in self.of_kinds(""):
            require_undamaged(held)
        return self.of_kinds("Observation")

    def statements(self) -> Sequence[Held]:
        """What must give one record or failure each, in order: `reports` and vaccinations."""
        return self.of_kinds("DiagnosticReport", "Immunization", "", "Bundle")

    def spend(self, held: Held) -> None:
        """Count one Observation that a report reads.

        Thousands of reports that all reach the same thousands of Observations would take hours.

        Raises:
            InvalidContent: ``too-large`` when `MAX_OBSERVATIONS` are spent.
        """
        self.budget -= 1
        if self.budget < 0:
            raise InvalidContent("too-large", held.at(""), f"> {MAX_OBSERVATIONS}")

    def once(self, key: tuple[Hashable, ...], work: Callable[[], Result]) -> Result:
        """What `work` gives or raises, worked out the first time that the key is asked for.

        Thousands of statements may share a patient, a sender or a place, and any of these may be as
        large as a bundle can be: looking each of them through for every statement would take hours.

        Raises:
            InvalidContent: as `work` did.
        """
        known = self._memory.get(key)
        if known is None:
            try:
                known = work(), None
            except InvalidContent as error:
                known = None, error
            self._memory[key] = known
        result, fault = known
        if fault is not None:
            raise InvalidContent(fault.reason, fault.place, fault.detail)
        return cast(Result, result)

    def find(self, reference: Reference, source: Held, path: str) -> Held | None:
        """What a reference in `source` leads to; None when it is not in the bundle.

        Args:
            reference: the reference.
            source: the resource that it stands in.
            path: the field that it stands in, for the place of an error.

        Raises:
            InvalidContent: ``duplicate-resource`` when several different resources have that address;
                what is wrong with its entry when that is damaged.
        """
        written = reference.reference
        known = self._by_address.get(written)
        if known is not None and len(known) == 1 and not source.base:
            only = known[0]  # nearly always; what follows is for all other ways to write it
            if only.damage is None:
                return only
        written = written.strip()
        if written.startswith("#"):
            return self._contained(written[1:], source)
        if not written:
            found = self._identified(reference.identifier, reference.type)
        else:
            found = self._addressed(written, source)
        if not found:
            return None
        if len(found) > 1:
            if any(bytes(other.raw) != bytes(found[0].raw) for other in found):
                said = written or (reference.identifier.value if reference.identifier else "")
                raise InvalidContent("duplicate-resource", source.at(path), said)
            del found[1:]  # the same resource several times is one
        require_undamaged(found[0])
        return found[0]

    def follow(
        self, reference: Reference, source: Held, path: str, *kinds: type[Element]
    ) -> Held | None:
        """As `find`, of a resource that is to be read: it must be one of these types, and whole.

        Raises:
            InvalidContent: ``duplicate-resource``, ``wrong-resource`` or ``bad-field``.
        """
        held = self.find(reference, source, path)
        if held is None:
            return None
        if isinstance(held.resource, kinds):
            return held
        if all(held.kind != kind.__name__ for kind in kinds):
            wanted = "|".join(kind.__name__ for kind in kinds)
            raise InvalidContent(
                "wrong-resource", source.at(path), f"{held.kind or '?'} ≠ {wanted}"
            )
        require_whole(held)
        return held

    def derived_from(self, held: Held) -> Sequence[Held]:
        """The Observations that say that they are derived from this one, in order."""
        if self._derived is None:
            self._derived = {}  # of all Observations, when the first one asks
            for other in self.all:
                for reference in _derivations(other):
                    found = self._addressed(reference.strip(), other) if reference else []
                    for target in found[:1]:
                        self._derived.setdefault(id(target), []).append(other)
        return self._derived.get(id(held), ())

    def _addressed(self, written: str, source: Held) -> list[Held]:
        name = _address(written)
        if source.base and not name.startswith(("http", "urn:")):
            found = self._by_address.get(source.base + name)
            if found:
                return found
        found = self._by_address.get(name)
        if found is not None:
            return found
        search = SEARCH.fullmatch(written)
        if search is None:
            return []
        wanted = Identifier(system=search["system"] or "", value=search["value"])
        return self._identified(wanted, search["kind"])

    def _identified(self, identifier: Identifier | None, kind: str) -> list[Held]:
        if identifier is None or not identifier.value:
            return []
        if self._by_identifier is None:
            self._by_identifier = {}
            for held in self.all:
                for own in _identifiers(held):
                    key = as_oid(own.system), own.value.strip()
                    for kind_or_any in (held.kind, ""):
                        self._by_identifier.setdefault((kind_or_any, *key), []).append(held)
        wanted = as_oid(identifier.system), identifier.value.strip()
        name = kind.rpartition("/")[2]
        return self._by_identifier.get((name, *wanted), [])

    def _contained(self, name: str, source: Held) -> Held | None:
        outer = source.holder or source
        if not name:
            return outer
        if outer.inside is None:
            outer.inside = {}
            for number, raw in enumerate(outer.resource.contained if outer.resource else ()):
                held = Held(raw, number, outer)
                own = held.resource.id if held.resource is not None else text_of(raw, None, "id")
                outer.inside.setdefault(own.removeprefix("#"), held)
        return outer.inside.get(name)


def require_undamaged(held: Held) -> None:
    """Raise what is wrong with the entry of a resource."""
    if held.damage is not None:
        raise held.damage.error(held.number, held.kind)


def require_whole(held: Held) -> None:
    """Raise ``bad-field`` for a resource that could not be decoded, or what is wrong with its entry."""
    require_undamaged(held)
    if held.fault is not None:
        path, detail = held.fault
        raise InvalidContent("bad-field", held.at(path.removeprefix(".")), detail)


def observation_links(held: Held) -> tuple[Sequence[Reference], Sequence[Reference]]:
    """The members of an Observation, and what it is derived from."""
    if isinstance(held.resource, Observation):
        return held.resource.has_member, held.resource.derived_from
    return (), ()


def _derivations(held: Held) -> Iterable[str]:
    """The addresses that an Observation is derived from, also of one that cannot be decoded."""
    if isinstance(held.resource, Observation):
        return [reference.reference for reference in held.resource.derived_from]
    if held.kind != "Observation":
        return ()
    found: list[str] = []
    pending: list[Any] = [field_of(held.raw, held.damage, "derivedFrom")]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            written = part.get("reference")
            found += [written] if isinstance(written, str) else []
        elif isinstance(part, list):
            pending.extend(part)
    return found


def _identifiers(held: Held) -> Iterable[Identifier]:
    if held.damage is not None:
        try:
            own = field_of(held.raw, held.damage, "identifier")
            return msgspec.convert(own or (), tuple[Identifier, ...])
        except msgspec.ValidationError:
            return ()
    known: tuple[Identifier, ...] = getattr(held.resource, "identifier", ())
    accession: Identifier | None = getattr(held.resource, "accession_identifier", None)
    return known if accession is None else (*known, accession)


def _address(written: str) -> str:
    """An address as it is compared: without version, URNs in lower case."""
    if written[:4].lower() == "urn:":
        return written.lower()
    return written.partition("/_history/")[0]
