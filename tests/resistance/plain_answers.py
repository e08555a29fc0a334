"""The rules in their plainest form: dictionaries and loops over rows, no engine, no arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

Row = Mapping[str, Any]
AGE_GROUPS = {4: "0-4", 14: "5-14", 24: "15-24", 44: "25-44", 64: "45-64", 79: "65-79"}


def plain_first(isolates: Iterable[Row], method: str) -> set[int]:
    """`isolate_id` of the isolates that count."""
    mapped = [row for row in isolates if row["organism"] is not None]
    if method == "none":
        return {row["isolate_id"] for row in mapped}
    known = [row for row in mapped if row["episode_key"]]
    counted = {row["isolate_id"] for row in known if row["person_id"] is None}
    starts: dict[tuple[int, str], date] = {}
    for row in sorted((row for row in known if row["person_id"] is not None), key=order):
        key = (row["person_id"], row["episode_key"])
        if key not in starts or over(method, starts[key], row["collected"]):
            starts[key] = row["collected"]
            counted.add(row["isolate_id"])
    return counted


def order(row: Row) -> tuple[Any, ...]:
    return (row["collected"], row["tie"] is None, row["tie"] or 0, row["isolate_id"])


def over(method: str, start: date, day: date) -> bool:
    return method != "patient" and (day - start).days >= int(method.removeprefix("episode:"))


def plain_antibiogram(
    isolates: Sequence[Row], results: Iterable[Row], by: Sequence[str], method: str
) -> dict[tuple[Any, ...], tuple[int, int, int, int]]:
    """Values of `by` → n, S, I, R."""
    first = plain_first(isolates, method)
    chosen = {row["isolate_id"]: row for row in isolates if row["isolate_id"] in first}
    counts: dict[tuple[Any, ...], dict[str, int]] = defaultdict(lambda: dict.fromkeys("SIR", 0))
    if not by:
        counts[()]  # everything together is one row, also when it is nothing
    for result in results:
        if result["isolate_id"] in chosen and result["antibiotic"] is not None:
            both = {**chosen[result["isolate_id"]], **result}
            cell = counts[tuple(plain_value(both, name) for name in by)]
            if result["sir"] in cell:
                cell[result["sir"]] += 1
    return {key: (sum(cell.values()), *cell.values()) for key, cell in counts.items()}  # type: ignore[misc]


def plain_value(row: Row, name: str) -> Any:
    day: date = row["collected"]
    if name == "quarter":
        return f"{day.year}-Q{(day.month + 2) // 3}"
    if name == "period":
        return f"{day:%Y-%m}"
    if name == "age_group":
        age = row["age"]
        groups = (group for last, group in AGE_GROUPS.items() if age <= last)
        return None if age is None else next(groups, "80+")
    return row[name]
