"""The small invented country as tables, and what is found for all of its readers: made once for all tests of a process."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import ibis
import pyarrow as pa

from varde.prescribing.reports import Kind, kinds
from varde.prescribing.reports.measuring import Counting, Findings, span_of
from varde.synthetic.prescribing import PrescribingCountry, invent_prescribing

YEAR = 2025


class Small(NamedTuple):
    """The country, its tables as Arrow and as Ibis, and what was counted of them."""

    country: PrescribingCountry
    rows: dict[str, pa.Table]
    tables: dict[str, ibis.Table]
    counting: Counting


@cache
def country() -> PrescribingCountry:
    """Who is in it, which is known before any table is made: a worker that only collects tests makes none."""
    return invent_prescribing("small", first_year=YEAR - 1, years=2)


@cache
def small() -> Small:
    rows = {**country().tables(), **country().prevalence()}
    tables = on_duckdb(rows)
    return Small(country(), rows, tables, Counting(tables, span_of(YEAR)))


def on_duckdb(rows: dict[str, pa.Table]) -> dict[str, Any]:
    connection = ibis.duckdb.connect()
    return {
        key: connection.create_table(f"t_{key.replace('-', '_')}", table)
        for key, table in rows.items()
    }


@cache
def findings(kind: Kind) -> Findings:
    return Findings(small().counting, kind)


KINDS: tuple[Kind, ...] = tuple(kinds())
