"""Entries of a bundle that are damaged: no object, a key that stands twice, a character that no text can hold.

Damage is of the entry that it stands in, and spoils what reaches it: a parser may have read something else
than was meant, also where nobody would see it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from varde.messages.errors import InvalidContent, UnreadableMessage
from varde.messages.fhir.resources import NOTHING, Entry
from varde.messages.json_documents import Fault, Marked, find_faults, show_path

PLACE = re.compile(r"(?P<said>.*?)(?: - at `\$(?P<path>[^`]*)`)?", re.DOTALL)
TYPES = re.compile(r"Expected `(?P<wanted>[^`]*)`(?:, got `(?P<found>[^`]*)`)?")

FIELDS = frozenset(("resourceType", "id", "identifier", "performer", "basedOn", "derivedFrom"))
"""What is read of a damaged resource: what names it, and whom it hangs on."""

_ENTRY = msgspec.json.Decoder(Entry)
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)


class Damage(NamedTuple):
    """What is wrong with an entry, such that nothing in its resource can be trusted.

    Attributes:
        reason: ``bad-field``, ``malformed-json`` or ``duplicate-key``.
        path: where in the entry, as ``.resource.status``.
        detail: the offending value.
        fields: those of `FIELDS` that are damaged too.
        address: whether the entry's address is.
        whole: whether the resource is there twice, or no object.
    """

    reason: str
    path: str
    detail: str
    fields: frozenset[str] = frozenset()
    address: bool = False
    whole: bool = False

    def error(self, number: int, kind: str) -> InvalidContent:
        """The same as what is raised.

        Args:
            number: of the entry.
            kind: type of its resource; empty when unknown.
        """
        place = f"Bundle.entry[{number}]{self.path}{kind and f' ({kind})'}"
        return InvalidContent(self.reason, place, self.detail)


def open_entries(raws: tuple[msgspec.Raw, ...]) -> tuple[list[Entry], dict[int, Damage]]:
    """The entries of a bundle, and what is wrong with those that are none, by their number."""
    entries: list[Entry] = []
    damaged: dict[int, Damage] = {}
    for number, raw in enumerate(raws):
        try:
            entries.append(_ENTRY.decode(raw))
        except msgspec.ValidationError as error:
            damaged[number] = Damage("bad-field", *describe_fault(error))
            entries.append(_open_loosely(raw))
    return entries, damaged


def _open_loosely(raw: msgspec.Raw) -> Entry:
    try:
        fields = _FIELDS.decode(raw)
    except msgspec.ValidationError:
        return Entry()
    try:
        address = _TEXT.decode(fields.get("fullUrl", b'""'))
    except msgspec.ValidationError:
        address = ""
    return Entry(full_url=address, resource=fields.get("resource", NOTHING))


def sort_damage(marked: Marked) -> dict[int, Damage]:
    """The entries that hold a key twice or a marked character, by their number.

    Raises:
        UnreadableMessage: ``duplicate-key`` or ``malformed-json`` for what stands beside the entries.
    """
    found: dict[int, Damage] = {}
    for fault in find_faults(marked):
        match fault.path:
            case ("entry", int(number), *inner) if inner:
                found[number] = _add_fault(found.get(number), fault, *inner)
            case _:
                place = f"Bundle{show_path(fault.path)}"
                raise UnreadableMessage(_reason(fault), place, fault.said)
    return found


def _add_fault(known: Damage | None, fault: Fault, field: str | int, *inner: str | int) -> Damage:
    damage = known or Damage(_reason(fault), show_path(fault.path[2:]), fault.said)
    if field == "fullUrl":
        return damage._replace(address=True)
    if field != "resource":
        return damage
    if not inner:
        return damage._replace(whole=True)
    return damage._replace(fields=damage.fields | FIELDS.intersection(inner[:1]))


def _reason(fault: Fault) -> str:
    return "duplicate-key" if fault.doubled else "malformed-json"


def describe_fault(error: msgspec.ValidationError) -> tuple[str, str]:
    """Where in its object a field is wrong, and how, as ``.code.coding[0].code`` and ``int ≠ str``."""
    said = PLACE.fullmatch(str(error))
    path = (said["path"] or "") if said else ""
    types = TYPES.search(said["said"]) if said else None
    if types is None:
        return path, ""
    return path, f"{types['found']} ≠ {types['wanted']}" if types[
        "found"
    ] else f"≠ {types['wanted']}"
