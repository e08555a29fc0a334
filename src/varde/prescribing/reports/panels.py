"""Composes a panel: one indicator of the first page, its headline made of the figures that its chart shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from varde.guidelines import Edition
from varde.prescribing.layout import Words
from varde.prescribing.reports.errors import ReportError
from varde.prescribing.reports.figures import (
    PERCENT,
    choose_places,
    places_for,
    scale_of,
    write_amount,
    write_counted,
    write_figure,
)
from varde.prescribing.reports.forms import (
    KindOfReport,
    common,
    fill,
    indicator_words,
    kinds,
    places_of,
)
from varde.prescribing.reports.inputs import Comparator, Known, Measured, Missing, Nearby, Tested
from varde.prescribing.reports.phrases import join, list_words, say_date
from varde.prescribing.reports.report import (
    Advice,
    Dots,
    Figure,
    Kind,
    LocalResistance,
    Mark,
    Panel,
    Resistance,
    Role,
)
from varde.prescribing.reports.trends import (
    compose_stretches,
    compose_trend,
    describe_trend,
    explain_trend,
    say_months_left,
    title_trend,
)

MOST_COMPARATORS = 2
SMALL_CELL = 5
"""Counts below this leave nobody's report but the prescriber's own."""
FEWEST_DOTS = 5
"""Fewer dots than this could be told apart by those who know the group."""
NOTHING = Words("", "")


def compose_panel(
    form: KindOfReport,
    variant: str,
    measured: Measured,
    *,
    advice: Advice | None,
    nearby: Nearby | None,
    goal: float | None = None,
    until: date | None = None,
) -> Panel:
    """One panel.

    Args:
        until: the report's last day, where its periods have other months between them.
        goal: what the reader picked for it, as `Known.value`.

    Raises:
        ReportError: the verdict speaks of a figure that is not there.
    """
    described = measured.described
    words = indicator_words()[described.key]
    shown = _choose(measured)
    values = [measured.own, measured.before, *(one.value for one in shown)]
    places = places_for(measured, goal)
    scale = scale_of(described)
    figures = [write_figure(value, scale, places) for value in values]
    roles = ("own", "before", *(one.role for one in shown))
    names = [form.name("own", variant), form.name("before", variant)]
    names += [one.name or form.name(one.role, variant) for one in shown]
    marks = tuple(
        Mark(role=role, name=name, figure=figure)
        for role, name, figure in zip(roles, names, figures, strict=True)
    )
    good = common().good[described.good]
    stretches = compose_stretches(form.variants[variant], until)
    trend = compose_trend(measured, places, stretches)
    dots = _dots(form, variant, measured)
    return Panel(
        indicator=described.key,
        title=words.title,
        headline=_headline(form, variant, measured, figures[0]),
        message=_message(measured, marks, form.earlier(variant)),
        verdict=measured.verdict.key,
        good=described.good,
        good_words=good,
        percent=scale.percent,
        unit=_unit(form, variant, measured, words.unit),
        marks=marks,
        description=describe(words.title, good, marks),
        trend=trend,
        stretches=stretches,
        trend_title=title_trend(stretches),
        trend_description=describe_trend(words.title, trend, stretches, marks),
        band=explain_trend(trend, stretches, measured.undelivered),
        place=join([measured.verdict.place, _expect(measured, places)]),
        advice=advice,
        advice_label=common().labels.advice,
        resistance=None if nearby is None else _resistance(nearby),
        dots=dots,
        dots_description=_describe_dots(dots, measured, good, marks),
        dots_title=common().sentences.dots_title if form.dots else NOTHING,
        own_dot=common().sentences.own_dot,
        notes=(*say_months_left(measured, stretches), *_caution(figures[0])),
    )


def _caution(own: Figure) -> Iterator[Words]:
    """What to be careful about: an interval that is shown to reach 0 where the figure does not."""
    if own.interval.en.partition("–")[0] in ("0", "0.0") and (own.value or 0.0) > 0:
        yield common().sentences.reaches_zero


def _choose(measured: Measured) -> list[Comparator]:
    """The comparators of the chart: those that the verdict speaks of, then the others, in the order they came in."""
    spoken = {ROLES[place] for place in places_of(measured.verdict.sentence) if place in ROLES}
    known = [one for one in measured.comparators if isinstance(one.value, Known)]
    first = sorted(known, key=lambda one: one.role not in spoken)[:MOST_COMPARATORS]
    return [one for one in known if one in first]


def _expect(measured: Measured, places: int) -> Words:
    """What is usual for the reader's own mix of ages and sexes."""
    if not isinstance(measured.expected, Known):
        return NOTHING
    figure = write_figure(measured.expected, scale_of(measured.described), places)
    return fill(common().sentences.expected, expected=figure.shown)


def _unit(form: KindOfReport, variant: str, measured: Measured, unit: Words) -> Words:
    """What is counted, and how many: the numbers only where they cannot tell of few persons, or are the reader's own."""
    value = measured.own
    if not isinstance(value, Known) or value.numerator is None or value.denominator is None:
        return unit
    scale = scale_of(measured.described)
    counts = [value.numerator, value.denominator]
    if scale.percent:
        counts.append(value.denominator - value.numerator)
    own = form.variants[variant].personal and not form.dots
    if not own and any(0 < count < SMALL_CELL for count in counts):
        return unit
    return fill(common().sentences.unit_counted, unit=unit, counted=write_counted(value, scale))


def _headline(form: KindOfReport, variant: str, measured: Measured, own: Figure) -> Words:
    words = indicator_words()[measured.described.key]
    if own.missing is not None:
        return fill(common().missing_headline[own.missing], title=words.title)
    says = form.says.get(measured.described.key, words.says)
    return fill(says, who=form.variants[variant].who, own=own.shown)


ROLES: Mapping[str, Role] = {
    "value": "own",
    "before": "before",
    "benchmark": "benchmark",
    "typical": "peers",
}
"""Whose figure each place of a verdict's sentence is."""


def _message(measured: Measured, marks: tuple[Mark, ...], earlier: Words) -> Words:
    if isinstance(measured.own, Missing) and measured.own.why == "suppressed":
        return NOTHING  # the report's opening says why, once
    figures = {mark.role: mark.figure for mark in marks}
    given: dict[str, Words] = {
        place: figures[role].shown
        for place, role in ROLES.items()
        if role in figures and figures[role].missing is None
    }
    given["earlier"] = earlier
    if interval := figures["own"].interval.nb:
        ends = [
            Words(*pair)
            for pair in zip(
                *(one.split("–") for one in (interval, figures["own"].interval.en)), strict=True
            )
        ]
        given |= {"low": ends[0], "high": ends[1]}
    sentence = measured.verdict.sentence
    if lacking := places_of(sentence) - set(given):
        raise ReportError(
            f"{measured.described.key}: the verdict {measured.verdict.key} speaks of {', '.join(sorted(lacking))}, which is not shown"
        )
    return fill(sentence, **given)


def describe(title: Words, good: Words, marks: tuple[Mark, ...]) -> Words:
    """What a chart of marks shows, in a sentence."""
    said = [
        fill(
            common().sentences.with_interval,
            name=mark.name,
            shown=mark.figure.shown,
            interval=mark.figure.interval,
        )
        if mark.figure.interval.nb
        else Words(
            f"{mark.name.nb} {mark.figure.shown.nb}", f"{mark.name.en} {mark.figure.shown.en}"
        )
        for mark in marks
    ]
    lower = Words(good.nb[:1].lower() + good.nb[1:], good.en[:1].lower() + good.en[1:])
    return fill(
        common().sentences.description, title=title, good=lower, marks=list_words(said, "; ")
    )


def _dots(form: KindOfReport, variant: str, measured: Measured) -> Dots | None:
    """The group's dots, sorted; none where they are too few.

    Raises:
        ReportError: the reader's own dot is told of in a copy that others see.
    """
    if not form.dots:
        return None
    if measured.own_dot is not None and not form.variants[variant].own_dot:
        raise ReportError(f"{form.key}: an own dot has no place in the variant {variant}")
    if len(measured.dots) < FEWEST_DOTS:
        return None
    order = sorted(range(len(measured.dots)), key=lambda index: measured.dots[index])
    own = None if measured.own_dot is None else order.index(measured.own_dot)
    scaled = tuple(measured.dots[index] * measured.described.per for index in order)
    return Dots(values=scaled, own=own)


def _describe_dots(
    dots: Dots | None, measured: Measured, good: Words, marks: tuple[Mark, ...]
) -> Words:
    """The chart of dots in words: what that of marks says, and between what the dots lie."""
    if dots is None:
        return NOTHING
    ends = [
        Known(value=value / measured.described.per) for value in (dots.values[0], dots.values[-1])
    ]
    places = choose_places(ends, measured.described.per)
    low, high = (write_figure(end, scale_of(measured.described), places).shown for end in ends)
    said = fill(common().sentences.dots, count=str(len(dots.values)), low=low, high=high)
    return join([describe(indicator_words()[measured.described.key].title, good, marks), said])


def _resistance(nearby: Nearby) -> LocalResistance:
    """Each drug's resistance, and in words by where it is of."""
    sentences = common().sentences
    parts: list[Words] = []
    drugs: list[Resistance] = []
    for place, near in enumerate((nearby, *nearby.wider)):
        area, own = (
            _area(near),
            tuple(
                Resistance(drug=one.drug, figure=_percent(one), area=near.area if place else None)
                for one in near.drugs
            ),
        )
        said = [_say_tested(one, drug.figure) for one, drug in zip(near.drugs, own, strict=True)]
        parts.append(
            fill(
                sentences.resistance_wider if place else sentences.resistance,
                organism=nearby.organism,
                area=_capital(area) if place else area,
                period=near.period,
                drugs=list_words(said, ", "),
            )
        )
        drugs += own
    return LocalResistance(
        organism=nearby.organism,
        area=_area(nearby),
        period=nearby.period,
        drugs=tuple(drugs),
        said=join(parts),
    )


def _area(nearby: Nearby) -> Words:
    """Where, of which specimens, and in place of what."""
    sentences = common().sentences
    area = nearby.area
    if nearby.instead is not None:
        hidden = nearby.why == "suppressed"
        words = sentences.resistance_instead_hidden if hidden else sentences.resistance_instead
        area = fill(words, area=nearby.instead)
    return fill(sentences.resistance_of, area=area, of=nearby.of) if nearby.of.nb else area


def _capital(words: Words) -> Words:
    return Words(words.nb[:1].upper() + words.nb[1:], words.en[:1].upper() + words.en[1:])


def _say_tested(tested: Tested, figure: Figure) -> Words:
    """One drug: its share, or what may be told of it, or why nothing may."""
    sentences = common().sentences
    words = sentences.resistance_untested
    if tested.percent is not None:
        words = sentences.resistance_drug
    elif tested.few is not None:
        few = tested.few == "resistant"
        words = sentences.resistance_few if few else sentences.resistance_all_but
    elif tested.why is not None:
        hidden = tested.why == "suppressed"
        words = sentences.resistance_suppressed if hidden else sentences.resistance_too_few
    return fill(
        words,
        drug=tested.drug,
        percent=figure.shown,
        tested=write_amount(tested.tested or 0),
        below=write_amount(tested.below),
    )


def _percent(tested: Tested) -> Figure:
    if tested.percent is None or tested.tested is None:
        hidden = tested.few is not None or tested.why == "suppressed"
        return write_figure(Missing(why="suppressed" if hidden else "too-few"), PERCENT, 0)
    value = Known(value=tested.percent / 100)
    return write_figure(value, PERCENT, choose_places([value], 100))


def read_advice(edition: Edition, kind: Kind) -> dict[str, Advice]:
    """The guideline's advice for the indicators of a kind, as the guideline stood on the edition's day.

    A recommendation that was not there on that day gives none.
    """
    found = {}
    by_slug = {entry.slug: entry for entry in edition.current("anbefaling")}
    for key in kinds()[kind].first_page:
        words = indicator_words()[key]
        entry = by_slug.get(words.recommendation)
        if words.advice is None or entry is None:
            continue
        content = entry.innhold
        title = str(content.tittel)
        owner = ", ".join(content.eier or ())
        source = fill(
            common().sentences.source, title=title, owner=owner, version=say_date(entry.first_day)
        )
        found[key] = Advice(
            text=words.advice,
            title=title,
            link=str(content.url or ""),
            version=entry.first_day,
            source=source,
            cited=f"{title}, {owner}",
        )
    return found
