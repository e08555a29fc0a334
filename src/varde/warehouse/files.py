"""Write one Parquet file from a stream of record batches, in bounded memory, named by content."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from varde.warehouse.errors import SchemaMismatch
from varde.warehouse.manifest import FileEntry, sync_folder

ROW_GROUP_ROWS: Final = 122_880
"""What DuckDB hands to one thread at a time; also the most rows held in memory while writing."""


def write_file(
    folder: Path, below: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]
) -> FileEntry | None:
    """Stream the batches into ``folder/below/<sha256>.parquet``; None when there is no row.

    The file appears under its name only when it is complete and on disk.

    Raises:
        SchemaMismatch: a batch has other columns or types than `schema`.
    """
    groups = _group(_check(batches, schema), schema)
    first = next(groups, None)
    if first is None:
        return None
    target = folder / below
    target.mkdir(parents=True, exist_ok=True)
    temporary = target / f".{os.getpid()}.tmp"
    rows = _write_rows(temporary, schema, chain((first,), groups))
    return adopt_file(folder, below, temporary, rows)


def adopt_file(folder: Path, below: str, temporary: Path, rows: int) -> FileEntry:
    """Move a finished file of the same file system to ``folder/below/<sha256>.parquet``, where it survives a power cut.

    Args:
        rows: how many rows it has.
    """
    target = folder / below
    target.mkdir(parents=True, exist_ok=True)
    size, digest = _settle(temporary)
    path = target / f"{digest}.parquet"
    temporary.replace(path)
    for made in (target, target.parent, folder):
        sync_folder(made)
    return FileEntry(path=f"{below}/{path.name}", rows=rows, bytes=size, sha256=digest)


def _write_rows(path: Path, schema: pa.Schema, groups: Iterable[pa.Table]) -> int:
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in groups:
            writer.write_table(group, row_group_size=ROW_GROUP_ROWS)
            rows += group.num_rows
    return rows


def _check(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        if batch.schema.names != schema.names or batch.schema.types != schema.types:
            raise SchemaMismatch(_describe_difference(batch.schema, schema))
        try:
            yield batch.cast(schema)  # the types are equal: this looks for forbidden nulls
        except ValueError as error:
            raise SchemaMismatch(
                f"the source left out a value that must be there: {error}"
            ) from None


def _describe_difference(theirs: pa.Schema, ours: pa.Schema) -> str:
    got = {field.name: str(field.type) for field in theirs}
    expected = {field.name: str(field.type) for field in ours}
    wrong = sorted(name for name in expected.keys() | got if expected.get(name) != got.get(name))
    return (
        f"the source's columns differ from the schema in {', '.join(wrong) or 'their order'}: "
        f"expected {expected}, got {got}"
    )


def _group(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Gather small batches into row groups, so that files do not depend on the batch size."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        start = 0
        while start < batch.num_rows:
            piece = batch.slice(start, ROW_GROUP_ROWS - rows)
            held.append(piece)
            rows += piece.num_rows
            start += piece.num_rows
            if rows == ROW_GROUP_ROWS:
                yield pa.Table.from_batches(held, schema)
                held, rows = [], 0
    if held:
        yield pa.Table.from_batches(held, schema)


def _settle(path: Path) -> tuple[int, str]:
    """Flush the file to disk; its size and hash."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return path.stat().st_size, digest
