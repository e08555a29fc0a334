"""How far a denial reaches: which organisms of a statement stand outside what it denies.

"Staphylococcus aureus, MRSA negativ" denies a property, "Rhinovirus, øvrige negative" the rest: the organism before was
found. "SARS-CoV-2, influensa A negativ" may mean either, and a person must read it. Only what stands in one plain list
under one denial ("Salmonella, Shigella og Yersinia ikke påvist"), or right beside it, is denied with it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from varde.codes import organisms, read_resistant_name, resistance_words
from varde.messages.answers.known_names import find_named
from varde.messages.answers.names import (
    BRACKET,
    EDGES,
    is_harmless,
    is_organism,
    is_plain,
    known_in,
    names_in,
)
from varde.messages.answers.words import ResultWords, result_words

SEPARATOR = re.compile(r"[,;\n]|(?<!\bS)\.\s+(?=[A-ZÆØÅ][^\W\d_]{2})|\s[-–—]\s")
"""What parts the things of a statement. A full stop only before a new sentence (not S. Typhi)."""

TOGETHER = re.compile(r"\s*(?:/|&|\+|(?<!\w)(?:og|and|samt|und|och|eller|or)(?!\w))\s*", re.I)
LINKED = re.compile(r"(?<!\w)(?:og|and|samt|und|och|eller|or)(?!\w)", re.I)
ELIDED = re.compile(r"\s*(?:(?:gr\.?|gruppe|group|type)\s+)?(?:[A-Z]|\d{1,2})\s*\Z")
"""What repeats the name before it (influensa A, B)."""

PLUS = re.compile(r"(?:(?<!\w)[1-4]\s?)?\++")
"""How much of it was found."""

WITH = re.compile(r"(?<!\w)(?:med|with)(?!\w)|[(\[][^)\]]*\Z", re.I)


class Outside(NamedTuple):
    """The organisms of a statement that its denial does not reach.

    Attributes:
        found: they stand there plainly.
        unsure: there are some, or may be, and nobody can tell whether they were found.
    """

    found: tuple[str, ...] = ()
    unsure: bool = False


NONE = Outside()
UNSURE = Outside((), True)


def outside(text: str, start: int, end: int, known: ResultWords) -> Outside:
    """What stands outside the denial of a statement.

    Args:
        text: the statement; all its words of an answer deny.
        start, end: where the first word begins that denies, and the last one ends.
    """
    before, core, after = text[:start], text[start:end], text[end:]
    behind = SEPARATOR.split(after)
    tail = [name for part in behind for name in _names(part)]
    flora = any(part in core.casefold() for part in known.unnamed)
    # A sign parts the denial from the first name behind it: Negativ dyrkning, Fusobacterium.
    if tail and (flora or not _names(behind[0])):
        return _told(_parts(before) + _parts(after), flora, known)
    denied = {find_named(name) for name in tail}
    parts = _parts(before)
    if flora:
        return _told(parts, True, known)
    if tail or resistance_words(after):
        plain = bool(known.rest.search(text[start:])) or not tail
        return _told([part for part in parts if not _is_of(part, denied)], plain, known)
    bare = not before.rpartition(",")[2].strip() and "," in before
    if bare and known.prefixed.match(core) is not None:
        return _told(parts, known.rest.search(text[start:]) is not None, known)
    return _before(parts, text[start:], known)


def _before(parts: list[str], denial: str, known: ResultWords) -> Outside:
    """Of a denial that stands behind what it denies."""
    if not parts:
        return NONE
    *others, last = parts
    rest = known.rest.search(last)
    if rest is not None:
        left = last[: rest.start()]
        if left.strip(EDGES) and LINKED.search(left.split()[-1]) is None:
            others.append(left)
        return _told(others, True, known)
    if others and known.rest.search(denial) is not None:
        return _told(others, True, known)
    words = resistance_words(last)
    if words or known.resistances.search(last) is not None:
        if others and any(_names(part) for part in others):
            return _told(others, True, known)
        if others and any(_is_strange(part, known) for part in others):
            return UNSURE
        return _held(last, words, known)
    if known.kinds.fullmatch(last.strip(EDGES)) is not None:
        return _told(others, True, known)
    if known.properties.search(last) is not None and any(_is_strange(p, known) for p in others):
        return UNSURE
    if not any(_names(part) for part in others) or _is_list(parts):
        return NONE
    return UNSURE


def _held(part: str, words: tuple[str, ...], known: ResultWords) -> Outside:
    """Of an organism and its property without a sign between (S. aureus mecA negativ)."""
    if not words:
        return NONE
    left = part[: part.casefold().find(words[0].casefold())]
    if not _names(left) or WITH.search(left) is not None:
        return NONE
    alone = any(read_resistant_name(word).plain for word in words)
    return UNSURE if alone else _told([left], True, known)


def _told(parts: list[str], plain: bool, known: ResultWords) -> Outside:
    """The organisms of what no denial reaches."""
    found: list[str] = []
    for part in parts:
        if not _names(part):
            continue
        # Its number may be of the name (type 1+), which is then not how much of it there was.
        whole = known.adverbs.sub(" ", BRACKET.sub(" ", part.replace("+", " ")))
        whole = " ".join(whole.split()).strip(EDGES)
        if plain and is_organism(whole):
            found.append(whole)
            continue
        names = names_in(known.adverbs.sub(" ", PLUS.sub(" ", part)), known)
        if not (plain and names and all(find_named(name) is not None for name in names)):
            return UNSURE
        found += names
    return Outside(tuple(dict.fromkeys(found)))


def _is_of(part: str, denied: set[str | None]) -> bool:
    """Whether all names of a part are denied too (Influensa A: ikke påvist influensa A)."""
    names = _names(part)
    return bool(names) and all(find_named(name) in denied for name in names)


def _is_strange(part: str, known: ResultWords) -> bool:
    """Whether a part may name an organism that nobody knows."""
    return not (is_plain(part, known) or is_harmless(part, known) or resistance_words(part))


def _names(text: str) -> tuple[str, ...]:
    """The known organisms of a text, without those that only a resistance names."""
    bare = result_words().adverbs.sub(" ", BRACKET.sub(" ", text)).strip(EDGES)
    names = known_in(text) or ((bare,) if is_organism(bare) else ())
    return tuple(name for name in names if not resistance_words(name))


def _parts(text: str) -> list[str]:
    parts: list[str] = []
    for part in SEPARATOR.split(text):
        if not part.strip(EDGES):
            continue
        head = TOGETHER.split(part)[0]
        if parts and all(ELIDED.match(each) for each in TOGETHER.split(part) if each.strip(EDGES)):
            parts[-1] += f"/{part.strip()}"
            continue
        if parts and ELIDED.match(head) is not None:
            parts[-1] += f"/{head.strip()}"
            part = part[len(head) :]
            if not part.strip(EDGES):
                continue
        parts.append(part)
    return parts


def _is_list(parts: list[str]) -> bool:
    """Whether parts are one list of what was looked for: names alone, the last two linked, none more precise than an
    analysis asks for."""
    pieces = [[p for p in TOGETHER.split(part) if p.strip(EDGES)] for part in parts]
    named = [[p.strip(EDGES) for p in each if ELIDED.match(p) is None] for each in pieces]
    linked = LINKED.search(parts[-1]) is not None
    begins = LINKED.match(parts[-1].strip()) is not None
    if not linked or not (begins or len(named[-1]) > 1):
        return False
    found = [(name, find_named(name)) for each in named for name in each]
    levels = [_level(name, key) for name, key in found if key is not None]
    return len(levels) == len(found) and max(levels) < 3 and not (levels[0] > 1 in levels)


def _level(name: str, key: str) -> int:
    """How precise the scientific name of a bacterium is: 1 a genus, 2 a species, 3 more; 0 for all other names."""
    one = organisms().get(key)
    if one is None or one.kind != "bacterium" or not one.genus:
        return 0
    if not name.casefold().startswith((one.genus.casefold(), f"{one.genus[0].casefold()}.")):
        return 0
    if one.name.casefold() == one.genus.casefold() or not one.species:
        return 1
    return 2 if one.name.casefold() == f"{one.genus} {one.species}".casefold() else 3
