"""Kept reports, goals, consents and remarks in an operator's work: backup and restore, and a change of keys."""

from __future__ import annotations

import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone

from learning.some_reports import DOCTOR, a_report
from operation.sites import NOW, at, copy, dump, put_back_keys, without_keys
from varde import learning
from varde.operation import backup, restore, rotate
from varde.operation.databases import keys_in_use

TABLES = {f"default/learning_{name}" for name in ("keptreport", "goal", "consent", "remark")}


@pytest.fixture
def site(filled_site: Path, tmp_path: Path) -> Path:
    """A site where one reader has done all there is to do."""
    from varde.access.models import User

    home = copy(filled_site, tmp_path / "site")
    with at(home):
        user = User.objects.create_user("lege", role="general-practitioner", area=DOCTOR)
        report = a_report()
        learning.keep_reports([report, a_report(year=2024)])
        soon = timezone.localdate() + timedelta(days=9)
        learning.pick_goal(user, report, report.panels[0].indicator, 20.0, soon, "Travle dager")
        learning.pick_goal(user, report, report.panels[1].indicator, 70.0, soon)
        learning.give_consent(user, DOCTOR)
        learning.keep_remark(user, report, "Noe er feil.")
    return home


def seen() -> tuple[object, ...]:
    """What readers and operator see."""
    report = learning.read_report("rak", DOCTOR, 2025, "year")
    assert report is not None
    return (
        report,
        learning.read_report("rak", DOCTOR, 2024, "year"),
        learning.latest_goal(report),
        learning.goal_for("rak", DOCTOR, 2026),
        learning.has_consented(DOCTOR),
        learning.list_remarks(),
    )


def test_all_of_it_comes_back_and_nothing_of_it_can_be_read(
    site: Path, empty_site: Path, tmp_path: Path
) -> None:
    with at(site):
        backup(site, tmp_path / "b.zip", NOW)
        before = seen()
    with zipfile.ZipFile(tmp_path / "b.zip") as opened:
        content = b"".join(opened.read(name) for name in opened.namelist())
    assert b"Noe er feil" not in content and b"Kari Nordmann" not in content
    again = without_keys(empty_site, tmp_path / "again")
    with at(again):
        restore(again, tmp_path / "b.zip")
    put_back_keys(site, again)
    assert dump(again) == dump(site) and set(dump(again)) >= TABLES
    with at(again):
        assert seen() == before


def test_a_change_of_keys_takes_all_of_it_along(site: Path) -> None:
    with at(site):
        before, used = seen(), keys_in_use(site, connections["default"])
        # Two reports, the words of one goal, one remark.
        assert learning.storage_keys_used() == {"k1": 4}
        result = rotate(site, "default", retire=True)
        assert set(used) == {"k1"} and set(keys_in_use(site, connections["default"])) == {"k2"}
        assert result.sealed == sum(used.values()) and result.remaining == 0
        assert result.retired == ("k1",) and learning.storage_keys_used() == {"k2": 4}
        assert seen() == before


def test_what_does_not_open_is_left_and_keeps_its_key(site: Path) -> None:
    from varde.learning.models import Remark

    with at(site):
        row = Remark.objects.get()
        row.sealed = b"0" * len(row.sealed)
        row.save()
        result = rotate(site, "default", retire=True)
        assert result.remaining == 1 and result.retired == ()
        assert learning.storage_keys_used() == {"k1": 1, "k2": 3}
