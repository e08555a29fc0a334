"""The door: takes messages in from many senders at once, and answers each when its message is durable.

Whoever hands something in waits in a bounded queue. One worker takes what has gathered, makes all of it
durable in one transaction and folds all of it in a second: the more senders there are at once, the more
messages share the two waits for the disk. When the queue is full, the door says so instead of losing
anything.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import Error as DatabaseTrouble
from django.db import OperationalError, close_old_connections, connections

from varde.access.keys import KeyProblem
from varde.register import log, store
from varde.register.apart import prepare
from varde.register.events import tell_taken_in
from varde.register.fold import Counts
from varde.register.intake import Clock, fold_logged, resume
from varde.register.log import Incoming, Logged
from varde.register.opening import Register

_logger = logging.getLogger(__name__)

WAITING_MESSAGES = 1_000
WAITING_BYTES = 64 << 20
BATCH_MESSAGES = 200
BATCH_BYTES = 4 << 20
After = Callable[[datetime], None]


class DoorError(Exception):
    """Something handed in at the door was not taken. Nothing of it is kept: hand it in again."""


class DoorFull(DoorError):
    """As many wait as can: try again later.

    Args:
        seconds: when it is worth trying again.
    """

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"the intake is busy: try again in {seconds} s")


class DoorClosed(DoorError):
    """The service is stopping."""


class NotDurable(DoorError):
    """The database could not keep it."""


@dataclass
class Ticket:
    """Something handed in, and what becomes of it.

    Attributes:
        batch: what was handed in.
        logged: where each stands in the log, once all are durable.
        folded: True once they are in the register too.
    """

    batch: Sequence[Incoming]
    size: int
    logged: list[Logged] = field(default_factory=list)
    folded: bool = False
    error: DoorError | None = None
    done: threading.Event = field(default_factory=threading.Event)
    began: float = field(default_factory=time.perf_counter)

    def wait(self, seconds: float) -> bool:
        """Wait until it is folded, or at least durable after `seconds`.

        Returns:
            True when it is folded, False when it is durable and will be folded later.

        Raises:
            DoorError: it is not kept.
        """
        self.done.wait(seconds)
        if self.error is not None:
            raise self.error
        if not self.logged and self.batch:
            raise NotDurable("the intake took too long to keep it: hand it in again")
        return self.folded


class Door:
    """The door of one register, for one process; every process has its own, and the database lets
    them in one after the other.

    Args:
        register: where it leads.
        clock: tells the time.
        after: is told the time after each batch that is in the register, when everybody has been answered: for
            what follows from it. It must not fail, and the next batch waits for it.
    """

    def __init__(
        self,
        register: Register,
        clock: Clock,
        waiting_messages: int = WAITING_MESSAGES,
        waiting_bytes: int = WAITING_BYTES,
        after: After | None = None,
    ) -> None:
        self.register = register
        self.clock = clock
        self._after = after
        self._most_messages = waiting_messages
        self._most_bytes = waiting_bytes
        self._queue: deque[Ticket] = deque()
        self._messages = 0
        self._bytes = 0
        self._closed = False
        self._file: tuple[int, int] | None = None
        self._unfinished = True  # an earlier process may have left something
        self._changed = threading.Condition()
        self._worker = threading.Thread(
            target=self._work, name=f"intake-{register.alias}", daemon=True
        )
        self._worker.start()

    @property
    def waiting(self) -> int:
        """How many messages wait."""
        return self._messages

    @property
    def alive(self) -> bool:
        """Whether the door takes anything in."""
        return self._worker.is_alive() and not self._closed

    def submit(self, batch: Sequence[Incoming]) -> Ticket:
        """Hand something in.

        Raises:
            DoorFull: too much waits already.
            DoorClosed: the service is stopping.
        """
        batch = prepare(self.register, batch)
        ticket = Ticket(batch, sum(len(incoming.data) for incoming in batch))
        if not batch:
            ticket.folded = True
            ticket.done.set()
            return ticket
        with self._changed:
            if self._closed or not self._worker.is_alive():
                raise DoorClosed("the intake is closed: hand it in again when the service is back")
            full = self._messages + len(batch) > self._most_messages
            # Whatever alone is larger than the queue is let in when the queue is empty.
            if self._queue and (full or self._bytes + ticket.size > self._most_bytes):
                raise DoorFull(seconds=2 + self._messages // 200)
            self._queue.append(ticket)
            self._messages += len(batch)
            self._bytes += ticket.size
            self._changed.notify()
        return ticket

    def close(self, seconds: float = 30) -> bool:
        """Let nobody in any more, and finish what waits.

        Returns:
            Whether everything was finished within `seconds`.
        """
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._worker.join(seconds)
        return not self._worker.is_alive()

    def _work(self) -> None:
        with store.using(self.register.alias):
            while True:
                with self._changed:
                    while not self._queue and not self._closed:
                        self._changed.wait()
                    if not self._queue:
                        break
                    tickets = self._next_tickets()
                self._take_in(tickets)
        connections.close_all()

    def _next_tickets(self) -> list[Ticket]:
        """What has gathered, up to a batch."""
        tickets: list[Ticket] = []
        messages = size = 0
        while self._queue and (
            not tickets
            or (
                messages + len(self._queue[0].batch) <= BATCH_MESSAGES
                and size + self._queue[0].size <= BATCH_BYTES
            )
        ):
            ticket = self._queue.popleft()
            tickets.append(ticket)
            messages += len(ticket.batch)
            size += ticket.size
        self._messages -= messages
        self._bytes -= size
        return tickets

    def _take_in(self, tickets: Sequence[Ticket]) -> None:
        batch = [incoming for ticket in tickets for incoming in ticket.batch]
        try:
            logged = self._keep(batch)
        except (DatabaseTrouble, OSError, KeyProblem) as error:
            about = {"register": self.register.alias, "messages": len(batch)}
            _logger.error("the intake cannot keep messages: %s", type(error).__name__, extra=about)
            close_old_connections()
            for ticket in tickets:
                ticket.error = NotDurable("the database cannot keep it: hand it in again")
                ticket.error.__cause__ = error
                ticket.done.set()
            return
        place = 0
        for ticket in tickets:
            ticket.logged = logged[place : place + len(ticket.batch)]
            place += len(ticket.batch)
        try:
            if self._unfinished:
                own = frozenset(entry.message for entry in logged)
                resume(self.register, self.clock, own)
                self._unfinished = False
            counts = fold_logged(self.register, batch, logged, self.clock)
        except Exception:
            # What is durable is not lost by any fault behind it: the next round folds it.
            about = {"register": self.register.alias, "messages": len(batch)}
            _logger.exception("the intake cannot fold what it has kept", extra=about)
            close_old_connections()
            self._unfinished = True
        for ticket in tickets:
            ticket.folded = not self._unfinished
            ticket.done.set()
        if self._after is not None and not self._unfinished:
            self._after(self.clock())
        self._tell(tickets, [] if self._unfinished else counts)

    def _tell(self, tickets: Sequence[Ticket], counts: Sequence[Counts]) -> None:
        """Tell the log, after everybody was answered.

        Args:
            counts: what became of each message of the tickets; empty when they wait to be read.
        """
        place = 0
        for ticket in tickets:
            own = counts[place : place + len(ticket.batch)]
            place += len(ticket.batch)
            tell_taken_in(self.register.alias, ticket.batch, own or None, ticket.began)

    def _keep(self, batch: Sequence[Incoming]) -> list[Logged]:
        """Make a batch durable; a connection that the database has cut meanwhile is made anew once."""
        now: datetime = self.clock()
        try:
            self._check_file()
            return log.append(batch, self.register.sealer, now)
        except DatabaseTrouble:
            connections[self.register.alias].close()
            self._check_file()
            return log.append(batch, self.register.sealer, now)

    def _check_file(self) -> None:
        """See that the file of the database (SQLite) lies where it did: a connection goes on writing into one
        that was moved away or removed, and what it keeps there is lost.

        Raises:
            OperationalError: it is gone.
        """
        connection = connections[self.register.alias]
        if connection.vendor != "sqlite" or connection.is_in_memory_db():
            return
        try:
            found = Path(connection.settings_dict["NAME"]).stat()
        except OSError:
            connection.close()
            raise OperationalError("the file of the database is gone") from None
        if self._file not in (None, (found.st_dev, found.st_ino)):
            connection.close()
        self._file = (found.st_dev, found.st_ino)
