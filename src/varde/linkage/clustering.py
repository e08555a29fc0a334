"""Persons out of many descriptions: what belongs together, and what a person must be asked.

Two descriptions are joined when evidence joins them and nothing speaks against it. Where evidence
contradicts itself (A is B, B is C, and A is not C), the weakest of it gives way, with all that is not
better by a margin, and becomes a question: in doubt, nothing is joined. What people have decided stands above
all evidence. The answer is a function of the set of descriptions: no order counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import inf
from typing import Literal, NamedTuple

import msgspec

from varde.linkage.blocking import LARGEST_BLOCK, candidate_pairs
from varde.linkage.comparing import Prepared, prepare
from varde.linkage.deciding import Weighed, weigh
from varde.linkage.description import Description
from varde.linkage.errors import RulingError
from varde.linkage.numbers import NO_CHANGES, Changes
from varde.linkage.resolving import Join, resolve
from varde.linkage.sets import Sets
from varde.linkage.weights import Weights, shipped_weights

Cause = Literal["unsure", "conflict", "rulings"]
"""Why a person is asked: the evidence does not decide; it contradicts itself; decisions contradict each other."""


class Ruling(msgspec.Struct, frozen=True, order=True):
    """What a person has decided about two descriptions, by their keys. Only what is in force is given.

    Attributes:
        same: whether they are of one person.
    """

    one: str
    other: str
    same: bool


class Question(msgspec.Struct, frozen=True, order=True):
    """Are these two of one person? At most one question about two persons is asked at a time.

    Attributes:
        one, other: keys of two descriptions, in alphabetical order.
        cause: why it is asked.
        weight: of the evidence that they are, in bits.
    """

    one: str
    other: str
    cause: Cause
    weight: float


class Clusters(msgspec.Struct, frozen=True):
    """What belongs together.

    Attributes:
        persons: the keys of each person's descriptions, in order; everybody, also those described once.
        questions: in order of their keys.
        compared: how many pairs were compared.
        skipped: how many blocking keys were too common to be followed.
    """

    persons: tuple[tuple[str, ...], ...]
    questions: tuple[Question, ...]
    compared: int
    skipped: int


class _Asked(NamedTuple):
    """Two nodes that a person may have to be asked about."""

    pair: tuple[int, int]
    cause: Cause


class _Graph:
    """Nodes (descriptions that are one without question) and what is known between them."""

    def __init__(self, nodes: list[list[str]], profiles: list[Prepared], weights: Weights) -> None:
        self.nodes = nodes
        self.profiles = profiles
        self.weights = weights
        self.found: dict[tuple[int, int], Weighed] = {}

    def weigh(self, one: int, other: int) -> Weighed:
        """The decision about two nodes; whether or not they share a blocking key."""
        pair = (one, other) if one < other else (other, one)
        if pair not in self.found:
            self.found[pair] = weigh(self.profiles[one], self.profiles[other], self.weights)
        return self.found[pair]


def clusters(
    descriptions: Mapping[str, Description],
    decided: Iterable[Ruling] = (),
    weights: Weights | None = None,
    changes: Changes = NO_CHANGES,
    *,
    largest_block: int = LARGEST_BLOCK,
) -> Clusters:
    """Put together what is of one person.

    Args:
        descriptions: by a key of the caller's.
        decided: decisions of people; they hold whatever the evidence says.
        weights: `shipped_weights()` when not given.
        changes: which numbers are known to have become which.
        largest_block: see `candidate_pairs`.

    Raises:
        RulingError: a decision names a description that is not there, or one twice.
    """
    weights = weights or shipped_weights()
    rulings = sorted(set(decided))
    _check(rulings, descriptions)
    if len(descriptions) == 1:
        return Clusters((tuple(descriptions),), (), 0, 0)
    ruled = {key for ruling in rulings for key in (ruling.one, ruling.other)}
    profiles = {key: prepare(descriptions[key], changes) for key in sorted(descriptions)}
    nodes, asked_alike = _nodes(profiles, ruled, weights)
    graph = _Graph(nodes, [profiles[keys[0]] for keys in nodes], weights)
    by_profile: dict[Prepared, list[int]] = {}
    for at, profile in enumerate(graph.profiles):
        by_profile.setdefault(profile, []).append(at)
    distinct = list(by_profile)
    pairs, skipped = candidate_pairs(distinct, largest_block)
    joins, unsure = _edges(graph, distinct, by_profile, pairs)
    at_of = {key: at for at, keys in enumerate(nodes) for key in keys}
    places = [(at_of[r.one], at_of[r.other], r.same) for r in rulings]
    same, apart, broken = _sort_rulings(places, len(nodes))
    joins += [Join(one, other, inf, certain=True) for one, other in same]
    persons, dropped = resolve(len(nodes), joins, apart, same, graph.weigh, weights)
    person_of = {at: number for number, members in enumerate(persons) for at in members}
    asked = [_Asked(pair, "rulings") for pair in broken]
    asked += [_Asked(pair, "conflict") for pair in dropped]
    asked += [_Asked(pair, "unsure") for pair in unsure]
    questions = _questions(asked, graph, persons, person_of, apart)
    return Clusters(
        persons=tuple(
            sorted(tuple(sorted(k for at in members for k in nodes[at])) for members in persons)
        ),
        questions=tuple(sorted((*questions, *asked_alike))),
        compared=len(pairs),
        skipped=skipped,
    )


def _check(rulings: Sequence[Ruling], descriptions: Mapping[str, Description]) -> None:
    for ruling in rulings:
        if ruling.one == ruling.other:
            raise RulingError("a decision about a description and itself")
        if ruling.one not in descriptions or ruling.other not in descriptions:
            raise RulingError("a decision about a description that is not there")


def _nodes(
    profiles: Mapping[str, Prepared], ruled: set[str], weights: Weights
) -> tuple[list[list[str]], list[Question]]:
    """Descriptions that say the same are one node, where saying that much twice is enough to be one person.

    Those of which a person has decided something stand alone. Where the same words twice are a question
    (a common name and nothing else), each is asked about against the first.
    """
    alike: dict[Prepared, list[str]] = {}
    nodes: list[list[str]] = []
    questions: list[Question] = []
    for key, profile in profiles.items():
        if key in ruled:
            nodes.append([key])
        else:
            alike.setdefault(profile, []).append(key)
    for profile, keys in alike.items():
        own = weigh(profile, profile, weights) if len(keys) > 1 else None
        if own is None or own.outcome == "same":
            nodes.append(keys)
            continue
        nodes.extend([key] for key in keys)
        if own.outcome == "ask":
            questions += [Question(keys[0], key, "unsure", own.weight) for key in keys[1:]]
    return nodes, questions


def _edges(
    graph: _Graph,
    distinct: Sequence[Prepared],
    by_profile: Mapping[Prepared, list[int]],
    pairs: Iterable[Sequence[int]],
) -> tuple[list[Join], list[tuple[int, int]]]:
    """What joins two nodes, and where the evidence does not decide."""
    joins: list[Join] = []
    unsure: list[tuple[int, int]] = []

    def note(one: int, other: int, weighed: Weighed) -> None:
        if weighed.outcome == "same":
            certain = weighed.reason == "same-number"
            joins.append(Join(one, other, weighed.weight, certain=certain))
        elif weighed.outcome == "ask":
            unsure.append((one, other))

    for first, second in pairs:
        ones, others = by_profile[distinct[first]], by_profile[distinct[second]]
        weighed = weigh(distinct[first], distinct[second], graph.weights)
        if weighed.outcome == "different":
            continue
        for one in ones:
            for other in others:
                note(one, other, weighed)
    for nodes in by_profile.values():
        # More than one only where each stands alone: decided about, or too little to be one person.
        if len(nodes) > 1 and (weighed := graph.weigh(nodes[0], nodes[1])).outcome == "same":
            for one, other in combinations(nodes, 2):
                note(one, other, weighed)
    return joins, unsure


def _sort_rulings(
    places: Iterable[tuple[int, int, bool]], count: int
) -> tuple[list[tuple[int, int]], set[tuple[int, int]], list[tuple[int, int]]]:
    """Decisions that hold: same, different; and those that contradict others and so join nothing."""
    places = list(places)
    joined = Sets(count)
    for one, other, same in places:
        if same:
            joined.join(one, other)
    apart = {(min(a, b), max(a, b)) for a, b, same in places if not same}
    bad = {joined.find(a) for a, b in apart if joined.find(a) == joined.find(b)}
    pairs = [(a, b) for a, b, same in places if same]
    held = [(a, b) for a, b in pairs if joined.find(a) not in bad]
    return held, apart, [(a, b) for a, b in pairs if joined.find(a) in bad]


def _questions(
    asked: Iterable[_Asked],
    graph: _Graph,
    persons: Sequence[frozenset[int]],
    person_of: Mapping[int, int],
    apart: set[tuple[int, int]],
) -> list[Question]:
    """One question about two persons: the weightiest; none where it is known that they are two."""
    known = {frozenset((person_of[one], person_of[other])) for one, other in apart}
    best: dict[frozenset[int], Question] = {}
    for pair, cause in asked:
        between = frozenset(person_of[at] for at in pair)
        if len(between) == 1 or (between in known and cause != "rulings"):
            continue
        one, other = sorted(graph.nodes[at][0] for at in pair)
        question = Question(one, other, cause, graph.weigh(*pair).weight)
        if between not in best or _rank(question) < _rank(best[between]):
            best[between] = question
    return [
        question
        for between, question in best.items()
        if question.cause == "rulings"
        or not _are_two(graph, *(persons[number] for number in between))
    ]


def _rank(question: Question) -> tuple[int, float, str, str]:
    """What is asked first: contradictions, then weight, then the order of keys."""
    causes = ("rulings", "conflict", "unsure")
    return causes.index(question.cause), -question.weight, question.one, question.other


def _are_two(graph: _Graph, one: frozenset[int], other: frozenset[int]) -> bool:
    """Whether numbers or an order of birth say that they are two persons."""
    return any(graph.weigh(a, b).reason in ("two-numbers", "twins") for a in one for b in other)
