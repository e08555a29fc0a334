"""The rows of a CSV file, such that a damaged row takes no other row with it.

An unclosed quotation mark makes all lines after it one cell. A row over several lines is therefore
believed only when it is whole by the grammar of RFC 4180 and has as many cells as the heading;
otherwise its first line alone is the damaged row, and the lines after it are read as rows again.
What follows a line break inside such a cell is no row either: it holds an odd quotation mark.
Every well-formed row holds an even number of quotation marks, so one mark too many can never swallow
well-formed rows of one line each: with them, the number stays odd.

Time is linear: a row spans at most `MAX_SPAN` lines, so no line is read more often than that.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator

from varde.messages.errors import InvalidContent, MessageError

MAX_SPAN = 50
"""More lines than this are not one row: notes in a cell are shorter."""

MAX_CELL = csv.field_size_limit()
LEADING = 10_000
Row = list[str]


class Lines:
    """Physical lines that can be given back.

    Attributes:
        taken: the lines of the row that is being read.
        before: how many lines stand before them.
    """

    def __init__(self, source: Iterator[str]) -> None:
        self.source = source
        self.returned: deque[str] = deque()
        self.taken: Row = []
        self.before = 0

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) == MAX_SPAN:
            raise StopIteration
        line = self.returned.popleft() if self.returned else next(self.source)
        self.taken.append(line)
        return line

    def start_row(self) -> None:
        """Leave the lines of the last row behind."""
        self.before += len(self.taken)
        self.taken.clear()

    def give_back(self) -> None:
        """Keep the first line alone: the others will be read again."""
        self.returned.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


class Rows:
    """Rows with the number of their first line; a damaged row is a `MessageError`.

    Args:
        source: the physical lines, with their line ends.
        delimiter: the sign between cells.
    """

    def __init__(self, source: Iterator[str], delimiter: str) -> None:
        self.lines = Lines(source)
        self.parser = csv.reader(self.lines, delimiter=delimiter, strict=True)
        sign = re.escape(delimiter)
        cell = rf'(?:"[^"]*+(?:""[^"]*+)*+"|[^"{sign}\r\n]*+)'
        self.whole = re.compile(rf"{cell}(?:{sign}{cell})*+(?:\r\n|\r|\n)?")
        self.leading = re.compile(rf"({cell}){sign}")

    @property
    def line(self) -> int:
        """The number of the first line of the row that was read last."""
        return self.lines.before + 1

    def read_heading(self) -> Row:
        """The first row that is not blank; empty when it is damaged or there is none."""
        for row in self._split():
            if isinstance(row, MessageError) or "\0" in "".join(row):
                break
            if row:
                return row if self._is_whole() else []
        return []

    def read(self, width: int) -> Iterator[Row | MessageError]:
        """The rows after the heading, blank lines left out; `line` says where each one is.

        Args:
            width: how many cells the heading has.
        """
        lines = self.lines
        for row in self._split():
            if isinstance(row, MessageError):
                yield row
            elif row:
                first = lines.taken[0]
                odd = '"' in first or "\0" in first
                fault = self._find_fault(len(row) == width) if odd else None
                yield fault or row

    def first_cells(self) -> Row:
        """The cells of the damaged row that stand whole before the damage."""
        start = self.lines.taken[0][:LEADING]
        cells: Row = []
        at = 0
        while (match := self.leading.match(start, at)) is not None:
            cell: str = match.group(1)
            cells.append(cell[1:-1].replace('""', '"') if cell[:1] == '"' else cell)
            at = match.end()
        return cells

    def _split(self) -> Iterator[Row | MessageError]:
        while True:
            self.lines.start_row()
            try:
                row = next(self.parser)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._refuse("limit" in str(error))
                continue
            yield row

    def _find_fault(self, fits: bool) -> MessageError | None:
        """What is wrong with a row that holds a quotation mark or a NUL."""
        if not self._is_whole() or (len(self.lines.taken) > 1 and not fits):
            return self._refuse()
        if any("\0" in line for line in self.lines.taken):
            return InvalidContent("bad-value", f"line {self.line}", "NUL")
        return None

    def _refuse(self, limit: bool = False) -> MessageError:
        self.lines.give_back()
        if limit and len(self.lines.taken[0]) > MAX_CELL:
            return InvalidContent("too-large", f"line {self.line}", f"> {MAX_CELL // 1024} kB")
        return InvalidContent("malformed-list", f"line {self.line}")

    def _is_whole(self) -> bool:
        return self.whole.fullmatch("".join(self.lines.taken)) is not None
