"""Tables of who may sign in or send, and who did what: users, failed sign-ins, clients, the access log.

None of them holds a person's name, mail address or identity number: a user is a user name, the
words shown on the page, a role and an area; a client is a machine of a sender.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class UserManager(BaseUserManager):
    """Makes users; the password is hashed by Django's first hasher (PBKDF2)."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """A saved user; without a password the user cannot sign in."""
        if not username:
            raise ValueError("a user needs a user name")
        user: User = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """One who signs in.

    Attributes:
        username: what is typed to sign in.
        display_name: shown on the page ("Smittevernlege, Oslo").
        role: a key of ``data/roles.json``; it decides pages and purpose.
        area: what the role is limited to: a laboratory's sender id ("HER:91843"), a municipality
            number ("0301"), a trust; empty for the country.
    """

    username = models.CharField(max_length=64, unique=True)
    display_name = models.CharField(max_length=120)
    role = models.CharField(max_length=64)
    area = models.CharField(max_length=64, blank=True, default="")
    is_active = models.BooleanField(default=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name", "role"]

    def __str__(self) -> str:
        return self.username


class FailedSignIn(models.Model):
    """One failed attempt, kept only to slow down guessing; `key` is a keyed hash of what was typed."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["key", "at"], name="failed_sign_in_key_at")]


class RegisteredClient(models.Model):
    """A sender's machine, such as a laboratory's system; `varde.access.clients` reads and writes these.

    Attributes:
        client_id: what it calls itself in a client assertion.
        name: for people ("Fjordby sykehus, mikrobiologi").
        sender: the one sender key that it may speak for ("HER:91843").
        kinds: what it may send: keys of ``data/clients.json``.
        keys: its public keys, each a JWK.
        active: False: it is not let in.
        requests_per_minute, bytes_per_day: its own limits; None for those of ``data/clients.json``.
    """

    client_id = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    sender = models.CharField(max_length=80)
    kinds = models.JSONField()
    keys = models.JSONField()
    active = models.BooleanField(default=True)
    created = models.DateTimeField()
    requests_per_minute = models.PositiveIntegerField(null=True)
    bytes_per_day = models.PositiveBigIntegerField(null=True)

    def __str__(self) -> str:
        return self.client_id


class ClientCertificate(models.Model):
    """A certificate that a client may connect with; one certificate is one client's.

    Attributes:
        fingerprint: SHA-256 of `der` in hexadecimal digits.
        der: the certificate itself, which a TLS listener needs to trust it.
    """

    fingerprint = models.CharField(max_length=64, primary_key=True)
    client = models.ForeignKey(
        RegisteredClient, on_delete=models.CASCADE, related_name="certificates"
    )
    der = models.BinaryField()


class UsedId(models.Model):
    """A client assertion or DPoP proof that was used; `digest` hashes whose and which it was.

    Attributes:
        until: when it would be refused anyhow, and is forgotten.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField(db_index=True)


class AppendOnlyQuerySet(models.QuerySet):
    """Reads only: `varde.access.audit` adds."""

    def update(self, **_: Any) -> int:
        """Refused: the log is append-only."""
        raise PermissionError("the access log can only be added to")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refused: the log is append-only."""
        raise PermissionError("the access log can only be added to")


class AppendOnly(models.Model):
    """A row that nobody changes or removes. The database refuses it too (triggers)."""

    objects: ClassVar = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *_: Any, **__: Any) -> None:
        """Refused: only `varde.access.audit` adds, in order."""
        raise PermissionError("the access log can only be added to, by varde.access.audit")

    def delete(self, *_: Any, **__: Any) -> tuple[int, dict[str, int]]:
        """Refused: the log is append-only."""
        raise PermissionError("the access log can only be added to")


class Grant(models.Model):
    """A role in an area for whoever the sign-in provider says fits: all that is filled in must.

    Attributes:
        person: reference of one person: a keyed pseudonym, never the number itself.
        hpr: number in the register of health personnel.
        organisation: organisation number, of the unit or the whole.
        entitlement: such as a profession ("LE"); it goes with an organisation.
        role, area: what it gives; as a `User` has them.
        shown: beside the role's name on the pages ("Oslo").
        valid_from, valid_to: first and last day; `valid_to` None: until somebody ends it. Rows are never removed.
    """

    person = models.CharField(max_length=20, blank=True, default="")
    hpr = models.CharField(max_length=9, blank=True, default="")
    organisation = models.CharField(max_length=9, blank=True, default="")
    entitlement = models.CharField(max_length=64, blank=True, default="")
    role = models.CharField(max_length=64)
    area = models.CharField(max_length=64, blank=True, default="")
    shown = models.CharField(max_length=120, blank=True, default="")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    created = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person"], name="grant_person"),
            models.Index(fields=["hpr"], name="grant_hpr"),
            models.Index(fields=["organisation", "entitlement"], name="grant_organisation"),
        ]


class AccessLogEntry(AppendOnly):
    """Who saw or did what, when and for which purpose; of a look at a person a keyed hash of whom.

    Attributes:
        id: 1, 2, 3 … without a gap: the place in the chain.
        actor: the user name; empty when nobody was signed in.
        role: the actor's role at that time.
        area: the actor's area at that time.
        action: "sign-in", "sign-in-failed", "sign-out", "view", "download", "change", "hand-in",
            "denied",
            "token-issued", "token-refused"; "chained": older entries were put into this chain.
        page: the page's key ("quarantine").
        object_kind: what kind of thing was seen ("quarantine item", "antibiogram").
        object_count: how many of them.
        purpose: of a look at a person a key of ``data/purposes.json``; else what the user said it was for, or the
            role's purpose in words.
        about_key, about: id of the key, and keyed hash of the person that was seen (`audit.persons`); empty when it
            is about nobody.
        version: of the encoding that was hashed (`audit.encoding`).
        digest: SHA-256 over the previous entry's digest and this entry: a changed or removed entry
            breaks the chain, which `varde.access.audit.verify_log` finds.
    """

    at = models.DateTimeField()
    actor = models.CharField(max_length=64, blank=True)
    role = models.CharField(max_length=64, blank=True)
    area = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=32)
    page = models.CharField(max_length=64, blank=True)
    object_kind = models.CharField(max_length=64, blank=True)
    object_count = models.PositiveIntegerField(default=0)
    purpose = models.CharField(max_length=120, blank=True)
    about_key = models.CharField(max_length=16, blank=True, default="")
    about = models.CharField(max_length=64, blank=True, default="")
    version = models.SmallIntegerField(default=1)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["about"], name="access_log_about", condition=~models.Q(about=""))
        ]


class SignedHead(AppendOnly):
    """A head of the access log as it was written into the file of heads, so that it is noticed when that is cut.

    Attributes:
        number: of the head.
        line: the line of the file, with its end.
    """

    number = models.BigIntegerField(primary_key=True)
    line = models.TextField()
