"""Content files: one version of one object each, and the ledger of what has been published.

A folder of content holds ``<kind>/<slug>/<first day>.json`` and ``published.json``, which lists the
SHA-256 of every version that has been published. A published version never changes: a mistake in one
is put right in the next.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from varde.guidelines.amounts import Amount, read_amount, write_amount
from varde.guidelines.errors import ContentError, VersionChanged
from varde.guidelines.model import (
    NEEDS_DATA,
    OBJECT_TYPES,
    InfoType,
    Innhold,
    Kilde,
    Version,
    info_type_of,
)
from varde.guidelines.timestamps import Timestamp

LEDGER = "published.json"
FOLDERS: dict[InfoType, str] = {
    "retningslinje": "retningslinjer",
    "kapittel": "kapitler",
    "anbefaling": "anbefalinger",
    "kontraindikasjon": "kontraindikasjoner",
    "pico": "picoer",
    "referanse": "referanser",
}
"""The folder that each type of object lies in."""


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version and the file it was read from.

    Attributes:
        name: the file's name below its folder of content.
        digest: SHA-256 of the file's bytes.
        published: whether the ledger lists it.
    """

    version: Version[Any]
    name: str
    digest: str
    published: bool


class Ledger(Struct, frozen=True, forbid_unknown_fields=True):
    """What has been published: the SHA-256 of each file, by its name."""

    versions: dict[str, str]


def read_version(content: bytes, name: str) -> Version[Any]:
    """The version that a content file holds.

    Raises:
        ContentError: names the file, the path in it and the rule that it breaks.
    """
    check_keys(content, name)
    try:
        envelope = msgspec.json.decode(content, type=_Envelope)
    except msgspec.ValidationError as error:
        raise broken(name, error) from error
    innhold = decode_object(bytes(envelope.innhold), name, "$.innhold")
    return Version(gyldigFra=envelope.gyldigFra, kilder=envelope.kilder, innhold=innhold)


class _Envelope(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    gyldigFra: date
    kilder: tuple[Kilde, ...] | msgspec.UnsetType = msgspec.UNSET
    innhold: msgspec.Raw


def decode_object(content: bytes, name: str, path: str = "$") -> Innhold[Any]:
    """One object of whichever type it says it is.

    Args:
        path: where in the file the object stands.

    Raises:
        ContentError: names the file, the path in it and the rule.
    """
    try:
        info_type = info_type_of(content)
        innhold: Innhold[Any] = _decoder(info_type).decode(content)
    except msgspec.MsgspecError as error:
        raise broken(name, error, path) from error
    if info_type in NEEDS_DATA and innhold.data is msgspec.UNSET:
        raise ContentError(name, f"{path}.data", f"an object of type {info_type} has data")
    return innhold


def encode(value: object) -> bytes:
    """Compact JSON of any object of the model."""
    return msgspec.json.encode(value, enc_hook=write_special)


def write_version(version: Version[Any]) -> bytes:
    """The bytes of a content file: indented, in the order of the model, with a line end."""
    return msgspec.json.format(encode(version), indent=2) + b"\n"


@cache
def _decoder(info_type: InfoType) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(OBJECT_TYPES[info_type], dec_hook=read_special)


def read_special(kind: type, value: object) -> object:
    """Amounts and points in time out of JSON, for msgspec."""
    if kind is Amount:
        return read_amount(value)
    if kind is Timestamp:
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is no point in time: write it as text")
        return Timestamp(value)
    raise NotImplementedError(kind)


def write_special(value: object) -> object:
    """Amounts and points in time into JSON, for msgspec."""
    if isinstance(value, Amount):
        return write_amount(value)
    if isinstance(value, Timestamp):
        return value.text
    raise NotImplementedError(type(value))


def broken(name: str, error: Exception, path: str = "$") -> ContentError:
    """msgspec's complaint as ours: its rule, and its path below `path`."""
    rule, _, inner = str(error).partition(" - at `")
    return ContentError(name, path + inner.rstrip("`").removeprefix("$"), rule)


def check_keys(content: bytes, name: str) -> None:
    """Refuse what is no JSON in UTF-8, or has a key twice: readers would choose one of the two unseen.

    Raises:
        ContentError: with the line, or the key.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise ContentError(name, f"…{twice}", "the key stands twice in one object")
        return found

    try:
        json.loads(content.decode("utf-8"), object_pairs_hook=once, parse_int=str, parse_float=str)
    except UnicodeDecodeError as error:
        raise ContentError(name, "$", f"must be UTF-8: byte {error.start} is not") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ContentError(name, where, f"not JSON: {error.msg}") from error
    except RecursionError as error:
        raise ContentError(name, "$", "nested too deeply") from error


def read_ledger(folder: Path) -> Mapping[str, str]:
    """What the folder has published; nothing when it has no ledger.

    Raises:
        ContentError: the ledger does not have the shape of one.
    """
    path = folder / LEDGER
    if not path.exists():
        return {}
    try:
        return msgspec.json.decode(path.read_bytes(), type=Ledger).versions
    except msgspec.MsgspecError as error:
        raise broken(LEDGER, error) from error


def read_folder(folder: Path) -> Iterator[StoredVersion]:
    """Every version in a folder of content, in the order of their names.

    Raises:
        VersionChanged: a published file is gone or is no longer what it was.
        ContentError: a file breaks a rule, or does not lie where its content belongs.
    """
    ledger = read_ledger(folder)
    missing = set(ledger)
    for path in sorted(folder.glob("*/*/*.json")):
        name = path.relative_to(folder).as_posix()
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        missing.discard(name)
        if name in ledger and ledger[name] != digest:
            raise VersionChanged(
                name, "$", "was published with other content; put changes in a new version instead"
            )
        version = read_version(content, name)
        _check_place(version, name)
        yield StoredVersion(version, name, digest, name in ledger)
    if missing:
        raise VersionChanged(min(missing), "$", "was published, and is gone: put it back")


def _check_place(version: Version[Any], name: str) -> None:
    folder, _, file = name.split("/")
    wanted = FOLDERS[version.innhold.info_type]
    if folder != wanted:
        raise ContentError(
            name, "$.innhold.tekniskeData.infoType", f"belongs in the folder {wanted}"
        )
    if file != f"{version.gyldigFra.isoformat()}.json":
        raise ContentError(
            name, "$.gyldigFra", f"the file must be named {version.gyldigFra.isoformat()}.json"
        )


def write_ledger(folder: Path, versions: Mapping[str, str]) -> None:
    """List these as published, in one step."""
    content = msgspec.json.format(
        msgspec.json.encode(Ledger(dict(sorted(versions.items())))), indent=1
    )
    temporary = folder / f".{LEDGER}"
    temporary.write_bytes(content + b"\n")
    temporary.replace(folder / LEDGER)


def publish(folder: Path) -> tuple[str, ...]:
    """List every version of the folder as published; from then on none may change.

    Returns:
        The names of the files that were not published before.

    Raises:
        ContentError: a file breaks a rule; nothing is then published.
    """
    stored = list(read_folder(folder))
    new = tuple(one.name for one in stored if not one.published)
    if new:
        write_ledger(folder, {one.name: one.digest for one in stored})
    return new
