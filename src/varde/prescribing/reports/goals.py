"""How a goal that was picked stands in the next report."""

from __future__ import annotations

from collections.abc import Mapping

from varde.prescribing.layout import Words
from varde.prescribing.reports.errors import ReportError
from varde.prescribing.reports.figures import (
    places_for,
    scale_of,
    write_figure,
    write_target,
)
from varde.prescribing.reports.forms import KindOfReport, common, fill, indicator_words
from varde.prescribing.reports.inputs import Known, Measured, PickedGoal
from varde.prescribing.reports.phrases import join, say_date
from varde.prescribing.reports.report import Goal

ROUNDING = 1e-9
"""What only the arithmetic of a quotient tells from another is no difference."""


def compose_goal(goal: PickedGoal, found: Mapping[str, Measured], form: KindOfReport) -> Goal:
    """The goal and how it stands. It is reached for sure where the figure's interval does not hold it, and no merit
    where the year before had reached it already.

    Raises:
        ReportError: it is of an indicator that the report does not have, or one that has no better way.
    """
    measured = found.get(goal.indicator)
    if measured is None or measured.described.good == "none":
        raise ReportError(f"{form.key}: {goal.indicator} cannot be a goal of this report")
    described = measured.described
    own = write_figure(measured.own, scale_of(described), places_for(measured, goal.target))
    sentences = common().sentences
    at_most = described.good == "lower"
    said = fill(
        sentences.goal_at_most if at_most else sentences.goal_at_least,
        picked=say_date(goal.picked),
        title=indicator_words()[described.key].title,
        target=write_target(goal.target * described.per, scale_of(described)),
        by=fill(sentences.goal_by, day=say_date(goal.by)) if goal.by else Words("", ""),
    )
    now = [fill(sentences.goal_now, own=own.shown)] if own.missing is None else []
    outcome, reached, sure = sentences.goal_unknown, None, True
    if isinstance(measured.own, Known):
        value, low, high = measured.own.value, measured.own.low, measured.own.high
        reached = _reaches(value, goal.target, at_most)
        few = measured.verdict.key == "too-few" and (low is None or high is None)
        sure = not few and (low is None or high is None or not low < goal.target < high)
        earlier = measured.before
        if few:
            outcome = sentences.goal_reached_few if reached else sentences.goal_not_reached_few
        elif not sure:
            words = sentences.goal_at_unsure
            if abs(value - goal.target) > ROUNDING:
                # Below a goal is good or bad, by the indicator: what is said is whether it is reached.
                words = sentences.goal_not_reached_unsure
                words = sentences.goal_reached_unsure if reached else words
            outcome = fill(words, interval=own.interval)
        elif not reached:
            outcome = sentences.goal_not_reached
        elif isinstance(earlier, Known) and _reaches(earlier.value, goal.target, at_most):
            outcome = sentences.goal_reached_before
        else:
            outcome = sentences.goal_reached
    return Goal(
        indicator=goal.indicator, reached=reached, said=join([said, *now, outcome]), sure=sure
    )


def _reaches(value: float, target: float, at_most: bool) -> bool:
    return value <= target + ROUNDING if at_most else value >= target - ROUNDING
