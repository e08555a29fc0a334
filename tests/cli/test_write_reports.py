"""Many reports are written one by one: whole files, the same bytes however many processes, failures told and passed over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec

from varde.cli.reports import AT_A_TIME, name_file, write_reports
from varde.guidelines import SHIPPED, read_library
from varde.prescribing.layout import Words
from varde.prescribing.reports import Report
from varde.synthetic.reports import invent_reports

EDITION = read_library(SHIPPED).edition(date(2025, 12, 31))


def some(count: int) -> list[Report]:
    return list(invent_reports(count, 4, EDITION))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_report_has_a_file_in_each_language(tmp_path: Path) -> None:
    told: list[int] = []
    assert write_reports(some(3), tmp_path / "out", advance=told.append) == []
    assert sum(told) == 3
    found = contents(tmp_path / "out")
    assert sorted(found) == [
        f"rak-rak-{number}-2025-{language}.pdf" for number in range(3) for language in ("en", "nb")
    ]
    assert all(one.startswith(b"%PDF-") for one in found.values())
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0


def test_more_processes_write_the_same_bytes(tmp_path: Path) -> None:
    write_reports(some(3), tmp_path / "one", ["nb"])
    write_reports(some(3), tmp_path / "two", ["nb"], processes=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_report_that_cannot_be_written_stops_no_other(tmp_path: Path) -> None:
    reports = some(3)
    reports[1] = msgspec.structs.replace(reports[1], lead=Words("ord " * 9000, "word " * 9000))
    failed = write_reports(reports, tmp_path, ["nb"])
    assert [one.unit for one in failed] == ["rak-1"] and "two pages" not in failed[0].reason
    assert "2 pages" in failed[0].reason
    assert sorted(contents(tmp_path)) == ["rak-rak-0-2025-nb.pdf", "rak-rak-2-2025-nb.pdf"]


def test_reports_are_taken_as_they_are_written(tmp_path: Path) -> None:
    taken: list[int] = []
    ahead: list[int] = []

    def slowly() -> Iterator[Report]:
        for number, report in enumerate(some(3)):
            taken.append(number)
            yield report

    write_reports(
        slowly(), tmp_path, ["nb"], advance=lambda _: ahead.append(len(taken) - len(ahead))
    )
    assert ahead == [1, 1, 1] and AT_A_TIME < 100


def test_a_file_stays_in_its_folder() -> None:
    report = msgspec.structs.replace(some(1)[0], unit="../../etc/passwd")
    assert name_file(report, "nb") == "rak-etc-passwd-2025-nb.pdf"
    follow_up = msgspec.structs.replace(report, unit="7", variant="follow-up")
    assert name_file(follow_up, "en") == "rak-follow-up-7-2025-12-en.pdf"
