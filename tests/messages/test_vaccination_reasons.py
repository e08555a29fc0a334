"""Every reason to refuse a vaccination: it happens, it is explained, it says where, and it names whose."""

from __future__ import annotations

import re

import pytest

from messages import vaccination_gallery as gallery
from messages.gallery import RECEIVED
from messages.vaccination_builder import row, rows
from varde.messages import Failure, read, reasons
from varde.messages.records import Vaccination

FHIR_PLACE = re.compile(r"Bundle(\.[A-Za-z_]+(\[\d+\])?)+( \(\w+\))?")
TABLE_PLACE = re.compile(r"line \d+(, column \w+)?")


def only(data: bytes) -> Failure:
    (failure,) = read(data, None, RECEIVED)
    assert isinstance(failure, Failure), failure
    return failure


@pytest.mark.parametrize("reason", sorted(gallery.FHIR))
def test_an_immunization_is_refused_for_exactly_its_reason(reason: str) -> None:
    failure = only(gallery.FHIR[reason])
    assert failure.reason == reason
    assert FHIR_PLACE.fullmatch(failure.place), failure.place
    assert failure.kind == "vaccination"
    assert failure.message_id == ("" if reason == "missing-message-id" else "M1")
    assert failure.sender == ("" if reason == "missing-sender" else "HER:91843")
    assert failure.report_id == ("" if reason == "missing-report-id" else "V1")


@pytest.mark.parametrize("reason", sorted(gallery.TABLE))
def test_a_row_is_refused_for_exactly_its_reason(reason: str) -> None:
    failure = only(gallery.TABLE[reason])
    assert failure.reason == reason
    assert TABLE_PLACE.fullmatch(failure.place), failure.place
    assert failure.kind == "vaccination"


@pytest.mark.parametrize("examples", [gallery.FHIR, gallery.TABLE], ids=["fhir", "table"])
def test_details_are_values_and_show_no_number(examples: dict[str, bytes]) -> None:
    for data in examples.values():
        failure = only(data)
        assert not re.search(r"\b(the|not|in|of|and|expected)\b", failure.detail)
        assert "12345678901" not in repr(failure)
        assert failure.reason in reasons()


def test_a_reason_that_both_formats_give_is_the_same_one() -> None:
    shared = gallery.FHIR.keys() & gallery.TABLE.keys()
    assert shared >= {
        "not-vaccinated", "missing-vaccine", "missing-patient", "born-after-vaccination", "future-date",
        "absurd-date", "bad-date", "invalid-identity-number", "contradictory-sex",
    }  # fmt: skip


def test_a_bad_row_takes_no_other_with_it() -> None:
    examples = [data for reason, data in gallery.TABLE.items() if reason != "empty-list"]
    bad = [data.splitlines()[1].decode() for data in examples]
    lines = [line for n, each in enumerate(bad) for line in (row(Nummer=f"G{n}"), each)]
    found = list(read(rows(*lines, row(Nummer="last")), None, RECEIVED))
    good = [record.report_id for record in found if isinstance(record, Vaccination)]
    assert good == [*(f"G{n}" for n in range(len(bad))), "last"]
    assert len(found) == 2 * len(bad) + 1


def test_the_bundle_and_the_row_that_the_examples_change_are_read() -> None:
    for data in (gallery.GOOD, rows(row())):
        (found,) = read(data, None, RECEIVED)
        assert isinstance(found, Vaccination)
