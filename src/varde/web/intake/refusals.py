"""Why something handed in is not taken, as a problem (RFC 9457) in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.http import HttpResponse
from msgspec import Struct
from msgspec.json import decode, encode

from varde.access.clients import ClientRefused, OverLimit, challenge
from varde.access.roles import Words
from varde.register import DoorClosed, DoorError, DoorFull

DATA = Path(__file__).with_name("refusals.json")
PROBLEM_JSON = "application/problem+json"


class Reason(Struct, frozen=True, forbid_unknown_fields=True):
    """One reason; ``{detail}`` in its texts is what was wrong this time."""

    code: str
    status: int
    title: Words
    text: Words


class File(Struct, frozen=True, forbid_unknown_fields=True):
    """A file of reasons."""

    version: str
    source: str
    refusals: tuple[Reason, ...]


@cache
def reasons() -> Mapping[str, Reason]:
    """Every reason by its code."""
    file = decode(DATA.read_bytes(), type=File)
    return MappingProxyType({reason.code: reason for reason in file.refusals})


class IntakeRefused(Exception):
    """Something handed in is not taken, and nothing of it is kept.

    Args:
        code: one of `reasons`.
        detail: what was wrong this time.
        retry_after: seconds until it is worth trying again; None for never, as it is.
        among: the reasons that `code` is one of.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        retry_after: int | None = None,
        among: Mapping[str, Reason] | None = None,
    ) -> None:
        self.reason = (reasons() if among is None else among)[code]
        self.code = code
        self.detail = detail
        self.retry_after = retry_after
        super().__init__(self.text("en"))

    @property
    def status(self) -> int:
        """HTTP status."""
        return self.reason.status

    def title(self, language: str) -> str:
        """What kind of refusal it is, in ``nb`` or ``en``."""
        return self.reason.title.in_language(language)

    def text(self, language: str) -> str:
        """What was wrong and what to do, in ``nb`` or ``en``."""
        return self.reason.text.in_language(language).format(detail=self.detail)


def refusal_of(error: DoorError) -> IntakeRefused:
    """What the door said, for the sender."""
    if isinstance(error, DoorFull):
        return IntakeRefused("busy", str(error.seconds), error.seconds)
    if isinstance(error, DoorClosed):
        return IntakeRefused("closing", retry_after=30)
    return IntakeRefused("not-durable", retry_after=30)


def refuse(error: IntakeRefused | ClientRefused) -> HttpResponse:
    """The answer to something that is not taken: status, what to do, and when to try again."""
    problem: dict[str, Any] = {
        "type": f"tag:varde.example,2026:intake/{error.code}",
        "title": error.title("nb"),
        "status": error.status,
        "detail": error.text("nb"),
        "code": error.code,
        "title_en": error.title("en"),
        "detail_en": error.text("en"),
    }
    return dress(
        HttpResponse(encode(problem), content_type=PROBLEM_JSON, status=error.status), error
    )


def dress(response: HttpResponse, error: IntakeRefused | ClientRefused) -> HttpResponse:
    """The answer with the headers of the refusal."""
    if isinstance(error, ClientRefused) and error.status in (401, 403):
        response["WWW-Authenticate"] = challenge(error)
    if isinstance(error, IntakeRefused | OverLimit) and error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    if isinstance(error, IntakeRefused) and error.code == "wrong-method":
        response["Allow"] = error.detail
    return response
