"""A loaded release, asked by code: what is above what, what is it called, what is in it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from varde.codes.errors import UnknownConcept
from varde.codes.snomed.concepts import IS_A
from varde.codes.snomed.hierarchy import Numbers, Ragged, take_rows
from varde.codes.snomed.ingredients import IS_A_STEP, Graph, Search, Way, find_ingredients, find_way
from varde.codes.snomed.properties import compile_moves
from varde.codes.snomed.release import Release
from varde.codes.snomed.store import Arrays, read_store

CODE: Final = re.compile(r"[1-9][0-9]{0,17}")
TAG: Final = re.compile(r" \([^()]*\)$")
KEPT_WAYS: Final = 16_384
"""Pairs of a product and a substance whose correspondence is remembered."""


class Attribute(NamedTuple):
    """A relationship other than is-a.

    Attributes:
        group: relationships with the same number above 0 belong together.
        type: code of the relationship type.
        target: code of the concept at the other end.
    """

    group: int
    type: str
    target: str


class Step(NamedTuple):
    """One relationship on a way: the codes of both ends and of its type."""

    source: str
    relation: str
    target: str


class Ingredient(NamedTuple):
    """An active ingredient.

    Attributes:
        code: of the substance.
        path: a shortest way from the product to it; empty for a substance that is its own ingredient.
    """

    code: str
    path: tuple[Step, ...]


class Terminology:
    """An opened store. Codes are SCTIDs as text; only active concepts are known.

    Every method that takes a code raises `UnknownConcept` for one that the release does not hold. Sets
    of codes come as tuples in numeric order.
    """

    def __init__(self, release: Release, arrays: Arrays) -> None:
        self.release = release
        self._arrays = arrays
        self._types = tuple(map(str, arrays.types.tolist()))
        # Single numbers are read from memory views, several times faster than from arrays.
        self._codes = _view(arrays.codes)
        self._parents = _Runs(arrays.parent_starts, arrays.parents)
        self._children = _Runs(arrays.child_starts, arrays.children)
        self._ancestors = _Runs(arrays.ancestor_starts, arrays.ancestors)
        self._preferred = {
            language: _view(chosen)
            for language, chosen in zip(release.languages, arrays.preferred, strict=True)
        }
        self._full_names = _view(arrays.full_names)
        self._term_starts = _view(arrays.term_starts)
        self._term_bytes = _view(arrays.term_bytes)
        self._attribute_starts = _view(arrays.attribute_starts)
        self._attribute_groups = _view(arrays.attribute_groups)
        self._attribute_types = _view(arrays.attribute_types)
        self._attribute_targets = _view(arrays.attribute_targets)
        numbers = {kind: number for number, kind in enumerate(self._types)}
        moves = {
            state: {numbers[kind]: after for kind, after in kinds.items() if kind in numbers}
            for state, kinds in compile_moves(release.properties).items()
        }
        self._graph = Graph(self._parents.row, self._list_relations, moves)
        # A guideline asks the same some hundred pairs thousands of times, and a release never changes.
        self._ways: dict[tuple[str, str], tuple[Step, ...] | None] = {}

    def __contains__(self, code: object) -> bool:
        """Whether an active concept has this code."""
        return isinstance(code, str) and self._search(code) is not None

    def __len__(self) -> int:
        return len(self._codes)

    def subsumes(self, ancestor: str, descendant: str) -> bool:
        """Whether the first concept is the second or anywhere above it."""
        above, below = self._number(ancestor), self._number(descendant)
        return above == below or self._ancestors.holds(below, above)

    def ancestors(self, code: str) -> tuple[str, ...]:
        """The concepts anywhere above, without the concept itself."""
        return self._name(self._ancestors.row(self._number(code)))

    def descendants(self, code: str) -> tuple[str, ...]:
        """The concepts anywhere below, without the concept itself."""
        below = np.array([self._number(code)])
        seen = np.zeros(len(self), np.bool_)
        children = Ragged(self._arrays.child_starts, self._arrays.children)
        while below.size:
            found = take_rows(children, below)[1]
            below = np.unique(found[~seen[found]])
            seen[below] = True
        return tuple(map(str, self._arrays.codes[seen].tolist()))

    def parents(self, code: str) -> tuple[str, ...]:
        """The concepts directly above."""
        return self._name(self._parents.row(self._number(code)))

    def children(self, code: str) -> tuple[str, ...]:
        """The concepts directly below."""
        return self._name(self._children.row(self._number(code)))

    def term(self, code: str, language: str = "nb") -> str:
        """What the concept is called in a language (ISO 639: ``nb``, ``nn``, ``en``, …).

        Without a synonym in that language it is the English one, then the fully specified name
        without its tag; the code itself in a release without descriptions.
        """
        number = self._number(code)
        for name in (language, "en"):
            chosen = self._preferred.get(name)
            if chosen is not None and chosen[number] >= 0:
                return self._text(chosen[number])
        return TAG.sub("", self._full_name(number)) or code

    def fully_specified_name(self, code: str) -> str:
        """The unambiguous name with its tag, in English if there is one; empty if there is none."""
        return self._full_name(self._number(code))

    def attributes(self, code: str) -> tuple[Attribute, ...]:
        """The concept's own relationships other than is-a, ordered by group, type and target."""
        number = self._number(code)
        start, end = self._attribute_starts[number], self._attribute_starts[number + 1]
        groups = self._attribute_groups[start:end]
        return tuple(
            Attribute(group, self._types[kind], str(self._codes[target]))
            for group, (kind, target) in zip(groups, self._list_relations(number), strict=True)
        )

    def is_substance(self, code: str) -> bool:
        """Whether the concept is a substance.

        That is what lies below |Substance|, or below anything that the release uses as an active
        ingredient or as the salt or the base of a modification.
        """
        return bool(self._arrays.substances[self._number(code)])

    def active_ingredients(self, code: str) -> tuple[Ingredient, ...]:
        """The active ingredients of a product, the nearest first; salts and esters give their base too.

        A relationship of an ancestor counts as the concept's own. A substance is its own ingredient.
        What counts as having an active ingredient, and how types follow each other, is in
        `release.properties`.
        """
        search = self._start_search(code)
        return tuple(
            Ingredient(str(self._codes[number]), self._name_way(way))
            for number, way in find_ingredients(search)
        )

    def correspondence(self, product: str, substance: str) -> tuple[Step, ...] | None:
        """Why something about `substance` concerns `product`: because an ingredient is it, or below it.

        Args:
            product: a product; or a substance, which is its own ingredient.
            substance: a substance or a class of substances.

        Returns:
            A shortest way to such an ingredient and on by is-a to the substance; it is empty when both
            are the same substance. None when the product has no such ingredient.
        """
        pair = (product, substance)
        if pair in self._ways:
            return self._ways[pair]
        wanted = self._number(substance)
        way = find_way(self._start_search(product), wanted)
        named = None if way is None else self._name_way(way)
        if len(self._ways) < KEPT_WAYS:
            self._ways[pair] = named
        return named

    def _start_search(self, code: str) -> Search:
        number = self._number(code)
        substance = bool(self._arrays.substances[number])
        return Search(self._graph, number, substance)

    def _search(self, code: str) -> int | None:
        if not CODE.fullmatch(code):
            return None
        wanted = int(code)
        place = bisect_left(self._codes, wanted)
        return place if place < len(self._codes) and self._codes[place] == wanted else None

    def _number(self, code: str) -> int:
        number = self._search(code)
        if number is None:
            raise UnknownConcept(code, self.release.name)
        return number

    def _name(self, numbers: Iterable[int]) -> tuple[str, ...]:
        return tuple(str(self._codes[number]) for number in numbers)

    def _name_way(self, way: Way) -> tuple[Step, ...]:
        return tuple(
            Step(str(self._codes[source]), self._name_type(relation), str(self._codes[target]))
            for source, relation, target in way
        )

    def _name_type(self, relation: int) -> str:
        return str(IS_A) if relation == IS_A_STEP else self._types[relation]

    def _list_relations(self, number: int) -> Iterator[tuple[int, int]]:
        """Number of the type, and target, of each attribute in the order of the store."""
        start, end = self._attribute_starts[number], self._attribute_starts[number + 1]
        return zip(
            self._attribute_types[start:end], self._attribute_targets[start:end], strict=True
        )

    def _full_name(self, number: int) -> str:
        place = self._full_names[number]
        return self._text(place) if place >= 0 else ""

    def _text(self, place: int) -> str:
        start, end = self._term_starts[place], self._term_starts[place + 1]
        return bytes(self._term_bytes[start:end]).decode("utf-8")


class _Runs:
    """Rows of different length, for single look-ups."""

    def __init__(self, starts: Numbers, values: Numbers) -> None:
        self._starts = _view(starts)
        self._values = _view(values)

    def row(self, number: int) -> list[int]:
        return self._values[self._starts[number] : self._starts[number + 1]].tolist()

    def holds(self, number: int, value: int) -> bool:
        end = self._starts[number + 1]
        place = bisect_left(self._values, value, self._starts[number], end)
        return bool(place < end and self._values[place] == value)


def _view(array: Numbers) -> memoryview[int]:
    return array.data


def open_terminology(store_folder: Path) -> Terminology:
    """Open what `load_release` wrote. Its files are mapped, not read: this takes milliseconds.

    Raises:
        TerminologyMissing: nothing was loaded into the folder yet.
        TerminologyDamaged: the store is of another format version, or not whole.
    """
    return Terminology(*read_store(store_folder))
