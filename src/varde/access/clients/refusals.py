"""Why a sender is not let in: a small tree of errors, with words from ``data/refusals.json``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from msgspec import Struct
from msgspec.json import decode

from varde.access.roles import Words

DATA = Path(__file__).parents[1] / "data" / "refusals.json"

Subject = Literal["assertion", "token", "call", "proof", "certificate", "request"]
"""What was wrong: the client assertion, the access token, the token that signs a call of CDS Hooks, the DPoP proof, the
client certificate, or the request that they came with."""


class _Subject(Struct, frozen=True, forbid_unknown_fields=True):
    key: Subject
    name: Words
    error: str


class Reason(Struct, frozen=True, forbid_unknown_fields=True):
    """One reason to refuse.

    Attributes:
        code: stable, for programs.
        status: the HTTP status at an intake address. The token address answers 400 where this is 401 or 403.
        title: the same for every refusal with this code.
        text: what was wrong and what to do; ``{subject}`` is what it is about.
        error: the error code of OAuth; empty: that of the subject.
    """

    code: str
    status: int
    title: Words
    text: Words
    error: str = ""


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    subjects: tuple[_Subject, ...]
    refusals: tuple[Reason, ...]


@cache
def _file() -> _File:
    return decode(DATA.read_bytes(), type=_File)


@cache
def reasons() -> Mapping[str, Reason]:
    """Every reason by its code."""
    return MappingProxyType({one.code: one for one in _file().refusals})


@cache
def _subjects() -> Mapping[str, _Subject]:
    return MappingProxyType({one.key: one for one in _file().subjects})


class ClientError(Exception):
    """Anything that is wrong with a sender."""


class ClientInvalid(ClientError):
    """What an operator wants to register cannot be a client; the message says what and what to do."""


class ClientRefused(ClientError):
    """A sender is not let in.

    Args:
        code: one of `reasons`.
        subject: what was wrong.
        claimed: the registered client that the request says it is from, known or not to be true; empty when
            it names none.
        proven: whether the request is known to be from that client.
    """

    def __init__(
        self, code: str, subject: Subject = "request", *, claimed: str = "", proven: bool = False
    ) -> None:
        self.reason = reasons()[code]
        self.code = code
        self.subject: Subject = subject
        self.claimed = claimed
        self.proven = proven
        super().__init__(self.text("en"))

    @property
    def status(self) -> int:
        """HTTP status at an intake address."""
        return self.reason.status

    @property
    def error(self) -> str:
        """Error code of OAuth; empty when there is none (a certificate)."""
        return self.reason.error or _subjects()[self.subject].error

    def title(self, language: str) -> str:
        """What kind of refusal it is, in ``nb`` or ``en``."""
        return self.reason.title.in_language(language)

    def text(self, language: str) -> str:
        """What was wrong and what to do, in ``nb`` or ``en`` (the English is plain ASCII)."""
        name = _subjects()[self.subject].name.in_language(language)
        return self.reason.text.in_language(language).format(subject=name)

    def by(self, client_id: str, *, proven: bool) -> ClientRefused:
        """The same, and which registered client it is said, or known, to be."""
        self.claimed, self.proven = client_id, proven
        return self


class OverLimit(ClientRefused):
    """A client sends more than it may.

    Args:
        retry_after: whole seconds until the same request may pass; None when it never may.
    """

    def __init__(self, code: str, client_id: str, retry_after: int | None) -> None:
        self.retry_after = retry_after
        super().__init__(code, claimed=client_id, proven=True)
