"""The demo's users are those whom the invented country shows, and what is set up for them is set up once."""

from __future__ import annotations

import pytest

from varde.access.demo_users import ensure_demo_users
from varde.access.models import User
from varde.demo.prescribing import COUNTY, country

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
