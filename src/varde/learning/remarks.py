"""What readers say is wrong with their reports, kept for whoever runs the service."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from varde.access import audit
from varde.learning.models import Remark
from varde.learning.own_words import WordsProblem, check_words
from varde.learning.sealed_rows import alone, bind_remark, open_sealer
from varde.prescribing.reports import Report


class RemarkProblem(ValueError):
    """What was written cannot be kept.

    Attributes:
        code: ``empty``, ``long`` or ``identity``.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"the remark cannot be kept: {code}")


class Remarked(NamedTuple):
    """One remark, opened."""

    number: int
    kind: str
    variant: str
    unit: str
    year: int
    said_at: datetime
    said_by: str
    text: str


def keep_remark(user: Any, report: Report, text: str) -> int:
    """Keep what a reader says is wrong; its number.

    Raises:
        RemarkProblem: there is nothing, too much, or what may be an identity number.
    """
    try:
        words = check_words(text, needed=True)
    except WordsProblem as problem:
        raise RemarkProblem(problem.code) from None
    sealer = open_sealer()
    with alone():
        seal = sealer.current()
        row = Remark(
            kind=report.kind,
            variant=report.variant,
            unit=report.unit,
            year=report.until.year,
            said_at=timezone.now(),
            said_by=user.username,
            key_id=seal.key_id,
        )
        row.sealed = seal.close(words.encode(), bind_remark(row))
        row.save()
        audit.record(
            user, "hand-in", "report", f"remark on report {report.until.year}", 1, "quality"
        )
    return int(row.id)


def list_remarks() -> list[Remarked]:
    """What is not settled, the oldest first.

    Raises:
        KeyProblem: something does not open.
    """
    sealer = open_sealer()
    return [
        Remarked(
            number=row.id,
            kind=row.kind,
            variant=row.variant,
            unit=row.unit,
            year=row.year,
            said_at=row.said_at,
            said_by=row.said_by,
            text=sealer.open(row.sealed, bind_remark(row), row.key_id).decode(),
        )
        for row in Remark.objects.filter(settled_at__isnull=True).order_by("said_at", "id")
    ]


def settle_remark(number: int) -> bool:
    """Take a remark off the list; whether it was on it."""
    with alone():
        rows = Remark.objects.filter(id=number, settled_at__isnull=True)
        return bool(rows.update(settled_at=timezone.now()))
