"""A document as the national service sends it, written as the model has it.

Services send nulls, empty texts and lists, numbers that are not text, decimal commas, intervals with equal
ends, older names. Each of these has one meaning, is written as the model writes it, and is told. Nothing is
guessed: what has no single meaning stays as it came, and the model refuses it with its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NoReturn

from varde.guidelines.amounts import NUMBER
from varde.guidelines.errors import ContentError

AMOUNTS = frozenset(
    {
        "dose",
        "eventuellLadningsdose",
        "varighetBehandlingAntallDogn",
        "frekvensdoseringsregimePerDogn",
        "varighetDoseringsregimeAntallDogn",
        "frekvensEventuellladningsdosePerDogn",
        "varighetEventuellLadningsdoseAntallDogn",
        "maksEnkeltdose",
        "lav",
        "hoy",
        "fra",
        "til",
    }
)
"""Fields that hold a number an editor entered."""
CODED = frozenset({"administrasjonsvei", "tilstand", "virkestoff", "legemiddeldoseringsregime"})
"""Fields that hold codes: without any, nothing is said."""
OLDER_NAMES = {"lenker": "links"}
"""Older names of fields, and what they are called now."""
RELATIONS = {"rot": "root"}
"""Other words for the relation of a link."""
_INTERVAL = re.compile(r"(?P<low>[\d.,]+)\s*[-–]\s*(?P<high>[\d.,]+)")
_LONGEST_SHOWN = 40


class JsonNumber(str):
    """A number of a JSON document, as its digits stand there: nothing is computed from it."""

    __slots__ = ()


def parse_document(content: bytes, name: str) -> Any:
    """JSON with numbers as `JsonNumber`; a byte order mark is passed over.

    Raises:
        ContentError: it is no JSON, or holds NaN or Infinity.
    """

    def refuse(constant: str) -> NoReturn:
        raise ContentError(name, "$", f"{constant} is no number of JSON")

    try:
        return json.loads(
            content.decode("utf-8-sig"),
            parse_float=JsonNumber,
            parse_int=JsonNumber,
            parse_constant=refuse,
        )
    except (ValueError, RecursionError) as error:
        raise ContentError(name, "$", f"not JSON in UTF-8: {error}") from error


def normalise(value: Any, path: str, tell: Callable[[str], None]) -> Any:
    """The value as the model writes it.

    Args:
        tell: is told each change in a sentence.
    """
    if isinstance(value, dict):
        return _object(value, path, tell)
    if isinstance(value, list):
        return [
            normalise(inner, f"{path}[{number}]", tell)
            for number, inner in enumerate(value)
            if inner is not None
        ]
    if isinstance(value, JsonNumber):
        tell(f"{path}: the number {value[:_LONGEST_SHOWN]} written as text")
        return str(value)
    return value


def _object(value: dict[str, Any], path: str, tell: Callable[[str], None]) -> dict[str, Any]:
    out = {}
    for old_key, inner in value.items():
        key = OLDER_NAMES.get(old_key, old_key)
        where = f"{path}.{key}"
        if key != old_key:
            tell(f"{path}.{old_key}: older name of {key}")
        if _says_nothing(key, inner):
            continue
        changed = normalise(inner, where, tell)
        if key in AMOUNTS:
            changed = _amount(changed, where, tell)
        if key == "rel" and changed in RELATIONS:
            tell(f"{where}: {changed!r} written as {RELATIONS[changed]!r}")
            changed = RELATIONS[changed]
        out[key] = changed
    return out


def _says_nothing(key: str, value: Any) -> bool:
    """Null, an empty text, an object of nothing but those, or a coded field without codes: absent means
    the same, and the model has one way to say it."""
    if value is None or value == "":
        return True
    if not isinstance(value, dict):
        return False
    if key in CODED and value.get("koder") == [] and len(value) == 1:
        return True
    return bool(value) and all(_says_nothing(name, inner) for name, inner in value.items())


def _amount(value: Any, path: str, tell: Callable[[str], None]) -> Any:
    """A number or interval in the one way of the model."""
    if isinstance(value, dict) and set(value) == {"lav", "hoy"}:
        low, high = value["lav"], value["hoy"]
        if isinstance(low, str) and low == high:
            tell(f"{path}: the interval from {low} to {high} written as one number")
            return low
        return value
    if not isinstance(value, str):
        return value
    interval = _INTERVAL.fullmatch(value.strip())
    if interval:
        tell(f"{path}: {value!r} written as an interval")
        return {"lav": _number(interval["low"]), "hoy": _number(interval["high"])}
    number = _number(value)
    if number != value and NUMBER.fullmatch(number):
        tell(f"{path}: {value[:_LONGEST_SHOWN]!r} written as {number}")
        return number
    return value


def _number(text: str) -> str:
    """Without blanks around it, with a point for a decimal comma: "7,5" is 7.5; "1.0E1" stays."""
    plain = text.strip().replace(",", ".")
    if not NUMBER.fullmatch(plain):
        return plain
    return format(Decimal(plain), "f")
