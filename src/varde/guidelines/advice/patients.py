"""What is known about one patient, each fact possibly unknown: None is not False.

Nothing here is kept anywhere: a patient is made from a question and gone with the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from varde.guidelines.errors import InvalidPatient

Sex = Literal["kvinne", "mann"]
Reaction = Literal["immediate", "other", "unknown"]
Listed = Literal["conditions", "allergies"]

OLDEST = Decimal(130)
HEAVIEST = Decimal(650)
HIGHEST_EGFR = Decimal(400)
LAST_WEEK = 45
GRAMS = Decimal("0.001")


class Code(NamedTuple):
    """A code as a record gives it.

    Attributes:
        system: named as the guideline names it: "SNOMED-CT", "ICD-10", "ICPC-2", "ATC", "LOINC".
        display: the record's own term; often empty.
    """

    system: str
    code: str
    display: str = ""


class Condition(NamedTuple):
    """One condition of a patient, in one or more code systems.

    Attributes:
        days: how many days ago it began or was recorded; None when the record does not say.
    """

    codes: tuple[Code, ...]
    days: int | None = None


class Allergy(NamedTuple):
    """An allergy, intolerance or adverse reaction to a substance.

    Attributes:
        codes: of the substance, the product or the allergy itself.
        reaction: "immediate" (anaphylaxis, urticaria …), "other", or "unknown".
        is_allergy: False when the record says that it is an intolerance.
        text: what the record calls it, in words.
    """

    codes: tuple[Code, ...]
    reaction: Reaction = "unknown"
    is_allergy: bool = True
    text: str = ""

    @property
    def name(self) -> str:
        """What a reader is told that it is: words, else a code."""
        shown = (code.display or f"{code.system} {code.code}" for code in self.codes)
        return self.text or next(shown, "uten navn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """Facts about one patient on one day. Immutable.

    Attributes:
        age: in years, see `age_between`; where the date of birth is incomplete, the lowest it can be.
        age_at_most: the highest it can be, where the date of birth is incomplete.
        weight: in kilograms, to the gram.
        sex: as registered.
        week: completed weeks of pregnancy.
        trimester: 1, 2 or 3, where the week is not known.
        conditions: None when nobody has said what they are; empty when there are none.
        allergies: as `conditions`.
        incomplete: which of these lists may lack something: what is not in it is then not known.
        unused: what came with the facts and could not be used, each a sentence for a reader.
        egfr: estimated glomerular filtration rate in mL/min/1.73 m².

    Raises:
        InvalidPatient: a fact is impossible, or two contradict each other.
    """

    age: Decimal | None = None
    age_at_most: Decimal | None = None
    weight: Decimal | None = None
    sex: Sex | None = None
    pregnant: bool | None = None
    week: int | None = None
    trimester: int | None = None
    breastfeeding: bool | None = None
    conditions: tuple[Condition, ...] | None = None
    allergies: tuple[Allergy, ...] | None = None
    incomplete: frozenset[Listed] = frozenset()
    egfr: Decimal | None = None
    unused: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check(self.age, "the age", "years", Decimal(0), OLDEST)
        _check(self.age_at_most, "the highest age", "years", self.age or Decimal(0), OLDEST)
        _check(self.weight, "the weight", "kg", GRAMS, HEAVIEST)
        _check(self.egfr, "eGFR", "mL/min/1.73 m²", Decimal(0), HIGHEST_EGFR)
        if self.weight is not None and self.weight != self.weight.quantize(GRAMS):
            raise InvalidPatient(f"the weight {self.weight} kg is finer than a gram: round it")
        if self.week is not None and not 0 <= self.week <= LAST_WEEK:
            raise InvalidPatient(
                f"week {self.week} of pregnancy cannot be: give 0 to {LAST_WEEK} completed weeks"
            )
        if self.trimester not in (None, 1, 2, 3):
            raise InvalidPatient(f"trimester {self.trimester} cannot be: give 1, 2 or 3")
        if self.pregnant is False and (self.week is not None or self.trimester is not None):
            raise InvalidPatient("a patient who is not pregnant has no week or trimester")


def _check(value: Decimal | None, name: str, unit: str, lowest: Decimal, highest: Decimal) -> None:
    if value is not None and not (value.is_finite() and lowest <= value <= highest):
        raise InvalidPatient(
            f"{name} {value} {unit} cannot be: give a number from {lowest} to {highest}"
        )


def age_between(birth: date, day: date) -> Decimal:
    """The age in years on a day: whole months are exact twelfths, days a part of their month.

    Six months are 0.5 on the very day, whatever the length of the months.

    Raises:
        InvalidPatient: the birth is after the day.
    """
    if birth > day:
        raise InvalidPatient(f"the date of birth {birth} is after {day}")
    months = (day.year - birth.year) * 12 + day.month - birth.month
    begun = _months_after(birth, months)
    if begun > day:
        months -= 1
        begun = _months_after(birth, months)
    length = (_months_after(birth, months + 1) - begun).days
    part = Decimal((day - begun).days) / length
    return ((months + part) / 12).quantize(Decimal("0.000001"))


def _months_after(birth: date, months: int) -> date:
    """The day of this many months of age; the last day of a month that is too short."""
    year, month = divmod(birth.year * 12 + birth.month - 1 + months, 12)
    return date(year, month + 1, min(birth.day, _days_in(year, month + 1)))


def _days_in(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - date(year, month, 1)).days
