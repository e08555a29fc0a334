"""Whatever bytes come in, only reports and failures come out of an HL7 version 2 file, and soon.

`VARDE_FUZZ` sets how many damaged inputs are tried (2,000 when unset).
"""

from __future__ import annotations

import os
import random
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages import hl7v2_builder as hl7
from messages.numbers import some_number
from messages.test_fuzz import check_report, damage
from varde.messages import Failure, LabReport, MessageError, reasons
from varde.messages.hl7v2.answers import answer_content, answer_receipt
from varde.messages.hl7v2.names import salvage_names
from varde.messages.hl7v2.reports import read_hl7v2

COUNT = int(os.environ.get("VARDE_FUZZ", "2000"))
SECONDS = 5.0
AT = datetime(2026, 1, 8, tzinfo=UTC)
RICH = hl7.message(
    hl7.pid(f"{some_number()}^^^&2.16.578.1.12.4.1.4.1&ISO^NNNOR~17^^^L^MR~X1^^^^PPN^^^^SWE", f5="Prøve^Paula^Marie^^^^L~Gift^Paula^^^^^M",
            f11="Veien 2^^Bergen^^5003^NOR^H^^4601~Jobb 1^^^^^^B", f13="12345678^PRN^PH~^NET^Internet^a@b.no",
            f24="Y", f25="2", f29="20260106"),
    hl7.segment("PV1", f1="1", f3="MED^1"), hl7.segment("ORC", f1="RE", f2="P1", f3="R1"),
    hl7.obr(), hl7.organism(), hl7.organism(("A", r"Staph\T\aureus", "L", "3092008", "", "SCT"), "2"),
    hl7.obx(("564-5", "Colony count", "LN"), ">^100000", "SN", f4="1", f6="CFU/mL"),
    "NTE|1||free\ntext", hl7.spm(),
    hl7.obr("R2", hl7.PANEL, **hl7.child(sub="2")), hl7.test(), hl7.mic(hl7.CIPROFLOXACIN, "<=^2", "S"),
    hl7.obr("R3", f15="U&Urin&8351^^Urin"), hl7.organism(("", "No growth")),
    head=hl7.header(f18="UNICODE UTF-8", f7="20260107120000+0100"),
)  # fmt: skip
FILES = [
    RICH,
    hl7.batch(hl7.framed(RICH), RICH.replace(b"|M1|", b"|M2|")),
    hl7.simple(hl7.organism(), hl7.test()).decode().encode("utf-16"),
    hl7.message(hl7.pid(), hl7.obr(), hl7.organism(), hl7.test(), signs="#*+!%", end="\r\n"),
]
SIGNS = [
    b"|",
    b"^",
    b"~",
    b"\\",
    b"&",
    b"\r",
    b"\n",
    b"\x0b",
    b"\x1c",
    b"MSH|^~\\&|",
    b"\rOBR|",
    b'""',
]


def spoil(data: bytes, dice: random.Random) -> bytes:
    """Damage, and signs of HL7 in places that hold none."""
    out = bytearray(damage(data, dice))
    for _ in range(dice.randint(0, 4)):
        at = dice.randrange(len(out) + 1)
        out[at : at + dice.randint(0, 3)] = dice.choice(SIGNS) * dice.choice((1, 1, 1, 50))
    return bytes(out)


def check(data: bytes) -> None:
    started = time.process_time()
    records: list[LabReport | Failure] = []
    try:
        records.extend(read_hl7v2(data, AT))
    except MessageError as error:
        assert error.reason in reasons()
    for item, record in enumerate(records):
        if isinstance(record, Failure):
            assert record.item == item and record.reason in reasons()
            assert len(record.place) <= 200 and len(record.detail) <= 200
        else:
            check_report(record)
            assert "\x00" not in repr(record)
    salvage_names(data)
    for answer in (answer_content(data, records, AT, "A1"), answer_receipt(data, True, AT, "A1")):
        assert answer is None or answer.startswith(b"MSH")
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("seed", range(len(FILES)))
def test_fuzz_damaged_files(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(COUNT // len(FILES)):
        check(spoil(FILES[seed], dice))


@settings(max_examples=min(COUNT, 500), deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_fuzz_any_bytes(data: bytes, header: bool) -> None:
    check(b"MSH|^~\\&|L|L|||20260107||ORU^R01|M|P|2.5\r" + data if header else data)


@settings(max_examples=min(COUNT, 500), deadline=None)
@given(
    st.text(max_size=60), st.sampled_from(["MSH", "PID", "OBR", "OBX", "SPM"]), st.integers(1, 40)
)
def test_fuzz_any_text_in_any_field(text: str, name: str, number: int) -> None:
    lines = RICH.decode().split("\r")
    for at, line in enumerate(lines):
        if line.startswith(name):
            fields = line.split("|") + [""] * 40
            fields[number] = text
            lines[at] = "|".join(fields)
    check("\r".join(lines).encode("utf-8", "replace"))


def test_fuzz_undamaged_files_are_read() -> None:
    for data in FILES:
        assert all(isinstance(record, LabReport) for record in read_hl7v2(data, AT))
