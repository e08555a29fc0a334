"""What the answers to the searches of a FHIR answer found, by `varde.messages.searches`."""

from __future__ import annotations

from collections.abc import Sequence

from varde.messages import search_answers
from varde.messages.errors import InvalidContent
from varde.messages.fhir.items import Item
from varde.messages.fhir.links import Links
from varde.messages.fhir.words import FhirWords, said_in
from varde.messages.kith.quantities import is_measured
from varde.messages.records import Code
from varde.messages.result_words import Said
from varde.messages.search_answers import (
    is_never,
    note_unread,
    read_answer,
    sign_of,
    weigh,
)
from varde.messages.searches import bare_name, long_words, method_of


def expressions_of(item: Item, known: FhirWords) -> tuple[Code, ...]:
    """What an item's value says beside words such as growth or not detected."""
    expressions = list(item.values)
    if item.text and all(code.text != item.text for code in item.values):
        expressions.append(Code(text=item.text))
    found: list[Code] = []
    for code in expressions:
        said = _said_by(code, known)
        if said.name:
            found.append(Code(system=code.system, code=code.code, text=bare_name(said.name)))
        elif not said.kind and not (is_measured(code.text) and not code.code):
            found.append(code)
    return tuple(found)


def meaning_of(code: Code, known: FhirWords) -> str:
    """What kind of result a code or word is; empty for one that may name an organism."""
    return _said_by(code, known).kind


def _said_by(code: Code, known: FhirWords) -> Said:
    coded = known.result_codes.get(code.system, {}).get(code.code)
    return Said(coded) if coded else said_in(code.text or code.code)


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
    amount = f"{item.number} {item.unit}" if item.number else item.text
    if kinds or value or amount:
        item.detected = read_answer(item.investigations, item.method, kinds, value, amount)
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
    said |= {item.answer, said_in(item.text).kind if item.text else ""}
    if "no_result" in said and (sign := sign_of(item.investigations, item.method, item.text)):
        return said - {"no_result"} | {sign}
    return said


def is_settled(items: Sequence[Item], links: Links, known: FhirWords) -> bool:
    """Whether an identification says that what grew is no more than flora, or nothing."""
    return any(
        item.role == "growth"
        and not method_of(item.investigations, item.method)
        and not links.is_taken_back(item)
        and not said_of(item, known).isdisjoint(("no_growth", "no_organism"))
        for item in items
    )


def note_notifiable(items: Sequence[Item], links: Links, known: FhirWords, mark: str) -> list[Item]:
    """The analyses of a report that is notifiable and of which nothing was read, noted for a person: those
    that say anything, else all of them."""
    living = [item for item in items if item.investigations and not links.is_taken_back(item)]
    plain = [item for item in living if not is_never(item.investigations)]
    said = [item for item in plain if item.has_result(known)]
    chosen = said or plain or living
    for item in chosen:
        item.detected = note_unread(item.investigations, item.method, mark)
    return chosen


def leave_identified(detected: Sequence[Item], found: Sequence[Item], settled: bool) -> None:
    """Take what is identified from what was only found or noted (`search_answers.leave_identified`)."""
    above: set[int] = set()
    pending = [parent for item in found for parent in item.parents]
    while pending:
        holder = pending.pop()
        if id(holder) not in above:
            above.add(id(holder))
            pending += holder.parents
    loose = {word for item in found if not item.parents for word in long_words(item.finding)}
    search_answers.leave_identified(detected, bool(found), settled, above, loose)
