"""From a product to its active ingredients, and the way there.

A search in breadth over concepts, each with a state of the automaton of `properties.compile_moves`.
A step follows is-a upwards, which keeps the state, or a relationship that the state allows. Everything
is reached once for each state, on a shortest way, so cycles of modification do no harm. Of equally
short ways the first counts, where relationships come before is-a, and lower codes before higher ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from varde.codes.snomed.properties import GOAL, START

IS_A_STEP: Final = -1
"""Stands for is-a where relationship types are numbers."""


class Place(NamedTuple):
    """Where the search is.

    Attributes:
        concept: its number.
        state: of the automaton.
        exact: reached by a relationship, not by is-a from one that was: only then is it what the
            product has, and not merely something wider.
    """

    concept: int
    state: str
    exact: bool


class Move(NamedTuple):
    """The place one came from, and the number of the relationship type that was followed."""

    before: Place
    relation: int


@dataclass(frozen=True)
class Graph:
    """What the search asks; concepts and relationship types are numbers.

    Attributes:
        parents: of a concept, ascending.
        attributes: of a concept: pairs of type and target, in any order.
        moves: as from `properties.compile_moves`, for the types that occur.
    """

    parents: Callable[[int], Iterable[int]]
    attributes: Callable[[int], Iterable[tuple[int, int]]]
    moves: Mapping[str, Mapping[int, tuple[str, ...]]]


Way = list[tuple[int, int, int]]
"""Source, relation and target of each step, by number."""


class Search:
    """The search from one concept.

    Args:
        concept: a product, or a substance.
        is_substance: then it is its own ingredient.
    """

    def __init__(self, graph: Graph, concept: int, is_substance: bool) -> None:
        self._graph = graph
        self._came: dict[Place, Move | None] = {}
        if is_substance:
            self._came[Place(concept, GOAL, True)] = None
        self._came[Place(concept, START, False)] = None

    def run(self) -> Iterator[Place]:
        """Every place, the nearest first."""
        level = list(self._came)
        while level:
            yield from level
            found: list[Place] = []
            for place in level:
                for relation, after in self._follow(place):
                    if after not in self._came:
                        self._came[after] = Move(place, relation)
                        found.append(after)
            level = found

    def _follow(self, place: Place) -> Iterator[tuple[int, Place]]:
        concept, state, _ = place
        if allowed := self._graph.moves.get(state):
            pairs = self._graph.attributes(concept)
            for relation, target in sorted(pair for pair in pairs if pair[0] in allowed):
                for after in allowed[relation]:
                    yield relation, Place(target, after, True)
        for parent in self._graph.parents(concept):
            yield IS_A_STEP, Place(parent, state, False)

    def trace(self, place: Place) -> Way:
        """The way to a place that was reached."""
        way: Way = []
        while move := self._came[place]:
            way.append((move.before.concept, move.relation, place.concept))
            place = move.before
        return way[::-1]


def find_ingredients(search: Search) -> Iterator[tuple[int, Way]]:
    """Each active ingredient once, the nearest first, with the way to it."""
    for place in search.run():
        if place.exact and place.state == GOAL:
            yield place.concept, search.trace(place)


def find_way(search: Search, substance: int) -> Way | None:
    """The way to an ingredient that is the substance or below it, and on up to the substance."""
    for place in search.run():
        if place.concept == substance and place.state == GOAL:
            return search.trace(place)
    return None
