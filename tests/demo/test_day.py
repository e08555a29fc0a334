"""The demo's day: what is done on it is done once, its numbers are the register's, and each of its steps can be walked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils import timezone

from varde.access.demo_users import ensure_demo_users
from varde.access.models import AccessLogEntry
from varde.demo.day import Visitor, live, pairs
from varde.demo.day_steps import Step, say, steps
from varde.demo.followup import add_cases
from varde.followup.models import Delivery
from varde.register import (
    count_identities,
    find_person,
    list_cases,
    list_questions,
    list_rulings,
    open_register,
    read_history,
    read_register,
    register_status,
)
from varde.warehouse import refresh

pytestmark = pytest.mark.django_db(databases=["default", "ravn", "norm"])


def walk(step: Step) -> str:
    """What a user sees who does what a step says."""
    visitor = Visitor(step.user)
    return visitor.open(step.address, **step.sends) if step.sends else visitor.open(step.address)


def test_the_day_is_lived_once_and_each_step_shows_what_it_says(
    tmp_path: Path,
    settings,  # type: ignore[no-untyped-def]
) -> None:
    settings.VARDE_HOME = tmp_path
    register, now = open_register(tmp_path), timezone.now()
    add_cases(register, now)
    ensure_demo_users("HER:91843")
    assert live(register, now)
    with read_register(register.context.codes, now.date()) as source:
        refresh(tmp_path / "warehouse", source)

    # Twins were told apart, swapped names were joined and taken apart again, a newborn is still asked about.
    rulings = {one.verdict: one.undone for one in list_rulings(10)}
    assert rulings == {"different": False, "same": True, "undone": False}
    assert len(list_questions()) == 2
    assert count_identities()["number_changes"] == 1

    day = steps(register, now)
    assert len(day) == 8
    for step in day:
        body = walk(step)
        for words in step.shows:
            assert words in body, (step.title, words)

    # Both forms of somebody whose D number became a national number are one person's.
    moved = pairs(timezone.localdate(now))["number"]
    number = day[3].sends["nummer"]
    person = find_person(number, register.context.pseudonym)
    assert person is not None and moved.other.family
    assert len(read_history(person.ids).notices) == 2

    # The numbers that are printed are those of the register.
    measles = [one.number for one in list_cases("measles") if one.classification == "confirmed"]
    assert day[1].address == f"/sak/{measles[0]}/" and "confirmed" in day[1].see
    assert "2 pieces" in day[1].see
    assert "2 questions" in day[2].see and "1 decision stands" in day[2].see
    forms = Delivery.objects.filter(reason="form-missing").count()
    assert forms and day[4].see.startswith(f"{forms} ")
    assert f"MSIS: {len(list_cases())} cases" in day[5].see
    looks = AccessLogEntry.objects.filter(page="lookup", actor="kommunelege").count()
    assert looks == 1
    told = "\n".join(say(day, "http://127.0.0.1:8000"))
    assert re.findall(r"^(\d)\. ", told, re.MULTILINE) == list("12345678")

    # Repeated on the same day nothing is new.
    before = register_status(), count_identities(), len(list_rulings(10))
    add_cases(register, now)
    assert not live(register, now)
    assert (register_status(), count_identities(), len(list_rulings(10))) == before
    assert AccessLogEntry.objects.filter(page="lookup", actor="kommunelege").count() == looks
