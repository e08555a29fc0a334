"""What senders may do, as data: kinds, scopes, algorithms, lifetimes and limits (``data/clients.json``)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from msgspec import Struct
from msgspec.json import decode

from varde.access.purposes import purposes
from varde.access.roles import Words

DATA = Path(__file__).parents[1] / "data" / "clients.json"


class RulesInvalid(ValueError):
    """``clients.json`` contradicts itself; the message says where."""


class Kind(Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of thing that is sent in: the last part of ``/intake/{kind}``."""

    key: str
    name: Words


class Service(Kind, frozen=True, forbid_unknown_fields=True):
    """Something that a machine may ask about persons, beside what it may send.

    Attributes:
        purposes: what it may say that it asks for; keys of `varde.access.purposes`.
    """

    purposes: tuple[str, ...]


class Algorithm(Struct, frozen=True, forbid_unknown_fields=True):
    """A signature algorithm (``alg``) and the one kind of key that it goes with."""

    name: str
    key_type: Literal["EC", "RSA", "OKP"]
    curve: str = ""


class Range(Struct, frozen=True, forbid_unknown_fields=True):
    """From and to, both included."""

    least: int
    most: int


class Seconds(Struct, frozen=True, forbid_unknown_fields=True):
    """How long things last, in seconds.

    Attributes:
        token: an access token.
        assertion: how far ahead the ``exp`` of a client assertion may lie.
        proof: how old a DPoP proof may be.
        leeway: how much the clocks of sender and service may differ.
    """

    token: int
    assertion: int
    proof: int
    leeway: int


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """How much one client may send."""

    requests_per_minute: int
    bytes_per_day: int


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of ``clients.json``.

    Attributes:
        deliveries: what is sent in bulk, at an address of its own.
        resources: FHIR resource type, or ``*``, of a scope ``system/TYPE.c`` → the kinds that it is for.
        limits: those of a client that has none of its own.
    """

    version: str
    source: str
    kinds: tuple[Kind, ...]
    services: tuple[Service, ...]
    deliveries: tuple[Kind, ...]
    resources: dict[str, tuple[str, ...]]
    algorithms: tuple[Algorithm, ...]
    rsa_bits: Range
    seconds: Seconds
    limits: Limits


def read_rules(content: bytes) -> Rules:
    """Decode and check a rule file.

    Raises:
        msgspec.ValidationError: it does not have the shape of `Rules`.
        RulesInvalid: a kind stands twice, a resource is for a kind that there is not, or a service for a purpose.
    """
    rules = decode(content, type=Rules)
    keys = [kind.key for kind in rules.kinds]
    others = [each.key for each in (*rules.services, *rules.deliveries)]
    for key in (every := [*keys, *others]):
        if every.count(key) > 1:
            raise RulesInvalid(f"kind {key!r} stands twice in clients.json")
    for service in rules.services:
        for purpose in service.purposes:
            if purpose not in purposes():
                raise RulesInvalid(
                    f"service {service.key!r} is for {purpose!r}, which there is not"
                )
    for resource, kinds in rules.resources.items():
        for kind in kinds:
            if kind not in keys:
                raise RulesInvalid(f"resource {resource!r} is for {kind!r}, which is no kind")
    return rules


@cache
def rules() -> Rules:
    """The rules as shipped."""
    return read_rules(DATA.read_bytes())


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by its key, in the order of the file."""
    return MappingProxyType({kind.key: kind for kind in rules().kinds})


@cache
def deliveries() -> Mapping[str, Kind]:
    """What is sent in bulk, by its key: a client has it among its kinds."""
    return MappingProxyType({each.key: each for each in rules().deliveries})


@cache
def services() -> Mapping[str, Service]:
    """What machines may ask, by its key: a client has it among its kinds."""
    return MappingProxyType({service.key: service for service in rules().services})


@cache
def algorithms() -> Mapping[str, Algorithm]:
    """Every allowed algorithm by its name."""
    return MappingProxyType({one.name: one for one in rules().algorithms})
