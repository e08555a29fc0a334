"""How long it took: from specimen to result to intake to inbox to receipt, of each case that was told.

Times are those of when the case was first told; of its units, the first inbox and the first receipt count. Half took at
most `median`, nine of ten at most `ninth` (nearest rank).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from math import ceil
from typing import Literal

import msgspec

from varde.followup.models import Delivery, Told
from varde.followup.routing import Facts
from varde.followup.units import code_of, current, kind_of, names_of
from varde.messages.times import TOLERANCE, norwegian_day
from varde.register import Origin

Part = Literal["making", "receiving", "telling", "answering", "whole"]
PARTS: tuple[Part, ...] = ("making", "receiving", "telling", "answering", "whole")
"""Specimen to result; result to intake; intake to inbox; inbox to receipt; specimen to inbox."""
By = Literal["disease", "municipality", "month", "unit", "laboratory"]


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Hours of so many cases; None where there are none."""

    cases: int
    median: float | None = None
    ninth: float | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One disease, municipality, month (of the inbox), unit or laboratory, and how long each part took."""

    key: str
    cases: int
    parts: Mapping[Part, Spread]


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """How long it took in all, and by disease, municipality, month, unit or laboratory."""

    whole: Row
    rows: tuple[Row, ...]


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    keys: tuple[str, ...]
    hours: Mapping[Part, float]


def read_times(
    first: date, last: date, on: date, by: By = "disease", unit: str | None = None
) -> Times:
    """The times of cases that came to an inbox between two days, both included.

    By unit, a case counts for each that was told, with its own inbox and receipt; by laboratory (its key as a sender),
    for each whose answers it rests on.

    Args:
        on: the day whose borders hold.
        unit: only what this unit was told; None: all.
    """
    cases = list(_cases(first, last, on, by, unit))
    grouped: dict[str, list[_Case]] = defaultdict(list)
    apart = _by_unit(first, last, on, unit) if by == "unit" else cases
    for one in apart:
        for key in one.keys:
            grouped[key].append(one)
    rows = tuple(_row(key, grouped[key]) for key in sorted(grouped))
    return Times(whole=_row("", cases), rows=rows)


def _cases(first: date, last: date, on: date, by: By, unit: str | None) -> Iterable[_Case]:
    for told, threads in _told(first, last, on, unit):
        receipts = [one.receipted_at for one in threads if one.receipted_at is not None]
        yield _Case(
            keys=_keys(told, threads[0].told_at, by, on),
            hours=_hours(told, threads[0].told_at, min(receipts, default=None)),
        )


def _by_unit(first: date, last: date, on: date, unit: str | None) -> Iterable[_Case]:
    for told, threads in _told(first, last, on, unit):
        seen = set()
        for one in threads:  # a municipality of before and what it became are one unit
            name = current(one.unit, on) or one.unit
            if name not in seen:
                seen.add(name)
                yield _Case(keys=(name,), hours=_hours(told, one.told_at, one.receipted_at))


def _told(
    first: date, last: date, on: date, unit: str | None
) -> Iterable[tuple[Told, list[Delivery]]]:
    """The cases of a time, each with its threads, the oldest first."""
    found = Delivery.objects.filter(kind="case", event=0)
    if unit is not None:
        found = found.filter(unit__in=names_of(unit, on))
    deliveries: dict[int, list[Delivery]] = defaultdict(list)
    for delivery in found.order_by("told_at", "id"):
        deliveries[delivery.case].append(delivery)
    for told in Told.objects.filter(case__in=list(deliveries)).order_by("case"):
        threads = deliveries[told.case]
        if first <= norwegian_day(threads[0].told_at) <= last:
            yield told, threads


def _keys(told: Told, inbox: datetime, by: By, on: date) -> tuple[str, ...]:
    """What a case is counted under."""
    if by == "disease":
        return (told.disease,)
    if by == "municipality":
        return (_municipality(told, on),)
    if by == "month":
        return (f"{norwegian_day(inbox):%Y-%m}",)
    kept = msgspec.json.decode(told.evidence, type=list[Origin]) if told.evidence else []
    return tuple(sorted({one.sender for one in kept if one.kind == "laboratory"})) or ("",)


def _municipality(told: Told, on: date) -> str:
    facts = msgspec.json.decode(told.facts, type=Facts)
    unit = current(f"municipality:{facts.residence}", on) if facts.residence else None
    return code_of(unit) if unit and kind_of(unit) == "municipality" else ""


def _hours(told: Told, inbox: datetime, receipt: datetime | None) -> dict[Part, float]:
    """What took how long. A part that ended before it began, or of which an end is not known, is left out; but an answer
    that was received before it was made is one of two clocks that differ (`varde.messages.times.TOLERANCE`): it took no
    time."""
    ends: dict[Part, tuple[datetime | None, datetime | None]] = {
        "making": (told.specimen_at, told.result_at),
        "receiving": (told.result_at, told.intake_at),
        "telling": (told.intake_at, inbox),
        "answering": (inbox, receipt),
        "whole": (told.specimen_at, inbox),
    }
    found: dict[Part, float] = {}
    for part, (start, end) in ends.items():
        if start is None or end is None:
            continue
        if part == "receiving" and start - TOLERANCE <= end:
            end = max(start, end)
        if start <= end:
            found[part] = (end - start).total_seconds() / 3600
    return found


def _row(key: str, cases: Sequence[_Case]) -> Row:
    parts: dict[Part, Spread] = {}
    for part in PARTS:
        hours = sorted(one.hours[part] for one in cases if part in one.hours)
        parts[part] = Spread(cases=len(hours), median=_rank(hours, 0.5), ninth=_rank(hours, 0.9))
    return Row(key=key, cases=len(cases), parts=parts)


def _rank(hours: Sequence[float], share: float) -> float | None:
    return hours[max(ceil(share * len(hours)) - 1, 0)] if hours else None
