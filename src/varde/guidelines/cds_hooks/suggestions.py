"""A regimen as something to accept: draft orders with the dose for the patient."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from varde.guidelines.advice.advising import Advice, Option
from varde.guidelines.advice.conditions import Answer
from varde.guidelines.advice.doses import PatientDose
from varde.guidelines.advice.facts import uri_of
from varde.guidelines.advice.patients import Code
from varde.guidelines.cds_hooks.texts import make_plain
from varde.guidelines.fhir import CANONICAL, concept, write_dosage

Json = dict[str, Any]

MOST = 3
"""More choices than this are read on the guideline's own page."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What every id and address of an answer is made from.

    Attributes:
        instance: of the hook.
        origin: scheme and host that the request came to: links lead back there.
    """

    instance: str
    patient: str
    origin: str

    def make_id(self, *parts: str) -> str:
        """An id that is the same whenever the same is answered to the same request."""
        name = "/".join((CANONICAL, self.instance, *parts))
        return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def suggest(
    asked: Asked,
    card: str,
    advices: Sequence[Advice],
    replaced: str = "",
    *,
    without: Sequence[Option] = (),
    first: Option | None = None,
) -> list[Json]:
    """The regimens that may be accepted, the preferred ones first, at most `MOST`.

    The guideline's one first choice is marked as recommended where it stands alone; of several equals
    none is, nor is one that others fell away from.

    Args:
        card: the card that they stand on.
        replaced: ``MedicationRequest/id`` of a draft order that they replace.
        without: regimens that are not to be suggested.
        first: a regimen that comes first, also where others are preferred to it.
    """
    found = [
        (advice, treatment, option)
        for advice in advices
        for treatment in advice.treatments
        for option in treatment.options
        if option is first or (option in treatment.suggested and option not in without)
        if not any(dose.missing for dose in option.doses)
    ]
    found.sort(key=lambda one: (one[2] is not first, not one[2].preferred))
    alone = len(found) == 1 and found[0][2] is found[0][1].first_choice
    return [
        _suggestion(asked, card, advice, option, replaced, recommended=alone)
        for advice, _, option in found[:MOST]
    ]


def _suggestion(
    asked: Asked, card: str, advice: Advice, option: Option, replaced: str, recommended: bool
) -> Json:
    place = f"{option.placed.kind}/{'/'.join(map(str, option.placed.place))}"
    id_ = asked.make_id(card, advice.innhold.id, place)
    suggestion: Json = {"label": _label(option), "uuid": id_}
    if recommended:
        suggestion["isRecommended"] = True
    actions: list[Json] = []
    if replaced:
        actions.append({"type": "delete", "description": "Fjern utkastet", "resourceId": replaced})
    for number, dose in enumerate(option.doses):
        actions.append(
            {
                "type": "create",
                "description": dose.line,
                "resource": _order(asked, dose, advice.diagnosis, f"{id_}/{number}"),
            }
        )
    suggestion["actions"] = actions
    return suggestion


def _label(option: Option) -> str:
    label = " + ".join(option.lines)
    if option.warnings:
        label = f"{label} – med forsiktighet"
    if option.applies.answer is Answer.UNKNOWN:
        whom = option.placed.regimen.overskrift or ", ".join(option.missing)
        label = f"{label} – hvis dette passer: {whom}"
    return make_plain(label)


def _order(asked: Asked, dose: PatientDose, diagnosis: Code, name: str) -> Json:
    reason: Json = {"system": uri_of(diagnosis.system), "code": diagnosis.code}
    if diagnosis.display:
        reason["display"] = diagnosis.display
    return {
        "resourceType": "MedicationRequest",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, name)),
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": concept(dose.regime.data.legemiddeldoseringsregime),
        "subject": {"reference": f"Patient/{asked.patient}"},
        "reasonCode": [{"coding": [reason]}],
        "dosageInstruction": write_dosage(dose.regime, dose),
    }
