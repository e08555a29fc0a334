"""An intake under load that is killed again and again: `python -m register.kills KILLS SEED`, VARDE_HOME empty.

A process costs seconds before it does anything, so this one makes ready once; each intake runs in a child of
it, which tells on a pipe what was acknowledged to whom. Prints JSON: what was found.
"""

from __future__ import annotations

import json
import math
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
SENDERS, EACH = 4, 40


def main(kills: int, seed: int) -> None:
    from varde.cli import start_django

    start_django()
    from django.db import connections

    from register.answers import register_state
    from varde.cli import now
    from varde.register import open_register, resume, using
    from varde.register.intake import take_in

    chance = random.Random(seed)
    shares = make_messages(chance, SENDERS, EACH)
    register = open_register(HOME)
    connections.close_all()
    told: set[str] = set()
    alive = 0
    for _ in range(kills):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            for share in shares:
                chance.shuffle(share)
            _take_in(Door(register, now), shares, writing)
            os._exit(0)
        os.close(writing)
        # After so many answers, and some time that is no answer's: what a process gets done in a second differs.
        told |= _read_some(reading, chance.randrange(SENDERS * EACH * 3 // 4))
        time.sleep(chance.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        alive += os.WIFSIGNALED(status)
        told |= _read_some(reading)
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


def _read_some(reading: int, answers: float = math.inf) -> set[str]:
    """What so many answers on the pipe acknowledge, or all until it is closed."""
    told: set[str] = set()
    read = 0
    # A writing of so few bytes is whole on a pipe.
    while read < answers and (data := os.read(reading, 32)):
        told.add(data.hex())
        read += 1
    return told


def _kept() -> set[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT sha256 FROM register_message")
        return {bytes(row[0]).hex() for row in cursor.fetchall()}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
