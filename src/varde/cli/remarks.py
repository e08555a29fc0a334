"""Commands on what readers say is wrong with their reports: `remarks list`, `remarks settle`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from varde.cli.frame import AsJson, fail, open_home
from varde.terminal import console, print_json, print_rows

app = typer.Typer(
    help="What readers say is wrong with their prescribing reports.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List what is not settled, the oldest first. That it was read is in the access log."""
    open_home(make=False)
    from varde.access import audit
    from varde.learning import list_remarks
    from varde.operation import this_operator

    found = list_remarks()
    audit.record(this_operator(), "view", "command-line", "remark on report", len(found))
    if as_json:
        print_json([one._asdict() | {"said_at": one.said_at.isoformat()} for one in found])
        return
    table = Table("Number", "When", "Report", "Whose", "By", "What", highlight=False)
    for one in found:
        table.add_row(
            str(one.number),
            f"{one.said_at:%Y-%m-%d %H:%M}",
            f"{one.kind} {one.variant} {one.year}",
            one.unit,
            one.said_by,
            one.text,
        )
    print_rows(table)


@app.command()
def settle(number: Annotated[int, typer.Argument(help="Of the remark, as the list says.")]) -> None:
    """Take a remark off the list."""
    open_home(make=False)
    from varde.learning import settle_remark

    if not settle_remark(number):
        fail(f"there is no remark {number} that waits: varde remarks list says which do")
    console.print(f"Remark {number} is settled.", markup=False)
