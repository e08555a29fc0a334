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
    organisms,
    read_resistant_name,
    resistance_words,
    subtypes,
    susceptible_to,
)
from varde.messages.answers.asides import without_asides
from varde.messages.answers.cutting import cut
from varde.messages.answers.known_names import concept_of, find_named
from varde.messages.answers.listed import spell_out
from varde.messages.answers.names import (
    EDGES,
    FINE,
    GENE,
    PLACES,
    is_organism,
    is_target,
    targets_in,
)
from varde.messages.answers.search_words import words as search_words
from varde.messages.answers.searches import Search, methods_in, text_of
from varde.messages.answers.statements import Statement, judge
from varde.messages.answers.wanted import (
    Seen,
    Wanted,
    divisions_of,
    is_kind,
    is_method,
    is_name_of,
    is_subtype,
    is_target_of,
    markers_of_word,
    wanted_by,
)
from varde.messages.answers.words import result_words
from varde.messages.records import Code

TOKEN = re.compile(r"[^\W_](?:[\w./'-]*[\w'])?")
MOST_WORDS = 7
SHORT = 3
"""Words of a statement without an answer that may be of what was found (Påvist (IgG)); a longer one is a remark."""

CONFIRMED = re.compile(
    r"(?<!\w)(?:bekreftet|konfirmert|verifisert|confirmed|verified)\s+(?:ved|med|i|by|with|in)\s+[\w/-]+",
    re.I,
)
"""How what was found is confirmed, by whichever method."""

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
    asked = wanted_by(names, field, search)
    read = [_read(text, asked) for text in texts]
    if any(each.verdict == "another" for each in read):
        return ANOTHER
    for verdict in ("named", "plain"):
        found = next((each for each in read if each.verdict == verdict), None)
        if found is not None:
            return found
    finer = {each.finer for each in read if each.finer}
    return ANOTHER if len(finer) > 1 else ITS._replace(finer=next(iter(finer), ""))


def _read(text: str, asked: Wanted) -> Beside:
    if len(text) > LONGEST_CACHED:
        return _read_text.__wrapped__(text, asked)
    return _read_text(text, asked)


# Short answers repeat for ever; what is written about a patient is longer, and never kept.
@lru_cache(maxsize=16384)
def _read_text(text: str, asked: Wanted) -> Beside:
    seen = Seen()
    for part in cut(without_asides(spell_out(text))):
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
        remark = "found" not in kinds and _is_remark(part)
        if "found" in kinds and result_words().plain.get(part.strip(EDGES).casefold()):
            seen.plain = True
            continue
        if not _is_accounted(_plain(part), asked, seen, remark):
            return ANOTHER
    if seen.unproved and not (seen.proved or seen.named):
        return ANOTHER
    if any(not any(_is_alike(one, other) for other in seen.proved) for one in seen.disproved):
        return ANOTHER
    if len(seen.finer) > 1:
        return ANOTHER
    if seen.stain and not seen.finer:
        return Beside("named", plain=seen.stain)
    if asked.markers and seen.marked and not seen.named:
        return ANOTHER  # a gene alone, which others have too: vanB of anaerobes, mecA of other staphylococci
    if asked.markers and seen.denied:
        # Some of what was asked for is there, and some is not: nobody but a person can tell.
        return ANOTHER if seen.marked or not seen.named else Beside("named", plain=seen.named)
    if asked.markers and seen.named and not seen.marked:
        return Beside("plain")
    return ITS._replace(finer=next(iter(seen.finer), ""))


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
    return any(find_named(name) in asked.concepts for each in said for name in each.names)


def _plain(part: str) -> str:
    """A statement without how it is confirmed, and without phrases that do nothing (kontroll om 3 uker)."""
    known = result_words()

    def leave(found: re.Match[str]) -> str:
        word = " ".join(found.group().casefold().split())
        return " " if known.sign_of[word] == "nothing" else found.group()

    return CONFIRMED.sub(" ", known.signs.sub(leave, part))


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


def _is_accounted(part: str, asked: Wanted, seen: Seen, remark: bool) -> bool:
    """Whether each word of a statement that finds is accounted for.

    Args:
        remark: it is a sentence without a word of an answer, whose words are harmless already.
    """
    if not remark and _is_no_infection(part):
        return False
    if not (remark or seen.plain or _is_by_method(part, asked, bool(seen.named or seen.proved))):
        return False
    tokens = list(TOKEN.finditer(part))
    at, placed = 0, False
    while at < len(tokens):
        plain = seen.plain or bool(seen.named) or bool(seen.proved) or _is_answer(part, tokens, at)
        end = is_kind(part, tokens[at].start(), asked, plain)
        if end < 0:
            return False
        step = _step_over(part, tokens, at, asked, seen)
        if step < 1 and end:
            step = sum(token.start() < end for token in tokens[at:])
        if step < 0:
            return False
        word = tokens[at].group()
        placed = step == 0 and _is_placed(part, tokens, at, placed)
        if step == 0:
            before = tokens[at - 1].group().casefold() if at else ""
            if not (placed or _is_harmless(word, before, asked, remark)):
                return False
            placed = placed or word.casefold() in PLACES
            step = 1
        at += step
    return True


def _is_by_method(part: str, asked: Wanted, named: bool) -> bool:
    """Whether a statement says no other method than that of the search; the name of a target or a kind is none (Shigatoksin
    2; binært toksin, where the organism is `named`)."""
    if all(is_method(said, asked) for said in methods_in(part)):
        return True
    for gene in targets_in(part):
        part = re.sub(re.escape(gene), " ", part, flags=re.I)
    for concept in asked.concepts:
        kinds = kinds_of(concept)
        if kinds is not None:
            part = kinds.counting.sub(" ", part)
            part = kinds.beside.sub(" ", part) if named else part
    return all(is_method(said, asked) for said in methods_in(part))


def _is_answer(part: str, tokens: list[re.Match[str]], at: int) -> bool:
    """Whether the first words of a statement, before one of them, are a word that finds."""
    known = result_words()
    return at > 0 and " ".join(part[: tokens[at - 1].end()].casefold().split()) in known.plain


def _is_placed(part: str, tokens: list[re.Match[str]], at: int, placed: bool) -> bool:
    """Whether a word is one of where it was found, when or by what: harmless behind such a word (i nasofarynksprøve og urin).

    Args:
        placed: the word before it was one, or leads over to one.
    """
    if not placed or re.search(r"[,;:(]", part[tokens[at - 1].end() : tokens[at].start()]):
        return False
    known = result_words()
    low = tokens[at].group().casefold()
    return known.is_remark(low) and (low not in known.telling or low in known.substances)


def _is_no_infection(part: str) -> bool:
    """Whether a statement names what is known to be no infection (anti-HBs), and not with a word that is harmless."""
    words = {token.start(): token.group().casefold() for token in TOKEN.finditer(part)}
    harmless = result_words().harmless
    return any(
        words.get(found.start(), "") not in harmless
        for found in search_words().never.finditer(part)
    )


def _step_over(part: str, tokens: list[re.Match[str]], at: int, asked: Wanted, seen: Seen) -> int:
    """How many words from here on are a name or a target of what was looked for; 0 for no name, -1 for another's."""
    harmless = result_words().harmless
    for length in range(min(MOST_WORDS, len(tokens) - at), 0, -1):
        text = part[tokens[at].start() : tokens[at + length - 1].end()]
        low = text.casefold()
        last = tokens[at + length - 1].group().casefold()
        if length > 1 and (last in result_words().plain or _is_plain_word(tokens[at].group())):
            continue  # a word of the answer, which the code maps take for what stands around a name
        if is_target(low):
            return length if is_target_of(low, asked, seen) else -1
        if is_subtype(low, asked):
            seen.finer.add(low.upper())
            return length
        if words := resistance_words(text) if length == 1 or find_named(text) is None else ():
            if len(words) == 1 and words[0].casefold() in (low, GENE.sub("", low)):
                if not markers_of_word(low) <= asked.markers:
                    return -1
                seen.marked = True
                if read_resistant_name(low).plain:
                    seen.named = (
                        seen.named or text
                    )  # MRSA is the organism too; mecA is of its neighbours as well
                return length
            continue
        if (length > 1 or low not in harmless or _is_other(low)) and find_named(text) is not None:
            return length if is_name_of(text, asked, seen) else -1
        if length == 1 and susceptible_to(low) & asked.markers:
            return length
    return 0


def _is_other(low: str) -> bool:
    """Whether a word that is harmless in a sentence is the name of an organism (Malaria)."""
    known = result_words()
    return low not in known.kinds_of_organisms and low not in known.telling and is_organism(low)


def _is_plain_word(word: str) -> bool:
    return word.casefold() in result_words().plain


def _is_harmless(word: str, before: str, asked: Wanted, remark: bool) -> bool:
    """Whether a word that is no name says nothing of another thing.

    Args:
        before: the word before it, in lower case.
    """
    known = result_words()
    low = word.casefold().strip(".'/-")
    if not any(sign.isalpha() for sign in low):
        return True
    if before.rstrip(".:") in known.introducing and known.mark.fullmatch(word) is not None:
        return True
    if len(low) == 1:
        return word.islower() or low in asked.letters or not asked.letters
    kind = known.kinds_of_organisms.get(low)
    if kind is not None and not remark:
        if find_named(low) in asked.concepts:
            return True
        of = {organisms()[concept].kind for concept in asked.concepts}
        return kind in ("virus", "parasite") and of == {kind}
    if low in asked.said or low in known.devices:
        return True
    if low in known.telling | known.substances and not remark:
        return False
    if remark and known.is_remark(low):
        return True
    if low in known.harmless or low in known.sign_of or low in known.plain:
        return True
    if not asked.concepts and low in asked.own:
        return True
    if low in search_words().seen | search_words().amounts | search_words().fields:
        return True
    if (
        low in known.accounted
        or low in known.introducing
        or (len(low) <= FINE and not low.isalpha() and low[0].isdigit())
    ):
        return True
    parts = [part for part in re.split(r"[./'-]", word) if part]
    return len(parts) > 1 and all(
        is_name_of(part, asked, Seen())
        if find_named(part) is not None and part.casefold() not in known.harmless
        else _is_harmless(part, "", asked, remark)
        for part in parts
    )
