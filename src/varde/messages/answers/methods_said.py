"""What an answer says of how something was found, where the name of its analysis says less; and what pathology says that is no
organism."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from varde.codes import organisms
from varde.messages.answers.beside import CONFIRMED
from varde.messages.answers.kind_answers import concepts_in
from varde.messages.answers.names import any_agent
from varde.messages.answers.notes import Noted, is_never, note
from varde.messages.answers.said import show
from varde.messages.answers.searches import DENYING, Search, analyse, methods_in, text_of
from varde.messages.records import Code

GENOTYPE = re.compile(r"(?<!\w)(?:genotype?n?|genogruppe|gt)\s*:?\s+[a-z0-9]", re.I)
"""A genotype, or a group of genotypes."""


def by_blot(found: Search, said: Collection[str]) -> Search:
    """Antibodies that the answer says are confirmed by a blot (Positiv, bekreftet med immunoblot), as a blot found them."""
    if isinstance(found, Noted) or found.method not in ("antibody", "antibody-igg"):
        return found
    blots = (
        method
        for text in said
        for by in CONFIRMED.finditer(text)
        if DENYING.search(text[: by.start()]) is None
        for method in methods_in(by.group())
    )
    return Search("antibody-blot", found.organisms) if "antibody-blot" in blots else found


def genotyping_in(
    names: tuple[Code, ...], field: tuple[Code, ...], texts: Iterable[str]
) -> tuple[Code, ...]:
    """The method of an analysis that says none and answers with the genotype of the virus that it names (Kusmavirus: Påvist,
    genotype G): nobody tells that by anything but nucleic acid. Empty for all others."""
    if not any(GENOTYPE.search(text) for text in texts) or analyse(names, field).method:
        return ()
    named = concepts_in(names)
    viral = len(named) == 1 and all(organisms()[key].kind == "virus" for key in named)
    return (Code(text="PCR"),) if viral and not is_never(names) else ()


def note_seen(
    names: tuple[Code, ...], field: tuple[Code, ...], value: tuple[Code, ...], said: str
) -> Noted | None:
    """What pathology says that is no organism and nothing else: noted where it speaks of one or of an infection, or is positive.
    How tissue looks (granulomas) proves nothing by itself."""
    texts = [text_of(code) for code in value]
    speaking = next((text for text in texts if any_agent(text)), "")
    if not (speaking or said):
        return None
    return note(names, field, (), show(speaking) if speaking else said)
