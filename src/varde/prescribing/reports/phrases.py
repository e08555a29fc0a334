"""Puts words together: lists, dates, periods, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from varde.prescribing.layout import Words
from varde.prescribing.reports.forms import common, fill


def quote(words: Words) -> Words:
    """In quotation marks: «så» and “so”."""
    return Words(f"«{words.nb}»", f"“{words.en}”")


def join(sentences: Sequence[Words]) -> Words:
    """Sentences one after the other; empty ones are left out."""
    return Words(
        " ".join(one.nb for one in sentences if one.nb),
        " ".join(one.en for one in sentences if one.en),
    )


def list_words(items: Sequence[Words], between: str = "") -> Words:
    """ "a, b og c"; or with one sign between all."""
    if between:
        return Words(between.join(one.nb for one in items), between.join(one.en for one in items))
    last = common().sentences.joined
    return Words(
        last.nb.join(filter(None, [", ".join(one.nb for one in items[:-1]), items[-1].nb])),
        last.en.join(filter(None, [", ".join(one.en for one in items[:-1]), items[-1].en])),
    )


def say_date(day: date) -> Words:
    """ "12. mars 2026"."""
    months = common().months
    return fill(
        common().date,
        day=str(day.day),
        month=Words(months.nb[day.month - 1], months.en[day.month - 1]),
        year=str(day.year),
    )


def say_period(since: date, until: date) -> Words:
    """ "januar–desember 2025", or "juli 2024–juni 2025" where it is of two years."""
    months = common().months

    def one(names: tuple[str, ...]) -> str:
        first, last = names[since.month - 1], names[until.month - 1]
        if since.year != until.year:
            return f"{first} {since.year}–{last} {until.year}"
        return f"{first}–{last} {until.year}" if first != last else f"{last} {until.year}"

    return Words(one(months.nb), one(months.en))


def say_months(firsts: Iterable[date]) -> Words:
    """Months by their first days, those that follow each other together: "mars–april 2025 og juni 2025"."""
    runs: list[list[date]] = []
    for day in sorted(set(firsts)):
        follows = runs and (runs[-1][-1] + timedelta(31)).replace(day=1) == day
        if follows and runs[-1][-1].year == day.year:
            runs[-1].append(day)
        else:
            runs.append([day])
    return list_words([say_period(run[0], run[-1]) for run in runs])


def say_quarter(since: date) -> Words:
    """ "1. kv. 2025"."""
    return fill(common().quarter, number=str((since.month - 1) // 3 + 1), year=str(since.year))
