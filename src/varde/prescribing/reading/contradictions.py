"""What cells of one row say against each other: what cannot be is a fault, what only lacks its meaning is kept and told.

A row that is told counts wherever the doubtful cell is not asked for: a diagnosis that nobody can read is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Rows = np.ndarray[Any, np.dtype[np.int64]]

ORDERED: Final = (
    ("since", "until", "until-before-start"),
    ("age_low", "age_high", "age-high-before-start"),
)
"""Columns of which the second is never less than the first."""
APART: Final = (
    ("institution", "part_of", "itself"),
    ("institution", "successor", "itself"),
)
"""Columns of which the second is never the same as the first."""
CODED: Final = ("reimbursement_system", "reimbursement_code")
"""A code system, and a code of it."""
CHAPTERS: Final = "ABDFHKLNPRSTUWXYZ"
"""The chapters of ICPC-2 (WONCA)."""
COLLECTIVE: Final = re.compile(r"-[0-9A-Z][0-9]")
"""Codes of reimbursement for a purpose and not a diagnosis, such as -90 at the end of life (Helsedirektoratet, list of
codes for reimbursement)."""
_ICPC: Final = re.compile(r"[A-Z][0-9]{2}")
_ICD: Final = re.compile(r"[A-Z][0-9]{2}(\.?[0-9A-Z]{1,2})?")


class Contradiction(NamedTuple):
    """Rows that cannot be: index in the batch, the column that is blamed, why, and what may be shown of it."""

    rows: Rows
    column: str
    reason: str
    shown: pa.Array


def contradictions(values: Mapping[str, pa.Array]) -> Iterator[Contradiction]:
    """What cannot be, of typed columns of one batch; cells that were faulty are null in them."""
    for first, second, reason in ORDERED:
        if first in values and second in values:
            yield from _found(pc.less(values[second], values[first]), second, reason, values)
    for first, second, reason in APART:
        if first in values and second in values:
            yield from _found(pc.equal(values[second], values[first]), second, reason, values)
    if {"dispensed_on", "prescribed_on"} <= values.keys():
        late = pc.greater(values["prescribed_on"], values["dispensed_on"])
        yield from _found(late, "prescribed_on", "prescribed-after-dispensed", values)
        if "age" in values:
            yield from _unborn(values)


def _found(
    wrong: pa.Array, column: str, reason: str, values: Mapping[str, pa.Array]
) -> Iterator[Contradiction]:
    rows = np.flatnonzero(pc.fill_null(wrong, False).to_numpy(zero_copy_only=False))
    if len(rows):
        shown = values[column].take(pa.array(rows)).cast(pa.string())
        yield Contradiction(rows, column, reason, shown)


def _unborn(values: Mapping[str, pa.Array]) -> Iterator[Contradiction]:
    """Prescriptions to somebody who, by the age when it was dispensed, was not born yet."""
    written, given = (
        pc.add(
            pc.multiply(pc.year(values[name]), 10_000),
            pc.add(pc.multiply(pc.month(values[name]), 100), pc.day(values[name])),
        )
        for name in ("prescribed_on", "dispensed_on")
    )
    # Who is so many whole years old was born after this day's date so many years and one earlier.
    latest = pc.subtract(given, pc.multiply(pc.add(values["age"].cast(pa.int64()), 1), 10_000))
    yield from _found(
        pc.less_equal(written, latest), "prescribed_on", "prescribed-before-birth", values
    )


def notices(values: Mapping[str, pa.Array], latest: date | None) -> dict[tuple[str, str], Rows]:
    """What is kept and told of rows: (reason, value) → indices of the rows in the batch.

    Args:
        latest: the day that the file was delivered; None: any.
    """
    found: dict[tuple[str, str], Rows] = {}
    system, code = CODED
    if system in values or code in values:
        found |= _coded(values.get(system), values.get(code))
    if "ddd_version" in values and latest is not None:
        years = values["ddd_version"]
        for year in pc.unique(years.drop_null()).to_pylist():
            if year > latest.year:
                found["future-ddd-version", str(year)] = _where(pc.equal(years, year))
    return found


def _where(mask: pa.Array) -> Rows:
    return np.flatnonzero(pc.fill_null(mask, False).to_numpy(zero_copy_only=False))


def _coded(systems: pa.Array | None, codes: pa.Array | None) -> dict[tuple[str, str], Rows]:
    if all(each is None or each.null_count == len(each) for each in (systems, codes)):
        return {}
    some = systems if systems is not None else codes
    blank = pa.array([""] * len(some), pa.string()) if some is not None else None
    filled = [pc.fill_null(each, "") if each is not None else blank for each in (systems, codes)]
    pairs = pc.binary_join_element_wise(*filled, "\t").dictionary_encode()
    found: dict[tuple[str, str], list[Rows]] = {}
    places = pairs.indices.to_numpy()
    for number, pair in enumerate(pairs.dictionary.to_pylist()):
        system, code = pair.split("\t")
        if reason := doubt(system, code):
            rows = np.flatnonzero(places == number)
            found.setdefault((reason, code or system), []).append(rows)
    return {what: np.concatenate(rows) for what, rows in found.items()}


def doubt(system: str, code: str) -> str:
    """Why a code of reimbursement says no diagnosis, or another than its system can; empty when it is as it should be,
    or nothing is said at all."""
    if not system and not code:
        return ""
    if not code:
        return "system-without-code"
    if not system:
        return "code-without-system"
    if COLLECTIVE.fullmatch(code):
        return "collective-code"
    form = _ICPC if system == "ICPC-2" else _ICD
    if not form.fullmatch(code):
        return "unlike-its-system"
    if system == "ICPC-2" and code[0] not in CHAPTERS:
        return "unknown-chapter"
    return ""


def doubtful_diagnoses(codes: str) -> bool:
    """Whether some of a contact's codes are of no chapter of ICPC-2."""
    return any(code[0] not in f"{CHAPTERS}-" for code in codes.split())
