"""The receipt of what a person handed in: its number, when it came, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from varde.register import ItemReceipt, MessageReceipt
from varde.web.forms.handing_in import Sender, receipts_of
from varde.web.pages.quarantine import detail_words, place_words, reason_words

MOST_REFERENCES = 12
MOST_PROBLEMS = 50
_NUMBERS = re.compile(r"[0-9]{1,18}(?:-[0-9]{1,18}){0,3}", re.ASCII)


def show_receipts(
    request: HttpRequest, kind: str, numbers: str, sender: Sender, again: str
) -> HttpResponse:
    """The receipt of messages of the user's own place.

    Args:
        numbers: of the messages in the log, with a dash between.
        again: the name of the address of the form.

    Raises:
        Http404: there are no such messages that this place handed in.
    """
    if _NUMBERS.fullmatch(numbers) is None:
        raise Http404
    messages = [int(number) for number in numbers.split("-")]
    receipts = receipts_of(kind, messages, sender)
    if len(receipts) != len(messages):
        raise Http404
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
            "problems": _problems(receipts, request.LANGUAGE_CODE),
            "refs": _references(receipts),
            "kind": kind,
            "again": again,
        },
    )


def _problems(receipts: Sequence[MessageReceipt], language: str) -> list[dict[str, Any]]:
    waiting = [item for receipt in receipts for item in receipt.items if item.reason]
    return [_with_words(item, language) for item in waiting[:MOST_PROBLEMS]]


def _with_words(item: ItemReceipt, language: str) -> dict[str, Any]:
    return {
        "position": item.position,
        "place": place_words(item.place, language),
        "found": detail_words(item.reason, item.detail, language),
        **reason_words(item.reason, language),
    }


def _references(receipts: Sequence[MessageReceipt]) -> list[str]:
    """The sender's own numbers, where they are few enough to be read."""
    refs = [item.message_ref for receipt in receipts for item in receipt.items if item.message_ref]
    # What a table adds to a number is the time of its version, which the receipt says already.
    return [ref.partition("@")[0] for ref in refs] if len(refs) <= MOST_REFERENCES else []
