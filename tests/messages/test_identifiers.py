"""Identity numbers: the fast check against the rule written out, and what the digits say."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages.numbers import control_digits, make_number, some_number
from varde.messages import identify
from varde.messages.identifiers import control_remainder

BORN = date(1984, 3, 17)
eleven = st.text("0123456789", min_size=11, max_size=11)


def reference_valid(value: str) -> bool:
    """The rule of 2032, read slowly: any of four first control digits, then the second."""
    return any(control_digits(value[:9], rest) == value[9:] for rest in range(4))


@settings(deadline=None)
@given(eleven)
def test_control_digits_agree_with_the_rule_written_out(value: str) -> None:
    assert (control_remainder(value) is not None) == reference_valid(value)


@settings(deadline=None)
@given(st.dates(date(1900, 1, 1), date(1999, 12, 31)), st.integers(0, 499), st.integers(0, 3))
def test_an_issued_number_gives_back_its_birth_date_and_sex(
    born: date, serial: int, remainder: int
) -> None:
    number = make_number(born, serial, remainder=remainder)
    if number is None:
        return
    found = identify("FNR", number)
    assert found.valid and found.synthetic and found.kind == "FNR"
    # What was given out under the rule of 2032 tells neither century nor sex.
    assert found.birth_date == (None if remainder else born)
    assert found.sex == ("" if remainder else "M" if serial % 2 else "F")


@settings(deadline=None)
@given(st.dates(date(1900, 1, 1), date(1999, 12, 31)), st.integers(0, 499), st.integers(0, 10))
def test_one_changed_digit_is_never_a_valid_number_under_the_old_rule(
    born: date, serial: int, at: int
) -> None:
    number = make_number(born, serial)
    if number is None:
        return
    for digit in "0123456789":
        changed = number[:at] + digit + number[at + 1 :]
        if changed != number:
            assert control_remainder(changed) != 0


@pytest.mark.parametrize(
    ("year", "serial", "born"),
    [
        (0, 0, 1900), (99, 499, 1999), (54, 500, 1854), (99, 749, 1899), (0, 500, 2000),
        (39, 999, 2039), (40, 900, 1940), (99, 999, 1999), (40, 500, None), (53, 749, None),
        (54, 800, None), (99, 899, None),
    ],
)  # fmt: skip
def test_the_century_comes_from_the_serial_digits(year: int, serial: int, born: int | None) -> None:
    candidates = (
        identify("FNR", nine + digits)
        for day in range(1, 29)
        if (nine := f"{day:02}81{year:02}{serial:03}")
        and (digits := control_digits(nine)) is not None
    )
    found = next(candidates)
    assert found.valid == (born is not None)
    assert (found.birth_date.year if found.birth_date else None) == born


@pytest.mark.parametrize(
    ("called", "day", "month", "kind", "synthetic"),
    [
        ("FNR", 0, 80, "FNR", True),
        ("DNR", 0, 80, "FNR", True),
        ("FNR", 40, 80, "DNR", True),
        ("DNR", 40, 80, "DNR", True),
        ("HNR", 0, 40, "HNR", False),
        ("FNR", 0, 40, "HNR", False),
        ("FNR", 0, 65, "FNR", True),
        ("FNR", 40, 65, "DNR", True),
    ],
)
def test_the_number_itself_says_what_kind_it_is(
    called: str, day: int, month: int, kind: str, synthetic: bool
) -> None:
    found = identify(called, some_number(BORN, day=day, month=month))
    assert (found.valid, found.kind, found.synthetic) == (True, kind, synthetic)
    assert found.birth_date == BORN


def test_the_published_examples_of_numbers_under_the_rule_of_2032_are_valid() -> None:
    """The numbers of Skatteetaten's own page: one that leaves 0, and two of one day that leave 0 and 1."""
    found = [identify("FNR", value) for value in ("02013299997", "30108299920", "30108299939")]
    assert all(identity.valid for identity in found)
    assert [identity.birth_date for identity in found] == [
        date(2032, 1, 2),
        date(1982, 10, 30),
        None,
    ]


@pytest.mark.parametrize("remainder", [1, 2, 3])
def test_a_day_that_no_century_has_is_no_number_under_the_rule_of_2032(remainder: int) -> None:
    for day, month in ((30, 82), (31, 84), (0, 81), (32, 81), (12, 93), (12, 80)):
        for serial in range(100, 110):
            nine = f"{day:02}{month:02}88{serial:03}"
            if digits := control_digits(nine, remainder):
                assert not identify("FNR", nine + digits).valid


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1",
        "1234567890",
        "123456789012",
        "abcdefghijk",
        "١٢٣٤٥٦٧٨٩٠١",
        "00000000000",
        "31028412345",
    ],
)
def test_what_is_no_number_is_not_valid(value: str) -> None:
    assert not identify("FNR", value).valid


@pytest.mark.parametrize(
    ("kind", "value", "valid"),
    [
        ("FHN", "81234567890", True),
        ("FHN", "91234567890", True),
        ("FHN", "71234567890", False),
        ("FHN", "8123456789", False),
        ("DUF", "202612345678", True),
        ("DUF", "20261234567", False),
        ("LOCAL", "A77334", True),
        ("LOCAL", "", False),
    ],
)
def test_other_kinds_are_checked_by_form_alone(kind: str, value: str, valid: bool) -> None:
    found = identify(kind, value)
    assert found.valid == valid
    assert found.birth_date is None and found.sex == ""


@settings(deadline=None)
@given(st.sampled_from(["FNR", "DNR", "HNR", "FHN", "DUF", "LOCAL"]), st.text(max_size=14))
def test_no_text_makes_the_check_fail(kind: str, value: str) -> None:
    found = identify(kind, value)
    assert isinstance(found.valid, bool)
