"""What the answers to analyses found: an organism, something that a person must look at, or nothing.

An answer is positive, or its value is the organism ("Luftveispanel PCR": "Influensa A-virus"), or it is a
word that nobody knows: then it is noted with the name of the analysis, and waits among the unknown codes. So
is a positive answer whose analysis names no organism or no method ("MRSA-undersøkelse": "Påvist"), unless it
is known to be no infection (`never` in `searches.json`): nothing positive is lost.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Protocol, TypeVar

from varde.codes import CodeMap
from varde.messages.records import Code
from varde.messages.result_words import read_words
from varde.messages.search_words import WORD, words
from varde.messages.searches import (
    LONGEST,
    Analysis,
    Search,
    analyse,
    is_cells,
    left_of,
    long_words,
    names_one,
    text_of,
)

if TYPE_CHECKING:
    from varde.messages.kith.words import ResultKind

LONGEST_VALUE = 60
"""Characters of a value that may be a name; a longer one is a remark, unless it is coded."""

MOST_WORDS = 7
"""Words of a value that may be a name: "Salmonella enterica subsp. enterica serovar Paratyphi B"."""

PARTED = re.compile(r"[\n;!?]|[^\W\d_]{4,}\.\s+[^\W\d_]")
"""Two sentences, not an abbreviation and an epithet (E. coli)."""

NUMBER = re.compile(r"\s*(?:[<>≤≥=~]|[+-]?\d)")
LOADED = frozenset(("nucleic-acid", "antigen"))
"""Methods whose tests count what is there: any amount above the limit was found."""

AMOUNT = re.compile(
    r"(?:>=|=>|≥|>|=)?\s*([0-9]+(?:[.,][0-9]+|\s[0-9]{3}(?![0-9]))*)"
    r"(?:\s*[x×·*]\s*10\s*(?:\^|\*)?\s*[0-9]*)?\s*(\S.*)",
    re.I,
)
"""An amount: no "<", a number, and its unit."""

COPIES = re.compile(
    r"(?:10[*^]\d+\.?)?(?:\[?log(?:10|₁₀)?\]?\s?)?"
    r"(?:\[?i[ue]\]?|kopi(?:er)?|\{?cop(?:y|ies)\}?|cps?|geq|ge|genomkopier)\s?(?:/|per\b|pr\b)",
    re.I,
)
"""Units of a viral load: copies or international units in a volume (UCUM, and as laboratories write them)."""


Kind = TypeVar("Kind", bound=str)


class Noted(Search):
    """An answer that is positive and of which nobody knows what it found: it waits for a person."""


class Vague(Noted):
    """The same of a panel or a culture, which names nothing: it counts where its report finds nothing else."""


class Marker(Noted):
    """The same of a gene or enzyme of resistance: it counts where nothing grew that it may be of."""


def read_answer(
    names: tuple[Code, ...],
    field: tuple[Code, ...],
    kinds: Collection[str],
    value: tuple[Code, ...],
    amount: str = "",
) -> Search | None:
    """What an analysis found, by its answer; None when that is nothing, or nothing that can be read.

    Args:
        names, field: as `analyse` takes them.
        kinds: what kinds of result the answer's words are.
        value: what it says beside such words: alternatives of one thing.
        amount: a measured value with its unit; empty without one.
    """
    if not set(kinds) <= {"growth"}:
        return None
    found = analyse(names, field)
    if found.method:
        if value and found.valued:
            organisms = _organism_in(value, found, names)
            if organisms and (not kinds or found.search is None or organisms == value):
                return Search(found.method, organisms)
        if found.search is not None and (kinds or (found.method in LOADED and is_load(amount))):
            return found.search
    if kinds or any(read_words(code.text).doubtful for code in value):
        return note(names, field, value)
    return _alike_value(names, value, found)


def note(
    names: tuple[Code, ...],
    field: tuple[Code, ...] = (),
    value: tuple[Code, ...] = (),
    said: str = "positiv",
) -> Noted | None:
    """A positive answer as an expression that no code map knows, with the name of the analysis; None for one
    that is known to be no infection.

    Args:
        names, field: as `analyse` takes them.
        value: what the answer says beside its positive word.
        said: what stands in place of that where it says nothing more.
    """
    noted = _note(names, field, said)
    text = next((text for code in value if 0 < len(text := text_of(code)) <= LONGEST_VALUE), "")
    if noted is None or not text:
        return noted
    return type(noted)(noted.method, (_expression(names, text),))


@lru_cache(maxsize=16384)
def _note(names: tuple[Code, ...], field: tuple[Code, ...], said: str) -> Noted | None:
    known = words()
    texts = [text_of(code) for code in names]
    if is_never(names) or _is_antibiotic(names):
        return None
    method = analyse(names, field).method
    expression = (_expression(names, said),)
    if any(known.genes.search(text) for text in texts):
        return Marker(method, expression)
    specific = any(names_one(left_of(text), method == "culture") for text in texts)
    return (Noted if specific else Vague)(method, expression)


def _expression(names: tuple[Code, ...], said: str) -> Code:
    return Code(text=f"{_name_of(names)}: {said}"[:LONGEST].removeprefix(": "))


def _is_antibiotic(names: tuple[Code, ...]) -> bool:
    """Whether it is a test against an antibiotic, whose answers are not of an infection."""
    expressions = ((code.system, code.code, code.text) for code in names)
    return _code_map().find("antibiotic", expressions) is not None


def note_unread(names: tuple[Code, ...], field: tuple[Code, ...], said: str) -> Noted:
    """An analysis of a report that is marked as notifiable, where nothing in it could be read: an expression
    with its name and the mark."""
    return Noted(analyse(names, field).method, (_expression(names, said),))


def is_grown(search: Search | None) -> bool:
    """Whether a search found what grew in a culture for it."""
    return search is not None and search.method == "culture" and not isinstance(search, Noted)


def is_never(names: tuple[Code, ...]) -> bool:
    """Whether a name is that of an analysis whose positive answer is no infection, or of a remark."""
    return any(words().never.search(text_of(code)) for code in names)


def is_load(amount: str) -> bool:
    """Whether a measured value is an amount of copies or international units above the limit of detection."""
    found = AMOUNT.fullmatch(amount.strip()) if amount else None
    return (
        found is not None
        and any(digit in "123456789" for digit in found.group(1))
        and COPIES.match(found.group(2)) is not None
    )


def names_known_agent(names: tuple[Code, ...], field: tuple[Code, ...] = ()) -> bool:
    """Whether an analysis looks for an organism that the code maps of every site know."""
    search = analyse(names, field).search
    return search is not None and is_known(search.organisms)


def is_known(organisms: tuple[Code, ...]) -> bool:
    """Whether the code maps of every site know an organism by one of its names."""
    expressions = ((code.system, code.code, code.text) for code in organisms)
    return _code_map().find("organism", expressions) is not None


@cache
def _code_map() -> CodeMap:
    return CodeMap.load()


def _name_of(names: tuple[Code, ...]) -> str:
    return next((text for code in names if (text := text_of(code))), "")


def _alike_value(
    names: tuple[Code, ...], value: tuple[Code, ...], found: Analysis
) -> Search | None:
    """Of an analysis without a method, whose value is an organism that its name names too ("B-Plasmodium":
    "Plasmodium falciparum"): noted, for nobody says how it was found."""
    if found.method or not value:
        return None
    if any(_is_no_name(text_of(code)) for code in value if not code.system):
        return None
    rests = tuple(Code(text=left_of(text_of(code))) for code in names)
    if not long_words(value) & long_words(rests) or not is_known(value):
        return None
    return note(names, (), value)


def weigh(kinds: Iterable[Kind], said: Iterable[Code]) -> set[Kind]:
    """The kinds of result that count where an answer says several.

    A remark or a placeholder beside a positive word takes nothing from it ("Se kommentar" with POS); what is
    undecided does.

    Args:
        kinds: what kinds of result the answer's words are.
        said: the words, as codes.
    """
    found = {kind for kind in kinds if kind}
    if "growth" not in found:
        return found
    texts = {text.casefold().rstrip(". ") for code in said for text in (code.text, code.code)}
    if texts & words().undecided:
        return found - {"growth", "no_growth"}
    return {kind for kind in found if kind in ("growth", "no_growth")}


def sign_of(names: tuple[Code, ...], field: tuple[Code, ...], text: str) -> ResultKind:
    """What a sign alone says in answer to a search; empty for all else."""
    kind = words().signs.get(text.strip(), "")
    return kind if kind and analyse(names, field).search is not None else ""


def _organism_in(
    value: tuple[Code, ...], found: Analysis, names: tuple[Code, ...]
) -> tuple[Code, ...]:
    """A value as the names of an organism; empty for a number, a remark, and cells.

    What may be a word of a result as well stands first, with the name of the analysis: a person who sees
    it among the unknown codes can tell what it means.
    """
    texts = [text_of(code) for code in value]
    if any(read_words(text).doubtful for text in texts):
        return ()
    free = [text for code, text in zip(value, texts, strict=True) if not code.system]
    if any(_is_no_name(text) for text in free):
        return ()
    if found.method == "microscopy" and any(is_cells(code) for code in value):
        return ()
    said = {word for text in texts for word in WORD.findall(text.casefold())}
    known = words()
    alike = found.search is not None and bool(
        long_words(value) & long_words(found.search.organisms)
    )
    result = bool(said & known.results)
    if said & known.remarks and not (result or alike):
        return ()
    if not (result or said & known.remarks) and (alike or found.search is None):
        return value
    noted = Code(text=f"{_name_of(names)}: {texts[0]}"[:LONGEST])
    return (noted,) if result else (noted, *value)


def _is_no_name(text: str) -> bool:
    """Whether an uncoded value is a number, too short for a name, or a remark by its length or its parts."""
    return (
        len(text) > LONGEST_VALUE
        or NUMBER.match(text) is not None
        or re.search(r"[^\W\d_]{2}", text) is None
        or text.count(" ") >= MOST_WORDS
        or PARTED.search(text) is not None
    )


class Detecting(Protocol):
    """An item of an answer, as far as it says what a search found; a reader's own."""

    detected: Search | None


def leave_identified(
    detected: Sequence[Detecting],
    found: bool,
    settled: bool,
    above: Collection[int],
    loose: Collection[str],
) -> None:
    """Take from the cultures that found what their names say, and from what is noted, those whose organism is
    identified: by a result that hangs on them, or by one that hangs on nothing and shares a word with them.
    A panel or a culture that names nothing is left out where anything else was found, or it is settled; a gene
    of resistance where anything grew.

    Args:
        found: whether anything was identified.
        above: ``id`` of the items that what was identified hangs on.
        loose: the words of what was identified and hangs on nothing.
    """
    named = any(not isinstance(item.detected, Vague) for item in detected)
    grew = found or any(is_grown(item.detected) for item in detected)
    for item in detected:
        one = item.detected
        if one is None or not (one.method == "culture" or isinstance(one, Noted)):
            continue
        if (
            (isinstance(one, Vague) and (found or named or settled))
            or (isinstance(one, Marker) and grew)
            or id(item) in above
            or not long_words(one.organisms).isdisjoint(loose)
        ):
            item.detected = None
