"""How far a denial reaches: which organisms of a statement stand outside what it denies.

"Staphylococcus aureus, MRSA negativ" denies a property, "Rhinovirus, øvrige negative" the rest: the organism before was
found. "SARS-CoV-2, influensa A negativ" may mean either, and a person must read it. Only what stands in one plain list
under one denial ("Salmonella, Shigella og Yersinia ikke påvist"), or right beside it, is denied with it.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from varde.codes import (
    organisms,
    plain_gene,
    read_resistant_name,
    refines,
    resistance_words,
)
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

_AND = r"(?<!\w)(?:og|and|samt|und|och|eller|or)(?!\w)"
TOGETHER = re.compile(rf"\s*(?:/|&|\+|{_AND})\s*", re.I)
ADDED = re.compile(r"\+\s+")
"""A plus that may be of what stands before it, as how much of it was found (Influensa A + RSV negativ)."""

LINKED = re.compile(_AND, re.I)
ELIDED = re.compile(r"\s*(?:(?:gr\.?|gruppe|group|type)\s+)?(?:[A-Z]|\d{1,2})\s*\Z")
"""What repeats the name before it (influensa A, B)."""

KIND = re.compile(r"(?:\s|/|-)(?:[A-Z]|\d{1,2})\s*\Z", re.I)
"""A kind at the end of a name, beside which others may stand; not of N. meningitidis, gruppe B."""

PLUS = re.compile(r"(?:(?<!\w)[1-4]\s?)?\++")
"""How much of it was found."""

WITH = re.compile(r"(?<!\w)(?:med|with)(?!\w)|[(\[][^)\]]*\Z", re.I)


ITEM = re.compile(r"(?:\A|(?<=\s))(?:[1-9]|[a-h])\s?\)\s*(?=[^\W\d_])", re.I)
"""Where one thing of a list begins: 2) or b)."""

STOP = re.compile(r"(?<=[^\W\d_])\.\s+(?=[^\W\d_]{3})")
"""A full stop that ends a sentence or is of an abbreviation."""

PRODUCT = re.compile(r"to(?:ks|x)in(?:test)?", re.I)
"""A toxin by no name of its own: behind a comma it may be looked for as the organism before it is."""

BINOMIAL = re.compile(r"([A-ZÆØÅ][a-zæøå]{3,})\s+([a-zæøå]{4,})")
"""What may be the name of an organism that nobody knows."""


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
    if any(map(_names, ADDED.split(before)[:-1])) and _names(ADDED.split(before)[-1]):
        return UNSURE
    bare = not before.rpartition(",")[2].strip() and "," in before
    if bare and known.prefixed.match(core) is not None:
        return _told(parts, known.rest.search(text[start:]) is not None, known)
    return _before(parts, text[start:], known)


def has_unanswered(text: str, found: tuple[str, ...], known: ResultWords) -> bool:
    """Whether a statement that denies is a list, or may be two sentences ("Ikke påvist GAS. Neisseria meningitidis"), of
    which a part names an organism and denies nothing: nobody can tell whether the denial reaches it.

    Args:
        text: the statement; all its words of an answer deny.
        found: what stands plainly outside its denial.
    """
    items = [at.start() for at in ITEM.finditer(text) if not _in_bracket(text, at.start())]
    # A denial that the list stands behind is of all its things.
    if items and _denies(text[: items[0]], known) and not _names(text[: items[0]]):
        items = []
    stops = [at.end() for at in STOP.finditer(text) if _may_begin(text, at, known)]
    cuts = [0, *sorted({*items, *stops}), len(text)]
    parts = [text[start:end] for start, end in pairwise(cuts)]
    told = {find_named(name) for name in found}
    return len(parts) > 1 and any(
        any(find_named(name) not in told for name in _names(PLUS.sub(" ", part)))
        or _may_name(part, known)
        for part in (ITEM.sub(" ", part) for part in parts)
        if not _denies(part, known)
    )


def _in_bracket(text: str, at: int) -> bool:
    return text.rfind("(", 0, at) > text.rfind(")", 0, at)


def _may_begin(text: str, stop: re.Match[str], known: ResultWords) -> bool:
    """Whether a new sentence that begins with an organism may stand behind a full stop; not where the words before it are of
    the name (S. Typhi), or lead over to it (bl.a.)."""
    before, after = text[: stop.start() + 1], text[stop.end() :]
    if known.leads.search(before) is not None:
        return False
    words, behind = before.split(), after.split()[:4]
    names = [" ".join(behind[:count]) for count in range(len(behind), 0, -1)]
    named = next((name for name in names if is_organism(name)), None)
    if named is None:
        return _may_name(after, known)
    return not any(is_organism(" ".join((*words[-count:], named))) for count in (1, 2, 3))


def _may_name(text: str, known: ResultWords) -> bool:
    found = BINOMIAL.match(text.lstrip(EDGES))
    return found is not None and not any(is_harmless(word, known) for word in found.groups())


def _denies(text: str, known: ResultWords) -> bool:
    return any(
        known.sign_of[" ".join(found.group().casefold().split())] in ("-", "denial")
        for found in known.signs.finditer(text)
    )


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
    linked = LINKED.search(last) is not None
    if not linked and any(map(_carries, others)):
        return UNSURE
    if not words and known.properties.search(last) and any(map(resistance_words, others)):
        return UNSURE
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
    gene = PRODUCT.fullmatch(last.strip(EDGES)) is None
    if len(others) == 1 and gene and lacks_toxin(others[0].strip(EDGES), last, known):
        return _told(others, True, known)
    if not any(_names(part) for part in others) or _is_list(parts):
        return NONE
    return UNSURE


def lacks_toxin(name: str, denied: str, known: ResultWords) -> bool:
    """Whether what is denied is the toxin of an organism, or its gene, and nothing else: the organism was found all the same."""
    found = find_named(name)
    said = " ".join(plain_gene(denied).casefold().split()).strip(" .,;:")
    said = said.removesuffix(" pcr").removeprefix("for ")
    return found is not None and any(
        said in words and (found == key or refines(found, key))
        for key, words in known.toxins.items()
    )


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


def _carries(part: str) -> bool:
    """Whether a part says of an organism that it is resistant (E. coli ESBL): it was found, if nothing denies it."""
    bare = part
    for word in resistance_words(part):
        bare = re.sub(re.escape(word), " ", bare, flags=re.I)
    return bare != part and bool(_names(bare))


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
        if parts and KIND.search(parts[-1]) is None:
            parts.append(part)
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
