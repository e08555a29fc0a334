"""Which table some bytes are, how they are written, and which of their columns is which.

The heading row decides. Text is UTF-8 when it is valid as that, else Windows-1252, which spreadsheets
write; the delimiter is the one under which the headings make a table. Of Parquet the names of the
columns are the headings, and it is read as the CSV file that it would be (`as_csv`).
"""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from varde.messages.errors import UnreadableMessage
from varde.messages.parquet import (
    ParquetFault,
    ParquetTooLarge,
    is_parquet,
    write_csv,
    write_heading,
)
from varde.messages.rows import Rows
from varde.messages.tables.definition import Column, Table, plain, tables
from varde.messages.text import place_in

MAX_BYTES = 100 * 1024 * 1024
MAX_LINES = 2_000_000
HEADING_BYTES = 32 * 1024
"""A heading row is shorter than this."""

DELIMITERS = (";", ",", "\t", "|")
_CHUNK = 1024 * 1024
_DISGUISED = re.compile(rb"[\xc3][\x80-\xbf]")
"""A Norwegian letter in UTF-8; in Windows-1252 it is a letter and a sign that no word holds."""


class Layout(NamedTuple):
    """How some bytes are a table.

    Attributes:
        encoding: as Python calls it.
        line: where the heading row is.
        header: the headings as written, blanks at their edges gone.
    """

    table: Table
    encoding: str
    delimiter: str
    line: int
    header: tuple[str, ...]


def find_table(data: bytes) -> Table | None:
    """Which table some bytes are, by their heading row alone; None when they are none."""
    layout = find_layout(data)
    return None if layout is None else layout.table


def find_column(table: Table, place: str) -> Column | None:
    """The column that the place of a failure names, for a form to show the fault at its field."""
    heading = place.partition(", column ")[2]
    return _names(table.key).get(plain(heading)) if heading else None


def find_layout(data: bytes) -> Layout | None:
    """The table and how it is written; None when no heading row of a table is at the beginning."""
    beginning = (write_heading(io.BytesIO(data)) if is_parquet(data) else data)[:HEADING_BYTES]
    if not beginning.strip() or beginning.lstrip()[:1] in (b"<", b"{", b"["):
        return None
    encoding = _encoding_of(beginning)
    lines = beginning.decode(encoding, "replace")
    for delimiter in DELIMITERS:
        if delimiter not in lines:
            continue
        rows = Rows(iter(io.StringIO(lines, newline="")), delimiter)
        header = tuple(name.strip() for name in rows.read_heading())
        known = {plain(name) for name in header}
        for table in tables().values():
            if all(not known.isdisjoint(names) for names in _marks(table.key)):
                return Layout(table, encoding, delimiter, rows.line, header)
    return None


def as_csv(data: bytes) -> bytes:
    """The bytes of a table as those of a CSV file: what is Parquet as text, all else as it is.

    Raises:
        UnreadableMessage: ``too-large``; ``unknown-format``: it is damaged; ``wrong-columns``: a column
            has a type that no cell can say.
    """
    if not is_parquet(data):
        return data
    if len(data) > MAX_BYTES:
        raise UnreadableMessage("too-large", detail=f"{len(data) / 1e6:.0f} MB")
    try:
        return write_csv(data, MAX_LINES, MAX_BYTES)
    except ParquetTooLarge as error:
        raise UnreadableMessage("too-large", detail=str(error)) from None
    except ParquetFault as fault:
        if not fault.column:
            raise UnreadableMessage("unknown-format", detail="Parquet") from None
        raise UnreadableMessage("wrong-columns", "line 1", str(fault)) from None


def peek_sender(data: bytes, layout: Layout) -> str:
    """The sender's cell in the first row, when bytes cannot be used as a whole; empty when unseen."""
    text = data[:HEADING_BYTES].decode(layout.encoding, "replace")
    rows = Rows(iter(io.StringIO(text, newline="")), layout.delimiter)
    rows.read_heading()
    row = next(rows.read(len(layout.header)), None)
    names = _names(layout.table.key)
    where = [n for n, name in enumerate(layout.header) if _is_sender(names.get(plain(name)))]
    if isinstance(row, list) and len(row) == len(layout.header) and len(where) == 1:
        return row[where[0]]
    return ""


def open_rows(data: bytes, layout: Layout) -> Rows:
    """The rows of a table, its heading row still before them.

    Raises:
        UnreadableMessage: ``too-large`` or ``wrong-encoding``.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableMessage("too-large", detail=f"{len(data) / 1e6:.0f} MB")
    if max(data.count(b"\n"), data.count(b"\r")) > MAX_LINES:
        raise UnreadableMessage("too-large", detail=f"> {MAX_LINES} lines")
    encoding = check_encoding(data, layout.encoding)
    return Rows(io.TextIOWrapper(io.BytesIO(data), encoding, newline=""), layout.delimiter)


def check_encoding(data: bytes, guess: str) -> str:
    """The encoding of all bytes, when the beginning looks like `guess`.

    Raises:
        UnreadableMessage: ``wrong-encoding``; the detail is the byte that does not fit. So are bytes
            that are UTF-8 but for one: as Windows-1252 every Norwegian letter in them would be two.
    """
    if guess in ("utf-8", "cp1252"):
        wrong = _first_misfit(data, "utf-8")
        if wrong < 0:
            return "utf-8"
        if not _DISGUISED.search(data) and _first_misfit(data, "cp1252") < 0:
            return "cp1252"
        guess = "utf-8"
    elif guess == "utf-8-sig":
        mark = len(codecs.BOM_UTF8)
        wrong = _first_misfit(data[mark:], "utf-8")
        if wrong < 0:
            return guess
        wrong += mark
    else:
        wrong = _first_misfit(data, guess)
        if wrong < 0:
            return guess
    line = place_in(data, wrong).partition(",")[0]
    raise UnreadableMessage("wrong-encoding", line, f"{guess}: {data[wrong]:02X}")


def find_columns(layout: Layout) -> list[Column | None]:
    """The column of every heading; None where the heading is empty, as spreadsheets leave it.

    Raises:
        UnreadableMessage: ``wrong-columns``: a heading that the table does not know (nobody has said
            what may stand there: it might be a name), one that stands twice, or a required one that
            is missing.
    """
    place = f"line {layout.line}"
    known = _names(layout.table.key)
    found = [known.get(plain(name)) for name in layout.header]
    for name, column in zip(layout.header, found, strict=True):
        if column is None and name:
            raise UnreadableMessage("wrong-columns", place, f"unknown: {name[:60]}")
    counts = Counter(column.name for column in found if column is not None)
    for column in layout.table.columns:
        if counts[column.name] > 1:
            raise UnreadableMessage("wrong-columns", place, f"repeated: {column.heading}")
        if column.required and not counts[column.name]:
            raise UnreadableMessage("wrong-columns", place, f"no column {column.heading}")
    return found


def _is_sender(column: Column | None) -> bool:
    return column is not None and column.name == "sender"


def check_heading(row: Sequence[str], layout: Layout) -> None:
    """Refuse a heading row that is longer than what was looked at to find the table.

    Raises:
        UnreadableMessage: ``wrong-columns``.
    """
    if tuple(name.strip() for name in row) != layout.header:
        raise UnreadableMessage("wrong-columns", f"line {layout.line}", f"> {HEADING_BYTES} B")


def _encoding_of(beginning: bytes) -> str:
    if beginning.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _first_misfit(data: bytes, encoding: str) -> int:
    """The position of the first byte that is no text in an encoding; -1 when all are."""
    if encoding == "utf-8" and data.isascii():
        return -1
    decoder = codecs.getincrementaldecoder(encoding)()
    pending = 0
    for start in range(0, len(data), _CHUNK):
        chunk = data[start : start + _CHUNK]
        try:
            decoder.decode(chunk, final=start + _CHUNK >= len(data))
        except UnicodeDecodeError as error:
            return max(0, start - pending + error.start)
        held = decoder.getstate()[0]
        pending = len(held)
    return -1


@cache
def _names(key: str) -> Mapping[str, Column]:
    """Every way to write a heading of a table → its column."""
    return {
        plain(name): column
        for column in tables()[key].columns
        for name in (column.heading, *column.aliases)
    }


@cache
def _marks(key: str) -> Sequence[frozenset[str]]:
    table = tables()[key]
    return tuple(
        frozenset(plain(name) for name in (column.heading, *column.aliases))
        for column in map(table.column, table.marks)
    )
