"""Months of which nobody delivered anything are no months of zero: hand-made cases with their answers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import ibis
import pytest

from prescribing.plain_indicators import Plain
from prescribing.test_counted_cases import HOME, KNOWN, sold, stayed
from prescribing.test_explaining import LIBRARY, contact, dispensing, indicator, tables
from varde.prescribing.indicators import (
    Period,
    compute,
    explain,
    find_delivered,
    find_missing,
    read_period,
)

YEAR = read_period("2025")
AUGUST = read_period("2025-08")
HALF = range(1, 7)
WHOLE = range(1, 13)


@pytest.fixture(scope="module")
def connection() -> Any:
    made = ibis.duckdb.connect()
    made.raw_sql("SET enable_progress_bar = false")
    yield made
    made.disconnect()


def contacts(months: Any) -> list[dict[str, Any]]:
    """Ten contacts a month for the airways."""
    return [
        contact(
            100 * month + number,
            held_on=date(2025, month, 3),
            patient=f"p{number}",
            diagnoses="R81",
        )
        for month in months
        for number in range(10)
    ]


def drugs(months: Any) -> list[dict[str, Any]]:
    """Each of them gets one."""
    return [
        dispensing(
            100 * month + number,
            dispensed_on=date(2025, month, 3),
            patient=f"p{number}",
            atc="J01CE02",
            reimbursement_code="R81",
        )
        for month in months
        for number in range(10)
    ]


def listed(persons: int) -> dict[str, Any]:
    whole = {"since": YEAR.since, "until": YEAR.until, "age_low": 0, "age_high": None, "sex": "F"}
    return {"prescriber": "101", "persons": persons} | whole


def count(
    found: dict[str, Any], id_: str, period: Period, by: Any = "prescriber"
) -> list[tuple[int, int, int]]:
    """Numerator, denominator and months of the one unit there is; the plain engine must say the same, and as many rows
    be listed."""
    one = indicator(id_)
    delivered = find_delivered(found, [one], [period])
    table = compute(found, [one], by, [period], library=LIBRARY, delivered=delivered)
    answer = [(row["numerator"], row["denominator"], row["months"]) for row in table.to_pylist()]
    rows = {key: each.to_pyarrow().to_pylist() for key, each in found.items()}
    plain = Plain(rows, LIBRARY).compute([one], by, [period], delivered=delivered)
    assert list(plain.values()) == answer
    for unit in table["unit"].to_pylist() or ["101"]:
        rows_ = explain(found, one, by, unit, period, library=LIBRARY, delivered=delivered)
        for part, each, number in zip(
            one.parts, (rows_.numerator, rows_.denominator), (0, 1), strict=True
        ):
            if part.counts == "rows":
                assert each.num_rows == (answer[0][number] if answer else 0)
            elif not answer:
                assert each.num_rows == 0
    return answer


@pytest.mark.parametrize("id_", ["ab1", "ab3"])
def test_contacts_of_months_without_prescriptions_are_left_out(connection: Any, id_: str) -> None:
    found = tables(connection, consultations=contacts(WHOLE), dispensings=drugs(HALF))
    assert count(found, id_, YEAR) == [(60, 60, 6)]
    assert count(found, id_, AUGUST) == []
    assert count(found, id_, read_period("2025-06..2025-07")) == [(10, 10, 1)]
    # All in one question, with an indicator that misses nothing of its own.
    asked = [indicator("ab3"), indicator("broad-spectrum"), indicator("ab1")]
    delivered = find_delivered(found, asked, [AUGUST, YEAR])
    both = compute(found, asked, "prescriber", [AUGUST, YEAR], delivered=delivered).to_pylist()
    assert [(row["indicator"], row["since"].month, row["months"]) for row in both] == [
        ("ab3", 1, 6),
        ("broad-spectrum", 1, 6),
        ("ab1", 1, 6),
    ]


@pytest.mark.parametrize("id_", ["ab1", "ab3", "airways-choice-penicillin-v"])
def test_prescriptions_of_months_without_contacts_are_left_out(connection: Any, id_: str) -> None:
    found = tables(connection, consultations=contacts(HALF), dispensings=drugs(WHOLE))
    assert count(found, id_, YEAR) == [(60, 60, 6)]
    assert count(found, id_, AUGUST) == []
    assert count(found, "broad-spectrum", AUGUST) == [(0, 10, 1)]


def test_over_persons_the_months_are_told(connection: Any) -> None:
    found = tables(connection, dispensings=drugs(HALF), **{"list-populations": [listed(1000)]})
    assert count(found, "j01-per-1000", YEAR) == [(60, 1000, 6)]
    assert count(found, "inhabitants-with-j01", YEAR) == [(10, 1000, 6)]
    assert count(found, "j01-per-1000", AUGUST) == []


def test_hours_of_months_without_prescriptions_are_left_out(connection: Any) -> None:
    shifts = [
        {
            "prescriber": "101",
            "unit": HOME,
            "began_on": date(2025, month, 1),
            "part": "day",
            "hours": Decimal(8),
        }
        for month in WHOLE
    ]
    found = tables(connection, dispensings=drugs(HALF), shifts=shifts)
    assert count(found, "j01-per-shift-hours", YEAR) == [
        (0, 48, 6)
    ]  # no prescription is of a shift


@pytest.mark.parametrize("by", ["institution", "county"])
def test_bed_days_of_months_without_sales_are_left_out(connection: Any, by: Any) -> None:
    def month(at: int) -> date:
        return date(2025, at, 1)

    given = {
        "sales": [sold(HOME, "J01CA08", "10", month=month(at)) for at in HALF],
        "bed_days": [stayed(HOME, "100", month(at)) for at in WHOLE if at != 2],
        "institutions": KNOWN,
    }
    found = tables(connection, **given)
    assert count(found, "home-ddd", YEAR, by) == [(50, 500, 5)]
    assert count(found, "home-ddd", AUGUST, by) == []


def test_a_course_is_whole_though_a_month_of_it_is_left_out(connection: Any) -> None:
    """Fetched in March and, the other half, in April, of which nobody delivered contacts: it is of March; and what
    began in a month that is left out is of no month."""
    written = date(2025, 3, 30)
    half = {"ddd": Decimal("1.5"), "prescribed_on": written}
    rows = [
        dispensing(1, dispensed_on=date(2025, 3, 31), **half),
        dispensing(2, dispensed_on=date(2025, 4, 1), **half),
    ]
    found = tables(connection, dispensings=rows, consultations=[contact(1, held_on=written)])
    assert count(found, "course-within", YEAR) == [(1, 1, 1)]
    rows[0]["dispensed_on"], rows[1]["dispensed_on"] = date(2025, 4, 1), date(2025, 5, 2)
    may = [contact(1, held_on=written), contact(2, held_on=date(2025, 5, 9), patient="p2")]
    found = tables(connection, dispensings=rows, consultations=may)
    assert count(found, "course-within", YEAR) == []


def test_what_is_missing_is_of_what_is_counted(connection: Any) -> None:
    found = tables(connection, consultations=contacts(WHOLE), dispensings=drugs([1, 3]))
    asked = [indicator(id_) for id_ in ("ab3", "broad-spectrum", "residents-on-antibiotics")]
    months = read_period("2025-01..2025-04")
    delivered = find_delivered(found, asked, [months])
    assert {key: len(some) for key, some in delivered.items()} == {
        "consultations": 4,
        "dispensings": 2,
    }
    missing = {date(2025, 2, 1), date(2025, 4, 1)}
    assert [find_missing(one, [months], delivered) for one in asked] == [missing, missing, set()]
    assert find_missing(asked[0], [months], None) == frozenset()
    assert find_missing(asked[0], [months], {}) == frozenset()
    assert find_delivered({}, asked, [months]) == {}
