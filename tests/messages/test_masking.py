"""Masking of runs of digits, against the same rule without a short way; and what each reason may show."""

from __future__ import annotations

import re
import uuid
from datetime import date
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages.numbers import some_number
from varde.messages import Failure, reasons
from varde.messages.errors import InvalidContent, mask_digits
from varde.messages.masking import MASK, mask_found
from varde.messages.names import Names, failure_of
from varde.messages.reasons import Shows

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


SHOWN = {kind: [name for name, each in reasons().items() if each.shows == kind] for kind in get_args(Shows)}  # fmt: skip


def test_every_kind_of_value_is_shown_by_some_reason() -> None:
    assert all(SHOWN.values())
    assert {"foreign-sender"} == set(SHOWN["sender"])
    assert len(SHOWN["text"]) > 30  # the strict rule is the usual one


@pytest.mark.parametrize(
    ("reason", "value"),
    [
        ("bad-date", "2026-01-32 12:30:00"),
        ("bad-date", "2026-01-02T25:30:00.000+01:00"),
        ("future-collected", "2026-02-05T10:00:00+01:00 > 2026-01-05T10:00:00+01:00"),
        ("bad-date", "32.01.2026"),
        ("foreign-sender", "HER:9900501"),
        ("foreign-sender", "HER:1234567890"),
        ("foreign-sender", "ENH:985626154"),
        ("foreign-sender", "2.16.578.1.12.4.1.4.101|985626154"),
        ("foreign-sender", "HL7:2.16.578.1.34.1000.1.200000"),
        ("bad-value", "ENH:985626155"),
        ("bad-susceptibility", "258351006"),
        ("bad-susceptibility", "http://snomed.info/sct|131196009"),
        ("unknown-code", "8270: 123456"),
        ("contradictory-susceptibility", "1255965 ≠ 1306577009"),
        ("duplicate-resource", "urn:uuid:550e8400-e29b-41d4-a716-446655440aaa"),
        ("duplicate-resource", "urn:uuid:12345678-1234-4234-8234-123456789abc"),
        ("dangling-reference", "Observation/1234567"),
        ("unknown-specimen", "2026123456"),
        ("bad-quantity", "1e99999999"),
        ("bad-quantity", "1e99999999 mg/L"),
        ("bad-quantity", "-1234567.5 mg/L"),
        ("too-large", "100001 > 100000"),
        ("wrong-cell-count", "123456 ≠ 7"),
    ],
)
def test_what_is_no_identity_number_is_shown(reason: str, value: str) -> None:
    assert mask_found(reason, value) == value
    assert InvalidContent(reason, "", value).detail == value


@pytest.mark.parametrize(
    ("reason", "value", "shown"),
    [
        ("bad-value", "1234567", MASK),
        ("bad-field", "født 010190", f"født {MASK}"),
        ("bad-susceptibility", "født 010190", f"født {MASK}"),  # words are free text
        ("bad-quantity", "ca. 123456 stk", f"ca. {MASK} stk"),
        ("foreign-sender", "Legevakt 123456", f"Legevakt {MASK}"),
        ("duplicate-resource", "Patient/21019012345", f"Patient/{MASK}"),
        ("duplicate-resource", "urn:uuid:550e8400-e29b-41d4-a716-21019012345a",
         f"urn:uuid:550e8400-e29b-41d4-a{MASK}a"),
        ("bad-value", "01-01-90-12345", MASK),
        ("dangling-reference", "2.16.578.1.12.4.1.4.1.21019012345", MASK),
        ("dangling-reference", "Patient?identifier=2.16.578.1.12.4.1.4.1|210190-12345",
         f"Patient?identifier=2.16.578.1.12.4.1.4.1|{MASK}"),
        ("foreign-sender", "HER:210190/12345", f"HER:{MASK}"),
        ("a-reason-that-nobody-knows", "1234567", MASK),
    ],
)  # fmt: skip
def test_what_may_be_one_is_not(reason: str, value: str, shown: str) -> None:
    assert mask_found(reason, value) == shown


def written(number: str, cuts: list[int], sign: str, digits: str) -> str:
    """A number as people write it: with signs between some digits, in some script."""
    spelt = [digits[int(digit)] for digit in number]
    return "".join(sign + each if at in cuts else each for at, each in enumerate(spelt))


def changed(number: str, kind: str) -> str:
    """A D-number (day + 40) or an H-number (month + 40) of the same digits."""
    if kind == "D":
        return f"{int(number[:2]) % 40 + 40:02}{number[2:]}"
    return number if kind == "F" else f"{number[:2]}{int(number[2:4]) % 40 + 40:02}{number[4:]}"


SURROUNDINGS = ["", " ", "x", "HER:", "Patient/", "2.16.578.1.12.4.1.4.1|", "8270: ", " ≠ ", "urn:uuid:", "-", ".", "S", "(", "R 12 "]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.dates(date(1900, 1, 1), date(1999, 12, 31)).map(some_number),
    st.sampled_from("FDH"),
    st.lists(st.integers(1, 10), max_size=5),
    st.sampled_from(["", " ", "  ", ".", "-", " - ", "/", "\u00a0", "\u202f", "_", ",", "–"]),
    st.sampled_from(["0123456789", "٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９"]),
    st.sampled_from(SURROUNDINGS),
    st.sampled_from(SURROUNDINGS),
    st.sampled_from(sorted(reasons())),
)
def test_no_reason_shows_an_identity_number(
    number: str,
    kind: str,
    cuts: list[int],
    sign: str,
    digits: str,
    before: str,
    after: str,
    reason: str,
) -> None:
    number = changed(number, kind)
    value = before + written(number, cuts, sign, digits) + after
    failure = failure_of(InvalidContent(reason, value, value), 0, Names())
    assert isinstance(failure, Failure)
    for shown in (failure.detail, mask_found(reason, value), mask_found(reason, failure.detail)):
        kept = "".join(str(int(c)) for c in shown if c.isdecimal())
        whole = "".join(str(int(c)) for c in value if c.isdecimal())
        assert number not in kept
        for run in re.findall(r"\d(?: *\d)*", shown):
            assert sum(map(str.isdigit, run)) < 11
        assert len(kept) <= len(whole)
    assert mask_found(reason, failure.detail) == failure.detail


@given(st.uuids(), st.sampled_from(SHOWN["reference"]))
def test_a_uuid_is_shown_unless_its_end_is_eleven_digits(value: uuid.UUID, reason: str) -> None:
    address = f"urn:uuid:{value}"
    end = str(value)[-12:]
    if re.search(r"\d{11}", end):
        assert end not in mask_found(reason, address)
    else:
        assert mask_found(reason, address) == address


@given(
    st.text(st.sampled_from("0123456789 .-/:|ab≠•²٣"), max_size=40), st.sampled_from(sorted(reasons()))
)  # fmt: skip
def test_whatever_is_masked_stays_the_same_when_it_is_masked_again(text: str, reason: str) -> None:
    once = mask_found(reason, text)
    assert mask_found(reason, once) == once
    kept = iter(once.replace("•", ""))
    assert all(sign in text for sign in kept)


def test_what_we_counted_in_a_place_is_shown() -> None:
    for place in ("line 1, column 1234567", "OBX[123456]-5", "Bundle.entry[100000].resource"):
        assert InvalidContent("bad-date", place).place == place
    assert "010180" not in InvalidContent("bad-date", "Patient/01018012345").place
    assert "01018012345" not in InvalidContent("bad-date", "OBX[01018012345]").place
