"""Who is what, as of one day for all periods: then the months of a report add up to its year, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from varde.prescribing import layouts
from varde.prescribing.indicators import Who
from varde.prescribing.indicators.engine import fetch, lend

if TYPE_CHECKING:
    import ibis

LONG_AGO = date(1900, 1, 1)


def freeze(tables: Mapping[str, ibis.Table], day: date) -> dict[str, ibis.Table]:
    """The tables, with prescribers and institutions as if they had always been what they are on the day.

    A prescriber who is nothing on the day is nothing; an institution that another took over has always been that one.
    """
    found = dict(tables)
    who = Who(tables)
    if "prescribers" in tables:
        rows = [{**row, "since": LONG_AGO, "until": None} for row in who.memberships(day).values()]
        found["prescribers"] = _lend(tables, "prescribers", rows)
        # Where a prescription was written that does not say it follows from all posts of its own day.
        found["posts"] = tables["prescribers"]
    if "institutions" in tables:
        numbers = sorted({row["institution"] for row in fetch(tables["institutions"]).to_pylist()})
        rows = [row for number in numbers for row in _institution(who, number, day)]
        found["institutions"] = _lend(tables, "institutions", rows)
        # Each told its own bed days until it was merged (`varde.prescribing.indicators.months`).
        found["premises"] = tables["institutions"]
    return found


def _institution(who: Who, number: str, day: date) -> list[dict[str, Any]]:
    now, known = who.became(number, day)
    if known is None:
        return []
    if now == number:
        return [{**known, "since": LONG_AGO, "until": None, "successor": None}]
    ended = {"until": LONG_AGO + timedelta(1), "successor": now}
    return [{**known, "institution": number, "since": LONG_AGO, **ended}]


def _lend(tables: Mapping[str, ibis.Table], key: str, rows: list[dict[str, Any]]) -> ibis.Table:
    return lend(tables[key], pa.Table.from_pylist(rows, layouts()[key].schema))
