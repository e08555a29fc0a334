"""Commands on files of prescribing: `varde deliveries list`, `rejected`, `template`, `correct`, `resume`, `remove`,
`drop`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.table import Table

from varde.cli.circles import find_circles, tell_circles
from varde.cli.delivered_files import (
    action_of,
    as_plain,
    is_of_no_use,
    take_files,
    tell,
    title_of,
)
from varde.cli.frame import AsJson, fail, home, start_django
from varde.terminal import console, number_of, print_json, print_rows, progress_bar

if TYPE_CHECKING:
    from varde.deliveries import Delivery

app = typer.Typer(
    help="Files of prescribing: what was delivered, what of it could not be used.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

TableKey = Annotated[str, typer.Option("--table", metavar="KEY", help="Which table: its key.")]


def _check_table(table: str) -> None:
    from varde.prescribing import layouts

    if table and table not in layouts():
        fail(f"there is no table {table!r}: give one of {', '.join(layouts())}")


@app.command("list")
def list_all(table: TableKey = "", as_json: AsJson = False) -> None:
    """Show what was delivered, and what became of it."""
    start_django()
    from varde.deliveries import count_waiting, list_deliveries

    _check_table(table)
    found = [each for each in list_deliveries(home()) if not table or each.table == table]
    waiting = count_waiting(home())
    if as_json:
        print_json([_as_plain(each, waiting.get(each.id, 0)) for each in found])
        return
    shown = Table(
        *("Id", "Delivered", "Table", "File", "Source", "Rows", "Rejected", "Wait", "Replaced"),
        highlight=False,
    )
    for each in found:
        refused = title_of(each.refusal.reason) if each.refusal else ""
        shown.add_row(
            each.id,
            f"{each.delivered_at:%Y-%m-%d %H:%M}",
            each.table or "?",
            each.name or "–",
            each.source or "–",
            refused or (str(each.accepted) if each.state == "read" else "not read yet"),
            str(each.rejected),
            str(waiting.get(each.id, 0)),
            str(each.replaced),
        )
    print_rows(shown)
    console.print(f"{len(found)} {'delivery' if len(found) == 1 else 'deliveries'}.")


def _as_plain(delivery: Delivery, waiting: int) -> dict[str, Any]:
    names = (
        *("id", "table", "layout", "name", "source", "series", "delivered_at", "taken_at"),
        *("state", "size", "sha256", "accepted", "rejected", "repeated", "replaced"),
    )
    found = {name: msgspec.to_builtins(getattr(delivery, name)) for name in names}
    return found | {
        "waiting": waiting,
        "refusal": msgspec.to_builtins(delivery.refusal),
        "reasons": msgspec.to_builtins(delivery.reasons),
        "told": msgspec.to_builtins(delivery.told),
        "years": sorted({file.year for file in delivery.rows}),
    }


@app.command()
def rejected(
    table: TableKey = "",
    delivery: Annotated[str, typer.Option(metavar="ID", help="Only of this delivery.")] = "",
    as_csv: Annotated[
        bool,
        typer.Option(
            "--csv",
            help="With --delivery: the rows themselves, to correct and hand in. They may hold personal data.",
        ),
    ] = False,
    limit: Annotated[int, typer.Option(help="At most this many rows in the table.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the rows that could not be used and wait to be corrected: why, and what to do."""
    start_django()
    from itertools import islice

    from varde.deliveries import list_rejected, write_rejected

    _check_table(table)
    if as_csv:
        if not delivery:
            fail("--csv needs --delivery ID: the columns are those of one file")
        for piece in write_rejected(home(), delivery):
            sys.stdout.buffer.write(piece)
        return
    found = list_rejected(home(), table, delivery)
    if as_json:
        print_json([msgspec.to_builtins(row) for row in found])
        return
    shown = Table(
        *("Delivery", "File", "Table", "Row", "Column", "What is wrong", "Found", "What to do"),
        highlight=False,
    )
    for row in islice(found, limit):
        for number, error in enumerate(row.errors):
            first = (row.delivery, row.name or "–", row.table, str(row.row))
            shown.add_row(
                *(first if number == 0 else ("", "", "", "")),
                error.column or "–",
                title_of(error.reason),
                error.shown,
                action_of(error.reason),
            )
    print_rows(shown)
    if next(found, None) is not None:
        console.print(f"There are more than {limit}: see --limit, or --json for all.")


@app.command()
def template(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Which table: its key.")],
) -> None:
    """Print the heading row of a table: semicolons, UTF-8 with its mark."""
    from varde.prescribing import layouts
    from varde.prescribing.reading import write_template

    _check_table(key)
    sys.stdout.buffer.write(write_template(layouts()[key]))


@app.command()
def correct(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Corrected rows: a CSV file.")],
    table: TableKey = "",
    source: Annotated[str, typer.Option(help="Who corrected them.")] = "",
    series: Annotated[
        str, typer.Option(help="Whose pseudonyms are in it; else those of what it corrects.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Hand in rejected rows that were corrected: a delivery like another, which closes the rejections."""
    start_django()
    _check_table(table)
    [receipt] = take_files([file], table, source, series or _series_of(file), None)
    if as_json:
        print_json(as_plain(receipt))
    else:
        tell([receipt])
        tell_circles(find_circles([receipt]))
        if not receipt.closed:
            console.print("No rejected row was closed by it.")
        if receipt.rejected:
            console.print(
                "What is still wrong waits in it, in the place of the rows it was to correct."
            )
    if is_of_no_use(receipt):
        raise typer.Exit(1)


def _series_of(file: Path) -> str:
    """The series of the deliveries that a file corrects; none where they have several, or it cannot be read."""
    from varde.deliveries import list_deliveries

    text = file.read_text("utf-8", "replace") if file.is_file() else ""
    found = {each.series for each in list_deliveries(home()) if each.id in text}
    return found.pop() if len(found) == 1 else ""


@app.command()
def resume(as_json: AsJson = False) -> None:
    """Read what was kept and not read: an intake was interrupted, or an earlier Varde kept its tables otherwise."""
    start_django()
    from varde.deliveries import resume as resume_deliveries

    with progress_bar("Reading", None) as advance:
        receipts = resume_deliveries(home(), advance)
    if as_json:
        print_json([as_plain(each) for each in receipts])
    else:
        tell(receipts)
        if not receipts:
            console.print("Everything that was delivered is read.")


@app.command()
def remove(
    delivery: Annotated[str, typer.Argument(metavar="ID", help="The delivery's id.")],
    as_json: AsJson = False,
) -> None:
    """Remove a delivery as if it had never been: what it replaced holds again."""
    start_django()
    from varde.deliveries import remove as remove_delivery

    gone = remove_delivery(home(), delivery)
    if as_json:
        print_json(_as_plain(gone, 0))
    else:
        console.print(f"{gone.id} is removed, with {number_of(gone.accepted, 'accepted row')}.")


@app.command()
def drop(
    before: Annotated[
        int, typer.Option("--before", metavar="YEAR", help="The first year that is kept.")
    ],
    as_json: AsJson = False,
) -> None:
    """Remove the deliveries all of whose rows are of earlier years, with what is kept sealed of them."""
    start_django()
    from varde.deliveries import drop_years

    gone = drop_years(home(), before)
    if as_json:
        print_json([_as_plain(each, 0) for each in gone])
    else:
        console.print(
            f"{len(gone)} {'delivery is' if len(gone) == 1 else 'deliveries are'} removed."
        )
