"""What came and could not be used: for the laboratory that sent it, and for the duty officer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from varde import messages, register
from varde.access import audit
from varde.access.gate import page
from varde.access.keys import load_keys
from varde.access.roles import AreaMissing, may_do, sender_scope
from varde.access.sealing import Sealer
from varde.register import QuarantineItem
from varde.web.names import CODE_KINDS
from varde.web.pages.laboratory import code_query

PER_PAGE = 25
MOST_CODES = 100

# What these have found is words of the program that read the message, in English.
READER_WORDS = frozenset(
    {
        "forbidden-xml",
        "invalid-mapping",
        "malformed-list",
        "not-well-formed",
        "reader-fault",
        "too-deep",
        "too-large",
        "truncated",
        "wrong-encoding",
    }
)

State = Literal["open", "resolved"]
STATES: tuple[State, ...] = ("open", "resolved")


@require_safe
@page("quarantine")
def show(request: HttpRequest) -> HttpResponse:
    """The problems, newest first, by reason and state; and the codes that are not mapped."""
    try:
        sender = sender_scope(request.user)
    except AreaMissing:
        raise PermissionDenied from None
    national = sender is None
    if national and request.GET.get("avsender"):
        sender = request.GET["avsender"][:80]
    chosen = sender if national else None
    state = _state(request.GET.get("state", "open"))
    counts = register.quarantine_counts(sender, state)
    reason = request.GET.get("reason", "")
    reason = reason if reason in messages.reasons() else ""
    number = _page_number(request.GET.get("page", "1"))
    found = register.quarantine_items(
        sender=sender,
        reason=reason or None,
        state=state,
        limit=PER_PAGE + 1,
        offset=(number - 1) * PER_PAGE,
    )
    items = found[:PER_PAGE]
    codes = register.unmapped_codes(sender=sender, limit=MOST_CODES)
    audit.record(request.user, "view", "quarantine", "quarantine item", len(items))
    return render(
        request,
        "web/quarantine.html",
        {
            "everybody": national,
            "sender": chosen or "",
            "laboratories": sorted(register.sender_names().items(), key=lambda pair: pair[1])
            if national
            else [],
            "items": describe(items, request.LANGUAGE_CODE),
            "reasons": _reason_links(counts, reason, state or "", request.LANGUAGE_CODE, chosen),
            "total": sum(count for _, count in counts),
            "reason": reason,
            "state": state or "",
            "states": [
                ("open", state == "open"),
                ("resolved", state == "resolved"),
                ("", not state),
            ],
            "previous": _address(reason, state or "", number - 1, chosen) if number > 1 else "",
            "next": _address(reason, state or "", number + 1, chosen)
            if len(found) > PER_PAGE
            else "",
            "number": number,
            "codes": [
                (CODE_KINDS.get(code.kind, code.kind), code, code_query(code)) for code in codes
            ],
            "may_correct": may_do(request.user, "correct"),
            "may_say": may_do(request.user, "confirm-codes")
            or may_do(request.user, "propose-codes"),
            "code_limit": MOST_CODES,
        },
    )


def reason_words(code: str, language: str) -> dict[str, str]:
    """Title, explanation and what to do about a reason, in the reader's language."""
    found = messages.reasons().get(code)
    if found is None:
        return {"title": code, "explanation": "", "action": ""}
    text = found.en if language == "en" else found.nb
    return {"title": text.title, "explanation": text.explanation, "action": text.action}


def describe(items: Sequence[QuarantineItem], language: str) -> list[dict[str, Any]]:
    """Items with the names of their files, and what is wrong in words."""
    sealer = Sealer(load_keys(settings.VARDE_HOME))
    files = register.read_names((item.message for item in items), sealer)
    return [{"file": files[item.message], **_with_words(item, language)} for item in items]


def _with_words(item: Any, language: str) -> dict[str, Any]:
    return {
        "item": item,
        "place": place_words(item.place, language),
        "found": detail_words(item.reason, item.detail, language),
        **reason_words(item.reason, language),
    }


def place_words(place: str, language: str) -> str:
    """A place in a message with its few English words in the reader's language."""
    if language == "en":
        return place
    return re.sub(r"\bline (?=\d)", "linje ", re.sub(r"\bcolumn (?=\S)", "kolonne ", place))


def detail_words(reason: str, detail: str, language: str) -> str:
    """What was found, without words of the reading program for those who read Norwegian."""
    if language == "en":
        return detail
    if reason == "wrong-columns":
        return re.sub("^repeated: ", "gjentatt: ", re.sub("^no column ", "mangler ", detail))
    return "" if reason in READER_WORDS else detail


def _reason_links(
    counts: list[tuple[str, int]], chosen: str, state: str, language: str, sender: str | None
) -> list[dict[str, Any]]:
    return [
        {
            "title": reason_words(code, language)["title"],
            "count": count,
            "address": _address(code, state, 1, sender),
            "chosen": code == chosen,
        }
        for code, count in counts
    ]


def _address(reason: str, state: str, number: int, sender: str | None) -> str:
    chosen = {
        "avsender": sender or "",
        "reason": reason,
        "state": state or "",
        "page": number if number > 1 else "",
    }
    kept = {name: value for name, value in chosen.items() if value or name == "state"}
    return "?" + urlencode(kept)


def _state(value: str) -> State | None:
    """The state asked for; None, which is both, for anything else."""
    return next((state for state in STATES if state == value), None)


def _page_number(value: str) -> int:
    return min(max(int(value), 1), 10_000) if value.isascii() and value.isdigit() else 1
