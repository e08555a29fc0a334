"""The whole invented country: a stream of messages, a folder of files, and the truth behind them.

The same arguments give the same bytes. Messages come in the order in which they arrive, which is
not always the order in which they were made. Memory does not grow with the number of isolates: only
what has been made and has not arrived yet is held.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from pathlib import Path

from .arrivals import OSLO, Arrival
from .chains import Delivery, Story, stories
from .courses import Rise
from .isolate_list import mapping_file, write_list
from .isolates import Report, reports
from .kith import write_message
from .laboratories import Laboratory, as_xml, laboratories
from .summary import Summary, Tally, TruthIsolate, true_isolates
from .wires import write_fhir, write_hl7v2

START, END = date(2023, 1, 1), date(2025, 10, 31)
SIZES = {"small": 4_000, "medium": 100_000, "large": 2_000_000}
"""Isolates: a demo; some years of a region; some years of a country (about 2.4 million files, 11 GB)."""

FOLDER_LIMIT = 1_900
"""Files in one folder; the next ones go to a folder with a number after the month."""

Progress = Callable[[int, int], None]
"""Called with the isolates told so far and the isolates in all."""

Waiting = tuple[datetime, int, int, str, Delivery]


@dataclass(frozen=True, slots=True)
class Country:
    """What decides every byte.

    Attributes:
        isolates: organisms found in all, whatever becomes of their reports.
        seed: another seed, another country.
        start, end: first and last day on which specimens are taken; answers come up to 26 days
            later.
        bad_share: share of reports one message of which is bad.
        lists: whether two laboratories send lists; else they send messages like the others.
        wire: what the others send: "kith", or all of them good "fhir" or "hl7v2".
        rise: from when more is sent; None: as much all the time.
    """

    isolates: int = 2_000
    seed: int = 2026
    start: date = START
    end: date = END
    bad_share: float = 0.01
    lists: bool = True
    wire: str = "kith"
    rise: Rise | None = None

    def arrivals(self, progress: Progress | None = None) -> Iterator[Arrival]:
        """Every file in the order of arrival; a month's list comes early on the first day of the next."""
        return _files(_watch(self, Tally(), progress), self.wire)

    def stories(self) -> Iterator[Story]:
        """Every report with what becomes of it, in the order of the courses' first days."""
        found = reports(self.isolates, self.seed, self.start, self.end, self.rise)
        return stories(found if self.lists else map(_as_xml, found), self.seed, self.bad_share)


def messages(
    isolates: int = 2_000,
    seed: int = 2026,
    start: date = START,
    end: date = END,
    bad_share: float = 0.01,
    lists: bool = True,
    wire: str = "kith",
) -> Iterator[tuple[str, bytes]]:
    """Every file's name (with folders) and bytes, in the order of arrival; nothing is written.

    Arguments as `Country`. A name that ends in ``.csv`` is a list and needs `mapping_of`.

    Raises:
        ValueError: bad messages are asked for on another wire than KITH.
    """
    if wire != "kith" and bad_share:
        raise ValueError("only the invented KITH messages can be bad: ask for a bad_share of 0")
    country = Country(isolates, seed, start, end, bad_share, lists, wire)
    return ((name, data) for _, name, data in country.arrivals())


def truth(
    isolates: int = 2_000,
    seed: int = 2026,
    start: date = START,
    end: date = END,
    bad_share: float = 0.01,
    lists: bool = True,
) -> Iterator[TruthIsolate]:
    """The isolates that a register holds when it has taken in every message, in any order."""
    for story in Country(isolates, seed, start, end, bad_share, lists).stories():
        yield from true_isolates(story)


def summarise(
    isolates: int = 2_000,
    seed: int = 2026,
    start: date = START,
    end: date = END,
    bad_share: float = 0.01,
    lists: bool = True,
) -> Summary:
    """What `write_norway` with these arguments returns, without writing anything."""
    tally = Tally()
    for story in Country(isolates, seed, start, end, bad_share, lists).stories():
        tally.add(story)
    return tally.summary()


def write_norway(
    folder: Path,
    isolates: int = 2_000,
    seed: int = 2026,
    start: date = START,
    end: date = END,
    bad_share: float = 0.01,
    progress: Progress | None = None,
    lists: bool = True,
) -> Summary:
    """Write every file below `folder`: ``<laboratory>/<month>/<number>.xml``, or a CSV list a month.

    Returns:
        What was written, and what a register must end with.

    Raises:
        FileExistsError: the folder is not empty; old files would be taken for this country's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty: choose a new folder, or empty this one")
    tally = Tally()
    country = Country(isolates, seed, start, end, bad_share, lists)
    write_files(folder, _files(_watch(country, tally, progress)))
    return tally.summary()


def write_files(folder: Path, arrivals: Iterable[Arrival]) -> None:
    """Write the files of laboratories below a folder, lists with their mappings; each file's time is when
    it arrives."""
    made: set[Path] = set()
    for at, name, data in arrivals:
        path = folder / name
        if path.parent not in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.add(path.parent)
        path.write_bytes(data)
        os.utime(path, (at.timestamp(), at.timestamp()))
        if name.endswith(".csv"):
            path.with_name("mapping.toml").write_bytes(mapping_of(name))


def mapping_of(name: str) -> bytes:
    """The mapping file of a list, by the list's name.

    Raises:
        KeyError: the name does not begin with a laboratory that sends lists.
    """
    senders = {lab.key: lab for lab in laboratories() if lab.format == "list"}
    return mapping_file(senders[name.partition("/")[0]])


def _as_xml(report: Report) -> Report:
    return report._replace(laboratory=as_xml(report.laboratory))


def _watch(country: Country, tally: Tally, progress: Progress | None) -> Iterator[Story]:
    for number, story in enumerate(country.stories()):
        tally.add(story)
        if progress is not None and number % 1000 == 0:
            progress(tally.isolates, country.isolates)
        yield story
    if progress is not None:
        progress(tally.isolates, country.isolates)


_WRITERS: Mapping[str, tuple[str, Callable[[Delivery], bytes]]] = {
    "kith": ("xml", write_message),
    "fhir": ("json", write_fhir),
    "hl7v2": ("hl7", write_hl7v2),
}
"""Wire → the end of a file's name, and what writes it."""


def _files(told: Iterator[Story], wire: str = "kith") -> Iterator[Arrival]:
    ending, write = _WRITERS[wire]
    counts: dict[str, tuple[str, int]] = {}
    lists: dict[Laboratory, list[Delivery]] = {}
    for delivery in _arrivals(told):
        lab = delivery.report.laboratory
        if lab.format == "kith":
            name = f"{_name(lab, delivery.at, counts)}.{ending}"
            yield Arrival(delivery.at.replace(tzinfo=OSLO), name, write(delivery))
            continue
        rows = lists.setdefault(lab, [])
        if rows and f"{rows[0].at:%Y%m}" != f"{delivery.at:%Y%m}":
            yield _list(lab, rows)
            rows.clear()
        if delivery.version.isolates:
            rows.append(delivery)
    for lab, rows in lists.items():
        if rows:
            yield _list(lab, rows)


def _arrivals(told: Iterator[Story]) -> Iterator[Delivery]:
    """All deliveries by time of arrival, holding only those that may still be overtaken."""
    waiting: list[Waiting] = []
    known = date.min
    for story in told:
        report = story.report
        if report.begun > known:
            # Nothing is answered on the day it is taken, and no later course begins earlier.
            known = report.begun
            settled = datetime.combine(known, time()) + timedelta(days=1)
            while waiting and waiting[0][0] < settled:
                yield heappop(waiting)[-1]
        for delivery in story.deliveries:
            number = delivery.version.number
            heappush(waiting, (delivery.at, report.serial, number, delivery.kind, delivery))
    while waiting:
        yield heappop(waiting)[-1]


def _name(lab: Laboratory, at: datetime, counts: dict[str, tuple[str, int]]) -> str:
    month = f"{at.year}-{at.month:02d}"
    before, number = counts.get(lab.key, ("", 0))
    number = number + 1 if before == month else 1
    counts[lab.key] = month, number
    part = (number - 1) // FOLDER_LIMIT
    folder = month if part == 0 else f"{month}-{part + 1}"
    return f"{lab.key}/{folder}/{number:05d}"


def _list(lab: Laboratory, rows: list[Delivery]) -> Arrival:
    month = rows[0].at.replace(day=1, hour=6, minute=30, second=0, tzinfo=OSLO)
    after = (month + timedelta(days=31)).replace(day=1)
    return Arrival(after, f"{lab.key}/{month:%Y-%m}.csv", write_list(lab, rows))
