"""Which rows hold when several deliveries say something of one row of a source: those of the highest rank.

What holds of a delivery is its rows without those whose key a delivery of higher rank has. That depends on the set
of deliveries alone, not on the order in which they came; where nothing is replaced, which is usual, its own files
are what holds and nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb
import msgspec
import pyarrow as pa

from varde.deliveries.manifest import Delivery, YearFile
from varde.deliveries.staging import kept_schema
from varde.prescribing import Layout
from varde.warehouse import ROW_GROUP_ROWS, write_file

MEMORY: Final = "1GB"
"""What DuckDB may use before it puts aside on disk."""


@contextmanager
def connect(scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory whose use of it is bounded.

    Args:
        scratch: an own folder for what does not fit.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "temp_directory": str(scratch),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(config=settings) as connection:
        connection.execute("SET enable_progress_bar = false")
        yield connection


def replace_rows(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    layout: Layout,
    deliveries: Sequence[Delivery],
    only: Delivery | None = None,
) -> list[Delivery]:
    """Work out anew what holds of each delivery.

    Args:
        deliveries: all of one table that were read, the lowest rank first.
        only: what changed is that this one was added: the others lose at most what it has.

    Returns:
        The deliveries of which something else holds than before.
    """
    changed = []
    for place, each in enumerate(deliveries):
        if only is None or each.id == only.id:
            start = each.rows
            winners = deliveries[place + 1 :]
        elif each.rank < only.rank:
            start = each.current
            winners = [only]
        else:
            continue
        files = [file.file.path for winner in winners for file in winner.keys]
        current = tuple(_surviving(connection, folder, layout, start, files))
        if current != each.current:
            changed.append(msgspec.structs.replace(each, current=current))
    return changed


def _surviving(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    layout: Layout,
    files: Sequence[YearFile],
    winners: Sequence[str],
) -> Iterator[YearFile]:
    """The files without the rows whose key is in one of `winners`."""
    lost = _count_lost(connection, folder, layout, [each.file.path for each in files], winners)
    for each in files:
        if each.file.path not in lost:
            yield each
        elif lost[each.file.path] < each.file.rows:
            rows = _kept(connection, folder, layout, each.file.path, winners)
            below = f"rows/{layout.key}/year={each.year}"
            entry = write_file(folder, below, kept_schema(layout), rows)
            if entry is not None:
                yield YearFile(year=each.year, file=entry)


def _on(layout: Layout) -> str:
    return " AND ".join(f'mine."{name}" = theirs."{name}"' for name in layout.identified_by)


def _count_lost(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    layout: Layout,
    files: Sequence[str],
    winners: Sequence[str],
) -> dict[str, int]:
    if not files or not winners:
        return {}
    paths = {str(folder / path): path for path in files}
    # Statements are put together from the names of a layout, values never.
    rows = connection.execute(
        f"""
        SELECT mine.filename, count(*)
        FROM read_parquet($mine, filename = true, hive_partitioning = false) AS mine
        SEMI JOIN read_parquet($theirs, hive_partitioning = false, union_by_name = true) AS theirs ON {_on(layout)}
        GROUP BY 1
        """,  # noqa: S608
        {"mine": list(paths), "theirs": [str(folder / path) for path in winners]},
    ).fetchall()
    return {paths[path]: count for path, count in rows}


def _kept(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    layout: Layout,
    path: str,
    winners: Sequence[str],
) -> Iterator[pa.RecordBatch]:
    schema = kept_schema(layout)
    names = ", ".join(f'mine."{name}"' for name in schema.names)
    found = connection.execute(
        f"""
        SELECT {names} FROM read_parquet($mine, hive_partitioning = false) AS mine
        ANTI JOIN read_parquet($theirs, hive_partitioning = false, union_by_name = true) AS theirs ON {_on(layout)}
        """,  # noqa: S608
        {"mine": [str(folder / path)], "theirs": [str(folder / each) for each in winners]},
    )
    for batch in found.to_arrow_reader(ROW_GROUP_ROWS):
        yield batch.cast(schema)
