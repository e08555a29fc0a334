"""How well persons that were found agree with those that descriptions were invented of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

from varde.linkage import Changes, Clusters, blocking_keys, prepare

from .identities import Told

ALL = "all"
"""Where the sums over every group stand."""


class Score(NamedTuple):
    """Pairs of descriptions, counted.

    Attributes:
        right, wrong: joined, of one person and of two. A pair of two groups counts in the first one's.
        true: all that are of one person.
        asked_same, asked_different: questions, by what the answer is.
        descriptions: how many there are.
    """

    right: int
    wrong: int
    true: int
    asked_same: int
    asked_different: int
    descriptions: int

    @property
    def precision(self) -> float:
        """The share of joined pairs that are of one person; 1 when none is joined."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """The share of pairs of one person that are joined without asking; 1 when there are none."""
        return self.right / self.true if self.true else 1.0

    @property
    def asked(self) -> float:
        """Questions for each description."""
        return (self.asked_same + self.asked_different) / max(self.descriptions, 1)


def score_clusters(told: Iterable[Told], found: Clusters) -> dict[str, Score]:
    """Scores by group, and under `ALL`."""
    by_key = {each.key: each for each in told}
    counts: dict[str, Counter[str]] = defaultdict(Counter)

    def count(what: str, key: str, number: int = 1) -> None:
        for group in (by_key[key].group, ALL):
            counts[group][what] += number

    for keys in found.persons:
        for one, other in combinations(keys, 2):
            count("right" if by_key[one].person == by_key[other].person else "wrong", one)
    for members in _by_person(by_key.values()).values():
        count("true", members[0], len(members) * (len(members) - 1) // 2)
        count("descriptions", members[0], len(members))
    for question in found.questions:
        same = by_key[question.one].person == by_key[question.other].person
        count("asked_same" if same else "asked_different", question.one)
    return {
        group: Score(**{name: counted[name] for name in Score._fields})
        for group, counted in sorted(counts.items())
    }


def score_blocking(told: Iterable[Told], changes: Changes) -> dict[str, float]:
    """The share of pairs of one person that have a blocking key in common, by group and under `ALL`."""
    told = list(told)
    keys = {each.key: blocking_keys(prepare(each.description, changes)) for each in told}
    groups: Mapping[str, str] = {each.key: each.group for each in told}
    shared: Counter[str] = Counter()
    true: Counter[str] = Counter()
    for descriptions in _by_person(told).values():
        for one, other in combinations(descriptions, 2):
            for group in (groups[one], ALL):
                true[group] += 1
                shared[group] += bool(keys[one] & keys[other])
    return {group: shared[group] / true[group] for group in sorted(true)}


def _by_person(told: Iterable[Told]) -> dict[str, list[str]]:
    persons: dict[str, list[str]] = {}
    for each in told:
        persons.setdefault(each.person, []).append(each.key)
    return persons
