"""Commands on what is to be handed in: `varde intake validate`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from varde.cli.audit import Language
from varde.cli.frame import AsJson, fail, home, now, start_django
from varde.cli.understood import show_understood
from varde.terminal import console, number_of, print_json, print_rows

app = typer.Typer(
    help="What is handed in: say what would become of it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _intake() -> None:
    """A family of one command so far."""


@app.command()
def validate(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A message, list, table or archive.")
    ],
    kind: Annotated[str, typer.Option(help="What it is to be handed in as.")] = "",
    sender: Annotated[
        str, typer.Option(help="Who is to hand it in (HER:91843); others in it are refused.")
    ] = "",
    mapping: Annotated[
        Path | None, typer.Option(help="Column mapping (TOML) of a list; else the one beside it.")
    ] = None,
    language: Annotated[
        Language, typer.Option(help="Of what was understood, where it is a table.")
    ] = Language.en,
    as_json: AsJson = False,
) -> None:
    """Say of every item in a file whether it can be used, and if not, why; and what was understood of it: each
    finding and search, and the cases that would come of it. Nothing is kept.

    The exit status is 1 when an item cannot be used. No register is needed, and none is made.
    """
    start_django()
    from varde.access.clients import kinds
    from varde.register import database_of, open_to_validate
    from varde.register import validate as check
    from varde.register.files import open_file, read_mapping_beside
    from varde.web.intake.answers import write_item

    if kind and kind not in kinds():
        fail(f"there is no kind {kind!r}: give one of {', '.join(kinds())}")
    given = mapping.read_bytes() if mapping else read_mapping_beside(file)
    messages: list[dict[str, Any]] = []
    for incoming in open_file(
        file.name, file.read_bytes(), given, only=mapping is not None, kind=kind
    ):
        register = open_to_validate(home(), database_of(incoming))
        said = replace(incoming, submitter=sender)
        items = [write_item(item, kind) for item in check(register, said, now())]
        messages.append({"name": incoming.name, "items": items})
    found = [item for message in messages for item in message["items"]]
    usable = sum(item["state"] == "accepted" for item in found)
    if as_json:
        counts = {"usable": usable, "unusable": len(found) - usable}
        print_json({"kind": kind, "stored": False, **counts, "messages": messages})
    else:
        show_understood(messages, language)
        _show(messages)
        console.print(f"{number_of(usable, 'item')} of {len(found)} can be used. Nothing was kept.")
    if usable < len(found):
        raise typer.Exit(1)


def _show(messages: list[dict[str, Any]]) -> None:
    table = Table("File", "Item", "Reason", "Where", "What to do", highlight=False)
    found = [(message["name"], item) for message in messages for item in message["items"]]
    for name, item in found:
        if problem := item.get("problem"):
            where = f"{problem['place']} {problem['found']}".strip()
            said = (problem["title_en"], where, problem["action_en"])
            table.add_row(name, str(item["item"]), *said)
    if table.row_count:
        print_rows(table)
    unknown = sorted(
        {code["text"] or code["code"] for _, item in found for code in item.get("unmapped", ())}
    )
    if unknown:
        console.print(f"No code map knows: {', '.join(unknown[:20])}.", markup=False)
