"""JSON Schemas of everything the API answers, made from the types that are served."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, UnsetType

from varde.guidelines import NUMBER, Amount, Timestamp
from varde.guidelines.model import ID, OBJECT_TYPES, Innhold
from varde.web.api.problems import Forklaring, Problem

EXAMPLES = Path(__file__).with_name("examples.json")
TEMPLATE = "#/components/schemas/{name}"
NAMES = {
    "Innhold_NoData_": "Infobit",
    "Innhold_AnbefalingData_": "Anbefaling",
    "Innhold_KontraindikasjonData_": "Kontraindikasjon",
    "Innhold_PicoData_": "Pico",
}
"""What each type of object is called in the description."""

ANY_OBJECT = {"anyOf": [{"$ref": TEMPLATE.format(name=name)} for name in NAMES.values()]}


class Versjon(Struct, frozen=True, kw_only=True):
    """One version of an object, in the list of them.

    Attributes:
        gyldigFra: its first day.
        gyldigTil: the first day of the next version.
        hash: SHA-256 of its file.
        nummer: 1 for the first.
        href: where it is.
    """

    gyldigFra: date
    gyldigTil: date | UnsetType = msgspec.UNSET
    hash: str
    tittel: str
    nummer: int
    href: str


class Gren(Struct, frozen=True, kw_only=True):
    """An object in the tree of a publication, and what hangs below it."""

    infobit: Innhold[Any]
    barn: tuple[Gren, ...]


class Publikasjon(Struct, frozen=True, kw_only=True):
    """A guideline as a tree, from its root."""

    rot: Gren


def reference(name: str) -> dict[str, Any]:
    """A reference to the schema of this name."""
    return {"$ref": TEMPLATE.format(name=name)}


def list_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a list."""
    return {"type": "array", "items": dict(schema)}


@cache
def components() -> Mapping[str, dict[str, Any]]:
    """Every schema by its name."""
    types = (*OBJECT_TYPES.values(), Versjon, Publikasjon, Problem, Forklaring)
    _, made = msgspec.json.schema_components(types, schema_hook=_special, ref_template=TEMPLATE)
    text = json.dumps(made, ensure_ascii=False)
    for old, new in NAMES.items():
        text = text.replace(f'"{old}"', f'"{new}"').replace(f"/{old}", f"/{new}")
    found: dict[str, dict[str, Any]] = json.loads(text)
    for name in NAMES.values():
        found[name]["title"] = name
        found[name]["properties"]["id"]["pattern"] = f"^{ID.pattern}$"
        if name in examples():
            found[name]["examples"] = [examples()[name]]
    found["Gren"]["properties"]["infobit"] = ANY_OBJECT
    found["Amount"] = _amount()
    found["Timestamp"] = {
        "type": "string",
        "description": "A point in time, Norwegian local time without zone, in one of two forms.",
        "examples": ["2022-09-07T00:00", "07/09/2022 10:53:46"],
    }
    return found


def _special(kind: type) -> dict[str, Any]:
    if kind is Amount or kind is Timestamp:
        return reference(kind.__name__)
    raise NotImplementedError(kind)


def _amount() -> dict[str, Any]:
    number = {"type": "string", "pattern": f"^{NUMBER.pattern}$"}
    return {
        "description": "An exact number as text, or an interval between two.",
        "oneOf": [
            number,
            {
                "type": "object",
                "properties": {"lav": number, "hoy": number},
                "required": ["lav", "hoy"],
                "additionalProperties": False,
            },
        ],
        "examples": ["150", {"lav": "100", "hoy": "200"}],
    }


@cache
def examples() -> Mapping[str, Any]:
    """An example of an object, by the name of its schema."""
    found: dict[str, Any] = json.loads(EXAMPLES.read_bytes())
    return found
