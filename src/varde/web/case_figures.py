"""Cases as everybody who sees the figures sees them: the fixed tables of `varde.publishing.CaseTables`, of a snapshot.

The register MSIS, the map, the overview and the command line all ask here, so what one hides no other tells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from varde import statistics
from varde.cases import catalogue
from varde.publishing import CaseTables, Figure, Row, rules

COUNTS = ("n", "suspected", "imported", "form_missing")


@lru_cache(maxsize=4)
def case_tables(folder: Path, snapshot: str, today: date) -> CaseTables:
    """The tables of a snapshot.

    Args:
        today: the day whose rules say what is published of small areas.
    """

    def load(by: tuple[str, ...], where: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        from varde.warehouse import open_tables

        with open_tables(folder) as tables:
            rows: list[dict[str, Any]] = statistics.count_cases(tables, by, **where).to_pylist()
        return rows

    def is_withheld(key: str) -> bool:
        disease = catalogue().diseases.get(key)
        place = disease.geography_on(today) if disease else None
        return place is not None and place.minimum == "country"

    return CaseTables(load, rules().small_cell.below, is_withheld)


def count_cases(tables: CaseTables, by: tuple[str, ...], where: Mapping[str, Any]) -> list[Row]:
    """The rows of a question, sorted, unknown last: of each value of the one column of `by` of which there are cases, or
    of which it is hidden whether there are; or one row of everything that is chosen."""
    keys = [{name: value} for name in by for value in _values(tables, name, where)] or [{}]
    asked = [({**where, **key}, key) for key in (keys if by else [{}])]
    found = [
        (key, {name: tables.figure(name, both) for name in COUNTS})
        for both, key in asked
        if all(where.get(name, value) == value for name, value in key.items())
    ]
    shown = [
        (key, figures) for key, figures in found if not by or any(map(_is_told, figures.values()))
    ]
    rates = _rates(shown, by, where)
    return [
        Row(key=key, figures={**figures, **_with_rate(figures["n"], rate)})
        for (key, figures), rate in zip(shown, rates, strict=True)
    ]


def _values(tables: CaseTables, name: str, where: Mapping[str, Any]) -> Sequence[Any]:
    values = tables.values(name)
    if name == "month" and "year" in where:
        return [value for value in values if int(value[:4]) == where["year"]]
    return values


def _is_told(figure: Figure) -> bool:
    return figure.status != "ok" or bool(figure.value)


def _rates(
    shown: Sequence[tuple[Mapping[str, Any], Mapping[str, Figure]]],
    by: tuple[str, ...],
    where: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Inhabitants, and the rate of those numbers that are shown, of each row."""
    columns: dict[str, Any] = {name: [key[name] for key, _ in shown] for name in by}
    columns["n"] = pa.array([figures["n"].value or 0 for _, figures in shown], pa.int64())
    found: list[dict[str, Any]] = statistics.with_rates(pa.table(columns), by, where).to_pylist()
    return found


def _with_rate(n: Figure, row: Mapping[str, Any]) -> dict[str, Figure]:
    if row["rate"] is None:
        rate = Figure(status="not-computable")
    else:
        rate = Figure(status="ok", value=row["rate"]) if n.status == "ok" else n
    if n.status == "not-published":
        return {"rate": n, "population": n}
    people = row["population"]
    population = (
        Figure(status="not-computable") if people is None else Figure(status="ok", value=people)
    )
    return {"rate": rate, "population": population}
