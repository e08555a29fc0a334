"""The Observations of a FHIR answer as they stand, before they are linked to each other.

An Observation is one item, and so is each of its components unless they are parts of one
susceptibility (its MIC, its category). Items are classified by `words.json`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Literal, cast

from varde.messages.answers.notes import is_control
from varde.messages.answers.said import composed
from varde.messages.answers.searches import Search, analyse
from varde.messages.errors import InvalidContent
from varde.messages.fhir.names import codes_of
from varde.messages.fhir.patients import is_same_subject
from varde.messages.fhir.quantities import read_quantity
from varde.messages.fhir.rating import is_tested
from varde.messages.fhir.references import Held, Store, observation_links, require_whole
from varde.messages.fhir.resources import (
    NOTHING,
    DiagnosticReport,
    Observation,
    Reference,
    Valued,
)
from varde.messages.fhir.words import FhirWords, fhir_words
from varde.messages.kith.items import RESISTANCE
from varde.messages.kith.quantities import is_measured
from varde.messages.kith.words import ResultKind, normal
from varde.messages.records import Code, Susceptibility

MAX_PARENTS = 50
"""Most others that one result may hang on."""

NO_OTHERS = (NOTHING,) * 8
"""What the values are that are only counted, when there is none of them."""

BOOLEANS: Mapping[bytes, ResultKind] = {b"true": "growth", b"false": "no_growth"}
"""What a valueBoolean says in answer to a search: whether it was found."""

Role = Literal["growth", "quantity", "susceptibility", "measurement", "other"]


class Item:
    """One Observation or component while its report is being read.

    The defaults stand on the class: most fields of most items are never set, and a report has many.

    Attributes:
        held: the resource that it lies in.
        path: the field in it; empty for an Observation itself.
        values: the codes of its value, headings left out.
        said: the codes and words of its interpretation.
        answer: what a valueBoolean says.
        method: how it was done, as is said beside its name.
        number: its measured value with comparator; empty without one.
        unit: the unit as it is compared.
        lines: its text with the ends of its lines, where it has several.
        finding: the organism that a culture or identification names; `others` where its words name several.
        worded: it is named by the words of an answer, and not by being its value.
        detected: what a search found, by its answer; `also` where its words name several.
        parents: what it hangs on; `join` makes the links. They go one way only, so that what is read
            can be let go at once.
    """

    text = ""
    lines = ""
    number = ""
    unit = ""
    quantity = ""
    heading = ""
    role: Role = "other"
    taken_back = False
    specimen: Reference | None = None
    values: tuple[Code, ...] = ()
    said: tuple[Code, ...] = ()
    answer: ResultKind = ""
    method: tuple[Code, ...] = ()
    investigations: tuple[Code, ...] = ()
    finding: tuple[Code, ...] = ()
    others: tuple[tuple[Code, ...], ...] = ()
    worded = False
    also: tuple[Search, ...] = ()
    detected: Search | None = None
    susceptibilities: tuple[Susceptibility, ...] = ()

    def __init__(self, held: Held, path: str = "") -> None:
        self.held = held
        self.path = path
        self.parents: list[Item] = []

    def at(self, field: str = "") -> str:
        """The place of a field of this item."""
        return self.held.at(".".join(filter(None, (self.path, field))))

    def has_result(self, known: FhirWords) -> bool:
        """Whether it says anything: a test without result was not done."""
        if self.values or self.number or self.said:
            return True
        return bool(self.text) and known.results.get(normal(self.text)) != "no_result"


def collect_items(held: Held, report: DiagnosticReport, store: Store) -> list[Item]:
    """All items of a report: its results, their components and members, and what is derived from
    them. A report alone in its bundle that lists no result has all its Observations.

    In the order of the results; what hangs on another comes after it, unless it was listed before.

    Raises:
        InvalidContent: ``dangling-reference``, ``several-patients``, ``several-values``,
            ``unknown-code``, ``bad-quantity``, ``too-large`` and what `Store.follow` raises.
    """
    items: list[Item] = []
    known: dict[int, Item] = {}
    members: list[tuple[Item, list[Held]]] = []
    pending = _first_observations(held, report, store)
    pending.reverse()
    while pending:
        observed = pending.pop()
        if id(observed) in known:
            continue
        store.spend(observed)
        item, parts = _read_observation(observed, held, report, store)
        known[id(observed)] = item
        items.append(item)
        items.extend(parts)
        own = _members(observed, store)
        members.append((item, own))
        following = (*own, *store.derived_from(observed))
        if following:
            pending.extend(reversed(following))
    for item, own in members:
        for member in own:
            join(item, known[id(member)])
    for item, _ in members:
        _link_derived(item, known, store)
    return items


def without_controls(items: Sequence[Item]) -> list[Item]:
    """The items without those of the run, on which nothing hangs."""
    holding = {id(parent) for item in items for parent in item.parents}
    return [
        item
        for item in items
        if id(item) in holding
        or not is_control(item.investigations, (*item.values, Code(text=item.text)))
    ]


def _first_observations(held: Held, report: DiagnosticReport, store: Store) -> list[Held]:
    if not report.result and len(store.reports()) == 1:
        return list(store.observations())
    return [
        _required(reference, held, f"result[{number}]", store)
        for number, reference in enumerate(report.result)
    ]


def _required(reference: Reference, source: Held, path: str, store: Store) -> Held:
    found = store.follow(reference, source, path, Observation)
    if found is None:
        said = reference.reference or (reference.identifier.value if reference.identifier else "")
        raise InvalidContent("dangling-reference", source.at(path), said)
    return found


def _members(held: Held, store: Store) -> list[Held]:
    references, _ = observation_links(held)
    return [
        _required(reference, held, f"hasMember[{number}]", store)
        for number, reference in enumerate(references)
    ]


def _link_derived(item: Item, known: dict[int, Item], store: Store) -> None:
    """Make an item hang on what it is derived from.

    A group that says that it is derived from its own members is still their group.
    """
    _, references = observation_links(item.held)
    for number, reference in enumerate(references):
        path = f"derivedFrom[{number}]"
        target = store.find(reference, item.held, path)
        if target is None and _names_observation(reference):
            raise InvalidContent("dangling-reference", item.at(path), reference.reference)
        parent = known.get(id(target))
        if parent is not None and item not in parent.parents:
            join(parent, item)


def join(parent: Item, child: Item) -> None:
    """Make one item hang on another; twice is once."""
    if parent not in child.parents:
        child.parents.append(parent)
        if len(child.parents) > MAX_PARENTS:
            raise InvalidContent("contradictory-link", child.at(), f"> {MAX_PARENTS}")


def _names_observation(reference: Reference) -> bool:
    """Whether something that is not in the bundle would be an Observation, as far as one can see."""
    kind = reference.type or reference.reference.partition("/")[0]
    return kind == "Observation" or kind.startswith(("urn:", "#", "http"))


def _read_observation(
    held: Held, source: Held, report: DiagnosticReport, store: Store
) -> tuple[Item, list[Item]]:
    """An Observation as an item, and those of its components that are items of their own."""
    require_whole(held)
    observation = cast(Observation, held.resource)
    known = fhir_words()
    if (
        observation.subject is not None
        and report.subject is not None
        and not is_same_subject(report.subject, observation.subject, source, held, store)
    ):
        raise InvalidContent("several-patients", held.at("subject"))
    item = Item(held)
    status = observation.status.strip()
    if status:
        taken_back = known.observation_status.get(status)
        if taken_back is None:
            raise InvalidContent("unknown-code", held.at("status"), status)
        item.taken_back = taken_back
    item.specimen = observation.specimen
    if observation.method is not None:
        item.method = codes_of(observation.method)
    _read_value(item, observation, known)
    parts: list[Item] = []
    for number, component in enumerate(observation.component):
        part = Item(held, f"component[{number}]")
        part.taken_back = item.taken_back
        part.method = item.method
        _read_value(part, component, known)
        parts.append(part)
    if parts and _is_one_susceptibility(item, parts, known):
        _absorb(item, parts)
        return item, []
    for part in parts:
        join(item, part)
    return item, parts


def _read_value(item: Item, valued: Valued, known: FhirWords) -> None:
    item.investigations = codes_of(valued.code)
    _check_one_value(item, valued)
    if valued.value_codeable_concept is not None:
        codes = _read_headings(item, codes_of(valued.value_codeable_concept), known)
        item.text = next((code.text for code in codes if not code.code and not code.system), "")
        item.lines = _lines_of(valued.value_codeable_concept.text)
        item.values = tuple(code for code in codes if code.code or code.system)
    elif valued.value_string is not None:
        item.text = composed(" ".join(valued.value_string.split()))
        item.lines = _lines_of(valued.value_string)
    elif valued.value_quantity is not None:
        quantity = valued.value_quantity
        item.number, item.unit = read_quantity(quantity, item.at)
    elif valued.value_boolean is not NOTHING:
        item.answer = BOOLEANS.get(bytes(valued.value_boolean), "")
    for concept in valued.interpretation:
        item.said += codes_of(concept)
    item.role = _role(item, known)


def _lines_of(text: str) -> str:
    """A text with the ends of its lines; empty where it has one."""
    return composed(text.strip()) if len(text.strip().splitlines()) > 1 else ""


def _check_one_value(item: Item, valued: Valued) -> None:
    """FHIR allows one value of one type; of two we cannot know which is meant."""
    read = (valued.value_quantity, valued.value_codeable_concept, valued.value_string)
    others = (
        valued.value_boolean, valued.value_integer, valued.value_range, valued.value_ratio,
        valued.value_sampled_data, valued.value_time, valued.value_date_time, valued.value_period,
    )  # fmt: skip
    count = len(read) - read.count(None)
    if others != NO_OTHERS:
        count += len(others) - others.count(NOTHING)
    if count > 1:
        raise InvalidContent("several-values", item.at("value"), str(count))


def _read_headings(item: Item, codes: Iterable[Code], known: FhirWords) -> list[Code]:
    """The codes that are no headings; the heading is kept for the role."""
    kept: list[Code] = []
    for code in codes:
        if code.system in known.headings:
            item.heading = code.code
        else:
            kept.append(code)
    return kept


def _role(item: Item, known: FhirWords) -> Role:
    if item.heading in known.susceptibility_headings:
        return "susceptibility"
    role = _role_of(item.investigations)
    if role != "other":
        return role
    for codes in (item.values, item.said):
        for code in codes:
            listed = known.interpretations.get(code.system, {})
            if code.code in listed or code.code.upper() in listed:
                return "susceptibility"
    for code in item.said:
        if code.text and normal(code.text) in known.sir_texts:
            return "susceptibility"
    if is_tested(item, known):
        return "susceptibility"
    measured = item.number and (item.unit in known.mic_units or item.unit in known.zone_units)
    if any(is_unread(code, known, False) for code in item.values):
        return "susceptibility"
    rated = measured or not (
        item.number or item.values or (item.text and not is_measured(item.text))
    )
    if rated and any(is_unread(code, known, True) for code in item.said):
        return "susceptibility"
    # The number of a search (a viral load) is no concentration of an antibiotic.
    return (
        "measurement"
        if measured and not analyse(item.investigations, item.method).valued
        else "other"
    )


def is_unread(code: Code, known: FhirWords, interpreting: bool) -> bool:
    """Whether a code is of a list of categories, which does not have it.

    Under the national list of resistance laboratories send other codes than categories, with their
    words: only one without words is a category that cannot be read.

    Args:
        code: of a value or an interpretation.
        known: the words that carry meaning.
        interpreting: it is an interpretation: one without system is of the list that FHIR binds it to.
    """
    if code.system == RESISTANCE:
        listed = normal(code.text or code.code) == normal(code.code)
    else:
        listed = code.system in known.interpretation_lists or (interpreting and not code.system)
    return bool(code.code) and listed and not is_understood(code, known)


def is_understood(code: Code, known: FhirWords) -> bool:
    """Whether a code or its words are a category, or are known to be none."""
    own = known.interpretations.get(code.system)
    if code.code.upper() in known.sir_codes if own is None else code.code in own:
        return True
    return code.code in known.result_codes.get(code.system, ()) or any(
        said in known.sir_texts or said in known.no_category or said in known.results
        for said in (normal(code.code), normal(code.text))
        if said
    )


@lru_cache(maxsize=16384)
def _role_of(investigations: tuple[Code, ...]) -> Role:
    known = fhir_words()
    names = {normal(name) for code in investigations for name in (code.code, code.text) if name}
    if names & known.quantity:
        return "quantity"
    if names & known.identification:
        return "growth"
    if any(code.code in known.culture_codes for code in investigations):
        return "growth"
    if any(part in name for name in names for part in known.culture_contains):
        return "growth"
    if any(name.startswith(known.identification_begins) for name in names):
        return "growth" if analyse(investigations).method else "other"
    return "other"


def _is_one_susceptibility(item: Item, parts: Sequence[Item], known: FhirWords) -> bool:
    """Whether components only complete their Observation: it is a result against an antibiotic, or
    says nothing itself while they are called MIC, zone or category."""
    if item.role == "susceptibility":
        return True
    if item.role == "growth" or item.values or item.text:
        return False
    return all(
        any(normal(code.text or code.code) in known.measures for code in part.investigations)
        for part in parts
    )


def _absorb(item: Item, parts: Sequence[Item]) -> None:
    item.role = "susceptibility"
    for part in parts:
        item.values += part.values
        item.said += part.said
        if part.number and not item.number:
            item.number, item.unit = part.number, part.unit
        item.text = item.text or part.text
