"""What is asked of a provider and how its claims are read, as data (``data/sign_in.json``)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal

from msgspec import DecodeError, Struct, field
from msgspec.json import decode

DATA = Path(__file__).parents[1] / "data" / "sign_in.json"

Field = Literal["person", "level", "hpr", "parent", "child", "entitlements"]
FIELDS: tuple[Field, ...] = ("person", "level", "hpr", "parent", "child", "entitlements")
SIGNED: tuple[Field, ...] = ("person", "level")
"""What must stand in the identity token itself: who it is, and how surely."""


class RulesInvalid(ValueError):
    """The file of rules cannot be used; the message says why."""


class Claim(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a field of ours stands in what the provider says.

    Attributes:
        path: the claim's name, and below it the names to follow; a list on the way means all of its items.
        source: ``id-token``, or ``either`` that or what the userinfo address answers.
        pattern: what a value must be, all of it; others are left out.
    """

    path: tuple[str, ...]
    source: Literal["id-token", "either"] = field(name="from")
    pattern: str = r".{1,255}"


class Seconds(Struct, frozen=True, forbid_unknown_fields=True):
    """How long things last.

    Attributes:
        leeway: how much the clocks of provider and service may differ.
        attempt: from the click on sign-in until the answer.
        token_age: how old an identity token may be.
        authentication: how long ago the person may have proven who they are to the provider.
        session: a session here, whatever is done in it; a site sets its own (``VARDE_OIDC_MAX_AGE``).
        metadata, keys: until they are fetched anew.
        stale: how long they are used when fetching fails.
        keys_again: shortest time between two fetches because of a key that is not known.
        trouble: how long nobody asks again after a failed fetch.
        answer: longest wait for one answer.
    """

    leeway: int
    attempt: int
    token_age: int
    authentication: int
    session: int
    metadata: int
    stale: int
    keys: int
    keys_again: int
    trouble: int
    answer: int


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """How much there may be.

    Attributes:
        answer_bytes: of one answer of the provider.
        keys: in its key set.
        calls: to the provider at once, so that a slow one keeps no others from their pages.
    """

    answer_bytes: int
    keys: int
    calls: int


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of ``sign_in.json``.

    Attributes:
        person_kind: kind of number that names a person ("FNR"): a part of the pseudonym.
        levels: what the provider says of how surely → a number; what is not here is 0.
        least_level: less than this lets nobody in.
        acr_values: sent along, where the provider wants to be told the level so; empty: not sent.
    """

    version: str
    source: str
    scopes: tuple[str, ...]
    acr_values: str
    claims: dict[Field, Claim]
    person_kind: str
    levels: dict[str, int]
    least_level: int
    seconds: Seconds
    limits: Limits


def read_rules(content: bytes) -> Rules:
    """Decode and check a file of rules.

    Raises:
        RulesInvalid: it does not have the shape of `Rules`, lacks a field, or would take who somebody is from
            what is not signed.
    """
    try:
        found = decode(content, type=Rules)
    except (DecodeError, UnicodeDecodeError) as error:
        raise RulesInvalid(str(error)) from None
    for name in FIELDS:
        claim = found.claims.get(name)
        if claim is None or not claim.path:
            raise RulesInvalid(f"it does not say where {name} stands")
        if name in SIGNED and claim.source != "id-token":
            raise RulesInvalid(f"{name} must be from the id-token")
        try:
            re.compile(claim.pattern)
        except re.error:
            raise RulesInvalid(f"the pattern of {name} is no regular expression") from None
    if "openid" not in found.scopes:
        raise RulesInvalid("the scope openid is missing")
    if found.least_level < 1:
        raise RulesInvalid("least_level must be 1 or more")
    return found


@cache
def shipped_rules() -> Rules:
    """The rules as shipped: HelseID."""
    return read_rules(DATA.read_bytes())
