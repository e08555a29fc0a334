"""All kinds by all doors at once while service, listener and watch are killed; then the count.

The register that everything goes into must be this process's own too (``VARDE_HOME``), and new.
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

from varde.access.demo_users import ensure_demo_users
from varde.access.models import User
from varde.demo.doors.counting import count_messages, count_things
from varde.demo.doors.errands import Errand, Key
from varde.demo.doors.handing_in import Doors
from varde.demo.doors.invented import invent
from varde.demo.doors.processes import Command, Service, free_port
from varde.demo.doors.senders import KINDS, register_senders
from varde.web.forms.handing_in import sender_of

REGISTERS = ("default", "ravn", "norm")
FORM_USER = "smittevern"
"""The demo's user who may fill in all three forms."""
FIRST, LAST = 0.05, 0.9
"""A process is killed when so much of what it takes in has been handed in, at a random place between."""
LOOK_SECONDS = 0.05


class Kill(NamedTuple):
    """A process that was killed, and the seconds since the first message was handed in."""

    process: str
    seconds: float


class Log(NamedTuple):
    """The messages of one register's log, those of forms left out: a form that was sent again is another
    version of what it states.

    Attributes:
        distinct: different messages handed in.
        kept: what the log holds; must be as many.
        unread: messages, also of forms, that are kept and have not been read; must be 0.
    """

    register: str
    distinct: int
    kept: int
    unread: int

    @property
    def exact(self) -> bool:
        """Whether nothing is missing, nothing is there twice and nothing waits."""
        return self.kept == self.distinct and not self.unread


@dataclass
class Showing:
    """How far it has come, and in the end what was found.

    Attributes:
        kills: those that have been.
        planned: how many there will be.
        found: what the registers hold in the end.
        logs: of each register, in the end.
        seconds: from the first message handed in to the last answer.
    """

    errands: Sequence[Errand]
    planned: int
    kills: list[Kill] = field(default_factory=list)
    found: Counter[Key] = field(default_factory=Counter)
    logs: list[Log] = field(default_factory=list)
    seconds: float = 0

    def found_of(self, errand: Errand) -> int:
        """What the register holds of an errand."""
        return sum(self.found[key] for key in errand.keys)

    def is_exact(self, errand: Errand) -> bool:
        """Whether the register holds of each sender as many as the truth."""
        return errand.went_wrong is None and all(
            self.found[key] == errand.truth[key] for key in errand.keys
        )

    @property
    def strange(self) -> int:
        """Things in the registers that belong to no errand."""
        known = {key for errand in self.errands for key in errand.keys}
        return sum(count for key, count in self.found.items() if key not in known)

    @property
    def exact(self) -> bool:
        """Whether all is as it must be."""
        return (
            all(self.is_exact(errand) for errand in self.errands)
            and all(log.exact for log in self.logs)
            and not self.strange
            and len(self.kills) == self.planned
        )


@dataclass
class Target:
    """A process that is killed, with what it takes in and how far that is each time when it is killed.

    Attributes:
        moments: shares of what it takes in, in order; those that have been are taken away.
        since: how much had been handed in when it was killed last.
    """

    name: str
    process: Service | Command
    errands: Sequence[Errand]
    moments: list[float] = field(default_factory=list)
    since: int = -1

    @property
    def done(self) -> int:
        """How many of its parcels are handed in."""
        return sum(errand.handed_in for errand in self.errands)

    @property
    def due(self) -> bool:
        """Whether it is to be killed now: once started again it takes something in first, while there are
        more parcels than moments left."""
        total = sum(len(errand.parcels) for errand in self.errands)
        if not self.moments or self.done < self.moments[0] * total:
            return False
        return self.done > self.since or total - self.done <= len(self.moments)

    def kill(self) -> None:
        """Kill it and start it again."""
        self.since = self.done
        del self.moments[0]
        self.process.kill()
        self.process.launch()


def show(
    home: Path,
    isolates: int,
    seed: int,
    kills: int,
    today: date,
    tell: Callable[[Showing], None] = lambda _: None,
) -> Showing:
    """Start everything, hand everything in, kill as often as asked, end everything and count.

    Args:
        home: of the register, which must have been made and be empty; folders and logs are made beside it.
        isolates: how many the invented laboratories report; everything else in proportion.
        seed: another seed, another country and other moments.
        today: in Norway.
        tell: is called some times a second.

    Raises:
        RuntimeError: a process did not start or did not end well.
    """
    user = next(each for each in ensure_demo_users("") if each.username == FORM_USER)
    place = sender_of(User.objects.get(username=user.username)).key
    showing = Showing(invent(isolates, seed, today, place), kills)
    folder = home.parent
    inbox, watched = folder / "inbox", folder / "watched"
    for each in (inbox, watched / "ravn", watched / "norm"):
        each.mkdir(parents=True)
    posted = [each for each in showing.errands if each.way == "post"]
    service = Service(home)
    senders = register_senders(service, {p.sender for e in posted for p in e.parcels}, KINDS)
    threads: list[threading.Thread] = []
    with ExitStack() as whatever_comes:
        whatever_comes.callback(_wait_for_all, threads)
        whatever_comes.callback(service.kill)
        service.start()
        port = free_port()
        mllp = Command(service, "mllp", "--port", str(port))
        whatever_comes.callback(mllp.kill)
        watch = Command(service, "watch", str(watched), "--interval", "0.2")
        whatever_comes.callback(watch.kill)
        targets = [
            _target("serve", service, showing.errands, ("post", "form")),
            _target("mllp", mllp, showing.errands, ("mllp",)),
            _target("watch", watch, showing.errands, ("watch",)),
        ]
        doors = Doors(service, senders, port, inbox, watched, user)
        whatever_comes.callback(doors.ended.set)
        began = time.monotonic()
        for errand in showing.errands:
            threads.append(threading.Thread(target=doors.run, args=(errand,)))
            threads[-1].start()
        _kill_at_random(targets, random.Random(seed), showing, threads, tell)  # noqa: S311
        showing.seconds = time.monotonic() - began
        # One that was killed at last finishes what was durable when it starts again.
        service.wait()
        _wait_for_listener(port)
        for process in (mllp, watch, service):
            process.stop()
    count(showing)
    return showing


def _target(
    name: str, process: Service | Command, errands: Iterable[Errand], ways: tuple[str, ...]
) -> Target:
    return Target(name, process, [errand for errand in errands if errand.way in ways])


def _kill_at_random(
    targets: Sequence[Target],
    chance: random.Random,
    showing: Showing,
    threads: Sequence[threading.Thread],
    tell: Callable[[Showing], None],
) -> None:
    """Kill processes at random moments of their work and start them again, until everything is handed in."""
    for number in range(showing.planned):
        targets[number % len(targets)].moments.append(chance.uniform(FIRST, LAST))
    for target in targets:
        target.moments.sort()
    began = time.monotonic()
    busy = True
    while busy or any(target.moments for target in targets):
        for target in targets:
            target.process.check()
            if target.due or (target.moments and not busy):
                time.sleep(chance.uniform(0, LOOK_SECONDS))  # not always just after an answer
                target.kill()
                showing.kills.append(Kill(target.name, round(time.monotonic() - began, 2)))
        tell(showing)
        time.sleep(LOOK_SECONDS)
        busy = any(thread.is_alive() for thread in threads)


def _wait_for_all(threads: Iterable[threading.Thread]) -> None:
    for thread in threads:
        thread.join()


def _wait_for_listener(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the listener did not start")


def count(showing: Showing) -> None:
    """Count what the registers hold, into the showing."""
    for register in REGISTERS:
        showing.found += count_things(register)
        mine = [e for e in showing.errands if e.register == register and e.way != "form"]
        distinct = sum(errand.distinct for errand in mine)
        showing.logs.append(Log(register, distinct, *count_messages(register)))
