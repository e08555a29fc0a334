"""The doors of one process: one for each register, opened when something is first handed in to it."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from varde.register.door import After, Door, DoorClosed
from varde.register.intake import Clock
from varde.register.opening import Register, open_register
from varde.register.store import APART


class Doors:
    """Doors by the name of their register's database. Safe for threads.

    Args:
        home: the folder of all registers.
        clock: tells the time.
        register: one that is open already.
        after: as of `Door`, for the register of persons.
    """

    def __init__(
        self,
        home: Path,
        clock: Clock,
        register: Register | None = None,
        after: After | None = None,
    ) -> None:
        self._home = home
        self._clock = clock
        self._after = after
        self._lock = Lock()
        self._closed = False
        self._open = {register.alias: self._make(register)} if register else {}

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
                self._open[database] = self._make(open_register(self._home, database))
            return self._open[database]

    def _make(self, register: Register) -> Door:
        after = None if register.alias in APART else self._after
        return Door(register, self._clock, after=after)

    def opened(self) -> list[Door]:
        """Those that are open."""
        return list(self._open.values())

    def close(self, seconds: float = 30) -> bool:
        """Let nobody in any more and finish what waits; whether that was done within `seconds` a door."""
        with self._lock:
            self._closed = True
        finished = [door.close(seconds) for door in self.opened()]
        return all(finished)
