"""Two laboratories on one specimen: joined, counted once, whatever the order."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection, transaction

from register import answers
from varde.codes import CodeMap
from varde.register import register_status, replay
from varde.register.columns import read_register
from varde.register.opening import write_versions
from varde.register.settings import write_setting

pytestmark = pytest.mark.django_db

MONTH = "2025-12"


def _isolates(month: str = MONTH) -> list[dict[str, object]]:
    with read_register(CodeMap.load(), date(2026, 1, 1)) as source:
        return [row for batch in source.isolates(month) for row in batch.to_pylist()]


def _results(month: str = MONTH) -> list[tuple[object, object]]:
    with read_register(CodeMap.load(), date(2026, 1, 1)) as source:
        rows = [row for batch in source.susceptibilities(month) for row in batch.to_pylist()]
    return sorted((row["antibiotic"], row["sir"]) for row in rows)


def _versions() -> dict[str, int]:
    """How often each month has changed."""
    with read_register(CodeMap.load(), date(2026, 1, 1)) as source:
        return dict(source.partitions())


def _said() -> list[tuple[str, str]]:
    """Reason and disagreement of all that is joined."""
    return [(row[7], row[8]) for row in answers.register_state()["joined"]]


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
OTHER_DAY = _answer("X10", "99999", day="2025-12-08")
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
    assert _said() == [("same-day-and-material", "CIP S/R")]


PCR = ["Us-Escherichia coli DNA"]
FOUND = _answer("R1", "11111", organism="", searches=PCR)
BOTH = _answer("R3", "11111", searches=PCR)


def test_what_was_found_otherwise_than_by_growing_it_is_joined_and_no_isolate() -> None:
    for data in (LOCAL, FOUND, _answer("R2", "22222", organism="", searches=PCR)):
        _take(data)
    assert [row["laboratory"] for row in _isolates()] == ["HER:91843"]
    assert _said() == [("same-day-and-material:nucleic-acid", "")] * 2
    assert register_status()["joined_for"] == {"same-day-and-material:nucleic-acid": 2}
    assert sorted(row[6] for row in answers.register_state()["findings"]) == [
        "culture", "nucleic-acid", "nucleic-acid",
    ]  # fmt: skip


def test_what_both_found_by_its_genome_is_one_finding() -> None:
    """As a reviewer sent it: the same number of the specimen, no culture anywhere."""
    search = ["Neisseria meningitidis DNA"]
    more = {"organism": "", "searches": search, "number": "26-123456"}
    _take(_answer("R1", "91843", **more))
    _take(_answer("X9", "99999", day="2025-12-07", **more))
    assert _said() == [("same-specimen-number", "")]
    assert (_isolates(), _results()) == ([], [])


def test_an_antibody_is_not_what_grew() -> None:
    _take(LOCAL)
    _take(_answer("R1", "11111", organism="", searches=["Escherichia coli IgM"]))
    assert _joined() == 0


def test_the_results_of_what_did_not_grow_are_not_those_of_the_isolate() -> None:
    """A list says of its rows how they were found, and what they were tested against."""
    _take(LOCAL)
    _take(FOUND)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM register_joined")
        [(finding,)] = cursor.fetchall()
        cursor.execute(
            "INSERT INTO register_susceptibility (id, antibiotic, sir, mic) VALUES (%s, 'MEM', 'R', '')",
            [finding * 256],
        )
    assert _results() == [("AMP", "R"), ("CIP", "S")]


@pytest.mark.parametrize("order", [(LOCAL, BOTH), (BOTH, LOCAL)])
def test_a_laboratory_that_both_grew_and_found_it_is_joined_by_what_grew(
    order: tuple[bytes, ...],
) -> None:
    for data in order:
        _take(data)
    assert len(_isolates()) == 1
    assert _joined() == 1


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


@pytest.mark.parametrize(
    ("local", "reference", "reason"),
    [
        ({}, {"free": "Isolat", "coded_as": None}, "isolate-of-the-same-day"),
        ({}, {"free": "Isolat", "coded_as": None, "day": "2025-12-06"}, "isolate-of-the-same-days"),
        ({"organism": "Klebsiella"}, {"organism": "Klebsiella pneumoniae"}, "same-day-and-material"),
        ({"organism": "Salmonella"}, {"organism": "Salmonella Enteritidis"}, "same-day-and-material"),
        (
            {"collected": "2025-12-05T23:30:00"},
            {"collected": "2025-12-06T00:30:00"},
            "same-days-and-material",
        ),
        ({}, {"day": "2025-12-07"}, "same-days-and-material"),
        (
            {"number": "26-123456"},
            {"number": "26123456", "day": "2025-12-19"},
            "same-specimen-number",
        ),
        ({"free": "Fabelstoff", "coded_as": None}, {"free": "Isolat", "coded_as": None}, "isolate-of-the-same-day"),
    ],
)  # fmt: skip
def test_what_a_reference_laboratory_does_with_a_specimen_leaves_it_one(
    local: dict[str, object], reference: dict[str, object], reason: str
) -> None:
    _take(_answer("R1", "91843", **local))
    _take(_answer("X9", "99999", **reference))
    assert _said() == [(reason, "")]
    assert len(_isolates()) == 1


def test_the_more_precise_name_counts_and_the_others_results_are_added() -> None:
    _take(
        _answer(
            "R1", "91843", organism="Klebsiella", results=[("NPU06045", "R"), ("NPU06049", "S")]
        )
    )
    _take(_answer("X9", "99999", organism="Klebsiella pneumoniae", results=[("NPU06049", "R")]))
    assert [(row["organism"], row["laboratory"]) for row in _isolates()] == [
        ("klebsiella-pneumoniae", "HER:99999")
    ]
    assert _results() == [("AMP", "R"), ("CIP", "R")]
    assert _said() == [("same-day-and-material", "CIP R/S")]


def test_a_short_number_says_nothing_outside_its_laboratory() -> None:
    _take(_answer("R1", "91843", number="S1"))
    _take(_answer("X9", "99999", number="S1", day="2025-12-19"))
    assert _joined() == 0


def test_an_isolate_that_may_be_of_two_specimens_is_left_alone() -> None:
    _take(_answer("R1", "91843"))
    _take(_answer("R2", "91843", free="Blodkultur", coded_as=None))
    _take(_answer("X9", "99999", free="Isolat", coded_as=None))
    assert _joined() == 0 and len(_isolates()) == 3


def test_persons_of_whom_one_laboratory_knows_its_own_number_alone_are_not_joined() -> None:
    for report, her in (("R1", "91843"), ("X9", "99999")):
        _take(answers.answer(report, f"M-{report}", her=her, person=None))
    assert _joined() == 0 and len(_isolates()) == 2


def test_results_stand_in_the_month_of_the_isolate_that_counts() -> None:
    local = _answer("R1", "91843", day="2025-11-30", results=[("NPU06049", "S"), ("NPU06045", "R")])
    _take(local)
    _take(_answer("X9", "99999", day="2025-12-01", results=[("NPU06037", "S")]))
    assert (len(_isolates("2025-11")), len(_isolates())) == (1, 0)
    assert _results("2025-11") == [("AMP", "R"), ("CIP", "S"), ("MEM", "S")] and _results() == []
    before = _versions()
    changed = _answer(
        "X9", "99999", day="2025-12-01", results=[("NPU06037", "R")], made=2, service="M"
    )
    _take(changed.replace(b"M-X9", b"M-X9-2"))
    assert _results("2025-11") == [("AMP", "R"), ("CIP", "S"), ("MEM", "R")]
    assert _versions()["2025-11"] > before["2025-11"]


def test_months_are_written_anew_when_what_counts_there_goes() -> None:
    _take(_answer("R1", "91843", day="2025-11-30", results=[("NPU06049", "S"), ("NPU06045", "R")]))
    _take(_answer("X9", "99999", day="2025-12-01"))
    before = _versions()
    _take(_answer("R1", "91843", service="C", made=3, day="2025-11-30").replace(b"M-R1", b"M-R1-c"))
    assert len(_isolates()) == 1
    assert _versions()["2025-12"] > before["2025-12"]


def test_one_that_is_made_anew_and_says_the_same_may_count() -> None:
    first = _answer("R1", "91843", made=2)
    other = _answer("X9", "99999", made=3)
    again = _answer("R1", "91843", made=4).replace(b"M-R1", b"M-R1-2")
    for order in ((first, other, again), (first, again, other)):
        with transaction.atomic():
            for data in order:
                _take(data)
            assert [row["laboratory"] for row in _isolates()] == ["HER:91843"]
            transaction.set_rollback(True)


def test_what_is_joined_is_counted_by_reason() -> None:
    _take(LOCAL)
    _take(REFERENCE)
    _take(_answer("Y1", "77777", free="Isolat", coded_as=None))
    status = register_status()
    assert (status["joined"], status["joined_disagreeing"]) == (2, 1)
    assert status["joined_for"] == {"isolate-of-the-same-day": 1, "same-day-and-material": 1}


def test_a_register_of_before_the_rules_is_to_be_replayed() -> None:
    register = answers.make_register()
    for data in (LOCAL, REFERENCE):
        answers.send(register, data)
    write_versions(register.context.codes.version)
    assert not register_status(register)["replay_advised"]
    state = answers.register_state()
    write_setting("joining", "")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE register_joined SET reason = 'older', disagrees = ''")
    assert register_status(register)["replay_advised"]
    assert replay(register, answers.clock).why == ["rules"]
    assert answers.register_state() == state
    assert not register_status(register)["replay_advised"]
