"""Whatever bytes are handed in, something is kept, soon, with no number in it, and it can be read.

`VARDE_FUZZ` sets how many damaged inputs are tried (1,000 when unset).
"""

from __future__ import annotations

import os
import random
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages import deidentified_lists as lists
from messages.test_fuzz import damage
from varde.messages import Failure, LabReport, minimise, read_minimised, reasons

COUNT = int(os.environ.get("VARDE_FUZZ", "1000"))
SECONDS = 5.0
RECEIVED = datetime(2026, 7, 2, 12, tzinfo=UTC)

_ROWS = {
    "norm": [
        lists.row("norm", Isolatnummer=f"QZ-{n}", CIP="R", CIP_MIC=">4", J01XE01_ZONE="22", Alder="93")
        for n in range(4)
    ],
    "ravn": [
        lists.row("ravn", Isolatnummer=f"QZ-{n}", Virus="HIV-1", Mutasjoner="RT:M184V/I, K103N", NNRTI="R")
        for n in range(4)
    ],
}  # fmt: skip
SENT = {register: lists.write(register, *rows) for register, rows in _ROWS.items()}
KEPT = {register: minimise(register, data, lists.keyed) for register, data in SENT.items()}  # type: ignore[arg-type]


def check_kept(register: str, data: bytes) -> None:
    """What every input promises."""
    started = time.process_time()
    kept = minimise(register, data, lists.keyed)  # type: ignore[arg-type]
    assert minimise(register, kept, lists.keyed) == kept  # type: ignore[arg-type]
    assert not re.search(rb"[0-9]{11}", kept)
    found = check_read(kept)
    assert found and all(not isinstance(r, Failure) or r.kind == register for r in found)
    assert {r.reason for r in found if isinstance(r, Failure)}.isdisjoint(
        {"not-minimised", "truncated", "reader-fault"}
    )
    assert time.process_time() - started < SECONDS


def check_read(kept: bytes) -> list[LabReport | Failure]:
    found = list(read_minimised(kept, RECEIVED))
    for record in found:
        if isinstance(record, Failure):
            assert record.reason in reasons()
        else:
            check_report(record)
    return found


def check_report(report: LabReport) -> None:
    assert report.patient.identifier is None and report.patient.birth_date is None
    assert report.sender and report.message_id and re.fullmatch("[0-9a-f]{32}", report.report_id)
    assert report.generated.utcoffset() == timedelta(0)
    assert report.generated <= RECEIVED + timedelta(days=2)
    for finding in report.findings:
        assert finding.organisms and {r.sir for r in finding.susceptibilities} <= {
            "S",
            "I",
            "R",
            "",
        }


@pytest.mark.parametrize("register", ["norm", "ravn"])
def test_fuzz_damaged_submissions(register: str) -> None:
    dice = random.Random(11)
    for _ in range(COUNT // 2):
        check_kept(register, damage(SENT[register], dice))


@pytest.mark.parametrize("register", ["norm", "ravn"])
def test_fuzz_damaged_files_that_were_kept(register: str) -> None:
    dice = random.Random(12)
    for _ in range(COUNT // 2):
        check_read(damage(KEPT[register], dice))


@settings(max_examples=min(COUNT, 100), deadline=None)
@given(st.sampled_from(["norm", "ravn"]), st.binary(max_size=300))
def test_fuzz_any_bytes(register: str, data: bytes) -> None:
    check_kept(register, data)
    check_read(data)
    check_read(KEPT[register].partition(b"\n")[0] + b"\n" + data)


def test_fuzz_undamaged_submissions_are_taken() -> None:
    for register, kept in KEPT.items():
        found = list(read_minimised(kept, RECEIVED))
        assert len(found) == 4 and all(isinstance(record, LabReport) for record in found), register


@pytest.mark.parametrize(
    "cell",
    ["1" * 200_000, "1 " * 60_000, "17 03 84 " * 20_000, '"', "A1B," * 30_000, "<" * 100_000],
)
def test_no_cell_takes_long(cell: str) -> None:
    """Identity numbers, mutations and headings are looked for in linear time."""
    lines = SENT["ravn"].replace(b"RT:M184V/I, K103N", cell.encode(), 1)
    check_kept("ravn", lines)
    check_kept("ravn", SENT["ravn"].replace(b"Virus", cell.encode(), 1))
