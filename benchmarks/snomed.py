"""A release of SNOMED CT's size: loading it, opening it, and asking about it.

The release is made up, with the size and shape of the international one: 370,000 concepts on some
fifteen levels, several parents each, three descriptions a concept, products with ingredients, and
substances that are salts of others. Loading and opening run in processes of their own, so that time
and peak memory are their own.

The plain reference for subsumption walks up parents held in Python sets: the least that anybody would
write, with the whole hierarchy in memory first.
"""

from __future__ import annotations

import itertools
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv

from varde.codes.snomed import check_digit, load_release, open_terminology

CONCEPTS = 370_000
TOP_LEVELS = (1, 20, 400, 4_000)
LOWER_LEVELS = (0.06, 0.12, 0.17, 0.18, 0.15, 0.12, 0.08, 0.05, 0.03, 0.02, 0.015, 0.005)
"""Shares of the remaining concepts, level by level."""

PARENTS = (0.55, 0.3, 0.1, 0.05)
"""Shares of the concepts with one, two, three and four parents."""

ROOT, IS_A, INFERRED = 138875005, 116680003, 900000000000011006
SUBSTANCE, PRODUCT = 105590001, 373873005
INGREDIENT, PRECISE, MODIFICATION, OTHER = 127489000, 762949000, 738774007, 363698007
MODULE, DAY = 900000000000207008, 20250101
QUESTIONS = 20_000

Numbers = np.ndarray[Any, np.dtype[Any]]
ATTRIBUTES = range(3, 7)
"""Numbers of the concepts that are relationship types."""


def run(concepts: int = CONCEPTS) -> dict[str, float]:
    """Print the figures; return them by name."""
    with tempfile.TemporaryDirectory(prefix="varde-bench-") as name:
        release, store = Path(name) / "release", Path(name) / "store"
        _in_process("write", release, concepts)
        load = _in_process("load", release, store)
        openings = [_in_process("open", store) for _ in range(5)]
        figures = {
            "load, s": load["seconds"],
            "load, peak MB": load["peak"],
            "open, ms": statistics.median(opening["ms"] for opening in openings),
            "open, peak MB": openings[0]["peak"],
            "store, MB": sum(path.stat().st_size for path in store.rglob("*.npy")) / 1e6,
        } | _in_process("ask", store, concepts)
    print(
        f"SNOMED CT of {load['concepts']:,} concepts, {load['is_a']:,} is-a, "
        f"{load['attributes']:,} attributes, {load['descriptions']:,} descriptions, "
        f"{load['ancestors']:,} pairs with an ancestor"
    )
    for what, figure in figures.items():
        print(f"  {what:44} {figure:10,.2f}")
    return figures


def write_release(folder: Path, concepts: int) -> dict[str, Any]:
    """Write an RF2 snapshot with that many concepts; the same every time."""
    rng = np.random.default_rng(1)
    folder.mkdir(parents=True)
    hierarchy = make_hierarchy(rng, concepts)
    codes = write_codes(concepts)
    common = (np.full(concepts, DAY), np.ones(concepts, np.int8), np.full(concepts, MODULE))
    _write(
        folder / f"sct2_Concept_Snapshot_INT_{DAY}.txt",
        "id effectiveTime active moduleId definitionStatusId",
        [codes, *common, np.full(concepts, 900000000000074008)],
    )
    _write_descriptions(folder, rng, codes)
    _write_relationships(folder, rng, codes, hierarchy)
    return {}


def read_parents(concepts: int) -> dict[str, set[str]]:
    """The parents of each concept, for the reference."""
    hierarchy = make_hierarchy(np.random.default_rng(1), concepts)
    codes = write_codes(concepts)
    parents: dict[str, set[str]] = {str(code): set() for code in codes.tolist()}
    pairs = zip(codes[hierarchy.children].tolist(), codes[hierarchy.parents].tolist(), strict=True)
    for child, parent in pairs:
        parents[str(child)].add(str(parent))
    return parents


@dataclass(frozen=True)
class Hierarchy:
    """Pairs of child and parent by number; and the top of each concept, the 20 below the root."""

    children: Numbers
    parents: Numbers
    tops: Numbers


def make_hierarchy(rng: np.random.Generator, concepts: int) -> Hierarchy:
    """Further parents are near the first one, as they are in truth. Attributes have nothing below."""
    rest = concepts - sum(TOP_LEVELS)
    sizes = [*TOP_LEVELS, *(int(rest * share) for share in LOWER_LEVELS)]
    sizes[-1] += concepts - sum(sizes)
    children, parents = [], []
    tops = np.arange(concepts)
    first = 0
    for size, below in itertools.pairwise(sizes):
        kids = np.arange(first + size, first + size + below)
        main = first + np.sort(rng.integers(0, size, below))
        main[np.isin(main, ATTRIBUTES)] = ATTRIBUTES[-1] + 1
        children.append(kids)
        parents.append(main)
        tops[kids] = tops[main] if first else kids
        for more in range(1, len(PARENTS)) if first > TOP_LEVELS[1] else ():
            chosen = np.flatnonzero(rng.random(below) < sum(PARENTS[more:]))
            near = np.clip(main[chosen] + rng.integers(-3, 4, chosen.size), first, first + size - 1)
            children.append(kids[chosen])
            parents.append(near)
        first += size
    return Hierarchy(np.concatenate(children), np.concatenate(parents), tops)


def write_codes(concepts: int) -> Numbers:
    """Well-formed codes: the concepts with a meaning here first, the others of the short format."""
    special = [ROOT, SUBSTANCE, PRODUCT, INGREDIENT, PRECISE, MODIFICATION, OTHER]
    codes = [int(f"{item}00{check_digit(f'{item}00')}") for item in range(10**6, 10**6 + concepts)]
    return np.array([*special, *codes[len(special) :]])


def _write_descriptions(folder: Path, rng: np.random.Generator, codes: Numbers) -> None:
    """A full name and a synonym in English for each, a Norwegian one for most, and members."""
    sizes = (codes.size, int(codes.size * 1.3), int(codes.size * 0.95))
    total = sum(sizes)
    ids = np.arange(10**7, 10**7 + total) * 1000 + 11
    owners = np.concatenate([codes[np.arange(size) % codes.size] for size in sizes])
    languages = np.repeat(["en", "en", "no"], sizes)
    types = np.repeat([900000000000003001, 900000000000013009, 900000000000013009], sizes)
    words = ["akutt", "betennelse", "structure", "of", "left", "tissue", "entire", "måling", "acid"]
    picks = rng.integers(0, len(words), (total, 5))
    terms = [
        f"{' '.join(words[pick] for pick in row)} {number}"
        for number, row in enumerate(picks.tolist())
    ]
    common = (np.full(total, DAY), np.ones(total, np.int8), np.full(total, MODULE))
    _write(
        folder / f"sct2_Description_Snapshot-en_INT_{DAY}.txt",
        "id effectiveTime active moduleId conceptId languageCode typeId term caseSignificanceId",
        [ids, *common, owners, languages, types, terms, np.full(total, 900000000000448009)],
    )
    refsets = np.where(languages == "en", 900000000000509007, 61000202103)
    members = [f"{number:08x}-0000-4000-8000-{number:012x}" for number in range(total)]
    acceptable = np.where(rng.random(total) < 0.8, 900000000000548007, 900000000000549004)
    _write(
        folder / f"der2_cRefset_LanguageSnapshot-en_INT_{DAY}.txt",
        "id effectiveTime active moduleId refsetId referencedComponentId acceptabilityId",
        [members, *common, refsets, ids, acceptable],
    )


def _write_relationships(
    folder: Path, rng: np.random.Generator, codes: Numbers, hierarchy: Hierarchy
) -> None:
    """The hierarchy; and attributes, among them salts of substances and ingredients of products."""
    size = codes.size
    leaf = ~np.isin(np.arange(size), hierarchy.parents)
    substances = np.flatnonzero((hierarchy.tops == 1) & leaf)
    products = np.flatnonzero((hierarchy.tops == 2) & leaf)
    salts = rng.choice(substances, substances.size // 4, replace=False)
    bases = rng.choice(substances, salts.size)
    holders = np.repeat(products, rng.choice(3, products.size, p=[0.3, 0.5, 0.2]))
    inside = rng.choice(substances, holders.size)
    others = rng.integers(10, size, max(size * 7 // 2 - hierarchy.children.size, 0))
    sources = np.concatenate((hierarchy.children, [4], salts, holders, others))
    targets = np.concatenate(
        (hierarchy.parents, [3], bases, inside, rng.integers(10, size, others.size))
    )
    counts = (hierarchy.children.size, 1, salts.size, holders.size, others.size)
    types = np.repeat([IS_A, IS_A, MODIFICATION, INGREDIENT, OTHER], counts)
    types[(types == INGREDIENT) & (rng.random(types.size) < 0.5)] = PRECISE
    total = sources.size
    _write(
        folder / f"sct2_Relationship_Snapshot_INT_{DAY}.txt",
        "id effectiveTime active moduleId sourceId destinationId relationshipGroup typeId "
        "characteristicTypeId modifierId",
        [
            np.arange(10**7, 10**7 + total) * 1000 + 21,
            np.full(total, DAY),
            (types != OTHER) | (rng.random(total) < 0.9),
            np.full(total, MODULE),
            codes[sources],
            codes[targets],
            np.where(types == IS_A, 0, 1),
            types,
            np.full(total, INFERRED),
            np.full(total, 900000000000451002),
        ],
    )


def _write(path: Path, header: str, columns: Sequence[Any]) -> None:
    names = header.split()
    columns = [
        column.astype(np.int8) if getattr(column, "dtype", None) == np.bool_ else column
        for column in columns
    ]
    table = pa.table(dict(zip(names, columns, strict=True)))
    with path.open("wb") as file:
        file.write("\t".join(names).encode() + b"\n")
        options = csv.WriteOptions(include_header=False, delimiter="\t", quoting_style="none")
        csv.write_csv(table, file, options)


def ask(store: Path, concepts: int) -> dict[str, float]:
    """Microseconds of questions: the median over many, half of them with the answer yes."""
    terminology = open_terminology(store)
    above = read_parents(concepts)
    codes = sorted(above)
    chance = random.Random(1)
    pairs = list(_draw_pairs(chance, codes, terminology.ancestors))
    answers = [terminology.subsumes(*pair) for pair in pairs]
    products = [code for code in codes if len(terminology.active_ingredients(code)) > 1]
    asked = [(code,) for code in chance.choices(products, k=QUESTIONS // 10)]
    figures = {"share of pairs with the answer yes": sum(answers) / len(answers)}
    ours = _time(terminology.subsumes, pairs)
    plain = _time(lambda a, b: _walk(above, a, b), pairs)
    return figures | {
        "subsumes, µs": ours,
        "subsumes by walking up sets, µs": plain,
        "subsumes, walking up sets / ours": plain / ours,
        "active_ingredients of a product, µs": _time(terminology.active_ingredients, asked),
        "term, µs": _time(terminology.term, asked),
        "descendants, µs": _time(terminology.descendants, asked),
    }


def _draw_pairs(
    chance: random.Random, codes: Sequence[str], ancestors: Callable[[str], Sequence[str]]
) -> Iterator[tuple[str, str]]:
    for _ in range(QUESTIONS // 2):
        below, other = chance.choices(codes, k=2)
        yield other, below
        if found := ancestors(below):
            yield chance.choice(found), below


def _walk(above: dict[str, set[str]], ancestor: str, descendant: str) -> bool:
    seen, waiting = {descendant}, [descendant]
    while waiting:
        code = waiting.pop()
        if code == ancestor:
            return True
        new = above[code] - seen
        seen |= new
        waiting.extend(new)
    return False


def _time(question: Callable[..., Any], arguments: Sequence[tuple[str, ...]]) -> float:
    spent = []
    for argument in arguments:
        start = time.perf_counter_ns()
        question(*argument)
        spent.append(time.perf_counter_ns() - start)
    return statistics.median(spent) / 1000


def _in_process(what: str, *arguments: Path | int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.snomed", what, *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _peak() -> float:
    """Peak memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _load(release: Path, store: Path) -> dict[str, Any]:
    start = time.perf_counter()
    counts = load_release([release], store).counts
    seconds = time.perf_counter() - start
    sizes = {name: getattr(counts, name) for name in counts.__struct_fields__}
    return {"seconds": seconds, "peak": _peak(), **sizes}


def _open(store: Path) -> dict[str, Any]:
    start = time.perf_counter()
    terminology = open_terminology(store)
    assert "138875005" in terminology
    return {"ms": (time.perf_counter() - start) * 1000, "peak": _peak()}


def main() -> None:
    what, folder, *more = sys.argv[1:]
    if what == "write":
        result = write_release(Path(folder), int(*more))
    elif what == "load":
        result = _load(Path(folder), Path(*more))
    elif what == "open":
        result = _open(Path(folder))
    else:
        result = ask(Path(folder), int(*more))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
