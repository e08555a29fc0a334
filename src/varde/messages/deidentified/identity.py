"""What looks like a national identity number, however it is written.

Wider than `varde.messages.identifiers`, on purpose: a mistyped number still leads to a person, and
whoever refuses one number too many has it sent again, while one that is kept cannot be called back.
"""

from __future__ import annotations

import re
import unicodedata

CELLS = "\x1f"
"""Put between the cells of a row: no number goes on from one cell to the next."""

_SIGN = rf"[^\w{CELLS}]|_"
_GAP = rf"(?:{_SIGN}){{0,2}}"
_DAY = r"(?:[04][1-9]|[1256]\d|[37][01])"
_MONTH = r"(?:[0489][1-9]|[159][0-2])"
_LOOKS_LIKE_ONE = re.compile(
    # eleven digits or more without a break, whatever they are
    r"\d{11}"
    # ddmmyy nnn nn in groups, the day (D-number: + 40) and month (+ 40, + 80) of a date
    rf"|(?<!\d){_DAY}{_GAP}{_MONTH}{_GAP}\d\d{_GAP}\d{{3}}{_GAP}\d\d(?!\d)"
    # eleven digits, each by itself
    rf"|(?<!\d)(?:\d(?:{_SIGN})){{10}}\d(?!\d)"
)


_WORD = re.compile(r"[^\W\d_]{2,}")
_DATE = re.compile(r"(?<!\d)\d{1,4}[-./ ]\d{1,2}[-./ ]\d{1,4}(?!\d)")


def holds_identity(text: str) -> bool:
    """Whether something in a text looks like a national identity number.

    Digits of every script count, also raised and encircled ones. Cells that stand in one text are
    separated by `CELLS`.
    """
    plain = text if text.isascii() else "".join(map(_plain, unicodedata.normalize("NFKC", text)))
    return _LOOKS_LIKE_ONE.search(plain) is not None


def may_name(number: str) -> bool:
    """Whether what stands as a laboratory's number may be a person's name, with or without a day of birth: two words or
    more, and no digit but those of a date."""
    return len(_WORD.findall(number)) > 1 and not any(map(str.isdigit, _DATE.sub("", number)))


def _plain(sign: str) -> str:
    return str(unicodedata.decimal(sign, sign))
