"""A dose worked out for one patient: mg/kg times the weight, exact, and never above the highest single dose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from msgspec import UnsetType

from varde.guidelines.amounts import Amount
from varde.guidelines.model import Doseringsregime, Enhet
from varde.guidelines.rendering import (
    write_days,
    write_dose,
    write_number,
    write_plain,
    write_way,
)
from varde.guidelines.units import unit_named

SMALL = Decimal(10)
"""Doses below this many mg are shown exactly: a whole mg would be too coarse."""


@dataclass(frozen=True, slots=True)
class SingleDose:
    """One dose, as it is given each time.

    Attributes:
        amount: exact, in `unit`; per kilogram as the content has it while the weight is unknown.
        unit: the unit's name; what remains of mg/kg is mg.
        per_kg: the content's own dose, when it is per kilogram.
        weight: the weight it was multiplied by, in kg; None where nothing was.
        uncapped: what the multiplication gave, when the highest single dose cut it.
    """

    amount: Amount
    unit: str
    per_kg: Amount | None = None
    weight: Decimal | None = None
    uncapped: Amount | None = None

    @property
    def capped(self) -> bool:
        """Whether the highest single dose cut it."""
        return self.uncapped is not None

    @property
    def shown(self) -> Amount:
        """Whole mg where the exact number has decimals; never for doses below 10."""
        if self.weight is None or self.amount.low < SMALL:
            return self.amount
        low = _whole(self.amount.low)
        high = None if self.amount.high is None else _whole(self.amount.high)
        return Amount(low, high if high is None or high > low else None)

    @property
    def exact(self) -> bool:
        """Whether what is shown is the exact number."""
        return self.shown == self.amount


@dataclass(frozen=True, slots=True)
class PatientDose:
    """A dosing regimen worked out for a patient.

    Attributes:
        regime: the dosing regimen of the content.
        dose, load: each single dose and loading dose; None where the content gives none.
        per_day: all doses of a day together, exact; None without dose or frequency.
        missing: the fact that the dose could not be worked out without; empty when it was.
    """

    regime: Doseringsregime
    dose: SingleDose | None
    load: SingleDose | None
    per_day: Amount | None
    missing: str

    @property
    def days(self) -> Amount | None:
        """Days of treatment, those with a loading dose included; None when not given."""
        data = self.regime.data
        days = data.varighetDoseringsregimeAntallDogn
        load = data.varighetEventuellLadningsdoseAntallDogn
        if not isinstance(days, Amount):
            return None
        if not isinstance(load, Amount):
            return days
        return _interval(days.low + load.low, days.most + load.most)

    def course(self, treatment: Amount | None) -> Amount | None:
        """All that is given in the days of treatment, in the dose's unit, loading doses included; exact.

        Args:
            treatment: days of the treatment that the regimen is of, which count where it has none of its own. Days
                with a loading dose are among them.

        Returns:
            None where dose, frequency or days are not given, or a loading dose is in another unit.
        """
        load = self._loading()
        if self.per_day is None or self.dose is None or load is None:
            return None
        amount, days_with_load = load
        days = self.regime.data.varighetDoseringsregimeAntallDogn
        if not isinstance(days, Amount):
            if treatment is None or treatment.low < days_with_load.most:
                return None
            days = _interval(
                treatment.low - days_with_load.low, treatment.most - days_with_load.most
            )
        rest = multiply(self.per_day, days)
        return _interval(amount.low + rest.low, amount.most + rest.most)

    def _loading(self) -> tuple[Amount, Amount] | None:
        """What is given as loading doses, and on how many days; None where that cannot be said."""
        nothing = Amount(Decimal(0))
        if self.load is None:
            return nothing, nothing
        data = self.regime.data
        often = data.frekvensEventuellladningsdosePerDogn
        days = data.varighetEventuellLadningsdoseAntallDogn
        if not isinstance(often, Amount) or not isinstance(days, Amount):
            return None
        if self.dose is None or self.load.unit != self.dose.unit:
            return None
        return multiply(multiply(self.load.amount, often), days), days

    @property
    def drug(self) -> str:
        """The drug, and how it is given."""
        return write_way(self.regime.data)

    @property
    def line(self) -> str:
        """The whole line: "Pivmecillinam peroralt 135 mg x 3 (7,5 mg/kg × 18 kg) i 5 døgn"."""
        return " ".join(part for part in (self.drug, self.amounts) if part)

    @property
    def short(self) -> str:
        """The line without how it was worked out: "Pivmecillinam peroralt 135 mg x 3 i 5 døgn"."""
        return " ".join(part for part in (self.drug, self._say(formula=False)) if part)

    @property
    def amounts(self) -> str:
        """The line without drug and route; empty when the content gives no amounts."""
        return self._say(formula=True)

    def _say(self, formula: bool) -> str:
        data = self.regime.data
        load = _say_times(
            self.load,
            data.frekvensEventuellladningsdosePerDogn,
            data.varighetEventuellLadningsdoseAntallDogn,
            formula,
        )
        main = _say_times(
            self.dose,
            data.frekvensdoseringsregimePerDogn,
            data.varighetDoseringsregimeAntallDogn,
            formula,
        )
        if load and main:
            return f"{load} ladningsdose etterfulgt av {main}"
        return f"{load} ladningsdose" if load else main

    @property
    def detail(self) -> tuple[str, ...]:
        """How it was worked out, where something was: exact numbers, what was cut, sum of a day."""
        said = [
            text for one in (self.load, self.dose) if one and (text := _explain(one)) is not None
        ]
        if self.per_day is not None and self.dose and self.dose.weight is not None:
            said.append(f"Per døgn: {write_dose(self.per_day, self.dose.unit)}.")
        if self.missing:
            said.append(f"Dosen kan ikke regnes ut: {self.missing} mangler.")
        return tuple(said)


def work_out(regime: Doseringsregime, weight: Decimal | None) -> PatientDose:
    """A dosing regimen for a patient of this weight in kg; None when it is not known.

    An interval stays an interval. The highest single dose (``maksEnkeltdose``) cuts doses per
    kilogram, and nothing else.
    """
    data = regime.data
    dosing = data.dosering or None
    varde = data.varde or None
    most = varde.maksEnkeltdose.low if varde and varde.maksEnkeltdose else None
    dose = _single(dosing.dose, dosing.styrkeEnhetDosering, weight, most) if dosing else None
    load = (
        _single(dosing.eventuellLadningsdose, dosing.styrkeEnhetEventuellLadningsdose, weight, most)
        if dosing
        else None
    )
    needs_weight = any(one and one.per_kg and one.weight is None for one in (dose, load))
    frequency = data.frekvensdoseringsregimePerDogn
    per_day = None
    if dose and isinstance(frequency, Amount) and not needs_weight:
        per_day = multiply(dose.amount, frequency)
    return PatientDose(regime, dose, load, per_day, "vekt" if needs_weight else "")


def multiply(one: Amount, other: Amount) -> Amount:
    """Two amounts multiplied; of intervals the lower ends and the upper ends. Exact."""
    low = plain(one.low * other.low)
    high = plain(one.most * other.most)
    return Amount(low, high if high > low else None)


def _interval(low: Decimal, most: Decimal) -> Amount:
    return Amount(low, most if most > low else None)


def plain(number: Decimal) -> Decimal:
    """Without exponent and without zeros at the end that a multiplication has left."""
    return Decimal(format(number.normalize(), "f"))


def _single(
    amount: Amount | UnsetType,
    unit: Enhet | UnsetType,
    weight: Decimal | None,
    most: Decimal | None,
) -> SingleDose | None:
    if not isinstance(amount, Amount) or not isinstance(unit, Enhet):
        return None
    known = unit_named(unit.display)
    if not known.per_kg:
        return SingleDose(amount, known.name)
    if weight is None:
        return SingleDose(amount, known.name, per_kg=amount)
    full = amount.times(weight)
    if most is None or full.most <= most:
        return SingleDose(full, known.per_kg, per_kg=amount, weight=weight)
    capped = Amount(full.low, most) if full.low < most else Amount(most)
    return SingleDose(capped, known.per_kg, per_kg=amount, weight=weight, uncapped=full)


def _whole(number: Decimal) -> Decimal:
    return plain(number.quantize(Decimal(1), ROUND_HALF_UP))


def _say_times(
    one: SingleDose | None,
    frequency: Amount | UnsetType,
    days: Amount | UnsetType,
    formula: bool,
) -> str:
    parts = []
    if one:
        parts.append(write_dose(one.shown, one.unit))
    if isinstance(frequency, Amount):
        times = write_plain(frequency)
        parts.append(f"x {times}" if parts else f"{times} ganger daglig")
    if formula and one and one.weight is not None and one.per_kg is not None:
        worked_out = _formula(one, one.per_kg, one.weight)
        most = write_dose(Amount(one.amount.most), one.unit)
        cut = f", høyst {most} per dose" if one.capped else ""
        parts.append(f"({worked_out}{cut})")
    if isinstance(days, Amount):
        parts.append(write_days(days))
    return " ".join(parts)


def _formula(one: SingleDose, per_kg: Amount, weight: Decimal) -> str:
    return f"{write_dose(per_kg, f'{one.unit}/kg')} × {write_number(weight)} kg"


def _explain(one: SingleDose) -> str | None:
    if one.weight is None or one.per_kg is None:
        return None
    formula = _formula(one, one.per_kg, one.weight)
    full = _exactly(one.uncapped or one.amount, one.unit)
    if one.capped:
        most = _exactly(Amount(one.amount.most), one.unit)
        return f"{formula} = {full}, begrenset til høyeste enkeltdose {most}."
    rounded = "" if one.exact else f", vist som {write_dose(one.shown, one.unit)}"
    return f"{formula} = {full}{rounded}."


def _exactly(amount: Amount, unit: str) -> str:
    """Never converted to gram: the exact number of mg."""
    write: Callable[[Decimal], str] = write_number
    low = write(amount.low)
    return f"{low} {unit}" if amount.high is None else f"{low}–{write(amount.high)} {unit}"
