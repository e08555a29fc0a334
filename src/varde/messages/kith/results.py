"""Result items of a KITH svarrapport to findings: which organism, and which susceptibilities it has.

A culture is several result items: the culture itself, what was identified in it, how much, and one
item an antibiotic (heading RSB). They hang together by physical nesting, by a reference
(RefIdResultItem to IdResultItem), or by both, over any number of levels. The items are read in one
pass, classified by the data file `words.json`, and only then linked. A positive search for an organism
(`varde.messages.answers.searches`) is a finding too, after those that were grown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from varde.messages.answers.found import is_grown, names_known_agent
from varde.messages.answers.genotypic import bearer_of
from varde.messages.answers.identified import join_identified
from varde.messages.answers.known_names import is_known
from varde.messages.answers.notes import Noted
from varde.messages.answers.searches import Search, is_cells, method_of
from varde.messages.answers.susceptibility_words import split_rating
from varde.messages.errors import InvalidContent
from varde.messages.kith import resistances
from varde.messages.kith.detections import (
    detect,
    is_settled,
    leave_identified,
    leave_repeated,
    leave_worded,
    note_notifiable,
    organisms_of,
    promote,
    said_of,
    worded_in,
)
from varde.messages.kith.items import MAX_NESTING, RESISTANCE, Item, collect_items, place_of
from varde.messages.kith.links import (
    Index,
    index_of,
    method_in,
    referred,
    referred_once,
    specimen_of,
)
from varde.messages.kith.quantities import is_measured, parse_mic
from varde.messages.kith.searched import read_searches
from varde.messages.kith.words import Words, normal, said_in, words
from varde.messages.records import Code, Finding, LookedFor, Method, Sir, Susceptibility

MAX_FINDINGS = 900
MAX_SUSCEPTIBILITIES = 200
SEARCHED = ("growth", "other")
"""Roles of what may be a search."""
NLK = "2.16.578.1.12.4.1.1.7280"


class Results(NamedTuple):
    """What the result items say together.

    Attributes:
        findings: in the order of the message; what was grown comes first.
        microbiology: a culture, an identification or a susceptibility was among them; where the discipline is
            doubted also a search for an agent that is known.
        negative: nothing was found, and a result says so.
        looked_for: the searches that could be read, whatever came of them.
    """

    findings: tuple[Finding, ...] = ()
    microbiology: bool = False
    negative: bool = False
    looked_for: tuple[LookedFor, ...] = ()


def read_results(
    elements: Sequence[Any],
    specimens: Mapping[str, int],
    mark: str = "",
    doubted: bool = False,
    waiting: bool = False,
) -> Results:
    """Findings of the result items of one patient.

    Args:
        elements: the outermost ResultItem elements.
        specimens: the laboratory's specimen id → `Specimen.number`, in the order of the message.
        mark: the code by which the report is notifiable: nothing in it may then be passed over.
        doubted: its discipline does not say that it is microbiology.
        waiting: the report is not final.

    Raises:
        InvalidContent: ``unattached-susceptibility``, ``contradictory-link``, ``cyclic-reference``,
            ``duplicate-result-id``, ``contradictory-susceptibility``, ``contradictory-result``, ``bad-susceptibility``,
            ``bad-quantity``, ``missing-antibiotic``, ``unknown-specimen``, ``missing-specimen``, ``too-deep``,
            ``too-many-searches``, ``too-many-findings`` or ``too-many-susceptibilities``.
    """
    known = words()
    items = collect_items(elements, known)
    resistances.take_names(items, known)
    index = index_of(items)
    promote(items, index)
    growth = [item for item in items if item.role == "growth"]
    found = leave_worded([item for item in growth if _identify(item)], index)
    asked = [item for item in items if item.role in SEARCHED and not item.finding]
    detected = [item for item in asked if not item.worded and detect(item, known)]
    traits = resistances.read_traits(found, asked, known)
    leave_identified(detected, found, index, bool(detected) and is_settled(asked, known))
    # Grown where the name of the culture says what: isolates too, for want of an identification.
    grown = [item for item in detected if is_grown(item.detected)]
    resistances.settle(traits, found or grown, index, _owner)
    detected = [
        item for item in items if item.detected and not (item.worded or is_grown(item.detected))
    ]
    if len(detected) + len(found) + len(grown) > 1:
        detected = leave_repeated(detected, (*found, *grown), index)
    every = (*found, *grown, *detected)
    _refuse_many(every)
    place = partial(specimen_of, index=index, specimens=specimens)
    looked_for = read_searches(
        [i for i in items if i.role in SEARCHED], index, place, waiting, known
    )
    if mark in known.marked and not every:
        every = tuple(note_notifiable(asked, known, mark))
        _refuse_many(every)
    for item in items:
        if item.role == "susceptibility" or item.role == "measurement":
            owners = found or grown or bearer_of(item.investigations, detected)
            _attach_susceptibility(item, index, owners, known)
        elif item.role == "quantity":
            _attach_quantity(item, index)
    named = tuple(apart(every))
    each = tuple(
        Finding(
            number=number,
            specimen=specimen_of(item, index, specimens),
            organisms=organisms,
            quantity=item.quantity,
            susceptibilities=item.susceptibilities,
            method=method if item.detected else method_in(item, index),
        )
        for number, (item, organisms, method) in enumerate(named, 1)
    )
    findings = join_identified(each, [item.investigations for item, *_ in named], contradiction)
    if mark in known.marked and not findings:
        findings = (marked(mark, specimens.values()),)
    microbiology = bool(growth) or any(item.role == "susceptibility" for item in items)
    if doubted and not microbiology:
        microbiology = any(names_known_agent(item.investigations) for item in asked) or any(
            is_known(finding.organisms) for finding in findings
        )
    negative = not findings and _says_negative(asked, known)
    return Results(findings, microbiology, negative, looked_for)


def _refuse_many(every: Sequence[Item]) -> None:
    if len(every) > MAX_FINDINGS:
        raise InvalidContent("too-many-findings", place_of(every[-1].element), str(len(every)))


def marked(mark: str, specimens: Collection[int]) -> Finding:
    """What a report holds that is marked as notifiable and has no analysis: the mark, for a person.

    Raises:
        InvalidContent: ``missing-specimen``.
    """
    if not specimens:
        raise InvalidContent("missing-specimen", "", mark)
    return Finding(number=1, specimen=next(iter(specimens)), organisms=(Code(text=mark),))


class Found(Protocol):
    """An item as far as it says what was found; a reader's own."""

    finding: tuple[Code, ...]
    others: tuple[tuple[Code, ...], ...]
    detected: Search | None
    also: tuple[Search, ...]


Some = TypeVar("Some", bound=Found)


def apart(items: Iterable[Some]) -> Iterator[tuple[Some, tuple[Code, ...], Method]]:
    """Each organism that an item found, and how it was found where a search says so."""
    for item in items:
        if item.detected is None:
            yield item, item.finding, ""
            for organisms in item.others:
                yield item, organisms, ""
        else:
            for found in (item.detected, *item.also):
                yield item, found.organisms, found.method


def _identify(item: Item) -> bool:
    """Set the organism expressions of a culture or identification; False when it names none."""
    if item.cancelled:
        return False
    if not (every := organisms_of(item)):
        return False
    item.finding, item.others = every[0], every[1:]
    item.worded = any(said_in(text).name for text in worded_in(item))
    if method_of(item.investigations) == "microscopy":
        item.finding = () if any(is_cells(code) for code in item.finding) else item.finding
    return bool(item.finding)


def _says_negative(items: Sequence[Item], known: Words) -> bool:
    said = {kind for item in items if not item.cancelled for kind in said_of(item, known)}
    return "no_growth" in said and "growth" not in said


def _linked_detection(item: Item, index: Index) -> Item | None:
    """The answer to a search that an item hangs on; None when there is none, or several."""
    found: dict[int, Item] = {}
    seen = {id(item)}
    pending = [item]
    while pending and len(seen) <= MAX_NESTING:
        holder = pending.pop()
        for above in (referred_once(holder, index), holder.parent):
            if above is None or id(above) in seen:
                continue
            seen.add(id(above))
            if above.detected is not None and not isinstance(above.detected, Noted):
                found[id(above)] = above
            elif not above.cancelled:
                pending.append(above)
    return next(iter(found.values())) if len(found) == 1 else None


def _owner(item: Item, index: Index, trail: tuple[Item, ...] = ()) -> Item | None:
    """The finding that an item belongs to, or the cancelled item above it; None when neither.

    Follows the reference and the nesting; when both lead to a finding it must be the same one.
    """
    if len(trail) > MAX_NESTING:
        raise InvalidContent("too-deep", place_of(item.element), f"> {MAX_NESTING}")
    trail = (*trail, item)
    target = referred(item, index)
    if target is not None and target in trail:
        raise InvalidContent("cyclic-reference", place_of(item.element), item.reference)
    pointed = _settle(target, index, trail)
    nested = _settle(item.parent, index, trail) if item.parent is not target else None
    if pointed is not None and nested is not None and pointed is not nested:
        raise InvalidContent("contradictory-link", place_of(item.element), item.reference)
    return pointed or nested


def _settle(item: Item | None, index: Index, trail: tuple[Item, ...]) -> Item | None:
    if item is None or item.finding or item.cancelled:
        return item
    return _owner(item, index, trail)


def _attach_susceptibility(item: Item, index: Index, found: Sequence[Item], known: Words) -> None:
    if item.cancelled or not _has_result(item, known):
        return
    owner = _owner(item, index)
    if owner is None:
        if item.role == "measurement":
            return
        owner = _linked_detection(item, index)
    if owner is None:
        if len(found) != 1:
            detail = str(len(found))
            raise InvalidContent("unattached-susceptibility", place_of(item.element), detail)
        owner = found[0]
    if not (owner.finding or owner.detected):
        return
    if owner.others or owner.also:
        detail = str(1 + len(owner.others or owner.also))
        raise InvalidContent("unattached-susceptibility", place_of(item.element), detail)
    test = _susceptibility(item)
    if (said := contradiction(owner.susceptibilities, test)) != "":
        raise InvalidContent("contradictory-susceptibility", place_of(item.element), said)
    owner.susceptibilities += (test,)
    if len(owner.susceptibilities) > MAX_SUSCEPTIBILITIES:
        raise InvalidContent("too-many-susceptibilities", place_of(item.element))


def _has_result(item: Item, known: Words) -> bool:
    if item.codes or item.number:
        return True
    return bool(item.text) and known.results.get(normal(item.text)) != "no_result"


def _susceptibility(item: Item) -> Susceptibility:
    make = _make_susceptibility if len(item.text) < 40 else _make_susceptibility.__wrapped__
    try:
        named = item.role == "susceptibility"
        return make(item.investigations, item.codes, item.text, item.number, item.unit, named)
    except InvalidContent as error:
        raise InvalidContent(error.reason, place_of(item.element), error.detail) from None


@lru_cache(maxsize=16384)
def _make_susceptibility(
    investigations: tuple[Code, ...],
    codes: tuple[Code, ...],
    text: str,
    number: str,
    unit: str,
    named: bool,
) -> Susceptibility:
    """`named`: its heading says that it is a susceptibility, so that all in it stands for one."""
    if not investigations:
        raise InvalidContent("missing-antibiotic")
    known = words()
    if not number and (rated := split_rating(text, known.sir_texts)) is not None:
        text, number, unit = *rated, "mg/l"
    measured, unit = number or text, unit.casefold()
    millimetres = unit in known.zone_units
    sir = _category(codes, text)
    foreign = number and not millimetres and unit not in known.mic_units
    mic = "" if millimetres or foreign else parse_mic(measured)
    zone = _zone(measured) if millimetres else 0
    unread = not (mic or zone) and (number or is_measured(text))
    if (foreign and (named or sir)) or (unread and (named or sir or not foreign)):
        raise InvalidContent("bad-quantity", "", f"{measured} {unit}".strip())
    wrong = _unread(codes, text, named and not (sir or mic or zone), known)
    if wrong:
        raise InvalidContent("bad-susceptibility", "", wrong)
    return Susceptibility(antibiotics=_national_first(investigations), sir=sir, mic=mic, zone=zone)


def _national_first(codes: tuple[Code, ...]) -> tuple[Code, ...]:
    return tuple(sorted(codes, key=lambda code: code.system != NLK))


def _category(codes: tuple[Code, ...], text: str) -> Sir:
    """S, I or R when code and words agree on one; empty when they say none (K, Positiv, an MIC)."""
    known = words()
    said = {known.sir_codes.get(code.code.upper()) for code in codes}
    said |= {known.sir_texts.get(normal(code.text)) for code in codes}
    said.add(known.sir_texts.get(normal(text)))
    said.discard(None)
    if len(said) > 1:
        raise InvalidContent(
            "contradictory-susceptibility", "", " ≠ ".join(sorted(filter(None, said)))
        )
    return cast(Sir, said.pop()) if said else ""


def _unread(codes: tuple[Code, ...], text: str, alone: bool, known: Words) -> str:
    """What stands for a category and is none that we know; empty when all is understood.

    Args:
        codes: of the result.
        text: its words.
        alone: nothing else in it is a category or a measurement, and it should have one. Beside one,
            words are a remark, and so are codes with words: laboratories send other codes than
            categories under the list of resistance.
    """
    said = [code for code in codes if not _is_understood(code, known)]
    for code in said:
        if code.system == RESISTANCE and normal(code.text or code.code) == normal(code.code):
            return code.code
    everything = (*codes, Code(text=text)) if text else codes
    if alone and everything and not any(_is_understood(code, known) for code in everything):
        return text or codes[0].code or codes[0].text
    return ""


def _is_understood(code: Code, known: Words) -> bool:
    """Whether a code or its words are a category, or are known to be none."""
    return code.code.upper() in known.sir_codes or any(
        said in known.sir_texts or said in known.no_category or said in known.results
        for said in (normal(code.code), normal(code.text))
        if said
    )


def contradiction(tests: Sequence[Susceptibility], new: Susceptibility) -> str:
    """The two categories, as ``R ≠ S``, when a result contradicts one before it; else empty.

    Two results of one isolate for one expression of an antibiotic must agree, unless just one of them
    has an MIC: then they are two tests, and the measured one counts (the register's choice).
    """
    for other in tests:
        if (
            other.sir != new.sir
            and other.sir
            and new.sir
            and bool(other.mic) == bool(new.mic)
            and other.antibiotics == new.antibiotics
        ):
            return " ≠ ".join(sorted((other.sir, new.sir)))
    return ""


def _zone(text: str) -> int:
    whole = text.partition(".")[0]
    return int(whole) if whole.isascii() and whole.isdigit() and len(whole) < 4 else 0


def _attach_quantity(item: Item, index: Index) -> None:
    owner = None if item.cancelled else _owner(item, index) or _linked_detection(item, index)
    said = item.text or item.number or next((code.text or code.code for code in item.codes), "")
    if owner is not None and not owner.cancelled and not owner.quantity:
        owner.quantity = said
