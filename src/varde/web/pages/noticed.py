"""What a sender should look at though it was taken in, on its page: an answer that says less than it did, or whose
patient is another than it was (`varde.register.notices`).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any, get_args
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from varde import register
from varde.access import audit
from varde.access.areas import area_of
from varde.access.gate import require
from varde.access.roles import may_do

MOST = 50
TITLES = {
    "final-became-preliminary": gettext_lazy("Answers that were final and became preliminary"),
    "findings-gone": gettext_lazy("Answers whose findings are gone"),
    "patient-changed": gettext_lazy("Answers that changed patient"),
    "patient-number-gone": gettext_lazy("Answers that lost the patient's number"),
    "withdrawn-other-patient": gettext_lazy("Withdrawals that name another patient"),
    "added-after-withdrawal": gettext_lazy("Results that were added after a withdrawal"),
    "several-of-one-number": gettext_lazy("Numbers that may be of several specimens"),
    "stands-beside-another": gettext_lazy("Answers that may have come twice under one number"),
    "withdrew-nothing": gettext_lazy("Withdrawals that withdrew nothing"),
    "two-patients": gettext_lazy("Numbers with answers about two patients"),
}
SAYS = {
    "final-became-preliminary": gettext_lazy(
        "The version that was made last counts, so what the final answer said is not in the register now. If it still "
        "holds, send it again as a new version. If it was taken back, nothing need be done."
    ),
    "findings-gone": gettext_lazy(
        "A final answer had found something, and the version that was made last does not name all of it. "
        "If they are two answers, give each a number of its own and send the first again. Or a "
        "preliminary answer had, and the final one looked for other things alone. What is not named is "
        "not in the register now. If it still holds, send it again as a new version. If it was "
        "corrected, nothing need be done."
    ),
    "patient-changed": gettext_lazy(
        "One report number was used about two patients, and only what was made last is in the register. If they are two "
        "answers, give one of them a number of its own and send it again. If the patient was corrected, nothing need be "
        "done."
    ),
    "patient-number-gone": gettext_lazy(
        "An earlier version gave the patient's number, and the version that was made last does not. What was found may no "
        "longer be counted under the person. If it is the same patient, send the answer again with the number."
    ),
    "withdrawn-other-patient": gettext_lazy(
        "The withdrawal names another patient than the answer that it withdraws. The answer is withdrawn. If another "
        "answer was meant, send this one again, and withdraw the other."
    ),
    "added-after-withdrawal": gettext_lazy(
        "The answer was withdrawn, and additional results of it were made after that. They are not in the register. If the "
        "answer still holds, send all of it again as a new version. If it does not, nothing need be done."
    ),
    "several-of-one-number": gettext_lazy(
        "Under one number there are answers of which nobody can tell whether they are of one specimen or of several. Specimens "
        "that may be two stand side by side; a new final answer of the same specimen has taken the place of one with other "
        "findings. If it is not right, send the answer again with a number for each specimen (SPM-2), or as a correction. "
        "So it is also when a withdrawal names a specimen that was never answered here: if it was meant for this answer, withdraw "
        "it without SPM-2, or with the number that the answer has. And when a final answer names another specimen than a "
        "preliminary one that still stands: if they are one, withdraw the preliminary one with its number. "
        "Or several answers stand under one requisition's number (KITH, FHIR), and one may have been meant to correct another; "
        "or a withdrawal was of several: give each answer a number of its own (ServProvId), and send again what still holds."
    ),
    "stands-beside-another": gettext_lazy(
        "This answer stands beside another with the same number: a final one of another test, a final culture that is called "
        "otherwise, or an answer in another format that says the same or the opposite. Both are counted. If they are one, "
        "withdraw this one, or correct the other. If they are two, nothing need be done."
    ),
    "withdrew-nothing": gettext_lazy(
        "The withdrawal names a test that had no answer under this number, and other answers under it still stand. If one of "
        "them was meant, withdraw it with the test that it was sent with (OBR-4), or all of them without OBR-4. Or it has only "
        "the number of the one who ordered (OBR-2), which no answer was sent with: if an answer was meant, withdraw it with "
        "the laboratory's number (OBR-3). If an order was cancelled that nobody had answered, nothing need be done."
    ),
    "two-patients": gettext_lazy(
        "This answer stands beside an earlier one of another test that has the same number and is about another patient. Both "
        "are in the register. If the patient is wrong in one of them, send it again about the right one. If they are two "
        "patients, nothing need be done, but give each a number of its own from now on."
    ),
}
REASONS = {
    "right": gettext_lazy("It is right as it stands"),
    "sent-again": gettext_lazy("A correction has been sent"),
    "asked": gettext_lazy("The sender has been asked"),
}
"""What somebody says who has looked at one."""


def describe_noticed(
    request: HttpRequest, sender: str | None, names: Mapping[str, str]
) -> dict[str, Any]:
    """What nobody has looked at yet, by its cause, for the page of one sender or of all."""
    found = register.list_notices(sender, MOST + 1)
    order = get_args(register.What)
    shown = sorted(found[:MOST], key=lambda one: order.index(one.what))
    return {
        "noticed": [
            {
                "title": TITLES[what],
                "says": SAYS[what],
                "what": what,
                "rows": [{"one": one, "name": names.get(one.sender, one.sender)} for one in ones],
            }
            for what, ones in groupby(shown, key=lambda one: one.what)
        ],
        "more_noticed": len(found) > MOST,
        "seen_because": list(REASONS.items()),
        "may_see": may_do(request.user, "correct"),
    }


def see(request: HttpRequest, own: str | None) -> HttpResponse:
    """Note that somebody has looked at one, and go back to the page."""
    require(request, "quarantine", "correct", area_of(request.user))
    number, what = request.POST.get("svar", ""), request.POST.get("hva", "")
    reason = request.POST.get("grunn", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 19) or what not in TITLES:
        raise Http404
    if reason not in REASONS:
        raise Http404
    by = request.user.get_username()
    if register.see_notice(int(number), what, by, reason, timezone.now(), own):
        audit.record(request.user, "change", "laboratory", "notice seen", 1)
    chosen = request.POST.get("avsender", "")
    asked = f"?{urlencode({'avsender': chosen})}" if chosen and own is None else ""
    return redirect(f"{reverse('laboratory')}{asked}#noticed-heading")
