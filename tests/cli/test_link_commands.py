"""`varde link` and `varde person`: questions, decisions and their undoing, one person shown, changes of number."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from messages.numbers import make_number
from register.answers import clock
from register.told import groups, persons, told
from varde.access.models import AccessLogEntry, User
from varde.cli import app
from varde.register import Incoming, open_register
from varde.register.intake import take_in

pytestmark = pytest.mark.django_db
BORN = date(1980, 5, 17)
FNR = next(n for serial in range(100, 200, 2) if (n := make_number(BORN, serial)))
DNR = next(n for serial in range(100, 200, 2) if (n := make_number(BORN, serial, day=40)))
Run = Callable[..., Any]
PASSWORD = "fjell og fjord 7"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Run:
    monkeypatch.setenv("VARDE_HOME", str(tmp_path))
    settings.VARDE_HOME = tmp_path
    about: dict[str, Any] = {"municipality": None, "sex": None}
    files = [told("R1", **about), told("R2", her="91844", given="T", **about)]
    take_in(open_register(tmp_path), [Incoming("f.xml", data) for data in files], clock)
    User.objects.create_user("ida", password=PASSWORD, role="epidemiologist")
    User.objects.create_user("kai", password=PASSWORD, role="municipal-doctor", area="0301")

    def invoke(*arguments: str, code: int = 0, typed: str = PASSWORD) -> str:
        result = CliRunner().invoke(app, list(arguments), input=f"{typed}\n")
        assert result.exit_code == code, result.output
        return str(result.stdout)

    return invoke


def test_a_question_is_decided_and_the_decision_undone(run: Run) -> None:
    [asked] = json.loads(run("link", "review", "--json"))
    assert "Fjellvang" not in json.dumps(asked)
    assert {field["field"] for field in asked["fields"]} >= {"family", "given", "born"}
    who = ("--by", "ida", "--purpose", "surveillance", "--reason", "same telephone")
    run("link", "decide", str(asked["number"]), "same", *who)
    assert len(groups(persons())) == 1
    assert json.loads(run("link", "review", "--json")) == []
    run("link", "undo", "1", *who)
    assert len(groups(persons())) == 2
    run("link", "undo", "1", *who, code=1)
    assert json.loads(run("link", "status", "--json"))["questions"] == 1
    assert "Fjellvang" not in run("link", "review")


def test_who_may_not_decide_is_refused_and_logged(run: Run) -> None:
    [asked] = json.loads(run("link", "review", "--json"))
    for by, purpose in (("kai", "infection-control"), ("ida", "care"), ("nobody", "surveillance")):
        who = ("--by", by, "--purpose", purpose, "--reason", "x")
        run("link", "decide", str(asked["number"]), "same", *who, code=1)
    assert len(groups(persons())) == 2
    assert AccessLogEntry.objects.filter(action="denied").count() == 2


def test_nobody_does_it_in_the_name_of_another(run: Run) -> None:
    [asked] = json.loads(run("link", "review", "--json"))
    who = ("--by", "ida", "--purpose", "surveillance")
    run("link", "decide", str(asked["number"]), "same", *who, "--reason", "x", code=1, typed="x")
    run("link", "undo", "1", *who, code=1, typed="x")
    shown = run("person", "show", str(asked["persons"][0]), *who, code=1, typed="x")
    assert "Fjellvang" not in shown
    assert len(groups(persons())) == 2
    assert AccessLogEntry.objects.filter(action="sign-in-failed").count() == 3


def test_a_person_is_shown_for_a_purpose_and_logged_first(run: Run) -> None:
    [asked] = json.loads(run("link", "review", "--json"))
    number = str(asked["persons"][0])
    run("person", "show", number, "--by", "kai", "--purpose", "infection-control", code=1)
    shown = json.loads(
        run("person", "show", number, "--by", "ida", "--purpose", "surveillance", "--json")
    )
    assert shown["descriptions"][0]["family"] == "Fjellvang"
    entry = AccessLogEntry.objects.latest("id")
    assert (entry.actor, entry.action, entry.object_kind) == ("ida", "view", "identity")
    assert entry.about and entry.purpose == "surveillance"
    run("person", "show", "99", "--by", "ida", "--purpose", "surveillance", code=1)


def test_changes_of_number_are_taken_in_and_told(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "changes.csv"
    file.write_text(
        f"what,old,new,day,source\nchanged,{DNR},{FNR},2025-12-01,Folkeregisteret\n,1,2,x,y\n"
    )
    found = json.loads(run("person", "changes", str(file), "--json", code=1))
    assert (found["added"], found["known"]) == (1, 0)
    assert found["refused"] == [{"line": 3, "fault": "day-invalid"}]
