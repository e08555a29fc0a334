"""Drugs and contra-indications in R4: MedicationKnowledge and DetectedIssue.

R4 has no ClinicalUseDefinition (that came with R4B and R5). Its own place for a contra-indication is
`MedicationKnowledge.contraindication`, a reference to DetectedIssue: "potential clinical issue with or
between medications". A DetectedIssue without a patient is then the knowledge itself: the conditions as
evidence, the active ingredients as what is implicated, and what to do as detail.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from varde.guidelines.fhir.datatypes import Json, concept, encode_fhir, narrative, plain_text
from varde.guidelines.fhir.identity import instant, medication_id, meta
from varde.guidelines.library import Entry
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


@dataclass
class _Product:
    code: Kode
    ingredients: dict[str, Kode] = field(default_factory=dict)
    routes: dict[str, Kode] = field(default_factory=dict)
    listed: dict[str, ListetKontraindikasjon] = field(default_factory=dict)


def write_medications(publication: Publication) -> tuple[Json, ...]:
    """A MedicationKnowledge for every drug of the edition's regimens, by id.

    Contra-indications are matched through the terminology when one is loaded, so they can change
    without a new version of any object: the version id is a fingerprint of the resource.
    """
    products: dict[str, _Product] = {}
    for entry in publication.edition.current("anbefaling"):
        data = publication.get(entry.innhold.id).data
        for dose in iterate_doses(data) if isinstance(data, AnbefalingData) else ():
            for code in dose.data.legemiddeldoseringsregime.koder:
                _add(products.setdefault(code.code, _Product(code)), dose)
    written = (_write_medication(one, publication) for one in products.values())
    return tuple(sorted(written, key=lambda resource: str(resource["id"])))


def _add(product: _Product, dose: Doseringsregime) -> None:
    varde = dose.data.varde
    if varde and varde.virkestoff:
        product.ingredients.update((code.code, code) for code in varde.virkestoff.koder)
    if dose.data.administrasjonsvei:
        product.routes.update((code.code, code) for code in dose.data.administrasjonsvei.koder)
    for one in dose.data.kontraindikasjoner or ():
        if one.varde and one.varde.id:
            product.listed[one.varde.id] = one


def _write_medication(product: _Product, publication: Publication) -> Json:
    id_ = medication_id(product.code.code)
    titles = [one.tittel or "" for one in product.listed.values()]
    found: Json = {
        "resourceType": "MedicationKnowledge",
        "id": id_,
        "language": "no",
        "text": narrative(product.code.display, titles),
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
    fingerprint = hashlib.sha256(encode_fhir(found)).hexdigest()[:16]
    stamp = {"versionId": fingerprint, "lastUpdated": instant(publication.edition.begins)}
    return {"resourceType": "MedicationKnowledge", "id": id_, "meta": stamp, **found}


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
        "text": narrative(innhold.tittel, text.splitlines()),
        "identifier": [
            {"system": "urn:ietf:rfc:3986", "value": innhold.url or f"urn:{innhold.id}"}
        ],
        "status": "final",
        "code": {"text": "Kontraindikasjon"},
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
