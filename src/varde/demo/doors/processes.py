"""The real commands of `varde` as processes, which may be killed and are started again."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VARDE = (sys.executable, "-m", "varde.cli")
STOP_SECONDS = 90


@dataclass
class Answer:
    """What the service answers.

    Attributes:
        headers: by name in small letters; of several of one name, the last.
        cookies: what it sets, name and value.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        """The content of one in JSON."""
        return json.loads(self.body)


@dataclass
class Service:
    """`varde serve` on a port of its own.

    Attributes:
        home: folder of all its state; logs lie beside it.
        environment: variables that its processes have besides this one's.
        port: one that is free is found at the first start.
    """

    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            RuntimeError: it does not; the message is its log.
        """
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start it; it is not waited for."""
        self.port = self.port or free_port()
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*VARDE, "serve", "--port", str(self.port)],
                env=self.environ(),
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Wait until it answers.

        Raises:
            RuntimeError: it does not; the message is its log.
        """
        for _ in range(600):
            self.check()
            try:
                if self.ask("GET", "/helse/").status == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the service did not start")

    def check(self) -> None:
        """Raise `RuntimeError` with its log when it has ended by itself."""
        if self.process is not None and self.process.poll() is not None:
            raise RuntimeError(self._log.read_text())

    @property
    def _log(self) -> Path:
        return self.home.parent / "service.log"

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Tell it to stop and wait until it has; SIGKILL hits all its processes."""
        if self.process is None:
            return
        if how is signal.SIGKILL:
            with suppress(ProcessLookupError):  # it has ended by itself
                os.killpg(self.process.pid, how)
        else:
            self.process.send_signal(how)
        self.process.wait(STOP_SECONDS)
        self.process = None

    def kill(self) -> None:
        """End it as a power cut does."""
        self.stop(signal.SIGKILL)

    def run(self, *arguments: str) -> str:
        """What a command of `varde` on the same home writes to standard output.

        Raises:
            RuntimeError: it fails; the message is what it says.
        """
        done = subprocess.run(
            [*VARDE, *arguments], env=self.environ(), capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request on a connection of its own. An underscore in a header's name stands for a hyphen."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            found = answer.getheaders()
            cookies = [value for name, value in found if name.lower() == "set-cookie"]
            return Answer(
                answer.status,
                {name.lower(): value for name, value in found},
                answer.read(),
                dict(each.partition(";")[0].split("=", 1) for each in cookies),
            )
        finally:
            connection.close()

    def environ(self) -> dict[str, str]:
        """What its processes, and commands beside it, run with."""
        return os.environ | {"VARDE_HOME": str(self.home), "DATABASE_URL": ""} | self.environment


class Command:
    """A command of `varde` beside a service that goes on until it is stopped; launched at once."""

    def __init__(self, service: Service, *arguments: str) -> None:
        self.arguments = arguments
        self.service = service
        self.launch()

    def launch(self) -> None:
        """Start it; it is not waited for."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*VARDE, *self.arguments],
                env=self.service.environ(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it as a power cut does; nothing happens when it has ended."""
        self.process.kill()
        self.process.wait()

    def check(self) -> None:
        """Raise `RuntimeError` with its log when it has ended by itself."""
        if self.process.poll() is not None:
            raise RuntimeError(self._log.read_text())

    def stop(self) -> None:
        """Tell it to stop and wait until it has.

        Raises:
            RuntimeError: it did not end well; the message is its log.
        """
        self.process.send_signal(signal.SIGTERM)
        # Told to stop before it has begun, a process ends at once, by the signal.
        if self.process.wait(STOP_SECONDS) not in (0, -signal.SIGTERM):
            raise RuntimeError(self._log.read_text())

    @property
    def _log(self) -> Path:
        return self.service.home.parent / f"{self.arguments[0]}.log"


def free_port() -> int:
    """A port of this machine at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
