"""What the guideline of a prescription's day says of its drug: worked out once for each edition, diagnosis and person.

A dispensing is compared with the recommendations for its diagnosis, as they stood when it was prescribed, and with
those of their regimens that may be for a person of that age and sex: weight, allergy and pregnancy are not known, so
what depends on them may apply. A drug is the first choice when a standard regimen has it, an alternative when only
another has; a standard regimen for those who have some condition (who are pregnant, say) is an alternative where there
is one for anybody, and so is one of a special recommendation where the content puts another first for the code. It is
combined when it stands only together with another drug: a prescription alone does not say whether that was given too.
It is unnamed when there is a recommendation that does not have it (also one that has no drug at all), and none
when there is no recommendation for that diagnosis and person. Of several diagnoses the best for the drug counts.
Transitions to oral treatment are of hospitals and are not looked at.

A course is the guideline's dose times its days with the loading doses, against the daily doses dispensed times WHO's daily dose of the version
they were counted in. Where several regimens of the same drug may be the person's, all from the least to the most is
within; where one of them cannot be computed, nothing can. Regimens for those who have some condition are looked at
only where the drug has no other in the same recommendation, so that what any recommendation for the diagnosis allows is
within; those of a recommendation that is for them alone (for cystitis in pregnancy, say) only where it has no other at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property
from math import ceil, floor, gcd, lcm
from typing import Final, Literal, NamedTuple

from msgspec import UNSET

from varde.codes import daily_dose, daily_doses
from varde.guidelines import Amount, Edition, Library, PlacedRegimen, iterate_regimens
from varde.guidelines.advice import ingredients_by_atc, work_out
from varde.guidelines.model import REGIMEN_KINDS, AnbefalingData, Doseringsregime, Gjelder
from varde.prescribing.indicators.matching import dotted

Diagnosis = tuple[str, str]
"""Code system and code."""

Sex = Literal["F", "M"]
ROOT: Final = "antibiotika-i-primaerhelsetjenesten"
"""The guideline that prescriptions outside hospitals are compared with: the name of its folder."""

CHOICES: Final = ("none", "first", "alternative", "unnamed", "combined")
"""What the guideline says of a drug, by the number that it is joined as."""

MILLIGRAMS: Final[Mapping[str, int]] = {"mg": 1, "g": 1000, "gram": 1000, "milligram": 1}
SEXES: Final[Mapping[str, str]] = {"F": "kvinne", "M": "mann"}


@dataclass(frozen=True, slots=True)
class Course:
    """A drug's courses in mg: the least, the most, and the most in a day."""

    least: Decimal
    most: Decimal
    daily: Decimal


@dataclass(frozen=True, slots=True)
class Named:
    """A drug that the guideline names for a diagnosis and person.

    Attributes:
        choice: first, alternative, or combined.
        course: None where it cannot be computed.
    """

    choice: Literal["first", "alternative", "combined"]
    course: Course | None


Drugs = Mapping[str, Named]
"""What the guideline names, by ATC code."""


class _Use(NamedTuple):
    """One place where a drug stands: in which recommendation, whether that is for others than those who have a condition,
    as a first choice, for those who have a condition alone, only with another drug, how long."""

    of: int
    for_all: bool
    first: bool
    conditional: bool
    together: bool
    course: Course | None


class _Regimen(NamedTuple):
    """A regimen as far as it matters here: worked out once, however often it is asked for.

    Attributes:
        standard, to_oral: of which category it is; neither for an alternative.
        conditional: whether it is for those who have some condition alone.
        together: whether it is of several drugs that are given together.
        drugs: what is in each drug, and its course.
    """

    limits: Gjelder | None
    standard: bool
    to_oral: bool
    conditional: bool
    together: bool
    drugs: tuple[tuple[frozenset[str], Course | None], ...]


class _Stands(NamedTuple):
    """A regimen, of which recommendation it is, whether that is for others than those who have a condition, and whether it
    is a special one where the content puts the general one first."""

    regimen: _Regimen
    of: int
    for_all: bool
    special: bool

    @property
    def is_standard(self) -> bool:
        """Whether it can make a first choice."""
        return self.regimen.standard and not self.special


class Guideline:
    """The guideline as indicators ask it.

    Args:
        library: every version.
        root: the folder of the guideline that recommendations must hang below.
    """

    def __init__(self, library: Library, root: str = ROOT) -> None:
        self._library = library
        self._root = library.id_of_slug("retningslinje", root)
        self._found: dict[tuple[date, Diagnosis], tuple[AnbefalingData, ...]] = {}
        self._regimens: dict[int, tuple[_Regimen, ...]] = {}
        self._advice: dict[tuple[date, frozenset[Diagnosis], int, Sex], Drugs | None] = {}

    @cached_property
    def editions(self) -> tuple[date, ...]:
        """The days on which the guideline became another than it was; before the first there was none."""
        return self._library.change_days

    @cached_property
    def age_bands(self) -> tuple[int, ...]:
        """The whole years at which some regimen begins or ends to be for a person: the first is 0."""
        found = {0}
        for entry in self._library.entries():
            data = entry.innhold.data
            for placed in iterate_regimens(data) if isinstance(data, AnbefalingData) else ():
                limits = placed.regimen.limits
                if limits and limits.alderAar:
                    begins, ends = limits.alderAar.fra, limits.alderAar.til
                    found |= {floor(begins.low)} if isinstance(begins, Amount) else set()
                    found |= {ceil(ends.low)} if isinstance(ends, Amount) else set()
        return tuple(sorted(age for age in found if age <= 120))

    def _recommended(self, edition: date, diagnosis: Diagnosis) -> tuple[AnbefalingData, ...]:
        key = (edition, diagnosis)
        if key not in self._found:
            self._found[key] = self._look_up(edition, *diagnosis)
        return self._found[key]

    def _look_up(self, edition: date, system: str, code: str) -> tuple[AnbefalingData, ...]:
        if system not in ("ICPC-2", "ICD-10") or not code:
            return ()
        found: Edition = self._library.edition(edition)
        wanted = dotted(code) if system == "ICD-10" else code
        return tuple(
            data
            for entry in found.with_code(system, wanted)
            if isinstance(data := entry.innhold.data, AnbefalingData)
            and any(root.innhold.id == self._root for root in found.roots_of(entry))
        )

    def is_covered(self, diagnosis: Diagnosis) -> bool:
        """Whether any edition has a recommendation for it."""
        return any(self._recommended(day, diagnosis) for day in self.editions)

    def advise(
        self, edition: date, diagnoses: frozenset[Diagnosis], age: int, sex: Sex
    ) -> Drugs | None:
        """The drugs (ATC codes) that are named for any of these diagnoses; None when there is no recommendation for
        such a person. Remembered: the guideline of a day does not change."""
        key = (edition, diagnoses, age, sex)
        if key not in self._advice:
            self._advice[key] = self._advise(*key)
        return self._advice[key]

    def _advise(
        self, edition: date, diagnoses: frozenset[Diagnosis], age: int, sex: Sex
    ) -> Drugs | None:
        is_there = False
        regimens: list[_Stands] = []
        for diagnosis in sorted(diagnoses):
            found = []
            for data in self._recommended(edition, diagnosis):
                every = self._every(data)
                own = [one for one in every if _may_be_for(one.limits, age, sex)]
                is_there = is_there or bool(own) or not every
                found.append((id(data), own, _leads(data, diagnosis)))
            is_led = any(own and leads for _, own, leads in found)
            regimens += [
                _Stands(
                    one,
                    of,
                    for_all=not all(each.conditional for each in own),
                    special=is_led and not leads,
                )
                for of, own, leads in found
                for one in own
                if not one.to_oral
            ]
        if not is_there:
            return None
        return dict(_name(regimens))

    def _every(self, data: AnbefalingData) -> tuple[_Regimen, ...]:
        """A recommendation's regimens. By identity: the library keeps every version as long as it lives."""
        if id(data) not in self._regimens:
            self._regimens[id(data)] = tuple(_work_out(one) for one in iterate_regimens(data))
        return self._regimens[id(data)]


def _work_out(placed: PlacedRegimen) -> _Regimen:
    limits = placed.regimen.limits
    drugs = tuple(
        (_ingredients(dose), _course(dose, placed)) for dose in placed.regimen.doseringregimer
    )
    return _Regimen(
        limits=limits if isinstance(limits, Gjelder) else None,
        standard=placed.kind == REGIMEN_KINDS[0],
        to_oral=placed.kind == REGIMEN_KINDS[2],
        conditional=isinstance(limits, Gjelder) and limits.tilstander is not UNSET,
        together=len({ingredients for ingredients, _ in drugs}) > 1,
        drugs=drugs,
    )


def _leads(data: AnbefalingData, diagnosis: Diagnosis) -> bool:
    """Whether the content puts this recommendation before others for the code."""
    system, code = diagnosis
    wanted = dotted(code) if system == "ICD-10" else code
    first = data.varde.forstFor or () if data.varde else ()
    return any(
        wanted == own or (system == "ICD-10" and wanted.startswith(f"{own}.")) for own in first
    )


def _may_be_for(limits: Gjelder | None, age: int, sex: Sex) -> bool:
    if limits is None:
        return True
    if limits.kjonn is not UNSET and limits.kjonn != SEXES[sex]:
        return False
    if limits.alderAar is UNSET:
        return True
    begins, ends = limits.alderAar.fra, limits.alderAar.til
    if isinstance(begins, Amount) and begins.low >= age + 1:
        return False
    return not (isinstance(ends, Amount) and ends.low <= age)


def _name(regimens: list[_Stands]) -> Iterator[tuple[str, Named]]:
    for_anybody = any(one.is_standard and not one.regimen.conditional for one in regimens)
    by_drug: dict[frozenset[str], list[_Use]] = {}
    for one in regimens:
        conditional = one.regimen.conditional
        first = one.is_standard and not (conditional and for_anybody)
        for ingredients, course in one.regimen.drugs:
            use = _Use(one.of, one.for_all, first, conditional, one.regimen.together, course)
            by_drug.setdefault(ingredients, []).append(use)
    for ingredients, uses in by_drug.items():
        named = Named(_choose(uses), _widen(_look_at(uses)))
        for atc in _drugs_with().get(ingredients, ()):
            yield atc, named


def _look_at(uses: list[_Use]) -> list[_Use]:
    """Those that say how long a course may be for one of whom no condition is known."""
    plain = {use.of for use in uses if not use.conditional}
    found = [use for use in uses if not use.conditional or (use.for_all and use.of not in plain)]
    return found or uses


def _choose(uses: list[_Use]) -> Literal["first", "alternative", "combined"]:
    alone = [use for use in uses if not use.together]
    if not alone:
        return "combined"
    return "first" if any(use.first for use in alone) else "alternative"


@cache
def _drugs_with() -> Mapping[frozenset[str], tuple[str, ...]]:
    """The ATC codes of the drugs that have exactly these ingredients."""
    found: dict[frozenset[str], tuple[str, ...]] = {}
    for atc, codes in ingredients_by_atc().items():
        ingredients = frozenset(code.code for code in codes)
        found[ingredients] = (*found.get(ingredients, ()), atc)
    return found


def _ingredients(dose: Doseringsregime) -> frozenset[str]:
    varde = dose.data.varde
    given = varde.virkestoff.koder if varde and varde.virkestoff else ()
    return frozenset(code.code for code in given)


def _course(dose: Doseringsregime, placed: PlacedRegimen) -> Course | None:
    worked_out = work_out(dose, None)
    inner = placed.treatment.behandling.data
    days = inner.varighetBehandlingAntallDogn if inner else UNSET
    course = worked_out.course(days if isinstance(days, Amount) else None)
    if course is None or worked_out.per_day is None or worked_out.dose is None:
        return None
    unit = MILLIGRAMS.get(worked_out.dose.unit)
    if unit is None:
        return None
    return Course(course.low * unit, course.most * unit, worked_out.per_day.most * unit)


def _widen(uses: list[_Use]) -> Course | None:
    known = [use.course for use in uses if use.course is not None]
    if not known or len(known) < len(uses):
        return None
    return Course(
        min(one.least for one in known),
        max(one.most for one in known),
        max(one.daily for one in known),
    )


def dose_versions() -> tuple[int, ...]:
    """The years in which some daily dose of WHO became another."""
    return tuple(sorted({dose.valid_from.year for dose in daily_doses()} - {date.min.year}))


@cache
def daily_milligrams(atc: str, route: str, version: int) -> Decimal | None:
    """WHO's daily dose in that year in mg; None where it is not known, or is in units."""
    dose = daily_dose(atc, route, date(version, 7, 1))
    if dose is None or dose.unit not in MILLIGRAMS:
        return None
    return dose.value * MILLIGRAMS[dose.unit]


@cache
def measure_of(atc: str, versions: tuple[int, ...]) -> Fraction:
    """So many mg that a daily dose of each of these versions is a whole number of them: then what was dispensed in doses
    of several versions is added up exactly, in small whole numbers. 1 where no daily dose is known."""
    known = [Fraction(size) for one in versions if (size := daily_milligrams(atc, "O", one))]
    if not known:
        return Fraction(1)
    below = lcm(*(size.denominator for size in known))
    return Fraction(gcd(*(int(size * below) for size in known)), below)


def course_limits(course: Course, measure: Fraction, slack_days: int) -> tuple[int, int]:
    """The least and the most that are within the course, in thousandths of a measure in mg (`measure_of`).

    Dispensings are counted in whole thousandths, so that limits rounded inwards decide exactly as the fractions do.
    """
    least = Fraction(course.least) / measure * 1000
    most = Fraction(course.most + course.daily * slack_days) / measure * 1000
    return ceil(least), floor(most)


def conversion(atc: str, route: str, version: int, wanted: int) -> Fraction:
    """What daily doses of one version are multiplied by to be those of another.

    1 where the house does not know the drug's daily dose: no change of it is known.
    """
    was = daily_dose(atc, route, date(version, 7, 1))
    is_now = daily_dose(atc, route, date(wanted, 7, 1))
    if was is None or is_now is None or was.unit != is_now.unit:
        return Fraction(1)
    return Fraction(was.value) / Fraction(is_now.value)
