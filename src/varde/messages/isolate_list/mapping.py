"""The small TOML file that says which column of an isolate list is what.

`docs/mapping-files.md` describes every key; `examples/mappings/` holds two that work. The file is
checked whole before any row is read: a misspelt key is an error, never ignored.
"""

from __future__ import annotations

import codecs
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

import msgspec

from varde.messages.errors import UnreadableMessage

ValueKind = Literal["sir", "mic", "zone"]

ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "iso-8859-1")
FIELDS = (
    "isolate_id",
    "version",
    "order",
    "patient",
    "sex",
    "age",
    "birth_date",
    "municipality",
    "collected",
    "organism",
    "organism_code",
    "material",
    "material_code",
    "specimen_id",
    "ward",
    "quantity",
)
TOP = ("sender", "sender_name", "encoding", "delimiter", "decimal", "discipline", "columns")
TABLES: dict[str, tuple[str, ...]] = {
    "columns": (*FIELDS, "ignore"),
    "patient": ("kind",),
    "date": ("format", "version_format", "birth_format"),
    "organism": ("system",),
    "material": ("system", "constant"),
    "sex": (),
    "antibiotics": ("columns", "values", "system", "cut_at", "not_tested"),
    "sir": (),
}


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """A checked mapping file.

    Attributes:
        columns: field name → the column's heading in the list.
        antibiotics: antibiotic name → column heading; empty when every remaining column is one.
        values: what the antibiotic columns hold.
        cut_at: the antibiotic's name is the heading up to this sign ("AMP_ND10" → "AMP").
        sex: the list's words (lower case) → F or M; sir: the list's words (upper case) → S, I or R.
    """

    sender: str
    sender_name: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    discipline: str = "MBIO"
    columns: dict[str, str]
    ignore: frozenset[str] = frozenset()
    patient_kind: str = "LOCAL"
    date_format: str = "%Y-%m-%d"
    version_format: str = "%Y-%m-%dT%H:%M:%S"
    birth_format: str = "%Y-%m-%d"
    organism_system: str = ""
    material_system: str = ""
    material_constant: str = ""
    sex: dict[str, str] = msgspec.field(default_factory=dict)
    antibiotics: dict[str, str] = msgspec.field(default_factory=dict)
    every_column: bool = False
    values: ValueKind = "sir"
    antibiotic_system: str = ""
    cut_at: str = ""
    not_tested: frozenset[str] = frozenset({""})
    sir: dict[str, str] = msgspec.field(default_factory=dict)


def find_mapping(csv_path: Path) -> Path | None:
    """The mapping of a list: ``<file>.mapping.toml`` beside it, else ``mapping.toml`` in its folder."""
    own = csv_path.with_name(csv_path.name + ".mapping.toml")
    if own.is_file():
        return own
    shared = csv_path.with_name("mapping.toml")
    return shared if shared.is_file() else None


def find_sender(data: bytes) -> str:
    """Who made the list, also from a mapping file that breaks other rules; empty when unseen."""
    try:
        sender = tomllib.loads(data.decode("utf-8-sig")).get("sender", "")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return ""
    return sender.strip() if isinstance(sender, str) else ""


@lru_cache(maxsize=64)
def read_mapping(data: bytes) -> Mapping:
    """Check a mapping file.

    Raises:
        UnreadableMessage: ``invalid-mapping``; the place is the key, the detail the rule it breaks.
    """
    try:
        raw = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise _wrong("", str(error)) from None
    _check_keys(raw)
    tables: dict[str, dict[str, Any]] = {name: raw.get(name, {}) for name in TABLES}
    _check_scalars(raw, tables)
    columns = {name: value for name, value in tables["columns"].items() if name != "ignore"}
    _check_columns(columns)
    antibiotics, every = _antibiotics(tables["antibiotics"])
    return Mapping(
        sender=_sender(raw),
        sender_name=raw.get("sender_name", ""),
        encoding=_encoding(raw),
        delimiter=_sign(raw, "delimiter", ",", ",;\t|"),
        decimal=_sign(raw, "decimal", ".", ".,"),
        discipline=raw.get("discipline", "MBIO"),
        columns=columns,
        ignore=frozenset(_strings(tables["columns"].get("ignore", []), "columns.ignore")),
        patient_kind=_one_of(tables["patient"].get("kind", "LOCAL"), "patient.kind", KINDS),
        date_format=_date_format(tables["date"], "format", "%Y-%m-%d"),
        version_format=_date_format(tables["date"], "version_format", "%Y-%m-%dT%H:%M:%S"),
        birth_format=_date_format(tables["date"], "birth_format", "%Y-%m-%d"),
        organism_system=tables["organism"].get("system", ""),
        material_system=tables["material"].get("system", ""),
        material_constant=tables["material"].get("constant", ""),
        sex=_words(tables["sex"], "sex", ("F", "M", ""), str.lower),
        antibiotics=antibiotics,
        every_column=every,
        values=cast(
            ValueKind,
            _one_of(
                tables["antibiotics"].get("values", "sir"),
                "antibiotics.values",
                ("sir", "mic", "zone"),
            ),
        ),
        antibiotic_system=tables["antibiotics"].get("system", ""),
        cut_at=tables["antibiotics"].get("cut_at", ""),
        not_tested=frozenset(
            {"", *_strings(tables["antibiotics"].get("not_tested", []), "antibiotics.not_tested")}
        ),
        sir=_words(tables["sir"], "sir", ("S", "I", "R", ""), str.upper),
    )


KINDS = ("LOCAL", "FNR", "DNR", "HNR", "FHN", "DUF")


def _wrong(key: str, rule: str) -> UnreadableMessage:
    return UnreadableMessage("invalid-mapping", key, rule)


def _check_keys(raw: dict[str, Any]) -> None:
    for key, value in raw.items():
        if key not in TOP and key not in TABLES:
            raise _wrong(key, f"unknown key; one of {', '.join((*TOP, *TABLES))}")
        if key in TABLES and not isinstance(value, dict):
            raise _wrong(key, "must be a table")
    for name, allowed in TABLES.items():
        for key in raw.get(name, {}):
            if allowed and key not in allowed:
                raise _wrong(f"{name}.{key}", f"unknown key; one of {', '.join(allowed)}")


def _check_scalars(raw: dict[str, Any], tables: dict[str, dict[str, Any]]) -> None:
    free = {("columns", "ignore"), ("antibiotics", "columns"), ("antibiotics", "not_tested")}
    for key in TOP:
        if key != "columns" and not isinstance(raw.get(key, ""), str):
            raise _wrong(key, "must be a text")
    for name, table in tables.items():
        for key, value in table.items():
            if (name, key) not in free and not isinstance(value, str):
                raise _wrong(f"{name}.{key}", "must be a text")


def _check_columns(columns: dict[str, str]) -> None:
    if "collected" not in columns:
        raise _wrong("columns.collected", "is required: the day the specimen was taken")
    if "organism" not in columns and "organism_code" not in columns:
        raise _wrong("columns.organism", "is required, or columns.organism_code")
    for name, heading in columns.items():
        if not heading.strip():
            raise _wrong(f"columns.{name}", "must name a column")


def _antibiotics(table: dict[str, Any]) -> tuple[dict[str, str], bool]:
    given = table.get("columns", "*")
    if given == "*":
        return {}, True
    if isinstance(given, dict):
        _strings(list(given.values()), "antibiotics.columns")
        return dict(given), False
    return {name: name for name in _strings(given, "antibiotics.columns")}, False


def _strings(value: Any, key: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise _wrong(key, "must be a list of texts")
    return value


def _one_of(value: str, key: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise _wrong(key, f"must be one of {', '.join(allowed)}")
    return value


def _sender(raw: dict[str, Any]) -> str:
    sender = cast(str, raw.get("sender", "")).strip()
    if not sender:
        raise _wrong("sender", "is required: who made the list")
    return sender


def _encoding(raw: dict[str, Any]) -> str:
    name = raw.get("encoding", "utf-8")
    _one_of(name, "encoding", ENCODINGS)
    return codecs.lookup(name).name


def _sign(raw: dict[str, Any], key: str, default: str, allowed: str) -> str:
    value: str = raw.get(key, default)
    if len(value) != 1 or value not in allowed:
        raise _wrong(key, f"must be one of {' '.join(repr(sign) for sign in allowed)}")
    return value


def _date_format(table: dict[str, Any], key: str, default: str) -> str:
    value: str = table.get(key, default)
    if not ("%Y" in value or "%y" in value) or "%" not in value:
        raise _wrong(f"date.{key}", "must hold a year, such as %Y-%m-%d")
    return value


def _words(table: dict[str, Any], name: str, allowed: tuple[str, ...], fold: Any) -> dict[str, str]:
    for word, meaning in table.items():
        if meaning not in allowed:
            raise _wrong(f"{name}.{word}", f"must be one of {', '.join(filter(None, allowed))}")
    return {fold(word.strip()): meaning for word, meaning in table.items()}
