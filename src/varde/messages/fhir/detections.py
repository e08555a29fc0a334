"""What the answers to the searches of a FHIR answer found, by `varde.messages.answers.searches`."""

from __future__ import annotations

from collections.abc import Sequence

from varde.messages.answers import one_isolate
from varde.messages.answers.found import named_in, read_answers, sign_of, weigh
from varde.messages.answers.kind_settling import isolate_of
from varde.messages.answers.notes import Noted, is_never, note_unread
from varde.messages.answers.one_isolate import asked_for, is_covered, is_repeated, settle_subtypes
from varde.messages.answers.said import Said
from varde.messages.answers.searches import find_search, method_of
from varde.messages.errors import InvalidContent
from varde.messages.fhir.items import Item
from varde.messages.fhir.links import Links
from varde.messages.fhir.words import FhirWords, said_in
from varde.messages.kith.quantities import is_measured
from varde.messages.kith.words import normal
from varde.messages.records import Code


def organisms_of(item: Item, known: FhirWords) -> tuple[tuple[Code, ...], ...]:
    """What an item's value says beside words such as growth or not detected: the names of each organism."""
    read = [(code, _said_by(code, known)) for code in item.values]
    if item.text and all(code.text != item.text for code in item.values):
        read.append((Code(text=item.text), said_in(item.lines or item.text)))
    return named_in(
        (code, said) for code, said in read if said.name or code.code or not is_measured(code.text)
    )


def worded_in(item: Item, known: FhirWords) -> tuple[str, ...]:
    """The words of an item's value that are more than one of the whole answers."""
    coded = (
        code.text
        for code in item.values
        if code.text and code.code not in known.result_codes.get(code.system, ())
    )
    texts = (*coded, item.lines or item.text)
    return tuple(text for text in texts if text and normal(text) not in known.results)


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
    values = organisms_of(item, known) if item.role == "other" else ()
    amount = f"{item.number} {item.unit}" if item.number else item.text
    said = worded_in(item, known)
    flagged = _doubts_of(item, known) if item.role == "other" and item.said else ""
    if kinds or values or amount or said or flagged:
        item.detected, *also = read_answers(
            item.investigations, item.method, kinds, values, amount, said, flagged
        )
        item.also = tuple(each for each in also if each is not None)
    return item.detected is not None


def _doubts_of(item: Item, known: FhirWords) -> str:
    """The interpretation that says that a result is not as it should be, and no more; empty without."""
    return next((code.code for code in item.said if code.code.upper() in known.doubtful_flags), "")


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
    said |= {item.answer, said_in(item.lines or item.text).kind if item.text else ""}
    alone = item.number or item.text
    if ("no_result" in said or said <= {""}) and (
        sign := sign_of(item.investigations, item.method, alone)
    ):
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


def leave_worded(found: Sequence[Item]) -> list[Item]:
    """What is identified without what only the words of an answer name ("Growth of E. coli") and an identification
    of the same specimen says too: one isolate is one finding."""
    valued = [item for item in found if not item.worded]
    if not valued or len(valued) == len(found):
        return list(found)
    kept: list[Item] = []
    for item in found:
        if item.worded:
            place = place_of(item)
            beside = [each.finding for each in valued if place_of(each) in ("", place) or not place]
            left = [
                name
                for name in (item.finding, *item.others)
                if not any(is_covered(name, other) for other in beside)
            ]
            item.finding, item.others = (left[0] if left else ()), tuple(left[1:])
        if item.finding:
            kept.append(item)
    return kept


def leave_repeated(detected: Sequence[Item], grown: Sequence[Item]) -> list[Item]:
    """What was found without what a panel names and the analysis for it found too (`one_isolate.is_repeated`), each with
    its kind; so too what grew."""
    isolates = (isolate_of(item, place_of(item)) for item in grown)
    detected = settle_subtypes(
        detected, lambda item: (item.investigations, place_of(item)), isolates
    )
    asked = asked_for((i.detected, i.investigations, i.method, place_of(i)) for i in detected)
    for item in detected if asked else ():
        if (
            not isinstance(item.detected, Noted)
            and find_search(item.investigations, item.method) is None
        ):
            every = (item.detected, *item.also)
            left = [s for s in every if s and not is_repeated(s, place_of(item), asked)]
            item.detected, item.also = (left[0] if left else None), tuple(left[1:])
    return [item for item in detected if item.detected]


def place_of(item: Item) -> str:
    """The specimen that an item names; empty for none."""
    named = item.specimen
    return (
        ""
        if named is None
        else named.reference or (named.identifier.value if named.identifier is not None else "")
    )


def note_notifiable(items: Sequence[Item], links: Links, known: FhirWords, mark: str) -> list[Item]:
    """The analyses of a report that is notifiable and in which nothing was found, noted for a person: those that
    say anything but that nothing was found, else those that say that, else all of them."""
    living = [item for item in items if item.investigations and not links.is_taken_back(item)]
    plain = [item for item in living if not is_never(item.investigations)]
    said = [item for item in plain if item.has_result(known)]
    open_ = [item for item in said if "no_growth" not in said_of(item, known)]
    chosen = open_ or said or plain or living
    for item in chosen:
        item.detected = note_unread(item.investigations, item.method, mark)
    return chosen


def leave_identified(detected: Sequence[Item], found: Sequence[Item], settled: bool) -> None:
    """Take what is identified from what was only found or noted (`one_isolate.leave_identified`)."""
    above: set[int] = set()
    pending = [parent for item in found for parent in item.parents]
    while pending:
        holder = pending.pop()
        if id(holder) not in above:
            above.add(id(holder))
            pending += holder.parents
    loose = [item.finding for item in found if not item.parents]
    identified = [name for item in found for name in (item.finding, *item.others)]
    one_isolate.leave_identified(detected, identified, settled, above, loose)
