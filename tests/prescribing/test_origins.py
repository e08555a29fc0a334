"""Where a prescription without a unit was written: the contact decides, then the only post; nothing is guessed."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import pytest

from prescribing.invented_prescribing import NIGHT, OLD_NIGHT, PRACTICE, Row
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
from varde.prescribing.indicators import (
    compute,
    count_contacts_by_unit,
    count_left_out,
    count_unplaced,
)
from varde.prescribing.reports.measuring.left_out import LeftOut, find_unplaced
from varde.prescribing.reports.measuring.plans import plans_of

GP, OUT = "gp", "out-of-hours"
KNOWN = [
    institution(PRACTICE, "practice"),
    institution(NIGHT, OUT),
    institution(OLD_NIGHT, OUT),
]


@pytest.fixture(scope="module")
def connection() -> Any:
    made = ibis.duckdb.connect()
    made.raw_sql("SET enable_progress_bar = false")
    yield made
    made.disconnect()


def post(role: str, unit: str, **more: Any) -> Row:
    return {
        "prescriber": "101",
        "since": date(2020, 1, 1),
        "until": None,
        "role": role,
        "unit": unit,
        "municipality": "4601",
        "peer_group": "A",
    } | more


LIST, WATCH, OTHER = post(GP, PRACTICE), post(OUT, NIGHT), post(OUT, OLD_NIGHT)
NEWER = post(OUT, OLD_NIGHT, since=date(2025, 2, 1))
ENDED = post(OUT, OLD_NIGHT, until=date(2025, 3, 2))
LATER = post(OUT, OLD_NIGHT, since=date(2025, 3, 4))


def said(setting: str, unit: str | None = None, number: int = 1, **more: Any) -> Row:
    return contact(number, setting=setting, unit=unit, **more)


@pytest.mark.parametrize(
    ("posts", "contacts", "own", "role", "unit"),
    [
        # The contact decides, whatever the posts are.
        ([WATCH, NEWER], [said(OUT, NIGHT)], None, OUT, NIGHT),
        ([WATCH, NEWER], [said(OUT, OLD_NIGHT)], None, OUT, OLD_NIGHT),
        ([LIST], [said(OUT, NIGHT)], None, OUT, NIGHT),
        ([WATCH], [said(GP, PRACTICE)], None, GP, PRACTICE),
        ([LIST, WATCH], [said(OUT, OLD_NIGHT)], None, OUT, OLD_NIGHT),
        ([], [said(OUT, NIGHT)], None, OUT, NIGHT),
        ([LIST, WATCH], [said(OUT, NIGHT), said(OUT, NIGHT, 2)], None, OUT, NIGHT),
        ([LIST, WATCH], [said(OUT, NIGHT), said(OUT, None, 2)], None, OUT, NIGHT),
        # A contact without unit says the role; the unit is the only one in that role.
        ([LIST, WATCH], [said(OUT)], None, OUT, NIGHT),
        ([LIST, WATCH], [said(GP)], None, GP, PRACTICE),
        ([LIST], [said(GP)], None, GP, PRACTICE),
        ([LIST, WATCH, OTHER], [said(OUT)], None, OUT, None),
        ([LIST], [said(OUT)], None, OUT, None),
        ([], [said(GP)], None, GP, None),
        # Contacts that say different things.
        ([LIST, WATCH], [said(GP, PRACTICE), said(OUT, NIGHT, 2)], None, "", None),
        ([LIST, WATCH], [said(OUT, NIGHT), said(OUT, OLD_NIGHT, 2)], None, OUT, None),
        # Contacts of another day, patient or doctor say nothing.
        ([LIST], [said(OUT, NIGHT, held_on=date(2025, 3, 4))], None, GP, PRACTICE),
        ([LIST], [said(OUT, NIGHT, patient="p2")], None, GP, PRACTICE),
        ([LIST], [said(OUT, NIGHT, prescriber="102")], None, GP, PRACTICE),
        # No contact: the only post of the day.
        ([LIST], [], None, GP, PRACTICE),
        ([WATCH], [], None, OUT, NIGHT),
        ([WATCH, ENDED], [], None, OUT, NIGHT),
        ([WATCH, LATER], [], None, OUT, NIGHT),
        ([WATCH, NEWER], [], None, OUT, None),
        ([LIST, WATCH], [], None, "", None),
        ([LIST, ENDED], [], None, GP, PRACTICE),
        ([ENDED], [], None, "", None),
        ([LATER], [], None, "", None),
        ([], [], None, "", None),
        # What the prescription says stands.
        ([WATCH, NEWER], [said(OUT, NIGHT)], OLD_NIGHT, OUT, OLD_NIGHT),
        ([LIST, WATCH], [said(GP, PRACTICE)], NIGHT, OUT, NIGHT),
        ([LIST, WATCH], [said(OUT, NIGHT)], PRACTICE, GP, PRACTICE),
        ([LIST], [], NIGHT, OUT, NIGHT),
        ([], [], PRACTICE, GP, PRACTICE),
    ],
)
def test_the_contact_decides_then_the_only_post(
    connection: Any,
    posts: list[Row],
    contacts: list[Row],
    own: str | None,
    role: str,
    unit: str | None,
) -> None:
    found = tables(
        connection,
        dispensings=[dispensing(1, unit=own)],
        consultations=contacts,
        prescribers=posts,
        institutions=KNOWN,
    )
    rows = {key: table.to_pyarrow().to_pylist() for key, table in found.items()}
    asked = [indicator("broad-spectrum")]
    for by, wanted in (("prescriber", GP), ("prescriber", OUT), ("out-of-hours-unit", None)):
        answer = compute(found, asked, by, [YEAR], role=wanted, library=LIBRARY)  # type: ignore[arg-type]
        units = answer["unit"].to_pylist()
        if by == "prescriber":
            assert units == (["101"] if role == wanted else []), wanted
        else:
            assert units == ([unit] if unit in (NIGHT, OLD_NIGHT) else [])
        plain = Plain(rows, LIBRARY).compute(asked, by, [YEAR], False, wanted)
        assert [key[1] for key in plain] == units
    # It is counted for its prescriber all the same, and what is unknown is told.
    assert compute(found, asked, "prescriber", [YEAR], library=LIBRARY).num_rows == 1
    assert count_unplaced(found, [YEAR]).to_pylist() == [
        {
            "since": YEAR.since,
            "until": YEAR.until,
            "dispensings": 1,
            "without_role": int(role == ""),
            "without_unit": int(unit is None),
            "contacts": len(held := [one for one in contacts if one["setting"] == OUT]),
            "contacts_without_unit": sum(has_no_unit(one, posts) for one in held),
        }
    ]


def has_no_unit(held: Row, posts: list[Row]) -> bool:
    """Whether nobody can say where a contact out of hours was."""
    if held["unit"]:
        return False
    there = [
        one
        for one in posts
        if one["role"] == OUT and one["since"] <= held["held_on"] <= (one["until"] or date.max)
    ]
    return len(there) != 1


@pytest.mark.parametrize(
    ("posts", "own", "unit"),
    [
        ([LIST, WATCH], None, NIGHT),
        ([LIST, WATCH], OLD_NIGHT, OLD_NIGHT),
        ([WATCH, ENDED], None, NIGHT),
        ([WATCH, LATER], None, NIGHT),
        ([WATCH, NEWER], None, None),
        ([LIST], None, None),
    ],
)
def test_a_contact_is_of_its_own_unit_or_the_only_post(
    connection: Any, posts: list[Row], own: str | None, unit: str | None
) -> None:
    """Above and below are placed by the same rule: what is prescribed in a contact is at the contact's unit."""
    found = tables(
        connection,
        dispensings=[dispensing(1)],
        consultations=[said(OUT, own, billing="2ak"), said(GP, None, 2, patient="p2")],
        prescribers=posts,
        institutions=KNOWN,
    )
    answer = compute(found, [indicator("ab1")], "out-of-hours-unit", [YEAR], library=LIBRARY)
    rows = [(row["unit"], row["numerator"], row["denominator"]) for row in answer.to_pylist()]
    assert rows == ([(unit, 1, 1)] if unit else [])
    there = unit if unit in (NIGHT, OLD_NIGHT) else None
    assert count_contacts_by_unit(found, YEAR).to_pylist() == [
        {"prescriber": "101", "unit": there, "contacts": 1}
    ]


def test_the_place_of_an_unknown_role_is_known_where_all_posts_are_there(connection: Any) -> None:
    for there, counties in (("4602", ["46"]), ("0301", [])):
        found = tables(
            connection,
            dispensings=[dispensing(1)],
            prescribers=[LIST, post(OUT, NIGHT, municipality=there)],
            institutions=KNOWN,
        )
        asked = [indicator("broad-spectrum")]
        assert compute(found, asked, "county", [YEAR])["unit"].to_pylist() == counties
        assert compute(found, asked, "peer-group", [YEAR]).num_rows == 0
        assert compute(found, asked, "country", [YEAR]).num_rows == 1


def test_what_is_left_out_is_counted_by_prescriber(connection: Any) -> None:
    """Antibiotics of the period alone: without a role or a unit that anybody can say, and without a diagnosis that day."""
    found = tables(
        connection,
        dispensings=[
            dispensing(1, patient="a", unit=PRACTICE),
            dispensing(2, patient="b"),
            dispensing(3, patient="c", prescribed_on=date(2025, 3, 1)),
            dispensing(4, patient="a", atc="N02BE01"),
            dispensing(5, patient="a", dispensed_on=date(2024, 3, 3)),
            dispensing(6, patient="a", prescriber="102"),
        ],
        consultations=[
            said(GP, PRACTICE, 1, patient="a"),
            said(GP, PRACTICE, 2, patient="a"),
            said(OUT, NIGHT, 3, patient="b", diagnoses=None),
            said(GP, PRACTICE, 4, patient="c"),
        ],
        prescribers=[LIST, WATCH],
        institutions=KNOWN,
    )
    names = ("dispensings", "without_role", "without_unit", "without_diagnosis")

    def left_out(role: Any = None) -> dict[tuple[str, str | None], tuple[int, ...]]:
        rows = count_left_out(found, YEAR, role).to_pylist()
        return {
            (row["prescriber"], row["unit"]): tuple(row[name] for name in names) for row in rows
        }

    unknown = {("102", None): (1, 1, 1, 1)}
    practice, night = {("101", None): (2, 1, 1, 1)}, {("101", NIGHT): (1, 0, 0, 1)}
    assert left_out() == practice | night | unknown
    # Those of the other role are none of the report's; of which role the third is, nobody knows.
    assert left_out("gp") == practice | unknown
    assert left_out("out-of-hours") == {("101", None): (1, 1, 1, 1)} | night | unknown


@pytest.mark.parametrize(("in_doubt", "told"), [(12, 12), (3, None), (0, 0)])
def test_a_units_report_says_which_contacts_could_not_be_placed(
    connection: Any, in_doubt: int, told: int | None
) -> None:
    """Of a doctor with two posts nobody knows where a contact without a unit was; a number that is of few is not told."""
    doctors = [str(number) for number in range(101, 113)]
    found = tables(
        connection,
        dispensings=[],
        consultations=[
            said(OUT, unit, 3 * at + number, prescriber=doctor, patient=f"p{number}")
            for at, doctor in enumerate(doctors)
            for number, unit in enumerate((NIGHT, NIGHT, None))
        ],
        prescribers=[
            *(post(OUT, NIGHT, prescriber=doctor) for doctor in doctors),
            *(post(OUT, OLD_NIGHT, prescriber=doctor) for doctor in doctors[:in_doubt]),
        ],
        institutions=KNOWN,
    )
    [plan] = plans_of("legevakt", "unit")
    unplaced = find_unplaced(LeftOut(found, YEAR), plan, NIGHT, doctors)
    assert (unplaced.all_contacts, unplaced.contacts) == (36, told)
