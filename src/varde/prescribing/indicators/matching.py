"""Conditions on codes, asked once of each distinct value, and joined to the rows as small tables of numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from varde.codes import antibiotics
from varde.prescribing.indicators.definition import Where, in_icpc
from varde.prescribing.indicators.engine import fetch, lend

if TYPE_CHECKING:
    import ibis

Value = tuple[str, ...]
Meaning = Callable[[Value], int]

DRUG: Final = "drug"
REIMBURSEMENT: Final = "reimbursement"
DIAGNOSES: Final = "diagnoses"
BILLING: Final = "billing"

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    DRUG: ("atc",),
    REIMBURSEMENT: ("reimbursement_system", "reimbursement_code"),
    DIAGNOSES: ("diagnoses",),
    BILLING: ("setting", "billing"),
}
"""The columns that each sort of condition looks at."""


def atc_of(antibiotic: str) -> str:
    """The ATC code of an antibiotic by the three letters that surveys are kept under; empty when there is none."""
    known = antibiotics().get(antibiotic)
    return known.atc if known else ""


def asks(where: Where, sort: str) -> tuple[Any, ...]:
    """What a definition asks of this sort of codes; empty when nothing."""
    wanted: tuple[Any, ...] = {
        DRUG: (where.atc, where.atc_not),
        REIMBURSEMENT: (where.reimbursement_icpc, where.reimbursement_icd),
        DIAGNOSES: (where.diagnoses,),
        BILLING: (where.billing, where.billing_out_of_hours),
    }[sort]
    return wanted if any(wanted) else ()


def means(sort: str, wanted: tuple[Any, ...], value: Value) -> bool:
    """Whether a value is one that is asked for. What is blank never is."""
    match sort:
        case "drug":
            inside, outside = wanted
            code = value[0]
            return bool(code) and code.startswith(inside or "") and not code.startswith(outside)
        case "reimbursement":
            return _is_reimbursed(value[0], value[1], *wanted)
        case "diagnoses":
            return any(in_icpc(code, wanted[0]) for code in value[0].split())
        case _:
            usual, out_of_hours = wanted
            here = out_of_hours if value[0] == "out-of-hours" and out_of_hours else usual
            return any(code in here for code in value[1].split())


def _is_reimbursed(system: str, code: str, icpc: tuple[str, ...], icd: tuple[str, ...]) -> bool:
    if system == "ICPC-2":
        return in_icpc(code, icpc)
    return system == "ICD-10" and dotted(code).startswith(icd)


def dotted(code: str) -> str:
    """A code of ICD-10 with its full stop: J189 is J18.9."""
    return code if len(code) <= 3 or "." in code else f"{code[:3]}.{code[3:]}"


class Seen:
    """The distinct values of the tables' code columns, each read once."""

    def __init__(self, tables: Mapping[str, ibis.Table]) -> None:
        self._tables = tables
        self._values: dict[tuple[str, tuple[str, ...]], list[Value]] = {}

    def values(self, table: str, columns: tuple[str, ...]) -> list[Value]:
        """Every combination of these columns, blank for what is missing, in order."""
        if (table, columns) not in self._values:
            # What is blank is filled here, of the few that are distinct, and not by the engine for each row.
            rows = fetch(self._tables[table].select(*columns).distinct()).to_pylist()
            texts = {tuple("" if one is None else str(one) for one in row.values()) for row in rows}
            self._values[table, columns] = sorted(texts)
        return self._values[table, columns]


def as_text(column: ibis.Value) -> ibis.Value:
    """A column as its values are looked up: text, blank for what is missing."""
    return (column if column.type().is_string() else column.cast("string")).fill_null("")


def join_meanings(
    rows: ibis.Table,
    columns: tuple[str, ...],
    values: list[Value],
    meanings: Mapping[str, Meaning],
    needed: Collection[str] = (),
) -> ibis.Table:
    """The rows with a column for each meaning of their code.

    Args:
        values: every value that the columns have; blank for what is missing.
        meanings: for each new column, the number that a value means.
        needed: the meanings that must not be 0: other rows are left out.
    """
    found = {name: [meaning(value) for value in values] for name, meaning in meanings.items()}
    kept = [at for at in range(len(values)) if all(found[name][at] for name in needed)]
    prefix = "_".join(columns)
    keys = {
        f"{prefix}_{place}": pa.array([values[at][place] for at in kept], pa.string())
        for place in range(len(columns))
    }
    numbers = {
        name: pa.array([column[at] for at in kept], pa.int64()) for name, column in found.items()
    }
    small = lend(rows, pa.table({**keys, **numbers}))
    matched = [as_text(rows[name]) == small[key] for name, key in zip(columns, keys, strict=True)]
    return rows.join(small, matched).drop(*keys)
