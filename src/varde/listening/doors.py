"""The doors that a watch hands in at: of the register, and of a de-identified one when something is for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from varde.followup.running import Follower
from varde.register import Doors as RegisterDoors
from varde.register import Incoming, MessageReceipt, Register, read_receipts, using

FOLD_SECONDS = 600


class Doors:
    """The doors of a watch, which waits until what it hands in is read.

    Args:
        register: the register of persons; those beside it are opened by name.
        clock: tells the time.
    """

    def __init__(self, register: Register, clock: Callable[[], datetime]) -> None:
        self._doors = RegisterDoors(register.home, clock, register, Follower(lambda: register))

    def take_files(self, database: str, files: Sequence[Incoming]) -> list[MessageReceipt]:
        """Make messages durable, and say what became of each.

        Args:
            database: of the register they go to, as `varde.register.database_of` says.

        Raises:
            DoorError: they are not kept.
            KeyProblem: the register's keys are not there.
            django.db.Error: the receipts cannot be read.
        """
        ticket = self._doors.door(database).submit(files)
        ticket.wait(FOLD_SECONDS)
        numbers = [logged.message for logged in ticket.logged]
        with using(database):
            found = read_receipts(numbers)
        return [found[number] for number in numbers]

    def close(self) -> bool:
        """Finish what waits; whether that was done in time."""
        return self._doors.close()
