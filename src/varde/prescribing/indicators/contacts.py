"""Rows that have a row of the other table in the same contact: the same prescriber, patient and day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from varde.prescribing.indicators.conditions import (
    guideline_conditions,
    holds,
    join_codes,
)
from varde.prescribing.indicators.definition import Part, Where
from varde.prescribing.indicators.guideline_tables import Advised, needs_recommendation
from varde.prescribing.indicators.rows import Question, contact_day
from varde.prescribing.indicators.shapes import SHAPES

if TYPE_CHECKING:
    import ibis

KEYS: Final = ("_unit", "_period", "_band", "_sex")


def keys_of(strata: bool) -> tuple[str, ...]:
    """What rows are added up by: columns that are blank everywhere would only make an engine's tables wider."""
    return KEYS if strata else KEYS[:2]


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
    parts: Sequence[Part],
    advised: Advised | None,
    keys: Sequence[str],
) -> ibis.Table:
    """One row for each row with such a contact, however many it has, marked with what it counts for.

    Dispensings are by far the larger table. Those that are of no contact that is asked for go before anything is joined
    to them: an engine takes what has been joined to a small table for small, and would build its table of them.

    Args:
        rows: placed rows of the parts' table.
        advised: what the guideline says, where a part asks.
        keys: what rows will be added up by.

    Returns:
        The keys, the table's identifying columns, and ``f0``, ``f1`` … for the parts.
    """
    import ibis

    key = parts[0].table
    wheres = [part.where for part in parts]
    rows = rows.mutate(_contact=contact_day(rows, key))
    if key == "dispensings":
        other, theirs = _others(question, other_key, parts, advised, None)
        rows = _narrow(rows, other.view())
        rows, mine = _own(question, key, rows, wheres, advised)
    else:
        rows, mine = _own(question, key, rows, wheres, advised)
        other, theirs = _others(question, other_key, parts, advised, rows)
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
    each = pairs.group_by([*keys, *SHAPES[key].identified_by]).aggregate(
        **{name: pairs[name].cast("int32").max() for name in flags}
    )
    return each.mutate(**{name: each[name] == 1 for name in flags})


def _own(
    question: Question,
    key: str,
    rows: ibis.Table,
    wheres: Sequence[Where],
    advised: Advised | None,
) -> tuple[ibis.Table, list[str]]:
    """The rows that some part asks for, and the column that says so for each part."""
    import ibis

    rows, names = join_codes(question, key, rows, wheres, advised)
    own = _Marks("own")
    mine = [
        own.add(where, lambda where=where: holds(rows, key, where, names, False))
        for where in map(_without_guideline, wheres)
    ]
    if advised:
        rows = advised.person(rows)
    rows = rows.mutate(**own.columns)
    rows = rows.filter(ibis.or_(*(rows[name] for name in own.columns)))
    held = {"_drug", "_person", "_version", "ddd"} if advised else set()
    ids = SHAPES[key].identified_by
    kept = {*KEYS, *ids, *own.columns, "_contact", "prescriber", "patient", *held}
    return rows.select(*(name for name in rows.columns if name in kept)), mine


def _narrow(rows: ibis.Table, keys: ibis.Table) -> ibis.Table:
    """Dispensings of the contacts of a table."""
    names = ("prescriber", "patient", "_contact")
    theirs = names if "prescriber" in keys.columns else ("x_prescriber", "x_patient", "x_contact")
    return rows.semi_join(
        keys, [rows[mine] == keys[other] for mine, other in zip(names, theirs, strict=True)]
    )


def _without_guideline(where: Where) -> Where:
    return msgspec.structs.replace(where, concordance=None, course=None)


def _others(
    question: Question,
    key: str,
    parts: Sequence[Part],
    advised: Advised | None,
    counted: ibis.Table | None,
) -> tuple[ibis.Table, list[str]]:
    """The rows of the other table that some part asks for, and the column that says so for each part.

    Args:
        counted: the rows that are counted, where they are the contacts.
    """
    import ibis

    wheres = [part.contact.where for part in parts if part.contact]
    looks = advised is not None and key == "consultations"
    rows = question.table(key)
    rows = rows.mutate(_contact=contact_day(rows, key))
    if counted is not None:
        rows = _narrow(rows, counted.view())
    rows, names = join_codes(question, key, rows, wheres, advised if looks else None, prefix="x")
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
    rows = rows.mutate(**marks.columns)
    rows = rows.filter(ibis.or_(*(rows[name] for name in marks.columns)))
    found = rows.select(
        *marks.columns,
        *(["_dx"] if looks else []),
        x_contact=rows._contact,
        x_prescriber=rows.prescriber,
        x_patient=rows.patient,
    )
    return found, theirs
