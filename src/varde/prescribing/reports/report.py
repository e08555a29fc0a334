"""The report object: everything that a reader of a prescribing report sees, in both languages.

A document and a page are drawn from a `Report` alone, and no figure is worked out after it: each `Figure` holds its
value, for a chart, beside the words it is written with, for a headline, a label and a table cell. So a headline and
its chart cannot differ.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from varde.prescribing.layout import Words

Kind = Literal["rak", "legevakt", "rask", "home-care", "peer-group", "county"]
Good = Literal["lower", "higher", "none"]
"""Which way an indicator is better; "none" where neither is."""
Why = Literal[
    "not-computable", "too-few", "suppressed", "unknown", "absent", "other-members", "not-shown"
]
"""Why there is no value. Not computable: nothing to divide by. Too few: a value would be chance. Suppressed: it could
tell of a person. Unknown: it was not delivered. Absent: the register has not the reader in that period. Other members, of a sum of doctors in the year before:
others were in it then, and who came or went could become known. Not shown, of a
comparator alone: there is none, for a reason that is neither of numbers nor of persons. None of them is nought."""
Role = Literal["own", "before", "benchmark", "peers", "group", "municipality", "county", "country"]
"""What a figure is of: the reader, now or a year before; what the best of similar ones reach; similar ones."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure, and how it is written.

    Attributes:
        value: in the unit it is shown in (31.2 for 31.2 %); None where there is none.
        low, high: its 95 % interval in the same unit; None where it has none.
        missing: why there is no value; None where there is one.
        shown: the value in words ("31 %"), or why there is none.
        interval: the interval in words ("27–35"); empty where there is none.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    missing: Why | None = None
    shown: Words
    interval: Words


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A figure with its name: a row of a comparison."""

    role: Role
    name: Words
    figure: Figure


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One quarter of a trend.

    Attributes:
        name: "1. kv. 2025"; of a trend in stretches its months.
        short: what stands under the axis ("2025" under the first quarter of a year, else empty).
        since: its first day, where the trend is in stretches.
        low, high: the limits that similar ones with as many contacts lie within; None where there are none.
    """

    name: Words
    short: Words
    figure: Figure
    low: float | None = None
    high: float | None = None
    since: date | None = None


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """One of two periods with other months between them, that a trend's points lie in.

    Attributes:
        role: whose figure the whole stretch has, among the panel's marks.
        name: "Etter kurset".
        months: "mai–oktober 2025".
    """

    role: Role
    name: Words
    months: Words
    since: date
    until: date

    def holds(self, point: Point) -> bool:
        """Whether a point of the trend is in it."""
        return point.since is not None and self.since <= point.since <= self.until


class Dots(msgspec.Struct, frozen=True, kw_only=True):
    """A peer group without names.

    Attributes:
        values: in ascending order, so that their order tells nothing.
        own: which of them is the reader's; None in what others see.
    """

    values: tuple[float, ...]
    own: int | None = None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One drug's share of a choice, in percent: the reader's, and that of those beside."""

    name: Words
    own: Figure
    other: Figure


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What was chosen among drugs.

    Attributes:
        title, description: of its chart.
        own_name, other_name: whose shares.
        parts: in the same order every year; together at most 100 %.
    """

    title: Words
    description: Words
    own_name: Words
    other_name: Words
    parts: tuple[Part, ...]


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """What the guideline says.

    Attributes:
        text: in a sentence or two.
        title, link: the recommendation.
        version: the first day of the version that held on the period's last day.
        source: title, owner and version in words.
        cited: the part of it that is as the guideline writes it, in Norwegian.
    """

    text: Words
    title: str
    link: str
    version: date
    source: Words
    cited: str = ""


class Resistance(msgspec.Struct, frozen=True, kw_only=True):
    """How often a drug fails in the laboratory nearby: disclosed before it comes here.

    Attributes:
        area: whose figure it is; None: that of the resistance that it stands in.
    """

    drug: Words
    figure: Figure
    area: Words | None = None


class LocalResistance(msgspec.Struct, frozen=True, kw_only=True):
    """Resistance beside a choice of drug: what was tested, where and when, and the words for all of it.

    Attributes:
        area: where most of it is known: the county, else the country.
    """

    organism: str
    area: Words
    period: Words
    drugs: tuple[Resistance, ...]
    said: Words


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """One indicator of the first page.

    Attributes:
        headline: what the reader did, in words, made of the figures below.
        message: what to think of it: the one verdict, made of the same figures.
        verdict: the key of the one message, as `comparison` judged.
        good_words: "Lavere er bedre".
        percent: its figures are percentages.
        unit: what its figures count, and how many there were ("Andel av luftveiskontakter … (124 av 400)").
        marks: own, own year before, then at most two comparators: the rows of the chart.
        description: what the chart shows, in a sentence.
        trend_title, trend_description, band: of the trend's chart; `band` says what the shade is, where there is one,
            and what the line over a stretch is.
        stretches: the periods that the trend's points lie in, where they do not follow each other; empty else.
        place: where among similar ones the reader lies, in words; empty where that cannot be said.
        advice_label: whose advice it is.
        dots_description: what the chart of dots shows, in a sentence, where there is one.
        dots_title: what a dot is, where there may be some.
        own_dot: what the reader's own dot is called, where there is one.
        notes: why a comparator is not there, and other cautions.
    """

    indicator: str
    title: Words
    headline: Words
    message: Words
    verdict: str
    good: Good
    good_words: Words
    percent: bool
    unit: Words
    marks: tuple[Mark, ...]
    description: Words
    trend: tuple[Point, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    trend_title: Words
    trend_description: Words
    band: Words
    place: Words
    advice: Advice | None = None
    advice_label: Words
    resistance: LocalResistance | None = None
    dots: Dots | None = None
    dots_description: Words
    dots_title: Words = Words("", "")
    own_dot: Words
    notes: tuple[Words, ...] = ()

    @property
    def has_chart(self) -> bool:
        """Whether any figure of its chart is there; else `description` says why each is not, and no empty chart is drawn."""
        return self.dots is not None or any(mark.figure.value is not None for mark in self.marks)

    @property
    def has_trend(self) -> bool:
        """Whether any quarter has a figure; else `trend_description` says that none has."""
        return any(point.figure.value is not None for point in self.trend)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One indicator of the table: its figures in the order of the table's columns."""

    indicator: str
    title: Words
    good_words: Words
    cells: tuple[Figure, ...]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """All indicators.

    Attributes:
        columns: names, the indicator's first.
        notes: why a column that the kind has is not there.
    """

    title: Words
    columns: tuple[Words, ...]
    rows: tuple[Row, ...]
    notes: tuple[Words, ...] = ()


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """The goal that the reader picked in an earlier report, and how it stands.

    Attributes:
        reached: by the figure itself; None where there is none.
        sure: the figure's interval does not hold the goal, or there is none.
    """

    indicator: str
    reached: bool | None
    said: Words
    sure: bool = True


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Something about the reader's work that the figures rest on ("Konsultasjoner": "3 120")."""

    name: Words
    value: Words


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """Text under a heading; each of `lines` is an item of a list when there is more than one."""

    title: Words
    lines: tuple[Words, ...]


class Labels(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that are the same in every report."""

    goal: Words
    advice: Words
    choose_goal: Words
    page_of: Words
    confidential: Words
    at_a_glance: Words


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One report.

    Attributes:
        unit: whose it is: an HPR number, an organisation's, a group's, a county's.
        name: what the reader calls it.
        since, until: the first and the last day of the period.
        lead: what the report says in a sentence or two.
        goal: None where no goal was picked; then `labels.choose_goal` stands in its place.
        panels: the first page, three to five.
        choices: of the second page.
        sections: method, uncertainty, what the report does not show, errors and contact.
        definitions: what each indicator of the table counts, under its title.
        made_of: which data, as of when: the report's last line.
        personal: it is about one prescriber, and for that one alone.
    """

    kind: Kind
    variant: str
    unit: str
    name: str
    since: date
    until: date
    title: Words
    subtitle: Words
    lead: Words
    facts: tuple[Fact, ...] = ()
    goal: Goal | None = None
    panels: tuple[Panel, ...]
    table: Table
    choices: tuple[Choice, ...] = ()
    sections: tuple[Section, ...]
    definitions: tuple[Fact, ...] = ()
    definitions_title: Words = Words("", "")
    made_of: Words
    personal: bool
    labels: Labels
