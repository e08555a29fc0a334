"""The same vaccination in both formats is the same record, but for the id of the message."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages.numbers import make_number, some_number
from messages.vaccination_builder import Given, as_fhir, as_table
from varde.messages import Failure, read
from varde.messages.records import Statement

RECEIVED = datetime(2026, 2, 1, tzinfo=UTC)
DAYS = [date(1930, 1, 1) + timedelta(days=n) for n in range(0, 35_000, 13)]
EDGES = [date(2026, 1, 4) + timedelta(days=n) for n in range(35)]


def make_vaccination(dice: random.Random) -> Given:
    born = dice.choice(DAYS)
    serial = dice.randrange(500) + (500 if born.year >= 2000 else 0)
    told = ["", born.isoformat(), (born + timedelta(days=1)).isoformat()]
    made = ["2026-01-07T12:00:00+01:00", "2025-06-01T08:00:00+02:00", "2026-02-09"]
    return Given(
        kind=dice.choice("NNMC"),
        generated=dice.choice([*made[:1] * 4, *made]),
        number=dice.choice([make_number(born, serial), None]),
        born=dice.choice([*told[:2] * 2, *told]),
        sex=dice.choice(["", "F", "M"]),
        home=dice.choice(["", "0301", "4601"]),
        code=dice.choice(["", "MMR52", "DT51", "ZZZ99"]),
        atc=dice.choice(["", "J07BD52", "J07BN01"]),
        product=dice.choice(["", "Priorix", "M-M-R  II", "Sårvaksine", "Gardasil 9"]),
        given=dice.choice([dice.choice(DAYS), dice.choice(EDGES)]).isoformat(),
        dose=dice.choice([None, 1, 99]),
        batch=dice.choice(["", "A12", "AB  12"]),
        programme=dice.choice(["", "Barnevaksinasjonsprogrammet"]),
        indication=dice.choice(["", "Reise"]),
        place=dice.choice(["", "0301", "5501"]),
    )


def outcome(data: bytes) -> Statement | str:
    (found,) = read(data, None, RECEIVED)
    return found.reason if isinstance(found, Failure) else found


def withdrawn(found: Statement | str) -> Statement | str:
    """Of what is withdrawn, each format may keep more or less: only its identity counts."""
    if isinstance(found, str) or found.service_type != "C":
        return found
    fields = {
        name: getattr(found, name) for name in ("sender", "report_id", "message_id", "generated")
    }
    return Statement(**fields, service_type="C")


def same(vaccination: Given) -> tuple[Statement | str, Statement | str]:
    return withdrawn(outcome(as_fhir(vaccination))), withdrawn(outcome(as_table(vaccination)))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_both_formats_say_the_same(seed: int) -> None:
    vaccination = make_vaccination(random.Random(seed))
    fhir, table = same(vaccination)
    if isinstance(fhir, str) and isinstance(table, str):
        return  # with two faults, the formats look at them in different orders
    if vaccination.kind == "C" and table == "future-date":
        return  # a cell that nobody can believe is refused, whatever its row does
    assert fhir == table


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"kind": "M"}, {"number": None, "born": "1931-03-17", "sex": "M"}, {"dose": None, "place": ""},
        {"programme": "", "indication": "Reise"}, {"code": "", "atc": ""}, {"given": "1990-05-17"},
    ],
)  # fmt: skip
def test_good_ones_are_equal_in_every_field(changes: dict[str, str | None]) -> None:
    fhir, table = same(Given(**changes))  # type: ignore[arg-type]
    assert isinstance(fhir, Statement) and fhir == table


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"code": "", "atc": "", "product": ""}, "missing-vaccine"),
        ({"number": None, "born": "1931-03-17"}, "missing-patient"),
        ({"number": "12345678901"}, "invalid-identity-number"),
        ({"number": some_number(), "sex": "M"}, "contradictory-sex"),
        ({"number": some_number(), "born": "1984-03-18"}, "contradictory-birth-date"),
        ({"given": "1984-03-16"}, "born-after-vaccination"),
        ({"given": "2026-01-09"}, "future-date"),
        ({"given": "2026-03-01"}, "future-date"),
        ({"given": "1899-12-31"}, "absurd-date"),
        ({"generated": "2026-02-09"}, "future-generated"),
    ],
)
def test_one_fault_has_one_reason(changes: dict[str, str | None], reason: str) -> None:
    assert same(Given(**changes)) == (reason, reason)  # type: ignore[arg-type]
