"""What came and could not be used: for the laboratory that sent it, and for the duty officer.

One register's at a time; whose a user may see is the same in all, because senders have one key everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

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
from varde.access.roles import AreaMissing, may_do, role_of, sender_scope
from varde.access.sealing import Sealer
from varde.register import ItemReceipt, QuarantineItem, UnmappedCode
from varde.web.fault_words import (
    detail_words,
    place_words,
    plain_place,
    reason_words,
)
from varde.web.missing_elements import missing_element
from varde.web.names import CODE_KINDS
from varde.web.pages.laboratory import code_query, show_code
from varde.web.registers import (
    asked_register,
    has_come,
    laboratory_names,
    named,
    register_choices,
)

PER_PAGE = 10
MOST_CODES = 100

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
    database = asked_register(request)
    if national and request.GET.get("avsender"):
        sender = request.GET["avsender"][:80]
    chosen = sender if national else None
    state = _state(request.GET.get("state", "open"))
    reason = request.GET.get("reason", "")
    reason = reason if reason in messages.reasons() else ""
    number = _page_number(request.GET.get("page", "1"))
    waiting = _Waiting([], [], [], [])
    if has_come(database):
        with register.using(database):
            waiting = _read(sender, reason, state, number)
    items = waiting.items[:PER_PAGE]
    names = laboratory_names()
    apart = database if database in register.APART else ""
    kept = {"register": apart, "avsender": chosen or "", "state": state or ""}
    audit.record(request.user, "view", "quarantine", named("quarantine item", database), len(items))
    return render(
        request,
        "web/quarantine.html",
        {
            "apart": apart,
            "registers": register_choices(database, state=state or ""),
            "everybody": national,
            "of_laboratory": is_laboratory(request.user),
            "sender": chosen or "",
            "laboratories": sorted(
                ((key, names.get(key, key)) for key in waiting.senders if key),
                key=lambda pair: pair[1],
            )
            if national
            else [],
            "items": describe(items, request.LANGUAGE_CODE, database, names),
            "reasons": _reason_links(waiting.counts, reason, kept, request.LANGUAGE_CODE),
            "every_reason": _address(kept),
            "total": sum(count for _, count in waiting.counts),
            "reason": reason,
            "state": state or "",
            "states": [
                (each, (state or "") == each, _address(kept | {"state": each}, reason))
                for each in (*STATES, "")
            ],
            "previous": _address(kept, reason, number - 1) if number > 1 else "",
            "next": _address(kept, reason, number + 1) if len(waiting.items) > PER_PAGE else "",
            "number": number,
            "codes": [
                (
                    CODE_KINDS.get(code.kind, code.kind),
                    show_code(code, not national),
                    code_query(code),
                )
                for code in waiting.codes
            ],
            "may_correct": may_do(request.user, "correct"),
            "may_say": may_do(request.user, "confirm-codes")
            or may_do(request.user, "propose-codes"),
            "code_limit": MOST_CODES,
        },
    )


def is_laboratory(user: object) -> bool:
    """Whether the user is of a laboratory; else of another sender, or national."""
    role = role_of(user)
    return role is not None and role.area_kind == "laboratory"


class _Waiting(NamedTuple):
    """What the page shows of one register; of the items one more than a page has, if there are more."""

    items: list[QuarantineItem]
    counts: list[tuple[str, int]]
    senders: list[str]
    codes: list[UnmappedCode]


def _read(sender: str | None, reason: str, state: State | None, number: int) -> _Waiting:
    """What waits in the register in use."""
    items = register.quarantine_items(
        sender=sender,
        reason=reason or None,
        state=state,
        limit=PER_PAGE + 1,
        offset=(number - 1) * PER_PAGE,
    )
    counts = register.quarantine_counts(sender, state)
    codes = register.unmapped_codes(sender=sender, limit=MOST_CODES)
    return _Waiting(items, counts, register.senders(), codes)


def describe(
    items: Sequence[QuarantineItem], language: str, database: str, names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Items of a register with the names of their files and laboratories, and what is wrong in words.

    Args:
        names: of laboratories, by their keys.
    """
    files: dict[int, str] = {}
    if database not in register.APART:  # those keep no name of a file
        sealer = Sealer(load_keys(settings.VARDE_HOME))
        files = register.read_names((item.message for item in items), sealer)
    return [
        {"file": files.get(item.message, ""), **_with_words(item, language, names)}
        for item in items
    ]


def _with_words(item: QuarantineItem, language: str, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "item": item,
        "laboratory": names.get(item.sender, item.sender),
        **words_of(item, language),
    }


def words_of(item: QuarantineItem | ItemReceipt, language: str) -> dict[str, str]:
    """What is wrong with an item, where and what to do about it, in the reader's language."""
    found = detail_words(item.reason, item.detail, language, item.place)
    return {
        "place": place_words(item.place, language),
        "plain_place": plain_place(item.place, language),
        "missing": missing_element(item.reason, item.place),
        "found": found,
        "value": item.detail if found == item.detail else "",
        **reason_words(item.reason, language),
    }


def _reason_links(
    counts: list[tuple[str, int]], chosen: str, kept: dict[str, str], language: str
) -> list[dict[str, Any]]:
    return [
        {
            "title": reason_words(code, language)["title"],
            "count": count,
            "address": _address(kept, code),
            "chosen": code == chosen,
        }
        for code, count in counts
    ]


def _address(kept: dict[str, str], reason: str = "", number: int = 1) -> str:
    asked = kept | {"reason": reason, "page": str(number) if number > 1 else ""}
    return "?" + urlencode({name: v for name, v in asked.items() if v or name == "state"})


def _state(value: str) -> State | None:
    """The state asked for; None, which is both, for anything else."""
    return next((state for state in STATES if state == value), None)


def _page_number(value: str) -> int:
    return min(max(int(value), 1), 10_000) if value.isascii() and value.isdigit() else 1
