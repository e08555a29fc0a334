"""Rows read back as what was filled in, for a form that is to be put right: the inverse of `write_table`."""

from __future__ import annotations

from datetime import datetime

from varde.messages.records import Failure, PersonId
from varde.messages.tables.layout import find_layout
from varde.messages.tables.reading import read_table
from varde.messages.tables.rows import Row
from varde.messages.tables.writing import write_cell


def read_cells(data: bytes, received: datetime | None = None) -> list[dict[str, str] | None]:
    """The rows of a table in order: column name → the cell as `write_table` writes it, blank ones left out.

    Args:
        data: the bytes as they arrived.
        received: when they arrived.

    Returns:
        None stands for a row that cannot be used; nothing at all is returned for what is no table.
    """
    layout = find_layout(data)
    if layout is None:
        return []
    rows = read_table(data, layout, _as_written, received)
    return [None if isinstance(row, Failure) else row for row in rows]


def _as_written(row: Row) -> dict[str, str]:
    cells = {
        name: value.value if isinstance(value, PersonId) else write_cell(value)
        for name, value in row.items()
    }
    return {name: cell for name, cell in cells.items() if cell}
