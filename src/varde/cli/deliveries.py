"""Commands on files of prescribing: `varde deliveries list`, `rejected`, `template`, `correct`, `resume`, `remove`,
`drop`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.table import Table

from varde.cli.circles import find_circles, tell_circles
from varde.cli.frame import AsJson, fail, home, now, start_django
from varde.terminal import console, number_of, print_json, print_rows, progress_bar

if TYPE_CHECKING:
    from varde.deliveries import Delivery, Receipt
    from varde.messages import Reason

app = typer.Typer(
    help="Files of prescribing: what was delivered, what of it could not be used.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

BULK = frozenset({".csv", ".tsv", ".txt", ".parquet"})
"""How the names of files end that may be of prescribing."""
BUNDLES = frozenset({".json"})
"""How the names of files end that may be bundles of administered drugs."""
BEGINNING = 64 * 1024
ROWS_A_BYTE = 1 / 90
"""About how many rows there are in a file, for its bar."""

TableKey = Annotated[str, typer.Option("--table", metavar="KEY", help="Which table: its key.")]


def split_files(
    paths: Iterable[Path], table: str, mapped: bool = False
) -> tuple[list[Path], list[Path]]:
    """Files of prescribing, and the others.

    Args:
        table: what all of them are said to be; empty: each says itself.
        mapped: whether a column mapping is given. A list that has one is of prescribing only when its headings are
            those of a table; without one it is enough that they are like them.
    """
    from varde.messages import find_mapping
    from varde.messages import find_table as find_published
    from varde.messages.lmdi import looks_like_bundle
    from varde.messages.parquet import is_parquet, write_heading
    from varde.prescribing.reading import find_table

    bulk: list[Path] = []
    others: list[Path] = []
    for path in paths:
        found = bool(table)
        if not found and path.suffix.lower() in BULK:
            try:
                with path.open("rb") as file:
                    beginning = file.read(32 * 1024)
                    headed = write_heading(file) if is_parquet(beginning) else beginning
                    is_message = find_published(headed) is not None
                    like = not mapped and find_mapping(path) is None
                    found = not is_message and find_table(file, path.name, like=like) is not None
            except OSError:
                pass  # who takes it in says what is wrong
        if not found and path.suffix.lower() in BUNDLES:
            try:
                with path.open("rb") as file:
                    found = looks_like_bundle(file.read(BEGINNING))
            except OSError:
                pass
        (bulk if found else others).append(path)
    return bulk, others


def take_files(
    files: Iterable[Path], table: str, source: str, series: str, delivered_at: datetime | None
) -> list[Receipt]:
    """Take files of prescribing in, with a bar for each."""
    from varde.deliveries import take, take_bundle

    receipts = []
    for path in files:
        if not table and path.suffix.lower() in BUNDLES:
            # When it was delivered, a bundle says itself.
            bundle = take_bundle(
                home(), path.read_bytes(), source=source, clock=now, name=path.name
            )
            receipts.append(bundle.receipt)
            continue
        with progress_bar(
            f"Reading {path.name}", int(path.stat().st_size * ROWS_A_BYTE)
        ) as advance:
            receipts.append(
                take(
                    home(),
                    table,
                    path,
                    source=source,
                    series=series,
                    delivered_at=delivered_at or now(),
                    clock=now,
                    progress=advance,
                )
            )
    return receipts


def tell(receipts: Iterable[Receipt]) -> None:
    """Say what became of files, for people."""
    for receipt in receipts:
        console.print(_sentence(receipt), markup=False, soft_wrap=True)
        for count in receipt.told:
            console.print(
                f"  kept, and to be looked at: {count.of} {_title(count.reason)} ({count.count})",
                markup=False,
            )
        if receipt.rejected:
            console.print(
                f"  See why with: varde deliveries rejected --delivery {receipt.delivery}",
                markup=False,
            )


def _sentence(receipt: Receipt) -> str:
    name = f"{receipt.name}: " if receipt.name else ""
    if receipt.refusal is not None:
        refusal = receipt.refusal
        where = " ".join(filter(None, (refusal.place, refusal.shown)))
        title, action = _title(refusal.reason), _action(refusal.reason)
        of = f" as {receipt.table}" if receipt.table else ""
        return f"{name}nothing of it can be used{of}: {title}{f' ({where})' if where else ''}. {action}"
    if receipt.duplicate:
        return f"{name}{receipt.table}, delivered before ({receipt.delivery}); nothing changed."
    more = [
        f"{count} {what}"
        for count, what in (
            (receipt.repeated, "repeated"),
            (receipt.replaced, "earlier replaced"),
            (receipt.outdated, "replaced by later deliveries"),
            (receipt.closed, "corrected"),
        )
        if count
    ]
    counts = ", ".join([f"{receipt.accepted} accepted", f"{receipt.rejected} rejected", *more])
    return f"{name}{receipt.table} {receipt.delivery}: {counts}."


def _title(reason: str) -> str:
    known = _explain(reason)
    return known.en.title if known else reason


def _action(reason: str) -> str:
    known = _explain(reason)
    return known.en.action if known else ""


def _explain(reason: str) -> Reason | None:
    """What a reason means: of tables, else of bundles."""
    from varde.messages.lmdi import reasons as reasons_of_bundles
    from varde.prescribing.reading import reasons

    return reasons().get(reason) or reasons_of_bundles().get(reason)


def as_plain(receipt: Receipt) -> dict[str, Any]:
    """A receipt as scripts see it."""
    found: dict[str, Any] = msgspec.to_builtins(receipt)
    return found


def read_moment(text: str) -> datetime | None:
    """A time that was typed; without zone it is UTC."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is no time: write 2026-11-26 or 2026-11-26T12:00+01:00")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


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
        refused = _title(each.refusal.reason) if each.refusal else ""
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
                _title(error.reason),
                error.shown,
                _action(error.reason),
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
    series: Annotated[str, typer.Option(help="Whose pseudonyms are in it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Hand in rejected rows that were corrected: a delivery like another, which closes the rejections."""
    start_django()
    _check_table(table)
    [receipt] = take_files([file], table, source, series, None)
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
    if receipt.state == "refused":
        raise typer.Exit(1)


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
