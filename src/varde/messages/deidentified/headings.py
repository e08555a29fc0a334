"""The heading row of a submission: which column is what, and which drugs were tested.

Nothing that a heading says is shown when it is refused: it might be a name.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast, get_args

import msgspec

from varde.messages.deidentified.published import Register, published
from varde.messages.deidentified.vocabulary import Drug, find_drug
from varde.messages.errors import UnreadableMessage
from varde.messages.file_kinds import find_kind
from varde.messages.rows import Row, Rows
from varde.messages.tables.definition import Column, Table, Words, plain
from varde.messages.tables.layout import (
    DELIMITERS,
    HEADING_BYTES,
    MAX_BYTES,
    Layout,
    check_encoding,
    find_table,
    open_rows,
)

RESULT = "result "
"""Begins the name of a drug's column; a name of a published column holds no blank."""

LONGEST_RESULT = 60


class Headings(NamedTuple):
    """What the columns of one file are.

    Attributes:
        layout: how the file is written; its table has the drugs' columns too, and its header is in
            the words that are published.
        columns: the column of every heading; None where the heading is empty.
        results: the columns of results, in order.
        drugs: the drug of each of them.
    """

    layout: Layout
    columns: tuple[Column | None, ...]
    results: tuple[Column, ...]
    drugs: tuple[Drug, ...]


def open_submission(register: Register, data: bytes) -> tuple[Headings, Rows]:
    """What the columns are, and the rows below the headings.

    Raises:
        UnreadableMessage: ``empty``, ``too-large``, ``spreadsheet-file`` and other files of `find_kind`,
            ``wrong-encoding``, ``unknown-format`` (nothing at the beginning is a heading of the table) or ``wrong-columns`` (a heading that is not
            published, or stands twice, or is required and not there).
    """
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnreadableMessage("empty")
    if len(data) > MAX_BYTES:
        raise UnreadableMessage("too-large", detail=f"{len(data) / 1e6:.0f} MB")
    if (foreign := find_kind(data)) is not None:
        raise UnreadableMessage(foreign.reason, "line 1")
    table = published(register)
    encoding = check_encoding(data, _guess(data))
    header, delimiter, line = _find_header(data, encoding, table)
    headings = _understand(
        register, header, Layout(table, encoding, delimiter, line, tuple(header))
    )
    rows = open_rows(data, headings.layout)
    if _strip(rows.read_heading()) != header:
        raise UnreadableMessage("wrong-columns", f"line {line}", f"> {HEADING_BYTES} B")
    return headings, rows


def find_register(data: bytes) -> Register | None:
    """The de-identified register whose headings these are, so that the file is never taken for another's.
    Columns that must not be there, and one that is missing, make no difference: the file is refused where
    it belongs."""
    if data[:1] in (b"<", b"{", b"[") or find_table(data) is not None:
        return None
    for register in get_args(Register):
        table = published(register)
        try:
            header, _, _ = _find_header(data, check_encoding(data, _guess(data)), table)
        except UnreadableMessage:
            continue
        heads = {plain(name) for name in header}
        required = [column for column in table.columns if column.required]
        found = [c for c in required if heads & {plain(n) for n in (c.heading, *c.aliases)}]
        organism = any(column.name == "organism" for column in found)
        if organism and len(found) >= len(required) - 1:
            return cast(Register, register)
    return None


def _guess(data: bytes) -> str:
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8"


def _find_header(data: bytes, encoding: str, table: Table) -> tuple[Row, str, int]:
    """The headings, the delimiter under which most of them are published, and their line."""
    beginning = data[:HEADING_BYTES].decode(encoding, "replace")
    known = {plain(name) for column in table.columns for name in (column.heading, *column.aliases)}
    best: tuple[int, Row, str, int] = (0, [], "", 1)
    for delimiter in DELIMITERS:
        rows = Rows(iter(io.StringIO(beginning, newline="")), delimiter)
        header = _strip(rows.read_heading())
        count = sum(plain(name) in known for name in header)
        if count > best[0]:
            best = (count, header, delimiter, rows.line)
    if not best[0]:
        raise UnreadableMessage("unknown-format", "line 1")
    return best[1:]


def _strip(row: Row) -> Row:
    return [name.strip() for name in row]


def _understand(register: Register, header: Sequence[str], layout: Layout) -> Headings:
    columns = tuple(_columns(register, header, layout))
    found = {column.name for column in columns if column is not None}
    for column in layout.table.columns:
        if column.required and column.name not in found:
            raise UnreadableMessage("wrong-columns", f"line {layout.line}, column {column.heading}")
    results = tuple(column for column in columns if column and column.name.startswith(RESULT))
    table = msgspec.structs.replace(layout.table, columns=(*layout.table.columns, *results))
    shown = tuple("" if column is None else column.heading for column in columns)
    drugs = tuple(_drugs(register, [column.heading for column in results]))
    return Headings(layout._replace(table=table, header=shown), columns, results, drugs)


def _drugs(register: Register, headings: Sequence[str]) -> Iterator[Drug]:
    """The drugs of these headings, each by the first of the names it has in the file."""
    names: dict[str, str] = {}
    for heading in headings:
        drug = find_drug(register, heading)
        if drug is not None:
            yield drug._replace(name=names.setdefault(drug.code, drug.name))


def _columns(register: Register, header: Sequence[str], layout: Layout) -> Iterator[Column | None]:
    """The column of every heading, each at most once."""
    known = {
        plain(name): column
        for column in layout.table.columns
        for name in (column.heading, *column.aliases)
    }
    seen: set[str] = set()
    for number, name in enumerate(header, 1):
        if not name:
            yield None
            continue
        column = known.get(plain(name)) or _result_column(register, name)
        if column is None or column.name in seen:
            raise UnreadableMessage("wrong-columns", f"line {layout.line}, column {number}")
        seen.add(column.name)
        yield column


def _result_column(register: Register, name: str) -> Column | None:
    drug = find_drug(register, name)
    if drug is None:
        return None
    heading = f"{drug.name}_{drug.holds.upper()}" if drug.holds else drug.name
    return Column(
        name=f"{RESULT}{drug.code} {drug.holds or 'sir'}",
        heading=heading,
        longest=LONGEST_RESULT,
        long_numbers=True,
        text=Words(nb="", en=""),
    )
