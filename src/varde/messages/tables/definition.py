"""A table whose columns Varde publishes: read from a JSON file, checked, never an `if`.

A file in ``data/`` is one table. Its columns come after those of the envelope (``envelope.json``),
which every table has: who sends, under which number, and which version it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import msgspec

from varde.codes import CodeFileError

DATA = Path(__file__).parent / "data"
ENVELOPE = "envelope.json"

Holds = Literal[
    "text",
    "date",
    "moment",
    "integer",
    "decimal",
    "yes-no",
    "code",
    "municipality",
    "person",
    "atc",
    "sender",
]
"""What the cells of a column are. Read as: str, date, aware datetime, int, Decimal, bool, str (the
code), str (four digits), `PersonId`, str (seven signs), str. A blank cell is None; in the columns
that are read as str it is the empty text."""

TableKind = Literal["vaccination", "prevalence", "surgery", "ravn", "norm"]

_SIGNS = re.compile(r"[\W_]+")


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same in bokmål and English."""

    nb: str
    en: str


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One code of a closed list.

    Attributes:
        code: what the row is read as.
        text: what it means.
        aliases: other ways to write it, in any case.
    """

    code: str
    text: Words
    aliases: tuple[str, ...] = ()


class Column(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One column.

    Attributes:
        name: what readers call it; one of its table.
        heading: its heading in the template.
        aliases: other headings it is known by. Case, blanks and signs make no difference.
        holds: what its cells are.
        required: whether the column must be there, with something in every cell.
        least, most: the bounds of a number, both allowed.
        earliest: the first day that a date may be; 1970 when not given.
        longest: how many signs a text may have.
        pattern: a regular expression that the whole text must match.
        long_numbers: whether a text may hold eleven digits or more that are no valid identity number
            (the number of a batch, say). Without it none pass: they may be a mistyped one.
        duf: whether a person may be known by the number of an asylum seeker. It has twelve digits and
            none to check it by, so an identity number with a digit too many could pass for one.
        codes: the closed list of a code.
        about: what a reader needs to know of the column, such as the infection it counts.
        text: what to write in it.
        source: where heading and content are from, when not from the table's source.
    """

    name: str
    heading: str
    aliases: tuple[str, ...] = ()
    holds: Holds = "text"
    required: bool = False
    least: int | None = None
    most: int | None = None
    earliest: date | None = None
    longest: int = 200
    pattern: str = ""
    long_numbers: bool = False
    duf: bool = False
    codes: tuple[Choice, ...] = ()
    about: dict[str, str] = {}
    text: Words
    source: str = ""


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table.

    Attributes:
        key: its name in addresses and in the registry of readers.
        version: the day it was last changed.
        kind: what its rows state.
        title, text: its name, and what one row is.
        source: where the columns are from, and what was decided here.
        marks: columns by whose headings it is recognised; no other table has all of them.
        dated_by: the date column that says when a row without a time of its own was made.
        prefix: stands before the sender's numbers, where two tables of one kind may use the same.
        columns: in the order of the template, the envelope first.
    """

    key: str
    version: date
    kind: TableKind
    title: Words
    text: Words
    source: str
    marks: tuple[str, ...]
    dated_by: str
    prefix: str = ""
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: there is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@cache
def tables() -> Mapping[str, Table]:
    """Key → table, of every file in ``data/``.

    Raises:
        CodeFileError: a file breaks a rule.
    """
    envelope = read_envelope(DATA / ENVELOPE)
    paths = sorted(path for path in DATA.glob("*.json") if path.name != ENVELOPE)
    return check_tables({path: read_table_file(path, envelope) for path in paths})


def read_envelope(path: Path) -> tuple[Column, ...]:
    """The columns that every table begins with.

    Raises:
        CodeFileError: the file breaks a rule.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Column, ...])
    except msgspec.ValidationError as error:
        raise CodeFileError(path, 0, str(error)) from None


def read_table_file(path: Path, envelope: tuple[Column, ...]) -> Table:
    """One table, with the envelope before its columns.

    Raises:
        CodeFileError: the file breaks a rule.
    """
    try:
        own = msgspec.json.decode(path.read_bytes(), type=Table)
    except msgspec.DecodeError as error:
        raise CodeFileError(path, 0, str(error)) from None
    table = msgspec.structs.replace(own, columns=(*envelope, *own.columns))
    for rule in _broken_rules(table, path.stem):
        raise CodeFileError(path, 0, rule)
    return table


def check_tables(found: Mapping[Path, Table]) -> Mapping[str, Table]:
    """Key → table, when no heading row can be two tables.

    Raises:
        CodeFileError: a table has all columns that another is recognised by.
    """
    headings = {path: _headings(table) for path, table in found.items()}
    for path, table in found.items():
        for other, known in headings.items():
            marks = [table.column(name) for name in table.marks]
            if other != path and all(known & _names(mark) for mark in marks):
                raise CodeFileError(path, 0, f"{other.stem} has its marks too")
    return MappingProxyType({table.key: table for table in found.values()})


def plain(heading: str) -> str:
    """A heading without case, blanks and signs: how headings are compared."""
    return _SIGNS.sub("", heading).casefold()


def _names(column: Column) -> set[str]:
    return {plain(column.heading), *(plain(alias) for alias in column.aliases)}


def _headings(table: Table) -> set[str]:
    return set().union(*(_names(column) for column in table.columns))


def _broken_rules(table: Table, stem: str) -> list[str]:
    """Every rule of this page that a table breaks, in words."""
    names = [column.name for column in table.columns]
    headings = [name for column in table.columns for name in _names(column)]
    rules = []
    if table.key != stem:
        rules.append(f"the key must be the file's name: {table.key!r}")
    rules += [f"{name!r} stands twice" for name in names if names.count(name) > 1]
    rules += [f"{name!r} heads two columns" for name in headings if headings.count(name) > 1]
    rules += [f"no column {mark!r} in marks" for mark in table.marks if mark not in names]
    if not table.marks:
        rules.append("without marks it cannot be recognised")
    dates = {column.name for column in table.columns if column.holds == "date" and column.required}
    if table.dated_by not in dates:
        rules.append(f"dated_by must be a required date: {table.dated_by!r}")
    for column in table.columns:
        rules += _broken_by(column)
    return rules


def _broken_by(column: Column) -> list[str]:
    written = [
        plain_code(word) for choice in column.codes for word in (choice.code, *choice.aliases)
    ]
    rules = [f"{column.name}: {word!r} is two codes" for word in written if written.count(word) > 1]
    if (column.holds == "code") != bool(column.codes):
        rules.append(f"{column.name}: a code needs codes, and nothing else has them")
    numeric = column.holds in ("integer", "decimal")
    if numeric != (column.least is not None and column.most is not None):
        rules.append(f"{column.name}: a number needs least and most, and nothing else has them")
    if column.duf and column.holds != "person":
        rules.append(f"{column.name}: only a person has a number")
    if column.earliest is not None and column.holds != "date":
        rules.append(f"{column.name}: only a date has an earliest day")
    if column.pattern:
        try:
            re.compile(column.pattern)
        except re.error as error:
            rules.append(f"{column.name}: {error}")
    if not plain(column.heading) or column.heading != column.heading.strip():
        rules.append(f"{column.name}: the heading needs a letter, and no blanks at its edge")
    return rules


def plain_code(word: str) -> str:
    """A code as it is compared: without case, blanks within made one."""
    return " ".join(word.split()).casefold()
