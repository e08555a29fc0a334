"""Disclosure control: the only way from a counted table to something that is shown.

A cell has one of four statuses, and they are four different answers:

    ok          enough isolates: counts and percentages
    too-few     tested, but too few for a percentage: only how many
    suppressed  so few that a person could be recognised: only that they are fewer than the limit
    not-tested  no isolate in the selection has a category: not tested, or measured only

Hiding the number alone is not enough: the counts of S, I and R add up to it, so they are hidden
wherever it is. Percentages of few isolates give their counts away and go as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    import pyarrow as pa

Status = Literal["ok", "too-few", "suppressed", "not-tested"]

# A disclosed row's fields → the columns of the counted table, and of every file.
COLUMNS = {
    "n": "n",
    "s": "S",
    "i": "I",
    "r": "R",
    "percent_s": "pct_S",
    "percent_i": "pct_I",
    "percent_r": "pct_R",
    "low": "R_low",
    "high": "R_high",
}
COUNTS = ("n", "S", "I", "R")

DATA = Path(__file__).with_name("data") / "disclosure.json"


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The small-cell limit: counts from 1 up to, not including, `below` are hidden."""

    below: int
    source: str


class Minimum(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The smallest denominator that gets a percentage."""

    least: int = msgspec.field(name="from")
    source: str = ""


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``data/disclosure.json``."""

    version: str
    valid_from: str
    small_cell: Limit
    percentage: Minimum


class Disclosed(msgspec.Struct, frozen=True, kw_only=True):
    """One row that may be shown; whatever must not be known is None.

    Attributes:
        key: what the row is about: an antibiotic's code, or a period.
        n: isolates tested.
        s: susceptible at standard dosing.
        i: susceptible at increased exposure.
        r: resistant.
        percent_s: share in percent of `n`; likewise `percent_i` and `percent_r`.
        low: lower end of the 95 % Wilson interval of `percent_r`, in percent.
        high: its upper end.
        limit: for "suppressed", the number the count is below.
    """

    key: str
    status: Status
    n: int | None = None
    s: int | None = None
    i: int | None = None
    r: int | None = None
    percent_s: float | None = None
    percent_i: float | None = None
    percent_r: float | None = None
    low: float | None = None
    high: float | None = None
    limit: int = 0


@cache
def rules() -> Rules:
    """The rules as shipped."""
    return msgspec.json.decode(DATA.read_bytes(), type=Rules)


def disclose(table: pa.Table, key: str, by: Rules | None = None) -> list[Disclosed]:
    """What may be shown of a counted table, row by row in the same order.

    Args:
        table: with the column `key` and those of `varde.resistance.antibiogram`: n, S, I, R,
            pct_S, pct_I, pct_R, R_low, R_high.
        key: the column that says what a row is about.
        by: the rules; the shipped ones by default.
    """
    applied = by or rules()
    return [disclose_row(str(row[key]), row, applied) for row in table.to_pylist()]


def disclose_row(key: str, row: Mapping[str, Any], by: Rules) -> Disclosed:
    """What may be shown of one row; see `disclose`."""
    status = status_of(row["n"], by)
    if status == "ok" and row["pct_R"] is not None:
        return Disclosed(key=key, status="ok", **{ours: row[its] for ours, its in COLUMNS.items()})
    if status in ("ok", "too-few"):
        return Disclosed(key=key, status="too-few", n=row["n"])
    if status == "suppressed":
        return Disclosed(key=key, status=status, limit=by.small_cell.below)
    return Disclosed(key=key, status=status, n=0)


def status_of(n: int, by: Rules) -> Status:
    """The status of a row with `n` isolates that have S, I or R."""
    if n <= 0:
        return "not-tested"
    if n < by.small_cell.below:
        return "suppressed"
    return "ok" if n >= by.percentage.least else "too-few"


def disclose_count(n: int, by: Rules | None = None) -> int | None:
    """A count that stands alone; None when it must not be known (1 up to the limit)."""
    applied = by or rules()
    return n if n == 0 or n >= applied.small_cell.below else None
