"""Every reason to refuse a FHIR bundle: it happens, it is explained, and it says where."""

from __future__ import annotations

import re

import pytest

from messages import fhir_gallery as gallery
from messages.gallery import RECEIVED
from varde.messages import Failure, LabReport, MessageError, reasons
from varde.messages.fhir.reports import read_fhir

PLACE = re.compile(r"Bundle(\.[A-Za-z_]+(\[\d+\])?)+( \(\w+\))?")


def only(data: bytes) -> Failure:
    (failure,) = read_fhir(data, RECEIVED)
    assert isinstance(failure, Failure), failure
    return failure


@pytest.mark.parametrize("reason", sorted(gallery.UNREADABLE))
def test_a_bundle_that_cannot_be_used_is_refused_as_a_whole(reason: str) -> None:
    with pytest.raises(MessageError) as caught:
        list(read_fhir(gallery.UNREADABLE[reason], RECEIVED))
    assert caught.value.reason == reason


@pytest.mark.parametrize("reason", sorted(gallery.INVALID))
def test_the_example_gives_exactly_its_reason_and_place(reason: str) -> None:
    failure = only(gallery.INVALID[reason])
    assert failure.reason == reason
    assert PLACE.fullmatch(failure.place), failure.place
    assert not re.search(r"\b(the|not|in|of|and|expected|mismatch)\b", failure.detail)
    assert "12345678901" not in repr(failure)


@pytest.mark.parametrize("reason", sorted(gallery.INVALID))
def test_a_failure_has_its_names_as_far_as_they_can_be_read(reason: str) -> None:
    failure = only(gallery.INVALID[reason])
    assert failure.message_id == ("" if reason == "missing-message-id" else "M1")
    assert failure.sender == ("" if reason == "missing-sender" else "HER:91843")
    assert failure.report_id == ("" if reason == "missing-report-id" else "R1")


def test_every_reason_is_explained() -> None:
    assert gallery.EVERY.keys() <= reasons().keys()
    assert set(gallery.NEW) <= gallery.EVERY.keys()


def test_the_bundle_that_the_examples_change_is_read() -> None:
    (report,) = read_fhir(gallery.GOOD, RECEIVED)
    assert isinstance(report, LabReport)


def test_a_wrong_type_says_what_was_found_and_what_belongs_there() -> None:
    failure = only(gallery.INVALID["bad-field"])
    assert failure.place == "Bundle.entry[4].resource.code (Observation)"
    assert failure.detail == "array ≠ object"
