"""CSV files with a schema: read, check every cell, name the file, the line and the rule."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

from varde.codes.errors import CodeFileError

DATA = Path(__file__).parent / "data"

TEXT = r"[^\x00-\x1f]+"
OPTIONAL_TEXT = r"[^\x00-\x1f]*"
SLUG = r"[a-z0-9]+(-[a-z0-9]+)*"
DATE = r"\d{4}-\d{2}-\d{2}"
OPTIONAL_DATE = rf"({DATE})?"

Row = tuple[int, tuple[str, ...]]
"""The line number in the file, and the cells in the order of the schema."""


@lru_cache(maxsize=64)
def _pattern(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


def read_table(path: Path, schema: Mapping[str, str]) -> Iterator[Row]:
    """Read a UTF-8 CSV file whose header is exactly the schema's columns, in that order.

    Args:
        path: the file.
        schema: column name → regular expression that the whole cell must match.

    Raises:
        CodeFileError: unreadable file, wrong header, wrong number of cells, a cell that breaks its
            rule, or blanks at the edge of a cell (they make two equal names differ unseen).
    """
    rows = csv.reader(_text(path).splitlines(keepends=True), strict=True)
    names = list(schema)
    matches = [_pattern(expression).fullmatch for expression in schema.values()]
    try:
        header = next(rows, [])
        if header != names:
            raise CodeFileError(path, 1, f"the header must be {','.join(names)}")
        # Most cells say what the row above says (its source, its day): they are right if that was.
        above = [""] * len(names)
        right = [False] * len(names)
        for cells in rows:
            line = rows.line_num
            if len(cells) != len(names):
                raise CodeFileError(path, line, f"{len(cells)} cells, {len(names)} expected")
            for position, cell in enumerate(cells):
                if right[position] and cell == above[position]:
                    continue
                if not matches[position](cell):
                    name, rule = names[position], schema[names[position]]
                    raise CodeFileError(path, line, f"{name} {cell!r} must match {rule}")
                if cell != cell.strip():
                    name = names[position]
                    raise CodeFileError(path, line, f"{name} {cell!r} has blanks at its edge")
                above[position], right[position] = cell, True
            yield line, tuple(cells)
    except csv.Error as error:
        raise CodeFileError(path, rows.line_num, f"not a CSV row: {error}") from error


def read_bytes(path: Path) -> bytes:
    """What a file holds.

    Raises:
        CodeFileError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise CodeFileError(path, 0, f"cannot be read: {error.strerror}") from error


def _text(path: Path) -> str:
    content = read_bytes(path)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CodeFileError(
            path, 0, f"must be UTF-8: {error.reason} at byte {error.start}"
        ) from error


def read_date(path: Path, line: int, text: str) -> date | None:
    """A day in ISO form, None for an empty cell."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CodeFileError(path, line, f"{text!r} is not a day of the calendar") from error


def check_period(path: Path, line: int, start: date | None, end: date | None) -> None:
    """A period whose last day comes before its first one is a slip of the pen."""
    if start and end and end < start:
        raise CodeFileError(path, line, f"valid_to {end} is before valid_from {start}")


def check_unique(path: Path, keys: Iterable[tuple[int, object]], what: str) -> None:
    """Refuse a file in which `what` occurs twice; `keys` holds (line, value)."""
    seen: dict[object, int] = {}
    for line, key in keys:
        if key in seen:
            raise CodeFileError(path, line, f"{what} {key!r} is already on line {seen[key]}")
        seen[key] = line
