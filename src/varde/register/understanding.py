"""What was understood of a statement: what each of its answers is taken for, and what would come of it.

For whoever tries its own words (`varde.register.validate`). It is made of what the register would keep, by the same functions, so
that it cannot say another thing; nothing in it says who a statement is about.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Literal

import msgspec

from varde.cases import (
    Classification,
    Evidence,
    Known,
    LaboratoryFinding,
    Notified,
    classify,
    clinical_state,
    day_of_form,
)
from varde.codes import antibiotics, materials, organisms, vaccines
from varde.messages.errors import mask_digits
from varde.messages.records import (
    Code,
    LabReport,
    LookedFor,
    Notification,
    Outcome,
    Statement,
    Surgery,
    Vaccination,
    WardPrevalence,
)
from varde.messages.times import norwegian_day
from varde.register import store
from varde.register.casework.beginning import mark_of, method_of, profile_of
from varde.register.casework.evidence import diagnosed
from varde.register.kinds.laboratory import FindingRow, LabProjection, SpecimenRow
from varde.register.kinds.prevalence import PrevalenceProjection
from varde.register.projection import Context, Projection, RowProjection, said
from varde.register.searches import UNKNOWN, columns_of, read_column

Answer = Literal["finding", "known", "waits", "found", "negative", "unclear", "pending"]
Why = Literal["", "unknown-name", "unread-answer", "contradiction"]
_SERVICES: Mapping[str, str] = {
    "N": "new", "M": "changed", "C": "cancelled", "H": "historic", "A": "additional",
}  # fmt: skip
_STATUSES: Mapping[str, str] = {"P": "preliminary", "S": "partial", "F": "final"}
_ANSWERS: Mapping[Outcome, Answer] = {
    "found": "found", "not-found": "negative", "inconclusive": "unclear", "pending": "pending",
}  # fmt: skip


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of what is said; what has nothing to say is left out."""


class Meant(Part, frozen=True, kw_only=True):
    """What a word or code is taken for: its key in the code lists, and its names in bokmål and English."""

    key: str
    name: str
    name_en: str


class WouldBe(Meant, frozen=True, kw_only=True):
    """A case that would come of it, by itself.

    Attributes:
        classification: empty when it counts only beside something else: a form, another finding, a link.
    """

    classification: Classification | Literal[""] = ""


class Result(Part, frozen=True, kw_only=True):
    """One finding, or one search.

    Attributes:
        answer: of a finding: ``finding``, or ``waits`` for a person to say what it means. Of a search: ``found`` (a finding
            tells what), ``negative``, ``unclear`` (it was answered, and in no way that says either), ``pending``.
        said: the words or the code as sent, long numbers masked.
        organism: None for what nobody knows, and for a culture of whatever grows.
        resistances: that the name says.
        why: of one that waits: no code map knows the name; or the answer could not be read, and its words stand behind the
            name of the analysis.
        susceptibilities: how many antibiotics it was tested against; `unknown`: of those, how many no code map knows.
    """

    answer: Answer
    said: str
    why: Why = ""
    organism: Meant | None = None
    resistances: tuple[str, ...] = ()
    method: str = ""
    specimen: int = 0
    material: Meant | None = None
    susceptibilities: int = 0
    unknown: int = 0
    cases: tuple[WouldBe, ...] = ()


class Understood(Part, frozen=True, kw_only=True):
    """What was understood of a statement.

    Attributes:
        service, status: in words: new, changed, cancelled, historic, additional; preliminary, partial, final.
        negative: of a laboratory answer: it says that nothing was found.
        found, searches: of a laboratory answer.
        answer: of a form and a dose: ``known`` when what it names is, else ``waits``.
        why: of one that waits; ``contradiction``: its code and its words name two things.
        said: what it names, as sent.
        disease, vaccine: what that is taken for.
        cases: that would come of it.
        counts: of a survey, and of an operation what was read of it, by English words.
    """

    service: str
    status: str
    negative: bool = False
    found: tuple[Result, ...] = ()
    searches: tuple[Result, ...] = ()
    answer: Answer | Literal[""] = ""
    why: Why = ""
    said: str = ""
    disease: Meant | None = None
    vaccine: Meant | None = None
    cases: tuple[WouldBe, ...] = ()
    counts: Mapping[str, int | str] = msgspec.field(default_factory=dict)


def understand(statement: Statement, projection: Projection, context: Context) -> Understood:
    """What was understood of a statement, of which a withdrawn one says nothing more.

    Args:
        projection: what it means for the register's tables.
    """
    more: dict[str, Any] = {}
    if statement.service_type != "C":
        more = _UNDERSTAND[statement.kind](statement, projection, context)
    return Understood(
        service=_SERVICES[statement.service_type], status=_STATUSES[statement.status], **more
    )


def _laboratory(
    report: LabReport, projection: LabProjection, context: Context
) -> Mapping[str, object]:
    places = {row[0]: row for row in projection.specimens}
    return {
        "negative": report.negative,
        "found": tuple(
            _finding(finding.organisms, row, places[row[1]], projection, context)
            for finding, row in zip(report.findings, projection.findings, strict=True)
        ),
        "searches": tuple(
            each for one in report.looked_for for each in _search(one, places, context)
        ),
    }


def _finding(
    names: tuple[Code, ...],
    row: FindingRow,
    place: SpecimenRow,
    projection: LabProjection,
    context: Context,
) -> Result:
    _, specimen, organism, _, method, markers, results = row
    return Result(
        answer="finding" if organism else "waits",
        said=_said(names),
        why="" if organism else _why(names[0]),
        organism=_organism(organism),
        resistances=tuple(filter(None, markers.split(","))),
        method=method,
        specimen=specimen,
        material=_material(place[2]),
        susceptibilities=len(results),
        unknown=sum(antibiotic is None for antibiotic, _, _ in results),
        cases=_cases_of(row, place, projection, context),
    )


def _why(name: Code) -> Why:
    """Whether it is the name that nobody knows, or an answer that nobody could read: then it stands behind the name of
    its analysis (`varde.messages.answers.found.note`)."""
    return "unread-answer" if ": " in name.text and not name.code else "unknown-name"


def _cases_of(
    row: FindingRow, place: SpecimenRow, projection: LabProjection, context: Context
) -> tuple[WouldBe, ...]:
    """The cases of a finding that stands alone, and the diseases for which it counts beside something else."""
    _, _, organism, _, method, markers, results = row
    definitions = context.definitions()
    if organism is None or organism not in definitions.agents or not store.has_persons():
        return ()
    sir = profile_of(((key, category) for key, category, _ in results), definitions, markers)
    finding = LaboratoryFinding(
        key="1",
        day=place[3],
        organism=organism,
        method=method_of(method),
        material=place[2] or "",
        resistant=sir.resistant,
        susceptible=sir.susceptible,
        notifiable=mark_of(projection.notifiable),
        age=place[6],
    )
    met = definitions.met_by(
        organism, finding.method, finding.material, sir, finding.notifiable, finding.age
    )
    return tuple(_would_be(met, finding, context))


def _would_be(diseases: Collection[str], one: Evidence, context: Context) -> Iterator[WouldBe]:
    for key in sorted(diseases):
        disease = context.definitions().diseases[key]
        cases = classify(disease, [one], one.day)
        yield WouldBe(
            key=key,
            name=disease.nb,
            name_en=disease.en,
            classification=cases[0].classification if cases else "",
        )


def _search(
    one: LookedFor, places: Mapping[int, SpecimenRow], context: Context
) -> Iterator[Result]:
    """A search; a test for several organisms is one for each."""
    place = places.get(one.specimen)
    for sought in read_column(columns_of((one,), context.codes).get(one.specimen, "")):
        yield Result(
            answer=_ANSWERS[sought.answer],
            said=_said(one.organisms),
            organism=_organism(None if sought.organism == UNKNOWN else sought.organism),
            resistances=tuple(filter(None, sought.markers.split(","))),
            method=sought.method,
            specimen=one.specimen,
            material=_material(place[2] if place else None),
        )


def _notification(
    form: Notification, projection: RowProjection, context: Context
) -> Mapping[str, object]:
    """A form: the disease, and the case that it is by itself."""
    definitions = context.definitions()
    code, words = form.diagnosis.code, form.diagnosis.text
    confirmed = str(projection.row[_CONFIRMED])
    named = diagnosed(definitions, code or words, words if code else "", confirmed)
    shown = _said((form.diagnosis,))
    if named is None:
        known = definitions.named(code) if code else None
        return {
            "answer": "waits",
            "said": shown,
            "why": "contradiction" if known else "unknown-name",
        }
    disease = definitions.diseases[named.disease]
    day = day_of_form(disease, form.sampled, form.onset, norwegian_day(form.generated))
    contact: Mapping[str, Known] = {"yes": "met", "no": "unmet"}
    evidence = Notified(
        key="1",
        day=day,
        disease=named.disease,
        onset=form.onset,
        clinical=clinical_state(
            disease,
            day,
            named=named.clinical,
            picture=said(form.clinical_picture),
            indication=said(form.indication),
            onset=form.onset,
        ),
        linked=contact.get(form.close_contact, "unknown"),
    )
    return {
        "answer": "known",
        "said": shown,
        "disease": Meant(key=disease.key, name=disease.nb, name_en=disease.en),
        "cases": tuple(_would_be({disease.key}, evidence, context)),
    }


_CONFIRMED = -2
"""Where the row of a notification says which disease a person has confirmed (`kinds.notification`)."""


def _vaccination(
    dose: Vaccination, projection: RowProjection, context: Context
) -> Mapping[str, object]:
    known = vaccines().get(str(projection.row[0]))
    if known is None:
        return {"answer": "waits", "said": _said(dose.vaccines), "why": "unknown-name"}
    vaccine = Meant(key=known.atc, name=known.name_nb, name_en=known.name_en)
    return {"answer": "known", "said": _said(dose.vaccines), "vaccine": vaccine}


def _prevalence(
    survey: WardPrevalence, projection: PrevalenceProjection, context: Context
) -> Mapping[str, object]:
    drugs = [row[0] for row in projection.treatments]
    counts = {
        "present": survey.present,
        "with_infection": survey.with_infection,
        "on_antibiotics": survey.on_antibiotics,
        "infections": sum(each.count for each in survey.infections),
        "treatments": len(drugs),
        "unknown_drugs": sum(drug not in antibiotics() for drug in drugs),
    }
    return {"counts": {name: number for name, number in counts.items() if number is not None}}


def _surgery(surgery: Surgery, projection: RowProjection, context: Context) -> Mapping[str, object]:
    told = {
        "procedure_group": surgery.procedure_group,
        "at_discharge": surgery.at_discharge,
        "at_follow_up": surgery.at_follow_up,
    }
    return {
        "said": _said((surgery.procedure,)),
        "counts": {name: word for name, word in told.items() if word},
    }


_UNDERSTAND: Mapping[str, Callable[[Any, Any, Context], Any]] = {
    "laboratory": _laboratory,
    "notification": _notification,
    "vaccination": _vaccination,
    "prevalence": _prevalence,
    "surgery": _surgery,
}


def _said(names: tuple[Code, ...]) -> str:
    """The first of some alternatives as sent, long numbers masked."""
    first = next(iter(names), None)
    return store.fit(mask_digits(first.text or first.code), 200) if first else ""


def _organism(key: str | None) -> Meant | None:
    one = organisms().get(key or "")
    return Meant(key=one.key, name=one.name_nb or one.name, name_en=one.name) if one else None


def _material(key: str | None) -> Meant | None:
    one = materials().get(key or "")
    return Meant(key=one.key, name=one.name_nb, name_en=one.name_en) if one else None
