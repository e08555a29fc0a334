"""When invented files arrive: a believable week, one laboratory silent, and some specimens reported twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path

import pytest

from varde.codes import CodeMap, suggest
from varde.demo.country import SILENT, SILENT_FOR, opened, write_inbox
from varde.messages import Failure, read
from varde.messages.records import LabReport
from varde.register.silence import judge, rules_on
from varde.register.traffic import hour_of
from varde.synthetic import (
    OSLO,
    Country,
    Notifications,
    Rise,
    Vaccinations,
    invent_references,
    mapping_of,
    write_files,
)
from varde.synthetic.knowledge import unmapped_codes

NOW = datetime(2026, 11, 26, 14, tzinfo=UTC)
PLAN = Country(600, start=date(2026, 6, 1), end=date(2026, 8, 31))


@cache
def inbox(folder: Path) -> list[tuple[datetime, str]]:
    """The demo's files by time."""
    made = write_inbox(folder, "small", NOW, lambda done, total: None)
    return sorted(
        (datetime.fromtimestamp(path.stat().st_mtime, OSLO), path.relative_to(made).as_posix())
        for path in made.rglob("*")
        if path.is_file() and path.suffix != ".toml"
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[datetime, str]]:
    return inbox(tmp_path_factory.mktemp("demo"))


def test_nothing_arrives_later_than_now_and_something_until_now(
    files: list[tuple[datetime, str]],
) -> None:
    assert files[-1][0] <= NOW
    assert NOW - files[-1][0] < timedelta(days=1)
    weeks = Counter((NOW - at).days // 7 for at, _ in files if opened(NOW) <= at)
    assert all(weeks[week] > 40 for week in range(8))


def test_the_rhythm_is_that_of_working_days(files: list[tuple[datetime, str]]) -> None:
    others = ("notifications", "vaccinations", "surveys", "norm", "ravn")
    since = [at for at, name in files if at >= opened(NOW) and not name.startswith(others)]
    # What was answered on a Friday, some send in the night after it.
    days = Counter(at.weekday() for at in since if at.hour != 5)
    assert max(days[5], days[6]) < 0.6 * min(days[day] for day in range(5))
    hours = Counter(at.hour for at in since)
    assert sum(hours[hour] for hour in range(8, 19)) > 0.6 * len(since)
    assert hours[5] > 10 and hours[2] < 10


def test_exactly_one_sender_is_silent(files: list[tuple[datetime, str]]) -> None:
    heard: dict[str, set[int]] = defaultdict(set)
    for at, name in files:
        sender = "/".join(name.split("/")[:2]) if name.startswith(("n", "v")) else name
        laboratory = name.partition("/")[0]
        key = sender if laboratory in ("notifications", "vaccinations") else laboratory
        if laboratory not in ("norm", "ravn", "surveys"):
            heard[key].add(hour_of(max(at, opened(NOW))))
    verdicts = {
        key: judge(sorted(hours), NOW, rules_on(NOW.date())) for key, hours in heard.items()
    }
    assert [key for key, each in verdicts.items() if each.verdict == "silent"] == [SILENT]
    assert verdicts[SILENT].hours >= SILENT_FOR.days * 24 - 1
    assert sum(each.verdict == "heard" for each in verdicts.values()) > 8


def records(pairs: Iterator[tuple[str, bytes]]) -> Iterator[LabReport]:
    for name, data in pairs:
        for record in read(data, mapping_of(name) if name.endswith(".csv") else None):
            if not isinstance(record, Failure):
                assert isinstance(record, LabReport)
                yield record


def test_the_reference_laboratory_reports_specimens_that_another_has_reported() -> None:
    country = Country(1_500, start=PLAN.start, end=PLAN.end, bad_share=0)
    known = {
        (r.patient.identifier.value, specimen.collected.date())
        for r in records((name, data) for _, name, data in country.arrivals())
        for specimen in r.specimens
        if r.patient.identifier
    }
    again = list(records((name, data) for _, name, data in invent_references(country)))
    assert len(again) > 8
    for report in again:
        assert report.sender == "HER:9900116" and report.sender_name.startswith("Syntetisk")
        assert report.patient.identifier is not None
        assert (report.patient.identifier.value, report.specimens[0].collected.date()) in known


def test_every_file_arrives_after_what_it_says_was_made() -> None:
    for at, name, data in islice(PLAN.arrivals(), 400):
        for record in read(data, mapping_of(name) if name.endswith(".csv") else None):
            if isinstance(record, LabReport):
                assert record.generated <= at <= record.generated + timedelta(days=40)
    notified = Notifications(cases=60).arrivals()
    given = Vaccinations(doses=60, bad_share=0).arrivals()
    for at, _, data in (*notified, *given):
        for record in read(data, None, at):
            if not isinstance(record, Failure):
                assert record.generated <= at


def test_what_is_sent_rises_from_a_day_on() -> None:
    day = date(2026, 8, 1)
    rising = Country(600, start=PLAN.start, end=PLAN.end, rise=Rise(day, 4.0))

    def share(country: Country) -> float:
        taken = [story.report.collected.date() >= day for story in country.stories()]
        return sum(taken) / len(taken)

    assert share(PLAN) < 0.45 and 0.6 < share(rising) < 0.75


def test_a_files_time_is_when_it_arrives(tmp_path: Path) -> None:
    [first] = islice(PLAN.arrivals(), 1)
    write_files(tmp_path, [first])
    assert (tmp_path / first.name).stat().st_mtime == first.at.timestamp()


def test_slips_and_house_codes_are_suggested_as_what_they_stand_for() -> None:
    codes = CodeMap.load()
    for kind, group in (("organism", 14), ("antibiotic", 2), ("material", 6)):
        every = unmapped_codes(kind)
        assert len(every) == group
        silent = unmapped_codes(kind, "no such thing")
        for strange in every:
            found = suggest(codes, kind, strange.code, strange.text)
            assert bool(found) == (strange not in silent or kind == "antibiotic"), strange
    for organism in ("escherichia-coli", "staphylococcus-aureus", "neisseria-gonorrhoeae"):
        [strange] = unmapped_codes("organism", organism)
        assert suggest(codes, "organism", "", strange.text)[0].concept == organism
