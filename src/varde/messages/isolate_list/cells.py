"""The cells of an isolate list: where its columns are, and what a cell of each kind says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import cast

from varde.messages.errors import UnreadableMessage
from varde.messages.isolate_list.mapping import Mapping
from varde.messages.isolate_list.words import folded, list_words
from varde.messages.kith.quantities import parse_mic
from varde.messages.records import Code, Sir, Susceptibility
from varde.messages.times import OSLO, midnight

SIR = {"S": "S", "I": "I", "R": "R"}
Parse = Callable[[str], Susceptibility | None]


def find_columns(header: Sequence[str], mapping: Mapping) -> dict[str, int]:
    """Field name → column number.

    Raises:
        UnreadableMessage: ``wrong-columns``, with the mapping's key as the place.
    """
    where = {name: index for index, name in enumerate(header)}
    for field, heading in mapping.columns.items():
        if heading not in where:
            raise UnreadableMessage("wrong-columns", f"columns.{field}", f"no column {heading}")
    for name in mapping.ignore:
        if name not in where:
            raise UnreadableMessage("wrong-columns", "columns.ignore", f"no column {name}")
    return {field: where[heading] for field, heading in mapping.columns.items()}


def find_antibiotics(header: Sequence[str], mapping: Mapping) -> list[tuple[int, str]]:
    """Column number and antibiotic name of every antibiotic column.

    Raises:
        UnreadableMessage: ``wrong-columns``.
    """
    where = {name: index for index, name in enumerate(header)}
    if mapping.every_column:
        used = {*mapping.columns.values(), *mapping.ignore}
        named = {name: name for name in header if name and name not in used}
    else:
        named = mapping.antibiotics
    missing = sorted(set(named.values()) - where.keys())
    if missing:
        raise UnreadableMessage("wrong-columns", "antibiotics.columns", f"no column {missing[0]}")
    return [(where[heading], name) for name, heading in named.items()]


def cell_parser(name: str, mapping: Mapping) -> Parse:
    """What turns a cell of one antibiotic column into a result, None for not tested.

    The function raises ValueError for a cell that is no result.
    """
    short = name.partition(mapping.cut_at)[0] if mapping.cut_at else name
    antibiotics = (Code(system=mapping.antibiotic_system, code=short, text=name),)

    def is_not_tested(cell: str) -> bool:
        if cell in mapping.not_tested:
            return True
        own = cell.upper() in mapping.sir
        return not own and folded(cell) in list_words().not_tested

    def parse_category(cell: str) -> Susceptibility | None:
        if is_not_tested(cell):
            return None
        sir = mapping.sir.get(cell.upper())
        if sir is None:
            sir = SIR.get(cell.upper()) or list_words().sir.get(folded(cell))
        if sir is None:
            raise ValueError(cell)
        return Susceptibility(antibiotics=antibiotics, sir=cast(Sir, sir))

    def parse_concentration(cell: str) -> Susceptibility | None:
        if is_not_tested(cell):
            return None
        mic = "" if mapping.decimal == "." and "," in cell else parse_mic(cell)
        if not mic:
            raise ValueError(cell)
        return Susceptibility(antibiotics=antibiotics, mic=mic)

    def parse_diameter(cell: str) -> Susceptibility | None:
        if is_not_tested(cell):
            return None
        if not (cell.isascii() and cell.isdigit() and 6 <= int(cell[:4]) <= 99):
            raise ValueError(cell)
        return Susceptibility(antibiotics=antibiotics, zone=int(cell))

    return {"sir": parse_category, "mic": parse_concentration, "zone": parse_diameter}[
        mapping.values
    ]


def parse_moment(written: str, pattern: str) -> datetime | None:
    """A date or time in the mapping's format, in UTC; Norwegian time unless the format has a zone."""
    try:
        found = datetime.strptime(written, pattern)  # noqa: DTZ007 - the zone is added below
        if found.tzinfo is not None:
            return found.astimezone(UTC)
        if not (found.hour or found.minute or found.second):
            return midnight(found.date())
        return found.replace(tzinfo=OSLO).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
