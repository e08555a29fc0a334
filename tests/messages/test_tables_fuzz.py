"""Whatever bytes come in as a table, only statements and typed failures come out, and soon.

`VARDE_FUZZ` sets how many damaged inputs of each table are tried.
"""

from __future__ import annotations

import os
import random
import time
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages.numbers import some_number
from messages.table_rows import KEYS, RECEIVED, ROWS, lines, table
from messages.test_fuzz import damage
from varde.messages import Failure, read, reasons
from varde.messages.records import Statement, Surgery, WardPrevalence

COUNT = int(os.environ.get("VARDE_FUZZ", "1000"))
SECONDS = 5.0
TOKENS = [
    b";", b'"', b"\n", b"\r", b"\t", b"\x00", b"\xff", b"\xc3", b"\xef\xbb\xbf", b"\xff\xfe", b"=1+1", b"ja",
    b"9" * 400, "\u0661\u0662".encode(), b"2026-02-30", b"99.99.9999", b"9999-12-31T23:59:59-23:59",
    b"0001-01-01T00:00+23:59", b";" * 60, some_number().encode(), b"HER:91843", b"M", b"\n;;;\n",
]  # fmt: skip


def check(data: bytes) -> None:
    """What every answer promises, however the input was damaged."""
    started = time.process_time()
    for number, record in enumerate(read(data, None, RECEIVED)):
        if isinstance(record, Failure):
            assert record.reason in reasons() and record.reason != "reader-fault", record
            assert record.item == number
            assert len(record.place) <= 200 and len(record.detail) <= 200
            assert some_number() not in repr(record) + record.report_id + record.message_id
        else:
            check_statement(record)
    assert time.process_time() - started < SECONDS


def check_statement(record: Statement) -> None:
    assert record.sender and record.message_id and record.report_id
    assert record.generated.utcoffset() == timedelta(0)
    assert record.generated <= RECEIVED + timedelta(days=1)
    assert record.service_type in "NMC"
    if isinstance(record, Surgery):
        assert record.status in ("P", "F") and record.procedure.code.isupper()
        assert record.patient.identifier is None or len(record.patient.identifier.value) >= 11
    else:
        assert isinstance(record, WardPrevalence)
        assert 0 <= (record.with_infection or 0) <= record.present
        assert not (record.treatments and (record.present or record.infections))
        assert some_number() not in repr(record)


def spoil(data: bytes, dice: random.Random) -> bytes:
    """Damage of any kind, or a sign of tables in a place where it does not belong."""
    if dice.random() < 0.5:
        return damage(data, dice)
    out = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(out) + 1)
        out[at : at + dice.choice((0, 0, 1, 5))] = dice.choice(TOKENS)
    return bytes(out)


@pytest.mark.parametrize("key", KEYS)
def test_fuzz_damaged_tables(key: str) -> None:
    dice = random.Random(key)
    rows = [ROWS[key] | {"Nummer": str(n), "Tidspunkt": "2026-01-30T10:00"} for n in range(4)]
    whole = [
        table(*rows).encode(),
        table(*rows, delimiter=",", end="\n").encode("cp1252"),
        table(*rows, delimiter="\t").encode("utf-16"),
    ]
    for data in whole:
        assert all(isinstance(record, Statement) for record in read(data, None, RECEIVED))
    for _ in range(COUNT):
        check(spoil(dice.choice(whole), dice))


@settings(max_examples=min(COUNT // 3, 500))
@given(st.sampled_from(KEYS), st.data())
def test_fuzz_any_cell(key: str, data: st.DataObject) -> None:
    """Any text in any column; the row after it is read as if it were not there."""
    headings = [*ROWS[key], "Melding_id", "Type"]
    cells = dict(ROWS[key])
    cells[data.draw(st.sampled_from(headings))] = data.draw(st.text(max_size=40))
    both = lines(
        [headings, *([row.get(name, "") for name in headings] for row in (cells, ROWS[key]))]
    ).encode("utf-8", "replace")
    check(both)
    *_, last = read(both, None, RECEIVED)
    assert [last] == list(read(table(ROWS[key]).encode(), None, RECEIVED))


@settings(max_examples=min(COUNT // 3, 500))
@given(st.sampled_from(KEYS), st.binary(max_size=300))
def test_fuzz_any_bytes_below_a_heading(key: str, data: bytes) -> None:
    check(table(ROWS[key]).encode() + data)


@pytest.mark.parametrize("line", ["a;b", '"', ";" * 60, '"a"b', "\0"])
def test_fuzz_many_bad_rows_take_no_more_than_their_share(line: str) -> None:
    data = table(ROWS["nois-posi"]).encode() + (line + "\r\n").encode() * 5_000
    started = time.process_time()
    count = sum(1 for _ in read(data, None, RECEIVED))
    assert count == (1 if not line.strip(";") else 5_001)
    assert time.process_time() - started < SECONDS
