"""The tables that Varde takes of prescribing: their columns as published data, checked when loaded.

A file in ``layouts/`` is one table. The same file is the template of a CSV or Parquet file, the schema of the columns
that come of it, and its documentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import msgspec
import pyarrow as pa

from varde.prescribing.data_files import read_data

FOLDER = Path(__file__).parent / "layouts"

Holds = Literal[
    "text",
    "date",
    "month",
    "integer",
    "decimal",
    "yes-no",
    "code",
    "codes",
    "atc",
    "hpr",
    "organisation",
    "municipality",
    "pseudonym",
]
"""What the cells of a column are.

``month`` is written 2026-01 and kept as its first day. ``decimal`` has a fixed number of places, so that sums are the
same on every engine. ``codes`` are codes with one blank between them. ``hpr`` is a number of the register of health
personnel (one to nine digits), ``organisation`` nine digits with a check digit (modulus 11), ``pseudonym`` what the
source calls a person, never a national number.
"""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same in bokmål and English."""

    nb: str
    en: str


class Column(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One column.

    Attributes:
        name: its heading in a file, and its name as a column.
        holds: what its cells are.
        text: what to write in it.
        required: whether every cell must have something; the column itself may be left out when not.
        least, most: the bounds of a number, both allowed.
        places: decimals of a ``decimal``; what has more is refused, never rounded.
        longest: how many signs a text may have.
        pattern: a regular expression that a whole text, or each code of ``codes``, must match.
        codes: the closed list of a code.
    """

    name: str
    holds: Holds
    text: Words
    required: bool = True
    least: int | None = None
    most: int | None = None
    places: int = 0
    longest: int = 40
    pattern: str = ""
    codes: tuple[str, ...] = ()

    @property
    def arrow(self) -> pa.DataType:
        """The type that the column has once it is read."""
        match self.holds:
            case "date" | "month":
                return pa.date32()
            case "integer":
                return pa.int32()
            case "decimal":
                return pa.decimal128(12, self.places)
            case "yes-no":
                return pa.bool_()
            case _:
                return pa.string()

    @property
    def kept(self) -> pa.DataType:
        """The type that the tables keep it as: a pseudonym is a number there, for it is what large tables are joined
        by."""
        return pa.int64() if self.holds == "pseudonym" else self.arrow


class Layout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table.

    Attributes:
        key: its name ("dispensings").
        version: the day this layout was published.
        title, text: what a row is.
        identified_by: the columns that say which row of the source it is: a later delivery of the same row replaces
            the earlier one.
        dated_by: the column whose day says what period a row is of.
        personal: whether rows are about single patients.
        source: where it is from, and what was decided here.
        columns: in the order of a template.
    """

    key: str
    version: str
    title: Words
    text: Words
    identified_by: tuple[str, ...]
    dated_by: str
    personal: bool
    source: str
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

    @property
    def schema(self) -> pa.Schema:
        """The columns once they are read."""
        return pa.schema([self._field(column, column.arrow) for column in self.columns])

    @property
    def kept(self) -> pa.Schema:
        """The columns as the tables keep them."""
        return pa.schema([self._field(column, column.kept) for column in self.columns])

    @staticmethod
    def _field(column: Column, type_: pa.DataType) -> pa.Field:
        return pa.field(column.name, type_, nullable=not column.required)


@cache
def layouts() -> Mapping[str, Layout]:
    """All tables by key.

    Raises:
        CodeFileError: a file is not what it should be.
    """
    return MappingProxyType(
        {found.key: found for found in map(_read, sorted(FOLDER.glob("*.toml")))}
    )


def _read(path: Path) -> Layout:
    return read_data(path, Layout, lambda layout: _check(layout, path.stem))


def _check(layout: Layout, name: str) -> list[str]:
    names = [column.name for column in layout.columns]
    problems = []
    if layout.key != name:
        problems.append(f"the key {layout.key} is not the file's name")
    if len(set(names)) != len(names):
        problems.append("two columns have the same name")
    for named in (*layout.identified_by, layout.dated_by):
        if named not in names:
            problems.append(f"there is no column {named}")
    for column in layout.columns:
        if (column.holds == "code") != bool(column.codes):
            problems.append(f"{column.name}: a code has a list of codes, and nothing else does")
        if column.pattern:
            re.compile(column.pattern)
    return problems
