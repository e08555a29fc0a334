"""`varde cases`, `case`, `reclassify` and `disease` as people and scripts call them."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from register.answers import answer, send
from register.case_messages import ADA, BO, SALMONELLA, STOOL, notified
from varde.access.models import AccessLogEntry
from varde.cases import DISEASES, catalogue, diseases
from varde.cli import app
from varde.register import open_register
from varde.register.casework import drafts
from varde.register.opening import Register
from varde.register.settings import write_setting
from varde.statistics import UnknownValue

GONE = answer("R2", "M3", service="C", made=2)


def varde(*arguments: str, status: int = 0) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == status, result.output + str(result.exception)
    return result


def as_json(*arguments: str) -> Any:
    return json.loads(varde(*arguments, "--json").stdout)


@pytest.fixture
def register(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    """Two cases of Salmonella and one of measles, in the register that the commands find."""
    monkeypatch.setenv("VARDE_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    register = open_register(tmp_path)
    for data in (
        answer("R1", "M1", organism=SALMONELLA, person=ADA, municipality="0301", **STOOL),
        answer("R2", "M2", organism=SALMONELLA, person=BO, day="2025-03-01", **STOOL),
        notified("Meslinger", person=ADA, onset="2025-12-01", home="4601"),
    ):
        send(register, data)
    return register


def test_cases_are_listed_without_persons(register: Register) -> None:
    found = as_json("cases")
    assert [(one["disease"], one["class"], one["first_day"]) for one in found] == [
        ("measles", "suspected", "2025-12-01"),
        ("salmonellosis", "confirmed", "2025-03-01"),
        ("salmonellosis", "confirmed", "2025-12-05"),
    ]
    assert not {"person", "pseudonym", "report"} & found[0].keys()
    assert [one["number"] for one in as_json("cases", "--disease", "measles")] == [3]
    for name in ("Meslinger", "measles", "MEASLES", "morbilli"):
        assert [one["number"] for one in as_json("cases", "--disease", name)] == [3]
    near = str(varde("cases", "--disease", "meslingr", status=1).exception)
    assert "one of measles" in near and "varde disease list" in near
    assert as_json("cases", "--class", "suspected") == as_json("cases", "--disease", "measles")
    assert len(as_json("cases", "--from", "2025-12-01", "--to", "2025-12-04")) == 1
    assert [one["residence"] for one in as_json("cases", "--area", "03")] == ["0301"]
    rows = list(csv.DictReader(io.StringIO(varde("cases", "--csv").stdout)))
    assert [row["number"] for row in rows] == [str(one["number"]) for one in found]
    assert list(rows[0]) == list(found[0])
    shown = varde("cases", "--limit", "2")
    assert "salmonellosis" in shown.stdout and "The newest 2 cases" in shown.stderr
    assert "3 cases." in varde("cases").stderr
    for wrong in (("--disease", "wool"), ("--area", "abc"), ("--area", "99")):
        refused = varde("cases", *wrong, status=1).exception
        assert isinstance(refused, UnknownValue) and repr(wrong[1]) in str(refused)


def test_one_case_is_shown_with_its_reasons_and_the_look_is_logged(register: Register) -> None:
    case = as_json("case", "1")
    assert (case["disease"], case["class"], case["rule"]) == (
        "salmonellosis", "confirmed", ["clinical", "laboratory"],
    )  # fmt: skip
    reasons = {reason["criterion"]: reason for reason in case["reasons"]}
    assert reasons["culture"]["state"] == "met"
    assert reasons["culture"]["evidence"] == [case["sources"][0]["key"]]
    assert reasons["culture"]["nb"].startswith("Salmonella dyrket")
    assert (case["sources"][0]["sender"], case["sources"][0]["number"]) == ("HER:91843", "R1")
    shown = varde("case", "1")
    assert "Salmonellosis, confirmed" in shown.stderr and "presumed" in shown.stdout
    looks = list(AccessLogEntry.objects.values_list("action", "object_kind", "object_count"))
    assert looks[-2:] == [("view", "case", 1)] * 2
    assert AccessLogEntry.objects.latest("id").purpose == "operation"
    assert "no case 99" in varde("case", "99", status=1).stderr
    send(register, GONE)
    assert "nothing is left of case 2" in varde("case", "2", status=1).stderr
    assert AccessLogEntry.objects.count() == len(looks)


def test_a_number_that_became_another_leads_there(register: Register) -> None:
    about = {"organism": SALMONELLA, "person": ADA, **STOOL}
    send(register, answer("R8", "M8", day="2025-05-20", **about))
    assert {one["number"] for one in as_json("cases", "--disease", "salmonellosis")} == {1, 2, 4}
    send(register, answer("R8", "M9", day="2025-06-20", service="M", made=2, **about))
    assert "case 4 is one with another now: varde case 1" in varde("case", "4", status=1).stderr
    assert as_json("case", "1")["known_as"] == [4]


def test_status_says_when_definitions_have_changed(register: Register) -> None:
    status = as_json("status")
    assert (status["cases"], status["forms_missing"]) == (3, 2)
    assert status["cases_of"] == {"confirmed": 2, "suspected": 1}
    assert status["reclassify_advised"] is False
    write_setting("cases/measles", "older")
    assert as_json("status")["reclassify_advised"] is True
    assert "varde reclassify" in varde("status").stderr
    assert as_json("reclassify", "--disease", "salmonellosis")["why"] == ["measles"]
    assert as_json("reclassify", "--since", "2026-01-01")["worked_out"] == 0
    assert as_json("reclassify") == {
        "why": ["measles"], "worked_out": 2, "beginnings": 0, "added": 0, "removed": 0,
        "changed": 0, "cases": [],
    }  # fmt: skip
    assert as_json("status")["reclassify_advised"] is False
    assert "no disease 'wool'" in varde("reclassify", "--disease", "wool", status=1).stderr


def test_what_a_re_classification_changed_is_told_with_its_reasons(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the cases had been made by another definition: one is gone, one was another."""
    from django.db import connection

    [trail] = _trails(3)
    made = drafts.read_trail(trail)
    weaker = trail.replace('"class":"suspected"', '"class":"probable"')
    assert made.case.classification == "suspected" and weaker != trail
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM register_case WHERE id = 2")
        cursor.execute(
            "UPDATE register_case SET digest = %s, trail = %s WHERE id = 3", [b"older", weaker]
        )
    said = varde("reclassify", "--explain")
    assert "measles 3 (2025-12-01): probable → suspected" in said.stdout
    assert "classification: probable → suspected" in said.stdout
    assert "salmonellosis 2 (2025-03-01): no case → confirmed" in said.stdout
    assert "culture (Salmonella grown" in said.stdout and ": – → met" in said.stdout
    assert "1 added, 0 removed, 1 changed" in said.stderr
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM register_case WHERE id = 2")
    told = as_json("reclassify", "--explain")
    [one] = told["cases"]
    assert (one["number"], one["kind"], one["before"]) == (2, "added", None)
    assert one["after"]["class"] == "confirmed"
    assert one["rules"] == {"before": [], "after": ["clinical", "laboratory"]}
    assert one["because"][0] | {"criterion": "culture", "after": "met"} == one["because"][0]
    assert one["because"][0]["en"].startswith("Salmonella grown")


def _trails(number: int) -> list[str]:
    from varde.register import store

    return [row[0] for row in store.select_in("case", "trail", "id", [number])]


def test_diseases_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {one["key"]: one for one in as_json("disease", "list")}
    assert set(found) == set(diseases()) == set(catalogue().diseases)
    measles = found["measles"]
    assert (measles["nb"], measles["en"], measles["group"]) == ("Meslinger", "Measles", "A")
    assert (measles["at_once"], measles["clinician_form"]) == (True, True)
    assert measles["classes"] == ["confirmed", "probable", "suspected", "discarded"]
    assert not found["salmonellosis"]["at_once"]
    monkeypatch.setenv("COLUMNS", "200")
    shown = varde("disease", "list")
    assert "Meslinger" in shown.stdout and f"{len(found)} diseases." in shown.stderr


def test_disease_files_are_checked(tmp_path: Path) -> None:
    assert as_json("disease", "check") == []
    folder = tmp_path / "diseases"
    folder.mkdir()
    assert "no disease file" in varde("disease", "check", str(folder), status=1).stderr
    text = (DISEASES / "measles.toml").read_text(encoding="utf-8")
    shutil.copy(DISEASES / "rubella.toml", folder)
    (folder / "measles.toml").write_text(text.replace('"measles-virus"', '"wool-virus"', 1))
    (folder / "broken.toml").write_text("key = ")
    said = varde("disease", "check", str(folder), status=1)
    assert "measles.toml: organisms: there is no organism 'wool-virus'" in said.stdout
    assert "broken.toml: no TOML" in said.stdout
    assert "3 files: 2 problems." in said.stderr
    problems = json.loads(varde("disease", "check", str(folder), "--json", status=1).stdout)
    assert [(one["file"], one["field"]) for one in problems] == [
        ("broken.toml", ""),
        ("measles.toml", "organisms"),
    ]
    assert "no folder" in varde("disease", "check", str(tmp_path / "none"), status=1).stderr
