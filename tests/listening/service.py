"""The commands and several listeners on one register: `python -m listening.service FOLDER`.

A process costs seconds before it does anything, so this one makes ready once, and the commands run in
children of it. Three lines of JSON are printed, each after what it tells is so:

1. the process of a `varde mllp` that is there to be killed; then a line on standard input is waited for;
2. the process of `varde watch FOLDER/inn`, and the ports of listeners with narrow bounds, with little room, with a
   door that is soon full, and with TLS. After that this process is `varde mllp` itself;
3. how the watch ended, when it has.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from varde.cli import main, now, open_home

CROWDED = {"connections": 4, "frame_bytes": 20_000, "held_bytes": 50_000}
# Its times are short: what several connections do in turn is tried at the crowded one.
NARROW = {
    "frame_bytes": 20_000,
    "noise_bytes": 100,
    "idle_seconds": 1.5,
    "silent_seconds": 0.4,
    "frame_seconds": 1.0,
    "handshake_seconds": 0.5,
}


def say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def run(errors: Path, *arguments: str) -> int:
    """Run a command in a child process; the number of that process."""
    from django.db import connections

    connections.close_all()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT), 2)
        os.close(1)
        sys.argv = ["varde", *arguments]
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        except BaseException:
            code = 99
        os._exit(code)
    return child


def serve(folder: Path) -> None:
    register = open_home()
    from listening.authority import Authority
    from varde.access.clients import NewClient, add_client, set_active
    from varde.listening import Bounds, Desk, Listener, bind, make_context
    from varde.register import Door

    child = run(folder / "killed", "mllp", "--port", "0")
    say(killed=child)
    sys.stdin.readline()
    os.waitpid(child, 0)

    inbox = folder / "inn"
    inbox.mkdir()
    watch = run(folder / "watch", "watch", str(inbox), "--interval", "0.1")
    authority = Authority(folder)
    Authority(folder, "stranger").issue("strange")
    authority.issue("server")
    certificate, key = folder / "server.pem", folder / "server.key"
    tls = Bounds(handshake_seconds=0.5)
    door = Door(register, now)
    small = Door(register, now, waiting_messages=0)
    listeners = {
        "narrow": Listener(Desk(door), bounds=Bounds(**NARROW)),
        "crowded": Listener(Desk(door), bounds=Bounds(**CROWDED)),
        "full": Listener(Desk(small, "HER:91843", seconds=1.5)),
        "tls": Listener(Desk(door), make_context(certificate, key, authority.file), bounds=tls),
        "own": Listener(Desk(door), make_context(certificate, key, None), own=True, bounds=tls),
    }
    # After the listeners: a client that is registered while they run is let in.
    for name, sender, kind in (
        ("fjordby", "HER:91843", "laboratory"),
        ("vaksine", "HER:2", "vaccination"),
        ("stengt", "HER:3", "laboratory"),
        ("byttet", "HER:4", "laboratory"),
    ):
        made = authority.issue(name)
        new = NewClient(
            client_id=name, name=name, sender=sender, kinds=(kind,), certificates=(made,)
        )
        add_client(new, datetime.now(UTC))
    set_active("stengt", False)
    authority.issue("ukjent")
    ports = {}
    for name, listener in listeners.items():
        bound = bind("127.0.0.1", 0, exposed=False)
        ports[name] = bound.getsockname()[1]
        ready = threading.Event()
        running = listener.run(bound, ready.set)
        threading.Thread(target=asyncio.run, args=(running,), daemon=True).start()
        ready.wait()
    threading.Thread(target=tell_end, args=(watch,), daemon=True).start()
    say(watch=watch, **ports)
    sys.argv = ["varde", "mllp", "--port", "0"]
    main()


def tell_end(child: int) -> None:
    _, status = os.waitpid(child, 0)
    say(ended=os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
