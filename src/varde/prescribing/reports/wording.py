"""The words of reports as data: sections, months, sentences with places that figures are put into."""

from __future__ import annotations

import msgspec

from varde.prescribing.layout import Words


class Text(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A section's heading and lines."""

    title: Words
    lines: tuple[Words, ...]


class Dotted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lines of sections that are said only where a report shows dots."""

    method: tuple[Words, ...] = ()
    not_shown: tuple[Words, ...] = ()


class Months(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The months' names, January first."""

    nb: tuple[str, ...]
    en: tuple[str, ...]


class Sentences(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sentences with places, which figures are put into."""

    counted: Words
    counted_over: Words
    unit_counted: Words
    description: Words
    with_interval: Words
    trend_title: Words
    trend: Words
    no_trend: Words
    stretches_title: Words
    stretches_line: Words
    stretches_line_part: Words
    stretches_part: Words
    stretches: Words
    stretch: Words
    stretch_point: Words
    no_stretches: Words
    dots: Words
    own_dot: Words
    band: Words
    strength: Words
    room: Words
    unsure: Words
    silent: Words
    alone: Words
    undelivered: Words
    nobody: Words
    hidden: Words
    joined: Words
    goal_at_most: Words
    goal_at_least: Words
    goal_by: Words
    goal_now: Words
    expected: Words
    goal_reached: Words
    goal_reached_before: Words
    goal_reached_unsure: Words
    goal_not_reached_unsure: Words
    goal_reached_few: Words
    goal_not_reached_few: Words
    goal_at_unsure: Words
    goal_not_reached: Words
    goal_unknown: Words
    best_of: Words
    best_of_several: Words
    of_indicators: Words
    resistance: Words
    resistance_drug: Words
    resistance_few: Words
    resistance_all_but: Words
    resistance_too_few: Words
    resistance_suppressed: Words
    resistance_untested: Words
    resistance_of: Words
    resistance_wider: Words
    resistance_instead: Words
    resistance_instead_hidden: Words
    source: Words
    choice: Words
    choice_part: Words
    indicator: Words
    table: Words
    made_of: Words
    stay_before: Words
    reaches_zero: Words
    months_left_out: Words
    months_undelivered: Words
    months_unpaired: Words
    without_role: Words
    without_unit: Words
    contacts_without_unit: Words
    without_diagnosis: Words
    fewer_than: Words
    some_of: Words
    part_of_year: Words
    not_told: Words
    dots_title: Words
    definitions: Words


class OnPage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that stand on the page alone, beside the report's own.

    Attributes:
        interval: the head of a column of intervals.
        goal_worse: asks about a goal that is no better than the figure is now.
        goal_keep: that the reader means it.
        goal_blind: what a goal without a figure now may come to.
    """

    interval: Words
    goal_worse: Words
    goal_keep: Words
    goal_blind: Words
