"""Disclosed tables as files: CSV for spreadsheets, Parquet for analysis.

Both hold the same columns, named as ``varde antibiogram`` names them: organism, antibiotic, n, S, I,
R, pct_S, pct_I, pct_R, R_low, R_high, status; then names. What was asked for, of which snapshot and by which method stands in
columns of its own, so that a row says what it means wherever it ends up; Parquet carries the same
once more as metadata. CSV is UTF-8 with a byte order mark (spreadsheets read æøå right), a comma
between fields, a decimal point, and an empty field for what is hidden or does not exist.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

import msgspec

from varde.publishing.disclosure import COLUMNS, COUNTS, Disclosed


def write_csv(
    rows: Sequence[Disclosed], names: Mapping[str, str], about: Mapping[str, str]
) -> bytes:
    """The table as CSV.

    Args:
        rows: the disclosed table.
        names: what to call each row's key.
        about: selection, snapshot, method, rules, time: one column each; must hold ``organism``,
            which stands first.
    """
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\r\n")
    columns = _columns(rows, names, about)
    table.writerow(columns)
    for line in zip(*columns.values(), strict=True):
        table.writerow(["" if value is None else _write(value) for value in line])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def write_parquet(
    rows: Sequence[Disclosed], names: Mapping[str, str], about: Mapping[str, str]
) -> bytes:
    """The same table as Parquet; `about` is also the schema's metadata under the key ``varde``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = _columns(rows, names, about)
    types = {
        name: (pa.int64() if name in COUNTS else pa.float64())
        if name in COLUMNS.values()
        else pa.string()
        for name in columns
    }
    table = pa.table({name: pa.array(columns[name], types[name]) for name in columns})
    table = table.replace_schema_metadata({"varde": msgspec.json.encode(dict(about))})
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def _columns(
    rows: Sequence[Disclosed], names: Mapping[str, str], about: Mapping[str, str]
) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = {
        "organism": [about["organism"]] * len(rows),
        "antibiotic": [row.key for row in rows],
    }
    for field, column in COLUMNS.items():
        columns[column] = [getattr(row, field) for row in rows]
    columns["status"] = [row.status for row in rows]
    columns["antibiotic_name"] = [names.get(row.key, row.key) for row in rows]
    for field, value in about.items():
        columns[field] = [value] * len(rows)
    return columns


def _write(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
