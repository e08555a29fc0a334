"""The services: what discovery says, and what else the file of services holds."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from varde.guidelines.cds_hooks.errors import UnknownService

DATA = Path(__file__).with_name("data") / "cds_services.json"
Hook = Literal["patient-view", "order-select", "order-sign"]
Json = dict[str, Any]


class Service(Struct, frozen=True, forbid_unknown_fields=True):
    """One service."""

    id: str
    hook: Hook
    title: str
    description: str


class OverrideReason(Struct, frozen=True, forbid_unknown_fields=True):
    """A reason for going against a card."""

    code: str
    display: str


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    diagnosisDays: int
    usageRequirements: str
    services: tuple[Service, ...]
    prefetch: dict[str, str]
    lists: dict[str, Literal["Condition", "AllergyIntolerance"]]
    overrideReasons: tuple[OverrideReason, ...]


@cache
def _file() -> _File:
    return msgspec.json.decode(DATA.read_bytes(), type=_File)


def services() -> tuple[Service, ...]:
    """The services, in the order of discovery."""
    return _file().services


def service(id_: str) -> Service:
    """The service with this id.

    Raises:
        UnknownService
    """
    for one in services():
        if one.id == id_:
            return one
    known = ", ".join(one.id for one in services())
    raise UnknownService(f"Det finnes ingen tjeneste med denne id-en. Tjenestene er {known}.")


def discover() -> Json:
    """The discovery answer."""
    file = _file()
    return {
        "services": [
            {
                "hook": one.hook,
                "id": one.id,
                "title": one.title,
                "description": one.description,
                "prefetch": dict(file.prefetch),
                "usageRequirements": file.usageRequirements,
            }
            for one in file.services
        ]
    }


def diagnosis_days() -> int:
    """How old a diagnosis may be to be advised on."""
    return _file().diagnosisDays


def listed_type(key: str) -> str | None:
    """The type of resource that a prefetch key of ours lists; None for other keys."""
    return _file().lists.get(key)


def override_reasons() -> tuple[OverrideReason, ...]:
    """The reasons that go with a warning."""
    return _file().overrideReasons
