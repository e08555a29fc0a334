"""Texts of cards: plain in summaries and labels, harmless Markdown in details."""

from __future__ import annotations

import html
import re

LONGEST = 139
"""Characters of a summary: the standard says fewer than 140."""
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_TAG = re.compile(r"<[A-Za-z/!?][^<>]*>")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:[^()]|\([^()]*\))*\)")
_MARKS = re.compile(r"[\\`*_{}\[\]<>#|~]")
_SCHEME = re.compile(
    r"\b(?:(?:javascript|vbscript|data|file|blob|mailto|xmpp|tel|sms):\S+"
    r"|(?!https?://)[a-z][a-z0-9+.-]*://\S*)",
    re.IGNORECASE,
)


def make_plain(text: str) -> str:
    """Text for where neither HTML nor Markdown is read: without either, on one line."""
    text = html.unescape(text)
    text = _LINK.sub(r"\1", _TAG.sub(" ", text))
    return " ".join(_printable(_MARKS.sub("", text)).split())


def shorten(text: str) -> str:
    """At most `LONGEST` characters, cut after a whole word where it is cut."""
    if len(text) <= LONGEST:
        return text
    cut = text[: LONGEST - 1]
    return f"{cut.rpartition(' ')[0] or cut} …"[:LONGEST]


def escape(text: str) -> str:
    """Text that Markdown takes as it stands; addresses of other schemes than http(s) are taken out."""
    return _MARKDOWN.sub(r"\\\1", _SCHEME.sub("(lenke fjernet)", _printable(text)))


def first_sentence(text: str) -> str:
    """The first sentence of plain text; all of it where none ends."""
    found = re.match(r".+?[.!?](?=\s|$)", text)
    return found.group() if found else text


def _printable(text: str) -> str:
    """Without control characters and marks that turn the direction of text."""
    return "".join(one if one.isprintable() else " " for one in text)
