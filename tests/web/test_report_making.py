"""Who belongs where is settled with the first reports that are kept: no later row of the register tells of one doctor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from prescribing.small_country import on_duckdb
from prescribing.two_years import NOW, OLD_YEAR, THEN, UNIT, members, table, two_units, world
from varde import learning
from varde.prescribing.reports import Kind, Report
from varde.prescribing.reports.measuring import UnknownUnit
from varde.web.report_making import Making

pytestmark = pytest.mark.xdist_group("measuring")
TWELVE = members(12)
LEFT = "1007"


@pytest.fixture(autouse=True)
def home(db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VARDE_PSEUDONYM_KEY", "VARDE_STORAGE_KEYS"):
        monkeypatch.delenv(name, raising=False)
    settings.VARDE_HOME = tmp_path


def later(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The same, and it is told at last that one left the group in November of the first year."""
    rows = tables["prescribers"].to_pylist()
    for row in rows:
        if row["prescriber"] == LEFT and row["since"] > OLD_YEAR:
            row["peer_group"] = ""
        elif row["prescriber"] == LEFT:
            row["until"] = date(THEN, 11, 30)
    return {**tables, "prescribers": table("prescribers", rows)}


def making(tables: Mapping[str, pa.Table], **more: Any) -> Making:
    return Making(on_duckdb(dict(tables)), date(NOW + 1, 2, 1), None, **more)


def keep(by: Making, kind: Kind, year: int) -> None:
    reports = by.make(kind, year)
    by.settle(reports)
    learning.keep_reports(reports.reports)


def made(by: Making, kind: Kind, year: int, unit: str) -> Report:
    [report] = by.make(kind, year, units=[unit]).reports
    return report


def figure(report: Report, role: str) -> tuple[float | None, str | None]:
    [panel] = [one for one in report.panels if one.indicator == "ab3"]
    found = {mark.role: mark.figure for mark in panel.marks}[role]  # type: ignore[index]
    return found.value, found.missing


def test_a_group_that_is_made_anew_is_of_those_it_was_of() -> None:
    tables = world(TWELVE)
    first = making(tables)
    keep(first, "peer-group", THEN)
    told = made(first, "peer-group", THEN, "tolv")
    again = making(later(tables))
    assert made(again, "peer-group", THEN, "tolv") == told
    assert again.moved_since(OLD_YEAR) == 1 and first.moved_since(OLD_YEAR) == 0


def test_a_members_own_report_that_is_made_anew_has_the_same_group() -> None:
    tables = world(TWELVE)
    keep(making(tables), "peer-group", THEN)
    told = made(making(tables), "rak", THEN, "1000")
    assert figure(told, "group")[0] is not None
    assert made(making(later(tables)), "rak", THEN, "1000") == told


def test_the_next_years_report_asks_who_was_in_the_group_that_was_told() -> None:
    """By the register as it is now the group is the same in both years: its year before would be of eleven, beside an
    earlier report of twelve."""
    tables = world(TWELVE)
    assert figure(made(making(later(tables)), "peer-group", NOW, "tolv"), "before")[0] is not None
    keep(making(tables), "peer-group", THEN)
    anew = made(making(later(tables)), "peer-group", NOW, "tolv")
    assert figure(anew, "own")[0] is not None
    assert figure(anew, "before") == (None, "other-members")


def test_the_register_is_taken_anew_when_it_is_asked_for() -> None:
    tables = world(TWELVE)
    keep(making(tables), "peer-group", THEN)
    told = made(making(tables), "peer-group", THEN, "tolv")
    keep(making(later(tables), register_anew=True), "peer-group", THEN)
    anew = made(making(later(tables)), "peer-group", THEN, "tolv")
    assert figure(anew, "own")[0] not in (None, figure(told, "own")[0])
    assert learning.read_report("peer-group", "tolv", THEN, "meeting") == anew


def test_what_is_not_kept_settles_nothing() -> None:
    made(making(world(TWELVE)), "peer-group", THEN, "tolv")
    assert learning.settled_register(OLD_YEAR, "prescribers") is None


def test_a_unit_that_is_said_later_to_have_been_merged_is_the_one_that_was_told() -> None:
    """Else the difference is of the three who worked at the other."""
    tables = two_units(None)
    keep(making(tables), "legevakt", THEN)
    told = made(making(tables), "legevakt", THEN, UNIT)
    assert figure(told, "own")[0] is not None
    late = two_units(date(THEN, 12, 30))
    assert made(making(late), "legevakt", THEN, UNIT) == told
    anew = made(making(late, register_anew=True), "legevakt", THEN, UNIT)
    assert figure(anew, "own")[0] not in (None, figure(told, "own")[0])
    assert figure(made(making(late), "legevakt", NOW, UNIT), "before") == (None, "other-members")


def test_who_is_new_in_the_register_is_told_how_to_get_a_report() -> None:
    keep(making(world(TWELVE)), "peer-group", THEN)
    more = making(world(members(13)))
    with pytest.raises(UnknownUnit, match="--register-anew"):
        more.make("rak", THEN, units=["1012"])
    assert made(making(world(members(13)), register_anew=True), "rak", THEN, "1012").unit == "1012"


def test_whose_dots_are_drawn_is_settled_too() -> None:
    """Else the dots of eleven would stand beside the sum of the twelve that the group was told as."""
    by = making(world(TWELVE))
    keep(by, "peer-group", THEN)
    assert learning.members_of("tolv", OLD_YEAR) == set(TWELVE)
