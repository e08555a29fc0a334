"""Resources that came with a request, gathered by type, whatever the client called them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from varde.guidelines.advice.facts import system_names
from varde.guidelines.advice.patients import Code
from varde.guidelines.cds_hooks.requests import HookRequest
from varde.guidelines.cds_hooks.services import listed_type

Json = dict[str, Any]

BEYOND = Decimal(10) ** 12
"""More than any number in a record."""


class Found(NamedTuple):
    """A resource and where in the request it stands."""

    path: str
    resource: Json


@dataclass
class Records:
    """Resources by type.

    Attributes:
        whole: types of which the client has sent all that it has.
    """

    found: dict[str, list[Found]] = field(default_factory=lambda: defaultdict(list))
    whole: set[str] = field(default_factory=set)

    def of(self, kind: str) -> tuple[Found, ...]:
        """The resources of a type, in the order of the request."""
        return tuple(self.found.get(kind, ()))

    def resolve(self, reference: object) -> Json | None:
        """The resource that a reference points at, when it came along."""
        text = text_at(reference, "reference")
        kind, _, id_ = text.rpartition("/")
        kind = kind.rpartition("/")[2]
        for found in self.of(kind):
            if found.resource.get("id") == id_:
                return found.resource
        return None


def gather(request: HookRequest) -> Records:
    """What came in prefetch and among the draft orders, about the request's own patient.

    A Bundle under a key of ours, or of a search, says that a type is whole, also when it is empty;
    a page with a next page does not, and neither does a resource that comes alone.
    """
    records = Records()
    for key, value in request.prefetch.items():
        if value is None:
            continue
        path = f"prefetch.{key}"
        if value["resourceType"] != "Bundle":
            _add(records, path, value, request.patient)
            continue
        for where, resource in _entries(value, path):
            _add(records, where, resource, request.patient)
        if not _has_next(value):
            records.whole.update(_searched_types(key, value))
    for where, resource in _entries(request.drafts or {}, "context.draftOrders"):
        _add(records, where, resource, request.patient)
    return records


def _add(records: Records, path: str, resource: Json, patient: str) -> None:
    if _is_about(resource, patient):
        records.found[resource["resourceType"]].append(Found(path, resource))


def _is_about(resource: Json, patient: str) -> bool:
    """Not about another patient: a newborn's request may bring the mother's record along."""
    subject = resource.get("subject") or resource.get("patient")
    kind, _, id_ = text_at(subject, "reference").rpartition("/")
    return not kind.endswith("Patient") or id_ == patient


def _entries(bundle: Json, path: str) -> Iterator[Found]:
    for number, entry in enumerate(bundle.get("entry") or ()):
        resource = entry.get("resource")
        if resource is not None:
            yield Found(f"{path}.entry[{number}].resource", resource)


def _has_next(bundle: Json) -> bool:
    return any(text_at(link, "relation") == "next" for link in objects(bundle, "link"))


def _searched_types(key: str, bundle: Json) -> Iterator[str]:
    own = listed_type(key)
    if own:
        yield own
    if bundle.get("type") != "searchset":
        return
    for link in objects(bundle, "link"):
        if text_at(link, "relation") == "self":
            yield text_at(link, "url").partition("?")[0].rpartition("/")[2]
    for _, resource in _entries(bundle, ""):
        yield resource["resourceType"]


# --- reading JSON that nobody has checked ---------------------------------------------------------


def objects(value: object, name: str) -> tuple[Json, ...]:
    """The objects of a list in an object; nothing where it has another shape."""
    found = value.get(name) if isinstance(value, dict) else None
    return tuple(one for one in found if isinstance(one, dict)) if isinstance(found, list) else ()


def object_at(value: object, name: str) -> Json:
    """An object in an object; empty where it has another shape."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def text_at(value: object, name: str) -> str:
    """A text in an object; empty where it has another shape."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def number_at(value: object, name: str) -> Decimal | None:
    """A number in an object, exact; None where it has another shape.

    A number beyond all that is measured is cut to `BEYOND`: as impossible, and safe to calculate with.
    """
    found = value.get(name) if isinstance(value, dict) else None
    if isinstance(found, bool) or not isinstance(found, (int, Decimal)):
        return None
    number = Decimal(found)
    if number and number.adjusted() < -12:
        return Decimal(0)
    return max(-BEYOND, min(BEYOND, number))


def codes_in(concepts: Iterable[object]) -> tuple[Code, ...]:
    """The codes of CodeableConcepts whose systems the guideline knows."""
    names = system_names()
    found = []
    for concept in concepts:
        for coding in objects(concept, "coding"):
            system = names.get(text_at(coding, "system"))
            code = text_at(coding, "code").strip()
            if system and code:
                term = text_at(coding, "display") or text_at(concept, "text")
                found.append(Code(system, code, term.strip()))
    return tuple(found)


def has_code(concept: object, *wanted: str) -> bool:
    """Whether a CodeableConcept, or a plain code, is one of these."""
    if isinstance(concept, str):
        return concept in wanted
    return any(text_at(coding, "code") in wanted for coding in objects(concept, "coding"))


def read_day(value: object) -> date | None:
    """The day of a date or point in time; of a month or year its first; None where it is none."""
    if not isinstance(value, str):
        return None
    text = value[:10]
    try:
        return date.fromisoformat(text + "-01" * (2 - text.count("-")))
    except ValueError:
        return None
