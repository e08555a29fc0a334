"""Entries added to the access log: each after the one before, hashed with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, overload

from django.db import connection, transaction
from django.utils import timezone

from varde.access.audit import rows, signing
from varde.access.audit.encoding import VERSION, digest_of, write_moment
from varde.access.audit.errors import LogNotWritten
from varde.access.audit.persons import hash_person
from varde.access.models import AccessLogEntry
from varde.access.purposes import Purpose, purpose_of
from varde.access.roles import role_of

_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{11,12}(?![0-9A-Za-z])")
"""What may be an identity number is never written, whoever passes it."""


class PurposeMissing(TypeError):
    """Somebody looks at a person and does not say what for."""


class Draft(NamedTuple):
    """An entry that has no place in the chain yet; the columns that are hashed, without number and time."""

    actor: str
    role: str
    area: str
    action: str
    page: str
    object_kind: str
    object_count: int
    purpose: str
    about_key: str = ""
    about: str = ""


@overload
def record(
    user: Any,
    action: str,
    page: str = "",
    object_kind: str = "",
    object_count: int = 0,
    purpose: Purpose | str = "",
    *,
    area: str | None = None,
) -> AccessLogEntry: ...


@overload
def record(
    user: Any,
    action: str,
    page: str = "",
    object_kind: str = "",
    object_count: int = 0,
    *,
    purpose: Purpose,
    about: bytes,
    area: str | None = None,
) -> AccessLogEntry: ...


def record(
    user: Any,
    action: str,
    page: str = "",
    object_kind: str = "",
    object_count: int = 0,
    purpose: Purpose | str = "",
    *,
    about: bytes | None = None,
    area: str | None = None,
) -> AccessLogEntry:
    """Add one entry and return it.

    Args:
        user: the request's user; one who is not signed in is logged with empty actor.
        action: "sign-in", "sign-in-failed", "sign-out", "view", "download", "change", "hand-in",
            "denied",
            "token-issued", "token-refused"; at the command line "backup", "restore", "keys-rotated",
            "keys-retired", "erased", "restored", "looks-shown".
        page: the page's key.
        object_kind: what was seen, in words of the system ("quarantine item").
        object_count: how many of them.
        purpose: what the user said it was for (`purposes.purpose_of`), where one is asked; else the role's own. Of
            a look at a person it must be one of `purposes`.
        about: whom it is about: the 32 bytes of the register's pseudonym. A keyed hash of it is kept.
        area: whose it was, where that is another than the user's own.

    Raises:
        PurposeMissing: it is about a person, and for no purpose that there is.
        KeyProblem: it is about a person, and the log's key of persons is not at hand.
    """
    draft = _draft(user, action, page, object_kind, object_count, purpose, area)
    if about is not None:
        draft = _about(draft, about, purpose)
    return append([draft])[0]


def record_looks(
    user: Any,
    action: str,
    page: str,
    object_kind: str,
    purpose: Purpose,
    about: Iterable[bytes],
    *,
    area: str | None = None,
) -> Sequence[AccessLogEntry]:
    """Add an entry for each of several persons who were seen at once, in one transaction.

    Raises:
        PurposeMissing, KeyProblem: as `record`.
    """
    draft = _draft(user, action, page, object_kind, 1, purpose, area)
    return append([_about(draft, each, purpose) for each in about])


def append(drafts: Sequence[Draft]) -> list[AccessLogEntry]:
    """Add entries, one after the other, in one transaction.

    Raises:
        LogNotWritten: they are not there afterwards, as something in the database keeps them out. Whoever would be
            logged is shown nothing.
    """
    if not drafts:
        return []
    entries = []
    adapted = connection.ops.adapt_datetimefield_value
    with transaction.atomic():
        sequence, digest = rows.last_entry_alone()
        at = timezone.now()  # after the wait: times do not go back along the chain
        moment, stored, lines, before = write_moment(at), adapted(at), [], sequence
        written: list[rows.Row] = []
        for draft in drafts:
            sequence += 1
            digest = digest_of(digest, (sequence, moment, *draft))
            lines.append((sequence, stored, *draft, VERSION, digest))
            written.append((sequence, moment, *draft, VERSION, digest))
            entry = AccessLogEntry(
                id=sequence, at=at, version=VERSION, digest=digest, **draft._asdict()
            )
            entries.append(entry)
        rows.insert(lines)
        if rows.read_back(before) != written:
            raise LogNotWritten(
                "the access log did not take what was written into it: ask whoever owns the database "
                "(varde audit verify)"
            )
        transaction.on_commit(lambda: signing.note(sequence))
    return entries


def _draft(
    user: Any,
    action: str,
    page: str,
    object_kind: str,
    object_count: int,
    purpose: Purpose | str,
    area: str | None,
) -> Draft:
    role = role_of(user)
    said = purpose.key if isinstance(purpose, Purpose) else purpose
    return Draft(
        actor=_fit(getattr(user, "username", "") or "", 64),
        role=_fit(role.key if role else "", 64),
        area=_fit((getattr(user, "area", "") if area is None else area) or "", 64),
        action=_fit(action, 32),
        page=_fit(page, 64),
        object_kind=_fit(object_kind, 64),
        object_count=object_count,
        purpose=_fit(said or (role.purpose.nb if role else ""), 120),
    )


def _about(draft: Draft, pseudonym: bytes, purpose: Purpose | str) -> Draft:
    if not purpose:
        raise PurposeMissing(
            "a look at a person needs a purpose: give one of varde.access.purposes"
        )
    known = purpose if isinstance(purpose, Purpose) else purpose_of(purpose)
    about_key, about = hash_person(pseudonym)
    return draft._replace(purpose=known.key, about_key=about_key, about=about)


def _fit(text: str, length: int) -> str:
    """The text as its column takes it, without what may be an identity number."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()
    if "\0" in text:
        text = text.replace("\0", "")
    if len(text) >= 11:
        text = _LONG_NUMBER.sub("…", text)
    return text[:length]
