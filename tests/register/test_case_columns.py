"""Cases, forms, doses and findings as columns: each in its month, and a month is written again when any of it changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from register.answers import answer, clock, make_register, send
from register.case_messages import ADA, BO, MEASLES, dose, notified
from varde.codes import CodeMap
from varde.register import ingest, read_register, reclassify, replay
from varde.synthetic import invent_surveys
from varde.warehouse import TABLES, open_tables, refresh

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 1)


def bring_up_to_date(folder: Path) -> tuple[str, ...]:
    with read_register(CodeMap.load(), TODAY) as source:
        return refresh(folder, source).written


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    with open_tables(folder) as tables:
        return tables.fetch(tables.table(table)).to_pylist()


def by(found: list[dict[str, Any]], key: str) -> Mapping[Any, dict[str, Any]]:
    return {row[key]: row for row in found}


def test_every_table_has_its_schema(tmp_path: Path) -> None:
    send(
        make_register(),
        answer(person=ADA, organism="", searches=[MEASLES], day="2025-12-28"),
        notified("Meslinger", person=ADA, onset="2025-12-27", home="0301"),
        dose(person=ADA, given="2020-06-15"),
    )
    with read_register(CodeMap.load(), TODAY) as source:
        assert sorted(source.partitions()) == ["2020-06", "2025-12"]
        for month in source.partitions():
            for table in TABLES.keys() - {"isolates", "susceptibilities"}:
                for batch in source.others(table, month):
                    assert batch.schema.names == TABLES[table].names, table
                    assert batch.schema.types == TABLES[table].types, table
    bring_up_to_date(tmp_path)
    [case] = rows(tmp_path, "cases")
    assert (case["disease"], case["classification"]) == ("measles", "confirmed")
    assert (case["period"], case["county"], case["municipality"]) == ("2025-12", "03", "0301")
    [finding] = rows(tmp_path, "findings")
    assert (finding["meets"], finding["counted"]) == ("measles", True)
    [form] = rows(tmp_path, "notifications")
    assert (form["disease"], form["day"]) == ("measles", date(2025, 12, 27))
    [given] = rows(tmp_path, "vaccinations")
    assert (given["given"], given["person_id"]) == (date(2020, 6, 15), case["person_id"])
    pieces = by(rows(tmp_path, "evidence"), "kind")
    assert pieces["finding"]["evidence_id"] == finding["finding_id"]
    assert pieces["form"]["evidence_id"] == form["notification_id"]
    assert {piece["case_id"] for piece in pieces.values()} == {case["case_id"]}


def test_a_case_changes_its_month_though_no_report_of_it_changes(tmp_path: Path) -> None:
    """A form of January becomes part of December's case: what December holds is another case now."""
    register = make_register()
    send(register, answer(person=ADA, organism="", searches=[MEASLES], day="2025-12-28"))
    bring_up_to_date(tmp_path)
    [before] = rows(tmp_path, "cases")
    assert before["form_missing"] and before["period"] == "2025-12"
    send(register, notified("Meslinger", person=ADA, sampled="2026-01-03", made=7))
    assert bring_up_to_date(tmp_path) == ("2025-12", "2026-01")
    [after] = rows(tmp_path, "cases")
    assert (after["case_id"], after["form_missing"]) == (before["case_id"], False)


def test_a_dose_is_in_the_month_it_was_given_and_leaves_with_it(tmp_path: Path) -> None:
    register = make_register()
    send(register, dose(person=ADA, given="2020-06-15"))
    assert bring_up_to_date(tmp_path) == ("2020-06",)
    assert bring_up_to_date(tmp_path) == ()
    send(register, dose(number="V2", person=BO, given="2021-01-02"))
    assert bring_up_to_date(tmp_path) == ("2021-01",)
    assert len(rows(tmp_path, "vaccinations")) == 2


def test_columns_are_the_same_whether_made_at_once_or_step_by_step(tmp_path: Path) -> None:
    register = make_register()
    messages = (
        answer(person=ADA, organism="", searches=[MEASLES], day="2025-12-28"),
        dose(person=ADA, given="2025-11-20"),
        notified("Meslinger", person=ADA, sampled="2026-01-03", made=7),
        notified("Kikhoste", "N2", person=BO, onset="2025-11-03"),
        notified("Noe ukjent", "N3", person=BO),
        answer("R2", "M2", person=ADA, organism="", searches=[MEASLES], day="2025-11-24"),
    )
    for message in messages:
        send(register, message)
        bring_up_to_date(tmp_path / "steps")
    bring_up_to_date(tmp_path / "once")
    for table in TABLES:
        assert sorted(map(repr, rows(tmp_path / "steps", table))) == sorted(
            map(repr, rows(tmp_path / "once", table))
        ), table
    replay(register, clock)
    bring_up_to_date(tmp_path / "steps")
    cases = by(rows(tmp_path / "steps", "cases"), "case_id")
    assert cases.keys() == by(rows(tmp_path / "once", "cases"), "case_id").keys()


def test_an_unknown_disease_is_a_form_of_none(tmp_path: Path) -> None:
    send(make_register(), notified("Noe ukjent", person=BO))
    bring_up_to_date(tmp_path)
    [form] = rows(tmp_path, "notifications")
    assert (form["disease"], form["day"]) == (None, date(2026, 1, 7))
    assert rows(tmp_path, "cases") == []


def test_only_changed_criteria_write_every_month_again(tmp_path: Path) -> None:
    register = make_register()
    send(register, answer(person=ADA, organism="", searches=[MEASLES], day="2025-12-28"))
    bring_up_to_date(tmp_path)
    reclassify(register)  # nothing says by which criteria this register was made: by others, then
    assert bring_up_to_date(tmp_path) == ("2025-12",)
    reclassify(register)
    assert bring_up_to_date(tmp_path) == ()


def test_surveys_and_operations_are_what_was_sent(tmp_path: Path) -> None:
    surveys = invent_surveys(wards=6, operations=12, seed=11, year=2025)
    for number, submission in enumerate(surveys.submissions):
        (tmp_path / f"{number:03}-{submission.name}").write_bytes(submission.data)
    ingest(make_register(), [tmp_path], lambda: datetime(2026, 4, 1, tzinfo=UTC))
    folder = tmp_path / "columns"
    bring_up_to_date(folder)
    wards = [row for row in rows(folder, "wards") if row["with_infection"] is not None]
    assert sorted((w["surveyed"], w["present"], w["with_infection"]) for w in wards) == sorted(
        (ward.surveyed, ward.present, ward.with_infection) for ward in surveys.wards
    )
    counted = sum(row["count"] for row in rows(folder, "infections"))
    assert counted == sum(count for ward in surveys.wards for _, _, count in ward.infections)
    assert len(rows(folder, "treatments")) == len(surveys.treatments)
    operations = rows(folder, "operations")
    assert sorted(
        (o["procedure_group"], o["operated"], o["at_follow_up"]) for o in operations
    ) == sorted((o.group, o.operated, o.at_follow_up) for o in surveys.operations)
    assert {o["urgent"] for o in operations} <= {True, False, None}
    assert {f"{o['operated']:%Y-%m}" == o["period"] for o in operations} == {True}


def test_findings_are_told_of_the_diseases_that_they_are_by_themselves(tmp_path: Path) -> None:
    register = make_register()
    throat = {"free": "Halsprøve", "coded_as": None}
    send(register, answer("R1", "M1", organism="Streptococcus pyogenes", person=ADA, **throat))
    send(register, answer("R2", "M2", organism="VRE", person=BO))
    bring_up_to_date(tmp_path)
    found = {row["organism"]: row["meets"] for row in rows(tmp_path, "findings")}
    assert found == {"streptococcus-pyogenes": "", "enterococcus": "vre"}
