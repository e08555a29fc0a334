"""What can be wrong with something that arrives.

The whole tree::

    MessageError                    anything wrong with one item; never with the batch it came in
    ├── UnreadableMessage           the bytes cannot be read at all: nothing inside was looked at
    └── InvalidContent              the bytes were read, but what they say cannot be used

Catch `MessageError` at the door of the intake; nothing else is raised by a reader for bad input.
The `reason` is a stable code: the pages and the command line turn it into a sentence that says what
to do, so a new reason needs a new entry in `reasons.json`, and a test asks for it.
"""

from __future__ import annotations

from varde.messages.masking import mask_digits, mask_found, mask_place

__all__ = ["InvalidContent", "MessageError", "UnreadableMessage", "mask_digits", "mask_place"]


class MessageError(Exception):
    """One item that could not be used.

    Args:
        reason: stable code, one of `reasons.json` (for example ``"truncated"``).
        place: where in the message: an element path, or ``"line 12, column 5"`` (of a list: the
            heading of the column).
        detail: the offending value, at most 200 characters: it stands on pages in two languages, so
            no sentences (but the rule that a mapping file breaks is one, in English).
            What may be an identifier is masked, by what the reason shows (`masking`).
        item: the position of the item in its file (0 for a file with one message).
    """

    def __init__(self, reason: str, place: str = "", detail: str = "", item: int = 0) -> None:
        self.reason = reason
        self.place = mask_place(place)[:200]
        self.detail = mask_found(reason, detail)[:200]
        self.item = item
        super().__init__(f"{reason} at {self.place or 'the start'}: {self.detail}")


class UnreadableMessage(MessageError):
    """Not well-formed, truncated, wrongly encoded, forbidden constructs, or an unknown format."""


class InvalidContent(MessageError):
    """Well-formed, but a field is missing, contradictory or outside what the format allows."""
