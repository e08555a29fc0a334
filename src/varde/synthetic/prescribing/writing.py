"""The tables as files that are delivered: one for each table and year, in CSV or Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Literal, Protocol, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from varde.prescribing import Layout, layouts

from .country import PrescribingCountry

FileFormat = Literal["csv", "parquet"]
UNDATED = frozenset({"institutions", "prescribers"})
"""Tables that are one file for all years: who is what is told whole."""


class _Writer(Protocol):
    def write_table(self, table: pa.Table) -> None: ...
    def close(self) -> None: ...


def write_prescribing(
    country: PrescribingCountry,
    folder: Path,
    format: FileFormat = "csv",
    *,
    tables: Iterable[str] | None = None,
    told: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write the tables into a folder that exists, as ``dispensings-2024.csv``; ``institutions`` and ``prescribers`` are one file.

    Memory holds a month. CSV is UTF-8 with commas, decimal points, months as 2026-01 and `ja` or `nei`; a blank cell is unknown.
    Dates, numbers and codes of Parquet have the types of the layout.

    Args:
        tables: the keys of those to write; all when not given.
        told: called after each month with how many are done, and how many there are.

    Returns:
        The files, in the order of their names.

    Raises:
        KeyError: there is no such table.
    """
    wanted = set(layouts()) if tables is None else set(tables)
    for key in wanted:
        layouts()[key]
    with ExitStack() as stack:
        files = _Files(folder, format, stack)
        _write(files, country.standing(), wanted)
        for done, batch in enumerate(country.batches(wanted), 1):
            _write(files, batch, wanted)
            if told is not None:
                told(done, len(country.months))
        return sorted(files.paths)


class _Files:
    """The files that are open."""

    def __init__(self, folder: Path, format: FileFormat, stack: ExitStack) -> None:
        self._folder, self._format, self._stack = folder, format, stack
        self._writers: dict[str, _Writer] = {}
        self.paths: list[Path] = []

    def add(self, layout: Layout, name: str, rows: pa.Table) -> None:
        """Add rows to the file of that name."""
        if self._format == "csv":
            rows = as_written(layout, rows)
        if name not in self._writers:
            path = self._folder / f"{name}.{self._format}"
            self._writers[name] = self._open(path, rows.schema)
            self._stack.callback(self._writers[name].close)
            self.paths.append(path)
        self._writers[name].write_table(rows)

    def _open(self, path: Path, schema: pa.Schema) -> _Writer:
        if self._format == "parquet":
            return cast("_Writer", pyarrow.parquet.ParquetWriter(path, schema, compression="zstd"))
        options = pyarrow.csv.WriteOptions(quoting_style="needed")
        return cast("_Writer", pyarrow.csv.CSVWriter(path, schema, write_options=options))


def _write(files: _Files, tables: Mapping[str, pa.Table], wanted: set[str]) -> None:
    for key, rows in tables.items():
        if key in wanted:
            for name, part in _by_year(layouts()[key], rows):
                files.add(layouts()[key], name, part)


def _by_year(layout: Layout, rows: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    if layout.key in UNDATED:
        yield layout.key, rows
        return
    years = pc.year(rows[layout.dated_by])
    for year in sorted(pc.unique(years).to_pylist()):
        yield f"{layout.key}-{year}", rows.filter(pc.equal(years, year))


def as_written(layout: Layout, rows: pa.Table) -> pa.Table:
    """The columns as CSV has them: months as 2026-01, yes and no in words."""
    for at, column in enumerate(layout.columns):
        values = rows[column.name]
        if column.holds == "month":
            rows = rows.set_column(at, column.name, _months(values))
        elif column.holds == "yes-no":
            rows = rows.set_column(at, column.name, pc.if_else(values, "ja", "nei"))
    return rows


def _months(values: pa.ChunkedArray) -> pa.ChunkedArray:
    known = pc.unique(values)
    words = pa.array([_month(day) for day in known.to_pylist()], pa.string())
    return words.take(pc.index_in(values, known))


def _month(day: date) -> str:
    return f"{day:%Y-%m}"
