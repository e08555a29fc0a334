"""A recommendation as R4 PlanDefinition: treatments, categories and regimens as groups of actions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from varde.guidelines.fhir.activities import Activity, list_activities
from varde.guidelines.fhir.datatypes import Json, narrative, plain_text
from varde.guidelines.fhir.identity import canonical, is_experimental, mark, meta
from varde.guidelines.fhir.usage import focus_contexts
from varde.guidelines.library import Edition, Entry
from varde.guidelines.model import (
    REGIMEN_KINDS,
    AnbefalingData,
    BehandlingMedOverskrift,
    Gjelder,
)
from varde.guidelines.rendering import write_line
from varde.guidelines.treatments import HEADINGS
from varde.guidelines.whom import say_whom

STRENGTH = "http://hl7.org/fhir/StructureDefinition/cqf-strengthOfRecommendation"
STRENGTHS = {"sterk": "strong", "svak": "weak"}


def write_plan(entry: Entry, edition: Edition) -> Json:
    """The PlanDefinition of one version of a recommendation.

    Args:
        edition: what the recommendation's chapters and references are looked up in.
    """
    innhold = entry.innhold
    activities = list_activities(entry)
    state = list_states(entry, edition)[-1]
    lines = [write_line(one.dose) for one in activities]
    plan: Json = {
        "resourceType": "PlanDefinition",
        "id": innhold.id,
        "meta": meta(entry, state.number, state.begins),
        "language": "no",
        "text": narrative(innhold.tittel, mark(lines, is_experimental(entry))),
    }
    data = innhold.data if isinstance(innhold.data, AnbefalingData) else AnbefalingData()
    if data.styrke:
        plan["extension"] = [_strength(data.styrke)]
    plan |= {
        "url": canonical("PlanDefinition", innhold.id),
        "version": str(entry.number),
        "name": "Anbefaling" + innhold.id.rpartition("-")[2],
        "title": innhold.tittel,
        "type": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/plan-definition-type",
                    "code": "clinical-protocol",
                }
            ]
        },
        "status": "active" if innhold.status == "Gjeldende" else "retired",
        "experimental": is_experimental(entry),
        "date": entry.first_day.isoformat(),
    }
    plan |= dict(_texts(entry, data))
    plan["useContext"] = list(focus_contexts(entry))
    plan["jurisdiction"] = [{"coding": [{"system": "urn:iso:std:iso:3166", "code": "NO"}]}]
    plan["effectivePeriod"] = _period(entry)
    plan["topic"] = [{"text": parent.innhold.tittel} for parent in _chapters(entry, edition)]
    plan["relatedArtifact"] = list(_artifacts(entry, edition))
    plan["action"] = list(_treatments(data, activities))
    return {key: value for key, value in plan.items() if value not in ([], "")}


@dataclass(frozen=True, slots=True)
class State:
    """What surrounds one version of a recommendation during some days: chapters and references.

    Attributes:
        number: counts from 0 within the version.
        begins: the first day; None for the version's own.
    """

    number: int
    begins: date | None
    edition: Edition


def list_states(entry: Entry, until: Edition) -> tuple[State, ...]:
    """Every state of a version up to an edition's day, the oldest first; at least one.

    A chapter can get another title and a reference can be added while the recommendation itself
    stays as it is: the resource is then another one, and must not have the same version.
    """
    library = until.library
    first = library.edition(entry.first_day)
    states = [State(0, None, first)]
    said = _surroundings(entry, first)
    for day in library.change_days:
        if entry.first_day < day <= until.begins and (entry.end is None or day < entry.end):
            edition = library.edition(day)
            now = _surroundings(entry, edition)
            if now != said:
                states.append(State(len(states), day, edition))
                said = now
    return tuple(states)


def _surroundings(entry: Entry, edition: Edition) -> tuple[list[Json], list[str]]:
    artifacts = list(_artifacts(entry, edition))
    return artifacts, [parent.innhold.tittel for parent in _chapters(entry, edition)]


def _strength(strength: str) -> Json:
    code = STRENGTHS[strength]
    system = "http://terminology.hl7.org/CodeSystem/recommendation-strength"
    return {
        "url": STRENGTH,
        "valueCodeableConcept": {
            "coding": [{"system": system, "code": code}],
            "text": f"{strength} anbefaling",
        },
    }


def _texts(entry: Entry, data: AnbefalingData) -> Iterator[tuple[str, str]]:
    innhold = entry.innhold
    if innhold.eier:
        yield "publisher", innhold.eier[0]
    described = innhold.intro or innhold.tekst
    if described:
        yield "description", plain_text(described)
    if data.rasjonale:
        yield "purpose", plain_text(data.rasjonale)
    if data.praktisk:
        yield "usage", plain_text(data.praktisk)
    if innhold.bidragsytersrolle:
        yield "copyright", innhold.bidragsytersrolle
    if innhold.sistFagligOppdatert:
        yield "lastReviewDate", innhold.sistFagligOppdatert.day.isoformat()


def _period(entry: Entry) -> Json:
    period = {"start": entry.first_day.isoformat()}
    if entry.end:
        period["end"] = (entry.end - timedelta(days=1)).isoformat()
    return period


def _chapters(entry: Entry, edition: Edition) -> Iterable[Entry]:
    known = {one.innhold.id: one for one in edition.current()}
    return [known[parent] for parent in entry.innhold.parents if parent in known]


def _artifacts(entry: Entry, edition: Edition) -> Iterator[Json]:
    if entry.innhold.url:
        yield {"type": "documentation", "display": entry.innhold.tittel, "url": entry.innhold.url}
    for child in edition.children(entry.innhold.id):
        if child.innhold.info_type == "referanse":
            text = plain_text(child.innhold.tekst) if child.innhold.tekst else ""
            yield {"type": "citation", "citation": text or child.innhold.tittel}
    for source in entry.sources:
        dated = f" ({source.dato})" if source.dato else ""
        about = f": {source.gjelder}" if source.gjelder else ""
        yield {
            "type": "derived-from",
            "citation": f"{source.kilde}{dated}{about} [{source.sikkerhet}]",
        }


# --- actions ------------------------------------------------------------------------------------


def _treatments(data: AnbefalingData, activities: tuple[Activity, ...]) -> Iterator[Json]:
    for number, one in enumerate(data.behandlinger or ()):
        action: Json = {"id": f"b{number}"}
        if one.overskrift:
            action["title"] = one.overskrift
        if one.behandling.tekst:
            text = plain_text(one.behandling.tekst)
            action["description"] = text
            action["textEquivalent"] = text
        own = [activity for activity in activities if activity.placed.place[0] == number]
        groups = [
            _category(kind, number, one, [a for a in own if a.placed.kind == kind])
            for kind in REGIMEN_KINDS
        ]
        if any(groups):
            action["groupingBehavior"] = "logical-group"
            action["action"] = [group for group in groups if group]
        yield action


def _category(
    kind: str, number: int, treatment: BehandlingMedOverskrift, activities: list[Activity]
) -> Json | None:
    """Standard, alternative or change to oral: at most one of its regimens is chosen."""
    if not activities:
        return None
    positions = dict.fromkeys(activity.placed.place[1] for activity in activities)
    data = treatment.behandling.data
    own = data.overskriftBehandlingsregime if data and kind == REGIMEN_KINDS[0] else ""
    short = kind.removesuffix("regimer").removesuffix("behandlings")
    return {
        "id": f"b{number}-{short}",
        "title": own or HEADINGS[kind],
        "groupingBehavior": "logical-group",
        "selectionBehavior": "at-most-one",
        "action": [
            _regimen(
                f"b{number}-{short}-r{position}",
                [one for one in activities if one.placed.place[1] == position],
            )
            for position in positions
        ],
    }


def _regimen(action_id: str, activities: list[Activity]) -> Json:
    """Drugs that are given together: all of them."""
    regimen = activities[0].placed.regimen
    action: Json = {"id": action_id}
    if regimen.overskrift:
        action["title"] = regimen.overskrift
    if regimen.varde and isinstance(regimen.varde.gjelderFor, Gjelder):
        action["condition"] = [_condition(regimen.varde.gjelderFor)]
    action["groupingBehavior"] = "logical-group"
    action["selectionBehavior"] = "all"
    action["action"] = [
        {
            "title": write_line(one.dose),
            "definitionCanonical": canonical("ActivityDefinition", one.id, one.version),
        }
        for one in activities
    ]
    return action


def _condition(whom: Gjelder) -> Json:
    """Whom a regimen is for, in words: R4 has no code for it, and made-up logic would be worse."""
    text = str(say_whom(whom))
    return {
        "kind": "applicability",
        "expression": {"description": text, "language": "text/plain", "expression": text},
    }
