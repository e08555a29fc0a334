"""Numbers that an editor enters: exact, one or an interval, and what a dose cannot be."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidelines.invented_documents import amounts
from varde.guidelines import Amount, read_amount, write_amount
from varde.guidelines.timestamps import Timestamp


@given(amounts())
def test_what_is_read_is_written(value: object) -> None:
    assert write_amount(read_amount(value)) == value


def test_decimals_are_exact_and_keep_their_zeros() -> None:
    assert read_amount("0.10").low == Decimal("0.10")
    assert write_amount(read_amount("0.10")) == "0.10"
    assert read_amount("0.1").low + read_amount("0.2").low == Decimal("0.3")


def test_an_interval_as_the_model_writes_it() -> None:
    amount = read_amount({"lav": "100", "hoy": "200"})
    assert (amount.low, amount.high, amount.is_interval) == (100, 200, True)
    assert amount.most == 200


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("0,5", "with a point"),
        ("-1", "with a point"),
        ("+1", "no number"),
        ("1e3", "no number"),
        ("1E3", "no number"),
        ("", "no number"),
        (" 1", "no number"),
        ("01", "no number"),
        (".5", "no number"),
        ("5.", "no number"),
        ("NaN", "no number"),
        ("Infinity", "no number"),
        ("9" * 30, "no number"),
        ("٣", "no number"),
        (150, "as text"),
        (1.5, "as text"),
        (None, "as text"),
        (["1"], "as text"),
        ({"lav": "1"}, "exactly lav and hoy"),
        ({"lav": "1", "hoy": "2", "x": "3"}, "exactly lav and hoy"),
        ({}, "found nothing"),
        ({"lav": "2", "hoy": "1"}, "must be below"),
        ({"lav": "1", "hoy": "1.0"}, "must be below"),
        ({"lav": 1, "hoy": "2"}, "no number"),
    ],
)
def test_what_no_dose_can_be(value: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_amount(value)


def test_an_amount_does_not_change() -> None:
    amount = Amount(Decimal(1))
    with pytest.raises(AttributeError):
        amount.low = Decimal(2)
    assert amount == Amount(Decimal(1)) and hash(amount) == hash(Amount(Decimal(1)))
    assert amount != Amount(Decimal(1), Decimal(2)) and amount != "1"


@given(st.decimals("0.1", 100, places=1), st.decimals("0.5", 150, places=1))
def test_a_weight_multiplies_both_ends_exactly(dose: Decimal, weight: Decimal) -> None:
    amount = Amount(dose, dose + 1).times(weight)
    assert amount.low == dose * weight
    assert amount.high == (dose + 1) * weight


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2017-08-07T00:00", "2017-08-07 00:00:00"),
        ("03/12/2019 10:53:46", "2019-12-03 10:53:46"),
        ("2021-11-05T09:30:01", "2021-11-05 09:30:01"),
        ("2021-11-05", "2021-11-05 00:00:00"),
    ],
)
def test_points_in_time_keep_their_text(text: str, at: str) -> None:
    moment = Timestamp(text)
    assert str(moment.at) == at
    assert moment.text == text


@pytest.mark.parametrize("text", ["", "2017-13-01T00:00", "31/02/2019 00:00:00", "i går", "2017"])
def test_no_point_in_time(text: str) -> None:
    with pytest.raises(ValueError, match="no point in time"):
        Timestamp(text)
