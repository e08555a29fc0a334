"""What a search for one organism wants to hear: which names, genes and methods are of what was looked for."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from varde.codes import (
    kinds_of,
    markers_in,
    organism_proved_by,
    organisms,
    read_resistant_name,
    refines,
    subtypes,
    targets,
)
from varde.messages.answers.combined import parts_of
from varde.messages.answers.known_names import concept_of, find_named
from varde.messages.answers.names import GENE
from varde.messages.answers.search_words import WORD
from varde.messages.answers.search_words import words as search_words
from varde.messages.answers.searches import Search, is_stain, long_words, methods_in, text_of
from varde.messages.records import Code


class Wanted(NamedTuple):
    """What was looked for.

    Attributes:
        concepts: the organism, or those of a test for several, as the code maps know them; empty for an unknown one.
        own: the words of its names.
        letters: the words of one letter in them (influensa A), in lower case.
        methods: how, all that the names say.
        markers: the resistances that the name asks for (MRSA).
        said: the words of the names of the analysis, in lower case.
    """

    concepts: frozenset[str]
    own: frozenset[str]
    letters: frozenset[str]
    methods: frozenset[str]
    markers: frozenset[str]
    said: frozenset[str]


@lru_cache(maxsize=4096)
def wanted_by(names: tuple[Code, ...], field: tuple[Code, ...], search: Search) -> Wanted:
    """What an analysis looks for, by its names.

    Args:
        names, field: as `varde.messages.answers.searches.analyse` takes them.
        search: what it made of them.
    """
    concept = concept_of(search.organisms)
    concepts = {concept} if concept is not None else set()
    if not concepts and (proved := organism_proved_by(map(text_of, search.organisms))):
        concepts = {proved}  # the organism of the gene or the toxin that is looked for
    if not concepts:
        parts = [find_named(part) for code in search.organisms for part in parts_of(code.text)]
        concepts = {part for part in parts if part is not None}
    texts = [text_of(code) for code in search.organisms]
    return Wanted(
        frozenset(concepts),
        frozenset(long_words(search.organisms)),
        frozenset(word.casefold() for text in texts for word in text.split() if len(word) == 1),
        frozenset({search.method}.union(*(methods_in(text_of(code)) for code in (*names, *field)))),
        frozenset(markers_in((code.code, code.text) for code in search.organisms)),
        frozenset(word for code in names for word in WORD.findall(text_of(code).casefold())),
    )


class Seen:
    """What the statements of one answer have said so far.

    Attributes:
        named: a name of what was looked for; `stain`: what a stain shows of it.
        marked: the resistance that was asked for; `denied`: it was not found.
        proved: genes and antigens that are of nothing else; `disproved`: those of them that were not found; `unproved`: there
            was one that others have too.
        finer: names of subtypes that are organisms of their own.
        plain: a statement said that it was found, and nothing else.
    """

    def __init__(self) -> None:
        self.named = ""
        self.stain = ""
        self.marked = False
        self.denied = False
        self.proved: set[str] = set()
        self.unproved = False
        self.disproved: set[str] = set()
        self.finer: set[str] = set()
        self.plain = False


def markers_of_word(word: str) -> frozenset[str]:
    """The resistances that a word names."""
    return read_resistant_name(word).markers


def is_name_of(name: str, asked: Wanted, seen: Seen) -> bool:
    """Whether a name is one of what was looked for, or of a kind of it."""
    found = find_named(name)
    by_stain = "microscopy" in asked.methods and is_stain(name)
    if found is None:
        return not asked.concepts and bool(asked.own & long_words((Code(text=name),)))
    for concept in asked.concepts:
        stain = by_stain and (refines(concept, found) or _is_genus_of(concept, found))
        if found == concept or refines(found, concept) or _is_complex_of(found, concept) or stain:
            seen.named = seen.named or name
            one = organisms()[concept]
            if stain and refines(concept, found) and one.name != one.genus:
                seen.stain = name  # which of the acid-fast it is, no stain says
            seen.marked = seen.marked or bool(
                asked.markers and asked.markers <= frozenset(markers_in((("", name),)))
            )
            if found != concept and found in divisions_of(concept):
                seen.finer.add(f"{name})" if name.count("(") > name.count(")") else name)
            return True
    return not asked.concepts and bool(asked.own & long_words((Code(text=name),)))


def _is_complex_of(found: str, concept: str) -> bool:
    """Whether a name is the complex that a species is of, by which tests name it (M. tuberculosis-kompleks)."""
    return refines(concept, found) and found.endswith("-complex")


def _is_genus_of(concept: str, stain: str) -> bool:
    """Whether what a stain shows is of an organism that its genus holds (syrefaste staver: Mykobakterier)."""
    genus = organisms()[concept].genus
    return any(one.genus == genus and refines(key, stain) for key, one in organisms().items())


@lru_cache(maxsize=64)
def divisions_of(concept: str) -> frozenset[str]:
    """The subtypes of an organism that are organisms of their own."""
    return frozenset(organism for (of, _), organism in subtypes().items() if of == concept)


@lru_cache(maxsize=1)
def all_divisions() -> frozenset[str]:
    """The organisms that are subtypes of another one."""
    return frozenset(subtypes().values())


def is_subtype(low: str, asked: Wanted) -> bool:
    """Whether a word in lower case is a subtype of what was looked for that is an organism of its own."""
    return any((concept, low) in subtypes() for concept in asked.concepts)


def is_kind(text: str, start: int, asked: Wanted, plain: bool) -> int:
    """Where a kind of what was looked for ends that begins at a word; 0 for none, -1 for one of which a person must tell
    whether it is an infection (genotype A of measles).

    Args:
        plain: the organism is named, or the answer is plain, before it.
    """
    ends = [0]
    for concept in asked.concepts:
        kinds = kinds_of(concept)
        if kinds is None:
            continue
        if kinds.doubtful.match(text, start) is not None:
            return -1
        found = kinds.counting.match(text, start)
        ends.append(found.end() if found is not None else 0)
        by_name = plain and kinds.beside.match(text, start)
        ends.append(by_name.end() if by_name else 0)
    return max(ends)


def is_target_of(low: str, asked: Wanted, seen: Seen) -> bool:
    """Whether a gene or an antigen is one of what was looked for."""
    low = low if low in targets() else GENE.sub("", low)
    for one in targets()[low]:
        for concept in asked.concepts:
            if (
                one.organism == concept
                or refines(one.organism, concept)
                or _is_complex_of(one.organism, concept)
            ):
                if not (seen.plain or is_method(one.method, asked)):
                    continue
                seen.proved |= {low} if one.proves else set()
                seen.unproved = seen.unproved or not one.proves
                # The gene of the species, beside which a resistance was asked for.
                seen.named = seen.named or (organisms()[concept].name if asked.markers else "")
                return True
    return False


def is_method(said: str, asked: Wanted) -> bool:
    """Whether a word of a method says no other method than that of the search."""
    known = search_words()
    said = known.weak.get(said, said)
    if said in asked.methods or said == "isolate":
        return True
    if said in ("antibody", "antibody-blot"):
        return any(method.startswith("antibody") for method in asked.methods)
    return any(said in known.refined.get(method, ()) for method in asked.methods)
