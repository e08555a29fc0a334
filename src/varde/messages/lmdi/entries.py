"""The entries of one bundle, what is wrong with each of them by itself, and what a reference leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar, cast, get_args

import msgspec
from msgspec import Raw

from varde.messages.errors import MessageError
from varde.messages.fhir.damage import Damage, describe_fault
from varde.messages.fhir.documents import Document
from varde.messages.fhir.resources import NOTHING, Entry, Identifier, Reference
from varde.messages.json_documents import mark_characters
from varde.messages.lmdi.errors import BundleRefused, EntryRefused
from varde.messages.lmdi.resources import AnyResource, Outer, RequestedEntry, Resource
from varde.messages.lmdi.vocabulary import vocabulary

KINDS: Final = frozenset(kind.__name__ for kind in get_args(AnyResource))
"""Types of resources that a bundle may hold."""

_RESOURCE: msgspec.json.Decoder[Any] = msgspec.json.Decoder(AnyResource)
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_TEXT = msgspec.json.Decoder(str)
_OUTER = msgspec.json.Decoder(Outer)
_REQUESTED = msgspec.json.Decoder(RequestedEntry)

Kind = TypeVar("Kind", bound=Resource)
Result = TypeVar("Result")


class Held:
    """One resource as it lies in the bundle.

    Attributes:
        number: the entry, from 0.
        kind: its resource type as sent; empty when it has none.
        resource: decoded; None when it cannot be, or is of a type that may not be there.
        fault: what is wrong with it, whatever refers to it.
    """

    __slots__ = ("fault", "holder", "inside", "kind", "number", "place", "raw", "resource")

    def __init__(self, raw: Raw, number: int, place: str, holder: Held | None = None) -> None:
        self.raw = raw
        self.number = number
        self.place = place
        self.holder = holder
        self.inside: dict[str, Held] | None = None
        self.resource: Any = None
        self.fault: EntryRefused | None = None
        self.kind = ""
        if raw == NOTHING:
            self.fault = EntryRefused("bad-field", place)
            return
        try:
            self.resource = _RESOURCE.decode(raw)
            self.kind = type(self.resource).__name__
        except msgspec.ValidationError as error:
            self.kind = _kind_of(raw)
            if self.kind in KINDS or not self.kind:
                path, detail = describe_fault(error)
                self.fault = EntryRefused("bad-field", place + path, detail)
            else:
                self.fault = EntryRefused("lmdi-profile", f"{place}.resourceType", self.kind)

    def at(self, path: str) -> str:
        """The place of a field."""
        return f"{self.place}.{path}"


def _kind_of(raw: Raw) -> str:
    try:
        return _TEXT.decode(_FIELDS.decode(raw).get("resourceType", b'""'))
    except msgspec.DecodeError:
        return ""


class Entries:
    """All resources of a bundle, found by what a reference says.

    Attributes:
        all: in the order of the bundle.
    """

    def __init__(self, document: Document) -> None:
        self.all: list[Held] = []
        self._by_address: dict[str, list[Held]] = {}
        self._by_identifier: dict[tuple[str, str, str], list[Held]] | None = None
        self._memory: dict[tuple[str, Held], tuple[Any, EntryRefused | None]] = {}
        for number, entry in enumerate(document.bundle.entry):
            self._add(number, entry, document.damaged.get(number))

    def _add(self, number: int, entry: Entry, damage: Damage | None) -> None:
        place = f"Bundle.entry[{number}].resource"
        held = Held(entry.resource, number, place)
        self.all.append(held)
        if damage is not None:
            held.fault = EntryRefused(
                damage.reason, f"Bundle.entry[{number}]{damage.path}", damage.detail
            )
            held.resource = None
        elif held.fault is None:
            held.fault = _check_profile(held)
        names = {_address(entry.full_url.strip())} if entry.full_url.strip() else set()
        if held.resource is not None and held.resource.id:
            names.add(f"{held.kind}/{held.resource.id}")
        for name in names:
            _index(self._by_address.setdefault(name, []), held)

    def check_requests(self, outer: Outer) -> None:
        """See that every entry is to be posted."""
        for number, raw in enumerate(outer.entry):
            held = self.all[number]
            if held.fault is not None:
                continue
            try:
                request = _REQUESTED.decode(raw).request
            except msgspec.ValidationError as error:
                path, detail = describe_fault(error)
                held.fault = EntryRefused("bad-field", f"Bundle.entry[{number}]{path}", detail)
                continue
            method = request.method if request is not None else ""
            if method != vocabulary().bundle.method:
                place = f"Bundle.entry[{number}].request.method"
                held.fault = EntryRefused("lmdi-method", place, method[:20])

    def once(self, what: str, held: Held, work: Callable[[], Result]) -> Result:
        """What `work` gives or raises of a resource, worked out the first time that it is asked for.

        Thousands of administrations may share a drug or a diagnosis that is as large as a bundle can be.

        Raises:
            EntryRefused: as `work` did.
        """
        known = self._memory.get((what, held))
        if known is None:
            try:
                known = work(), None
            except EntryRefused as error:
                known = None, error
            self._memory[what, held] = known
        result, fault = known
        if fault is not None:
            raise EntryRefused(fault.reason, fault.place, fault.detail)
        return cast(Result, result)

    def of_kind(self, kind: type[Kind]) -> Iterator[Held]:
        """The entries of a type, whole ones alone."""
        return (held for held in self.all if held.fault is None and type(held.resource) is kind)

    def follow(self, reference: Reference | None, source: Held, path: str) -> Held | None:
        """What a reference leads to; None when it says nothing, or only by a number that no resource here has.

        Raises:
            EntryRefused: it leads nowhere, to several different resources, or to one that is refused.
        """
        if reference is None:
            return None
        written = reference.reference.strip()
        if written:
            found = self._addressed(written, source)
            if not found:
                raise EntryRefused("dangling-reference", source.at(path), written)
        elif reference.identifier is not None and reference.identifier.value:
            found = self._identified(reference.identifier, reference.type)
        else:
            return None
        if len(found) > 1:
            raise EntryRefused("duplicate-resource", source.at(path), written)
        if not found:
            return None
        held = found[0]
        if held.fault is not None:
            fault = held.fault
            raise EntryRefused(fault.reason, fault.place, fault.detail)
        return held

    def read(
        self, kind: type[Kind], reference: Reference | None, source: Held, path: str
    ) -> tuple[Held, Kind] | None:
        """As `follow`, of a resource of one type.

        Raises:
            EntryRefused: as `follow`, or ``wrong-resource``.
        """
        held = self.follow(reference, source, path)
        if held is None:
            return None
        if not isinstance(held.resource, kind):
            found = f"{held.kind} ≠ {kind.__name__}"
            raise EntryRefused("wrong-resource", source.at(path), found)
        return held, held.resource

    def _addressed(self, written: str, source: Held) -> list[Held]:
        if written.startswith("#"):
            outer = source.holder or source
            if outer.inside is None:
                outer.inside = {}
                contained = outer.resource.contained if outer.resource is not None else ()
                for number, raw in enumerate(contained):
                    place = f"{outer.place}.contained[{number}]"
                    inner = Held(raw, outer.number, place, outer)
                    if inner.resource is not None:
                        outer.inside.setdefault(inner.resource.id, inner)
            found = outer.inside.get(written[1:])
            return [found] if found is not None else []
        return self._by_address.get(_address(written), [])

    def _identified(self, identifier: Identifier, kind: str) -> list[Held]:
        if self._by_identifier is None:
            self._by_identifier = {}
            for held in self.all:
                for own in held.resource.identifier if held.resource is not None else ():
                    for name in (held.kind, ""):
                        key = (name, own.system, own.value)
                        _index(self._by_identifier.setdefault(key, []), held)
        name = kind.rpartition("/")[2]
        return self._by_identifier.get((name, identifier.system, identifier.value), [])


def read_outer(document: Document, text: bytes) -> Outer:
    """What the profile has something to say of in a bundle that could be read.

    Args:
        text: the bundle. Characters that no text can hold are faults of their entries, as `parse_bundle` has seen.

    Raises:
        BundleRefused: ``malformed-json``: it is read otherwise than before.
    """
    try:
        outer = _OUTER.decode(mark_characters(text).text)
    except (msgspec.DecodeError, MessageError):
        raise BundleRefused("malformed-json") from None
    if len(outer.entry) != len(document.bundle.entry):
        raise BundleRefused("malformed-json", "Bundle.entry")
    return outer


def _index(known: list[Held], held: Held) -> None:
    """Add a resource unless it is the one that is known; of those that differ, two tell enough."""
    if not known or (len(known) == 1 and bytes(known[0].raw) != bytes(held.raw)):
        known.append(held)


def _address(written: str) -> str:
    """An address as it is compared: without version, URNs in lower case."""
    if written[:4].lower() == "urn:":
        return written.lower()
    return written.partition("/_history/")[0]


def _check_profile(held: Held) -> EntryRefused | None:
    rules = vocabulary()
    wanted = rules.bundle.profiles + held.kind.lower()
    stated = held.resource.meta.profile
    if all(each.partition("|")[0] != wanted for each in stated):
        shown = stated[0] if stated else ""
        return EntryRefused("lmdi-profile", held.at("meta.profile"), shown)
    forbidden = rules.forbidden.get(held.kind, ())
    if forbidden:
        present = _FIELDS.decode(held.raw)
        for name in forbidden:
            if name in present:
                return EntryRefused("lmdi-forbidden", held.at(name), name)
    return None
