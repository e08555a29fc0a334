"""Rejected rows: shown with reasons and without what they hold, corrected, closed, opened again."""

from __future__ import annotations

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
    assert waiting(home) == {receipt.delivery: 1, answer.delivery: 1}
    assert [row.row for row in list_rejected(home, delivery=receipt.delivery)] == [3]
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
