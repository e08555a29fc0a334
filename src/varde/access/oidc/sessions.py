"""How long somebody who signed in through the provider stays signed in, and who ends it.

A session ends at its greatest age, when its grant holds no more, when the user is closed, and when the provider says
so (OpenID Connect Back-Channel Logout 1.0). What the provider ended is remembered as long as sessions may last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone
from msgspec import Struct, ValidationError, convert, to_builtins

from varde.access.clients.once import use_once
from varde.access.keys import Keys
from varde.access.models import Grant, UsedId
from varde.access.oidc.grants import holds
from varde.access.oidc.id_token import check_logout_token
from varde.access.oidc.identity import Identity, digest_of
from varde.access.oidc.provider import Provider
from varde.access.oidc.refusals import SignInRefused

KEY = "varde-oidc-session"
"""Under what a session holds `Held`."""


class Held(Struct, frozen=True):
    """What a session holds of a sign-in through the provider.

    Attributes:
        grant: its number.
        subject, session: as of `Identity`.
        since, until: seconds since 1970.
    """

    grant: int
    subject: str
    session: str
    since: float
    until: float


def hold(identity: Identity, grant: int, seconds: int, now: datetime) -> dict[str, Any]:
    """What a new session is to hold."""
    since = now.timestamp()
    held = Held(grant, identity.subject, identity.session, since, since + seconds)
    found: dict[str, Any] = to_builtins(held)
    return found


def hpr_of(content: object) -> str:
    """The number in the register of health personnel that the grant of a session was given to; empty when it was given
    by something else, or nobody signed in so.

    Args:
        content: what `hold` gave.
    """
    try:
        held = convert(content, type=Held)
    except ValidationError:
        return ""
    found = Grant.objects.filter(pk=held.grant).values_list("hpr", flat=True).first()
    return found or ""


def still_holds(content: Mapping[str, Any], now: datetime) -> bool:
    """Whether a session goes on.

    Args:
        content: what `hold` gave.
    """
    try:
        held = convert(content, type=Held)
    except ValidationError:
        return False
    if not held.since - 60 <= now.timestamp() < held.until:
        return False
    ended = UsedId.objects.filter(
        digest__in=[_digest(one) for one in (held.subject, held.session) if one],
        # Remembered from the moment it was ended for as long as a session lasts.
        until__gte=datetime.fromtimestamp(held.until, UTC),
    )
    return holds(held.grant, timezone.localdate(now)) and not ended.exists()


def end_sessions(provider: Provider, text: str, keys: Keys, now: datetime) -> None:
    """End what a logout token of the provider says.

    Raises:
        SignInRefused: the token is not to be believed, or was used.
    """
    claims = check_logout_token(provider, text, now)
    ours = provider.configuration
    until = now + timedelta(seconds=ours.rules.seconds.token_age + 120)
    if not use_once("logout", ours.issuer, claims.jti, until, now):
        raise SignInRefused("token-refused", "used")
    # A token that names a session ends that one; one that names only the person ends all of theirs.
    kind, value = ("sid", claims.sid) if claims.sid else ("sub", claims.sub)
    UsedId.objects.update_or_create(
        digest=_digest(digest_of(keys, ours.issuer, kind, value)),
        defaults={"until": now + timedelta(seconds=ours.session)},
    )


def _digest(of: str) -> str:
    return hashlib.sha256(f"ended\0{of}".encode()).hexdigest()
