"""What the guideline recommends for one patient: which regimens, in which order, and in what dose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from varde.guidelines.advice.applicability import Applicability, judge
from varde.guidelines.advice.comparing import is_below
from varde.guidelines.advice.conditions import Answer, Finding, degree_of, established
from varde.guidelines.advice.doses import PatientDose, work_out
from varde.guidelines.advice.facts import Degree, rules
from varde.guidelines.advice.patients import Code, Patient
from varde.guidelines.amounts import Amount
from varde.guidelines.library import Entry
from varde.guidelines.matching import Terminology
from varde.guidelines.model import (
    CODE_SYSTEMS,
    REGIMEN_KINDS,
    AnbefalingData,
    BehandlingMedOverskrift,
    Doseringsregime,
    Gjelder,
    Grense,
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
        degree: how far it goes.
    """

    listed: ListetKontraindikasjon
    drug: str
    tilstand: Kode
    finding: Finding
    degree: Degree

    @property
    def indicator(self) -> str:
        """How serious it is: "warning" or "critical"."""
        return self.degree.indicator

    @property
    def is_strict(self) -> bool:
        """Whether the drug is to be avoided, not only given with care."""
        return self.degree.indicator == "critical"

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
        nothing speaks against; where a missing fact leaves that open, the standard ones it may be.
        Where every regimen has a warning, those that may be given with care; never one that is to be
        avoided, or that something says may be."""
        first = next((one for one in self.options if one.preferred), None)
        if self.all_warned:
            return tuple(
                one
                for one in self.options
                if not any(warned.is_strict for warned in one.warnings)
                and not _may_be_to_avoid(one)
                and one.placed.kind != TO_ORAL
            )
        kind = first.placed.kind if first else REGIMEN_KINDS[0]
        return tuple(
            one
            for one in self.options
            if one.placed.kind == kind
            and not one.warnings
            and (_is_certain(one) if first else not _may_be_to_avoid(one))
        )

    @property
    def all_warned(self) -> bool:
        """Whether there are regimens, and a contra-indication applies to each."""
        return bool(self.options) and all(one.warnings for one in self.options)

    @property
    def by_elimination(self) -> bool:
        """Whether what is suggested stands first because something speaks against a standard regimen."""
        return any(one.preferred for one in self.options) and any(
            one.placed.kind == REGIMEN_KINDS[0] and _danger(one) > 0 for one in self.options
        )

    @property
    def first_choice(self) -> Option | None:
        """The one standard regimen that the guideline has for such a patient; None when it has several,
        or when it is not the preferred one: what others fell away from is no first choice."""
        standard = [one for one in self.options if one.placed.kind == REGIMEN_KINDS[0]]
        return standard[0] if len(standard) == 1 and standard[0].preferred else None


@dataclass(frozen=True, slots=True)
class Advice:
    """A recommendation for this patient.

    Attributes:
        diagnosis: the code that it was found by.
        treatments: those with regimens for the patient, and those without any drug.
        youngest: the lowest age in years that it has a regimen for, where the patient is younger
            than every one's; None otherwise.
    """

    entry: Entry
    innhold: Innhold[AnbefalingData]
    diagnosis: Code
    treatments: tuple[TreatmentAdvice, ...]
    youngest: Decimal | None = None

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
    last, with the reason. Recommendations keep the guideline's order, those without any drug last: one
    of those is there only where it is the only one for its code. A recommendation none of whose
    regimens is for the patient is left out, unless the patient is too young for it and it is what the
    guideline puts first for the code, or nothing else is left.

    Args:
        publication: the guideline of the day.
        diagnoses: codes in ICPC-2, ICD-10 and SNOMED CT; others are passed over.
    """
    found: dict[str, Advice] = {}
    for diagnosis in diagnoses:
        entries = _find(publication, diagnosis)
        every = [_advise(publication, patient, entry, diagnosis) for entry in entries]
        for advice in _choose(every):
            found.setdefault(advice.innhold.id, advice)
    return tuple(sorted(found.values(), key=lambda one: one.without_drugs))


def _choose(every: Sequence[Advice]) -> Iterator[Advice]:
    """Those recommendations for one code that say something for the patient, in their order."""
    if len(every) == 1 and every[0].without_drugs:
        yield every[0]
        return
    with_drugs = [one for one in every if not one.without_drugs]
    young = [one for one in with_drugs if one.youngest is not None]
    if any(one.options for one in with_drugs):
        young = [one for one in young if one is with_drugs[0]]
    # Of several for older people, the one for the youngest of them is nearest.
    nearest = min(young, key=lambda one: one.youngest or 0, default=None)
    for advice in with_drugs:
        if advice.options or advice is nearest:
            yield advice


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
    youngest = None if options else _youngest(data, patient)
    return Advice(entry, innhold, diagnosis, treatments, youngest)


def _youngest(data: AnbefalingData, patient: Patient) -> Decimal | None:
    """The lowest age that there is a regimen for; None unless the patient is certainly younger."""
    age = patient.age if patient.age_at_most is None else patient.age_at_most
    begins: list[Decimal] = []
    for placed in iterate_regimens(data):
        limits = placed.regimen.limits
        of_age = limits.alderAar if isinstance(limits, Gjelder) else None
        begin = of_age.fra if isinstance(of_age, Grense) else None
        if not isinstance(begin, Amount) or age is None or age >= begin.low:
            # Not for others than the young alone, but for whom it is is told elsewhere.
            return None
        begins.append(begin.low)
    return min(begins, default=None)


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
            yield Warned(one, drug, tilstand, finding, degree_of(tilstand))


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
    return (replace(ordered[0], preferred=True), *ordered[1:])


def _danger(option: Option) -> int:
    """3 where the drug is to be avoided, 2 where it takes care, 1 where something speaks for either
    without certainty, else 0."""
    if option.warnings:
        return 3 if any(one.is_strict for one in option.warnings) else 2
    return int(any(one.finding.suspected for one in option.unsettled))


def _may_be_to_avoid(option: Option) -> bool:
    return any(one.is_strict and one.finding.suspected for one in option.unsettled)


def _is_certain(option: Option) -> bool:
    return (
        option.applies.answer is Answer.YES
        and _danger(option) == 0
        and option.placed.kind != TO_ORAL
    )
