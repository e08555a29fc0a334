"""Counts of one organism in many selections at once: every period and place, each as if it had been selected alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from varde.resistance.antibiogram import dimension
from varde.resistance.first_isolates import find_repeats
from varde.resistance.methods import Method, parse_method
from varde.resistance.selection import select_isolates

if TYPE_CHECKING:
    from varde.warehouse import Tables

Codes = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]
Row = tuple[str, tuple[str, ...], int, int]
"""Antibiotic, the values of the columns, isolates tested and of them resistant."""


class Within:
    """One organism's isolates and results, read once; in the memory of some hundred bytes an isolate.

    Args:
        tables: from `varde.warehouse.open_tables`.
        organism: its key.
        columns: what can be counted by, of `DIMENSIONS`.
    """

    def __init__(self, tables: Tables, organism: str, columns: Sequence[str]) -> None:
        isolates = select_isolates(tables.isolates, {"organism": organism})
        values = {
            f"by_{name}": dimension(isolates, name).cast("string").fill_null("") for name in columns
        }
        kept = ("isolate_id", "person_id", "episode_key", "collected", "tie")
        self._isolates = tables.fetch(isolates.select(*kept, **values)).sort_by("isolate_id")
        self._numbers = self._isolates["isolate_id"].to_numpy()
        results = tables.susceptibilities
        results = results.filter(results.antibiotic.notnull(), results.sir.isin(("S", "I", "R")))
        results = results.select("isolate_id", "antibiotic", "sir")
        found = tables.fetch(results.semi_join(isolates, "isolate_id"))
        self._places = np.searchsorted(self._numbers, found["isolate_id"].to_numpy())
        self._antibiotics, self._drugs = _encode(found["antibiotic"])
        self._resistant = pc.equal(found["sir"], "R").to_numpy()

    def count(self, by: Sequence[str], method: str | Method) -> Iterator[Row]:
        """Tested and resistant by antibiotic and `by`, first isolates chosen anew within each combination of `by`.

        Under an empty antibiotic stands how many isolates count, of which none is resistant. As `antibiogram` with each
        combination as its selection.

        Raises:
            InvalidMethod: see `parse_method`.
        """
        names, groups = self._group(by)
        counts = self._that_count(groups, parse_method(method))
        size = len(names)
        held = counts[self._places]
        cells = (self._drugs * size + groups[self._places])[held]
        whole = len(self._antibiotics) * size
        tested = np.bincount(cells, minlength=whole)
        resistant = np.bincount(cells[self._resistant[held]], minlength=whole)
        for cell in np.flatnonzero(tested):
            drug, group = divmod(int(cell), size)
            yield self._antibiotics[drug], names[group], int(tested[cell]), int(resistant[cell])
        isolates = np.bincount(groups[counts], minlength=size)
        for place in np.flatnonzero(isolates):
            yield "", names[place], int(isolates[place]), 0

    def _group(self, by: Sequence[str]) -> tuple[list[tuple[str, ...]], Codes]:
        """The combinations that occur, and which of them each isolate is of."""
        names: list[tuple[str, ...]] = [()]
        groups = np.zeros(len(self._numbers), np.int64)
        for name in by:
            values, codes = _encode(self._isolates[f"by_{name}"])
            names = [(*before, value) for before in names for value in values]
            groups = groups * len(values) + codes
        return names, groups

    def _that_count(self, groups: Codes, method: Method) -> Marks:
        """Which isolates count; see `first_isolates`."""
        if method.kind == "none":
            return np.ones(len(self._numbers), np.bool_)
        species, codes = _encode(pc.fill_null(self._isolates["episode_key"], ""))
        known = np.array([bool(name) for name in species], np.bool_)[codes]
        within = pa.array(groups * (len(species) or 1) + codes)
        table = self._isolates.set_column(
            self._isolates.column_names.index("episode_key"), "episode_key", within
        )
        followed = table.filter(pa.array(known)).filter(pc.is_valid(pc.field("person_id")))
        days = method.days if method.kind == "episode" else None
        repeats = find_repeats(followed.combine_chunks().to_batches(), days)
        counted = known.copy()
        counted[np.searchsorted(self._numbers, repeats["isolate_id"].to_numpy())] = False
        return counted


def _encode(values: pa.ChunkedArray) -> tuple[list[str], Codes]:
    """The values that occur, and which of them each is."""
    encoded = values.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return encoded.dictionary.to_pylist(), codes
