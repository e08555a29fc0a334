"""Commands on disease files: `disease list` and `disease check`."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from msgspec import to_builtins
from rich.table import Table

from varde.cli.frame import AsJson, fail
from varde.terminal import console, number_of, print_json, print_rows

if TYPE_CHECKING:
    from varde.cases import Definition, Disease

disease = typer.Typer(
    help="Notifiable diseases and their case definitions: list them, check files of them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@disease.command("list")
def list_all(as_json: AsJson = False) -> None:
    """List the notifiable diseases: group, notice at once, the classes that a case may have today."""
    from varde.cases import diseases

    day = _day_in_norway()
    rows = [_tell_disease(one, day) for one in diseases().values()]
    if as_json:
        print_json(rows)
        return
    table = Table("Key", "Name", "Group", "At once", "Form", "Classes", highlight=False)
    for row in rows:
        marks = ("yes" if row[name] else "" for name in ("at_once", "clinician_form"))
        table.add_row(row["key"], row["nb"], row["group"], *marks, ", ".join(row["classes"]))
    print_rows(table)
    console.print(f"{number_of(len(rows), 'disease')}.")


def _tell_disease(one: Disease, day: date) -> dict[str, Any]:
    duty, definition = one.duty_on(day), one.definition_on(day)
    return {
        "key": one.key,
        "nb": one.nb,
        "en": one.en,
        "group": duty.group if duty else "",
        "laboratory": duty.laboratory if duty else False,
        "clinician_form": duty.clinician_form if duty else False,
        "at_once": duty.at_once if duty else False,
        "definition": definition.valid_from if definition else None,
        "classes": _classes(definition) if definition else [],
    }


def _classes(definition: Definition) -> list[str]:
    from varde.cases import CLASSES

    return [name for name in (*CLASSES, "discarded") if definition.rules.of(name)]


@disease.command()
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER]", help="Disease files; else those that Varde uses."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check disease files: everything that is wrong, by file and field. Exit status 1 when anything is."""
    from varde.cases import DISEASES, check_diseases

    chosen = folder or DISEASES
    if not chosen.is_dir():
        fail(f"there is no folder {chosen}")
    files = len(list(chosen.glob("*.toml")))
    if not files:
        fail(f"there is no disease file (*.toml) in {chosen}")
    problems = check_diseases(chosen)
    if as_json:
        print_json(to_builtins(problems))
    else:
        for one in problems:
            sys.stdout.write(f"{one.file}: {one.field + ': ' if one.field else ''}{one.problem}\n")
        console.print(f"{number_of(files, 'file')}: {number_of(len(problems), 'problem')}.")
    if problems:
        raise typer.Exit(1)


def _day_in_norway() -> date:
    """Today, without loading Django for it."""
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo("Europe/Oslo")).date()
