"""What the demo's prescribers and institutions read about themselves: an invented country that prescribes, delivered as
files, and reports of two years. The earlier year's readers have picked a goal, so that the later report opens with it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import rmtree
from typing import Final, NamedTuple

from django.conf import settings

from varde import deliveries, learning
from varde.access.models import User
from varde.guidelines import read_library, served_folders
from varde.prescribing.indicators import Who
from varde.prescribing.reports import Kind, Panel, Report
from varde.prescribing.reports.measuring import NothingDelivered
from varde.synthetic.prescribing import PrescribingCountry, invent_prescribing, write_prescribing
from varde.web.report_making import Making, delivered_as_of, open_sources

YEARS: Final = (2024, 2025)
SOURCE: Final = "demo"
SILENT: Final = 3
"""So many of the group's members have not agreed to be a dot."""
GOAL_WITHIN: Final = timedelta(days=300)
COUNTY: Final = "50"


class Wanted(NamedTuple):
    """A report of the demo, and the user who picks a goal from it; none where nobody does.

    Attributes:
        unit: the unit that the user works for, whose goal the user picks too.
    """

    kind: Kind
    units: tuple[str, ...]
    picks: str = ""
    unit: str = ""


def deliver(home: Path, now: datetime, progress: Callable[[int, int], None]) -> int:
    """Write the invented files, and take them in; once.

    Args:
        progress: is told the files done so far and in all.

    Returns:
        How many rows were taken in.
    """
    folder = home / "demo" / "prescribing"
    if (folder / "complete").exists():
        return 0
    rmtree(folder, ignore_errors=True)  # what an interrupted demo left
    folder.mkdir(parents=True)
    files = write_prescribing(country(), folder, "parquet")
    rows = 0
    for done, file in enumerate(files, 1):
        receipt = deliveries.take(
            home, "", file, source=SOURCE, delivered_at=now, clock=lambda: now, name=file.name
        )
        rows += receipt.accepted
        file.unlink()  # it is kept with the delivery
        progress(done, len(files))
    (folder / "complete").touch()
    return rows


@cache
def country() -> PrescribingCountry:
    """The demo's country."""
    return invent_prescribing("small")


def wanted(home: Path, year: int) -> list[Wanted]:
    """The reports of the demo's users. Of the group every member's, for its dots."""
    shown = country().examples
    with deliveries.open_tables(home) as tables:
        members = _members(tables, shown.group, year)
    return [
        Wanted("rak", tuple(sorted({shown.doctor, *members})), "fastlege"),
        Wanted("peer-group", (shown.group,)),
        Wanted("legevakt", (shown.duty_doctor, shown.unit), "legevakt", shown.unit),
        Wanted("rask", (shown.home,), "sykehjemsleder"),
        Wanted("home-care", (shown.home_care,)),
        Wanted("county", (COUNTY,)),
    ]


def make(home: Path, now: datetime, progress: Callable[[int, int], None]) -> int:
    """Make the reports of the demo's users, and keep them, once; the earlier year's first, then goals, then the later's.

    Returns:
        How many became other than what was kept.
    """
    as_of = delivered_as_of(home)
    marker = home / "demo" / "prescribing" / "reports"
    if as_of is None or marker.exists():
        return 0
    library = read_library(*served_folders(home / "guidelines", settings.VARDE_DEMO_CONTENT))
    asked = {year: wanted(home, year) for year in YEARS}
    changed, done, steps = 0, 0, sum(map(len, asked.values()))
    with open_sources(home) as tables:
        making = Making(tables, as_of, library)
        for year in YEARS:
            for one in asked[year]:
                with suppress(NothingDelivered):
                    made = making.make(one.kind, year, units=one.units)
                    making.settle(made)
                    reports = list(made.reports)
                    changed += learning.keep_reports(reports)
                    _pick(reports, one, now)
                done += 1
                progress(done, steps)
    _agree(home)
    marker.touch()
    return changed


def _members(tables: deliveries.OpenTables, group: str, year: int) -> frozenset[str]:
    held = Who(tables).memberships(date(year, 12, 31))
    return frozenset(
        doctor
        for (doctor, role), row in held.items()
        if row["peer_group"] == group and role == "gp"
    )


def _pick(reports: list[Report], one: Wanted, now: datetime) -> None:
    """The user's goal, of each report that is the user's own or the unit's: what the best of the similar reach."""
    user = User.objects.filter(username=one.picks).first() if one.picks else None
    for report in reports:
        if (
            user is None
            or report.unit not in (user.area, one.unit)
            or report.until.year != YEARS[0]
        ):
            continue
        if learning.goal_for(report.kind, report.unit, YEARS[-1]) is None:
            panel = report.panels[0]
            by = (now + GOAL_WITHIN).date()
            learning.pick_goal(user, report, panel.indicator, _target(panel), by)


def _target(panel: Panel) -> float:
    """What the best reach, where that is known and better than the own; else a tenth better."""
    figures = {mark.role: mark.figure.value for mark in panel.marks}
    own, best = figures.get("own") or 0.0, figures.get("benchmark")
    lower = panel.good == "lower"
    if best is None or (best >= own if lower else best <= own):
        best = own * (0.9 if lower else 1.1)
    return round(min(best, 100.0), 1)


def _agree(home: Path) -> None:
    """All but some of the group's members agree to be a dot; who has decided is not asked again."""
    shown = country().examples
    with deliveries.open_tables(home) as tables:
        members = sorted(_members(tables, shown.group, YEARS[-1]))
    if any(learning.has_consented(unit) for unit in members):
        return
    others = [unit for unit in members if unit != shown.doctor]
    for unit in [shown.doctor, *others][: len(members) - SILENT]:
        user = User.objects.filter(role="general-practitioner", area=unit).first()
        # The other members have no user in the demo: each has agreed in the own name all the same.
        own = user or User(username=f"demo-{unit}", role="general-practitioner", area=unit)
        learning.give_consent(own, unit)
