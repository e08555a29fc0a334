"""The registers' disclosed tables as charts: time as columns or lines, groups as bars, several series small beside each
other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from varde.publishing import (
    NARROW,
    Bar,
    BarWords,
    Figure,
    Row,
    Words,
    as_share,
    draw_counts,
    draw_groups,
    draw_resistance,
    draw_trend,
)
from varde.web.register_words import COLUMNS, language, value_name

TIMES = ("year", "month", "surveyed")
MOST_SERIES = 12
MOST_GROUPS = 25


def draw(
    rows: Sequence[Row],
    by: str,
    series: Sequence[str],
    kind: str,
    view: str,
    title: str,
    axis: str,
    marks: Mapping[int, str],
) -> dict[str, Any]:
    """The charts of a table.

    Args:
        rows: in the order in which they are read.
        by: the column along a chart.
        series: columns whose values have a chart each.
        kind: as of `varde.web.figures.TableOf`.
        marks: year → what began in it.

    Returns:
        ``charts``: one, wide and narrow; or ``small``: (name, chart) for each series; ``left_out``: how many series
        have none.
    """
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row.key[name] for name in series)].append(row)
    if not groups:
        return {}
    if len(groups) == 1:
        [only] = groups.values()
        return {"charts": _both(only, by, kind, view, title, axis, marks)}
    largest = sorted(groups, key=lambda key: -sum(_size(row) for row in groups[key]))
    small = []
    for number, key in enumerate(largest[:MOST_SERIES]):
        names = zip(series, key, strict=True)
        name = ", ".join(value_name(column, value, view) for column, value in names)
        chart = _one(groups[key], by, kind, view, name, axis, marks, f"small-{number}", narrow=True)
        small.append((name, chart))
    return {"small": small, "left_out": max(0, len(groups) - MOST_SERIES)}


def _size(row: Row) -> float:
    return float(row.value("n") or 0)


def _both(
    rows: Sequence[Row],
    by: str,
    kind: str,
    view: str,
    title: str,
    axis: str,
    marks: Mapping[int, str],
) -> list[str]:
    return [
        _one(rows, by, kind, view, title, axis, marks, name, narrow)
        for name, narrow in (("chart", False), ("chart-narrow", True))
    ]


def _one(
    rows: Sequence[Row],
    by: str,
    kind: str,
    view: str,
    title: str,
    axis: str,
    marks: Mapping[int, str],
    name: str,
    narrow: bool,
) -> str:
    labels = {str(row.key[by]): value_name(by, row.key[by], view) for row in rows}
    if kind == "counts":
        words = bar_words(title, axis)
        bars = [
            Bar(
                label=labels[str(row.key[by])],
                figure=row.figures["n"],
                unfinished=is_unfinished(by, row.key[by]),
                mark=marks.get(row.key[by], "") if by == "year" else "",
            )
            for row in rows
        ]
        if by in TIMES:
            return draw_counts(bars, words, name=name, width=340.0 if narrow else 760.0)
        shown = bars[:MOST_GROUPS]
        return draw_groups(shown, words, name=name, width=330.0 if narrow else 760.0)
    count = "R" if kind == "resistance" else "count"
    shares = [as_share(row, str(row.key[by]), count) for row in rows]
    share_words = _share_words(title, axis, small=by in TIMES)
    if by in TIMES:
        unfinished = {str(row.key[by]) for row in rows if is_unfinished(by, row.key[by])}
        width = 340.0 if narrow else 760.0
        return draw_trend(
            shares, labels, share_words, unfinished=unfinished, name=name, width=width
        )
    if narrow:
        return draw_resistance(shares, labels, share_words, name=name, shape=NARROW)
    return draw_resistance(shares, labels, share_words, name=name)


def is_unfinished(column: str, value: Any) -> bool:
    """Whether a year or month is not over yet."""
    today = timezone.localdate()
    if column == "year":
        return bool(value == today.year)
    return column == "month" and value == f"{today:%Y-%m}"


def bar_words(title: str, axis: str) -> BarWords:
    """The texts of a chart of counts."""
    return BarWords(
        title=title,
        description=_("All numbers stand in the table. Striped: hidden, to protect persons."),
        axis=axis,
        fewer="< {limit}",
        hidden=_("hidden"),
        missing=_("no number"),
        unfinished=_("not over yet"),
        language=language(),
    )


def _share_words(title: str, axis: str, small: bool) -> Words:
    few = "n = {n}" if small else _("Too few for a share (n = {n})")
    return Words(
        title=title,
        axis=axis,
        status={
            "ok": "",
            "too-few": few,
            "suppressed": _("hidden"),
            "not-tested": _("no number"),
        },
        extremes=_(
            "Lowest share: {low_name}, {low}. Highest share: {high_name}, {high}. "
            "All numbers stand in the table."
        ),
        nothing=_("No share can be shown."),
        unfinished=_("not over yet"),
        language=language(),
    )


def fill(rows: Sequence[Row], by: str, today: date) -> list[Row]:
    """Counts over time without holes: a year or month between the first and the last in which nothing was counted is
    nought."""
    known = {row.key[by]: row for row in rows}
    dated = sorted(value for value in known if value is not None)
    if by not in ("year", "month") or not dated or any(set(row.key) != {by} for row in rows):
        return list(rows)
    last = min(max(dated), today.year if by == "year" else f"{today:%Y-%m}")
    steps = _years(dated[0], last) if by == "year" else _months(dated[0], last)
    later = [value for value in dated if value > last]
    pattern = rows[0].figures
    return [
        *(known.get(step) or _nought(by, step, pattern) for step in steps),
        *(known[value] for value in (*later, *([None] if None in known else []))),
    ]


def _years(first: int, last: int) -> list[int]:
    return list(range(first, last + 1))


def _months(first: str, last: str) -> list[str]:
    count = 12 * (int(last[:4]) - int(first[:4])) + int(last[5:]) - int(first[5:])
    start = 12 * int(first[:4]) + int(first[5:]) - 1
    return [f"{(start + n) // 12:04d}-{(start + n) % 12 + 1:02d}" for n in range(count + 1)]


def _nought(by: str, step: Any, pattern: Mapping[str, Figure]) -> Row:
    numbers = ("n", "suspected", "imported", "form_missing")
    figures = {
        name: Figure(status="ok", value=0) if name in numbers else Figure(status="not-computable")
        for name in pattern
    }
    return Row(key={by: step}, figures=figures)


def axis_name(table: str, kind: str) -> str:
    """What a chart's value axis is."""
    if kind == "resistance":
        return _("Share resistant, with 95 % interval")
    if kind == "shares":
        return _("Per cent, with 95 % interval")
    return (
        _("Confirmed and probable")
        if table == "cases"
        else _("Persons")
        if table == "coverage"
        else _("Doses")
    )


def column_name(column: str) -> str:
    """What a column is called."""
    return str(COLUMNS[column])
