"""To put right what was sent: the form opens filled in with it, and what is sent then replaces it.

What was sent holds who the patient is. It is opened for one thing at a time, by the place that sent it, which
says what for; that it was opened stands in the access log.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varde.access import audit
from varde.register import AsSent, read_as_sent, using
from varde.web.forms.handing_in import Sender
from varde.web.intake.doors import door

PURPOSES = {
    "wrong": gettext_lazy("Something in it was wrong"),
    "more": gettext_lazy("More is known now than when it was sent"),
}
"""What somebody opens what was sent for."""
LOGGED_PURPOSES = {
    "wrong": "Rette noe som var feil i det som ble sendt",
    "more": "Legge til noe som er blitt kjent siden det ble sendt",
}
"""As it is written into the access log."""
LONGEST = 120


def open_as_sent(
    request: HttpRequest, kind: str, sender: Sender, prefix: str = ""
) -> AsSent | HttpResponse:
    """What a place sent under the number asked for; or the page that says what is missing.

    Args:
        prefix: stands before the sender's number in the register.
    """
    number = request.POST.get("nummer", "").strip()[:LONGEST]
    purpose = request.POST.get("formal", "")
    if purpose not in PURPOSES:
        return _ask(request, kind, number, _("Say what you need it for."))
    register = door(kind).register
    with using(register.alias):
        found = read_as_sent(register, kind, sender.key, [prefix + number])
    if not found:
        trouble = _(
            "Nothing that was handed in on this page stands with that number. It may be withdrawn, or "
            "written otherwise."
        )
        return _ask(request, kind, number, trouble)
    [sent] = found.values()
    place = f"{sent.message}/{sent.position + 1}"
    audit.record(request.user, "view", kind, f"raw item {place}", 1, LOGGED_PURPOSES[purpose])
    return sent


def _ask(request: HttpRequest, kind: str, number: str, trouble: str) -> HttpResponse:
    context = {
        "kind": kind,
        "correct": f"{kind}-correct",
        "number": number,
        "purposes": PURPOSES.items(),
        "purpose": request.POST.get("formal", ""),
        "trouble": trouble,
    }
    return render(request, "web/correct.html", context, status=422)
