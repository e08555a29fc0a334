"""Words in isolate lists: nothing grew, a category in words, not tested."""

from __future__ import annotations

import pytest

from varde.messages import Failure, LabReport, read

MAPPING = b"""
sender = "LIST"
[columns]
isolate_id = "id"
collected = "date"
organism = "Mikrobe"
[antibiotics]
columns = ["CIP", "MEM"]
values = "sir"
system = "WHONET"
"""


def row(organism: str, cip: str = "", mem: str = "") -> LabReport | Failure:
    data = f"id,date,Mikrobe,CIP,MEM\n1,2026-01-05,{organism},{cip},{mem}\n".encode()
    [record] = read(data, MAPPING)
    assert isinstance(record, LabReport | Failure)
    return record


@pytest.mark.parametrize("said", ["Ingen vekst", "Normalflora", "Ikke påvist", "NO GROWTH."])
def test_nothing_grew(said: str) -> None:
    for cells in (("", ""), ("-", "ikke utført")):
        record = row(said, *cells)
        assert isinstance(record, LabReport)
        assert record.negative and not record.findings and len(record.specimens) == 1


def test_nothing_grew_and_was_tested_is_a_slip() -> None:
    record = row("Ingen vekst", "S")
    assert isinstance(record, Failure) and record.reason == "bad-value"


@pytest.mark.parametrize(
    ("said", "sir"), [("Sensitiv", "S"), ("resistent", "R"), ("Intermediær", "I"), ("R", "R")]
)
def test_a_category_in_words(said: str, sir: str) -> None:
    record = row("Escherichia coli", said, "Ikke utført")
    assert isinstance(record, LabReport) and not record.negative
    assert [one.sir for one in record.findings[0].susceptibilities] == [sir]


def test_other_words_are_refused() -> None:
    record = row("Escherichia coli", "kanskje")
    assert isinstance(record, Failure) and record.reason == "bad-susceptibility"
