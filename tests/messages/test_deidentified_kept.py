"""The form that is kept: known by its seal alone, and read whatever became of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from messages import deidentified_gallery
from messages import deidentified_lists as lists
from varde.messages import Failure, LabReport, minimise, read, read_minimised, reasons

RECEIVED = datetime(2026, 7, 2, 12, tzinfo=UTC)


def keep(register: str, *rows: dict[str, str]) -> bytes:
    return minimise(register, lists.write(register, *rows), lists.keyed)  # type: ignore[arg-type]


def test_what_is_kept_is_known_by_its_seal_alone() -> None:
    """Else somebody could hand in what looks minimised, with anything in it."""
    kept = keep("norm", lists.row("norm"))
    assert minimise("norm", kept, lists.keyed) == kept
    forged = kept.replace(b'"Escherichia coli"', b'"Syntetisk Person"')
    for register, data, key in (
        ("norm", forged, lists.keyed),
        ("norm", kept[:-1], lists.keyed),
        ("norm", kept, lists.other_keyed),
        ("ravn", kept, lists.keyed),
    ):
        (found,) = read_minimised(minimise(register, data, key))  # type: ignore[arg-type]
        assert isinstance(found, Failure) and found.reason == "unknown-format"


@pytest.mark.parametrize("reason", sorted(deidentified_gallery.NEW))
def test_the_example_of_a_reason_gives_exactly_it(reason: str) -> None:
    (found,) = read_minimised(deidentified_gallery.NEW[reason], RECEIVED)
    assert isinstance(found, Failure) and found.reason == reason
    assert reason in reasons()


def test_a_line_that_is_none_takes_no_other_with_it() -> None:
    kept = keep("norm", lists.row("norm"), lists.row("norm", Isolatnummer="X-2"))
    first, one, two, seal, end = kept.split(b"\n")
    for wrong in (b"{", b"[" * 5000, b'{"is":"row"}', one.replace(b"2026-03", b"2026-13"), seal, first,
                  one.replace(b'"S"', b'"Q"'), one.replace(b'["S",', b'["S","S",'),
                  b'{"is":"refused","line":2,"reason":"no-such-reason"}'):  # fmt: skip
        found = list(read_minimised(b"\n".join([first, one, wrong, two, seal, end])))
        assert [r.reason if isinstance(r, Failure) else "" for r in found] == [
            "",
            "not-minimised",
            "",
        ]
        assert [r.place for r in found if isinstance(r, Failure)] == ["line 3"]


def test_an_end_that_is_missing_is_said() -> None:
    kept = keep("norm", lists.row("norm"), lists.row("norm", Isolatnummer="X-2"))
    first, one, two, seal, _ = kept.split(b"\n")
    for data in (
        kept[:-1],
        b"\n".join([first, one, two, b""]),
        b"\n".join([first, one, two, seal[:9]]),
    ):
        *taken, end = read_minimised(data)
        assert len(taken) == 2 and all(isinstance(r, LabReport) for r in taken)
        assert isinstance(end, Failure) and (end.reason, end.item) == ("truncated", 2)
    (found,) = read_minimised(b"\n".join([first, seal, b""]))
    assert isinstance(found, Failure) and found.reason == "empty-list"
    (found,) = read_minimised(b"")
    assert isinstance(found, Failure) and found.reason == "empty"


def test_the_front_door_of_the_register_of_persons_takes_none_of_it() -> None:
    """What belongs apart stays apart, also when it is handed in at the wrong door."""
    sent = lists.write("norm", lists.row("norm"))
    for data in (sent, minimise("norm", sent, lists.keyed)):
        assert not any(isinstance(record, LabReport) for record in read(data))
