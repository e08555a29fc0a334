"""How good what laboratories send is: what is missing (from the snapshot), and what comes, how fast and whether it still
comes (from the register, by what `varde.register` tells of traffic, delays and silence)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varde import register, statistics
from varde.messages.times import midnight
from varde.publishing import (
    Disclosed,
    Figure,
    Measures,
    Row,
    Words,
    disclose,
    disclose_counts,
    draw_trend,
    rules,
    write_days,
    write_decimal,
    write_figure,
)
from varde.resistance import add_percentages
from varde.statistics import RESULT_MISSING, Change
from varde.warehouse import NoSnapshot, read_manifest
from varde.web.answers import snapshot_name
from varde.web.figures import warehouse
from varde.web.names import MESSAGE_KINDS
from varde.web.pages.laboratory import describe_rhythm
from varde.web.register_charts import bar_words
from varde.web.register_words import language, value_name
from varde.web.registers import laboratory_names
from varde.web.sender_choice import LONGEST, find_sender, label_of, labels_of

MONTHS = 12
DELAY_DAYS = 90
RECENT = 3
"""Months that are compared with as many before them."""
FIELDS: Mapping[str, object] = {
    "municipality": gettext_lazy("Municipality"),
    "age": gettext_lazy("Age, or date of birth"),
    "sex": gettext_lazy("Sex"),
    "material": gettext_lazy("Material, not given or unknown code"),
    "method": gettext_lazy("How it was found"),
    "organism": gettext_lazy("Organism, unknown code"),
    "antibiotic": gettext_lazy("Antibiotic, unknown code"),
    "mic": gettext_lazy("MIC"),
}
_MEASURES = Measures(
    counts=("n", "results"),
    shares={
        name: ("results", "results") if name in RESULT_MISSING else ("n", "n") for name in FIELDS
    },
)


def describe_quality(own: str | None, asked: str) -> dict[str, Any]:
    """What the page says.

    Args:
        own: the one laboratory that may be seen; None: all.
        asked: the laboratory that is asked for, where all may be seen.
    """
    now = timezone.now()
    names = laboratory_names()
    last = [each for each in register.last_received(own) if each.kind == "laboratory"]
    everybody = sorted({each.sender for each in last if each.sender}, key=lambda k: names.get(k, k))
    chosen = own if own is not None else find_sender(asked, everybody, names)
    refused = own is None and bool(asked.strip()) and chosen is None
    shown = [] if refused else [chosen] if chosen else everybody
    snapshot, missing = _missing()
    context: dict[str, Any] = {
        "national": own is None,
        "chosen": chosen,
        "refused": refused,
        "chosen_name": names.get(chosen, chosen) if chosen else "",
        "asked_label": label_of(chosen, names) if chosen else asked[:LONGEST],
        "choices": labels_of(everybody, names),
        "fields": [(name, str(words)) for name, words in FIELDS.items()],
        "seen": len(shown),
        "snapshot": snapshot,
        "least": rules().percentage.least,
        "days": DELAY_DAYS,
        "rows": _overview(shown, names, missing, now),
    }
    if chosen:
        context |= _of_one(chosen, now)
    return context


# --- from the snapshot ----------------------------------------------------------------------------


def _missing() -> tuple[int | None, Mapping[str, Row]]:
    """The snapshot's number, and of each laboratory the shares that are missing; nothing without a snapshot."""
    folder = warehouse()
    try:
        return _missing_of(folder, snapshot_name(folder))
    except NoSnapshot:
        return None, {}


def read_missing(year: int | None = None) -> list[Row]:
    """What is missing in each laboratory's findings, in percent of findings or of results.

    Raises:
        varde.warehouse.NoSnapshot: nothing has been refreshed into the warehouse yet.
    """
    from varde.warehouse import open_tables

    with open_tables(warehouse()) as tables:
        table = statistics.count_missing(tables, ("laboratory",), year=year)
        return disclose_counts(_as_shares(table), ("laboratory",), _MEASURES)


@lru_cache(maxsize=8)
def _missing_of(folder: Path, snapshot: str) -> tuple[int, Mapping[str, Row]]:
    rows = read_missing()
    return read_manifest(folder).snapshot, {row.key["laboratory"]: row for row in rows}


def _as_shares(table: pa.Table) -> pa.Table:
    """Counts of what is missing as percentages of findings, or of results; null of none."""
    for name in FIELDS:
        whole = table["results" if name in RESULT_MISSING else "n"].to_pylist()
        shares = [
            100 * m / n if n else None for m, n in zip(table[name].to_pylist(), whole, strict=True)
        ]
        place = table.column_names.index(name)
        table = table.set_column(place, name, pa.array(shares, pa.float64()))
    return table


@lru_cache(maxsize=64)
def _months_of(folder: Path, snapshot: str, laboratory: str) -> tuple[Mapping[str, Any], ...]:
    """What was missing in one laboratory's findings, month by month; counts, to be disclosed before they are shown."""
    from varde.warehouse import open_tables

    with open_tables(folder) as tables:
        table = statistics.count_missing(tables, ("month",), laboratory=laboratory)
    return tuple(table.to_pylist())


def _of_one(laboratory: str, now: datetime) -> dict[str, Any]:
    """Trends and delays of one laboratory."""
    context: dict[str, Any] = {"delays": _delays_by_month(laboratory, now), "trends": []}
    folder = warehouse()
    try:
        months = _months_of(folder, snapshot_name(folder), laboratory)
    except NoSnapshot:
        return context
    this = f"{timezone.localdate(now):%Y-%m}"
    whole = [dict(row) for row in months if row["month"] < this][-MONTHS:]
    for name, words in FIELDS.items():
        changed = statistics.follow_missing(whole, name, RECENT)
        context["trends"].append(
            {
                "name": str(words),
                "change": _say_change(changed),
                "direction": changed.direction,
                "chart": _chart(whole, name, str(words)),
            }
        )
    return context


def _say_change(found: Change) -> str:
    if found.points is None or found.low is None or found.high is None:
        return _("Cannot be compared: too few months with answers")
    said = {
        "points": write_decimal(abs(found.points), 1, language()),
        "low": write_decimal(found.low, 1, language()).replace("-", "−"),
        "high": write_decimal(found.high, 1, language()).replace("-", "−"),
    }
    if found.direction == "up":
        return _("More is missing: %(points)s percentage points (%(low)s to %(high)s)") % said
    if found.direction == "down":
        return _("Less is missing: %(points)s percentage points (%(low)s to %(high)s)") % said
    return _("No clear change (%(low)s to %(high)s percentage points)") % said


def _chart(months: Sequence[Mapping[str, Any]], name: str, title: str) -> str:
    of = "results" if name in RESULT_MISSING else "n"
    counted = pa.table(
        {
            "month": pa.array([row["month"] for row in months], pa.string()),
            "n": pa.array([row[of] for row in months], pa.int64()),
            "S": pa.array([row[of] - row[name] for row in months], pa.int64()),
            "I": pa.array([0] * len(months), pa.int64()),
            "R": pa.array([row[name] for row in months], pa.int64()),
        }
    )
    rows: list[Disclosed] = disclose(add_percentages(counted, ("month",)), "month")
    if not rows:
        return ""
    labels = {row.key: value_name("month", row.key) for row in rows}
    words = Words(
        title=_("Missing: %(field)s") % {"field": title},
        axis=_("Per cent missing, with 95 % interval"),
        status={"ok": "", "too-few": "n = {n}", "suppressed": "n < {limit}", "not-tested": "n = 0"},
        extremes=_(
            "Lowest share: {low_name}, {low}. Highest share: {high_name}, {high}. "
            "All numbers stand in the table."
        ),
        nothing=_("No share can be shown."),
        language=language(),
    )
    return draw_trend(rows, labels, words, name=f"missing-{name}", width=340.0)


# --- from the register ----------------------------------------------------------------------------


def _overview(
    laboratories: Sequence[str], names: Mapping[str, str], missing: Mapping[str, Row], now: datetime
) -> list[dict[str, Any]]:
    came = _came(timezone.localdate(now))
    words = bar_words("", "")
    kinds: dict[str, list[str]] = {}
    last = {}
    for each in register.last_received():
        kinds.setdefault(each.sender, []).append(str(MESSAGE_KINDS[each.kind]))
        if each.kind == "laboratory":
            last[each.sender] = each
    rows = []
    for key in laboratories:
        months = [states for states in came if key in states]
        items = {
            state: sum(each[key][state] for each in months) for state in ("accepted", "quarantined")
        }
        received = sum(items.values())
        row = missing.get(key)
        rules_now = register.rules_on(timezone.localdate(now))
        active = register.active_hours(last[key], rules_now.weeks * 7 * 24) if key in last else []
        silence = register.judge(active, now, rules_now) if active else None
        rows.append(
            {
                "key": key,
                "name": names.get(key, key),
                "months": len(months),
                "of": MONTHS,
                "kinds": ", ".join(sorted(kinds.get(key, []))),
                "delay": _say_delay(key, now),
                "quarantined": _share(items["quarantined"], received),
                "findings": write_figure(row.figures["n"], words) if row else "–",
                "cells": [_cell(row, name) for name in FIELDS],
                "rhythm": describe_rhythm([silence] if silence else []),
            }
        )
    return rows


def _cell(row: Row | None, name: str) -> dict[str, Any]:
    figure = row.figures[name] if row else Figure(status="not-computable")
    if figure.status == "too-few":
        return {"said": _("too few"), "known": False}
    if figure.value is None:
        return {"said": "–", "known": False}
    return {"said": write_decimal(float(figure.value), 1, language()), "known": True}


def _share(part: int, n: int) -> str:
    """A percentage of what was received: messages, not persons."""
    return write_decimal(100 * part / n, 1, language()) if n >= rules().percentage.least else "–"


def _came(today: date) -> list[dict[str, dict[Any, int]]]:
    """What came from each sender, in each of the last months."""
    found = []
    after = (today.replace(day=1) + timedelta(days=31)).replace(day=1)
    for _month in range(MONTHS):
        first = (after - timedelta(days=1)).replace(day=1)
        found.append(register.count_senders(midnight(first), midnight(after)))
        after = first
    return found


def _say_delay(laboratory: str, now: datetime) -> str:
    whole = _delays(laboratory, register.hour_of(now))
    return write_days(whole, language()) if whole is not None else "–"


@lru_cache(maxsize=512)
def _delays(laboratory: str, hour: int) -> float | None:
    """Hours from specimen to here that half of the answers took; remembered for the hour."""
    now = register.start_of(hour + 1)
    found = register.read_delays(now - timedelta(days=DELAY_DAYS), now, "month", laboratory).whole
    return found.spread["whole"].median if found and found.spread else None


def _delays_by_month(laboratory: str, now: datetime) -> list[dict[str, Any]]:
    """Half of the answers, and nine of ten, took so long: from specimen to answer, from answer to here, in all."""
    first = now - timedelta(days=31 * MONTHS)
    found = register.read_delays(first, now, "month", laboratory)
    return [
        {
            "month": value_name("month", f"{period.start:%Y-%m}"),
            "answers": period.answers,
            "parts": [
                (write_days(spread.median, language()), write_days(spread.ninth, language()))
                for spread in (period.spread[part] for part in ("making", "receiving", "whole"))
            ],
        }
        for period in reversed(found.periods)
        if period.spread
    ]
