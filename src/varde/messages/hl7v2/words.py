"""The codes and words of HL7 version 2 messages that carry meaning for us, from `words.json`.

Every list in the file names its source. The Norwegian words of `kith/words.json` count here too: a
Norwegian laboratory writes the same words in either format. Nothing here is an organism or an
antibiotic: those stay as sent.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from varde.messages.answers.said import LONGEST_CACHED, NOTHING, Said, read_words
from varde.messages.kith import words as kith_words
from varde.messages.kith.words import ResultKind, normal
from varde.messages.records import ServiceType, Sex, Sir, Status


class Words(NamedTuple):
    """The file, shaped for looking up. Texts are keys in the form that `normal` gives."""

    message_types: frozenset[str]
    events: frozenset[str]
    test_processing: frozenset[str]
    character_sets: dict[str, str]
    disciplines: frozenset[str]
    order_status: dict[str, tuple[ServiceType, Status]]
    result_status: dict[str, tuple[ServiceType, Status]]
    void_results: frozenset[str]
    historic: frozenset[str]
    national_lists: tuple[str, ...]
    stages: re.Pattern[str]
    method_codes: frozenset[str]
    cancelled_orders: frozenset[str]
    sex: dict[str, Sex]
    human: frozenset[str]
    not_of_patients: frozenset[str]
    norway: frozenset[str]
    sender_roots: dict[str, str]
    identity_roots: dict[str, str]
    national_types: frozenset[str]
    type_order: tuple[str, ...]
    never_types: frozenset[str]
    passport_types: frozenset[str]
    passport_root: str
    name_order: tuple[str, ...]
    address_order: tuple[str, ...]
    never_phones: frozenset[str]
    answers: dict[str, bool]
    culture_codes: frozenset[str]
    culture_contains: tuple[str, ...]
    culture_words: re.Pattern[str]
    culture_never: tuple[str, ...]
    culture_names: frozenset[str]
    general_cultures: frozenset[str]
    culture_targets: tuple[str, ...]
    general_phrases: tuple[str, ...]
    general_word: re.Pattern[str]
    susceptibility: re.Pattern[str]
    susceptibility_doubtful: re.Pattern[str]
    susceptibility_never: frozenset[str]
    susceptibility_remarks: tuple[str, ...]
    zone_contains: tuple[str, ...]
    mic_units: frozenset[str]
    quantity_names: frozenset[str]
    quantity_contains: tuple[str, ...]
    sir_codes: dict[str, Sir]
    sir_texts: dict[str, Sir]
    category_lists: frozenset[str]
    bare_category_lists: frozenset[str]
    not_susceptible: frozenset[str]
    no_category: frozenset[str]
    comparators: dict[str, str]
    result_texts: dict[str, ResultKind]
    result_codes: dict[str, ResultKind]
    result_flags: dict[str, ResultKind]
    doubtful_flags: frozenset[str]
    result_starts: tuple[tuple[str, ResultKind], ...]
    system_starts: tuple[str, ...]
    systems: frozenset[str]


SHORT = 2
"""Letters of words that are never parts of others."""
KINDS: tuple[ResultKind, ...] = ("growth", "no_growth", "no_organism", "no_result")


@cache
def words() -> Words:
    """The words, read once."""
    raw: dict[str, Any] = json.loads(
        files("varde.messages.hl7v2").joinpath("words.json").read_text("utf-8")
    )
    own = kith_words.words()
    return Words(
        message_types=frozenset(raw["message_types"]["types"]),
        events=frozenset(raw["message_types"]["events"]),
        test_processing=frozenset(raw["test_processing"]["codes"]),
        character_sets=raw["character_sets"]["codes"],
        disciplines=frozenset(raw["disciplines"]["codes"]),
        order_status={code: tuple(pair) for code, pair in raw["order_status"]["codes"].items()},
        result_status={code: tuple(pair) for code, pair in raw["result_status"]["codes"].items()},
        void_results=frozenset(raw["void_results"]["codes"]),
        historic=frozenset(raw["historic"]["codes"]),
        national_lists=tuple(raw["national_lists"]["starts"]),
        stages=re.compile(
            r"[\s(,:;/-]*\b(?:"
            + "|".join(map(re.escape, raw["stages"]["words"]))
            + r")\b[\s),.:;-]*"
        ),
        method_codes=frozenset(raw["method_codes"]["codes"]),
        cancelled_orders=frozenset(raw["cancelled_orders"]["codes"]),
        sex=raw["sex"]["codes"],
        human=frozenset(raw["human"]["texts"]),
        not_of_patients=frozenset(raw["not_of_patients"]["codes"]),
        norway=frozenset(raw["norway"]["codes"]),
        sender_roots=raw["sender_roots"]["codes"],
        identity_roots=raw["identity_roots"]["codes"],
        national_types=frozenset(raw["identity_types"]["national"]),
        type_order=tuple(raw["identity_types"]["order"]),
        never_types=frozenset(raw["identity_types"]["never"]),
        passport_types=frozenset(raw["identity_types"]["passports"]),
        passport_root=raw["identity_types"]["passport_root"],
        name_order=tuple(raw["name_types"]["order"]),
        address_order=tuple(raw["address_types"]["order"]),
        never_phones=frozenset(raw["telephones"]["never"]),
        answers=raw["answers"]["codes"],
        culture_codes=frozenset(raw["culture"]["codes"]) | own.culture_codes,
        culture_contains=(*raw["culture"]["contains"], *own.culture_contains),
        culture_words=re.compile(rf"(?<!\w)(?:{_any_of(raw['culture']['words'])})(?!\w)"),
        culture_never=tuple(raw["culture_never"]["contains"]),
        culture_names=own.identification,
        general_cultures=frozenset(raw["general_culture"]["codes"]),
        culture_targets=tuple(raw["general_culture"]["targets"]),
        general_phrases=tuple(raw["general_culture"]["phrases"]),
        general_word=re.compile(
            f"{_any_of(raw['general_culture']['words'])}|(?:{_any_of(_parts(raw))}){{2,4}}"
        ),
        susceptibility=re.compile(
            f"{_any_of(raw['susceptibility']['contains'])}"
            rf"|(?<!\w)(?:{_any_of(raw['susceptibility']['words'])})(?!\w)"
        ),
        susceptibility_doubtful=re.compile(
            rf"(?<!\w)(?:{_any_of(raw['susceptibility']['doubtful'])})(?!\w)"
        ),
        susceptibility_never=frozenset(raw["susceptibility_never"]["codes"]),
        susceptibility_remarks=tuple(raw["susceptibility_never"]["contains"]),
        zone_contains=tuple(raw["zone"]["contains"]),
        mic_units=frozenset(raw["mic_units"]["codes"]),
        quantity_names=frozenset(raw["quantity"]["codes"]) | own.quantity,
        quantity_contains=tuple(raw["quantity"]["contains"]),
        sir_codes=raw["sir"]["codes"],
        sir_texts={
            normal(text): sir for text, sir in (own.sir_texts | raw["sir"]["texts"]).items()
        },
        category_lists=frozenset(raw["category_lists"]["codes"]),
        bare_category_lists=frozenset(raw["category_lists"]["bare"]),
        not_susceptible=frozenset(map(normal, raw["not_susceptible"]["texts"])),
        no_category=own.no_category
        | {normal(said) for key in ("codes", "texts") for said in raw["no_category"][key]},
        comparators=own.comparators,
        result_texts=own.results
        | {normal(text): kind for kind in KINDS for text in raw[kind]["texts"]},
        result_codes={code: kind for kind in KINDS for code in raw[kind].get("codes", ())},
        result_flags=raw["result_flags"]["codes"],
        doubtful_flags=frozenset(raw["result_flags"]["doubtful"]),
        result_starts=tuple(
            (start, kind) for kind in KINDS for start in raw[kind].get("starts", ())
        ),
        system_starts=tuple(raw["systems"]["starts"]),
        systems=frozenset(raw["systems"]["codes"]),
    )


def _parts(raw: dict[str, Any]) -> list[str]:
    """The words of a general culture's name that are long enough to be told when they are joined."""
    return [word for word in raw["general_culture"]["words"] if len(word) > SHORT]


def _any_of(texts: list[str]) -> str:
    return "|".join(map(re.escape, texts))


def said_in(text: str) -> Said:
    """What a text says of whether something was found: as one of the whole answers of the lists, else by how
    it begins."""
    return _said_in(text) if len(text) <= LONGEST_CACHED else _said_in.__wrapped__(text)


@lru_cache(maxsize=16384)
def _said_in(text: str) -> Said:
    known = words()
    folded = normal(text)
    kind = known.result_texts.get(folded, "")
    if kind:
        return Said(kind)
    said = read_words(text)
    if said != NOTHING:
        return said
    return Said(next((kind for start, kind in known.result_starts if folded.startswith(start)), ""))
