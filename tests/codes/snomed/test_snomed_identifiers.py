"""Which digits are an SCTID."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.codes.snomed import check_digit, is_sctid, make_sctid
from varde.codes.snomed.checks import count_malformed

KNOWN = [
    *("138875005", "127489000", "762949000", "738774007", "778490002", "292954005", "116680003"),
    *("410662002", "105590001", "900000000000207008", "900000000000011006", "61000202103"),
    *("91000202106", "554471000005108", "100005", "100014"),
]
DIGITS = st.text("0123456789", min_size=5, max_size=17)


@pytest.mark.parametrize("sctid", KNOWN)
def test_known_identifiers(sctid: str) -> None:
    assert is_sctid(sctid)
    assert check_digit(sctid[:-1]) == sctid[-1]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("138875006", "check digit"),
        ("138857005", "two digits swapped"),
        ("0138875005", "leading zero"),
        ("10001", "too short"),
        ("1388750050000000000", "too long"),
        ("", "empty"),
        ("138875005 ", "blank"),
        ("13887500５", "a digit of another script"),
        ("-38875005", "sign"),
        (f"12345603{check_digit('12345603')}", "no such partition"),
        (f"1234510{check_digit('1234510')}", "long format without room for a namespace"),
    ],
)
def test_what_is_none(text: str, why: str) -> None:
    assert not is_sctid(text), why


@pytest.mark.parametrize("text", ["", "12a", "１２", "-1"])
def test_check_digit_of_something_else(text: str) -> None:
    with pytest.raises(ValueError, match="digits only"):
        check_digit(text)


@given(
    item=st.integers(1, 99_999_999),
    namespace=st.from_regex(r"[0-9]{7}", fullmatch=True).filter(str.isascii),
    partition=st.sampled_from(["10", "11", "12"]),
)
def test_made_in_a_namespace(item: int, namespace: str, partition: str) -> None:
    sctid = make_sctid(item, namespace, partition)
    assert is_sctid(sctid)
    assert sctid[:-1] == f"{item}{namespace}{partition}"


@given(item=st.integers(100, 10**15 - 1), partition=st.sampled_from(["00", "01", "02"]))
def test_made_without_namespace(item: int, partition: str) -> None:
    assert is_sctid(make_sctid(item, "", partition))


@pytest.mark.parametrize(
    ("item", "namespace", "partition", "message"),
    [
        (1, "9999999", "20", "one of 00"),
        (1, "", "10", "7 digits"),
        (1, "999999", "10", "7 digits"),
        (1000, "9999999", "00", "0 digits"),
        (99, "", "00", "6 to 18"),
        (0, "9999999", "10", "6 to 18"),
        (-5, "9999999", "10", "6 to 18"),
        (10**8, "9999999", "10", "6 to 18"),
    ],
)
def test_parts_that_do_not_fit(item: int, namespace: str, partition: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_sctid(item, namespace, partition)


@given(sctid=st.sampled_from(KNOWN), place=st.integers(0, 17), digit=st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_noticed(sctid: str, place: int, digit: str) -> None:
    place %= len(sctid)
    wrong = sctid[:place] + digit + sctid[place + 1 :]
    assert is_sctid(wrong) == (wrong == sctid)


@given(digits=DIGITS)
def test_columns_are_judged_as_texts_are(digits: str) -> None:
    candidates = [digits.lstrip("0") or "1", (digits + check_digit(digits)).lstrip("0") or "1"]
    for text in candidates:
        assert count_malformed(np.array([int(text)])) == (not is_sctid(text))


def test_columns_count_over_pieces() -> None:
    ids = np.resize(np.array([138875005, 138875006]), 600_001)
    assert count_malformed(ids) == 300_000
    assert count_malformed(np.empty(0, np.int64)) == 0
