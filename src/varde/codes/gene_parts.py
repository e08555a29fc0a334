"""Tests that look for a part of what makes an organism what it is: stx1 is one of two genes of Shiga toxin.

That a part is not found says nothing of the other, and so nothing of the organism. A resistance of `named_resistance.csv` is
a part too, by the genes for it: mecC alone is not all of MRSA.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from varde.codes.errors import CodeFileError
from varde.codes.organisms import organisms
from varde.codes.tables import DATA, DATE, SLUG, TEXT, check_unique, read_date, read_table

GENE_PARTS = DATA / "gene_parts.csv"
PROVING_GENES = DATA / "proving_genes.csv"

_SCHEMA = {
    "text": r"[^\x00-\x1fA-ZÆØÅ]{3,40}",
    "organism": SLUG,
    "part": r"[a-z0-9]+",
    "source": TEXT,
    "valid_from": DATE,
}


_PROVING_SCHEMA = {
    "text": _SCHEMA["text"],
    "organism": SLUG,
    "method": r"nucleic-acid|toxin",
    "source": TEXT,
    "valid_from": DATE,
}
_OF_SPECIMEN = re.compile(r"\A(?:[a-zæøå]{1,3}-|(?:feces|faeces|avføring)[- ])\s*")
"""What is written before the name of an analysis for the specimen: F-, Feces."""
_AMONG = re.compile(r"[/+,&()\[\]]|\s(?:og|and|eller|or)\s")
"""What stands between several names of one thing, or between things each of which is enough: Shigatoksin (stx), stx1 og stx2."""
_NUMBER = re.compile(r"\A[1-9]\Z")
_INFLECTED = re.compile(
    r"(to(?:ks|x)in(?:[ -]?[ab12])?[ -]?gen)(?:ets?|er|enes?)(?!\w)|((?<=[^\W_])[ -]gen)ets?(?!\w)",
    re.I,
)
"""The word for a gene as it is written of one that is known, and of several of a toxin: toksingenene, stx-genet."""

_POSITIVE = ": positiv"
"""What readers write after the name of an analysis that found something without saying what."""


class _Known(NamedTuple):
    parts: Mapping[str, Mapping[str, frozenset[str]]]
    words: re.Pattern[str]


def plain_gene(text: str) -> str:
    """A text with the word for a gene as it stands in lists: toksingen of toksingenet, stx-gen of stx-genet."""
    return _INFLECTED.sub(lambda found: found[1] or found[2], text)


def parts_looked_for(names: Iterable[str]) -> dict[str, frozenset[str]]:
    """Organism → the parts of it that a test looks for, by its names; empty where it looks for the organism, or for a part
    that is not known."""
    known = _read()
    found: dict[str, frozenset[str]] = {}
    for name in names:
        for match in known.words.finditer(plain_gene(name.casefold())):
            for organism, parts in known.parts[match[0]].items():
                found[organism] = found.get(organism, frozenset()) | parts
    return found


def organism_proved_by(names: Iterable[str]) -> str | None:
    """The organism that is there, by a case definition, where a gene or its toxin is found that one of some names is; None where
    none of them is nothing but that, or several of them (Shigatoksin 2 (stx2)).

    Args:
        names: of what was found, or of an analysis that was positive, as readers note it (``stx1: positiv``).
    """
    known = _read_proving()
    for name in names:
        said = plain_gene(" ".join(name.casefold().split()).removesuffix(_POSITIVE))
        found = known.get(said) or _proved_by_all(_OF_SPECIMEN.sub("", said), known)
        if found:
            return found
    return None


def _proved_by_all(said: str, known: Mapping[str, str]) -> str | None:
    """The organism of a name, or of all the names, that a text in lower case is; None where one of them is of none."""
    if said in known:
        return known[said]
    parts = [part.strip() for part in _AMONG.split(f" {said} ") if part.strip()]
    # A number repeats the name before it: Shigatoksin 1 og 2.
    named = [part for at, part in enumerate(parts) if not (at and _NUMBER.match(part))]
    found = {known.get(part) for part in named}
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=1)
def _read_proving() -> Mapping[str, str]:
    found: dict[str, str] = {}
    seen: list[tuple[int, object]] = []
    for line, row in read_table(PROVING_GENES, _PROVING_SCHEMA):
        text, organism, _method, _source, valid_from = row
        read_date(PROVING_GENES, line, valid_from)
        if organism not in organisms():
            raise CodeFileError(PROVING_GENES, line, f"there is no organism {organism}")
        seen.append((line, text))
        found[text] = organism
    check_unique(PROVING_GENES, seen, "row")
    return MappingProxyType(found)


@lru_cache(maxsize=1)
def _read() -> _Known:
    """
    Raises:
        CodeFileError: a row breaks the schema, names what is no organism, or stands twice.
    """
    found: dict[str, dict[str, frozenset[str]]] = {}
    seen: list[tuple[int, object]] = []
    for line, (text, organism, part, _source, valid_from) in read_table(GENE_PARTS, _SCHEMA):
        read_date(GENE_PARTS, line, valid_from)
        if organism not in organisms():
            raise CodeFileError(GENE_PARTS, line, f"there is no organism {organism}")
        seen.append((line, (text, organism, part)))
        of = found.setdefault(text, {})
        of[organism] = of.get(organism, frozenset()) | {part}
    check_unique(GENE_PARTS, seen, "row")
    # A longer name before one that it begins with: stx1/2 is no stx1. A subtype (stx2a) is a part of a part: not known.
    texts = sorted(found, key=lambda text: (-len(text), text))
    words = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, texts))})(?![a-z0-9])")
    return _Known(MappingProxyType(found), words)
