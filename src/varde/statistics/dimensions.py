"""What tables are broken down by, the same words for every register; what is not known stays null, and is counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from varde.statistics.errors import InvalidQuestion

if TYPE_CHECKING:
    import ibis

    from varde.warehouse import Tables

AGE_GROUPS: Final = (
    (0, "0-4"),
    (5, "5-14"),
    (15, "15-19"),
    (20, "20-29"),
    (30, "30-39"),
    (40, "40-49"),
    (50, "50-59"),
    (60, "60-69"),
    (70, "70-79"),
    (80, "80+"),
)
"""Lowest age and name of each group: unions of the bands in which inhabitants are known (`varde.codes.population`)."""

Where = Mapping[str, Any]
"""Column → the one value, or the values, that count; what is None does not restrict."""


def age_group(age: ibis.Value) -> ibis.Value:
    """The group of an age in whole years; null when unknown."""
    import ibis

    limits = zip(AGE_GROUPS[1:], AGE_GROUPS, strict=False)
    branches = [(age < limit, name) for (limit, _), (_, name) in limits]
    return ibis.cases((age.isnull(), None), *branches, else_=AGE_GROUPS[-1][1])


def group_of(age: int) -> str:
    """The same for one age."""
    return next(name for low, name in reversed(AGE_GROUPS) if age >= low)


def known(column: ibis.Value) -> ibis.Value:
    """Text, null in place of empty: both mean that nobody says."""
    return column.nullif("")


def check(by: Sequence[str], there: Collection[str], needed: str = "") -> None:
    """Refuse columns that a table does not have.

    Raises:
        InvalidQuestion: one is unknown or comes twice, or the one that is needed is not there.
    """
    if isinstance(by, str) or len(set(by)) < len(by) or not set(by) <= set(there):
        raise InvalidQuestion(
            f"cannot break down by {by!r}: give columns, each once, of {', '.join(there)}"
        )
    if needed and needed not in by:
        raise InvalidQuestion(f"cannot break down by {by!r}: {needed!r} must be among the columns")


def choose(table: ibis.Table, where: Where, there: Collection[str]) -> ibis.Table:
    """The rows that a question is about.

    Raises:
        InvalidQuestion: a column that cannot be chosen by.
    """
    for column, wanted in where.items():
        if column not in there:
            raise InvalidQuestion(f"cannot choose by {column!r}: use {', '.join(there)}")
        if wanted is not None:
            table = table.filter(table[column].isin(values_of(wanted)))
    return table


def values_of(wanted: Any) -> list[Any]:
    """One value or several, as a list."""
    one = isinstance(wanted, str) or not isinstance(wanted, Collection)
    return [wanted] if one else list(wanted)


def count_rows(
    tables: Tables, table: ibis.Table, by: Sequence[str], **measures: ibis.Value
) -> pa.Table:
    """``n`` rows and other measures for each combination of `by`, sorted by it with null last; the numbers are
    64-bit integers on every engine."""
    asked = {"n": table.count(), **measures}
    cast = {name: value.cast("int64") for name, value in asked.items()}
    found = (table.group_by(list(by)) if by else table).aggregate(**cast)
    return sort(tables.fetch(found.select(*by, *asked)), by)


def sort(table: pa.Table, by: Sequence[str]) -> pa.Table:
    """In the order of the columns' values (text by code point), null last; the same schema on every engine."""
    table = pa.table(
        {name: table[name] for name in table.column_names}
    )  # Spark says what is never null
    if not by or table.num_rows < 2:
        return table
    return table.sort_by([(name, "ascending") for name in by])


def spread(
    table: ibis.Table, key: str, name: str, many: Mapping[str, Collection[str]]
) -> ibis.Table:
    """A row for each of the values that `key` stands for, in a new column; rows whose key stands for none are gone.

    Args:
        many: key → what it stands for; values must not hold blanks.
    """
    import ibis

    pairs = [
        (table[key] == each, " ".join(sorted(values))) for each, values in many.items() if values
    ]
    if not pairs:
        return table.mutate(**{name: ibis.null("string")}).filter(ibis.literal(False))
    said = table.mutate(**{name: ibis.cases(*pairs, else_=None)})
    return split(said.filter(said[name].notnull()), name)


def split(table: ibis.Table, name: str) -> ibis.Table:
    """A row for each word of a column of words with blanks between them; rows without a word are gone."""
    worded = table.filter(table[name].notnull(), table[name] != "")
    return worded.mutate(**{name: worded[name].split(" ").unnest()})
