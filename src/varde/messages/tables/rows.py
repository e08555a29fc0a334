"""One row of a table with typed cells, and what every row says about itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from operator import getitem
from typing import Any, TypedDict

import msgspec

from varde.messages.errors import InvalidContent
from varde.messages.identifiers import NO_IDENTITY, identify
from varde.messages.records import Patient, PersonId, ServiceType, Sex
from varde.messages.tables.cells import READ_AS_TEXT, Parse, parser_of
from varde.messages.tables.definition import Column, Table
from varde.messages.tables.layout import Layout
from varde.messages.times import midnight

MEMORY = 4096
"""How many different cells of one column are remembered: most columns repeat few."""

_start_of = lru_cache(maxsize=4096)(midnight)


class Envelope(TypedDict):
    """What every statement has: the fields of `Statement` that do not depend on the table."""

    sender: str
    sender_name: str
    message_id: str
    report_id: str
    service_type: ServiceType
    generated: datetime


class Row(dict[str, Any]):
    """A row whose cells are what their columns hold.

    ``row["present"]`` is the cell of the column of that name: see `Holds` for its type. A blank
    cell is None, or the empty text; so is a column that the file does not have. A required column
    is never blank.

    Attributes:
        line: the number of its first line in the file.
        file: what the rows of one file have in common.
    """

    __slots__ = ("file", "line")

    line: int
    file: RowParser

    def __missing__(self, name: str) -> Any:
        return self.file.blanks[name]

    @property
    def table(self) -> Table:
        """What the columns are."""
        return self.file.table

    def envelope(self) -> Envelope:
        """Who sent the row, under which number, and which version it is.

        Without a time a row was made on the day that its table says (`Table.dated_by`), and its id is
        its number: two different rows of one number then contradict each other, whatever order they
        come in. With a time the id is number and time, unless the sender gives one.

        Raises:
            InvalidContent: ``missing-generated``: a change or cancellation without a time.
        """
        table = self.file.table
        number = table.prefix + self["report_id"]
        made: datetime | None = self["generated"]
        service_type: ServiceType = self["service_type"] or "N"
        if made is None:
            if service_type != "N":
                raise self.fault("missing-generated", "generated")
            generated, message_id = _start_of(self[table.dated_by]), number
        else:
            given = self["message_id"]
            generated = made
            message_id = table.prefix + given if given else f"{number}@{made.isoformat()}"
        return Envelope(
            sender=self["sender"],
            sender_name=self["sender_name"],
            message_id=message_id,
            report_id=number,
            service_type=service_type,
            generated=generated,
        )

    def patient(
        self,
        number: str = "patient",
        sex: str = "sex",
        born: str = "born",
        age: str = "age",
        municipality: str = "municipality",
    ) -> Patient:
        """The person a row is about, from the columns of these names that the table has.

        What the number says of birth and sex is added where the row does not.

        Raises:
            InvalidContent: ``contradictory-birth-date`` or ``contradictory-sex``.
        """
        person: PersonId | None = self.get(number)
        said_born: date | None = self.get(born)
        said_sex: Sex = self.get(sex) or ""
        known = NO_IDENTITY
        if person is not None:
            known = identify(person.kind, person.value)
            if person.kind == "HNR":  # issued by one hospital, so not the same person elsewhere
                person = msgspec.structs.replace(person, issuer=self["sender"])
        if known.contradicts(said_born):
            raise self.fault("contradictory-birth-date", born)
        if said_sex and known.sex and said_sex != known.sex:
            raise self.fault("contradictory-sex", sex)
        return Patient(
            identifier=person,
            sex=said_sex or known.sex,
            birth_date=said_born or known.birth_date,
            age=self.get(age),
            municipality=self.get(municipality) or "",
        )

    def fault(self, reason: str, name: str, detail: str = "") -> InvalidContent:
        """An error at the cell of a column, for the reader to raise."""
        return InvalidContent(reason, self.file.place(self.line, name), detail)


class RowParser:
    """Turns the rows of one file into `Row`s, with everything about its columns worked out beforehand.

    Args:
        layout: how the file is written.
        columns: the column of every heading; None where a heading is empty.
        latest: nothing in the file may be dated later.

    Attributes:
        blanks: what a blank cell of each column is.
        headings: how the sender heads each column.
    """

    def __init__(self, layout: Layout, columns: Sequence[Column | None], latest: datetime) -> None:
        self.table = layout.table
        self.width = len(columns)
        # Below an empty heading nothing may stand; the name is none of a column.
        self.names = ["" if column is None else column.name for column in columns]
        self.memories = [_Memory(column, latest) for column in columns]
        self.blanks = {c.name: "" if c.holds in READ_AS_TEXT else None for c in self.table.columns}
        self.headings = {column.name: column.heading for column in self.table.columns}
        self.headings.update(zip(self.names, layout.header, strict=True))

    def parse(self, cells: Sequence[str], line: int) -> Row:
        """One row.

        Raises:
            InvalidContent: the place is the line and the column.
        """
        if len(cells) != self.width:
            raise InvalidContent("wrong-cell-count", f"line {line}", f"{len(cells)} ≠ {self.width}")
        try:
            row = Row(zip(self.names, map(getitem, self.memories, cells), strict=True))
        except InvalidContent:
            raise self._first_fault(cells, line) from None
        row.line, row.file = line, self
        return row

    def peek(self, cells: Sequence[str], name: str) -> str:
        """The cell of a column in a row that failed; empty when it is missing or no good."""
        index = self.names.index(name) if name in self.names else len(cells)
        if index >= len(cells):
            return ""
        try:
            return str(self.memories[index][cells[index]] or "")
        except InvalidContent:
            return ""

    def place(self, line: int, name: str) -> str:
        """Line and column of a cell, the column as the sender calls it."""
        return f"line {line}, column {self.headings[name]}" if name else f"line {line}"

    def _first_fault(self, cells: Sequence[str], line: int) -> InvalidContent:
        for name, memory, cell in zip(self.names, self.memories, cells, strict=True):
            try:
                memory[cell]
            except InvalidContent as error:
                return InvalidContent(error.reason, self.place(line, name), error.detail)
        raise AssertionError("a cell that was refused is refused again")


class _Memory(dict[str, Any]):
    """Cells of one column as written → as read. A cell is read once, however often it comes."""

    def __init__(self, column: Column | None, latest: datetime) -> None:
        super().__init__()
        self.column = column
        self.parse: Parse = _refuse if column is None else parser_of(column, latest)
        self.required = column is not None and column.required
        self.blank = "" if column is not None and column.holds in READ_AS_TEXT else None

    def __missing__(self, cell: str) -> Any:
        stripped = cell.strip()
        if stripped:
            value = self.parse(stripped)
        elif self.required:
            raise InvalidContent("missing-value")
        else:
            value = self.blank
        if len(self) < MEMORY:
            self[cell] = value
        return value


def _refuse(cell: str) -> Any:
    """A cell below no heading: more cells than the heading row has."""
    raise InvalidContent("wrong-cell-count", detail=cell[:20])
