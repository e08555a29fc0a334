"""The codes and words of FHIR that carry meaning for us, from `words.json`.

The Norwegian words of results are those of `kith/words.json`; this file adds the codes that only
FHIR messages use, and the English words. Nothing here is an organism or an antibiotic.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from varde.messages.answers.said import Said, read_words
from varde.messages.hl7v2.words import words as hl7_words
from varde.messages.kith.words import ResultKind, normal
from varde.messages.kith.words import words as kith_words

URN = "urn:oid:"
LIST_ADDRESS = re.compile(
    r"https?://(?:[a-z]+\.)?(?:ehelse|helsedir)\.no/fhir/CodeSystem/no-kodeverk-(\d{4})(?:-\w+)?"
)
LISTS = "2.16.578.1.12.4.1.1."
"""Where the national code lists stand in the tree of OIDs."""


class FhirWords(NamedTuple):
    """The file, shaped for looking up. Texts are keys in the form that `normal` gives."""

    bundle_types: frozenset[str]
    report_status: dict[str, tuple[str, str]]
    observation_status: dict[str, bool]
    immunization_status: dict[str, str]
    ordering: frozenset[str]
    disciplines: frozenset[str]
    sex: dict[str, str]
    organizations: dict[str, str]
    persons: dict[str, str]
    identity_types: dict[str, str]
    passports: tuple[str, ...]
    passport_types: frozenset[str]
    municipality: tuple[str, ...]
    animal: frozenset[str]
    notifiable: frozenset[str]
    marked: frozenset[str]
    interpretations: dict[str, dict[str, str]]
    interpretation_lists: frozenset[str]
    no_category: frozenset[str]
    sir_codes: dict[str, str]
    sir_texts: dict[str, str]
    result_codes: dict[str, dict[str, ResultKind]]
    results: dict[str, ResultKind]
    doubtful_flags: frozenset[str]
    culture_codes: frozenset[str]
    culture_contains: tuple[str, ...]
    identification: frozenset[str]
    identification_begins: tuple[str, ...]
    quantity: frozenset[str]
    headings: frozenset[str]
    susceptibility_headings: frozenset[str]
    measures: frozenset[str]
    mic_units: frozenset[str]
    zone_units: frozenset[str]
    comparators: dict[str, str]


@lru_cache(maxsize=4096)
def as_oid(system: str) -> str:
    """A code or identifier system in the form that records use: national ones as a bare OID.

    ``urn:oid:2.16…`` and the addresses of the national code lists say which OID is meant; all
    other systems stay as sent.
    """
    system = system.strip()
    if system[: len(URN)].lower() == URN:
        return system[len(URN) :]
    found = LIST_ADDRESS.fullmatch(system)
    return LISTS + found.group(1) if found else system


def said_in(text: str) -> Said:
    """What an answer in words says: as one of the whole answers of the lists, else by how it begins."""
    kind = fhir_words().results.get(normal(text))
    return Said(kind) if kind else read_words(text)


@cache
def fhir_words() -> FhirWords:
    """The words, read once."""
    raw: dict[str, Any] = json.loads(
        files("varde.messages.fhir").joinpath("words.json").read_text("utf-8")
    )
    kith = kith_words()
    return FhirWords(
        bundle_types=frozenset(raw["bundle_types"]["codes"]),
        report_status={
            key: (pair[0], pair[1]) for key, pair in raw["report_status"]["codes"].items()
        },
        observation_status=raw["observation_status"]["codes"],
        immunization_status=raw["immunization_status"]["codes"],
        ordering=frozenset(raw["ordering"]["codes"]),
        disciplines=frozenset(raw["disciplines"]["codes"]),
        sex=raw["sex"]["codes"],
        organizations=raw["organizations"]["codes"],
        persons=raw["persons"]["codes"],
        identity_types=kith.identity_types,
        passports=tuple(raw["passports"]["systems"]),
        passport_types=hl7_words().passport_types,
        municipality=tuple(raw["municipality"]["extensions"]),
        animal=frozenset(raw["animal"]["extensions"]),
        notifiable=kith.notifiable,
        marked=kith.marked,
        interpretations=raw["interpretations"]["systems"],
        interpretation_lists=frozenset(raw["interpretations"]["lists"]),
        no_category=hl7_words().no_category,
        sir_codes=kith.sir_codes,
        sir_texts=kith.sir_texts | _normalised(raw["interpretations"]["texts"]),
        result_codes=raw["results"]["systems"],
        results=kith.results | _normalised(raw["results"]["texts"]),
        doubtful_flags=hl7_words().doubtful_flags,
        culture_codes=kith.culture_codes | frozenset(raw["culture"]["codes"]),
        culture_contains=(*kith.culture_contains, *raw["culture"]["contains"]),
        identification=kith.identification | _names(raw["identification"]),
        identification_begins=kith.identification_begins,
        quantity=kith.quantity | _names(raw["quantity"]),
        headings=frozenset(raw["headings"]["systems"]),
        susceptibility_headings=frozenset(raw["headings"]["susceptibility"]),
        measures=_names(raw["measures"]),
        mic_units=frozenset(raw["units"]["mic"]),
        zone_units=frozenset(raw["units"]["zone"]),
        comparators=raw["comparators"]["codes"],
    )


def _normalised(texts: dict[str, Any]) -> dict[str, Any]:
    return {normal(text): meaning for text, meaning in texts.items()}


def _names(section: dict[str, Any]) -> frozenset[str]:
    return frozenset(normal(name) for name in (*section.get("codes", ()), *section["texts"]))
