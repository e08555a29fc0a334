"""Random releases: the terminology and the plain reference answer the same."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from codes.snomed.plain_terminology import PlainTerminology, Triple
from codes.snomed.rf2_release import (
    INGREDIENT,
    IS_A,
    MODIFICATION,
    PRECISE,
    SUBSTANCE,
    Row,
    axiom,
    code,
    concept,
    relationship,
    write_rf2,
)
from varde.codes.snomed import Terminology, load_release, open_terminology
from varde.codes.snomed.hierarchy import close, make_ragged, sort_levels, turn_round

EXAMPLES = int(os.environ.get("VARDE_EXAMPLES", "60"))
OTHER, LATER = code(100), code(101)
KINDS = [INGREDIENT, PRECISE, MODIFICATION, OTHER]
CHAINS = [
    (first, MODIFICATION, result)
    for first in (INGREDIENT, PRECISE, OTHER)
    for result in (INGREDIENT, PRECISE, OTHER)
]


@st.composite
def edges(draw: st.DrawFn, size: int) -> set[tuple[int, int]]:
    """Children and parents among `size` concepts whose numbers are shuffled."""
    order = draw(st.permutations(range(size)))
    pairs = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1))
    chosen = draw(st.sets(pairs, max_size=size * 2))
    return {(order[max(pair)], order[min(pair)]) for pair in chosen if pair[0] != pair[1]}


@st.composite
def releases(draw: st.DrawFn) -> tuple[PlainTerminology, list[Row]]:
    """A reference, and the rows of a release that says the same."""
    size = draw(st.integers(1, 9))
    codes = [code(number) for number in range(size)]
    if draw(st.booleans()):
        codes[0] = SUBSTANCE
    parents: dict[str, set[str]] = {name: set() for name in codes}
    for child, parent in draw(edges(size)):
        parents[codes[child]].add(codes[parent])
    concepts = st.sampled_from(codes)
    relations = draw(
        st.sets(st.tuples(concepts, st.sampled_from(KINDS), concepts), max_size=size * 2)
    )
    plain = PlainTerminology(parents, relations)
    rows = [*map(concept, codes), *_draw_meaning(draw, plain)]
    rows += [relationship(child, IS_A, each) for child, ups in parents.items() for each in ups]
    rows += [relationship(*triple, group) for group, triple in enumerate(sorted(relations))]
    return plain, draw(st.permutations(rows))


def _draw_meaning(draw: st.DrawFn, plain: PlainTerminology) -> list[Row]:
    """What relationship types mean: by axioms, by the hierarchy of attributes, or built in."""
    chains: set[Triple] = draw(st.sets(st.sampled_from(CHAINS), max_size=3))
    transitive = draw(st.booleans())
    narrower = draw(st.sampled_from(["built-in", "hierarchy", "axioms", "hierarchy and axioms"]))
    plain.narrower = {(PRECISE, INGREDIENT)}
    rows: list[Row] = []
    if "hierarchy" in narrower:
        rows = [*map(concept, (INGREDIENT, PRECISE)), relationship(PRECISE, IS_A, INGREDIENT)]
        plain.parents |= {INGREDIENT: set(), PRECISE: {INGREDIENT}}
    if narrower == "axioms":
        rows.append(axiom(f"SubObjectPropertyOf(:{PRECISE} :{INGREDIENT})"))
    if "axioms" in narrower:
        rows.append(axiom(f"SubObjectPropertyOf(:{LATER} :{PRECISE})"))
        rows.append(axiom(f"SubObjectPropertyOf(:{OTHER} :{LATER})"))
        plain.narrower |= {(OTHER, PRECISE), (OTHER, INGREDIENT)}
    plain.chains, plain.transitive = _usable(chains, plain, transitive)
    for first, second, result in chains:
        chain = f"ObjectPropertyChain(:{first} :{second})"
        rows.append(axiom(f"SubObjectPropertyOf({chain} :{result})"))
    if transitive:
        rows.append(axiom(f"TransitiveObjectProperty( :{MODIFICATION} )"))
    return rows


def _usable(
    chains: set[Triple], plain: PlainTerminology, transitive: bool
) -> tuple[set[Triple], set[str]]:
    """The release's chains if one of them gives an active ingredient, else the built-in one."""
    goals = {INGREDIENT, *(narrow for narrow, wide in plain.narrower if wide == INGREDIENT)}
    if any(result in goals for _, _, result in chains):
        return chains, {MODIFICATION} if transitive else set()
    return {(INGREDIENT, MODIFICATION, INGREDIENT)}, {MODIFICATION}


def load(rows: list[Row], *more: list[Row]) -> Terminology:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folders = [
            write_rf2(folder / str(number), each, owner=f"R{number}")
            for number, each in enumerate((rows, *more))
        ]
        load_release(folders, folder / "store")
        return open_terminology(folder / "store")


@settings(max_examples=EXAMPLES, deadline=None)
@given(release=releases())
def test_the_same_answers(release: tuple[PlainTerminology, list[Row]]) -> None:
    plain, rows = release
    ours = load(rows)
    for name in plain.parents:
        assert ours.parents(name) == tuple(sorted(plain.parents[name], key=int))
        assert ours.ancestors(name) == tuple(sorted(plain.ancestors(name), key=int))
        assert ours.descendants(name) == tuple(sorted(plain.descendants(name), key=int))
        assert ours.children(name) == tuple(
            sorted((below for below, ups in plain.parents.items() if name in ups), key=int)
        )
        assert ours.is_substance(name) == (name in plain.substances())
        assert {(kind, target) for _, kind, target in ours.attributes(name)} == {
            (kind, target) for source, kind, target in plain.relations if source == name
        }
        for other in plain.parents:
            expected = name == other or name in plain.ancestors(other)
            assert ours.subsumes(name, other) == expected


@settings(max_examples=EXAMPLES, deadline=None)
@given(release=releases())
def test_the_same_ingredients(release: tuple[PlainTerminology, list[Row]]) -> None:
    """Each path consists of steps that the release holds, and is as short as can be."""
    plain, rows = release
    ours = load(rows)
    steps = plain.relations | {
        (child, IS_A, parent) for child, ups in plain.parents.items() for parent in ups
    }
    for product in plain.parents:
        expected = plain.ingredients(product)
        found = ours.active_ingredients(product)
        assert len({each.code for each in found}) == len(found)
        assert {each.code: len(each.path) for each in found} == expected
        assert [len(each.path) for each in found] == sorted(expected.values())
        for substance in plain.parents:
            path = ours.correspondence(product, substance)
            shortest = plain.correspondence(product, substance)
            assert (None if path is None else len(path)) == shortest
            check_path(path, product, substance, steps)
        for each in found:
            check_path(each.path, product, each.code, steps)
            assert not each.path or each.path[-1].relation != IS_A


def check_path(path: Any, product: str, end: str, steps: set[Triple]) -> None:
    if path is None:
        return
    place = product
    for step in path:
        assert tuple(step) in steps
        assert step.source == place
        place = step.target
    assert place == end


@st.composite
def versions(draw: st.DrawFn) -> list[tuple[int, str, str, int]]:
    """Concept, day, active and release; no two rows of a concept with one day in one file."""
    row = st.tuples(
        st.integers(0, 4),
        st.sampled_from(["20230101", "20240101", "20250101"]),
        st.sampled_from("01"),
        st.integers(0, 2),
    )
    return draw(st.lists(row, max_size=15, unique_by=lambda row: (row[0], row[1], row[3])))


@settings(max_examples=EXAMPLES, deadline=None)
@given(rows=versions())
def test_the_newest_version_counts_wherever_it_is(rows: list[tuple[int, str, str, int]]) -> None:
    root = concept(code(9))
    files: list[list[Row]] = [[], [], []]
    newest: dict[int, tuple[str, str]] = {}
    for number, day, active, file in rows:
        files[file].append(concept(code(number), day, active))
        newest[number] = max(newest.get(number, ("", "")), (day, active))
    ours = load([root, *files[0]], *files[1:])
    for number in range(5):
        assert (code(number) in ours) == (newest.get(number, ("", "0"))[1] == "1")


@settings(max_examples=EXAMPLES * 2, deadline=None)
@given(data=st.data(), size=st.integers(1, 40))
def test_the_closure_does_not_depend_on_the_pieces(data: st.DataObject, size: int) -> None:
    """Whatever is worked out at a time: the closure is that of walking up."""
    import numpy as np

    from varde.codes.snomed import hierarchy

    pairs = sorted(data.draw(edges(size)))
    columns = np.array(pairs, np.int64).reshape(-1, 2)
    parents = make_ragged(columns[:, 0], columns[:, 1], size)
    levels = sort_levels(parents, turn_round(parents))
    before, hierarchy.PAIRS_AT_ONCE = hierarchy.PAIRS_AT_ONCE, data.draw(st.integers(1, 30))
    try:
        found = close(parents, levels)
    finally:
        hierarchy.PAIRS_AT_ONCE = before
    plain = PlainTerminology({str(number): set() for number in range(size)}, set())
    for child, parent in pairs:
        plain.parents[str(child)].add(str(parent))
    for number in range(size):
        row = found.values[found.starts[number] : found.starts[number + 1]].tolist()
        assert row == sorted(map(int, plain.ancestors(str(number))))
