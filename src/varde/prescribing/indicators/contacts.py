"""Rows that have a row of the other table in the same contact: the same prescriber, patient and day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from varde.prescribing.indicators.conditions import (
    guideline_conditions,
    holds,
    join_codes,
)
from varde.prescribing.indicators.definition import Part, Where
from varde.prescribing.indicators.guideline_tables import Advised, needs_recommendation
from varde.prescribing.indicators.rows import (
    Question,
    contact_day,
    date_dispensings_around,
    find_units,
    place_rows,
    stratify,
)
from varde.prescribing.indicators.shapes import SHAPES
from varde.prescribing.indicators.units import Numbered

if TYPE_CHECKING:
    import ibis

LOST: Final = -(2**52)
"""What a row comes to of which nobody can say it: so little that no others make up for it in a sum."""

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
    group: Numbered,
    parts: Sequence[Part],
    advised: Advised | None,
    strata: bool,
) -> ibis.Table:
    """One row for each row with such a contact, however many it has, marked with what it counts for.

    Dispensings are by far the larger table, and are joined to the contacts that are asked for before anything else is
    joined to them: an engine takes what has been joined to a small table for small, and would build its table of them.

    Args:
        group: the periods.
        advised: what the guideline says, where a part asks.
        strata: whether rows will be added up by age band and sex too.

    Returns:
        The keys, the table's identifying columns, and ``f0``, ``f1`` … for the parts.
    """
    import ibis

    key, keys = parts[0].table, keys_of(strata)
    mine = [part.where for part in parts]
    theirs = [part.contact.where for part in parts if part.contact]
    ids = SHAPES[key].identified_by
    if key == "dispensings":
        needs = [advised is not None and needs_recommendation(part.where) for part in parts]
        # A contact of no patient meets nothing. It is said for the engine, which takes what is filtered for a fifth of
        # it: it took the dispensings of some years for fewer than all contacts, and built its table of them.
        others = question.table(other_key)
        others = others.filter(others.patient.notnull())
        contacts, found = _contacts(question, others, theirs, needs, advised, kept=())
        has_courses = any(part.where.course and part.where.course.sums for part in parts)
        needs_role = any(where.setting for where in mine)
        if has_courses:
            rows = date_dispensings_around(question, group)
        else:
            rows = place_rows(question, key, group, strata, needs_role)
        pairs = _meet(rows, contacts)
        pairs, given = _given(question, pairs, mine, advised)
    else:
        has_courses = False
        rows = place_rows(question, key, group, strata, False)
        nothing = [False] * len(parts)
        contacts, found = _contacts(question, rows, mine, nothing, None, kept=(*keys, *ids))
        pairs = _meet(question.table(other_key), contacts)
        pairs, given = _given(question, pairs, theirs, None)
    if advised:
        pairs = advised.join(pairs, parts)
    courses: Mapping[int, tuple[str, str]] = {}
    if has_courses:
        # A course is of the period and the unit of its first row: rows are placed when that is known.
        pairs, courses = _courses(pairs, parts, given)
        pairs = pairs.filter(pairs._period >= 0)
        pairs = stratify(find_units(question, key, pairs, group, False), key, strata)
    flags = {}
    for number, part in enumerate(parts):
        both = [pairs[found[number]], pairs[given[number]]]
        if number in courses:
            amount, first = courses[number]
            both += [pairs[first], *guideline_conditions(pairs, part.where, amount)]
        else:
            both += guideline_conditions(pairs, part.where)
        flags[f"f{number}"] = ibis.and_(*both)
    pairs = pairs.select(*keys, *ids, **flags)
    pairs = pairs.filter(ibis.or_(*(pairs[name] for name in flags)))
    each = pairs.group_by([*keys, *ids]).aggregate(
        **{name: pairs[name].cast("int32").max() for name in flags}
    )
    return each.mutate(**{name: each[name] == 1 for name in flags})


def _without_guideline(where: Where) -> Where:
    return msgspec.structs.replace(where, concordance=None, course=None)


def _contacts(
    question: Question,
    rows: ibis.Table,
    wheres: Sequence[Where],
    needs: Sequence[bool],
    advised: Advised | None,
    kept: Sequence[str],
) -> tuple[ibis.Table, list[str]]:
    """The consultations that some condition asks for, and the column that says so for each.

    Args:
        needs: whether a contact must be of something that the guideline covers: most are not, and need not be joined.
        kept: further columns that are kept.
    """
    import ibis

    key = "consultations"
    rows, names = join_codes(question, key, rows, wheres, advised, prefix="x")
    marks = _Marks("their")

    def holding(where: Where, covered: bool) -> ibis.Value:
        held = holds(rows, key, where, names, False)
        return held & (rows._dx > 0) if covered else held

    found = [
        marks.add((where, covered), lambda where=where, covered=covered: holding(where, covered))
        for where, covered in zip(wheres, needs, strict=True)
    ]
    rows = rows.mutate(**marks.columns)
    rows = rows.filter(ibis.or_(*(rows[name] for name in marks.columns)))
    contacts = rows.select(
        *marks.columns,
        *kept,
        *(["_dx"] if advised else []),
        x_consultation=rows.consultation_id,
        x_contact=contact_day(rows, key),
        x_prescriber=rows.prescriber,
        x_patient=rows.patient,
    )
    return contacts, found


def _meet(dispensings: ibis.Table, contacts: ibis.Table) -> ibis.Table:
    """Each dispensing with each of its contacts."""
    return dispensings.join(
        contacts,
        [
            dispensings.prescriber == contacts.x_prescriber,
            dispensings.patient == contacts.x_patient,
            contact_day(dispensings, "dispensings") == contacts.x_contact,
        ],
    )


def _given(
    question: Question, pairs: ibis.Table, wheres: Sequence[Where], advised: Advised | None
) -> tuple[ibis.Table, list[str]]:
    """Dispensings with their codes, and the column that says whether they hold a condition, for each; what is asked of
    the guideline is not among it."""
    pairs, names = join_codes(question, "dispensings", pairs, wheres, advised)
    if advised:
        pairs = advised.person(pairs)
    marks = _Marks("own")
    found = [
        marks.add(where, lambda where=where: holds(pairs, "dispensings", where, names, False))
        for where in map(_without_guideline, wheres)
    ]
    pairs = pairs.mutate(**marks.columns)
    return pairs, found


def _courses(
    pairs: ibis.Table, parts: Sequence[Part], given: Sequence[str]
) -> tuple[ibis.Table, Mapping[int, tuple[str, str]]]:
    """Pairs with what each whole course comes to, and whether they are the row that it is counted by: the names of those
    columns for each part that adds rows up. A course is of one drug in one contact, whatever version of daily doses its
    rows are counted in and whenever they were dispensed; its first row is the one that was dispensed first, then the one
    of the lowest id. Each of several consultations in the contact has its own pairs, so that nothing is added up twice.
    """
    import ibis

    summed = {
        number for number, part in enumerate(parts) if part.where.course and part.where.course.sums
    }
    names = {number: (f"_amount_{given[number]}", f"_first_{given[number]}") for number in summed}
    for mine in sorted({given[number] for number in summed}):
        counted = pairs[mine]
        # One text that is in the order of days and then of ids: one window is half the work of two.
        place = pairs.dispensed_on.cast("string").concat(pairs.dispensing_id)
        pairs = pairs.mutate(
            _own=counted.ifelse(Advised.amount(pairs).fill_null(LOST), 0),
            _place=counted.ifelse(place, ibis.null("string")),
        )
        # Drugs that the house does not know share the number 0: the guideline names none of them, and none is counted.
        course = ibis.window(group_by=[pairs.x_consultation, pairs._drug])
        pairs = pairs.mutate(
            _whole=pairs._own.sum().over(course).cast("int64"),
            _begun=pairs._place.min().over(course),
        )
        pairs = pairs.mutate(
            **{
                f"_amount_{mine}": (pairs._whole >= 0).ifelse(pairs._whole, ibis.null("int64")),
                f"_first_{mine}": (pairs._place == pairs._begun).fill_null(False),
            }
        ).drop("_own", "_place", "_whole", "_begun")
    return pairs, names
