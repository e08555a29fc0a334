"""What the answers to the searches of a FHIR answer found, by `varde.messages.searches`."""

from __future__ import annotations

from collections.abc import Sequence

from varde.messages.errors import InvalidContent
from varde.messages.fhir.items import Item
from varde.messages.fhir.links import Links
from varde.messages.fhir.words import FhirWords
from varde.messages.kith.quantities import is_measured
from varde.messages.kith.words import normal
from varde.messages.records import Code
from varde.messages.searches import long_words, method_of, read_answer, sign_of, weigh


def expressions_of(item: Item, known: FhirWords) -> tuple[Code, ...]:
    """What an item's value says beside words such as growth or not detected."""
    expressions = list(item.values)
    if item.text and all(code.text != item.text for code in item.values):
        expressions.append(Code(text=item.text))
    return tuple(
        code
        for code in expressions
        if not meaning_of(code, known) and not (is_measured(code.text) and not code.code)
    )


def meaning_of(code: Code, known: FhirWords) -> str:
    """What kind of result a code or word is; empty for one that may name an organism."""
    coded = known.result_codes.get(code.system, {}).get(code.code)
    return coded or known.results.get(normal(code.text or code.code), "")


def detect(item: Item, links: Links, known: FhirWords) -> bool:
    """Set what a search found; False for what is no search, or found nothing.

    Args:
        item: one that names no organism: a culture, or of no other role.

    Raises:
        InvalidContent: ``contradictory-result``.
    """
    if links.is_taken_back(item):
        return False
    kinds = said_of(item, known) - {""}
    if len(kinds) > 1:
        kinds = weigh(kinds, (*item.values, *item.said, Code(text=item.text)))
    if "growth" in kinds and "no_growth" in kinds:
        _refuse_contradiction(item, known)
    value = expressions_of(item, known) if item.role == "other" else ()
    if kinds or value:
        item.detected = read_answer(item.investigations, item.method, kinds, value)
    return item.detected is not None


def _refuse_contradiction(item: Item, known: FhirWords) -> None:
    """Value and interpretation say the opposite of each other, and we cannot know which counts."""
    if item.role == "growth" or method_of(item.investigations, item.method):
        codes = (*item.values, *item.said, Code(text=item.text))
        said = {meaning_of(code, known): code.text or code.code for code in codes}
        said.setdefault(item.answer, "valueBoolean")
        detail = f"{said['growth']} ≠ {said['no_growth']}"
        raise InvalidContent("contradictory-result", item.at("interpretation"), detail)


def said_of(item: Item, known: FhirWords) -> set[str]:
    """What kinds of result an item's values, words and interpretations are."""
    said: set[str] = {meaning_of(code, known) for code in (*item.values, *item.said)}
    said |= {item.answer, known.results.get(normal(item.text), "") if item.text else ""}
    if "no_result" in said and (sign := sign_of(item.investigations, item.method, item.text)):
        return said - {"no_result"} | {sign}
    return said


def leave_identified(detected: Sequence[Item], found: Sequence[Item]) -> None:
    """Take from the cultures that found what their names say those whose organism is identified: by a
    result that hangs on them, or by one that hangs on nothing and shares a word with them."""
    cultures = [item for item in detected if item.detected and item.detected.method == "culture"]
    if not cultures:
        return
    above: set[int] = set()
    pending = [parent for item in found for parent in item.parents]
    while pending:
        holder = pending.pop()
        if id(holder) not in above:
            above.add(id(holder))
            pending += holder.parents
    loose = {word for item in found if not item.parents for word in long_words(item.finding)}
    for item in cultures:
        if id(item) in above or (item.detected and loose & long_words(item.detected.organisms)):
            item.detected = None
