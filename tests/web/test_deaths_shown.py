"""That somebody is dead stands where that person is opened, and a contact who is dead is not followed any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from register.case_messages import ADA, BO
from varde.access.looks import LookAllowances
from varde.followup.models import Contact
from varde.register import take_changes
from varde.web import looking
from varde.web.registers import the_register
from web.test_followup_pages import PURPOSE, cases, opened, page

pytestmark = pytest.mark.django_db
__all__ = ["cases"]
SignIn = Callable[..., Client]


def told(what: str, number: str, day: str = "2025-12-09") -> None:
    data = f"what,old,new,day,source\n{what},{number},,{day},Folkeregisteret\n".encode()
    assert take_changes(the_register(), data, timezone.now(), timezone.localdate()).added == 1


def test_a_case_shows_the_death_to_whoever_opens_it(cases: dict[str, int], sign_in: SignIn) -> None:
    client = sign_in("municipal-doctor", "0301")
    assert "<dt>Død</dt>" not in opened(client, cases["measles"])
    told("died", ADA)
    assert "<dt>Død</dt><dd>09.12.2025" in opened(client, cases["measles"])
    told("died", ADA, "2025-12-10")
    assert "også oppgitt" in opened(client, cases["measles"])
    assert "<dt>Død</dt>" not in opened(sign_in("municipal-doctor", "4601"), cases["salmonellosis"])
    told("not-died", ADA)
    told("not-died", ADA, "2025-12-10")
    assert "<dt>Død</dt>" not in opened(client, cases["measles"])


def test_a_look_up_shows_the_death(
    cases: dict[str, int], sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "look_allowances", LookAllowances())
    told("died", ADA)
    sent = {"formal": "care", "grunn": "in-treatment"}
    client = sign_in("clinician")
    shown = {
        number: client.post(reverse("lookup"), {"nummer": number, **sent}) for number in (ADA, BO)
    }
    assert "Personen er meldt død" in shown[ADA].content.decode()
    assert "09.12.2025" in shown[ADA].content.decode()
    assert "Personen er meldt død" not in shown[BO].content.decode()


def test_nothing_is_missed_of_the_days_of_a_contact_who_is_dead(
    cases: dict[str, int], sign_in: SignIn, empty_home: Path
) -> None:
    client = sign_in("municipal-doctor", "4601")
    address = f"/sak/{cases['salmonellosis']}/kontakter/"
    client.post(address, PURPOSE)
    day = (timezone.localdate() - timedelta(days=2)).isoformat()
    said = {"gjor": "ny", "navn": "Ada", "nummer": ADA, "relasjon": "husstand", "eksponert": day}
    assert client.post(address, said | {"telefon": "12345678"}).status_code == 302
    Contact.objects.update(added_at=timezone.now() - timedelta(days=2))
    before = page(client, address)
    assert "Ingenting sagt om i dag" in before and "Dager uten" in before
    told("died", ADA)
    after = page(client, address)
    assert "Død, etter det registeret vet" in after
    assert "Dager uten" not in after
