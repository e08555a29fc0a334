"""The demo's users are those whom the invented country shows, and what is set up for them is set up once."""

from __future__ import annotations

from datetime import date

import pytest

from varde.access.demo_users import ensure_demo_users
from varde.access.models import User
from varde.codes import materials
from varde.demo.country import DENSE, RISE
from varde.demo.prescribing import COUNTY, YEARS, country
from varde.publishing.disclosure import rules
from varde.synthetic import SIZES, Country, Rise

pytestmark = pytest.mark.django_db


def test_the_demos_users_are_the_examples_of_the_invented_country() -> None:
    ensure_demo_users("HER:7")
    shown = country().examples
    areas = dict(User.objects.values_list("username", "area"))
    assert areas["fastlege"] == shown.doctor
    assert areas["gruppeleder"] == shown.group
    assert areas["legevakt"] == shown.duty_doctor
    assert areas["sykehjem"] == areas["sykehjemsleder"] == shown.home
    assert areas["hjemmetjeneste"] == shown.home_care
    assert areas["fylke"] == COUNTY


def test_the_countys_reports_have_resistance_of_the_county() -> None:
    """Enough first isolates of Escherichia coli in urine, each year, that a percentage may be told."""
    assert DENSE.county == COUNTY
    start, end = date(2023, 11, 1), date(2026, 11, 26)
    demo = Country(
        SIZES["small"], start=start, end=end, rise=Rise(date(2026, 8, 24), RISE), dense=DENSE
    )
    seen = {
        (story.report.collected.year, story.report.patient.person)
        for story in demo.stories()
        if story.report.patient.municipality[:2] == COUNTY
        and story.report.material
        and materials()[story.report.material].group == "urine"
        and any(one.organism == "escherichia-coli" for one in story.report.isolates)
    }
    for year in YEARS:
        assert sum(at == year for at, _ in seen) >= 1.3 * rules().percentage.least
