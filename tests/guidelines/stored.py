"""A library out of JSON documents, as it would be read from files."""

from __future__ import annotations

import json
from datetime import date

from guidelines.invented_documents import Json
from varde.guidelines import Library
from varde.guidelines.files import FOLDERS, StoredVersion, read_version


def stored(innhold: Json, day: str, slug: str = "") -> StoredVersion:
    content = json.dumps({"gyldigFra": day, "innhold": innhold}).encode()
    kind = innhold["tekniskeData"]["infoType"]
    name = f"{FOLDERS[kind]}/{slug or innhold['id']}/{day}.json"
    return StoredVersion(read_version(content, name), name, "0" * 64, True)


def library(*versions: tuple[str, Json]) -> Library:
    return Library(stored(innhold, day) for day, innhold in versions)


def titles(entries: object) -> list[str]:
    return [entry.innhold.tittel for entry in entries]  # type: ignore[attr-defined]


def on(text: str) -> date:
    return date.fromisoformat(text)
