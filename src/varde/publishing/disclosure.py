"""Disclosure control of resistance: the only way from a counted table to something that is shown.

A row has one of these statuses, and they are different answers:

    ok              enough isolates: counts and percentages
    too-few         tested, but too few for a percentage: only how many
    few-resistant   so few are resistant that they could be recognised (for some organisms that is a disease of its
                    own: MRSA, VRE): only how many were tested, and that fewer than the limit are resistant
    few-others      the same of those that are not resistant
    protected       with what is shown beside it, it would give away a row that is hidden
    suppressed      so few that a person could be recognised: only that they are fewer than the limit
    not-tested      no isolate in the selection has a category: not tested, or measured only

Hiding the number alone is not enough: the counts of S, I and R add up to it, so they are hidden
wherever it is, and of S and I both where one of them is small. Percentages and intervals of hidden counts give
them away and go as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from varde.publishing.protection import Mark, protect

if TYPE_CHECKING:
    import pyarrow as pa

Status = Literal[
    "ok", "too-few", "few-resistant", "few-others", "protected", "suppressed", "not-tested"
]
HIDDEN_SHARES: frozenset[Status] = frozenset({"few-resistant", "few-others", "protected"})

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
        s: susceptible at standard dosing; also None where `i` or itself is small.
        i: susceptible at increased exposure.
        r: resistant.
        percent_s: share in percent of `n`; likewise `percent_i` and `percent_r`.
        low: lower end of the 95 % Wilson interval of `percent_r`, in percent.
        high: its upper end.
        limit: for "suppressed" and the two kinds of few, the number the count is below.
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


def disclose(
    table: pa.Table, key: str, by: Rules | None = None, *, adds_up: bool = False
) -> list[Disclosed]:
    """What may be shown of a counted table, row by row in the same order.

    Args:
        table: with the column `key` and those of `varde.resistance.antibiogram`: n, S, I, R,
            pct_S, pct_I, pct_R, R_low, R_high.
        key: the column that says what a row is about.
        by: the rules; the shipped ones by default.
        adds_up: the rows add up to something that is shown too: more is hidden, so that nothing is
            found by subtracting.
    """
    applied = by or rules()
    raw = table.to_pylist()
    rows = [disclose_row(str(row[key]), row, applied) for row in raw]
    return protect_rows(raw, rows, applied) if adds_up else rows


def disclose_row(
    key: str, row: Mapping[str, Any], by: Rules, *, of_persons: bool = True
) -> Disclosed:
    """What may be shown of one row; see `disclose`.

    Args:
        of_persons: whether few that are resistant may be somebody, and are hidden.
    """
    status = status_of(row["n"], by)
    limit = by.small_cell.below
    if status == "ok" and row["pct_R"] is not None:
        if not of_persons:
            return Disclosed(
                key=key, status="ok", **{ours: row[its] for ours, its in COLUMNS.items()}
            )
        if 0 < row["R"] < limit:
            return Disclosed(key=key, status="few-resistant", n=row["n"], limit=limit)
        if 0 < row["n"] - row["R"] < limit:
            return Disclosed(key=key, status="few-others", n=row["n"], limit=limit)
        told = {ours: row[its] for ours, its in COLUMNS.items()}
        if any(0 < row[name] < limit for name in ("S", "I")):
            told |= dict.fromkeys(("s", "i", "percent_s", "percent_i"))
        return Disclosed(key=key, status="ok", **told)
    if status in ("ok", "too-few"):
        return Disclosed(key=key, status="too-few", n=row["n"])
    if status == "suppressed":
        return Disclosed(key=key, status=status, limit=limit)
    return Disclosed(key=key, status=status, n=0)


def protect_rows(
    raw: Sequence[Mapping[str, Any]], rows: Sequence[Disclosed], by: Rules
) -> list[Disclosed]:
    """Rows of which the sum is shown, with so many hidden that no hidden one is found by subtracting: of how many were
    tested, of how many are resistant, and of how many are not.

    Args:
        raw: ``n`` and ``R`` of each.
        rows: what is shown of each for itself.
    """
    found = list(rows)
    limit = by.small_cell.below
    tested = [row["n"] for row in raw]
    for place, mark in _covered(tested, [row.n is not None for row in found], limit):
        found[place] = cover(found[place], n=mark == "protected")
    for part in ([row["R"] for row in raw], [row["n"] - row["R"] for row in raw]):
        shown = [row.status in ("ok", "not-tested") for row in found]
        for place, mark in _covered(part, shown, limit):
            found[place] = cover(found[place], n=False) if mark == "protected" else found[place]
    return found


def cover(row: Disclosed, *, n: bool) -> Disclosed:
    """A row without its share, and without how many were tested where that too would give away another."""
    if row.n is None:
        return row
    if n:
        return Disclosed(key=row.key, status="protected")
    return Disclosed(key=row.key, status="protected", n=row.n) if row.status == "ok" else row


def _covered(counts: Sequence[int], shown: Sequence[bool], limit: int) -> list[tuple[int, Mark]]:
    """The places of the counts that were shown, and must not be."""
    marks: list[Mark] = [
        "shown" if is_shown else "suppressed" if 0 < count < limit else "protected"
        for count, is_shown in zip(counts, shown, strict=True)
    ]
    after = protect(counts, marks, limit)
    pairs = enumerate(zip(marks, after, strict=True))
    return [(place, now) for place, (before, now) in pairs if before == "shown" != now]


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
