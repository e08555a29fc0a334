"""The real service: it is asked how it fares, takes up new keys while it runs, and ends what it has in hand."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec.json import encode

from operation.sites import NOW, at, copy, database_file, messages
from varde.access.clients import NewClient, add_client, make_pair, read_key_set
from varde.operation import rotate
from web.intake.service import Sender, Service

pytestmark = pytest.mark.xdist_group("running-service")

KINDS = ("laboratory",)


@pytest.fixture(scope="module")
def sender(
    filled_site: Path, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[Sender]:
    """A sender and a service that it hands in to."""
    home = copy(filled_site, tmp_path_factory.mktemp("service") / "home")
    pair = make_pair()
    with django_db_blocker.unblock(), at(home):
        new = NewClient(
            name="Fjordby", sender="HER:91843", kinds=KINDS, keys=read_key_set(encode(pair.public))
        )
        client = add_client(new, NOW)
    service = Service(home)
    service.start()
    yield Sender(service, client.client_id, pair.private, KINDS)
    service.stop()


def key_of_newest(home: Path) -> tuple[int, str]:
    with closing(sqlite3.connect(database_file(home))) as database:
        row = database.execute("SELECT id, key_id FROM register_message ORDER BY id DESC LIMIT 1")
        found: tuple[int, str] = row.fetchone()
        return found


def test_it_says_how_it_fares(sender: Sender) -> None:
    service = sender.service
    assert service.ask("GET", "/healthz").json == {"status": "ok"}
    ready = service.ask("GET", "/readyz")
    assert ready.status == 200, ready.body
    assert {check["name"] for check in ready.json["checks"]} > {"database norm", "disk"}
    assert service.ask("GET", "/readyz", X_Forwarded_For="192.0.2.1").json == {"status": "ready"}
    metrics = service.ask("GET", "/metrics")
    assert metrics.headers["content-type"].startswith("text/plain; version=")
    for name in (b"varde_messages_total{", b"varde_request_seconds_bucket{", b"process_open_fds "):
        assert name in metrics.body
    assert service.ask("GET", "/metrics", X_Forwarded_For="192.0.2.1").status == 401


def test_a_host_name_that_somebody_made_up_is_not_logged(sender: Sender) -> None:
    for address in ("/", "/intake/laboratory", "/fhir", "/healthz"):
        assert sender.service.ask("GET", address, Host="01815000388.example").status == 400


def test_it_takes_up_a_new_key_without_a_restart(sender: Sender) -> None:
    home = sender.service.home
    first = sender.post("/intake/laboratory", messages(1, first=2001)[0].data)
    assert first.status == 200 and key_of_newest(home)[1] == "k1"
    with at(home):
        result = rotate(home, "default", retire=True)
    assert (result.key_id, result.remaining, result.retired) == ("k2", 0, ("k1",))
    second = sender.post("/intake/laboratory", messages(1, first=2002)[0].data)
    assert second.status == 200
    number, key_id = key_of_newest(home)
    assert key_id == "k2"
    assert sender.get(f"/intake/laboratory/receipts/{number}").json["state"] == "read"
    assert sender.service.ask("GET", "/readyz").status == 200


def test_told_to_stop_it_ends_what_it_has_in_hand(sender: Sender) -> None:
    service = sender.service
    process = service.process
    assert process is not None
    body = messages(1, first=2003)[0].data
    head = (
        "POST /intake/laboratory HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Authorization: Bearer {sender.fetch_token()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        connection.sendall(head.encode() + body[:300])
        time.sleep(0.2)
        process.terminate()
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", service.port), timeout=1).close()
            except OSError:
                break
            time.sleep(0.02)
        else:
            pytest.fail("others are let in although the service is stopping")
        assert process.poll() is None, "it did not wait for what it has in hand"
        connection.sendall(body[300:])
        answer = b""
        while piece := connection.recv(1 << 16):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 200 ")
    [receipt] = json.loads(answer.partition(b"\r\n\r\n")[2])["messages"]
    assert receipt["state"] == "read" and receipt["counts"]["accepted"] == 1
    assert process.wait(30) == 0
    with closing(sqlite3.connect(database_file(service.home))) as database:
        [(waiting,)] = database.execute(
            "SELECT COUNT(*) FROM register_message m WHERE NOT EXISTS "
            "(SELECT 1 FROM register_receipt r WHERE r.message = m.id)"
        )
        [(logged,)] = database.execute("SELECT MAX(id) FROM access_accesslogentry")
    assert waiting == 0
    heads = (service.home / "audit-heads.jsonl").read_text().splitlines()
    assert json.loads(heads[-1])["sequence"] == logged, "the access log is signed as it stops"


def test_what_it_wrote_to_its_log_is_lines_without_numbers(sender: Sender) -> None:
    text = (sender.service.home.parent / "service.log").read_text()
    events = [json.loads(x) for x in text.splitlines() if x.startswith("{")]
    taken = [event for event in events if event["event"] == "taken in"]
    assert [(x["door"], x["sender"], x["accepted"]) for x in taken] == [("api", "HER:91843", 1)] * 3
    assert {x["logger"].partition(".")[0] for x in events} == {"varde"}, "a library said something"
    [reread] = [
        x for x in events if x["event"] == "the storage keys have changed and were read anew"
    ]
    assert (reread["register"], reread["key_id"]) == ("default", "k2")
    lines = [line for line in text.splitlines() if not line.startswith("Varde will be at")]
    for line in lines:
        assert {"time", "level", "event"} <= json.loads(line).keys()
    # Not always the last: granian may take a worker that has just ended for one that has not.
    assert "the intake is closed; nothing waits in it" in [json.loads(x)["event"] for x in lines]
    assert not re.search(r"\d{6}", "\n".join(lines))
