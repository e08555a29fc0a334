"""Answers without a word of an answer whose value is one organism and a remark, or two organisms.

"Listeria monocytogenes. Melding til MSIS er sendt.", "Salmonella species, typing følger", "Legionella pneumophila sg 1",
"Escherichia coli og Enterococcus faecalis": where a value that is a name says that it was found, these say no less. Each word
beside the name must be of a remark, a kind or an amount; one that denies, doubts, puts off or names another thing leaves the
text as it is, for a person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from varde.codes import markers_in, organisms, refines
from varde.messages.answers.asides import awaits, without_asides
from varde.messages.answers.cutting import cut, marks_in
from varde.messages.answers.known_names import concept_of, find_named, head_of
from varde.messages.answers.listed import has_few_colonies, without_colonies
from varde.messages.answers.names import (
    ANTIGEN,
    EDGES,
    is_harmless,
    is_organism,
    known_in,
    names_in,
)
from varde.messages.answers.searches import methods_in
from varde.messages.answers.words import ResultWords, result_words
from varde.messages.records import Code

LONGEST = 200
"""Characters; a longer text is a remark."""

LONGEST_CACHED = 60

_AND = re.compile(r"\s+(?:og|and|samt|&)\s+", re.I)
_GROWN = frozenset(("bacterium", "fungus"))
"""Kinds of organisms that a laboratory grows, and tells apart by their species."""


def remarked(text: str) -> tuple[str, ...]:
    """The organisms that a text is the names of, with remarks beside them; empty for a text that is nothing but a name, and for
    all else."""
    if len(text) > LONGEST_CACHED:
        return _remarked.__wrapped__(text)
    return _remarked(text)


# Short answers repeat for ever; what is written about a patient is longer, and never kept.
@lru_cache(maxsize=8192)
def _remarked(text: str) -> tuple[str, ...]:
    if len(text) > LONGEST or "?" in text or has_few_colonies(text):
        return ()
    if concept_of((Code(text=text),)) is not None:
        return ()
    head = head_of(text.strip(" ."))
    one = organisms().get(concept_of((Code(text=head),)) or "")
    if head != text.strip(" .") and one is not None and one.group == "unspecified":
        return (head,)  # how the bacteria lie says no more (Grampositive kokker i klaser)
    known = result_words()
    bare = without_colonies(text)
    if bare != text and (own := _plainly(bare)):
        return (own,)
    left = ANTIGEN.sub("O", without_asides(bare))
    if marks_in(left, known) or methods_in(left) - {"culture"} or awaits(left):
        return ()
    first, *others = cut(left) or [""]
    if not all(_is_remark(part, known) for part in others):
        return ()
    both = _AND.split(first)
    if len(both) > 1:
        return _two(both, known) if len(both) == 2 and not others else ()
    name = _finer(_name(first, known), left)
    return (name,) if name and _markers(name) == _markers(left) else ()


def _plainly(text: str) -> str:
    """A text that is nothing but the name of an organism that a laboratory grows, with a resistance or without; else empty."""
    name = text.strip(" .")
    known = concept_of((Code(text=name),)) is not None and is_organism(name)
    return name if known and result_words().any_answer.search(name) is None else ""


def finer_in(name: str, text: str) -> str:
    """The most precise name of an organism that a text which finds it gives it (Vekst av Salmonella, serotype Typhi); the name
    itself where the text denies anything, or is longer than an answer."""
    if len(text) > LONGEST or result_words().denials.search(text) is not None:
        return name
    return _finer(name, text) or name


def _finer(name: str, text: str) -> str:
    """The most precise organism that a name is with another name or one word of its text (Salmonella, serotype Typhi); empty
    where the text names another, or two."""
    own = concept_of((Code(text=name),)) if name else None
    if own is None:
        return ""
    genus = organisms()[own].genus
    behind = re.findall(r"[^\W_][\w-]*", text.partition(name)[2])
    finer: dict[str, str] = {}
    for each in (
        *known_in(text),
        *(f"{of} {word}" for word in behind for of in {name, genus} if of),
    ):
        found = find_named(each)
        if found is None or found == own or refines(own, found):
            continue
        if not refines(found, own):
            return ""
        finer[found] = each
    if not finer:
        return name
    found, each = next(iter(finer.items()))
    return each if len(finer) == 1 and concept_of((Code(text=each),)) == found else ""


def is_said_better(one: tuple[Code, ...], found: Sequence[tuple[Code, ...]]) -> bool:
    """Whether a resistant kind of organism is named by its species too (VRE: Enterococcus faecium, vanB)."""
    markers, concept = markers_in((c.code, c.text) for c in one), concept_of(one)
    return bool(markers) and any(
        concept is not None
        and (finer := concept_of(other)) is not None
        and refines(finer, concept)
        and set(markers) <= set(markers_in((c.code, c.text) for c in other))
        for other in found
    )


def _is_remark(part: str, known: ResultWords) -> bool:
    """Whether a sentence says nothing of another organism, or of flora alone."""
    words = [word for word in re.findall(r"[^\W_][\w-]*", part) if "flora" not in word.casefold()]
    return not known_in(part) and is_harmless(" ".join(words), known)


def _name(part: str, known: ResultWords) -> str:
    """The one organism that a part begins with and names; empty for none."""
    names = names_in(part, known)
    if names is None or len(names) != 1:
        return ""
    name, start = names[0], part.strip(EDGES)
    if not start.startswith(name[:3]) and not _is_coarser(start.partition(",")[0], name):
        return ""
    if concept_of((Code(text=name),)) is None:
        name = head_of(name)
    return name if concept_of((Code(text=name),)) is not None and is_organism(name) else ""


def _is_coarser(before: str, name: str) -> bool:
    """Whether what stands before a name is a less precise name of the same (Escherichia coli, EHEC)."""
    coarser, finer = find_named(before), find_named(name)
    return coarser is not None and finer is not None and refines(finer, coarser)


def _two(parts: list[str], known: ResultWords) -> tuple[str, ...]:
    """Two organisms that grew together; none where both are genera, as a list of what was looked for has them, one is a kind of the
    other, or a resistance stands behind both."""
    if "," in parts[1] and _markers(parts[1]):
        return ()  # nobody can tell whether it is said of both
    names = [_finer(_name(part, known), part) for part in parts]
    found = [concept_of((Code(text=name),)) for name in names if name]
    one, other = (*found, None, None)[:2]
    if one is None or other is None or one == other or refines(one, other) or refines(other, one):
        return ()
    of = [organisms()[key] for key in (one, other)]
    if any(each.kind not in _GROWN for each in of) or all(each.name == each.genus for each in of):
        return ()
    return tuple(names)


def _markers(text: str) -> frozenset[str]:
    return frozenset(markers_in((("", text),)))
