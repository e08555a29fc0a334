"""What a sender is answered, from what became of what it sent."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime

from varde.messages import MessageError
from varde.messages.hl7v2.answers import (
    answer_batch,
    answer_content,
    answer_receipt,
    answer_refusal,
    is_batch,
)
from varde.messages.hl7v2.reports import count_items
from varde.messages.hl7v2.segments import WIDE, find_starts, split_messages
from varde.messages.records import Failure
from varde.register import MessageReceipt


def acknowledge(data: bytes, receipt: MessageReceipt, at: datetime) -> list[bytes]:
    """The answers to something that is safe, each to go in a frame of its own.

    One message is answered as its MSH-15 and MSH-16 ask. Several are answered in one batch that has an
    answer for each. What is safe and waits to be read is answered as accepted: the register has it,
    and what is wrong with it shows in the quarantine.

    Args:
        data: what stood in the frame.
        receipt: what became of it.
        at: when the answer is made (aware).
    """
    data = _legible(data)
    failures = [
        Failure(item=item.position - 1, reason=item.reason, place=item.place, detail=item.detail)
        for item in receipt.items
        if item.state == "quarantined"
    ]
    if not _split(data):
        return _answer(data, failures, at)
    answers = []
    first = 0
    for piece, items in count_items(data, receipt.received_at):
        own = [failure for failure in failures if first <= failure.item < first + items]
        answers += _answer(piece, own, at)
        first += items
    rest = [failure for failure in failures if failure.item >= first]
    if not answers and not rest:
        return []
    said = "; ".join(f"{failure.reason} {failure.place} {failure.detail}" for failure in rest)
    return [answer_batch(data, answers, at, _new_id(), said)]


def refuse(data: bytes, refusal: str, at: datetime) -> list[bytes]:
    """The answers to something that is not kept, each to go in a frame of its own.

    Args:
        data: what stood in the frame, or its beginning.
        refusal: one of `varde.messages.hl7v2.answers.list_refusals`.
        at: when the answer is made (aware).
    """
    data = _legible(data)
    pieces = _split(data)
    answers = [
        answer
        for piece in pieces or [data]
        for answer in _told(answer_refusal(piece, refusal, at, _new_id()))
    ]
    return [answer_batch(data, answers, at, _new_id())] if answers and pieces else answers


def holds_hl7v2(data: bytes) -> bool:
    """Whether something has a header of HL7 version 2 in it, be it damaged or cut off."""
    return bool(find_starts(_legible(data)))


def _legible(data: bytes) -> bytes:
    """The same in UTF-8 when it is in UTF-16: an answer tells of what it answers."""
    wide = WIDE.get(data[:2])
    if wide is None:
        return data
    return data.decode(wide, "ignore").removeprefix("\ufeff").encode("utf-8", "ignore")


def _split(data: bytes) -> list[bytes]:
    """The messages of what is to be answered as a batch; none where it is one message, or none at all."""
    try:
        pieces = split_messages(data).messages
    except MessageError:
        return []
    return pieces if len(pieces) > 1 or is_batch(data) else []


def _answer(data: bytes, failures: Sequence[Failure], at: datetime) -> list[bytes]:
    accept = answer_receipt(data, True, at, _new_id())
    return [*_told(accept), *_told(answer_content(data, failures, at, _new_id()))]


def _told(answer: bytes | None) -> Iterator[bytes]:
    if answer is not None:
        yield answer


def _new_id() -> str:
    """An id that no other answer has; MSH-10 has room for 20 characters."""
    return secrets.token_hex(10)
