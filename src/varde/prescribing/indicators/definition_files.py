"""A file as a definition, or why it has not the shape of one: in the words of whoever writes it, not of the reader."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

import msgspec
from msgspec import inspect

from varde.prescribing.indicators.checking import Problem
from varde.prescribing.indicators.definition import Definition

PLACED: Final = re.compile(r"(.*) - at `(?:key in )?\$\.?([^`]*)`", re.DOTALL)
LINE: Final = re.compile(r"(.*) \(at (.*)\)", re.DOTALL)
STEP: Final = re.compile(r"([^.\[\]]+)|(\[)")
TYPES: Final = {
    "str": "write it in quotation marks",
    "int": "write a whole number without quotation marks",
    "date": "write a day without quotation marks, as 2026-01-31",
    "bool": "write true or false without quotation marks",
    "array": "write a list in square brackets",
    "object": "write a table of keys and values",
}


def read_file(path: Path) -> Definition | Problem:
    """A definition, its shape checked and nothing more."""
    try:
        content = path.read_bytes()
        # Editors on Windows begin a file with a byte order mark.
        return msgspec.convert(tomllib.loads(content.decode("utf-8-sig")), Definition)
    except OSError as error:
        return Problem("", f"it cannot be read: {error.strerror}", "see that it is a file to read")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Problem(
            f"line {line}",
            f"it is not written in UTF-8: there is no sign of the byte {content[error.start]:#04x}",
            "save the file as UTF-8 (in the editor: encoding), æ, ø and å are other bytes there",
        )
    except tomllib.TOMLDecodeError as error:
        what, where = _split(LINE, str(error))
        return Problem(where, f"it is no TOML: {what}", "correct what stands there")
    except msgspec.ValidationError as error:
        what, where = _split(PLACED, str(error))
        # Of a field that is missing or unknown the table that it would stand in is told: the field is the place.
        field = re.fullmatch(r"Object .* field `(.*)`", what)
        place = ".".join(filter(None, (where, field[1]))) if field else where
        return Problem(place, what, _advise(what, where))


def _split(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """What is wrong, and where."""
    found = pattern.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")


def _advise(what: str, where: str) -> str:
    named = re.search(r"`([^`]*)`", what)
    if what.startswith("Invalid enum value"):
        values = getattr(_type_at(where), "values", ())
        return f"give one of {', '.join(str(value) for value in values if value)}"
    if what.startswith("Object contains unknown field"):
        fields = getattr(_type_at(where), "fields", ())
        return f"take it away, or give one of {', '.join(one.encode_name for one in fields)}"
    if what.startswith("Object missing required field"):
        return "add it"
    if "encoded date" in what:
        return TYPES["date"]
    wanted = named[1].partition(" ")[0] if named else ""
    return TYPES.get(wanted, "correct it")


def _type_at(where: str) -> inspect.Type:
    """What may stand at a place."""
    at: inspect.Type = _plain(inspect.type_info(Definition))
    for name, _ in STEP.findall(where):
        inner: inspect.Type | None = None
        if isinstance(at, inspect.StructType):
            inner = next((one.type for one in at.fields if one.encode_name == name), None)
        elif isinstance(at, inspect.VarTupleType):
            # "[0]" or "[...]": the bracket, then what is in it.
            inner = at if not name else at.item_type
        if inner is None:
            return at
        at = _plain(inner)
    return at


def _plain(one: inspect.Type) -> inspect.Type:
    """What is left of what may be None."""
    if isinstance(one, inspect.UnionType):
        return next(each for each in one.types if not isinstance(each, inspect.NoneType))
    return one
