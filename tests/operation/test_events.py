"""What an operator can follow in the log: hand-ins, requests that fail, work that is done, the service itself."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connections
from django.test import Client as Browser

from access.a_sender import register as register_client
from operation.sites import NOW, at, clock, copy, database_file, fill, messages
from operation.test_log_lines import Log, log
from register.answers import PERSONS, answer
from varde import __version__
from varde.access.key_files import KeySource, add_storage_key
from varde.listening import Desk
from varde.operation import backup, retire_keys, rotate
from varde.register import Door, Incoming, NotDurable, open_register, replay_quarantined, work
from varde.web import life
from varde.web.intake import doors, receiving
from web.asking import token_for

__all__ = ["log"]

HL7 = b"MSH|^~\\&|a|b|||||ORU^R01|1|P|2.5.1\r"


@pytest.fixture
def site(empty_site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A site with doors of its own."""
    with at(copy(empty_site, tmp_path / "site")) as home:
        monkeypatch.setattr(doors, "_all", cache(doors._all.__wrapped__))
        yield home
        doors.close_doors()


def told(log: Log, event: str, *without: str) -> list[dict[str, Any]]:
    """The lines of an event, without what every line has and what differs from run to run."""
    always = ("time", "logger", "event", "milliseconds", "seconds", *without)
    return [
        {name: value for name, value in line.items() if name not in always}
        for line in log.lines
        if line["event"] == event
    ]


# --- the intake ---------------------------------------------------------------------------------


def test_each_hand_in_is_told_with_what_became_of_it(site: Path, log: Log) -> None:
    sender = register_client(kinds=("laboratory",))
    browser = Browser()
    headers = {"Authorization": f"Bearer {token_for(browser, sender)}"}
    good, cut = messages(1)[0].data, messages(1, first=5)[0].data
    for data in (good, good, cut):
        browser.post("/intake/laboratory", data, "text/plain", headers=headers)
    same = {"level": "info", "register": "default", "door": "api", "kind": "laboratory"}
    same |= {"sender": sender.sender, "messages": 1}
    doors.close_doors()
    lines = told(log, "taken in")
    [reasons] = [line.pop("reasons") for line in lines if "reasons" in line]
    assert list(reasons.values()) == [1]
    assert lines == [
        same | dict(zip(("accepted", "duplicate", "quarantined"), counts, strict=True))
        for counts in ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    ]
    assert {line["logger"] for line in log.lines if line["event"] == "taken in"} == {
        "varde.register.events"
    }
    assert all(isinstance(x["milliseconds"], int) for x in log.lines if x["event"] == "taken in")


def test_reasons_of_quarantine_are_counted(site: Path, log: Log) -> None:
    reused = [answer(f"R{number}", "M1", person=PERSONS[number]) for number in (1, 2)]
    batch = [Incoming("", data, kind="laboratory") for data in (b"x", b"y", *reused)]
    fill(open_register(site), batch)
    [line] = told(log, "taken in")
    assert line["messages"] == 4 and line["reasons"] == {
        "unknown-format": 2,
        "message-id-reused": 1,
    }
    assert (line["accepted"], line["quarantined"]) == (1, 3)
    assert "sender" not in line, "what a message says of itself is not told"


def test_what_is_kept_and_not_read_is_told(
    site: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    from varde.register import door as door_module

    def fail(*_: object) -> None:
        raise MemoryError

    door = Door(open_register(site), clock)
    with monkeypatch.context() as patch:
        patch.setattr(door_module, "fold_logged", fail)
        assert door.submit(messages(1)).wait(30) is False
    door.submit(messages(1, first=2)).wait(30)
    door.close()
    [kept] = told(log, "kept, to be read later")
    assert kept["messages"] == 1 and "accepted" not in kept
    [fault] = told(log, "the intake cannot fold what it has kept", "at")
    assert fault == {
        "level": "error",
        "register": "default",
        "messages": 1,
        "exception": ["MemoryError"],
    }
    assert told(log, "what was kept before is read now") == [
        {"level": "info", "register": "default", "messages": 1, "items": 1}
    ]


def test_nothing_is_kept_in_a_database_that_was_moved_away(site: Path, log: Log) -> None:
    """A connection that is open would go on writing into the file, wherever it lies now."""
    door = Door(open_register(site), clock)
    door.submit(messages(1)).wait(30)
    file, away = database_file(site), site / "away.sqlite3"
    connections["default"].close()
    file.rename(away)
    before = away.read_bytes()
    for left in (None, b""):
        if left is not None:
            file.write_bytes(left)
        with pytest.raises(NotDurable):
            door.submit(messages(1, first=2)).wait(30)
    assert (
        told(log, "the intake cannot keep messages: OperationalError")
        == [{"level": "error", "register": "default", "messages": 1}] * 2
    )
    answered = Desk(door, "HER:91843").hand_in(HL7, None)
    assert b"|AE|" in answered.answers[0] or b"|AR|" in answered.answers[0]
    [refused] = told(log, "a message was refused")
    assert refused == {
        "level": "warning",
        "door": "mllp",
        "reason": "not-durable",
        "error": "OperationalError",
    }
    assert away.read_bytes() == before
    away.replace(file)
    assert door.submit(messages(1, first=3)).wait(30)
    door.close()


# --- requests -----------------------------------------------------------------------------------


def test_a_request_that_fails_is_told_by_the_name_of_its_address(
    site: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    from varde.web.pages import about

    def fail(*_: object, **__: object) -> None:
        raise DatabaseError("01815000389")

    browser = Browser(raise_request_exception=False)
    headers = {"Authorization": f"Bearer {token_for(browser, register_client())}"}
    monkeypatch.setattr(about, "render", fail)
    monkeypatch.setattr(receiving, "open_body", fail)
    assert browser.get("/om/?fnr=01815000389").status_code == 500
    answer = browser.post("/intake/laboratory", b"x", "text/plain", headers=headers)
    assert answer.status_code == 500
    same = {"level": "error", "status_code": 500, "error": "DatabaseError"}
    assert told(log, "a request failed", "exception", "at") == [
        same | {"route": "about", "method": "GET"},
        same | {"route": "intake", "method": "POST"},
    ]
    for line in log.lines:
        if line["event"] == "a request failed":
            assert line["exception"] == ["django.db.utils.DatabaseError"] and line["at"]


def test_what_is_not_taken_in_is_told_with_its_reason(site: Path, log: Log) -> None:
    browser = Browser()
    headers = {"Authorization": f"Bearer {token_for(browser, register_client())}"}
    browser.post("/intake/laboratory", b"", "text/plain", headers=headers)
    connections["default"].close()
    doors.door("laboratory").close()
    browser.post("/intake/laboratory", b"x", "text/plain", headers=headers)
    browser.post("/intake/laboratory", b"x", "text/plain")
    same = {"route": "intake", "method": "POST"}
    assert told(log, "a request was refused") == [
        same | {"level": "info", "status_code": 400, "reason": "empty"},
        same | {"level": "warning", "status_code": 503, "reason": "closing"},
    ]
    assert told(log, "a sender was refused") == [
        {"level": "warning", "route": "intake", "reason": "no-credentials", "count": 1}
    ]


def test_a_refused_sign_in_is_told_and_never_of_whom(site: Path, log: Log, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for _ in range(6):
        Browser().post("/logg-inn/", {"username": "kari", "password": "not-this-one"})
    lines = told(log, "a sign-in was refused")
    assert [line["reason"] for line in lines] == ["wrong-name-or-password"] * 5 + ["throttled"]
    assert {line["route"] for line in lines} == {"sign-in"}
    assert "kari" not in log.text


# --- work, keys, and the service ----------------------------------------------------------------


def test_work_is_told_when_it_begins_and_ends(site: Path, log: Log, tmp_path: Path) -> None:
    register = open_register(site)
    fill(register, messages(5))
    replay_quarantined(register, clock)
    backup(site, tmp_path / "b.zip", NOW)
    rotate(site, "default")
    retire_keys(site, "default")
    whole = {"level": "info", "register": "default"}
    assert told(log, "replay has begun") == [whole | {"state": "quarantined"}]
    [done] = told(log, "replay is done")
    assert (done["messages"], done["accepted"], done["quarantined"]) == (1, 0, 1)
    [written] = told(log, "backup is done", "megabytes", "rows")
    assert written == {
        "level": "info",
        "registers": ["default", "ravn", "norm", "identity"],
        "messages": 5,
        "files": 0,
    }
    [rotated] = told(log, "key-rotation is done")
    assert (rotated["key_id"], rotated["sealed"], rotated["remaining"]) == ("k2", 5, 0)
    [retired] = told(log, "key-retirement is done")
    assert (retired["key_id"], retired["count"]) == ("k2", 1)


def test_work_that_fails_says_of_which_class_the_fault_is(log: Log) -> None:
    with pytest.raises(KeyError), work(logging.getLogger("varde"), "backup", register="norm"):
        raise KeyError("01815000389")
    [line] = told(log, "backup has failed")
    assert line == {"level": "error", "register": "norm", "error": "KeyError"}


def test_keys_that_have_changed_are_told_of(site: Path, log: Log) -> None:
    register = open_register(site, "norm")
    add_storage_key(KeySource(site, "norm"), [])
    for _ in range(2):
        register.sealer.current()
    assert told(log, "the storage keys have changed and were read anew") == [
        {"level": "info", "register": "norm", "key_id": "k2"}
    ]


def test_the_service_tells_of_its_life(site: Path, log: Log) -> None:
    life.tell("starting", "127.0.0.1", 8000)
    connections["ravn"].close()
    database_file(site, "ravn").unlink()
    life.tell("ready", "127.0.0.1", 8000, seconds=1.5)
    life.tell("stopping")
    life.tell("stopped", finished=False)
    own = [line for line in log.lines if line["logger"] == "varde.web.life"]
    assert {line["version"] for line in own} == {__version__}
    assert [line["event"] for line in own] == [
        "the service starts",
        "the service is ready",
        "the service stops: nobody is let in any more",
        "the service has stopped",
    ]
    assert (own[0]["address"], own[0]["port"]) == ("127.0.0.1", 8000)
    assert own[1]["registers"] == ["default", "norm"] and own[1]["seconds"] == 1.5
    assert (own[3]["level"], own[3]["state"]) == ("warning", "unfinished")
    assert json.loads(json.dumps(own)) == own
