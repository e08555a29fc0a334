"""The few R4 datatypes that resources are made of, as plain JSON objects."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from html import escape
from html.parser import HTMLParser
from typing import Any

import msgspec

from varde.guidelines.advice.facts import uri_of
from varde.guidelines.amounts import Amount
from varde.guidelines.fhir.units import UCUM, ucum_of
from varde.guidelines.model import SNOMED, Enhet, Kode, Kodet
from varde.guidelines.units import unit_named

Json = dict[str, Any]

CANONICAL = "https://varde.example/fhir"
"""What the canonical addresses of resources begin with, wherever they are served from: a copy of a
recommendation on another server is still the same recommendation."""

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)

EXPERIMENTAL = "http://snomed.info/xsct/90059999999104"
"""The module of the invented codes, below SNOMED International's address for content that is not
released: a reader can tell them from real ones."""

_INVENTED = re.compile(r"\d+999999910\d", re.ASCII)

_encoder = msgspec.json.Encoder(decimal_format="number")


def encode_fhir(resource: Json) -> bytes:
    """The JSON of a resource: decimals with exactly the digits that they have."""
    return _encoder.encode(resource)


def coding(code: Kode) -> Json:
    """A Coding; an invented code has a version that says so."""
    version = {"version": EXPERIMENTAL} if is_invented(code.system, code.code) else {}
    return {"system": code.system, **version, "code": code.code, "display": code.display}


def is_invented(system: str, code: str) -> bool:
    """Whether a code is of the SNOMED CT namespace that is assigned to nobody."""
    return system == SNOMED and _INVENTED.fullmatch(code) is not None


def concept(coded: Kodet) -> Json:
    """A CodeableConcept of everything that is said together."""
    text = coded.tekst or ", ".join(code.display for code in coded.koder)
    return {"coding": [coding(code) for code in coded.koder], "text": text}


def code_concept(system: str, code: str, text: str = "") -> Json:
    """A CodeableConcept of one code of a system by the guideline's name ("ICPC-2")."""
    uri = uri_of(system)
    version = {"version": EXPERIMENTAL} if is_invented(uri, code) else {}
    found: Json = {"coding": [{"system": uri, **version, "code": code}]}
    return {**found, "text": text} if text else found


def quantity(value: Decimal, unit: Enhet | str) -> Json:
    """A Quantity: in UCUM where it has the unit, else in the unit's own code."""
    name = unit if isinstance(unit, str) else unit_named(unit.display).name
    code = ucum_of(name)
    if code is not None:
        return {"value": value, "unit": name, "system": UCUM, "code": code}
    if isinstance(unit, Enhet) and unit.system and unit.code:
        return {"value": value, "unit": unit.display, "system": unit.system, "code": unit.code}
    return {"value": value, "unit": name}


def days(value: Decimal) -> Json:
    """A Duration in days."""
    return {"value": value, "unit": "d", "system": UCUM, "code": "d"}


def range_or_quantity(amount: Amount, unit: Enhet | str) -> tuple[str, Json]:
    """("Quantity", …) of a number, ("Range", …) of an interval."""
    if amount.high is None:
        return "Quantity", quantity(amount.low, unit)
    return "Range", {"low": quantity(amount.low, unit), "high": quantity(amount.high, unit)}


def narrative(title: str, lines: Iterable[str]) -> Json:
    """The Narrative that says the same to a reader."""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    listed = f"<ul>{items}</ul>" if items else ""
    return {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{escape(title)}</p>{listed}</div>',
    }


class _Text(HTMLParser):
    BLOCKS = frozenset(("p", "div", "br", "ul", "ol", "li", "h1", "h2", "h3", "h4", "tr", "table"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in self.BLOCKS:
            self.parts.append("\n- " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def plain_text(html: str) -> str:
    """HTML as lines of text, list items with a dash."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).splitlines())
    return "\n".join(line for line in lines if line and line != "-")
