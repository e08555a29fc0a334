"""Every reason to refuse an HL7 version 2 message: it happens, says where, and names whose it is."""

from __future__ import annotations

import re

import pytest

from messages import hl7v2_gallery as gallery
from messages.gallery import RECEIVED
from varde.messages import Failure, LabReport, UnreadableMessage, reasons
from varde.messages.hl7v2.reports import read_hl7v2

PLACE = re.compile(r"[A-Z][A-Z0-9]{2}\[\d+\](-\d+)?")


def read(data: bytes) -> list[LabReport | Failure]:
    return list(read_hl7v2(data, RECEIVED))


@pytest.mark.parametrize("reason", gallery.INVALID)
def test_the_example_gives_exactly_its_reason(reason: str) -> None:
    (failure,) = read(gallery.INVALID[reason])
    assert isinstance(failure, Failure)
    assert failure.reason == reason and reason in reasons()
    assert PLACE.fullmatch(failure.place), failure.place
    assert failure.message_id == ("" if reason == "missing-message-id" else "M1")
    assert failure.sender == ("" if reason == "missing-sender" else "HER:91843")
    assert failure.report_id == ("" if reason == "cyclic-reference" else "R1")
    assert "12345678901" not in repr(failure)
    assert not re.search(r"\b(the|not|in|of|and|expected)\b", failure.detail)


@pytest.mark.parametrize("reason", gallery.INVALID)
def test_one_bad_message_takes_no_other_with_it(reason: str) -> None:
    (good,) = read(gallery.GOOD)
    first, second, third = read(gallery.GOOD + gallery.INVALID[reason] + gallery.GOOD)
    assert (first, third) == (good, good)
    assert isinstance(second, Failure) and (second.item, second.reason) == (1, reason)


@pytest.mark.parametrize("reason", gallery.UNREADABLE)
def test_a_file_that_cannot_be_used_at_all(reason: str) -> None:
    with pytest.raises(UnreadableMessage) as caught:
        read(gallery.UNREADABLE[reason])
    assert caught.value.reason == reason and reason in reasons()
