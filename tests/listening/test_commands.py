"""The commands: what they refuse to do, and a watch in a process of its own beside a busy listener."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from typer.testing import CliRunner

from listening.authority import Authority
from listening.conftest import Service, answer
from messages import deidentified_lists as lists
from varde.cli import app
from varde.listening import AddressProblem, CertificateProblem, bind, make_context

pytestmark = pytest.mark.xdist_group("listening")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--tls-cert", "a"], "needs both"), (["--tls-key", "a"], "needs both"),
        (["--client-ca", "a"], "is for TLS"), (["--insecure"], "needs --sender"),
        (["--tls-cert", "a", "--tls-key", "b", "--sender", "HER:1"], "the certificate says"),
        (["--tls-cert", "a", "--tls-key", "b", "--insecure"], "the certificate says"),
        (["--sender", "H" * 81], "must be a key"), (["--sender", "HER:1\n"], "must be a key"),
        (["--sender", "foo"], "must be a key"), (["--sender", "HER:x"], "must be a key"),
        (["--sender", "ENH:98562615"], "must be a key"), (["--sender", "HL7:"], "must be a key"),
    ],
)  # fmt: skip
def test_options_that_do_not_go_together(options: list[str], told: str) -> None:
    done = CliRunner().invoke(app, ["mllp", "--port", "0", *options])
    assert done.exit_code == 1 and told in " ".join(done.output.split())


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1"])
def test_this_machine_alone_needs_no_leave(host: str) -> None:
    try:
        bind(host, 0, exposed=False).close()
    except AddressProblem as error:
        if host == "::1" and "assign" in str(error):
            pytest.skip("this machine has no IPv6")
        raise


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104
def test_other_addresses_need_leave(host: str) -> None:
    with pytest.raises(AddressProblem, match="readable on the way"):
        bind(host, 0, exposed=False)


def test_addresses_that_cannot_be_listened_on() -> None:
    taken = bind("0.0.0.0", 0, exposed=True)  # noqa: S104
    taken.listen()
    with pytest.raises(AddressProblem, match="in use"):
        bind("127.0.0.1", taken.getsockname()[1], exposed=False)
    taken.close()
    with pytest.raises(AddressProblem, match=r"192\.0\.2\.1"):
        bind("192.0.2.1", 0, exposed=True)
    with pytest.raises(AddressProblem):
        bind("no such host", 0, exposed=True)


def test_certificates_that_cannot_be_used(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.issue("one")
    authority.issue("two")
    key = load_pem_private_key((tmp_path / "one.key").read_bytes(), None)
    locked = key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    (tmp_path / "locked.key").write_bytes(locked)
    (tmp_path / "empty").touch()
    good = tmp_path / "one.pem"
    for other in ("two.key", "locked.key", "empty", "missing"):
        with pytest.raises(CertificateProblem, match=other):
            make_context(good, tmp_path / other, None)
    for other in ("empty", "missing"):
        with pytest.raises(CertificateProblem, match=other):
            make_context(good, tmp_path / "one.key", tmp_path / other)
    assert make_context(good, tmp_path / "one.key", authority.file)


def test_a_watch_beside_a_listener_takes_files_until_it_is_stopped(service: Service) -> None:
    folder = service.folder / "inn"
    assert service.process.stdout is not None
    with service.client() as client:
        (folder / "laboratory").mkdir()
        for number in range(30):
            (folder / "laboratory" / f"{number}.hl7").write_bytes(answer(f"w{number}"))
            assert b"|AA|" in client.send_message(answer(f"v{number}"))
    (folder / "ravn").mkdir()
    (folder / "ravn" / "a.csv").write_bytes(lists.write("ravn", lists.row("ravn")))
    (folder / "last.hl7").write_bytes(answer("w30", f7="2026"))
    began = time.monotonic()
    while not (
        (last := list(folder.glob(".quarantined/*/last.hl7.receipt.json")))
        and len(done := list(folder.glob(".done/*/laboratory/*.hl7"))) == 30
        and list(folder.glob(".done/*/ravn-*.receipt.json"))
    ):
        assert time.monotonic() - began < 30, (service.folder / "watch").read_text()
        time.sleep(0.05)
    os.kill(service.watch, signal.SIGTERM)
    assert json.loads(service.process.stdout.readline()) == {"ended": 0}
    said = (service.folder / "watch").read_text()
    assert "32 files taken in." in said
    events = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    told = [event["event"] for event in events if event["logger"] == "varde.listening.watching"]
    assert (told[0], told[-1]) == ("the watch is ready", "the watch has stopped")
    assert set(told[1:-1]) == {"files taken in"} and events[-1]["files"] == 32
    taken = [event for event in events if event["event"] == "taken in"]
    assert sum(event["messages"] for event in taken) == 32
    assert {(event["door"], event["register"]) for event in taken} == {
        ("file", "default"),
        ("file", "ravn"),
    }
    assert len(list(folder.rglob("*.receipt.json"))) == len(done) + 2
    [apart] = folder.glob(".done/*/ravn-*.receipt.json")
    assert json.loads(apart.read_bytes())["accepted"] == 1
    with closing(sqlite3.connect(service.home / "ravn" / "varde.sqlite3")) as database:
        assert database.execute("SELECT COUNT(*) FROM register_item").fetchone() == (1,)
    [message] = json.loads(last[0].read_bytes())["details"]
    assert message["items"][0]["reason"] == "bad-date"
    found = service.ask(
        "SELECT i.message_ref FROM register_item i JOIN register_message m ON m.id = i.id / 16777216 "
        "WHERE m.door = 'file' AND m.kind = 'laboratory' AND i.state = 'A'"
    )
    assert sorted(found) == sorted(f"Mw{number}" for number in range(30))


def test_a_port_that_is_taken_is_told(service: Service) -> None:
    with pytest.raises(AddressProblem, match="in use"):
        bind("127.0.0.1", service.ports["plain"], exposed=False)
