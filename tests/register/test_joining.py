"""Two laboratories on one specimen: joined, counted once, whatever the order."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from register import answers
from varde.codes import CodeMap
from varde.register.columns import read_register

pytestmark = pytest.mark.django_db

MONTH = "2025-12"


def _isolates() -> list[dict[str, object]]:
    with read_register(CodeMap.load(), date(2026, 1, 1)) as source:
        return [row for batch in source.isolates(MONTH) for row in batch.to_pylist()]


def _results() -> list[tuple[object, object]]:
    with read_register(CodeMap.load(), date(2026, 1, 1)) as source:
        rows = [row for batch in source.susceptibilities(MONTH) for row in batch.to_pylist()]
    return sorted((row["antibiotic"], row["sir"]) for row in rows)


def _joined() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM register_joined")
        return int(cursor.fetchone()[0])


def _take(data: bytes) -> None:
    answers.send(answers.make_register(), data)


def _answer(report: str, her: str, **more: object) -> bytes:
    return answers.answer(report, f"M-{report}-{her}", her=her, person=answers.PERSONS[0], **more)  # type: ignore[arg-type]


LOCAL = _answer("R1", "91843", results=[("NPU06049", "S"), ("NPU06045", "R")])
REFERENCE = _answer("X9", "99999", results=[("NPU06049", "R"), ("NPU06037", "S")])
OTHER_DAY = _answer("X10", "99999", day="2025-12-06")
OTHER_ORGANISM = _answer("X11", "99999", organism="Klebsiella pneumoniae")
SAME_LABORATORY = _answer("R2", "91843")


@pytest.mark.parametrize("order", [(LOCAL, REFERENCE), (REFERENCE, LOCAL)])
def test_what_two_laboratories_report_of_one_specimen_is_one_isolate(
    order: tuple[bytes, ...],
) -> None:
    for data in order:
        _take(data)
    assert [row["laboratory"] for row in _isolates()] == ["HER:91843"]
    # The counted laboratory's own category stands; what only the other tested is added.
    assert _results() == [("AMP", "R"), ("CIP", "S"), ("MEM", "S")]
    assert _joined() == 1


PCR = ["Us-Escherichia coli DNA"]
FIRST_PCR = _answer("R1", "11111", organism="", searches=PCR)
SECOND_PCR = _answer("R2", "22222", organism="", searches=PCR)
BOTH = _answer("R3", "11111", searches=PCR)


@pytest.mark.parametrize("order", [(LOCAL, FIRST_PCR), (FIRST_PCR, LOCAL)])
def test_what_one_grew_and_another_found_otherwise_is_one_and_the_isolate_counts(
    order: tuple[bytes, ...],
) -> None:
    for data in order:
        _take(data)
    assert [row["laboratory"] for row in _isolates()] == ["HER:91843"]
    assert _results() == [("AMP", "R"), ("CIP", "S")]
    assert _pairs() == [("HER:11111", "nucleic-acid", "HER:91843", "culture")]


@pytest.mark.parametrize("order", [(LOCAL, BOTH), (BOTH, LOCAL)])
def test_of_two_findings_of_one_laboratory_only_the_others_join(order: tuple[bytes, ...]) -> None:
    for data in order:
        _take(data)
    assert [row["laboratory"] for row in _isolates()] == ["HER:11111"]
    assert _pairs() == [("HER:91843", "culture", "HER:11111", "culture")]


def test_what_nobody_grew_is_joined_too_and_is_no_isolate() -> None:
    _take(SECOND_PCR)
    _take(FIRST_PCR)
    assert _isolates() == []
    assert _pairs() == [("HER:22222", "nucleic-acid", "HER:11111", "nucleic-acid")]


def _pairs() -> list[tuple[str, str, str, str]]:
    """Sender and method of each finding that does not count, and of the one that does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.sender, f.method, b.sender, g.method FROM register_joined j "
            "JOIN register_report a ON a.id = j.id / 1024 JOIN register_finding f ON f.id = j.id "
            "JOIN register_report b ON b.id = j.counted / 1024 "
            "JOIN register_finding g ON g.id = j.counted"
        )
        return list(cursor.fetchall())


@pytest.mark.parametrize("other", [OTHER_DAY, OTHER_ORGANISM, SAME_LABORATORY])
def test_another_day_organism_or_the_same_laboratory_is_not_joined(other: bytes) -> None:
    _take(LOCAL)
    _take(other)
    assert len(_isolates()) == 2
    assert _joined() == 0


def test_a_withdrawn_report_gives_the_other_back() -> None:
    _take(LOCAL)
    _take(REFERENCE)
    _take(_answer("R1", "91843", service="C", made=3).replace(b"M-R1", b"M-R1-c"))
    assert [row["laboratory"] for row in _isolates()] == ["HER:99999"]
    assert _results() == [("CIP", "R"), ("MEM", "S")]
    assert _joined() == 0
