"""What a text that answers which kind there was is to an organism that was found: a more precise name, a kind that counts as
the organism, one of a vaccine, or nothing that is known.

Pure: the same organism and text give the same.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from varde.codes import coarser_names, kinds_of, organisms, refines, subtypes
from varde.messages.answers.known_names import find_named
from varde.messages.answers.names import known_in
from varde.messages.answers.words import result_words

VIRUS_TYPE = re.compile(r"\(?A\s?[/(]\s?(H\d{1,2}(?:N\d{1,2})?v?)\)?", re.I)

CLADE = re.compile(
    r"(?:(?:clade|klade|kladde|linje|lineage|genotype)\s+)?\d(?:\.\d{1,2}){1,5}[a-z]?|(?:clade|klade|kladde)\s\d{1,2}[a-z]?",
    re.I,
)
"""A clade by its number (2.3.4.4b), which changes nothing of what a kind is."""

ABBREVIATED = re.compile(r"([A-Z])\.\s*(?=[a-z])")

OR = re.compile(r"\s*(?:/|,|\s(?:eller|og|or|and|nor|heller)\s)\s*", re.I)

MOST_WORDS = 5
"""Words of a kind that is read word by word."""

PARTS = re.compile(r"[()\[\],;]|(?<=\w\w)\.(?:\s+|\Z)")
"""What parts a kind from what explains it: L2b (LGV), H3N2. Ikke H5. Not the full stop of an initial."""

PLAINEST = frozenset(("serovar", "serotype", "genotype", "genotypen", "type", "gruppe", "serogruppe", "subtype"))  # fmt: skip
"""Words that may stand before the mark of a kind and are no part of its name."""

TOKEN = re.compile(r"[^\W_](?:[\w./'-]*[\w'])?")

MARKS = 3
"""Letters of the longest mark of a kind that is no word of a remark."""


class Weighed(NamedTuple):
    """What a kind is to an organism: ``finer`` with the name it then has and the kind by which, ``counting``, ``doubtful``, or empty
    where it is not known."""

    verdict: str
    name: str = ""
    kind: str = ""


WEIGHT = ("doubtful", "finer", "counting")
"""What decides among the parts of a kind, the weightiest first."""

UNKNOWN, COUNTING, DOUBTFUL = Weighed(""), Weighed("counting"), Weighed("doubtful")


def weigh_kind(concept: str, kind: str) -> Weighed:
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
    if (denied := denied_in(kind)) is not None:
        each = [_weigh_part(concept, one) for one in denied]
        # Only what would have said another thing is denied without saying which kind it was then.
        return COUNTING if all(one.verdict in ("finer", "doubtful") for one in each) else UNKNOWN
    if is_of_vaccine(kind):
        return UNKNOWN if known.denials.search(kind) else DOUBTFUL
    kind = _spelled(concept, kind)
    if name := finer_name(concept, kind):
        return Weighed("finer", name, kind)
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


def denied_in(kind: str) -> list[str] | None:
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
    )


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
    genus = organisms()[concept].genus
    for name in (kind, *((f"{whole} {bare}", f"{genus} {bare}".strip()) if bare else ())):
        found = find_named(name) if name else None
        if found is not None and refines(found, concept):
            return name
    name = f"{whole} genotype {bare}"
    found = find_named(name) if bare else None
    # That a genotype is the vaccine's, a person must see.
    if found is not None and refines(found, concept) and not is_of_vaccine(organisms()[found].name):
        return name
    if (concept, bare.casefold()) in subtypes():
        name = f"{whole} {bare.upper()}"
        return (
            name
            if find_named(name) is not None
            else organisms()[subtypes()[concept, bare.casefold()]].name
        )
    return ""
