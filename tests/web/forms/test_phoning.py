"""The form and its receipt say which diseases are told of by telephone at once, and whom to call."""

from __future__ import annotations

import pytest
from django.urls import reverse

from web.forms.pages import Site
from web.forms.test_notification_form import DISEASE, good, send


def test_the_form_says_what_is_told_of_by_telephone(site: Site) -> None:
    body = site.sign_in("general-practitioner").get(reverse("notification")).content.decode()
    assert "Varsle på telefon straks" in body and "21 07 63 48" in body
    named = body.split("Hvilke sykdommer")[1].split("</details>")[0]
    assert "Meslinger" in named and "Salmonellose" not in named


@pytest.mark.parametrize(("disease", "expected"), [("Meslinger", True), ("Salmonellose", False)])
def test_the_receipt_says_so_of_what_was_notified(site: Site, disease: str, expected: bool) -> None:
    answered = send(site, good(**{DISEASE: disease, "pasient.oppholdskommune": "4601"}))
    assert answered.status_code == 302
    body = site.sign_in("clinician").get(answered.url).content.decode()
    assert ("på telefon nå" in body) is expected


@pytest.mark.parametrize(
    ("disease", "said"),
    [
        ("Meslinger", "Meslinger:</strong> ja, på telefon straks."),
        ("Salmonellose", "Salmonellose:</strong> nei, ikke for et enkelt tilfelle."),
        ("Ukjent", ""),
    ],
)
def test_a_form_with_a_disease_says_so_of_that_one(site: Site, disease: str, said: str) -> None:
    answered = send(site, good(**{DISEASE: disease, "pasient.fodselsnummer": "1"}))
    body = answered.content.decode()
    assert answered.status_code == 422
    assert said in body if said else "ring-denne" not in body
