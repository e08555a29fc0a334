"""Answers whose value is an organism, with no word of an answer beside it ("Luftveispanel PCR": "Influensa A-virus")."""

from __future__ import annotations

from varde.messages.answers.known_names import is_known, is_no_name
from varde.messages.answers.notes import name_of, note
from varde.messages.answers.search_words import WORD, words
from varde.messages.answers.searches import (
    LONGEST,
    Analysis,
    Search,
    is_cells,
    is_stain,
    left_of,
    long_words,
    text_of,
)
from varde.messages.records import Code


def alike_value(names: tuple[Code, ...], value: tuple[Code, ...], found: Analysis) -> Search | None:
    """Of an analysis without a method, whose value is an organism that its name names too ("B-Plasmodium":
    "Plasmodium falciparum"): noted, for nobody says how it was found."""
    if found.method or not value:
        return None
    if any(is_no_name(text_of(code)) for code in value if not code.system):
        return None
    rests = tuple(Code(text=left_of(text_of(code))) for code in names)
    if not long_words(value) & long_words(rests) or not is_known(value):
        return None
    return note(names, (), value)


def organism_in(
    value: tuple[Code, ...], found: Analysis, names: tuple[Code, ...]
) -> tuple[Code, ...]:
    """A value as the names of an organism; empty for a number, a remark, and cells.

    What may be a word of a result as well stands first, with the name of the analysis: a person who sees
    it among the unknown codes can tell what it means.
    """
    texts = [text_of(code) for code in value]
    free = [text for code, text in zip(value, texts, strict=True) if not code.system]
    if any(is_no_name(text) for text in free):
        return ()
    if found.method == "microscopy" and any(is_cells(code) for code in value):
        return ()
    if found.method == "microscopy" and any(map(is_stain, texts)):
        return value if found.search is None else found.search.organisms
    said = {word for text in texts for word in WORD.findall(text.casefold())}
    known = words()
    alike = found.search is not None and bool(
        long_words(value) & long_words(found.search.organisms)
    )
    result = bool(said & known.results)
    if said & known.remarks and not (result or alike):
        return ()
    if not (result or said & known.remarks) and (alike or found.search is None):
        return value
    noted = Code(text=f"{name_of(names)}: {texts[0]}"[:LONGEST])
    return (noted,) if result else (noted, *value)
