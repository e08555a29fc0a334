"""The real service in a process of its own, and senders that hand in over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from varde.access.clients import make_assertion, make_pair

KINDS = ("laboratory", "notification", "vaccination", "prevalence", "surgery", "ravn", "norm")
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Answer:
    """Status, headers and content of an answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Service:
    """`varde serve` on a port of its own; may be killed and started again."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if not self.port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
        with (self.home.parent / "service.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "varde.cli", "serve", "--port", str(self.port)],
                env=self.environ(),
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        for _ in range(600):
            if self.process.poll() is not None:
                raise RuntimeError((self.home.parent / "service.log").read_text())
            try:
                if self.ask("GET", "/helse/").status == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the service did not start")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is None:
            return
        if how is signal.SIGKILL:
            os.killpg(self.process.pid, how)
        else:
            self.process.send_signal(how)
        self.process.wait(30)
        self.process = None

    def run(self, *arguments: str) -> str:
        """A command of `varde` on the same home."""
        done = subprocess.run(
            [sys.executable, "-m", "varde.cli", *arguments],
            env=self.environ(),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return Answer(
                answer.status,
                {name.lower(): value for name, value in answer.getheaders()},
                answer.read(),
            )
        finally:
            connection.close()

    def environ(self) -> dict[str, str]:
        """What its processes, and commands beside it, run with."""
        return os.environ | {"VARDE_HOME": str(self.home), "DATABASE_URL": ""} | self.environment


@dataclass
class Sender:
    """A registered machine with its key; asks for a token when it has none."""

    service: Service
    client_id: str
    key: Any
    kinds: tuple[str, ...]
    token: str = ""
    until: float = 0

    def fetch_token(self) -> str:
        if time.monotonic() > self.until:
            address = f"http://127.0.0.1:{self.service.port}/oauth/token"
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": make_assertion(
                    self.client_id, self.key, address, datetime.now(UTC)
                ),
                "scope": " ".join(f"varde:intake/{kind}" for kind in self.kinds),
            }
            answer = self.service.ask(
                "POST",
                "/oauth/token",
                urlencode(form).encode(),
                Content_Type="application/x-www-form-urlencoded",
            )
            assert answer.status == 200, answer.body
            self.token = answer.json["access_token"]
            self.until = time.monotonic() + 200
        return self.token

    def post(self, path: str, body: bytes, **headers: str) -> Answer:
        return self.service.ask(
            "POST", path, body, Authorization=f"Bearer {self.fetch_token()}", **headers
        )

    def get(self, path: str) -> Answer:
        return self.service.ask("GET", path, Authorization=f"Bearer {self.fetch_token()}")


def register_sender(
    service: Service, sender: str, kinds: tuple[str, ...] = KINDS, rate: int = 1_000_000
) -> Sender:
    """Make a key pair and register its owner, as an operator does."""
    pair = make_pair()
    keys = service.home.parent / f"{sender.replace(':', '-')}.jwks"
    keys.write_text(json.dumps(pair.public))
    arguments = ["client", "add", f"Test {sender}", "--sender", sender, "--jwks", str(keys)]
    for kind in kinds:
        arguments += ["--kind", kind]
    arguments += ["--requests-per-minute", str(rate)]
    client_id = service.run(*arguments).strip()
    return Sender(service, client_id, pair.private, kinds)


_REGISTER = """
import json, sys
from varde.cli import now, open_home
open_home()
from varde.access.clients import NewClient, add_client, read_key_set
asked = json.load(sys.stdin)
keys = read_key_set(json.dumps(asked["keys"]).encode())
made = {
    sender: add_client(
        NewClient(
            name=sender, sender=sender, kinds=tuple(asked["kinds"]), keys=keys,
            requests_per_minute=1_000_000,
        ),
        now(),
    ).client_id
    for sender in asked["senders"]
}
print(json.dumps(made))
"""


def register_senders(
    service: Service, senders: Iterable[str], kinds: tuple[str, ...] = KINDS
) -> dict[str, Sender]:
    """Many at once, all with one key."""
    pair = make_pair()
    asked = {"senders": sorted(set(senders)), "kinds": kinds, "keys": pair.public}
    done = subprocess.run(
        [sys.executable, "-c", _REGISTER],
        env=service.environ(),
        input=json.dumps(asked),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    return {key: Sender(service, made[key], pair.private, kinds) for key in made}
