"""`varde` in a process of its own, as a terminal starts it, without Python starting anew for each.

A process costs more than a second before it does anything. So one (`python -m commands`, one for each worker of the
tests) loads the libraries and the rooms that no setting bears on, and each command runs in a child of it, with an
environment, a folder and files of its own. Settings, the terminal and all that reads them are loaded in the child.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

TESTS = Path(__file__).resolve().parent
LOADED = (
    "asyncio", "concurrent.futures", "cryptography.hazmat.primitives.asymmetric.ed25519",
    "cryptography.hazmat.primitives.ciphers.aead", "cryptography.x509", "duckdb", "ibis", "msgspec", "prometheus_client", "pyarrow.parquet", "rich.progress",
    "rich.table", "sqlite3", "typer", "django.apps", "django.contrib.auth.hashers", "django.core.management",
    "django.core.management.commands.migrate", "django.db.backends.sqlite3.base", "django.db.migrations.executor",
    "django.db.models", "django.forms", "django.http", "django.urls", "varde.cases", "varde.codes",
    "varde.guidelines", "varde.linkage", "varde.messages", "varde.prescribing", "varde.publishing", "varde.resistance",
    "varde.statistics", "varde.synthetic", "varde.warehouse",
    # What these load only when the first command is asked for, or Django is set up.
    "django.contrib.staticfiles.finders", "django.db.models.sql.compiler", "django.template.defaulttags",
    "django.template.loader_tags", "django.utils.translation.reloader", "django.views.debug", "joserfc.jwk",
    "joserfc.jwt", "pydantic.type_adapter", "pydantic.types", "varde.access.roles", "varde.deliveries",
)  # fmt: skip

LONGEST = 600
"""Seconds that a command may take."""


class Done(NamedTuple):
    """A command that has ended."""

    returncode: int
    stdout: str
    stderr: str


class Running:
    """A command that runs, in the process `pid`, until it is waited for."""

    def __init__(
        self,
        arguments: tuple[str, ...],
        environment: Mapping[str, str],
        folder: Path | None,
        typed: str,
    ) -> None:
        self._made = tempfile.TemporaryDirectory(prefix="varde-command-")
        self._files = Path(self._made.name)
        (self._files / "in").write_text(typed)
        self.pid = int(
            _ask(
                arguments=arguments,
                environment=dict(environment),
                folder=str(folder or Path.cwd()),
                files=self._made.name,
            )
        )

    def kill(self) -> bool:
        """Kill it as the system does that has no memory left; whether it was alive to be killed."""
        # Nobody but `wait` takes leave of it: the number is no other process's by now.
        os.kill(self.pid, signal.SIGKILL)
        return self.wait().returncode == -signal.SIGKILL

    def wait(self) -> Done:
        """What it has come to, when it has ended; it is killed when it does not come to an end."""
        limit = threading.Timer(LONGEST, os.kill, (self.pid, signal.SIGKILL))
        limit.start()
        status = int(_ask(wait=self.pid))
        limit.cancel()
        done = Done(status, (self._files / "out").read_text(), (self._files / "err").read_text())
        self._made.cleanup()
        return done


def start_varde(
    *arguments: str,
    environment: Mapping[str, str],
    folder: Path | None = None,
    typed: str = "",
) -> Running:
    """Start `varde ARGUMENTS`; others can be started while it runs.

    Args:
        environment: all of it.
        folder: where it runs; else here.
        typed: what comes by standard input.
    """
    return Running(arguments, environment, folder, typed)


def run_varde(
    *arguments: str,
    environment: Mapping[str, str],
    folder: Path | None = None,
    typed: str = "",
) -> Done:
    """Run `varde ARGUMENTS`, to its end; what is given is as for `start_varde`."""
    return start_varde(*arguments, environment=environment, folder=folder, typed=typed).wait()


def _ask(**question: object) -> str:
    server = _server()
    assert server.stdin is not None and server.stdout is not None
    server.stdin.write(json.dumps(question) + "\n")
    server.stdin.flush()
    answer = server.stdout.readline()
    assert answer, "the process that runs commands has ended"
    return answer


@cache
def _server() -> subprocess.Popen[str]:
    server = subprocess.Popen(
        [sys.executable, "-m", "commands"],
        cwd=TESTS,
        env={
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DJANGO_", "VARDE_"))
        }
        | {"PYTHONPATH": f"{TESTS.parent / 'src'}{os.pathsep}{TESTS}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(_end, server)
    return server


def _end(server: subprocess.Popen[str]) -> None:
    assert server.stdin is not None and server.stdout is not None
    server.stdin.close()
    server.stdout.close()
    server.wait(20)


# --- in a process of its own ----------------------------------------------------------------------


def serve() -> None:
    """Start what standard input asks for, and answer with its number; wait for what it asks to, and answer with
    its exit status."""
    from importlib import import_module

    for name in LOADED:
        import_module(name)
    from varde.cases import catalogue
    from varde.codes import CodeMap

    catalogue()
    CodeMap.load()
    for line in sys.stdin:
        asked = json.loads(line)
        if (child := asked.get("wait")) is not None:
            _, status = os.waitpid(child, 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        # A command that is killed before it has begun has said nothing, in files that are there.
        for name in ("out", "err"):
            (Path(asked["files"]) / name).touch(0o600)
        child = os.fork()
        if child == 0:
            os._exit(_run(asked))
        print(child, flush=True)


def _run(asked: Mapping[str, object]) -> int:
    """The command, in the child; its exit status."""
    files = Path(str(asked["files"]))
    for name, handle, mode in (
        ("in", 0, os.O_RDONLY), ("out", 1, os.O_WRONLY | os.O_CREAT), ("err", 2, os.O_WRONLY | os.O_CREAT)
    ):  # fmt: skip
        opened = os.open(files / name, mode, 0o600)
        os.dup2(opened, handle)
        os.close(opened)
    # What the server has read ahead of its own standard input is no command's.
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    os.chdir(str(asked["folder"]))
    os.environ.clear()
    os.environ.update(asked["environment"])  # type: ignore[call-overload]
    sys.argv = ["varde", *asked["arguments"]]  # type: ignore[misc]
    code: object = 0
    try:
        from varde.cli import main

        main()
    except SystemExit as ended:
        code = ended.code
        if isinstance(code, str):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return int(code or 0)  # type: ignore[call-overload, no-any-return]


if __name__ == "__main__":
    serve()
