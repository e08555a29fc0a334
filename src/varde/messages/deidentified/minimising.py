"""From what a laboratory sent to what is kept of it.

Every cell is read as its column says, and what is kept is made from what was read: nothing passes by
itself. A cell that cannot be read refuses its row, and the row says where, not what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any

from varde.messages.deidentified.headings import Headings, open_submission
from varde.messages.deidentified.identity import CELLS, holds_identity, may_name
from varde.messages.deidentified.kept import (
    Column,
    File,
    Keyed,
    Refused,
    Row,
    hash_keyed,
    is_sealed,
    write_kept,
)
from varde.messages.deidentified.published import Keep, Measure, Register, Rule, keeping, rules
from varde.messages.deidentified.vocabulary import (
    find_category,
    find_material,
    find_mic,
    find_mutations,
    find_organism,
    find_place,
    find_zone,
)
from varde.messages.errors import InvalidContent, MessageError, UnreadableMessage
from varde.messages.rows import Rows
from varde.messages.tables.reading import is_blank
from varde.messages.tables.rows import Row as ParsedRow
from varde.messages.tables.rows import RowParser
from varde.messages.times import NO_LIMIT, collection_fault, midnight, norwegian_day

MEMORY = 20_000
"""How many different cells of a column are remembered."""


def minimise(register: Register, data: bytes, keyed: Keyed) -> bytes:
    """The bytes that are kept of a submission; `read_minimised` reads them.

    The same bytes under the same key give the same, and what is kept already is given back as it is.
    Nothing in them leads to a person or to the laboratory's own records: see ``data/kept.json``. A row
    that cannot be used, or in which something looks like an identity number, is kept as reason, line
    and column; a file that cannot be used, or has a column that is not published, as reason, place
    and a keyed hash of the file.

    Args:
        register: which the submission is for.
        data: the CSV as it was sent.
        keyed: a keyed hash, the register's own.

    Raises:
        ValueError: `keyed` is no keyed hash. Nothing is raised for bad data.
    """
    if is_sealed(register, data, keyed):
        return data
    try:
        headings, rows = open_submission(register, data)
        minimiser = RowMinimiser(register, headings, keyed)
        kept = list(_minimise_rows(minimiser, rows))
        if not kept:
            raise UnreadableMessage("empty-list", f"line {headings.layout.line}")
    except MessageError as error:
        original = hash_keyed(keyed, "file", register, sha256(data).hexdigest())
        file = File(register=register, refused=error.reason, place=error.place, original=original)
        return write_kept(file, (), keyed)
    results = tuple(Column(drug.name, drug.holds or "sir") for drug in headings.drugs)
    return write_kept(File(register=register, results=results), kept, keyed)


def _minimise_rows(minimiser: RowMinimiser, rows: Rows) -> Iterator[Row | Refused]:
    for cells in rows.read(minimiser.parser.width):
        if isinstance(cells, MessageError):
            yield Refused(line=rows.line, reason=cells.reason)
        elif not is_blank(cells):
            yield minimiser.minimise(cells, rows.line)


class RowMinimiser:
    """Makes what is kept of the rows of one file."""

    def __init__(self, register: Register, headings: Headings, keyed: Keyed) -> None:
        self.register = register
        self.keyed = keyed
        self.headings = headings.layout.header
        self.harmless = {""}
        self.rules = rules(register)
        self.hashed = next(rule for rule in self.rules.values() if rule.keep == "hash")
        self.parser = RowParser(headings.layout, headings.columns, NO_LIMIT)
        self.words: dict[str, _Memory] = {
            "material": _Memory(find_material),
            "organism": _Memory(partial(find_organism, register)),
            "place": _Memory(find_place),
            "mutations": _Memory(find_mutations),
        }
        self.results = [
            (column.name, _Memory(_FINDERS[drug.holds]))
            for column, drug in zip(headings.results, headings.drugs, strict=True)
        ]

    def minimise(self, cells: Sequence[str], line: int) -> Row | Refused:
        """What is kept of one row."""
        identity = self._find_identity(cells)
        if identity is not None:
            return self._refuse(cells, line, "unexpected-identity", identity)
        try:
            return self._keep(self.parser.parse(cells, line))
        except InvalidContent as error:
            column = error.place.partition(", column ")[2]
            return self._refuse(cells, line, error.reason, column)

    def _find_identity(self, cells: Sequence[str]) -> str | None:
        """The heading above what looks like an identity number; None when nothing does."""
        new = [cell for cell in cells if cell not in self.harmless]
        # A sign that parts cells parts nothing within one.
        if not holds_identity(CELLS.join([cell.replace(CELLS, " ") for cell in new])):
            if len(self.harmless) < MEMORY:
                self.harmless.update(new)
            return None
        number = next(
            index for index, cell in enumerate(cells) if holds_identity(cell.replace(CELLS, " "))
        )
        return self.headings[number] if len(cells) == self.parser.width else ""

    def _keep(self, row: ParsedRow) -> Row:
        self._check_dates(row)
        if may_name(row[self.hashed.column]):
            raise row.fault("bad-value", self.hashed.column)
        kept = {
            _FIELDS.get(name, name): value
            for name, rule in self.rules.items()
            if (value := _KEEPERS[rule.keep](self, row, rule)) not in (None, "")
        }
        return Row(line=row.line, results=self._results(row), **kept)

    def _check_dates(self, row: ParsedRow) -> None:
        """While the days are known: what is kept of them cannot tell any more."""
        sampled: date = row["sampled"]
        fault = collection_fault(_start_of(sampled), row["generated"], NO_LIMIT)
        if fault is not None:
            raise row.fault(fault[0], "sampled")
        if self.register in keeping().in_year and sampled.year != row["year"]:
            raise row.fault("contradictory-values", "year")

    def _results(self, row: ParsedRow) -> tuple[str, ...]:
        results = [memory[row[name]] for name, memory in self.results]
        if None in results:
            raise row.fault("bad-susceptibility", self.results[results.index(None)][0])
        return tuple(results)

    def word(self, row: ParsedRow, rule: Rule) -> Any:
        """What is kept of a cell that holds words of a list."""
        cell: str = row[rule.column]
        found = self.words[rule.keep][cell]
        if found is None:
            raise row.fault("unknown-term", rule.column)
        return found

    def hash_of(self, number: str, within: Sequence[str]) -> str:
        """The keyed hash of a number, among those of the columns it belongs to."""
        return hash_keyed(self.keyed, "isolate", self.register, *within, number)

    def _refuse(self, cells: Sequence[str], line: int, reason: str, column: str) -> Refused:
        sender = isolate = ""
        if len(cells) == self.parser.width:
            sender = self.parser.peek(cells, "sender")
            number = self.parser.peek(cells, self.hashed.column)
            within = [self.parser.peek(cells, n) for n in self.hashed.within[self.register]]
            if number and all(within) and not (holds_identity(number) or may_name(number)):
                isolate = self.hash_of(number, within)
        return Refused(line=line, reason=reason, column=column, sender=sender, isolate=isolate)


@lru_cache(maxsize=4096)
def _start_of(day: date) -> datetime:
    return midnight(day)


class _Memory(dict[str, Any]):
    """Cells as read → what is kept of them, None for those that are not known; blank is blank."""

    def __init__(self, find: Callable[[str], Any]) -> None:
        super().__init__({"": ""})
        self.find = find

    def __missing__(self, cell: str) -> Any:
        found = self.find(cell)
        if len(self) < MEMORY:
            self[cell] = found
        return found


def _keep_as_read(minimiser: RowMinimiser, row: ParsedRow, rule: Rule) -> Any:
    return row[rule.column]


def _keep_hash(minimiser: RowMinimiser, row: ParsedRow, rule: Rule) -> str:
    within = [str(row[name]) for name in rule.within[minimiser.register]]
    return minimiser.hash_of(row[rule.column], within)


def _keep_day(minimiser: RowMinimiser, row: ParsedRow, rule: Rule) -> str:
    value: date | datetime = row[rule.column]
    return (norwegian_day(value) if isinstance(value, datetime) else value).isoformat()


def _keep_month(minimiser: RowMinimiser, row: ParsedRow, rule: Rule) -> str:
    return _keep_day(minimiser, row, rule)[:7]


def _keep_age(minimiser: RowMinimiser, row: ParsedRow, rule: Rule) -> int | None:
    written: str = row[rule.column]
    return min(int(written.rstrip("+")), rule.oldest or 0) if written else None


_FIELDS = {"report_id": "isolate"}
"""Columns that are called something else in what is kept of them."""

_FINDERS: dict[Measure | None, Callable[[str], str | None]] = {
    None: find_category,
    "mic": find_mic,
    "zone": find_zone,
}

_KEEPERS: dict[Keep, Callable[[RowMinimiser, ParsedRow, Rule], Any]] = {
    "as-read": _keep_as_read,
    "hash": _keep_hash,
    "day": _keep_day,
    "month": _keep_month,
    "age": _keep_age,
    "material": RowMinimiser.word,
    "organism": RowMinimiser.word,
    "place": RowMinimiser.word,
    "mutations": RowMinimiser.word,
}
