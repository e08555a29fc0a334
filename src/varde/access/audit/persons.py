"""Whom an entry of the access log is about: a keyed hash, by which nobody can be found without the key.

HMAC-SHA256 (RFC 2104) over the register's pseudonym of a person, under a key of the log's own. So the log joins
with the register for nobody who has not both keys. The key changes with the others (`varde keys rotate`); the
earlier are kept and asked too.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from varde.access.audit import rows
from varde.access.audit.keys import PERSONS, AuditKeys
from varde.access.keys import KeyProblem
from varde.access.models import AccessLogEntry, User
from varde.access.purposes import say_purpose
from varde.access.roles import roles

PSEUDONYM_BYTES = 32
_LOOK = 200
_cache: dict[tuple[str, object], dict[str, bytes]] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Look:
    """One look at a person, as that person is shown it.

    Attributes:
        at: when.
        actor: the user name, or the client or operator.
        name: what the pages call the user; empty for one who is gone, and for others than users.
        role: key of the role that it was done as; empty where there was none.
        role_name, purpose: in words.
        area: what the role was limited to.
        action, page, what: keys of the log.
        sequence: number of the entry.
    """

    sequence: int
    at: datetime
    actor: str
    name: str
    role: str
    role_name: str
    area: str
    action: str
    page: str
    what: str
    purpose: str


def hash_person(pseudonym: bytes) -> tuple[str, str]:
    """(id of the key, 64 hexadecimal digits) that an entry about the person holds.

    Args:
        pseudonym: the 32 bytes that the register knows the person by.

    Raises:
        KeyProblem: the keys are not at hand.
        ValueError: it is no pseudonym.
    """
    _check(pseudonym)
    key_id, key = next(iter(_keys().items()))
    return key_id, _hash(key, pseudonym)


def list_looks(pseudonyms: Iterable[bytes], language: str = "nb") -> Iterator[Look]:
    """Who has seen a person, oldest first.

    Whoever shows this to somebody must have the right ``show-lookups``, and logs it.

    Args:
        pseudonyms: all that the register knows the person by.
        language: "nb" or "en", of roles and purposes.

    Raises:
        KeyProblem: the keys are not at hand.
        ValueError: one is no pseudonym.
    """
    given = list(pseudonyms)
    for pseudonym in given:
        _check(pseudonym)
    hashes = [_hash(key, each) for key in _keys().values() for each in given]
    found: set[int] = set()
    for start in range(0, len(hashes), _LOOK):
        found.update(rows.find_about(hashes[start : start + _LOOK]))
    numbers = sorted(found)
    for start in range(0, len(numbers), _LOOK):
        entries = AccessLogEntry.objects.filter(id__in=numbers[start : start + _LOOK])
        some = list(entries.order_by("id"))
        names = dict(
            User.objects.filter(username__in={entry.actor for entry in some}).values_list(
                "username", "display_name"
            )
        )
        for entry in some:
            role = roles().get(entry.role)
            yield Look(
                sequence=entry.pk,
                at=entry.at,
                actor=entry.actor,
                name=names.get(entry.actor, ""),
                role=entry.role,
                role_name=role.name.in_language(language) if role else "",
                area=entry.area,
                action=entry.action,
                page=entry.page,
                what=entry.object_kind,
                purpose=say_purpose(entry.purpose, language),
            )


def _check(pseudonym: bytes) -> None:
    # Never a number, and never a number's digits as bytes.
    if not isinstance(pseudonym, bytes | bytearray | memoryview) or len(pseudonym) != (
        PSEUDONYM_BYTES
    ):
        raise ValueError("a person is named by the register's pseudonym, 32 bytes")


def _hash(key: bytes, pseudonym: bytes) -> str:
    return hmac.digest(key, b"varde/audit/person|" + bytes(pseudonym), "sha256").hex()


def _keys() -> dict[str, bytes]:
    """The keys, read anew when their file has changed; made where none ever hashed anything."""
    source = AuditKeys(Path(settings.VARDE_HOME), PERSONS)
    if source.from_environment:
        return source.read()
    try:
        found = source.file.stat()
        stamp: object = (found.st_mtime_ns, found.st_ino, found.st_size)
    except FileNotFoundError:
        if rows.any_about() and not source.file.exists():  # another process may just have made it
            raise KeyProblem(
                f"the key that persons are hashed under in the access log is not there ({source.file} is "
                "missing): put it back. Make no new one"
            ) from None
        return source.read(make=True)
    cached = (str(source.file), stamp)
    with _lock:
        if cached not in _cache:
            _cache.clear()
            _cache[cached] = source.read()
        return _cache[cached]
