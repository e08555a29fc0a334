"""Masking of runs of digits, against the same rule without a short way."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from varde.messages.errors import mask_digits

DATE = re.compile(r"\d{1,2}\.\d{1,2}\.(\d{2}|\d{4})")


def plainly_masked(text: str, run: int) -> str:
    """Character by character."""
    out = ""
    while text:
        if not text[0].isdigit():
            out, text = out + text[0], text[1:]
            continue
        chunk = ""
        for character in text:
            blank = character in " ." and sum(map(str.isdigit, chunk)) < 12
            if not (character.isdigit() or blank):
                break
            chunk += character
        chunk = chunk.rstrip(" .")
        many = sum(map(str.isdigit, chunk)) >= run
        out += "••••••" if many and not DATE.fullmatch(chunk) else chunk
        text = text[len(chunk) :]
    return out


@given(
    st.text(st.sampled_from("0123456789 ..  ab-²³¹٣①\n"), max_size=40),
    st.sampled_from([6, 10, 11]),
)
def test_the_short_way_masks_what_the_plain_one_does(text: str, run: int) -> None:
    assert mask_digits(text, run) == plainly_masked(text, run)
