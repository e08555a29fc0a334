"""Rows of one delivery written to files while they are read: accepted ones by year, rejected ones sealed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from varde.access.sealed_files import DataKey, SealedWriter
from varde.deliveries.manifest import YearFile
from varde.prescribing import Layout
from varde.prescribing.reading import REJECTED, Batch, accepted_schema
from varde.warehouse import ROW_GROUP_ROWS, adopt_file, write_file

HELD_ROWS: Final = 8 * ROW_GROUP_ROWS
"""Rows of all years that wait in memory for a row group to be full."""

Rename = Callable[[str], int]
"""The source's pseudonym → Varde's own."""


def kept_schema(layout: Layout) -> pa.Schema:
    """The columns of accepted rows as they are kept: those of `Layout.kept`, and the number of the row."""
    return layout.kept.append(accepted_schema(layout).field("row"))


class YearWriter:
    """Accepted rows, to one file for each year of `Layout.dated_by`."""

    def __init__(self, folder: Path, layout: Layout) -> None:
        self.folder = folder
        self.layout = layout
        self.schema = kept_schema(layout)
        self.writers: dict[int, pq.ParquetWriter] = {}
        self.held: dict[int, list[pa.RecordBatch]] = {}
        self.rows: Counter[int] = Counter()
        self.waiting: Counter[int] = Counter()

    def path(self, year: int) -> Path:
        """The file of a year."""
        return self.folder / f"{year}.parquet"

    def add(self, batch: pa.RecordBatch) -> None:
        """Write some rows."""
        if not batch.num_rows:
            return
        years = pc.year(batch.column(self.layout.dated_by))
        for year in sorted(pc.unique(years).to_pylist()):
            self.held.setdefault(year, []).append(batch.filter(pc.equal(years, year)))
            self.waiting[year] += self.held[year][-1].num_rows
            if self.waiting[year] >= ROW_GROUP_ROWS:
                self._flush(year)
        while self.waiting.total() > HELD_ROWS:
            self._flush(self.waiting.most_common(1)[0][0])

    def _flush(self, year: int) -> None:
        if year not in self.writers:
            self.writers[year] = pq.ParquetWriter(self.path(year), self.schema, compression="zstd")
        table = pa.Table.from_batches(self.held.pop(year), self.schema)
        self.writers[year].write_table(table, row_group_size=ROW_GROUP_ROWS)
        self.rows[year] += table.num_rows
        del self.waiting[year]

    def close(self) -> None:
        """Write what waits; the files are whole then."""
        for year in list(self.held):
            self._flush(year)
        for writer in self.writers.values():
            writer.close()

    def abandon(self) -> None:
        """Let go of files that nobody is going to want."""
        for writer in self.writers.values():
            writer.close()

    @property
    def years(self) -> list[int]:
        """The years that have rows."""
        return sorted(self.rows)


class RejectedWriter:
    """Rejected rows, to one sealed file that is made when there is one."""

    def __init__(self, path: Path, key: DataKey) -> None:
        self.path = path
        self.key = key
        self.rows = 0
        self.reasons: Counter[tuple[str, str]] = Counter()
        self._file: SealedWriter | None = None
        self._writer: pq.ParquetWriter | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        """Write some rows, and count what is wrong with them."""
        if not batch.num_rows:
            return
        if self._writer is None:
            self._file = SealedWriter(self.path, self.key, "rejected")
            self._writer = pq.ParquetWriter(
                pa.PythonFile(self._file, "w"), REJECTED, compression="zstd"
            )
        self._writer.write_batch(batch)
        self.rows += batch.num_rows
        errors = pc.list_flatten(batch.column("errors"))
        counted = (
            pa.table({name: pc.struct_field(errors, name) for name in ("reason", "column")})
            .group_by(["reason", "column"])
            .aggregate([([], "count_all")])
        )
        for row in counted.to_pylist():
            self.reasons[row["reason"], row["column"]] += row["count_all"]

    def close(self) -> None:
        """The file is whole and durable then."""
        if self._writer is not None and self._file is not None:
            self._writer.close()
            self._file.close()

    def abandon(self) -> None:
        """Let go of a file that is not whole."""
        if self._writer is not None and self._file is not None:
            self._writer.close()
            self._file.abandon()


@dataclass
class Renamer:
    """Patients' pseudonyms replaced, batch by batch; each different one is worked out once a batch."""

    column: str
    rename: Rename

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        encoded = batch.column(self.column).dictionary_encode()
        renamed = pa.array(list(map(self.rename, encoded.dictionary.to_pylist())), pa.int64())
        place = batch.schema.get_field_index(self.column)
        field = batch.schema.field(place).with_type(pa.int64())
        return batch.set_column(place, field, renamed.take(encoded.indices))


@dataclass
class Staged:
    """What came of reading a file once.

    Attributes:
        answers: row → the delivery and row that it corrects.
        again: those of these rows that cannot be used either.
    """

    years: YearWriter
    rejected: RejectedWriter
    told: Counter[tuple[str, str]] = field(default_factory=Counter)
    answers: dict[int, tuple[str, int]] = field(default_factory=dict)
    again: set[int] = field(default_factory=set)


def stage(
    batches: Iterable[Batch],
    years: YearWriter,
    rejected: RejectedWriter,
    rename: Callable[[pa.RecordBatch], pa.RecordBatch],
    progress: Callable[[int], None],
) -> Staged:
    """Write all rows of a file; memory is that of a few batches."""
    staged = Staged(years, rejected)
    for batch in batches:
        years.add(rename(batch.accepted))
        rejected.add(batch.rejected)
        staged.told.update(batch.told)
        staged.answers.update(batch.answers)
        if batch.answers:
            staged.again.update(batch.answers.keys() & set(batch.rejected["row"].to_pylist()))
        progress(batch.accepted.num_rows + batch.rejected.num_rows)
    years.close()
    return staged


def adopt(
    folder: Path, years: YearWriter, left_out: np.ndarray[Any, np.dtype[np.int64]]
) -> tuple[YearFile, ...]:
    """The files of the years where they belong, named after their content.

    Args:
        left_out: numbers of rows that turned out not to be right.
    """
    found = []
    for year in years.years:
        below = f"rows/{years.layout.key}/year={year}"
        path = years.path(year)
        if len(left_out):
            entry = write_file(folder, below, years.schema, _without(path, left_out))
            path.unlink()
        else:
            entry = adopt_file(folder, below, path, years.rows[year])
        if entry is not None:
            found.append(YearFile(year=year, file=entry))
    return tuple(found)


def _without(path: Path, left_out: np.ndarray[Any, np.dtype[np.int64]]) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(ROW_GROUP_ROWS):
            kept = ~np.isin(batch.column("row").to_numpy(), left_out)
            yield batch.filter(pa.array(kept))
