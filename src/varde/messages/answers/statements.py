"""An answer in words cut into its statements, and what each of them says by itself.

A statement is a line, a sentence, a bracket, or a part of a sentence between two words of an answer each. It
is judged by all the words in it: what finds, what denies, what puts in question. What is not understood is said
to be so, and never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import pairwise
from typing import Literal, NamedTuple

from varde.codes import resistance_words, targets
from varde.messages.answers.cutting import AFTER, Mark, marks_in
from varde.messages.answers.known_names import find_named
from varde.messages.answers.listed import graded
from varde.messages.answers.names import (
    EDGES,
    PLACES,
    is_gene_of,
    is_harmless,
    is_organism,
    is_plain,
    known_in,
    names_in,
    targets_in,
    with_brackets,
)
from varde.messages.answers.scope import LINKED, has_unanswered, outside
from varde.messages.answers.search_words import WORD
from varde.messages.answers.search_words import words as search_words
from varde.messages.answers.viral_loads import COPIES, is_load, speaks_of_load
from varde.messages.answers.words import ResultWords, result_words

SHARE = re.compile(r"(?<![\w.,])([0-9]{1,3})\s*(?:av|of|/)\s*([0-9]{1,3})(?![\w.,/])")
"""So many of so many: bottles, tests, samples."""

ZERO = re.compile(r"(?<![\w.,])(?:0|null|zero)\s+(?:av|of|/)?", re.I)
RANGE = re.compile(r"\A[^\W\d_]+\.?\s*:?\s*[<>≤≥=]+\s*[0-9.,]+\Z")
"""From where on a value is positive, or negative: no answer by itself."""

AMOUNT_BEGINS = re.compile(r"(?<![<≤\w.,-])(?<![<≤]\s)[0-9]")
BELOW = re.compile(r"[<≤]\s*[0-9][0-9., ]{0,9}(\S[^\s<>]{0,20})\s*\.?\s*\Z")
PLUS = re.compile(r"(?<![\w+])(?:[1-4]\s?\+|\+{1,4})(?![\w+])")
Kind = Literal[
    "found", "denied", "doubtful", "uncertain", "past", "neutral", "negated", "undone", "waiting", "flora", "named", "unknown", "vaccine",
]  # fmt: skip


_ANTIGEN_APART = re.compile(r"\w\.\s+(?:[^\W\d_]{1,12}-)?antigen(?!\w)", re.I)
"""An antigen behind a full stop is a thing of its own, though it begins as the rest of a name would (GAS. e-antigen)."""


class Statement(NamedTuple):
    """What one statement says.

    Attributes:
        kind: something was found, or was not; it is in question, or is an answer between the two; it is of an
            earlier answer; it says nothing of either, or denies something else; nothing was examined; nothing so far;
            what grew is flora; it names an organism without a word of an answer; it is not understood; or what was
            found may be of a vaccine.
        names: what was found, or was not; empty when it names nothing.
        ranged: it is no more than the limit from which on a value is positive, or negative.
        bare: it is no more than the word that finds.
        ahead: it denies what stands behind its denial, and nothing before it (Ikke vekst av Salmonella).
        said: what it denies, in its own words.
    """

    kind: Kind
    names: tuple[str, ...] = ()
    ranged: bool = False
    bare: bool = False
    ahead: bool = False
    said: str = ""


BINDING = frozenset(("er", "ble", "is", "was", "ikke", "not"))
MOST_BETWEEN = 4
"""Words between two words of an answer that are one."""


_Answer = tuple[Literal["+", "-"], Mark]


def judge(text: str) -> list[Statement]:
    """What a statement says; several where it runs on without a sign between ("A positiv B negativ")."""
    known = result_words()
    start = text.strip(EDGES)
    undone = known.no_result.match(start)
    if undone is not None and known.any_answer.search(start, undone.end()) is None:
        return [Statement("undone" if known.spoils.search(text) is None else "doubtful")]
    marks = marks_in(text, known)
    signs = [mark.sign for mark in marks]
    if not any(sign in ("+", "-", "uncertain") for sign in signs):
        return [_judge_silent(text, marks, known)]
    if "?" in text:
        return [Statement("doubtful")]
    if RANGE.match(start) is not None:
        return [Statement("uncertain", ranged=True)]
    if "+" in signs and any("flora" in mark.word for mark in marks):
        if _is_normal_flora(text, marks, known):
            return [Statement("denied")]
        return [Statement("doubtful" if known_in(text) else "flora")]
    if set(signs) == {"uncertain"}:
        return [Statement("uncertain")]
    if "uncertain" in signs or "exception" in signs:
        denied = _is_denied_uncertain(text, marks, known)
        return _judge_denied(text, marks, known) if denied else [Statement("doubtful")]
    answers = _resolve(text, marks, known)
    if answers is None or "doubt" in signs:
        return [Statement("doubtful")]
    if "past" in signs:
        return [Statement("past" if all(each == "+" for each, _ in answers) else "doubtful")]
    share = SHARE.search(text)
    kinds = {sign for sign, _ in answers}
    if len(kinds) > 1:
        return _run_on(text, [mark for _, mark in answers], known)
    if (share is not None and _contradicts(share, kinds)) or ZERO.search(text) is not None:
        return [Statement("doubtful")]
    if kinds == {"-"}:
        return _judge_denied(text, marks, known)
    if len(answers) > 1 and (apart := _apart(text, [mark for _, mark in answers])):
        return [each for part in apart for each in judge(part)]
    return [_judge_found(text, [mark for _, mark in answers], known)]


def _is_normal_flora(text: str, marks: list[Mark], known: ResultWords) -> bool:
    """Whether all that grew is the flora of a healthy body (Vekst av normal tarmflora), which is no finding."""
    if {mark.sign for mark in marks} != {"+", "-"}:
        return False
    if not all("flora" in mark.word for mark in marks if mark.sign == "-"):
        return False
    rest = text
    for mark in reversed(marks):
        rest = f"{rest[: mark.start]} {rest[mark.end :]}"
    words = WORD.findall(rest.casefold())
    return is_harmless(rest, known) and known.kinds_of_organisms.keys().isdisjoint(words)


def _judge_denied(text: str, marks: list[Mark], known: ResultWords) -> list[Statement]:
    """A statement that denies: and what its denial does not reach."""
    denials = [mark for mark in marks if mark.sign in ("denial", "-")]
    beyond = outside(text, denials[0].start, marks[-1].end, known)
    if beyond.unsure or has_unanswered(text, beyond.found, known):
        return [Statement("doubtful")]
    if _may_be_found(text, text[denials[0].start :]):
        return [Statement("doubtful")]
    if known.so_far.search(text) is not None and not beyond.found:
        return [Statement("waiting")]
    if not beyond.found:
        named = known_in(text) or targets_in(text) or _unknown_in(text[: denials[0].start], known)
        if _ANTIGEN_APART.search(text[denials[0].start :]):
            return [Statement("doubtful")]
        start, end = denials[0].start, marks[-1].end
        ahead = not text[:start].strip(EDGES)
        said = text[end:] if ahead else text[:start]
        both = not ahead and bool(text[end:].strip(EDGES))
        return [Statement("denied", named, ahead=ahead, said="" if both else said.strip(" .,;:"))]
    meant = {find_named(name) for name in beyond.found}
    others = tuple(
        name
        for name in known_in(text)
        if find_named(name) not in meant and not resistance_words(name)
    )
    return [Statement("found", beyond.found), Statement("denied", others)]


def _unknown_in(text: str, known: ResultWords) -> tuple[str, ...]:
    """What stands before a denial and is a thing of its own, though nobody knows it (Arcobacter ikke påvist)."""
    bare = text.strip(EDGES)
    return () if not bare or is_harmless(bare, known) else (bare,)


def _may_be_found(text: str, denial: str) -> bool:
    """Whether genes or antigens stand in a list behind which one denial stands, with no word that links them (stx2, stx1 ikke
    påvist): the first of them may be what was found."""
    before = text[: len(text) - len(denial)]
    parts = [part.strip(EDGES).casefold() for part in re.split(r"[,;]", before)]
    if len(parts) < 2 or LINKED.search(parts[-1]) is not None:
        return False
    return all(part in targets() for part in parts)


def _is_denied_uncertain(text: str, marks: list[Mark], known: ResultWords) -> bool:
    """Whether the one word that is neither positive nor negative is denied (Ikke reaktiv)."""
    return [mark.sign for mark in marks] == ["denial", "uncertain"] and is_plain(
        text[marks[0].end : marks[1].start], known
    )


def _contradicts(share: re.Match[str], kinds: Collection[str]) -> bool:
    some, whole = int(share.group(1)), int(share.group(2))
    return some > whole or (some != whole if "-" in kinds else some == 0)


def _resolve(text: str, marks: list[Mark], known: ResultWords) -> list[_Answer] | None:
    """Each word that finds or denies, after the denials before it; None where they cannot be told."""
    answers: list[_Answer] = []
    pending: Mark | None = None
    covered = False
    for mark in marks:
        if mark.sign == "denial":
            if pending is not None:
                return None
            pending = mark
        elif mark.sign == "-":
            if pending is not None:
                return None
            answers.append(("-", mark))
            covered = True
        elif mark.sign == "+":
            if pending is not None:
                if not is_plain(text[pending.end : mark.start], known):
                    return None
                answers.append(("-", mark))
                covered, pending = True, None
            elif covered and _is_covered(text[answers[-1][1].end : mark.start], mark, known):
                continue
            else:
                answers.append(("+", mark))
                covered = False
    if pending is not None:
        behind = bool(answers) and pending.start >= answers[-1][1].end
        close = behind and not text[answers[-1][1].end : pending.start].strip(EDGES)
        rest = text[pending.end :].strip(EDGES)
        if not (close and pending.word in known.last):
            return None
        if rest and not (answers[-1][0] == "-" and is_plain(rest, known)):
            return None  # it denies what stands behind it (Påvist, ikke typbar)
        if answers[-1][0] == "-":
            return answers if pending.word in AFTER else None
        answers[-1] = ("-", answers[-1][1])
    return _drop_nouns(text, answers, known)


def _is_covered(between: str, mark: Mark, known: ResultWords) -> bool:
    """Whether a positive word is what a denied one before it is said of (Ikke påvist vekst, No growth detected)."""
    words = WORD.findall(between.casefold())
    return (
        len(words) < MOST_BETWEEN
        and PLACES.isdisjoint(words)
        and re.search(r"[,:(/]", between) is None
        and is_plain(between, known)
        and (mark.word in known.growth or known.names.isdisjoint(words))
    )


def _drop_nouns(text: str, answers: list[_Answer], known: ResultWords) -> list[_Answer]:
    """Without growth that the word behind it denies (Vekst av Salmonella ikke påvist)."""
    if [sign for sign, _ in answers] != ["+", "-"]:
        return answers
    noun, denied = answers[0][1], answers[1][1]
    if noun.word not in known.growth or denied.word in known.growth:
        return answers
    between = " ".join(
        part
        for part in text[noun.end : denied.start].split()
        if part.casefold() not in known.links and part.casefold() not in BINDING
    ).strip(EDGES)
    return answers[1:] if not between or find_named(between) is not None else answers


def _judge_silent(text: str, marks: list[Mark], known: ResultWords) -> Statement:
    """A statement without a word of an answer."""
    if known.spoils.search(text) is not None:
        return Statement("doubtful")
    bare = text.strip(EDGES)
    if known.vaccine.search(text) is not None:
        # The strain of a vaccine may be an organism of its own.
        return Statement("vaccine") if find_named(bare) is None else Statement("named", (bare,))
    if (amount := graded(text.strip(" \t\n.,;"))) is not None:
        return Statement("found" if amount.found else "denied", (amount.name,))
    if speaks_of_load(text):
        return Statement("found" if is_loaded(text) else "neutral")
    if PLUS.search(text) is not None and search_words().cells.search(text) is None:
        return Statement("found" if is_harmless(text, known) else "unknown")
    denials = [mark for mark in marks if mark.sign == "denial"]
    if denials:
        rest = text[denials[0].end :].strip(EDGES)
        begins = len(denials) == 1 and not text[: denials[0].start].strip(EDGES)
        if begins and find_named(rest) is not None:
            return Statement("denied", (rest,))
        return Statement("negated" if begins and rest and is_harmless(rest, known) else "unknown")
    if is_harmless(text, known) and not is_organism(bare):
        return Statement("neutral")
    if find_named(bare) is not None:
        return Statement("named", (bare,))
    return Statement("named" if known_in(text) else "unknown")


def is_loaded(text: str) -> bool:
    """Whether an amount of a virus is all that a text says, also behind its name (HCV RNA log 5,3 IU/mL)."""
    text = text.strip(" .,;:")
    if is_load(text):
        return True
    found = AMOUNT_BEGINS.search(text)
    return (
        found is not None
        and is_plain(text[: found.start()], result_words())
        and is_load(text[found.start() :])
    )


def is_below(text: str) -> bool:
    """Whether all that a text says is a name and that less of a virus was there than can be counted (HIV-1 RNA <20
    kopier/mL)."""
    found = BELOW.search(text)
    if found is None or COPIES.match(found.group(1)) is None:
        return False
    before = text[: found.start()]
    return bool(known_in(before)) and is_plain(before, result_words())


def _judge_found(text: str, answers: list[Mark], known: ResultWords) -> Statement:
    """A statement that finds: what it names."""
    before = text[: answers[0].start]
    after = text[answers[-1].end :]
    if any(part in after.casefold() for part in known.unnamed):
        return Statement("doubtful" if known_in(text) else "flora")
    names: list[tuple[str, ...]] = []
    for part in (before, after):
        found = names_in(part, known)
        if found is None:
            return Statement("doubtful")
        if found:
            names.append(found)
    if len(names) == 1 and len(names[0]) == 1:
        other = after if names_in(before, known) else before
        whole = with_brackets(names[0][0], other, known)
        if whole is None:
            return Statement("doubtful")
        names = [whole]
    if len(names) > 1:
        of = names[0] if len(names[0]) == 1 else ()
        if not (of and all(is_gene_of(name, of[0]) for each in names[1:] for name in each)):
            return Statement("doubtful")
    bare = not before.strip(EDGES) and not after.strip(EDGES)
    return Statement("found", names[0] if names else (), bare=bare)


def _run_on(text: str, answers: list[Mark], known: ResultWords) -> list[Statement]:
    """A statement that finds and denies without a sign between; doubtful where its names cannot be told."""
    apart = _apart(text, answers)
    if not apart:
        return [Statement("doubtful")]
    found = [each for part in apart for each in judge(part)]
    return found if all(each.names for each in found) else [Statement("doubtful")]


def _apart(text: str, answers: list[Mark]) -> list[str]:
    """A statement cut behind each of its answers, where a name stands before each; else none."""
    ends = [0, *(mark.end for mark in answers[:-1]), len(text)]
    parts = [text[start:end] for start, end in pairwise(ends)]
    if text[answers[-1].end :].strip(EDGES) or not all(
        re.search(r"[^\W\d_]{2}", text[start : mark.start])
        for start, mark in zip(ends, answers, strict=False)
    ):
        return []
    return (
        parts if all(_named_before(p, m.word) for p, m in zip(parts, answers, strict=True)) else []
    )


def _named_before(part: str, word: str) -> bool:
    subject = part.casefold().rpartition(word)[0]
    return bool(known_in(subject)) or bool(
        search_words().methods.search(subject) or search_words().written.search(part)
    )
