"""The lines of a delimited file as columns of text; one line is one row, whatever stands in it.

No cell of these tables holds a line break, so a quotation mark that is never closed damages its own line and takes no
other with it. Arrow splits the lines at the delimiter; cells in quotation marks are opened afterwards, and the few
lines where that is not enough (a delimiter within the marks, a mark that is not closed) are split by RFC 4180 one
by one. The number of a row is that of its line, as an editor counts.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from varde.prescribing.reading.errors import FileRefused

HEADING_BYTES = 64 * 1024
BLOCK_BYTES = 4 * 1024 * 1024
"""What is split at a time; no line may be longer. Arrow reads up to 32 of these ahead."""
DELIMITERS = (";", ",", "\t")
_QUOTED = r'^"(?:[^"]|"")*"$'
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


class Damaged(NamedTuple):
    """A line that does not have the cells of the heading: its number, what could be made of it, and why."""

    row: int
    cells: list[str]
    reason: str


class Lines(NamedTuple):
    """Some rows: their numbers, the cells of each column as text, and lines that are damaged."""

    numbers: np.ndarray[Any, np.dtype[np.int64]]
    columns: list[pa.Array]
    damaged: list[Damaged]


@dataclass(frozen=True)
class Heading:
    """The first line that is not blank.

    Attributes:
        names: as written, blanks at their edges gone.
        line: its number.
        end: how many bytes are before the next line.
    """

    names: tuple[str, ...]
    delimiter: str
    line: int
    end: int


def find_headings(beginning: bytes) -> list[Heading]:
    """The heading line as each delimiter splits it, most columns first.

    Raises:
        FileRefused: ``empty``, ``wrong-encoding`` or ``unreadable``.
    """
    mark = len(codecs.BOM_UTF8) if beginning.startswith(codecs.BOM_UTF8) else 0
    decode = codecs.getincrementaldecoder("utf-8")().decode
    try:
        written = decode(beginning[mark:], final=len(beginning) < HEADING_BYTES)
    except UnicodeDecodeError:
        raise FileRefused("wrong-encoding") from None
    end, number, line = mark, 0, ""
    for found in _LINE.finditer(written):
        line = found.group()
        number += 1
        end += len(line.encode())
        if line.strip():
            break
        if not line:
            raise FileRefused("empty")
    if len(beginning) >= HEADING_BYTES and end >= len(beginning):
        raise FileRefused("unreadable")
    if "\0" in line:  # two bytes a sign
        raise FileRefused("wrong-encoding")
    plain = line.rstrip("\r\n")
    split = [(sign, split_line(plain, sign) or [plain]) for sign in DELIMITERS]
    headings = [
        Heading(tuple(name.strip() for name in names), sign, number, end) for sign, names in split
    ]
    return sorted(headings, key=lambda heading: -len(heading.names))


def guess_headings(beginning: bytes) -> list[Heading]:
    """The heading line of a file that is not UTF-8, as well as it can be read: to tell what the file is, not to use it."""
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in beginning[:2]:
        encoding = "utf-16-be" if beginning[:1] == b"\0" else "utf-16-le"
    else:
        encoding = "cp1252"
    written = beginning.decode(encoding, "replace").replace("\0", " ").encode()
    try:
        return find_headings(written[: HEADING_BYTES - 1])
    except FileRefused:
        return []


def split_line(line: str, delimiter: str) -> list[str] | None:
    """The cells of one line; None when its quotation marks are not those of RFC 4180."""
    try:
        rows = list(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return rows[0] if rows else [""]


class _Checked:
    """A file from some place on, of which only what is UTF-8 is given on, in whole characters."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.held = b""
        self.fault: FileRefused | None = None

    def read(self, size: int = -1) -> bytes:
        while self.fault is None:
            new = self.file.read(size)
            data = self.held + new
            whole = len(data) if data.isascii() else self._whole(data, final=not new)
            self.held = data[whole:]
            if whole or not new:
                return data[:whole]
        return b""

    def _whole(self, data: bytes, final: bool) -> int:
        """How many of the bytes are whole characters."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            decoder.decode(data, final)
        except UnicodeDecodeError:
            self.fault = FileRefused("wrong-encoding")
            return 0
        return len(data) - len(decoder.getstate()[0])

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        """The file is not ours to close."""


def read_lines(file: BinaryIO, heading: Heading, block_bytes: int = BLOCK_BYTES) -> Iterator[Lines]:
    """The rows after the heading, in batches of about `block_bytes`; blank lines are left out.

    Raises:
        FileRefused: ``wrong-encoding``; ``too-large``: a line is longer than `block_bytes`.
    """
    file.seek(heading.end)
    checked = _Checked(file)
    width = len(heading.names)
    names = [str(number) for number in range(width)]
    odd: list[tuple[int, str]] = []

    def keep(row: arrow_csv.InvalidRow) -> str:
        odd.append((row.number, row.text))
        return "skip"

    try:
        reader = arrow_csv.open_csv(
            pa.PythonFile(checked, "r"),
            arrow_csv.ReadOptions(use_threads=False, column_names=names, block_size=block_bytes),
            arrow_csv.ParseOptions(
                delimiter=heading.delimiter,
                quote_char=False,
                newlines_in_values=False,
                ignore_empty_lines=False,
                invalid_row_handler=keep,
            ),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
        taken = 0
        for batch in reader:
            numbers, passed = _number(batch.num_rows, taken, odd)
            here, odd[:] = odd[:passed], odd[passed:]
            taken += len(numbers) + passed
            yield _open_cells(numbers + heading.line, batch.columns, here, heading)
        if odd:
            none = [pa.array([], pa.string())] * width
            yield _open_cells(np.zeros(0, np.int64), none, odd, heading)
    except pa.ArrowInvalid as error:
        if checked.fault is None and "Empty CSV file" in str(error):
            return
        raise checked.fault or _refusal(error) from None
    if checked.fault is not None:
        raise checked.fault


def _refusal(error: pa.ArrowInvalid) -> FileRefused:
    if "UTF8" in str(error):
        return FileRefused("wrong-encoding")
    if "straddling" in str(error):
        return FileRefused("too-large")
    return FileRefused("unreadable")


def _number(
    rows: int, taken: int, odd: Sequence[tuple[int, str]]
) -> tuple[np.ndarray[Any, np.dtype[np.int64]], int]:
    """The numbers of a batch's rows, and how many odd lines stand before the last of them."""
    passed = 0
    while passed < len(odd) and odd[passed][0] <= taken + rows + passed:
        passed += 1
    every = np.arange(taken + 1, taken + rows + passed + 1, dtype=np.int64)
    return np.setdiff1d(every, [number for number, _ in odd[:passed]], assume_unique=True), passed


def _open_cells(
    numbers: np.ndarray[Any, np.dtype[np.int64]],
    columns: Sequence[pa.Array],
    odd: Sequence[tuple[int, str]],
    heading: Heading,
) -> Lines:
    """Cells out of their quotation marks, and lines that need more than that split by themselves."""
    width = len(heading.names)
    again = [(number + heading.line, text) for number, text in odd]
    opened = list(columns)
    unclear = np.zeros(len(numbers), bool)
    for place, column in enumerate(columns):
        marked = pc.starts_with(column, '"')
        if not pc.any(marked).as_py():
            continue
        whole = pc.match_substring_regex(column, _QUOTED)
        inner = pc.replace_substring(pc.utf8_slice_codeunits(column, 1, -1), '""', '"')
        opened[place] = pc.if_else(whole, inner, column)
        unclear |= pc.and_not(marked, whole).to_numpy(zero_copy_only=False)
    if unclear.any():
        where = pa.array(np.flatnonzero(unclear))
        cells = [column.take(where).to_pylist() for column in columns]
        lines = map(heading.delimiter.join, zip(*cells, strict=True))
        again += zip(numbers[unclear].tolist(), lines, strict=True)
        kept = pa.array(~unclear)
        opened = [column.filter(kept) for column in opened]
        numbers = numbers[~unclear]
    damaged, mended = _split_again(again, heading.delimiter, width)
    if mended:
        extra = [
            pa.array([cells[place] for _, cells in mended], pa.string()) for place in range(width)
        ]
        numbers = np.concatenate([numbers, np.array([number for number, _ in mended], np.int64)])
        order = np.argsort(numbers)
        opened = [
            pa.concat_arrays([column, more]).take(pa.array(order))
            for column, more in zip(opened, extra, strict=True)
        ]
        numbers = numbers[order]
    return _leave_out_blank(numbers, opened, sorted(damaged))


def _split_again(
    lines: Sequence[tuple[int, str]], delimiter: str, width: int
) -> tuple[list[Damaged], list[tuple[int, list[str]]]]:
    damaged: list[Damaged] = []
    mended: list[tuple[int, list[str]]] = []
    for number, line in lines:
        cells = split_line(line, delimiter)
        if cells is None:
            damaged.append(Damaged(number, line.split(delimiter), "open-quotation"))
        elif len(cells) == width:
            mended.append((number, cells))
        elif any(cell.strip() for cell in cells):
            damaged.append(Damaged(number, cells, "wrong-cell-count"))
    return damaged, mended


def _leave_out_blank(
    numbers: np.ndarray[Any, np.dtype[np.int64]], columns: list[pa.Array], damaged: list[Damaged]
) -> Lines:
    """Spreadsheets write blank rows below the last one."""
    blank: Any = None
    for column in columns:
        here = pc.equal(pc.utf8_trim_whitespace(column), "")
        blank = here if blank is None else pc.and_(blank, here)
        if not pc.any(blank).as_py():
            return Lines(numbers, columns, damaged)
    kept = pc.invert(blank)
    return Lines(
        numbers[kept.to_numpy(zero_copy_only=False)],
        [column.filter(kept) for column in columns],
        damaged,
    )
