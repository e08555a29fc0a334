"""A search: parameters to a searchset Bundle, with pages and the links between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from varde.guidelines.fhir.datatypes import Json
from varde.guidelines.fhir.errors import InvalidSearch
from varde.guidelines.fhir.parameters import PARAMETERS, Parameter
from varde.guidelines.fhir.repository import Repository

PAGE = 20
LARGEST_PAGE = 100

DAY = "gyldigDato"
RESULT = frozenset(("_count", "_offset", "_summary"))
"""Parameters about the answer that are obeyed."""
QUIET = frozenset(("_format", "_pretty", DAY))
"""Parameters that whoever calls has already dealt with."""

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Question:
    """A search that was understood.

    Attributes:
        used: the parameters that count, for the self link.
    """

    filters: tuple[tuple[Parameter, str, tuple[str, ...]], ...]
    used: Pairs
    count: int
    offset: int
    only_total: bool


def search(
    repository: Repository, kind: str, parameters: Pairs, base: str, strict: bool = False
) -> Json:
    """A searchset Bundle of one type.

    Args:
        parameters: names and values as asked for, in their order; a name may come several times.
        base: the address that the view is served under, without slash at the end.
        strict: refuse unknown parameters (``Prefer: handling=strict``) instead of passing over them.

    Raises:
        NotFound: there is no such type.
        InvalidSearch: a value or modifier cannot be understood.
    """
    resources = repository.all(kind)
    question = _understand(kind, parameters, strict)
    found = [
        resource
        for resource in resources.values()
        if all(
            any(parameter.matches(resource, one, modifier) for one in wanted)
            for parameter, modifier, wanted in question.filters
        )
    ]
    address = f"{base}/{kind}"
    bundle: Json = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(found),
        "link": list(_links(address, question, len(found))),
    }
    page = found[question.offset : question.offset + question.count]
    if page and not question.only_total:
        bundle["entry"] = [
            {
                "fullUrl": f"{address}/{resource['id']}",
                "resource": resource,
                "search": {"mode": "match"},
            }
            for resource in page
        ]
    return bundle


def write_history(versions: Iterable[Json], kind: str, id_: str, base: str) -> Json:
    """A history Bundle of one resource, the newest version first."""
    listed = list(versions)
    address = f"{base}/{kind}/{id_}"
    return {
        "resourceType": "Bundle",
        "type": "history",
        "total": len(listed),
        "link": [{"relation": "self", "url": f"{address}/_history"}],
        "entry": [
            {
                "fullUrl": address,
                "resource": resource,
                "request": {
                    "method": "POST" if number == len(listed) else "PUT",
                    "url": kind if number == len(listed) else f"{kind}/{id_}",
                },
                "response": {
                    "status": "201" if number == len(listed) else "200",
                    "etag": f'W/"{resource["meta"]["versionId"]}"',
                    "lastModified": resource["meta"]["lastUpdated"],
                },
            }
            for number, resource in enumerate(listed, start=1)
        ],
    }


def _understand(kind: str, parameters: Pairs, strict: bool) -> _Question:
    known = PARAMETERS[kind]
    filters, used = [], []
    result = {"_count": str(PAGE), "_offset": "0", "_summary": ""}
    for full_name, value in parameters:
        name, _, modifier = full_name.partition(":")
        if full_name in RESULT:
            result[full_name] = value
            continue
        if full_name in QUIET:
            if full_name == DAY:
                used.append((full_name, value))
            continue
        if name not in known:
            if strict:
                names = ", ".join(sorted((*known, *RESULT, *QUIET)))
                raise InvalidSearch(
                    f"{kind} has no search parameter {full_name[:60]!r}: use {names}"
                )
            continue
        parameter = known[name]
        if modifier and modifier not in parameter.modifiers:
            raise InvalidSearch(f"the modifier of {full_name[:60]!r} is not supported")
        wanted = tuple(one for one in value.split(",") if one)
        if not wanted:
            continue
        filters.append((parameter, modifier, wanted))
        used.append((full_name, value))
    return _Question(
        tuple(filters),
        used,
        min(_number(result["_count"], "_count"), LARGEST_PAGE),
        _number(result["_offset"], "_offset"),
        result["_summary"] == "count" or result["_count"] == "0",
    )


def _number(value: str, name: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise InvalidSearch(f"{name} must be a whole number, 0 or more: found {value[:40]!r}")
    return int(value)


def _links(address: str, question: _Question, total: int) -> Iterable[Json]:
    def at(relation: str, offset: int) -> Json:
        pairs = [*question.used, ("_count", str(question.count))]
        if offset:
            pairs.append(("_offset", str(offset)))
        return {"relation": relation, "url": f"{address}?{urlencode(pairs)}"}

    yield at("self", question.offset)
    if not question.count or question.only_total:
        return
    yield at("first", 0)
    if question.offset:
        yield at("previous", max(question.offset - question.count, 0))
    if question.offset + question.count < total:
        yield at("next", question.offset + question.count)
