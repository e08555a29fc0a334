"""The intake under load on a disk that is recorded; then the power is cut at many moments of that run.

`python -m register.power_cuts CUTS SEED SYNCHRONOUS`, with VARDE_HOME an empty folder. Prints JSON: what was
found. SYNCHRONOUS is SQLite's setting: FULL is Varde's, and with any less acknowledged messages are lost.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import sys
import threading
from hashlib import sha256
from pathlib import Path
from typing import Any

HOME = Path(os.environ["VARDE_HOME"])
SENDERS = 4
EACH_OF_A_CUT = 0.6
"""Messages of each sender for one cut: so many that the cuts fall at different moments of the work."""


def main(cuts: int, seed: int, synchronous: str) -> None:
    from register.power import Recorder, cut

    recorder = Recorder(HOME)
    from varde.web import database

    assert "synchronous=FULL" in database.SQLITE_PRAGMAS
    database.SQLITE_PRAGMAS = database.SQLITE_PRAGMAS.replace("FULL", synchronous)
    from varde.cli import start_django

    start_django()
    from django.db import connections
    from django.utils import timezone

    from register.answers import register_state
    from register.loads import make_messages
    from varde.register import Door, Incoming, open_register, resume
    from varde.register.intake import take_in

    register = open_register(HOME)
    begun = len(recorder.events)
    door = Door(register, timezone.now)
    chance = random.Random(seed)
    messages = make_messages(chance, SENDERS, round(EACH_OF_A_CUT * cuts))

    def send(batch: list[Incoming]) -> None:
        for incoming in batch:
            door.submit([incoming]).wait(60)
            recorder.mark(sha256(incoming.data).hexdigest())

    threads = [threading.Thread(target=send, args=(batch,)) for batch in messages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    door.close()
    everything = [incoming for batch in messages for incoming in batch]
    expected = register_state()
    connections.close_all()
    events = list(recorder.events)

    found: dict[str, Any] = {
        "cuts": 0,
        "acknowledged": [],
        "moments": len(events) - begun,
        "cases": len(expected["cases"]),
        "wrong": [],
    }
    for number in range(cuts):
        moment = chance.randint(begun, len(events))
        folder = HOME.parent / f"cut-{number}"
        folder.mkdir()
        for name, content in cut(events[:moment], chance).items():
            if not name.endswith("-shm"):
                file = folder / Path(name).relative_to(HOME)
                file.parent.mkdir(exist_ok=True)
                file.write_bytes(content)
        told = {event.name for event in events[:moment] if event.what == "mark"}
        found["acknowledged"].append(len(told))
        found["cuts"] += 1
        try:
            _check_whole(folder / "varde.sqlite3", told)
            _check_described(folder)
            connections["default"].settings_dict["NAME"] = str(folder / "varde.sqlite3")
            connections["identity"].settings_dict["NAME"] = str(
                folder / "identity" / "varde.sqlite3"
            )
            resume(register, timezone.now)
            take_in(register, everything, timezone.now)
            if register_state() != expected:
                raise AssertionError("sent again, the register is another")
        except (AssertionError, sqlite3.Error) as error:
            found["wrong"].append(f"cut {number} at {moment - begun}: {error}")
        finally:
            connections.close_all()
    print(json.dumps(found))


def _check_whole(path: Path, told: set[str]) -> None:
    """The database opens, is sound, and holds everything that was acknowledged."""
    database = sqlite3.connect(path)
    try:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = database.execute("SELECT sha256 FROM register_message").fetchall()
    finally:
        database.close()
    kept = [bytes(row[0]).hex() for row in rows]
    assert len(kept) == len(set(kept)), "a message was kept twice"
    missing = told - set(kept)
    assert not missing, f"{len(missing)} acknowledged messages are gone"


def _check_described(folder: Path) -> None:
    """The vault opens, is sound, and holds a description for everybody whom the register knows."""
    database = sqlite3.connect(folder / "identity" / "varde.sqlite3")
    try:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        database.execute("ATTACH ? AS register", (str(folder / "varde.sqlite3"),))
        [(nodes, missing)] = database.execute(
            "SELECT COUNT(*), SUM(NOT EXISTS (SELECT 1 FROM identity_entry e WHERE e.hash = n.hash)) "
            "FROM register.register_node n"
        ).fetchall()
    finally:
        database.close()
    assert not missing, f"{missing} of {nodes} descriptions are gone"


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
