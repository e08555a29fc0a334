"""Parquet as text: the cells that a CSV file would have, so that what reads the one reads the other.

However a data frame keeps a column (as text of any width, numbers, days, midnights, a dictionary), its cells come out as
they are written by hand. Arrow is imported when a file is Parquet, and not before.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO, Final

if TYPE_CHECKING:
    import pyarrow as pa

MARK: Final = b"PAR1"
BATCH_ROWS: Final = 131_072
SMALL_BATCH_ROWS: Final = 1024
"""So many rows at a time where a cell may be of any length: few bytes can stand for very many."""
DIGITS: Final = 15
"""As many significant digits a binary double surely holds (DBL_DIG of C)."""
WHOLE: Final = 2.0**63


class ParquetFault(Exception):
    """A file that is no good Parquet, or holds what no cell can say.

    Attributes:
        column: empty: the file as a whole is damaged.
        kind: the type of the column.
    """

    def __init__(self, column: str = "", kind: str = "") -> None:
        super().__init__(" ".join(filter(None, (column, kind))) or "damaged")
        self.column = column
        self.kind = kind


class ParquetTooLarge(Exception):
    """More than somebody wants as text; the message is how much."""


def is_parquet(beginning: bytes) -> bool:
    """Whether some bytes are the beginning of a Parquet file."""
    return beginning.startswith(MARK)


def read_names(file: BinaryIO) -> tuple[str, ...]:
    """The names of the columns.

    Raises:
        ParquetFault: the file is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    file.seek(0)
    try:
        return tuple(pq.ParquetFile(file).schema_arrow.names)
    except (pa.ArrowException, OSError):
        raise ParquetFault from None


def read_cells(
    file: BinaryIO, *, times: bool = False, batch_rows: int = BATCH_ROWS
) -> Iterator[list[pa.Array]]:
    """The rows in batches, each column as text; what is missing is blank.

    Args:
        times: whether a time may have an hour; else only midnights are taken, as days.

    Raises:
        ParquetFault: the file is damaged, or a column has a type that no cell can say.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    file.seek(0)
    try:
        for batch in pq.ParquetFile(file).iter_batches(batch_rows):
            yield [
                _as_text(column, name, times)
                for name, column in zip(batch.schema.names, batch.columns, strict=True)
            ]
    except (pa.ArrowException, OSError):
        raise ParquetFault from None


def write_heading(file: BinaryIO) -> bytes:
    """The heading row of the CSV file that a Parquet file is as text; empty when it is damaged."""
    try:
        return _lines([read_names(file)])
    except ParquetFault:
        return b""


def write_csv(data: bytes, most_rows: int, most_bytes: int) -> bytes:
    """A Parquet file as a CSV file: semicolons, UTF-8. The first row of the one is line 2 of the other, where no cell
    holds a line break.

    Raises:
        ParquetFault: see `read_cells`.
        ParquetTooLarge: there are more rows, or more bytes would be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = io.BytesIO(data)
    written = [_lines([read_names(file)])]
    try:
        rows = pq.ParquetFile(file).metadata.num_rows
    except (pa.ArrowException, OSError):
        raise ParquetFault from None
    if rows > most_rows:
        raise ParquetTooLarge(f"> {most_rows} rows")
    size = 0
    for columns in read_cells(file, times=True, batch_rows=SMALL_BATCH_ROWS):
        size += sum(column.nbytes for column in columns)
        if size > most_bytes:
            raise ParquetTooLarge(f"> {most_bytes / 1e6:.0f} MB")
        written.append(_lines(zip(*(column.to_pylist() for column in columns), strict=True)))
    return b"".join(written)


def _lines(rows: Any) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def _as_text(column: pa.Array, name: str, times: bool) -> pa.Array:
    """Values as the cells of a text file would be; the parsers then hold for both."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_timestamp(kind):
        column = _moments(column, name, times)
    elif pa.types.is_float64(kind):
        column = _doubles(column)
    elif pa.types.is_floating(kind):
        column = _whole(column)
    elif pa.types.is_boolean(kind):
        column = pc.if_else(column, "ja", "nei")
    elif pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        raise ParquetFault(name, str(kind)[:40])
    text: Any = column.cast(pa.string())
    return pc.fill_null(text, "")


def _moments(column: pa.Array, name: str, times: bool) -> pa.Array:
    """Spreadsheets and data frames keep days as midnights."""
    import pyarrow as pa
    import pyarrow.compute as pc

    local = pc.local_timestamp(column) if column.type.tz else column
    days = local.cast(pa.date32())
    if not pc.any(pc.not_equal(days.cast(local.type), local)).as_py():
        return days
    if not times:
        raise ParquetFault(name, str(column.type))
    fine = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    written = [moment and moment.isoformat() for moment in fine.to_pylist()]
    return pa.array(written, pa.string())


def _doubles(column: pa.Array) -> pa.Array:
    """Binary doubles as the decimal numbers they stand for: 0.1 + 0.2 is 0.30000000000000004 in binary, and 0.3."""
    import pyarrow as pa

    encoded = column.dictionary_encode()
    written = [_decimal(value) for value in encoded.dictionary.to_pylist()]
    return pa.array(written, pa.string()).take(encoded.indices)


def _decimal(value: float) -> str:
    """The number without the digits that a double does not surely hold. Whole numbers, which data frames make floating
    because some are missing, are exact: one may be somebody's number."""
    if value.is_integer() and abs(value) < WHOLE:
        return str(int(value))
    return f"{Decimal(f'{value:.{DIGITS}g}'):f}"


def _whole(column: pa.Array) -> pa.Array:
    """Whole numbers that a data frame made floating because some are missing."""
    import pyarrow as pa

    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column
