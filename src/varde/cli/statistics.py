"""The commands `statistics …`: the registers' figures as the pages show them, disclosure control included."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from varde.cli.frame import fail, start_django, today
from varde.terminal import Format, print_json, print_table

if TYPE_CHECKING:
    from varde.publishing import Row

app = typer.Typer(
    help="The registers' own tables, as the pages show them: small numbers are hidden.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Printed = Annotated[Format, typer.Option("--format", help="How to print it.")]
By = Annotated[str, typer.Option("--by", help="The column to break down by.")]
Year = Annotated[int | None, typer.Option("--year", help="Only this year.")]
County = Annotated[str, typer.Option("--county", help="Only this county (03, 46 …).")]
Disease = Annotated[str, typer.Option("--disease", help="Only this disease (a key).")]
TableName = Annotated[str, typer.Option("--table", help="Which of the register's tables.")]
Organism = Annotated[str, typer.Option("--organism", help="Only this organism (a key).")]


@app.command()
def msis(
    by: By = "disease",
    disease: Disease = "",
    year: Year = None,
    county: County = "",
    format: Printed = Format.table,
) -> None:
    """Cases: how many are confirmed or probable, how many suspected; per 100,000 where inhabitants are known."""
    _print("msis", "cases", by, format, disease=disease, year=year, county=county)


@app.command()
def sysvak(
    table: TableName = "doses",
    by: By = "",
    disease: Disease = "",
    year: Year = None,
    county: County = "",
    format: Printed = Format.table,
) -> None:
    """Vaccinations: doses, numbers in each person's series, and who was reached in the year."""
    _print("sysvak", table, by, format, disease=disease, year=year, county=county)


@app.command()
def nois(
    table: TableName = "infection",
    by: By = "",
    institution: Annotated[str, typer.Option(help="Only hospital or nursing-home.")] = "",
    procedure: Annotated[str, typer.Option(help="Only this group of operations.")] = "",
    year: Year = None,
    county: County = "",
    format: Printed = Format.table,
) -> None:
    """Healthcare-associated infections: prevalence on survey days, and infections after operations."""
    chosen = {"institution_kind": institution, "procedure_group": procedure}
    _print("nois", table, by, format, **chosen, year=year, county=county)


@app.command()
def ravn(
    table: TableName = "drugs",
    by: By = "",
    organism: Organism = "",
    year: Year = None,
    format: Printed = Format.table,
) -> None:
    """Resistance in viruses, from the snapshot of RAVN alone."""
    _print("ravn", table, by, format, organism=organism, year=year)


@app.command()
def norm(
    by: By = "",
    organism: Organism = "",
    material: Annotated[str, typer.Option(help="Only this group of material.")] = "",
    year: Year = None,
    format: Printed = Format.table,
) -> None:
    """Resistance in bacteria, from the snapshot of NORM alone."""
    _print("norm", "drugs", by, format, organism=organism, material_group=material, year=year)


@app.command()
def overview(year: Year = None, format: Printed = Format.table) -> None:
    """Of each disease and organism what is known in all registers of persons, and what is missing in one."""
    start_django()
    from varde.web.overview import ask_overview

    _print_rows(ask_overview(year).rows, format)


@app.command()
def quality(year: Year = None, format: Printed = Format.table) -> None:
    """What is missing in each laboratory's findings, per cent; delays and silence are on the page."""
    start_django()
    from varde.web.quality import read_missing

    _print_rows(read_missing(year), format)


def _print(view: str, table: str, by: str, format: Format, **chosen: Any) -> None:
    start_django()
    from varde.statistics import check_chosen
    from varde.warehouse import NoSnapshot
    from varde.web.figures import VIEWS, Question, ask

    tables = VIEWS[view].tables
    if table not in tables:
        fail(f"there is no table {table!r}: give one of {', '.join(tables)}")
    wanted = tables[table]
    column = by or wanted.by[0]
    if column not in wanted.by:
        fail(f"cannot break down by {column!r}: give one of {', '.join(wanted.by)}")
    given = {name: value for name, value in chosen.items() if value not in ("", None)}
    if foreign := sorted(given.keys() - set(wanted.filters)):
        fail(f"the table {table} cannot be chosen by {', '.join(foreign)}")
    question = Question(view=view, table=table, by=(column,), chosen=tuple(given.items()))
    check_chosen(given, view, today())
    try:
        answer = ask(question)
    except NoSnapshot:
        if VIEWS[view].database == "default" or _has_register(VIEWS[view].database):
            raise
        fail(f"there are no figures of {view.upper()}: nothing has been handed in to it yet")
    _print_rows(
        [*answer.rows, *([answer.total] if answer.total else [])], format, total=answer.total
    )


def _has_register(database: str) -> bool:
    """Whether a de-identified register has been made: then a refresh makes its columns."""
    from varde.operation import exists

    return exists(database)


def _print_rows(rows: Sequence[Row], format: Format, total: Row | None = None) -> None:
    import pyarrow as pa

    keys = list(rows[0].key) if rows else []
    lines = [_line(row, keys, "total" if row is total else "unknown") for row in rows]
    if format is Format.json:
        print_json(lines)
        return
    names = list(lines[0]) if lines else []
    columns = {name: pa.array([_say(line[name]) for line in lines], pa.string()) for name in names}
    print_table(pa.table(columns), format)


def _line(row: Row, keys: Sequence[str], missing: str) -> dict[str, Any]:
    line: dict[str, Any] = {}
    for name in keys:
        value = row.key.get(name)
        line[name] = missing if value is None else value
    for name, figure in row.figures.items():
        value = figure.value
        line[name] = value if figure.status == "ok" else figure.status
        if isinstance(value, float):
            line[name] = round(value, 4)
    return line


def _say(value: Any) -> str:
    return "" if value is None else str(value)
