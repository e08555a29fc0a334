"""A file opened for reading, CSV or Parquet: its table, its headings, its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import BinaryIO

import numpy as np

from varde.messages.parquet import ParquetFault, is_parquet, read_cells, read_names
from varde.prescribing.layout import Column, Layout, layouts
from varde.prescribing.reading.batches import Batch, BatchReader
from varde.prescribing.reading.errors import FileRefused
from varde.prescribing.reading.finding import find_layout, match_columns
from varde.prescribing.reading.lines import (
    HEADING_BYTES,
    Lines,
    find_headings,
    guess_headings,
    read_lines,
)


@dataclass(frozen=True)
class OpenFile:
    """A file whose table and columns are known. Its rows can be read more than once.

    Attributes:
        headings: as written in the file; the cells of `Batch.rejected` are in the same order.
        columns: what each heading is (`match_columns`).
        lines: gives the rows as text, from the first, each time it is called.
        latest: no row about a patient may be of a later day.
    """

    layout: Layout
    headings: tuple[str, ...]
    columns: Sequence[Column | str | None] = field(repr=False)
    lines: Callable[[], Iterable[Lines]] = field(repr=False)
    latest: date | None = None

    def batches(self) -> Iterator[Batch]:
        """The rows in the order of the file.

        Raises:
            FileRefused: nothing of the file may be used, also of what was read before: it is not UTF-8, its
                Parquet pages are damaged, there is no row in it, or pseudonyms are national identity numbers.
        """
        rows = 0
        for batch in BatchReader(self.layout, self.columns, self.latest).read(self.lines()):
            rows += batch.accepted.num_rows + batch.rejected.num_rows
            yield batch
        if not rows:
            raise FileRefused("no-rows")


def open_file(
    file: BinaryIO, *, table: str = "", name: str = "", latest: date | None = None
) -> OpenFile:
    """Find out what a file is.

    Args:
        file: seekable; it stays open as long as its rows are read.
        table: the key of a layout, when somebody says which it is.
        name: the file's name, which may begin with the key of the layout.
        latest: no row about a patient may be of a later day: usually the day it was delivered.

    Raises:
        FileRefused: see `find_headings`, `find_layout` and `match_columns`.
    """
    file.seek(0)
    beginning = file.read(HEADING_BYTES)
    if not beginning:
        raise FileRefused("empty")
    if is_parquet(beginning):
        try:
            names = read_names(file)
        except ParquetFault as fault:
            raise _refusal(fault) from None
        layout = find_layout(names, table, name)
        if layout is None:
            raise FileRefused("unknown-table")
        columns = match_columns(layout, names)
        return OpenFile(layout, names, columns, lambda: _read_parquet(file), latest)
    try:
        headings = find_headings(beginning)
    except FileRefused as error:
        if error.reason == "wrong-encoding":
            liked = [find_layout(each.names, table, name) for each in guess_headings(beginning)]
            error.table = next((each.key for each in liked if each), "")
        raise
    for heading in headings:
        layout = find_layout(heading.names, table, name)
        if layout is not None:
            columns = match_columns(layout, heading.names)
            return OpenFile(
                layout, heading.names, columns, partial(read_lines, file, heading), latest
            )
    raise FileRefused("unknown-table")


def find_table(file: BinaryIO, name: str = "", like: bool = False) -> Layout | None:
    """The table that a file is of, by its headings or else its name; None when it is none of these.

    Args:
        file: seekable; little of it is read.
        name: its name, which may begin with the key of a layout.
        like: whether it is enough that at least half of the headings are of the table: whoever takes it in says what is
            wrong with the others, or with the characters that it is written in.
    """
    try:
        return open_file(file, name=name).layout
    except FileRefused as error:
        key = error.table if like else ""
    named = find_layout((), "", name) if name else None
    return named or layouts().get(key)


def _read_parquet(file: BinaryIO) -> Iterator[Lines]:
    """The rows of a Parquet file as text; the first is row 1."""
    taken = 0
    try:
        for columns in read_cells(file):
            rows = len(columns[0]) if columns else 0
            numbers = np.arange(taken + 1, taken + rows + 1, dtype=np.int64)
            taken += rows
            yield Lines(numbers, columns, [])
    except ParquetFault as fault:
        raise _refusal(fault) from None


def _refusal(fault: ParquetFault) -> FileRefused:
    return FileRefused("wrong-type" if fault.column else "unreadable", fault.column, fault.kind)
