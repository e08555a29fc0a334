"""The intake of files and folders, with the oddities that folders have."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from commands import run_varde, start_varde
from register.answers import NOW, answer, clock, make_register, register_state, send
from varde.register import (
    ingest,
    list_files,
    quarantine_counts,
    quarantine_items,
    read_names,
    read_receipts,
    replay,
)
from varde.register.log import Incoming, append
from varde.synthetic import write_norway


@pytest.mark.django_db
def test_a_name_in_another_alphabet_is_taken_and_shown(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "Indre Østfold")
    os.mkdir(folder)  # noqa: PTH102 (a path of bytes)
    with open(folder + b"/pr\xf8ve.xml", "wb") as file:
        file.write(answer())
    register = make_register()
    result = ingest(register, [tmp_path], clock)
    assert (result.counts.accepted, result.unreadable) == (1, [])
    assert read_names([1], register.sealer) == {1: "Indre Østfold/pr\ufffdve.xml"}


@pytest.mark.django_db
def test_what_is_no_ordinary_file_is_told_and_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(answer())
    os.mkfifo(tmp_path / "pipe.xml")
    (tmp_path / "gone.xml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "elsewhere").symlink_to(tmp_path.parent)
    (tmp_path / ".hidden.xml").write_bytes(b"x")
    (tmp_path / "mapping.toml").write_bytes(b"x")
    result = ingest(make_register(), [tmp_path], clock)
    assert result.counts.received == 1
    assert {path.name for path, _ in result.unreadable} == {"pipe.xml", "gone.xml", "elsewhere"}


def test_a_folder_that_cannot_be_opened_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    original = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return original(path)

    monkeypatch.setattr(os, "scandir", refuse)
    problems: list[tuple[Path, str]] = []
    assert list(list_files([tmp_path], problems)) == []
    assert problems == [(tmp_path / "closed", "Permission denied")]


@pytest.mark.django_db
def test_bytes_that_another_intake_folds_meanwhile_are_duplicates() -> None:
    register = make_register()
    batch = [Incoming("a.xml", answer()), Incoming("b.xml", answer())]
    append(batch, register.sealer, NOW)
    other = make_register()
    send(other, answer())
    counts = send(register, answer(), answer())
    assert (counts.received, counts.duplicate, counts.accepted) == (2, 2, 0)


def test_two_intakes_of_the_same_files_at_once(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    summary = write_norway(inbox, isolates=1_200, seed=5)
    home = tmp_path / "home"
    environment = os.environ | {"VARDE_HOME": str(home), "DATABASE_URL": ""}
    (empty := tmp_path / "empty").mkdir()
    assert run_varde("ingest", str(empty), environment=environment).returncode == 0
    command = ("ingest", "--json", str(inbox))
    running = [start_varde(*command, environment=environment) for _ in range(2)]
    done = [one.wait() for one in running]
    assert [one.returncode for one in done] == [0, 0], [one.stderr for one in done]
    counts = [json.loads(one.stdout) for one in done]
    assert [count["received"] for count in counts] == [summary.items, summary.items]
    assert sum(count["accepted"] for count in counts) == summary.accepted


@pytest.mark.django_db
def test_nothing_is_believed_that_is_dated_after_it_arrived() -> None:
    register = make_register()
    early = datetime(2026, 1, 2, tzinfo=UTC)
    from varde.register.intake import take_in

    late = answer(made=20, results=[("NPU06049", "S")])
    counts = take_in(register, [Incoming("late.xml", late)], lambda: early)
    assert counts.quarantined == 1
    assert quarantine_counts() == [("future-generated", 1)]
    send(register, answer(message="M2", made=2, results=[("NPU06049", "R")]))
    assert [row[4] for row in register_state()["susceptibilities"]] == ["R"]
    # The time it arrived stands in the log: a replay long after comes to the same.
    replay(register, lambda: NOW + timedelta(days=900))
    assert [row[4] for row in register_state()["susceptibilities"]] == ["R"]


@pytest.mark.django_db
def test_what_cannot_be_used_is_told_so_each_time_it_is_handed_in() -> None:
    register = make_register()
    bad = answer("R2", "M2", person="01815000388")
    assert send(register, answer(), bad).quarantined == 1
    again = send(register, bad, answer(), bad)
    assert (again.received, again.accepted, again.duplicate, again.quarantined) == (3, 0, 1, 2)
    [receipt] = read_receipts([2]).values()
    assert (receipt.quarantined, receipt.duplicate) == (1, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("message", ["M1", "M2"])
def test_a_corrected_message_settles_the_refused_one(message: str) -> None:
    register = make_register()
    send(register, answer(person="01815000388"))
    [waiting] = quarantine_items()
    assert (waiting.reason, waiting.message_ref, waiting.report_ref) == (
        "invalid-identity-number",
        "M1",
        "R1",
    )
    send(register, answer(report="R7", message="M7"), answer(her="70001", message=message))
    # Neither another answer of the laboratory nor another laboratory settles it.
    assert [item.id for item in quarantine_items()] == [waiting.id]
    send(register, answer(person="01815000389", message=message, made=2))
    assert quarantine_items() == []
    assert [item.state for item in quarantine_items(state=None)] == ["resolved"]
    replay(register, clock)
    assert quarantine_items() == []


@pytest.mark.django_db
def test_a_refused_correction_stays_until_it_is_sent_again() -> None:
    register = make_register()
    send(register, answer(made=1))
    send(register, answer(message="M2", made=2, person="01815000388"))
    assert quarantine_counts() == [("invalid-identity-number", 1)]
    send(register, answer(made=1))
    assert quarantine_counts() == [("invalid-identity-number", 1)]


@pytest.mark.django_db
def test_a_message_cut_short_before_its_sender_is_settled_by_the_whole_one() -> None:
    register = make_register()
    whole = answer(organism="Escherichia coli")
    send(register, whole[: whole.index(b"<ServProvider>")])
    [waiting] = quarantine_items()
    assert (waiting.sender, waiting.message_ref, waiting.report_ref) == ("", "M1", "R1")
    send(register, answer(report="R9", message="M1", her="70001"))
    assert [item.id for item in quarantine_items()] == [waiting.id], "only the id is the same"
    send(register, whole)
    assert quarantine_items() == []


def test_two_first_intakes_may_make_the_tables_together(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.xml").write_bytes(answer())
    environment = os.environ | {"VARDE_HOME": str(home), "DATABASE_URL": ""}
    command = ("ingest", "--json", str(tmp_path / "inbox"))
    running = [start_varde(*command, environment=environment) for _ in range(4)]
    done = [one.wait() for one in running]
    assert [one.returncode for one in done] == [0] * 4, [one.stderr for one in done]
    counts = [json.loads(one.stdout) for one in done]
    assert sum(count["accepted"] for count in counts) == 1
    assert [count["received"] for count in counts] == [1] * 4
