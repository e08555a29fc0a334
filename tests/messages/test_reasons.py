"""Every reason to refuse something: it happens, it is explained, and it says where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from messages import deidentified_gallery, gallery
from varde.access.clients import kinds
from varde.messages import Failure, LabReport, read, reason_at, reasons
from varde.messages.reasons import formats

SOURCE = Path(__file__).resolve().parents[2] / "src" / "varde" / "messages"
WRITTEN = re.compile(r'"([a-z]+(?:-[a-z]+)+|empty|truncated)"')
LAST_RESORT = "reader-fault"
OF_THE_REGISTER = {"message-id-reused", "foreign-sender", "wrong-kind", "addition-other-patient"}
"""Explained here with the others, because the pages ask one place; found when messages are folded."""


def test_every_reason_in_the_source_is_explained_and_the_other_way_round() -> None:
    text = "\n".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py"))
    raised = set(re.findall(r'(?:UnreadableMessage|InvalidContent)\(\s*"([a-z-]+)"', text))
    quoted = set(WRITTEN.findall(text))
    assert raised <= reasons().keys()
    assert set(reasons()) <= quoted | OF_THE_REGISTER


def test_every_reason_has_an_example() -> None:
    examples = gallery.EVERY.keys() | deidentified_gallery.NEW.keys()
    assert examples | {LAST_RESORT} | OF_THE_REGISTER == reasons().keys()


@pytest.mark.parametrize("reason", sorted(gallery.EVERY))
def test_the_example_gives_exactly_its_reason(reason: str) -> None:
    data, mapping = gallery.EVERY[reason]
    found = [
        record for record in read(data, mapping, gallery.RECEIVED) if isinstance(record, Failure)
    ]
    assert [failure.reason for failure in found] == [reason]


@pytest.mark.parametrize("reason", sorted(gallery.INVALID))
def test_a_report_that_was_read_says_where_the_fault_is(reason: str) -> None:
    (failure,) = read(gallery.INVALID[reason], None, gallery.RECEIVED)
    assert isinstance(failure, Failure)
    assert re.search(r"^Message\b.*\(line \d+\)", failure.place)
    assert failure.item == 0


@pytest.mark.parametrize("reason", sorted(gallery.INVALID))
def test_a_failure_names_sender_and_message_as_far_as_they_can_be_read(reason: str) -> None:
    (failure,) = read(gallery.INVALID[reason], None, gallery.RECEIVED)
    assert isinstance(failure, Failure)
    assert failure.message_id == ("" if reason == "missing-message-id" else "M1")
    assert failure.sender == ("" if reason == "missing-sender" else "HER:91843")


@pytest.mark.parametrize("language", ["nb", "en"])
def test_every_text_is_complete(language: str) -> None:
    for code, reason in reasons().items():
        text = getattr(reason, language)
        assert 3 < len(text.title) < 50, code
        assert text.explanation.endswith(".") and text.action.endswith("."), code
        assert not text.title.endswith("."), code


def test_titles_are_not_shared() -> None:
    for language in ("nb", "en"):
        titles = [getattr(reason, language).title for reason in reasons().values()]
        assert len(set(titles)) == len(titles)


def test_a_fault_of_our_own_becomes_a_failure_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(data: bytes, received: datetime | None) -> None:
        raise ZeroDivisionError(data)

    monkeypatch.setattr("varde.messages.reading.read_kith", fail)
    (failure,) = read(gallery.INVALID["bad-date"])
    assert isinstance(failure, Failure)
    assert (failure.reason, failure.detail) == (LAST_RESORT, "ZeroDivisionError")


def test_a_fault_of_our_own_keeps_what_was_read_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    (good,) = read(gallery.rows(gallery.VALID_ROW), gallery.MAPPING)

    def fail_after_one(data: bytes, received: datetime | None) -> Iterator[LabReport | Failure]:
        yield good
        raise ZeroDivisionError

    monkeypatch.setattr("varde.messages.reading.read_kith", fail_after_one)
    first, failure = read(gallery.INVALID["bad-date"])
    assert first == good
    assert isinstance(failure, Failure) and (failure.item, failure.reason) == (1, LAST_RESORT)


def test_valid_input_has_no_failure() -> None:
    (report,) = read(gallery.rows(gallery.VALID_ROW), gallery.MAPPING)
    assert isinstance(report, LabReport)


@pytest.mark.parametrize("reason", sorted(gallery.EVERY))
def test_details_are_values_not_sentences(reason: str) -> None:
    """They stand on pages in two languages: no English words, and never a number of a person."""
    data, mapping = gallery.EVERY[reason]
    (failure,) = (r for r in read(data, mapping, gallery.RECEIVED) if isinstance(r, Failure))
    if reason not in ("invalid-mapping", "wrong-columns"):  # an engineer's, and the pages translate
        assert not re.search(r"\b(the|not|in|of|and|expected|mismatch)\b", failure.detail)
    assert "12345678901" not in repr(failure)


@pytest.mark.parametrize(
    ("data", "mapping"),
    [
        (gallery.INVALID["invalid-identity-number"], None),
        (
            gallery.rows(gallery.VALID_ROW.replace("P1", "12345678901")),
            gallery.MAPPING + b'[patient]\nkind = "FNR"\n',
        ),
    ],
)
def test_of_a_wrong_number_only_the_length_is_shown(data: bytes, mapping: bytes | None) -> None:
    (failure,) = read(data, mapping)
    assert isinstance(failure, Failure)
    assert (failure.reason, failure.detail) == ("invalid-identity-number", "• × 11")


def test_a_fodselsnummer_is_called_so() -> None:
    """A personnummer is its last five digits only."""
    for reason in reasons().values():
        text = f"{reason.nb.title} {reason.nb.explanation} {reason.nb.action}"
        assert "personnummer" not in text.lower()


def test_what_to_send_instead_is_said_by_door() -> None:
    """Each door names what it takes; the doors of de-identified registers take a table alone."""
    assert set(formats().doors) == set(kinds())
    for door in kinds():
        told = reason_at("unknown-format", door)
        assert told is not None and told.nb.action != told.en.action
        lab = all("HL7 v2 ORU^R01" in text.action for text in (told.nb, told.en))
        assert lab is (door == "laboratory")
        assert ("CSV" in told.nb.action) is (door != "notification")
    assert "KITH svarrapport" not in reason_at("unknown-format", "norm").nb.action  # type: ignore[union-attr]
    assert "HL7 v2" in reason_at("unknown-format", "").nb.action  # type: ignore[union-attr]
    assert reason_at("bad-date", "norm") == reasons()["bad-date"]
    assert reason_at("no such reason", "norm") is None
