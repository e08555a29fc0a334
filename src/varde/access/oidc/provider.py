"""A provider as its metadata and key set say: fetched, checked, kept a while, and fetched anew when keys change.

One of these is kept for each process. What was fetched is used on when the provider does not answer, for a day.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from time import monotonic
from typing import Any

from django.conf import settings
from msgspec import DecodeError, Struct
from msgspec.json import decode

from varde.access.clients.keys import PublicJwk, check_key
from varde.access.clients.refusals import ClientInvalid
from varde.access.oidc.configuration import Configuration, is_safe
from varde.access.oidc.fetching import Answer, fetch
from varde.access.oidc.refusals import SignInRefused

WELL_KNOWN = "/.well-known/openid-configuration"
WAIT_FOR_A_PLACE = 2.0
_log = logging.getLogger(__name__)


class Metadata(Struct, frozen=True):
    """What a provider says of itself (OpenID Connect Discovery, RFC 8414, 9126, 9207, 9449)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    pushed_authorization_request_endpoint: str = ""
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("private_key_jwt",)
    dpop_signing_alg_values_supported: tuple[str, ...] = ()
    authorization_response_iss_parameter_supported: bool = False

    @property
    def wants_dpop(self) -> bool:
        """Whether tokens are to be bound to a key."""
        return "ES256" in self.dpop_signing_alg_values_supported


class _Kept(Struct):
    """Something fetched, and when."""

    value: Any = None
    at: float = 0.0


class Provider:
    """One provider, as one process knows it. Safe for threads.

    Args:
        clock: seconds, never going back.
    """

    def __init__(
        self, configuration: Configuration, clock: Callable[[], float] = monotonic
    ) -> None:
        self.configuration = configuration
        self._clock = clock
        self._metadata = _Kept()
        self._keys = _Kept()
        self._asked_again = float("-inf")
        self._trouble_until = float("-inf")
        self._lock = Lock()
        self._places = BoundedSemaphore(configuration.rules.limits.calls)

    def metadata(self) -> Metadata:
        """What the provider says of itself.

        Raises:
            SignInRefused: it does not answer, or what it says cannot be used.
        """
        seconds = self.configuration.rules.seconds
        found: Metadata = self._get(self._metadata, seconds.metadata, self._fetch_metadata)
        return found

    def known(self) -> Metadata | None:
        """The same as far as it is known without asking."""
        found: Metadata | None = self._metadata.value
        return found

    def keys_for(self, kid: str) -> tuple[PublicJwk, ...]:
        """The provider's keys with an id; all of them for an empty one. An id that is not known makes the key
        set be fetched anew, but not often: the provider may have changed its keys.

        Raises:
            SignInRefused: it does not answer, or what it says cannot be used.
        """
        seconds = self.configuration.rules.seconds
        keys = self._get(self._keys, seconds.keys, self._fetch_keys)
        if kid and not any(key["kid"] == kid for key in keys):
            with self._lock:
                again = self._clock() - self._asked_again >= seconds.keys_again
                if again:
                    self._asked_again = self._clock()
            if again:
                keys = self._fetch_keys()
                self._keys = _Kept(keys, self._clock())
        return tuple(key for key in keys if not kid or key["kid"] == kid)

    def ask(
        self,
        address: str,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Ask the provider something, when there is a place for one more.

        Raises:
            SignInRefused: ``busy``, or as `fetch` says.
        """
        rules = self.configuration.rules
        with self._place():
            if self._clock() < self._trouble_until:
                raise SignInRefused("provider-down", "asked-a-moment-ago")
            try:
                return fetch(
                    address,
                    rules.seconds.answer,
                    rules.limits.answer_bytes,
                    method=method,
                    headers=headers,
                    body=body,
                )
            except SignInRefused as refused:
                if refused.code == "provider-down":
                    self._trouble_until = self._clock() + rules.seconds.trouble
                raise

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=WAIT_FOR_A_PLACE):
            raise SignInRefused("busy", "places")
        try:
            yield
        finally:
            self._places.release()

    def _get(self, kept: _Kept, seconds: int, fetch_it: Callable[[], Any]) -> Any:
        age = self._clock() - kept.at
        if kept.value is not None and age < seconds:
            return kept.value
        try:
            value = fetch_it()
        except SignInRefused as refused:
            if kept.value is None or age >= self.configuration.rules.seconds.stale:
                raise
            _log.warning(
                "the provider's metadata or keys cannot be fetched; the earlier are used on",
                extra={"reason": refused.code, "error": refused.detail},
            )
            return kept.value
        kept.value, kept.at = value, self._clock()
        return value

    def _fetch_metadata(self) -> Metadata:
        issuer = self.configuration.issuer
        found = self._fetch_json(issuer.rstrip("/") + WELL_KNOWN, Metadata, "metadata")
        if found.issuer != issuer:
            raise SignInRefused("provider-unusable", "metadata-of-another-issuer")
        addresses = (
            found.authorization_endpoint,
            found.token_endpoint,
            found.jwks_uri,
            found.userinfo_endpoint or issuer,
            found.end_session_endpoint or issuer,
            found.pushed_authorization_request_endpoint or issuer,
        )
        # A provider on the network does not send us to this machine's own addresses.
        local = issuer.startswith("http:")
        if not all(is_safe(one) and (local or one.startswith("https:")) for one in addresses):
            raise SignInRefused("provider-unusable", "metadata-address-not-https")
        if "S256" not in found.code_challenge_methods_supported:
            raise SignInRefused("provider-unusable", "metadata-without-pkce")
        if "private_key_jwt" not in found.token_endpoint_auth_methods_supported:
            raise SignInRefused("provider-unusable", "metadata-without-private-key-jwt")
        return found

    def _fetch_keys(self) -> tuple[PublicJwk, ...]:
        found = self._fetch_json(self.metadata().jwks_uri, _KeySet, "keys")
        if len(found.keys) > self.configuration.rules.limits.keys:
            raise SignInRefused("provider-unusable", "too-many-keys")
        usable = []
        for jwk in found.keys:
            # A key set may hold keys for other uses; a private one in it is nobody's secret any more.
            try:
                usable.append(check_key(jwk))
            except ClientInvalid:
                continue
        if not usable:
            raise SignInRefused("provider-unusable", "no-usable-key")
        return tuple(usable)

    def _fetch_json(self, address: str, shape: type[Any], what: str) -> Any:
        answer = self.ask(address)
        if answer.status >= 500:
            raise SignInRefused("provider-down", f"{what}-status-5xx")
        if answer.status != 200:
            raise SignInRefused("provider-unusable", f"{what}-status")
        return read_json(answer.body, shape, what)


_current: list[Provider] = []


def current_provider() -> Provider | None:
    """The provider of this site, one for the process; None where people sign in with passwords alone."""
    configuration: Configuration | None = settings.SIGN_IN_PROVIDER
    if configuration is None:
        return None
    if not _current or _current[0].configuration is not configuration:
        _current[:] = [Provider(configuration)]
    return _current[0]


class _KeySet(Struct, frozen=True):
    keys: tuple[dict[str, Any], ...]


def read_json(body: bytes, shape: type[Any], what: str) -> Any:
    """An answer's body as JSON of one shape; more than the shape names is allowed.

    Raises:
        SignInRefused: ``provider-unusable``.
    """
    try:
        return decode(body, type=shape)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        raise SignInRefused("provider-unusable", f"{what}-unreadable") from None
