"""The senders' machines that are registered here."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from msgspec import Struct
from msgspec.structs import replace

from varde.access.clients.keys import PublicJwk, certificate_state, fingerprint_of
from varde.access.clients.refusals import ClientInvalid, ClientRefused, Subject
from varde.access.clients.rules import Limits, deliveries, kinds, rules, services
from varde.access.clients.scopes import kinds_within
from varde.access.models import ClientCertificate, RegisteredClient

CLIENT_ID = re.compile(r"[A-Za-z0-9._-]{1,40}", re.ASCII)
_SENDER = re.compile(r"(?:HER|RSH):[0-9]{1,10}|ENH:[0-9]{9}", re.ASCII)
_NUMBERED = ("HER:", "RSH:", "ENH:")
_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)


class Client(Struct, frozen=True, kw_only=True):
    """A sender's machine.

    Attributes:
        client_id: what it calls itself.
        name: for people.
        sender: the one sender key that it may speak for ("HER:91843").
        kinds: what it may send, and the services that it may ask; of a client that came with an access token, what
            the token is for.
        keys: public keys as JWK, each with a ``kid``.
        fingerprints: SHA-256 of its certificates, in hexadecimal digits.
        active: whether it is let in.
        created: when it was registered.
        limits: how much it may send.
    """

    client_id: str
    name: str
    sender: str
    kinds: tuple[str, ...]
    keys: tuple[PublicJwk, ...]
    fingerprints: tuple[str, ...]
    active: bool
    created: datetime
    limits: Limits

    def check_kind(self, kind: str) -> None:
        """See that the client may send a kind.

        Raises:
            ClientRefused: ``not-allowed``.
        """
        if kind not in self.kinds:
            raise ClientRefused("not-allowed", claimed=self.client_id, proven=True)

    def within(self, scopes: tuple[str, ...]) -> Client:
        """The client with the kinds that an access token with these scopes lets in."""
        return replace(self, kinds=kinds_within(scopes, self.kinds))


class NewClient(Struct, frozen=True, kw_only=True):
    """What is said of a client when it is registered.

    Attributes:
        client_id: empty for one that is made up.
        keys: as `keys.read_key_set` gives them.
        certificates: DER, as `keys.read_certificate` gives them.
        requests_per_minute, bytes_per_day: None for the usual limits.
    """

    name: str
    sender: str
    kinds: tuple[str, ...]
    keys: tuple[PublicJwk, ...] = ()
    certificates: tuple[bytes, ...] = ()
    client_id: str = ""
    requests_per_minute: int | None = None
    bytes_per_day: int | None = None


def add_client(new: NewClient, now: datetime) -> Client:
    """Register a client.

    Raises:
        ClientInvalid: something about it is wrong or taken; the message says what.
    """
    _check(new)
    client_id = new.client_id or f"varde-{secrets.token_hex(8)}"
    with transaction.atomic():
        if RegisteredClient.objects.filter(client_id=client_id).exists():
            raise ClientInvalid(f"there is a client {client_id} already: give another id")
        row = RegisteredClient.objects.create(
            client_id=client_id,
            name=new.name,
            sender=new.sender,
            kinds=[kind for kind in (*kinds(), *services(), *deliveries()) if kind in new.kinds],
            keys=list(new.keys),
            created=now,
            requests_per_minute=new.requests_per_minute,
            bytes_per_day=new.bytes_per_day,
        )
        _add_certificates(row, new.certificates)
    return _read(row)


def renew_client(
    client_id: str, keys: tuple[PublicJwk, ...], certificates: tuple[bytes, ...]
) -> Client:
    """Put other keys and certificates in the place of all that a client has.

    Raises:
        ClientInvalid: there is no such client, it would have neither, or a certificate is another's.
    """
    _check_credentials(keys, certificates)
    with transaction.atomic():
        row = _row(client_id)
        row.keys = list(keys)
        row.save(update_fields=["keys"])
        row.certificates.all().delete()
        _add_certificates(row, certificates)
    return _read(row)


def set_active(client_id: str, active: bool) -> Client:
    """Let a client in, or shut it out: at once, also with tokens that it has.

    Raises:
        ClientInvalid: there is no such client.
    """
    row = _row(client_id)
    row.active = active
    row.save(update_fields=["active"])
    return _read(row)


def list_clients() -> tuple[Client, ...]:
    """Every client, in the order of names."""
    rows = RegisteredClient.objects.prefetch_related("certificates").order_by("name", "client_id")
    return tuple(_read(row) for row in rows)


MOST_KNOWN = 1_000
_known: dict[str, tuple[object, Client]] = {}
"""Clients by their id, each with the rows that it was read from. The rows are looked at for every request, so that
a client is shut out at once; what they mean is worked out when they change."""


def _look_up(client_id: str) -> object | None:
    """The rows of a client as the database has them, to compare; None without."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM access_registeredclient WHERE client_id = %s", [client_id])
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.execute(
            "SELECT fingerprint FROM access_clientcertificate c "
            "JOIN access_registeredclient r ON r.id = c.client_id WHERE r.client_id = %s "
            "ORDER BY fingerprint",
            [client_id],
        )
        return row, cursor.fetchall()


def find_client(client_id: str, subject: Subject = "request") -> Client:
    """The client with this id, active or not.

    Args:
        subject: what names the client, for the words of a refusal.

    Raises:
        ClientRefused: ``unknown-client``.
    """
    written = _look_up(client_id) if CLIENT_ID.fullmatch(client_id) else None
    if written is None:
        raise ClientRefused("unknown-client", subject)
    known = _known.get(client_id)
    if known is not None and known[0] == written:
        return known[1]
    row = RegisteredClient.objects.filter(client_id=client_id).first()
    if row is None:
        raise ClientRefused("unknown-client", subject)
    client = _read(row)
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    _known[client_id] = written, client
    return client


def find_by_certificate(der: bytes, now: datetime) -> Client:
    """The client that has this certificate. Whoever asks has seen that the other end holds its key.

    Raises:
        ClientRefused: with subject ``certificate``: ``unknown-client``, ``disabled``, ``expired`` or
            ``not-yet-valid``.
    """
    found = ClientCertificate.objects.select_related("client").filter(
        fingerprint=fingerprint_of(der)
    )
    row = found.first()
    if row is None:
        raise ClientRefused("unknown-client", "certificate")
    client = _read(row.client)
    state = certificate_state(der, now)
    if not client.active:
        raise ClientRefused("disabled", "certificate", claimed=client.client_id, proven=True)
    if state != "valid":
        raise ClientRefused(state, "certificate", claimed=client.client_id, proven=True)
    return client


def trusted_certificates() -> tuple[bytes, ...]:
    """The certificates (DER) of all active clients: what a listener that speaks TLS itself trusts."""
    rows = ClientCertificate.objects.filter(client__active=True).order_by("fingerprint")
    return tuple(bytes(row.der) for row in rows)


def certificates_of(client_id: str) -> tuple[bytes, ...]:
    """The certificates (DER) of one client."""
    rows = ClientCertificate.objects.filter(client__client_id=client_id).order_by("fingerprint")
    return tuple(bytes(row.der) for row in rows)


def _row(client_id: str) -> RegisteredClient:
    row = RegisteredClient.objects.filter(client_id=client_id).first()
    if row is None:
        raise ClientInvalid(f"there is no client {client_id!r}: varde client list shows all")
    return row


def _add_certificates(row: RegisteredClient, certificates: Sequence[bytes]) -> None:
    for der in dict.fromkeys(certificates):
        fingerprint = fingerprint_of(der)
        owner = ClientCertificate.objects.filter(fingerprint=fingerprint).first()
        if owner is not None:
            raise ClientInvalid(
                f"the certificate {fingerprint[:16]}… is registered for {owner.client}: each client "
                "has its own"
            )
        ClientCertificate.objects.create(fingerprint=fingerprint, client=row, der=der)


def _check(new: NewClient) -> None:
    if not new.name.strip() or len(new.name) > 120:
        raise ClientInvalid("the name must be text of 1 to 120 characters")
    if new.client_id and not CLIENT_ID.fullmatch(new.client_id):
        raise ClientInvalid("an id has 1 to 40 letters (a-z), digits, full stops, _ and -")
    _check_sender(new.sender)
    known = (*kinds(), *services(), *deliveries())
    if not new.kinds or not set(new.kinds) <= set(known):
        raise ClientInvalid(f"say what it may send or ask: one or more of {', '.join(known)}")
    for limit in (new.requests_per_minute, new.bytes_per_day):
        if limit is not None and not 1 <= limit <= 10**15:
            raise ClientInvalid("a limit is a whole number from 1")
    _check_credentials(new.keys, new.certificates)


def _check_sender(sender: str) -> None:
    """HER, RESH and organisation numbers have a form; a line list's sender is called anything."""
    if not sender or len(sender) > 80 or sender != sender.strip() or not sender.isprintable():
        raise ClientInvalid("the sender must be a key such as HER:91843, at most 80 characters")
    if sender.upper().startswith(_NUMBERED) and not _SENDER.fullmatch(sender):
        raise ClientInvalid(f"the sender {sender!r} is not of the form HER:91843 or ENH:985626154")
    if sender.startswith("ENH:") and not _is_organisation(sender.removeprefix("ENH:")):
        raise ClientInvalid(f"{sender!r} is no organisation number: its control digit is wrong")


def _is_organisation(number: str) -> bool:
    """Control digit modulo 11, weights 3 2 7 6 5 4 3 2 (the register of legal entities)."""
    digits = [int(sign) for sign in number]
    remainder = sum(w * d for w, d in zip(_WEIGHTS, digits, strict=False)) % 11
    return (11 - remainder) % 11 == digits[8]


def _check_credentials(keys: tuple[PublicJwk, ...], certificates: tuple[bytes, ...]) -> None:
    if not keys and not certificates:
        raise ClientInvalid("a client needs a key set, a certificate or both")


def _read(row: RegisteredClient) -> Client:
    usual = rules().limits
    return Client(
        client_id=row.client_id,
        name=row.name,
        sender=row.sender,
        kinds=tuple(row.kinds),
        keys=tuple(row.keys),
        fingerprints=tuple(sorted(one.fingerprint for one in row.certificates.all())),
        active=row.active,
        created=row.created,
        limits=Limits(
            row.requests_per_minute or usual.requests_per_minute,
            row.bytes_per_day or usual.bytes_per_day,
        ),
    )
