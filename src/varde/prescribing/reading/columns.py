"""One column of a batch: cells as text in, typed values and faults out, all rows at a time.

Most columns repeat few values, so each different cell is read once and remembered; numbers of rows and pseudonyms, of
which nearly every one is another, are looked at by Arrow alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from varde.messages import mask_digits, mask_identities
from varde.prescribing.layout import Column
from varde.prescribing.reading.cells import is_national, notice_of, parser_of
from varde.prescribing.reading.errors import CellFault, FileRefused

MEMORY = 50_000
"""How many different cells of one column are remembered."""
SHOWN = 40
"""How many signs of an offending value are shown."""
_ELEVEN = r"^[0-9]([ .\-\x{00a0}]?[0-9]){10}$"
_CONTROL = r"[\x00-\x1f\x7f]"


@dataclass(frozen=True)
class Faults:
    """Cells that cannot be used: index in the batch, reason, and what may be shown of each."""

    rows: np.ndarray[Any, np.dtype[np.int64]]
    reasons: pa.Array
    shown: pa.Array


@dataclass(frozen=True)
class ColumnRead:
    """A column that was read; `values` has null where there is a fault.

    Attributes:
        told: what was kept and is told: (reason, value) → indices of its rows.
    """

    values: pa.Array
    faults: Faults | None
    told: dict[tuple[str, str], np.ndarray[Any, np.dtype[np.int64]]]


def mask(column: Column, cell: str) -> str:
    """What may be shown of an offending cell: nothing of a pseudonym, no long number in free text, no identity."""
    if column.holds == "pseudonym":
        return "•" * 6
    shown = cell if len(cell) <= SHOWN else f"{cell[:SHOWN]}…"
    free = column.holds == "text" and not column.pattern
    return mask_digits(shown) if free else mask_identities(shown)


class ColumnReader:
    """Reads the cells of one column of one file, batch by batch.

    Args:
        key: whether it is one of the columns that say which row of the source a row is.
        latest: no day in it may be later.
    """

    def __init__(self, column: Column, key: bool = False, latest: date | None = None) -> None:
        self.column = column
        self.key = key
        self.parse = parser_of(column, latest)
        self.memory: dict[str, Any] = {}
        self.seen: Counter[str] = Counter()

    def read(self, cells: pa.Array) -> ColumnRead:
        """Read one batch.

        Raises:
            FileRefused: ``identity-numbers``: a pseudonym is a national identity number, or so are so many of the
                source's own numbers that it is no chance. Such a file must not be kept open for anybody.
        """
        if self.column.holds == "pseudonym" or (self.key and self._is_plain_text):
            return self._read_plain(cells)
        return self._read_repeated(cells)

    @property
    def _is_plain_text(self) -> bool:
        return self.column.holds == "text" and not self.column.pattern

    def _read_plain(self, cells: pa.Array) -> ColumnRead:
        column = self.column
        values = pc.utf8_trim_whitespace(cells)
        blank = pc.equal(values, "")
        values = pc.if_else(blank, pa.scalar(None, pa.string()), values)
        self._look_for_identities(values)
        reasons = pc.case_when(
            pc.make_struct(
                pc.and_(blank, column.required),
                pc.greater(pc.utf8_length(values), column.longest),
                pc.match_substring_regex(values, _CONTROL),
            ),
            *(pa.scalar(each) for each in ("missing-value", "too-long", "control-character")),
        )
        wrong = np.flatnonzero(reasons.is_valid().to_numpy(zero_copy_only=False))
        if not len(wrong):
            return ColumnRead(values, None, {})
        where = pa.array(wrong)
        shown = [mask(column, cell) if cell else "" for cell in values.take(where).to_pylist()]
        faults = Faults(wrong, reasons.take(where), pa.array(shown, pa.string()))
        return ColumnRead(pc.if_else(reasons.is_valid(), None, values), faults, {})

    def _look_for_identities(self, values: pa.Array) -> None:
        alike = pc.match_substring_regex(values, _ELEVEN)
        if not pc.any(alike).as_py():
            return
        found = values.filter(alike, null_selection_behavior="drop").unique().to_pylist()
        national = sum(map(is_national, found))
        if self.column.holds == "pseudonym":
            if national:
                raise FileRefused("identity-numbers", self.column.name)
            return
        # Running numbers of eleven digits hit the control digits by chance: fewer than one of a hundred.
        self.seen.update(alike=len(found), national=national)
        if self.seen["national"] > 2 and self.seen["national"] * 10 > self.seen["alike"]:
            raise FileRefused("identity-numbers", self.column.name)

    def _read_repeated(self, cells: pa.Array) -> ColumnRead:
        encoded = cells.dictionary_encode()
        written = encoded.dictionary.to_pylist()
        read = [self._remembered(cell) for cell in written]
        good = [None if isinstance(value, CellFault) else value for value in read]
        indices = encoded.indices
        values = pa.array(good, self.column.arrow).take(indices)
        wrong = np.array([isinstance(value, CellFault) for value in read], bool)
        told = [notice_of(self.column, value) if value is not None else "" for value in good]
        found = {}
        for number, reason in enumerate(told):
            if reason:
                rows = np.flatnonzero(indices.to_numpy() == number)
                found[reason, str(good[number])] = rows
        if not wrong.any():
            return ColumnRead(values, None, found)
        where = indices.to_numpy()
        rows = np.flatnonzero(wrong[where])
        at = pa.array(where[rows])
        reasons = [value.reason if isinstance(value, CellFault) else "" for value in read]
        shown = [value.shown if isinstance(value, CellFault) else "" for value in read]
        faults = Faults(
            rows, pa.array(reasons, pa.string()).take(at), pa.array(shown, pa.string()).take(at)
        )
        return ColumnRead(values, faults, found)

    def _remembered(self, cell: str) -> Any:
        """The value of a cell, None for a blank one, or its `CellFault`."""
        if cell in self.memory:
            return self.memory[cell]
        value: Any = None
        stripped = cell.strip()
        try:
            if stripped:
                value = self.parse(stripped)
            elif self.column.required:
                value = CellFault("missing-value", "")
        except CellFault as fault:
            shown = fault.shown if fault.shown is not None else stripped
            value = CellFault(fault.reason, mask(self.column, shown))
        if len(self.memory) >= MEMORY:
            self.memory.clear()
        self.memory[cell] = value
        return value
