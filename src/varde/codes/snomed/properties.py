"""Which relationship types lead to an active ingredient, and how they follow each other.

The concept model says: what has an active ingredient that is a modification of a base (a salt, an
ester) also has the base as active ingredient. A release says so in OWL axioms; without them the
built-in chain holds.

Source: SNOMED CT OWL Guide (axioms about object properties); SNOMED CT Editorial Guide, property chain
|has active ingredient| o |is modification of| and transitivity of |is modification of|.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from varde.codes.snomed.concepts import (
    HAS_ACTIVE_INGREDIENT,
    HAS_PRECISE_ACTIVE_INGREDIENT,
    IS_MODIFICATION_OF,
)
from varde.codes.snomed.release import Properties, PropertyChain

GOAL: Final = str(HAS_ACTIVE_INGREDIENT)
START: Final = "start"
"""The state before any ingredient: the product itself, or something above it."""

BUILT_IN_CHAIN: Final = PropertyChain(GOAL, str(IS_MODIFICATION_OF), GOAL)

ABOUT_PROPERTIES: Final = "ObjectProperty"
CHAIN: Final = re.compile(
    r"SubObjectPropertyOf\( ?ObjectPropertyChain\( ?:(\d+) :(\d+) ?\) ?:(\d+) ?\)"
)
NARROWER: Final = re.compile(r"SubObjectPropertyOf\( ?:(\d+) :(\d+) ?\)")
TRANSITIVE: Final = re.compile(r"TransitiveObjectProperty\( ?:(\d+) ?\)")
WITHOUT_MEANING_HERE: Final = re.compile(r"(Reflexive|Functional|Symmetric)ObjectProperty\(.*")

Moves = Mapping[str, Mapping[str, tuple[str, ...]]]
"""State → relationship type → states after following such a relationship."""


@dataclass
class Axioms:
    """The axioms about object properties; `unread` counts those of another form."""

    chains: set[PropertyChain] = field(default_factory=set)
    narrower: set[tuple[str, str]] = field(default_factory=set)
    transitive: set[str] = field(default_factory=set)
    unread: int = 0


def read_axioms(expressions: Iterable[str]) -> Axioms:
    """Read OWL functional syntax; what is not about object properties is passed over."""
    axioms = Axioms()
    for expression in expressions:
        text = " ".join(expression.split())
        if chain := CHAIN.fullmatch(text):
            axioms.chains.add(PropertyChain(*chain.groups()))
        elif pair := NARROWER.fullmatch(text):
            axioms.narrower.add((pair[1], pair[2]))
        elif single := TRANSITIVE.fullmatch(text):
            axioms.transitive.add(single[1])
        elif not WITHOUT_MEANING_HERE.fullmatch(text):
            axioms.unread += re.match(rf"\w*{ABOUT_PROPERTIES}", text) is not None
    return axioms


def choose_properties(axioms: Axioms, list_below: Callable[[str], Iterable[str]]) -> Properties:
    """The properties that matter for active ingredients.

    Args:
        axioms: of the release; without any the built-in ones hold.
        list_below: the attributes below one in the release's hierarchy; nothing if it has none.
    """
    narrower = _Narrower(axioms.narrower, list_below)
    known = bool(narrower.below(GOAL))
    if not known:
        precise = (str(HAS_PRECISE_ACTIVE_INGREDIENT), GOAL)
        narrower = _Narrower(axioms.narrower | {precise}, list_below)
    chains = _choose_chains(axioms.chains, narrower)
    from_release = bool(chains)
    if not from_release:
        chains = {BUILT_IN_CHAIN}
    transitive = _list_transitive(axioms) if from_release else {str(IS_MODIFICATION_OF)}
    roles = {GOAL}.union(*((chain.first, chain.second, chain.result) for chain in chains))
    return Properties(
        chains=tuple(sorted(chains)),
        chains_from="release" if from_release else "built-in",
        transitive=tuple(sorted(transitive & roles)),
        narrower=tuple(sorted((below, role) for role in roles for below in narrower.below(role))),
        narrower_from="release" if known else "built-in",
    )


def _list_transitive(axioms: Axioms) -> set[str]:
    """A chain of a type with itself that gives the same type says that it is transitive."""
    return axioms.transitive.union(
        chain.first
        for chain in axioms.chains
        if chain == PropertyChain(chain.first, chain.first, chain.first)
    )


@dataclass
class _Narrower:
    """The types below a type, by hierarchy and axioms together."""

    pairs: set[tuple[str, str]]
    list_below: Callable[[str], Iterable[str]]

    def below(self, wide: str) -> set[str]:
        found: set[str] = set()
        waiting = {wide}
        while waiting:
            # What the hierarchy has below these is all of it; only axioms can lead further.
            new = waiting.union(*map(self.list_below, waiting)) - found
            found |= new
            waiting = {narrow for narrow, wider in self.pairs if wider in new} - found
        return found - {wide}


def _choose_chains(chains: set[PropertyChain], narrower: _Narrower) -> set[PropertyChain]:
    """The chains whose result is, or leads on to, an active ingredient."""
    chosen: set[PropertyChain] = set()
    wanted, reached = {GOAL}, {GOAL, *narrower.below(GOAL)}
    while wanted:
        found = {chain for chain in chains - chosen if chain.result in reached}
        chosen |= found
        wanted = {chain.first for chain in found}
        reached = wanted.union(*(narrower.below(role) for role in wanted))
    return chosen


def compile_moves(properties: Properties) -> Moves:
    """How far one is with what was followed so far, as a finite automaton.

    It begins in `START`; in the state `GOAL` one is at an active ingredient. The other states are the
    types that chains begin with, and the middle of a chain whose second type is transitive.
    """
    wider: dict[str, set[str]] = {}
    for narrow, wide in properties.narrower:
        wider.setdefault(narrow, set()).add(wide)
    narrow_of: dict[str, set[str]] = {}
    for narrow, wide in properties.narrower:
        narrow_of.setdefault(wide, set()).add(narrow)
    states = {GOAL, *(chain.first for chain in properties.chains)}
    moves: dict[str, dict[str, set[str]]] = {}

    def add(state: str, relation: str, *following: str) -> None:
        for kind in {relation, *narrow_of.get(relation, ())}:
            moves.setdefault(state, {}).setdefault(kind, set()).update(following)

    for state in states:
        add(START, state, state)
    for chain in properties.chains:
        after = states & {chain.result, *wider.get(chain.result, ())}
        repeats = chain.second in properties.transitive and chain.result != chain.first
        middle = {f"{chain.first} {chain.second} {chain.result}"} if repeats else set()
        for state in {chain.first, *middle}:
            add(state, chain.second, *after, *middle)
    return {
        state: {kind: tuple(sorted(following)) for kind, following in sorted(kinds.items())}
        for state, kinds in moves.items()
    }
