"""Answers that say of each class of antibodies whether there were any, where the analysis asks for both (Toxoplasma gondii IgG
og IgM: "IgG positiv, IgM negativ").

What was found is by the class that tells most: of a new infection where there is IgM, else by IgG. Each class that is named must
have a plain word of an answer, and nothing else may stand there: all else is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from varde.messages.answers.asides import without_asides
from varde.messages.answers.said import read_words
from varde.messages.answers.searches import CLASSES, Search, analyse, methods_in, text_of
from varde.messages.answers.words import result_words
from varde.messages.records import Code

LONGEST = 100
"""Characters; a longer text is a remark."""

_CLASS = r"(?<!\w)Ig(?P<class>[GM])(?:[- ]?(?:antistoff(?:er)?|ab))?(?!\w)"
_BEHIND = re.compile(
    rf"{_CLASS}\s*[:=]?\s*(?P<said>[^:=]*?)[\s,;./]*(?=(?:(?:og|men|and|but)\s+)?Ig[GM]|\Z)", re.I
)
_BEFORE = re.compile(
    rf"(?P<said>[^:=]+?)\s+(?:for\s+)?{_CLASS}[\s,;./]*(?:(?:og|men|and|but)\s+)?", re.I
)
_LINK = re.compile(r"[\s,;./]+(?:og|men|and|but)\Z|\A(?:og|men|and|but)\s+", re.I)
_IMMUNE = re.compile(
    r"(?<=positiv)[\s,.;]+(?:(?:er |anses |regnes som |forenlig med |tyder på |tegn på )?(?:immun|immunitet))\s*\.?\Z",
    re.I,
)
"""What antibodies that were found mean, where nothing else stands behind it."""
_SHORT = {"pos": True, "neg": False, "+": True, "-": False, "–": False, "−": False}


def read_classes(
    names: tuple[Code, ...], field: tuple[Code, ...], texts: Iterable[str]
) -> Search | None:
    """What an analysis of antibodies found whose answer says it of both classes, or of the other one than it asks for; None
    where it says not plainly of one, or that there were none.

    Args:
        names, field: as `varde.messages.answers.searches.analyse` takes them.
        texts: the answer, as it stands.
    """
    search = analyse(names, field).search
    if search is not None and search.method in CLASSES:
        return _read_other(search, tuple(texts))
    if search is None or search.method != "antibody":
        return None
    if not frozenset().union(*(methods_in(text_of(code)) for code in (*names, *field))) >= CLASSES:
        return None
    said = {each for text in texts if (each := _read(text))}
    if len(said) != 1:
        return None
    found = dict(said.pop())
    if found.get("m"):
        return Search("antibody-igm", search.organisms)
    return Search("antibody-igg", search.organisms) if found.get("g") else None


def _read_other(search: Search, texts: tuple[str, ...]) -> Search | None:
    """What an analysis of one class found, where a plain word says it of that and the other class stands behind it (IgM:
    "Positiv, IgG negativ"). That the other one alone was found is no answer to what was asked, and is told with its class."""
    own = search.method[-1]
    said = {each for text in texts if (each := _read_both(text, own))}
    if len(said) != 1:
        return None
    mine, other = said.pop()
    if mine:
        return search
    return (
        Search("antibody-igm" if own == "g" else "antibody-igg", search.organisms)
        if other
        else None
    )


@lru_cache(maxsize=4096)
def _read_both(text: str, own: str) -> tuple[bool, bool] | None:
    """Whether there were antibodies of the class that was asked for, and of the other; None where it is not plainly so."""
    if len(text) > LONGEST or "?" in text:
        return None
    whole = " ".join(without_asides(text).split())
    text = _IMMUNE.sub("", whole)
    if own == "g" and text != whole and _sign_of(text):
        return True, False
    head, _, rest = re.sub(r"[,;.]\s+", "|", text, count=1).partition("|")
    mine, others = _sign_of(head), _read(rest) if rest else ()
    if mine is None or len(others) != 1 or others[0][0] == own:
        return None
    if mine and others[0][1]:
        return None  # both together may tell more than either
    return mine, others[0][1]


@lru_cache(maxsize=4096)
def _read(text: str) -> tuple[tuple[str, bool], ...]:
    """What a text says of each class that it names; empty where it says more than that."""
    if len(text) > LONGEST or "?" in text:
        return ()
    text = " ".join(without_asides(text).split())
    for pattern in (_BEHIND, _BEFORE):
        parts = list(pattern.finditer(text))
        if not parts or not _is_joined(pattern.sub(" ", text)):
            continue
        said = {part["class"].casefold(): _sign_of(part["said"]) for part in parts}
        if len(said) == len(parts) and None not in said.values():
            return tuple((each, bool(sign)) for each, sign in sorted(said.items()))
    return ()


def _is_joined(left: str) -> bool:
    """Whether no more is left of a text than a word that joins its parts."""
    return left.strip(" ,;./").casefold() in ("", "og", "men", "and", "but")


def _sign_of(text: str) -> bool | None:
    """Whether a plain word finds; None for one that neither finds nor denies."""
    bare = _LINK.sub("", text.strip()).strip(" ,;./").casefold()
    if bare in _SHORT:
        return _SHORT[bare]
    if bare in result_words().plain:
        return result_words().plain[bare]
    said = read_words(bare) if bare else None
    if said is None or said.doubtful or said.name or said.kind not in ("growth", "no_growth"):
        return None
    return said.kind == "growth"
