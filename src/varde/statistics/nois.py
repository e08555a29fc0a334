"""NOIS: infections that are healthcare's own. Prevalence on survey days (PIAH), and after operations (POSI)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa

from varde.statistics.dimensions import age_group, check, choose, count_rows, known, sort
from varde.statistics.shares import stack, with_shares

if TYPE_CHECKING:
    import ibis

    from varde.warehouse import Tables

WARD_DIMENSIONS: Final = (
    "institution_kind",
    "surveyed",
    "month",
    "year",
    "county",
    "ward_type",
    "specialty",
)
"""What prevalence can be broken down by."""

INFECTION_DIMENSIONS: Final = (*WARD_DIMENSIONS, "infection", "origin")

OPERATION_DIMENSIONS: Final = (
    "procedure_group",
    "risk",
    "year",
    "month",
    "county",
    "age_group",
    "sex",
    "urgent",
)
"""What operations can be broken down by; `risk` is the index of NNIS, null where something is missing for it."""

DEPTHS: Final = ("any", "superficial", "deep", "organ")
TIMES: Final = Path(__file__).with_name("data") / "operation_times.json"


class OperationTimes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``data/operation_times.json``: the minutes that three of four operations of a group are done in."""

    version: str
    valid_from: str
    source: str
    minutes: Mapping[str, int]


@cache
def operation_times() -> OperationTimes:
    """The times as shipped."""
    return msgspec.json.decode(TIMES.read_bytes(), type=OperationTimes)


def prevalence(
    tables: Tables, by: Sequence[str] = ("institution_kind", "surveyed"), **where: Any
) -> pa.Table:
    """How many had a healthcare-associated infection, and how many were given antibiotics.

    Returns:
        ``measure`` (infection, antibiotics), the columns of `by`, ``wards`` that answered, ``n`` patients or residents
        present on wards that said how many, ``count`` of them, ``pct``, ``low`` and ``high`` (Wilson, 95 %). A
        measure that no ward answered has n = 0: not computable.

    Raises:
        InvalidQuestion: a column that wards do not have.
    """
    check(by, WARD_DIMENSIONS)
    wards = choose(_wards(tables), where, WARD_DIMENSIONS)
    found = [
        with_shares(_share_of(tables, wards, by, wards[column]))
        for column in ("with_infection", "on_antibiotics")
    ]
    return stack(found, "measure", ("infection", "antibiotics"))


def _share_of(tables: Tables, wards: ibis.Table, by: Sequence[str], count: ibis.Value) -> pa.Table:
    answered = count.notnull()
    counted = count_rows(
        tables,
        wards,
        by,
        wards=answered.cast("int64").sum().fill_null(0),
        present=answered.ifelse(wards.present, 0).sum().fill_null(0),
        count=count.sum().fill_null(0),
    ).drop_columns(["n"])
    return counted.rename_columns({"present": "n"})


def count_infections(
    tables: Tables,
    by: Sequence[str] = ("infection", "institution_kind", "surveyed"),
    **where: Any,
) -> pa.Table:
    """Prevalence of each kind of infection: of those present on the wards that counted that kind.

    A ward that did not count a kind is not among those present for it: what is absent is no zero.

    Returns:
        The columns of `by` (``infection`` among them), ``n`` present, ``count``, ``pct``, ``low``, ``high``.

    Raises:
        InvalidQuestion: a column that counts of infections do not have.
    """
    check(by, INFECTION_DIMENSIONS, "infection")
    infections = tables.table("infections")
    infections = infections.mutate(origin=known(infections.origin))
    keys = ["ward_id", "infection", *(["origin"] if "origin" in by or where.get("origin") else [])]
    # A ward counts one kind by several origins: those present are there once.
    each = infections.group_by(keys).aggregate(count=infections["count"].sum())
    wards = _wards(tables).drop("period")
    joined = choose(each.join(wards, "ward_id"), where, INFECTION_DIMENSIONS)
    counted = count_rows(
        tables,
        joined,
        by,
        present=joined.present.sum().fill_null(0),
        count=joined["count"].sum().fill_null(0),
    ).drop_columns(["n"])
    return with_shares(counted.rename_columns({"present": "n"}))


def _wards(tables: Tables) -> ibis.Table:
    """Wards that were counted; a statement about a prescription counts nobody."""
    wards = tables.table("wards")
    wards = wards.filter(
        (wards.present > 0) | wards.with_infection.notnull() | wards.on_antibiotics.notnull()
    )
    return wards.mutate(
        month=wards.period,
        county=known(wards.county),
        ward_type=known(wards.ward_type),
        specialty=known(wards.specialty),
    )


def surgical_site_infections(
    tables: Tables, by: Sequence[str] = ("procedure_group",), **where: Any
) -> pa.Table:
    """Surgical site infections, of the operations whose follow-up is over.

    Returns:
        ``depth`` (any, superficial, deep, organ), the columns of `by`, ``operations`` in all, ``n`` of them followed up,
        ``count`` with an infection of that depth (the deepest of the two looks counts), ``pct``, ``low``, ``high``.
        `n` of `operations` is how complete the follow-up is.

    Raises:
        InvalidQuestion: a column that operations do not have.
    """
    check(by, OPERATION_DIMENSIONS)
    operations = choose(_operations(tables), where, OPERATION_DIMENSIONS)
    followed = known(operations.at_follow_up).notnull()
    counts = {
        depth: (followed & (operations.depth == depth)).fill_null(False).cast("int64").sum()
        for depth in DEPTHS[1:]
    }
    counted = count_rows(
        tables,
        operations,
        by,
        followed=followed.cast("int64").sum().fill_null(0),
        **{depth: count.fill_null(0) for depth, count in counts.items()},
    )
    whole = [counted["n"], counted["followed"]]
    any_depth = pa.array(
        [sum(each) for each in zip(*(counted[d].to_pylist() for d in DEPTHS[1:]), strict=True)],
        pa.int64(),
    )
    found = []
    for depth in DEPTHS:
        columns = {name: counted[name] for name in by}
        columns |= dict(zip(("operations", "n"), whole, strict=True))
        columns["count"] = any_depth if depth == "any" else counted[depth]
        found.append(with_shares(sort(pa.table(columns), by)))
    return stack(found, "depth", DEPTHS)


def _operations(tables: Tables) -> ibis.Table:
    import ibis

    operations = tables.table("operations")
    looks = (operations.at_discharge, operations.at_follow_up)
    deepest = [((looks[0] == depth) | (looks[1] == depth), depth) for depth in reversed(DEPTHS[1:])]
    times = [
        (operations.procedure_group == group, minutes)
        for group, minutes in operation_times().minutes.items()
    ]
    limit = ibis.cases(*times, else_=None)
    points = [
        operations.asa >= 3,
        operations.wound_class >= 3,
        operations.minutes > limit,
    ]
    return operations.mutate(
        month=operations.period,
        procedure_group=known(operations.procedure_group),
        county=known(operations.county),
        sex=known(operations.sex),
        age_group=age_group(operations.age),
        depth=ibis.cases(*deepest, else_="none"),
        # Null in any of them makes the sum null: what is missing is no point less.
        risk=sum((each.cast("int64") for each in points[1:]), points[0].cast("int64")),
    )
