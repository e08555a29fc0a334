"""One problem in quarantine: see what was sent, correct it and hand it in, read it again, or close it.

What was sent holds who the patient is. It is opened for one item at a time, by the sender's own contact or
the national duty officer, who says what for; that it was opened, and which item, stands in the access log.
Of what is for a de-identified register nothing as sent is kept: there is nothing to open, and it is corrected
where it was made.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from varde import register
from varde.access import audit
from varde.access.areas import area_of
from varde.access.gate import page, require
from varde.access.roles import may_do
from varde.messages import clean_lines
from varde.register import (
    APART,
    CannotWrite,
    DoorError,
    QuarantineItem,
    Raw,
    database_in_use,
    using,
)
from varde.web.fault_words import line_of
from varde.web.forms.identities import may_identify, say_identity
from varde.web.intake.doors import door
from varde.web.names import MESSAGE_KINDS
from varde.web.pages.laboratory import scope_of
from varde.web.pages.quarantine import describe
from varde.web.pages.quarantine_correction import (
    correct,
    corrections,
    corrects,
    declared_encoding,
    excerpt,
    find_faults,
    later_entries,
)
from varde.web.registers import has_come, laboratory_names, named, the_register

WAIT_SECONDS = 25
PURPOSES = {
    "correct": gettext_lazy("Correct the message and hand it in again"),
    "cause": gettext_lazy("Find out what is wrong with it"),
    "answer": gettext_lazy("Answer the one who sent it"),
}
"""What one may open a message for; written into the access log in Norwegian."""
LOGGED_PURPOSES = {
    "correct": "Rette meldingen og levere den på nytt",
    "cause": "Finne ut hva som er galt med den",
    "answer": "Svare den som sendte den",
}
REASONS = {
    "corrected": gettext_lazy("Corrected in another message"),
    "not-to-be-sent": gettext_lazy("Should not have been sent"),
    "unidentifiable": gettext_lazy("Nobody can find out what it is about"),
    "test": gettext_lazy("Was a test"),
}
"""Why an entry is closed by hand."""


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("text")
@page("quarantine")
def show(request: HttpRequest, item: int, apart: str = "") -> HttpResponse:
    """The problem; what a form asks for is done and told.

    Args:
        apart: the de-identified register that it is in; empty for that of persons.
    """
    own = scope_of(request)
    if not apart:
        return _show(request, item, own)
    if apart not in APART or not has_come(apart):
        raise Http404
    with using(apart):
        return _show(request, item, own)


def _show(request: HttpRequest, item: int, own: str | None) -> HttpResponse:
    """The problem in the register in use."""
    entry = register.quarantine_item(item, own)
    if entry is None:
        raise Http404
    if request.method != "POST":
        seen = named("quarantine item", database_in_use())
        audit.record(request.user, "view", "quarantine", seen, 1)
        return _page(request, entry, own)
    # Whose items a user sees is decided already: what is left is whether they may, in their own area.
    require(request, "quarantine", "correct", area_of(request.user))
    actions = {"read-again": _read_again, "close": _close, "reopen": _reopen}
    if database_in_use() not in APART:
        actions |= {"open": _open, "send": _send}
    act = actions.get(request.POST.get("gjor", ""))
    if act is None:
        raise Http404
    return act(request, entry, own)


def _open(request: HttpRequest, entry: QuarantineItem, own: str | None) -> HttpResponse:
    """What was sent, for the purpose that was said."""
    purpose = request.POST.get("formal", "")
    if purpose not in PURPOSES:
        return _page(request, entry, own, problem=_("Say what you need it for."))
    raw = register.read_raw(the_register(), entry)
    if raw is None:
        return _page(request, entry, own, problem=_("The message has been removed from the log."))
    audit.record(
        request.user, "view", "quarantine", _named("raw item", entry), 1, LOGGED_PURPOSES[purpose]
    )
    return _page(request, entry, own, raw=raw, text=raw.text)


def _send(request: HttpRequest, entry: QuarantineItem, own: str | None) -> HttpResponse:
    """Hand in what was corrected, at the door that everything comes in by."""
    raw = register.read_raw(the_register(), entry)
    text = request.POST.get("text", "")
    if raw is None:
        return _page(request, entry, own, problem=_("The message has been removed from the log."))
    if not raw.shown:
        return _page(request, entry, own, raw=raw, status=422)
    if not text.strip():
        return _page(request, entry, own, raw=raw, text=text, problem=_("The message is empty."))
    submitter = own if own is not None else entry.sender or raw.submitter
    declared = declared_encoding(entry) if request.POST.get("skriv") else None
    try:
        incoming = correct(raw, text, submitter, declared.codec if declared else "")
    except CannotWrite as error:
        problem = _("The sign {sign} cannot be written in the encoding of the message.").format(
            sign=error.sign
        )
        return _page(request, entry, own, raw=raw, text=text, problem=problem)
    if incoming is None:
        problem = _("Nothing was changed, so nothing was handed in.")
        return _page(request, entry, own, raw=raw, text=text, problem=problem)
    if not request.POST.get("likevel"):
        found, count = find_faults(
            the_register(), incoming, text, timezone.now(), request.LANGUAGE_CODE
        )
        if found:
            return _page(request, entry, own, raw=raw, text=text, faults=(found, count), status=422)
    try:
        ticket = door(entry.kind).submit([incoming])
        ticket.wait(WAIT_SECONDS)
    except DoorError:
        problem = _("The intake is busy. Wait a little, and hand it in again.")
        return _page(request, entry, own, raw=raw, text=text, problem=problem, status=503)
    audit.record(request.user, "change", "quarantine", _named("corrected item", entry), 1)
    [logged] = ticket.logged
    return redirect(f"{_address(entry)}?melding={logged.message}")


def _read_again(request: HttpRequest, entry: QuarantineItem, own: str | None) -> HttpResponse:
    """Read the message anew, with the readers and maps there are now."""
    opened = the_register(database_in_use())
    result = register.replay_quarantined(opened, timezone.now, only=[entry.message])
    audit.record(request.user, "change", "quarantine", _named("item read again", entry), 1)
    return redirect(f"{_address(entry)}?lest={result.settled}")


def _close(request: HttpRequest, entry: QuarantineItem, own: str | None) -> HttpResponse:
    """Close an entry that nothing else will."""
    reason = request.POST.get("grunn", "")
    if reason not in REASONS:
        return _page(request, entry, own, problem=_("Say why it is closed."))
    note = clean_lines(request.POST.get("merknad", "")).strip()
    if may_identify(note):
        return _page(request, entry, own, problem=say_identity())
    said = f"{reason}: {note}" if note else reason
    register.close_entry(entry.id, request.user.get_username(), said, timezone.now())
    audit.record(request.user, "change", "quarantine", _named("closed item", entry), 1)
    return redirect(_address(entry))


def _reopen(request: HttpRequest, entry: QuarantineItem, own: str | None) -> HttpResponse:
    """Take back that it was closed."""
    register.reopen_entry(entry.id)
    audit.record(request.user, "change", "quarantine", _named("reopened item", entry), 1)
    return redirect(_address(entry))


def _page(
    request: HttpRequest,
    entry: QuarantineItem,
    own: str | None,
    raw: Raw | None = None,
    text: str = "",
    problem: str = "",
    faults: tuple[list[dict[str, Any]], int] = ([], 0),
    status: int = 0,
) -> HttpResponse:
    reason, _colon, note = entry.closed_reason.partition(": ")
    apart = database_in_use() if database_in_use() in APART else ""
    names = laboratory_names()
    receipt = _receipt(request, own)
    [problem_shown] = describe([entry], request.LANGUAGE_CODE, database_in_use(), names)
    context: dict[str, Any] = {
        "problem": problem_shown,
        "apart": apart,
        "address": _address(entry),
        "everybody": own is None,
        "kind": MESSAGE_KINDS.get(apart or entry.kind, entry.kind),
        "may_correct": may_do(request.user, "correct"),
        "purposes": PURPOSES.items(),
        "reasons": REASONS.items(),
        "closed_reason": REASONS.get(reason, reason),
        "closed_note": note,
        "raw": raw,
        "text": text,
        "lines": excerpt(text, line_of(entry.place)) if raw and not raw.part else [],
        "faults": faults[0],
        "fault_count": faults[1],
        "declared": declared_encoding(entry) if raw else None,
        "insists": bool(request.POST.get("skriv")) or request.POST.get("gjor") != "send",
        "trouble": problem,
        "remark": request.POST.get("merknad", ""),
        "chosen_reason": request.POST.get("grunn", ""),
        "receipt": receipt,
        "new_entries": register.entries_of(receipt.message, own) if receipt else [],
        **_related(entry, problem_shown["file"], own),
        "read_again": _number(request.GET.get("lest", "")),
        "largest": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    }
    return render(
        request,
        "web/quarantine_item.html",
        context,
        status=status or (422 if problem else 200),
    )


def _related(entry: QuarantineItem, name: str, own: str | None) -> dict[str, Any]:
    """The entry that this one was handed in to correct, and those that were to correct this one."""
    later = later_entries(entry)
    sealer = the_register().sealer
    names = register.read_names((item.message for item in later), sealer) if later else {}
    return {
        "corrects": corrects(name, own) if name else None,
        "corrections": corrections(entry, [(item, names.get(item.message, "")) for item in later]),
    }


def _receipt(request: HttpRequest, own: str | None) -> Any:
    """What became of the correction that was just handed in; None without, and for somebody else's."""
    number = _number(request.GET.get("melding", ""))
    if number is None:
        return None
    return register.read_receipts([number], own).get(number)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _named(what: str, entry: QuarantineItem) -> str:
    """What was seen or done, and with which item: a number of the log, and nobody's name."""
    number = f"{entry.message}/{entry.position + 1}"
    return (
        f"{what} {database_in_use()}/{number}" if database_in_use() in APART else f"{what} {number}"
    )


def _address(entry: QuarantineItem) -> str:
    if database_in_use() in APART:
        return reverse("quarantine-item-apart", args=[database_in_use(), entry.id])
    return reverse("quarantine-item", args=[entry.id])
