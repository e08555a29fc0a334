"""A site and who fills in its forms; what a page of a form says: its faults, answers, and hidden fields."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse

from varde.access.models import User

AREAS = {
    "clinician": "OUS",
    "general-practitioner": "praksis-1",
    "municipal-doctor": "0301",
    "hospital-infection-control": "OUS",
    "nursing-home-nurse": "fjordby-sykehjem",
    "laboratory-contact": "HER:91843",
    "epidemiologist": "",
}


@dataclass
class Site:
    """A running site: its folder, and people who are signed in."""

    home: Path
    known: dict[tuple[str, str], Client] = field(default_factory=dict)

    def sign_in(self, role: str, area: str | None = None) -> Client:
        """A browser of somebody with a role, the same each time."""
        place = AREAS[role] if area is None else area
        if (role, place) not in self.known:
            user = User.objects.create_user(f"{role}-{place}", role=role, area=place)
            client = Client(raise_request_exception=True)
            client.force_login(user)
            self.known[role, place] = client
        return self.known[role, place]


_COMPLAINT = re.compile(r'<li><a class="ds-link" href="#([^"]+)">(.*?)</a></li>', re.S)


def complaints(answer: Any) -> dict[str, str]:
    """Id of a field → what the summary says about it; each link leads to a field that is there."""
    body = answer.content.decode()
    found = {where: unescape(said) for where, said in _COMPLAINT.findall(body)}
    for where in found:
        assert f'id="{where}"' in body
        assert f'id="{where}-fault"' in body
    return found


def hidden(client: Client, name: str, hidden_field: str) -> str:
    """What a fresh form carries in a hidden field."""
    body = client.get(reverse(name)).content.decode()
    found = re.search(rf'name="{hidden_field}" value="([^"]*)"', body)
    assert found is not None
    return found[1]


def value_of(answer: Any, name: str) -> str:
    """What stands in a line of text of a page."""
    found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', answer.content.decode())
    assert found is not None, name
    return unescape(found[1])
