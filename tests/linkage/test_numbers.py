"""Numbers: which can have been given out by a day, what they say, which are one person's."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages.numbers import FIRST, SECOND, make_number, some_number
from varde.linkage import Changes, NumberChange, depends_on_day, number_rules, read_number
from varde.linkage.errors import LinkageFileError
from varde.messages import PersonId

BEFORE, FROM = date(2031, 12, 31), date(2032, 1, 1)


def reference(value: str, stated: date) -> tuple[bool, date | None, str]:
    """The rules as they are told, one after another: valid, birth date, sex. Of eleven digits."""
    digits = [int(sign) for sign in value]
    remainder = (sum(w * d for w, d in zip(FIRST, digits, strict=False)) + digits[9]) % 11
    second = (sum(w * d for w, d in zip(SECOND, digits, strict=False)) + digits[10]) % 11
    if second != 0 or remainder not in (0, 1, 2, 3):
        return False, None, ""
    day, month, year, serial = int(value[:2]), int(value[2:4]), int(value[4:6]), int(value[6:9])
    day = day - 40 if day > 40 else day
    for added in (80, 65, 40):
        if added < month <= added + 12:
            month -= added
            break
    centuries = []
    if serial <= 499:
        centuries.append(1900)
    if 500 <= serial <= 999 and year <= 39:
        centuries.append(2000)
    if 500 <= serial <= 749 and year >= 54:
        centuries.append(1800)
    if 900 <= serial <= 999 and year >= 40:
        centuries.append(1900)
    if remainder:
        centuries = [1900, 2000]
    days = []
    for century in centuries:
        try:
            days.append(date(century + year, month, day))
        except ValueError:
            continue
    if not days:
        return False, None, ""
    if remainder == 0:
        return True, days[0], "M" if serial % 2 else "F"
    return stated >= FROM, None, ""


near_a_number = st.builds(
    lambda day, month, year, serial, rest, added, more: (
        make_number(date(2000, month, 1), serial, remainder=rest, month=added, day=day - 1 + more)
        or "00000000000"
    ),
    st.integers(1, 31),
    st.integers(1, 12),
    st.integers(0, 99),
    st.integers(0, 999),
    st.integers(0, 3),
    st.sampled_from([0, 40, 65, 80]),
    st.sampled_from([0, 40]),
)


@settings(deadline=None, max_examples=400)
@given(
    st.one_of(near_a_number, st.text("0123456789", min_size=11, max_size=11)),
    st.sampled_from([BEFORE, FROM]),
)
def test_eleven_digits_agree_with_the_rules_read_one_after_another(
    value: str, stated: date
) -> None:
    found = read_number("FNR", value, stated)
    valid, born, sex = reference(value, stated)
    assert found.valid == valid
    if valid:
        assert (found.birth_date, found.sex) == (born, sex)


@pytest.mark.parametrize("remainder", [1, 2, 3])
def test_a_number_of_the_new_rule_is_none_before_the_rule(remainder: int) -> None:
    value = some_number(remainder=remainder)
    assert not read_number("FNR", value, BEFORE).valid
    assert read_number("FNR", value, FROM).valid
    assert read_number("FNR", value).valid
    assert read_number("FNR", value, FROM).birth_date is None


def test_help_numbers_common_to_all_have_control_digits() -> None:
    nine = "900000006"
    right = [f"{nine}{n:02}" for n in range(100) if read_number("FHN", f"{nine}{n:02}").valid]
    assert len(right) == 1
    assert not read_number("FHN", "7" + right[0][1:]).valid
    assert read_number("FHN", right[0]).birth_date is None


@pytest.mark.parametrize(
    ("value", "stated", "valid"),
    [
        ("202512345678", date(2026, 1, 1), True),
        ("202712345678", date(2026, 12, 31), False),
        ("198912345678", None, False),
        ("20251234567", None, False),
        ("2025123456789", None, False),
        ("٢٠٢٥١٢٣٤٥٦٧٨", None, False),
    ],
)
def test_duf_numbers_begin_with_the_year_of_the_application(
    value: str, stated: date | None, valid: bool
) -> None:
    assert read_number("DUF", value, stated).valid == valid


def test_a_kind_that_nobody_knows_is_no_number() -> None:
    assert not read_number("SSN", "123456789").valid


def test_only_what_one_person_has_one_of_decides() -> None:
    decides = {kind for kind, rule in number_rules().kinds.items() if rule.decides}
    assert decides == {"FNR", "DNR", "DUF"}


def test_changes_of_number_are_followed_in_chains_and_in_any_order() -> None:
    duf, dnr, fnr = (
        PersonId(kind=k, value=v) for k, v in (("DUF", "1"), ("DNR", "2"), ("FNR", "3"))
    )
    day = date(2026, 1, 1)
    steps = [
        NumberChange(old=duf, new=dnr, source="UDI", day=day),
        NumberChange(old=dnr, new=fnr, source="Folkeregisteret", day=day),
    ]
    for given_steps in (steps, steps[::-1]):
        changes = Changes(given_steps)
        assert changes.of("FNR:3") == changes.of("DUF:1") == {"DUF:1", "DNR:2", "FNR:3"}
        assert changes.of("FNR:4") == {"FNR:4"}


def test_a_change_that_nobody_vouches_for_is_none() -> None:
    one = PersonId(kind="DNR", value="1")
    with pytest.raises(LinkageFileError, match="source"):
        Changes([NumberChange(old=one, new=one, source="", day=date(2026, 1, 1))])


@given(
    st.sampled_from([*number_rules().kinds, "?"]),
    st.one_of(
        st.dates(date(1930, 1, 1), date(1999, 12, 31)).map(some_number),
        st.text("0123456789", min_size=11, max_size=12),
        st.sampled_from(["203012345678", "199912345678", "x", ""]),
    ),
    st.dates(date(1990, 1, 1), date(2040, 12, 31)),
)
def test_a_number_that_depends_on_no_day_is_the_same_on_any(
    kind: str, value: str, day: date
) -> None:
    if not depends_on_day(kind, value):
        assert read_number(kind, value, day) == read_number(kind, value, None)


def test_a_number_of_the_new_rule_and_that_of_an_application_depend_on_the_day() -> None:
    assert depends_on_day("DUF", "203012345678")
    assert not depends_on_day("FNR", some_number())
