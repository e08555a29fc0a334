from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.codes import municipalities, population
from varde.messages import identify
from varde.synthetic.persons import OLDEST, Population, control_digits, is_synthetic

SEED = 7
INHABITANTS = Population(SEED)
EPOCH = date(1970, 1, 1)


def plain_number(born: date, female: bool, serial: int, temporary: bool) -> str:
    """The serial-th valid synthetic number of a birth date and sex, found by trying them all."""
    day, month = born.day + 40 * temporary, born.month + 80
    valid = []
    for individual in range(500, 1000) if born.year >= 2000 else range(500):
        if individual % 2 != (not female):
            continue
        nine = f"{day:02d}{month:02d}{born.year % 100:02d}{individual:03d}"
        digits = control_digits(nine)
        if digits:
            valid.append(nine + digits)
    return valid[serial]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, len(INHABITANTS) - 1), min_size=1, max_size=5))
def test_numbers_agree_with_trying_every_individual_number(index):
    people = INHABITANTS.people(np.array(index, np.int64))
    _, _, serial = INHABITANTS._place(np.array(index, np.int64))
    for row, number in enumerate(people.number):
        born = EPOCH + timedelta(days=int(people.born[row]))
        temporary = people.kind[row] == "DNR"
        plain = plain_number(born, bool(people.female[row]), int(serial[row]), temporary)
        assert f"{number:011d}" == plain


@settings(deadline=None)
@given(st.integers(0, len(INHABITANTS) - 1))
def test_the_reader_reads_what_was_meant(index):
    people = INHABITANTS.people(np.array([index], np.int64))
    number = f"{people.number[0]:011d}"
    identity = identify(str(people.kind[0]), number)
    assert is_synthetic(number)
    assert identity.valid
    assert identity.synthetic
    assert identity.kind == people.kind[0]
    assert identity.birth_date == EPOCH + timedelta(days=int(people.born[0]))
    assert identity.sex == ("F" if people.female[0] else "M")


def test_a_person_does_not_depend_on_the_others_of_the_batch():
    index = np.array([5, 4_000_000, 17, 5], np.int64)
    together = INHABITANTS.people(index)
    alone = [INHABITANTS.people(index[i : i + 1]) for i in range(4)]
    assert together.number.tolist() == [one.number[0] for one in alone]
    assert together.number[0] == together.number[3]


def test_no_two_persons_share_a_number():
    spread = np.arange(0, len(INHABITANTS), 101, dtype=np.int64)
    infants = np.arange(0, 50_000, dtype=np.int64)
    numbers = np.concatenate([INHABITANTS.people(part).number for part in (spread[500:], infants)])
    assert len(np.unique(numbers)) == len(np.unique(np.concatenate((spread[500:], infants))))


def test_there_is_one_person_for_every_inhabitant():
    assert len(INHABITANTS) == sum(row.count for row in population())
    cells = {(r.municipality, r.sex, r.age_low): r for r in population() if r.count}
    starts = INHABITANTS.starts
    people = INHABITANTS.people(starts)
    ages = {}
    for row in range(len(starts)):
        born = EPOCH + timedelta(days=int(people.born[row]))
        age = 2026 - born.year - 1  # completed on 1 January 2026 by those born in an earlier year
        if (born.month, born.day) == (1, 1):
            age += 1
        ages.setdefault(age, 0)
        sex = "F" if people.female[row] else "M"
        band = max(low for m, s, low in _bands(cells, people.municipality[row], sex) if low <= age)
        top = cells[people.municipality[row], sex, band].age_high
        assert band <= age <= (OLDEST if top is None else top)
    assert min(ages) == 0


def _bands(cells, municipality, sex):
    return [
        (municipality, sex, low)
        for low in (0, 1, 5, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90)
        if (municipality, sex, low) in cells
    ]


def test_every_municipality_exists():
    assert set(INHABITANTS.municipality.tolist()) == set(municipalities(date(2026, 1, 1)))


def test_another_seed_gives_other_numbers():
    index = np.arange(1000, dtype=np.int64) * 5000
    same = INHABITANTS.people(index).number == Population(SEED + 1).people(index).number
    assert same.mean() < 0.01


def test_some_have_d_numbers():
    kinds = INHABITANTS.people(np.arange(0, 5_000_000, 500, dtype=np.int64)).kind
    assert 0.02 < (kinds == "DNR").mean() < 0.04


@pytest.mark.parametrize("month", ["00", "52", "80", "93"])
def test_a_month_outside_81_to_92_is_not_synthetic(month):
    """None of these months is a real person's either."""
    nine = next(n for i in range(99) if control_digits(n := f"01{month}901{i:02d}"))
    assert not is_synthetic(nine + control_digits(nine))


def test_some_of_those_with_a_d_number_are_given_a_national_number():
    index = np.arange(0, 5_000_000, 500, dtype=np.int64)
    before = INHABITANTS.people(index)
    early, late = (
        INHABITANTS.settle(before, np.full(len(index), (day - date(1970, 1, 1)).days))
        for day in (date(2023, 1, 1), date(2025, 12, 31))
    )
    assert (early.number == before.number).all()
    moved = late.number != before.number
    assert 0.7 < moved.sum() / (before.kind == "DNR").sum() < 0.9
    assert (before.kind[moved] == "DNR").all() and (late.kind[moved] == "FNR").all()
    assert all(is_synthetic(f"{number:011}") for number in late.number[moved].tolist())
    told = {person: (old, new) for person, old, new, _ in INHABITANTS.changes(index)}
    assert told == {
        int(at): (f"{old:011}", f"{new:011}")
        for at, old, new in zip(index[moved], before.number[moved], late.number[moved], strict=True)
    }
    everybody = np.concatenate([before.number, late.number[moved]])
    assert len(np.unique(everybody)) == len(everybody)
