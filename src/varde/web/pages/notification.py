"""The clinician's notification of a notifiable disease: filled in here, handed in at the door of all others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from varde import register
from varde.access import audit
from varde.access.gate import page
from varde.access.oidc.sessions import KEY, hpr_of
from varde.access.purposes import purpose_of
from varde.access.roles import AreaMissing, may_do, role_of, stated_for
from varde.messages import ServiceType
from varde.register import DoorError
from varde.web import looking
from varde.web.forms import notification, phoning
from varde.web.forms.faults import Complaint, Faults, find_faults, say_fault
from varde.web.forms.fields import Field, Section, Values, id_of, read_answers, show_sections
from varde.web.forms.handing_in import (
    Sender,
    first_fault,
    hand_in,
    new_number,
    read_number,
    sender_of,
    sign_number,
    stands,
)
from varde.web.forms.identities import add_choice_faults, add_text_faults
from varde.web.forms.refilling import notification_answers
from varde.web.pages.corrections import open_as_sent
from varde.web.pages.receipts import Place, show_handed_in, show_receipts
from varde.web.registers import the_register

KIND = "notification"
PURPOSE = "Melding av smittsom sykdom til MSIS"
"""What the access log says that a notification is sent for, whatever the role is for otherwise."""
NOTIFIER = "rekvirent."
"""How the names of fields about who notifies begin."""
_NOTIFIER_KEY = "notifier"


@require_http_methods(["GET", "HEAD", "POST"])
@page("notification")
def show(request: HttpRequest) -> HttpResponse:
    """The empty form; or what was filled in, handed in when nothing is wrong with it."""
    sender = sender_or_refuse(request)
    now = timezone.now()
    form = notification.sections(timezone.localdate(now))
    if request.method != "POST":
        return draw_form(request, form, known_of_sender(request), {}, new_number(request.user))
    signed = request.POST.get("nummer", "")
    number = read_number(request.user, signed)
    if number is None:
        signed = new_number(request.user)
        number = read_number(request.user, signed) or ""
    fields = {field.name: field for section in form for field in section.fields}
    values = read_answers(request.POST, fields)
    # The number stands when it is a correction: what is sent now is a version of the same notification.
    replaces = number if stands(KIND, sender, number) else ""
    faults = _find_faults(values, fields, sender, number, now)
    if faults:
        return draw_form(request, form, values, faults, signed, replaces, status=422)
    service_type: ServiceType = "M" if replaces else "N"
    data = notification.write(values, sender, number, now, service_type)
    try:
        kept = hand_in(KIND, [data], sender)
    except DoorError:
        return draw_form(request, form, values, {}, signed, replaces, status=503)
    audit.record(request.user, "hand-in", "notification", KIND, 1, PURPOSE)
    remember_notifier(request, values)
    return redirect("notification-receipt", numbers=str(kept.messages[0]))


@require_POST
@page("notification")
def correct(request: HttpRequest) -> HttpResponse:
    """The form filled in with what was sent under a number, to be put right."""
    sent = open_as_sent(request, KIND, sender_or_refuse(request))
    if isinstance(sent, HttpResponse):
        return sent
    form = notification.sections(timezone.localdate())
    signed = sign_number(request.user, sent.number)
    answers = notification_answers(sent)
    _log_look(request, answers)
    return draw_form(request, form, answers, {}, signed, sent.number)


def _log_look(request: HttpRequest, answers: Values) -> None:
    """That somebody sees who a form is about, where it has a number: beside that the message was opened."""
    read = register.read_number(answers.get(notification.NUMBER, [""])[0])
    role = role_of(request.user)
    if read is None or role is None:
        return
    with register.using("default"):
        about = register.named_in_log(read[0], the_register().context.pseudonym)[1]
    purpose = purpose_of(next(iter(stated_for(role, looking.SEE)), "care"))
    audit.record(
        request.user, "view", KIND, "notification as sent", 1, purpose=purpose, about=about
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page("notification")
def show_receipt(request: HttpRequest, numbers: str) -> HttpResponse:
    """What became of a notification that was handed in; or the withdrawal of it."""
    return show_receipts(request, Place(KIND, sender_or_refuse(request)), numbers)


@require_safe
@page("notification")
def show_own(request: HttpRequest) -> HttpResponse:
    """What the user's place has handed in here."""
    return show_handed_in(request, Place(KIND, sender_or_refuse(request)))


def sender_or_refuse(request: HttpRequest) -> Sender:
    """Who the user speaks for.

    Raises:
        PermissionDenied: no place.
    """
    try:
        return sender_of(request.user)
    except AreaMissing:
        raise PermissionDenied from None


def known_of_sender(request: HttpRequest) -> Values:
    """What is known already: a municipal doctor's municipality, the workplace, who signed in by their number in the
    register of health personnel, and what the user wrote of who notifies in the last form of this session."""
    known: Values = {}
    role = role_of(request.user)
    if role is not None and role.area_kind == "municipality":
        known["pasient.bosted"] = [request.user.area]
    if name := request.user.display_name:
        known[f"{NOTIFIER}virksomhet"] = [name]
    if number := hpr_of(request.session.get(KEY)):
        known[f"{NOTIFIER}hprNummer"] = [number]
    return known | request.session.get(_NOTIFIER_KEY, {})


def remember_notifier(request: HttpRequest, values: Values) -> None:
    """Keep who notifies for the next form of this session: a workplace has several who do."""
    said = {name: answers for name, answers in values.items() if name.startswith(NOTIFIER)}
    if said:
        request.session[_NOTIFIER_KEY] = said


def _find_faults(
    values: Values, fields: dict[str, Field], sender: Sender, number: str, now: datetime
) -> Faults:
    found, _left = find_faults(
        values,
        lambda left: first_fault(KIND, notification.write(left, sender, number, now), sender, now),
        lambda place: notification.field_at(place, frozenset(fields)),
        notification.STAND_INS,
    )
    faults: Faults = {}
    answers = notification.answers_of(values, fields)
    for name, problem in found:
        if name != "pasient":  # nothing is known of the patient: the form says so itself
            faults.setdefault(name, []).append(say_fault(problem, fields.get(name), answers))
    for name, text in notification.find_own_faults(values).items():
        faults.setdefault(name, [text])
    # A disease may be said by its code too, or by another of its names.
    add_choice_faults(faults, values, fields.values(), but={notification.DISEASE})
    if unknown := notification.find_disease_fault(values):
        faults.setdefault(notification.DISEASE, [unknown])
    add_text_faults(faults, values, fields.values())
    return faults


def draw_form(
    request: HttpRequest,
    form: list[Section],
    values: Values,
    faults: Faults,
    signed: str,
    replaces: str = "",
    status: int = 200,
    *,
    known: Mapping[str, Any] | None = None,
    marks: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The page of the form.

    Args:
        signed: the number of what will be sent.
        replaces: the number of what it will replace; or empty.
        known: what the register knows of the patient, beside the form; None when nobody asked.
        marks: where answers that were filled in for the user are from, by field.
    """
    context: dict[str, Any] = {
        "sections": show_sections(form, values, faults, marks or {}),
        "known": known,
        "may_look": may_do(request.user, "see-person"),
        "complaints": list_complaints(form, faults),
        "number": signed,
        "replaces": replaces,
        "suggestions": notification.suggestions(),
        "at_once": phoning.at_once_names(timezone.localdate()),
        "duty_phone": phoning.duty_phone(timezone.localdate()),
        "this_one": phoning.say_at_once(
            (values.get(notification.DISEASE) or [""])[0], timezone.localdate()
        ),
        "not_kept": status == 503,
    }
    return render(request, "web/notification.html", context, status=status)


def list_complaints(form: list[Section], faults: Faults) -> list[Complaint]:
    """The faults in the order of the form; what is no field's comes first."""
    found = [Complaint("", "", text) for text in faults.get("", ())]
    return found + [
        Complaint(id_of(field.name), field.label, text)
        for section in form
        for field in section.fields
        for text in faults.get(field.name, ())
    ]
