"""The rows that one unit's figures count add up to those figures, and hand-made cases come out as they should."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import ibis
import pytest

from prescribing.invented_prescribing import (
    HOMES,
    NIGHT,
    OLD_NIGHT,
    PERIODS,
    PRACTICE,
    Row,
    invent,
    on_duckdb,
)
from varde.guidelines import SHIPPED, read_library
from varde.prescribing.indicators import (
    InvalidPeriod,
    InvalidQuestion,
    Period,
    catalogue,
    compute,
    explain,
)

LIBRARY = read_library(SHIPPED)
YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))


@pytest.fixture(scope="module")
def connection() -> Any:
    made = ibis.duckdb.connect()
    made.raw_sql("SET enable_progress_bar = false")
    yield made
    made.disconnect()


def indicator(id_: str) -> Any:
    return catalogue().get(id_, date(2026, 1, 1))


def dispensing(number: int, **more: Any) -> Row:
    return {
        "dispensing_id": f"d{number}",
        "dispensed_on": date(2025, 3, 3),
        "prescribed_on": None,
        "prescriber": "101",
        "unit": None,
        "patient": "p1",
        "age": 30,
        "sex": "F",
        "atc": "J01CA08",
        "ddd": Decimal("3.333"),
        "ddd_version": 2025,
        "reimbursement_system": "ICPC-2",
        "reimbursement_code": "U71",
        "wait_and_see": None,
    } | more


def contact(number: int, **more: Any) -> Row:
    return {
        "consultation_id": f"c{number}",
        "held_on": date(2025, 3, 3),
        "prescriber": "101",
        "unit": None,
        "setting": "gp",
        "patient": "p1",
        "age": 30,
        "sex": "F",
        "billing": "2ad",
        "diagnoses": "U71",
    } | more


def institution(number: str, kind: str, **more: Any) -> Row:
    return {
        "institution": number,
        "since": date(2020, 1, 1),
        "until": None,
        "name": "x",
        "kind": kind,
        "part_of": None,
        "municipality": "4601",
        "successor": None,
    } | more


def tables(connection: Any, **given: list[Row]) -> dict[str, Any]:
    empty = {key: [] for key in invent(Random(0))}
    return on_duckdb(
        connection, empty | {key.replace("_", "-"): rows for key, rows in given.items()}
    )


def one(found: Any) -> tuple[Decimal, Decimal]:
    assert found.num_rows == 1
    row = found.to_pylist()[0]
    return row["numerator"], row["denominator"]


def test_what_is_listed_is_what_is_counted(connection: Any) -> None:
    found = on_duckdb(connection, invent(Random(8), 60))
    asked = [indicator(id_) for id_ in ("ab1", "ab3", "airways-choice-penicillin-v", "concordance")]
    counted = compute(found, asked, "prescriber", PERIODS[:1], library=LIBRARY).to_pylist()
    assert counted
    for row in counted[:6]:
        listed = explain(
            found,
            indicator(row["indicator"]),
            "prescriber",
            row["unit"],
            PERIODS[0],
            library=LIBRARY,
        )
        assert listed.numerator.num_rows == row["numerator"]
        assert listed.denominator.num_rows == row["denominator"]
        ids = listed.denominator.column(0).to_pylist()
        assert len(set(ids)) == len(ids)


def test_the_rows_themselves_are_listed(connection: Any) -> None:
    rows = [dispensing(1), dispensing(2, atc="J01XX05"), dispensing(3, prescriber="102")]
    listed = explain(
        tables(connection, dispensings=rows), indicator("broad-spectrum"), "prescriber", "101", YEAR
    )
    assert listed.numerator.num_rows == 0
    assert listed.denominator.to_pylist() == [{"dispensing_id": "d1"}]


def test_without_a_denominator_there_is_no_row_and_no_zero(connection: Any) -> None:
    found = tables(connection, dispensings=[dispensing(1)])
    assert compute(found, [indicator("ab1")], "prescriber", [YEAR]).num_rows == 0
    home = {"institution": HOMES[3], "month": date(2025, 1, 1), "stay": "long"}
    known = [institution(HOMES[3], "nursing-home")]
    days = [home | {"bed_days": Decimal("0")}]
    found = tables(connection, bed_days=days, institutions=known)
    assert one(compute(found, [indicator("home-ddd")], "institution", [YEAR])) == (0, 0)


@pytest.mark.parametrize(
    ("code", "atc", "age", "first", "named"),
    [
        ("R95", "J01CA04", 70, 1, 1),
        ("R95", "J01AA02", 70, 0, 1),
        ("R95", "J01MA02", 70, 0, 0),
        # Doxycycline is the standard of atypical pneumonia; the general recommendation comes first for R81.
        ("R81", "J01CE02", 40, 1, 1),
        ("R81", "J01AA02", 40, 0, 1),
        # Of U71 the recommendations are by age and sex; trimethoprim is none of those above 65.
        ("U71", "J01EA01", 65, 0, 1),
        ("U71", "J01EA01", 66, 0, 0),
        ("U71", "J01CA08", 66, 1, 1),
    ],
)
def test_what_the_guideline_says_of_a_drug(
    connection: Any, code: str, atc: str, age: int, first: int, named: int
) -> None:
    rows = [dispensing(1, atc=atc, age=age, reimbursement_code=code)]
    contacts = [contact(1, age=age, diagnoses=code)]
    found = tables(connection, dispensings=rows, consultations=contacts)
    assert one(compute(found, [indicator("concordance")], "prescriber", [YEAR])) == (named, 1)
    asked = [indicator("first-choice-contact")]
    assert one(compute(found, asked, "prescriber", [YEAR])) == (first, 1)


@pytest.mark.parametrize(
    ("prescribed", "within"), [(date(2024, 6, 26), 0), (date(2024, 6, 27), 1), (None, 1)]
)
def test_the_guideline_of_the_day_of_the_prescription_counts(
    connection: Any, prescribed: date | None, within: int
) -> None:
    """Amoxicillin for COPD: 500 mg x 3, seven days until 26 June 2024 and five from the 27th; 1.5 g is a daily dose."""
    row = dispensing(
        1,
        prescribed_on=prescribed,
        dispensed_on=date(2024, 6, 30),
        atc="J01CA04",
        age=70,
        ddd=Decimal("5"),
    )
    at = contact(1, held_on=prescribed or date(2024, 6, 30), age=70, diagnoses="R95")
    found = tables(connection, dispensings=[row], consultations=[at])
    year = Period(date(2024, 1, 1), date(2024, 12, 31))
    assert one(compute(found, [indicator("course-within")], "prescriber", [year])) == (within, 1)


def test_no_recommendation_is_not_discordance(connection: Any) -> None:
    rows = [dispensing(1, reimbursement_code="A01"), dispensing(2, reimbursement_code=None)]
    found = tables(connection, dispensings=rows)
    assert compute(found, [indicator("concordance")], "prescriber", [YEAR]).num_rows == 0
    # Bronchitis has a recommendation, and it has no drug: any antibiotic is another than it says.
    found = tables(connection, dispensings=[dispensing(1, reimbursement_code="R78")])
    assert one(compute(found, [indicator("concordance")], "prescriber", [YEAR])) == (0, 1)


@pytest.mark.parametrize(
    ("ddd", "longer"),
    [
        # Pivmecillinam 200 mg x 3 for 3 days is 1.8 g; a daily dose is 0.6 g. A day more is within.
        ("4", 0),
        ("4.001", 1),
        ("3", 0),
        ("2.999", 0),
    ],
)
def test_the_length_of_a_course(connection: Any, ddd: str, longer: int) -> None:
    found = tables(
        connection, dispensings=[dispensing(1, ddd=Decimal(ddd))], consultations=[contact(1)]
    )
    asked = [indicator("course-longer"), indicator("course-within")]
    over, within = compute(found, asked, "prescriber", [YEAR]).to_pylist()
    assert (over["numerator"], over["denominator"]) == (longer, 1)
    assert within["numerator"] == (1 if Decimal(3) <= Decimal(ddd) <= Decimal(4) else 0)


def test_a_course_that_cannot_be_computed_is_neither(connection: Any) -> None:
    child = dispensing(1, age=5, ddd=Decimal("99"))
    found = tables(connection, dispensings=[child], consultations=[contact(1, age=5)])
    assert compute(found, [indicator("course-longer")], "prescriber", [YEAR]).num_rows == 0


def test_the_same_contact_counts_once(connection: Any) -> None:
    rows = [
        dispensing(1, atc="J01CE02"),
        dispensing(2, atc="J01CE02"),
        dispensing(3, atc="J01FA01"),
    ]
    contacts = [
        contact(1, diagnoses="R74 R81"),
        contact(2, diagnoses="R05", held_on=date(2025, 3, 4)),
    ]
    found = tables(connection, dispensings=rows, consultations=contacts)
    asked = [indicator("ab3"), indicator("ab4")]
    third, fourth = compute(found, asked, "prescriber", [YEAR]).to_pylist()
    assert (third["numerator"], third["denominator"]) == (1, 2)
    assert (fourth["numerator"], fourth["denominator"]) == (1, 1)


def test_daily_doses_are_those_of_the_definition(connection: Any) -> None:
    home = {"institution": HOMES[0], "month": date(2025, 1, 1)}
    sold = home | {"atc": "J01CA04", "product": "1", "route": "O", "packages": Decimal(1)}
    rows = [
        # 1 g a day until 2018, 1.5 g after: ten of the old are 6.667 of the new.
        sold | {"ddd": Decimal("10"), "ddd_version": 2018},
        sold | {"product": "2", "ddd": Decimal("10"), "ddd_version": 2019},
    ]
    days = [home | {"stay": "long", "bed_days": Decimal("31.5")}]
    known = [institution(HOMES[0], "nursing-home")]
    found = tables(connection, sales=rows, bed_days=days, institutions=known)
    assert one(compute(found, [indicator("home-ddd")], "institution", [YEAR])) == (
        Decimal("16.667"),
        Decimal("31.500"),
    )


def test_a_merged_unit_is_the_one_that_took_over(connection: Any) -> None:
    rows = [dispensing(1, unit=OLD_NIGHT), dispensing(2, unit=NIGHT), dispensing(3, unit=PRACTICE)]
    merged = institution(OLD_NIGHT, "out-of-hours", until=date(2025, 6, 30), successor=NIGHT)
    known = [merged, institution(NIGHT, "out-of-hours"), institution(PRACTICE, "practice")]
    found = tables(connection, dispensings=rows, institutions=known)
    counted = compute(found, [indicator("broad-spectrum")], "out-of-hours-unit", [YEAR])
    assert [(row["unit"], row["denominator"]) for row in counted.to_pylist()] == [(NIGHT, 2)]
    before = Period(date(2025, 1, 1), date(2025, 3, 31))
    counted = compute(found, [indicator("broad-spectrum")], "out-of-hours-unit", [before])
    assert {row["unit"] for row in counted.to_pylist()} == {NIGHT, OLD_NIGHT}


def test_a_question_that_cannot_be_asked_is_refused(connection: Any) -> None:
    found = tables(connection)
    with pytest.raises(InvalidQuestion, match="home-ddd is not computed by prescriber"):
        compute(found, [indicator("home-ddd")], "prescriber", [YEAR])
    with pytest.raises(InvalidQuestion, match="no kind of unit"):
        compute(found, [indicator("ab1")], "doctor", [YEAR])  # type: ignore[arg-type]
    with pytest.raises(InvalidQuestion, match="the table prescribers is missing"):
        some = {key: table for key, table in found.items() if key != "prescribers"}
        compute(some, [indicator("broad-spectrum")], "county", [YEAR])
    with pytest.raises(InvalidPeriod):
        compute(found, [indicator("ab1")], "prescriber", [YEAR, YEAR])
