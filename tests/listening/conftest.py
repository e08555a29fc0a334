"""A listener that was killed under load, and the service that was started after it on the same register."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hl7.client import MLLPClient

from messages import hl7v2_builder as hl7

TESTS = Path(__file__).resolve().parents[1]
SENDERS = 4
LISTENING = re.compile(r"Listening at 127\.0\.0\.1, port (\d+)")
LEAST_ACKNOWLEDGED = 20
"""Messages that are acknowledged before the listener is killed."""


def answer(
    number: str, *results: str, facility: str = hl7.comps("FJORDBY", "2.16.578.1.12.4.1.2.91843", "ISO"),
    **header: str | None,
) -> bytes:  # fmt: skip
    """A message whose control id and report number are made of a number."""
    return hl7.message(
        hl7.pid(f"{number}^^^FJORDBY^MR"), hl7.obr(f"R{number}"), *(results or [hl7.organism()]),
        hl7.spm(), head=hl7.header(f10=f"M{number}", f4=facility, **header),
    )  # fmt: skip


@dataclass
class Killed:
    """What senders know of a listener that was killed in the midst of their messages.

    Attributes:
        sent: every message by its control id.
        acknowledged: control ids of those that were answered AA.
    """

    sent: dict[str, bytes] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)


@dataclass
class Service:
    """A running service.

    Attributes:
        home: folder of the register.
        folder: where certificates are.
        ports: of its listeners; "plain" is that of `varde mllp`, which `process` is.
        watch: the process of `varde watch`.
    """

    home: Path
    folder: Path
    ports: dict[str, int]
    process: subprocess.Popen[str]
    watch: int
    killed: Killed

    def client(self, name: str = "plain") -> MLLPClient:
        client = MLLPClient("127.0.0.1", self.ports[name])
        client.socket.settimeout(20)
        return client

    def ask(self, statement: str, *values: Any) -> list[Any]:
        """Rows of the register's database; a single column is flattened."""
        with sqlite3.connect(self.home / "varde.sqlite3", timeout=20) as database:
            rows = database.execute(statement, values).fetchall()
        database.close()
        return [row[0] if len(row) == 1 else row for row in rows]

    def says(self, words: str) -> bool:
        """Whether the service logs some words, now or soon."""
        for _ in range(100):
            if words in self.log:
                return True
            time.sleep(0.05)
        return False

    @property
    def log(self) -> str:
        """What the service has said on standard error."""
        return (self.folder / "service").read_text()


def wait_for_port(errors: Path) -> int:
    """The port that `varde mllp` says it listens at."""
    for _ in range(600):
        if errors.exists() and (found := LISTENING.search(errors.read_text())):
            return int(found.group(1))
        time.sleep(0.1)
    raise AssertionError(errors.read_text())


def kill_under_load(process: int, port: int) -> Killed:
    """Send from several connections, and kill the listener when some messages are acknowledged."""
    killed = Killed()
    enough = threading.Event()

    def send(sender: int) -> None:
        try:
            with MLLPClient("127.0.0.1", port) as client:
                client.socket.settimeout(20)
                for number in range(10_000):
                    name = f"{sender}x{number}"
                    killed.sent[f"M{name}"] = answer(name)
                    if f"|AA|M{name}\r".encode() in client.send_message(answer(name)):
                        killed.acknowledged.add(f"M{name}")
                    if len(killed.acknowledged) >= LEAST_ACKNOWLEDGED:
                        enough.set()
        except OSError:
            pass

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(SENDERS)]
    for thread in threads:
        thread.start()
    assert enough.wait(60)
    os.kill(process, signal.SIGKILL)
    for thread in threads:
        thread.join()
    return killed


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service, on the register of a listener that was killed."""
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("service")
    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"VARDE_HOME": str(home), "DATABASE_URL": "", "PYTHONPATH": path}
    errors = folder / "service"
    with errors.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "listening.service", str(folder)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
        )
    assert process.stdin is not None and process.stdout is not None
    victim = json.loads(process.stdout.readline() or "{}")
    assert victim, errors.read_text()
    killed = kill_under_load(victim["killed"], wait_for_port(folder / "killed"))
    process.stdin.write("\n")
    process.stdin.flush()
    ports = json.loads(process.stdout.readline() or "{}")
    assert ports, errors.read_text()
    watch = ports.pop("watch")
    ports["plain"] = wait_for_port(errors)
    yield Service(home, folder, ports, process, watch, killed)
    for number in (watch, process.pid):
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    process.communicate()
