"""A request, checked: bytes in, typed request or every fault with its path out."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from varde.guidelines.cds_hooks.errors import Fault, InvalidRequest
from varde.guidelines.cds_hooks.services import Hook, Service

Json = dict[str, Any]

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)
_REFERENCE = re.compile(r"[A-Z][A-Za-z]{1,63}/[A-Za-z0-9\-.]{1,64}", re.ASCII)
_decoder = msgspec.json.Decoder(float_hook=Decimal)


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A request that follows the standard.

    Attributes:
        instance: of the hook: cards' ids are made from it.
        selections: ``MedicationRequest/id`` of what was selected; only order-select has them.
        drafts: the Bundle of draft orders; None when the request has none.
        prefetch: resources by the client's keys; None for what it could not fetch.
    """

    hook: Hook
    instance: str
    patient: str
    selections: tuple[str, ...]
    drafts: Json | None
    prefetch: dict[str, Json | None]


def read_request(body: bytes, service: Service) -> HookRequest:
    """Read a request to a service.

    Unknown members and extensions are passed over, as the standard asks.

    Raises:
        InvalidRequest: with every field that breaks a rule.
    """
    try:
        request = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise InvalidRequest([Fault("$", "er ikke gyldig JSON i UTF-8")]) from None
    except RecursionError:
        raise InvalidRequest([Fault("$", "er for dypt nøstet")]) from None
    if not isinstance(request, dict):
        raise InvalidRequest([Fault("$", "må være et JSON-objekt")])
    faults = tuple(_check(request, service))
    if faults:
        raise InvalidRequest(faults)
    # Members that the hook does not have were not checked, so they are not read either.
    context = request["context"] if service.hook != "patient-view" else {}
    return HookRequest(
        hook=service.hook,
        instance=request["hookInstance"].lower(),
        patient=request["context"]["patientId"],
        selections=tuple(context["selections"]) if service.hook == "order-select" else (),
        drafts=context.get("draftOrders"),
        prefetch=request.get("prefetch") or {},
    )


def _check(request: Json, service: Service) -> Iterator[Fault]:
    hook = request.get("hook")
    if not isinstance(hook, str) or not hook:
        yield Fault("hook", "mangler, eller er ikke tekst")
    elif hook != service.hook:
        yield Fault("hook", f"tjenesten svarer på {service.hook}, ikke på et annet hook")
    yield from _check_instance(request.get("hookInstance"))
    server = request.get("fhirServer")
    if server is not None and not (isinstance(server, str) and "://" in server):
        yield Fault("fhirServer", "må være en full adresse")
    if request.get("fhirAuthorization") is not None and server is None:
        yield Fault("fhirServer", "må være med når fhirAuthorization er det")
    context = request.get("context")
    if isinstance(context, dict):
        yield from _check_context(context, service.hook)
    else:
        yield Fault("context", "mangler, eller er ikke et objekt")
    prefetch = request.get("prefetch")
    if isinstance(prefetch, dict):
        for key, value in prefetch.items():
            yield from _check_resource(value, f"prefetch.{key}", may_be_null=True)
    elif prefetch is not None:
        yield Fault("prefetch", "må være et objekt")


def _check_instance(instance: object) -> Iterator[Fault]:
    if not isinstance(instance, str):
        yield Fault("hookInstance", "mangler, eller er ikke tekst")
        return
    try:
        if str(uuid.UUID(instance)) != instance.lower():
            raise ValueError
    except ValueError:
        yield Fault("hookInstance", "må være en UUID")


def _check_context(context: Json, hook: Hook) -> Iterator[Fault]:
    user = context.get("userId")
    if not isinstance(user, str) or not _REFERENCE.fullmatch(user):
        yield Fault("context.userId", "må være på formen {type}/{id}")
    yield from _check_id(context, "patientId", required=True)
    yield from _check_id(context, "encounterId", required=False)
    if hook == "patient-view":
        return
    if hook == "order-select":
        yield from _check_selections(context.get("selections"))
    drafts = context.get("draftOrders")
    if drafts is not None:
        yield from _check_drafts(drafts)
    elif hook == "order-sign":
        yield Fault("context.draftOrders", "mangler")


def _check_id(context: Json, name: str, required: bool) -> Iterator[Fault]:
    value = context.get(name)
    if value is None:
        if required:
            yield Fault(f"context.{name}", "mangler")
    elif not isinstance(value, str) or not _ID.fullmatch(value):
        yield Fault(f"context.{name}", "må være en id uten type foran")


def _check_selections(selections: object) -> Iterator[Fault]:
    if not isinstance(selections, list):
        yield Fault("context.selections", "mangler, eller er ikke en liste")
        return
    for number, one in enumerate(selections):
        if not isinstance(one, str) or not _REFERENCE.fullmatch(one):
            yield Fault(f"context.selections[{number}]", "må være på formen {type}/{id}")


def _check_drafts(drafts: object) -> Iterator[Fault]:
    path = "context.draftOrders"
    if not isinstance(drafts, dict) or drafts.get("resourceType") != "Bundle":
        yield Fault(path, "må være en Bundle")
        return
    yield from _check_entries(drafts, path, may_be_empty=False)


def _check_resource(value: object, path: str, may_be_null: bool = False) -> Iterator[Fault]:
    if value is None and may_be_null:
        return
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        yield Fault(path, "må være en FHIR-ressurs med resourceType")
    elif value["resourceType"] == "Bundle":
        yield from _check_entries(value, path, may_be_empty=True)


def _check_entries(bundle: Json, path: str, may_be_empty: bool) -> Iterator[Fault]:
    """Entries of a Bundle. FHIR R4 has `fullUrl` 0..1, and a draft that is stored nowhere has no address: the examples of
    CDS Hooks 2.0 have none either."""
    entries = bundle.get("entry")
    if entries is None:
        return
    if not isinstance(entries, list):
        yield Fault(f"{path}.entry", "må være en liste")
        return
    for number, entry in enumerate(entries):
        where = f"{path}.entry[{number}]"
        if not isinstance(entry, dict):
            yield Fault(where, "må være et objekt")
            continue
        if not isinstance(entry.get("fullUrl", ""), str):
            yield Fault(f"{where}.fullUrl", "må være tekst")
        yield from _check_resource(entry.get("resource"), f"{where}.resource", may_be_empty)
