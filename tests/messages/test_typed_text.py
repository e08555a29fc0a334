"""Text as people paste it: line breaks of all programs, control signs, and signs that turn or hide what stands beside them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.messages import clean_line, clean_lines, tidy_lines

BREAKS = ("\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")
HIDDEN = (
    *map(chr, [*range(9), *range(14, 28), 31, *range(127, 133), *range(134, 160)]),
    *("\u202e", "\u202a", "\u2066", "\u2069", "\u200b", "\u200e", "\u200f", "\ufeff", "\xad", "\u2060"),
)  # fmt: skip
KEPT = (
    "é",
    "e\u0301",
    "Å",
    "æ",
    "👩\u200d⚕️",
    "نم\u200cی",
    "…",
    "–",
    "\u00a0",
    "№",
    "😀",
    "<b>",
    "&",
)


@pytest.mark.parametrize("sign", BREAKS)
def test_what_breaks_a_line_breaks_a_line(sign: str) -> None:
    assert clean_line(f"Hoste{sign}i to uker") == "Hoste i to uker"
    assert clean_lines(f"Hoste{sign}i to uker").replace("\r\n", "\n") == "Hoste\ni to uker"
    assert tidy_lines(f" Hoste {sign}  i  to uker ") == "Hoste\ni to uker"


@pytest.mark.parametrize("sign", HIDDEN)
def test_what_nobody_sees_is_not_kept(sign: str) -> None:
    assert (
        clean_line(f"Pe{sign}r") == clean_lines(f"Pe{sign}r") == tidy_lines(f"Pe{sign}r") == "Per"
    )


@pytest.mark.parametrize("text", KEPT)
def test_what_is_written_stays(text: str) -> None:
    assert clean_lines(text) == text


@given(st.text())
def test_no_control_sign_is_left_and_cleaning_twice_is_cleaning_once(text: str) -> None:
    for clean in (clean_line, clean_lines, tidy_lines):
        cleaned = clean(text)
        assert clean(cleaned) == cleaned
        kept = {sign for sign in cleaned if unicodedata.category(sign) == "Cc"}
        assert kept <= ({"\n", "\r", "\t"} if clean is clean_lines else {"\n"})
        assert "\r" not in cleaned.replace("\r\n", "")
    visible = [sign for sign in text if not sign.isspace() and unicodedata.category(sign)[0] != "C"]
    assert [
        s for s in clean_line(text) if not s.isspace() and unicodedata.category(s)[0] != "C"
    ] == visible
