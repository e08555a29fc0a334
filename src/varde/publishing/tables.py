"""Disclosed tables of counts as files: CSV for spreadsheets, Parquet for analysis.

Each number has its status in a column beside it (``n``, ``n_status``), so that an empty cell says why it is empty. What
was asked for, of which snapshot and under which rules stands in columns of its own in every row; Parquet has the same
once more as metadata. CSV as `write_csv` writes it: UTF-8 with a byte order mark, comma, decimal point.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from varde.publishing.counts import Row

UNKNOWN = "unknown"


def write_rows_csv(rows: Sequence[Row], about: Mapping[str, str]) -> bytes:
    """The table as CSV.

    Args:
        rows: the disclosed table.
        about: selection, snapshot, definitions, rules, time: one column each.
    """
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\r\n")
    columns = _columns(rows, about)
    table.writerow(columns)
    for line in zip(*columns.values(), strict=True):
        table.writerow(["" if value is None else _write(value) for value in line])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def write_rows_parquet(rows: Sequence[Row], about: Mapping[str, str]) -> bytes:
    """The same table as Parquet; `about` is also the schema's metadata under the key ``varde``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({name: pa.array(values) for name, values in _columns(rows, about).items()})
    table = table.replace_schema_metadata({"varde": msgspec.json.encode(dict(about))})
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def _columns(rows: Sequence[Row], about: Mapping[str, str]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {}
    if rows:
        for name in rows[0].key:
            columns[name] = [_key(row.key[name]) for row in rows]
        for name in rows[0].figures:
            values = [row.figures[name].value for row in rows]
            whole = all(value is None or isinstance(value, int) for value in values)
            columns[name] = values if whole else [None if v is None else float(v) for v in values]
            columns[f"{name}_status"] = [row.figures[name].status for row in rows]
    for field, value in about.items():
        columns[field] = [value] * len(rows)
    return columns


def _key(value: Any) -> Any:
    if value is None:
        return UNKNOWN
    return value.isoformat() if isinstance(value, date) else str(value)


def _write(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
