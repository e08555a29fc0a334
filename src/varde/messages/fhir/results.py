"""Observations of a FHIR answer to findings: which organism, and which susceptibilities it has.

What belongs to what is said in three ways: a group has members (hasMember), a result is derived from
another (derivedFrom), or it is a component of it. A susceptibility belongs to the nearest organism
above it; when there is none, to the only organism in the smallest group above it; else to the only
organism of the report. A positive search for an organism (`varde.messages.answers.searches`) is a finding too,
after those that were grown; a susceptibility is of it when it hangs on it and on nothing that grew.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import cast

from varde.messages.answers.found import is_grown, names_known_agent
from varde.messages.answers.genotypic import bearer_of
from varde.messages.answers.identified import join_identified
from varde.messages.answers.known_names import is_known
from varde.messages.answers.searches import is_cells, method_of
from varde.messages.answers.susceptibility_words import split_rating
from varde.messages.errors import InvalidContent
from varde.messages.fhir import resistances
from varde.messages.fhir.detections import (
    detect,
    is_settled,
    leave_identified,
    leave_repeated,
    leave_worded,
    note_notifiable,
    organisms_of,
    said_of,
    worded_in,
)
from varde.messages.fhir.items import Item, is_understood, is_unread, without_controls
from varde.messages.fhir.links import Links
from varde.messages.fhir.rating import rate
from varde.messages.fhir.references import Held, Store
from varde.messages.fhir.resources import Reference, Specimen
from varde.messages.fhir.searched import read_searches
from varde.messages.fhir.words import FhirWords, fhir_words, said_in
from varde.messages.kith.items import MAX_NESTING
from varde.messages.kith.quantities import is_measured, parse_mic
from varde.messages.kith.results import (
    MAX_FINDINGS,
    MAX_SUSCEPTIBILITIES,
    NLK,
    SEARCHED,
    Results,
    apart,
    contradiction,
    marked,
)
from varde.messages.kith.words import normal
from varde.messages.records import Code, Finding, Method, Sir, Susceptibility


def read_results(
    items: Sequence[Item],
    specimens: Mapping[int, int],
    store: Store,
    mark: str = "",
    doubted: bool = False,
    waiting: bool = False,
) -> Results:
    """Findings of the items of one report.

    Args:
        items: as `collect_items` gives them.
        specimens: identity of the specimen's resource → `Specimen.number`, in the report's order.
        store: the bundle.
        mark: the code by which the report is notifiable: nothing in it may then be passed over.
        doubted: neither its category nor its code says that it is microbiology.
        waiting: the report is not final.

    Raises:
        InvalidContent: ``unattached-susceptibility``, ``contradictory-link``, ``cyclic-reference``,
            ``contradictory-susceptibility``, ``contradictory-result``, ``bad-susceptibility``, ``missing-antibiotic``,
            ``bad-quantity``, ``missing-specimen``, ``too-deep``, ``too-many-searches``, ``too-many-findings`` or
            ``too-many-susceptibilities``.
    """
    known = fhir_words()
    items = without_controls(items)
    rate(items, known)
    resistances.take_names(items, known)
    _promote(items, known)
    growth = [item for item in items if item.role == "growth"]
    links = Links(items)
    found = leave_worded([item for item in growth if _identify(item, links, known)])
    asked = [item for item in items if item.role in SEARCHED and not item.finding]
    detected = [item for item in asked if not item.worded and detect(item, links, known)]
    traits = resistances.read_traits(found, asked, links, known)
    leave_identified(detected, found, bool(detected) and is_settled(asked, links, known))
    # Grown where the name of the culture says what: isolates too, for want of an identification.
    grown = [item for item in detected if is_grown(item.detected)]
    resistances.settle(traits, found or grown, links)
    detected = [
        item for item in items if item.detected and not (item.worded or is_grown(item.detected))
    ]
    if len(detected) + len(found) + len(grown) > 1:
        detected = leave_repeated(detected, (*found, *grown))
    every = (*found, *grown, *detected)
    _refuse_many(every)
    place = partial(_specimen_of, specimens=specimens, store=store)
    looked_for = read_searches(
        [i for i in items if i.role in SEARCHED], links, place, waiting, known
    )
    if mark in known.marked and not every:
        every = tuple(note_notifiable(asked, links, known, mark))
        _refuse_many(every)
    for item in items:
        if item.role in ("susceptibility", "measurement"):
            bearers = found or grown or bearer_of(item.investigations, detected)
            _attach_susceptibility(item, links, bearers, known)
        elif item.role == "quantity":
            _attach_quantity(item, links)
    named = tuple(apart(every))
    found_in = tuple(
        Finding(
            number=number,
            specimen=_specimen_of(item, specimens, store),
            organisms=organisms,
            quantity=item.quantity,
            susceptibilities=item.susceptibilities,
            method=method if item.detected else _method(item),
        )
        for number, (item, organisms, method) in enumerate(named, 1)
    )
    findings = join_identified(found_in, [item.investigations for item, *_ in named], contradiction)
    if mark in known.marked and not findings:
        findings = (marked(mark, specimens.values()),)
    microbiology = bool(growth) or any(item.role == "susceptibility" for item in items)
    if doubted and not microbiology:
        microbiology = any(
            names_known_agent(item.investigations, item.method) for item in asked
        ) or any(is_known(finding.organisms) for finding in findings)
    negative = not findings and _says_negative(asked, links, known)
    return Results(findings, microbiology, negative, looked_for)


def _refuse_many(every: Sequence[Item]) -> None:
    if len(every) > MAX_FINDINGS:
        raise InvalidContent("too-many-findings", every[-1].at(), str(len(every)))


def _promote(items: Sequence[Item], known: FhirWords) -> None:
    """What susceptibilities hang on is an organism, whatever its test is called."""
    seen: set[int] = set()
    pending = [p for i in items if i.role == "susceptibility" for p in i.parents]
    while pending:
        item = pending.pop()
        if id(item) in seen or item.role != "other":
            continue
        seen.add(id(item))
        if organisms_of(item, known):
            item.role = "growth"
        elif not item.values and not item.text:
            pending.extend(item.parents)


def _identify(item: Item, links: Links, known: FhirWords) -> bool:
    """Set the organism expressions of a culture or identification; False when it names none."""
    if not links.is_taken_back(item):
        every = organisms_of(item, known)
        item.finding, item.others = (every[0] if every else ()), every[1:]
        item.worded = any(said_in(text).name for text in worded_in(item, known))
        if item.finding and method_of(item.investigations, item.method) == "microscopy":
            item.finding = () if any(is_cells(code) for code in item.finding) else item.finding
    return bool(item.finding)


def _method(item: Item) -> Method:
    """As the nearest tests say that an organism was identified in; grown, when none says otherwise."""
    seen: set[int] = set()
    level = [item]
    while level and len(seen) < MAX_NESTING:
        seen.update(map(id, level))
        names = tuple(name for each in level for name in each.investigations)
        if method := method_of(names, tuple(code for each in level for code in each.method)):
            return method
        above = {id(parent): parent for holder in level for parent in holder.parents}
        level = [parent for key, parent in above.items() if key not in seen]
    return "culture"


def _says_negative(items: Sequence[Item], links: Links, known: FhirWords) -> bool:
    said: set[str] = set()
    for item in items:
        if not links.is_taken_back(item):
            said |= said_of(item, known)
    return "no_growth" in said and "growth" not in said


def _attach_susceptibility(
    item: Item, links: Links, found: Sequence[Item], known: FhirWords
) -> None:
    if links.is_taken_back(item) or not item.has_result(known):
        return
    nearest = links.nearest(item)
    if len(nearest.findings) > 1:
        raise InvalidContent("contradictory-link", item.at())
    if nearest.taken_back and not nearest.findings:
        return
    owner = nearest.findings[0] if nearest.findings else None
    if owner is None and item.role == "susceptibility":
        owner = links.only_detection(item)
    owner = owner or links.only_in_group(item)
    if owner is None:
        if item.role == "measurement":
            return
        if len(found) != 1:
            raise InvalidContent("unattached-susceptibility", item.at(), str(len(found)))
        owner = found[0]
    if owner.others or owner.also:
        detail = str(1 + len(owner.others or owner.also))
        raise InvalidContent("unattached-susceptibility", item.at(), detail)
    test = _susceptibility(item)
    if (said := contradiction(owner.susceptibilities, test)) != "":
        raise InvalidContent("contradictory-susceptibility", item.at("interpretation"), said)
    owner.susceptibilities += (test,)
    if len(owner.susceptibilities) > MAX_SUSCEPTIBILITIES:
        raise InvalidContent("too-many-susceptibilities", owner.at())


def _susceptibility(item: Item) -> Susceptibility:
    make = _make_susceptibility if len(item.text) < 40 else _make_susceptibility.__wrapped__
    try:
        named = item.role == "susceptibility"
        measured = (item.text, item.number, item.unit)
        return make(item.investigations, item.values, item.said, *measured, named)
    except InvalidContent as error:
        raise InvalidContent(error.reason, item.at(error.place), error.detail) from None


# Answers repeat a few hundred results for ever: equal ones share one immutable record.
@lru_cache(maxsize=16384)
def _make_susceptibility(
    investigations: tuple[Code, ...],
    values: tuple[Code, ...],
    said: tuple[Code, ...],
    text: str,
    number: str,
    unit: str,
    named: bool,
) -> Susceptibility:
    """`named`: something says that it is a susceptibility, and not its unit alone."""
    if not investigations:
        raise InvalidContent("missing-antibiotic", "code")
    known = fhir_words()
    if not number and (rated := split_rating(text, known.sir_texts)) is not None:
        text, number, unit = *rated, "mg/l"
    if number and unit not in known.mic_units and unit not in known.zone_units:
        raise InvalidContent("bad-quantity", "valueQuantity", f"{number} {unit}")
    diameter = bool(number) and unit in known.zone_units
    mic = "" if diameter else parse_mic(number or text)
    if number and not diameter and not mic:
        raise InvalidContent("bad-quantity", "valueQuantity", f"{number} {unit}".strip())
    if not mic and not number and is_measured(text):
        raise InvalidContent("bad-quantity", "value", text)
    sir = _category((*values, *said), text, known)
    place, wrong = _unread(values, said, text, named and not (sir or number or mic), known)
    if wrong:
        raise InvalidContent("bad-susceptibility", place, wrong)
    return Susceptibility(
        antibiotics=tuple(sorted(investigations, key=lambda code: code.system != NLK)),
        sir=sir,
        mic=mic,
        zone=_millimetres(number) if diameter else 0,
    )


def _unread(
    values: tuple[Code, ...], said: tuple[Code, ...], text: str, alone: bool, known: FhirWords
) -> tuple[str, str]:
    """Where something stands for a category and is none that we know, and what; empty without.

    Args:
        values, said, text: codes of the value and the interpretation, and words of the value.
        alone: nothing else is a category or a measurement, and one should be there. Beside one, words
            and local codes are a remark.
    """
    for codes, interpreting in ((said, True), (values, False)):
        for code in codes:
            if is_unread(code, known, interpreting):
                return "interpretation" if interpreting else "value", code.code
    everything = (*said, *values, Code(text=text)) if text else (*said, *values)
    if alone and everything and not any(is_understood(code, known) for code in everything):
        first = everything[0]
        return "interpretation" if said else "value", first.code or first.text
    return "", ""


def _category(codes: Sequence[Code], text: str, known: FhirWords) -> Sir:
    """S, I or R when codes and words agree on one; empty when they say none (K, NS, an MIC)."""
    said = {_category_of(code, known) for code in codes}
    said |= {known.sir_texts.get(normal(code.text), "") for code in codes if code.text}
    said.add(known.sir_texts.get(normal(text), ""))
    said.discard("")
    if len(said) > 1:
        raise InvalidContent(
            "contradictory-susceptibility", "interpretation", " ≠ ".join(sorted(said))
        )
    return cast(Sir, said.pop()) if said else ""


def _category_of(code: Code, known: FhirWords) -> str:
    """The category of a code: by its system, and by the letter when the system is another."""
    of_system = known.interpretations.get(code.system)
    if of_system is not None:
        return of_system.get(code.code) or of_system.get(code.code.upper(), "")
    return known.sir_codes.get(code.code.upper(), "")


def _millimetres(number: str) -> int:
    whole = number.partition(".")[0]
    if not whole.isdigit() or len(whole) > 3:
        raise InvalidContent("bad-quantity", "valueQuantity", f"{number} mm")
    return int(whole)


def _attach_quantity(item: Item, links: Links) -> None:
    if links.is_taken_back(item):
        return
    owners = links.nearest(item).findings
    searched = None if owners else links.only_detection(item)
    owners = owners if searched is None else (searched,)
    measured = f"{item.number} {item.unit}".strip() if item.number else ""
    said = item.text or measured or next((code.text or code.code for code in item.values), "")
    if len(owners) == 1 and not owners[0].quantity:
        owners[0].quantity = said


def _specimen_of(item: Item, specimens: Mapping[int, int], store: Store) -> int:
    """The specimen that an item or the nearest thing above it names; else the report's first."""
    if not specimens:
        raise InvalidContent("missing-specimen", item.at("specimen"))
    seen: set[int] = set()
    pending = deque([item])
    while pending:
        holder = pending.popleft()
        if id(holder) in seen:
            continue
        seen.add(id(holder))
        if holder.specimen is not None:
            return specimens[id(specimen_of(holder.specimen, holder.held, store))]
        pending.extend(holder.parents)
    return next(iter(specimens.values()))


def specimen_of(reference: Reference, source: Held, store: Store) -> Held:
    """The specimen that a reference leads to.

    Raises:
        InvalidContent: ``dangling-reference`` and what `Store.follow` raises.
    """
    held = store.follow(reference, source, "specimen", Specimen)
    if held is None:
        said = reference.reference or (reference.identifier.value if reference.identifier else "")
        raise InvalidContent("dangling-reference", source.at("specimen"), said)
    return held
