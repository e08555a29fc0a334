"""What is in the country's figures and in those of no smaller unit: its prescriber is in none, or nobody can say where it
was prescribed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from varde.prescribing.indicators.computing import ask
from varde.prescribing.indicators.engine import fetch
from varde.prescribing.indicators.periods import Period, check_periods, split_disjoint
from varde.prescribing.indicators.rows import Question, place_rows
from varde.prescribing.indicators.shapes import Role, UnitKind
from varde.prescribing.indicators.units import Numbered

if TYPE_CHECKING:
    import ibis

COUNTED: Final = ("dispensings", "consultations")


class Outside(NamedTuple):
    """Of a table's rows of a period those that are of no unit of some kind."""

    table: str
    period: Period
    rows: int
    outside: int


def count_outside(
    tables: Mapping[str, ibis.Table], by: UnitKind, role: Role | None, periods: Sequence[Period]
) -> Iterator[Outside]:
    """How many dispensings and contacts are in no figure of any unit of a kind of place or group.

    Args:
        by: "peer-group", "municipality" or "county". role: only what was done in it; None for both.

    Raises:
        InvalidQuestion: a table is missing.
        InvalidPeriod: no period, or one twice.
    """
    question = ask(tables, [], by, role, None)
    country = replace(question, by="country")
    for group in split_disjoint(enumerate(check_periods(periods))):
        for table in COUNTED:
            if table in tables:
                every, placed = (_count(one, table, group) for one in (country, question))
                for number, period in group:
                    rows = every.get(number, 0)
                    yield Outside(table, period, rows, rows - placed.get(number, 0))


def _count(question: Question, table: str, group: Numbered) -> Mapping[int, int]:
    rows = place_rows(question, table, group, False, "")
    found = fetch(rows.group_by("_period").aggregate(rows=rows.count()))
    return {row["_period"]: row["rows"] for row in found.to_pylist()}
