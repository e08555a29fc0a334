"""The front door on the web: ``POST /intake/{kind}``, ``POST /intake/{kind}/$validate``, and receipts.

The body is one message as it is, or a zip archive of several. The answer comes when everything in it
is durable; each item has a receipt of its own, and a bad one never stops the others. The same bytes handed
in again change nothing and get the same receipt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from msgspec.json import encode

from varde.access.clients import Client, ClientRefused, authenticate, kinds
from varde.messages import UnreadableMessage, find_kind
from varde.messages.deidentified import find_register
from varde.messages.packing import Limits, is_packed, unpack
from varde.register import (
    APART,
    DoorError,
    Incoming,
    MessageReceipt,
    Ticket,
    read_receipts,
    using,
    validate,
)
from varde.register.files import open_members
from varde.web.front import BUSY
from varde.web.intake.answers import write_item, write_receipt
from varde.web.intake.bodies import take_body
from varde.web.intake.doors import door
from varde.web.intake.refusals import IntakeRefused, reasons, refusal_of, refuse
from varde.web.trouble import tell_fault, tell_refused

WAIT_SECONDS = 25
"""How long a sender waits for its items to be read; then it is told that they are kept, and where to ask."""
MOST_FILES = 5_000

_NUMBER = re.compile(r"[0-9]{1,12}", re.ASCII)
View = Callable[..., HttpResponse]


def guarded(
    method: str, refuse_as: Callable[[Any], HttpResponse] = refuse
) -> Callable[[View], View]:
    """A view for senders' machines: one method, no cookies, every trouble as a problem."""

    def wrap(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                if BUSY in request.META:
                    seconds = request.META[BUSY]
                    raise IntakeRefused("busy", str(seconds), seconds)
                if request.method != method:
                    raise IntakeRefused("wrong-method", method)
                response = view(request, *args, **kwargs)
            except ClientRefused as error:
                response = refuse_as(error)
            except IntakeRefused as error:
                tell_refused(request, error.code, error.status)
                response = refuse_as(error)
            except DoorError as error:
                refused = refusal_of(error)
                tell_refused(request, refused.code, refused.status, error)
                response = refuse_as(refused)
            except Exception as error:
                tell_fault(request, error)
                response = refuse_as(IntakeRefused("fault"))
            response["Cache-Control"] = "no-store"
            return response

        return answer

    return wrap


@guarded("POST")
def receive(request: HttpRequest, kind: str) -> HttpResponse:
    """Take in what is in the body."""
    client, body = let_in(request, kind)
    batch = open_body(body, kind, client)
    ticket = door(kind).submit(batch)
    folded = ticket.wait(WAIT_SECONDS)
    receipts = receipts_of(ticket, kind)
    answer = {
        "kind": kind,
        "messages": [
            write_receipt(receipt, kind, incoming.name) | {"repeated": not logged.new}
            for incoming, logged, receipt in zip(batch, ticket.logged, receipts, strict=True)
        ],
    }
    return _json(answer, 200 if folded else 202)


@guarded("POST")
def check(request: HttpRequest, kind: str) -> HttpResponse:
    """Say what would become of the body; nothing of it is kept."""
    client, body = let_in(request, kind)
    register = door(kind).register
    checked = []
    for incoming in open_body(body, kind, client):
        items = validate(register, incoming, timezone.now())
        checked.append({"name": incoming.name, "items": [write_item(item, kind) for item in items]})
    return _json({"kind": kind, "stored": False, "messages": checked}, 200)


@guarded("GET")
def show_receipt(request: HttpRequest, kind: str, message: str) -> HttpResponse:
    """The receipt of one of the sender's own messages, as it is now."""
    client = authenticate(request)
    _check_kind(client, kind)
    if _NUMBER.fullmatch(message) is None:
        raise IntakeRefused("unknown-receipt")
    number = int(message)
    with using(door(kind).register.alias):
        receipt = read_receipts([number], client.sender).get(number)
    if receipt is None or not _may_read(client, receipt, kind):
        raise IntakeRefused("unknown-receipt")
    return _json(write_receipt(receipt, kind), 200)


def _may_read(client: Client, receipt: MessageReceipt, kind: str) -> bool:
    """Whether a client's token covers what was handed in: that it is its own sender's does not widen it. A bundle may
    be handed in as nothing, and then each of its items has a kind."""
    if receipt.kind:
        return receipt.kind == kind
    return {item.kind for item in receipt.items} - {""} <= set(client.kinds)


@csrf_exempt
def refuse_unknown(request: HttpRequest) -> HttpResponse:
    """What is at no address of the intake."""
    return refuse(IntakeRefused("unknown-address"))


addresses = [
    path("intake/<str:kind>", receive, name="intake"),
    path("intake/<str:kind>/$validate", check, name="intake-validate"),
    path("intake/<str:kind>/receipts/<str:message>", show_receipt, name="intake-receipt"),
    re_path(r"^intake(?:/.*)?$", refuse_unknown, name="intake-unknown"),
]


def let_in(request: HttpRequest, kind: str) -> tuple[Client, bytes]:
    """Who hands in, and what.

    Raises:
        ClientRefused: nobody who may, or too much.
        IntakeRefused: the body cannot be taken.
    """
    client = authenticate(request)
    return client, take_body(request, client, lambda: _check_kind(client, kind))


def open_body(body: bytes, kind: str, client: Client) -> list[Incoming]:
    """The messages in a body, each with who hands it in and as what.

    Raises:
        IntakeRefused: a file of another kind than messages, an archive that cannot be unpacked, or that holds too many
            files.
    """
    if (foreign := find_kind(body)) is not None:
        raise IntakeRefused(foreign.reason.removesuffix("-file"), foreign.name)
    if not is_packed(body):
        return [_incoming(Incoming("", body), kind, client)]
    files: list[tuple[str, bytes]] = []
    try:
        for member in unpack("", body, Limits(total=settings.VARDE_INTAKE_MAX_BYTES)):
            files.append(member)
            if len(files) > MOST_FILES:
                raise IntakeRefused("too-many", str(MOST_FILES))
    except UnreadableMessage as error:
        code = error.reason if error.reason in reasons() else "damaged-archive"
        raise IntakeRefused(code, error.reason) from None
    batch = [_incoming(member, kind, client) for member in open_members(files)]
    if not batch:
        raise IntakeRefused("empty")
    return batch


def _incoming(message: Incoming, kind: str, client: Client) -> Incoming:
    """Something handed in, unless it is a de-identified register's and was brought to the one of persons.

    Raises:
        IntakeRefused: ``wrong-register``.
    """
    if kind not in APART and message.mapping is None:
        apart = find_register(message.data)
        if apart is not None:
            raise IntakeRefused("wrong-register", apart)
    return replace(message, submitter=client.sender, kind=kind, door="api")


def receipts_of(ticket: Ticket, kind: str) -> Sequence[MessageReceipt]:
    """The receipts of what was handed in, in its order."""
    with using(door(kind).register.alias):
        found = read_receipts(logged.message for logged in ticket.logged)
    return [found[logged.message] for logged in ticket.logged]


def _check_kind(client: Client, kind: str) -> None:
    if kind not in kinds():
        raise IntakeRefused("unknown-kind", ", ".join(kinds()))
    client.check_kind(kind)


def _json(answer: dict[str, Any], status: int) -> HttpResponse:
    return HttpResponse(encode(answer), content_type="application/json", status=status)
