"""Hand-made cases with their answers: what an indicator must count, and what it must not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import ibis
import msgspec
import pytest

from prescribing.invented_prescribing import HOMES, NIGHT
from prescribing.plain_indicators import Plain
from prescribing.test_explaining import (
    LIBRARY,
    YEAR,
    contact,
    dispensing,
    indicator,
    institution,
    tables,
)
from prescribing.test_origins import post
from varde.prescribing.indicators import Period, compute, explain

NEXT_YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
HOME, CARE, HOSPITAL = HOMES[0], HOMES[1], HOMES[2]
UNKNOWN = "999999999"
KNOWN = [
    institution(HOME, "nursing-home"),
    institution(CARE, "home-care"),
    institution(HOSPITAL, "hospital"),
]


@pytest.fixture(scope="module")
def connection() -> Any:
    made = ibis.duckdb.connect()
    made.raw_sql("SET enable_progress_bar = false")
    yield made
    made.disconnect()


def answers(connection: Any, id_: str, by: str, **given: Any) -> dict[str, tuple[Any, Any]]:
    """By unit; the plain engine must say the same."""
    found = tables(connection, **given)
    counted = compute(found, [indicator(id_)], by, [YEAR], library=LIBRARY)  # type: ignore[arg-type]
    answer = {row["unit"]: (row["numerator"], row["denominator"]) for row in counted.to_pylist()}
    rows = {key: table.to_pyarrow().to_pylist() for key, table in found.items()}
    plain = Plain(rows, LIBRARY).compute([indicator(id_)], by, [YEAR])
    assert {unit: value[:2] for (_, unit, *_), value in plain.items()} == answer
    return answer


# ── The length of a course ────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("day", "code", "doses", "length"),
    [
        # Doxycycline, 0.1 g a daily dose. Pneumonia: 200 mg the first day and four days more; atypical pneumonia: six days
        # more. Both are of R81: what either says is within, and one daily dose may be over.
        (date(2023, 3, 3), "R81", "7.999", "shorter"),  # before the shorter course for pneumonia
        (date(2025, 3, 3), "R81", "5.999", "shorter"),
        (date(2025, 3, 3), "R81", "6", "within"),
        (date(2025, 3, 3), "R81", "7", "within"),
        (date(2025, 3, 3), "R81", "9", "within"),
        (date(2025, 3, 3), "R81", "9.001", "longer"),
        (date(2023, 3, 3), "R81", "8", "within"),
        (date(2023, 3, 3), "R81", "9", "within"),
        (date(2023, 3, 3), "R81", "9.001", "longer"),
        # COPD from 27 June 2024: 200 mg and then four days.
        (date(2025, 3, 3), "R95", "5.999", "shorter"),
        (date(2025, 3, 3), "R95", "6", "within"),
        (date(2025, 3, 3), "R95", "7", "within"),
        (date(2025, 3, 3), "R95", "7.001", "longer"),
    ],
)
def test_a_loading_dose_is_part_of_the_course(
    connection: Any, day: date, code: str, doses: str, length: str
) -> None:
    row = dispensing(1, prescribed_on=day, atc="J01AA02", age=70, ddd=Decimal(doses))
    given = {
        "dispensings": [row | {"dispensed_on": date(2025, 3, 3)}],
        "consultations": [contact(1, held_on=day, age=70, diagnoses=code)],
    }
    within = answers(connection, "course-within", "prescriber", **given)
    longer = answers(connection, "course-longer", "prescriber", **given)
    assert within["101"] == (length == "within", 1)
    assert longer["101"] == (length == "longer", 1)


def test_two_packages_are_one_course(connection: Any) -> None:
    rows = [
        dispensing(1, ddd=Decimal("1.667")),
        dispensing(
            2, ddd=Decimal("1.666"), dispensed_on=date(2025, 3, 20), prescribed_on=date(2025, 3, 3)
        ),
        dispensing(3, ddd=Decimal("1.667"), patient="p2"),
        dispensing(4, ddd=Decimal("5"), atc="J01XE01", patient="p2"),
    ]
    given = {"dispensings": rows, "consultations": [contact(1), contact(2, patient="p2")]}
    # p1: 3.333 daily doses of pivmecillinam in two packages, one course within. p2: two courses of two drugs.
    assert answers(connection, "course-within", "prescriber", **given) == {"101": (1, 3)}
    assert answers(connection, "course-longer", "prescriber", **given) == {"101": (1, 3)}


# ── A drug that is recommended only with another ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("code", "atc", "age", "first"),
    [
        ("R75", "J01CE02", 40, (1, 1)),
        ("R75", "J01CA04", 40, (0, 1)),
        ("R75", "J01XD01", 40, None),
        ("R75", "J01MA02", 40, (0, 1)),
        ("R75", "J01XD01", 5, (0, 1)),  # for children there is no such combination
    ],
)
def test_half_of_a_combination_is_neither_for_nor_against(
    connection: Any, code: str, atc: str, age: int, first: tuple[int, int] | None
) -> None:
    given = {
        "dispensings": [dispensing(1, atc=atc, age=age)],
        "consultations": [contact(1, age=age, diagnoses=code)],
    }
    found = answers(connection, "first-choice-contact", "prescriber", **given)
    assert found == ({} if first is None else {"101": first})
    assert answers(connection, "concordance-contact", "prescriber", **given).keys() == found.keys()


# ── Contacts out of hours ─────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("setting", "billing", "airways", "contacts"),
    [
        *((setting, code, 1, 1) for setting in ("gp", "out-of-hours") for code in ("2ad", "2ae")),
        *((setting, code, 1, 1) for setting in ("gp", "out-of-hours") for code in ("11ad", "11ak")),
        *((setting, code, 0, 1) for setting in ("gp", "out-of-hours") for code in ("1bd", "1be")),
        *(("out-of-hours", code, 1, 1) for code in ("2ak", "2aek", "2ck 2ak")),
        *(("gp", code, 0, 0) for code in ("2ak", "2aek", "1bk", "2ck")),
        ("out-of-hours", "1bk", 0, 1),
        ("out-of-hours", "1i", 0, 1),
        *(("out-of-hours", code, 0, 0) for code in ("2ck", "2fk", "1g", "1ad", None)),
    ],
)
def test_evenings_and_nights_count_out_of_hours(
    connection: Any, setting: str, billing: str | None, airways: int, contacts: int
) -> None:
    at = contact(1, setting=setting, billing=billing, diagnoses="R81")
    given = {"dispensings": [dispensing(1, atc="J01CE02")], "consultations": [at]}
    for id_ in ("ab3", "ab3-10-65", "ab4"):
        found = answers(connection, id_, "prescriber", **given)
        assert found == ({"101": (1, 1)} if airways else {}), id_
    assert answers(connection, "ab1", "prescriber", **given) == (
        {"101": (1, 1)} if contacts else {}
    )


def test_a_unit_has_its_nights(connection: Any) -> None:
    rows = [
        contact(1, setting="out-of-hours", unit=NIGHT, billing="2ak", diagnoses="R81"),
        contact(
            2, setting="out-of-hours", unit=NIGHT, billing="2ad", patient="p2", diagnoses="R05"
        ),
    ]
    given = {
        "consultations": rows,
        "dispensings": [dispensing(1, atc="J01CE02", unit=NIGHT)],
        "institutions": [institution(NIGHT, "out-of-hours")],
    }
    assert answers(connection, "ab3", "out-of-hours-unit", **given) == {NIGHT: (1, 2)}


# ── Homes, home care and hospitals ────────────────────────────────────────────────────────────────────────────────────
def sold(number: str, atc: str, ddd: str, **more: Any) -> dict[str, Any]:
    row = {"institution": number, "month": date(2025, 2, 1), "atc": atc, "product": "1"}
    return (
        row
        | {"route": "O", "packages": Decimal(1), "ddd": Decimal(ddd), "ddd_version": 2025}
        | more
    )


def stayed(number: str, days: str, month: date = date(2025, 2, 1)) -> dict[str, Any]:
    return {"institution": number, "month": month, "stay": "long", "bed_days": Decimal(days)}


@pytest.mark.parametrize("by", ["institution", "municipality", "county", "country"])
def test_homes_and_home_care_are_kept_apart(connection: Any, by: str) -> None:
    given = {
        "sales": [
            sold(HOME, "J01CA08", "10"),
            sold(HOME, "J01CA04", "30", product="2"),
            sold(CARE, "J01CA08", "60"),
            sold(CARE, "J01CE02", "40", product="2"),
        ],
        "bed_days": [stayed(HOME, "200"), stayed(CARE, "7")],
        "institutions": KNOWN,
    }
    home = HOME if by == "institution" else "46" if by == "county" else "4601"
    care = CARE if by == "institution" else home
    if by == "country":
        home = care = "country"
    assert answers(connection, "home-ddd", by, **given) == {home: (40, 200)}
    assert answers(connection, "home-urinary-ddd", by, **given) == {home: (10, 200)}
    assert answers(connection, "care-urinary-share", by, **given) == {care: (60, 100)}


def test_an_institution_is_what_it_was_that_month(connection: Any) -> None:
    became = [
        institution(HOME, "nursing-home", until=date(2025, 1, 31)),
        institution(HOME, "home-care", since=date(2025, 2, 1)),
    ]
    given = {
        "sales": [
            sold(HOME, "J01CA08", "10", month=date(2025, 1, 1)),
            sold(HOME, "J01CA08", "60"),
        ],
        "bed_days": [stayed(HOME, "200", date(2025, 1, 1)), stayed(HOME, "7")],
        "institutions": became,
    }
    assert answers(connection, "home-ddd", "institution", **given) == {HOME: (10, 200)}
    assert answers(connection, "care-urinary-share", "country", **given) == {"country": (60, 60)}


def gave(number: int, at: str, atc: str, ddd: str | None, **more: Any) -> dict[str, Any]:
    row = {"administration_id": f"a{number}", "institution": at, "given_on": date(2025, 2, 9)}
    row |= {"patient": "p", "age": None, "sex": None, "atc": atc, "route": "O"}
    row |= {"ddd": ddd and Decimal(ddd), "ddd_version": 2025}
    return row | {"reason_system": None, "reason_code": None} | more


def test_what_was_given_counts_where_it_is_told(connection: Any) -> None:
    given = {
        "administrations": [
            gave(1, HOME, "J01CE02", "2"),
            gave(2, HOME, "J01XX05", "5"),
            gave(3, HOME, "J01MA02", "1"),
            gave(4, HOME, "N02BE01", None),
            gave(5, HOSPITAL, "J01DD04", "3", route="P"),
            gave(6, HOSPITAL, "J01CE01", "1", route="P"),
        ],
        # In March the home told of nothing: its bed days then say nothing. HOMES[3] never told.
        "bed_days": [
            stayed(HOME, "100"),
            stayed(HOME, "90", date(2025, 3, 1)),
            stayed(HOSPITAL, "50"),
            stayed(HOMES[3], "10"),
        ],
        "institutions": [*KNOWN, institution(HOMES[3], "nursing-home")],
    }
    for id_, answer in {
        "given-home-ddd": {HOME: (3, 100)},
        "given-home-methenamine": {HOME: (5, 100)},
        "given-home-broad-spectrum-share": {HOME: (1, 3)},
        "given-hospital-ddd": {HOSPITAL: (4, 50)},
        "given-hospital-methenamine": {HOSPITAL: (0, 50)},
        "given-hospital-broad-spectrum-ddd": {HOSPITAL: (3, 50)},
        "given-hospital-broad-spectrum-share": {HOSPITAL: (3, 4)},
    }.items():
        assert answers(connection, id_, "institution", **given) == answer, id_


def test_what_has_no_daily_doses_is_not_computable(connection: Any) -> None:
    given = {
        "administrations": [gave(1, HOME, "J01CE02", "2"), gave(2, HOME, "J01CE02", None)],
        "bed_days": [stayed(HOME, "100")],
        "institutions": KNOWN,
    }
    assert answers(connection, "given-home-ddd", "institution", **given) == {}


# ── The first choice for cystitis ─────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("atc", "age", "sex", "first"),
    [
        ("J01CA08", 40, "F", 1),
        ("J01XE01", 40, "F", 1),
        ("J01EA01", 40, "F", 0),  # an alternative
        ("J01EA01", 70, "F", 0),  # not named
        ("J01EA01", 40, "M", 0),
        ("J01CA08", 5, "F", 1),
        ("J01XE01", 5, "F", 0),
        ("J01MA02", 40, "F", 0),
        ("J01CE02", 40, "F", 0),
    ],
)
def test_the_first_choice_for_cystitis_is_the_guidelines(
    connection: Any, atc: str, age: int, sex: str, first: int
) -> None:
    given = {
        "dispensings": [dispensing(1, atc=atc, age=age, sex=sex)],
        "consultations": [contact(1, age=age, sex=sex)],
    }
    found = answers(connection, "cystitis-choice-first-line", "prescriber", **given)
    assert found == {"101": (first, 1)}


def test_methenamine_and_other_diagnoses_are_left_out_of_it(connection: Any) -> None:
    rows = [dispensing(1, atc="J01XX05"), dispensing(2, patient="p2")]
    contacts = [contact(1), contact(2, patient="p2", diagnoses="U70")]
    given = {"dispensings": rows, "consultations": contacts}
    assert answers(connection, "cystitis-choice-first-line", "prescriber", **given) == {}


# ── Surveys ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("antibiotic", "counts"),
    [("PNV", 1), ("MTR", 1), ("FDX", 1), ("RIF", 1), ("FLU", 1), ("MTH", 0), ("NYS", 0), (None, 0)],
)
def test_the_list_of_the_survey_counts(
    connection: Any, antibiotic: str | None, counts: int
) -> None:
    ward = {"ward_id": 1, "institution": HOME, "institution_kind": "nursing-home"}
    ward |= {"surveyed": date(2025, 5, 7), "present": 20, "on_antibiotics": 1}
    treated = {"ward_id": 1, "antibiotic": antibiotic, "classification": None}
    given = {"wards": [ward], "treatments": [treated], "institutions": KNOWN}
    found = answers(connection, "prescriptions-without-methenamine", "institution", **given)
    assert found == {HOME: (counts, 20)}


# ── Months without bed days ───────────────────────────────────────────────────────────────────────────────────────────
def in_month(month: int) -> dict[str, Any]:
    return {"month": date(2025, month, 1)}


@pytest.mark.parametrize(
    ("told", "answer", "months"),
    [
        (range(1, 13), (120, 1200), 12),
        (range(1, 7), (60, 600), 6),
        ([12], (10, 100), 1),
        ([], None, None),
    ],
)
def test_sales_of_months_without_bed_days_are_left_out(
    connection: Any, told: Any, answer: Any, months: int | None
) -> None:
    given = {
        "sales": [sold(HOME, "J01CA08", "10", **in_month(month)) for month in range(1, 13)],
        "bed_days": [stayed(HOME, "100", **in_month(month)) for month in told],
        "institutions": KNOWN,
    }
    for by, unit in (("institution", HOME), ("country", "country")):
        found = answers(connection, "home-ddd", by, **given)
        assert found == ({unit: answer} if answer else {})
    counted = compute(tables(connection, **given), [indicator("home-ddd")], "institution", [YEAR])
    assert counted["months"].to_pylist() == ([months] if months else [])
    listed = explain(tables(connection, **given), indicator("home-ddd"), "institution", HOME, YEAR)
    assert listed.numerator.num_rows == listed.denominator.num_rows == len(list(told))


def test_months_of_several_homes_are_each_homes_own(connection: Any) -> None:
    given = {
        "sales": [sold(HOME, "J01CA08", "10"), sold(HOMES[3], "J01CA08", "20")],
        "bed_days": [stayed(HOME, "100"), stayed(HOMES[3], "0")],
        "institutions": [*KNOWN, institution(HOMES[3], "nursing-home")],
    }
    found = answers(connection, "home-ddd", "institution", **given)
    assert found == {HOME: (10, 100), HOMES[3]: (0, 0)}
    # A merged home is one with whom it became from then on, and in the months before each told its own days.
    for last, answer in ((date(2025, 6, 30), (10, 100)), (date(2025, 2, 20), (30, 100))):
        merged = institution(HOMES[3], "nursing-home", until=last, successor=HOME)
        given["institutions"] = [*KNOWN, merged]
        assert answers(connection, "home-ddd", "institution", **given) == {HOME: answer}


def test_doses_of_a_home_without_bed_days_are_set_over_no_others_days(connection: Any) -> None:
    """By county as by home: 8 doses a hundred days, and not the 58 that they would be with a home that tells no days."""
    other = institution(HOMES[3], "nursing-home", municipality="4601")
    given = {
        "sales": [
            sold(HOME, "J01CA08", "80"),
            sold(HOMES[3], "J01CE02", "500"),
            sold(UNKNOWN, "J01CE02", "7"),
        ],
        "bed_days": [stayed(HOME, "1000"), stayed(UNKNOWN, "50", date(2025, 3, 1))],
        "institutions": [*KNOWN, other],
    }
    places = {"institution": HOME, "municipality": "4601", "county": "46", "country": "country"}
    for by, unit in places.items():
        assert answers(connection, "home-ddd", by, **given) == {unit: (80, 1000)}
        listed = explain(tables(connection, **given), indicator("home-ddd"), by, unit, YEAR)  # type: ignore[arg-type]
        assert {row["institution"] for row in listed.numerator.to_pylist()} == {HOME}
        assert listed.denominator.num_rows == 1
    # A month counts once, however many homes tell of it.
    given["bed_days"] = [*given["bed_days"], stayed(HOMES[3], "500", date(2025, 1, 1))]
    given["bed_days"] = [*given["bed_days"], stayed(HOME, "10", date(2025, 1, 1))]
    found = compute(tables(connection, **given), [indicator("home-ddd")], "county", [YEAR])
    [row] = found.to_pylist()
    assert (row["numerator"], row["denominator"], row["months"]) == (80, 1510, 2)


def test_whom_no_register_has_keeps_its_place_in_the_country(connection: Any) -> None:
    """Of an indicator that does not ask what kind of institution it is."""
    base = indicator("home-ddd")
    all_kinds = [
        msgspec.structs.replace(
            part, where=msgspec.structs.replace(part.where, institution_kinds=())
        )
        for part in base.parts
    ]
    asked = msgspec.structs.replace(base, numerator=all_kinds[0], denominator=all_kinds[1])
    given = {
        "sales": [sold(UNKNOWN, "J01CA08", "7"), sold(HOMES[2], "J01CA08", "500")],
        "bed_days": [stayed(UNKNOWN, "50")],
        "institutions": KNOWN,
    }
    for by, answer in (("country", [(7, 50)]), ("institution", [(7, 50)]), ("county", [])):
        found = compute(tables(connection, **given), [asked], by, [YEAR])  # type: ignore[arg-type]
        assert [(row["numerator"], row["denominator"]) for row in found.to_pylist()] == answer


# ── One course, whatever it is counted in and whenever it was fetched ─────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        # COPD: amoxicillin of 7.5 g, 1.5 g more is within. A daily dose was 1 g, and is 1.5 g from 2019 on.
        ({"ddd": "4", "ddd_version": 2018}, {"ddd": "2.334", "ddd_version": 2019}, (1, 1)),
        ({"ddd": "4", "ddd_version": 2018}, {"ddd": "2.333", "ddd_version": 2025}, (0, 1)),
        ({"ddd": "4", "ddd_version": 2018}, {"ddd": "3.5", "ddd_version": 2018}, (1, 1)),
        ({"ddd": "2.5", "ddd_version": 2025}, {"ddd": "2.5", "ddd_version": 2019}, (1, 1)),
        ({"ddd": "4", "ddd_version": 2018}, {"ddd": "3.334", "ddd_version": 2019}, (0, 1)),
        ({"ddd": "5", "ddd_version": 2018}, {"ddd": "6", "atc": "J01AA02"}, (1, 2)),
        ({"ddd": "5", "ddd_version": 2018}, {"ddd": "5", "patient": "p2"}, (1, 2)),
    ],
)
def test_a_course_is_one_whatever_version_it_is_counted_in(
    connection: Any, first: dict[str, Any], second: dict[str, Any], answer: tuple[int, int]
) -> None:
    rows = [
        dispensing(number, atc="J01CA04", age=70) | row | {"ddd": Decimal(row["ddd"])}
        for number, row in enumerate((first, second), start=1)
    ]
    told = [
        contact(number, diagnoses="R95", age=70, patient=patient)
        for number, patient in enumerate(("p1", "p2"), start=1)
    ]
    found = answers(connection, "course-within", "prescriber", dispensings=rows, consultations=told)
    assert found == {"101": answer}


@pytest.mark.parametrize(
    ("day", "year", "next_year"),
    [(date(2025, 12, 31), True, False), (date(2026, 1, 2), False, True)],
)
def test_a_course_over_new_year_is_one_of_the_year_it_began(
    connection: Any, day: date, year: bool, next_year: bool
) -> None:
    written = date(2025, 12, 30)
    rows = [
        dispensing(1, ddd=Decimal("1.667"), dispensed_on=day, prescribed_on=written),
        dispensing(2, ddd=Decimal("1.666"), dispensed_on=date(2026, 1, 3), prescribed_on=written),
    ]
    found = tables(connection, dispensings=rows, consultations=[contact(1, held_on=written)])
    asked = [indicator("course-within"), indicator("course-longer")]
    for period, is_of in ((YEAR, year), (NEXT_YEAR, next_year)):
        counted = compute(found, asked, "prescriber", [period], library=LIBRARY).to_pylist()
        assert [(row["numerator"], row["denominator"]) for row in counted] == (
            [(1, 1), (0, 1)] if is_of else []
        )
    both = compute(found, asked[:1], "prescriber", [YEAR, NEXT_YEAR], library=LIBRARY)
    assert both.num_rows == 1
    rows_ = {key: table.to_pyarrow().to_pylist() for key, table in found.items()}
    plain = Plain(rows_, LIBRARY).compute(asked[:1], "prescriber", [YEAR, NEXT_YEAR])
    assert len(plain) == 1


# ── Where a shift was ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_shifts_and_what_is_written_on_them_are_of_where_they_were(connection: Any) -> None:
    """A doctor of Bergen on duty in Oslo: hours and prescriptions are Oslo's; a unit that no register knows is of the
    doctor's place; and a unit that moves, or whose municipality becomes another, is of where it is at the period's end."""
    duty = {"prescriber": "101", "began_on": date(2025, 3, 1), "part": "night"}
    at_home = post("out-of-hours", HOMES[3], prescriber="101", municipality="4601")
    given = {
        "dispensings": [
            dispensing(1, prescriber="101", unit=NIGHT),
            dispensing(2, prescriber="101", unit=None, patient="q"),
        ],
        "consultations": [
            contact(1, prescriber="101", unit=NIGHT, setting="out-of-hours", patient="q")
        ],
        "shifts": [
            duty | {"unit": NIGHT, "hours": Decimal("7.5")},
            duty | {"unit": HOMES[2], "hours": Decimal("2")},
        ],
        "prescribers": [at_home],
        "institutions": [institution(NIGHT, "out-of-hours", municipality="0301")],
    }
    for by, answer in (
        ("municipality", {"0301": (2, Decimal("7.5")), "4601": (0, 2)}),
        ("county", {"03": (2, Decimal("7.5")), "46": (0, 2)}),
        ("country", {"country": (2, Decimal("9.5"))}),
    ):
        assert answers(connection, "j01-per-shift-hours", by, **given) == answer
    moved = [
        institution(NIGHT, "out-of-hours", municipality="0301", until=date(2025, 6, 30)),
        institution(NIGHT, "out-of-hours", municipality="5001", since=date(2025, 7, 1)),
    ]
    found = answers(connection, "j01-per-shift-hours", "county", **given | {"institutions": moved})
    assert found == {"50": (2, Decimal("7.5")), "46": (0, 2)}
