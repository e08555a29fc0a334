"""Whether an analysis was made before, as far as the register tells.

Three answers. *Yes*: something was found that the analysis looks for, or the same was looked for, with what came of it: found,
not found, neither, on its way. *Possibly*: the analysis names its material, and a specimen of that was answered without finding and
without saying what was looked for. *Not-known*. Never *no*: a test that the register does not know may have been taken all
the same.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct

from varde.codes import method_meets, refines
from varde.messages.records import Method, Outcome
from varde.register.history import Answer, Found, History, Looked
from varde.register.repeats import Analysis, Rule, group_of, rule_for

Done = Literal["yes", "possibly", "not-known"]
Repeat = Literal["rarely-useful", "may-be-useful", "not-known"]
MOST_DAYS = 365
"""An answer that does not say what was looked for is told of only when it is not older; all else always."""


class Earlier(Struct, frozen=True, kw_only=True):
    """The answer.

    Attributes:
        today: the day it was asked on.
        answer: what the newest specimen that was searched for it came to; None when `done` is not yes.
        found: the newest finding that the analysis looks for.
        looked: the newest search for the same that no finding tells of; newer than `found` where there is both.
        without: the newest specimen without finding that may have been it; newer than `found` and `looked`.
        days: since the newest specimen of `found` and `looked`, else of `without`; None when there is none.
        repeat: whether another one is of use, by what was found; no rule is about what was not.
        rule: what says so; None when no rule is about it.
        count: how many findings there are that it looks for.
    """

    done: Done
    today: date
    answer: Outcome | None = None
    found: Found | None = None
    looked: Looked | None = None
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
    looked = _newest_search(history, analysis, today)
    if found is not None and looked is not None and _moment(looked) <= _moment(found):
        looked = None
    newest = looked or found
    without = _newest_without(history, analysis, today)
    if newest is not None and without is not None and without.day <= newest.day:
        without = None
    if newest is None:
        days = (today - without.day).days if without else None
        done: Done = "possibly" if without else "not-known"
        return Earlier(done=done, today=today, without=without, days=days)
    repeat, rule = _repeat(found, analysis, today)
    return Earlier(
        done="yes",
        today=today,
        answer=looked.answer if looked is not None else _answer_of(found),
        found=found,
        looked=looked,
        without=without,
        days=(today - newest.day).days,
        repeat=repeat,
        rule=rule,
        count=len(fitting),
    )


def _answer_of(found: Found | None) -> Outcome:
    """What a finding is as an answer; one whose organism nobody knows waits for a person."""
    return "found" if found is not None and found.organism else "inconclusive"


def _newest_search(history: History, analysis: Analysis, today: date) -> Looked | None:
    return next(
        (
            one
            for one in history.searches
            if one.day <= today
            and one.sought.covers(analysis.organism, analysis.markers, analysis.method)
            and _same_place(analysis.material, one.material)
        ),
        None,
    )


def _newest_without(history: History, analysis: Analysis, today: date) -> Answer | None:
    return next(
        (
            one
            for one in history.answers
            if one.day <= today
            and (today - one.day).days <= MOST_DAYS
            and analysis.material
            and _same_place(analysis.material, one.material)
            and _may_have_looked(analysis, one)
        ),
        None,
    )


def _may_have_looked(analysis: Analysis, answer: Answer) -> bool:
    """Whether an answer does not say what was looked for; or it was whatever grows, or the same by a method that
    nobody says."""
    return not answer.sought or any(
        not one.known
        or (not one.organism and analysis.method in ("", "culture"))
        or (not one.method and one.covers(analysis.organism, analysis.markers, ""))
        for one in answer.sought
    )


def _repeat(found: Found | None, analysis: Analysis, today: date) -> tuple[Repeat, Rule | None]:
    if found is None:
        return "not-known", None
    method = _method(found.method) or analysis.method
    rule = rule_for(found.organism, method, group_of(found.material), today)
    if rule is None:
        return "not-known", None
    return ("rarely-useful" if (today - found.day).days <= rule.days else "may-be-useful"), rule


def _moment(one: Found | Looked) -> tuple[date, int]:
    return one.day, one.second


def looks_for(analysis: Analysis, found: Found) -> bool:
    """Whether a finding is one that an analysis looks for: its organism or a more or less precise name of it, a method
    that is not another one, a material of the same place or of one that nobody knows (`_may_be_there`)."""
    return (
        _same_organism(analysis.organism, found.organism)
        and _same_method(analysis.method, _method(found.method))
        and _may_be_there(analysis, found.material)
    )


def _same_organism(asked: str, found: str) -> bool:
    if not asked:
        return True
    return bool(found) and (asked == found or refines(found, asked) or refines(asked, found))


def _same_method(asked: Method, found: Method) -> bool:
    if not asked or not found or asked == found:
        return True
    # An antibody whose class nobody says may be of either.
    either = ({"antibody", "antibody-igm"}, {"antibody", "antibody-igg"})
    return {asked, found} in either or method_meets(found, asked)


def _same_place(asked: str, material: str) -> bool:
    return not asked or group_of(material) == asked


def _may_be_there(analysis: Analysis, material: str) -> bool:
    """Whether a finding's material is of the place that is asked for, or nobody knows its place: an organism that is asked for
    by its name was then found all the same, and the answer says that its material is not known."""
    if _same_place(analysis.material, material):
        return True
    return bool(analysis.organism) and not group_of(material)


def _method(said: str) -> Method:
    return said  # type: ignore[return-value]  # the register's column holds the records' own words
