"""What a place has handed in on a page: the receipt of each, a list of them, and how one is withdrawn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varde import register
from varde.access import audit
from varde.messages import published_tables
from varde.register import DoorError, MessageReceipt, Standing
from varde.web.forms import phoning, withdrawing
from varde.web.forms.advice import advise
from varde.web.forms.handing_in import Sender, hand_in, receipts_of
from varde.web.forms.recognising import say_what
from varde.web.pages.corrections import PURPOSES
from varde.web.pages.quarantine import words_of

MOST_NUMBERS = 4
MOST_SHOWN = 50
MOST_REFERENCES = 12
MOST_PROBLEMS = 50
MOST_NAMED = 3
"""Things that a line of the list names; of a table there may be hundreds."""
_NUMBERS = re.compile(r"[0-9]{1,18}(?:-[0-9]{1,18}){0,3}", re.ASCII)


WITHDRAWN_BECAUSE = {
    "wrong": gettext_lazy("It was about the wrong patient, ward or operation"),
    "twice": gettext_lazy("It was sent twice"),
    "not": gettext_lazy("It turned out not to be so"),
    "test": gettext_lazy("It was a test"),
}
"""Why something is withdrawn."""
LOGGED_REASONS = {
    "wrong": "Trukket tilbake: gjaldt feil pasient, avdeling eller operasjon",
    "twice": "Trukket tilbake: var sendt to ganger",
    "not": "Trukket tilbake: viste seg ikke å stemme",
    "test": "Trukket tilbake: var en prøve",
}
"""As it is written into the access log: the messages have no place for a reason."""


class Place(NamedTuple):
    """What the pages of one form are called and who they are for.

    Attributes:
        kind: what is handed in; also the name of the address of the form.
    """

    kind: str
    sender: Sender


def show_receipts(request: HttpRequest, place: Place, numbers: str) -> HttpResponse:
    """The receipt of messages of the user's own place; or what they stated, withdrawn.

    Args:
        numbers: of the messages in the log, with a dash between.

    Raises:
        Http404: there are no such messages that this place handed in.
    """
    kind, sender = place
    if _NUMBERS.fullmatch(numbers) is None:
        raise Http404
    messages = [int(number) for number in numbers.split("-")]
    receipts = receipts_of(kind, messages, sender)
    if len(receipts) != len(messages):
        raise Http404
    stated = register.read_standing(messages, sender.key)
    trouble = ""
    if request.method == "POST":
        done = _withdraw(request, place, stated)
        if not isinstance(done, str):
            return done
        trouble = done
    left = [each for each in stated if not each.withdrawn]
    standing = len(left)
    replaced = bool(left) and all(each.after for each in left)
    may_correct = _correctable(kind, stated)
    return render(
        request,
        "web/receipt.html",
        {
            "numbers": numbers,
            "received_at": receipts[0].received_at,
            "sender": sender,
            "folded": all(receipt.folded for receipt in receipts),
            "accepted": sum(receipt.accepted for receipt in receipts),
            "duplicate": sum(receipt.duplicate for receipt in receipts),
            "quarantined": sum(receipt.quarantined for receipt in receipts),
            "withdrawn": bool(stated) and not standing,
            "may_withdraw": 0 < standing <= withdrawing.MOST,
            "too_many": standing > withdrawing.MOST,
            "reasons": WITHDRAWN_BECAUSE.items(),
            "trouble": trouble,
            "problems": _problems(receipts, kind, sender, request.LANGUAGE_CODE),
            **_named(messages, sender),
            "number": may_correct,
            "correct": f"{kind}-correct",
            "purposes": PURPOSES.items(),
            "replaces": sorted({each.before for each in stated if each.before}),
            "replaced_by": max(each.after or 0 for each in left) if replaced else None,
            "receipt": f"{kind}-receipt",
            "refs": _references(receipts),
            "kind": kind,
            "again": kind,
            "handed_in": f"{kind}-handed-in",
        },
        status=422 if trouble else 200,
    )


def _correctable(kind: str, stated: Sequence[Standing]) -> str:
    """The number of the one thing that was stated and can be opened again; empty when it is none or several."""
    prefix = _PREFIXES[kind]
    own = [
        each.number.removeprefix(prefix)
        for each in stated
        if not each.withdrawn and each.number.startswith(prefix)
    ]
    return own[0] if len(own) == 1 else ""


_PREFIXES = {
    "notification": "",
    "prevalence": published_tables()["nois-piah-avdeling"].prefix,
    "surgery": published_tables()["nois-posi"].prefix,
}
"""What stands before the numbers of what a form states."""


def _named(messages: Sequence[int], sender: Sender) -> dict[str, Any]:
    """What was stated in words, and whether there is more."""
    found = register.recognise(messages, sender.key, MOST_NAMED + 1)
    today = timezone.localdate()
    forms = [one.name for one in found if one.kind == "notification"]
    return {
        "what": list(map(say_what, found[:MOST_NAMED])),
        "more": len(found) > MOST_NAMED,
        "at_once": phoning.named_at_once(forms, today),
        "duty_phone": phoning.duty_phone(today),
    }


def _withdraw(request: HttpRequest, place: Place, stated: Sequence[Standing]) -> HttpResponse | str:
    """Hand in that what was stated does not hold; the way to that receipt, or why it was not done."""
    kind, sender = place
    reason = request.POST.get("grunn", "")
    if reason not in WITHDRAWN_BECAUSE:
        return _("Say why it is withdrawn.")
    numbers = withdrawing.numbers_of(kind, stated, sender)
    if not 0 < len(numbers) <= withdrawing.MOST:
        return _("There is nothing here that can be withdrawn.")
    try:
        data = withdrawing.write_withdrawals(kind, numbers, sender, timezone.now())
        kept = hand_in(kind, data, sender)
    except DoorError:
        return _("Varde could not keep this. Nothing was withdrawn: wait a moment and try again.")
    audit.record(request.user, "hand-in", kind, "withdrawal", len(numbers), LOGGED_REASONS[reason])
    shown = kept.messages[:MOST_NUMBERS]
    return redirect(f"{kind}-receipt", numbers="-".join(map(str, shown)))


def show_handed_in(request: HttpRequest, place: Place) -> HttpResponse:
    """What a place has handed in on the page of a form, newest first, `MOST_SHOWN` messages at a time."""
    kind, sender = place
    asked = request.GET.get("eldre_enn", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 13 else None
    messages = register.list_handed_in(kind, sender.key, MOST_SHOWN + 1, before)
    receipts = receipts_of(kind, messages, sender)
    # What one form wrote came at one moment: a ward, and its prescriptions beside it. One that does not end
    # on this page stands on the next.
    groups = [list(group) for _at, group in groupby(receipts, key=lambda each: each.received_at)]
    older = len(messages) > MOST_SHOWN
    if older and len(groups) > 1:
        groups.pop()
    shown = [each for group in groups for each in group]
    audit.record(request.user, "view", kind, "receipt", len(shown))
    rows = [_row(kind, group[:MOST_NUMBERS], sender) for group in groups]
    return render(
        request,
        "web/handed_in.html",
        {
            "rows": rows,
            "sender": sender,
            "form": kind,
            "receipt": f"{kind}-receipt",
            "older": shown[-1].message if older else None,
            "newest": before is None,
        },
    )


def _row(kind: str, group: Sequence[MessageReceipt], sender: Sender) -> dict[str, Any]:
    """One line of the list."""
    together = sorted(group, key=lambda each: each.message)
    stated = register.read_standing([each.message for each in together], sender.key)
    return {
        "numbers": "-".join(str(each.message) for each in together),
        "received_at": together[0].received_at,
        "folded": all(each.folded for each in together),
        "accepted": sum(each.accepted for each in together),
        "duplicate": sum(each.duplicate for each in together),
        "quarantined": sum(each.quarantined for each in together),
        "withdrawn": bool(stated) and all(each.withdrawn for each in stated),
        "withdrawal": bool(stated) and all(each.cancels for each in stated),
        "refs": _references(together)[:1],
        "items": sum(each.received for each in together),
        "correctable": bool(_correctable(kind, stated)),
        "replaced": bool(stated) and all(each.after for each in stated if not each.cancels),
        **_named([each.message for each in together], sender),
    }


def _problems(
    receipts: Sequence[MessageReceipt], kind: str, sender: Sender, language: str
) -> list[dict[str, Any]]:
    """What could not be used, with what to do about it on the page of the form."""
    waiting = [item for receipt in receipts for item in receipt.items if item.reason]
    return [
        {
            **words_of(item, language),
            "position": item.position,
            "advice": advise(item, kind, sender),
        }
        for item in waiting[:MOST_PROBLEMS]
    ]


def _references(receipts: Sequence[MessageReceipt]) -> list[str]:
    """The sender's own numbers, where they are few enough to be read."""
    refs = [item.message_ref for receipt in receipts for item in receipt.items if item.message_ref]
    # What a table adds to a number is the time of its version, which the receipt says already.
    return [ref.partition("@")[0] for ref in refs] if len(refs) <= MOST_REFERENCES else []
