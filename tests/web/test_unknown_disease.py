"""A diagnosis that nobody knows, on the pages: seen by its sender, explained by whoever may."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from register.case_messages import notified
from varde.register import list_cases, unmapped_codes
from varde.register.intake import take_in
from varde.register.log import Incoming
from varde.web.expressions import query_of, seal
from varde.web.registers import the_register
from web.test_laboratory import text_of

SignIn = Callable[..., Client]


def test_it_waits_with_what_it_may_mean_until_it_is_confirmed(
    db: None, empty_home: Path, sign_in: SignIn
) -> None:
    form = notified("Meslingr", "N9", code="999", her="9900501")
    take_in(the_register(), [Incoming("f.json", form)], timezone.now)
    sender = sign_in("sender-contact", "HER:9900501")
    page = text_of(sender.get(reverse("quarantine")))
    assert "Sykdom Meslingr 999" in page
    assert page.count("Det dere har sendt, og som Varde ikke kunne bruke.") == 1
    assert "laboratoriet" not in page.split("Register")[0]
    officer = sign_in("duty-officer")
    assert "Sykdom" in text_of(officer.get(reverse("laboratory")))
    [code] = unmapped_codes()
    expression = (code.kind, code.system, code.code, code.text)
    asked = text_of(officer.get(reverse("laboratory-code") + query_of(expression)))
    assert "Meslinger" in asked
    given = {"uttrykk": seal(expression), "gjor": "confirm", "mening": "measles"}
    assert officer.post(reverse("laboratory-code"), given).status_code == 302
    assert [case.disease for case in list_cases()] == ["measles"]
    assert unmapped_codes() == []
