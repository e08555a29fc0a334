"""The notification that was filled in with what is known can be sent as it is, and then the case has its form."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from varde.access.looks import LookAllowances
from varde.web import looking
from web.forms.pages import Site
from web.known_person import ADA, fill

LOOK = {"nummer": ADA, "formal": "care", "grunn": "notifying"}


def test_it_can_be_sent_as_it_is_and_settles_the_case(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "look_allowances", LookAllowances())
    fill()
    client = site.sign_in("clinician")
    before = client.post(reverse("lookup"), LOOK).content.decode()
    body = client.post(reverse("notification-known"), LOOK).content.decode()
    sent = dict(re.findall(r'name="([\w.]+)" value="([^"]+)" autocomplete', body))
    sent |= dict(re.findall(r'type="radio"[^>]*name="([\w.]+)" value="([^"]+)" checked', body))
    for name, options in re.findall(r'<select[^>]*name="([\w.]+)"[^>]*>(.*?)</select>', body, re.S):
        if chosen := re.search(r'value="([^"]+)" selected', options):
            sent[name] = chosen[1]
    assert sent["pasient.kjonn"] in ("1", "2") and sent["pasient.bosted"] == "0301"
    [sent["nummer"]] = re.findall(r'name="nummer" value="([^"]+)"', body)
    answer = client.post(reverse("notification"), sent)
    assert answer.status_code == 302, re.findall(
        r'ds-validation-message"[^>]*>([^<]+)', answer.content.decode()
    )
    after = client.post(reverse("lookup"), LOOK).content.decode()
    waiting = '<span class="ds-tag" data-color="warning">'
    assert before.count(waiting) - after.count(waiting) == 1
