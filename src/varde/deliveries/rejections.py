"""Rejected rows: kept sealed, shown with reasons, handed out to be corrected.

A rejection is closed when a delivery of higher rank has an accepted row of the same key, or when a correction says
which rejected row it is for. A row of a correction that cannot be used either takes the place of the one that it is for:
it holds the latest that somebody wrote, and why that is wrong. All attempts at one row are named after the first, so that
the latest counts, whatever becomes of those between. That is worked out when somebody asks, so it holds whatever order
deliveries came in, and a rejection opens again when what closed it is removed.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from varde.access.sealed_files import SealedReader
from varde.deliveries.folder import Store, folder_of, look
from varde.deliveries.manifest import Delivery, Manifest, read_manifest
from varde.deliveries.replacing import connect
from varde.prescribing import layouts
from varde.prescribing.reading import ANSWERS, answering

DELIMITER: Final = ";"
OPEN_QUOTATION: Final = "open-quotation"

Numbers = np.ndarray[Any, np.dtype[np.int64]]


class RowError(msgspec.Struct, frozen=True):
    """One thing that is wrong with a row.

    Attributes:
        column: empty when it is the row as a whole.
        reason: a key of `varde.prescribing.reading.reasons`.
        shown: the offending value, masked.
    """

    column: str
    reason: str
    shown: str


class RejectedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that waits to be corrected.

    Attributes:
        delivery: the id of its delivery; `name` is that of the file.
        row: its number in the file, as an editor counts lines.
        errors: all that is wrong with it.
    """

    delivery: str
    name: str
    table: str
    row: int
    errors: tuple[RowError, ...]


def list_rejected(home: Path, table: str = "", delivery: str = "") -> Iterator[RejectedRow]:
    """The rows that wait, in the order of deliveries and rows; what they hold is not in it.

    Args:
        table, delivery: only of these; empty: all.

    Raises:
        NoDelivery: there is no delivery of that id.
        KeyProblem: the keys are not at hand.
    """
    manifest = read_manifest(folder_of(home))
    if delivery:
        manifest.find(delivery)
    if not manifest.deliveries:
        return
    store = look(home)
    for each in manifest.deliveries:
        if (not table or each.table == table) and (not delivery or each.id == delivery):
            for batch in _open_batches(store, manifest, each, ["row", "errors"]):
                for row in batch.to_pylist():
                    errors = tuple(RowError(**error) for error in row["errors"])
                    yield RejectedRow(
                        delivery=each.id,
                        name=each.name,
                        table=each.table,
                        row=row["row"],
                        errors=errors,
                    )


def write_rejected(home: Path, delivery: str) -> Iterator[bytes]:
    """The rows of one delivery that wait, as a CSV file to correct and hand in again: every cell as it came.

    It has the columns of the file, and before them two that say which row each is; of a correction, which row it was
    to correct. A row with too few cells has too few here as well: it is wrong until somebody changes it. It may hold
    personal data.

    Raises:
        NoDelivery, KeyProblem: as `list_rejected`.
    """
    manifest = read_manifest(folder_of(home))
    found = manifest.find(delivery)
    store = look(home)
    theirs = answering(found.headings)
    first = {row: (which, number) for row, which, number in found.again}
    yield codecs.BOM_UTF8 + _line([*ANSWERS, *_without(found.headings, theirs)])
    for batch in _open_batches(store, manifest, found, ["row", "cells", "errors"]):
        for row in batch.to_pylist():
            which, number = first.get(row["row"], (found.id, row["row"]))
            cells = [which, str(number), *_without(row["cells"], theirs)]
            torn = any(error["reason"] == OPEN_QUOTATION for error in row["errors"])
            # In quotation marks of their own, marks that are out of place would be good ones.
            yield f"{DELIMITER.join(cells)}\r\n".encode() if torn else _line(cells)


def _without(cells: Sequence[str], places: Collection[int]) -> list[str]:
    return [cell for place, cell in enumerate(cells) if place not in places]


def _line(cells: Iterable[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=DELIMITER, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode("utf-8")


def count_open(store: Store, deliveries: Sequence[Delivery]) -> int:
    """How many rejected rows of these deliveries wait."""
    manifest = store.manifest()
    return sum(
        each.rejected - len(_closed(store, manifest, each)) for each in deliveries if each.rejected
    )


def count_closed(store: Store, new: Delivery, others: Sequence[Delivery]) -> int:
    """How many rejected rows of other deliveries wait and are right once a new one is among them."""
    manifest = store.manifest()
    count = 0
    for each in others:
        if each.rejected:
            matched = _closed_by(store, each, [new], again=False)
            if len(matched):
                count += len(np.setdiff1d(matched, _closed(store, manifest, each)))
    return count


def count_waiting(home: Path) -> dict[str, int]:
    """Delivery → how many of its rejected rows wait; those without any are left out.

    Raises:
        KeyProblem: the keys are not at hand.
    """
    if not any(each.rejected for each in read_manifest(folder_of(home)).deliveries):
        return {}
    store = look(home)
    counts = {each.id: count_open(store, [each]) for each in store.manifest().deliveries}
    return {key: count for key, count in counts.items() if count}


def _open_batches(
    store: Store, manifest: Manifest, delivery: Delivery, columns: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    if not delivery.rejected or delivery.state != "read":
        return
    closed = _closed(store, manifest, delivery)
    for batch in _batches(store, delivery, columns):
        kept = ~np.isin(batch.column("row").to_numpy(), closed)
        yield batch.filter(pa.array(kept))


def _batches(store: Store, delivery: Delivery, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    key = store.key_of(delivery)
    with SealedReader(store.rejected(delivery), key, "rejected") as sealed:
        yield from pq.ParquetFile(sealed).iter_batches(columns=list(columns))


def _closed(store: Store, manifest: Manifest, delivery: Delivery) -> Numbers:
    """The numbers of the rejected rows that need nothing more."""
    read = [each for each in manifest.deliveries if each.state == "read"]
    return _closed_by(store, delivery, read)


def _closed_by(
    store: Store, delivery: Delivery, others: Sequence[Delivery], *, again: bool = True
) -> Numbers:
    """The numbers of the rejected rows of one delivery that others say they are for, or have, if later, by key.

    Args:
        again: whether rows count that are for one and cannot be used either.
    """
    answered = np.array(sorted(_answered(delivery, others, again)), np.int64)
    later = [each for each in others if each.table == delivery.table and each.rank > delivery.rank]
    files = [str(store.folder / file.file.path) for each in later for file in each.keys]
    if not files and not len(answered):
        return answered
    rejected = pa.Table.from_batches(_batches(store, delivery, ["row", "key"]))
    # Somebody may have said a row that there is not.
    answered = np.intersect1d(answered, rejected.column("row").to_numpy())
    if not files:
        return answered
    names = layouts()[delivery.table].identified_by
    same = " AND ".join(
        f'mine.key[{number}] = theirs."{name}"::VARCHAR' for number, name in enumerate(names, 1)
    )
    with TemporaryDirectory(prefix="varde-") as scratch, connect(Path(scratch)) as connection:
        connection.register("mine", rejected)
        # The statement is put together from the names of a layout, values never.
        found = connection.execute(
            "SELECT mine.row FROM mine SEMI JOIN "  # noqa: S608
            f"read_parquet($files, hive_partitioning = false, union_by_name = true) AS theirs ON {same}",
            {"files": files},
        ).fetchnumpy()
    return np.union1d(np.asarray(found["row"], np.int64), answered)


def _answered(delivery: Delivery, others: Sequence[Delivery], again: bool) -> set[int]:
    """The numbers of the rows of a delivery that others say they are for, or, if later, were to correct the same as."""
    attempts: dict[tuple[str, int], set[int]] = {}
    for row, which, number in delivery.again:
        attempts.setdefault((which, number), set()).add(row)
    found: set[int] = set()
    for each in others:
        if each.table != delivery.table:
            continue
        said = set(each.answers)
        if again:
            said |= {(which, number) for _, which, number in each.again}
        found |= {number for which, number in said if which == delivery.id}
        if each.rank > delivery.rank:
            for pair in said & attempts.keys():
                found |= attempts[pair]
    return found
