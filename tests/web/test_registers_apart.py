"""RAVN and NORM on the pages: each by itself, each sender its own, and nothing to open or correct."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.urls import reverse

from messages import deidentified_lists as lists
from varde.access.models import AccessLogEntry
from varde.register import (
    Incoming,
    Register,
    open_register,
    quarantine_items,
    register_status,
    replay,
    unmapped_codes,
    using,
)
from varde.register.intake import take_in
from web.invented import OTHER, OWN

SignIn = Callable[..., Client]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SECRET = "Kari Nordmann"

pytestmark = pytest.mark.django_db(databases=["default", "ravn", "norm"])


def clock() -> datetime:
    return NOW


def hand_in(opened: Register, sender: str, *rows: dict[str, str]) -> None:
    data = lists.write(opened.alias, *rows)
    with using(opened.alias):
        take_in(opened, [Incoming("list.csv", data, None, sender, opened.alias, "api")], clock)


def row(name: str, number: str, sender: str = OWN, **cells: str) -> dict[str, str]:
    return lists.row(name, Isolatnummer=number, Avsender=sender, **cells)


@pytest.fixture
def norm(register: None, home: Path) -> Register:
    """NORM with two refused rows of one laboratory and one of another, beside the register of persons; and
    RAVN with one of the first laboratory."""
    opened = open_register(home, "norm")
    bad = {"Prøvemateriale": SECRET}
    hand_in(
        opened,
        OWN,
        row("norm", "A"),
        row("norm", "B", **bad),
        row("norm", "", Kjønn="x"),
    )
    hand_in(opened, OTHER, row("norm", "A", OTHER, **bad))
    hand_in(open_register(home, "ravn"), OWN, row("ravn", "V", Kommune="langt nord"))
    return opened


def text_of(answer: Any) -> str:
    """The words of a page, without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def problems(client: Client, **asked: str) -> int:
    body = client.get(reverse("quarantine"), asked).content.decode()
    return body.count('<li class="problem">')


def address_of(place: str, sender: str = OWN, name: str = "norm") -> str:
    with using(name):
        [item] = [each for each in quarantine_items(sender, state=None) if place in each.place]
    return reverse("quarantine-item-apart", args=[name, item.id])


def test_each_sees_its_own_of_one_register_at_a_time(
    norm: Register, own: Client, other: Client, sign_in: SignIn
) -> None:
    assert [problems(own, register=name) for name in ("norm", "ravn", "persons")] == [2, 1, 2]
    assert [problems(other, register=name) for name in ("norm", "ravn")] == [1, 0]
    assert problems(own, register="norm", avsender=OTHER) == 2
    officer = sign_in("duty-officer")
    assert problems(officer, register="norm") == 3
    assert problems(officer, register="norm", avsender=OTHER) == 1
    seen = AccessLogEntry.objects.filter(object_kind="quarantine item norm")
    assert sorted(seen.values_list("object_count", flat=True)) == [1, 1, 2, 2, 3]


def test_the_page_says_where_and_nothing_that_was_written(norm: Register, own: Client) -> None:
    answer = own.get(reverse("quarantine"), {"register": "norm"})
    page = text_of(answer)
    assert "Karantene, NORM" in page and "linje 3, kolonne Prøvemateriale" in page
    assert SECRET not in page and "list.csv" not in page and "OWN-1" not in page
    assert "Koder Varde ikke kjenner" not in page
    with using("norm"):
        assert [
            e.report_ref for e in quarantine_items() if e.report_ref and e.report_ref in page
        ] == []


def test_the_choice_of_register_is_kept(
    norm: Register, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("varde.web.pages.quarantine.PER_PAGE", 1)
    officer = sign_in("duty-officer")
    asked = {"register": "norm", "avsender": OWN, "reason": "unknown-term"}
    body = officer.get(reverse("quarantine"), {"register": "norm"}).content.decode()
    assert 'href="?register=norm&amp;state=open&amp;page=2" rel="next"' in body
    body = officer.get(reverse("quarantine"), asked).content.decode()
    links = re.findall(r'href="(\?[^"]*(?:reason|state)=[^"]*)"', body)
    others = [link for link in links if not link.startswith("?register=norm&amp;")]
    assert others == ["?register=persons&amp;state=open", "?register=ravn&amp;state=open"]
    assert 'type="hidden" name="register" value="norm"' in body
    assert problems(officer, **asked) == 1


def test_a_register_that_there_is_none_of_is_not_there(norm: Register, own: Client) -> None:
    for page in ("quarantine", "laboratory"):
        assert own.get(reverse(page), {"register": "default"}).status_code == 404
    place = address_of("line 3")
    for name in ("persons", "default", "msis"):
        assert own.get(place.replace("/norm/", f"/{name}/")).status_code == 404
    assert own.get(reverse("quarantine-item-apart", args=["norm", 10**15])).status_code == 404


def test_an_item_is_its_senders_and_its_registers(
    norm: Register, own: Client, other: Client, sign_in: SignIn
) -> None:
    address = address_of("line 3")
    assert own.get(address).status_code == 200
    assert other.get(address).status_code == 404
    assert other.post(address, {"gjor": "close", "grunn": "test"}).status_code == 404
    # The number alone is an item of another register.
    assert own.get(address.replace("/norm/", "/ravn/")).status_code == 404
    assert sign_in("clinician").get(address).status_code == 403
    epidemiologist = sign_in("epidemiologist")
    assert "Lukk den" not in text_of(epidemiologist.get(address))
    assert epidemiologist.post(address, {"gjor": "close", "grunn": "test"}).status_code == 403


def test_there_is_nothing_to_open_or_to_correct(norm: Register, own: Client) -> None:
    address = address_of("line 3")
    page = text_of(own.get(address))
    assert "Det som ble sendt, er ikke tatt vare på" in page and "Åpne meldingen" not in page
    assert "forsvinner av seg selv" in page
    for what in ("open", "send"):
        answer = own.post(address, {"gjor": what, "formal": "correct", "text": "x"})
        assert answer.status_code == 404
    # Without a number nothing can tell that a row is this one put right.
    assert "forsvinner ikke av seg selv" in text_of(own.get(address_of("line 4")))


def test_it_is_closed_opened_and_read_again_and_that_is_logged(
    norm: Register, own: Client, sign_in: SignIn
) -> None:
    address = address_of("line 3")
    assert own.post(address, {"gjor": "close", "grunn": "test"}).url == address
    assert problems(own, register="norm") == 1
    assert [problems(own, register=name) for name in ("persons", "ravn")] == [2, 1]
    with using("norm"):
        replay(norm, clock)
    assert "Lukket for hånd" in text_of(own.get(address))
    own.post(address, {"gjor": "reopen"})
    again = own.post(address, {"gjor": "read-again"})
    assert "Lest på nytt, med samme utfall." in text_of(own.get(again.url))
    logged = AccessLogEntry.objects.filter(action="change").values_list("object_kind", flat=True)
    assert list(logged) == [
        "closed item norm/1/2",
        "reopened item norm/1/2",
        "item read again norm/1/2",
    ]
    shown = text_of(sign_in("administrator").get(reverse("access-log")))
    assert "NORM/1/2" in shown and "problem i karantene NORM" in shown


@pytest.mark.parametrize("name", ["norm", "ravn"])
def test_the_corrected_row_settles_the_refused_one(home: Path, db: None, name: str) -> None:
    opened = open_register(home, name)
    hand_in(opened, OWN, row(name, "B", Kjønn="x"), row(name, "C", Kjønn="x"))
    # Neither another laboratory's, nor another number, nor one that cannot be used either.
    hand_in(opened, OTHER, row(name, "B", OTHER))
    hand_in(opened, OWN, row(name, "D"), row(name, "C", Kjønn="y"))

    def waiting() -> list[str]:
        with using(name):
            return sorted(f"{each.message} {each.place[:6]}" for each in quarantine_items())

    assert waiting() == ["1 line 2", "1 line 3", "3 line 3"]
    hand_in(opened, OWN, row(name, "B"))
    assert waiting() == ["1 line 3", "3 line 3"]
    with using(name):
        before = register_status(opened)
        result = replay(opened, clock)
        assert (result.added, result.removed, result.changed) == ([], [], [])
        assert register_status(opened) == before
    assert waiting() == ["1 line 3", "3 line 3"]


def test_the_laboratorys_page_is_about_the_register_that_is_asked_for(
    norm: Register, own: Client, other: Client, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", clock)
    asked = {"register": "norm"}
    page = text_of(own.get(reverse("laboratory"), asked))
    assert "Mottatt 3 Tatt inn 1 Duplikat 0 Karantene 2" in page
    # Names are laboratories' own word in the register of persons.
    assert "Fjordby sykehus, Mikrobiologi, NORM" in page
    assert "Hvor lang tid" not in page and "Koder Varde ikke kjenner" not in page
    assert "Mottatt 1 Tatt inn 0 Duplikat 0 Karantene 1" in text_of(
        other.get(reverse("laboratory"), asked)
    )
    national = sign_in("epidemiologist").get(reverse("laboratory"), asked)
    assert "Mottatt 4 Tatt inn 1 Duplikat 0 Karantene 3" in text_of(national)
    assert "?register=norm&amp;avsender=HER%3A70001" in national.content.decode()
    assert "/karantene/?register=norm" in national.content.decode()
    assert AccessLogEntry.objects.filter(object_kind="laboratory norm").count() == 3


def test_no_word_is_taken_that_is_a_code_nobody_knows(norm: Register) -> None:
    """What the pages say of these registers: they have no queue of unknown codes."""
    hand_in(norm, OWN, row("norm", "E", Mikrobe="Bacillus fabulosus"))
    with using("norm"):
        assert unmapped_codes() == []
        assert quarantine_items(OWN)[0].reason == "unknown-term"


def test_a_register_that_nothing_has_come_for_is_empty_and_is_not_made(
    register: None, own: Client, sign_in: SignIn, tmp_path: Path
) -> None:
    if settings.DATABASES["norm"]["ENGINE"].endswith("postgresql"):
        pytest.skip("tables are asked for, not files")
    connection = connections["norm"]
    described, usual = connection.settings_dict, connection.settings_dict["NAME"]
    described["NAME"] = str(tmp_path / "norm" / "varde.sqlite3")
    try:
        for client in (own, sign_in("duty-officer")):
            page = text_of(client.get(reverse("quarantine"), {"register": "norm"}))
            assert "Ingenting venter." in page
            page = text_of(client.get(reverse("laboratory"), {"register": "norm"}))
            assert "Ingenting er mottatt ennå." in page
            address = reverse("quarantine-item-apart", args=["norm", 1])
            assert client.get(address).status_code == 404
    finally:
        described["NAME"] = usual
    assert not (tmp_path / "norm").exists()
