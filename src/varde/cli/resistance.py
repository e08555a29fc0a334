"""The command `antibiogram`: exact counts of the newest snapshot."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from varde.cli.frame import home, start_django, today
from varde.terminal import Format, name_organisms, print_table


def antibiogram(
    by: Annotated[
        str, typer.Option(help="Columns to break down by, with commas.")
    ] = "organism,antibiotic",
    first_isolates: Annotated[
        str, typer.Option(help="episode:365 (any number of days), patient, or none.")
    ] = "episode:365",
    format: Annotated[Format, typer.Option(help="How to print it.")] = Format.table,
    organism: Annotated[list[str] | None, typer.Option(help="Only these organisms (keys).")] = None,
    material: Annotated[
        list[str] | None, typer.Option(help="Only these groups of material: urine, blood …")
    ] = None,
    county: Annotated[
        list[str] | None, typer.Option(help="Only these counties (03, 46 …).")
    ] = None,
    date_from: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")
    ] = None,
    date_to: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")
    ] = None,
) -> None:
    """Count susceptible, increased exposure and resistant, of the newest snapshot.

    Exact counts, for those who run the register: what leaves it goes through the pages' disclosure
    control instead.
    """
    start_django()
    from varde.codes import counties, materials, organisms
    from varde.resistance import InvalidSelection
    from varde.resistance import antibiogram as count
    from varde.warehouse import open_tables

    columns = [name.strip() for name in by.split(",")]
    known = {
        "organism": (organism, set(organisms())),
        "material": (material, {kind.group for kind in materials().values()}),
        "county": (county, set(counties(today()))),
    }
    for what, (wanted, keys) in known.items():
        for key in wanted or []:
            if key not in keys:
                some = ", ".join(sorted(keys)[:15])
                raise InvalidSelection(f"there is no {what} {key!r}: give keys such as {some}")
    table = count(
        open_tables(home() / "warehouse"),
        columns,
        first_isolates,
        organism=organism,
        material_group=material,
        county=county,
        date_from=date_from.date() if date_from else None,
        date_to=date_to.date() if date_to else None,
    )
    print_table(name_organisms(table), format)
