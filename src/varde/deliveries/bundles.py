"""Bundles of administered drugs (FHI's LMDI) as deliveries: their rows, what they delete, and what senders are told.

A bundle is two deliveries. The bundle itself, sealed byte for byte, is one of the table ``administrations``; what it
says of organisations is written as rows of the table ``institutions``, and is one of that. Both are dated by the bundle's
own time, so that neither the order in which bundles come nor how often changes the tables.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import BinaryIO, Final

import pyarrow as pa

from varde.messages.lmdi import (
    Administration,
    BundleRead,
    BundleRefused,
    Institution,
    Outcome,
    read_bundle,
)
from varde.prescribing import Layout, layouts
from varde.prescribing.reading import REJECTED, Batch, FileRefused, accepted_schema

FORMAT: Final = "lmdi"
SERIES: Final = "lmdi"
"""Of the patients in bundles, whoever sends them: national numbers are the same everywhere."""

SINCE_EVER: Final = date(1900, 1, 1)
"""Since when a row of an organisation in a bundle is said to hold: bundles do not say. Of two rows of an institution the
one that began later counts, so a table of institutions that somebody delivers is never overruled by bundles."""

BATCH_ROWS: Final = 65_536
HEADINGS: Final = ("entry",)


@dataclass(frozen=True)
class OpenBundle:
    """A bundle that was read; as `varde.prescribing.reading.OpenFile`."""

    read: BundleRead = field(repr=False)
    layout: Layout
    headings: tuple[str, ...] = HEADINGS

    def batches(self) -> Iterator[Batch]:
        """Its rows: the number of a row is that of its entry, from 0."""
        given = self.read.administrations
        for first in range(0, len(given), BATCH_ROWS):
            rows = [_row(each) for each in given[first : first + BATCH_ROWS]]
            yield Batch(accepted=_accepted(rows, self.layout), rejected=_rejected(()))
        refused = self.read.refused
        for first in range(0, len(refused), BATCH_ROWS):
            yield Batch(
                accepted=_accepted([], self.layout),
                rejected=_rejected(refused[first : first + BATCH_ROWS]),
            )

    def deleted(self) -> pa.Table:
        """What it deletes: the columns of `Layout.identified_by`, and ``row``."""
        names = (*self.layout.identified_by, "row")
        schema = pa.schema([accepted_schema(self.layout).field(name) for name in names])
        gone = self.read.deletions
        return pa.table([[each.key for each in gone], [each.entry for each in gone]], schema=schema)


def open_bundle(
    file: BinaryIO, *, table: str, name: str, latest: date | None, source: str
) -> OpenBundle:
    """Read a bundle.

    Args:
        latest: it cannot have been made later.
        source: who sends it: see `read_bundle`.

    Raises:
        FileRefused: nothing of it can be used.
    """
    file.seek(0)
    try:
        read = read_bundle(file.read(), owner=source)
    except BundleRefused as error:
        raise FileRefused(error.reason, error.place, error.detail) from None
    if latest is not None and read.made_at.date() > latest:
        raise FileRefused("lmdi-timestamp", "Bundle.timestamp", read.made_at.date().isoformat())
    return OpenBundle(read, layouts()["administrations"])


def validate_bundle(data: bytes, *, source: str, now: datetime) -> tuple[Outcome, ...]:
    """What would become of each entry of a bundle; nothing is kept.

    Raises:
        FileRefused: nothing of it can be used.
    """
    latest = now.date() + timedelta(1)
    opened = open_bundle(io.BytesIO(data), table="", name="", latest=latest, source=source)
    return opened.read.outcomes


def dated(data: bytes, source: str, now: datetime) -> tuple[datetime, BundleRead | None]:
    """When a bundle is delivered, for deliveries: when it was made, unless that lies ahead or cannot be read."""
    try:
        read = read_bundle(data, owner=source)
    except BundleRefused:
        return now, None
    return min(read.made_at, now), read


def write_institutions(rows: tuple[Institution, ...]) -> bytes:
    """What bundles say of organisations, as a file of the table ``institutions``: the same rows are the same bytes."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(("institution", "since", "name", "kind", "part_of", "municipality"))
    for row in rows:
        kept = (row.institution, SINCE_EVER.isoformat(), row.name, row.kind)
        writer.writerow((*kept, row.part_of, row.municipality))
    return out.getvalue().encode("utf-8")


def _row(given: Administration) -> dict[str, object]:
    return {
        "administration_id": given.key,
        "institution": given.institution,
        "given_on": given.given_on,
        "patient": given.patient,
        "age": given.age,
        "sex": given.sex or None,
        "atc": given.atc,
        "route": given.route,
        "ddd": given.ddd,
        "ddd_version": given.ddd_version,
        "reason_system": given.reason_system or None,
        "reason_code": given.reason_code or None,
        "row": given.entry,
    }


def _accepted(rows: list[dict[str, object]], layout: Layout) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(rows, schema=accepted_schema(layout))


def _rejected(refused: tuple[Outcome, ...]) -> pa.RecordBatch:
    """Entries that cannot be used. What they hold is in the sealed bundle, and nowhere else."""
    rows = [
        {
            "row": each.entry,
            "key": [each.key] if each.key else None,
            "cells": [f"Bundle.entry[{each.entry}] {each.kind}".strip()],
            "errors": [
                {
                    "column": each.place.partition(f"Bundle.entry[{each.entry}].")[2] or each.place,
                    "reason": each.reason,
                    "shown": each.detail,
                }
            ],
        }
        for each in refused
    ]
    return pa.RecordBatch.from_pylist(rows, schema=REJECTED)
