"""A report is kept once for its reader, sealed, and comes back as it was."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest

from learning.some_reports import DOCTOR, OTHER, a_report
from varde import learning
from varde.access.keys import KeyProblem
from varde.learning.models import KeptReport
from varde.prescribing.layout import Words
from varde.prescribing.reports import kinds

VARIANTS = [(kind, variant) for kind, form in kinds().items() for variant in form.variants]


@pytest.mark.parametrize(("kind", "variant"), VARIANTS)
def test_every_kind_comes_back_as_it_was(home: Path, kind: str, variant: str) -> None:
    report = a_report(kind, variant)  # type: ignore[arg-type]
    assert learning.keep_reports([report]) == 1
    assert learning.read_report(report.kind, DOCTOR, 2025, variant) == report


def test_the_same_again_is_the_same_and_another_takes_its_place(home: Path) -> None:
    first = [a_report(), a_report(unit=OTHER), a_report(year=2024)]
    assert learning.keep_reports(iter(first)) == 3
    made = learning.made_at("rak", DOCTOR, 2025, "year")
    assert learning.keep_reports(first) == 0
    assert learning.made_at("rak", DOCTOR, 2025, "year") == made
    changed = msgspec.structs.replace(first[0], lead=Words("Ny.", "New."))
    assert learning.keep_reports([changed, *first[1:]]) == 1
    assert learning.read_report("rak", DOCTOR, 2025, "year") == changed
    assert KeptReport.objects.count() == 3
    assert learning.list_years("rak", DOCTOR) == [2025, 2024]
    assert learning.list_variants("rak", DOCTOR, 2025) == ["year"]


def test_the_last_of_two_of_one_place_is_kept(home: Path) -> None:
    later = a_report(seed=2)
    assert learning.keep_reports([a_report(), later]) == 1
    assert learning.read_report("rak", DOCTOR, 2025, "year") == later


def test_more_than_a_batch_is_kept(home: Path) -> None:
    report = a_report()
    many = [msgspec.structs.replace(report, unit=f"{9_900_000 + n}") for n in range(230)]
    assert learning.keep_reports(many) == 230 and learning.keep_reports(many) == 0


def test_what_was_never_kept_is_not_there(home: Path) -> None:
    learning.keep_reports([a_report()])
    assert learning.read_report("rak", OTHER, 2025, "year") is None
    assert learning.read_report("rak", DOCTOR, 2023, "year") is None
    assert learning.read_report("legevakt", DOCTOR, 2025, "doctor") is None
    assert learning.list_years("rak", OTHER) == []
    assert learning.made_at("rak", OTHER, 2025, "year") is None


def test_nothing_can_be_read_in_the_database_and_no_row_opens_as_anothers(home: Path) -> None:
    report = a_report()
    learning.keep_reports([report, a_report(unit=OTHER, seed=3)])
    own, other = KeptReport.objects.order_by("unit")
    for row in (own, other):
        assert report.name.encode() not in bytes(row.sealed)
    other.sealed = own.sealed
    other.save()
    with pytest.raises(KeyProblem):
        learning.read_report("rak", OTHER, 2025, "year")


def test_a_report_is_of_the_year_that_its_period_ends_in(home: Path) -> None:
    half = msgspec.structs.replace(
        a_report("rak", "follow-up"), since=date(2025, 8, 1), until=date(2026, 1, 31)
    )
    learning.keep_reports([half])
    assert learning.list_years("rak", DOCTOR) == [2026]
