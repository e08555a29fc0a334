"""Rows that have a row of the other table in the same contact: the same prescriber, patient and day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from varde.prescribing.indicators.conditions import (
    Names,
    guideline_conditions,
    holds,
    join_codes,
)
from varde.prescribing.indicators.definition import Part, Where
from varde.prescribing.indicators.guideline_tables import Advised, needs_recommendation
from varde.prescribing.indicators.matching import DRUG, asks
from varde.prescribing.indicators.rows import Question, contact_day
from varde.prescribing.indicators.shapes import SHAPES

if TYPE_CHECKING:
    import ibis

KEYS = ("_unit", "_period", "_band", "_sex")


class _Marks:
    """Columns of yes and no, each condition once however many indicators have it."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.columns: dict[str, ibis.Value] = {}
        self._names: dict[Any, str] = {}

    def add(self, key: Any, value: Any) -> str:
        """The name of the column of a condition; `value` makes it the first time."""
        if key not in self._names:
            self._names[key] = f"{self._prefix}{len(self._names)}"
            self.columns[self._names[key]] = value()
        return self._names[key]


def mark_contacts(
    question: Question,
    other_key: str,
    rows: ibis.Table,
    names: Names,
    parts: Sequence[Part],
    advised: Advised | None,
) -> ibis.Table:
    """One row for each row with such a contact, however many it has, marked with what it counts for.

    Args:
        rows: placed rows of the parts' table, their codes joined.
        names: of the columns of those codes.
        advised: what the guideline says, where a part asks.

    Returns:
        `KEYS`, the table's identifying columns, and ``f0``, ``f1`` … for the parts.
    """
    import ibis

    key = parts[0].table
    ids = SHAPES[key].identified_by
    own = _Marks("own")
    mine = [
        own.add(where, lambda where=where: holds(rows, key, where, names, False))
        for where in map(_without_guideline, (part.where for part in parts))
    ]
    if advised:
        rows = advised.person(rows)
    rows = rows.mutate(_contact=contact_day(rows, key), **own.columns)
    rows = _only_some(rows, own, [part.where for part in parts])
    held = {"_drug", "_person", "_version", "ddd"} if advised else set()
    kept = {*KEYS, *ids, *own.columns, "_contact", "prescriber", "patient", *held}
    rows = rows.select(*(name for name in rows.columns if name in kept))

    other, theirs = _others(question, other_key, parts, advised)
    pairs = rows.join(
        other,
        [
            rows.prescriber == other.x_prescriber,
            rows.patient == other.x_patient,
            rows._contact == other.x_contact,
        ],
    )
    if advised:
        pairs = advised.join(pairs, parts)
    flags = {}
    for number, part in enumerate(parts):
        both = [pairs[mine[number]], pairs[theirs[number]]]
        both += guideline_conditions(pairs, part.where)
        flags[f"f{number}"] = ibis.and_(*both)
    pairs = pairs.mutate(**flags)
    pairs = pairs.filter(ibis.or_(*(pairs[name] for name in flags)))
    each = pairs.group_by([*KEYS, *ids]).aggregate(
        **{name: pairs[name].cast("int32").max() for name in flags}
    )
    return each.mutate(**{name: each[name] == 1 for name in flags})


def _without_guideline(where: Where) -> Where:
    return msgspec.structs.replace(where, concordance=None, course=None)


def _others(
    question: Question, key: str, parts: Sequence[Part], advised: Advised | None
) -> tuple[ibis.Table, list[str]]:
    """The rows of the other table that some part asks for, and the column that says so for each part."""
    wheres = [part.contact.where for part in parts if part.contact]
    looks = advised is not None and key == "consultations"
    rows, names = join_codes(
        question, key, question.table(key), wheres, advised if looks else None, prefix="x"
    )
    marks = _Marks("their")

    def holding(where: Where, needs: bool) -> ibis.Value:
        held = holds(rows, key, where, names, False)
        # Most contacts are of what the guideline does not cover: they need not be joined at all.
        return held & (rows._dx > 0) if needs else held

    theirs = [
        marks.add((where, needs), lambda where=where, needs=needs: holding(where, needs))
        for where, part in zip(wheres, parts, strict=True)
        for needs in (looks and needs_recommendation(part.where),)
    ]
    rows = rows.mutate(x_contact=contact_day(rows, key), **marks.columns)
    rows = _only_some(rows, marks, wheres)
    found = rows.select(
        *marks.columns,
        *(["_dx"] if looks else []),
        x_contact=rows.x_contact,
        x_prescriber=rows.prescriber,
        x_patient=rows.patient,
    )
    return found, theirs


def _only_some(rows: ibis.Table, marks: _Marks, wheres: Sequence[Where]) -> ibis.Table:
    """Rows with any of the marks. Where every mark asks for drugs, the join on drugs has left nearly only those: another
    filter would only have the engine believe that dispensings are few, and build its table of them, not of contacts."""
    import ibis

    if all(asks(where, DRUG) for where in wheres):
        return rows
    return rows.filter(ibis.or_(*(rows[name] for name in marks.columns)))
