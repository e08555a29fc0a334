"""Rejected rows: shown with reasons and without what they hold, corrected, closed, opened again."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from deliveries.given import IDENTITY, bed_days, deliver, dispensings, held, rows_of
from varde.deliveries import (
    NoDelivery,
    RowError,
    count_waiting,
    list_rejected,
    remove,
    write_rejected,
)

WRONG = bed_days(("2026-01", "short", "1"), ("2026-02", "short", "x"), ("2026-13", "long", "2"))


def waiting(home: Path) -> dict[str, int]:
    return count_waiting(home)


def test_rejected_rows_say_why_and_nothing_of_patients(home: Path) -> None:
    receipt = deliver(
        home,
        dispensings(
            {"patient": "p" * 65, "dispensing_id": f"x {IDENTITY}" + "y" * 40},
            {"dispensing_id": "D2", "patient": ""},
        ),
    )
    found = list(list_rejected(home))
    assert [(row.delivery, row.table, row.row) for row in found] == [
        (receipt.delivery, "dispensings", 2),
        (receipt.delivery, "dispensings", 3),
    ]
    assert found[0].errors[1] == RowError("patient", "too-long", "••••••")
    assert found[1].errors == (RowError("patient", "missing-value", ""),)
    assert IDENTITY not in str(found)


def test_a_correction_closes_what_it_says_it_is_for(home: Path) -> None:
    receipt = deliver(home, WRONG, 1)
    assert waiting(home) == {receipt.delivery: 2}
    text = b"".join(write_rejected(home, receipt.delivery)).decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0] == "rejected_in;rejected_row;institution;month;stay;bed_days"
    assert lines[1:] == [
        f"{receipt.delivery};3;974760673;2026-02;short;x",
        f"{receipt.delivery};4;974760673;2026-13;long;2",
    ]
    corrected = text.replace("2026-13", "2026-12").encode()
    answer = deliver(home, corrected, 2)
    assert (answer.accepted, answer.rejected, answer.closed) == (1, 1, 1)
    # The month was wrong, so nobody could have known by its key which row it is.
    assert held(home)["2026-12", "long"] == "2.0"
    # What is still wrong waits once, as it was written last.
    assert waiting(home) == {answer.delivery: 1}
    assert [(row.delivery, row.row) for row in list_rejected(home)] == [(answer.delivery, 2)]
    remove(home, answer.delivery)
    assert waiting(home) == {receipt.delivery: 2}


def test_a_later_row_of_the_same_key_closes_whatever_the_order(home: Path) -> None:
    right = bed_days(("2026-02", "short", "7"))
    deliver(home, right, 2)
    receipt = deliver(home, WRONG, 1)
    assert waiting(home) == {receipt.delivery: 1}
    assert held(home) == {("2026-01", "short"): "1.0", ("2026-02", "short"): "7.0"}


def test_an_earlier_row_of_the_same_key_closes_nothing(home: Path) -> None:
    deliver(home, bed_days(("2026-02", "short", "7")), 1)
    receipt = deliver(home, WRONG, 2)
    assert waiting(home) == {receipt.delivery: 2}


def test_rows_that_contradict_each_other_are_handed_out_as_they_came(home: Path) -> None:
    rows = [{"patient": "p-9", "age": "41"}, {"patient": "p-9", "age": "42"}]
    receipt = deliver(home, dispensings(*rows), 1)
    text = b"".join(write_rejected(home, receipt.delivery)).decode("utf-8-sig")
    assert text.count(";p-9;") == 2
    heading, first, _ = text.splitlines()
    answer = deliver(home, f"{heading}\n{first}\n".encode(), 2)
    assert (answer.accepted, answer.closed) == (1, 2)
    assert [row["age"] for row in rows_of(home, "dispensings")] == [41]


def test_a_row_with_too_many_cells_is_handed_out_whole(home: Path) -> None:
    content = bed_days(("2026-01", "short", "1", "2", "3"))  # type: ignore[arg-type]
    receipt = deliver(home, content)
    [_, line] = b"".join(write_rejected(home, receipt.delivery)).decode().splitlines()
    assert line.endswith(";974760673;2026-01;short;1;2;3")


def test_nothing_rejected_is_nothing_to_show(home: Path) -> None:
    assert list(list_rejected(home)) == [] and waiting(home) == {}
    with pytest.raises(NoDelivery):
        list(list_rejected(home, delivery="x"))
    receipt = deliver(home, bed_days(("2026-01", "short", "1")))
    assert list(list_rejected(home)) == []
    assert len(b"".join(write_rejected(home, receipt.delivery)).splitlines()) == 1


def handed_out(home: Path, delivery: str) -> str:
    return b"".join(write_rejected(home, delivery)).decode("utf-8-sig")


def test_a_correction_is_corrected_as_its_first_rows_are(home: Path) -> None:
    first = deliver(home, WRONG, 1)
    text = handed_out(home, first.delivery)
    second = deliver(home, text.replace("short;x", "short;y").encode(), 2)
    assert (second.accepted, second.rejected, second.closed) == (0, 2, 0)
    assert waiting(home) == {second.delivery: 2}
    assert handed_out(home, first.delivery).splitlines() == [text.splitlines()[0]]
    # As somebody wrote it last, and as what it was at first.
    again = handed_out(home, second.delivery)
    assert again == text.replace("short;x", "short;y")
    third = deliver(home, again.replace("short;y", "short;2").encode(), 3)
    assert (third.accepted, third.rejected, third.closed) == (1, 1, 1)
    assert waiting(home) == {third.delivery: 1}
    last = deliver(home, handed_out(home, third.delivery).replace("2026-13", "2026-12").encode(), 4)
    assert (last.accepted, last.closed) == (1, 1) and waiting(home) == {}
    # What stood between may go: the row of the first is right all the same.
    remove(home, second.delivery)
    assert waiting(home) == {}
    remove(home, last.delivery)
    assert waiting(home) == {third.delivery: 1}
    remove(home, third.delivery)
    assert waiting(home) == {first.delivery: 2}


def test_corrections_in_any_order_leave_the_same_rows_waiting(tmp_path: Path) -> None:
    """Part of a file of corrections, then another part, and the same row twice: nothing waits twice, nothing is lost."""
    found = []
    for number, order in enumerate(itertools.permutations(range(4))):
        home = tmp_path / str(number)
        text = handed_out(home, deliver(home, WRONG, 1).delivery)
        heading, one, other = text.splitlines()
        rows = [one, one.replace(";x", ";y"), one.replace(";x", ";z"), other]
        for place in order:
            deliver(home, f"{heading}\n{rows[place]}\n".encode(), place + 2)
        found.append(sorted((row.errors[0].shown, row.row) for row in list_rejected(home)))
    assert set(map(str, found)) == {str([("2026-13", 2), ("z", 2)])}


def test_one_row_corrected_as_two_waits_for_the_one_that_is_wrong(home: Path) -> None:
    first = deliver(home, WRONG, 1)
    heading, one, _ = handed_out(home, first.delivery).splitlines()
    two = f"{heading}\n{one.replace(';x', ';1')}\n{one.replace('short;x', 'long;x')}\n"
    second = deliver(home, two.encode(), 2)
    assert (second.accepted, second.rejected, second.closed) == (1, 1, 1)
    assert waiting(home) == {first.delivery: 1, second.delivery: 1}


def test_a_row_that_there_is_not_closes_nothing(home: Path) -> None:
    first = deliver(home, WRONG, 1)
    heading = "rejected_in;rejected_row;institution;month;stay;bed_days"
    deliver(home, bed_days(("2026-07", "short", "1"), heading=heading).replace(
        b"974", f"{first.delivery};99;974".encode()), 2)  # fmt: skip
    assert waiting(home) == {first.delivery: 2}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("974760673;2026-01-01;;Vest;other;;4601", "wrong-cell-count"),
        ("974760673;2026-01-01;;Vest;other;;4601;;", "wrong-cell-count"),
        ('974760673;2026-01-01;;"Vest;other;;4601;', "open-quotation"),
        ('974760673;2026-01-01;;"Vest"heim;other;;4601;', "open-quotation"),
    ],
)
def test_a_damaged_row_handed_in_unchanged_is_damaged_for_the_same_reason(
    home: Path, line: str, reason: str
) -> None:
    heading = "institution;since;until;name;kind;part_of;municipality;successor"
    latest = deliver(home, f"{heading}\n{line}\n".encode(), 1)
    for on in (2, 3):
        text = handed_out(home, latest.delivery)
        assert text.splitlines()[1].endswith(line)
        latest = deliver(home, text.encode(), on)
        assert (latest.accepted, latest.closed) == (0, 0)
        [row] = list_rejected(home)
        assert [error.reason for error in row.errors] == [reason]
