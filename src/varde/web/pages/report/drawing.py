"""A report as a page shows it: its words in one language, its charts, and each chart's figures as a table.

Everything is the report's own; nothing is worked out here, so that page and document say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from django.urls import reverse
from django.utils.http import urlencode

from varde.prescribing.layout import Words
from varde.prescribing.reports import (
    Choice,
    Figure,
    Panel,
    Report,
    Scale,
    indicator_words,
    page_words,
)
from varde.prescribing.reports import write_target as write_words
from varde.publishing import draw_choice, draw_comparison, draw_dots, draw_quarters

Language = Literal["nb", "en"]
NARROW = 250.0
"""How wide a chart is drawn for a telephone, so that its letters are not too small there."""


def show_report(report: Report, language: Language, *, resistance: bool) -> dict[str, Any]:
    """What the template is given.

    Args:
        resistance: whether the reader may open the page of resistance.
    """

    def say(words: Words) -> str:
        return words.en if language == "en" else words.nb

    return {
        "kind": report.kind,
        "title": say(report.title),
        "name": report.name,
        "subtitle": say(report.subtitle),
        "confidential": say(report.labels.confidential) if report.personal else "",
        "glance_label": say(report.labels.at_a_glance),
        "lead": say(report.lead),
        "facts": [(say(fact.name), say(fact.value)) for fact in report.facts],
        "goal_label": say(report.labels.goal),
        "goal": report.goal and {"said": say(report.goal.said), "reached": report.goal.reached},
        "panels": [
            _panel(panel, report, language, f"p{number}", resistance=resistance)
            for number, panel in enumerate(report.panels, 1)
        ],
        "table": {
            "title": say(report.table.title),
            "columns": [say(column) for column in report.table.columns],
            "rows": [
                {
                    "title": say(row.title),
                    "good": say(row.good_words),
                    "cells": [(say(one.shown), say(one.interval)) for one in row.cells],
                }
                for row in report.table.rows
            ],
            "notes": [say(note) for note in report.table.notes],
        },
        "choices": [
            _choice(choice, language, f"c{number}") for number, choice in enumerate(report.choices)
        ],
        "sections": [
            (say(section.title), [say(line) for line in section.lines])
            for section in report.sections[:-1]
        ],
        "errors": [
            (say(section.title), [say(line) for line in section.lines])
            for section in report.sections[-1:]
        ],
        "definitions": [(say(one.name), say(one.value)) for one in report.definitions],
        "definitions_title": say(report.definitions_title),
        "interval": say(page_words().interval),
        "made_of": say(report.made_of),
        "dotted": any(panel.dots is not None for panel in report.panels),
    }


def _panel(
    panel: Panel, report: Report, language: Language, name: str, *, resistance: bool
) -> dict[str, Any]:
    def say(words: Words) -> str:
        return words.en if language == "en" else words.nb

    dots = panel.dots is not None
    draw = draw_dots if dots else draw_comparison
    advice = panel.advice and {
        "text": say(panel.advice.text),
        # What is cited is in Norwegian in both languages.
        "cited": panel.advice.cited,
        "edition": say(panel.advice.source).removeprefix(panel.advice.cited),
        "link": _guideline(panel.indicator, report),
    }
    return {
        "key": panel.indicator,
        "name": name,
        "title": say(panel.title),
        "headline": say(panel.headline),
        "message": say(panel.message),
        "unit": say(panel.unit),
        "good": say(panel.good_words),
        "chart": draw(panel, language, name=name) if panel.has_chart else "",
        "narrow": draw(panel, language, name=f"{name}n", width=NARROW) if panel.has_chart else "",
        "no_chart": "" if panel.has_chart else say(panel.description),
        # Its first sentences are the table's.
        "dots": say(panel.dots_description).removeprefix(say(panel.description)).strip(),
        "marks": [
            (say(mark.name), say(mark.figure.shown), say(mark.figure.interval))
            for mark in panel.marks
        ],
        "trend_title": say(panel.trend_title),
        "trend": draw_quarters(panel, language, name=f"{name}t") if panel.has_trend else "",
        "no_trend": say(panel.trend_description) if panel.trend and not panel.has_trend else "",
        "quarters": [
            (say(name), say(figure.shown), say(figure.interval)) for name, figure in _trend(panel)
        ],
        "stretches": bool(panel.stretches),
        "place": say(panel.place),
        "advice_label": say(panel.advice_label),
        "advice": advice,
        "resistance": say(panel.resistance.said) if panel.resistance else "",
        "resistance_link": reverse("resistance") if resistance else "",
        "notes": [say(note) for note in panel.notes],
    }


def _trend(panel: Panel) -> Iterator[tuple[Words, Figure]]:
    """The rows of a trend's table: its points, and in stretches each stretch as a whole after its own."""
    if not panel.stretches:
        yield from ((point.name, point.figure) for point in panel.trend)
    whole = {mark.role: mark.figure for mark in panel.marks}
    for stretch in panel.stretches:
        for point in panel.trend:
            if stretch.holds(point):
                yield point.name, point.figure
        name, months = stretch.name, stretch.months
        yield (
            Words(f"{name.nb}, {months.nb}", f"{name.en}, {months.en}"),
            whole[stretch.role],
        )


def _guideline(indicator: str, report: Report) -> str:
    """The recommendation on the guideline's own pages, as it was on the report's last day."""
    slug = indicator_words()[indicator].recommendation
    if not slug:
        return ""
    day = urlencode({"dato": report.until.isoformat()})
    return f"{reverse('guideline-recommendation', args=[slug])}?{day}"


def write_target(target: float, indicator: str, language: Language) -> str:
    """A goal's amount, as the next report will write it."""
    words = write_words(target, Scale(1, indicator_words()[indicator].percent))
    return words.en if language == "en" else words.nb


def _choice(choice: Choice, language: Language, name: str) -> dict[str, Any]:
    def say(words: Words) -> str:
        return words.en if language == "en" else words.nb

    return {
        "title": say(choice.title),
        "chart": draw_choice(choice, language, name=name),
        "own_name": say(choice.own_name),
        "other_name": say(choice.other_name),
        "parts": [
            (say(part.name), say(part.own.shown), say(part.other.shown)) for part in choice.parts
        ],
    }
