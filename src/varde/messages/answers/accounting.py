"""Whether each word of a statement that finds is of what was looked for (`varde.messages.answers.beside`)."""

from __future__ import annotations

import re

from varde.codes import (
    kinds_of,
    organisms,
    read_resistant_name,
    resistance_words,
    susceptible_to,
)
from varde.messages.answers.known_names import find_named
from varde.messages.answers.names import (
    FINE,
    GENE,
    PLACES,
    is_organism,
    is_target,
    targets_in,
)
from varde.messages.answers.search_words import words as search_words
from varde.messages.answers.searches import methods_in
from varde.messages.answers.wanted import (
    Seen,
    Wanted,
    is_kind,
    is_method,
    is_name_of,
    is_subtype,
    is_target_of,
    markers_of_word,
)
from varde.messages.answers.words import result_words

TOKEN = re.compile(r"[^\W_](?:[\w./'-]*[\w'])?")
MOST_WORDS = 7


def is_accounted(part: str, asked: Wanted, seen: Seen, remark: bool) -> bool:
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
    if low in known.places:
        return True
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
