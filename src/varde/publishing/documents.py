"""A prescribing report as a tagged document of two pages (PDF/UA-1), set by Typst from a layout and the report object.

The same report gives the same bytes: no date is written but those of the report, and only the typefaces that come with
Varde are used.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import msgspec
import typst

from varde.prescribing.reports import Choice, Figure, Panel, Report
from varde.publishing.group_charts import draw_choice, draw_dots
from varde.publishing.lettering import FONTS, can_write, make_legible
from varde.publishing.report_charts import draw_comparison, say
from varde.publishing.trend_charts import draw_quarters

__all__ = ["FONTS", "DocumentTooLong", "Language", "Press", "lay_out"]

LAYOUTS = Path(__file__).parent / "layouts"
PAGES = 2
ROOMY = 3
"""With more panels than this the first page's charts are lower."""
DENSITIES = (0, 1, 2, 3)
"""How closely a report is set: the first that fits on its pages is taken."""

Language = Literal["nb", "en"]


class DocumentTooLong(Exception):
    """A report does not fit on two pages, however closely it is set."""


class Press:
    """Sets reports. One for each process: it keeps layout and typefaces in memory between reports."""

    def __init__(self, layout: str = "report") -> None:
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[str(FONTS / "inter")],
        )
        self._compiler = typst.Compiler(
            str(LAYOUTS / f"{layout}.typ"),
            root=str(LAYOUTS),
            font_paths=fonts,
            ignore_system_fonts=True,
        )

    def set(self, report: Report, language: Language) -> bytes:
        """The report as PDF/UA-1, in one language.

        Raises:
            DocumentTooLong: it needs more than two pages.
        """
        return self.press(lay_out(report, language))

    def press(self, view: dict[str, Any]) -> bytes:
        """What `lay_out` gives, set as closely as it must be.

        Raises:
            DocumentTooLong: it needs more than two pages.
        """
        if not can_write(msgspec.json.encode(view).decode()):
            view = _make_legible(view)
        for density in DENSITIES:
            document = self._compiler.compile(
                format="pdf",
                sys_inputs={"report": msgspec.json.encode(view | {"density": density}).decode()},
                pdf_standards=["ua-1"],
            )
            if not isinstance(document, bytes):
                raise TypeError("the document was written elsewhere")
            if count_pages(document) <= PAGES:
                return document
        raise DocumentTooLong(
            f"the document needs more than {PAGES} pages, however closely it is set"
        )


def _make_legible(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _make_legible(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_make_legible(one) for one in value]
    return make_legible(value) if isinstance(value, str) else value


def count_pages(document: bytes) -> int:
    """How many pages a document of Typst's has: it writes its page tree unpacked.

    Raises:
        ValueError: it has no such tree.
    """
    found = re.search(rb"/Type/Pages/Count (\d+)", document)
    if found is None:
        raise ValueError("the document does not say how many pages it has")
    return int(found[1])


def lay_out(report: Report, language: Language) -> dict[str, Any]:
    """What a layout is given: the report's words in one language, and its charts drawn. Nothing is worked out."""
    period = say(report.subtitle, language)
    return {
        "lang": language,
        "title": say(report.title, language),
        "name": report.name,
        "subtitle": period,
        "lead_label": say(report.labels.at_a_glance, language),
        "lead": say(report.lead, language),
        "facts": [[say(fact.name, language), say(fact.value, language)] for fact in report.facts],
        "goal_label": say(report.labels.goal, language),
        "goal": say(report.goal.said if report.goal else report.labels.choose_goal, language),
        "panels": [
            _panel(panel, language, f"p{index}", low=len(report.panels) > ROOMY)
            for index, panel in enumerate(report.panels)
        ],
        "table": {
            "title": say(report.table.title, language),
            "columns": [say(column, language) for column in report.table.columns],
            "rows": [
                {
                    "title": say(row.title, language),
                    "good": say(row.good_words, language),
                    "cells": [_cell(cell, language) for cell in row.cells],
                }
                for row in report.table.rows
            ],
            "notes": [say(note, language) for note in report.table.notes],
        },
        "choices": [
            _choice(choice, language, f"c{index}") for index, choice in enumerate(report.choices)
        ],
        "sections": [
            {
                "title": say(section.title, language),
                "lines": [say(line, language) for line in section.lines],
            }
            for section in report.sections
        ],
        "definitions": [
            [say(one.name, language), say(one.value, language)]
            for one in report.definitions
            if not report.choices  # which take their room
        ],
        "definitions_title": say(report.definitions_title, language),
        "made_of": say(report.made_of, language),
        "footers": [
            say(report.labels.page_of, language).format(page=page, pages=PAGES)
            for page in range(1, PAGES + 1)
        ],
        "confidential": say(report.labels.confidential, language) if report.personal else "",
    }


def _panel(panel: Panel, language: Language, name: str, *, low: bool) -> dict[str, Any]:
    if panel.dots is not None:
        chart, alt = draw_dots(panel, language, name=name), say(panel.dots_description, language)
    else:
        chart, alt = (
            draw_comparison(panel, language, name=name, low=low),
            say(panel.description, language),
        )
    trend = panel.has_trend
    return {
        "title": say(panel.title, language),
        "unit": say(panel.unit, language),
        "headline": say(panel.headline, language),
        "message": say(panel.message, language),
        "chart": chart if panel.has_chart else "",
        "alt": alt,
        "trend": draw_quarters(panel, language, name=f"{name}t", low=low) if trend else "",
        "trend_alt": say(panel.trend_description, language) if panel.trend else "",
        "place": say(panel.place, language),
        "advice": say(panel.advice.text, language) if panel.advice else "",
        "cited": panel.advice.cited if panel.advice else "",
        "edition": say(panel.advice.source, language).removeprefix(panel.advice.cited)
        if panel.advice
        else "",
        "link": panel.advice.link if panel.advice else "",
        "advice_label": say(panel.advice_label, language),
        "resistance": say(panel.resistance.said, language) if panel.resistance else "",
        "notes": [say(note, language) for note in panel.notes],
    }


def _cell(figure: Figure, language: Language) -> list[str]:
    return [say(figure.shown, language), say(figure.interval, language)]


def _choice(choice: Choice, language: Language, name: str) -> dict[str, Any]:
    return {
        "title": say(choice.title, language),
        "chart": draw_choice(choice, language, name=name),
        "alt": say(choice.description, language),
    }
