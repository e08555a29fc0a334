"""Whatever bytes come in, only reports and failures come out, and soon.

`VARDE_FUZZ` sets how many damaged inputs of each format are tried (2,000 when unset).
"""

from __future__ import annotations

import os
import random
import time
from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages import gallery
from messages import kith_builder as kith
from messages.numbers import some_number
from varde.messages import Failure, LabReport, Patient, detect, read
from varde.messages.detect import Format

COUNT = int(os.environ.get("VARDE_FUZZ", "2000"))
SECONDS = 5.0
"""The longest that one damaged input may take; ordinary ones take under a millisecond."""


def rich_message(version: str, encoding: str) -> bytes:
    person = kith.patient(
        kith.specimen("S1", free="Sårsekret"),
        kith.specimen("S2", coded_as="B"),
        kith.culture("Vekst", item="C", specimen="S1"),
        kith.identification(
            "Escherichia coli", item="F", refers="C", specimen="S1",
            codes=[(kith.SIR, "ESCOLI", "Escherichia coli")],
            nested=[kith.quantity(">100.000 pr.ml."), kith.susceptibility(refers="F", said="0,25")],
        ),
        kith.susceptibility(refers="F", sir="R"),
        kith.result((kith.NLK, "NPU06045", "Ampicillin"), number=("<=", "0.5", "mg/L"), refers="F"),
        kith.culture("Ingen vekst", specimen="S2"),
        number=some_number(), sex="2", born="1984-03-17", municipality="4601",
        more='<AdditionalId><Id>4711</Id><Type V="XXX"/></AdditionalId><Address><Type V="HP"/><StreetAdr>Veien 2'
        '</StreetAdr><PostalCode>5003</PostalCode><City>Bergen</City><TeleAddress V="tel:12345678"/></Address>'
        '<DateOfDeath V="2026-01-06"/>',
    )  # fmt: skip
    reports = [kith.report(person, comments=["MSIS-M"])] * (2 if version == "1.3" else 1)
    return kith.message(*reports, version=version, encoding=encoding)


MESSAGES = [
    rich_message("1.3", "iso-8859-1"),
    rich_message("1.4", "utf-8"),
    rich_message("1.4", "utf-16"),
]
LIST = gallery.rows(*[gallery.VALID_ROW.replace("17,", f"{n},", 1) for n in range(12)])
TOKENS = [
    b"<", b">", b"&", b"\x00", b"\xff", b"\xfe", b'"', b",", b"\n", b"]]>", b"<!--", b"<?", b"<!DOCTYPE x>",
    b"</ResultItem>", b"<ResultItem>", b"<Patient>", b'V=""', b"<RefIdResultItem>F</RefIdResultItem>",
    b"9" * 30, "\u0661\u0662\ud7ff".encode(), b"\xed\xa0\x80", b"&#0;", b"&#x10FFFF;", b"xmlns=''",
]  # fmt: skip


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


def check(data: bytes, mapping: bytes | None) -> None:
    started = time.process_time()
    for record in read(data, mapping):
        assert isinstance(record, LabReport | Failure)
        if isinstance(record, Failure):
            assert record.reason != "reader-fault", record
            assert len(record.place) <= 200 and len(record.detail) <= 200
        else:
            check_report(record)
    assert detect(data) in get_args(Format)
    assert time.process_time() - started < SECONDS


def check_described(patient: Patient) -> None:
    """What is said of a person is bounded and can be kept, however it was damaged."""
    found = patient.described
    if found is None:
        return
    said = [name for name in found.__struct_fields__ if getattr(found, name) not in ("", None, ())]
    assert said and (said != ["numbers"] or found.numbers != (patient.identifier,))
    assert len(found.family) <= 200 and len(found.given) <= 200
    assert len(found.address) <= 300 and len(found.phone) <= 40 and len(found.numbers) <= 20
    assert found.postal_code == "" or len(found.postal_code) == 4
    for text in (found.family, found.given, found.address, found.phone):
        assert text == " ".join(text.split()) and "\x00" not in text
        text.encode("utf-8")
    assert patient.identifier is None or found.numbers[0] == patient.identifier
    assert repr(found) == "Described(•)"


def check_report(report: LabReport) -> None:
    """What every report promises, however it was damaged."""
    check_described(report.patient)
    assert report.sender and report.message_id and report.report_id
    assert report.generated.utcoffset() == timedelta(0)
    assert [s.number for s in report.specimens] == list(range(1, len(report.specimens) + 1))
    assert [f.number for f in report.findings] == list(range(1, len(report.findings) + 1))
    for finding in report.findings:
        assert 1 <= finding.specimen <= len(report.specimens)
        assert finding.organisms and not report.negative
        assert all(result.antibiotics for result in finding.susceptibilities)
        assert {result.sir for result in finding.susceptibilities} <= {"S", "I", "R", ""}


@pytest.mark.parametrize("seed", range(len(MESSAGES)))
def test_fuzz_damaged_messages(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(COUNT // len(MESSAGES)):
        check(damage(MESSAGES[seed], dice), None)


def test_fuzz_damaged_lists() -> None:
    dice = random.Random(7)
    for _ in range(COUNT):
        check(damage(LIST, dice), gallery.MAPPING)


def test_fuzz_damaged_mappings() -> None:
    dice = random.Random(8)
    for _ in range(COUNT // 4):
        check(LIST, damage(gallery.MAPPING, dice))


@settings(max_examples=min(COUNT, 500), deadline=None)
@given(st.binary(max_size=300), st.none() | st.just(gallery.MAPPING))
def test_fuzz_any_bytes(data: bytes, mapping: bytes | None) -> None:
    check(data, mapping)


@settings(max_examples=min(COUNT, 500), deadline=None)
@given(st.text(max_size=60), st.sampled_from(["Id", "V", "text"]))
def test_fuzz_any_text_in_any_place(text: str, where: str) -> None:
    """Any characters that XML allows, as an id, an attribute or the text of a result."""
    allowed = "".join(c for c in text if c in "\t\n\r" or 0x20 <= ord(c) < 0xD800)
    item = {
        "Id": kith.identification("E. coli", item=allowed, refers=allowed),
        "V": kith.identification("E. coli", nested=[kith.susceptibility(sir=allowed)]),
        "text": kith.identification(allowed, nested=[kith.susceptibility(said=allowed)]),
    }[where]
    check(kith.simple(item, number=allowed, born=allowed), None)


@settings(max_examples=min(COUNT, 500), deadline=None)
@given(st.lists(st.text(max_size=12), min_size=9, max_size=9))
def test_fuzz_any_cells(cells: list[str]) -> None:
    clean = [cell.replace("\r", " ").replace('"', "") for cell in cells]
    line = ",".join(f'"{cell}"' for cell in clean)
    data = (gallery.HEADER + line + "\n" + gallery.VALID_ROW + "\n").encode("utf-8", "replace")
    records = list(read(data, gallery.MAPPING))
    check(data, gallery.MAPPING)
    assert isinstance(records[-1], LabReport)


def test_fuzz_undamaged_input_is_read() -> None:
    for data in MESSAGES:
        assert all(isinstance(record, LabReport) for record in read(data))
