"""Institutions that have something to count and no bed days to set it over: they are in no row of any kind of unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from varde.prescribing.indicators.computing import compute
from varde.prescribing.indicators.definition import Definition, Part, Where
from varde.prescribing.indicators.delivery import Delivered, Months, find_missing
from varde.prescribing.indicators.months import is_by_month
from varde.prescribing.indicators.periods import Period

if TYPE_CHECKING:
    import ibis


class WithoutDays(NamedTuple):
    """Some indicators that count alike, the table that they count, a period, and the institutions, in order."""

    indicators: Sequence[Definition]
    table: str
    period: Period
    institutions: Sequence[str]


def find_without_days(
    tables: Mapping[str, ibis.Table],
    indicators: Sequence[Definition],
    periods: Sequence[Period],
    delivered: Delivered,
) -> Iterator[WithoutDays]:
    """Which institutions have rows above and none below, in periods where there are any. Months that nobody delivered are
    left out: that is another thing to tell (`find_missing`).

    Raises:
        InvalidQuestion: a table is missing.
    """
    alike: dict[tuple[Part, Part], list[Definition]] = {}
    for one in indicators:
        if is_by_month(one):
            kinds = Where(institution_kinds=one.numerator.where.institution_kinds)
            given = Part(table=one.numerator.table, counts="rows", where=kinds)
            alike.setdefault((given, one.denominator), []).append(one)
    for parts, some in alike.items():
        missing = find_missing(some[0], periods, delivered)
        there = frozenset(one.since for each in periods for one in each.months) - missing
        found = [set[tuple[str, Period]](), set[tuple[str, Period]]()]
        for units, part in zip(found, parts, strict=True):
            asked = replace(some[0], kind="rate", numerator=part, denominator=part)
            told: dict[str, Months] = {one.table: there for one in parts}
            counted = compute(tables, [asked], "institution", periods, delivered=told)
            units.update(
                (row["unit"], Period(row["since"], row["until"]))
                for row in counted.select(["unit", "since", "until"]).to_pylist()
            )
        for period in periods:
            named = sorted(unit for unit, span in found[0] - found[1] if span == period)
            if named:
                yield WithoutDays(some, parts[0].table, period, named)
