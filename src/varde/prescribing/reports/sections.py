"""What the second page of a report says in words: how the figures are made, what they do not have, and whom to tell of an error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import attrgetter

from varde.prescribing.indicators import catalogue
from varde.prescribing.layout import Words
from varde.prescribing.reports.figures import write_amount
from varde.prescribing.reports.forms import (
    Alike,
    KindOfReport,
    common,
    fill,
    indicator_words,
    places_of,
)
from varde.prescribing.reports.inputs import Known, Measured, Unplaced
from varde.prescribing.reports.panels import SMALL_CELL
from varde.prescribing.reports.phrases import list_words, quote, say_months
from varde.prescribing.reports.report import Panel, Section
from varde.prescribing.reports.wording import Dotted, Text


def compose_sections(
    form: KindOfReport,
    variant: str,
    found: Mapping[str, Measured],
    contact: Words | None,
    until: date,
    unplaced: Unplaced | None,
    panels: Sequence[Panel],
) -> tuple[Section, ...]:
    """The sections of the second page.

    Args:
        found: by indicator.
        contact: whom to tell of an error.
        until: the report's last day.
    """

    def section(text: Text, *more: Words) -> Section:
        return Section(title=text.title, lines=(*text.lines, *more))

    whom = () if contact is None else (contact,)
    has_dots = any(panel.dots is not None for panel in panels)
    dotted = form.dotted if has_dots else Dotted()
    return (
        section(
            _method(form, until),
            *dotted.method,
            *_best(form, variant, found),
            *say_months_missing(
                [found[key] for key in form.table], paired=bool(form.variants[variant].stretches)
            ),
            *say_unplaced(unplaced, exact=form.variants[variant].personal and not form.dots),
        ),
        say_intervals(section(common().uncertainty), panels),
        section(form.not_shown, *dotted.not_shown),
        section(common().errors, *whom),
    )


def _method(form: KindOfReport, until: date) -> Text:
    """How the figures are made, with the contacts' billing codes as the first indicator's definition has them."""
    lines = form.method.lines
    if any("billing" in places_of(line) for line in lines):
        codes = ", ".join(_billing_codes(form, until))
        lines = tuple(fill(line, billing=codes) for line in lines)
    return Text(title=form.method.title, lines=lines)


def _billing_codes(form: KindOfReport, until: date) -> Iterable[str]:
    """The codes that count where the kind's contacts are: in practice, out of hours, or both."""
    where = catalogue().get(form.first_page[0], until).denominator.where
    asked = {"gp": where.billing, "out-of-hours": where.billing_out_of_hours or where.billing}
    roles = {role for one in form.counted for role in ([one.role] if one.role else asked)}
    return dict.fromkeys(code for role in sorted(roles) for code in asked[role])


def say_intervals(section: Section, panels: Sequence[Panel]) -> Section:
    """The section on uncertainty with its lines on intervals where the first page has some, and on the usual spread where
    it also has a figure that is compared with those of similar ones; else without them."""
    if section.title != common().uncertainty.title:
        return section
    intervals, spread = common().intervals, common().spread
    lines = [line for line in section.lines if line not in (*intervals, *spread)]
    if any(mark.figure.interval.nb for panel in panels for mark in panel.marks):
        compared = any(map(_is_among_similar, panels))
        lines[:0] = (*intervals, *(spread if compared else ()))
    return Section(title=section.title, lines=tuple(lines))


def _is_among_similar(panel: Panel) -> bool:
    known = {mark.role for mark in panel.marks if mark.figure.value is not None}
    return bool(panel.place.nb) or {"own", "peers"} <= known


def say_months_missing(measured: Sequence[Measured], paired: bool) -> Iterator[Words]:
    """Which months are not in which figures, and why; once for all that miss the same ones.

    Args:
        paired: a month that is missing in one year is left out of the other.
    """
    sentences = common().sentences
    undelivered = sentences.months_unpaired if paired else sentences.months_undelivered
    for words, name in (
        (sentences.months_left_out, "left_out"),
        (undelivered, "undelivered"),
    ):
        for months, some in group_by_months(measured, attrgetter(name)):
            yield fill(words, titles=say_titles(some), months=say_months(months))


def group_by_months(
    measured: Iterable[Measured], months_of: Callable[[Measured], tuple[date, ...]]
) -> Iterator[tuple[tuple[date, ...], Sequence[Measured]]]:
    """Indicators of which the same months are to be told, together; those of which none are, are left out."""
    of: dict[tuple[date, ...], list[Measured]] = {}
    for one in measured:
        of.setdefault(months_of(one), []).append(one)
    for months, some in of.items():
        if months:
            yield months, some


def say_unplaced(unplaced: Unplaced | None, exact: bool) -> Iterator[Words]:
    """How many prescriptions and contacts some figures do not have.

    Args:
        exact: small numbers may be told: the report is its only reader's.
    """
    if unplaced is None:
        return
    sentences = common().sentences
    lines = [
        (words, some, whole)
        for words, some, whole in (
            (sentences.without_role, unplaced.role, unplaced.all),
            (sentences.without_unit, unplaced.unit, unplaced.all),
            (sentences.contacts_without_unit, unplaced.contacts, unplaced.all_contacts),
            (sentences.without_diagnosis, unplaced.diagnosis, unplaced.all),
        )
        if some != 0 and (exact or whole >= SMALL_CELL)
    ]
    # Where anything is hidden no whole is told: less what is in the figures, it is what is hidden.
    tells_whole = exact or all(some is not None and some >= SMALL_CELL for _, some, _ in lines)
    for words, some, whole in lines:
        if some is None:
            number = sentences.not_told
        elif some < SMALL_CELL and not exact:
            number = fill(sentences.fewer_than, limit=str(SMALL_CELL))
        elif tells_whole:
            number = fill(sentences.some_of, some=write_amount(some), all=write_amount(whole))
        else:
            number = write_amount(some)
        yield fill(words, some=number)


def _best(form: KindOfReport, variant: str, found: Mapping[str, Measured]) -> Iterator[Words]:
    """Of whom the benchmark is, as the circles that were found; of each indicator where they differ."""
    circles: dict[Alike, list[Measured]] = {}
    for key in form.table:
        one = found[key]
        if one.alike is not None and isinstance(one.value_of("benchmark"), Known):
            circles.setdefault(one.alike, []).append(one)
    sentences = common().sentences
    if len(circles) == 1:
        [alike] = circles
        words = form.circle(variant, alike)
        yield fill(sentences.best_of, name=words.benchmark, others=words.others)
    elif circles:
        # The circle of most is said first, and without its indicators.
        for place, (alike, some) in enumerate(
            sorted(circles.items(), key=lambda one: -len(one[1]))
        ):
            words = form.circle(variant, alike)
            of = fill(sentences.of_indicators, titles=say_titles(some)) if place else Words("", "")
            yield fill(sentences.best_of_several, name=words.benchmark, others=words.others, of=of)


def say_titles(some: Sequence[Measured]) -> Words:
    """The titles of indicators, one after the other."""
    return list_words([quote(title_of(one)) for one in some])


def title_of(measured: Measured) -> Words:
    """What an indicator is called in reports."""
    return indicator_words()[measured.described.key].title
