"""Every table of statistics, asked of tables and worked out plainly: the two must be equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from figures import plain_tables as plain
from varde import statistics
from varde.cases import catalogue
from varde.warehouse import Tables

Rows = Mapping[str, list[dict[str, Any]]]
CASES = ("disease", "year", "month", "county", "age_group", "sex", "infected", "classification")
DOSES = ("vaccine", "year", "month", "county", "age_group", "sex")
SERIES = ("disease", "year", "dose_number", "interval", "county", "age_group", "sex")
COVERED = ("disease", "year", "county", "age_group")
WARDS = ("institution_kind", "surveyed", "month", "county", "ward_type")
KINDS = ("infection", "institution_kind", "surveyed", "county")
OPERATIONS = ("procedure_group", "risk", "year", "county", "age_group", "sex", "urgent")


def found(table: pa.Table, by: Sequence[str], names: Sequence[str]) -> plain.Counts:
    """An answer as the plain ones are written."""
    rows = table.to_pylist()
    made = {tuple(row[name] for name in by): {name: row[name] for name in names} for row in rows}
    assert len(made) == len(rows), "a combination stands twice"
    return made


def ask(tables: Tables) -> dict[str, Any]:
    """Every kind of question."""
    answers: dict[str, Any] = {}
    for by in (CASES, ("disease",), ()):
        table = statistics.count_cases(tables, by)
        answers[f"cases {by}"] = found(table, by, ("n", "suspected", "imported", "form_missing"))
    answers["doses"] = found(statistics.count_doses(tables, DOSES), DOSES, ("n",))
    diseases = ("disease", "month", "county")
    answers["against"] = found(statistics.count_doses(tables, diseases), diseases, ("n",))
    answers["series"] = found(statistics.number_doses(tables, SERIES), SERIES, ("n",))
    answers["covered"] = found(
        statistics.count_vaccinated(tables, COVERED), COVERED, ("n", "unknown")
    )
    wards = statistics.prevalence(tables, WARDS)
    for measure in ("infection", "antibiotics"):
        answers[measure] = found(
            statistics.pick(wards, "measure", measure), WARDS, ("wards", "n", "count")
        )
    answers["kinds"] = found(statistics.count_infections(tables, KINDS), KINDS, ("n", "count"))
    operations = statistics.surgical_site_infections(tables, OPERATIONS)
    for depth in statistics.DEPTHS:
        names = ("operations", "n", "count")
        answers[depth] = found(statistics.pick(operations, "depth", depth), OPERATIONS, names)
    answers["overview"] = read_overview(statistics.overview(tables, catalogue()))
    quality = ("laboratory", "month")
    names = ("n", *statistics.MISSING, "results", *statistics.RESULT_MISSING)
    answers["missing"] = found(statistics.count_missing(tables, quality), quality, names)
    return answers


def read_overview(table: pa.Table) -> dict[str, dict[str, int]]:
    rows = [row for row in table.to_pylist() if row["kind"] == "disease"]
    left_out = ("kind", "key", "marker", "tested", "resistant")
    return {
        row["key"]: {name: n for name, n in row.items() if name not in left_out and n}
        for row in rows
    }


def expect(rows: Rows) -> dict[str, Any]:
    """What the answers must be."""
    answers: dict[str, Any] = {
        f"cases {by}": plain.cases(rows["cases"], by) for by in (CASES, ("disease",), ())
    }
    if not rows["cases"]:
        answers["cases ()"] = {(): {"n": 0, "suspected": 0, "imported": 0, "form_missing": 0}}
    answers["doses"] = plain.doses(rows["vaccinations"], DOSES)
    answers["against"] = plain.doses(rows["vaccinations"], ("disease", "month", "county"))
    answers["series"] = plain.numbered(rows["vaccinations"], SERIES)
    answers["covered"] = plain.vaccinated(rows["vaccinations"], COVERED)
    for measure, column in (("infection", "with_infection"), ("antibiotics", "on_antibiotics")):
        answers[measure] = plain.prevalence(rows["wards"], WARDS, column)
    counted = [
        ward
        for ward in rows["wards"]
        if ward["present"]
        or ward["with_infection"] is not None
        or ward["on_antibiotics"] is not None
    ]
    answers["kinds"] = plain.infections(counted, rows["infections"], KINDS)
    for depth in statistics.DEPTHS:
        answers[depth] = plain.operations(rows["operations"], OPERATIONS, depth)
    answers["overview"] = {
        key: {name: n for name, n in one.items() if n}
        for key, one in plain.overview(dict(rows)).items()
    }
    answers["missing"] = plain.missing(rows["findings"], ("laboratory", "month"))
    return answers
