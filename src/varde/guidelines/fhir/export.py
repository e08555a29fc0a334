"""The whole guideline of a day as one Bundle, to be taken into another FHIR server."""

from __future__ import annotations

from datetime import date

import msgspec

from varde.guidelines.fhir.datatypes import Json, encode_fhir
from varde.guidelines.fhir.identity import canonical
from varde.guidelines.fhir.repository import TYPES, Repository
from varde.guidelines.library import Library
from varde.guidelines.matching import Terminology
from varde.guidelines.publication import Publication


def export_bundle(library: Library, day: date, terminology: Terminology | None = None) -> bytes:
    """A collection Bundle of every resource that was in force on a day, indented, with a line end.

    Args:
        terminology: what contra-indications are matched through; None when none is loaded.
    """
    repository = Repository(Publication(library.edition(day), terminology))
    bundle: Json = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": canonical(kind, id_), "resource": resource}
            for kind in TYPES
            for id_, resource in repository.all(kind).items()
        ],
    }
    if not bundle["entry"]:
        del bundle["entry"]
    return msgspec.json.format(encode_fhir(bundle), indent=1) + b"\n"
