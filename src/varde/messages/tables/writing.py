"""Tables written: the blank template, and rows from the values of a form.

What is written here is read by the same door as what others send.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from varde.messages.tables.definition import Table

Value = str | date | datetime | int | Decimal | bool | None


def write_template(table: Table) -> bytes:
    """The heading row alone, as spreadsheets in Norway open it: semicolons, UTF-8 with its mark."""
    return codecs.BOM_UTF8 + write_table(table, ())


def write_table(table: Table, rows: Iterable[Mapping[str, Value]]) -> bytes:
    """Rows as bytes that `find_table` knows and the table's reader reads.

    Args:
        rows: column name → what to write; what is left out is blank. Days and times are written in
            ISO 8601, times in UTC, yes and no as ja and nei.

    Raises:
        KeyError: a name that is no column: the form and the table do not belong together.
        ValueError: a time without zone.
    """
    places = {column.name: index for index, column in enumerate(table.columns)}
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.heading for column in table.columns])
    for row in rows:
        cells = [""] * len(places)
        for name, value in row.items():
            cells[places[name]] = write_cell(value)
        writer.writerow(cells)
    return text.getvalue().encode("utf-8", "replace")


def write_cell(value: Value) -> str:
    """One cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nei"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a time needs a zone")
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    # A NUL cannot stand in a row, and a form has no use for one.
    return str(value).replace("\0", "")
