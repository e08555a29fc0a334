"""NOIS-POSI: an operation and its follow-up, filled in or sent as a table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from varde.access import audit
from varde.access.gate import page
from varde.messages import ServiceType
from varde.register import DoorError, Standing
from varde.web.forms import surgery, withdrawing
from varde.web.forms.definitions import explain
from varde.web.forms.faults import Faults, find_faults, say_fault
from varde.web.forms.fields import Field, Values, read_answers, show_sections
from varde.web.forms.handing_in import (
    Sender,
    first_fault,
    hand_in,
    read_number,
    sign_number,
    stands,
)
from varde.web.forms.identities import add_text_faults
from varde.web.forms.refilling import row_answers
from varde.web.forms.tables import column_at
from varde.web.pages.corrections import PURPOSES, open_as_sent
from varde.web.pages.notification import list_complaints, sender_or_refuse
from varde.web.pages.receipts import Place, show_handed_in, show_receipts
from varde.web.pages.surveys import Refused, send_template, take_file

KIND = "surgery"
RECEIPT = "surgery-receipt"


@require_http_methods(["GET", "HEAD", "POST"])
@page("surgery")
def show(request: HttpRequest) -> HttpResponse:
    """The empty form; or what was filled in, handed in when nothing is wrong with it."""
    sender = sender_or_refuse(request)
    if request.method != "POST":
        return _draw(request, sender)
    now = timezone.now()
    form = surgery.sections(timezone.localdate(now))
    fields = {field.name: field for section in form for field in section.fields}
    values = read_answers(request.POST, fields)
    replaces = read_number(request.user, request.POST.get("retter", "")) or ""
    faults = _find_faults(values, fields, sender, now)
    if faults:
        return _draw(request, sender, values, faults, status=422, replaces=replaces)
    try:
        kept = hand_in(KIND, _write(values, sender, now, replaces), sender)
    except DoorError:
        return _draw(request, sender, values, status=503, replaces=replaces)
    audit.record(request.user, "hand-in", KIND, KIND, 1)
    return redirect(RECEIPT, numbers="-".join(map(str, kept.messages)))


@require_POST
@page("surgery")
def receive_file(request: HttpRequest) -> HttpResponse:
    """A table of operations."""
    sender = sender_or_refuse(request)
    taken = take_file(request, KIND, sender, RECEIPT)
    return (
        _draw(request, sender, status=422, refused=taken) if isinstance(taken, Refused) else taken
    )


@require_POST
@page("surgery")
def correct(request: HttpRequest) -> HttpResponse:
    """The form filled in with an operation as it was sent: to be followed up, or put right."""
    sender = sender_or_refuse(request)
    table = surgery.operations()
    sent = open_as_sent(request, KIND, sender, table.prefix)
    if isinstance(sent, HttpResponse):
        return sent
    number = sent.number.removeprefix(table.prefix)
    return _draw(request, sender, row_answers(sent, table), replaces=number)


def _write(values: Values, sender: Sender, now: datetime, replaces: str) -> list[bytes]:
    """The operation; and the withdrawal of what it replaces, when it was sent under a wrong number."""
    prefix = surgery.operations().prefix
    number = values["report_id"][0]
    service_type: ServiceType = "M" if stands(KIND, sender, prefix + number) else "N"
    data = [surgery.write(values, sender, now, service_type)]
    if replaces and replaces != number and stands(KIND, sender, prefix + replaces):
        numbers = withdrawing.numbers_of(KIND, [Standing(KIND, prefix + replaces, False)], sender)
        data += withdrawing.write_withdrawals(KIND, numbers, sender, now)
    return data


@require_safe
@page("surgery")
def download_template(request: HttpRequest, key: str) -> HttpResponse:
    """A blank table."""
    return send_template(key, KIND)


@require_http_methods(["GET", "HEAD", "POST"])
@page("surgery")
def show_receipt(request: HttpRequest, numbers: str) -> HttpResponse:
    """What became of operations that were handed in; or the withdrawal of it."""
    return show_receipts(request, Place(KIND, sender_or_refuse(request)), numbers)


@require_safe
@page("surgery")
def show_own(request: HttpRequest) -> HttpResponse:
    """What the user's place has handed in here."""
    return show_handed_in(request, Place(KIND, sender_or_refuse(request)))


def _find_faults(values: Values, fields: dict[str, Field], sender: Sender, now: datetime) -> Faults:
    found, _left = find_faults(
        values,
        lambda left: first_fault(KIND, surgery.write(left, sender, now), sender, now),
        lambda place: column_at(surgery.operations(), place),
        surgery.STAND_INS,
    )
    faults: Faults = {}
    answers = surgery.answers_of(values, fields)
    for name, problem in found:
        shown = name if name in fields else ""
        faults.setdefault(shown, []).append(say_fault(problem, fields.get(name), answers))
    for name, text in surgery.find_own_faults(values).items():
        faults.setdefault(name, [text])
    add_text_faults(faults, values, fields.values())
    return faults


def _draw(
    request: HttpRequest,
    sender: Sender,
    values: Values | None = None,
    faults: Faults | None = None,
    status: int = 200,
    refused: Refused | None = None,
    replaces: str = "",
) -> HttpResponse:
    form = surgery.sections(timezone.localdate())
    context: dict[str, Any] = {
        "sections": show_sections(form, values or {}, faults or {}),
        "complaints": list_complaints(form, faults or {}),
        "not_kept": status == 503,
        "replaces": sign_number(request.user, replaces) if replaces else "",
        "correct": f"{KIND}-correct",
        "kind": KIND,
        "purposes": PURPOSES.items(),
        "refused": refused,
        "sender": sender,
        "definitions": explain(surgery.DEFINED),
        "templates": [surgery.operations().key],
    }
    return render(request, "web/surgery.html", context, status=status)
