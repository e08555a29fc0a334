"""A plain "reactive", of the searches for which it is a positive answer (`reactive` in `searches.json`).

Of every other test it is a screening that nobody has confirmed, and waits for a person.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from varde.messages.answers.search_words import words
from varde.messages.answers.searches import Search, analyse, text_of
from varde.messages.records import Code

CONFIRMED = re.compile(
    r"\s*[(,]\s*(?:bekreftet|konfirmert|confirmed)(?:\s+(?:ved|i|med|by|in|with)\s+"
    r"(?:nøytralisering(?:stest)?|nøytralisasjon(?:stest)?|konfirmasjonstest"
    r"|neutrali[sz]ation(?:\s+test)?|confirmatory\s+test))?\s*\)?\s*\Z",
    re.I,
)
"""That the answer is confirmed, which takes nothing from it."""


def reactive_in(
    names: tuple[Code, ...], field: tuple[Code, ...], said: Collection[str]
) -> Search | None:
    """What a plain "reactive" found, of the few searches for which it is a positive answer: also behind their name
    ("Hepatittserologi": "HBsAg: Reaktiv")."""
    if len(said) != 1:
        return None
    text = CONFIRMED.sub("", " ".join(next(iter(said)).split()).strip(" ."))
    head, _, word = text.strip(" .").rpartition(" ")
    if word.casefold() not in words().reactive_words:
        return None
    own = analyse(names, field).search
    head = head.strip(" :=-–")
    search = analyse((Code(text=head),)).search if head else own
    called = (head,) if head else tuple(map(text_of, names))
    if search is None or not (
        text_of(search.organisms[0]).casefold() in words().reactive
        or any(_without_system(name) in words().reactive_names for name in called)
    ):
        return None
    return search if own is None or own.organisms == search.organisms else None


def _without_system(name: str) -> str:
    """The name of an analysis in lower case, without the prefix that says what was examined (P-, S-)."""
    prefix = words().prefix.match(name)
    return (name[prefix.end() :] if prefix is not None else name).casefold().strip()
