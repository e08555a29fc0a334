"""Objects in and out in the shape of the national content service.

In: JSON of one object, an array of them, or content files' envelopes, normalised (`normalising`). Out: the
stored versions, or the objects of a day. Nothing is dropped unsaid: each thing that was written differently
is told, and unknown fields are refused unless the reader says to leave them.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET

from varde.guidelines.errors import ContentError, VersionChanged
from varde.guidelines.files import (
    FOLDERS,
    StoredVersion,
    check_keys,
    decode_object,
    encode,
    read_folder,
    read_ledger,
    read_version,
    write_ledger,
    write_version,
)
from varde.guidelines.library import Library
from varde.guidelines.model import Innhold, Kilde, Version
from varde.guidelines.normalising import normalise, parse_document

_FOLDER = re.compile(r"(?P<kind>[a-z]+)/(?P<slug>[a-z0-9]+(?:-[a-z0-9]+)*)/\d{4}-\d\d-\d\d\.json$")
_UNKNOWN = re.compile(r"unknown field `(?P<name>[^`]+)`")


@dataclass(slots=True)
class Reading:
    """What was read from one document.

    Attributes:
        innhold: the object.
        notes: what was written differently from how it came, one sentence each.
    """

    innhold: Innhold[Any]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did, by id of the object.

    Attributes:
        added: (id, first day) of new versions.
        unchanged: ids whose content was there already.
        notes: (file, sentence) of what was written differently.
    """

    added: tuple[tuple[str, date], ...]
    unchanged: tuple[str, ...]
    notes: tuple[tuple[str, str], ...]


def read_documents(
    content: bytes, name: str, leave_unknown: bool = False
) -> Iterator[tuple[Reading, date | None, tuple[Kilde, ...]]]:
    """The objects in one JSON document: one, an array, or content files' envelopes.

    Args:
        leave_unknown: leave out fields that the model does not have, and say so; else refuse them.

    Yields:
        The reading, the day that an envelope says it is valid from, and an envelope's sources.

    Raises:
        ContentError: names file, path and rule.
    """
    check_keys(content.removeprefix(BOM_UTF8), name)
    whole = parse_document(content, name)
    parts = whole if isinstance(whole, list) else [whole]
    for number, part in enumerate(parts):
        path = f"$[{number}]" if isinstance(whole, list) else "$"
        if not isinstance(part, dict):
            raise ContentError(name, path, "expected an object, or an array of objects")
        if set(part) >= {"gyldigFra", "innhold"}:
            version = read_version(_dump(part), name)
            yield Reading(version.innhold), version.gyldigFra, version.kilder or ()
        else:
            yield read_object(part, name, path, leave_unknown), None, ()


def read_object(
    document: dict[str, Any], name: str, path: str = "$", leave_unknown: bool = False
) -> Reading:
    """One object of the service, normalised.

    Raises:
        ContentError: names file, path and rule.
    """
    notes: list[str] = []
    clean = normalise(document, path, notes.append)
    while True:
        try:
            return Reading(decode_object(_dump(clean), name, path), notes)
        except ContentError as error:
            unknown = _UNKNOWN.search(error.rule)
            if not unknown:
                raise
            if not leave_unknown:
                raise ContentError(
                    name, error.path, f"{error.rule}; --leave-unknown leaves such fields out"
                ) from error
            _remove(clean, error.path.removeprefix(path), unknown["name"])
            notes.append(f"{error.path}.{unknown['name']}: unknown field, left out")


def _remove(document: Any, path: str, key: str) -> None:
    """Take a key out of the object at a path such as ``.data.links[0]``."""
    here = document
    for name, number in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", path):
        here = here[int(number)] if number else here[name]
    here.pop(key)


def _dump(document: Any) -> bytes:
    # ASCII, so that half a surrogate pair reaches the decoder, which refuses it with its place.
    return json.dumps(document).encode("ascii")


NO_DAY = "neither this nor forstPublisert is given: say the day with --valid-from"


def stated_day(innhold: Innhold[Any]) -> date | None:
    """The day an object of the service holds from: its last professional change, or publication."""
    for moment in (innhold.sistFagligOppdatert, innhold.forstPublisert):
        if moment:
            return moment.day
    return None


def _differs(stored: StoredVersion | None, innhold: Innhold[Any]) -> bool:
    return stored is not None and encode(stored.version.innhold) != encode(innhold)


def import_documents(
    documents: Iterable[tuple[str, bytes]],
    folder: Path,
    beside: Iterable[Path] = (),
    valid_from: date | None = None,
    leave_unknown: bool = False,
) -> ImportResult:
    """Take objects into a folder of content as published versions; all of them, or none.

    Args:
        documents: (name, bytes) of each file.
        folder: the site's own content; made when it is not there.
        beside: other folders that the objects' parents may be in.
        valid_from: the first day of what does not say one itself, and of what was changed under a
            day that has a version already.

    Raises:
        ContentError: a document breaks a rule, or the whole would (a parent that is not there).
        VersionChanged: the object has a version of that day with other content.
    """
    stored = [one for place in (*beside, folder) if place.is_dir() for one in read_folder(place)]
    known = {(one.version.innhold.id, one.version.gyldigFra): one for one in stored}
    slugs = {one.version.innhold.id: one.name.split("/")[1] for one in stored}
    new: dict[str, bytes] = {}
    added, unchanged, notes = [], [], []
    for name, content in documents:
        for reading, day, sources in read_documents(content, name, leave_unknown):
            innhold = reading.innhold
            first = day or stated_day(innhold) or valid_from
            if first is None:
                raise ContentError(name, "$.sistFagligOppdatert", NO_DAY)
            if valid_from and _differs(known.get((innhold.id, first)), innhold):
                first = valid_from
            notes += [(name, note) for note in reading.notes]
            sources = sources or (_source_of(innhold, name),)
            version = Version(gyldigFra=first, kilder=sources, innhold=innhold)
            before = known.get((innhold.id, first))
            if before is not None:
                if _differs(before, innhold):
                    raise VersionChanged(
                        name,
                        "$",
                        f"{innhold.id} has a version from {first} with other content: versions never "
                        "change, so give this one another day with --valid-from",
                    )
                unchanged.append(innhold.id)
                continue
            slug = slugs.get(innhold.id) or _slug(innhold, name, slugs.values())
            slugs[innhold.id] = slug
            file = f"{FOLDERS[innhold.info_type]}/{slug}/{first}.json"
            new[file] = write_version(version)
            known[innhold.id, first] = _stored(new[file], file)
            added.append((innhold.id, first))
    library = Library(known.values())  # types and days fit together, or nothing is written
    notes += _missing_parents(library, added)
    _write(folder, new)
    return ImportResult(tuple(added), tuple(unchanged), tuple(notes))


def _missing_parents(library: Library, added: list[tuple[str, date]]) -> Iterator[tuple[str, str]]:
    for id_, first in added:
        entry = library.version(id_, first)
        if entry.innhold.info_type == "anbefaling" and not entry.innhold.parents:
            yield entry.stored.name, "belongs to no guideline: it is found by words and codes only"
        for parent in entry.innhold.parents:
            if not library.has(parent):
                yield entry.stored.name, f"its parent {parent} is not here: import that too"


def _stored(content: bytes, name: str) -> StoredVersion:
    digest = hashlib.sha256(content).hexdigest()
    return StoredVersion(read_version(content, name), name, digest, False)


def _write(folder: Path, new: dict[str, bytes]) -> None:
    """Files first, the ledger last: what the ledger does not list is a draft that nobody serves."""
    if not new:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in new.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".part")
        temporary.write_bytes(content)
        temporary.replace(path)
    digests = {file: hashlib.sha256(content).hexdigest() for file, content in new.items()}
    write_ledger(folder, {**read_ledger(folder), **digests})


def _source_of(innhold: Innhold[Any], name: str) -> Kilde:
    moment = innhold.sistFagligOppdatert
    return Kilde(
        kilde=innhold.url or f"importert fra {name}",
        sikkerhet="kilde",
        dato=moment.day if moment else UNSET,
    )


def _slug(innhold: Innhold[Any], name: str, taken: Iterable[str]) -> str:
    """A name for the object's folder: the one it comes from, else from its title; with the id where
    that is taken."""
    known = set(taken)
    folder = _FOLDER.search(name)
    if folder and folder["kind"] == FOLDERS[innhold.info_type] and folder["slug"] not in known:
        return folder["slug"]
    letters = {"å": "a", "ø": "o", "æ": "ae"}
    title = (innhold.kortTittel or innhold.tittel).lower()
    spelt = "".join(letters.get(sign, sign) for sign in title)
    plain = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "uten-tittel"
    return f"{slug}-{innhold.id}" if slug in known else slug


def export_versions(library: Library, on: date | None = None) -> Iterator[tuple[str, bytes]]:
    """(file name, bytes) of every stored version, or of those valid on a day: what import reads."""
    entries = library.edition(on).current() if on else library.entries()
    for entry in entries:
        yield entry.stored.name, write_version(entry.stored.version)


def export_objects(library: Library, on: date) -> bytes:
    """Every object in force on a day, as the national service gives them: one JSON array."""
    objects = [entry.innhold for entry in library.edition(on).current()]
    return msgspec.json.format(encode(objects), indent=2) + b"\n"
