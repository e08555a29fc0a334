"""What becomes of a report: versions, mistakes, and the ways in which messages arrive.

A report goes out as a preliminary version, a final one, a changed one, a cancelled one, or some of
these. A message may be bad, be delivered twice, be delivered days late, or be sent again. The state
that counts in the end is the good version that was made last, whatever order things arrived in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Literal, NamedTuple

import numpy as np

from .draws import uniform
from .isolates import Isolate, Report, Result
from .knowledge import constant

ServiceType = Literal["N", "M", "C"]
Status = Literal["P", "F"]

FAULTS: tuple[str, ...] = (
    "truncated",
    "wrong-encoding",
    "missing-collected",
    "contradictory-sex",
    "forbidden-xml",
    "invalid-identity-number",
)
"""What can be wrong with a message, as the reader names it."""

LIST_FAULTS: tuple[str, ...] = ("missing-collected", "contradictory-sex", "invalid-identity-number")
"""Those of them that a row of a line list can have."""

NEEDS_NUMBER = frozenset({"contradictory-sex", "invalid-identity-number"})

LAST_ANSWER = timedelta(days=32)
"""Every message has arrived this long after its specimen was taken."""

BLOCK = 2048
MAX_VERSIONS = 8
"""Numbers set aside for the messages of one report: more than any has."""

_FLIP = {"S": "R", "I": "R", "R": "S"}


class Searched(NamedTuple):
    """What was looked for in a specimen otherwise than by growing it, and what came of it.

    Attributes:
        organism, method: key of what is looked for, and how.
        code, name, foreign_name: the analysis, as ``data/searches.csv`` has it.
        said: positive, negative, inconclusive, or pending (no result yet).
    """

    organism: str
    method: str
    code: str
    name: str
    foreign_name: str
    said: str


class Version(NamedTuple):
    """One message's worth of a report.

    Attributes:
        number: of the message among the report's own, from 1; makes its id.
        generated: local time; later versions replace earlier ones.
        isolates: as this version tells them.
        fault: one of `FAULTS`, or "" for a good message.
        reissue: the content of the version before, under a new id and time.
        searches: what the answer is about, where it is about no culture.
    """

    number: int
    service_type: ServiceType
    status: Status
    generated: datetime
    isolates: tuple[Isolate, ...]
    fault: str = ""
    reissue: bool = False
    searches: tuple[Searched, ...] = ()


class Delivery(NamedTuple):
    """A message that arrives.

    Attributes:
        at: local time of arrival.
        kind: "first"; "copy" for the same bytes again; "resend" for the same id in other bytes.
    """

    at: datetime
    report: Report
    version: Version
    kind: Literal["first", "copy", "resend"] = "first"


class Story(NamedTuple):
    """A report with everything that happens to it."""

    report: Report
    versions: tuple[Version, ...]
    deliveries: tuple[Delivery, ...]

    @property
    def current(self) -> Version | None:
        """The good version that counts in the end; None when cancelled or never sent well."""
        good = [version for version in self.versions if not version.fault]
        last = good[-1] if good else None
        return None if last is None or last.service_type == "C" else last


class _Luck(NamedTuple):
    """What is drawn for one report, each in [0, 1)."""

    preliminary: float
    final: float
    changed: float
    cancelled: float
    bad: float
    which: float
    fault: float
    corrected: float
    turnaround: float
    hour: float
    change_days: float
    cancel_days: float
    reissue: float
    flip: float
    weekend: float


class _Post(NamedTuple):
    """What is drawn for the messages of one report, one number a version."""

    late: list[float]
    days: list[float]
    copy: list[float]
    resend: list[float]
    again_days: list[float]
    minutes: list[float]
    slow: list[float]


def stories(reports: Iterator[Report], seed: int, bad_share: float) -> Iterator[Story]:
    """What becomes of every report, in the same order.

    Args:
        bad_share: share of reports one message of which is bad.
    """
    while block := list(islice(reports, BLOCK)):
        serial = np.array([report.serial for report in block], np.int64)
        message = serial[:, None] * MAX_VERSIONS + np.arange(MAX_VERSIONS)
        luck = (uniform(seed, f"chain/{name}", serial).tolist() for name in _Luck._fields)
        post = (uniform(seed, f"post/{name}", message).tolist() for name in _Post._fields)
        rows = zip(block, zip(*luck, strict=True), zip(*post, strict=True), strict=True)
        for report, mine, posted in rows:
            versions = _versions(report, _Luck(*mine), bad_share)
            deliveries = tuple(_deliver(report, versions, _Post(*posted)))
            yield Story(report, versions, deliveries)


def _versions(report: Report, luck: _Luck, bad_share: float) -> tuple[Version, ...]:
    """The messages of a report in the order they are made."""
    lab = report.laboratory
    made: list[Version] = []
    day = report.collected.replace(hour=8, minute=0) + timedelta(hours=int(luck.hour * 9))

    def add(service: ServiceType, status: Status, after: float, found: tuple[Isolate, ...]) -> None:
        number = len(made) + 1
        generated = day + timedelta(days=int(after), minutes=number * 7, seconds=number)
        if generated.weekday() >= 5 and luck.weekend >= constant("answers_on_weekend"):
            generated += timedelta(days=7 - generated.weekday())
        made.append(Version(number, service, status, generated, found))

    if luck.preliminary < lab.preliminary and report.isolates:
        add("N", "P", 1, tuple(_without_results(isolate) for isolate in report.isolates))
    turnaround = 2 + 3 * luck.turnaround
    if not made or luck.final >= constant("never_final"):
        wrong = luck.changed < lab.changed and bool(report.isolates)
        first = _mistaken(report.isolates, luck.flip) if wrong else report.isolates
        add("M" if made else "N", "F", turnaround, first)
        if wrong:
            add("M", "F", turnaround + 1 + 7 * luck.change_days, report.isolates)
    if luck.cancelled < lab.cancelled:
        add("C", "F", 14 + 2 * luck.cancel_days, made[-1].isolates)
    if luck.bad < bad_share:
        _spoil(report, made, luck)
    elif luck.reissue < constant("reissue") and lab.format == "kith":
        made.append(_again(made[-1]))
    return tuple(made)


def _spoil(report: Report, made: list[Version], luck: _Luck) -> None:
    """Make one message bad; perhaps a good one with the same content follows the next day."""
    at = int(luck.which * len(made))
    faults = LIST_FAULTS if report.laboratory.format == "list" else FAULTS
    if not report.patient.number or made[at].service_type == "C":
        # Without a number there is nothing to contradict, and a cancellation is not read so far.
        faults = tuple(f for f in faults if f not in NEEDS_NUMBER and f != "missing-collected")
        faults = faults or ("missing-collected",)
    fault = faults[int(luck.fault * len(faults))]
    made[at] = made[at]._replace(fault=fault)
    if luck.corrected < constant("corrected") and at == len(made) - 1:
        made.append(_again(made[at])._replace(fault="", reissue=False))


def _again(version: Version) -> Version:
    """The same content under a new id, made the next day."""
    later = version.generated + timedelta(days=1, minutes=3)
    return version._replace(number=version.number + 1, generated=later, reissue=True)


def _without_results(isolate: Isolate) -> Isolate:
    return isolate._replace(results=(), extra=None)


def _mistaken(isolates: tuple[Isolate, ...], draw: float) -> tuple[Isolate, ...]:
    """One result of the first isolate turned round: what a later version puts right."""
    first = isolates[0]
    if not first.results:
        return isolates
    at = int(draw * len(first.results))
    old = first.results[at]
    new = Result(old.antibiotic, _FLIP[old.sir], "")
    return (
        first._replace(results=(*first.results[:at], new, *first.results[at + 1 :])),
        *isolates[1:],
    )


def _deliver(report: Report, versions: tuple[Version, ...], post: _Post) -> Iterator[Delivery]:
    for version in versions:
        at = version.number - 1
        late = int(1 + 6 * post.days[at]) if post.late[at] < constant("late") else 0
        lab = report.laboratory
        arrives = version.generated + timedelta(days=late + lab.slow * post.slow[at])
        if lab.nightly:
            arrives = arrives.replace(hour=5, minute=0) + timedelta(days=1)
        arrives += timedelta(minutes=1 + int(60 * post.minutes[at]))
        yield Delivery(arrives, report, version)
        again = arrives + timedelta(days=1 + int(2 * post.again_days[at]))
        if version.fault:
            continue
        if post.copy[at] < constant("copy"):
            yield Delivery(again, report, version, "copy")
        if post.resend[at] < constant("resend") and report.laboratory.format == "kith":
            yield Delivery(again + timedelta(hours=1), report, version, "resend")
