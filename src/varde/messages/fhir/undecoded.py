"""Fields of resources that cannot be decoded, as far as they can be trusted: they only name what is refused."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import msgspec

from varde.messages.fhir.damage import Damage
from varde.messages.fhir.resources import DiagnosticReport, Immunization

Named = TypeVar("Named", DiagnosticReport, Immunization)


def open_raw(raw: msgspec.Raw) -> Any:
    """JSON that was found well-formed, as Python objects; every number as 0: none is of use here."""
    return json.loads(bytes(raw), parse_int=_zero, parse_float=_zero)


def _zero(digits: str) -> int:
    return 0


def field_of(raw: msgspec.Raw, damage: Damage | None, name: str) -> Any:
    """A field of a resource; None when it is not there, or damaged."""
    found = open_raw(raw)
    damaged = damage is not None and name in damage.fields
    return found.get(name) if isinstance(found, dict) and not damaged else None


def text_of(raw: msgspec.Raw, damage: Damage | None, name: str) -> str:
    """A field of a resource that is a text; empty without."""
    found = field_of(raw, damage, name)
    return found if isinstance(found, str) else ""


def salvage_named(raw: msgspec.Raw, damage: Damage | None, kind: type[Named]) -> Named:
    """The fields that name a resource whose others cannot be decoded; what is broken is left out."""
    kept: dict[str, Any] = {"resourceType": kind.__name__}
    for name in ("id", "identifier", "performer", "basedOn"):
        value = field_of(raw, damage, name)
        try:
            msgspec.convert({"resourceType": kind.__name__, name: value}, kind)
        except msgspec.ValidationError:
            continue
        kept[name] = value
    return msgspec.convert(kept, kind)
