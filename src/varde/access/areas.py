"""Places that access is limited to, and which lies in which on a day.

Input: kinds and codes, the dated tables of `varde.codes`. Output: `contains`, which is False in all doubt.
"""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from varde.access.roles import AreaKind, Holder, Role, roles
from varde.codes import counties, hospitals, municipalities, successor


class Area(Struct, frozen=True):
    """A place.

    Attributes:
        code: a municipality's or county's number, a hospital's or trust's organisation number, the
            sender id of a laboratory or another sender; empty for the country.
    """

    kind: AreaKind
    code: str = ""


COUNTRY = Area("country")


def area_of(user: Holder) -> Area | None:
    """What a user is limited to; None where nothing may be shown: no area kind, or no area filled in."""
    role = roles().get(user.role)
    if role is None or role.area_kind == "none":
        return None
    if role.area_kind == "country":
        return COUNTRY
    return Area(role.area_kind, user.area) if user.area else None


def is_known(area: Area, on: date) -> bool:
    """Whether there is such a place on a day, as far as the tables tell: kinds without table need a code."""
    if area.kind == "municipality":
        return successor(area.code, on) is not None
    if area.kind == "county":
        return area.code in counties(on)
    return area.kind in ("country", "none") or bool(area.code)


def contains(outer: Area, inner: Area, on: date) -> bool:
    """Whether a place lies in another, or is it, as the borders are on a day.

    Municipalities are followed forward through mergers and new numbers; one that was split is in no place,
    since its old number does not say which part is meant.
    """
    if "none" in (outer.kind, inner.kind) or not is_known(inner, on) or not is_known(outer, on):
        return False
    if outer.kind == "country":
        return True
    if outer.kind == "municipality" and inner.kind == "municipality":
        return successor(outer.code, on) == successor(inner.code, on)
    if outer.kind == "county" and inner.kind == "municipality":
        number = successor(inner.code, on)
        return number is not None and municipalities(on)[number].county == outer.code
    if outer.kind == "trust" and inner.kind == "hospital":
        hospital = hospitals(on).get(inner.code)
        return hospital is not None and hospital.trust == outer.code
    return outer == inner


def check_area(role: Role, area: str, on: date) -> str:
    """Why a user with this role cannot have this area; empty when it can."""
    kind = role.area_kind
    if kind in ("country", "none"):
        return f"the role {role.key} is for {kind}: it has no area" if area else ""
    if not area:
        return f"the role {role.key} is limited to a {kind}: say which with --area"
    if kind == "municipality" and area not in municipalities(on):
        return f"there is no municipality {area!r}: give its number, such as 0301"
    if kind == "county" and area not in counties(on):
        return f"there is no county {area!r}: give its number, such as 03"
    return ""
