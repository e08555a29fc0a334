"""What waits in quarantine and is notifiable is on the duty officer's desk, with nothing of what was sent."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from register.case_messages import BO
from register.test_quarantined_notifiable import WRONG, measles
from varde.messages import reasons
from varde.register import (
    Incoming,
    list_quarantined_notifiable,
    open_register,
    quarantine_items,
    replay_quarantined,
)
from varde.register.intake import take_in

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
HEADING = "Meldepliktig, i karantene"


@pytest.fixture
def home(empty_home: Path) -> Path:
    return empty_home


def send(home: Path, *files: bytes, days_ago: int = 0) -> None:
    at = timezone.now() - timedelta(days=days_ago)
    take_in(open_register(home), [Incoming("f.xml", data) for data in files], lambda: at)


def desk(client: Client, **more: str) -> str:
    answered = client.get(reverse("desk"), **more)
    assert answered.status_code == 200
    return html.unescape(answered.content.decode())


def test_it_is_on_the_desk_with_nothing_of_what_was_sent(home: Path, sign_in: SignIn) -> None:
    send(home, measles("R1"), days_ago=3)
    send(home, measles("R2"), measles("R3", mark=""))
    client = sign_in("duty-officer")
    body = desk(client)
    tile = re.search(r'<div class="todo urgent"><dt>([^<]+)</dt><dd>(\d+)', body)
    assert tile and tile.groups() == (HEADING, "2")
    section = body[body.index('id="quarantined-heading"') :].split("</section>")[0]
    later, earlier = list_quarantined_notifiable()[1]
    links = [reverse("quarantine-item", args=[item.id]) for item in (later, earlier)]
    assert re.findall(r'href="(/karantene/[^"]+)"', section) == links
    assert section.count("I dag") == 1 and section.index("I dag") < section.index(links[0])
    assert reasons()[later.reason].nb.title in section
    for hidden in (WRONG, "R1", "R2", "MR2", "Prøve, Paula", "esling"):
        assert hidden not in section, hidden
    assert client.get(links[0]).status_code == 200
    client.cookies["django_language"] = "en"
    assert reasons()[later.reason].en.title in desk(client)
    assert "Notifiable, in quarantine" in desk(client)


def test_it_goes_when_it_is_closed_corrected_or_can_be_read(
    home: Path, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in("duty-officer")
    assert HEADING not in desk(client)
    send(home, measles("R1"))
    [item] = quarantine_items()
    address = reverse("quarantine-item", args=[item.id])
    client.post(address, {"gjor": "close", "grunn": "test"})
    assert quarantine_items() == [] and HEADING not in desk(client)
    client.post(address, {"gjor": "reopen"})
    assert HEADING in desk(client)
    send(home, measles("R1", person=BO))
    assert HEADING not in desk(client)
    from varde.register import apart

    with monkeypatch.context() as broken:
        broken.setattr(apart.wire, "read", lambda *_: iter((1 / 0,)))
        send(home, measles("R2", person=BO))
        assert HEADING in desk(client)
    replay_quarantined(open_register(home), timezone.now)
    assert HEADING not in desk(client)


def test_of_very_many_the_newest_are_shown(
    home: Path, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from varde.web.pages.followup import desk as page

    monkeypatch.setattr(page, "MOST", 2)
    send(home, *(measles(f"R{number}") for number in range(4)))
    body = desk(sign_in("duty-officer"))
    assert "De 2 nyeste av 4 vises." in body and body.count("/karantene/") >= 2
    assert len(re.findall(r'href="/karantene/\d+/"', body)) == 2
