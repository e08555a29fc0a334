"""Whatever bytes come in, only notifications and failures come out, and soon.

`VARDE_FUZZ` sets how many damaged files are tried in each way (1,000 when unset).
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages.fhir_builder import copied
from messages.klinikermelding_builder import FULL, RECEIVED, bare, coded, form, write
from messages.test_fuzz import check_described
from varde.messages import Code, Failure, Patient, detect, reasons
from varde.messages.detect import Format
from varde.messages.klinikermelding.notifications import read_klinikermelding
from varde.messages.records import Notification
from varde.messages.records.notification import Answer

COUNT = int(os.environ.get("VARDE_FUZZ", "1000"))
SECONDS = 5.0
"""The longest that one damaged file may take; ordinary ones take under a millisecond."""

FILES = [
    write(FULL),
    write(bare(), FULL, form(), layout="lines"),
    write(form(), FULL, layout="array"),
    json.dumps(FULL, indent=2).encode(),
    write(FULL).decode().encode("utf-16"),
]
TOKENS = [
    b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\", b"\n", b"\x00", b"\xff", b"\xfe", b"\xed\xa0\x80", b"\\ud800",
    b"\\u0000", b"NaN", b"1e999", b"9" * 40, b"-0.0", b"null", b"true", b'"melding":', b'"verdi":', b'"oid":80017,',
    b"{}", b'"pasient":{},', b'"rekvirent":{"herId":"7"},', "\u0661\u0662".encode(), b"{" * 80,
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 1.5, 10**30, 10**18, "", " ", "x", "1", "01", "713", "2026-01-05", "31.12.2025",
    "\x00", "\ud7ff", "\u0661", "9" * 40, [], [None], [[]], {}, {"verdi": "1"}, {"verdi": 1, "oid": 80017},
    coded("04", "Diabetes", 80099), [coded("98")], {"navn": "x"}, {"id": {}}, "17838400221", 17838400221,
]  # fmt: skip
PLACES = {"melding", "pasient", "diagnoseforhold", "antattSmittemate", "smitteforhold", "rekvirent"}


def check(data: bytes) -> list[Notification | Failure]:
    started = time.process_time()
    found = list(read_klinikermelding(data, RECEIVED))
    assert time.process_time() - started < SECONDS
    assert found
    assert [each.item for each in found if isinstance(each, Failure)] == [
        number for number, each in enumerate(found) if isinstance(each, Failure)
    ]
    for record in found:
        if isinstance(record, Failure):
            assert record.reason in reasons() and record.kind == "notification"
            assert len(record.place) <= 300 and len(record.detail) <= 200
        else:
            check_notification(record)
    return found


def check_notification(record: Notification) -> None:
    """What every notification promises, however it was damaged."""
    assert record.sender.partition(":")[0] in ("HER", "ENH", "HPR")
    assert record.message_id and record.report_id
    assert record.generated.utcoffset() == timedelta(0)
    assert record.generated <= RECEIVED + timedelta(days=1)
    assert isinstance(record.patient, Patient)
    check_described(record.patient)
    for name in record.__struct_fields__:
        value = getattr(record, name)
        codes = value if isinstance(value, tuple) else (value,)
        for code in codes:
            if isinstance(code, Code) and record.service_type != "C":
                assert code.code or code.text, name
                assert not code.code or code.code == code.code.strip()
    for answer in (record.in_hospital, record.in_nursing_home, record.close_contact):
        assert answer in get_args(Answer)
    for day in (record.onset, record.sampled, record.died, record.returned):
        assert day is None or date(1970, 1, 1) <= day < date(2100, 1, 1)
    if record.onset and record.died:
        assert record.onset <= record.died


def damage(data: bytes, dice: random.Random) -> bytes:
    """One to six changes: flipped, removed, doubled, moved or inserted pieces, or a cut."""
    out = bytearray(data)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(out) + 1)
        size = dice.choice((1, 1, 2, 8, 60, 400))
        kind = dice.randrange(6)
        if kind == 0 and at < len(out):
            out[at] = dice.randrange(256)
        elif kind == 1:
            del out[at : at + size]
        elif kind == 2:
            out[at:at] = out[at : at + size] * dice.choice((1, 1, 3))
        elif kind == 3:
            out[at:at] = dice.choice(TOKENS)
        elif kind == 4:
            piece = bytes(out[at : at + size])
            del out[at : at + size]
            to = dice.randrange(len(out) + 1)
            out[to:to] = piece
        elif dice.randrange(4) == 0:
            del out[at:]
    return bytes(out)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a tree: the container and the key or index in it."""
    pending = [value]
    while pending:
        outer = pending.pop()
        for key in list(outer) if isinstance(outer, dict) else range(len(outer)):
            yield outer, key
            if isinstance(outer[key], dict | list):
                pending.append(outer[key])


def mutate(whole: Any, dice: random.Random) -> Any:
    """One to four changes to the tree: a value replaced, removed, doubled, wrapped or moved."""
    whole = copied(whole)
    for _ in range(dice.randint(1, 4)):
        everywhere = list(places(whole))
        if not everywhere:
            return whole
        outer, key = dice.choice(everywhere)
        other, where = dice.choice(everywhere)
        kind = dice.randrange(6)
        if kind == 0:
            outer[key] = copied(dice.choice(VALUES))
        elif kind == 1:
            del outer[key]
        elif kind == 2:
            outer[key] = [outer[key]]
        elif kind == 3 and isinstance(outer, list):
            outer.insert(dice.randrange(len(outer) + 1), copied(outer[key]))
        elif kind == 4:
            value = copied(other[where])  # taken first: the place may lie inside the other
            outer[key] = value
        elif isinstance(outer, dict) and isinstance(other, dict):
            outer[where] = copied(outer[key])
    return whole


@pytest.mark.parametrize("seed", range(len(FILES)))
def test_fuzz_damaged_files(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(COUNT):
        data = damage(FILES[seed], dice)
        check(data)
        assert detect(data) in get_args(Format)


def test_fuzz_changed_forms() -> None:
    dice = random.Random(8)
    for _ in range(COUNT * 2):
        check(write(mutate(dice.choice((FULL, bare())), dice)))


@pytest.mark.parametrize("piece", [b"\x00", b"\xff", b'"', b"{", b"}", b"\\", b"\n", b","])
def test_fuzz_damaged_lines_spare_the_others(piece: bytes) -> None:
    """Wherever a line is damaged, the lines before and after it are read."""
    dice = random.Random(9)
    line = write(FULL)
    for _ in range(COUNT // 8):
        at = dice.randrange(len(line))
        bad = line[:at] + piece + line[at:]
        found = check(b"\n".join([write(form()), bad, write(form())]))
        assert isinstance(found[0], Notification) and isinstance(found[-1], Notification)


@settings(max_examples=min(COUNT, 100), deadline=None)
@given(st.binary(max_size=300))
def test_fuzz_any_bytes(data: bytes) -> None:
    check(data)
    check(b'{"pasient":' + data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(VALUES),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["id", "verdi", "beskrivelse", "oid", "oId", "navn", "x"]), inner, max_size=4
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=max(40, COUNT // 30), deadline=None)
@given(st.sampled_from(sorted(PLACES)), st.data())
def test_fuzz_any_json_in_any_field(section: str, data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(FULL[section])))
    whole = {**FULL, section: {**FULL[section], key: data.draw(json_values)}}
    check(json.dumps(whole).encode())
    check(json.dumps({**FULL, section: data.draw(json_values)}).encode())


@settings(max_examples=max(40, COUNT // 30), deadline=None)
@given(st.text(max_size=60), st.sampled_from(["verdi", "beskrivelse", "oid"]))
def test_fuzz_any_text_in_a_code(text: str, where: str) -> None:
    value = coded("10", "Symptomer eller tegn", 80014) | {where: text}
    check(
        write(
            form(diagnoseforhold={"indikasjon": value, "diagnose": value, "folgetilstander": value})
        )
    )


def test_fuzz_undamaged_files_are_read() -> None:
    for data in FILES:
        assert all(isinstance(each, Notification) for each in check(data))
