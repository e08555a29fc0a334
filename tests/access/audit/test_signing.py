"""Heads of the access log: when they are written, with which key, and how the log goes on after trouble."""

from __future__ import annotations

import json
import logging
import shutil
import stat
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.db import connections

from access.audit import reference
from access.audit.logs import DOCTOR, Log, both, fill, read_log, stored
from access.tampering import disarm, execute, read_guards
from operation.sites import at, copy, database_file
from varde.access import audit
from varde.access.audit import rows, signing
from varde.access.audit.head_check import check_heads
from varde.access.audit.heads import read_line
from varde.access.keys import KeyProblem

WHO = DOCTOR


@pytest.fixture(autouse=True)
def keeper(monkeypatch: pytest.MonkeyPatch) -> signing._Keeper:
    """What this process knows of what is signed: nothing yet."""
    fresh = signing._Keeper()
    monkeypatch.setattr(signing, "_keeper", fresh)
    return fresh


@pytest.fixture
def home(empty_site: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    made = copy(empty_site, tmp_path / "site")
    with django_db_blocker.unblock(), at(made):
        yield made


def signed(home: Path) -> list[dict[str, Any]]:
    """The heads so far; none while there is no file."""
    return heads(home) if audit.place_of(home).exists() else []


def heads(home: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in audit.place_of(home).read_bytes().splitlines()]


def in_place(home: Path) -> Log:
    found = read_log(home)
    both(found)
    return found


def verify(home: Path, **more: Any) -> audit.Report:
    """Of the site itself; it must be what is said of its log read out."""
    report = audit.verify_log(audit.place_of(home), audit.own_public_keys(home), **more)
    assert report.whole == both(read_log(home)).whole or more
    return report


# --- heads ----------------------------------------------------------------------------------------


def test_a_head_says_what_it_says(home: Path) -> None:
    assert audit.sign() is None and not audit.place_of(home).exists()
    fill(4)
    head = audit.sign()
    assert head is not None and audit.sign() == head, "nothing new, no new head"
    first, second = heads(home)
    assert (first["kind"], first["sequence"], first["hash"]) == ("key", 0, "0" * 64)
    assert (second["kind"], second["sequence"], second["hash"]) == (
        "entries",
        4,
        stored(4).digest,
    )
    assert (second["number"], second["count"]) == (2, 4)
    assert second["previous"] != first["previous"] == "0" * 64
    assert reference.signed_by(second, first["public_key"])
    assert stat.S_IMODE(audit.place_of(home).stat().st_mode) == 0o600
    keys = home / "keys"
    assert stat.S_IMODE((keys / "audit-signing.keys").stat().st_mode) == 0o600
    public = load_pem_public_key((keys / "audit-signing.pub").read_bytes())
    assert public.public_bytes_raw().hex() == first["public_key"]  # type: ignore[union-attr]


def test_heads_lie_where_the_setting_says(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VARDE_AUDIT_HEADS", str(tmp_path / "other" / "heads"))
    fill(1)
    audit.sign()
    assert (tmp_path / "other" / "heads").exists() and not (home / "audit-heads.jsonl").exists()
    assert verify(home).whole


def test_a_head_is_written_every_so_many_entries(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "EVERY_ENTRIES", 5)
    fill(4)
    assert not audit.place_of(home).exists()
    fill(9)
    assert [head["sequence"] for head in heads(home)] == [0, 5, 10]
    audit.finish()
    assert [head["sequence"] for head in heads(home)] == [0, 5, 10, 13]
    assert verify(home).whole
    audit.finish()
    assert len(heads(home)) == 4


def test_a_head_is_written_after_a_while(
    home: Path, monkeypatch: pytest.MonkeyPatch, keeper: signing._Keeper
) -> None:
    monkeypatch.setattr(signing, "EVERY_SECONDS", 0.02)
    fill(1)
    time.sleep(0.1)
    assert not audit.place_of(home).exists(), "only a process that goes on does so"
    audit.keep_signed()
    fill(2)
    deadline = time.monotonic() + 10
    while not any(head["sequence"] == 3 for head in signed(home)):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert heads(home)[-1]["sequence"] == 3
    keeper.timed = False
    audit.finish()
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join()


def test_what_was_logged_before_a_process_keeps_on_is_signed_too(
    home: Path, monkeypatch: pytest.MonkeyPatch, keeper: signing._Keeper
) -> None:
    monkeypatch.setattr(signing, "EVERY_SECONDS", 0.02)
    fill(1)
    audit.keep_signed()
    deadline = time.monotonic() + 10
    while not signed(home):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    keeper.timed = False
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join()
    assert verify(home).signed == 1


def test_an_entry_stands_there_whether_it_can_be_signed_or_not(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(signing, "EVERY_ENTRIES", 2)
    monkeypatch.setenv("VARDE_AUDIT_HEADS", str(tmp_path))  # a folder
    with caplog.at_level(logging.ERROR):
        fill(6)
    assert stored(6).id == 6
    told = [record for record in caplog.records if record.name == "varde.access.audit.signing"]
    assert len(told) == 1, "told once a minute, not for each entry"
    assert told[0].error == "IsADirectoryError"  # type: ignore[attr-defined]
    monkeypatch.delenv("VARDE_AUDIT_HEADS")
    audit.finish()
    assert verify(home).signed == 6


# --- keys -----------------------------------------------------------------------------------------


def test_a_new_key_signs_and_old_heads_can_still_be_verified(home: Path) -> None:
    fill(3)
    audit.sign()
    before = audit.own_public_keys(home)
    signs, hashes = audit.change_keys()
    assert signs not in before and hashes == "k2"
    fill(3)
    audit.sign()
    found = heads(home)
    kinds = ["key", "entries", "key", "entries", "entries"]
    assert [head["kind"] for head in found] == kinds
    assert [head["key_id"] in before for head in found] == [True, True, True, False, False]
    assert len((home / "keys" / "audit-signing.keys").read_text().split()) == 1, "the old is gone"
    assert len((home / "keys" / "audit-persons.keys").read_text().split()) == 2, "the old is kept"
    log = in_place(home)
    assert both(log).whole and both(log.but(trusted=before)).whole


def test_a_key_that_was_changed_half_way_is_changed_by_the_next_head(home: Path) -> None:
    fill(3)
    audit.sign()
    audit.AuditKeys(home, audit.SIGNING).add()  # and killed
    fill(3)
    audit.sign()
    assert [head["kind"] for head in heads(home)] == ["key", "entries", "key", "entries"]
    assert verify(home).whole


def test_keys_of_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VARDE_AUDIT_SIGNING_KEYS", f"a:{'11' * 32}")
    monkeypatch.setenv("VARDE_AUDIT_KEYS", f"p:{'22' * 32}")
    fill(3)
    audit.sign()
    assert stored(1).about_key == "p" and verify(home).whole
    monkeypatch.setenv("VARDE_AUDIT_SIGNING_KEYS", f"b:{'33' * 32},a:{'11' * 32}")
    assert audit.change_keys() == ("", "")
    fill(1)
    audit.sign()
    monkeypatch.setenv("VARDE_AUDIT_SIGNING_KEYS", f"b:{'33' * 32}")
    kinds = ["key", "entries", "key", "entries", "entries"]
    assert [head["kind"] for head in heads(home)] == kinds
    assert verify(home).whole
    assert not list((home / "keys").glob("audit-*.keys"))


def test_no_new_key_is_made_in_the_place_of_one_that_is_lost(home: Path) -> None:
    fill(3)
    audit.sign()
    earlier = audit.own_public_keys(home)
    (home / "keys" / "audit-signing.keys").unlink()
    with pytest.raises(audit.NoSigningKey, match="put it back"):
        audit.sign()
    head = audit.sign_restored(WHO)
    assert head.kind == "restored" and head.since == 3
    report = verify(home)
    assert report.whole and "began by its own word" in report.notes[0]
    assert not both(read_log(home).but(trusted=earlier)).whole, "the old key does not vouch for it"


def test_another_key_in_the_place_of_the_right_one_signs_nothing(home: Path) -> None:
    fill(3)
    audit.sign()
    (home / "keys" / "audit-signing.keys").write_text(f"k1:{'44' * 32}\n")
    fill(1)
    with pytest.raises(audit.NoSigningKey):
        audit.sign()
    assert len(heads(home)) == 2


def test_public_keys_are_read_from_files(home: Path, tmp_path: Path) -> None:
    fill(1)
    audit.sign()
    [(one, public)] = audit.own_public_keys(home).items()
    audit.change_keys()
    [(other, _)] = audit.own_public_keys(home).items()
    both_keys = tmp_path / "both.pem"
    both_keys.write_text(audit.write_pem(public) + (home / "keys/audit-signing.pub").read_text())
    assert set(audit.read_public_keys([both_keys])) == {one, other}
    for content in ("", "nothing", audit.write_pem(public) + "x"):
        both_keys.write_text(content)
        with pytest.raises(KeyProblem, match="public key"):
            audit.read_public_keys([both_keys])


# --- trouble --------------------------------------------------------------------------------------


def test_a_line_that_was_not_finished_is_signed_over(home: Path) -> None:
    fill(3)
    audit.sign()
    path = audit.place_of(home)
    fill(2)
    whole = path.read_bytes()
    for torn in (b'{"version":1,"num', b"\xff" * 3):
        path.write_bytes(path.read_bytes() + torn)
        assert [fault.kind for fault in verify(home).faults] == ["no-head"]
        fill(1)
        audit.sign()
        report = verify(home)
        assert report.whole and "was not finished" in report.notes[-1]
    assert path.read_bytes().startswith(whole)
    end = [line for line in path.read_bytes().splitlines(keepends=True) if read_line(line)]
    assert len(end) == 4


def test_a_large_piece_of_rubbish_does_not_hide_the_last_head(home: Path) -> None:
    fill(1)
    audit.sign()
    path = audit.place_of(home)
    path.write_bytes(path.read_bytes() + b"x" * 200_000)
    fill(1)
    head = audit.sign()
    assert head is not None and head.number == 3 and verify(home).whole


def test_a_log_that_was_changed_is_not_signed(home: Path) -> None:
    fill(5)
    audit.sign()
    disarm()
    execute("UPDATE access_accesslogentry SET digest = %s WHERE id = 5", "0" * 64)
    fill(1)
    with pytest.raises(audit.LogDoesNotFit, match="entry 5 with another hash"):
        audit.sign()
    execute("DELETE FROM access_accesslogentry WHERE id >= 5")
    with pytest.raises(audit.LogDoesNotFit):
        audit.sign()
    assert len(heads(home)) == 2 and audit.what_is_wrong()


def test_heads_that_are_cut_are_not_gone_on_with(home: Path) -> None:
    fill(5)
    audit.sign()
    fill(5)
    audit.sign()
    path = audit.place_of(home)
    content = path.read_bytes()
    lines = content.splitlines(keepends=True)
    for left in (b"".join(lines[:-1]), b"", None):
        path.unlink() if left is None else path.write_bytes(left)
        with pytest.raises(audit.HeadsDoNotFit, match="are not in"):
            audit.sign()
        assert "heads-missing" in {fault.kind for fault in verify(home).faults}
    assert not path.exists()
    path.write_bytes(content)
    assert audit.sign() is not None and verify(home).whole


# --- backups --------------------------------------------------------------------------------------


def put_back(home: Path, kept: Path) -> None:
    """The database as it was."""
    from django.db import connection

    connection.close()
    for beside in home.glob("varde.sqlite3-*"):
        beside.unlink()
    shutil.copy(kept, database_file(home))


def keep(home: Path, place: Path) -> Path:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(place)])
    return place


def test_an_older_database_is_found_and_that_it_was_put_back_can_be_recorded(
    home: Path, tmp_path: Path
) -> None:
    fill(4)
    audit.sign()
    fill(3)  # entries 5 to 7 are in the backup, and under a head of later
    kept = keep(home, tmp_path / "kept")
    fill(3)
    audit.sign()
    put_back(home, kept)
    report = verify(home)
    assert [fault.kind for fault in report.faults] == ["tail-missing"]
    assert (report.first_bad, report.last) == (8, 7)
    fill(5)  # the service goes on before anybody notices
    assert [fault.kind for fault in verify(home).faults] == ["rewritten"]
    with pytest.raises(audit.LogDoesNotFit, match="--restored"):
        audit.sign()

    head = audit.sign_restored(WHO)
    assert (head.kind, head.since, head.sequence, head.count) == ("restored", 4, 13, 9)
    entry = stored(13)
    assert (entry.action, entry.actor, entry.object_count) == ("restored", "kari", 6)
    fill(2)
    audit.sign()
    report = verify(home)
    assert report.whole and report.signed == 15
    assert (
        "what stood after entry 4 then, as far as entry 10, is not in this log" in report.notes[0]
    )

    log = in_place(home)
    forged = tuple((*row[:5], "view", *row[6:]) if row[0] == 13 else row for row in log.rows)
    assert not both(log.but(rows=forged)).whole
    for number in range(15):
        assert not both(log.but(rows=log.rows[:number] + log.rows[number + 1 :])).whole
    for number, line in enumerate(log.heads.splitlines(keepends=True)):
        assert not both(log.but(heads=log.heads.replace(line, b""))).whole, number
    fill(1)
    audit.change_keys()
    put_back(home, kept)
    assert not verify(home).whole
    assert audit.sign_restored(WHO).since == 4
    # Each of two, and of the one that still holds that no restore is in the log before it.
    assert verify(home).whole and len(verify(home).notes) == 3


def test_a_backup_put_back_without_its_heads_goes_on_with_those_it_remembers(
    home: Path, empty_site: Path, tmp_path: Path
) -> None:
    fill(4)
    audit.sign()
    fill(3)
    audit.sign()
    kept = keep(home, tmp_path / "kept")
    content = audit.place_of(home).read_bytes()
    audit.place_of(home).unlink()
    put_back(home, kept)
    assert "the file is lost" in audit.what_is_wrong()
    head = audit.sign_restored(WHO)
    assert audit.place_of(home).read_bytes().startswith(content)
    assert (head.number, head.since, head.sequence) == (4, 7, 8)
    report = verify(home)
    assert report.whole and report.notes == [
        f"an operator recorded at {head.at} that a backup was put back",
        f"before head {head.number} no varde restore is in the log: ask who put a backup back, and how",
    ]


def test_what_records_a_backup_does_not_wait_for_itself(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(4)
    audit.sign()
    monkeypatch.setattr(signing, "EVERY_ENTRIES", 1)  # every entry asks for a head
    done = threading.Thread(target=lambda: (audit.sign_restored(WHO), connections.close_all()))
    done.daemon = True
    done.start()
    done.join(20)
    assert not done.is_alive()
    assert [head["kind"] for head in heads(home)] == ["key", "entries", "restored"]
    assert verify(home).whole


def test_heads_of_another_log_are_not_mixed_with_these(
    home: Path, empty_site: Path, tmp_path: Path
) -> None:
    fill(4)
    audit.sign()
    foreign = audit.place_of(home).read_bytes()
    with at(copy(empty_site, tmp_path / "other")) as other:
        fill(5)
        audit.sign()
        fill(1)
        audit.sign()
        audit.place_of(other).write_bytes(foreign)
        for attempt in (audit.sign, lambda: audit.sign_restored(WHO)):
            with pytest.raises(audit.HeadsDoNotFit):
                attempt()


def test_a_copy_of_the_heads_from_yesterday_is_enough(home: Path, tmp_path: Path) -> None:
    fill(4)
    audit.sign()
    yesterday = tmp_path / "heads"
    shutil.copy(audit.place_of(home), yesterday)
    fill(4)
    audit.sign()
    report = audit.verify_log(yesterday, audit.own_public_keys(home), copy=True)
    assert report.whole and report.signed == 4 and len(report.notes) == 2
    disarm()
    execute("DELETE FROM access_accesslogentry WHERE id >= 4")
    execute("DELETE FROM access_signedhead")
    audit.place_of(home).unlink()
    report = audit.verify_log(yesterday, audit.own_public_keys(home), copy=True)
    assert [fault.kind for fault in report.faults] == [
        "tail-missing",
        "unguarded",
    ]


def test_many_entries_under_no_head_are_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from varde.access.audit import verification

    fill(7)
    assert audit.verify_log(audit.place_of(home), {}).notes == [
        "nothing is signed: only the chain was verified"
    ]
    monkeypatch.setattr(verification, "UNSIGNED", 6)
    report = audit.verify_log(audit.place_of(home), {})
    assert [(fault.kind, fault.sequence) for fault in report.faults] == [("unsigned", 1)]


def test_a_file_without_heads_says_nothing() -> None:
    assert check_heads([], {}).faults == []


def test_times_are_in_utc(home: Path) -> None:
    fill(1)
    audit.sign()
    assert datetime.fromisoformat(heads(home)[-1]["at"]).utcoffset() is not None
    assert heads(home)[-1]["at"].endswith("Z")


def test_heads_that_were_removed_from_the_database_are_told(home: Path) -> None:
    for _ in range(3):
        fill(3)
        audit.sign()
    fill(1)
    assert verify(home).whole
    made = read_guards()
    disarm()
    execute("DELETE FROM access_signedhead")
    for statement in made:
        execute(statement)
    report = verify(home)
    assert [(fault.kind, fault.head) for fault in report.faults] == [("heads-forgotten", 1)]
    assert "heads 1 to 4 stand in the file" in report.faults[0].text
    audit.sign()  # goes on, and hides nothing
    assert [fault.kind for fault in verify(home).faults] == ["heads-forgotten"]


def test_one_head_that_was_removed_from_the_middle_is_told(home: Path) -> None:
    for _ in range(3):
        fill(3)
        audit.sign()
    made = read_guards()
    disarm()
    execute("DELETE FROM access_signedhead WHERE number = 3")
    for statement in made:
        execute(statement)
    assert [(f.kind, f.head) for f in verify(home).faults] == [("heads-forgotten", 3)]


def test_a_head_that_could_not_be_remembered_is_made_up_for(home: Path) -> None:
    fill(3)
    audit.sign()
    made = read_guards()
    disarm()
    execute("DELETE FROM access_signedhead")  # as if the power had gone after the file was written
    for statement in made:
        execute(statement)
    assert "varde audit sign" in verify(home).faults[0].text
    fill(2)
    audit.sign()
    assert verify(home).whole
    assert [number for number, _ in rows.known_heads()] == [1, 2, 3]


def test_a_backup_that_was_put_back_knows_no_later_heads(home: Path, tmp_path: Path) -> None:
    fill(4)
    audit.sign()
    fill(2)
    kept = keep(home, tmp_path / "kept")
    for _ in range(3):
        audit.sign()
        fill(2)
    put_back(home, kept)
    audit.sign_restored(WHO)
    assert verify(home).whole
    fill(2)
    audit.sign()
    assert verify(home).whole
    made = read_guards()
    disarm()
    execute("DELETE FROM access_signedhead WHERE number = 2")
    for statement in made:
        execute(statement)
    assert [(f.kind, f.head) for f in verify(home).faults] == [("heads-forgotten", 2)]
