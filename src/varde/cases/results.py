"""What the classifier answers: cases with their reasons, and what became of evidence that made none."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from varde.cases.disease import Alternative, Classification

State = Literal["met", "unmet", "unknown", "presumed"]
Imported = Literal["yes", "no", "unknown"]
Why = Literal["msis-av", "recently-vaccinated"]
"""Why a finding is set aside: the laboratory says that it is not notifiable after all; it was taken so
soon after a dose that it may be the vaccine's own strain or its answer."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Base of everything that is answered."""


class Reason(Result, frozen=True, kw_only=True):
    """What one criterion of the definition came to.

    Attributes:
        criterion: its name; `words_of` has the words for it.
        state: ``unknown`` when something that would decide it was not said; ``presumed`` when nothing was said against
            it and either the definition lets it then hold beside a laboratory finding (no evidence), or a form says
            when the person fell ill and nothing of how (that form).
        evidence: keys of what it rests on, sorted.
    """

    criterion: str
    state: State
    evidence: tuple[str, ...] = ()


class SetAside(Result, frozen=True, kw_only=True, order=True):
    """A finding that did not count.

    Attributes:
        evidence: its key.
        because: keys of what made it so (the doses).
    """

    evidence: str
    why: Why
    because: tuple[str, ...] = ()


class Case(Result, frozen=True, kw_only=True, rename={"classification": "class"}):
    """One person's case of one disease.

    Attributes:
        number: which of the person's episodes of the disease, from 1.
        classification: discarded: it was suspected, and what was looked for and not found speaks against it. It is kept,
            and is no case in any figure.
        presentation: id of the first presentation that applies; empty when none does.
        first_day: of the evidence that began it.
        onset: the earliest that a clinician says; None when none does.
        imported: whether the infection is from abroad.
        definition: `valid_from` of the definition that was used: the one of the first day.
        rule: the alternative that was met; the first of its class.
        reasons: every criterion of the definition, in the window that `rule` was met in; a negative one where something of
            it was looked for and not found in the time of the case. What was not found is in the reasons alone.
        form_missing: a clinician's form is due, and there is none; of a discarded case none is.
        evidence: keys of what the case is made of, sorted.
        set_aside: what lay in its time and did not count.
    """

    disease: str
    number: int
    classification: Classification
    presentation: str = ""
    first_day: date
    onset: date | None
    imported: Imported
    definition: date
    rule: Alternative
    reasons: tuple[Reason, ...]
    form_missing: bool
    evidence: tuple[str, ...]
    set_aside: tuple[SetAside, ...] = ()


class Missing(Result, frozen=True, kw_only=True, rename={"classification": "class"}):
    """What one alternative lacked."""

    classification: Classification
    rule: Alternative
    lacks: tuple[str, ...]


class Attempt(Result, frozen=True, kw_only=True):
    """Evidence of one time that bears on the disease and makes no case.

    Attributes:
        definition: `valid_from` of the definition of the first day; None when there was none yet.
        reasons: as in `Case`.
        missing: what each alternative lacked; empty without definition.
    """

    disease: str
    first_day: date
    definition: date | None
    reasons: tuple[Reason, ...] = ()
    missing: tuple[Missing, ...] = ()
    evidence: tuple[str, ...]
    set_aside: tuple[SetAside, ...] = ()


class Explanation(Result, frozen=True, kw_only=True):
    """All that the classifier says of one person and one disease, by first day."""

    cases: tuple[Case, ...]
    attempts: tuple[Attempt, ...]
