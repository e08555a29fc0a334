"""The files load fast, say what is wrong with them, and every one of them has a source."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from varde.codes import CodeFileError, geography
from varde.codes.tables import DATA, check_period, check_unique, read_table

LOAD_EVERYTHING = """
import csv, time
from varde import codes
from varde.codes.tables import DATA
start = time.process_time()
codes.CodeMap.load(); codes.population(); codes.daily_doses()
loaded = time.process_time()
for path in DATA.rglob("*.csv"):
    with path.open(encoding="utf-8", newline="") as file:
        sum(1 for _ in csv.reader(file))
print((loaded - start) / (time.process_time() - loaded))
"""


def test_loading_everything_is_quick() -> None:
    """At most twelve times what it takes to read the cells of all files in the same process (about six); the best of five,
    others may be at work."""
    runs = (
        subprocess.run(
            [sys.executable, "-c", LOAD_EVERYTHING], capture_output=True, check=True, text=True
        )
        for _ in range(5)
    )
    assert any(float(run.stdout) < 12 for run in runs)


def test_every_file_has_a_source() -> None:
    named = (DATA / "SOURCES.md").read_text("utf-8")
    for file in DATA.rglob("*.csv"):
        assert f"`{file.relative_to(DATA).as_posix()}`" in named


def test_a_cell_that_breaks_its_rule_is_named(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text('number,name\n0301,Oslo\n"11\n03",Stavanger\n', "utf-8")
    with pytest.raises(CodeFileError) as caught:
        list(read_table(file, {"number": r"\d{4}", "name": ".+"}))
    assert (caught.value.file, caught.value.row) == (str(file), 4)
    assert "table.csv, line 4: number" in str(caught.value)


def test_periods_and_repeats_are_checked() -> None:
    check_period(Path("x.csv"), 2, date(2024, 1, 1), date(2024, 1, 1))
    with pytest.raises(CodeFileError, match="before valid_from"):
        check_period(Path("x.csv"), 2, date(2024, 1, 1), date(2023, 12, 31))
    with pytest.raises(CodeFileError, match="already on line 2"):
        check_unique(Path("x.csv"), [(2, "a"), (3, "b"), (4, "a")], "key")


def test_two_successors_without_a_split_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "changes.csv"
    rows = "old,new,date,kind,source\n1507,1508,2024-01-01,merge,x\n1507,1580,2024-01-01,split,x\n"
    file.write_text(rows, "utf-8")
    monkeypatch.setattr(geography, "CHANGES", file)
    with pytest.raises(CodeFileError, match="is no split"):
        geography.changes.__wrapped__()
