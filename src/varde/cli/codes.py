"""Commands on codes that no map knows: `codes unmapped`, `confirm`, `withdraw` and `decisions`."""

from __future__ import annotations

from dataclasses import asdict
from getpass import getuser
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from varde.cli.frame import AsJson, now, open_home
from varde.terminal import console, number_of, print_json, print_rows

if TYPE_CHECKING:
    from varde.register import Decision

app = typer.Typer(
    help="Codes that no map knows: what they may mean, and a person's word for what they do.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Kind = Annotated[str, typer.Argument(help="organism, antibiotic, material, vaccine or disease.")]
Text = Annotated[str, typer.Option(help="The text, as `varde codes unmapped` shows it.")]
Code = Annotated[str, typer.Option(help="The code; left out for none.")]
System = Annotated[str, typer.Option(help="The code system; left out for none.")]


@app.command()
def unmapped(
    sender: Annotated[str | None, typer.Option(help="Only this laboratory's.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the expressions that no map knows, most frequent first, with what each may mean."""
    register = open_home(make=False)
    from varde.register import suggest_meanings, unmapped_codes

    maps, definitions = register.context.codes, register.context.definitions()
    rows = [
        (code, suggest_meanings(maps, definitions, code.kind, code.code, code.text, limit=3))
        for code in unmapped_codes(sender, 1_000_000)
    ]
    if as_json:
        print_json(
            [asdict(code) | {"suggestions": [asdict(one) for one in ones]} for code, ones in rows]
        )
        return
    table = Table("Kind", "Text", "Code", "System", "Times", "May mean", highlight=False)
    for code, suggestions in rows:
        table.add_row(
            code.kind,
            code.text,
            code.code,
            code.system,
            str(code.count),
            ", ".join(one.concept for one in suggestions),
        )
    print_rows(table)
    console.print(f"{number_of(len(rows), 'expression')} that no map knows.")


@app.command()
def decisions(
    sender: Annotated[
        str | None, typer.Option(help="Only what concerns this laboratory's answers or proposals.")
    ] = None,
    whole: Annotated[
        bool, typer.Option("--history", help="Also what no longer holds, without --sender.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what was said about expressions, newest first: proposed, confirmed, declined, taken back."""
    open_home(make=False)
    from varde.register import newest_decisions, standing_decisions

    most = 1_000_000
    found = newest_decisions(most) if whole and sender is None else standing_decisions(sender, most)
    if as_json:
        print_json([_tell(each) for each in found])
        return
    table = Table(
        "When", "Kind", "Text", "Code", "Said", "Meaning", "By", "Changed", highlight=False
    )
    for each in found:
        kind, _system, code, text = each.expression
        by = each.sender or each.decided_by
        said = (each.verdict, each.concept, by, str(each.changed))
        table.add_row(f"{each.decided_at:%Y-%m-%d %H:%M}", kind, text, code, *said)
    print_rows(table)
    console.print(f"{number_of(len(found), 'decision')}.")


def _tell(decision: Decision) -> dict[str, object]:
    kind, system, code, text = decision.expression
    return {
        "kind": kind,
        "system": system,
        "code": code,
        "text": text,
        "verdict": decision.verdict,
        "concept": decision.concept,
        "sender": decision.sender,
        "decided_by": decision.decided_by,
        "decided_at": decision.decided_at.isoformat(),
        "changed": decision.changed,
    }


@app.command()
def confirm(
    kind: Kind,
    concept: Annotated[str, typer.Argument(help="What it means: a key such as escherichia-coli.")],
    text: Text = "",
    code: Code = "",
    system: System = "",
) -> None:
    """Say what an expression means: it then holds for all answers that have it, old and new."""
    register = open_home(make=False)
    from varde.register import confirm as write

    changed = write(register, (kind, system, code, text), concept, getuser(), now())
    console.print(f"Confirmed. {number_of(changed, 'answer')} changed; see: varde refresh")


@app.command()
def withdraw(kind: Kind, text: Text = "", code: Code = "", system: System = "") -> None:
    """Take a confirmation back: the answers stand as before it."""
    register = open_home(make=False)
    from varde.register import withdraw as take_back

    changed = take_back(register, (kind, system, code, text), getuser(), now())
    console.print(f"Taken back. {number_of(changed, 'answer')} changed; see: varde refresh")
