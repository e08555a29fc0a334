"""SYSVAK: doses, which of a person's doses each is, how long after the one before, and who was reached.

A vaccine may be against several diseases: its dose counts once for each, so that rows of different diseases must not
be added up. What is reported several times of one person and day is one dose: of the same vaccine, or where a disease is
asked for, of any vaccine against it. Of two reports the one that was read first says where it was given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from varde.codes import vaccines
from varde.statistics.dimensions import (
    age_group,
    check,
    choose,
    count_rows,
    known,
    sort,
    spread,
)
from varde.statistics.population import with_rates

if TYPE_CHECKING:
    import ibis

    from varde.warehouse import Tables

DIMENSIONS: Final = (
    "vaccine",
    "disease",
    "year",
    "month",
    "county",
    "age_group",
    "sex",
    "programme",
)
"""What doses can be broken down by; `disease` is a key of `varde.codes.vaccine_diseases()`."""

NUMBERED: Final = ("disease", "year", "dose_number", "interval", "county", "age_group", "sex")
"""What numbered doses can be broken down by."""

INTERVALS: Final = (
    (0, "0-27"),
    (28, "28-55"),
    (56, "56-179"),
    (180, "180-364"),
    (365, "365-1824"),
    (1825, "1825+"),
)
"""Days since the dose before: the lowest of each class, and its name."""

COVERED: Final = ("disease", "year", "county", "age_group", "sex")
"""What coverage can be broken down by."""

SECONDS_A_DAY: Final = 86_400


def count_doses(tables: Tables, by: Sequence[str] = ("disease", "year"), **where: Any) -> pa.Table:
    """``n`` doses for each combination of columns of `DIMENSIONS`; null: unknown (also a vaccine that no map knows).

    A dose that several have reported counts once; one whose person or vaccine is unknown counts as often as it is told.

    Raises:
        InvalidQuestion: a column that doses do not have.
    """
    check(by, DIMENSIONS)
    doses = _with_dimensions(tables.table("vaccinations"))
    if "disease" in by or where.get("disease") is not None:
        doses = _once(_by_disease(doses), "disease")
    else:
        doses = _once(doses, "vaccine")
    return count_rows(tables, choose(doses, where, DIMENSIONS), by)


def number_doses(
    tables: Tables, by: Sequence[str] = ("disease", "year", "dose_number"), **where: Any
) -> pa.Table:
    """``n`` doses by which of the person's doses against the disease they are, and by days since the one before.

    ``dose_number`` counts what the register knows: a dose given abroad and never told here is no dose. Null: the
    person is unknown. ``interval``: a class of `INTERVALS`; null for first doses and unknown persons. Doses are numbered
    over all years; `where` chooses among them afterwards.

    Raises:
        InvalidQuestion: a column that numbered doses do not have.
    """
    check(by, NUMBERED, "disease")
    doses = _numbered(_by_disease(_with_dimensions(tables.table("vaccinations"))))
    return count_rows(tables, choose(doses, where, NUMBERED), by)


def count_vaccinated(
    tables: Tables, by: Sequence[str] = ("disease", "year"), **where: Any
) -> pa.Table:
    """Coverage: persons with at least one dose against the disease in the year, of the inhabitants on 1 January of it.

    Returns:
        The columns of `by` (``disease`` and ``year`` among them); ``n`` persons; ``unknown`` doses of unknown persons, who
        are not among them; ``population`` and ``rate`` (percent), null for years whose inhabitants are not known. One
        vaccinated at two ages in a year is in both age groups.

    Raises:
        InvalidQuestion: a column that coverage does not have.
    """
    check(by, COVERED, "disease")
    check(by, COVERED, "year")
    doses = choose(_by_disease(_with_dimensions(tables.table("vaccinations"))), where, COVERED)
    counted = doses.group_by(list(by)).aggregate(
        n=doses.person_id.nunique().cast("int64"),
        unknown=doses.person_id.isnull().cast("int64").sum().cast("int64"),
    )
    found = sort(tables.fetch(counted.select(*by, "n", "unknown")), by)
    return with_rates(found, by, where, per=100)


def _with_dimensions(doses: ibis.Table) -> ibis.Table:
    return doses.mutate(
        month=doses.period,
        county=known(doses.county),
        sex=known(doses.sex),
        programme=known(doses.programme),
        age_group=age_group(doses.age),
    )


def _by_disease(doses: ibis.Table) -> ibis.Table:
    return against(doses, "disease")


def against(doses: ibis.Table, name: str) -> ibis.Table:
    """Doses, a row for each disease that the vaccine is against; of an unknown vaccine none."""
    return spread(doses, "vaccine", name, {key: one.diseases for key, one in vaccines().items()})


def _once(doses: ibis.Table, what: str) -> ibis.Table:
    """One dose for each person, day and what was given, or what it is against, whoever reports it."""
    import ibis

    first = ibis.window(
        group_by=[doses.person_id, doses[what], doses.given], order_by=doses.vaccination_id
    )
    told = doses.mutate(copy=ibis.row_number().over(first))
    nobody_knows = told.person_id.isnull() | told[what].isnull()
    return told.filter((told.copy == 0) | nobody_knows).drop("copy")


def _numbered(doses: ibis.Table) -> ibis.Table:
    import ibis

    doses = _once(doses, "disease")
    persons = doses.filter(doses.person_id.notnull())
    order = ibis.window(group_by=[persons.person_id, persons.disease], order_by=persons.given)
    persons = persons.mutate(
        dose_number=(ibis.row_number().over(order) + 1).cast("int64"),
        before=persons.given.lag().over(order),
    )
    days = _day_number(persons.given) - _day_number(persons.before)
    limits = zip(INTERVALS[1:], INTERVALS, strict=False)
    branches = [(days < limit, name) for (limit, _), (_, name) in limits]
    persons = persons.mutate(
        interval=ibis.cases((persons.before.isnull(), None), *branches, else_=INTERVALS[-1][1])
    )
    strangers = doses.filter(doses.person_id.isnull()).mutate(
        dose_number=ibis.null("int64"), interval=ibis.null("string")
    )
    columns = [*NUMBERED]
    return persons.select(*columns).union(strangers.select(*columns))


def _day_number(day: ibis.Value) -> ibis.Value:
    """Days since 1970, as a number that can be reckoned with on every engine."""
    return (day.cast("timestamp").epoch_seconds() / SECONDS_A_DAY).round().cast("int64")
