"""The words and codes of the KITH svarrapport that carry meaning for us, from `words.json`.

Every list in the file names its source. Nothing here is an organism or an antibiotic: those stay as
sent. A laboratory that writes a new word for "no growth" needs a line in the file, not new code.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from varde.codes import listed_searches
from varde.messages.answers.said import Said, read_words

ResultKind = Literal["growth", "no_growth", "no_organism", "no_result", ""]


class Words(NamedTuple):
    """The file, shaped for looking up. Texts are keys in the form that `normal` gives."""

    disciplines: frozenset[str]
    service_type: dict[str, str]
    status: dict[str, str]
    additional: frozenset[tuple[str, str]]
    sex: dict[str, str]
    cancelled_status: frozenset[str]
    cancelled_service: frozenset[str]
    culture_codes: frozenset[str]
    culture_contains: tuple[str, ...]
    identification: frozenset[str]
    identification_begins: tuple[str, ...]
    quantity: frozenset[str]
    results: dict[str, ResultKind]
    sir_codes: dict[str, str]
    sir_texts: dict[str, str]
    no_category: frozenset[str]
    mic_units: frozenset[str]
    zone_units: frozenset[str]
    comparators: dict[str, str]
    notifiable: frozenset[str]
    marked: frozenset[str]
    identity_types: dict[str, str]
    passport_types: frozenset[str]
    address_order: tuple[str, ...]
    address_never: frozenset[str]
    nothing: frozenset[str]


def normal(text: str) -> str:
    """The form in which words are compared: lower case, single blanks, no full stop at the end."""
    folded = " ".join(text.casefold().split())
    return folded.rstrip(".") or folded


def said_in(text: str) -> Said:
    """What an answer in words says: as one of the whole answers of `words.json`, else by how it begins."""
    kind = words().results.get(normal(text))
    return Said(kind) if kind else read_words(text)


@cache
def words() -> Words:
    """The words, read once."""
    raw: dict[str, Any] = json.loads(
        files("varde.messages.kith").joinpath("words.json").read_text("utf-8")
    )
    kinds: tuple[ResultKind, ...] = ("growth", "no_growth", "no_organism", "no_result")
    return Words(
        disciplines=frozenset(raw["disciplines"]["codes"]),
        service_type=raw["service_type"]["codes"],
        status=raw["status"]["codes"],
        additional=frozenset(
            (service, status)
            for service in raw["additional"]["service_type"]
            for status in raw["additional"]["status"]
        ),
        sex=raw["sex"]["codes"],
        cancelled_status=frozenset(raw["cancelled_items"]["investigation_status"]),
        cancelled_service=frozenset(raw["cancelled_items"]["service_type"]),
        culture_codes=frozenset(raw["culture"]["codes"])
        | {each.code for each in listed_searches().values() if each.method == "culture"},
        culture_contains=tuple(raw["culture"]["contains"]),
        identification=_names(raw["identification"]),
        identification_begins=tuple(raw["identification"]["begins"]),
        quantity=_names(raw["quantity"]),
        results={normal(text): kind for kind in kinds for text in raw[kind]["texts"]},
        sir_codes=raw["sir"]["codes"],
        sir_texts={normal(text): sir for text, sir in raw["sir"]["texts"].items()},
        no_category=frozenset(normal(text) for text in raw["no_category"]["texts"]),
        mic_units=frozenset(raw["units"]["mic"]),
        zone_units=frozenset(raw["units"]["zone"]),
        comparators=raw["comparators"]["codes"],
        notifiable=frozenset(raw["notifiable"]["codes"]),
        marked=frozenset(raw["notifiable"]["found"]),
        identity_types=raw["identity_types"]["codes"],
        passport_types=frozenset(raw["identity_types"]["passports"]),
        address_order=tuple(raw["addresses"]["order"]),
        address_never=frozenset(raw["addresses"]["never"]),
        nothing=frozenset(raw["nothing"]["texts"]),
    )


def _names(section: dict[str, Any]) -> frozenset[str]:
    return frozenset(normal(name) for name in (*section["codes"], *section["texts"]))
