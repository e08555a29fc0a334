"""The one place where it is decided who may do what, where and for what: role × right × area × purpose.

Input: a user, a right of ``data/roles.json``, the place and the stated purpose. Output: `Allowed`, or `Refused`
with the reason in both languages (``data/decisions.json``). What is not known is refused.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from msgspec import Struct
from msgspec.json import decode

from varde.access.areas import Area, area_of, contains
from varde.access.roles import Right, RightRule, Role, Words, role_file, role_of

DATA = Path(__file__).with_name("data") / "decisions.json"

Code = Literal[
    "not-signed-in",
    "no-role",
    "page-not-for-role",
    "right-not-for-role",
    "purpose-missing",
    "purpose-not-for-role",
    "purpose-not-for-right",
    "area-missing",
    "place-missing",
    "place-outside",
]


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    refusals: dict[Code, Words]


class Allowed(Struct, frozen=True):
    """Yes.

    Attributes:
        purpose: the purpose that was stated; it belongs in the access log.
    """

    purpose: str = ""

    def __bool__(self) -> bool:
        return True


class Refused(Struct, frozen=True):
    """No.

    Attributes:
        code: why, for programs.
        right: what was asked for; empty for a page.
        area_kind: what the user's role is limited to.
    """

    code: Code
    right: str = ""
    area_kind: str = ""

    def __bool__(self) -> bool:
        return False

    def reason(self, language: str) -> str:
        """Why, and what to do, as one or two sentences in ``nb`` or ``en``."""
        file, named = role_file(), {"right": "", "area": ""}
        for right, rule in file.rights.items():
            if right == self.right:
                named["right"] = rule.name.in_language(language)
        for kind, words in file.area_kinds.items():
            if kind == self.area_kind:
                named["area"] = words.in_language(language)
        return refusals()[self.code].in_language(language).format(**named)


class AccessRefused(PermissionDenied):
    """What was asked for is not allowed; the 403 page says `refused`'s reason."""

    def __init__(self, refused: Refused) -> None:
        self.refused = refused
        super().__init__(refused.code)


Decision = Allowed | Refused


@cache
def refusals() -> dict[Code, Words]:
    """The words of every reason to refuse."""
    return decode(DATA.read_bytes(), type=_File).refusals


def allows(
    user: object,
    right: Right,
    area: Area | None = None,
    purpose: str = "",
    on: date | None = None,
) -> Decision:
    """Whether a user may do something, there and for that.

    Args:
        user: the request's user, signed in or not.
        area: what it is about: a person's municipality of residence or stay, a message's laboratory, a
            case's hospital. None: it is about no place, or that is not known.
        purpose: the key of the purpose that the user stated.
        on: the day whose borders hold; today when it is not given.
    """
    role = role_of(user)
    if role is None:
        return _no_role(user)
    if right not in role.may:
        return Refused("right-not-for-role", right)
    rule = role_file().rights[right]
    refused = _refuse_purpose(role, right, rule, purpose)
    if refused is None and rule.in_area and purpose not in rule.anywhere_for:
        refused = _refuse_place(user, role, right, area, on or timezone.localdate())
    return Allowed(purpose) if refused is None else refused


def opens(user: object, page: str) -> Decision:
    """Whether a user may open a page of the role's own pages."""
    role = role_of(user)
    if role is None:
        return _no_role(user)
    return Allowed() if page in role.pages else Refused("page-not-for-role")


def _no_role(user: object) -> Refused:
    signed_in = getattr(user, "is_authenticated", False)
    return Refused("no-role" if signed_in else "not-signed-in")


def _refuse_purpose(role: Role, right: Right, rule: RightRule, purpose: str) -> Refused | None:
    if not purpose:
        return Refused("purpose-missing", right) if rule.purposes else None
    if purpose not in role.purposes:
        return Refused("purpose-not-for-role", right)
    if rule.purposes and purpose not in rule.purposes:
        return Refused("purpose-not-for-right", right)
    if purpose not in role.only_for.get(right, (purpose,)):
        return Refused("purpose-not-for-right", right)
    return None


def _refuse_place(
    user: object, role: Role, right: Right, area: Area | None, on: date
) -> Refused | None:
    own = area_of(user)  # type: ignore[arg-type]
    if own is None:
        return Refused("area-missing", right)
    if area is None:
        return Refused("place-missing", right, role.area_kind)
    return None if contains(own, area, on) else Refused("place-outside", right, role.area_kind)
