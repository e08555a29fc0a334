"""What the guideline recommends for one patient: which regimens, in which order, and in what dose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from varde.guidelines.advice.applicability import Applicability, judge
from varde.guidelines.advice.conditions import Answer, Finding, established, indicator_of, is_below
from varde.guidelines.advice.doses import PatientDose, work_out
from varde.guidelines.advice.facts import rules
from varde.guidelines.advice.patients import Code, Patient
from varde.guidelines.library import Entry
from varde.guidelines.matching import Terminology
from varde.guidelines.model import (
    CODE_SYSTEMS,
    REGIMEN_KINDS,
    AnbefalingData,
    BehandlingMedOverskrift,
    Doseringsregime,
    Innhold,
    Kode,
    ListetKontraindikasjon,
)
from varde.guidelines.publication import Publication
from varde.guidelines.treatments import PlacedRegimen, iterate_regimens

TO_ORAL = REGIMEN_KINDS[2]


@dataclass(frozen=True, slots=True)
class Warned:
    """A contra-indication of a drug that applies to the patient, or may.

    Attributes:
        listed: the contra-indication with the path that it was found by.
        drug: the drug that meets it.
        tilstand: the condition that the patient has, or may have; the narrowest where several fit.
        finding: YES with the reason, or UNKNOWN with the fact that is missing.
        indicator: "warning" or "critical".
    """

    listed: ListetKontraindikasjon
    drug: str
    tilstand: Kode
    finding: Finding
    indicator: str

    @property
    def path(self) -> str:
        """How the drug meets the contra-indication, in words."""
        return self.listed.varde.treff.forklaring if self.listed.varde else ""


@dataclass(frozen=True, slots=True)
class Option:
    """A regimen that is for this patient, or may be.

    Attributes:
        placed: the regimen and where it stands in the recommendation.
        applies: YES or UNKNOWN; regimens that are not for the patient are no options.
        warnings: contra-indications that apply.
        unsettled: contra-indications that may apply: a fact is missing.
        preferred: the first choice of its treatment for this patient.
    """

    placed: PlacedRegimen
    applies: Applicability
    doses: tuple[PatientDose, ...]
    warnings: tuple[Warned, ...]
    unsettled: tuple[Warned, ...]
    preferred: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """Facts that are needed to know whether it is for the patient, and in what dose."""
        needed = (*self.applies.missing, *(dose.missing for dose in self.doses if dose.missing))
        return tuple(dict.fromkeys(needed))

    @property
    def lines(self) -> tuple[str, ...]:
        """Each dose in a line."""
        return tuple(dose.line for dose in self.doses)


@dataclass(frozen=True, slots=True)
class TreatmentAdvice:
    """One treatment of a recommendation, with its regimens for this patient, the best first."""

    treatment: BehandlingMedOverskrift
    options: tuple[Option, ...]

    @property
    def suggested(self) -> tuple[Option, ...]:
        """What to choose from: the preferred regimen and its equals, those of the same category that
        nothing speaks against; where a missing fact leaves that open, the standard ones it may be."""
        first = next((one for one in self.options if one.preferred), None)
        kind = first.placed.kind if first else REGIMEN_KINDS[0]
        return tuple(
            one
            for one in self.options
            if one.placed.kind == kind and not one.warnings and (first is None or _is_certain(one))
        )


@dataclass(frozen=True, slots=True)
class Advice:
    """A recommendation for this patient.

    Attributes:
        diagnosis: the code that it was found by.
        treatments: those with regimens for the patient, and those without any drug.
    """

    entry: Entry
    innhold: Innhold[AnbefalingData]
    diagnosis: Code
    treatments: tuple[TreatmentAdvice, ...]

    @property
    def options(self) -> tuple[Option, ...]:
        """Every regimen that is for the patient, or may be."""
        return tuple(option for one in self.treatments for option in one.options)

    @property
    def without_drugs(self) -> bool:
        """Whether the recommendation has no drug at all: to give none is what it recommends."""
        data = self.innhold.data
        return not data or next(iterate_regimens(data), None) is None

    @property
    def missing(self) -> tuple[str, ...]:
        """Facts about the patient that would make the advice more certain, each once."""
        return tuple(dict.fromkeys(fact for option in self.options for fact in option.missing))


def advise(
    publication: Publication, patient: Patient, diagnoses: Iterable[Code]
) -> tuple[Advice, ...]:
    """The recommendations for these diagnoses, with the regimens that are for this patient.

    Standard regimens come before alternatives, and those that a contra-indication speaks against
    last, with the reason. A recommendation none of whose regimens is for the patient is left out.

    Args:
        publication: the guideline of the day.
        diagnoses: codes in ICPC-2, ICD-10 and SNOMED CT; others are passed over.
    """
    found: dict[str, Advice] = {}
    for diagnosis in diagnoses:
        for entry in _find(publication, diagnosis):
            if entry.innhold.id not in found:
                advice = _advise(publication, patient, entry, diagnosis)
                if advice.options or advice.without_drugs:
                    found[entry.innhold.id] = advice
    return tuple(found.values())


def _find(publication: Publication, diagnosis: Code) -> Iterator[Entry]:
    if diagnosis.system not in CODE_SYSTEMS:
        return
    code = diagnosis.code.strip()
    if diagnosis.system == "ICD-10" and "." not in code and len(code) > 3:
        code = f"{code[:3]}.{code[3:]}"
    seen = set()
    for entry in publication.edition.with_code(diagnosis.system, code):
        if entry.innhold.info_type == "anbefaling":
            seen.add(entry.innhold.id)
            yield entry
    if diagnosis.system == "SNOMED-CT":
        for entry in _find_wider(publication, code):
            if entry.innhold.id not in seen:
                yield entry


def _find_wider(publication: Publication, code: str) -> Iterator[Entry]:
    """Recommendations about something that the diagnosis is a kind of."""
    for entry in publication.edition.current("anbefaling"):
        own = entry.innhold.koder.of("SNOMED-CT") if entry.innhold.koder else ()
        if any(is_below(one, code, publication.terminology) for one in own):
            yield entry


def _advise(publication: Publication, patient: Patient, entry: Entry, diagnosis: Code) -> Advice:
    innhold: Innhold[AnbefalingData] = publication.get(entry.innhold.id)
    options: dict[int, list[Option]] = {}
    data = innhold.data if isinstance(innhold.data, AnbefalingData) else AnbefalingData()
    for placed in iterate_regimens(data):
        option = _weigh(placed, patient, publication.terminology)
        if option:
            options.setdefault(placed.place[0], []).append(option)
    treatments = tuple(
        TreatmentAdvice(one, _order(options.get(number, ())))
        for number, one in enumerate(data.behandlinger or ())
        if number in options or not one.behandling.data
    )
    return Advice(entry, innhold, diagnosis, treatments)


def _weigh(
    placed: PlacedRegimen, patient: Patient, terminology: Terminology | None
) -> Option | None:
    """The regimen for the patient; None when it is not for the patient."""
    applies = judge(placed.regimen, patient, terminology)
    if applies.answer is Answer.NO:
        return None
    warned = [
        one
        for dose in placed.regimen.doseringregimer
        for one in warn(listed_of(dose), dose_name(dose), patient, terminology)
    ]
    return Option(
        placed=placed,
        applies=applies,
        doses=tuple(work_out(dose, patient.weight) for dose in placed.regimen.doseringregimer),
        warnings=tuple(one for one in warned if one.finding.answer is Answer.YES),
        unsettled=tuple(one for one in warned if one.finding.answer is Answer.UNKNOWN),
    )


def listed_of(dose: Doseringsregime) -> tuple[ListetKontraindikasjon, ...]:
    """The contra-indications that are listed under a dosing regimen as it is served."""
    return dose.data.kontraindikasjoner or ()


def dose_name(dose: Doseringsregime) -> str:
    """The drug of a dosing regimen, for a reader."""
    return " og ".join(code.display for code in dose.data.legemiddeldoseringsregime.koder)


def warn(
    listed: Iterable[ListetKontraindikasjon],
    drug: str,
    patient: Patient,
    terminology: Terminology | None,
) -> Iterator[Warned]:
    """Those contra-indications that apply to the patient, or may."""
    for one in listed:
        tilstand, finding = _narrowest(one.data.tilstand.koder, patient, terminology)
        if finding.answer is not Answer.NO:
            yield Warned(one, drug, tilstand, finding, indicator_of(tilstand))


def _narrowest(
    tilstander: Sequence[Kode], patient: Patient, terminology: Terminology | None
) -> tuple[Kode, Finding]:
    """The condition that decides: one the patient has, else may have; the narrowest of several."""
    found = [(one, established(patient, one, terminology)) for one in tilstander]
    found.sort(key=lambda pair: _width(pair[0]))
    for answer in (Answer.YES, Answer.UNKNOWN):
        for tilstand, finding in found:
            if finding.answer is answer:
                return tilstand, finding
    return found[0]


def _width(tilstand: Kode) -> int:
    """Weeks of pregnancy that a condition covers; 0 for what has nothing to do with weeks."""
    rule = rules().get(tilstand.code)
    return rule.pregnancy.ends - rule.pregnancy.begins if rule and rule.pregnancy else 0


def _order(options: Sequence[Option]) -> tuple[Option, ...]:
    """The best first, and the first marked when it is certain that it is for the patient."""
    ordered = sorted(
        options,
        key=lambda one: (
            one.placed.kind == TO_ORAL,
            _danger(one),
            REGIMEN_KINDS.index(one.placed.kind),
            one.applies.answer is Answer.UNKNOWN,
        ),
    )
    if not ordered or not _is_certain(ordered[0]):
        return tuple(ordered)
    first = ordered[0]
    marked = Option(
        first.placed, first.applies, first.doses, first.warnings, first.unsettled, preferred=True
    )
    return (marked, *ordered[1:])


def _danger(option: Option) -> int:
    """2 where a contra-indication applies, 1 where something speaks for one that may, else 0."""
    if option.warnings:
        return 2
    return int(any(one.finding.suspected for one in option.unsettled))


def _is_certain(option: Option) -> bool:
    return (
        option.applies.answer is Answer.YES
        and _danger(option) == 0
        and option.placed.kind != TO_ORAL
    )
