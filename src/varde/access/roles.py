"""Who may see what, and for which purpose: ``data/roles.json``, read and checked once.

What is decided with it stands in `varde.access.decisions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Protocol

import msgspec

from varde.access.purposes import purposes as known_purposes

AreaKind = Literal[
    "country",
    "county",
    "laboratory",
    "sender",
    "municipality",
    "trust",
    "hospital",
    "practice",
    "group",
    "institution",
    "none",
]

Right = Literal[
    "confirm-codes",
    "propose-codes",
    "correct",
    "see-person",
    "decide-linkage",
    "open-event",
    "lead-events",
    "follow-contacts",
    "identify-case",
    "see-country",
    "show-lookups",
]

SENDING: frozenset[AreaKind] = frozenset({"laboratory", "sender"})
"""Areas that are the key of a sender: a laboratory, or anybody else who hands in."""

DATA = Path(__file__).with_name("data") / "roles.json"
START = "start"
"""The start page, which everybody may open: a role may land on it."""


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


class RightRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goes with a right, whoever has it.

    Attributes:
        name: after "your role is not allowed …".
        in_area: the right is about a place, and holds in the holder's own area only.
        purposes: one of these must be stated; empty: none need be.
        anywhere_for: purposes for which the place does not matter: a patient in care may live anywhere.
    """

    name: Words
    in_area: bool = False
    purposes: tuple[str, ...] = ()
    anywhere_for: tuple[str, ...] = ()


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One role.

    Attributes:
        key: what `User.role` holds.
        name: shown on the page.
        area_kind: what the role is limited to; "country" is not limited, "none" sees no health
            data.
        landing: the page opened after sign-in; one of `pages`, or `START`.
        pages: the keys of every page the role may open.
        purpose: why the role may see what it sees; goes into the access log.
        purposes: what its holders may state that they do something for; keys of `varde.access.purposes`.
        may: what it may do beyond looking, each a key of `RoleFile.rights`.
        only_for: right → the purposes that it has it for, where they are fewer than both the role and the right have.
        coming: what its start page will hold, and does not yet.
    """

    key: str
    name: Words
    area_kind: AreaKind
    landing: str
    pages: tuple[str, ...]
    purpose: Words
    purposes: tuple[str, ...]
    may: tuple[Right, ...] = ()
    only_for: dict[Right, tuple[str, ...]] = {}
    coming: tuple[Words, ...] = ()


class RoleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of ``roles.json``."""

    version: str
    source: str
    area_kinds: dict[AreaKind, Words]
    rights: dict[Right, RightRule]
    roles: tuple[Role, ...]


class Holder(Protocol):
    """Whoever has a role in an area: a `User`, or a stand-in of the same shape."""

    role: str
    area: str


def read_roles(content: bytes) -> RoleFile:
    """Decode and check a role file.

    Raises:
        msgspec.ValidationError: it does not have the shape of `RoleFile`.
        RolesInvalid: a role comes twice, lands on a page it may not open, has an area kind or right that
            is not described, or may state a purpose that there is not.
    """
    file = msgspec.json.decode(content, type=RoleFile)
    keys = [role.key for role in file.roles]
    for right, rule in file.rights.items():
        _check_purposes(f"right {right!r}", (*rule.purposes, *rule.anywhere_for))
    for role in file.roles:
        _check_purposes(f"role {role.key!r}", role.purposes)
        for right in role.may:
            if right not in file.rights:
                raise RolesInvalid(f"role {role.key!r} has the right {right!r}, which has no rule")
        for right, some in role.only_for.items():
            if right not in role.may or not set(some) <= set(stated_for(role, right, file)):
                raise RolesInvalid(f"role {role.key!r} is narrowed in {right!r} to what it has not")
        if keys.count(role.key) > 1:
            raise RolesInvalid(f"role {role.key!r} stands twice in roles.json")
        if role.landing not in (*role.pages, START):
            raise RolesInvalid(
                f"role {role.key!r} lands on {role.landing!r}, which is not among its pages"
            )
        if role.area_kind not in file.area_kinds:
            raise RolesInvalid(f"area kind {role.area_kind!r} has no words in roles.json")
    return file


def stated_for(role: Role, right: Right, file: RoleFile | None = None) -> tuple[str, ...]:
    """The purposes that a role may state for a right that asks for one, in the order of the role; empty when it has
    not the right, or the right asks for none."""
    if right not in role.may:
        return ()
    asked = (role_file() if file is None else file).rights[right].purposes
    some = role.only_for.get(right, asked)
    return tuple(key for key in role.purposes if key in asked and key in some)


def _check_purposes(owner: str, purposes: tuple[str, ...]) -> None:
    for purpose in purposes:
        if purpose not in known_purposes():
            raise RolesInvalid(f"{owner} has the purpose {purpose!r}, which there is not")


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
    """Whose messages the user may see: a sender id, or None for every sender's.

    Raises:
        AreaMissing: the role gives neither: it is no sender's and not the country's, or the user's
            sender is not filled in. Nothing must then be shown.
    """
    role = roles().get(user.role)
    if role is not None and role.area_kind == "country":
        return None
    if role is not None and role.area_kind in SENDING and user.area:
        return user.area
    raise AreaMissing("this user has no sender whose messages may be shown")
