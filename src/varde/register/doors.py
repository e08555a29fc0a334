"""The doors of one process: one for each register, opened when something is first handed in to it."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from varde.register.door import Door, DoorClosed
from varde.register.intake import Clock
from varde.register.opening import Register, open_register


class Doors:
    """Doors by the name of their register's database. Safe for threads.

    Args:
        home: the folder of all registers.
        clock: tells the time.
        register: one that is open already.
    """

    def __init__(self, home: Path, clock: Clock, register: Register | None = None) -> None:
        self._home = home
        self._clock = clock
        self._lock = Lock()
        self._closed = False
        self._open = {register.alias: Door(register, clock)} if register else {}

    def door(self, database: str) -> Door:
        """The door of a register, opened when it was not.

        Raises:
            DoorClosed: the process is stopping.
            KeyProblem: the register's keys are not there.
        """
        with self._lock:
            if self._closed:
                raise DoorClosed("the service is stopping")
            if database not in self._open:
                self._open[database] = Door(open_register(self._home, database), self._clock)
            return self._open[database]

    def opened(self) -> list[Door]:
        """Those that are open."""
        return list(self._open.values())

    def close(self, seconds: float = 30) -> bool:
        """Let nobody in any more and finish what waits; whether that was done within `seconds` a door."""
        with self._lock:
            self._closed = True
        finished = [door.close(seconds) for door in self.opened()]
        return all(finished)
