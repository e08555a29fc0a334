"""A dosing regimen as R4 ActivityDefinition: one drug with dose, frequency and duration."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from varde.guidelines.fhir.datatypes import Json, concept, narrative, plain_text
from varde.guidelines.fhir.dosage import write_dosage
from varde.guidelines.fhir.identity import activity_id, canonical, is_experimental, mark, meta
from varde.guidelines.fhir.usage import focus_contexts, usage_contexts
from varde.guidelines.library import Entry
from varde.guidelines.model import AnbefalingData, Doseringsregime, Gjelder
from varde.guidelines.rendering import write_line
from varde.guidelines.treatments import PlacedRegimen, iterate_regimens
from varde.guidelines.whom import say_whom


@dataclass(frozen=True, slots=True)
class Activity:
    """A dosing regimen with the id that it has in FHIR.

    Attributes:
        version: that of the recommendation it stands in.
    """

    id: str
    version: str
    placed: PlacedRegimen
    dose: Doseringsregime


def list_activities(entry: Entry) -> tuple[Activity, ...]:
    """The dosing regimens of one version of a recommendation, in the order of the page."""
    data = entry.innhold.data
    found = []
    seen: Counter[str] = Counter()
    for placed in iterate_regimens(data) if isinstance(data, AnbefalingData) else ():
        for dose in placed.regimen.doseringregimer:
            first = activity_id(entry.innhold.id, placed, dose, 0)
            id_ = activity_id(entry.innhold.id, placed, dose, seen[first])
            seen[first] += 1
            found.append(Activity(id_, str(entry.number), placed, dose))
    return tuple(found)


def write_activity(activity: Activity, entry: Entry) -> Json:
    """The ActivityDefinition of a dosing regimen."""
    line = write_line(activity.dose)
    regimen = activity.placed.regimen
    whom = regimen.varde.gjelderFor if regimen.varde else None
    said = [str(say_whom(whom))] if isinstance(whom, Gjelder) else []
    period = {"start": entry.first_day.isoformat()}
    if entry.end:
        period["end"] = (entry.end - timedelta(days=1)).isoformat()
    found: Json = {
        "resourceType": "ActivityDefinition",
        "id": activity.id,
        "meta": meta(entry),
        "language": "no",
        "text": narrative(line, mark(said, is_experimental(entry))),
        "url": canonical("ActivityDefinition", activity.id),
        "version": activity.version,
        "name": "Doseringsregime" + activity.id.rpartition("-")[2],
        "title": line,
        "subtitle": f"{entry.innhold.tittel} – {regimen.overskrift or activity.placed.heading}",
        "status": "active" if entry.innhold.status == "Gjeldende" else "retired",
        "experimental": is_experimental(entry),
        "date": entry.first_day.isoformat(),
    }
    if entry.innhold.eier:
        found["publisher"] = entry.innhold.eier[0]
    if activity.dose.tekst:
        found["description"] = plain_text(activity.dose.tekst)
    found["useContext"] = list(focus_contexts(entry))
    if isinstance(whom, Gjelder):
        found["useContext"] += usage_contexts(whom)
        found["usage"] = said[0]
    found |= {
        "jurisdiction": [{"coding": [{"system": "urn:iso:std:iso:3166", "code": "NO"}]}],
        "effectivePeriod": period,
        "relatedArtifact": [
            {
                "type": "derived-from",
                "display": entry.innhold.tittel,
                "resource": canonical("PlanDefinition", entry.innhold.id, activity.version),
            }
        ],
        "kind": "MedicationRequest",
        "intent": "proposal",
        "productCodeableConcept": concept(activity.dose.data.legemiddeldoseringsregime),
        "dosage": write_dosage(activity.dose),
    }
    return {key: value for key, value in found.items() if value not in ([], "")}
