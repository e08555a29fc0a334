"""All history classified anew under changed disease files: what changed and why, whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from register.answers import answer, clock, make_register, register_state, send
from register.case_messages import ADA, BLOOD, BO, CLEO, MEASLES, SALMONELLA, STOOL, notified
from register.plain_cases import expected_cases, found_cases
from varde.cases import DISEASES, Catalogue, read_catalogue
from varde.register import (
    Changed,
    Reclassified,
    list_cases,
    open_register,
    reclassify,
    register_status,
    replay,
)
from varde.register.opening import Register

FILES = [
    answer("R1", "M1", organism=SALMONELLA, person=ADA, day="2025-12-05", **STOOL),
    answer("R2", "M2", organism="", searches=[MEASLES], person=BO, day="2025-10-01"),
    answer("R3", "M3", person=CLEO, day="2025-11-01", **STOOL),
    answer("R4", "M4", organism=SALMONELLA, day="2025-03-05", **STOOL),
    notified("Salmonellose", person=CLEO, sampled="2025-08-01"),
]


def files(folder: Path, **changes: list[tuple[str, str]]) -> Catalogue:
    """Three disease files with some texts of them replaced; an underscore stands for a hyphen."""
    folder.mkdir(exist_ok=True)
    for key in ("salmonellosis", "measles", "mrsa"):
        text = (DISEASES / f"{key}.toml").read_text(encoding="utf-8")
        for old, new in changes.get(key, []):
            assert old in text
            text = text.replace(old, new)
        (folder / f"{key}.toml").write_text(text, encoding="utf-8")
    return read_catalogue(folder)


def under(register: Register, definitions: Catalogue) -> Register:
    return replace(register, context=replace(register.context, definitions=lambda: definitions))


def again(register: Register, **asked: Any) -> tuple[Reclassified, list[Changed]]:
    told: list[Changed] = []
    return reclassify(register, tell=told.append, **asked), told


@pytest.fixture
def three(tmp_path: Path, db: None) -> Register:
    """A register of three diseases with some cases."""
    register = under(make_register(), files(tmp_path / "before"))
    send(register, *FILES)
    reclassify(register)
    assert [case.disease for case in list_cases()] == ["measles", *["salmonellosis"] * 3]
    return register


NO_METHOD = [('methods = ["culture", "unknown"]', 'methods = ["antigen"]')]
ALSO_E_COLI = [('organisms = ["salmonella",', 'organisms = ["escherichia-coli", "salmonella",')]


def test_cases_that_go_and_come_back_with_the_rule_and_the_criterion_that_made_it_so(
    three: Register, tmp_path: Path
) -> None:
    before = register_state()
    numbers = {case.number for case in list_cases()}
    other = under(three, files(tmp_path / "after", salmonellosis=NO_METHOD))
    assert register_status(other)["reclassify_advised"]
    result, told = again(other)
    assert result.why == ["salmonellosis"]
    assert (result.added, result.removed, result.changed) == (0, 2, 0)
    for one in told:
        difference = one.difference
        assert (difference.kind, difference.disease) == ("removed", "salmonellosis")
        assert difference.rules == (("clinical", "laboratory"), ())
        assert {(c.criterion, c.before, c.after) for c in difference.because} >= {
            ("culture", "met", "unmet")
        }
    assert found_cases() == expected_cases(FILES, other.context)
    assert not register_status(other)["reclassify_advised"]

    result, told = again(three)
    assert (result.added, result.removed, result.changed) == (2, 0, 0)
    assert register_state() == before
    assert {case.number for case in list_cases()} == numbers


def test_a_case_that_is_another_than_before(three: Register, tmp_path: Path) -> None:
    weaker = [
        ('strength = "confirmed"', 'strength = "probable"'),
        ('confirmed = [["clinical", "laboratory"]]', ""),
        ('probable = [["clinical", "ep', 'probable = [["laboratory-probable"], ["clinical", "ep'),
    ]
    other = under(three, files(tmp_path / "after", salmonellosis=weaker))
    result, told = again(other)
    assert (result.added, result.removed, result.changed) == (0, 0, 2)
    for one in told:
        assert [(c.field, c.before, c.after) for c in one.difference.changes] == [
            ("classification", "confirmed", "probable")
        ]
    assert found_cases() == expected_cases(FILES, other.context)


def test_other_organisms_of_a_disease_are_looked_for_in_all_history(
    three: Register, tmp_path: Path
) -> None:
    other = under(three, files(tmp_path / "after", salmonellosis=ALSO_E_COLI))
    result, told = again(other)
    assert result.beginnings == 1
    # With the form of somebody whose Escherichia coli counts now, and in whose notified case it is.
    assert [one.difference.kind for one in told] == ["changed"]
    assert found_cases() == expected_cases(FILES, other.context)
    replay(other, clock)
    assert found_cases() == expected_cases(FILES, other.context)
    again(three)
    assert found_cases() == expected_cases(FILES, three.context)


def test_a_disease_without_a_file_has_no_cases(three: Register, tmp_path: Path) -> None:
    fewer = files(tmp_path / "after")
    rest = {key: one for key, one in fewer.diseases.items() if key != "measles"}
    result, told = again(under(three, Catalogue(rest)))
    assert (result.why, result.removed) == (["measles"], 1)
    assert told[0].difference.rules == (("clinical", "laboratory"), ())
    assert result.worked_out == 4


def test_only_what_is_known_since_a_day_and_only_some_diseases(
    three: Register, tmp_path: Path
) -> None:
    other = under(three, files(tmp_path / "after", salmonellosis=NO_METHOD))
    result, told = again(other, since=date(2025, 6, 1))
    assert (result.removed, result.worked_out) == (1, 3)
    assert told[0].difference.before and told[0].difference.before.first_day == date(2025, 12, 5)
    assert register_status(other)["reclassify_advised"]
    assert again(other, only=["measles"])[0].removed == 0
    assert register_status(other)["reclassify_advised"]
    assert again(other, only=["salmonellosis"])[0].removed == 1
    assert not register_status(other)["reclassify_advised"]


def test_a_longer_episode_merges_cases_and_a_shorter_one_splits_them(
    three: Register, tmp_path: Path
) -> None:
    send(three, answer("R9", "M9", organism=SALMONELLA, person=ADA, day="2025-02-05", **STOOL))
    own = sorted(case.number for case in list_cases(disease="salmonellosis"))
    longer = [("episode_days = 180", "episode_days = 365")]
    other = under(three, files(tmp_path / "after", salmonellosis=longer))
    _, told = again(other)
    merged = next(one for one in told if one.difference.kind == "removed")
    assert merged.merged_into is not None and merged.merged_into < merged.number
    _, told = again(three)
    split = next(one for one in told if one.difference.kind == "added")
    assert (split.number, split.split_from) == (merged.number, merged.merged_into)
    assert sorted(case.number for case in list_cases(disease="salmonellosis")) == own


def test_a_case_that_is_split_for_the_first_time_says_from_which(
    three: Register, tmp_path: Path
) -> None:
    longer = [("episode_days = 180", "episode_days = 365")]
    other = under(three, files(tmp_path / "after", salmonellosis=longer))
    send(other, answer("R9", "M9", organism=SALMONELLA, person=ADA, day="2025-02-05", **STOOL))
    [one] = [case.number for case in list_cases(first=date(2025, 2, 5), last=date(2025, 2, 5))]
    _, told = again(three)
    split = next(each for each in told if each.difference.kind == "added")
    assert (split.split_from, split.number > one) == (one, True)


@pytest.mark.django_db
def test_a_register_of_before_cases_is_to_be_reclassified() -> None:
    register = make_register()
    send(register, *FILES)
    reclassify(register)
    before = register_state()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM register_case")
        cursor.execute("UPDATE register_report SET begins = FALSE")
        cursor.execute("DELETE FROM register_setting WHERE name LIKE 'cases%%'")
    assert register_status(register)["reclassify_advised"]
    result, told = again(register)
    assert (result.beginnings, result.added, len(told)) == (4, 4, 4)
    assert register_state() == before
    assert not register_status(register)["reclassify_advised"]


@pytest.mark.django_db
def test_a_new_register_is_made_by_the_files_of_today(tmp_path: Path) -> None:
    register = open_register(tmp_path)
    send(register, *FILES)
    assert not register_status(register)["reclassify_advised"]


def test_which_reports_may_begin_a_case_is_told_alike_of_a_statement_and_of_the_tables(
    three: Register, tmp_path: Path
) -> None:
    said: dict[str, Any] = {"organism": "Staphylococcus aureus", "person": CLEO}
    send(
        three,
        answer("S1", "S1", **said, **BLOOD, results=[("NPU07422", "R")]),
        answer("S2", "S2", **said, **BLOOD, results=[("NPU07422", "S")]),
        answer("S3", "S3", **said, mark="MSIS-M"),
        answer("S4", "S4", **said, mark="MSIS-AV", results=[("NPU07422", "R")]),
        answer("S5", "S5", service="C"),
    )
    begins = [(row[1], row[12]) for row in register_state()["reports"]]
    assert [name for name, yes in begins if yes == "1" and name[0] == "S"] == ["S1", "S3"]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE register_report SET begins = NOT begins")
        cursor.execute("DELETE FROM register_setting WHERE name = 'cases_criteria'")
    again(three)
    assert [(row[1], row[12]) for row in register_state()["reports"]] == begins
