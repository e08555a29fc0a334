"""What a person is shown of looks at them is in plain words: no keys, no numbers of cases, the place by its name."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from varde.access.audit import Look
from varde.web.look_words import SAID, say_place, say_what
from varde.web.pages.followup.words import sex_words

DAY = date(2026, 11, 26)


def look(role: str, area: str) -> Look:
    at = datetime(2026, 11, 26, tzinfo=UTC)
    return Look(1, at, "a", "", role, "", area, "view", "case", "case 518", "")


@pytest.fixture(autouse=True)
def bokmaal() -> object:
    with translation.override("nb"):
        yield


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("case 518", "et tilfelle av smittsom sykdom som gjelder deg"),
        ("contact of case 517", "at du står oppført som nærkontakt til noen"),
        ("contact of event 2", "at du står oppført som kontakt i et utbrudd"),
        ("case 517 joined to event 2", "at et tilfelle som gjelder deg, er med i et utbrudd"),
        ("something new 7 of case 8", "opplysninger om deg"),
        (
            "earlier findings, in-treatment",
            "tidligere funn, vaksinasjoner og tilfeller hos deg. "
            "Pasienten er til undersøkelse eller behandling hos oss",
        ),
        (
            "earlier analysis, Practitioner/kari",
            "om en analyse er gjort av deg før (Practitioner/kari)",
        ),
    ],
)
def test_what_was_seen(what: str, words: str) -> None:
    assert say_what(what) == words


def test_no_number_and_no_english_is_ever_shown() -> None:
    for kind in SAID:
        said = say_what(f"{kind} 4711")
        assert not re.search(r"\d", said) and said not in SAID
        with translation.override("en"):
            assert say_what(kind) != said


@pytest.mark.parametrize(
    ("role", "area", "words"),
    [
        ("municipal-doctor", "0301", "Oslo"),
        ("municipal-doctor", "4601", "Bergen"),
        ("municipal-doctor", "0000", "en kommune som ikke finnes lenger"),
        ("hospital-infection-control", "993467049", "Oslo universitetssykehus HF"),
        ("laboratory-contact", "HER:1", "Fjordby"),
        ("general-practitioner", "praksis-1", "praksis-1"),
        ("duty-officer", "", ""),
        ("", "HER:1", "Fjordby"),
    ],
)
def test_where_the_role_was(role: str, area: str, words: str) -> None:
    assert say_place(look(role, area), {"HER:1": "Fjordby"}, DAY) == words


def test_a_practice_is_called_what_its_users_are_called() -> None:
    seen = replace(look("general-practitioner", "praksis-1"), name="Fjordby legekontor")
    assert say_place(seen, {}, DAY) == "Fjordby legekontor"
    assert say_place(replace(seen, role="laboratory-contact"), {"praksis-1": "L"}, DAY) == "L"


@pytest.mark.parametrize(
    ("sex", "age", "words"),
    [
        ("M", 17, "gutt"),
        ("F", 0, "jente"),
        ("F", 18, "kvinne"),
        ("M", None, "mann"),
        ("", 7, ""),
    ],
)
def test_a_child_is_no_woman_or_man(sex: str, age: int | None, words: str) -> None:
    assert sex_words(sex, age) == words
