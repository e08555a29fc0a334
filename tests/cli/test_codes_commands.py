"""`varde codes` as those call it who look after a site's maps."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.test_guideline_commands import as_json, varde
from register.answers import answer
from varde.codes import read_confirmed

pytestmark = pytest.mark.django_db


def test_a_code_is_seen_confirmed_and_taken_back(tmp_path: Path) -> None:
    file = tmp_path / "answer.xml"
    file.write_bytes(answer(organism="Klebsiela pneumonie"))
    assert varde(tmp_path, "ingest", str(file)).returncode == 0
    [code] = as_json(varde(tmp_path, "codes", "unmapped", "--json"))
    assert (code["kind"], code["text"], code["count"]) == ("organism", "Klebsiela pneumonie", 1)
    assert code["suggestions"][0]["concept"] == "klebsiella-pneumoniae"
    assert "klebsiella-pneumoniae" in varde(tmp_path, "codes", "unmapped").stdout
    about = ("--text", "Klebsiela pneumonie")
    done = varde(tmp_path, "codes", "confirm", "organism", "klebsiella-pneumoniae", *about)
    assert done.returncode == 0 and "1 answer changed" in done.stderr
    assert [row.concept for row in read_confirmed(tmp_path / "maps")] == ["klebsiella-pneumoniae"]
    assert as_json(varde(tmp_path, "status", "--json"))["replay_advised"] is False
    again = varde(tmp_path, "codes", "confirm", "organism", "klebsiella-pneumoniae", *about)
    assert again.returncode == 1 and "no answer has this expression" in again.stderr
    wrong = varde(tmp_path, "codes", "confirm", "organism", "no-such", *about)
    assert wrong.returncode == 1 and "nothing of this kind called 'no-such'" in wrong.stderr
    back = varde(tmp_path, "codes", "withdraw", "organism", *about)
    assert back.returncode == 0 and "1 answer changed" in back.stderr
    assert as_json(varde(tmp_path, "codes", "unmapped", "--sender", "HER:none", "--json")) == []
    [decision] = as_json(varde(tmp_path, "codes", "decisions", "--json"))
    assert (decision["verdict"], decision["changed"]) == ("withdrawn", 1)
    told = as_json(varde(tmp_path, "codes", "decisions", "--history", "--json"))
    assert [each["verdict"] for each in told] == ["withdrawn", "confirmed"]
    assert (told[1]["text"], told[1]["concept"]) == ("Klebsiela pneumonie", "klebsiella-pneumoniae")
    assert as_json(varde(tmp_path, "codes", "decisions", "--sender", "HER:none", "--json")) == []
    table = varde(tmp_path, "codes", "decisions")
    assert "withdrawn" in table.stdout and "1 decision" in table.stderr
