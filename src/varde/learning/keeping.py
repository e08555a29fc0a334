"""Reports kept for their readers: one for each kind, variant, reader and year, sealed."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

import msgspec
from django.utils import timezone

from varde.access.sealing import Sealer
from varde.learning.models import KeptReport
from varde.learning.sealed_rows import alone, bind_report, open_sealer
from varde.prescribing.reports import Kind, Report

_AT_A_TIME = 100


def keep_reports(reports: Iterable[Report]) -> int:
    """Keep reports, some in memory at a time. One that is there already and says the same is left as it is; one that
    says something else takes its place.

    Returns:
        How many became other than what was kept.

    Raises:
        KeyProblem: the keys cannot be read, or one that sealed a report is not at hand.
    """
    sealer = open_sealer()
    return sum(_keep(batch, sealer) for batch in _in_batches(reports))


def read_report(kind: Kind, unit: str, year: int, variant: str) -> Report | None:
    """The report of one reader; None where none was kept.

    Raises:
        KeyProblem: it does not open.
    """
    row = KeptReport.objects.filter(kind=kind, unit=unit, year=year, variant=variant).first()
    return None if row is None else msgspec.json.decode(open_row(row, open_sealer()), type=Report)


def list_years(kind: Kind, unit: str) -> list[int]:
    """The years that a reader has a report of, the newest first."""
    rows = KeptReport.objects.filter(kind=kind, unit=unit)
    return list(rows.order_by("-year").values_list("year", flat=True).distinct())


def list_variants(kind: Kind, unit: str, year: int) -> list[str]:
    """The variants of a reader's report of a year, in alphabetical order."""
    rows = KeptReport.objects.filter(kind=kind, unit=unit, year=year)
    return list(rows.order_by("variant").values_list("variant", flat=True))


def made_at(kind: Kind, unit: str, year: int, variant: str) -> datetime | None:
    """When a report last became another; None where none was kept."""
    rows = KeptReport.objects.filter(kind=kind, unit=unit, year=year, variant=variant)
    return rows.values_list("made_at", flat=True).first()


def _in_batches(reports: Iterable[Report]) -> Iterator[list[Report]]:
    source = iter(reports)
    while batch := list(islice(source, _AT_A_TIME)):
        yield batch


def open_row(row: KeptReport, sealer: Sealer) -> bytes:
    """A kept report as JSON.

    Raises:
        KeyProblem: it does not open.
    """
    return zlib.decompress(sealer.open(row.sealed, bind_report(row), row.key_id))


def _place(row: KeptReport) -> tuple[str, str, str, int]:
    return row.kind, row.variant, row.unit, row.year


def _keep(reports: Sequence[Report], sealer: Sealer) -> int:
    """Keep a batch; of two reports of one place the last one stays."""
    rows = {}
    for report in reports:
        row = KeptReport(
            kind=report.kind, variant=report.variant, unit=report.unit, year=report.until.year
        )
        rows[_place(row)] = (row, msgspec.json.encode(report))
    changed = 0
    with alone():
        seal, now = sealer.current(), timezone.now()
        there = KeptReport.objects.filter(unit__in={new.unit for new, _ in rows.values()})
        kept = {_place(row): row for row in there}
        for place, (new, content) in rows.items():
            old = kept.get(place)
            if old is not None and open_row(old, sealer) == content:
                continue
            at = new if old is None else old
            at.key_id = seal.key_id
            at.sealed = seal.close(zlib.compress(content), bind_report(at))
            at.made_at = now
            at.save()
            changed += 1
    return changed
