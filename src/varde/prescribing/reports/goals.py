"""How a goal that was picked stands in the next report: judged on the figures as the reader sees them, rounded."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from varde.codes import write_decimal
from varde.prescribing.indicators import UnknownIndicator, catalogue
from varde.prescribing.layout import Words
from varde.prescribing.reports.errors import ReportError
from varde.prescribing.reports.figures import (
    MOST_PLACES,
    Scale,
    has_decimals,
    places_for,
    scale_of,
    write_figure,
    write_target,
)
from varde.prescribing.reports.forms import KindOfReport, common, fill, indicator_words, kinds
from varde.prescribing.reports.inputs import Known, Measured, Missing, PickedGoal, Value
from varde.prescribing.reports.phrases import join, say_date
from varde.prescribing.reports.report import Figure, Goal, Report

ROUNDING = 1e-9
"""What only the arithmetic of a quotient tells from another is no difference."""
TOO_FEW = "too-few"
"""The verdict on a figure that rests on too little."""


def compose_goal(
    goal: PickedGoal, found: Mapping[str, Measured], form: KindOfReport, variant: str
) -> Goal:
    """The goal and how it stands. It is reached for sure where the figure's interval does not hold it, and no merit
    where the figure before had reached it already.

    Raises:
        ReportError: it is of an indicator that the report does not have, or one that has no better way.
    """
    measured = found.get(goal.indicator)
    if measured is None or measured.described.good == "none":
        raise ReportError(f"{form.key}: {goal.indicator} cannot be a goal of this report")
    scale = scale_of(measured.described)
    places = places_for(measured, goal.target)
    own, before = (write_figure(one, scale, places) for one in (measured.own, measured.before))
    few = measured.verdict.key == TOO_FEW
    return _stand(
        goal,
        own,
        before,
        scale,
        few=few,
        at_most=measured.described.good == "lower",
        earlier=form.earlier(variant),
    )


def open_with(report: Report, goal: PickedGoal | None) -> Report:
    """A report that opens with a goal, which may have been picked after it was made; without one it is as it was, and so
    it is where the goal is of what its first page does not have, or of what has no better way."""
    panels = [one for one in report.panels if goal and one.indicator == goal.indicator]
    if goal is None or not panels or panels[0].good == "none":
        return report
    [panel] = panels
    if panel.percent:
        per = 100
    else:
        try:
            per = catalogue().get(goal.indicator, report.until).per
        except UnknownIndicator:
            return report
    figures = {mark.role: mark.figure for mark in panel.marks}
    own, before = figures["own"], figures["before"]
    scale = Scale(per, panel.percent)
    target = goal.target * per
    apart = own.value is not None and abs(own.value - target) > ROUNDING * per
    if has_decimals(target) or (apart and write_target(target, scale) == own.shown):
        # What differs is not written alike, and what has decimals is not held against whole numbers.
        own, before = (write_figure(_value(one, per), scale, 1) for one in (own, before))
    found = _stand(
        goal,
        own,
        before,
        scale,
        few=panel.verdict == TOO_FEW,
        at_most=panel.good == "lower",
        earlier=kinds()[report.kind].earlier(report.variant),
    )
    return msgspec.structs.replace(report, goal=found)


def _value(figure: Figure, per: int) -> Value:
    if figure.value is None:
        return Missing(why=figure.missing or "unknown")
    value, low, high = (
        None if one is None else one / per for one in (figure.value, figure.low, figure.high)
    )
    return Known(value=value or 0.0, low=low, high=high)


def _stand(
    goal: PickedGoal,
    own: Figure,
    before: Figure,
    scale: Scale,
    *,
    few: bool,
    at_most: bool,
    earlier: Words,
) -> Goal:
    """How a goal stands.

    Args:
        own, before: the figure as it is written, and the one that it is compared with in time.
        few: the figure is judged to rest on too little.
        at_most: lower is better.
        earlier: when the one before was, in words.
    """
    sentences = common().sentences
    said = fill(
        sentences.goal_at_most if at_most else sentences.goal_at_least,
        picked=say_date(goal.picked),
        title=indicator_words()[goal.indicator].title,
        target=write_target(goal.target * scale.per, scale),
        by=fill(sentences.goal_by, day=say_date(goal.by)) if goal.by else Words("", ""),
    )
    now = [fill(sentences.goal_now, own=own.shown)] if own.missing is None else []
    outcome, reached, sure = sentences.goal_unknown, None, True
    target = float(write_decimal(goal.target * scale.per, MOST_PLACES, "en"))
    value, low, high = (_as_shown(one, own) for one in (own.value, own.low, own.high))
    if value is not None:
        reached = _reaches(value, target, at_most)
        sure = not few and (low is None or high is None or not low < target < high)
        then = _as_shown(before.value, own)
        if few:
            outcome = sentences.goal_reached_few if reached else sentences.goal_not_reached_few
        elif not sure:
            words = sentences.goal_at_unsure
            if value != target:
                # Below a goal is good or bad, by the indicator: what is said is whether it is reached.
                words = sentences.goal_not_reached_unsure
                words = sentences.goal_reached_unsure if reached else words
            outcome = fill(words, interval=own.interval)
        elif not reached:
            outcome = sentences.goal_not_reached
        elif then is not None and _reaches(then, target, at_most):
            outcome = fill(sentences.goal_reached_before, earlier=earlier)
        else:
            outcome = sentences.goal_reached
    return Goal(
        indicator=goal.indicator, reached=reached, said=join([said, *now, outcome]), sure=sure
    )


def _as_shown(number: float | None, beside: Figure) -> float | None:
    """A number with the decimals that a figure is written with."""
    if number is None:
        return None
    return float(write_decimal(number, 1 if "." in beside.shown.en else 0, "en"))


def _reaches(value: float, target: float, at_most: bool) -> bool:
    return value <= target if at_most else value >= target
