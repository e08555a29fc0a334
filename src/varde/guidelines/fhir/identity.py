"""Ids, versions and addresses of resources: stable, legal in FHIR, and the same on every server."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from varde.guidelines.documents import DEMONSTRATION
from varde.guidelines.fhir.datatypes import CANONICAL, Json
from varde.guidelines.library import Entry
from varde.guidelines.model import Doseringsregime
from varde.guidelines.treatments import PlacedRegimen

NORWAY = ZoneInfo("Europe/Oslo")
TAG: Json = {
    "system": f"{CANONICAL}/CodeSystem/merke",
    "code": "demonstration",
    "display": "Demonstrasjonsinnhold, ikke til klinisk bruk",
}
"""The mark of resources that are made of invented content (Varde's own code system)."""


def canonical(kind: str, id_: str, version: str = "") -> str:
    """The canonical address of a resource, of one version of it when that is given."""
    return f"{CANONICAL}/{kind}/{id_}{f'|{version}' if version else ''}"


def activity_id(object_id: str, placed: PlacedRegimen, dose: Doseringsregime, number: int) -> str:
    """The id of a dosing regimen: by where it stands and which drug it is, not by its dose.

    A new version that changes a dose or the order of regimens keeps it.

    Args:
        number: counts regimens that are alike in all that the id is made of, from 0.
    """
    drugs = "+".join(code.code for code in dose.data.legemiddeldoseringsregime.koder)
    heading = placed.regimen.overskrift or ""
    treatment = placed.treatment.overskrift or ""
    key = "/".join((object_id, treatment, placed.kind, heading, drugs, str(number)))
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{CANONICAL}/ActivityDefinition/{key}"))


def medication_id(code: str) -> str:
    """The id of a drug, by its SNOMED CT code."""
    return f"sct-{code}"


def meta(entry: Entry, state: int = 0, since: date | None = None) -> Json:
    """Version and time of an object: the version counts from 1, the time is when it was last edited.

    Args:
        state: counts what has changed around the version without a new one of it.
        since: the first day of that state.
    """
    changed = entry.innhold.sistOppdatert
    at = changed.at if changed else datetime.combine(entry.first_day, time())
    if since:
        at = max(at, datetime.combine(since, time()))
    version = f"{entry.number}.{state}" if state else str(entry.number)
    return stamp(version, at, is_experimental(entry))


def stamp(version: str, at: datetime | date, experimental: bool) -> Json:
    """The Meta of a resource."""
    found: Json = {"versionId": version, "lastUpdated": instant(at)}
    return {**found, "tag": [dict(TAG)]} if experimental else found


def mark(lines: Iterable[str], experimental: bool) -> list[str]:
    """The lines of a narrative, the first of which says that the content is invented, if it is."""
    return [*([f"{TAG['display']}."] if experimental else []), *lines]


def instant(at: datetime | date) -> str:
    """Norwegian local time as a FHIR instant."""
    moment = at if isinstance(at, datetime) else datetime.combine(at, time())
    return moment.replace(tzinfo=NORWAY).isoformat(timespec="seconds")


def is_experimental(entry: Entry) -> bool:
    """Whether the object is invented, to show how Varde works."""
    return entry.innhold.id.startswith(DEMONSTRATION)
