"""The commands `indicator …`: what indicators there are, whether their files hold, and what they come to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from varde.cli.frame import fail, home, start_django, today
from varde.terminal import Format, console, number_of, print_json, print_table

if TYPE_CHECKING:
    import pyarrow as pa

    from varde.prescribing.indicators import Definition, Delivered, Period, Role, UnitKind
    from varde.warehouse import WarehouseError

app = typer.Typer(
    help="Indicators of prescribing: what there is, and numerators and denominators for each unit.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
SURVEYS = frozenset(("wards", "treatments"))
READ = ("indicator", "title", "kind", "per", "better", "reviewed", "next_review", "review")
"""The columns of the list that people read; files have all."""
NAMED = 5
"""So many institutions are named in one line."""
Printed = Annotated[Format, typer.Option("--format", help="How to print it.")]


@app.command("list")
def list_(format: Printed = Format.table) -> None:
    """All indicators as they hold today, and which of them should have been looked over by now."""
    start_django()
    from varde.prescribing.indicators import catalogue

    day = today()
    rows = [_row(one, one.next_review < day) for one in catalogue().on(day).values()]
    shown = [{key: row[key] for key in READ} for row in rows]
    _print(shown if format is Format.table else rows, format)
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
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="FOLDER", help="A folder of definitions; else those that Varde has."
        ),
    ] = None,
) -> None:
    """Read every definition, and say all that is wrong with each: file, place, what, and what to do. Exit status 1 when
    one does not hold, or when one should have been looked over by now."""
    start_django()
    from varde.prescribing.indicators import check_files

    if folder and not folder.is_dir():
        fail(f"there is no folder {folder}")
    day = today()
    checked = check_files(folder, day=day) if folder else check_files(day=day)
    for path, problems in checked.wrong.items():
        for problem in problems:
            console.print(f"{path.name}: {problem}", markup=False, style="red", soft_wrap=True)
    held = sum(map(len, checked.catalogue.versions.values()))
    console.print(f"{number_of(held, 'definition')} {'holds' if held == 1 else 'hold'}.")
    failed = []
    if wrong := len(checked.wrong):
        failed.append(
            f"{number_of(wrong, 'file')} {'is' if wrong == 1 else 'are'} wrong: see above"
        )
    if overdue := checked.catalogue.overdue(day):
        names = ", ".join(one.id for one in overdue)
        failed.append(f"the day of the next review has passed for {names}")
    if failed:
        fail("; ".join(failed))


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
        check_units,
        find_delivered,
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
    # Asked of all, before it is looked which of them have tables: whoever asks is told of every one at once.
    check_units(asked, by)
    if folder and engine != "duckdb":
        raise InvalidQuestion("files of a folder are read by DuckDB: leave --engine out")
    if role and (homes := [one.id for one in asked if "prescriber" not in one.kinds]):
        raise InvalidQuestion(f"{', '.join(homes)}: of institutions, which have no role")
    surveyed = any(SURVEYS & one.tables for one in asked)
    tables, problem = (_open_folder(folder), None) if folder else _open(engine, surveyed)
    known = [one for one in asked if one.tables <= set(tables)]
    if not known and problem:
        raise problem
    some = known or asked  # of which none can be counted: then that is what is said
    delivered = find_delivered(tables, some, periods)
    counted = count(
        tables,
        some,
        by,
        periods,
        strata,
        role=role or None,  # type: ignore[arg-type]
        delivered=delivered,
    )
    _print_computed(counted, format)
    _tell_undelivered(some, periods, delivered)
    _tell_months(counted, some, delivered)
    _tell_without_days(tables, some, periods, delivered)
    _tell_empty(counted, some, by)
    if any("dispensings" in one.tables for one in known):
        if role or by == "out-of-hours-unit":
            _tell_unplaced(tables, periods)
        if by in ("peer-group", "municipality", "county"):
            _tell_outside(tables, by, role or None, periods)  # type: ignore[arg-type]
    for one in asked:
        if one not in some:
            missing = ", ".join(sorted(one.tables - set(tables)))
            console.print(
                f"{one.id} is not computed: it counts {missing}, which cannot be read.",
                markup=False,
                soft_wrap=True,
            )
    if len(some) < len(asked):
        raise problem or InvalidQuestion("not all that was asked for could be computed: see above")


def _tell_undelivered(
    indicators: list[Definition], periods: list[Period], delivered: Delivered
) -> None:
    """Which months are left out of which indicators, as nobody delivered a table that they count."""
    from varde.prescribing.indicators import find_missing
    from varde.prescribing.indicators.periods import join_months

    for table, months in delivered.items():
        some = [one for one in indicators if table in one.tables]
        missing = find_missing(some[0], periods, {table: months})
        if not missing:
            continue
        spans = map(_name, join_months(missing))
        whole = [one.id for one in some if one.denominator.counts == "persons"]
        text = (
            f"{table}: nobody delivered anything of {', '.join(spans)}. These months are left out of "
            f"{', '.join(one.id for one in some)} (column months)"
        )
        text += (
            f"; the persons of {', '.join(whole)} are those of the whole period." if whole else "."
        )
        console.print(text, markup=False, soft_wrap=True)


def _tell_months(counted: pa.Table, indicators: list[Definition], delivered: Delivered) -> None:
    """Which figures are of still fewer months, as their units tell no bed days of others: on the error stream, so that
    what is printed can be read on."""
    from varde.prescribing.indicators import Period, find_missing

    by_id = {one.id: one for one in indicators}
    short: dict[str, int] = {}
    for row in counted.select(["indicator", "since", "until", "months"]).to_pylist():
        period = Period(row["since"], row["until"])
        missing = find_missing(by_id[row["indicator"]], [period], delivered)
        if row["months"] < len(period.months) - len(missing):
            short[row["indicator"]] = short.get(row["indicator"], 0) + 1
    for name, rows in short.items():
        console.print(
            f"{name}: {rows:,} of the figures are of fewer months than were delivered of the period (column months): "
            "months without bed days are left out above and below.",
            markup=False,
            soft_wrap=True,
        )


def _tell_without_days(
    tables: dict[str, Any],
    indicators: list[Definition],
    periods: list[Period],
    delivered: Delivered,
) -> None:
    from varde.prescribing.indicators import find_without_days

    for one in find_without_days(tables, indicators, periods, delivered):
        named = one.institutions
        what = (
            f"{', '.join(key.id for key in one.indicators)}: {number_of(len(named), 'institution')}"
        )
        more = f" and {len(named) - NAMED:,} more" if len(named) > NAMED else ""
        console.print(
            f"{what} ({', '.join(named[:NAMED])}{more}) had {one.table} and no bed days to set them over in "
            f"{_name(one.period)}, and so no figure: hand in the missing bed days (`varde ingest FILE`).",
            markup=False,
            soft_wrap=True,
        )


def _tell_empty(counted: pa.Table, indicators: list[Definition], by: str) -> None:
    """Which indicators have no figure at all: an answer without rows must not look like one that was forgotten."""
    there = set(counted["indicator"].to_pylist())
    if names := [one.id for one in indicators if one.id not in there]:
        console.print(
            f"No {by} has a figure of {', '.join(names)}: nothing to set it over was delivered of the period.",
            markup=False,
            soft_wrap=True,
        )


def _tell_outside(
    tables: dict[str, Any], by: UnitKind, role: Role | None, periods: list[Period]
) -> None:
    """What the country's figures have and no unit's: the sum of the units is not the country."""
    from varde.prescribing.indicators import count_outside

    for one in count_outside(tables, by, role, periods):
        if one.outside:
            console.print(
                f"{_name(one.period)}: {one.outside:,} of {one.rows:,} {one.table} are of no {by}: the register has their "
                "prescriber in none on the period's last day, or nobody can say in which role they were prescribed. "
                "The country's figures have them.",
                markup=False,
                soft_wrap=True,
            )


def _name(period: Period) -> str:
    """ "2026-03", or "2025-07..2026-06"."""
    until = f"..{period.until:%Y-%m}" if len(period.months) > 1 else ""
    return f"{period.since:%Y-%m}{until}"


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
        if row["contacts_without_unit"]:
            console.print(
                f"{row['since']} to {row['until']}: of {row['contacts']:,} contacts out of hours nobody can say of "
                f"{row['contacts_without_unit']:,} at which unit. They are in no figures of an out-of-hours unit.",
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


def _open(engine: str, surveyed: bool) -> tuple[dict[str, Any], WarehouseError | None]:
    """What was delivered, and the warehouse's surveys where they are asked for, or why there are none."""
    from varde import deliveries
    from varde.warehouse import WarehouseError, open_tables

    tables: dict[str, Any] = dict(deliveries.open_tables(home(), engine))  # type: ignore[arg-type]
    if not surveyed:
        return tables, None
    try:
        # Each engine's connection is its own: surveys are asked for without what is delivered.
        snapshot = open_tables(home() / "warehouse", engine)  # type: ignore[arg-type]
    except WarehouseError as error:
        return tables, error
    return tables | _on_one_engine(tables, snapshot, engine), None


def _on_one_engine(tables: dict[str, Any], snapshot: Any, engine: str) -> dict[str, Any]:
    """The surveys, on the connection of the deliveries: they are small, and one expression has one connection."""
    found = {name: snapshot.table(name) for name in sorted(SURVEYS)}
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
    rows = table.to_pylist()
    print_json(
        [
            {key: value if isinstance(value, int) else str(value) for key, value in row.items()}
            for row in rows
        ]
    )


def _print(rows: list[dict[str, Any]], format: Format) -> None:
    import pyarrow as pa

    print_table(pa.Table.from_pylist(rows), format)
