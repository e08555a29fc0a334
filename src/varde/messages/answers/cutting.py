"""An answer in words cut into its statements: lines, sentences, brackets, and parts of a sentence that each have a
word of an answer."""

from __future__ import annotations

import re
from typing import NamedTuple

from varde.messages.answers.known_names import find_named
from varde.messages.answers.listed import graded
from varde.messages.answers.names import BRACKET, EDGES, PLACES
from varde.messages.answers.search_words import WORD
from varde.messages.answers.words import ResultWords, Sign, result_words

SENTENCE = re.compile(
    r"[;!|]+\s*|(?<=[^\W\d_]{4})\.\s*(?=\S)|(?<=[)\]\d])\.\s+(?=[^\W\d_])|\.\s+(?=\S)"
)
"""Where a sentence may end."""

SHORT = re.compile(r"(?:[^\W\d_]{4}|[)\]\d]|[:=]\s?[-–−])\Z")
"""What a full stop ends a sentence behind; behind a shorter word it may be of an abbreviation (E. coli), unless
a word of an answer follows."""

AFTER = frozenset(("nei", "no", "none", "nein"))
"""Denials that may be the last word of an answer."""


class Mark(NamedTuple):
    """A word of a statement that does something."""

    sign: Sign
    word: str
    start: int
    end: int


def cut(text: str) -> list[str]:
    """The statements of an answer, in its order."""
    known = result_words()
    found: list[str] = []
    for line in _lines(text):
        opened = BRACKET.sub(_open_answer, line)
        for sentence in _sentences(opened, known):
            found += _clauses(sentence, known)
    return found


def _open_answer(found: re.Match[str]) -> str:
    """A bracket that is a statement of its own is set apart; another one is left in its sentence."""
    inside = found.group(1)
    return (
        f"; {inside};"
        if result_words().any_answer.search(inside)
        else re.sub(r"\.(?!\d)", " ", found.group())
    )


def _lines(text: str) -> list[str]:
    """The lines of a text; one that ends in the midst of a statement is one with the next."""
    found: list[str] = []
    for line in text.split("\n"):
        line = " ".join(line.split())
        if not line:
            continue
        if found and _is_unfinished(found[-1]):
            found[-1] = f"{found[-1]} {line}"
        else:
            found.append(line)
    return found


def _is_unfinished(line: str) -> bool:
    """Whether a line ends with what something must follow: a denial, a link word, a colon, a comma."""
    if line[-1] in ":,/-":
        # A minus behind a colon is an answer.
        return SHORT.search(line) is None
    known = result_words()
    last = line.rpartition(" ")[2].casefold()
    waits = known.sign_of.get(last) == "denial" and last not in AFTER
    return waits or last in known.links or last in PLACES


def _sentences(line: str, known: ResultWords) -> list[str]:
    found: list[str] = []
    start = 0
    for end in SENTENCE.finditer(line):
        short = end.group()[0] == "." and SHORT.search(line[: end.start()]) is None
        before = line[start : end.start()]
        kinded = known.kinded.search(before) is not None and line[end.end()].isupper()
        if short and not kinded and known.signs.match(line, end.end()) is None:
            continue
        if before.rpartition(" ")[2].casefold() in known.abbreviations:
            continue
        found.append(line[start : end.start()])
        start = end.end()
    found.append(line[start:])
    return [part for part in found if part.strip(EDGES)]


def _clauses(sentence: str, known: ResultWords) -> list[str]:
    """A sentence in parts that each have a word of an answer. What has none is of the part before it, or of
    the part behind where the one before ends with its answer ("A negativ, B, C positiv")."""
    ends = [0]
    bounds: list[tuple[int, int]] = []
    for joiner in known.joiners.finditer(sentence):
        bounds.append((ends[-1], joiner.start()))
        ends.append(joiner.end())
    bounds.append((ends[-1], len(sentence)))
    if len(bounds) == 1:
        return [sentence]
    parts: list[tuple[int, int]] = []
    pending: int | None = None
    answered = [_answers(sentence[start:end], known) for start, end in bounds]
    for number, (start, end) in enumerate(bounds):
        if answered[number]:
            parts.append((start if pending is None else pending, end))
            pending = None
        elif (
            pending is None
            and parts
            and not (
                any(answered[number:]) and _ends_with_answer(sentence[slice(*parts[-1])], known)
            )
        ):
            parts[-1] = (parts[-1][0], end)
        elif pending is None:
            pending = start
    if pending is not None:
        start = parts.pop()[0] if parts else pending
        parts.append((start, len(sentence)))
    return [sentence[start:end] for start, end in parts]


def _answers(part: str, known: ResultWords) -> bool:
    """Whether a part of a sentence says something of its own: a word of an answer, how much of a name there was, or a
    denial of one."""
    if known.any_answer.search(part) or graded(part.strip(" \t\n.,;")) is not None:
        return True
    first = WORD.match(part.strip(EDGES))
    return (
        first is not None
        and known.sign_of.get(first.group().casefold()) == "denial"
        and find_named(part.strip(EDGES)[first.end() :].strip(EDGES)) is not None
    )


def _ends_with_answer(part: str, known: ResultWords) -> bool:
    marks = [mark for mark in marks_in(part, known) if mark.sign in ("+", "-", "uncertain")]
    return (
        bool(marks)
        and not part[marks[-1].end :].strip(EDGES)
        and bool(part[: marks[0].start].strip(EDGES))
    )


def marks_in(text: str, known: ResultWords) -> list[Mark]:
    marks: list[Mark] = []
    for found in known.signs.finditer(text):
        word = " ".join(found.group().casefold().split())
        if (sign := known.sign_of[word]) != "nothing":
            marks.append(Mark(sign, word, *found.span()))
    return marks
