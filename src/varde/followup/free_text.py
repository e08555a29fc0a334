"""What people write about contacts and in notes: telephone numbers are let through, national numbers are not.

Eleven digits in a row are refused everywhere. Telephone numbers are written with blanks and beside each other, so that here
a longer run of digits is refused only when eleven of them in a row are a valid number of a person, or are written as one.
"""

from __future__ import annotations

import re

from varde.messages.identifiers import identify

_DIGITS = 11
_RUN = re.compile(r"\d(?:[\W_]{0,3}\d)*")
_WRITTEN = re.compile(r"(?<!\d)(?:\d{11}|\d{6}[ .\-/\u00a0\u2010-\u2015]{1,3}\d{5})(?!\d)")
_ABROAD = re.compile(r"(?:\+|00)[1-9]\d{9,13}(?!\d)")
"""A telephone number with the number of its country before it."""


def names_somebody(text: str) -> bool:
    """Whether a text holds what is written as a national identity number, or is a valid one whatever stands between
    its digits."""
    text = " ".join(text.split())
    for run in _RUN.finditer(_ABROAD.sub("", text)):
        if _WRITTEN.search(run.group()):
            return True
        digits = "".join(str(int(sign)) for sign in run.group() if sign.isdecimal())
        windows = (digits[at : at + _DIGITS] for at in range(len(digits) - _DIGITS + 1))
        if any(map(_is_valid, windows)):
            return True
    return any(map(_is_valid, (found.group()[-_DIGITS:] for found in _ABROAD.finditer(text))))


def _is_valid(digits: str) -> bool:
    return identify("FNR", digits).valid
