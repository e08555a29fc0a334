"""Which isolate is the first of its episode.

The rule is greedy: the first isolate of a key (person and species) starts an episode, and a later
one starts the next when it was taken `days` or more after the *start* of the running episode. What
follows depends on what was chosen before, so no window function says it. It is a NumPy kernel
over sorted columns instead, with two runners: Arrow columns from DuckDB, and sorted partitions on
Spark. Both return the isolates that are *not* first: they are few, and taking them away leaves
those without a known person, each of which counts as its own first, where they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from varde.resistance.methods import Method, parse_method

if TYPE_CHECKING:
    import ibis

    from varde.warehouse import Tables

Integers = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]

REPEATS: Final = pa.schema([pa.field("isolate_id", pa.int64())])
NEEDED: Final = ("person_id", "episode_key", "collected", "tie", "isolate_id")
LARGEST: Final = 2**62


def first_isolates(tables: Tables, isolates: ibis.Table, method: str | Method) -> ibis.Table:
    """The isolates of `isolates` that count by `method`, with all their columns.

    Isolates that are not mapped (`organism` null) never count. By ``none`` all others do. By the
    other methods those with an empty `episode_key` (an unknown organism) do not count either, and
    those with an unknown person each count as their own first isolate. On one day the lowest
    `tie` comes first (null last), then the lowest `isolate_id`.

    Args:
        tables: where `isolates` comes from: the engine that runs it.
        isolates: the selection to choose within: what it leaves out starts no episode.

    Raises:
        InvalidMethod: see `parse_method`.
    """
    chosen = parse_method(method)
    mapped = isolates.filter(isolates.organism.notnull())
    if chosen.kind == "none":
        return mapped
    known = mapped.filter(mapped.episode_key.fill_null("") != "")
    followed = known.filter(known.person_id.notnull()).select(*NEEDED)
    days = chosen.days if chosen.kind == "episode" else None
    find = _repeats_spark if tables.engine == "spark" else _repeats_arrow
    return known.anti_join(find(tables, followed, days), "isolate_id")


def mark_first(key: Integers, day: Integers, days: int | None) -> Marks:
    """The kernel: True where a row starts an episode of its key.

    Args:
        key: never decreasing.
        day: never decreasing within a key.
        days: length of an episode; None: one for each key.

    Returns:
        One boolean for each row.
    """
    first = np.ones(key.size, bool)
    if not key.size:
        return first
    np.not_equal(key[1:], key[:-1], out=first[1:])
    if days is None:
        return first
    starts = np.flatnonzero(first)
    lasts = np.append(starts[1:], key.size) - 1
    # One axis for all keys: each has a stretch of its own, long enough that a step of `days`
    # cannot reach beyond the next one's first isolate.
    earliest = int(day.min())
    step = min(days, int(day.max()) - earliest + 1)
    stretch = int(day.max()) - earliest + step + 1
    place = (np.cumsum(first) - 1) * stretch + (day - earliest)
    active = starts[day[lasts] - day[starts] >= step]
    while active.size:
        after = np.searchsorted(place, place[active] + step)
        inside = after < key.size
        inside[inside] = key[after[inside]] == key[active[inside]]
        active = after[inside]
        first[active] = True
    return first


def _repeats_arrow(tables: Tables, followed: ibis.Table, days: int | None) -> ibis.Table:
    """The isolates that are not first, on DuckDB."""
    import ibis

    return ibis.memtable(find_repeats(tables.stream(followed), days))


def find_repeats(batches: Iterable[pa.RecordBatch], days: int | None) -> pa.Table:
    """`isolate_id` of the rows that are not first; the rows come in any order.

    Args:
        batches: the columns `NEEDED`; no person null, no `episode_key` null.
    """
    person, species, day, tie, isolate = _gather(batches)
    key = _pack(person, species)
    order = _sort(key, day, tie, isolate)
    repeats = ~mark_first(key[order], day[order], days)
    return pa.table({"isolate_id": isolate[order[repeats]]}, schema=REPEATS)


def _gather(batches: Iterable[pa.RecordBatch]) -> list[Integers]:
    """The columns as integers; names of species become numbers."""
    parts: list[list[Integers]] = [[] for _ in NEEDED]
    numbers: dict[str, int] = {}
    for batch in batches:
        for part, values in zip(parts, _to_integers(batch, numbers), strict=True):
            part.append(values)
    return [np.concatenate([*part, np.empty(0, np.int64)]) for part in parts]


def _to_integers(batch: pa.RecordBatch, numbers: dict[str, int]) -> Iterator[Integers]:
    yield batch["person_id"].to_numpy(zero_copy_only=False)
    encoded = batch["episode_key"].dictionary_encode()
    known = [numbers.setdefault(name, len(numbers)) for name in encoded.dictionary.to_pylist()]
    yield np.array(known, np.int64)[encoded.indices.to_numpy(zero_copy_only=False)]
    yield batch["collected"].cast(pa.int32()).cast(pa.int64()).to_numpy(zero_copy_only=False)
    yield batch["tie"].fill_null(np.iinfo(np.int64).max).to_numpy(zero_copy_only=False)
    yield batch["isolate_id"].to_numpy(zero_copy_only=False)


def _pack(person: Integers, species: Integers) -> Integers:
    """One integer for person and species; equal when, and only when, both are."""
    if not person.size:
        return person
    kinds = int(species.max()) + 1
    low, high = int(person.min()), int(person.max())
    if (high - low + 1) * kinds >= LARGEST:
        person = np.unique(person, return_inverse=True)[1]
        low = 0
    return (person - low) * kinds + species


def _sort(key: Integers, day: Integers, tie: Integers, isolate: Integers) -> Integers:
    """The order by key, day, tie and isolate.

    One sort of key and day packed into one integer; only rows that share both are then sorted by
    the rest. That is three times as fast as sorting by four columns.
    """
    if not key.size:
        return key
    low, high = int(day.min()), int(day.max())
    spread = high - low + 1
    if (int(key.max()) + 1) * spread >= LARGEST:
        return np.lexsort((isolate, tie, day, key))
    packed = key * spread + (day - low)
    order = np.argsort(packed)
    packed = packed[order]
    same = packed[1:] == packed[:-1]
    shared = np.flatnonzero(np.append(same, False) | np.append(False, same))
    rows = order[shared]
    order[shared] = rows[np.lexsort((isolate[rows], tie[rows], packed[shared]))]
    return order


def _repeats_spark(tables: Tables, followed: ibis.Table, days: int | None) -> ibis.Table:
    """The same on Spark, which does the sorting."""
    function = partial(repeats_of_sorted, days=days)
    order = ("collected", "tie", "isolate_id")
    return tables.map_sorted(followed, ("person_id", "episode_key"), order, function, REPEATS)


def repeats_of_sorted(
    batches: Iterable[pa.RecordBatch], days: int | None
) -> Iterator[pa.RecordBatch]:
    """As `find_repeats` for batches in order, in the memory of one batch.

    A key may go on in the next batch: the start of its running episode is carried over, as a row
    in front of the batch.
    """
    held: tuple[int, str, int] | None = None
    for batch in batches:
        if not batch.num_rows:
            continue
        key, day = _number_runs(batch, held)
        first = mark_first(key, day, days)
        row = int(np.flatnonzero(first)[-1])
        start = int(day[row])
        if held is not None:
            first = first[1:]
        person, species = batch["person_id"], batch["episode_key"]
        held = (person[-1].as_py(), species[-1].as_py(), start)
        repeats = pa.array(~first)
        yield pa.RecordBatch.from_arrays([batch["isolate_id"].filter(repeats)], schema=REPEATS)


def _number_runs(
    batch: pa.RecordBatch, held: tuple[int, str, int] | None
) -> tuple[Integers, Integers]:
    """Key and day of each row, the key as the number of its run; with the held row in front."""
    encoded = batch["episode_key"].dictionary_encode()
    person = batch["person_id"].to_numpy(zero_copy_only=False)
    species = encoded.indices.to_numpy(zero_copy_only=False)
    day = batch["collected"].cast(pa.int32()).cast(pa.int64()).to_numpy(zero_copy_only=False)
    if held is not None:
        names = encoded.dictionary.to_pylist()
        number = names.index(held[1]) if held[1] in names else -1
        person = np.concatenate([[held[0]], person])
        species = np.concatenate([[number], species])
        day = np.concatenate([[held[2]], day])
    changes = (person[1:] != person[:-1]) | (species[1:] != species[:-1])
    return np.concatenate([[0], np.cumsum(changes)]), day
