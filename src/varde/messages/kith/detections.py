"""What the answers to the searches of a KITH svarrapport found, by `varde.messages.searches`."""

from __future__ import annotations

from collections.abc import Sequence

from varde.messages.errors import InvalidContent
from varde.messages.kith.items import Item, place_of
from varde.messages.kith.links import Index, referred_once
from varde.messages.kith.quantities import is_measured
from varde.messages.kith.words import Words, normal
from varde.messages.records import Code
from varde.messages.searches import long_words, method_of, read_answer, sign_of, weigh


def expressions_of(item: Item, known: Words) -> tuple[Code, ...]:
    """What an item says beside words such as growth or not detected, and numbers."""
    expressions = list(item.codes)
    if item.text and all(code.text != item.text for code in item.codes):
        expressions.append(Code(text=item.text))
    return tuple(
        code
        for code in expressions
        if not _is_word(code.text or code.code, known)
        and not (is_measured(code.text) and not code.code)
    )


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
        _refuse_contradiction(item, known)
    value = expressions_of(item, known) if item.role == "other" else ()
    if kinds or value:
        item.detected = read_answer(item.investigations, (), kinds, value)
    return item.detected is not None


def _refuse_contradiction(item: Item, known: Words) -> None:
    """Two words of one answer say the opposite of each other, and we cannot know which counts."""
    if item.role == "growth" or method_of(item.investigations):
        said = {known.results.get(normal(text), ""): text for text in _texts(item)}
        detail = f"{said['growth']} ≠ {said['no_growth']}"
        raise InvalidContent("contradictory-result", place_of(item.element), detail)


def _texts(item: Item) -> tuple[str, ...]:
    return (item.text, *(code.text or code.code for code in item.codes))


def said_of(item: Item, known: Words) -> set[str]:
    """What kinds of result an item's words and codes are."""
    said: set[str] = {known.results.get(normal(text), "") for text in _texts(item) if text}
    if said == {"no_result"} and (sign := sign_of(item.investigations, (), item.text)):
        return {sign}
    return said


def leave_identified(detected: Sequence[Item], found: Sequence[Item], index: Index) -> None:
    """Take from the cultures that found what their names say those whose organism is identified: by a
    result that hangs on them, or by one that hangs on nothing and shares a word with them."""
    cultures = [item for item in detected if item.detected and item.detected.method == "culture"]
    if not cultures:
        return
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
    for item in cultures:
        if id(item) in above or (item.detected and loose & long_words(item.detected.organisms)):
            item.detected = None


def _is_word(text: str, known: Words) -> bool:
    return normal(text) in known.results
