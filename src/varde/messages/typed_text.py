"""Text as a person typed or pasted it into a form, without signs that nobody sees: one rule for all forms.

What breaks a line in some program (Word's line break is a vertical tab) breaks a line; other control signs (Unicode
category Cc) are removed, and so are those signs of category Cf that turn or hide what stands beside them: embeddings,
overrides and isolates of direction, marks of byte order, and blanks without width. Joiners stay: letters of some scripts
and pictures are put together by them.
"""

from __future__ import annotations

import re

_BREAKS = re.compile("\r(?!\n)|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\ufffb]"
)


def clean_lines(text: str) -> str:
    """The text without hidden signs; every break is a line's end (\\n, or \\r\\n where it was sent so), and blanks stay as they
    are."""
    return _HIDDEN.sub("", _BREAKS.sub("\n", text))


def clean_line(text: str) -> str:
    """The text in one line, each run of blanks and breaks as one blank."""
    return " ".join(clean_lines(text).split())


def tidy_lines(text: str) -> str:
    """The text with its lines, each without needless blanks."""
    return "\n".join(" ".join(line.split()) for line in clean_lines(text).split("\n"))
