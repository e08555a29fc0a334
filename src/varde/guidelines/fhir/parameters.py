"""The search parameters of each type, and how a value is compared with a resource."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Literal

from varde.guidelines.advice.facts import system_names
from varde.guidelines.fhir.datatypes import Json
from varde.guidelines.fhir.errors import InvalidSearch

Kind = Literal["token", "date", "string", "uri", "reference"]
Values = Callable[[Json], Iterator[str]]

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb")
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One search parameter.

    Attributes:
        values: what a resource has for it; tokens as ``system|code``.
        about: what it finds, for the CapabilityStatement.
        modifiers: those that are understood.
    """

    kind: Kind
    values: Values
    about: str
    modifiers: tuple[str, ...] = ()

    def matches(self, resource: Json, wanted: str, modifier: str) -> bool:
        """Whether the resource has the value.

        Raises:
            InvalidSearch: the value is none of this kind.
        """
        compare = _COMPARE[self.kind]
        return any(compare(own, wanted, modifier) for own in self.values(resource))


# --- comparing ----------------------------------------------------------------------------------


def _compare_token(own: str, wanted: str, modifier: str) -> bool:
    system, bar, code = own.rpartition("|")
    wanted_system, wanted_bar, wanted_code = wanted.rpartition("|")
    if wanted_bar and wanted_system:
        if _named(system) != _named(wanted_system):
            return False
    elif wanted_bar and bar and system:
        return False
    if not wanted_code:
        return True
    return _covers(code.casefold(), wanted_code.casefold(), _named(system))


def _named(system: str) -> str:
    """A code system by the guideline's name, whichever of its addresses or names is given."""
    return system_names().get(system, system).casefold()


def _covers(own: str, wanted: str, system: str) -> bool:
    """ICD-10's classes are nested: what is about J18 is about J18.9 too."""
    if own == wanted:
        return True
    return system == "icd-10" and "." not in own and wanted.startswith(f"{own}.")


def _compare_string(own: str, wanted: str, modifier: str) -> bool:
    if modifier == "exact":
        return own == wanted
    own, wanted = own.casefold(), wanted.casefold()
    return wanted in own if modifier == "contains" else own.startswith(wanted)


def _compare_uri(own: str, wanted: str, modifier: str) -> bool:
    return own == wanted.partition("|")[0]


def _compare_reference(own: str, wanted: str, modifier: str) -> bool:
    return own == wanted or own.rpartition("/")[2] == wanted


def _compare_date(own: str, wanted: str, modifier: str) -> bool:
    prefix, text = (wanted[:2], wanted[2:]) if wanted[:2] in PREFIXES else ("eq", wanted)
    begins, ends = read_period(text)
    low, high = read_period(own)
    return {
        "eq": begins <= low and high <= ends,
        "ne": not (begins <= low and high <= ends),
        "gt": high > ends,
        "ge": high > ends or (begins <= low and high <= ends),
        "lt": low < begins,
        "le": low < begins or (begins <= low and high <= ends),
        "sa": low >= ends,
        "eb": high <= begins,
    }[prefix]


def read_period(text: str) -> tuple[datetime, datetime]:
    """The instants that a date, a month, a year or a point in time covers, the end not included.

    Raises:
        InvalidSearch: it is none of these.
    """
    try:
        if "T" in text:
            at = datetime.fromisoformat(text)
            at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
            return at, at + timedelta(seconds=1)
        found = _DATE.fullmatch(text)
        if not found:
            raise ValueError
        year, month, day = found.groups()
        first = date(int(year), int(month or 1), int(day or 1))
        if day:
            after = first + timedelta(days=1)
        elif month:
            after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        else:
            after = date(first.year + 1, 1, 1)
    except (ValueError, OverflowError):
        raise InvalidSearch(
            f"{text[:40]!r} is no date: write 2024, 2024-06, 2024-06-27 or a point in time, "
            f"after one of {', '.join(PREFIXES)} or none"
        ) from None
    return _midnight(first), _midnight(after)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


_COMPARE: Mapping[Kind, Callable[[str, str, str], bool]] = MappingProxyType(
    {
        "token": _compare_token,
        "date": _compare_date,
        "string": _compare_string,
        "uri": _compare_uri,
        "reference": _compare_reference,
    }
)


# --- what resources have ------------------------------------------------------------------------


def _at(*names: str) -> Values:
    """The text at a place in the resource; lists on the way are gone through."""

    def values(resource: Json) -> Iterator[str]:
        found: list[object] = [resource]
        for name in names:
            found = [
                inner
                for one in found
                if isinstance(one, dict) and name in one
                for inner in (one[name] if isinstance(one[name], list) else [one[name]])
            ]
        yield from (str(one) for one in found)

    return values


def _codings(*names: str) -> Values:
    def values(resource: Json) -> Iterator[str]:
        found: list[Json] = [resource]
        for name in (*names, "coding"):
            found = [
                inner
                for one in found
                if name in one
                for inner in (one[name] if isinstance(one[name], list) else [one[name]])
            ]
        for coding in found:
            yield f"{coding.get('system', '')}|{coding.get('code', '')}"

    return values


def _identifiers(*names: str) -> Values:
    def values(resource: Json) -> Iterator[str]:
        for outer in resource.get(names[0], ()):
            one = outer.get(names[1], {}) if len(names) > 1 else outer
            yield f"{one.get('system', '')}|{one.get('value', '')}"

    return values


def _any(*sources: Values) -> Values:
    """Everything that several places have."""
    return lambda resource: (value for values in sources for value in values(resource))


_COMMON: dict[str, Parameter] = {
    "_id": Parameter("token", _at("id"), "the resource's id"),
    "_lastUpdated": Parameter("date", _at("meta", "lastUpdated"), "when it was last edited"),
}
_DEFINITION: dict[str, Parameter] = {
    **_COMMON,
    "context": Parameter(
        "token",
        _codings("useContext", "valueCodeableConcept"),
        "diagnosis, as ICPC-2|R81, ICD-10|J18.9 or with the system's address",
    ),
    "date": Parameter("date", _at("date"), "the first day the version is valid"),
    "effective": Parameter("date", _at("effectivePeriod", "start"), "as date"),
    "status": Parameter("token", _at("status"), "active or retired"),
    "title": Parameter("string", _at("title"), "the title", ("contains", "exact")),
    "url": Parameter("uri", _at("url"), "the canonical address"),
    "version": Parameter("token", _at("version"), "the version's number"),
}

PARAMETERS: Mapping[str, Mapping[str, Parameter]] = MappingProxyType(
    {
        "PlanDefinition": {
            **_DEFINITION,
            "code": Parameter("token", _DEFINITION["context"].values, "as context (Varde's own)"),
            "definition": Parameter(
                "uri",
                lambda resource: _definitions(resource.get("action", [])),
                "the canonical address of an ActivityDefinition that it uses",
            ),
        },
        "ActivityDefinition": {
            **_DEFINITION,
            "code": Parameter(
                "token", _codings("productCodeableConcept"), "the drug (Varde's own)"
            ),
        },
        "MedicationKnowledge": {
            **_COMMON,
            "code": Parameter("token", _codings("code"), "the drug"),
            "ingredient-code": Parameter(
                "token", _codings("ingredient", "itemCodeableConcept"), "an active ingredient"
            ),
            "status": Parameter("token", _at("status"), "active"),
            "contraindication": Parameter(
                "reference",
                _at("contraindication", "reference"),
                "a contra-indication (Varde's own)",
            ),
        },
        "DetectedIssue": {
            **_COMMON,
            "code": Parameter(
                "token",
                _any(
                    _codings("code"),
                    _codings("evidence", "code"),
                    _identifiers("implicated", "identifier"),
                ),
                "kontraindikasjon; also a condition or an active ingredient (Varde's own)",
            ),
            "identifier": Parameter("token", _identifiers("identifier"), "its address"),
            "implicated-code": Parameter(
                "token",
                _identifiers("implicated", "identifier"),
                "an active ingredient (Varde's own)",
            ),
            "evidence-code": Parameter(
                "token", _codings("evidence", "code"), "a condition (Varde's own)"
            ),
        },
    }
)
"""The search parameters of each type, by name."""


def _definitions(actions: list[Json]) -> Iterator[str]:
    for action in actions:
        if "definitionCanonical" in action:
            yield str(action["definitionCanonical"]).partition("|")[0]
        yield from _definitions(action.get("action", []))
