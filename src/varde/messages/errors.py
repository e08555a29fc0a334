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

import re
from functools import cache

_DATE = re.compile(r"\d{1,2}\.\d{1,2}\.(\d{2}|\d{4})")


class MessageError(Exception):
    """One item that could not be used.

    Args:
        reason: stable code, one of `reasons.json` (for example ``"truncated"``).
        place: where in the message: an element path, or ``"line 12, column 5"`` (of a list: the
            heading of the column).
        detail: the offending value, at most 200 characters: it stands on pages in two languages, so
            no sentences (but the rule that a mapping file breaks is one, in English).
            Runs of six digits or more are masked, so that an identifier cannot leak through here.
        item: the position of the item in its file (0 for a file with one message).
    """

    def __init__(self, reason: str, place: str = "", detail: str = "", item: int = 0) -> None:
        self.reason = reason
        self.place = mask_digits(place)[:200]
        self.detail = mask_digits(detail)[:200]
        self.item = item
        super().__init__(f"{reason} at {self.place or 'the start'}: {self.detail}")


class UnreadableMessage(MessageError):
    """Not well-formed, truncated, wrongly encoded, forbidden constructs, or an unknown format."""


class InvalidContent(MessageError):
    """Well-formed, but a field is missing, contradictory or outside what the format allows."""


_UNUSUAL = re.compile("[\xb2\xb3\xb9]|[^\x00-\xff]")
"""Characters among which there may be digits that are not 0 to 9."""


@cache
def _run_of(digits: int) -> re.Pattern[str]:
    return re.compile(rf"[0-9](?:[ .]*[0-9]){{{digits - 1}}}")


def mask_digits(text: str, run: int = 6) -> str:
    """Replace every run of `run` digits or more, also when broken by blanks or dots, with ``•``.

    Free text from laboratories can hold national identity numbers; nothing that leaves the
    encrypted message log may. Dates (2026-01-02, 32.01.2026) are left alone: what is wrong with one
    must be seen to be mended.
    """
    if not _UNUSUAL.search(text) and not _run_of(run).search(text):
        return text
    out: list[str] = []
    start = 0
    length = len(text)
    while start < length:
        if not text[start].isdigit():
            out.append(text[start])
            start += 1
            continue
        end = start
        digits = 0
        while end < length and (text[end].isdigit() or (text[end] in " ." and digits < 12)):
            digits += text[end].isdigit()
            end += 1
        chunk = text[start:end].rstrip(" .")
        end = start + len(chunk)
        out.append("•" * 6 if digits >= run and not _DATE.fullmatch(chunk) else chunk)
        start = end
    return "".join(out)
