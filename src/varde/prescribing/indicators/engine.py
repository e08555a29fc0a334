"""What differs between engines: how an answer comes out, and how a small table goes in."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    import ibis

_numbers = itertools.count(1)


def fetch(table: ibis.Table) -> pa.Table:
    """The answer to an expression, the same on every engine."""
    backend = table.get_backend()
    if backend.name == "pyspark":
        # Ibis would take it through pandas, which makes fractions of whole numbers where some are missing.
        return _session().sql(backend.compile(table)).toArrow()
    return backend.to_pyarrow(table)


def any_bits(bits: ibis.Value) -> ibis.Value:
    """The bits that any row of a group has. Every engine has it; Ibis knows it of some alone."""
    import ibis

    @ibis.udf.agg.builtin(name="bit_or")
    def bit_or(bits: int) -> int: ...  # type: ignore[empty-body]

    return bit_or(bits)


def hold(table: ibis.Table) -> ibis.Table:
    """The same rows, worked out once and held on their engine for as long as anything is asked of them."""
    return table.cache()


def lend(like: ibis.Table, rows: pa.Table) -> ibis.Table:
    """A small table on the engine of another, to be joined to it."""
    import ibis

    backend = like.get_backend()
    if backend.name != "pyspark":
        return ibis.memtable(rows)
    name = f"varde_indicators_{next(_numbers)}"
    _session().createDataFrame(rows).createOrReplaceTempView(name)
    return backend.table(name)


def _session() -> Any:
    from pyspark.sql import SparkSession

    return SparkSession.builder.getOrCreate()
