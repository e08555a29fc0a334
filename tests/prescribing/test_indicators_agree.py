"""The compiler on DuckDB against the plain engine, over invented tables with everything that is hard to count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

import ibis
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prescribing.invented_prescribing import DAYS, PERIODS, invent, on_duckdb
from prescribing.plain_indicators import Plain
from varde.guidelines import SHIPPED, read_library
from varde.prescribing.indicators import (
    UNIT_KINDS,
    Concordance,
    Definition,
    Part,
    Period,
    Where,
    catalogue,
    compute,
)
from varde.prescribing.indicators.shapes import MONTHLY

LIBRARY = read_library(SHIPPED)
SHIPPED_INDICATORS = list(catalogue().on(date(2026, 1, 1)).values())


def altered(like: str, id_: str, numerator: Part, denominator: Part, version: int | None) -> Any:
    """An indicator of what the shipped ones do not ask."""
    base = catalogue().get(like, date(2026, 1, 1))
    return msgspec.structs.replace(
        base, id=id_, numerator=numerator, denominator=denominator, ddd_version=version
    )


J01 = Where(atc=("J01",))
MORE: list[Definition] = [
    altered(
        "ab1",
        "given-doses",
        Part(table="administrations", counts="ddd", where=Where(atc=("J01",), route=("O", "P"))),
        Part(table="bed-days", counts="bed-days", where=Where(stay=("short",))),
        2019,
    ),
    altered(
        "ab1",
        "given-patients",
        Part(table="administrations", counts="patients", where=Where(ages=("0-9", "66+"))),
        Part(table="administrations", counts="patients"),
        None,
    ),
    altered(
        "ab1",
        "old-doses-per-night",
        Part(table="dispensings", counts="ddd", where=J01),
        Part(table="shifts", counts="hours", where=Where(part=("night", "evening"))),
        2018,
    ),
    altered(
        "ab1",
        "no-recommendation",
        Part(
            table="dispensings",
            counts="rows",
            where=Where(
                reimbursement_icpc=("R74-R81", "A01"),
                reimbursement_icd=("J18", "Z00.0"),
                concordance=Concordance(chosen=("none", "unnamed")),
            ),
        ),
        Part(table="list-populations", counts="persons", where=Where(ages=("5-79",), sex="F")),
        None,
    ),
]
EVER = frozenset(month.since for period in PERIODS for month in period.months)
MONTHS = sorted({day.replace(day=1) for day in DAYS} & EVER)
"""Those that have rows."""
EVERY = [*SHIPPED_INDICATORS, *MORE]


@pytest.fixture(scope="module")
def connection() -> Iterator[Any]:
    made = ibis.duckdb.connect()
    made.raw_sql("SET enable_progress_bar = false")
    made.raw_sql("SET threads = 1")
    yield made
    made.disconnect()


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    dice=st.randoms(use_true_random=False),
    by=st.sampled_from(UNIT_KINDS),
    role=st.sampled_from([None, None, "gp", "out-of-hours"]),
    strata=st.booleans(),
    data=st.data(),
)
def test_the_compiler_counts_as_the_plain_engine_does(
    connection: Any, dice: Random, by: Any, role: Any, strata: bool, data: st.DataObject
) -> None:
    possible = [one for one in EVERY if by in one.kinds]
    asked = data.draw(st.lists(st.sampled_from(possible), min_size=1, max_size=4, unique=True))
    periods = data.draw(st.lists(st.sampled_from(PERIODS), min_size=1, max_size=2, unique=True))
    rows = invent(dice)
    missing = data.draw(
        st.none()
        | st.dictionaries(
            st.sampled_from(sorted(MONTHLY)), st.sets(st.sampled_from(MONTHS)), max_size=3
        )
    )
    delivered = missing and {key: EVER - some for key, some in missing.items()}
    agree(connection, rows, asked, by, periods, strata, role, delivered)


@pytest.mark.parametrize("by", ["prescriber", "out-of-hours-unit", "institution", "county"])
def test_all_indicators_at_once(connection: Any, by: Any) -> None:
    dice = Random(UNIT_KINDS.index(by))
    asked = [one for one in EVERY if by in one.kinds]
    found = agree(connection, invent(dice, 90), asked, by, PERIODS[:1], by == "county", None)
    assert any(numerator for numerator, *_ in found.values()), "the tables have nothing to count"


def agree(
    connection: Any,
    rows: Any,
    asked: list[Definition],
    by: Any,
    periods: list[Period],
    strata: bool,
    role: Any,
    delivered: Any = None,
) -> dict[Any, Any]:
    tables = on_duckdb(connection, rows)
    table = compute(
        tables, asked, by, periods, strata, role=role, library=LIBRARY, delivered=delivered
    )
    found = as_answers(table)
    assert len(found) == table.num_rows
    assert found == Plain(rows, LIBRARY).compute(asked, by, periods, strata, role, delivered)
    return found


def as_answers(table: Any) -> dict[Any, Any]:
    return {
        (
            row["indicator"],
            row["unit"],
            Period(row["since"], row["until"]),
            row["age_band"],
            row["sex"],
        ): (row["numerator"], row["denominator"], row["months"])
        for row in table.to_pylist()
    }
