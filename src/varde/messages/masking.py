"""What may be shown of something that was found to be wrong, so that it can be mended and names nobody.

Free text can hold national identity numbers, so long runs of digits in it are masked. But the key of a sender,
a code of a code system, an address inside a message and a measurement are of no use without their digits: each
reason says which of these it shows (``shows`` in `reasons.json`), and then only what may be an identity number
is masked: eleven digits or more, also with blanks or signs between. What does not look like what it is said to
be is free text.
"""

from __future__ import annotations

import re
from functools import cache

from varde.messages.reasons import Shows, reasons

MASK = "•" * 6
IDENTITY = 11
"""Digits of a national identity number, a D-number or a help number."""

_DATE = re.compile(r"\d{1,2}\.\d{1,2}\.(\d{2}|\d{4})")
_UNUSUAL = re.compile("[\xb2\xb3\xb9]|[^\x00-\xff]")
"""Characters among which there may be digits that are not 0 to 9."""

_PARTS = re.compile(r"\s*[≠<>]\s*|[:;,]\s+")
"""What stands between the values of a detail: ``123 ≠ 124``, ``8270: X``."""

_SHAPES: dict[Shows, re.Pattern[str]] = {
    "sender": re.compile(r"\S*"),
    "code": re.compile(r"\S*"),
    "reference": re.compile(r"\S*"),
    "number": re.compile(r"=?[-+−]?[0-9.,•]*(?:[eE][-+−]?[0-9•]+)?(?: ?[^\s\d]\S{0,19})?"),
}

_SENDER = re.compile(r"(?:HER|ENH):[0-9]{1,10}")
"""The key of a sender that says so itself, whatever is wrong with it."""

_NEXT_TO_DIGITS = r"(?<![0-9A-Za-z])(?<!\d[-._/ ,])"
_NOT_BEFORE_DIGITS = r"(?![0-9A-Za-z]|[-._/ ,]\d)"
_NAMES = re.compile(
    _NEXT_TO_DIGITS
    + r"(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-(?![0-9]{11})[0-9a-f](?![0-9]{11})[0-9a-f]{11}"
    + r"|(?:2\.16\.(?:578|840)|1\.2\.(?:752|840)|1\.3\.6\.1)(?:\.(?:0|[1-9][0-9]{0,9}+))*+)"
    + _NOT_BEFORE_DIGITS,
    re.IGNORECASE,
)
"""A UUID, or an object identifier of the roots that are in use in health: digits in the form of neither a number
nor a word. (RFC 9562; ISO/IEC 9834-1.)"""

_COUNTED = re.compile(r"\[[0-9]{1,8}\]|(?<!\w)(?:line|column) [0-9]{1,8}(?![0-9])")
"""What in a place we counted ourselves: the number of a segment, of an entry, of a line, of a column."""

_STRUCTURE = ":|^~&=≠<>→#?•"
"""Signs that stand between values, never within a number as people write it."""


def mask_found(reason: str, detail: str) -> str:
    """What may be shown of the offending value of a reason; the same again when it is masked again.

    The one place that decides: whatever shows a detail shows what this gives.
    """
    known = reasons().get(reason)
    shows = known.shows if known is not None else "text"
    shape = _SHAPES.get("sender" if _SENDER.fullmatch(detail) else shows)
    masked = mask_identities(detail)
    if shape is None or not all(map(shape.fullmatch, _PARTS.split(detail))):
        return mask_digits(masked)
    return masked


def mask_identities(text: str) -> str:
    """Replace what may be an identity number with ``•``: eleven digits or more with at most three signs
    between one and the next, but for those of a UUID or an object identifier."""
    if sum(map(str.isdigit, text)) < IDENTITY:
        return text
    out: list[str] = []
    at = 0
    for name in _NAMES.finditer(text):
        out += (_mask_runs(text[at : name.start()]), name.group())
        at = name.end()
    return "".join((*out, _mask_runs(text[at:])))


def _mask_runs(text: str) -> str:
    # Where each sign is of one of three kinds, a run is a simple pattern, whatever digits are written with.
    kinds = "".join(
        "0" if sign.isdigit() else "x" if sign.isalpha() or sign in _STRUCTURE else "-"
        for sign in text
    )
    out: list[str] = []
    at = 0
    for run in re.finditer(r"0(?:-{0,3}0)*", kinds):
        if run.group().count("0") >= IDENTITY:
            out += (text[at : run.start()], MASK)
            at = run.end()
    return "".join((*out, text[at:]))


def mask_place(place: str) -> str:
    """A place with its long runs of digits masked, but for what was counted in the message ("line 1, column
    1234567", "OBX[123456]-5")."""
    out: list[str] = []
    at = 0
    for found in _COUNTED.finditer(place):
        out += (mask_digits(place[at : found.start()]), found.group())
        at = found.end()
    return "".join((*out, mask_digits(place[at:])))


@cache
def _run_of(digits: int) -> re.Pattern[str]:
    return re.compile(rf"[0-9](?:[ .]*[0-9]){{{digits - 1}}}")


def mask_digits(text: str, run: int = 6) -> str:
    """Replace every run of `run` digits or more, also when broken by blanks or dots, with ``•``.

    Free text from laboratories can hold national identity numbers; nothing that leaves the
    encrypted message log may. Dates (2026-01-02, 32.01.2026) are left alone: what is wrong with one
    must be seen to be mended.
    """
    if len(text) < run:
        return text
    if (text.isascii() or not _UNUSUAL.search(text)) and not _run_of(run).search(text):
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
        out.append(MASK if digits >= run and not _DATE.fullmatch(chunk) else chunk)
        start = end
    return "".join(out)
