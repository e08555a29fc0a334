"""An intake under load that is killed again and again: `python -m register.kills KILLS SEED`, VARDE_HOME empty.

A process costs seconds before it does anything, so this one makes ready once; each intake runs in a child of
it, which tells on a pipe what was acknowledged to whom. Prints JSON: what was found.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from hashlib import sha256
from pathlib import Path

from register.loads import make_messages
from varde.register import Door, Incoming

HOME = Path(os.environ["VARDE_HOME"])


def main(kills: int, seed: int) -> None:
    from varde.cli import start_django

    start_django()
    from django.db import connections

    from register.answers import register_state
    from varde.cli import now
    from varde.register import open_register, resume, using
    from varde.register.intake import take_in

    chance = random.Random(seed)
    shares = make_messages(chance, senders=4, each=40)
    register = open_register(HOME)
    connections.close_all()
    told: set[str] = set()
    alive = 0
    lasted = 1.0
    for _ in range(kills):
        reading, writing = os.pipe()
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            os.close(reading)
            for share in shares:
                chance.shuffle(share)
            _take_in(Door(register, now), shares, writing)
            os._exit(0)
        os.close(writing)
        time.sleep(chance.uniform(0.02, 1) * min(lasted, 1.5))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        alive += os.WIFSIGNALED(status)
        if not os.WIFSIGNALED(status):
            lasted = time.monotonic() - began
        while data := os.read(reading, 1 << 16):
            told.update(data[place : place + 32].hex() for place in range(0, len(data), 32))
        os.close(reading)
    kept = _kept()
    everything = [incoming for share in shares for incoming in share]
    resume(register, now)
    take_in(register, everything, now)
    found = register_state()
    connections.close_all()
    connections["default"].settings_dict["NAME"] = str(HOME.parent / "undisturbed.sqlite3")
    undisturbed = open_register(HOME)
    with using("default"):
        take_in(undisturbed, everything, now)
        expected = register_state()
    print(
        json.dumps(
            {
                "alive": alive,
                "told": len(told),
                "lost": len(told - kept),
                "equal": found == expected,
                "messages": len(everything),
                "cases": len(expected["cases"]),
            }
        )
    )


def _take_in(door: Door, shares: list[list[Incoming]], writing: int) -> None:
    """Hand everything in, each sender in a thread of its own, and tell what was acknowledged."""

    def send(share: list[Incoming]) -> None:
        for incoming in share:
            if door.submit([incoming]).wait(60):
                os.write(writing, sha256(incoming.data).digest())

    threads = [threading.Thread(target=send, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _kept() -> set[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT sha256 FROM register_message")
        return {bytes(row[0]).hex() for row in cursor.fetchall()}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
