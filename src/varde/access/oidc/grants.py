"""Which role and area somebody has who signs in through the provider: dated rows, each asked anew every time.

Input: an `Identity`. Output: the grants that fit it today, and the user that stands for one person under one of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from msgspec import Struct

from varde.access.areas import check_area
from varde.access.models import Grant, User
from varde.access.oidc.identity import Identity
from varde.access.roles import roles

MOST_ROLES = 20
"""Grants that one person is shown to choose among."""
_NUMBER = re.compile(r"[0-9]{9}", re.ASCII)
_HPR = re.compile(r"[0-9]{1,9}", re.ASCII)
_ENTITLEMENT = re.compile(r"[A-Za-z0-9:._/-]{1,64}", re.ASCII)


class GrantInvalid(ValueError):
    """What an operator wants to grant cannot be; the message says why."""


class NewGrant(Struct, frozen=True):
    """What is to be granted, to whom; fields as of `varde.access.models.Grant`."""

    role: str
    area: str = ""
    shown: str = ""
    person: str = ""
    hpr: str = ""
    organisation: str = ""
    entitlement: str = ""


def add_grant(new: NewGrant, first: date, last: date | None, now: datetime) -> Grant:
    """Grant a role from one day to another, both included; `last` None: until it is ended.

    Raises:
        GrantInvalid: there is no such role or area, or it would be for anybody.
    """
    role = roles().get(new.role)
    if role is None:
        raise GrantInvalid(f"there is no role {new.role!r}: give one of {', '.join(roles())}")
    if wrong := check_area(role, new.area, first):
        raise GrantInvalid(wrong)
    if new.organisation and not _NUMBER.fullmatch(new.organisation):
        raise GrantInvalid("an organisation number has nine digits")
    if new.hpr and not _HPR.fullmatch(new.hpr):
        raise GrantInvalid("an HPR number has at most nine digits")
    if new.entitlement and not _ENTITLEMENT.fullmatch(new.entitlement):
        raise GrantInvalid("an entitlement is a word of at most 64 letters and digits, such as LE")
    if not (new.person or new.hpr or (new.organisation and new.entitlement)):
        raise GrantInvalid(
            "say to whom: a person's reference, an HPR number, or an organisation and an entitlement"
        )
    if last is not None and last < first:
        raise GrantInvalid("its last day is before its first")
    return Grant.objects.create(
        person=new.person,
        hpr=new.hpr,
        organisation=new.organisation,
        entitlement=new.entitlement,
        role=new.role,
        area=new.area,
        shown=new.shown,
        valid_from=first,
        valid_to=last,
        created=now,
    )


def end_grant(number: int, today: date) -> Grant:
    """Let a grant hold no more, from now on: also those are out who are signed in under it.

    Raises:
        GrantInvalid: there is no such grant, or it has ended.
    """
    grant = Grant.objects.filter(pk=number).first()
    yesterday = today - timedelta(days=1)
    if grant is None:
        raise GrantInvalid(f"there is no grant {number}: varde user grants lists them")
    if grant.valid_to is not None and grant.valid_to <= yesterday:
        raise GrantInvalid(f"grant {number} has ended on {grant.valid_to.isoformat()}")
    grant.valid_to = yesterday
    grant.save(update_fields=["valid_to"])
    return grant


def list_grants(today: date | None = None) -> list[Grant]:
    """Every grant, the oldest first; with a day those that hold on it."""
    found = Grant.objects.order_by("id")
    return list(found if today is None else _valid(found, today))


def grants_of(identity: Identity, today: date) -> list[Grant]:
    """The grants that fit a person today, whose role there still is."""
    fitting = Grant.objects.filter(
        person__in=("", identity.person),
        hpr__in=("", identity.hpr),
        organisation__in=("", *identity.organisations),
        entitlement__in=("", *identity.entitlements),
        role__in=list(roles()),
    ).exclude(person="", hpr="", organisation="")
    return list(_valid(fitting, today).order_by("id")[:MOST_ROLES])


def holds(number: int, today: date) -> bool:
    """Whether a grant holds today, and its role is there."""
    return _valid(Grant.objects.filter(pk=number, role__in=list(roles())), today).exists()


def still_among(numbers: Collection[int], today: date) -> list[Grant]:
    """Those of some grants that hold today."""
    found = Grant.objects.filter(pk__in=list(numbers), role__in=list(roles()))
    return list(_valid(found, today).order_by("id"))


def user_of(person: str, grant: Grant) -> User:
    """The user that stands for a person under a grant; made the first time, and kept as the grant is."""
    user, _ = User.objects.get_or_create(
        username=f"{person}.{grant.pk}",
        defaults={"display_name": grant.shown, "role": grant.role, "area": grant.area},
    )
    if (user.display_name, user.role, user.area) != (grant.shown, grant.role, grant.area):
        user.display_name, user.role, user.area = grant.shown, grant.role, grant.area
        user.save(update_fields=["display_name", "role", "area"])
    if user.has_usable_password():
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def _valid(found: QuerySet[Grant], today: date) -> QuerySet[Grant]:
    return found.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today), valid_from__lte=today)
