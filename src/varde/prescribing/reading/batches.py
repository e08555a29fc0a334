"""Rows of a file in batches: those that are right as typed columns, those that are not with all that is wrong in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from varde.prescribing.layout import Column, Layout
from varde.prescribing.reading.columns import ColumnRead, ColumnReader
from varde.prescribing.reading.contradictions import contradictions, notices
from varde.prescribing.reading.finding import ANSWERS
from varde.prescribing.reading.lines import Damaged, Lines

ROW: Final = pa.field("row", pa.int64(), nullable=False)
ERROR: Final = pa.struct([("column", pa.string()), ("reason", pa.string()), ("shown", pa.string())])
REJECTED: Final = pa.schema(
    [
        ROW,
        pa.field("key", pa.list_(pa.string())),
        pa.field("cells", pa.list_(pa.string())),
        pa.field("errors", pa.list_(ERROR)),
    ]
)
"""A row that cannot be used: its number, what `Layout.identified_by` says it is (null when that cannot be read), its
cells as they were written in the order of the headings, and what is wrong: column (empty: the row as a whole), reason,
and what may be shown of the offending value."""

LONGEST_ROW: Final = 12
"""Digits of the number of a row."""

Rows = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Batch:
    """Some rows of a file.

    Attributes:
        accepted: the columns of `Layout.schema`, and `row`.
        rejected: as `REJECTED`.
        told: (reason, value) → how many accepted rows hold what is kept and told.
        answers: of a correction: which delivery and row each row is for, by its number, whether it is right or not.
    """

    accepted: pa.RecordBatch
    rejected: pa.RecordBatch
    told: Mapping[tuple[str, str], int] = field(default_factory=dict)
    answers: Mapping[int, tuple[str, int]] = field(default_factory=dict)
    _source: _Source | None = field(default=None, repr=False)

    def reject(self, numbers: Rows, reason: str) -> pa.RecordBatch:
        """Accepted rows of these numbers as rejected ones: something is wrong with them as rows of their file."""
        if self._source is None:
            return _damaged_rows(())
        wrong = np.isin(self._source.lines.numbers, numbers)
        where = np.flatnonzero(wrong)
        column = self._source.layout.identified_by[0]
        lines = self._source.lines._replace(damaged=[])
        faults = _alike(where, column, reason) if len(where) else []
        return _reject(lines, wrong, faults, self._source.keys)


@dataclass(frozen=True)
class _Source:
    """What a batch was made of."""

    layout: Layout
    lines: Lines
    keys: Sequence[pa.Array]


def accepted_schema(layout: Layout) -> pa.Schema:
    """What accepted rows are: the table's columns and the number of the row in its file."""
    return layout.schema.append(ROW)


class BatchReader:
    """Turns the rows of one file into batches.

    Args:
        columns: what each heading is (`match_columns`).
        latest: the day of the delivery: no row about a patient may be of a later day.
    """

    def __init__(
        self, layout: Layout, columns: Sequence[Column | str | None], latest: date | None
    ) -> None:
        self.layout = layout
        self.latest = latest
        self.schema = accepted_schema(layout)
        self.columns = columns
        self.readers = {
            column.name: ColumnReader(
                column,
                column.name in layout.identified_by,
                latest if layout.personal and column.name == layout.dated_by else None,
            )
            for column in columns
            if isinstance(column, Column)
        }

    def read(self, lines: Iterable[Lines]) -> Iterator[Batch]:
        """All rows, batch by batch.

        Raises:
            FileRefused: of `lines` and `ColumnReader`.
        """
        for each in lines:
            yield self._read(each)

    def _read(self, lines: Lines) -> Batch:
        rows = len(lines.numbers)
        read: dict[str, ColumnRead] = {}
        faults: list[tuple[Rows, str, pa.Array, pa.Array]] = []
        answers: dict[str, list[str]] = {}
        for column, cells in zip(self.columns, lines.columns, strict=True):
            if isinstance(column, Column):
                found = read[column.name] = self.readers[column.name].read(cells)
                if found.faults is not None:
                    each = found.faults
                    faults.append((each.rows, column.name, each.reasons, each.shown))
            elif column is None:
                faults += _below_nothing(cells)
            else:
                answers[column] = pc.utf8_trim_whitespace(cells).to_pylist()
        values = {name: found.values for name, found in read.items()}
        faults += [
            piece
            for each in contradictions(values)
            for piece in _alike(each.rows, each.column, each.reason, each.shown)
        ]
        wrong = np.zeros(rows, bool)
        for where, *_ in faults:
            wrong[where] = True
        right = pa.array(~wrong)
        accepted = pa.RecordBatch.from_arrays(
            [
                values[name.name].filter(right)
                if name.name in values
                else pa.nulls(int((~wrong).sum()), name.type)
                for name in self.layout.schema
            ]
            + [pa.array(lines.numbers[~wrong])],
            schema=self.schema,
        )
        keys = [values[name] for name in self.layout.identified_by]
        return Batch(
            accepted=accepted,
            rejected=_reject(lines, wrong, faults, keys),
            told=_count(
                (*(one.told for one in read.values()), notices(values, self.latest)), wrong
            ),
            answers=_answered(answers, lines.numbers) | self._damaged_answers(lines.damaged),
            _source=_Source(self.layout, lines, keys),
        )

    def _damaged_answers(self, damaged: Sequence[Damaged]) -> dict[int, tuple[str, int]]:
        """What lines without the right cells are for, as far as those cells are there."""
        places = [self.columns.index(name) for name in ANSWERS if name in self.columns]
        if len(places) < len(ANSWERS):
            return {}
        whole = [each for each in damaged if len(each.cells) > max(places)]
        columns = [[each.cells[place].strip() for each in whole] for place in places]
        answers = dict(zip(ANSWERS, columns, strict=True))
        return _answered(answers, np.array([each.row for each in whole], np.int64))


def _below_nothing(cells: pa.Array) -> list[tuple[Rows, str, pa.Array, pa.Array]]:
    """Below an empty heading nothing may stand."""
    where = np.flatnonzero(
        pc.not_equal(pc.utf8_trim_whitespace(cells), "").to_numpy(zero_copy_only=False)
    )
    return _alike(where, "", "wrong-cell-count") if len(where) else []


def _alike(
    where: Rows, column: str, reason: str, shown: pa.Array | None = None
) -> list[tuple[Rows, str, pa.Array, pa.Array]]:
    many = len(where)
    empty = pa.array([""] * many, pa.string())
    reasons = pa.array([reason] * many, pa.string())
    return [(where, column, reasons, empty if shown is None else shown)]


def _reject(
    lines: Lines,
    wrong: np.ndarray[Any, Any],
    faults: list[tuple[Rows, str, pa.Array, pa.Array]],
    keys: Sequence[pa.Array],
) -> pa.RecordBatch:
    """The rows that are wrong in order, each with its faults in the order of the columns."""
    bad = np.flatnonzero(wrong)
    if not len(bad):
        return _damaged_rows(lines.damaged)
    at = pa.array(bad)
    named = [values.take(at).cast(pa.string()) for values in keys]
    unnamed = np.logical_or.reduce([~_is_there(values) for values in named])
    where = np.concatenate([rows for rows, *_ in faults])
    order = pa.array(np.argsort(where, kind="stable"))
    names = pa.concat_arrays([pa.array([name] * len(rows)) for rows, name, *_ in faults])
    reasons = pa.concat_arrays([each for _, _, each, _ in faults])
    shown = pa.concat_arrays([each for *_, each in faults])
    flat = pa.StructArray.from_arrays(
        [names.take(order), reasons.take(order), shown.take(order)], fields=list(ERROR)
    )
    ends = np.searchsorted(np.sort(where), bad, side="right")
    made = pa.RecordBatch.from_arrays(
        [
            pa.array(lines.numbers[bad]),
            pc.if_else(pa.array(unnamed), None, _side_by_side(named)),
            _side_by_side([column.take(at) for column in lines.columns]),
            pa.ListArray.from_arrays(pa.array(np.concatenate([[0], ends]).astype(np.int32)), flat),
        ],
        schema=REJECTED,
    )
    if not lines.damaged:
        return made
    both = pa.Table.from_batches([made, _damaged_rows(lines.damaged)]).sort_by("row")
    return both.combine_chunks().to_batches()[0]


def _is_there(values: pa.Array) -> np.ndarray[Any, Any]:
    return values.is_valid().to_numpy(zero_copy_only=False)


def _side_by_side(columns: Sequence[pa.Array]) -> pa.Array:
    """One list for each row: its values in the order of the columns."""
    many, width = len(columns[0]), len(columns)
    by_row = (np.arange(width)[None, :] * many + np.arange(many)[:, None]).ravel()
    return pa.ListArray.from_arrays(
        pa.array(np.arange(many + 1, dtype=np.int32) * width),
        pa.concat_arrays(columns).take(pa.array(by_row)),
    ).cast(pa.list_(pa.string()))


def _damaged_rows(damaged: Sequence[Damaged]) -> pa.RecordBatch:
    rows = [
        {
            "row": each.row,
            "key": None,
            "cells": each.cells,
            "errors": [{"column": "", "reason": each.reason, "shown": ""}],
        }
        for each in damaged
    ]
    return pa.RecordBatch.from_pylist(rows, schema=REJECTED)


def _count(
    told: Iterable[Mapping[tuple[str, str], Rows]], wrong: np.ndarray[Any, Any]
) -> dict[tuple[str, str], int]:
    counts = {what: int((~wrong[rows]).sum()) for each in told for what, rows in each.items()}
    return {what: count for what, count in counts.items() if count}


def _answered(answers: Mapping[str, list[str]], numbers: Rows) -> dict[int, tuple[str, int]]:
    if len(answers) < len(ANSWERS):
        return {}
    found = {}
    pairs = zip(*(answers[name] for name in ANSWERS), strict=True)
    for number, (delivery, row) in zip(numbers.tolist(), pairs, strict=True):
        if delivery and row.isascii() and row.isdigit() and len(row) <= LONGEST_ROW:
            found[number] = (delivery, int(row))
    return found
