"""What a sender is told: receipts as JSON, with every reason in words in both languages."""

from __future__ import annotations

from typing import Any

from msgspec import to_builtins

from varde.messages import reason_at
from varde.register import ItemReceipt, MessageReceipt


def write_receipt(receipt: MessageReceipt, kind: str, name: str = "") -> dict[str, Any]:
    """A message's receipt: counts, and what became of each item."""
    answer: dict[str, Any] = {
        "receipt": f"/intake/{kind}/receipts/{receipt.message}",
        "received": receipt.received_at.isoformat(),
        "state": "read" if receipt.folded else "waiting",
        "counts": {
            "received": receipt.received,
            "accepted": receipt.accepted,
            "duplicate": receipt.duplicate,
            "quarantined": receipt.quarantined,
            "unmapped": receipt.unmapped,
        },
        "items": [write_item(item, kind) for item in receipt.items],
    }
    return {"name": name} | answer if name else answer


def write_item(item: ItemReceipt, door: str = "") -> dict[str, Any]:
    """One item: what became of it, what was understood of it when it is only tried, and if it could not be used, why and
    what to do."""
    answer: dict[str, Any] = {
        "item": item.position,
        "state": item.state,
        "kind": item.kind,
        "messageId": item.message_ref,
    }
    if item.unmapped:
        answer["unmapped"] = [
            {"kind": kind, "system": system, "code": code, "text": text}
            for kind, system, code, text in item.unmapped
        ]
    if item.understood is not None:
        answer["understood"] = to_builtins(item.understood)
    if item.reason:
        answer["problem"] = write_problem(item, door)
    return {name: value for name, value in answer.items() if value != ""}


def write_problem(item: ItemReceipt, door: str = "") -> dict[str, Any]:
    """Why an item could not be used: where, what was found, and what to do.

    Args:
        door: what it was handed in as.
    """
    reason = reason_at(item.reason, door)
    problem: dict[str, Any] = {"reason": item.reason, "place": item.place, "found": item.detail}
    if reason is not None:
        problem |= {
            "title": reason.nb.title,
            "explanation": reason.nb.explanation,
            "action": reason.nb.action,
            "title_en": reason.en.title,
            "action_en": reason.en.action,
        }
    return problem
