"""`varde remarks`: what readers say is wrong is read by whoever runs the service, and taken off the list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from learning.some_reports import DOCTOR, a_report
from varde.access.models import AccessLogEntry, User
from varde.cli import app
from varde.learning import keep_remark
from varde.register import open_register

pytestmark = pytest.mark.django_db


def test_remarks_are_listed_logged_and_settled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setenv("VARDE_HOME", str(tmp_path))
    settings.VARDE_HOME = tmp_path
    open_register(tmp_path)
    user = User.objects.create_user("lege", role="general-practitioner", area=DOCTOR)
    number = keep_remark(user, a_report(), "AB3 er for høy.")
    run = CliRunner()
    found = run.invoke(app, ["remarks", "list", "--json"])
    assert found.exit_code == 0, found.output
    [one] = json.loads(found.stdout)
    assert (one["number"], one["text"], one["said_by"]) == (number, "AB3 er for høy.", "lege")
    assert "AB3 er for høy." in run.invoke(app, ["remarks", "list"]).stdout
    assert AccessLogEntry.objects.filter(action="view", object_kind="remark on report").count() == 2
    assert run.invoke(app, ["remarks", "settle", str(number)]).exit_code == 0
    assert run.invoke(app, ["remarks", "settle", str(number)]).exit_code == 1
    assert json.loads(run.invoke(app, ["remarks", "list", "--json"]).stdout) == []
