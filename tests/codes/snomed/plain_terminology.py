"""What the terminology must answer, in dicts and sets, by saturation instead of search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from codes.snomed.rf2_release import INGREDIENT, MODIFICATION, SUBSTANCE

Triple = tuple[str, str, str]


@dataclass
class PlainTerminology:
    """Concepts with parents, relationships, and what relationship types mean to each other.

    `narrower` holds pairs (type, wider type), already transitive.
    """

    parents: dict[str, set[str]]
    relations: set[Triple]
    chains: set[Triple] = field(default_factory=set)
    narrower: set[tuple[str, str]] = field(default_factory=set)
    transitive: set[str] = field(default_factory=set)

    def distances(self, code: str) -> dict[str, int]:
        """How many is-a steps up to each ancestor and oneself."""
        found = {code: 0}
        for level in range(len(self.parents)):
            for below in [name for name, steps in found.items() if steps == level]:
                for above in self.parents[below]:
                    found.setdefault(above, level + 1)
        return found

    def ancestors(self, code: str) -> set[str]:
        return set(self.distances(code)) - {code}

    def descendants(self, code: str) -> set[str]:
        return {below for below in self.parents if code in self.ancestors(below)}

    def substances(self) -> set[str]:
        kinds = {INGREDIENT, *(narrow for narrow, wide in self.narrower if wide == INGREDIENT)}
        seeds = {SUBSTANCE} | {t for _, kind, t in self.relations if kind in kinds}
        seeds |= {end for s, kind, t in self.relations if kind == MODIFICATION for end in (s, t)}
        return {code for code in self.parents if seeds & set(self.distances(code))}

    def ingredients(self, product: str) -> dict[str, int]:
        """Each active ingredient, and the least steps to it."""
        facts: dict[Triple, int] = {}
        for code in self.parents:
            for above, steps in self.distances(code).items():
                for source, kind, target in self.relations:
                    if source == above:
                        _lower(facts, (code, kind, target), steps + 1)
        if product in self.substances():
            facts[product, INGREDIENT, product] = 0
        while self._saturate_once(facts):
            pass
        return {
            target: steps
            for (source, kind, target), steps in facts.items()
            if source == product and kind == INGREDIENT
        }

    def _saturate_once(self, facts: dict[Triple, int]) -> bool:
        before = dict(facts)
        for (source, kind, target), steps in before.items():
            for narrow, wide in self.narrower:
                if narrow == kind:
                    _lower(facts, (source, wide, target), steps)
            for first, second, result in self._all_chains():
                if first == kind:
                    for (middle, then, end), further in before.items():
                        if middle == target and then == second:
                            _lower(facts, (source, result, end), steps + further)
        return facts != before

    def _all_chains(self) -> Iterable[Triple]:
        return self.chains | {(kind, kind, kind) for kind in self.transitive}

    def correspondence(self, product: str, substance: str) -> int | None:
        """The least steps from the product to the substance, by an ingredient and is-a."""
        ways = [
            steps + self.distances(found)[substance]
            for found, steps in self.ingredients(product).items()
            if substance in self.distances(found)
        ]
        return min(ways, default=None)


def _lower(facts: dict[Triple, int], fact: Triple, steps: int) -> None:
    facts[fact] = min(steps, facts.get(fact, steps))
