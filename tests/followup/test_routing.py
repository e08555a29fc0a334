"""Who is told of what: by the tables of the day, and the borders of the day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from varde.cases import diseases
from varde.followup.routing import Facts, route
from varde.followup.tables import DATA, TablesInvalid, read_tables, tables
from varde.followup.units import names_of, same, say_unit, trust_named

DAY = date(2026, 11, 1)


def facts(disease: str = "measles", **said: Any) -> Facts:
    return Facts(
        number=1,
        disease=disease,
        classification="confirmed",
        **{"first_day": date(2026, 10, 30), "residence": "0301"} | said,
    )


def told(given: Facts, on: date = DAY) -> dict[str, tuple[str, float, bool, str]]:
    return {
        one.unit: (one.receiver, one.within_hours, one.at_once, one.reason)
        for one in route(given, diseases(), tables(), on)
    }


def test_measles_is_told_at_once_to_the_municipality_and_the_national_duty_officer() -> None:
    assert told(facts()) == {
        "municipality:0301": ("municipality-of-residence", 0, True, ""),
        "national": ("national-duty-officer", 0, True, ""),
    }


def test_where_somebody_stays_is_told_too() -> None:
    units = told(facts(stay="4601"))
    assert units["municipality:4601"] == ("municipality-of-stay", 0, True, "")
    assert "municipality:0301" in units


def test_one_municipality_is_told_once_when_somebody_stays_at_home() -> None:
    assert set(told(facts("salmonellosis", stay="0301"))) == {"municipality:0301"}


@pytest.mark.parametrize("residence", ["", "9999"])
def test_where_residence_is_unknown_the_duty_officer_is_told_and_why(residence: str) -> None:
    assert told(facts("salmonellosis", residence=residence)) == {
        "national": ("municipality-of-residence", 24, False, "residence-unknown")
    }


def test_what_the_duty_officer_is_told_for_its_own_sake_goes_before_that() -> None:
    expected = ("national-duty-officer", 0, True, "residence-unknown")
    assert told(facts(residence=""))["national"] == expected


@pytest.mark.parametrize(
    ("sent", "on", "unit"),
    [
        ("3004", date(2023, 12, 31), "municipality:3004"),  # Fredrikstad in Viken
        ("3004", date(2024, 1, 1), "municipality:3107"),  # and in Østfold
        ("1507", date(2023, 12, 31), "municipality:1507"),  # Ålesund with Haram
        ("0106", date(2024, 1, 1), "municipality:3107"),  # by its number of before 2020
    ],
)
def test_municipalities_are_those_of_the_day(sent: str, on: date, unit: str) -> None:
    given = facts("salmonellosis", residence=sent, first_day=date(2023, 12, 30))
    assert list(told(given, on)) == [unit]


def test_a_municipality_that_was_divided_says_so() -> None:
    given = facts("salmonellosis", residence="1507", first_day=date(2023, 12, 30))
    assert told(given, date(2024, 1, 1)) == {
        "national": ("municipality-of-residence", 24, False, "residence-split")
    }


def test_the_hospital_that_the_evidence_names_is_told_by_its_trust() -> None:
    given = facts(hospitals=("Medisinsk avdeling", "Oslo universitetssykehus, Ullevål"))
    assert told(given)["trust:993467049"] == ("hospital-infection-control", 24, False, "")
    assert trust_named(" 974589095 ", DAY) == "993467049"
    assert trust_named("", DAY) is None


def test_the_food_safety_authority_is_told_of_what_comes_with_food() -> None:
    one = next(
        key
        for key, disease in diseases().items()
        if any(tell.receiver == "food-safety-authority" for tell in disease.duty[-1].tell)
    )
    assert "food-safety" in told(facts(one))


def test_a_disease_that_was_not_notifiable_then_is_told_to_nobody() -> None:
    assert told(facts("measles", first_day=date(2003, 6, 30))) == {}
    assert told(facts("no-such-disease")) == {}


def test_units_are_followed_through_borders() -> None:
    assert same("municipality:3004", "municipality:3107", date(2024, 1, 1))
    assert not same("municipality:3004", "municipality:3107", date(2023, 12, 31))
    assert {"municipality:0106", "municipality:3004", "municipality:3107"} <= set(
        names_of("municipality:3107", DAY)
    )
    assert not same("municipality:1507", "municipality:1508", DAY)


def test_units_have_names() -> None:
    assert say_unit("municipality:0301", DAY) == "Oslo"
    assert say_unit("trust:993467049", DAY) == "Oslo universitetssykehus HF"
    assert say_unit("food-safety", DAY) == "Mattilsynet"
    assert say_unit("national", DAY, "en") == "National duty officer"


# --- the tables -----------------------------------------------------------------------------------


def changed(**parts: Any) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(DATA.read_bytes()) | parts)


def test_every_receiver_of_the_disease_files_has_somebody_who_stands_for_it() -> None:
    for disease in diseases().values():
        for duty in disease.duty:
            for tell in duty.tell:
                assert tables().receiver(tell.receiver, duty.valid_from), (
                    disease.key,
                    tell.receiver,
                )


def test_rows_out_of_order_are_refused() -> None:
    row = {"valid_from": "2024-01-01", "source": "s", "kind": "food", "tell": []}
    with pytest.raises(TablesInvalid, match="not in order"):
        read_tables(changed(events=[row, row | {"valid_from": "2020-01-01"}]))


def test_steps_out_of_order_are_refused() -> None:
    steps = [{"after_hours": hours, "to": ["deputy"]} for hours in (3, 1)]
    row = {"valid_from": "2024-01-01", "source": "s", "at_once": True, "within_hours": 1}
    row["steps"] = steps
    with pytest.raises(TablesInvalid, match="steps"):
        read_tables(changed(escalation=[row]))


def test_a_kind_with_many_units_needs_a_place() -> None:
    row = {
        "valid_from": "2024-01-01",
        "source": "s",
        "receiver": "municipality-of-stay",
        "unit": "municipality",
    }
    with pytest.raises(TablesInvalid, match="which municipality"):
        read_tables(changed(receivers=[row]))


def test_an_unknown_field_is_refused(tmp_path: Path) -> None:
    with pytest.raises(msgspec.ValidationError):
        read_tables(changed(more=1))
