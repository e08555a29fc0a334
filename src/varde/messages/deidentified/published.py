"""The columns that are published for NORM and RAVN, and what is kept of each: read from ``data/``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

import msgspec

from varde.codes import CodeFileError
from varde.messages.tables.definition import Choice, Table, Words, read_envelope, read_table_file

DATA = Path(__file__).parent / "data"
KEPT = "kept.json"

Register = Literal["norm", "ravn"]
REGISTERS: tuple[Register, ...] = get_args(Register)

Keep = Literal[
    "as-read", "hash", "day", "month", "age", "material", "organism", "place", "mutations"
]
"""What is kept of a cell: what it was read as, where that is a number or a code of a closed list; a
keyed hash; the day or the month of a date; an age; a word that the code map knows; the code of a
place; mutations as they are written."""

Measure = Literal["mic", "zone"]


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of one column.

    Attributes:
        column: its name.
        why: the reason, for those who ask what is kept.
        within: for a hash, the columns within which equal numbers are the same isolate.
        oldest: for an age, the first of those that are kept as one.
    """

    column: str
    keep: Keep
    why: Words
    within: dict[Register, tuple[str, ...]] = {}
    oldest: int | None = None


class Keeping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of all columns, and the words that it takes.

    Attributes:
        source: where the decisions are from.
        places: words for places that are neither a country nor a municipality.
        organisms: kinds of organisms (`Organism.kind`) that each register is about.
        measures: what may be sent beside S, I and R.
        in_year: registers whose year is the year of the specimen.
        genes: names of genes that may stand before a mutation.
    """

    source: str
    rules: tuple[Rule, ...]
    places: tuple[Choice, ...]
    organisms: dict[Register, tuple[str, ...]]
    measures: dict[Register, tuple[Measure, ...]]
    in_year: tuple[Register, ...]
    genes: frozenset[str]


@cache
def published(register: Register) -> Table:
    """The table of a register, without the columns of the drugs.

    Raises:
        CodeFileError: a file breaks a rule.
    """
    return read_table_file(DATA / f"{register}.json", read_envelope(DATA / "envelope.json"))


@cache
def keeping() -> Keeping:
    """What is kept.

    Raises:
        CodeFileError: the file breaks a rule, or does not decide about every published column.
    """
    path = DATA / KEPT
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Keeping)
    except msgspec.DecodeError as error:
        raise CodeFileError(path, 0, str(error)) from None
    tables = {register: published(register) for register in REGISTERS}
    for rule in broken_rules(found, tables):
        raise CodeFileError(path, 0, rule)
    return found


@cache
def rules(register: Register) -> Mapping[str, Rule]:
    """Column → what is kept of it, in the order of the columns."""
    decided = {rule.column: rule for rule in keeping().rules}
    names = [column.name for column in published(register).columns]
    return MappingProxyType({name: decided[name] for name in names})


def broken_rules(found: Keeping, tables: Mapping[Register, Table]) -> Iterator[str]:
    """Every rule of `keeping` that is broken, in words."""
    decided = [rule.column for rule in found.rules]
    columns = {column.name for table in tables.values() for column in table.columns}
    yield from (f"{name!r} is decided twice" for name in decided if decided.count(name) > 1)
    yield from (f"nothing is decided about {name!r}" for name in sorted(columns - set(decided)))
    yield from (f"there is no column {name!r}" for name in decided if name not in columns)
    for rule in found.rules:
        if (rule.keep == "age") != (rule.oldest is not None):
            yield f"{rule.column}: an age needs oldest, and nothing else has it"
        if (rule.keep == "hash") != (set(rule.within) == set(REGISTERS)):
            yield f"{rule.column}: a hash needs within for every register, and nothing else has it"
        if rule.column == "generated" and rule.keep != "day":
            yield "generated: versions are told apart by their day"
        for register, names in rule.within.items():
            sure = {column.name for column in tables[register].columns if column.required}
            yield from (
                f"{rule.column}: {name!r} may be blank" for name in names if name not in sure
            )
