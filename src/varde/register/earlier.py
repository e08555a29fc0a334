"""Whether an analysis was made before, as far as the register tells.

Three answers: *yes* (something was found that the analysis looks for), *possibly* (the analysis names its material, and a
specimen of that was answered without finding: nobody knows what was looked for), *not-known*. Never *no*: the register keeps
what was found, not what was looked for.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct

from varde.codes import refines
from varde.messages.records import Method
from varde.register.history import Answer, Found, History
from varde.register.repeats import Analysis, Rule, group_of, rule_for

Done = Literal["yes", "possibly", "not-known"]
Repeat = Literal["rarely-useful", "may-be-useful", "not-known"]
MOST_DAYS = 365
"""An answer without finding is told of only when it is not older; a finding always."""


class Earlier(Struct, frozen=True, kw_only=True):
    """The answer.

    Attributes:
        today: the day it was asked on.
        found: the newest finding that the analysis looks for; of `done` yes.
        without: the newest specimen without finding that may have been it; newer than `found` where there is both.
        days: since the specimen of `found`, else of `without`; None when there is neither.
        repeat: whether another one is of use.
        rule: what says so; None when no rule is about it.
        count: how many findings there are that it looks for.
    """

    done: Done
    today: date
    found: Found | None = None
    without: Answer | None = None
    days: int | None = None
    repeat: Repeat = "not-known"
    rule: Rule | None = None
    count: int = 0


def find_earlier(history: History, analysis: Analysis, today: date) -> Earlier:
    """Whether an analysis was made before.

    Args:
        analysis: what says enough to be compared (`Analysis.known`); of anything else nothing is known.
        today: no specimen of a later day is told of.
    """
    if not analysis.known:
        return Earlier(done="not-known", today=today)
    fitting = [one for one in history.findings if one.day <= today and looks_for(analysis, one)]
    found = fitting[0] if fitting else None
    without = next(
        (
            one
            for one in history.answers
            if one.day <= today
            and (today - one.day).days <= MOST_DAYS
            and analysis.material
            and _same_place(analysis.material, one.material)
            and (found is None or one.day > found.day)
        ),
        None,
    )
    if found is None:
        days = (today - without.day).days if without else None
        done: Done = "possibly" if without else "not-known"
        return Earlier(done=done, today=today, without=without, days=days)
    days = (today - found.day).days
    method = _method(found.method) or analysis.method
    rule = rule_for(found.organism, method, group_of(found.material), today)
    repeat: Repeat = "not-known"
    if rule is not None:
        repeat = "rarely-useful" if days <= rule.days else "may-be-useful"
    return Earlier(
        done="yes",
        today=today,
        found=found,
        without=without,
        days=days,
        repeat=repeat,
        rule=rule,
        count=len(fitting),
    )


def looks_for(analysis: Analysis, found: Found) -> bool:
    """Whether a finding is one that an analysis looks for: its organism or a more or less precise name of it, a method
    that is not another one, a material of the same place."""
    return (
        _same_organism(analysis.organism, found.organism)
        and _same_method(analysis.method, _method(found.method))
        and _same_place(analysis.material, found.material)
    )


def _same_organism(asked: str, found: str) -> bool:
    if not asked:
        return True
    return bool(found) and (asked == found or refines(found, asked) or refines(asked, found))


def _same_method(asked: Method, found: Method) -> bool:
    if not asked or not found or asked == found:
        return True
    # An antibody whose class nobody says may be of either.
    return {asked, found} in ({"antibody", "antibody-igm"}, {"antibody", "antibody-igg"})


def _same_place(asked: str, material: str) -> bool:
    return not asked or group_of(material) == asked


def _method(said: str) -> Method:
    return said  # type: ignore[return-value]  # the register's column holds the records' own words
