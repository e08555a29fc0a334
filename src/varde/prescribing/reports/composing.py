"""Composes a report: what was found for one unit, and the words of its kind.

Nothing is worked out here but how figures are written: what a figure is, and what it means, comes from `comparison`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from varde.prescribing.indicators import catalogue
from varde.prescribing.layout import Words
from varde.prescribing.reports.errors import ReportError
from varde.prescribing.reports.figures import (
    PERCENT,
    choose_places,
    scale_of,
    write_amount,
    write_figure,
)
from varde.prescribing.reports.forms import (
    KindOfReport,
    Text,
    common,
    fill,
    indicator_words,
    kinds,
    places_of,
)
from varde.prescribing.reports.inputs import (
    DrugChoice,
    Known,
    Measured,
    Missing,
    Nearby,
    PickedGoal,
    Reader,
    Tone,
    Value,
)
from varde.prescribing.reports.panels import compose_panel
from varde.prescribing.reports.phrases import join, list_words, quote, say_date, say_period
from varde.prescribing.reports.report import (
    Advice,
    Choice,
    Fact,
    Goal,
    Kind,
    Part,
    Report,
    Role,
    Row,
    Section,
    Table,
)

TONES: Mapping[Tone, str] = {
    "strength": "strength",
    "room": "room",
    "unsure": "unsure",
    "silent": "silent",
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
    shape = form.variants[variant]
    panels = tuple(
        compose_panel(
            form, variant, found[key], advice=advice.get(key), nearby=(nearby or {}).get(key)
        )
        for key in form.first_page
    )
    place = f"{reader.place}. " if reader.place else ""
    period = say_period(since, until)
    subtitle = fill(shape.subtitle, period=period)
    return Report(
        kind=kind,
        variant=variant,
        unit=reader.unit,
        name=reader.name,
        since=since,
        until=until,
        title=form.title,
        subtitle=Words(f"{place}{_capital(subtitle.nb)}", f"{place}{_capital(subtitle.en)}"),
        lead=_lead([found[key] for key in form.first_page]),
        facts=tuple(Fact(name=name, value=write_amount(count)) for name, count in reader.facts),
        goal=None if goal is None else _goal(goal, found, form),
        panels=panels,
        table=_table(form, variant, found),
        choices=tuple(_choice(form, variant, one) for one in choices),
        sections=_sections(form, contact, until),
        made_of=fill(common().sentences.made_of, as_of=say_date(as_of)),
        personal=shape.personal,
        by_consent=tuple(one.described.key for one in measured if one.by_consent),
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
    return say_lead([(one.described.key, one.verdict.tone) for one in measured])


def say_lead(indicators: Sequence[tuple[str, Tone]]) -> Words:
    """Strengths first, then what there is to gain: a sentence for each tone that some indicator has."""
    said = []
    for tone, name in TONES.items():
        titles = [quote(indicator_words()[key].title) for key, one in indicators if one == tone]
        if titles:
            said.append(fill(getattr(common().sentences, name), titles=list_words(titles)))
    return join(said)


def _title(measured: Measured) -> Words:
    return indicator_words()[measured.described.key].title


def _table(form: KindOfReport, variant: str, found: Mapping[str, Measured]) -> Table:
    """All indicators; a comparator that no indicator has is no column, and a note says why."""
    roles = tuple(
        role
        for role in form.columns
        if role in ("own", "before")
        or any(isinstance(_value(found[key], role), Known) for key in form.table)
    )
    reasons = {
        one.why_not: None
        for key in form.table
        for one in found[key].comparators
        if one.role in form.columns and one.role not in roles and one.why_not is not None
    }
    return Table(
        title=common().sentences.table,
        columns=(
            common().sentences.indicator,
            *(form.name(role, variant) for role in roles),
        ),
        rows=tuple(_row(found[key], roles) for key in form.table),
        notes=tuple(reasons),
    )


def _value(measured: Measured, role: Role) -> Value:
    if role == "own":
        return measured.own
    if role == "before":
        return measured.before
    for one in measured.comparators:
        if one.role == role:
            return one.value
    return Missing(why="unknown")


def _row(measured: Measured, roles: Sequence[Role]) -> Row:
    beside = [_value(measured, role) for role in roles]
    places = choose_places(beside, measured.described.per)
    return Row(
        indicator=measured.described.key,
        title=_title(measured),
        good_words=common().good[measured.described.good],
        cells=tuple(write_figure(one, scale_of(measured.described), places) for one in beside),
    )


def _goal(goal: PickedGoal, found: Mapping[str, Measured], form: KindOfReport) -> Goal:
    """The goal, and whether it is reached: judged on the value itself, and written so that the two can be told apart.

    Raises:
        ReportError: the goal is of an indicator that the report does not have, or that has no better way.
    """
    measured = found.get(goal.indicator)
    if measured is None or measured.described.good == "none":
        raise ReportError(f"{form.key}: {goal.indicator} cannot be a goal of this report")
    described = measured.described
    target = Known(value=goal.target)
    places = choose_places([target, measured.own], described.per)
    own = write_figure(measured.own, scale_of(described), places)
    sentences = common().sentences
    at_most = described.good == "lower"
    reached = None
    if isinstance(measured.own, Known):
        reached = (
            measured.own.value <= goal.target if at_most else measured.own.value >= goal.target
        )
    outcome = {
        True: sentences.goal_reached,
        False: sentences.goal_not_reached,
        None: sentences.goal_unknown,
    }[reached]
    said = fill(
        sentences.goal_at_most if at_most else sentences.goal_at_least,
        picked=say_date(goal.picked),
        title=_title(measured),
        target=write_figure(target, scale_of(described), places).shown,
        by=fill(sentences.goal_by, day=say_date(goal.by)) if goal.by else Words("", ""),
    )
    now = [fill(sentences.goal_now, own=own.shown)] if own.missing is None else []
    return Goal(indicator=goal.indicator, reached=reached, said=join([said, *now, outcome]))


def _choice(form: KindOfReport, variant: str, choice: DrugChoice) -> Choice:
    """What was chosen, in percent.

    Raises:
        ReportError: the shares are more than the whole.
    """
    parts = tuple(
        Part(
            name=part.name,
            own=write_figure(part.own, PERCENT, 0),
            other=write_figure(part.other, PERCENT, 0),
        )
        for part in choice.parts
    )
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
        parts=parts,
    )


def _method(form: KindOfReport, until: date) -> Text:
    """How the figures are made, with the contacts' billing codes as the first indicator's definition has them."""
    lines = form.method.lines
    if any("billing" in places_of(line) for line in lines):
        definition = catalogue().get(form.first_page[0], until)
        codes = ", ".join(definition.denominator.where.billing)
        lines = tuple(fill(line, billing=codes) for line in lines)
    return Text(title=form.method.title, lines=lines)


def _sections(form: KindOfReport, contact: Words | None, until: date) -> tuple[Section, ...]:
    def section(text: Text, *more: Words) -> Section:
        return Section(title=text.title, lines=(*text.lines, *more))

    whom = () if contact is None else (contact,)
    return (
        section(_method(form, until)),
        section(common().uncertainty),
        section(form.not_shown),
        section(common().errors, *whom),
    )
