"""`varde intake validate`: what it says of a file, in the shape of `$validate`, and that it makes nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from commands import Done, run_varde
from messages import fhir_gallery, hl7v2_gallery
from varde.messages import reasons

pytestmark = pytest.mark.xdist_group("commands")

EXAMPLES = Path(__file__).parents[2] / "examples" / "messages"


def validate(home: Path, file: Path, *more: str) -> Done:
    environment = os.environ | {"VARDE_HOME": str(home), "DATABASE_URL": ""}
    return run_varde("intake", "validate", str(file), *more, environment=environment)


def test_a_refused_item_says_why_and_what_to_do_and_nothing_is_made(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "answers.hl7"
    file.write_bytes(hl7v2_gallery.GOOD + hl7v2_gallery.INVALID["bad-date"])
    done = validate(home, file, "--json")
    assert done.returncode == 1, done.stderr
    answer = json.loads(done.stdout)
    [message] = answer.pop("messages")
    assert answer == {"kind": "", "stored": False, "usable": 1, "unusable": 1}
    good, bad = message["items"]
    assert message["name"] == "answers.hl7"
    assert (good["item"], good["state"], good["messageId"]) == (1, "accepted", "M1")
    assert "problem" not in good
    text = reasons()["bad-date"]
    assert (bad["item"], bad["state"]) == (2, "quarantined")
    assert bad["problem"] == {
        "reason": "bad-date",
        "place": "MSH[1]-7",
        "found": "2026-13-40",
        "title": text.nb.title,
        "explanation": text.nb.explanation,
        "action": text.nb.action,
        "title_en": text.en.title,
        "action_en": text.en.action,
    }
    assert not home.exists()


def test_a_register_is_neither_needed_nor_touched(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = validate(home, EXAMPLES / "norm.csv")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 items of 2 can be used. Nothing was kept." in done.stderr
    assert not home.exists()


def test_a_person_reads_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "bundle.json"
    file.write_bytes(fhir_gallery.EVERY["duplicate-key"])
    done = validate(tmp_path / "home", file)
    assert done.returncode == 1
    assert "Bundle.type" in done.stdout and "0 items of 1 can be used." in done.stderr


def test_a_person_reads_what_was_understood(tmp_path: Path) -> None:
    done = validate(tmp_path / "home", EXAMPLES / "kith-svarrapport.xml", "--language", "nb")
    assert done.returncode == 0, done.stderr
    for said in (
        "gule stafylokokker",
        "funn",
        "dyrkning, blod, resistenssvar: 3",
        "MRSA (bekreftet)",
    ):
        assert said in done.stdout, said


def test_a_look_at_a_folder_ends_well_when_something_waits_for_a_person(tmp_path: Path) -> None:
    """As `varde ingest` does: it is in the register's keeping."""
    inbox = tmp_path / "in"
    inbox.mkdir()
    (inbox / "answers.hl7").write_bytes(hl7v2_gallery.INVALID["bad-date"])
    environment = os.environ | {"VARDE_HOME": str(tmp_path / "home"), "DATABASE_URL": ""}
    done = run_varde("watch", str(inbox), "--once", "--interval", "0.1", environment=environment)
    assert done.returncode == 0, done.stderr
    assert "1 file taken in." in done.stderr
    assert "1 file with something in quarantine: varde quarantine" in done.stderr
    assert list((inbox / ".quarantined").rglob("answers.hl7"))
