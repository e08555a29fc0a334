"""Analyses that ask which kind of an organism there was: "Subtype: H5N1", "Genotype: D8", beside the search that found it.

Such an answer names no organism. Where the organism was found in the same specimen it says which kind of it: an organism of
its own (influenza A(H5N1)), one that no file tells apart, or one by which no infection is told (genotype A of measles, the
vaccine), and then a person must look. Alone it waits where it may be of a virus that was found before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol, TypeVar

from varde.codes import all_kinds, coarser_names, kinds_of, markers_in, organisms, refines, subtypes
from varde.messages.answers.known_names import concept_of, find_named
from varde.messages.answers.names import known_in
from varde.messages.answers.notes import Noted, expression
from varde.messages.answers.said import show
from varde.messages.answers.search_words import WORD
from varde.messages.answers.searches import Search, left_of, text_of
from varde.messages.answers.words import result_words
from varde.messages.records import Code

LONGEST = 60
"""Characters of a kind with what explains it; a longer text is a remark."""

PARTS = re.compile(r"[()\[\],;]|(?<=\w\w)\.(?:\s+|\Z)")
"""What parts a kind from what explains it: L2b (LGV), H3N2. Ikke H5. Not the full stop of an initial."""

PLAINEST = frozenset(("serovar", "serotype", "genotype", "genotypen", "type", "gruppe", "serogruppe", "subtype"))  # fmt: skip
"""Words that may stand before the mark of a kind and are no part of its name."""

SUBTYPE = re.compile(r"h\d{1,2}(?:n\d{1,2})?v?", re.I)
"""A subtype of influenza A virus."""

VIRUS_TYPE = re.compile(r"\(?A\s?[/(]\s?(H\d{1,2}(?:N\d{1,2})?v?)\)?", re.I)
CLADE = re.compile(
    r"(?:(?:clade|klade|kladde|linje|lineage|genotype)\s+)?\d(?:\.\d{1,2}){1,5}[a-z]?|(?:clade|klade|kladde)\s\d{1,2}[a-z]?",
    re.I,
)
"""A clade by its number (2.3.4.4b), which changes nothing of what a kind is."""

ABBREVIATED = re.compile(r"([A-Z])\.\s*(?=[a-z])")
OR = re.compile(r"\s*(?:/|,|\s(?:eller|og|or|and|nor|heller)\s)\s*", re.I)
TOKEN = re.compile(r"[^\W_](?:[\w./'-]*[\w'])?")
DAY = re.compile(r"\d{1,4}(?:[./-]\d{1,4}){1,2}")

MARKS = 3
"""Letters of the longest mark of a kind that is no word of a remark."""

MOST_SETTLED = 20_000
"""Pairs of a kind and what was found beside it that are looked at in one specimen; the kinds of a larger report all wait."""

MOST_WORDS = 5
"""Words of a kind that is read word by word."""


class Told(Protocol):
    """A result with what it found or what is noted of it; a reader's own."""

    detected: Search | None


Some = TypeVar("Some", bound=Told)


class OfKind(Noted):
    """An answer that is a kind of an organism which it does not name; its text stands behind the name of the analysis."""


class Unread(OfKind):
    """The same where nobody knows the kind: it waits, unless it is one of what was found beside it."""


def asks_for_kind(names: tuple[Code, ...]) -> bool:
    """Whether the names of an analysis ask which kind there was (Subtype, Influensa A genotyping)."""
    return _has_word(names, result_words().asking)


def _has_word(names: tuple[Code, ...], asking: frozenset[str]) -> bool:
    return any(
        not asking.isdisjoint(WORD.findall(text_of(code).casefold().replace("-", " ")))
        for code in names
    )


def read_kind(
    names: tuple[Code, ...], value: tuple[Code, ...], found: bool = False
) -> OfKind | None:
    """An answer that says a kind, noted; None for all others.

    Args:
        found: it is positive, so that a kind that the analysis is called by was found (H5 RNA).
    """
    called = [left_of(text_of(code)) for code in names] if found and not value else []
    if called and all(SUBTYPE.fullmatch(each) for each in called if each) and any(called):
        return OfKind("", (expression(names, next(filter(None, called))),))
    text = text_of(value[0]) if len(value) == 1 else ""
    if not text or len(text) > LONGEST or not asks_for_kind(names):
        return None
    own = concepts_in(names)
    is_kind = is_of_vaccine(text) or any(
        _is_kind(part) or any(finer_name(key, part) or counts_as_kind(key, part) for key in own)
        for part in pieces_of(text)
    )
    return OfKind("", (expression(names, text),)) if is_kind else None


def read_unknown_kind(names: tuple[Code, ...], said: Sequence[str]) -> Unread | None:
    """An answer that nobody understood, to an analysis that asks which kind or species there was; None for a remark (Følger,
    Sendt FHI), and of all other analyses.

    Args:
        said: the words of the answer, as they stand.
    """
    known = result_words()
    if not (_has_word(names, known.asking) or _has_word(names, known.identifying)):
        return None
    text = "; ".join(said)
    if not text or is_remark(text):
        return None
    return Unread("", (expression(names, show(text)),))


def is_remark(text: str) -> bool:
    """Whether a text that answers what kind there was is a remark: each word of it is one of remarks, none is a sign of an
    answer, and none may be the mark of a kind."""
    known = result_words()
    tokens = TOKEN.findall(text)
    if known.no_result.match(text) or not any(map(str.isalpha, text)):
        return not any(_is_mark(token) for token in tokens)
    for found in known.signs.finditer(text):
        word = " ".join(found.group().casefold().split())
        if word not in known.asides and known.sign_of[word] != "nothing":
            return False
    lows = [token.casefold() for token in tokens]
    return (
        all(known.is_remark(low) for low in lows)
        and any(len(low) > MARKS and low not in known.introducing for low in lows)
        and not any(_is_mark(token) for token in tokens)
    )


def _is_mark(token: str) -> bool:
    """Whether a word may be the mark of a kind: B, II, t008; not a number, which may be of a day or a telephone."""
    return (
        any(map(str.isalpha, token))
        and (token[:1].isupper() or any(map(str.isdigit, token)))
        and result_words().mark.fullmatch(token) is not None
        and not DAY.fullmatch(token)
    )


def _is_kind(text: str) -> bool:
    known = result_words()
    return (
        known.mark.fullmatch(text) is not None
        or SUBTYPE.fullmatch(text) is not None
        or all_kinds().fullmatch(text) is not None
        or any((key, text.casefold()) in subtypes() for key in subtype_holders())
        or find_named(text) is not None
        or text.casefold() in _serovars()
    )


@lru_cache(maxsize=1)
def _serovars() -> frozenset[str]:
    """What stands behind the genus in the names of serovars (typhi, paratyphi a), in lower case."""
    return frozenset(
        one.name.removeprefix(f"{one.genus} ").casefold()
        for one in organisms().values()
        if one.genus and one.species and one.name.removeprefix(f"{one.genus} ")[:1].isupper()
    )


@lru_cache(maxsize=1)
def subtype_holders() -> frozenset[str]:
    """The organisms with subtypes that are organisms of their own."""
    return frozenset(of for of, _ in subtypes())


def concepts_in(names: tuple[Code, ...]) -> frozenset[str]:
    """The organisms that the names of an analysis speak of."""
    named = (find_named(name) for code in names for name in known_in(text_of(code)))
    return frozenset(key for key in named if key is not None)


def pieces_of(kind: str) -> tuple[str, ...]:
    """A kind, and what it is called besides: "L2b (LGV)" is also "L2b" and "LGV"."""
    parts = (part.strip(" .:") for part in (kind, *PARTS.split(kind)))
    return tuple(dict.fromkeys(part for part in parts if part))


def is_of_vaccine(kind: str) -> bool:
    """Whether a kind is said to be that of a vaccine."""
    return result_words().vaccine.search(kind) is not None


def finer_name(concept: str, kind: str) -> str:
    """The name of the organism of its own that a kind of another one is; empty for none."""
    words = kind.split()
    bare = " ".join(words[1:]) if words and words[0].casefold() in PLAINEST else kind
    whole = organisms()[concept].name
    for name in (kind, f"{whole} {bare}" if bare else ""):
        found = find_named(name) if name else None
        if found is not None and refines(found, concept):
            return name
    if (concept, bare.casefold()) in subtypes():
        name = f"{whole} {bare.upper()}"
        return (
            name
            if find_named(name) is not None
            else organisms()[subtypes()[concept, bare.casefold()]].name
        )
    return ""


def kind_of(noted: Noted) -> str:
    """The kind that an answer says."""
    return noted.organisms[0].text.partition(": ")[2] or noted.organisms[0].text


class Isolate(NamedTuple):
    """What grew, for its kind.

    Attributes:
        organisms: its names.
        place: its specimen, as `settle_kinds` is told those of what was found.
        rename: gives it another name.
    """

    organisms: tuple[Code, ...]
    place: object
    rename: Callable[[tuple[Code, ...]], None]


def settle_kinds(
    items: Sequence[Some],
    told: Callable[[Some], tuple[tuple[Code, ...], object]],
    isolates: Iterable[Isolate] = (),
) -> list[Some]:
    """What was found, each with its kind where one was answered in the same specimen. A kind that is none of what was found
    there waits.

    Args:
        items: what was found or noted.
        told: the names of an item's analysis, and its specimen.
        isolates: what grew.
    """
    asked = [(item, *told(item)) for item in items if isinstance(item.detected, Noted)]
    strains = {id(item): strain for item, *_ in asked if (strain := _strains_of(item))}
    asked = [
        each for each in asked if isinstance(each[0].detected, OfKind) or id(each[0]) in strains
    ]
    if not asked:
        return list(items)
    own: dict[object, list[Some]] = {}
    for item in items:
        if item.detected is not None and not isinstance(item.detected, Noted):
            own.setdefault(told(item)[1], []).append(item)
    grown: dict[object, list[Isolate]] = {}
    for isolate in isolates:
        grown.setdefault(isolate.place, []).append(isolate)
    dropped: set[int] = set()
    for item, names, place in asked:
        beside, isolated = own.get(place, []), grown.get(place, [])
        if len(asked) * (len(beside) + len(isolated)) > MOST_SETTLED:
            continue
        noted = item.detected
        if not isinstance(noted, OfKind):
            strain = strains[id(item)]
            dropped |= {id(other) for other in beside if _is_held_back(other.detected, strain)}
            continue
        kind = kind_of(noted)
        outcome = {id(other): _settle(other, kind) for other in beside}
        settled = False
        for at, isolate in enumerate(isolated):
            name, verdict = _told_of(isolate.organisms, kind)
            settled |= verdict in ("finer", "counting")
            if name:
                isolate.rename(name)
                isolated[at] = isolate._replace(organisms=name)
        if "doubtful" in outcome.values():
            dropped.update(id(o) for o in beside if outcome[id(o)] == "doubtful")
        elif (
            settled
            or any(outcome.values())
            or not (beside or isolated or _may_wait(names, noted, kind))
        ):
            dropped.add(id(item))
    return [item for item in items if id(item) not in dropped]


def _strains_of(item: Told) -> frozenset[str]:
    noted = item.detected
    plain = isinstance(noted, Noted) and not isinstance(noted, OfKind)
    return vaccine_strains_in(noted) if noted is not None and plain else frozenset()


def vaccine_strains_in(noted: Search) -> frozenset[str]:
    """The organisms whose vaccine strain was found by the name of its analysis, where nobody says how (Meslingvirus vaksinestamme:
    Påvist)."""
    name, _, said = noted.organisms[0].text.partition(": ")
    keys = concepts_in((Code(text=name),)) if said == "positiv" else frozenset()
    return frozenset(key for key in keys if is_of_vaccine(f"{name}; {organisms()[key].name}"))


def _is_held_back(found: Search | None, strains: frozenset[str]) -> bool:
    """Whether what was found may be no more than one of vaccine strains, so that a person must look first."""
    if found is None or isinstance(found, Noted) or not strains:
        return False
    concept = concept_of(found.organisms)
    return concept is not None and any(key == concept or refines(key, concept) for key in strains)


def _settle(item: Told, kind: str) -> str:
    """What a kind is to what was found: ``finer``, which is then found by its own name, ``counting`` or ``doubtful``; empty where
    any part of it is not known to be one of these."""
    found = item.detected
    if found is None:
        return ""
    name, verdict = _told_of(found.organisms, kind)
    if name:
        item.detected = Search(found.method, name)
    return verdict


def _told_of(names: tuple[Code, ...], kind: str) -> tuple[tuple[Code, ...], str]:
    if len(kind) > LONGEST:  # what is written about a patient is longer than a kind, and never kept
        return _read_kind_of.__wrapped__(names, kind)
    return _read_kind_of(names, kind)


@lru_cache(maxsize=8192)
def _read_kind_of(organisms_: tuple[Code, ...], kind: str) -> tuple[tuple[Code, ...], str]:
    """What a kind is to an organism, as `_settle` says it, with its more precise name where it is ``finer``. One that would lose
    a resistance by it is not known."""
    concept = concept_of(organisms_)
    own = _markers(organisms_)
    if concept is None or not _markers((Code(text=kind),)) <= own:
        return (), ""
    told = _weigh(concept, kind)
    if told.verdict != "finer":
        return (), told.verdict
    called = f"{text_of(organisms_[0])} {told.kind.upper()}"
    names = (called, told.name) if (concept, told.kind.casefold()) in subtypes() else (told.name,)
    finer = next((name for name in names if concept_of((Code(text=name),)) is not None), "")
    found = find_named(told.name)
    if not finer and found is not None:
        finer = organisms()[found].name
    named = (Code(text=finer),)
    return (named, "finer") if finer and own <= _markers(named) else ((), "")


def _markers(names: tuple[Code, ...]) -> frozenset[str]:
    return frozenset(markers_in((code.code, code.text) for code in names))


class Weighed(NamedTuple):
    """What a kind is to an organism: ``finer`` with the name it then has and the kind by which, ``counting``, ``doubtful``, or empty
    where it is not known."""

    verdict: str
    name: str = ""
    kind: str = ""


WEIGHT = ("doubtful", "finer", "counting")
"""What decides among the parts of a kind, the weightiest first."""

UNKNOWN, COUNTING, DOUBTFUL = Weighed(""), Weighed("counting"), Weighed("doubtful")


def _weigh(concept: str, kind: str) -> Weighed:
    """What a text that answers which kind there was is to an organism: as a whole, else each of its parts."""
    whole, *parts = pieces_of(kind)
    parts = [part for part in parts if not is_remark(part)] or parts
    weighed = _weigh_part(concept, whole)
    if weighed.verdict or not parts:
        return weighed
    each = [_weigh_part(concept, part) for part in parts]
    best = next(
        (one for verdict in WEIGHT for one in each if one.verdict == verdict),
        UNKNOWN,
    )
    return best if all(_explains(best, *one) for one in zip(parts, each, strict=True)) else UNKNOWN


def _explains(best: Weighed, part: str, own: Weighed) -> bool:
    """Whether a part beside what decides is known: of the organism, or of the one that it is by its more precise name (H5N1,
    høypatogen)."""
    finer = find_named(best.name) if best.name else None
    return bool(own.verdict) or (finer is not None and counts_as_kind(finer, part) == "counting")


def _weigh_part(concept: str, kind: str) -> Weighed:
    known = result_words()
    if known.untypable.search(kind):
        left = known.untypable.sub(" ", kind)
        plain = not any(map(str.isalnum, left)) or is_remark(left)
        return COUNTING if plain and concept not in known.unusual else UNKNOWN
    if (denied := _denied_in(kind)) is not None:
        each = [_weigh_part(concept, one) for one in denied]
        # Only what would have said another thing is denied without saying which kind it was then.
        return COUNTING if all(one.verdict in ("finer", "doubtful") for one in each) else UNKNOWN
    if is_of_vaccine(kind):
        return UNKNOWN if known.denials.search(kind) else DOUBTFUL
    kind = _spelled(concept, kind)
    if (concept, kind.casefold()) in subtypes() or finer_name(concept, kind):
        return Weighed("finer", finer_name(concept, kind), kind)
    named = {find_named(name) for name in known_in(kind)} - {None, concept}
    if any(not (refines(concept, one) or refines(one, concept)) for one in named if one):
        return UNKNOWN
    if not any(refines(one, concept) for one in named if one) and (
        verdict := counts_as_kind(concept, kind)
    ):
        return Weighed(verdict)
    words = kind.split()
    for count in range(len(words) - 1, 0, -1) if len(words) <= MOST_WORDS else ():
        head, rest = " ".join(words[:count]), " ".join(words[count:])
        weighed = _weigh_part(concept, head)
        finer = find_named(weighed.name) if weighed.name else None
        if weighed.verdict and (
            CLADE.fullmatch(rest) or any(_counts(key, rest) for key in (concept, finer) if key)
        ):
            return weighed
    return UNKNOWN


def _counts(concept: str, kind: str) -> bool:
    """Whether a kind counts as it stands, without a word that introduces it."""
    kinds = kinds_of(concept)
    return kinds is not None and kinds.counting.fullmatch(kind) is not None


def _denied_in(kind: str) -> list[str] | None:
    """What a text denies and nothing else, one by one ("Ikke O1/O139", "Ikke Typhi eller Paratyphi"); None for another text."""
    found = result_words().denials.match(kind.strip())
    if found is None:
        return None
    rest = result_words().denials.sub(" ", kind)
    return [part.strip() for part in OR.split(rest) if part.strip()] or None


def _spelled(concept: str, kind: str) -> str:
    """A kind with the genus of its organism in place of an initial (B. recurrentis), without the type of the virus (A/H5N1)."""
    genus = organisms()[concept].genus
    if genus and (found := ABBREVIATED.match(kind)) and genus[0] == found.group(1):
        return f"{genus} {kind[found.end() :]}"
    return VIRUS_TYPE.sub(r"\1", kind)


def counts_as_kind(concept: str, kind: str) -> str:
    """What a kind that is no organism of its own is to an organism: ``counting``, ``doubtful``, or empty for nothing."""
    kinds = kinds_of(concept)
    one = organisms()[concept]
    if find_named(kind) == concept or one.name.casefold().endswith(f" {kind.casefold()}"):
        return "counting"
    for coarse in coarser_names()[concept]:
        other = find_named(finer_name(coarse, kind))
        if other is not None and other != concept and not refines(concept, other):
            return ""  # a sister: Typhi beside S. Typhimurium
    if kinds is None:
        return ""
    said = (kind, f"genotype {kind}", f"type {kind}", f"serotype {kind}", f"clade {kind}")
    if any(kinds.doubtful.fullmatch(each) for each in said):
        return "doubtful"
    counts = any(kinds.counting.fullmatch(each) or kinds.beside.fullmatch(each) for each in said)
    return "counting" if counts else ""


def _may_wait(names: tuple[Code, ...], noted: Noted, kind: str) -> bool:
    """Whether a kind of which nothing was found beside it is not known, may be of an infection by a virus, is said to be of a
    vaccine, or is an organism of its own."""
    own = concepts_in(names)
    if own and all(_weigh(key, kind).verdict == "counting" and _says_none(kind) for key in own):
        return False
    return (
        isinstance(noted, Unread)
        or is_of_vaccine(kind)
        or any(organisms()[key].kind == "virus" for key in own)
        or any(
            SUBTYPE.fullmatch(part) is not None
            or find_named(part) is not None
            or part.casefold() in _serovars()
            or any(finer_name(key, part) for key in own)
            or any((key, part.casefold()) in subtypes() for key in subtype_holders())
            for part in pieces_of(kind)
        )
    )


def _says_none(kind: str) -> bool:
    """Whether an answer says that the kind could not be told, or that it is not one."""
    return result_words().untypable.search(kind) is not None or _denied_in(kind) is not None
