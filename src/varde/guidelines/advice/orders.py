"""An order that somebody is about to place, held against the guideline for this patient.

Only what can be computed is said: a dose in tablets is not compared with one in mg.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from varde.guidelines.advice.advising import Advice, Option, Warned, warn
from varde.guidelines.advice.conditions import Answer, Finding, established
from varde.guidelines.advice.doses import PatientDose, SingleDose, multiply
from varde.guidelines.advice.drugs import Drug, Formulary
from varde.guidelines.advice.patients import Code, Patient
from varde.guidelines.amounts import Amount
from varde.guidelines.matching import list_contraindications
from varde.guidelines.model import KontraindikasjonData
from varde.guidelines.publication import Publication
from varde.guidelines.rendering import write_days, write_dose, write_plain
from varde.guidelines.units import unit_named

LEAST = Decimal("0.8")
MOST = Decimal("1.25")
"""A dose between these parts of the recommended one is not said to differ: tablets come in steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An order as it is drafted, as far as it says it in numbers.

    Attributes:
        codes: of the drug, in any code systems.
        text: what the order calls the drug.
        dose: each time, in `unit`.
        unit: named as the guideline names units ("mg", "mg/kg", "tablett"); empty when unknown.
        frequency: times a day.
        days: for how many days.
        routes: SNOMED CT codes.
    """

    codes: tuple[Code, ...]
    text: str = ""
    dose: Amount | None = None
    unit: str = ""
    frequency: Amount | None = None
    days: Amount | None = None
    routes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderCheck:
    """What the guideline says to an order.

    Attributes:
        warnings, unsettled: contra-indications of the drug that apply to the patient, or may.
        recommended: whether the drug is among those recommended for the diagnoses and this patient;
            None when the guideline says nothing about the diagnoses, or the drug is no antibiotic.
        deviations: how dose, frequency or duration differ from what is recommended, each a sentence.
        closest: the recommended regimen that the deviations are from.
        advices: the recommendations, the one with that regimen first, then those that have the drug.
        same: their regimens that have the drug.
        concerns: what a contra-indication may ask about and the patient has, for a drug that nobody
            knows; such a drug cannot be held against anything.
    """

    drug: Drug
    warnings: tuple[Warned, ...]
    unsettled: tuple[Warned, ...]
    recommended: bool | None
    deviations: tuple[str, ...]
    closest: Option | None
    advices: tuple[Advice, ...] = ()
    same: tuple[Option, ...] = ()
    concerns: tuple[Finding, ...] = ()

    @property
    def too_young(self) -> Advice | None:
        """The recommendation that this rests on, where it has no regimen for somebody so young."""
        first = self.advices[0] if self.advices else None
        return first if first and first.youngest is not None else None


def check_order(
    publication: Publication, patient: Patient, draft: Draft, advices: Sequence[Advice]
) -> OrderCheck:
    """Hold an order against the guideline.

    Args:
        advices: what `advise` says for the patient's diagnoses; none when there are no diagnoses.
    """
    formulary = Formulary(publication.edition, publication.terminology)
    drug = formulary.of_order(draft.codes, draft.text)
    warned = tuple(_warn(publication, patient, drug))
    applying = tuple(one for one in warned if one.finding.answer is Answer.YES)
    open_ = tuple(one for one in warned if one.finding.answer is Answer.UNKNOWN)
    if not drug.is_known:
        concerns = tuple(_concerns(publication, patient))
        return OrderCheck(drug, (), (), None, (), None, tuple(advices), concerns=concerns)
    if not drug.is_antibacterial or not advices:
        return OrderCheck(drug, applying, open_, None, (), None)
    by_advice = {
        advice.innhold.id: [
            (option, dose)
            for option in advice.options
            for dose in option.doses
            if formulary.of_regimen(dose.regime).meaning == drug.meaning and drug.meaning
        ]
        for advice in advices
    }
    same = [pair for pairs in by_advice.values() for pair in pairs]
    deviations, closest = _closest(draft, patient, same)
    # What a card says of the drug is said by a recommendation that has it, where one does.
    ordered = sorted(
        advices,
        key=lambda one: (
            closest is None or closest not in one.options,
            not by_advice[one.innhold.id],
        ),
    )
    return OrderCheck(
        drug,
        applying,
        open_,
        bool(same) if any(one.youngest is None for one in ordered[:1]) else None,
        deviations,
        closest,
        tuple(ordered),
        tuple(option for option, _ in same),
    )


def _concerns(publication: Publication, patient: Patient) -> Iterator[Finding]:
    """What the patient has, or is suspected to have, of what the contra-indications ask about."""
    seen = set()
    for entry in publication.edition.current("kontraindikasjon"):
        data = entry.innhold.data
        for tilstand in data.tilstand.koder if isinstance(data, KontraindikasjonData) else ():
            found = established(patient, tilstand, publication.terminology)
            known = found.answer is Answer.YES or found.suspected
            if known and found.answer is not Answer.NO and found.reason not in seen:
                seen.add(found.reason)
                yield found


def _warn(publication: Publication, patient: Patient, drug: Drug) -> Iterator[Warned]:
    regimen = drug.as_regimen()
    if regimen is not None:
        known = publication.edition.current("kontraindikasjon")
        listed = list_contraindications(regimen, known, publication.terminology)
        yield from warn(listed, drug.name, patient, publication.terminology)


def _closest(
    draft: Draft, patient: Patient, same: Sequence[tuple[Option, PatientDose]]
) -> tuple[tuple[str, ...], Option | None]:
    """The deviations from the regimen that the order is closest to; those certainly for the patient
    come first."""
    certain = [pair for pair in same if pair[0].applies.answer is Answer.YES] or list(same)
    by_route = [pair for pair in certain if _same_route(draft, pair[1])] or certain
    compared = [(tuple(_deviate(draft, patient, dose)), option) for option, dose in by_route]
    if not compared:
        return (), None
    return min(compared, key=lambda pair: len(pair[0]))


def _same_route(draft: Draft, dose: PatientDose) -> bool:
    route = dose.regime.data.administrasjonsvei
    if not draft.routes or not route:
        return True
    return any(code.code in draft.routes for code in route.koder)


def _deviate(draft: Draft, patient: Patient, dose: PatientDose) -> Iterator[str]:
    data = dose.regime.data
    if dose.dose and draft.dose and not _agree(draft, patient, dose.dose):
        yield (
            f"Dosen er {write_dose(draft.dose, draft.unit)}; "
            f"anbefalt er {write_dose(dose.dose.shown, dose.dose.unit)}."
        )
    frequency = data.frekvensdoseringsregimePerDogn
    if (
        isinstance(frequency, Amount)
        and draft.frequency
        and not _within(draft.frequency, frequency)
    ):
        yield (
            f"Doser per døgn er {write_plain(draft.frequency)}; "
            f"anbefalt er {write_plain(frequency)}."
        )
    days = dose.days
    if days and draft.days and not _within(draft.days, days):
        yield f"Varigheten er {_days(draft.days)}; anbefalt er {_days(days)}."


def _days(days: Amount) -> str:
    return write_days(days).removeprefix("i ")


def _agree(draft: Draft, patient: Patient, dose: SingleDose) -> bool:
    """Whether the doses are close, or cannot be compared."""
    given, unit = draft.dose, draft.unit
    if given is None:
        return True
    per_kg = unit_named(unit).per_kg
    if per_kg and unit != dose.unit:
        if patient.weight is None:
            return True
        given, unit = multiply(given, Amount(patient.weight)), per_kg
    if unit != dose.unit:
        return True
    return dose.amount.low * LEAST <= given.low and given.most <= dose.amount.most * MOST


def _within(given: Amount, wanted: Amount) -> bool:
    return wanted.low <= given.low and given.most <= wanted.most
