"""Rows that have a row of the other table in the same contact: the same prescriber, patient and day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from varde.prescribing.indicators.conditions import (
    Condition,
    bits_of,
    common_bits,
    guideline_conditions,
    has_any,
    join_codes,
    leave_bits,
    mark_bits,
)
from varde.prescribing.indicators.definition import Part, Where
from varde.prescribing.indicators.engine import any_bits, hold
from varde.prescribing.indicators.guideline_tables import ENDS, Advised, needs_recommendation
from varde.prescribing.indicators.rows import (
    Question,
    columns_to_place,
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

COURSE: Final = ("x_consultation", "_drug")
"""What a course is known by."""

KEYS: Final = ("_unit", "_period", "_band", "_sex")


def keys_of(strata: bool) -> tuple[str, ...]:
    """What rows are added up by: columns that are blank everywhere would only make an engine's tables wider."""
    return KEYS if strata else KEYS[:2]


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
        The keys, the table's identifying columns, and ``_counts``: the bits of the parts that a row counts for.
    """
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
        contacts = _contacts(question, others, theirs, needs, advised, kept=())
        has_courses = any(is_summed(part) for part in parts)
        setting = "any" if any(where.setting for where in mine) else ""
        if has_courses:
            rows = date_dispensings_around(question, group)
        else:
            rows = place_rows(question, key, group, strata, setting)
        pairs = _given(question, _meet(rows, contacts), mine, advised)
    else:
        has_courses = False
        rows = place_rows(question, key, group, strata, "")
        nothing = [False] * len(parts)
        contacts = _contacts(question, rows, mine, nothing, None, kept=(*keys, *ids))
        pairs = _given(question, _meet(question.table(other_key), contacts), theirs, None)
    if advised:
        pairs = _advise(advised.join(pairs, parts), parts)
    if has_courses:
        # A course is of the period and the unit of its first row: rows are placed when that is known.
        kept = [*ids, *columns_to_place(question, key, strata)]
        pairs = _count_courses(pairs, parts, kept)
        pairs = pairs.filter(pairs._period >= 0)
        pairs = stratify(find_units(question, key, pairs, group, ""), key, strata)
    return pairs.group_by([*keys, *ids]).aggregate(_counts=any_bits(pairs._counts))


def _without_guideline(where: Where) -> Where:
    return msgspec.structs.replace(where, concordance=None, course=None)


def _contacts(
    question: Question,
    rows: ibis.Table,
    wheres: Sequence[Where],
    needs: Sequence[bool],
    advised: Advised | None,
    kept: Sequence[str],
) -> ibis.Table:
    """The consultations that some condition asks for, with the bits of those that do (``x_counts``).

    Args:
        needs: whether a contact must be of something that the guideline covers: most are not, and need not be joined.
        kept: further columns that are kept.
    """
    key = "consultations"
    rows, names = join_codes(question, key, rows, wheres, advised, prefix="x")
    found = [
        mark_bits(rows, key, wheres, names, False),
        *leave_bits([("covered", rows._dx > 0)] if needed else [] for needed in needs),
    ]
    rows = rows.mutate(x_counts=common_bits(found, len(wheres)))
    rows = rows.filter(rows.x_counts != 0)
    return rows.select(
        "x_counts",
        *kept,
        *(["_dx"] if advised else []),
        x_consultation=rows.consultation_id,
        x_contact=contact_day(rows, key),
        x_prescriber=rows.prescriber,
        x_patient=rows.patient,
    )


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
) -> ibis.Table:
    """Dispensings with their codes, and the bits of the parts that they and their contact count for (``_counts``); what
    is asked of the guideline is not among it."""
    pairs, names = join_codes(question, "dispensings", pairs, wheres, advised)
    if advised:
        pairs = advised.person(pairs)
    plain = [_without_guideline(where) for where in wheres]
    held = mark_bits(pairs, "dispensings", plain, names, False)
    return pairs.mutate(_counts=pairs.x_counts & held)


def _advise(pairs: ibis.Table, parts: Sequence[Part]) -> ibis.Table:
    """Pairs with the bits of those whose conditions on the guideline they hold; of whole courses nobody can say it yet."""
    asked = [[] if is_summed(part) else guideline_conditions(pairs, part.where) for part in parts]
    return pairs.mutate(_counts=common_bits([pairs._counts, *leave_bits(asked)], len(parts)))


def is_summed(part: Part) -> bool:
    """Whether a part counts courses whose rows are added up."""
    return part.where.course is not None and part.where.course.sums


def _count_courses(pairs: ibis.Table, parts: Sequence[Part], kept: Sequence[str]) -> ibis.Table:
    """Pairs with the bits of courses only where they are the row that the course is counted by, and where what the whole
    course comes to has the length that is asked for. A course is of one drug in one contact, whatever version of daily
    doses its rows are counted in and whenever they were dispensed; its first row is the one that was dispensed first, then
    the one of the lowest id. Each of several consultations in the contact has its own pairs, so that nothing is added up
    twice.

    Most courses are one row, which is the whole and the first. Only what the others come to is looked up.

    Args:
        kept: the columns that are asked for afterwards.
    """
    import ibis

    pairs = pairs.mutate(_own=Advised.amount(pairs))
    limited = [name for name in pairs.columns if name.startswith(tuple(f"_{end}_" for end in ENDS))]
    needed = ("_counts", "_own", *COURSE, "dispensing_id", "dispensed_on", *kept)
    rows = pairs = hold(pairs.select(*dict.fromkeys(needed), *limited))
    asking: dict[Where, list[int]] = defaultdict(list)
    for number, part in enumerate(parts):
        if is_summed(part):
            asking[_without_guideline(part.where)].append(number)
    for at, numbers in enumerate(asking.values()):
        some = pairs.filter(has_any(pairs._counts, bits_of(numbers)))
        # Drugs that the house does not know share the number 0: the guideline names none of them, and none is counted.
        each = some.group_by(COURSE).aggregate(
            rows=some.count(), whole=some._own.fill_null(LOST).sum().cast("int64")
        )
        each = each.filter(each.rows > 1).drop("rows")
        many = some.select(*COURSE, "dispensing_id", "dispensed_on").join(each, COURSE)
        # One text that is in the order of days and then of ids.
        place = many.dispensed_on.cast("string").concat(many.dispensing_id)
        each = many.group_by([*COURSE, "whole"]).aggregate(first=many.dispensing_id.argmin(place))
        each = each.rename({f"{name}_{at}": name for name in each.columns})
        rows = rows.left_join(
            each,
            [
                rows.x_consultation == each[f"x_consultation_{at}"],
                rows._drug == each[f"_drug_{at}"],
            ],
        )
    conditions: list[list[Condition]] = [[] for _ in parts]
    for at, numbers in enumerate(asking.values()):
        whole = rows[f"whole_{at}"]
        amount = whole.isnull().ifelse(rows._own, whole)
        amount = (amount >= 0).ifelse(amount, ibis.null("int64"))
        first = whole.isnull() | (rows.dispensing_id == rows[f"first_{at}"])
        for number in numbers:
            asked = guideline_conditions(rows, parts[number].where, amount)
            conditions[number] = [
                (("first", at), first),
                *(((at, key), condition) for key, condition in asked),
            ]
    counts = common_bits([rows._counts, *leave_bits(conditions)], len(parts))
    return rows.mutate(_counts=counts).select("_counts", *kept)
