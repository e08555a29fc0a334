"""What a site says of its own units, and that a file with a fault keeps nobody from being told."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from followup.test_routing import facts
from varde.cases import diseases
from varde.cli import app
from varde.followup.routing import next_in_line, route
from varde.followup.site import SITE, local_tables, read_site_file
from varde.followup.tables import TablesInvalid, tables

OSLO, LØRENSKOG, BERGEN = "municipality:0301", "municipality:3222", "municipality:4601"
FROM = {"valid_from": "2026-01-01", "source": "said by the site"}
DAY = date(2026, 11, 20)
WHOLE: dict[str, Any] = {
    "telephones": [{**FROM, "unit": OSLO, "number": "00 00 00 00"}],
    "deputies": [{**FROM, "unit": OSLO, "deputy": LØRENSKOG}],
    "institutions": [
        {**FROM, "name": "Fjordby sykehjem", "number": "HER:9900777", "municipality": "4601"},
        {**FROM, "name": "Solsiden", "municipality": "4601"},
        {**FROM, "name": "Solsiden", "municipality": "1103"},
    ],
}


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.VARDE_HOME = str(tmp_path)
    return tmp_path


def say(home: Path, content: Any) -> None:
    (home / SITE).write_text(content if isinstance(content, str) else json.dumps(content))


def test_what_the_site_says_is_in_its_tables_and_nowhere_else(home: Path) -> None:
    assert local_tables() == tables()
    say(home, WHOLE)
    found = local_tables()
    assert found.telephone(OSLO, DAY) == "00 00 00 00" and not tables().telephone(OSLO, DAY)
    assert not found.telephone(OSLO, date(2025, 12, 31))
    assert next_in_line(OSLO, ["deputy"], (), found, DAY) == LØRENSKOG
    assert found.telephone("national", DAY) == tables().telephone("national", DAY)


@pytest.mark.parametrize(
    ("words", "stay", "told"),
    [
        (("Fjordby sykehjem",), "", True),
        (("9900777",), "", True),
        (("HER:9900777", "Medisinsk avdeling"), "", True),
        (("Fjordby sykehjem",), "1103", False),
        (("Solsiden",), "", False),  # two of that name
        ((), "", False),
    ],
)
def test_a_nursing_home_says_where_somebody_stays_when_no_form_does(
    home: Path, words: tuple[str, ...], stay: str, told: bool
) -> None:
    say(home, WHOLE)
    case = facts(residence="0301", stay=stay, hospitals=words, first_day=date(2026, 11, 1))
    units = {one.unit: one.receiver for one in route(case, diseases(), local_tables(), DAY)}
    assert (units.get(BERGEN) == "municipality-of-stay") is told
    assert BERGEN not in {one.unit for one in route(case, diseases(), tables(), DAY)}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "followup.json"),
        ({"phones": []}, "phones"),
        ({"telephones": [{**FROM, "unit": "municipality:9898", "number": "1"}]}, "9898"),
        ({"deputies": [{**FROM, "unit": OSLO, "deputy": "somebody"}]}, "somebody"),
        ({"deputies": [{**FROM, "unit": OSLO, "deputy": OSLO}]}, "its own deputy"),
        ({"institutions": [{**FROM, "name": "A", "municipality": "9898"}]}, "9898"),
        ({"institutions": [{**FROM, "name": "-", "municipality": "0301"}]}, "no name"),
    ],
)
def test_a_file_with_a_fault_is_told_of_and_the_shipped_tables_hold(
    home: Path, content: Any, complaint: str, caplog: pytest.LogCaptureFixture
) -> None:
    say(home, content)
    with pytest.raises(TablesInvalid, match=complaint):
        read_site_file(home / SITE)
    assert local_tables() == tables()
    assert "cannot be followed" in caplog.text


@pytest.mark.django_db
def test_the_command_checks_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    from varde.register import open_register

    monkeypatch.setenv("VARDE_HOME", str(tmp_path))
    open_register(tmp_path)
    say(home, WHOLE)
    told = CliRunner().invoke(app, ["followup", "tables"])
    assert told.exit_code == 0 and "1 telephone, 1 row of deputies, 3 institutions" in told.output
    missing = json.loads(CliRunner().invoke(app, ["followup", "tables", "--json"]).stdout)
    assert OSLO not in missing["without_telephone"] and BERGEN in missing["without_telephone"]
    say(home, {"phones": []})
    assert CliRunner().invoke(app, ["followup", "tables"]).exit_code == 1
