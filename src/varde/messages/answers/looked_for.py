"""What an analysis looked for, and what came of it: also where nothing was found.

`varde.messages.answers.found` says what the answers found. This is the other half: a search for an organism that was
answered with "not detected", one that is on its way, one whose answer is neither. The readers of all formats ask here
with what they have read already; the words are in `looked_for.json`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from varde.codes import parts_looked_for, read_marker_test, refines
from varde.messages.answers.found import asked_for_resistance, names_another, weigh
from varde.messages.answers.known_names import concept_of
from varde.messages.answers.notes import Noted, is_expression, is_never
from varde.messages.answers.one_isolate import is_like
from varde.messages.answers.searches import CLASSES, Search, analyse, left_of, text_of
from varde.messages.answers.words import result_words
from varde.messages.errors import InvalidContent
from varde.messages.records import Code, LookedFor, Method, Outcome

if TYPE_CHECKING:
    from varde.messages.kith.words import ResultKind


_NO = frozenset(("nei", "no", "false"))
MAX_SEARCHES = 900
"""Searches of one report, each counted once: as many as it may have findings."""


class Asked(NamedTuple):
    """What the names of an analysis say that it looks for.

    Attributes:
        organisms, method: as `varde.messages.records.LookedFor` has them.
        one: it is a search for one organism.
        said: its names say the method; of a culture that is only called an identification they do not.
    """

    organisms: tuple[Code, ...]
    method: Method
    one: bool
    said: bool = True


class Said(NamedTuple):
    """What one answer says, as its reader has read it.

    Attributes:
        kinds: what kinds of result its words, codes and flags are, of several those that count.
        found: what it found; of a culture also what was identified in it.
        texts: its words, as they stand; they count where it has no word of a result and found nothing.
        more: it says more than words: a number, a code.
        waiting: it, or the report it stands in, is not final.
    """

    kinds: Collection[ResultKind]
    found: Sequence[Search] = ()
    texts: Sequence[str] = ()
    more: bool = False
    waiting: bool = False


class _Words(NamedTuple):
    pending: re.Pattern[str]
    placeholders: frozenset[str]
    other_cultures: re.Pattern[str]


@cache
def _words() -> _Words:
    raw: dict[str, Any] = json.loads(
        files("varde.messages.answers").joinpath("looked_for.json").read_text("utf-8")
    )
    pending, other = (
        "|".join(re.escape(text) for text in raw[name]["begins"])
        for name in ("pending", "other_cultures")
    )
    return _Words(
        re.compile(rf"\s*(?:{pending})(?!\w)", re.I),
        frozenset(raw["placeholders"]["texts"]),
        re.compile(rf"(?<!\w)(?:{other})", re.I),
    )


# As in `searches`: names of analyses repeat for ever, and nothing else comes here.
@lru_cache(maxsize=16384)
def asked_in(
    names: tuple[Code, ...], field: tuple[Code, ...] = (), grown: bool = False
) -> Asked | None:
    """What an analysis looks for, by its names; None for what is known to be no infection, and for none.

    Args:
        names, field: as `varde.messages.answers.searches.analyse` takes them.
        grown: it is a culture, whatever it is called.
    """
    if not names or is_never(names):
        return None
    found = analyse(names, field)
    if found.search is not None:
        return Asked(found.search.organisms, found.search.method, True)
    named = tuple(
        Code(system=code.system, code=code.code, text=left_of(text_of(code)) or text_of(code))
        for code in names
    )
    if found.method == "culture" or (grown and not found.method):
        other = any(_words().other_cultures.search(text_of(code)) for code in names)
        return Asked(named if other else (), "culture", False, bool(found.method))
    return Asked(named, found.method, False, bool(found.method))


def outcome_of(names: tuple[Code, ...], asked: Asked, said: Said) -> Outcome | None:
    """What came of a search; None when nothing was examined, or nobody can tell that anything was.

    Args:
        names: of the analysis.
        asked: what it looks for.
        said: its answer.
    """
    plain = {kind for kind in said.kinds if kind and kind != "no_result"}
    if not (plain or said.found or said.more or said.waiting) and _is_no(names, said.texts):
        return "not-found"
    gene = parts_looked_for(map(text_of, asked.organisms))
    if not (plain & {"growth", "no_growth"} or asked.one or asked.method or gene):
        return None
    own = [each for each in said.found if not isinstance(each, Noted)]
    if asked.one and said.found and not own:
        return "inconclusive"  # what was found waits for a person
    if own and asked.method in CLASSES and all(_is_other_class(each, asked) for each in own):
        return "not-found"  # of the other class alone: `classes`
    if plain == {"growth"} or any(_is_of(each, names, asked) for each in own):
        others = asked.one and bool(own)
        others = others and not any(_may_be(each, asked) for each in own)
        return "inconclusive" if others else "found"
    if plain == {"no_growth"} and not said.found:
        return "not-found"
    if plain or said.found:
        return "inconclusive"
    return _outcome_of_words(said)


def _is_other_class(found: Search, asked: Asked) -> bool:
    return found.method in CLASSES and found.method != asked.method


def _is_no(names: tuple[Code, ...], texts: Sequence[str]) -> bool:
    """Whether an analysis that is called by a resistance, or by a gene of one, is answered with no (Karbapenemaseproduksjon:
    Nei)."""
    said = {text.strip(" .").casefold() for text in texts if text.strip()}
    return bool(said) and said <= _NO and bool(read_marker_test(map(text_of, names)).markers)


def _is_of(found: Search, names: tuple[Code, ...], asked: Asked) -> bool:
    """Whether what was found is what was looked for, and no answer that nobody could read."""
    if is_expression(names, found.organisms):
        return False
    if not asked.organisms:
        # An answer that no map knows may be no organism at all (an amount, a specimen that was no good).
        return concept_of(found.organisms) is not None
    return not asked.one or (
        _may_be(found, asked) and is_named_so(found.organisms, asked.organisms)
    )


def _may_be(found: Search, asked: Asked) -> bool:
    """Whether what was found may be what was looked for: no other organism, and with the resistance that was asked for."""
    wanted = asked_for_resistance(Search(asked.method or found.method, asked.organisms))
    return not names_another(found.organisms, asked.organisms) and (
        wanted <= asked_for_resistance(found)
    )


def is_named_so(found: tuple[Code, ...], asked: tuple[Code, ...]) -> bool:
    """Whether what was found is of the name of what was looked for, or a more precise name of it (Mykobakterier:
    Mycobacterium tuberculosis-komplekset)."""
    if is_like(found, [asked]):
        return True
    finer, coarser = concept_of(found), concept_of(asked)
    if finer is None or coarser is None:
        return False
    # The complex is what tests for one of its species find (M. tuberculosis-kompleks).
    whole = finer.endswith("-complex") and refines(coarser, finer)
    return whole or refines(finer, coarser)


def _outcome_of_words(said: Said) -> Outcome | None:
    """Of an answer without a word of a result: whether it is on its way, or says something else."""
    known = _words()
    texts = [text for text in said.texts if text.strip() and text.strip() not in known.placeholders]
    if any(known.pending.match(text) or result_words().so_far.search(text) for text in texts):
        return "pending"
    if "no_result" in said.kinds and texts:
        return None
    if not (texts or said.more):
        return "pending" if said.waiting else None
    return "inconclusive"


def look(specimen: int, names: tuple[Code, ...], asked: Asked, said: Said) -> LookedFor | None:
    """One analysis as a search in a specimen; None when it is none.

    Args:
        specimen: `Specimen.number`.
        names: of the analysis; `asked`: what they say.
        said: its answer.
    """
    outcome = outcome_of(names, asked, said)
    return None if outcome is None else _search(specimen, asked, outcome)


def _search(specimen: int, asked: Asked, outcome: Outcome) -> LookedFor:
    return LookedFor(
        specimen=specimen, organisms=asked.organisms, method=asked.method, answer=outcome
    )


def denies(looked_for: Iterable[LookedFor]) -> bool:
    """Whether an answer in which nothing was found denies anything, as far as it says what was looked for: one of two genes of
    an organism denies none of it while the other waits (stx1 and stx2)."""
    every = tuple(looked_for)
    parts = [parts_looked_for(map(text_of, one.organisms)) for one in every]
    waiting = {
        (one.specimen, key)
        for one, own in zip(every, parts, strict=True)
        if one.answer in ("pending", "inconclusive")
        for key in own
    }
    denied = [
        own.keys() and all((one.specimen, key) in waiting for key in own)
        for one, own in zip(every, parts, strict=True)
        if one.answer == "not-found"
    ]
    return not (denied and all(denied))


Names = tuple[tuple[Code, ...], tuple[Code, ...]]
"""The names of an analysis, and the method beside them, as `asked_in` takes them."""


class Looking(Protocol):
    """A result that hangs on others, as far as it says what was looked for; a reader's own.

    Attributes:
        role: ``growth`` of a culture and an identification.
        finding, others: the organisms that it identifies.
        detected, also: what a search found.
    """

    text: str
    number: str
    finding: tuple[Code, ...]
    others: tuple[tuple[Code, ...], ...]
    detected: Search | None
    also: tuple[Search, ...]

    @property
    def role(self) -> str: ...


Some = TypeVar("Some", bound=Looking)
One = TypeVar("One", bound=Looking, contravariant=True)


class TooFar(Exception):
    """The specimens of more searches than one report may have would each have to be looked for a long way up."""


class Tree(Protocol[One]):
    """How the results of one format hang together."""

    def names_of(self, item: One) -> Names | None:
        """What an analysis is called; None for one that is taken back."""

    def said_of(self, item: One) -> Said | None:
        """Its answer; None for what only holds others together."""

    def above(self, item: One) -> Sequence[Names]:
        """The nearest tests above an identification that say a method, each once."""

    def specimen_of(self, item: One) -> int:
        """`Specimen.number`. Raises `InvalidContent` where nobody can tell, and `TooFar`."""

    def refuse(self, item: One, reason: str, number: int) -> InvalidContent:
        """The error that there are too many, with the place."""


def read_tree(items: Iterable[Some], tree: Tree[Some]) -> tuple[LookedFor, ...]:
    """What was looked for in the specimens of a report whose results hang on each other.

    Args:
        items: cultures, identifications and those of no other role, with what they found.

    Raises:
        InvalidContent: ``too-many-searches``.
    """
    last: list[Some] = []
    found = once(_read_tree(items, tree, last))
    if len(found) > MAX_SEARCHES:
        raise tree.refuse(last[0], "too-many-searches", len(found))
    return found


def _read_tree(items: Iterable[Some], tree: Tree[Some], last: list[Some]) -> Iterator[LookedFor]:
    """The searches; `last` gets the item of the last of them."""
    for item in items:
        named = tree.names_of(item)
        grown = item.role == "growth"
        asked = asked_in(*named, grown) if named is not None else None
        if named is None or asked is None:
            continue
        identified = grown and not asked.said
        if identified and item.finding:
            continue  # what is identified in a test is told by its finding
        said = tree.said_of(item)
        if said is None:
            continue
        if identified:
            above = tree.above(item)
            if len(above) > 1:
                continue  # nobody can tell in which of them
            named = above[0] if above else named
            asked = asked_in(*named, grown)
        outcome = outcome_of(named[0], asked, said) if asked is not None else None
        if asked is None or outcome is None:
            continue
        last[:] = [item]
        try:
            specimen = tree.specimen_of(item)
        except TooFar:
            raise tree.refuse(item, "too-many-searches", MAX_SEARCHES + 1) from None
        except InvalidContent:
            continue  # nobody can tell where it was looked for
        yield _search(specimen, asked, outcome)


def identified(item: Looking) -> Said:
    """What an item says that identifies organisms."""
    return Said((), [Search("culture", each) for each in (item.finding, *item.others)])


def answered(
    item: Looking,
    kinds: set[ResultKind],
    codes: Sequence[Code],
    also: Iterable[Code],
    waiting: bool,
) -> Said:
    """What the answer of an item says that identifies none.

    Args:
        kinds: what kinds of result its words, codes and flags are.
        codes: its values.
        also: words and codes beside them that may be of an answer.
        waiting: it, or its report, is not final.
    """
    if len(kinds) > 1:
        kinds = weigh(kinds, (*codes, *also, Code(text=item.text)))
    found = [each for each in (item.detected, *item.also) if each is not None]
    texts = [text for text in (item.text, *(code.text or code.code for code in codes)) if text]
    return Said(kinds, found, texts, bool(item.number), waiting)


def once(searches: Iterable[LookedFor | None]) -> tuple[LookedFor, ...]:
    """Each search once, in their order."""
    found = tuple(each for each in searches if each is not None)
    return found if len(found) < 2 else tuple(dict.fromkeys(found))
