"""What the answers to the searches of a KITH svarrapport found, by `varde.messages.searches`."""

from __future__ import annotations

from collections.abc import Sequence

from varde.messages import search_answers
from varde.messages.errors import InvalidContent
from varde.messages.kith.items import Item, place_of
from varde.messages.kith.links import Index, referred_once
from varde.messages.kith.quantities import is_measured
from varde.messages.kith.words import Words, said_in
from varde.messages.records import Code
from varde.messages.search_answers import (
    is_never,
    note_unread,
    read_answer,
    sign_of,
    weigh,
)
from varde.messages.searches import bare_name, long_words, method_of


def expressions_of(item: Item) -> tuple[Code, ...]:
    """What an item says beside words such as growth or not detected, and numbers."""
    expressions = list(item.codes)
    if item.text and all(code.text != item.text for code in item.codes):
        expressions.append(Code(text=item.text))
    found: list[Code] = []
    for code in expressions:
        said = said_in(code.text or code.code)
        if said.name:
            found.append(Code(system=code.system, code=code.code, text=bare_name(said.name)))
        elif not said.kind and not (is_measured(code.text) and not code.code):
            found.append(code)
    return tuple(found)


def detect(item: Item, known: Words) -> bool:
    """Set what a search found; False for what is no search, or found nothing.

    Args:
        item: one that names no organism: a culture, or of no other role.

    Raises:
        InvalidContent: ``contradictory-result``.
    """
    if item.cancelled:
        return False
    kinds = said_of(item, known) - {""}
    if len(kinds) > 1:
        kinds = weigh(kinds, (*item.codes, Code(text=item.text)))
    if "growth" in kinds and "no_growth" in kinds:
        _refuse_contradiction(item)
    value = expressions_of(item) if item.role == "other" else ()
    amount = f"{item.number} {item.unit}" if item.number else item.text
    if kinds or value or amount:
        item.detected = read_answer(item.investigations, (), kinds, value, amount)
    return item.detected is not None


def _refuse_contradiction(item: Item) -> None:
    """Two words of one answer say the opposite of each other, and we cannot know which counts."""
    if item.role == "growth" or method_of(item.investigations):
        said = {said_in(text).kind: text for text in _texts(item)}
        detail = f"{said['growth']} ≠ {said['no_growth']}"
        raise InvalidContent("contradictory-result", place_of(item.element), detail)


def _texts(item: Item) -> tuple[str, ...]:
    return (item.text, *(code.text or code.code for code in item.codes))


def said_of(item: Item, known: Words) -> set[str]:
    """What kinds of result an item's words and codes are."""
    said: set[str] = {said_in(text).kind for text in _texts(item) if text}
    if said == {"no_result"} and (sign := sign_of(item.investigations, (), item.text)):
        return {sign}
    return said


def is_settled(items: Sequence[Item], known: Words) -> bool:
    """Whether an identification says that what grew is no more than flora, or nothing."""
    return any(
        item.role == "growth"
        and not item.cancelled
        and not method_of(item.investigations)
        and not said_of(item, known).isdisjoint(("no_growth", "no_organism"))
        for item in items
    )


def leave_identified(
    detected: Sequence[Item], found: Sequence[Item], index: Index, settled: bool
) -> None:
    """Take what is identified from what was only found or noted (`search_answers.leave_identified`)."""
    above: set[int] = set()
    loose: set[str] = set()
    for item in found:
        if item.parent is None and not item.reference:
            loose |= long_words(item.finding)
        pending = [item]
        while pending:
            holder = pending.pop()
            for step in (referred_once(holder, index), holder.parent):
                if step is not None and id(step) not in above:
                    above.add(id(step))
                    pending.append(step)
    search_answers.leave_identified(detected, bool(found), settled, above, loose)


def note_notifiable(items: Sequence[Item], known: Words, mark: str) -> list[Item]:
    """The analyses of a report that is notifiable and of which nothing was read, noted for a person: those
    that say anything, else all of them."""
    living = [item for item in items if item.investigations and not item.cancelled]
    plain = [item for item in living if not is_never(item.investigations)]
    said = [item for item in plain if item.number or said_of(item, known) - {"no_result"}]
    chosen = said or plain or living
    for item in chosen:
        item.detected = note_unread(item.investigations, (), mark)
    return chosen
