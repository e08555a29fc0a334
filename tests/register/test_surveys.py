"""The register after a year of surveys, in any order and with files sent twice, holds what is true."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from register.answers import make_register
from varde.register import ingest
from varde.register.models import InfectionCount, Report, Surgery, Treatment, WardPrevalence
from varde.synthetic import invent_surveys

LATER = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.mark.django_db
def test_a_year_of_surveys_in_any_order(tmp_path: Path) -> None:
    surveys = invent_surveys(wards=12, operations=40, seed=11, year=2025)
    submissions = list(surveys.submissions)
    random.Random(5).shuffle(submissions)
    for number, submission in enumerate(submissions):
        (tmp_path / f"{number:03}-{submission.name}").write_bytes(submission.data)
    ingest(make_register(), [tmp_path], lambda: LATER)

    standing = set(Report.objects.filter(cancelled=False).values_list("sender", "report_ref"))
    true = [("avdeling", surveys.wards), ("behandling", surveys.treatments), ("operasjon", surveys.operations)]  # fmt: skip
    assert standing == {
        (each.sender, f"{kind}/{each.number}") for kind, rows in true for each in rows
    }
    counted = WardPrevalence.objects.filter(with_infection__isnull=False)
    assert sorted(counted.values_list("surveyed", "present", "with_infection")) == sorted(
        (ward.surveyed, ward.present, ward.with_infection) for ward in surveys.wards
    )
    assert set(counted.values_list("institution", flat=True)) <= {
        ward.institution for ward in surveys.wards
    }  # the number of a place is nobody's, and not masked
    infections = sum(count for ward in surveys.wards for _, _, count in ward.infections)
    assert sum(InfectionCount.objects.values_list("count", flat=True)) == infections
    assert Treatment.objects.count() == len(surveys.treatments)
    operations = Surgery.objects.values_list(
        "procedure_group", "operated", "at_follow_up", "infected"
    )
    assert sorted(operations, key=repr) == sorted(
        ((o.group, o.operated, o.at_follow_up, o.infected) for o in surveys.operations), key=repr
    )
