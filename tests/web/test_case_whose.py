"""Whose a case is: for infection control alone, in the own area, logged, shown once; and whom to call."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from register.answers import answer
from register.case_messages import ADA, BLOOD, MEASLES, notified
from varde.access.models import AccessLogEntry
from varde.followup.unknown_hospitals import list_unknown_hospitals
from varde.register import list_cases
from web.test_followup_pages import hand_in, opened, page

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
FOR = {"formal": "infection-control"}


@pytest.fixture
def number(empty_home: Path) -> int:
    """Measles in Oslo, notified by a doctor who says where to be reached."""
    said = json.loads(notified("Meslinger", onset="2025-12-05", home="0301", person=ADA))
    said["rekvirent"] = {
        "navn": "Kari Lege",
        "virksomhet": "Grünerløkka legekontor",
        "telefon": "22 33 44 55",
    }
    hand_in(
        empty_home,
        json.dumps(said).encode(),
        answer(
            organism="", searches=[MEASLES], person=ADA, day="2025-12-06", mark="MSIS-M", **BLOOD
        ),
    )
    [case] = list_cases()
    return case.number


def looks() -> list[str]:
    rows = AccessLogEntry.objects.exclude(about="")
    return list(rows.values_list("object_kind", flat=True))


def test_whoever_follows_the_case_sees_whose_it_is_and_whom_to_call(
    number: int, sign_in: SignIn
) -> None:
    client = sign_in("municipal-doctor", "0301")
    assert "Vis hvem det er" in opened(client, number)
    before = looks()
    answered = client.post(f"/sak/{number}/hvem/", FOR)
    body = answered.content.decode()
    for said in (ADA, "Kari Lege", "Grünerløkka legekontor", "22 33 44 55", "Laboratoriesvaret"):
        assert said in body, said
    assert "no-store" in answered["Cache-Control"]
    assert looks() == [*before, f"identity of case {number}"]
    # An address shows nobody.
    assert client.get(f"/sak/{number}/hvem/").status_code == 302
    assert ADA not in page(client, f"/sak/{number}/")


def test_a_purpose_is_stated_and_is_infection_control(number: int, sign_in: SignIn) -> None:
    client = sign_in("municipal-doctor", "0301")
    for purpose in ("", "outbreak", "care"):
        answered = client.post(f"/sak/{number}/hvem/", {"formal": purpose})
        assert answered.status_code == 422 and ADA not in answered.content.decode()
    assert looks() == []


def test_nobody_else_sees_whose_it_is(
    number: int, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "django.request")
    for role, area in (("municipal-doctor", "4601"), ("epidemiologist", "")):
        client = sign_in(role, area) if area else sign_in(role)
        answered = client.post(f"/sak/{number}/hvem/", FOR)
        assert answered.status_code in (403, 404) and ADA not in answered.content.decode()
    assert looks() == []


def test_the_epidemiologist_is_not_offered_it(number: int, sign_in: SignIn) -> None:
    client = sign_in("epidemiologist")
    client.post(f"/sak/{number}/", {"gjor": "apne", "formal": "surveillance"})
    assert "Vis hvem det er" not in page(client, f"/sak/{number}/")


def test_the_duty_officer_says_which_hospital_a_word_means(
    number: int, sign_in: SignIn, empty_home: Path
) -> None:
    said = json.loads(notified("Meslinger", "N7", onset="2025-12-05", home="4601", person=None))
    said["diagnoseforhold"] |= {
        "erInnlagtPaaSykehus": {"verdi": "1", "oid": 80017},
        "sykehus": {"navn": "Bygg 9"},
    }
    hand_in(empty_home, json.dumps(said).encode())
    client = sign_in("duty-officer")
    assert "Sykehus som ikke er gjenkjent" in page(client, "/vakt/")
    assert "Bygg 9" in page(client, "/vakt/sykehus/")
    [waiting] = list_unknown_hospitals(timezone.now(), timezone.localdate())
    asked = {"ord": "Bygg 9", "avsender": waiting.sender}
    assert client.post("/vakt/sykehus/", asked | {"sykehus": ""}).status_code == 422
    assert client.post("/vakt/sykehus/", asked | {"sykehus": "1"}).status_code == 404
    chosen = asked | {"sykehus": "974557746"}
    assert client.post("/vakt/sykehus/", chosen | {"avsender": "HER:1"}).status_code == 404
    assert client.post("/vakt/sykehus/", chosen).status_code == 302
    assert list_unknown_hospitals(timezone.now(), timezone.localdate()) == []
    assert "Trekk tilbake" in page(client, "/vakt/sykehus/")
    bergen = sign_in("hospital-infection-control", "983974724")
    assert "Meslinger" in page(bergen, "/innboks/")
    back = asked | {"ord": "bygg 9", "gjor": "tilbake"}
    assert client.post("/vakt/sykehus/", back).status_code == 302
    assert client.post("/vakt/sykehus/", back).status_code == 404
    assert "Flyttet" in page(bergen, "/innboks/")
    assert sign_in("municipal-doctor", "0301").get("/vakt/sykehus/").status_code == 403


def test_what_is_only_presumed_is_not_said_to_be_met(empty_home: Path, sign_in: SignIn) -> None:
    said = {"organism": "", "searches": [MEASLES], "day": "2025-12-06", "mark": "MSIS-M"}
    hand_in(empty_home, answer(person=ADA, municipality="0301", **said, **BLOOD))
    [case] = list_cases()
    body = opened(sign_in("municipal-doctor", "0301"), case.number)
    met, _, rest = body.split("Oppfylt:")[1].partition("Antatt, ingen har sagt noe annet:")
    assert "feber" not in met.lower() and "feber" in rest.split("Etter definisjonen")[0].lower()


def test_an_answered_case_says_when_it_was_due(number: int, sign_in: SignIn) -> None:
    client = sign_in("municipal-doctor", "0301")
    body = opened(client, number)
    assert "gikk ut for" in body
    thread = body.split('name="trad" value="')[1].split('"')[0]
    client.post(f"/sak/{number}/", {"gjor": "kvitter", "trad": thread})
    inbox = page(client, "/innboks/")
    assert "kvittert" in inbox and "fristen var" in inbox and "gikk ut for" not in inbox


def test_a_day_of_onset_alone_is_said_to_presume_the_picture(number: int, sign_in: SignIn) -> None:
    body = opened(sign_in("municipal-doctor", "0301"), number)
    assert "antatt: meldingen sier når personen ble syk, og ikke hvordan" in body
