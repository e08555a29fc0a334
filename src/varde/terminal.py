"""How the command line talks: results on standard output, everything else on standard error."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    import pyarrow as pa

    from varde.register import Counts

console = Console(stderr=True, highlight=False)


class Format(StrEnum):
    """How a table is printed."""

    csv = "csv"
    json = "json"
    table = "table"


@contextmanager
def progress_bar(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, only where somebody looks at it. None: nobody knows how much it is."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda count: progress.advance(task, count)


def print_json(value: Any) -> None:
    """JSON on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def name_organisms(table: pa.Table) -> pa.Table:
    """The table with organisms under their scientific names, sorted by them."""
    import pyarrow as pa

    from varde.codes import organisms

    if "organism" not in table.column_names:
        return table
    known = organisms()
    names = [known[key].name if key else None for key in table["organism"].to_pylist()]
    position = table.column_names.index("organism")
    named = table.set_column(position, "organism", pa.array(names, pa.string()))
    dimensions = named.column_names[: named.column_names.index("n")]
    return named.sort_by([(name, "ascending") for name in dimensions])


def print_table(table: pa.Table, format: Format) -> None:
    """A table on standard output; numbers of the intervals with four decimals."""
    rows = [
        {key: round(v, 4) if isinstance(v, float) else v for key, v in row.items()}
        for row in table.to_pylist()
    ]
    if format is Format.json:
        print_json(rows)
    elif format is Format.csv:
        writer = csv.DictWriter(sys.stdout, table.column_names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    else:
        shown = Table(highlight=False)
        for place, name in enumerate(table.column_names):
            # What a row is called by is read whole, so that it can be asked for.
            shown.add_column(name, no_wrap=place == 0)
        for row in rows:
            shown.add_row(*("" if value is None else str(value) for value in row.values()))
        print_rows(shown)


def number_of(count: int, thing: str) -> str:
    """ "1 item", "2 items" """
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def say_counts(counts: Counts) -> str:
    return (
        f"{counts.received} received: {counts.accepted} accepted, {number_of(counts.duplicate, 'duplicate')}, "
        f"{counts.quarantined} quarantined; {number_of(counts.unmapped, 'unmapped code')}"
    )


def in_steps(advance: Callable[[int], None]) -> Callable[[int, int], None]:
    """Turn "this far of so many" into steps for a bar."""
    reached = 0

    def report(done: int, _: int) -> None:
        nonlocal reached
        advance(done - reached)
        reached = done

    return report


def print_rows(table: Table) -> None:
    """A table for people on standard output; wide enough to be read where nobody looks at it."""
    Console(width=None if sys.stdout.isatty() else 160).print(table)
