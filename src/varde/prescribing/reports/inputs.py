"""What a report is composed of: what `comparison` found for one unit, typed, and nothing of it worked out here.

Whoever joins indicators and comparison to reports makes these.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final, Literal

import msgspec

from varde.prescribing.layout import Words
from varde.prescribing.reports.forms import Alike
from varde.prescribing.reports.report import Good, Role, Why


class Known(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An estimate.

    Attributes:
        value: the numerator over the denominator: a share of 1, or an amount for one of the denominator. It is
            multiplied by the indicator's `per` when it is shown.
        low, high: its 95 % interval; None where none is computed.
        numerator, denominator: what was divided; None where that may not be told.
    """

    value: float
    low: float | None = None
    high: float | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None


class Missing(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """No estimate, and why."""

    why: Why


Value = Known | Missing
Tone = Literal["strength", "room", "unsure", "silent", "alone", "hidden", "undelivered", "nobody"]
TONES: Final[Mapping[str, Tone]] = {
    "hold": "strength",
    "better": "strength",
    "room": "room",
    "worse": "room",
    "much-worse": "room",
    "too-few": "silent",
    "no-peers": "alone",
}
"""How the opening speaks of each verdict; of others as unsure."""
WITHOUT: Final[Mapping[Why, Tone]] = {
    "suppressed": "hidden",
    "unknown": "undelivered",
    "not-computable": "nobody",
    "absent": "nobody",
    "too-few": "silent",
}
"""How it speaks of what has no figure, by why."""


class Comparator(msgspec.Struct, frozen=True, kw_only=True):
    """What the reader is compared with.

    Attributes:
        name: whose it is ("Fastleger i Vestland"); None: as the kind of report calls that role.
        value: missing where it may not be shown.
        why_not: why it is not there, in a sentence with the place {of} for the indicators that it is said of; None where
            it is.
    """

    role: Role
    value: Value
    name: Words | None = None
    why_not: Words | None = None


class Quarter(msgspec.Struct, frozen=True, kw_only=True):
    """One quarter of a trend, with the limits for similar ones of that size (as `Known.value`)."""

    since: date
    value: Value
    low: float | None = None
    high: float | None = None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The one message for an indicator.

    Attributes:
        key: what `comparison` calls it.
        tone: what the report's opening says of it where it has a figure: a strength, room for improvement, no sure
            difference, too little to say anything, or enough of it and nobody to compare with.
        sentence: in both languages, with places for figures: {value}, {low} and {high} for the reader's own with its
            interval, {before}, {benchmark}, {typical} for what similar ones have together. They are filled in with the
            figures of the chart; {earlier}, when the figure before was, with the words of the report's variant.
        place: where the reader lies among similar ones, in words.
    """

    key: str
    tone: Tone
    sentence: Words
    place: Words = Words("", "")


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """What a report needs to know of an indicator's definition; what is said of it is in `data/indicators.toml`.

    Attributes:
        per: 100 for a share in percent, 1000 for so many in a thousand.
    """

    key: str
    good: Good
    per: int


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One indicator of one unit: what a panel and a row are made of.

    Attributes:
        comparators: the one that matters most first.
        alike: how alike those are that it is compared with; None where it is compared with nobody.
        dots: values of a peer group whose members have agreed, `own` the reader's place among them before sorting.
        expected: what is usual among similar ones for persons of the ages and sexes that the reader sees; None where
            that is not worked out.
        left_out: the first days of months that are not in the figures of the two years, as they cannot be divided.
        undelivered: those of the report's months of which nobody delivered what the indicator counts; of part of a year
            also those that are left out as the same month of the other year was not delivered.
    """

    described: Described
    own: Value
    before: Value
    comparators: tuple[Comparator, ...] = ()
    quarters: tuple[Quarter, ...] = ()
    verdict: Verdict
    alike: Alike | None = None
    dots: tuple[float, ...] = ()
    own_dot: int | None = None
    expected: Value | None = None
    left_out: tuple[date, ...] = ()
    undelivered: tuple[date, ...] = ()

    def value_of(self, role: Role) -> Value:
        """The own value, the one before, or a comparator's; unknown where there is none."""
        if role == "own":
            return self.own
        if role == "before":
            return self.before
        return next(
            (one.value for one in self.comparators if one.role == role), Missing(why="unknown")
        )


class DrugShare(msgspec.Struct, frozen=True, kw_only=True):
    """One drug's share of a choice.

    Attributes:
        indicator: whose figures they are; blank where they are of none.
    """

    indicator: str = ""
    name: Words
    own: Value
    other: Value


class DrugChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What was chosen among drugs; `other` is whose shares stand beside."""

    title: Words
    other: Words
    parts: tuple[DrugShare, ...]


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    """Resistance to one drug, as disclosure control left it.

    Attributes:
        percent: share resistant in percent; None where it may not be shown, or is too few.
        tested: how many isolates were tested; None where that may not be told.
        few: what may be told of the share where so few are resistant, or so few are not, that they could be recognised.
        below: so few: fewer than this.
        why: why nothing may be told of the share; None where something is, and where none was tested.
    """

    drug: Words
    percent: float | None = None
    tested: int | None = None
    few: Literal["resistant", "others"] | None = None
    below: int = 0
    why: Literal["too-few", "suppressed"] | None = None

    @property
    def told(self) -> bool:
        """Whether something is told of the share."""
        return self.percent is not None or self.few is not None


class Nearby(msgspec.Struct, frozen=True, kw_only=True):
    """Resistance near the reader: of which organism, where, when.

    Attributes:
        area: the county, or the whole country.
        instead: of the country: the county that nothing could be told of, of these drugs.
        why: why that was.
        of: which specimens it is of; empty where that goes without saying.
        wider: drugs that nothing could be told of there, where something can be told of them: each drug stands once.
    """

    organism: str
    area: Words
    period: Words
    drugs: tuple[Tested, ...]
    instead: Words | None = None
    why: Literal["too-few", "suppressed"] = "too-few"
    of: Words = Words("", "")
    wider: tuple[Nearby, ...] = ()


class PickedGoal(msgspec.Struct, frozen=True, kw_only=True):
    """A goal of an earlier report: the indicator to be at most (or at least) so much, as `Known.value`, by a day."""

    indicator: str
    target: float
    picked: date
    by: date | None = None


class Unplaced(msgspec.Struct, frozen=True, kw_only=True):
    """Antibiotic prescriptions of a reader, and contacts of a unit's doctors, that some figures do not have.

    Attributes:
        all: how many the reader has in the period.
        role: of those how many nobody can say of in which role they were written; `unit`: at which unit, in reports of a
            unit; `diagnosis`: how many have no contact with a diagnosis that day. None where there are some, and how many
            could tell of one of several doctors.
        all_contacts: in reports of a unit, the contacts out of hours of its doctors, there or nobody knows where; `contacts`:
            those of which nobody knows.
    """

    all: int
    role: int | None
    diagnosis: int | None
    unit: int | None = 0
    all_contacts: int = 0
    contacts: int | None = 0


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Whose report it is.

    Attributes:
        facts: what the figures rest on, in order: a name and how many.
        place: where the reader is ("Fjordby kommune"); empty when it is in the name.
        unplaced: what could not be placed; None where the report counts no prescriptions, or nobody knows.
        stay_before: a home whose kind of stay is by the bed days of the year before: it told none in the period.
    """

    unit: str
    name: str
    place: str = ""
    facts: tuple[tuple[Words, int], ...] = ()
    unplaced: Unplaced | None = None
    stay_before: bool = False
