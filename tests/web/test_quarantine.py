"""The quarantine page: plain words, choices, pages of a list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from messages import kith_builder as kith
from varde.messages import reasons
from varde.register import ingest, open_register
from varde.web.pages import quarantine


def test_each_problem_says_what_is_wrong_where_and_what_to_do(register: None, own: Client) -> None:
    body = own.get(reverse("quarantine")).content.decode()
    text = reasons()["missing-collected"].nb
    assert text.title in body and text.explanation in body and text.action in body
    assert "Message/ServReport/Patient/AnalysedSubject" in body
    assert "(linje 15)" in body
    assert "22.11.2026 kl. 10.00" in body


def test_english_readers_get_english_words(register: None, own: Client) -> None:
    own.cookies["django_language"] = "en"
    body = own.get(reverse("quarantine")).content.decode()
    assert reasons()["missing-collected"].en.action in body
    assert "22 Nov 2026, 10:00" in body


def test_problems_can_be_chosen_by_reason_and_state(register: None, own: Client) -> None:
    def problems(**chosen: str) -> int:
        return own.get(reverse("quarantine"), chosen).content.decode().count('class="problem"')

    assert problems(reason="unknown-code") == 1
    assert problems(state="resolved") == 0
    assert problems(state="") == 2
    assert problems(reason="no-such-reason", state="no-such-state", page="-3") == 2


def test_a_laboratory_finds_its_own_numbers_and_the_duty_officer_vardes_too(
    register: None, own: Client, sign_in: Callable[..., Client]
) -> None:
    mine = own.get(reverse("quarantine")).content.decode()
    assert "Meldings-id hos dere" in mine and ">OWN-2<" in mine
    assert "Svarnummer hos dere" in mine and ">R-OWN-2<" in mine
    assert ">HER_91843/2026-11/own-bad-service.xml<" in mine
    assert "Vardes nr." not in mine
    everybodys = sign_in("duty-officer").get(reverse("quarantine")).content.decode()
    assert "Vardes nr." in everybodys and "OWN-2" in everybodys
    assert "Meldings-id hos dere" not in everybodys


def test_a_problem_disappears_when_the_corrected_message_is_sent(
    register: None, home: Path, own: Client, tmp_path: Path
) -> None:
    assert "OWN-2" in own.get(reverse("quarantine")).content.decode()
    corrected = tmp_path / "corrected.xml"
    corrected.write_bytes(
        kith.message(
            kith.report(kith.patient(kith.specimen(), kith.culture("E. coli")), own="R-OWN-2"),
            message_id="OWN-2",
        )
    )
    ingest(open_register(home), [corrected], lambda: datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    body = own.get(reverse("quarantine")).content.decode()
    assert "OWN-2" not in body and "OWN-1" in body
    assert "OWN-2" in own.get(reverse("quarantine"), {"state": "resolved"}).content.decode()


@pytest.mark.parametrize(
    ("reason", "detail", "nb"),
    [
        ("not-well-formed", "Opening and ending tag mismatch: a line 1 and b", ""),
        ("wrong-columns", "no column isolat", "mangler isolat"),
        ("wrong-columns", "repeated: CIP", "gjentatt: CIP"),
        ("unknown-code", "X", "X"),
    ],
)
def test_words_of_the_reading_program_are_not_shown_in_norwegian(
    reason: str, detail: str, nb: str
) -> None:
    assert quarantine.detail_words(reason, detail, "nb") == nb
    assert quarantine.detail_words(reason, detail, "en") == detail


def test_reasons_whose_details_are_not_shown_exist() -> None:
    assert set(reasons()) >= quarantine.READER_WORDS


def test_the_page_says_who_does_what_about_unknown_codes(
    register: None, own: Client, sign_in: Callable[..., Client]
) -> None:
    assert "Dere trenger ikke gjøre noe" in own.get(reverse("quarantine")).content.decode()
    everybodys = sign_in("duty-officer").get(reverse("quarantine")).content.decode()
    assert "Si hva en kode betyr" in everybodys


def test_an_empty_quarantine_is_good_news(db: None, own: Client) -> None:
    assert "Ingenting venter." in own.get(reverse("quarantine")).content.decode()


def test_a_long_list_is_shown_in_pages(register: None, own: Client, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(quarantine, "PER_PAGE", 1)
    first = own.get(reverse("quarantine")).content.decode()
    assert (
        first.count('class="problem"') == 1 and 'rel="next"' in first and 'rel="prev"' not in first
    )
    second = own.get(reverse("quarantine"), {"page": "2"}).content.decode()
    assert second.count('class="problem"') == 1 and 'rel="prev"' in second
    assert 'rel="next"' not in second


def test_the_start_page_counts_what_waits(register: None, own: Client) -> None:
    assert "Venter: 2" in own.get(reverse("start")).content.decode()
