"""The quarantine page: plain words, choices, pages of a list."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from messages import gallery
from messages import kith_builder as kith
from varde.messages import Failure, read, reasons
from varde.register import ingest, open_register
from varde.web import fault_words as words
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
    ("reason", "detail", "nb", "en"),
    [
        (
            "not-well-formed",
            "<a> … </b>",
            "<a> er åpnet, men det er </b>",
            "<a> is open, but it is </b>",
        ),
        ("not-well-formed", "&nbsp;", "&nbsp; er ikke erklært", "&nbsp; is not declared"),
        ("not-well-formed", "ERR_LT_IN_ATTRIBUTE", "Tegnet < står i verdien", "The sign < stands"),
        ("wrong-columns", "no column isolat", "«isolat» mangler", "“isolat” is missing"),
        ("wrong-columns", "repeated: CIP", "«CIP» står to ganger", "“CIP” stands twice"),
        (
            "wrong-encoding",
            "utf-8: F8",
            "Byten F8 passer ikke der; den betyr ø i",
            "it means ø in Windows-1252",
        ),
        (
            "wrong-encoding",
            "utf-8: 81",
            "men byten 81 passer ikke der",
            "but the byte 81 does not fit",
        ),
        ("wrong-encoding", "cp1252 → utf-8", "er lagret i UTF-8", "are saved in UTF-8"),
        (
            "bad-field",
            "array ≠ object",
            "en liste, der det skal stå et objekt",
            "a list, where an object",
        ),
        ("unknown-code", "X", "X", "X"),
    ],
)
def test_what_was_found_is_said_in_both_languages(
    reason: str, detail: str, nb: str, en: str
) -> None:
    assert nb in words.detail_words(reason, detail, "nb")
    assert en in words.detail_words(reason, detail, "en")


@pytest.mark.parametrize("reason", sorted(gallery.EVERY))
def test_no_reason_says_less_in_one_language(reason: str) -> None:
    """Nothing that is found is left out for those who read Norwegian, and no English is in it."""
    data, mapping = gallery.EVERY[reason]
    [failure] = (r for r in read(data, mapping, gallery.RECEIVED) if isinstance(r, Failure))
    nb, en = (
        words.detail_words(reason, failure.detail, each, failure.place) for each in ("nb", "en")
    )
    assert bool(nb) == bool(en) and (nb or not failure.detail)
    assert not re.search(r"\b(the|not|where|unknown|must|and)\b", nb)
    for value in re.findall(r"[A-Z0-9]{2,}", failure.detail):
        assert value in nb or value.startswith("ERR")


@pytest.mark.parametrize(
    "reason", ["contradictory-sex", "contradictory-birth-date", "missing-value"]
)
def test_what_has_no_value_says_what_it_is_about(reason: str) -> None:
    data, mapping = gallery.EVERY[reason]
    [failure] = (r for r in read(data, mapping, gallery.RECEIVED) if isinstance(r, Failure))
    said = words.detail_words(reason, failure.detail, "nb", failure.place)
    assert "fødselsnummeret" in said or "«Avdeling»" in said


@pytest.mark.parametrize(
    ("place", "plain"),
    [
        (
            "Message/ServReport/Patient/AnalysedSubject (line 15)",
            "meldingen › svarrapporten › pasienten › prøven",
        ),
        (
            "Bundle.entry[4].resource.valueQuantity.value (Observation)",
            "et resultat › verdien med enhet › verdien",
        ),
        ("diagnoseforhold.provedato", "sykdommen › prøvedatoen"),
        ("MSH[1]-9", "meldingshodet (MSH)"),
        ("line 3, column Avdeling", ""),
        ("", ""),
    ],
)
def test_a_path_is_said_in_plain_words(place: str, plain: str) -> None:
    assert words.plain_place(place, "nb") == plain


def test_every_place_of_the_gallery_has_plain_words_or_a_line() -> None:
    for reason, (data, mapping) in gallery.EVERY.items():
        for failure in read(data, mapping, gallery.RECEIVED):
            if isinstance(failure, Failure) and failure.place and reason != "invalid-mapping":
                known = words.plain_place(failure.place, "nb") or words.line_of(failure.place)
                assert known or failure.place.startswith("columns."), failure.place


def test_the_table_of_words_is_about_reasons_that_exist() -> None:
    for found in words.table().found:
        assert set(found.reasons) <= set(reasons())
        values = (
            re.compile(found.pattern).groupindex.keys() | re.compile(found.where).groupindex.keys()
        )
        for text in (found.nb, found.en):
            assert set(re.findall(r"\{(\w+)\}", text)) <= values | {"sign"}


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
