"""What is measured while the service runs, and how it is told: the text format of Prometheus.

Figures of the register are read from it when somebody asks, so that they survive a restart. What only a
process knows (durations, faults of the database) starts anew with it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.signals import got_request_exception
from django.db import Error as DatabaseTrouble
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from varde import __version__
from varde.operation import DATABASES, HELD, Doors, Figures, read_figures, state_of
from varde.register import APART

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
UP = {"there": 1, "gone": 0, "never": -1}
"""`varde_register_up`, by the state of a register's database."""
STATES = {"A": "accepted", "R": "duplicate", "D": "duplicate", "Q": "quarantined"}

_measured = CollectorRegistry()
_durations = Histogram(
    "varde_request_seconds",
    "Time that answers took, by name of the address",
    ["route", "method", "status"],
    buckets=BUCKETS,
    registry=_measured,
)
_faults = Counter(
    "varde_database_errors",
    "Faults of a database in this process",
    ["register", "type"],
    registry=_measured,
)
_not_received = Counter(
    "varde_requests_not_received",
    "Requests that were refused before any page or address was asked: too slow, too large, no place",
    ["part", "status"],
    registry=_measured,
)
for _register in HELD:  # so that the first fault is seen as a rise from 0
    _faults.labels(register=_register, type="OperationalError")
ProcessCollector(registry=_measured)
PlatformCollector(registry=_measured)


def measure(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Note how long each answer took, under the name of its address and never the address itself."""

    def answer(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = get_response(request)
        _durations.labels(
            route=route_of(request),
            method=request.method if request.method in METHODS else "other",
            status=f"{response.status_code // 100}xx",
        ).observe(time.perf_counter() - began)
        return response

    return answer


def route_of(request: HttpRequest) -> str:
    """The name of the address that was asked; "none" where there is no such address."""
    match = request.resolver_match
    return (match.view_name or match.route) if match else "none"


def watch_databases() -> None:
    """Count every fault of a database in this process from now on."""
    connection_created.connect(_watch, dispatch_uid="varde-measuring")
    got_request_exception.connect(_count_unanswered, dispatch_uid="varde-measuring")


def _watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if _count_fault not in connection.execute_wrappers:
        connection.execute_wrappers.append(_count_fault)


def _count_fault(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    try:
        return execute(sql, params, many, context)
    except DatabaseTrouble as error:
        _count(context["connection"].alias, error)
        raise


def count_not_received(part: str, status: int) -> None:
    """Count a request that was refused before it was received."""
    _not_received.labels(part=part, status=str(status)).inc()


def _count_unanswered(**_: Any) -> None:
    """A database that cannot be reached runs no statement."""
    count_fault(sys.exc_info()[1])


def count_fault(error: BaseException | None) -> None:
    """Count a fault of a database that nobody has counted: one that could not be connected to."""
    if isinstance(error, DatabaseTrouble):
        _count("unknown", error)


def _count(register: str, error: DatabaseTrouble) -> None:
    if not getattr(error, "varde_counted", False):
        error.varde_counted = True
        _faults.labels(register=register, type=type(error).__name__).inc()


def write_metrics(doors: Doors) -> bytes:
    """Everything that is measured.

    Args:
        doors: gives the doors that this process has opened.
    """
    told = CollectorRegistry()
    told.register(_Told(list(_tell_register()) + list(_tell_doors(doors))))
    return bytes(generate_latest(_measured) + generate_latest(told))


class _Told:
    """Metrics that were worked out just now."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterator[Metric]:
        yield from self._metrics


def _tell_register() -> Iterator[Metric]:
    build = GaugeMetricFamily("varde_build_info", "The version that runs", labels=["version"])
    build.add_metric([__version__], 1)
    yield build
    up = GaugeMetricFamily(
        "varde_register_up",
        "Whether a register's database answers: 1 yes, 0 no or gone, -1 never made",
        labels=["register"],
    )
    figures = []
    for register in HELD:
        try:
            state = state_of(Path(settings.VARDE_HOME), register)
            if state == "there" and register in DATABASES:
                figures.append(read_figures(register))
            elif state == "gone":
                _faults.labels(register=register, type="DatabaseGone").inc()
            up.add_metric([register], UP[state])
        except (DatabaseTrouble, OSError) as error:
            if isinstance(error, DatabaseTrouble):
                _count(register, error)
            up.add_metric([register], 0)
    yield up
    yield from _tell_arrived(figures)
    yield from _tell_waiting(figures)


def _tell_arrived(figures: list[Figures]) -> Iterator[Metric]:
    messages = CounterMetricFamily(
        "varde_messages", "Messages that have come", labels=["register", "door", "kind"]
    )
    items = CounterMetricFamily(
        "varde_items",
        "Items that have come, by what became of them first",
        labels=["register", "door", "kind", "state"],
    )
    for each in figures:
        come: dict[tuple[str, str], int] = {}
        for arrived in each.messages:
            way = (arrived.door, _kind_of(each.database, arrived.kind))
            come[way] = come.get(way, 0) + arrived.number
        for way, number in sorted(come.items()):
            messages.add_metric([each.database, *way], number)
        states: dict[tuple[str, str, str], int] = {}
        for arrived in each.items:
            kind = _kind_of(each.database, arrived.kind)
            key = (arrived.door, kind, STATES[arrived.state])
            states[key] = states.get(key, 0) + arrived.number
        for labels, count in sorted(states.items()):
            items.add_metric([each.database, *labels], count)
    yield messages
    yield items


def _kind_of(database: str, kind: str) -> str:
    """What something is: all that a de-identified register takes is of one kind, and called after it."""
    return database if database in APART else kind


def _tell_waiting(figures: list[Figures]) -> Iterator[Metric]:
    now = timezone.now()
    unfolded = GaugeMetricFamily(
        "varde_messages_unfolded", "Messages kept and not read yet", labels=["register"]
    )
    oldest = GaugeMetricFamily(
        "varde_oldest_unfolded_seconds", "Age of the oldest of them", labels=["register"]
    )
    newest = GaugeMetricFamily(
        "varde_newest_message_timestamp_seconds", "When a message last came", labels=["register"]
    )
    quarantine = GaugeMetricFamily(
        "varde_quarantine_open", "Items that wait in quarantine", labels=["register", "reason"]
    )
    notices = GaugeMetricFamily(
        "varde_notices_open", "Reports that somebody should look at", labels=["register", "what"]
    )
    for each in figures:
        unfolded.add_metric([each.database], each.unfolded)
        since = (now - each.oldest_unfolded).total_seconds() if each.oldest_unfolded else 0.0
        oldest.add_metric([each.database], max(since, 0.0))
        if each.newest is not None:
            newest.add_metric([each.database], each.newest.timestamp())
        for reason, count in each.quarantine:
            quarantine.add_metric([each.database, reason], count)
        for what, count in each.notices:
            notices.add_metric([each.database, what], count)
    yield from (unfolded, oldest, newest, quarantine, notices)


def _tell_doors(doors: Doors) -> Iterator[Metric]:
    waiting = GaugeMetricFamily(
        "varde_door_waiting_messages",
        "Messages in the queue of a door of this process",
        labels=["register"],
    )
    alive = GaugeMetricFamily(
        "varde_door_open", "Whether a door of this process takes anything in", labels=["register"]
    )
    for door in doors():
        waiting.add_metric([door.register.alias], door.waiting)
        alive.add_metric([door.register.alias], door.alive)
    yield waiting
    yield alive
