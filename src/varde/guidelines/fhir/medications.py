"""Drugs and contra-indications in R4: MedicationKnowledge and DetectedIssue.

R4 has no ClinicalUseDefinition (that came with R4B and R5). Its own place for a contra-indication is
`MedicationKnowledge.contraindication`, a reference to DetectedIssue: "potential clinical issue with or
between medications". A DetectedIssue without a patient is then the knowledge itself: the conditions as
evidence, the active ingredients as what is implicated, and what to do as detail.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from varde.guidelines.documents import DEMONSTRATION
from varde.guidelines.fhir.datatypes import (
    CANONICAL,
    Json,
    concept,
    encode_fhir,
    narrative,
    plain_text,
)
from varde.guidelines.fhir.identity import is_experimental, mark, medication_id, meta, stamp
from varde.guidelines.library import Edition, Entry
from varde.guidelines.model import (
    AnbefalingData,
    Doseringsregime,
    Kode,
    Kodet,
    KontraindikasjonData,
    ListetKontraindikasjon,
)
from varde.guidelines.publication import Publication
from varde.guidelines.treatments import iterate_doses

KIND: Json = {
    "system": f"{CANONICAL}/CodeSystem/problem",
    "code": "kontraindikasjon",
    "display": "Kontraindikasjon",
}
"""What every DetectedIssue here is: R4 has no code for a contra-indication without a patient."""


@dataclass
class _Product:
    code: Kode
    ingredients: dict[str, Kode] = field(default_factory=dict)
    routes: dict[str, Kode] = field(default_factory=dict)
    listed: dict[str, ListetKontraindikasjon] = field(default_factory=dict)
    experimental: bool = False


def write_medications(publication: Publication) -> tuple[Json, ...]:
    """A MedicationKnowledge for every drug of the edition's regimens, by id.

    Contra-indications are matched through the terminology when one is loaded, so they can change
    without a new version of any object: the version id is a fingerprint of the resource, with the day
    that it is from.
    """
    products: dict[str, _Product] = {}
    for entry in publication.edition.current("anbefaling"):
        data = publication.get(entry.innhold.id).data
        for dose in iterate_doses(data) if isinstance(data, AnbefalingData) else ():
            for code in dose.data.legemiddeldoseringsregime.koder:
                _add(products.setdefault(code.code, _Product(code)), dose, entry)
    changed = _list_changes(publication.edition)
    return tuple(
        sorted(
            (_write_medication(one, changed[code]) for code, one in products.items()),
            key=lambda resource: str(resource["id"]),
        )
    )


def _list_changes(edition: Edition) -> Mapping[str, date]:
    """The last day up to the edition's on which what a drug is made of may have changed, by drug.

    That is when a recommendation that has or had the drug got a version, or any contra-indication
    did. Days only go forward: who has a resource of one day sees that a later one is newer.
    """
    found: dict[str, date] = {}
    drugs: dict[str, set[str]] = defaultdict(set)
    latest = date.min
    known = [one for one in edition.library.entries() if one.first_day <= edition.begins]
    for entry in sorted(known, key=lambda one: one.first_day):
        data = entry.innhold.data
        if isinstance(data, KontraindikasjonData):
            latest = entry.first_day
        own = drugs[entry.innhold.id]
        for dose in iterate_doses(data) if isinstance(data, AnbefalingData) else ():
            own.update(code.code for code in dose.data.legemiddeldoseringsregime.koder)
        found.update(dict.fromkeys(own, entry.first_day))
    return {code: max(day, latest) for code, day in found.items()}


def _add(product: _Product, dose: Doseringsregime, entry: Entry) -> None:
    product.experimental |= is_experimental(entry)
    varde = dose.data.varde
    if varde and varde.virkestoff:
        product.ingredients.update((code.code, code) for code in varde.virkestoff.koder)
    if dose.data.administrasjonsvei:
        product.routes.update((code.code, code) for code in dose.data.administrasjonsvei.koder)
    for one in dose.data.kontraindikasjoner or ():
        if one.varde and one.varde.id:
            product.listed[one.varde.id] = one


def _write_medication(product: _Product, changed: date) -> Json:
    id_ = medication_id(product.code.code)
    # A contra-indication that comes from invented content marks the drug too.
    experimental = product.experimental or any(
        one.startswith(DEMONSTRATION) for one in product.listed
    )
    titles = [one.tittel or "" for one in product.listed.values()]
    found: Json = {
        "resourceType": "MedicationKnowledge",
        "id": id_,
        "language": "no",
        "text": narrative(product.code.display, mark(titles, experimental)),
        "code": concept(Kodet(koder=(product.code,))),
        "status": "active",
        "ingredient": [
            {"itemCodeableConcept": concept(Kodet(koder=(code,))), "isActive": True}
            for code in product.ingredients.values()
        ],
        "intendedRoute": [concept(Kodet(koder=(code,))) for code in product.routes.values()],
        "contraindication": [
            {"reference": f"DetectedIssue/{one}", "display": listed.tittel or one}
            for one, listed in sorted(product.listed.items())
        ],
    }
    found = {key: value for key, value in found.items() if value not in ([], "")}
    dated = {**found, "meta": stamp("", changed, experimental)}
    fingerprint = hashlib.sha256(encode_fhir(dated)).hexdigest()[:16]
    return {
        "resourceType": "MedicationKnowledge",
        "id": id_,
        "meta": stamp(fingerprint, changed, experimental),
        **found,
    }


def write_issue(entry: Entry) -> Json:
    """The DetectedIssue of one version of a contra-indication."""
    innhold = entry.innhold
    data = innhold.data
    if not isinstance(data, KontraindikasjonData):
        raise TypeError(f"{innhold.id} is no contra-indication")
    text = plain_text(innhold.tekst) if innhold.tekst else ""
    found: Json = {
        "resourceType": "DetectedIssue",
        "id": innhold.id,
        "meta": meta(entry),
        "language": "no",
        "text": narrative(innhold.tittel, mark(text.splitlines(), is_experimental(entry))),
        "identifier": [
            {"system": "urn:ietf:rfc:3986", "value": innhold.url or f"urn:{innhold.id}"}
        ],
        "status": "final",
        "code": {"coding": [dict(KIND)], "text": "Kontraindikasjon"},
        "implicated": [
            {
                "type": "Substance",
                "identifier": {"system": code.system, "value": code.code},
                "display": code.display,
            }
            for code in data.virkestoff.koder
        ],
        "evidence": [{"code": [concept(Kodet(koder=(code,)))]} for code in data.tilstand.koder],
        "detail": text or innhold.tittel,
    }
    if innhold.url:
        found["reference"] = innhold.url
    return found
