"""NOIS-PIAH: a ward on the day of a prevalence survey, filled in or sent as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from varde.access import audit
from varde.access.gate import page
from varde.access.roles import role_of
from varde.messages import ServiceType
from varde.register import (
    DoorError,
    ItemReceipt,
    Standing,
    newest_ward,
    read_as_sent,
    standing_numbers,
    using,
)
from varde.web.forms import antibiotics, prevalence, withdrawing
from varde.web.forms.faults import Answers, Complaint, Faults, find_faults, say_fault
from varde.web.forms.fields import (
    Field,
    Section,
    Shown,
    Values,
    id_of,
    read_answers,
    show_sections,
)
from varde.web.forms.handing_in import (
    Sender,
    first_fault,
    hand_in,
    read_number,
    sign_number,
    stands,
)
from varde.web.forms.identities import add_text_faults
from varde.web.forms.refilling import prescription_answers, row_answers
from varde.web.forms.tables import column_at
from varde.web.intake.doors import door
from varde.web.pages.corrections import open_as_sent
from varde.web.pages.notification import sender_or_refuse
from varde.web.pages.receipts import Place, show_handed_in, show_receipts
from varde.web.pages.surveys import Refused, send_template, take_file

KIND = "prevalence"
OPEN_ROWS = 2
"""Rows for prescriptions that stand open; those after them are folded away as long as they are empty."""
RECEIPT = "prevalence-receipt"


@dataclass(frozen=True)
class Form:
    """The questions of one page.

    Attributes:
        kind: "hospital" or "nursing-home".
        rows: the fields of each prescription that there is room for.
    """

    kind: str
    sections: Sequence[Section]
    counts: Sequence[prevalence.CountRow]
    rows: Sequence[Sequence[Field]]

    @property
    def ward_fields(self) -> dict[str, Field]:
        """All that is asked about the ward."""
        asked = [field for section in self.sections for field in section.fields]
        asked += [field for row in self.counts for field in row.fields]
        return {field.name: field for field in asked}

    @property
    def fields(self) -> dict[str, Field]:
        """All that is asked."""
        return self.ward_fields | {field.name: field for row in self.rows for field in row}


@require_http_methods(["GET", "HEAD", "POST"])
@page("prevalence")
def show(request: HttpRequest) -> HttpResponse:
    """The empty form, with more rows when asked for; or what was filled in, handed in."""
    sender = sender_or_refuse(request)
    now = timezone.now()
    if request.method != "POST":
        return _draw(
            request, sender, _form(request, prevalence.FIRST_ROWS), _prefilled(request, sender)
        )
    rows = _count_rows(request.POST.get("rader", ""))
    if "flere" in request.POST:
        rows = min(rows + prevalence.MORE_ROWS, prevalence.MOST_ROWS)
    form = _form(request, rows)
    values = read_answers(request.POST, form.fields)
    replaces = read_number(request.user, request.POST.get("retter", "")) or ""
    if "flere" in request.POST:
        return _draw(request, sender, form, values, replaces=replaces)
    faults = _find_faults(values, form, sender, now)
    if faults:
        return _draw(request, sender, form, values, faults, status=422, replaces=replaces)
    try:
        kept = hand_in(KIND, _write(values, form, sender, now, replaces), sender)
    except DoorError:
        return _draw(request, sender, form, values, status=503, replaces=replaces)
    audit.record(request.user, "hand-in", KIND, KIND, 1)
    return redirect(RECEIPT, numbers="-".join(map(str, kept.messages)))


@require_POST
@page("prevalence")
def receive_file(request: HttpRequest) -> HttpResponse:
    """A table of wards or of prescriptions."""
    sender = sender_or_refuse(request)
    taken = take_file(request, KIND, sender, RECEIPT)
    if isinstance(taken, Refused):
        form = _form(request, prevalence.FIRST_ROWS)
        return _draw(request, sender, form, status=422, refused=taken)
    return taken


@require_POST
@page("prevalence")
def correct(request: HttpRequest) -> HttpResponse:
    """The form filled in with a ward and its prescriptions as they were sent, to be put right."""
    sender = sender_or_refuse(request)
    ward, treatments = prevalence.wards(), prevalence.treatments()
    sent = open_as_sent(request, KIND, sender, ward.prefix)
    if isinstance(sent, HttpResponse):
        return sent
    number = sent.number.removeprefix(ward.prefix)
    register = door(KIND).register
    with using(register.alias):
        numbers = standing_numbers(KIND, sender.key, f"{treatments.prefix}{number}-")
        given = read_as_sent(register, KIND, sender.key, numbers[: prevalence.MOST_ROWS])
    values = row_answers(sent, ward) | prescription_answers(list(given.values()))
    form = _form(request, max(len(given), prevalence.FIRST_ROWS))
    return _draw(request, sender, form, values, replaces=number)


@require_safe
@page("prevalence")
def download_template(request: HttpRequest, key: str) -> HttpResponse:
    """A blank table."""
    return send_template(key, KIND)


@require_http_methods(["GET", "HEAD", "POST"])
@page("prevalence")
def show_receipt(request: HttpRequest, numbers: str) -> HttpResponse:
    """What became of a ward that was handed in; or the withdrawal of it."""
    return show_receipts(request, Place(KIND, sender_or_refuse(request)), numbers)


@require_safe
@page("prevalence")
def show_own(request: HttpRequest) -> HttpResponse:
    """What the user's place has handed in here."""
    return show_handed_in(request, Place(KIND, sender_or_refuse(request)))


def _form(request: HttpRequest, rows: int) -> Form:
    role = role_of(request.user)
    kind = "nursing-home" if role is not None and role.area_kind == "institution" else "hospital"
    today: date = timezone.localdate()
    return Form(
        kind=kind,
        sections=prevalence.sections(today),
        counts=prevalence.counts(kind, today),
        rows=[prevalence.prescription(number, today) for number in range(1, rows + 1)],
    )


def _prefilled(request: HttpRequest, sender: Sender) -> Values:
    """What is known of the institution: from the last ward that was handed in, and from who signs in."""
    known = newest_ward(door(KIND).register, sender.key)
    kind, _colon, number = sender.key.partition(":")
    found = {
        "institution": (known.institution if known else "") or (number if kind == "ENH" else ""),
        "institution_name": (known.name if known else "") or request.user.display_name,
        "municipality": known.municipality if known else "",
    }
    return {name: [text] for name, text in found.items() if text}


def _count_rows(text: str) -> int:
    rows = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    return min(max(rows, prevalence.FIRST_ROWS), prevalence.MOST_ROWS)


def _parts(values: Values, form: Form) -> tuple[Values, dict[int, Values]]:
    """The ward's answers; and those of every prescription that has any, by its number on the page."""
    ward = {name: values[name] for name in form.ward_fields if name in values}
    rows = {}
    for number in range(1, len(form.rows) + 1):
        prefix = prevalence.row_prefix(number)
        row = {
            name: values[prefix + name]
            for name in prevalence.PRESCRIPTION
            if prefix + name in values
        }
        if row:
            rows[number] = row
    return ward, rows


def _find_faults(values: Values, form: Form, sender: Sender, now: datetime) -> Faults:
    ward, rows = _parts(values, form)
    found, right = find_faults(
        ward,
        lambda left: first_fault(
            KIND, prevalence.write_counts(left, form.kind, sender, now), sender, now
        ),
        lambda place: column_at(prevalence.wards(), place),
        prevalence.STAND_INS,
    )
    faults: Faults = {}
    answers = prevalence.answers_of(ward, form.ward_fields)
    _add(faults, found, answers)
    for name, text in prevalence.find_own_faults(ward, form.kind, timezone.localdate(now)).items():
        faults.setdefault(name, [text])
    for name, text in prevalence.find_prescription_faults(ward, len(rows)).items():
        faults.setdefault(name, [text])
    for number, row in rows.items():
        wrong, _left = find_faults(
            row,
            lambda left: first_fault(
                KIND,
                prevalence.write_prescriptions(right, form.kind, [left], (), sender, now),
                sender,
                now,
            ),
            lambda place: column_at(prevalence.treatments(), place),
            prevalence.ROW_STAND_INS,
        )
        _add(
            faults, wrong, prevalence.answers_of(values, form.fields), prevalence.row_prefix(number)
        )
    add_text_faults(faults, values, form.fields.values())
    return faults


def _add(
    faults: Faults,
    found: Sequence[tuple[str, ItemReceipt]],
    answers: Answers,
    prefix: str = "",
) -> None:
    for name, problem in found:
        field = answers.fields.get(prefix + name)
        text = say_fault(problem, field, answers)
        if field is not None and field.suggested and field.name in answers.values:
            text = _say_antibiotic(answers.values[field.name][0]) or text
        faults.setdefault(field.name if field is not None else "", []).append(text)


def _say_antibiotic(written: str) -> str:
    """Which antibiotics an answer that is none may mean; empty when it is like none."""
    found = antibiotics.like(written)
    return (
        _("Choose one, or write its code: %(names)s.") % {"names": ", ".join(found)}
        if found
        else ""
    )


def _write(values: Values, form: Form, sender: Sender, now: datetime, replaces: str) -> list[bytes]:
    """The ward; its prescriptions, when there are any or have been; and the withdrawal of what it replaces.

    Args:
        replaces: the number of the ward that is put right; another than the ward has now when it was sent for
            the wrong day or under the wrong name.
    """
    ward, rows = _parts(values, form)
    number = prevalence.number_of(ward, sender)
    prefix = prevalence.treatments().prefix
    before = standing_numbers(KIND, sender.key, f"{prefix}{number}-")
    kept = {f"{prefix}{number}-{position}" for position in range(1, len(rows) + 1)}
    gone = [each.removeprefix(prefix) for each in before if each not in kept]
    ward_number = prevalence.wards().prefix + number
    service_type: ServiceType = "M" if stands(KIND, sender, ward_number) else "N"
    data = [prevalence.write_counts(ward, form.kind, sender, now, service_type)]
    if rows or gone:
        given = list(rows.values())
        data.append(prevalence.write_prescriptions(ward, form.kind, given, gone, sender, now))
    if replaces and replaces != number:
        old = Standing(KIND, prevalence.wards().prefix + replaces, withdrawn=False)
        if stands(KIND, sender, old.number):
            numbers = withdrawing.numbers_of(KIND, [old], sender)
            data += withdrawing.write_withdrawals(KIND, numbers, sender, now)
    return data


def _draw(
    request: HttpRequest,
    sender: Sender,
    form: Form,
    values: Values | None = None,
    faults: Faults | None = None,
    status: int = 200,
    refused: Refused | None = None,
    replaces: str = "",
) -> HttpResponse:
    values, faults = values or {}, faults or {}

    def shown(fields: Sequence[Field]) -> list[Shown]:
        return [Shown(f, values.get(f.name, ()), faults.get(f.name, ())) for f in fields]

    used = max(_parts(values, form)[1], default=0)
    # Who asks for more rows wants to see them.
    first_folded = 0 if "flere" in request.POST else max(used, OPEN_ROWS) + 1
    if first_folded > len(form.rows):
        first_folded = 0
    context: dict[str, Any] = {
        "form": form,
        "sections": show_sections(form.sections, values, faults),
        "origins": [prevalence.origin_names()[origin] for origin in prevalence.ORIGINS],
        "counts": [(row.name, shown(row.fields)) for row in form.counts],
        "rows": [shown(row) for row in form.rows],
        "first_folded": first_folded,
        "room": len(form.rows) < prevalence.MOST_ROWS,
        "more": "flere" in request.POST,
        "complaints": _complaints(form, faults),
        "not_kept": status == 503,
        "replaces": sign_number(request.user, replaces) if replaces else "",
        "refused": refused,
        "sender": sender,
        "definitions": prevalence.words_to_explain(form.kind, timezone.localdate()),
        "antibiotics": antibiotics.suggestions(),
        "antibiotics_list": antibiotics.LIST,
        "templates": [prevalence.wards().key, prevalence.treatments().key],
    }
    return render(request, "web/prevalence.html", context, status=status)


def _complaints(form: Form, faults: Faults) -> list[Complaint]:
    found = [Complaint("", "", text) for text in faults.get("", ())]
    for name, field in form.ward_fields.items():
        found += [Complaint(id_of(name), field.label, text) for text in faults.get(name, ())]
    for number, row in enumerate(form.rows, 1):
        for field in row:
            label = _("Prescription %(number)s, %(question)s") % {
                "number": number,
                "question": field.label,
            }
            found += [Complaint(id_of(field.name), label, t) for t in faults.get(field.name, ())]
    return found
