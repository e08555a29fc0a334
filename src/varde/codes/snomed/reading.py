"""Read RF2 files as columns; when a file breaks a rule, look again line by line and say where.

The fast way does not know line numbers. It only notices that something is wrong; the slow way, which
runs then alone, names the line and the rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from varde.codes.errors import CodeFileError
from varde.codes.snomed.layouts import Layout

BOM: Final = b"\xef\xbb\xbf"
BLOCK: Final = 8 << 20
UUID_LENGTH: Final = 36

TYPES: Final = {
    "effectiveTime": pa.int32(),
    "active": pa.int8(),
    "relationshipGroup": pa.int32(),
    "languageCode": pa.string(),
    "term": pa.string(),
    "owlExpression": pa.string(),
}

Line = tuple[int, bytes]
"""The number of a line as an editor counts it, and its bytes without line end."""


def read_newest(paths: Sequence[Path], layout: Layout) -> tuple[pa.Table, list[int]]:
    """The rows of all files that count: of each id the newest, if it is active, ordered by id.

    Where one id has two rows of the same day, the active one counts, then the one of the later file.

    Returns:
        The rows, and how many rows each file had.

    Raises:
        CodeFileError: a file breaks a rule.
    """
    tables = [read_file(path, layout) for path in paths]
    rows = [table.num_rows for table in tables]
    schema = pa.schema([(column, _type(column, layout)) for column in layout.used])
    table = pa.concat_tables(tables) if tables else schema.empty_table()
    return table.take(_choose_newest(table, layout)), rows


def _choose_newest(table: pa.Table, layout: Layout) -> Any:
    ids = table["id"]
    if layout.member:
        ids = ids.combine_chunks().dictionary_encode().indices
    numbers, active = ids.to_numpy(), table["active"].to_numpy()
    order = np.lexsort((active, table["effectiveTime"].to_numpy(), numbers))
    ordered = numbers[order]
    last = np.append(ordered[1:] != ordered[:-1], True)[: ordered.size]
    return order[last & (active[order] == 1)]


def _type(column: str, layout: Layout) -> pa.DataType:
    if layout.member and column == "id":
        return pa.string()
    return TYPES.get(column, pa.int64())


def read_file(path: Path, layout: Layout) -> pa.Table:
    """All rows of a file, the used columns alone.

    Raises:
        CodeFileError: unreadable, not UTF-8, another header, a wrong number of cells, or a cell that
            breaks the rule of its column.
    """
    try:
        _check_header(path, layout)
        table = csv.read_csv(
            BytesIO(b"\n".join(line for _, line in _lines(path))) if _has_gaps(path) else path,
            read_options=csv.ReadOptions(
                column_names=layout.columns, skip_rows=1, block_size=BLOCK
            ),
            parse_options=csv.ParseOptions(delimiter="\t", quote_char=False),
            convert_options=csv.ConvertOptions(
                include_columns=layout.used,
                column_types={column: _type(column, layout) for column in layout.used},
                null_values=[],
            ),
        )
    except OSError as error:
        raise CodeFileError(path, 0, f"cannot be read: {error.strerror or error}") from error
    except pa.ArrowInvalid as error:
        raise find_fault(path, layout, str(error)) from error
    if not _values_hold(table, layout):
        raise find_fault(path, layout, "a value breaks the rule of its column")
    return table


def _values_hold(table: pa.Table, layout: Layout) -> bool:
    """Whether numbers that could be read are also what their columns mean."""
    day = table["effectiveTime"].to_numpy()
    month = day // 100 % 100
    holds = (
        (np.isin(table["active"].to_numpy(), (0, 1))).all()
        and ((day >= 1000_01_01) & (day < 3000_01_01)).all()
        and ((month >= 1) & (month <= 12) & (day % 100 >= 1) & (day % 100 <= 31)).all()
    )
    for column in layout.used:
        values = table[column]
        if values.type == pa.int64():
            holds = holds and (values.to_numpy() > 0).all()
        elif values.type == pa.string():
            shortest = UUID_LENGTH if column == "id" else 1
            holds = holds and (pc.binary_length(values).to_numpy() >= shortest).all()
    return bool(holds)


def _check_header(path: Path, layout: Layout) -> None:
    number, line = next(_lines(path), (1, b""))
    try:
        header = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CodeFileError(path, number, "must be UTF-8") from error
    if header.split("\t") != list(layout.columns):
        expected = ", ".join(layout.columns)
        raise CodeFileError(path, number, f"the header must be {expected}, with tabs between")


def _has_gaps(path: Path) -> bool:
    """Whether there are comments, or blank lines before the header."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        return data[:4].removeprefix(BOM)[:1] in b"#\r\n" or data.find(b"\n#") >= 0


def _lines(path: Path) -> Iterator[Line]:
    """The lines that are neither blank nor comments, which begin with ``#``."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            content = (line.removeprefix(BOM) if number == 1 else line).rstrip(b"\r\n")
            if content and not content.startswith(b"#"):
                yield number, content


def find_fault(path: Path, layout: Layout, otherwise: str) -> CodeFileError:
    """The first line that breaks a rule; `otherwise` says what is wrong when none does."""
    patterns = [
        (place, column, re.compile(layout.rule(column)))
        for place, column in enumerate(layout.columns)
        if column in layout.used
    ]
    lines = _lines(path)
    next(lines, None)
    for number, line in lines:
        try:
            cells = line.decode("utf-8").split("\t")
        except UnicodeDecodeError as error:
            return CodeFileError(path, number, f"must be UTF-8: byte {error.start} is not")
        if len(cells) != len(layout.columns):
            expected = len(layout.columns)
            return CodeFileError(path, number, f"{len(cells)} cells, {expected} expected")
        for place, column, pattern in patterns:
            if not pattern.fullmatch(cells[place]):
                return CodeFileError(
                    path, number, f"{column} {cells[place]!r} must match {pattern.pattern}"
                )
    return CodeFileError(path, 0, otherwise)


def find_line(paths: Sequence[Path], layout: Layout, wanted: dict[str, str]) -> tuple[Path, int]:
    """Where a row with these cells stands; the last place of all, as that is the newest file."""
    places = {layout.columns.index(column): cell for column, cell in wanted.items()}
    found = (paths[0], 0)
    for path in paths:
        for number, line in _lines(path):
            cells = line.decode("utf-8").split("\t")
            if all(cells[place] == cell for place, cell in places.items()):
                found = (path, number)
    return found
