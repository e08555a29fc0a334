"""A goal is picked from a report and the next one opens with it; what cannot be one is refused with its reason."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from learning.some_reports import DOCTOR, OTHER, a_report
from varde import learning
from varde.access.models import AccessLogEntry, User
from varde.guidelines import SHIPPED, read_library
from varde.learning.models import Goal
from varde.prescribing.reports import compose, read_advice
from varde.synthetic.reports import invent_findings


@pytest.fixture
def user(home: Path) -> Any:
    return User.objects.create_user("lege", role="general-practitioner", area=DOCTOR)


def soon(days: int = 200) -> date:
    return timezone.localdate() + timedelta(days=days)


def test_the_next_report_opens_with_the_goal(user: Any) -> None:
    report = a_report(year=2024)
    indicator = report.panels[0].indicator
    learning.pick_goal(user, report, indicator, 20.0, soon(), " Travle dager. ")
    picked = learning.goal_for("rak", DOCTOR, 2025)
    assert picked is not None
    assert (picked.indicator, picked.target, picked.picked) == (indicator, 0.2, soon(0))
    from random import Random

    edition = read_library(SHIPPED).edition(date(2025, 12, 31))
    found = invent_findings("rak", "year", 2025, Random(1)) | {"goal": picked}
    opened = compose("rak", "year", **found, advice=read_advice(edition, "rak"))
    assert opened.goal is not None and opened.goal.indicator == indicator
    assert "20\u00a0%" in opened.goal.said.nb and "20%" in opened.goal.said.en
    shown = learning.latest_goal(report)
    assert shown == learning.Picked(indicator, 20.0, soon(), soon(0), "Travle dager.")


def test_it_is_the_readers_and_of_an_earlier_year_and_the_last_picked(user: Any) -> None:
    first, second = a_report(year=2023), a_report(year=2024)
    one, two = (panel.indicator for panel in first.panels[:2])
    learning.pick_goal(user, second, one, 20.0, soon())
    learning.pick_goal(user, second, two, 70.0, soon())
    learning.pick_goal(user, first, one, 10.0, soon())
    assert learning.goal_for("rak", DOCTOR, 2023) is None
    earlier, later = learning.goal_for("rak", DOCTOR, 2024), learning.goal_for("rak", DOCTOR, 2025)
    assert earlier is not None and (earlier.indicator, earlier.target) == (one, 0.1)
    assert later is not None and (later.indicator, later.target) == (two, 0.7)
    assert learning.goal_for("rak", OTHER, 2025) is None
    assert learning.goal_for("legevakt", DOCTOR, 2025) is None
    assert learning.latest_goal(a_report()) is None


def test_rates_keep_their_own_scale(user: Any) -> None:
    county = a_report("county", "year", "46")
    panel = next(one for one in county.panels if one.indicator == "j01-per-1000")
    learning.pick_goal(user, county, panel.indicator, 250.0, soon())
    picked = learning.goal_for("county", "46", 2026)
    assert picked is not None and picked.target == pytest.approx(0.25)
    shown = learning.latest_goal(county)
    assert shown is not None and shown.target == pytest.approx(250)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"indicator": "ab1"}, "indicator"),  # in the table, not on the first page
        ({"indicator": "no-such"}, "indicator"),
        ({"target": 101.0}, "target"),
        ({"target": -1.0}, "target"),
        ({"target": float("nan")}, "target"),
        ({"by": timezone.localdate()}, "by"),
        ({"by": timezone.localdate() + timedelta(days=5000)}, "by"),
        ({"barrier": "Spør 01010750160"}, "identity"),
        ({"barrier": "x" * 1001}, "long"),
    ],
)
def test_what_cannot_be_a_goal_is_refused_and_not_kept(
    user: Any, changes: dict[str, Any], code: str
) -> None:
    report = a_report()
    given = {"indicator": report.panels[0].indicator, "target": 20.0, "by": soon()} | changes
    with pytest.raises(learning.GoalProblem) as problem:
        learning.pick_goal(user, report, **given)
    assert problem.value.code == code and Goal.objects.count() == 0


def test_what_has_no_better_way_is_no_goal(user: Any) -> None:
    report = a_report()
    neither = msgspec.structs.replace(report.panels[0], good="none")
    report = msgspec.structs.replace(report, panels=(neither, *report.panels[1:]))
    with pytest.raises(learning.GoalProblem):
        learning.pick_goal(user, report, neither.indicator, 20.0, soon())


def test_the_barrier_is_sealed_and_the_pick_is_logged(user: Any) -> None:
    report = a_report()
    learning.pick_goal(user, report, report.panels[0].indicator, 20.0, soon(), "Travle dager")
    row = Goal.objects.get()
    assert row.sealed is not None and b"Travle" not in bytes(row.sealed)
    logged = AccessLogEntry.objects.get(action="change")
    assert (logged.page, logged.object_kind, logged.purpose) == (
        "report",
        "report goal 2025",
        "quality",
    )


def test_a_remark_is_sealed_listed_and_settled(user: Any) -> None:
    report = a_report()
    for text, code in ((" ", "empty"), ("x" * 1001, "long"), ("010107 50160", "identity")):
        with pytest.raises(learning.RemarkProblem) as problem:
            learning.keep_remark(user, report, text)
        assert problem.value.code == code
    number = learning.keep_remark(user, report, "AB3 er for høy.")
    [remark] = learning.list_remarks()
    assert (remark.number, remark.text, remark.unit, remark.year) == (
        number,
        "AB3 er for høy.",
        DOCTOR,
        2025,
    )
    assert learning.settle_remark(number) and not learning.settle_remark(number)
    assert learning.list_remarks() == []
