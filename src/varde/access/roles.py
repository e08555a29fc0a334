"""Who may see what, and for which purpose: ``data/roles.json``, read and checked once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Protocol

import msgspec

AreaKind = Literal[
    "country", "laboratory", "municipality", "trust", "practice", "institution", "none"
]

Right = Literal["confirm-codes", "propose-codes", "correct"]

DATA = Path(__file__).with_name("data") / "roles.json"


class RolesInvalid(ValueError):
    """``roles.json`` contradicts itself; the message says which role and how."""


class AreaMissing(PermissionError):
    """A user whose role is limited to an area has none: nothing may be shown."""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text in both languages."""

    nb: str
    en: str

    def in_language(self, language: str) -> str:
        """The English text for English, else Norwegian."""
        return self.en if language.startswith("en") else self.nb


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One role.

    Attributes:
        key: what `User.role` holds.
        name: shown on the page.
        area_kind: what the role is limited to; "country" is not limited, "none" sees no health
            data.
        landing: the page opened after sign-in; one of `pages`.
        pages: the keys of every page the role may open.
        purpose: why the role may see what it sees; goes into the access log.
        may: what it may do beyond looking: "confirm-codes" (say what a code means, for everybody),
            "propose-codes" (say so, for somebody else to confirm), "correct" (open, correct and close
            what waits in quarantine).
    """

    key: str
    name: Words
    area_kind: AreaKind
    landing: str
    pages: tuple[str, ...]
    purpose: Words
    may: tuple[Right, ...] = ()


class RoleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of ``roles.json``."""

    version: str
    source: str
    area_kinds: dict[AreaKind, Words]
    roles: tuple[Role, ...]


class Holder(Protocol):
    """Whoever has a role in an area: a `User`, or a stand-in of the same shape."""

    role: str
    area: str


def read_roles(content: bytes) -> RoleFile:
    """Decode and check a role file.

    Raises:
        msgspec.ValidationError: it does not have the shape of `RoleFile`.
        RolesInvalid: a role comes twice, lands on a page it may not open, or has an area kind
            without words.
    """
    file = msgspec.json.decode(content, type=RoleFile)
    keys = [role.key for role in file.roles]
    for role in file.roles:
        if keys.count(role.key) > 1:
            raise RolesInvalid(f"role {role.key!r} stands twice in roles.json")
        if role.landing not in role.pages:
            raise RolesInvalid(
                f"role {role.key!r} lands on {role.landing!r}, which is not among its pages"
            )
        if role.area_kind not in file.area_kinds:
            raise RolesInvalid(f"area kind {role.area_kind!r} has no words in roles.json")
    return file


@cache
def role_file() -> RoleFile:
    """The roles as shipped."""
    return read_roles(DATA.read_bytes())


@cache
def roles() -> Mapping[str, Role]:
    """Every role by its key."""
    return MappingProxyType({role.key: role for role in role_file().roles})


def role_of(user: object) -> Role | None:
    """The role of one who is signed in; None for anybody else and for a role that is gone."""
    if not getattr(user, "is_authenticated", False):
        return None
    return roles().get(getattr(user, "role", ""))


def may_open(user: object, page: str) -> bool:
    """True when the user is signed in with a role that has the page."""
    role = role_of(user)
    return role is not None and page in role.pages


def may_do(user: object, right: Right) -> bool:
    """True when the user is signed in with a role that has the right."""
    role = role_of(user)
    return role is not None and right in role.may


def sender_scope(user: Holder) -> str | None:
    """Whose messages the user may see: a sender id, or None for every laboratory's.

    Raises:
        AreaMissing: the role gives neither: it is no laboratory's and not the country's, or the
            user's laboratory is not filled in. Nothing must then be shown.
    """
    role = roles().get(user.role)
    if role is not None and role.area_kind == "country":
        return None
    if role is not None and role.area_kind == "laboratory" and user.area:
        return user.area
    raise AreaMissing("this user has no laboratory whose messages may be shown")
