"""What `varde demo` puts into a register: an invented Norway, and users to look at it with."""

from __future__ import annotations

import logging
import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain, groupby
from pathlib import Path

from varde.access.demo_users import DemoUser, ensure_demo_users
from varde.codes.snomed import load_release, open_terminology
from varde.followup.telling import pass_over, tell_new
from varde.register import (
    Counts,
    Incoming,
    Register,
    database_of,
    list_files,
    open_file,
    open_register,
    quarantine_items,
    read_mapping_beside,
    register_status,
    resume,
)
from varde.register.intake import take_in
from varde.synthetic import (
    INVENTED_SNOMED,
    OSLO,
    SIZES,
    Arrival,
    Country,
    Notifications,
    Rise,
    Searches,
    Vaccinations,
    invent_deidentified,
    invent_references,
    invent_surveys,
    write_files,
)

YEARS = 3
OPEN = timedelta(weeks=13)
"""So long the demo's register has been open: longer than what the laboratory's page looks back on. What
had come before was handed over on its first morning."""
RISE = 4.0
"""So many times as much is sent since then: with as little as before, no hour would have anything in it."""
SILENT, SILENT_FOR = "vest", timedelta(days=7)
"""A laboratory from which nothing has come any more."""
BATCH = 500


class NotTheDemos(Exception):
    """The register holds other messages: invented ones must not be mixed with them."""


def check_register(home: Path) -> None:
    """Refuse a register that anything but the demo has been taken into.

    Raises:
        NotTheDemos: the message says what to do.
    """
    if register_status()["messages"] and not (home / "demo").exists():
        raise NotTheDemos(
            "this register holds messages that are not the demo's, and invented ones must not be "
            "mixed with them: set VARDE_HOME to another folder for the demo"
        )


def write_inbox(home: Path, size: str, now: datetime, progress: Callable[[int, int], None]) -> Path:
    """Folder with the invented senders' files of three years, each with the time at which it arrived;
    written once. The same moment gives the same files.

    Args:
        size: a key of `varde.synthetic.SIZES`.
        now: nothing arrives later.
        progress: is told the isolates done so far and in all.
    """
    folder = home / "demo" / size
    inbox = folder / "inbox"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)  # what an interrupted demo left
        end = now.astimezone(OSLO).date()
        start = date(end.year - YEARS, end.month, 1)
        rise = Rise(opened(now).date(), RISE)
        country = Country(SIZES[size], start=start, end=end, rise=rise)
        write_files(inbox, _come(_of_laboratories(country, now, progress), now))
        _write(inbox, _come(_other_kinds(SIZES[size], start, end, now), now))
        (folder / "complete").touch()
    return inbox


def opened(now: datetime) -> datetime:
    """When the demo's register was opened: six o'clock on a Monday."""
    day = (now - OPEN).astimezone(OSLO).date()
    return datetime.combine(day - timedelta(days=day.weekday()), time(6), OSLO)


def _come(arrivals: Iterable[Arrival], now: datetime) -> Iterator[Arrival]:
    """What has arrived by now."""
    return (each for each in arrivals if each.at <= now)


def _of_laboratories(
    country: Country, now: datetime, progress: Callable[[int, int], None]
) -> Iterator[Arrival]:
    searches = Searches(count=country.isolates // 20, start=country.start, end=country.end)
    for each in chain(country.arrivals(progress), searches.arrivals()):
        if each.at < now - SILENT_FOR or not each.name.startswith(f"{SILENT}/"):
            yield each
    yield from invent_references(country)


def _other_kinds(isolates: int, start: date, end: date, now: datetime) -> Iterator[Arrival]:
    """What clinicians, vaccinators, wards and the two de-identified registers' laboratories send, in
    proportion to the isolates."""
    share = isolates // 20
    kinds = {
        "notifications": Notifications(cases=share, start=start, end=end).arrivals(),
        "vaccinations": Vaccinations(doses=2 * share, start=start, end=end).arrivals(),
    }
    for kind, arrivals in kinds.items():
        yield from (each._replace(name=f"{kind}/{each.name}") for each in arrivals)
    for year in range(start.year + 1, end.year + 1):
        for each in invent_surveys(min(share // 8, 200), share // 2, year, year).submissions:
            at = datetime.combine(each.sent, time(10), OSLO)
            yield Arrival(at, f"surveys/{year}/{each.name}", each.data)
    # The last of a year's files is made in February.
    year = (end - timedelta(days=32)).year - 1
    for register in ("norm", "ravn"):
        submissions = invent_deidentified(register, share, 1, year).submissions
        first = opened(now)
        for number, each in enumerate(submissions, 1):
            # They hand over one after the other, in the weeks since the register was opened.
            at = first + (now - first) * number / (len(submissions) + 1)
            at = at.astimezone(OSLO).replace(hour=10)
            yield Arrival(at, f"{register}/{each.name}", each.data)


def _write(inbox: Path, arrivals: Iterable[Arrival]) -> None:
    for number, (at, name, data) in enumerate(arrivals):
        place = inbox / name
        # Some files come twice, as they do.
        place = place if not place.exists() else place.with_stem(f"{place.stem}-{number}")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        os.utime(place, (at.timestamp(), at.timestamp()))


def take_in_as_it_came(
    register: Register, inbox: Path, now: datetime, progress: Callable[[int], None]
) -> Counts:
    """Take the invented files in as if each had come when its time says: hour by hour since the register
    was opened, what is older on its first morning.

    Args:
        progress: is told of files done since the last call.
    """
    counts = Counts()
    registers = {register.alias: register}
    first = opened(now)
    events = logging.getLogger("varde.register.events")
    level = events.level
    events.setLevel(logging.WARNING)  # a line for every hour is no news here
    for at, files in _by_hour(inbox, first):
        batches: dict[str, list[Incoming]] = defaultdict(list)
        for file, name in files:
            for incoming in open_file(name, file.read_bytes(), read_mapping_beside(file)):
                batches[database_of(incoming)].append(incoming)
        for alias, batch in batches.items():
            if alias not in registers:
                registers[alias] = open_register(register.home, alias)
            counts.add(take_in(registers[alias], batch, lambda at=at: at))  # type: ignore[misc]
        if at > first:
            tell_new(at)
        else:
            pass_over()  # of what was handed over on the first morning, those who act knew
        progress(len(files))
    for each in registers.values():
        resume(each, lambda: now)
    events.setLevel(level)
    return counts


def _by_hour(inbox: Path, first: datetime) -> Iterator[tuple[datetime, Sequence[tuple[Path, str]]]]:
    """The files with the time at which they are taken in: older ones in the folders' order, then those of
    each hour at the time of its last."""
    older: list[tuple[Path, str]] = []
    newer: list[tuple[float, Path, str]] = []
    for file, name in list_files([inbox]):
        at = file.stat().st_mtime
        if at >= first.timestamp():
            newer.append((at, file, name))
            continue
        older.append((file, name))
        if len(older) == BATCH:
            yield first, older
            older = []
    if older:
        yield first, older
    newer.sort()
    for _, group in groupby(newer, key=lambda each: each[0] // 3600):
        files = list(group)
        for start in range(0, len(files), BATCH):
            part = files[start : start + BATCH]
            last = datetime.fromtimestamp(part[-1][0], OSLO)
            yield last, [(file, name) for _, file, name in part]


def load_terminology(home: Path) -> bool:
    """Load the invented terminology, so that contra-indications show their path.

    Returns:
        False when a real release is loaded already: it is the user's own, and better.
    """
    store = home / "snomed"
    if store.exists() and not open_terminology(store).release.invented:
        return False
    load_release([INVENTED_SNOMED], store, whole=True)
    return True


def make_users() -> list[DemoUser]:
    """The demo's users; the laboratory contact is of the laboratory with most in quarantine."""
    troubled = Counter(
        (item.sender, item.laboratory_name)
        for item in quarantine_items(limit=10_000)
        if item.sender
    )
    [((laboratory, name), _)] = troubled.most_common(1) or [(("", ""), 0)]
    return ensure_demo_users(laboratory, name)
