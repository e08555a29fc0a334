"""Why a question about earlier analyses is not answered, as a problem (RFC 9457) in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.http import HttpResponse
from msgspec.json import decode, encode

from varde.access.clients import ClientRefused
from varde.web.intake import refusals
from varde.web.intake.refusals import PROBLEM_JSON, IntakeRefused, Reason, dress

DATA = Path(__file__).with_name("earlier_refusals.json")


@cache
def own_reasons() -> Mapping[str, Reason]:
    """Every reason of this address by its code."""
    file = decode(DATA.read_bytes(), type=refusals.File)
    return MappingProxyType({reason.code: reason for reason in file.refusals})


class QuestionRefused(IntakeRefused):
    """A question is not answered, and nothing of it is kept but a line in the access log where it was about
    somebody.

    Args:
        code: one of `own_reasons`.
        detail, retry_after: as of `IntakeRefused`.
    """

    def __init__(self, code: str, detail: str = "", retry_after: int | None = None) -> None:
        super().__init__(code, detail, retry_after, own_reasons())


def refuse(error: IntakeRefused | ClientRefused) -> HttpResponse:
    """The answer to a question that is refused."""
    problem: dict[str, Any] = {
        "type": f"tag:varde.example,2026:earlier-analyses/{error.code}",
        "title": error.title("nb"),
        "status": error.status,
        "detail": error.text("nb"),
        "code": error.code,
        "title_en": error.title("en"),
        "detail_en": error.text("en"),
    }
    response = HttpResponse(encode(problem), content_type=PROBLEM_JSON, status=error.status)
    return dress(response, error)
