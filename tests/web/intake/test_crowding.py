"""Those who send slowly, many at once, or kill a process: everybody else is still served."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from register.answers import answer
from varde.demo.doors.processes import free_port
from varde.web import front, trouble
from varde.web.front import BUSY, Front
from web.intake.service import Sender, Service

pytestmark = pytest.mark.xdist_group("crowding")

HALF = (
    b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n%s\r\nab"
)


def send_half(service: Service, path: bytes, header: bytes = b"") -> socket.socket:
    """A request whose body never ends."""
    connection = socket.create_connection(("127.0.0.1", service.port), timeout=60)
    connection.sendall(HALF % (path, header))
    return connection


def test_half_sent_bodies_keep_nobody_out(service: Service, laboratory: Sender) -> None:
    token = f"Authorization: Bearer {laboratory.fetch_token()}\r\n".encode()
    idle = [send_half(service, b"/oauth/token") for _ in range(40)]
    idle += [send_half(service, b"/cds-services/x") for _ in range(40)]
    idle += [send_half(service, b"/intake/laboratory", token) for _ in range(80)]
    try:
        began = time.monotonic()
        for path in ("/healthz", "/readyz", "/logg-inn/", "/antibiotika/"):
            assert service.ask("GET", path).status == 200, path
        posted = laboratory.post("/intake/laboratory", answer("C1", "C1"))
        assert posted.status == 200
        assert time.monotonic() - began < 20
    finally:
        for connection in idle:
            connection.close()


def test_more_senders_than_there_is_room_for_are_told_so(
    service: Service, laboratory: Sender
) -> None:
    """The database is locked: some wait, the others get 429, and pages and probes are answered."""
    token = laboratory.fetch_token()
    places = front.make_shares()["intake"]
    wanted = places.threads + places.places + 30
    statuses: Counter[int] = Counter()
    bodies: list[bytes] = []

    def post(number: int) -> None:
        body = answer(f"C{number}", f"B{number}")
        given = service.ask("POST", "/intake/laboratory", body, Authorization=f"Bearer {token}")
        statuses[given.status] += 1
        if given.status == 429:
            bodies.append(given.body)
            assert int(given.headers["retry-after"]) > 0

    senders = [threading.Thread(target=post, args=(number,)) for number in range(wanted)]
    with closing(sqlite3.connect(service.home / "varde.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for sender in senders:
            sender.start()
        deadline = time.monotonic() + 15
        while not statuses[429] and time.monotonic() < deadline:
            time.sleep(0.05)
        began = time.monotonic()
        assert service.ask("GET", "/healthz").status == 200
        assert service.ask("GET", "/antibiotika/").status == 200
        assert time.monotonic() - began < 5
        other.execute("ROLLBACK")
    for sender in senders:
        sender.join()
    assert statuses[429] and statuses[200]
    assert set(statuses) <= {200, 429}
    assert all(b'"code":"busy"' in body for body in bodies)
    again = laboratory.post("/intake/laboratory", answer("C-last", "B-last"))
    assert again.status == 200


# --- the front alone --------------------------------------------------------------------------------


class Connection:
    """One request to the front: its pieces, and what it is answered."""

    def __init__(self, pieces: Iterable[bytes | None], path: str = "/x", *headers: str) -> None:
        self.pieces = list(pieces)
        self.scope = SimpleNamespace(
            method="POST",
            path=path,
            query_string="",
            http_version="1.1",
            scheme="http",
            server="127.0.0.1:80",
            client="127.0.0.1:9",
            authority=None,
            headers={"content-length": "1"} | dict.fromkeys(headers, "x"),
        )
        self.status = 0
        self.body = b""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            if piece is None:
                await asyncio.sleep(3600)
            else:
                yield piece

    def response_bytes(self, status: int, headers: Any, body: bytes) -> None:
        self.status, self.body = status, body

    def ask(self, asked: Front) -> int:
        asyncio.run(asked.__rsgi__(self.scope, self))
        return self.status


def echo(environ: dict[str, Any], start: Any) -> list[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"busy" if BUSY in environ else environ["wsgi.input"].read()]


def make_front(largest: int = 1000, application: Any = echo) -> Front:
    return Front(application, largest)


def test_a_body_in_pieces_comes_whole() -> None:
    one = Connection([b"ab", b"cd"])
    assert (one.ask(make_front()), one.body) == (200, b"abcd")


def test_a_body_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "PAUSE_SECONDS", 0.05)
    asked = make_front()
    assert Connection([b"ab", None]).ask(asked) == 408
    assert asked._held == 0


def test_a_body_that_trickles_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "GRACE_SECONDS", 0.0)
    monkeypatch.setattr(front, "SLOWEST", 1 << 40)
    assert Connection([b"a", b"b", None]).ask(make_front()) == 408


def test_who_says_nothing_of_themselves_may_send_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "SMALL", 10)
    assert Connection([b"a" * 11]).ask(make_front()) == 413
    one = Connection([b"a" * 11], "/x", "authorization")
    assert (one.ask(make_front()), one.body) == (200, b"a" * 11)


def test_of_too_large_a_body_one_byte_too_many_is_received() -> None:
    """The view then refuses it in its own words."""
    one = Connection([b"a" * 700, b"b" * 700, b"c" * 700], "/x", "authorization")
    assert (one.ask(make_front(1000)), len(one.body)) == (200, 1001)


def test_all_bodies_together_have_a_bound() -> None:
    asked = make_front(1000)
    asked._held = front.ROOM * 1000 - 5
    assert Connection([b"a" * 6], "/x", "authorization").ask(asked) == 503
    assert asked._held == front.ROOM * 1000 - 5


def test_a_full_part_of_the_service_says_so() -> None:
    asked = make_front()
    for path, status, body in (("/intake/x", 200, b"busy"), ("/y", 503, b"The service is busy")):
        share = asked._shares.get(path.split("/")[1], asked._shares[""])
        share.inside = share.threads + share.places
        one = Connection([b"a"], path)
        assert (one.ask(asked), one.body.startswith(body)) == (status, True)
        share.inside = 0


def test_what_is_not_received_is_told_by_part_method_and_status() -> None:
    told: list[tuple[str, str, int]] = []
    asked = Front(echo, 10, on_refused=lambda *about: told.append(about))
    asked._held = front.ROOM * 10
    for path in ("/intake/laboratory", "/pasient/01010112345", "/readyz"):
        assert Connection([b"a"], path).ask(asked) == 503
    assert told == [("senders", "POST", 503), ("pages", "POST", 503), ("ready", "POST", 503)]


def test_the_log_has_a_line_a_second_for_what_is_not_received(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trouble, "_not_received", {})
    for now in (100.0, 100.2, 100.9, 101.1):
        monkeypatch.setattr("varde.web.trouble.time.monotonic", lambda now=now: now)
        trouble.tell_not_received("pages", "BREW", 503)
    trouble.tell_not_received("senders", "POST", 408)
    lines = [(r.part, r.method, r.status_code, r.count) for r in caplog.records]  # type: ignore[attr-defined]
    assert lines == [
        ("pages", "other", 503, 1), ("pages", "other", 503, 3), ("senders", "POST", 408, 1),
    ]  # fmt: skip


def test_a_fault_of_the_application_leaves_no_place_taken() -> None:
    def fail(environ: dict[str, Any], start: Any) -> list[bytes]:
        raise LookupError

    asked = make_front(application=fail)
    with pytest.raises(LookupError):
        Connection([b"a"]).ask(asked)
    assert (asked._held, asked._shares[""].inside) == (0, 0)


# --- processes --------------------------------------------------------------------------------------


def launch(home: Path, port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "varde.cli", "serve", "--port", str(port)],
        env=os.environ | {"VARDE_HOME": str(home), "DATABASE_URL": ""},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("seconds", [1.5, 2.5, 3.2, 4.0, 5.0])
def test_told_to_stop_while_it_starts_it_stops(tmp_path: Path, seconds: float) -> None:
    process = launch(tmp_path / "home", free_port())
    time.sleep(seconds)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    finally:
        process.kill()
        process.wait()


def test_the_worker_ends_when_its_watcher_is_killed(tmp_path: Path) -> None:
    running = Service(tmp_path / "home")
    running.start()
    assert running.process is not None
    running.process.kill()  # the watcher alone, not its group
    running.process.wait(10)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", running.port), timeout=1).close()
        except OSError:
            break
        time.sleep(0.1)
    else:
        pytest.fail("the worker lives on and holds the port")
    running.process = None
    running.start()
    running.stop()
