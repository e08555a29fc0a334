"""`varde guideline` and `varde snomed` as scripts call them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from guidelines.invented_documents import chapter, code, dose, guideline, recommendation
from varde.cli import main
from varde.synthetic import INVENTED_SNOMED

OWN = {"VARDE_DEMO_CONTENT": "0"}


class Done(NamedTuple):
    """What a command said, as `subprocess.CompletedProcess` has it."""

    returncode: int
    stdout: str
    stderr: str


def varde(home: Path, *arguments: str, **settings: str) -> Done:
    """The command in this process: starting Python anew for each would take most of the time."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    err = io.StringIO()
    before, mask = dict(os.environ), os.umask(0o022)
    os.environ.update({"VARDE_HOME": str(home), "DATABASE_URL": ""} | settings)
    try:
        with redirect_stdout(out), redirect_stderr(err), pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["varde", *arguments])
            code: object = 0
            try:
                main()
            except SystemExit as end:
                code = end.code
    finally:
        os.umask(mask)
        os.environ.clear()
        os.environ.update(before)
    written = out.buffer.getvalue().decode()  # type: ignore[attr-defined]
    return Done(int(str(code or 0)), written, err.getvalue())


def test_the_command_is_there_as_a_process_too(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "varde.cli", "guideline", "check"],
        env=os.environ | {"VARDE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and "0 errors" in done.stderr, done.stderr


def as_json(done: Done) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def write(path: Path, document: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def dated(document: dict[str, Any], day: str, **more: Any) -> dict[str, Any]:
    return document | {"sistFagligOppdatert": f"{day}T00:00"} | more


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a guideline of its own: one recommendation in two versions."""
    drug = dose(code("1", "Fenoksymetylpenicillin"), "1000")
    for day, title in (("2021-11-16", "Pneumoni"), ("2024-06-27", "Pneumoni, kortere")):
        documents = [
            dated(guideline(), "2021-11-16"),
            dated(chapter(), "2021-11-16"),
            dated(recommendation("1", title, [drug]), day),
        ]
        write(tmp_path / "in" / f"{day}.json", documents)
    answer = as_json(varde(tmp_path, "guideline", "import", str(tmp_path / "in"), "--json", **OWN))
    assert [one["gyldigFra"] for one in answer["added"]] == ["2021-11-16"] * 3 + ["2024-06-27"]
    assert len(answer["unchanged"]) == 2
    return tmp_path


def test_what_was_taken_in_is_in_order(home: Path) -> None:
    found = as_json(varde(home, "guideline", "check", "--json", **OWN))
    assert (found["objects"], found["versions"], found["errors"]) == (3, 4, 0)
    assert found["drafts"] == []
    assert any("no varde.virkestoff" in finding["text"] for finding in found["findings"])


def test_a_broken_file_is_an_error_with_file_path_and_rule(home: Path) -> None:
    path = next((home / "guidelines" / "kapitler").rglob("*.json"))
    path.with_name("2022-01-01.json").write_text('{"gyldigFra": "2022-01-01", "innhold": {}}')
    done = varde(home, "guideline", "check", **OWN)
    assert done.returncode == 1
    assert "error: kapitler/luftveier/2022-01-01.json: $.innhold: " in done.stderr
    assert "1 error" in done.stderr


def test_a_published_version_that_was_changed_is_an_error(home: Path) -> None:
    path = next((home / "guidelines" / "kapitler").rglob("*.json"))
    path.write_text(path.read_text().replace("Luftveier", "Annet"))
    done = varde(home, "guideline", "check", **OWN)
    assert done.returncode == 1
    assert "put changes in a new version instead" in done.stderr


def test_drafts_are_published_by_wish_and_only_then_served(home: Path) -> None:
    folder = home / "guidelines" / "anbefalinger" / "pneumoni"
    draft = json.loads((folder / "2024-06-27.json").read_text())
    draft["gyldigFra"], draft["innhold"]["tittel"] = "2025-01-01", "Nyest"
    write(folder / "2025-01-01.json", draft)
    day = ("--on", "2025-02-01")
    assert "Nyest" not in varde(home, "guideline", "export", *day, **OWN).stdout
    found = as_json(varde(home, "guideline", "check", "--json", **OWN))
    assert found["drafts"] == ["anbefalinger/pneumoni/2025-01-01.json"]
    found = as_json(varde(home, "guideline", "check", "--publish", "--json", **OWN))
    assert found["published"] == ["anbefalinger/pneumoni/2025-01-01.json"]
    assert "Nyest" in varde(home, "guideline", "export", *day, **OWN).stdout


def test_the_difference_of_the_last_two_versions(home: Path) -> None:
    [found] = as_json(varde(home, "guideline", "diff", "pneumoni", "--json", **OWN))
    assert (found["from"], found["to"]) == ("2021-11-16", "2024-06-27")
    labels = {change["label"]: (change["old"], change["new"]) for change in found["changes"]}
    assert labels["Tittel"] == ("Pneumoni", "Pneumoni, kortere")
    shown = varde(home, "guideline", "diff", "pneumoni", **OWN)
    assert "Tittel: Pneumoni → Pneumoni, kortere" in shown.stdout


def test_the_difference_between_two_days(home: Path) -> None:
    command = ("guideline", "diff", "--from", "2022-01-01", "--to", "2025-01-01", "--json")
    assert [one["tittel"] for one in as_json(varde(home, *command, **OWN))] == ["Pneumoni, kortere"]
    command = ("guideline", "diff", "--from", "2020-01-01", "--to", "2022-01-01", "--json")
    assert [one["from"] for one in as_json(varde(home, *command, **OWN))] == [None, None, None]
    none = varde(home, "guideline", "diff", "--from", "2025-01-01", "--to", "2025-02-01", **OWN)
    assert "Nothing changed" in none.stderr


def test_a_withdrawal_is_a_difference(home: Path) -> None:
    gone = dated(recommendation("1", "Pneumoni"), "2025-06-01", status="Utgått")
    assert (
        varde(home, "guideline", "import", str(write(home / "g.json", gone)), **OWN).returncode == 0
    )
    command = ("guideline", "diff", "--from", "2025-05-01", "--to", "2025-07-01")
    assert "Status: Gjeldende → Utgått" in varde(home, *command, **OWN).stdout


def test_what_nobody_reads_is_said(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    stray = write(home / "guidelines" / "anbefalinger" / "stray.json", {})
    done = varde(home, "guideline", "check", **OWN)
    assert done.returncode == 0 and f"anbefalinger/{stray.name}: $: is not read" in done.stderr
    empty = tmp_path_factory.mktemp("empty")
    done = varde(home, "guideline", "check", str(empty), **OWN)
    assert done.returncode == 1 and "there is no content file below" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("guideline", "diff"), "say which object, or a day with --from"),
        (("guideline", "diff", "finnes-ikke"), "there is no object 'finnes-ikke'"),
        (("guideline", "check", "/no/such/folder"), "there is no folder /no/such/folder"),
        (("guideline", "import", "/no/such/file.json"), "there is no /no/such/file.json"),
        (("snomed", "load", "/no/such/folder"), "there is no folder"),
        (("snomed", "ingredients", "1"), "varde snomed load FOLDER"),
        (("snomed", "subsumes", "1", "2"), "varde snomed load FOLDER"),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    done = varde(tmp_path, *arguments)
    assert done.returncode == 1
    assert says in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_an_object_that_breaks_a_rule_is_not_taken_in(home: Path) -> None:
    bad = write(home / "bad.json", dated(recommendation("2"), "2024-01-01", ukjent=1))
    done = varde(home, "guideline", "import", str(bad), **OWN)
    assert done.returncode == 1
    assert "unknown field `ukjent`" in done.stderr and "--leave-unknown" in done.stderr
    done = varde(home, "guideline", "import", str(bad), "--leave-unknown", **OWN)
    assert done.returncode == 0 and "ukjent: unknown field, left out" in done.stderr


def test_every_version_exported_and_taken_in_again_is_the_same(home: Path) -> None:
    out, copy = home / "out", home / "copy"
    assert (
        varde(
            home, "guideline", "export", "--format", "versions", "--out", str(out), **OWN
        ).returncode
        == 0
    )
    assert varde(copy, "guideline", "import", str(out), **OWN).returncode == 0
    files = {p.relative_to(out): p.read_bytes() for p in out.rglob("*.json")}
    assert len(files) == 4
    own = copy / "guidelines"
    assert {
        p.relative_to(own): p.read_bytes()
        for p in own.rglob("*/*.json")
        if p.name != "published.json"
    } == files


def test_an_export_of_a_day_is_an_array_of_objects(home: Path) -> None:
    found = as_json(varde(home, "guideline", "export", "--on", "2022-01-01", **OWN))
    assert {one["tittel"] for one in found} == {
        "Antibiotika i primærhelsetjenesten",
        "Luftveier",
        "Pneumoni",
    }


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the invented terminology."""
    folder = tmp_path_factory.mktemp("snomed")
    done = varde(folder, "snomed", "load", str(INVENTED_SNOMED), "--json")
    release = as_json(done)
    assert release["invented"] is True and release["counts"]["concepts"] > 100
    return folder


def test_half_a_release_does_not_take_the_place_of_a_whole_one(
    loaded: Path, tmp_path: Path
) -> None:
    [concepts] = INVENTED_SNOMED.rglob("sct2_Concept_Snapshot*")
    (tmp_path / concepts.name).write_bytes(concepts.read_bytes())
    done = varde(loaded, "snomed", "load", str(tmp_path))
    assert done.returncode == 1 and "needs its file of inferred relationships" in done.stderr
    assert varde(loaded, "snomed", "subsumes", "373297006", "373270004").stdout == "true\n"


def test_ingredients_with_the_path_that_gave_them(loaded: Path) -> None:
    found = as_json(varde(loaded, "snomed", "ingredients", "778490002", "--json"))
    [one] = [one for one in found if one["term"].casefold() == "benzylpenicillin"]
    assert one["path"][0]["source"] == "778490002"
    assert one["path"][-1]["target"] == one["code"]
    assert "benzylpenicillin" in varde(loaded, "snomed", "ingredients", "778490002").stdout


def test_subsumption(loaded: Path) -> None:
    # Penicillin is a beta-lactam; the other way round it is not.
    assert varde(loaded, "snomed", "subsumes", "373297006", "373270004").stdout == "true\n"
    assert varde(loaded, "snomed", "subsumes", "373270004", "373297006").stdout == "false\n"
    answer = as_json(varde(loaded, "snomed", "subsumes", "373297006", "373270004", "--json"))
    assert answer["subsumes"] is True


def test_an_unknown_concept_is_one_sentence(loaded: Path) -> None:
    done = varde(loaded, "snomed", "subsumes", "373270004", "12345")
    assert done.returncode == 1 and "12345" in done.stderr and "Traceback" not in done.stderr
