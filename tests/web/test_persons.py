"""The page where somebody decides who is the same person: purpose first, nobody shown before it is logged, undo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from register.answers import clock
from register.told import groups, persons, told
from varde.access.models import AccessLogEntry
from varde.register import Incoming, list_questions, open_register
from varde.register.intake import take_in

pytestmark = pytest.mark.django_db
FOR = {"formal": "surveillance"}


@pytest.fixture
def asked(home: Path, sign_in: Callable[..., Client]) -> int:
    """A question about two persons in the service's register."""
    about: dict[str, Any] = {"municipality": None, "sex": None}
    files = [told("R1", **about), told("R2", her="91844", given="T", **about)]
    take_in(open_register(home), [Incoming("f.xml", data) for data in files], clock)
    [question] = list_questions()
    return question.number


@pytest.fixture
def ida(sign_in: Callable[..., Client]) -> Client:
    return sign_in("epidemiologist")


def seen() -> list[tuple[str, str, str, bool]]:
    return [
        (entry.action, entry.object_kind, entry.purpose, bool(entry.about))
        for entry in AccessLogEntry.objects.filter(page="persons").order_by("id")
    ]


def test_the_list_asks_for_a_purpose_and_shows_nobody(asked: int, ida: Client) -> None:
    page = ida.get(reverse("persons")).content.decode()
    assert str(asked) not in page
    page = ida.get(reverse("persons"), FOR).content.decode()
    assert str(asked) in page
    assert "Fjellvang" not in page
    assert seen() == [("view", "linkage question", "surveillance", False)]


def test_another_purpose_is_refused_and_logged(asked: int, ida: Client) -> None:
    for purpose in ("care", "infection-control", "x"):
        assert ida.get(reverse("persons"), {"formal": purpose}).status_code == 403
        address = reverse("persons-question", args=[asked])
        assert ida.post(address, {"formal": purpose, "svar": "open"}).status_code == 403
    assert {action for action, *_ in seen()} == {"denied"}


def test_nobody_is_shown_before_both_looks_are_logged(asked: int, ida: Client) -> None:
    address = reverse("persons-question", args=[asked])
    assert "Fjellvang" not in ida.get(address, FOR).content.decode()
    shown = ida.post(address, FOR | {"svar": "open"}).content.decode()
    assert "Fjellvang" in shown and "Torhild" in shown
    assert [entry for entry in seen() if entry[3]] == [
        ("view", "identity", "surveillance", True)
    ] * 2


def test_a_decision_needs_a_reason_is_made_and_taken_back(asked: int, ida: Client) -> None:
    address = reverse("persons-question", args=[asked])
    refused = ida.post(address, FOR | {"svar": "same", "grunn": " "})
    assert refused.status_code == 422
    before = groups(persons())
    ida.post(address, FOR | {"svar": "same", "grunn": "same telephone"})
    assert len(groups(persons())) == 1
    assert ida.post(address, FOR | {"svar": "same", "grunn": "x"}).status_code == 404
    page = ida.get(reverse("persons"), FOR).content.decode()
    assert "same telephone" in page
    assert ida.post(reverse("persons"), FOR | {"angre": "1"}).status_code == 302
    assert groups(persons()) == before
    assert ida.post(reverse("persons"), FOR | {"angre": "1"}).status_code == 404
    assert [one for one in seen() if one[0] == "change"] == [
        *[("change", "linkage decision", "surveillance", True)] * 2,
        *[("change", "linkage decision undone", "surveillance", True)] * 2,
    ]


@pytest.mark.parametrize("number", ["", "x", "1" * 30, "٣"])
def test_what_is_no_decision_cannot_be_taken_back(asked: int, ida: Client, number: str) -> None:
    assert ida.post(reverse("persons"), FOR | {"angre": number}).status_code == 404


def test_other_roles_do_not_find_it(asked: int, sign_in: Callable[..., Client]) -> None:
    doctor = sign_in("municipal-doctor", "0301")
    assert doctor.get(reverse("persons"), FOR).status_code == 403
    address = reverse("persons-question", args=[asked])
    assert doctor.post(address, FOR | {"svar": "open"}).status_code == 403


def test_what_both_say_and_nothing_is_told_by_is_said_so_in_both_places(
    home: Path, ida: Client
) -> None:
    """A name that is given to every newborn is no name: the table says what the weights say."""
    about: dict[str, Any] = {"sex": "1", "born": "2025-12-05", "postal": "0150"}
    files = [
        told("R1", given="Odin", **about),
        told("R2", her="91844", given="Nyfødt gutt", **about),
    ]
    take_in(open_register(home), [Incoming("f.xml", data) for data in files], clock)
    [question] = list_questions()
    assert {one.field: one.level for one in question.fields}["given"] == "missing"
    address = reverse("persons-question", args=[question.number])
    body = ida.post(address, FOR | {"svar": "open"}).content.decode()
    [row] = [part for part in body.split("<tr>") if "Odin" in part]
    assert "Nyfødt gutt" in row and "kan ikke sammenlignes" in row and "ikke likt" not in row
    assert "Ikke oppgitt av begge, eller ikke til å sammenligne: " in body
