"""What stands beside the word that finds, in answer to a search for one organism: whether all of it is of what was
looked for.

"Parvovirus påvist" in answer to a search for measles virus is no measles, nor is "Internkontroll påvist" or a word that
nobody knows. Each word must be accounted for: a name of what was looked for or of a kind of it, the method of the
search, a gene or an antigen of the organism (`varde.codes.targets`), or a word of amount, place or kind that is harmless
there. What is denied in the same answer is left out, but where it is what was asked for (MRSA: "mecA ikke påvist").
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, NamedTuple

from varde.codes import (
    kinds_of,
    resistance_words,
    subtypes,
    susceptible_to,
)
from varde.messages.answers.accounting import TOKEN, is_accounted
from varde.messages.answers.asides import without_asides
from varde.messages.answers.cutting import cut
from varde.messages.answers.kind_weighing import finer_name
from varde.messages.answers.known_names import concept_of, find_named
from varde.messages.answers.listed import spell_out, without_colonies
from varde.messages.answers.names import (
    EDGES,
    is_target,
)
from varde.messages.answers.searches import Search, text_of
from varde.messages.answers.statements import Statement, judge
from varde.messages.answers.wanted import (
    Seen,
    Wanted,
    divisions_of,
    is_name_of,
    is_target_of,
    markers_of_word,
    wanted_by,
)
from varde.messages.answers.words import result_words
from varde.messages.records import Code

SHORT = 3
"""Words of a statement without an answer that may be of what was found (Påvist (IgG)); a longer one is a remark."""

CONFIRMED = re.compile(
    r"(?<!\w)(?:bekreftet|konfirmert|verifisert|confirmed|verified)\s+(?:ved|med|i|by|with|in)\s+[\w/-]+",
    re.I,
)
"""How what was found is confirmed, by whichever method."""

GENOTYPE = re.compile(r"(?<!\w)(?:genotypen?|genotyp|gt)\s*:?\s*([a-z0-9]{1,3})(?!\w)", re.I)
"""The mark of a genotype behind the word for it."""

CLASSES = frozenset(("antibody-igm", "antibody-igg"))
CLASS = re.compile(r"(?<![^\W_])ig[gm](?![^\W_])", re.I)
"""Classes of antibodies that are methods of their own."""

ALIKE = 3
"""Letters that kinds of one gene begin with."""

LONGEST_CACHED = 60
"""Characters of an answer that is kept with its meaning."""

Verdict = Literal["its", "another", "plain", "named"]


class Beside(NamedTuple):
    """What the words of an answer say of the organism that was looked for.

    Attributes:
        verdict: all is of what was looked for; something is not, or is of nobody known; the organism was found without a
            word of the resistance that was asked for; what was found is what `plain` names, and less than was asked for.
        finer: the name of a kind that is an organism of its own (H5N1); empty for none.
        plain: the organism that was found: without the resistance, which is denied, or what a stain shows of it.
    """

    verdict: Verdict
    finer: str = ""
    plain: str = ""


ITS = Beside("its")
ANOTHER = Beside("another")


def finer_names(texts: Iterable[str], organisms: tuple[Code, ...]) -> tuple[str, ...]:
    """The names of an organism with each subtype that stands anywhere in an answer, is not denied there, and is an
    organism of its own (Influensa A påvist. Subtype: H5): empty for none."""
    concept = concept_of(organisms)
    if concept is None or not divisions_of(concept):
        return ()
    said = (
        word
        for text in texts
        for part in cut(text)
        if {each.kind for each in judge(part)}.isdisjoint(("denied", "negated", "undone"))
        for word in re.findall(r"[a-z0-9]+", part.casefold())
    )
    words = dict.fromkeys(word for word in said if (concept, word) in subtypes())
    return tuple(f"{text_of(organisms[0])} {word.upper()}" for word in words)


def read_beside(
    texts: Iterable[str], names: tuple[Code, ...], field: tuple[Code, ...], search: Search
) -> Beside:
    """What all words of an answer say that finds something.

    Args:
        texts: the answer, as it stands; each of them.
        names, field: as `varde.messages.answers.searches.analyse` takes them.
        search: what the analysis looks for.
    """
    texts = tuple(texts)
    asked = wanted_by(names, field, search)
    read = [_read(text, asked) for text in texts]
    if any(each.verdict == "another" for each in read):
        return ANOTHER
    for verdict in ("named", "plain"):
        found = next((each for each in read if each.verdict == verdict), None)
        if found is not None:
            return found
    finer = {each.finer for each in read if each.finer} or _genotypes(texts, asked)
    return ANOTHER if len(finer) > 1 else ITS._replace(finer=next(iter(finer), ""))


def _genotypes(texts: Iterable[str], asked: Wanted) -> set[str]:
    """The names of organisms of their own that the genotypes in an answer are, which it does not deny (kusmavirus of genotype
    G)."""
    said = {
        found[1]
        for text in texts
        for part in cut(text)
        if {each.kind for each in judge(part)}.isdisjoint(("denied", "negated", "undone"))
        for found in GENOTYPE.finditer(part)
    }
    return {
        name for kind in said for concept in asked.concepts if (name := finer_name(concept, kind))
    }


def _read(text: str, asked: Wanted) -> Beside:
    if len(text) > LONGEST_CACHED:
        return _read_text.__wrapped__(text, asked)
    return _read_text(text, asked)


# Short answers repeat for ever; what is written about a patient is longer, and never kept.
@lru_cache(maxsize=16384)
def _read_text(text: str, asked: Wanted) -> Beside:
    seen = Seen()
    for part in cut(without_colonies(without_asides(spell_out(text)))):
        # MSSA says both: which organism, and that it is not the resistant one.
        seen.denied = seen.denied or bool(susceptible_to(part) & asked.markers)
        said = judge(part)
        kinds = {each.kind for each in said}
        if kinds <= {"denied", "negated", "undone"}:
            seen.denied = seen.denied or _is_asked(part, asked)
            seen.disproved |= _proofs(part, asked)
            if not asked.markers and _is_contradicted(said, asked):
                return ANOTHER
            continue
        if "denied" in kinds:
            if not all(
                is_name_of(name, asked, seen)
                for each in said
                if each.kind == "found"
                for name in each.names
            ):
                return ANOTHER
            seen.denied = seen.denied or _is_asked(part, asked)
            seen.disproved |= _proofs(part, asked)
            continue
        if _is_of_other_class(part, asked):
            return ANOTHER
        remark = "found" not in kinds and _is_remark(part)
        if "found" in kinds and result_words().plain.get(part.strip(EDGES).casefold()):
            seen.plain = True
            continue
        if not is_accounted(_plain(part), asked, seen, remark):
            return ANOTHER
    if seen.unproved and not (seen.proved or seen.named):
        return ANOTHER
    if any(not any(_is_alike(one, other) for other in seen.proved) for one in seen.disproved):
        return ANOTHER
    if _divisions(seen.finer, asked) > 1:
        return ANOTHER
    if seen.stain and not seen.finer:
        return Beside("named", plain=seen.stain)
    if asked.markers and seen.marked and not seen.named:
        return ANOTHER  # a gene alone, which others have too: vanB of anaerobes, mecA of other staphylococci
    if asked.markers and seen.denied:
        # Some of what was asked for is there, and some is not: nobody but a person can tell.
        return (
            ANOTHER if seen.marked or not seen.named else Beside("named", plain=_closed(seen.named))
        )
    if asked.markers and seen.named and not seen.marked:
        return Beside("plain")
    return ITS._replace(finer=min(seen.finer, default=""))


def _is_of_other_class(part: str, asked: Wanted) -> bool:
    """Whether a statement that is not denied speaks of another class of antibodies than was looked for (IgM: Positiv. IgG
    positiv)."""
    own = {method.removeprefix("antibody-") for method in asked.methods if method in CLASSES}
    said = {found.group().casefold() for found in CLASS.finditer(part)}
    return bool(own) and not said <= own


def _divisions(finer: set[str], asked: Wanted) -> int:
    """How many organisms the names of subtypes are of: D8 and wild type are one."""
    return len(
        {
            subtypes()[of, name.casefold()]
            for name in finer
            for of in asked.concepts
            if (of, name.casefold()) in subtypes()
        }
    )


def _is_remark(part: str) -> bool:
    """Whether a statement that does not find is a remark, by its length or by a word of remarks."""
    tokens = TOKEN.findall(part)
    return len(tokens) > SHORT or any(
        token.casefold() in result_words().remarks
        and token.casefold() not in result_words().harmless
        for token in tokens
    )


def _is_contradicted(said: Iterable[Statement], asked: Wanted) -> bool:
    """Whether what was looked for is itself among what a statement denies beside a word that finds."""
    return any(
        find_named(name) in asked.concepts and not _has_kind(name, asked)
        for each in said
        for name in each.names
    )


def _has_kind(name: str, asked: Wanted) -> bool:
    """Whether a name says which kind of what was looked for it is of (HPV 16), beside which there may be others."""
    kinds = [own for concept in asked.concepts if (own := kinds_of(concept)) is not None]
    return any(own.counting.search(name) is not None for own in kinds)


def _plain(part: str) -> str:
    """A statement without how it is confirmed, and without phrases that do nothing (kontroll om 3 uker)."""
    known = result_words()

    def leave(found: re.Match[str]) -> str:
        word = " ".join(found.group().casefold().split())
        return " " if known.sign_of[word] == "nothing" else found.group()

    return CONFIRMED.sub(" ", known.signs.sub(leave, part))


def _closed(name: str) -> str:
    """A name with the bracket closed that its last words open: S. aureus (MSSA)."""
    return f"{name})" if name.count("(") > name.count(")") else name


def _is_asked(part: str, asked: Wanted) -> bool:
    """Whether what a statement denies is the resistance that was asked for."""
    return any(markers_of_word(word) & asked.markers for word in resistance_words(part))


def _proofs(part: str, asked: Wanted) -> set[str]:
    """The genes and antigens that a statement denies and by which what was looked for is told (EHEC: stx)."""
    seen = Seen()
    for token in TOKEN.finditer(part):
        low = token.group().casefold()
        if is_target(low):
            is_target_of(low, asked, seen)
    return seen.proved


def _is_alike(one: str, other: str) -> bool:
    """Whether two genes are kinds of one, each of which is enough (stx1 and stx2); not two that a test looks for both of."""
    return one[:ALIKE] == other[:ALIKE]
