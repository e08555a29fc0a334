"""Bytes of a table to whatever its reader makes of a row, or to failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from varde.messages.errors import InvalidContent, MessageError
from varde.messages.names import Names, failure_of
from varde.messages.records import Failure
from varde.messages.tables.cells import parser_of
from varde.messages.tables.layout import (
    Layout,
    as_csv,
    check_heading,
    find_columns,
    open_rows,
    peek_sender,
)
from varde.messages.tables.rows import Row, RowParser
from varde.messages.times import NO_LIMIT, latest_moment

Made = TypeVar("Made")
ReadRow = Callable[[Row], Made]
"""What a row states. Raises `InvalidContent`, best made by `Row.fault`, when it cannot be."""


def read_table(
    data: bytes, layout: Layout, read_row: ReadRow[Made], received: datetime | None = None
) -> Iterator[Made | Failure]:
    """What the rows of a table state, in order; blank rows are left out.

    Args:
        data: the bytes as they arrived.
        layout: what `find_layout` says of them.
        read_row: turns one row into what it states.
        received: when they arrived; nothing in them can be from more than a day later.

    Nothing is raised for bad input. A row that cannot be used is a `Failure` and takes no other with
    it; when the bytes or the heading row cannot be used, one `Failure` stands for all.
    """
    try:
        data = as_csv(data)
        rows = open_rows(data, layout)
        check_heading(rows.read_heading(), layout)
        parser = RowParser(layout, find_columns(layout), latest_moment(received))
    except MessageError as error:
        yield failure_of(error, 0, Names(_first_sender(data, layout)), layout.table.kind)
        return
    item = 0
    for cells in rows.read(parser.width):
        if isinstance(cells, MessageError):
            yield _failure(cells, item, parser, rows.first_cells())
        elif is_blank(cells):
            continue
        else:
            try:
                made: Made | Failure = read_row(parser.parse(cells, rows.line))
            except MessageError as error:
                # A row with too few or too many cells may have lost its order: its first is sure.
                sure = cells if len(cells) == parser.width else cells[:1]
                made = _failure(error, item, parser, sure)
            yield made
        item += 1
    if item == 0:
        empty = InvalidContent("empty-list", f"line {layout.line}")
        yield _failure(empty, 0, parser, ())


def is_blank(cells: Sequence[str]) -> bool:
    """Whether nothing stands in a row: spreadsheets write such rows below the last one."""
    return not cells[0].strip() and not any(cell.strip() for cell in cells)


def _first_sender(data: bytes, layout: Layout) -> str:
    """Who seems to have sent bytes that cannot be used as a whole; empty when that is unseen."""
    cell = peek_sender(data, layout).strip()
    try:
        return str(parser_of(layout.table.column("sender"), NO_LIMIT)(cell)) if cell else ""
    except MessageError:
        return ""


def _failure(error: MessageError, item: int, parser: RowParser, sure: Sequence[str]) -> Failure:
    number = parser.peek(sure, "report_id")
    message_id = parser.peek(sure, "message_id")
    names = Names(
        sender=parser.peek(sure, "sender"),
        message_id=parser.table.prefix + message_id if message_id else "",
        report_id=parser.table.prefix + number if number else "",
    )
    return failure_of(error, item, names, parser.table.kind)
