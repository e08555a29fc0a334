"""Deliveries of prescribing in an operator's work: backup and restore, and a change of keys."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from deliveries.given import bed_days, deliver, dispensings, rows_of
from operation.sites import NOW, at, copy, put_back_keys, without_keys
from varde.deliveries import count_waiting, hold, list_deliveries
from varde.operation import NotEmpty, backup, restore, retire_keys, rotate
from varde.operation.databases import keys_in_use

CONTENT = dispensings({"patient": "the-patient"}, {"dispensing_id": "D2", "age": "x"})


@pytest.fixture
def site(filled_site: Path, tmp_path: Path) -> Path:
    home = copy(filled_site, tmp_path / "site")
    deliver(home, CONTENT)
    deliver(home, bed_days(("2026-01", "short", "1")))
    return home


def raw_of(home: Path) -> set[bytes]:
    found = set()
    with hold(home) as store:
        for each in store.manifest().deliveries:
            with store.open_raw(each) as raw:
                found.add(raw.read())
    return found


def test_deliveries_come_back(site: Path, empty_site: Path, tmp_path: Path) -> None:
    (site / "deliveries" / "staging").mkdir()
    (site / "deliveries" / "staging" / "half").write_text("half")
    with at(site):
        backup(site, tmp_path / "b.zip", NOW)
    with zipfile.ZipFile(tmp_path / "b.zip") as opened:
        content = b"".join(opened.read(name) for name in opened.namelist())
    assert b"the-patient" not in content
    again = without_keys(empty_site, tmp_path / "again")
    with at(again):
        restore(again, tmp_path / "b.zip")
    put_back_keys(site, again)
    assert list_deliveries(again) == list_deliveries(site)
    assert raw_of(again) == raw_of(site) and CONTENT in raw_of(again)
    for table in ("dispensings", "bed-days"):
        assert rows_of(again, table) == rows_of(site, table) != []
    assert count_waiting(again) == count_waiting(site) != {}
    assert not (again / "deliveries" / "staging").exists()
    deliver(again, bed_days(("2026-02", "short", "1")))
    with at(again), pytest.raises(NotEmpty, match=r"deliveries/manifest\.json"):
        restore(again, tmp_path / "b.zip")


def test_a_change_of_keys_takes_deliveries_along(site: Path) -> None:
    from django.db import connections

    with at(site):
        before = keys_in_use(site, connections["default"])
        result = rotate(site, "default", retire=True)
        assert set(before) == {"k1"} and set(keys_in_use(site, connections["default"])) == {"k2"}
        assert result.sealed == sum(before.values()) and result.remaining == 0
        assert result.retired == ("k1",) and retire_keys(site, "default") == ()
    assert CONTENT in raw_of(site) and len(count_waiting(site)) == 1
