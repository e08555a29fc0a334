"""The doors that a watch hands in at: of the register, and of a de-identified one when something is for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from varde.register import (
    Door,
    Incoming,
    MessageReceipt,
    Register,
    open_register,
    read_receipts,
    using,
)

FOLD_SECONDS = 600


class Doors:
    """One door for each register, opened when it is first needed. For one thread.

    Args:
        register: the register of persons; those beside it are opened by name.
        clock: tells the time.
    """

    def __init__(self, register: Register, clock: Callable[[], datetime]) -> None:
        self._home = register.home
        self._clock = clock
        self._doors = {register.alias: Door(register, clock)}

    def take_files(self, database: str, files: Sequence[Incoming]) -> list[MessageReceipt]:
        """Make messages durable, and say what became of each.

        Args:
            database: of the register they go to, as `varde.register.database_of` says.

        Raises:
            DoorError: they are not kept.
            KeyProblem: the register's keys are not there.
            django.db.Error: the receipts cannot be read.
        """
        door = self._doors.get(database)
        if door is None:
            door = Door(open_register(self._home, database), self._clock)
            self._doors[database] = door
        ticket = door.submit(files)
        ticket.wait(FOLD_SECONDS)
        numbers = [logged.message for logged in ticket.logged]
        with using(database):
            found = read_receipts(numbers)
        return [found[number] for number in numbers]

    def close(self) -> bool:
        """Finish what waits; whether that was done in time."""
        finished = [door.close() for door in self._doors.values()]
        return all(finished)
