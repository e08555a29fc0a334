"""A plain "reactive", of the searches for which it is a positive answer (`reactive` in `searches.json`).

Of every other test it is a screening that nobody has confirmed, and waits for a person.
"""

from __future__ import annotations

from collections.abc import Collection

from varde.messages.answers.search_words import words
from varde.messages.answers.searches import Search, analyse, text_of
from varde.messages.records import Code


def reactive_in(
    names: tuple[Code, ...], field: tuple[Code, ...], said: Collection[str]
) -> Search | None:
    """What a plain "reactive" found, of the few searches for which it is a positive answer: also behind their name
    ("Hepatittserologi": "HBsAg: Reaktiv")."""
    if len(said) != 1:
        return None
    head, _, word = " ".join(next(iter(said)).split()).strip(" .").rpartition(" ")
    if word.casefold() not in words().reactive_words:
        return None
    own = analyse(names, field).search
    head = head.strip(" :=-–")
    search = analyse((Code(text=head),)).search if head else own
    if search is None or text_of(search.organisms[0]).casefold() not in words().reactive:
        return None
    return search if own is None or own.organisms == search.organisms else None
