"""`varde followup`, `varde inbox` and `varde event`: what they do, and that they show nobody."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from typer.testing import CliRunner, Result

from followup.recent import recently
from register.answers import answer
from register.case_messages import ADA, BO, SALMONELLA, STOOL, notified
from varde.access.models import AccessLogEntry
from varde.cli import app
from varde.followup.models import Delivery
from varde.register import Incoming, open_register
from varde.register.intake import take_in

pytestmark = pytest.mark.django_db
DAY = str(timezone.localdate() - timedelta(days=2))
OPENING = ["--place", "Fjordkroa", "--description", "Flere er syke", "--first-day", DAY]


def varde(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def told(*arguments: str) -> Any:
    result = varde(*arguments, "--json")
    assert result.exit_code == 0, result.output
    assert ADA not in result.stdout and BO not in result.stdout
    return json.loads(result.stdout)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A register with measles and salmonellosis in Oslo, taken in five hours ago and told of by nobody yet."""
    monkeypatch.setenv("VARDE_HOME", str(tmp_path))
    files = [
        notified("Meslinger", onset="2025-12-05", home="0301", person=ADA),
        answer(organism=SALMONELLA, person=BO, municipality="0301", day="2025-12-05", **STOOL),
    ]
    at = timezone.now() - timedelta(hours=5)
    take_in(open_register(tmp_path), [Incoming("f", recently(data)) for data in files], lambda: at)
    return tmp_path


def test_a_round_tells_and_reminds_once() -> None:
    assert told("followup", "run") == {"cases": 2, "reminders": 2, "escalated": 2, "forms": 0}
    assert told("followup", "run") == {"cases": 0, "reminders": 0, "escalated": 0, "forms": 0}
    assert "0 changed cases looked at" in varde("followup", "run").output


def test_an_inbox_names_diseases_and_nobody() -> None:
    varde("followup", "run")
    rows = told("inbox", "municipality:0301")
    assert [(row["disease"], row["at_once"], row["overdue"]) for row in rows] == [
        ("measles", True, True),
        ("salmonellosis", False, False),
    ]
    assert not {"sex", "age", "person", "residence"} & set(rows[0])
    assert told("inbox", "municipality:4601") == []
    assert AccessLogEntry.objects.filter(page="command-line").count() == 2
    shown = varde("inbox", "municipality:0301")
    assert shown.exit_code == 0 and "2 threads" in shown.output
    refused = varde("inbox", "municipality:9999")
    assert refused.exit_code == 1 and "there is no unit" in refused.output


def test_times_are_grouped() -> None:
    varde("followup", "run")
    found = told("followup", "times", "--by", "municipality")
    assert [(row["key"], row["cases"]) for row in found["rows"]] == [("0301", 2)]
    assert found["whole"]["parts"]["telling"]["cases"] == 2
    assert "nine of ten" in varde("followup", "times").output


def test_an_event_is_opened_joined_listed_and_closed() -> None:
    varde("followup", "run")
    number = told("event", "open", "--kind", "food", "--unit", "municipality:0301", *OPENING)[
        "event"
    ]
    case = Delivery.objects.filter(disease="salmonellosis").values_list("case", flat=True)[0]
    assert varde("event", "join", str(number), str(case)).exit_code == 0
    [row] = told("event", "list")
    assert (row["event"], row["cases"], row["place"]) == (number, [case], "Fjordkroa")
    assert varde("event", "leave", str(number), str(case)).exit_code == 0
    assert (
        varde("event", "leave", str(number), str(case)).exit_code == 0
    )  # not in it: nothing to log
    logged = AccessLogEntry.objects.filter(object_kind__startswith=f"case {case} ").order_by("id")
    assert [(one.object_kind, one.purpose, bool(one.about)) for one in logged] == [
        (f"case {case} joined to event {number}", "outbreak", True),
        (f"case {case} left event {number}", "outbreak", True),
    ]
    for key, said in (("measles", "kept"), ("measles", "said before")):
        assert said in varde("event", "disease", str(number), key).output
    assert varde("event", "disease", str(number), "no-such").exit_code == 1
    assert varde("event", "close", str(number), "--conclusion", "Rå kylling").exit_code == 0
    assert told("event", "list") == []
    assert told("event", "list", "--all")[0]["conclusion"] == "Rå kylling"
    for arguments in (["join", str(number), str(case)], ["join", "99", str(case)]):
        refused = varde("event", *arguments)
        assert refused.exit_code == 1


def test_an_identity_number_is_kept_out_of_an_event() -> None:
    words = ["--place", "Kro", "--description", f"Det er {ADA}", "--first-day", DAY]
    refused = varde("event", "open", "--kind", "food", *words)
    assert refused.exit_code == 1 and "identity number" in refused.output
    assert ADA not in refused.output and told("event", "list") == []
