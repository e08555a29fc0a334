"""What names a KITH svarrapport: its sender, its number, and the children that say so."""

from __future__ import annotations

from typing import Any, NamedTuple

from varde.messages.errors import InvalidContent
from varde.messages.kith.items import NAMESPACE_LENGTH, place_of
from varde.messages.kith.words import words


class Sender(NamedTuple):
    """The answering laboratory."""

    identifier: str
    name: str


Parts = dict[str, list[Any]]
"""An element's children by local name, in document order."""


def children(element: Any) -> Parts:
    """An element's children by local name."""
    parts: Parts = {}
    for child in element:
        name = child.tag[NAMESPACE_LENGTH:]
        if name in parts:
            parts[name].append(child)
        else:
            parts[name] = [child]
    return parts


def text_in(parts: Parts, name: str) -> str:
    """The text of the first child of that name; fillers such as NULL count as empty."""
    found = parts.get(name)
    text = " ".join((found[0].text or "").split()) if found else ""
    return "" if text.casefold() in words().nothing else text


def value_in(parts: Parts, name: str) -> str:
    """The V attribute of the first child of that name."""
    found = parts.get(name)
    return (found[0].get("V") or "").strip() if found else ""


def number_of(parts: Parts, message_id: str) -> str:
    """A report's id: ServProvId, unless that is a copy of the message's id and the request has one."""
    base = message_id.partition("#")[0]
    own = text_in(parts, "ServProvId")
    if own and own != base:
        return own
    for request in parts.get("ServReq", []):
        fields = children(request)
        number = text_in(fields, "IdByServProvider") or text_in(fields, "Id")
        if number:
            return number
    return own or message_id


def read_sender(parts: Parts, element: Any) -> Sender:
    """The laboratory: the innermost department's HER-id, else the institution's HER or ENH id."""
    provider = parts.get("ServProvider")
    for holder in children(provider[0]).get("HCP", []) if provider else []:
        for institution in children(holder).get("Inst", []):
            fields = children(institution)
            name = text_in(fields, "Name")
            for department in reversed(fields.get("Dept", [])):
                ids = _identifiers(children(department))
                if "HER" in ids:
                    named = text_in(children(department), "Name")
                    return Sender(f"HER:{ids['HER']}", ", ".join(filter(None, (name, named))))
            ids = _identifiers(fields)
            for kind in ("HER", "ENH"):
                if kind in ids:
                    return Sender(f"{kind}:{ids[kind]}", name)
    raise InvalidContent("missing-sender", place_of(element) if element is not None else "")


def _identifiers(fields: Parts) -> dict[str, str]:
    """Identifiers of an institution or department by type; its own before its additional ones."""
    found: dict[str, str] = {}
    for holder in fields.get("AdditionalId", []):
        more = children(holder)
        if "Id" in more and text_in(more, "Id"):
            found.setdefault(value_in(more, "Type").upper(), text_in(more, "Id"))
    if text_in(fields, "Id"):
        found[value_in(fields, "TypeId").upper()] = text_in(fields, "Id")
    return found
