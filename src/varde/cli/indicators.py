"""The commands `indicator …`: what indicators there are, whether their files hold, and what they come to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from varde.cli.frame import fail, home, start_django, today
from varde.terminal import Format, console, print_json, print_table

if TYPE_CHECKING:
    import pyarrow as pa

    from varde.prescribing.indicators import Definition, Period

app = typer.Typer(
    help="Indicators of prescribing: what there is, and numerators and denominators for each unit.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Printed = Annotated[Format, typer.Option("--format", help="How to print it.")]


@app.command("list")
def list_(format: Printed = Format.table) -> None:
    """All indicators as they hold today, and which of them should have been looked over by now."""
    start_django()
    from varde.prescribing.indicators import catalogue

    day = today()
    rows = [_row(one, one.next_review < day) for one in catalogue().on(day).values()]
    _print(rows, format)
    overdue = [row["indicator"] for row in rows if row["review"] == "overdue"]
    if overdue:
        console.print(
            f"To be looked over: {', '.join(overdue)}.",
            markup=False,
            style="yellow",
            soft_wrap=True,
        )


def _row(one: Definition, overdue: bool) -> dict[str, Any]:
    return {
        "indicator": one.id,
        "title": one.title.nb,
        "topic": one.topic,
        "kind": one.kind,
        "per": one.per,
        "better": one.direction,
        "version": one.version.isoformat(),
        "revised": one.revisions[-1].on.isoformat() if one.revisions else "",
        "reviewed": one.reviewed.isoformat(),
        "next_review": one.next_review.isoformat(),
        "review": "overdue" if overdue else "",
    }


@app.command()
def check() -> None:
    """Read every definition, and say what is wrong with the first that does not hold. Exit status 1 when one does not,
    or when one should have been looked over by now."""
    start_django()
    from varde.prescribing.indicators import catalogue

    found = catalogue()
    console.print(f"{sum(map(len, found.versions.values()))} definitions hold.")
    overdue = found.overdue(today())
    if overdue:
        names = ", ".join(one.id for one in overdue)
        fail(f"the day of the next review has passed for {names}")


@app.command()
def compute(
    indicators: Annotated[list[str], typer.Argument(metavar="ID ...", help="Which indicators.")],
    period: Annotated[
        list[str],
        typer.Option(help="2026, 2026-03 or 2025-07..2026-06; several times for several."),
    ],
    by: Annotated[
        str,
        typer.Option(
            help="prescriber, out-of-hours-unit, institution, peer-group, municipality, county or country."
        ),
    ] = "prescriber",
    role: Annotated[
        str, typer.Option(help="Only what was done as gp, or out-of-hours; empty for both.")
    ] = "",
    strata: Annotated[bool, typer.Option("--strata", help="By age band and sex too.")] = False,
    format: Annotated[Format, typer.Option(help="How to print it.")] = Format.table,
    engine: Annotated[str, typer.Option(help="duckdb or spark.")] = "duckdb",
    folder: Annotated[
        Path | None,
        typer.Option(
            "--from",
            exists=True,
            file_okay=False,
            help="Parquet files of this folder, each named after its table (dispensings.parquet), and not what was delivered.",
        ),
    ] = None,
) -> None:
    """Numerators and denominators: exact, for those who run the register. What leaves it goes through reports and
    pages, with their disclosure control."""
    start_django()
    from varde.prescribing.indicators import (
        UNIT_KINDS,
        InvalidQuestion,
        catalogue,
        read_period,
    )
    from varde.prescribing.indicators import compute as count

    if by not in UNIT_KINDS:
        raise InvalidQuestion(f"{by!r} is no kind of unit: give one of {', '.join(UNIT_KINDS)}")
    if role not in ("", "gp", "out-of-hours"):
        raise InvalidQuestion(f"{role!r} is no role: give gp or out-of-hours")
    periods = [read_period(text) for text in period]
    day = max(one.until for one in periods)
    asked = [catalogue().get(id_, day) for id_ in dict.fromkeys(indicators)]
    surveyed = any({"wards", "treatments"} & one.tables for one in asked)
    tables = _open_folder(folder) if folder else _open(engine, surveyed)
    counted = count(tables, asked, by, periods, strata, role=role or None)  # type: ignore[arg-type]
    _print_computed(counted, format)
    _tell_months(counted)
    if any("dispensings" in one.tables for one in asked) and (
        role or by in ("out-of-hours-unit", "peer-group", "municipality", "county")
    ):
        _tell_unplaced(tables, periods)


def _tell_months(counted: pa.Table) -> None:
    """Which figures are not of their whole period: on the error stream, so that what is printed can be read on."""
    from varde.prescribing.indicators import Period

    short: dict[str, int] = {}
    for row in counted.select(["indicator", "since", "until", "months"]).to_pylist():
        if row["months"] < len(Period(row["since"], row["until"]).months):
            short[row["indicator"]] = short.get(row["indicator"], 0) + 1
    for name, rows in short.items():
        console.print(
            f"{name}: {rows:,} of the figures are of fewer months than the period has (column months): months without "
            "bed days are left out above and below.",
            markup=False,
            soft_wrap=True,
        )


def _tell_unplaced(tables: dict[str, Any], periods: list[Period]) -> None:
    from varde.prescribing.indicators import count_unplaced

    for row in count_unplaced(tables, periods).to_pylist():
        if row["without_role"] or row["without_unit"]:
            console.print(
                f"{row['since']} to {row['until']}: of {row['dispensings']:,} dispensings nobody can say of "
                f"{row['without_role']:,} in which role they were prescribed, and of {row['without_unit']:,} at which unit. "
                "They are in no figures of a role or an out-of-hours unit.",
                markup=False,
                soft_wrap=True,
            )


def _open_folder(folder: Path) -> dict[str, Any]:
    """The tables in a folder, on DuckDB.

    A column that the layout has and a file does not is missing for all its rows, when it may be; else it is an error.
    """
    import ibis

    from varde.prescribing import layouts
    from varde.prescribing.indicators import InvalidQuestion
    from varde.warehouse import TREATMENTS, WARDS

    schemas = {key: layout.schema for key, layout in layouts().items()}
    schemas |= {"wards": WARDS, "treatments": TREATMENTS}
    connection = ibis.duckdb.connect()
    connection.raw_sql("SET enable_progress_bar = false")
    found = {}
    for path in sorted(folder.glob("*.parquet")):
        if path.stem not in schemas:
            raise InvalidQuestion(f"{path.name} is not named after a table: {', '.join(schemas)}")
        table = connection.read_parquet(path)
        wanted = ibis.Schema.from_pyarrow(schemas[path.stem])
        for field in schemas[path.stem]:
            if field.name not in table.columns and not field.nullable:
                raise InvalidQuestion(f"{path.name} has no column {field.name}")
        found[path.stem] = table.select(
            **{
                name: (table[name] if name in table.columns else ibis.null()).cast(
                    type_(nullable=True)
                )
                for name, type_ in wanted.items()
            }
        )
    return found


def _open(engine: str, surveyed: bool) -> dict[str, Any]:
    """What was delivered, and the warehouse's surveys where they are asked for."""
    from varde import deliveries

    tables: dict[str, Any] = dict(deliveries.open_tables(home(), engine))  # type: ignore[arg-type]
    if surveyed:
        from varde.warehouse import open_tables

        # Each engine's connection is its own: surveys are asked for without what is delivered.
        snapshot = open_tables(home() / "warehouse", engine)  # type: ignore[arg-type]
        tables |= _on_one_engine(tables, snapshot, engine)
    return tables


def _on_one_engine(tables: dict[str, Any], snapshot: Any, engine: str) -> dict[str, Any]:
    """The surveys, on the connection of the deliveries: they are small, and one expression has one connection."""
    found = {name: snapshot.table(name) for name in ("wards", "treatments")}
    if engine == "spark":
        return found  # its session is shared in the process
    connection = next(iter(tables.values())).get_backend()
    return {
        name: connection.create_table(f"survey_{name}", snapshot.fetch(table), temp=True)
        for name, table in found.items()
    }


def _print_computed(table: pa.Table, format: Format) -> None:
    if format is not Format.json:
        print_table(table, format)
        return
    # Exact decimals as text: a reader must not make a binary fraction of them.
    print_json([{key: str(value) for key, value in row.items()} for row in table.to_pylist()])


def _print(rows: list[dict[str, Any]], format: Format) -> None:
    import pyarrow as pa

    print_table(pa.Table.from_pylist(rows), format)
