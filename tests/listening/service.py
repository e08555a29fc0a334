"""Several listeners on one register, in a process of its own: `python -m listening.service FOLDER`.

The one at the address that `varde mllp` says is that command itself. The others are beside it because each
process costs seconds: one with narrow bounds, one that is soon full, and two with TLS. Their ports are
printed as JSON on standard output.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from varde.cli import main, now, open_home

NARROW = {
    "connections": 4,
    "frame_bytes": 20_000,
    "held_bytes": 50_000,
    "noise_bytes": 100,
    "idle_seconds": 1.5,
    "silent_seconds": 0.4,
    "frame_seconds": 1.0,
    "handshake_seconds": 0.5,
}


def serve() -> None:
    folder = Path(sys.argv[1])
    register = open_home()
    from listening.authority import Authority
    from varde.access.clients import NewClient, add_client, set_active
    from varde.listening import Bounds, Desk, Listener, bind, make_context
    from varde.register import Door

    authority = Authority(folder)
    Authority(folder, "stranger").issue("strange")
    authority.issue("server")
    certificate, key = folder / "server.pem", folder / "server.key"
    narrow = Bounds(**NARROW)
    tls = Bounds(handshake_seconds=0.5)
    door = Door(register, now)
    small = Door(register, now, waiting_messages=0)
    listeners = {
        "narrow": Listener(Desk(door), bounds=narrow),
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
        run = listener.run(bound, ready.set)
        threading.Thread(target=asyncio.run, args=(run,), daemon=True).start()
        ready.wait()
    print(json.dumps(ports), flush=True)
    sys.argv = ["varde", "mllp", "--port", "0"]
    main()


if __name__ == "__main__":
    serve()
