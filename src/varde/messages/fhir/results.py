"""Observations of a FHIR answer to findings: which organism, and which susceptibilities it has.

What belongs to what is said in three ways: a group has members (hasMember), a result is derived from
another (derivedFrom), or it is a component of it. A susceptibility belongs to the nearest organism
above it; when there is none, to the only organism in the smallest group above it; else to the only
organism of the report. A positive search for an organism (`varde.messages.searches`) is a finding too,
after those that were grown; a susceptibility is of it when it hangs on it and on nothing that grew.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, cast

from varde.messages.errors import InvalidContent
from varde.messages.fhir.items import Item, is_understood, is_unread
from varde.messages.fhir.references import Held, Store
from varde.messages.fhir.resources import Reference, Specimen
from varde.messages.fhir.words import FhirWords, fhir_words
from varde.messages.kith.items import MAX_NESTING
from varde.messages.kith.results import (
    MAX_FINDINGS,
    MAX_SUSCEPTIBILITIES,
    NLK,
    Results,
    contradiction,
    is_measured,
    parse_mic,
)
from varde.messages.kith.words import normal
from varde.messages.records import Code, Finding, Method, Sir, Susceptibility
from varde.messages.searches import find_search, method_of

MAX_GROUPS = 500
"""Most groups above a result that are searched for an organism."""


def read_results(items: Sequence[Item], specimens: Mapping[int, int], store: Store) -> Results:
    """Findings of the items of one report.

    Args:
        items: as `collect_items` gives them.
        specimens: identity of the specimen's resource → `Specimen.number`, in the report's order.
        store: the bundle.

    Raises:
        InvalidContent: ``unattached-susceptibility``, ``contradictory-link``, ``cyclic-reference``,
            ``contradictory-susceptibility``, ``bad-susceptibility``, ``missing-antibiotic``,
            ``bad-quantity``, ``missing-specimen``, ``too-deep``, ``too-many-findings`` or
            ``too-many-susceptibilities``.
    """
    known = fhir_words()
    _promote(items, known)
    growth = [item for item in items if item.role == "growth"]
    links = Links(items)
    found = [item for item in growth if _identify(item, links, known)]
    detected = [item for item in items if _detect(item, links, known)]
    every = (*found, *detected)
    if len(every) > MAX_FINDINGS:
        raise InvalidContent("too-many-findings", every[-1].at(), str(len(every)))
    for item in items:
        if item.role in ("susceptibility", "measurement"):
            _attach_susceptibility(item, links, found, known)
        elif item.role == "quantity":
            _attach_quantity(item, links)
    findings = tuple(
        Finding(
            number=number,
            specimen=_specimen_of(item, specimens, store),
            organisms=item.detected.organisms if item.detected else item.finding,
            quantity=item.quantity,
            susceptibilities=item.susceptibilities,
            method=item.detected.method if item.detected else _method(item),
        )
        for number, item in enumerate(every, 1)
    )
    microbiology = bool(growth) or any(item.role == "susceptibility" for item in items)
    return Results(findings, microbiology, not findings and _says_negative(items, links, known))


def _promote(items: Sequence[Item], known: FhirWords) -> None:
    """What susceptibilities hang on is an organism, whatever its test is called."""
    seen: set[int] = set()
    pending = [p for i in items if i.role == "susceptibility" for p in i.parents]
    while pending:
        item = pending.pop()
        if id(item) in seen or item.role != "other":
            continue
        seen.add(id(item))
        if _expressions(item, known):
            item.role = "growth"
        elif not item.values and not item.text:
            pending.extend(item.parents)


def _expressions(item: Item, known: FhirWords) -> tuple[Code, ...]:
    """What an item's value says beside words such as growth or not detected."""
    expressions = list(item.values)
    if item.text and all(code.text != item.text for code in item.values):
        expressions.append(Code(text=item.text))
    return tuple(code for code in expressions if not _meaning(code, known))


def _meaning(code: Code, known: FhirWords) -> str:
    """What kind of result a code or word is; empty for one that may name an organism."""
    coded = known.result_codes.get(code.system, {}).get(code.code)
    return coded or known.results.get(normal(code.text or code.code), "")


def _identify(item: Item, links: Links, known: FhirWords) -> bool:
    """Set the organism expressions of a culture or identification; False when it names none."""
    if not links.is_taken_back(item):
        item.finding = _expressions(item, known)
    return bool(item.finding)


def _detect(item: Item, links: Links, known: FhirWords) -> bool:
    """Set what a search found; False for what is no search, or found nothing."""
    positive = item.role == "other" and _said(item, known) - {""} == {"growth"}
    if positive and not links.is_taken_back(item):
        item.detected = find_search(item.investigations)
    return item.detected is not None


def _said(item: Item, known: FhirWords) -> set[str]:
    """What kinds of result an item's values, words and interpretations are."""
    return {_meaning(code, known) for code in (*item.values, *item.said, Code(text=item.text))}


def _method(item: Item) -> Method:
    """As the nearest tests say that an organism was identified in; grown, when none says otherwise."""
    seen: set[int] = set()
    level = [item]
    while level and len(seen) < MAX_NESTING:
        seen.update(map(id, level))
        if method := method_of(tuple(name for each in level for name in each.investigations)):
            return method
        above = {id(parent): parent for holder in level for parent in holder.parents}
        level = [parent for key, parent in above.items() if key not in seen]
    return "culture"


def _says_negative(items: Sequence[Item], links: Links, known: FhirWords) -> bool:
    said: set[str] = set()
    for item in items:
        if item.role in ("growth", "other") and not links.is_taken_back(item):
            said |= _said(item, known)
    return "no_growth" in said and "growth" not in said


class Nearest(NamedTuple):
    """What an item hangs on.

    Attributes:
        findings: the nearest organism on each way up; never more than two.
        taken_back: on some way up something was cancelled.
        height: how long the longest of these ways is.
    """

    findings: tuple[Item, ...] = ()
    taken_back: bool = False
    height: int = 0


class Links:
    """The ways up from the items of one report, each walked once."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self._some_taken_back = any(item.taken_back for item in items)
        self._groups: dict[int, Group] = {}
        self._nearest: dict[int, Nearest | None] = {}
        self._taken_back: dict[int, bool] = {}

    def is_taken_back(self, item: Item, depth: int = 0) -> bool:
        """Whether an item is cancelled, or everything that it hangs on is."""
        if not self._some_taken_back or item.taken_back or not item.parents:
            return item.taken_back
        known = self._taken_back.get(id(item))
        if known is None:
            self._taken_back[id(item)] = False  # what hangs on itself is not cancelled by that
            known = depth < MAX_NESTING and all(
                self.is_taken_back(parent, depth + 1) for parent in item.parents
            )
            self._taken_back[id(item)] = known
        return known

    def nearest(self, item: Item, depth: int = 0) -> Nearest:
        """The organisms that an item hangs on.

        Raises:
            InvalidContent: ``cyclic-reference`` or ``too-deep``.
        """
        if len(item.parents) == 1 and item.parents[0].finding:
            return Nearest((item.parents[0],))  # nearly always
        if id(item) in self._nearest:
            known = self._nearest[id(item)]
            if known is None:
                raise InvalidContent("cyclic-reference", item.at("hasMember"))
            return known
        if depth > MAX_NESTING:
            raise InvalidContent("too-deep", item.at(), f"> {MAX_NESTING}")
        self._nearest[id(item)] = None
        findings: dict[int, Item] = {}
        taken_back, height = False, 0
        for parent in item.parents:
            if parent.finding:
                findings[id(parent)] = parent
            elif self.is_taken_back(parent):
                taken_back = True
            else:
                above = self.nearest(parent, depth + 1)
                findings.update((id(finding), finding) for finding in above.findings)
                taken_back = taken_back or above.taken_back
                height = max(height, above.height + 1)
        if height > MAX_NESTING:
            raise InvalidContent("too-deep", item.at(), f"> {MAX_NESTING}")
        found = Nearest(tuple(findings.values())[:2], taken_back, height)
        self._nearest[id(item)] = found
        return found

    def only_in_group(self, item: Item) -> Item | None:
        """The only organism among the members of the nearest group above that has any.

        None when there are several, when there is none in `MAX_GROUPS`, and for a measured value in a group without any category: that
        may be a CRP.
        """
        seen = {id(item)}
        pending = deque(item.parents)
        while pending and len(seen) < MAX_GROUPS:
            parent = pending.popleft()
            if id(parent) in seen:
                continue
            seen.add(id(parent))
            group = self._members_of(parent)
            if group.organisms:
                fits = item.role == "susceptibility" or group.susceptibilities
                return group.organisms[0] if fits and len(group.organisms) == 1 else None
            pending.extend(parent.parents)
        return None

    def only_detection(self, item: Item) -> Item | None:
        """The positive search that an item hangs on; None when there is none, or several."""
        found: list[Item] = []
        seen = {id(item)}
        pending = list(item.parents)
        while pending and len(seen) <= MAX_GROUPS:
            parent = pending.pop()
            if id(parent) not in seen and not self.is_taken_back(parent):
                seen.add(id(parent))
                found += [parent] if parent.detected is not None else []
                pending += [] if parent.detected is not None else parent.parents
        return found[0] if len(found) == 1 else None

    def _members_of(self, parent: Item) -> Group:
        if not self._groups:
            for item in self._items:
                for own in item.parents:
                    group = self._groups.setdefault(id(own), Group())
                    if item.finding:
                        group.organisms.append(item)
                    group.susceptibilities += item.role == "susceptibility"
        return self._groups[id(parent)]


class Group:
    """The members of one item that matter: organisms, and how many susceptibilities."""

    def __init__(self) -> None:
        self.organisms: list[Item] = []
        self.susceptibilities = 0


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
        return of_system.get(code.code, "")
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
