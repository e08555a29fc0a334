"""What the answers to the searches of a KITH svarrapport found, by `varde.messages.answers.searches`."""

from __future__ import annotations

from collections.abc import Sequence

from varde.messages.answers import one_isolate
from varde.messages.answers.found import named_in, read_answers, sign_of, weigh
from varde.messages.answers.kind_answers import asks_which
from varde.messages.answers.kind_settling import isolate_of
from varde.messages.answers.known_names import is_known
from varde.messages.answers.notes import Noted, is_never, note_unread
from varde.messages.answers.one_isolate import asked_for, is_covered, is_repeated, settle_subtypes
from varde.messages.answers.searches import find_search, method_of
from varde.messages.errors import InvalidContent
from varde.messages.kith.items import MAX_NESTING, Item, place_of
from varde.messages.kith.links import Index, referred_once
from varde.messages.kith.quantities import is_measured
from varde.messages.kith.words import Words, normal, said_in, words
from varde.messages.records import Code


def organisms_of(item: Item) -> tuple[tuple[Code, ...], ...]:
    """What an item says beside words such as growth or not detected, and numbers: the names of each organism."""
    read = [(code, said_in(code.text or code.code)) for code in item.codes]
    if item.text and all(code.text != item.text for code in item.codes):
        read.append((Code(text=item.text), said_in(item.lines or item.text)))
    return named_in(
        (code, said) for code, said in read if said.name or code.code or not is_measured(code.text)
    )


def promote(items: Sequence[Item], index: Index) -> None:
    """What susceptibilities hang on was identified, where it names a known organism and its test asks which species there was
    (Artsbestemmelse), or says no method and is answered by the name alone (Tarmpatogene bakterier: Salmonella)."""
    for tested in items:
        if tested.role != "susceptibility" or tested.cancelled:
            continue
        for item in (referred_once(tested, index), tested.parent):
            if item is None or item.role != "other" or not item.investigations:
                continue
            named = not method_of(item.investigations) and not said_in(item.lines or item.text).kind
            if not (named or asks_which(item.investigations)):
                continue
            if any(map(is_known, organisms_of(item))):
                item.role = "growth"


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
    values = organisms_of(item) if item.role == "other" else ()
    amount = f"{item.number} {item.unit}" if item.number else item.text
    said = worded_in(item)
    if kinds or values or amount or said:
        item.detected, *also = read_answers(item.investigations, (), kinds, values, amount, said)
        item.also = tuple(each for each in also if each is not None)
    return item.detected is not None


def worded_in(item: Item) -> tuple[str, ...]:
    """The words of an item that are more than one of the whole answers."""
    known = words().results
    return tuple(text for text in _texts(item) if text and normal(text) not in known)


def _refuse_contradiction(item: Item) -> None:
    """Two words of one answer say the opposite of each other, and we cannot know which counts."""
    if item.role == "growth" or method_of(item.investigations):
        said = {said_in(text).kind: text for text in _texts(item)}
        detail = f"{said['growth']} ≠ {said['no_growth']}"
        raise InvalidContent("contradictory-result", place_of(item.element), detail)


def _texts(item: Item) -> tuple[str, ...]:
    return (item.lines or item.text, *(code.text or code.code for code in item.codes))


def said_of(item: Item, known: Words) -> set[str]:
    """What kinds of result an item's words and codes are."""
    said: set[str] = {said_in(text).kind for text in _texts(item) if text}
    alone = item.number or item.text
    if said <= {"no_result", ""} and (sign := sign_of(item.investigations, (), alone)):
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
    """Take what is identified from what was only found or noted (`one_isolate.leave_identified`)."""
    above: set[int] = set()
    loose: list[tuple[Code, ...]] = []
    for item in found:
        if item.parent is None and not item.reference:
            loose.append(item.finding)
        pending = [item]
        while pending:
            holder = pending.pop()
            for step in (referred_once(holder, index), holder.parent):
                if step is not None and id(step) not in above:
                    above.add(id(step))
                    pending.append(step)
    identified = [name for item in found for name in (item.finding, *item.others)]
    one_isolate.leave_identified(detected, identified, settled, above, loose)


def leave_worded(found: Sequence[Item], index: Index) -> list[Item]:
    """What is identified without what only the words of an answer name ("Vekst av E. coli") and an identification
    of the same specimen says too: one isolate is one finding."""
    valued = [item for item in found if not item.worded]
    if not valued or len(valued) == len(found):
        return list(found)
    kept: list[Item] = []
    for item in found:
        if item.worded:
            places = specimens_of(item, index)
            beside = [
                each.finding
                for each in valued
                if not places or not (own := specimens_of(each, index)) or own == places
            ]
            left = [
                name
                for name in (item.finding, *item.others)
                if not any(is_covered(name, other) for other in beside)
            ]
            item.finding, item.others = (left[0] if left else ()), tuple(left[1:])
        if item.finding:
            kept.append(item)
    return kept


def leave_repeated(detected: Sequence[Item], grown: Sequence[Item], index: Index) -> list[Item]:
    """What was found without what a panel names and the analysis for it found too (`one_isolate.is_repeated`), each with
    its kind; so too what grew."""
    places = {id(item): specimens_of(item, index) for item in (*detected, *grown)}
    isolates = (isolate_of(item, places[id(item)]) for item in grown)
    detected = settle_subtypes(
        detected, lambda item: (item.investigations, places[id(item)]), isolates
    )
    asked = asked_for(
        (item.detected, item.investigations, (), places[id(item)]) for item in detected
    )
    for item in detected if asked else ():
        if not isinstance(item.detected, Noted) and find_search(item.investigations) is None:
            every = (item.detected, *item.also)
            left = [s for s in every if s and not is_repeated(s, places[id(item)], asked)]
            item.detected, item.also = (left[0] if left else None), tuple(left[1:])
    return [item for item in detected if item.detected]


def specimens_of(item: Item, index: Index) -> tuple[str, ...]:
    """The specimens that an item names, or the nearest above it that names any."""
    holder: Item | None = item
    for _ in range(MAX_NESTING):
        if holder is None or holder.specimens:
            break
        holder = referred_once(holder, index) or holder.parent
    return holder.specimens if holder is not None else ()


def note_notifiable(items: Sequence[Item], known: Words, mark: str) -> list[Item]:
    """The analyses of a report that is notifiable and in which nothing was found, noted for a person: those that
    say anything but that nothing was found, else those that say that, else all of them."""
    living = [item for item in items if item.investigations and not item.cancelled]
    plain = [item for item in living if not is_never(item.investigations)]
    said = [item for item in plain if item.number or said_of(item, known) - {"no_result"}]
    open_ = [
        item for item in said if item.number or said_of(item, known) - {"no_result", "no_growth"}
    ]
    chosen = open_ or said or plain or living
    for item in chosen:
        item.detected = note_unread(item.investigations, (), mark)
    return chosen
