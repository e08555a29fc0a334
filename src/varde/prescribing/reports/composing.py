"""Composes a report: what was found for one unit, and the words of its kind.

Nothing is worked out here but how figures are written: what a figure is, and what it means, comes from `comparison`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from varde.prescribing.indicators import UnknownIndicator, catalogue
from varde.prescribing.layout import Words
from varde.prescribing.reports.errors import ReportError
from varde.prescribing.reports.figures import (
    PERCENT,
    choose_places,
    places_for,
    scale_of,
    write_amount,
    write_figure,
)
from varde.prescribing.reports.forms import (
    KindOfReport,
    common,
    fill,
    indicator_words,
    kinds,
)
from varde.prescribing.reports.goals import compose_goal
from varde.prescribing.reports.inputs import (
    WITHOUT,
    DrugChoice,
    Known,
    Measured,
    Missing,
    Nearby,
    PickedGoal,
    Reader,
    Tone,
)
from varde.prescribing.reports.panels import compose_panel
from varde.prescribing.reports.phrases import (
    join,
    list_words,
    quote,
    say_date,
    say_months,
    say_period,
)
from varde.prescribing.reports.report import (
    Advice,
    Choice,
    Fact,
    Kind,
    Part,
    Report,
    Role,
    Row,
    Table,
)
from varde.prescribing.reports.sections import (
    compose_sections,
    group_by_months,
    say_titles,
    title_of,
)

TONES: Mapping[Tone, str] = {
    "strength": "strength",
    "room": "room",
    "unsure": "unsure",
    "alone": "alone",
    "silent": "silent",
    "nobody": "nobody",
    "undelivered": "undelivered",
    "hidden": "hidden",
}
"""The order in which the opening speaks: strengths first."""


def compose(
    kind: Kind,
    variant: str,
    reader: Reader,
    measured: Sequence[Measured],
    *,
    since: date,
    until: date,
    as_of: date,
    advice: Mapping[str, Advice],
    nearby: Mapping[str, Nearby] | None = None,
    choices: Sequence[DrugChoice] = (),
    goal: PickedGoal | None = None,
    contact: Words | None = None,
) -> Report:
    """One report.

    Args:
        variant: one of the kind's.
        measured: all indicators of the kind's table, in any order; others are left out.
        since, until: the first and the last day of the period.
        as_of: the day the data were as they are.
        advice: the guideline's, by indicator (`read_advice`).
        nearby: local resistance by indicator, for those where a drug is chosen.
        contact: whom to ask; None where nobody is set.

    Raises:
        ReportError: an indicator is missing or given twice, or a verdict speaks of a figure that is not there.
    """
    form = _form(kind, variant)
    found = _index(form, measured)
    goals = {goal.indicator: goal.target} if goal is not None else {}
    shape = form.variants[variant]
    panels = tuple(
        compose_panel(
            form,
            variant,
            found[key],
            advice=advice.get(key),
            nearby=(nearby or {}).get(key),
            goal=goals.get(key),
            until=until,
        )
        for key in form.first_page
    )
    place = f"{reader.place}. " if reader.place else ""
    period = say_period(since, until)
    subtitle = fill(shape.subtitle, period=period)
    if reader.stay_before:
        subtitle = fill(
            common().sentences.stay_before,
            subtitle=subtitle,
            year=str(until.year),
            before=str(until.year - 1),
        )
    return Report(
        kind=kind,
        variant=variant,
        unit=reader.unit,
        name=reader.name,
        since=since,
        until=until,
        title=form.title,
        subtitle=Words(f"{place}{_capital(subtitle.nb)}", f"{place}{_capital(subtitle.en)}"),
        lead=join(
            [
                _lead([found[key] for key in form.first_page]),
                *_part_of_year(form, variant, found, since, until),
            ]
        ),
        facts=tuple(Fact(name=name, value=write_amount(count)) for name, count in reader.facts),
        goal=None if goal is None else compose_goal(goal, found, form, variant),
        panels=panels,
        table=_table(form, variant, found, goals),
        choices=tuple(_choice(form, variant, one, found, goals) for one in choices),
        sections=compose_sections(form, variant, found, contact, until, reader.unplaced, panels),
        definitions=tuple(_define(form, until)),
        definitions_title=common().sentences.definitions,
        made_of=fill(common().sentences.made_of, as_of=say_date(as_of)),
        personal=shape.personal,
        labels=common().labels,
    )


def _form(kind: Kind, variant: str) -> KindOfReport:
    form = kinds()[kind]
    if variant not in form.variants:
        raise ReportError(f"{kind}: no variant {variant!r}: give one of {', '.join(form.variants)}")
    return form


def _index(form: KindOfReport, measured: Sequence[Measured]) -> dict[str, Measured]:
    found: dict[str, Measured] = {}
    for one in measured:
        if one.described.key in found:
            raise ReportError(f"{form.key}: {one.described.key} is given twice")
        found[one.described.key] = one
    if missing := [key for key in form.table if key not in found]:
        raise ReportError(f"{form.key}: nothing is given for {', '.join(missing)}")
    return found


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lead(measured: Sequence[Measured]) -> Words:
    """How each stands: strengths first, then what there is to gain, a sentence for each tone that some indicator has; and,
    once for all that are hidden, why."""
    said = []
    for tone, name in TONES.items():
        titles = [
            quote(indicator_words()[one.described.key].title)
            for one in measured
            if tone == (WITHOUT[one.own.why] if isinstance(one.own, Missing) else one.verdict.tone)
        ]
        if titles:
            said.append(fill(getattr(common().sentences, name), titles=list_words(titles)))
    hidden = [
        one.verdict.sentence
        for one in measured
        if isinstance(one.own, Missing) and one.own.why == "suppressed"
    ]
    return join([*said, *dict.fromkeys(hidden)])


def _part_of_year(
    form: KindOfReport, variant: str, found: Mapping[str, Measured], since: date, until: date
) -> Iterator[Words]:
    """That months of the report's own year were not delivered, where its charts do not say so: nobody must take ten months
    for twelve."""
    if form.variants[variant].stretches:
        return

    def lacks(one: Measured) -> tuple[date, ...]:
        return tuple(day for day in one.undelivered if since <= day <= until)

    sentences, whole = common().sentences, form.variants[variant].months
    for months, some in group_by_months([found[key] for key in form.first_page], lacks):
        every = len(some) == len(form.first_page)
        yield fill(
            sentences.part_of_year,
            some=str(whole - len(months)),
            all=str(whole),
            of="" if every else fill(sentences.of_indicators, titles=say_titles(some)),
            months=say_months(months),
        )


def _table(
    form: KindOfReport, variant: str, found: Mapping[str, Measured], goals: Mapping[str, float]
) -> Table:
    """All indicators; a comparator that no indicator has is no column, and a note says why."""
    roles = tuple(
        role
        for role in form.columns
        if role in ("own", "before")
        or any(isinstance(found[key].value_of(role), Known) for key in form.table)
    )
    return Table(
        title=common().sentences.table,
        columns=(
            common().sentences.indicator,
            *(_column(form, variant, found, role) for role in roles),
        ),
        rows=tuple(_row(found[key], roles, goals.get(key)) for key in form.table),
        notes=tuple(_reasons(form, found, roles)),
    )


def _column(form: KindOfReport, variant: str, found: Mapping[str, Measured], role: Role) -> Words:
    """A column's name: the one that all its figures have, else the role's."""
    names = {
        one.name
        for key in form.table
        for one in found[key].comparators
        if one.role == role and isinstance(one.value, Known) and one.name is not None
    }
    return names.pop() if len(names) == 1 else form.name(role, variant)


def _reasons(
    form: KindOfReport, found: Mapping[str, Measured], roles: Sequence[Role]
) -> Iterator[Words]:
    """Why comparators are not there, each reason once and of which indicators; then what the words in the other cells
    stand for."""
    reasons: dict[Words, list[Measured]] = {}
    asked: dict[Words, int] = {}
    for key in form.table:
        for one in found[key].comparators:
            column = one.role in form.columns
            if one.why_not is not None and (column or key in form.first_page):
                asked[one.why_not] = len(form.table if column else form.first_page)
                some = reasons.setdefault(one.why_not, [])
                if found[key] not in some:
                    some.append(found[key])
    for reason, some in reasons.items():
        every = len(some) == asked[reason]
        yield fill(
            reason,
            of="" if every else fill(common().sentences.of_indicators, titles=say_titles(some)),
        )
    own = [value for key in form.table for value in (found[key].own, found[key].before)]
    for why, words in common().missing_cell.items():
        if any(isinstance(value, Missing) and value.why == why for value in own):
            yield words


def _row(measured: Measured, roles: Sequence[Role], goal: float | None) -> Row:
    beside = [measured.value_of(role) for role in roles]
    places = places_for(measured, goal)
    return Row(
        indicator=measured.described.key,
        title=title_of(measured),
        good_words=common().good[measured.described.good],
        cells=tuple(write_figure(one, scale_of(measured.described), places) for one in beside),
    )


def _choice(
    form: KindOfReport,
    variant: str,
    choice: DrugChoice,
    found: Mapping[str, Measured],
    goals: Mapping[str, float],
) -> Choice:
    """What was chosen, in percent; the figures of an indicator of the table as that writes them.

    Raises:
        ReportError: the shares are more than the whole.
    """
    parts = []
    for part in choice.parts:
        measured = found.get(part.indicator)
        places = (
            places_for(measured, goals.get(part.indicator))
            if measured
            else choose_places([part.own, part.other], 100)
        )
        own, other = (write_figure(one, PERCENT, places) for one in (part.own, part.other))
        parts.append(Part(name=part.name, own=own, other=other))
    for whose in ("own", "other"):
        if sum(getattr(part, whose).value or 0.0 for part in parts) > 100.0 + 1e-6:
            raise ReportError(f"{form.key}: shares of {choice.title.en} are more than the whole")
    said = list_words(
        [
            fill(
                common().sentences.choice_part,
                name=part.name,
                own=part.own.shown,
                other_name=choice.other,
                other=part.other.shown,
            )
            for part in parts
        ],
        between="; ",
    )
    return Choice(
        title=choice.title,
        description=fill(common().sentences.choice, title=choice.title, parts=said),
        own_name=form.variants[variant].short or form.variants[variant].who,
        other_name=choice.other,
        parts=tuple(parts),
    )


def _define(form: KindOfReport, on: date) -> Iterator[Fact]:
    """What each indicator of the table counts, as it was defined on a day."""
    for key in form.table:
        try:
            text = catalogue().get(key, on).text
        except UnknownIndicator:
            continue
        yield Fact(name=indicator_words()[key].title, value=text)
