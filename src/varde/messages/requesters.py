"""Who asked for a test, or notified, as a kept message says it: for whoever must call them.

Records hold no names of clinicians: who it was is read from the sealed message when somebody needs it. Of a laboratory's
message that names several requesters nothing is said, because which of them asked for what is not told apart here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

import msgspec

from varde.messages.detect import detect
from varde.messages.errors import MessageError
from varde.messages.hl7v2.segments import component, field, read_message, split_messages
from varde.messages.kith.names import Parts, children, text_in
from varde.messages.klinikermelding.documents import parse_item, split_items
from varde.messages.klinikermelding.values import decode_value
from varde.messages.xml_documents import parse_document

LONGEST = 120
MOST_RESOURCES = 10_000


class Requester(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can be called. What is not said is empty.

    Attributes:
        name: of the person.
        place: where they work.
        phone: as written.
        number: HPR number, as written.
    """

    name: str = ""
    place: str = ""
    phone: str = ""
    number: str = ""

    def __bool__(self) -> bool:
        return any((self.name, self.place, self.phone, self.number))


def read_requester(data: bytes, item: int) -> Requester | None:
    """Who is behind an item of a message; None where it does not say, or not which of several. Never raises for bad
    input.

    Args:
        item: its position in the message, from 0.
    """
    found: Requester | None = None
    with suppress(MessageError, msgspec.MsgspecError, ValueError, RecursionError):
        kind = detect(data)
        if kind == "klinikermelding":
            found = _of_form(data, item)
        elif kind in _NAMED_IN:
            found = _only(_NAMED_IN[kind](data))
    return found if found else None


def _only(found: Iterable[Requester]) -> Requester | None:
    """The one that all say; None where they differ."""
    each = {one for one in found if one}
    return each.pop() if len(each) == 1 else None


def _clean(text: object) -> str:
    return " ".join(text.split())[:LONGEST] if isinstance(text, str) else ""


# --- a clinician's notification -------------------------------------------------------------------


def _of_form(data: bytes, item: int) -> Requester | None:
    each = next(islice(split_items(data), item, None), None)
    if each is None:
        return None
    form = parse_item(each)
    said = {
        key: _clean(str(decode_value(raw, f"rekvirent.{key}") or ""))
        for key, raw in form.get("rekvirent", {}).items()
    }
    return Requester(
        name=said.get("navn", ""),
        place=said.get("virksomhet", ""),
        phone=said.get("telefon", ""),
        number=said.get("hprNummer", ""),
    )


# --- laboratories' answers ------------------------------------------------------------------------


def _in_kith(data: bytes) -> Iterator[Requester]:
    """ResponsibleHcp in the patient (relation REK or none), and Requester; each with all that both say."""
    for report in children(parse_document(data)).get("ServReport", []):
        parts = children(report)
        holders = [holder for one in parts.get("Requester", []) for holder in _holders(one)]
        for person in parts.get("Patient", []):
            for one in children(person).get("ResponsibleHcp", []):
                relation = [r.get("V") or "" for r in children(one).get("Relation", [])]
                if relation in ([], [""], ["REK"]):
                    holders += _holders(one)
        yield _both(map(_of_hcp, holders))


def _holders(element: Any) -> list[Parts]:
    return [children(holder) for holder in children(element).get("HCP", [])]


def _of_hcp(parts: Parts) -> Requester:
    people = [children(one) for one in parts.get("HCProf", [])]
    houses = [children(one) for one in parts.get("Inst", [])]
    people += [children(one) for house in houses for one in house.get("HCPerson", [])]
    phones = [
        element.get("V") or ""
        for holder in (parts, *houses, *people)
        for address in holder.get("Address", [])
        for element in children(address).get("TeleAddress", [])
    ]
    return Requester(
        name=_first(text_in(one, "Name") for one in people),
        place=_first(text_in(one, "Name") for one in houses),
        phone=_first(phone.removeprefix("tel:") for phone in phones if "@" not in phone),
    )


def _in_hl7v2(data: bytes) -> Iterator[Requester]:
    """OBR-16 or ORC-12 (who ordered), OBR-17 or ORC-14 (call back), ORC-21 (where)."""
    for text in split_messages(data).messages:
        message = read_message(text)
        encoding = message.encoding
        said = []
        for segment in message.segments:
            numbers = {"OBR": (16, 17, 0), "ORC": (12, 14, 21)}.get(segment[0])
            if numbers is None:
                continue
            who, phone, place = (field(segment, number) if number else "" for number in numbers)
            name = " ".join(part for n in (3, 2) if (part := component(who, n, encoding)))
            said.append(
                Requester(
                    name=_clean(name),
                    place=_clean(component(place, 1, encoding)),
                    phone=_clean(component(phone, 1, encoding) or component(phone, 12, encoding)),
                )
            )
        names = {one.name for one in said if one.name}
        if len(names) > 1:
            yield from (Requester(name=name) for name in names)
        else:
            yield _both(said)


def _in_fhir(data: bytes) -> Iterator[Requester]:
    """The requester of every ServiceRequest: a Practitioner, a PractitionerRole with both, or an Organization."""
    bundle = msgspec.json.decode(data, type=dict[str, Any])
    by_name: dict[str, Mapping[str, Any]] = {}
    requests = []
    for entry in _list(bundle.get("entry"))[:MOST_RESOURCES]:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            continue
        if isinstance(url := entry.get("fullUrl"), str):
            by_name[url] = resource
        by_name[f"{resource.get('resourceType')}/{resource.get('id')}"] = resource
        if resource.get("resourceType") == "ServiceRequest":
            requests.append(resource)
    for request in requests:
        yield _followed(request.get("requester"), by_name)


def _followed(reference: Any, by_name: Mapping[str, Mapping[str, Any]]) -> Requester:
    if not isinstance(reference, dict):
        return Requester()
    named = reference.get("reference")
    resource = by_name.get(named) if isinstance(named, str) else None
    if resource is None:
        return Requester(place=_clean(reference.get("display")))
    phone = _first(
        _clean(one.get("value"))
        for one in _list(resource.get("telecom"))
        if isinstance(one, dict) and one.get("system") == "phone"
    )
    kind = resource.get("resourceType")
    if kind == "PractitionerRole":
        parts = [_followed(resource.get(key), by_name) for key in ("practitioner", "organization")]
        return _both([Requester(phone=phone), *parts])
    if kind == "Practitioner":
        return Requester(name=_first(map(_said_name, _list(resource.get("name")))), phone=phone)
    if kind == "Organization":
        return Requester(place=_clean(resource.get("name")), phone=phone)
    return Requester()


def _said_name(name: Any) -> str:
    if not isinstance(name, dict):
        return ""
    parts = [*_list(name.get("given")), name.get("family")]
    return _clean(name.get("text")) or _clean(" ".join(p for p in parts if isinstance(p, str)))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _both(said: Iterable[Requester]) -> Requester:
    """What several parts of a message say of one requester, together; the first that says a thing holds."""
    each = list(said)
    return Requester(
        name=_first(one.name for one in each),
        place=_first(one.place for one in each),
        phone=_first(one.phone for one in each),
        number=_first(one.number for one in each),
    )


def _first(said: Iterable[str]) -> str:
    return next((text for one in said if (text := _clean(one))), "")


_NAMED_IN = {"kith": _in_kith, "hl7v2": _in_hl7v2, "fhir": _in_fhir}
