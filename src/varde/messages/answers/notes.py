"""What waits for a person: a positive answer of which nobody knows what it found, with the name of its analysis."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from varde.codes import markers_in, resistance_words
from varde.messages.answers.known_names import LONGEST_VALUE, is_antibiotic
from varde.messages.answers.names import known_in, targets_in
from varde.messages.answers.search_words import words
from varde.messages.answers.searches import LONGEST, Search, analyse, left_of, names_one, text_of
from varde.messages.answers.words import result_words
from varde.messages.records import Code

UNSAID = "resistens ikke nevnt"
"""What a person is shown beside an answer that names the organism and not the resistance that was asked for."""


DEFINED = frozenset(("antibody-blot", "culture"))
"""Methods of confirming tests that are plain negatives where they find nothing."""

UNCONFIRMED = "ikke bekreftet"
"""What a person is shown of a test that was to confirm another, and found nothing."""


class Noted(Search):
    """An answer that is positive and of which nobody knows what it found: it waits for a person."""


class Vague(Noted):
    """The same of a panel or a culture, which names nothing: it counts where its report finds nothing else."""


class Marker(Noted):
    """The same of a gene or enzyme of resistance: it counts where nothing grew that it may be of."""


def note(
    names: tuple[Code, ...],
    field: tuple[Code, ...] = (),
    value: tuple[Code, ...] = (),
    said: str = "positiv",
    unsaid: bool = False,
) -> Noted | None:
    """A positive answer as an expression that no code map knows, with the name of the analysis; None for one
    that is known to be no infection.

    Args:
        names, field: as `analyse` takes them.
        value: what the answer says beside its positive word.
        said: what stands in place of that where it says nothing more.
        unsaid: what it says is not what the analysis asks for, so that a resistance in its name was not found.
    """
    texts = (text for code in value if 0 < len(text := text_of(code)) <= LONGEST_VALUE)
    text = next(texts, "") or said
    if is_never(names, text) or is_antibiotic(names):
        return None
    if any(words().genetics.search(text_of(code)) for code in names):
        # What a mutation does to a microbe nothing that grew says: it counts beside all.
        return Noted(analyse(names, field).method, (expression(names, text),))
    if text == "positiv":
        return _note(names, field, text)
    if (unsaid or known_in(text)) and not resistance_words(text):
        # The name of the analysis stands in the expression: its resistance must not be taken as found.
        said_of = markers_in((code.code, code.text) for code in names)
        text = f"{text} ({UNSAID})" if said_of else text
    plain = _note(names, field, "positiv")
    kind = Noted if known_in(text) and not value else type(plain)
    return kind(plain.method, (expression(names, text),))


@lru_cache(maxsize=16384)
def _note(names: tuple[Code, ...], field: tuple[Code, ...], said: str) -> Noted:
    known = words()
    texts = [text_of(code) for code in names]
    method = analyse(names, field).method
    expressions = (expression(names, said),)
    if any(known.genes.search(text) for text in texts):
        return Marker(method, expressions)
    specific = any(names_one(left_of(text), method == "culture") for text in texts)
    return (Noted if specific else Vague)(method, expressions)


def expression(names: tuple[Code, ...], said: str) -> Code:
    """The name of an analysis with its answer, which no code map knows."""
    return Code(text=f"{name_of(names)}: {said}"[:LONGEST].removeprefix(": "))


def note_unread(names: tuple[Code, ...], field: tuple[Code, ...], said: str) -> Noted:
    """An analysis of a report that is marked as notifiable, where nothing in it could be read: an expression
    with its name and the mark."""
    return Noted(analyse(names, field).method, (expression(names, said),))


def is_never(names: tuple[Code, ...], said: str = "") -> bool:
    """Whether a name is that of an analysis whose positive answer is no infection, or of a remark.

    Args:
        said: what it answers. Of genes that may be human that is asked too, for a microbe's name.
    """
    return any(
        (found := words().never.search(text)) is not None and not _is_microbial(found, text, said)
        for text in map(text_of, names)
    )


def is_control(names: tuple[Code, ...], said: Iterable[Code]) -> bool:
    """Whether an analysis is of the run and not of the patient (intern kontroll, ekstraksjonskontroll): what it answers is no
    answer about the specimen, unless that names an organism.

    Args:
        said: its values.
    """
    return _is_of_run(names) and not any(known_in(text_of(code)) for code in said)


@lru_cache(maxsize=16384)
def _is_of_run(names: tuple[Code, ...]) -> bool:
    return any(words().controls.search(text) is not None for text in map(text_of, names))


def _is_microbial(found: re.Match[str], name: str, said: str) -> bool:
    """Whether a word that is of human genes is of a microbe's here: it, a gene of it or a vaccine is named beside the word."""
    if words().genetics.match(found.group()) is None:
        return False
    texts = (name.replace("-", " "), said)
    return any(
        known_in(text)
        or targets_in(text)
        or words().genes.search(text)
        or result_words().vaccine.search(text)
        for text in texts
    )


def is_unconfirmed(names: tuple[Code, ...], field: tuple[Code, ...]) -> bool:
    """Whether a test that finds nothing was to confirm what another had found: a person must look at both. Of blots and of
    antigens the definitions of the diseases say what it comes to."""
    confirming = words().confirming
    asked = any(confirming.search(text_of(code)) is not None for code in names)
    return asked and analyse(names, field).method not in DEFINED


def is_expression(names: tuple[Code, ...], organisms: tuple[Code, ...]) -> bool:
    """Whether an organism is no more than the name of an analysis with its answer, which waits for a person."""
    return bool(organisms) and organisms[0].text.startswith(f"{name_of(names)}: ")


def name_of(names: tuple[Code, ...]) -> str:
    return next((text for code in names if (text := text_of(code))), "")
