"""Senders' machines: registered as an operator registers them, with a key and tokens."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from varde.access.clients import make_assertion, make_pair
from varde.demo.doors.processes import Answer, Service
from varde.web.intake.token import ASSERTION_TYPE

KINDS = ("laboratory", "notification", "vaccination", "prevalence", "surgery", "ravn", "norm")
TOKEN_SECONDS = 200
"""How long a token is used: less than it is good for."""


class NoToken(Exception):
    """The service gave no token. It may be about to be stopped, or it does not know the sender."""


@dataclass
class Sender:
    """A registered machine with its key; asks for a token when it has none.

    Attributes:
        client_id: what it was registered as.
        key: its private key.
        until: when its token is renewed, on the monotonic clock; 0: at once.
    """

    service: Service
    client_id: str
    key: Any
    kinds: tuple[str, ...]
    token: str = ""
    until: float = 0

    def fetch_token(self) -> str:
        """The token it has, or a new one.

        Raises:
            NoToken: the service refuses.
        """
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
            if answer.status != 200:
                raise NoToken(f"{answer.status}: {answer.body[:400]!r}")
            self.token = answer.json["access_token"]
            self.until = time.monotonic() + TOKEN_SECONDS
        return self.token

    def post(self, path: str, body: bytes, **headers: str) -> Answer:
        """Hand in."""
        return self.service.ask(
            "POST", path, body, Authorization=f"Bearer {self.fetch_token()}", **headers
        )

    def get(self, path: str) -> Answer:
        """Ask."""
        return self.service.ask("GET", path, Authorization=f"Bearer {self.fetch_token()}")


def register_sender(
    service: Service, sender: str, kinds: tuple[str, ...] = KINDS, rate: int = 1_000_000
) -> Sender:
    """Make a key pair and register its owner, as an operator does.

    Args:
        rate: requests that it may make in a minute.
    """
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
"""One process for all of them: the command line registers one at a time."""


def register_senders(
    service: Service, senders: Iterable[str], kinds: tuple[str, ...] = KINDS
) -> dict[str, Sender]:
    """Many at once, all with one key; by their sender keys ("HER:91843").

    Raises:
        RuntimeError: they could not be registered.
    """
    pair = make_pair()
    asked = {"senders": sorted(set(senders)), "kinds": kinds, "keys": pair.public}
    done = subprocess.run(
        [sys.executable, "-c", _REGISTER],
        env=service.environ(),
        input=json.dumps(asked),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    made = json.loads(done.stdout)
    return {key: Sender(service, made[key], pair.private, kinds) for key in made}
