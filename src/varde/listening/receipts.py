"""What stands beside a file that was taken in: what became of everything in it, and no identity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from varde.messages import mask_digits, reasons
from varde.register import ItemReceipt, MessageReceipt

MOST_ITEMS = 10_000
"""Items that one receipt lists; the counts are of all."""


class Outcome(NamedTuple):
    """What became of one message of a file.

    Attributes:
        name: of the member, in an archive; else the file's.
        receipt: what the register says.
    """

    name: str
    receipt: MessageReceipt


class FileReceipt:
    """Gathers what became of a file's messages.

    Attributes:
        number: the first message's in the log; 0 when there is none.
        quarantined: whether something waits for a person.
    """

    def __init__(self) -> None:
        self.number = 0
        self._counts = dict.fromkeys(
            ("messages", "received", "accepted", "duplicate", "quarantined", "unmapped"), 0
        )
        self._received_at = ""
        self._messages: list[dict[str, Any]] = []
        self._listed = 0

    @property
    def quarantined(self) -> bool:
        """Whether something in the file went to quarantine."""
        return self._counts["quarantined"] > 0

    def add(self, outcome: Outcome) -> None:
        """Add a message's."""
        receipt = outcome.receipt
        self.number = self.number or receipt.message
        self._received_at = self._received_at or receipt.received_at.isoformat()
        self._counts["messages"] += 1
        for name in ("received", "accepted", "duplicate", "quarantined", "unmapped"):
            self._counts[name] += getattr(receipt, name)
        items = list(_items(receipt.items[: max(0, MOST_ITEMS - self._listed)]))
        if items:
            self._listed += len(items)
            self._messages.append(
                {
                    "message": receipt.message,
                    "name": mask_digits(_shown(outcome.name), 11),
                    "items": items,
                }
            )

    def write(self) -> bytes:
        """The receipt as JSON."""
        made = {"received_at": self._received_at, **self._counts, "details": self._messages}
        return msgspec.json.format(msgspec.json.encode(made)) + b"\n"


def _items(items: Sequence[ItemReceipt]) -> Iterator[dict[str, Any]]:
    known = reasons()
    for item in items:
        told: dict[str, Any] = {
            "position": item.position,
            "state": item.state,
            "kind": item.kind,
            "reference": mask_digits(item.message_ref, 11),
        }
        if item.reason:
            told |= {"reason": item.reason, "place": item.place, "detail": item.detail}
        if (texts := known.get(item.reason)) is not None:
            told |= {
                "nb": {"title": texts.nb.title, "action": texts.nb.action},
                "en": {"title": texts.en.title, "action": texts.en.action},
            }
        yield told


def _shown(name: str) -> str:
    """A name as text: one from a system with another alphabet has odd bytes."""
    return name.encode("utf-8", "replace").decode("utf-8")
