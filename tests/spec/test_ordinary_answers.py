"""Ordinary answers as laboratories write them, row by row of `ordinary_answers.csv` and alike in KITH, FHIR and HL7 v2.

What each row must come to was decided by what it says, before it was read: organisms with their resistances, ``-`` for not
found, ``?`` for what a person must look at, ``.`` for neither; ``/`` between what are as good, ``|`` between several
findings. A wrong row is never allowed. A row that waits and need not is allowed to be one of a few: what waits is safe, but
who has too much to look at sees nothing.
"""

from __future__ import annotations

import csv
from collections import Counter
from functools import cache
from itertools import permutations
from pathlib import Path

from messages.test_beside import both
from spec.test_answers_spec import in_every_format
from varde.codes import markers_in, organism_proved_by, organisms, resistance_markers
from varde.messages import Failure, LabReport
from varde.messages.answers.known_names import concept_of
from varde.messages.records import Finding

MOST_WAITING = 0.05
"""Share of the rows that wait though their meaning is plain."""

with (Path(__file__).parent / "ordinary_answers.csv").open(encoding="utf-8", newline="") as file:
    ROWS = [(row["analysis"], row["text"], row["expected"]) for row in csv.DictReader(file)]


def name_of(finding: Finding) -> str:
    """A finding as the table has it: an organism with its resistances; ``?`` for one that nobody knows."""
    concept = concept_of(finding.organisms)
    if concept is None:  # a gene or a toxin by itself, as the register reads it
        concept = organism_proved_by(code.text for code in finding.organisms)
    if concept is None:
        return "?"
    markers = markers_in((code.code, code.text) for code in finding.organisms)
    return "+".join((concept, *markers))


def meaning_of(report: LabReport | Failure) -> frozenset[str]:
    assert isinstance(report, LabReport), report
    found = frozenset(map(name_of, report.findings))
    return found or frozenset("-" if report.negative else ".")


def is_as_expected(found: frozenset[str], expected: str) -> bool:
    wanted = [set(each.split("/")) for each in expected.split("|")]
    return len(found) == len(wanted) and any(
        all(one in ways for one, ways in zip(order, wanted, strict=True))
        for order in permutations(found)
    )


with (Path(__file__).parent / "kinds_beside.csv").open(encoding="utf-8", newline="") as file:
    PAIRS = list(csv.DictReader(file))


@cache
def read_all() -> dict[tuple[str, str, str], frozenset[frozenset[str]]]:
    return {
        row: frozenset(map(meaning_of, in_every_format(row[0], row[1]).values())) for row in ROWS
    }


def test_no_row_is_wrong() -> None:
    wrong = [
        (row, found)
        for row, every in read_all().items()
        for found in every
        if not (is_as_expected(found, row[2]) or found == {"?"})
    ]
    assert wrong == []


def test_the_formats_agree() -> None:
    assert [row for row, every in read_all().items() if len(every) > 1] == []


def test_few_rows_wait_that_need_not() -> None:
    waiting = [
        row
        for row, every in read_all().items()
        if any(found == {"?"} and not is_as_expected(found, row[2]) for found in every)
    ]
    assert len(waiting) <= MOST_WAITING * len(ROWS), waiting


def test_the_table_is_one() -> None:
    assert len({row[:2] for row in ROWS}) == len(ROWS) >= 400
    signs = Counter(expected for _, _, expected in ROWS)
    assert signs["-"] > 60 and signs["?"] > 40
    known = {"-", "?", ".", *organisms()}
    for _, text, expected in ROWS:
        for each in expected.replace("|", "/").split("/"):
            name, *markers = each.split("+")
            assert name in known and resistance_markers().issuperset(markers), (text, each)


def test_a_kind_beside_what_was_found_is_read_alike_in_every_format_and_order() -> None:
    """`kinds_beside.csv`: two analyses of one specimen, the second of which asks which kind there was."""
    wrong = []
    for row in PAIRS:
        pair = [(row["analysis"], row["text"]), (row["beside"], row["said"])]
        for order in (1, -1):
            for report in both(*pair[::order]):
                found = meaning_of(report)
                if not is_as_expected(found, row["expected"]):
                    wrong.append((row, found))
    assert wrong == []
    assert len(PAIRS) > 100
