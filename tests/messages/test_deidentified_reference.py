"""What is kept, read, says what a plain reading of the submission says, with the number hashed."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from messages import deidentified_lists as lists
from messages.deidentified_reference import hashed, looks_like_identity, read_plainly
from varde.messages import Failure, LabReport, minimise, read_minimised
from varde.messages.deidentified.identity import holds_identity

Submission = tuple[str, list[dict[str, str]], list[str], lists.Dialect]


@settings(max_examples=120, deadline=None)
@given(lists.submissions())
def test_reading_what_is_kept_agrees_with_a_plain_reading(submission: Submission) -> None:
    register, rows, order, dialect = submission
    data = lists.write(register, *rows, order=order, dialect=dialect)
    plain = read_plainly(register, data, dialect.encoding, dialect.delimiter, lists.keyed)
    assert list(read_minimised(minimise(register, data, lists.keyed))) == plain


def test_the_plain_reading_takes_rows_and_refuses_rows() -> None:
    """So that the agreement above is about something."""
    good, bad = lists.row("norm"), lists.row("norm", Mikrobe=lists.SECRET)
    taken, refused = read_plainly("norm", lists.write("norm", good, bad), "utf-8", ";", lists.keyed)
    assert isinstance(taken, LabReport) and isinstance(refused, Failure)
    assert taken.report_id == hashed("norm", "HER:9900101", "2026", "X-17", lists.keyed)
    assert taken.findings[0].susceptibilities[0].sir == "S"
    assert taken.specimens[0].collected == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert (refused.reason, refused.place) == ("unknown-term", "line 3, column Mikrobe")


SIGNS = st.sampled_from(
    ["", "", "", " ", "-", ".", ". ", "/", "\u00a0", "\u200b", "_", "x", ":", "   "]
)
PIECES = st.text("0123456789", min_size=1, max_size=6) | st.sampled_from(
    ["17", "57", "03", "83", "43", "84", "123", "45", "17038", "170384", "12345", "٣٤", "²", "①"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(PIECES, SIGNS), max_size=12))
@example([("1", " ")] * 11)
@example([(lists.NUMBER[:6], "\u200b"), (lists.NUMBER[6:], "")])
def test_what_looks_like_an_identity_number_agrees_with_the_words_of_the_rule(
    pieces: list[tuple[str, str]],
) -> None:
    text = "".join(piece + sign for piece, sign in pieces)
    assert holds_identity(text) == looks_like_identity(text)
