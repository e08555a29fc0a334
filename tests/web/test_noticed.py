"""What a sender should look at though it was taken in: on its page, until somebody has looked."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from register.answers import PERSONS, answer
from register.orders import FLU, RESP, RESPF, cancelled, oru
from varde.access.models import AccessLogEntry
from varde.operation.figures import read_figures
from varde.register import count_notices
from varde.register.intake import take_in
from varde.register.log import Incoming
from varde.web.registers import the_register
from web.invented import OTHER
from web.test_laboratory import text_of

SignIn = Callable[..., Client]
FINAL = "Svar som var endelige og ble foreløpige"
PATIENT = "Svar som skiftet pasient"


@pytest.fixture
def taken_in(db: None, empty_home: Path) -> None:
    """Two laboratories, each with an answer that became preliminary; one of them changed its patient too."""
    files = [
        answer("SVAR-1", "M1", person=PERSONS[0]),
        answer("SVAR-1", "M2", person=PERSONS[1], made=2, status="P"),
        answer("SVAR-2", "M3", person=PERSONS[0], her="70001"),
        answer("SVAR-2", "M4", person=PERSONS[0], her="70001", made=2, status="P"),
        answer("SVAR-3", "M5", person=PERSONS[2]),
    ]
    take_in(the_register(), [Incoming("f", data) for data in files], timezone.now)


def show(client: Client, **asked: str) -> str:
    return text_of(client.get(reverse("laboratory"), asked))


def test_a_laboratory_sees_its_own_by_its_own_numbers(taken_in: None, own: Client) -> None:
    page = show(own)
    assert FINAL in page and PATIENT in page
    assert page.count("SVAR-1") >= 2 and "M2" in page
    assert "SVAR-2" not in page and "SVAR-3" not in page
    assert "må svaret sendes på nytt som en ny utgave" in page
    assert not any(number in page for number in PERSONS)


def test_national_roles_see_whose_they_are(taken_in: None, sign_in: SignIn) -> None:
    client = sign_in("duty-officer")
    assert "SVAR-1" in show(client) and "SVAR-2" in show(client)
    chosen = show(client, avsender=OTHER)
    assert "SVAR-2" in chosen and "SVAR-1" not in chosen and PATIENT not in chosen


def look(client: Client, page: str, **given: str) -> Any:
    forms = re.findall(
        r'name="svar" value="(\d+)"><input type="hidden" name="hva" value="([a-z-]+)"', page
    )
    number, what = forms[0]
    said = {"svar": number, "hva": what, "grunn": "right"} | given
    return client.post(reverse("laboratory"), said)


def test_what_somebody_has_looked_at_is_gone_and_the_log_says_so(
    taken_in: None, own: Client
) -> None:
    page = own.get(reverse("laboratory")).content.decode()
    for wrong in ({"grunn": "tull"}, {"hva": "tull"}, {"svar": "x"}, {"svar": "9" * 30}):
        assert look(own, page, **wrong).status_code == 404
    assert sum(count_notices("HER:91843").values()) == 2
    assert look(own, page).status_code == 302
    after = show(own)
    assert FINAL not in after and PATIENT in after
    left = {kind: count for kind, count in count_notices().items() if count}
    assert left == {"final-became-preliminary": 1, "patient-changed": 1}
    assert "notice seen" in set(AccessLogEntry.objects.values_list("object_kind", flat=True))


def test_nobody_looks_at_anothers(taken_in: None, own: Client, sign_in: SignIn) -> None:
    page = sign_in("duty-officer").get(reverse("laboratory"), {"avsender": OTHER}).content.decode()
    assert look(own, page).status_code == 302
    assert count_notices(OTHER)["final-became-preliminary"] == 1
    assert look(sign_in("epidemiologist"), page).status_code == 403


def test_they_are_measured(taken_in: None) -> None:
    figures = dict(read_figures("default").notices)
    assert figures == {
        "final-became-preliminary": 2,
        "patient-changed": 1,
        **dict.fromkeys(("withdrawn-other-patient", "patient-number-gone", "findings-gone"), 0),
        **dict.fromkeys(("several-of-one-number", "stands-beside-another"), 0),
        "added-after-withdrawal": 0,
        "withdrew-nothing": 0,
        "two-patients": 0,
    }


def test_a_withdrawal_of_nothing_says_what_was_asked_and_what_stands(
    db: None, empty_home: Path, sign_in: SignIn
) -> None:
    files = [cancelled(2, test=RESPF), oru(1, FLU, test=RESP), oru(1, test=("HIV", "HIV", "L"))]
    take_in(the_register(), [Incoming("f", data) for data in files], timezone.now)
    page = show(sign_in("duty-officer"))
    assert "Tilbaketrekkinger som ikke trakk tilbake noe" in page
    assert "ACC77^RESPF Står under nummeret: ACC77^HIV, ACC77^RESP" in page
