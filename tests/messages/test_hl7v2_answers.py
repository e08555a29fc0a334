"""Acknowledgements: which one, whose, and what it says of each fault."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages import hl7v2_builder as hl7
from varde.messages import Failure, LabReport, MessageError, reasons
from varde.messages.hl7v2.answers import (
    answer_batch,
    answer_content,
    answer_receipt,
    answer_refusal,
    is_batch,
    list_refusals,
    read_question,
)
from varde.messages.hl7v2.reports import count_items, read_hl7v2

AT = datetime(2026, 1, 8, 9, 30, tzinfo=timezone(timedelta(hours=1)))


def message(*results: str, **header: str | None) -> bytes:
    return hl7.message(
        hl7.pid(),
        hl7.obr(f22="20260107113000"),
        *(results or [hl7.organism()]),
        hl7.spm(),
        head=hl7.header(**header),
    )


def outcome(data: bytes) -> list[LabReport | Failure]:
    try:
        return list(read_hl7v2(data, AT))
    except MessageError as error:
        return [Failure(item=0, reason=error.reason, place=error.place, detail=error.detail)]


def answer(data: bytes, sign: str = "|") -> list[list[str]]:
    made = answer_content(data, outcome(data), AT, "A1")
    assert made is not None and made.endswith(b"\r")
    return [line.split(sign) for line in made.decode().split("\r")[:-1]]


def test_an_accepted_message() -> None:
    header, told = answer(message(f3="LIS^1.2.3^ISO"))
    assert header == [
        "MSH", "^~\\&", "VARDE", "NIPH", "LIS^1.2.3^ISO", "FJORDBY^2.16.578.1.12.4.1.2.91843^ISO",
        "20260108093000+0100", "", "ACK^R01^ACK", "A1", "P", "2.5.1",
    ]  # fmt: skip
    assert told == ["MSA", "AA", "M1"]


@pytest.mark.parametrize(
    ("version", "kind"),
    [("2.3", "ACK"), ("2.3.1", "ACK^R01"), ("2.4", "ACK^R01^ACK"), ("2.5.1^NOR", "ACK^R01^ACK")],
)
def test_versions_are_answered_in_kind(version: str, kind: str) -> None:
    header, _ = answer(message(f12=version))
    assert (header[8], header[11]) == (kind, version)


def test_an_error_says_where_and_what() -> None:
    _, told, error = answer(message(hl7.organism(), hl7.test(("", "", ""))))
    assert told == ["MSA", "AE", "M1"]
    assert error == [
        "ERR", "", "OBX^2^3", "101^Required field missing^HL70357", "E",
        "missing-antibiotic^Antibiotic missing^L", "", "OBX[2]-3", "Antibiotic missing",
    ]  # fmt: skip


def test_before_2_5_an_error_is_one_field() -> None:
    _, told, error = answer(message(hl7.organism(), hl7.test(("", "", "")), f12="2.3.1"))
    assert told == ["MSA", "AE", "M1", "Antibiotic missing"]
    assert error == ["ERR", "OBX^2^3^101&Required field missing&HL70357"]


@pytest.mark.parametrize(
    ("header", "code", "condition"),
    [
        ({"f9": "ADT^A01"}, "AR", "200"), ({"f11": "T"}, "AR", "202"),
        ({"f7": "2026"}, "AE", "102"), ({"f7": None}, "AA", ""), ({"f4": None, "f3": None}, "AE", "101"),
    ],
)  # fmt: skip
def test_kinds_of_faults(header: dict[str, str | None], code: str, condition: str) -> None:
    _, told, *errors = answer(message(**header))
    assert told[1] == code
    assert [error[3].split("^")[0] for error in errors] == ([condition] if condition else [])


def test_what_needs_nothing_done_is_no_error() -> None:
    animal = hl7.message(hl7.pid(f35="448771007^Canis lupus familiaris^SCT"), hl7.obr(), hl7.spm())
    _, told, error = answer(animal)
    assert told[1] == "AA"
    assert (error[4], error[5].split("^")[0]) == ("I", "not-human")


def test_another_discipline_is_an_error_for_it_may_be_a_slip() -> None:
    chemistry = hl7.message(
        hl7.pid(), hl7.obr(f24="CH"), hl7.obx(("GLU", "Glucose", "L"), "5", "NM")
    )
    _, told, error = answer(chemistry)
    assert told[1] == "AE"
    assert (error[4], error[5].split("^")[0]) == ("E", "not-microbiology")


def test_of_several_reports_each_fault_is_told() -> None:
    data = hl7.message(
        hl7.pid(), hl7.obr("R1"), hl7.organism(), hl7.spm(), hl7.obr("R2", f25="?"), hl7.obr("R3", f25="!")
    )  # fmt: skip
    _, told, *errors = answer(data)
    assert told[1] == "AE"
    assert [error[2] for error in errors] == ["OBR^2^25", "OBR^3^25"]


def test_the_senders_separators_and_characters_are_used() -> None:
    data = hl7.message(
        hl7.pid(), hl7.obr(), hl7.organism(), hl7.test(("", "", "")), hl7.spm(),
        head=hl7.header(f3="Lab Ørje", f18="8859/1"), signs="#*+!%", codec="iso-8859-1",
    )  # fmt: skip
    made = answer_content(data, outcome(data), AT, "A#1")
    assert made is not None
    lines = [line.split("#") for line in made.decode("iso-8859-1").split("\r")]
    assert (lines[0][1], lines[0][4], lines[0][9], lines[0][17]) == (
        "*+!%", "Lab Ørje", "A!F!1", "8859/1"
    )  # fmt: skip
    assert lines[2][2] == "OBX*2*3"


def test_a_header_that_cannot_be_read_is_rejected() -> None:
    broken = message().replace(b"MSH|^~\\&|", b"MSH|^^~\\|", 1)
    header, told, error = answer(broken)
    assert header[1] == "^~\\&" and header[11] == "2.5.1"
    assert told == ["MSA", "AR", "M1"]
    assert error[2] == "MSH^1^2"


@pytest.mark.parametrize("data", [b"", b"rubbish", b"MSH", b"\x0b\x1c\r"])
def test_no_message_at_all_is_rejected_without_id(data: bytes) -> None:
    _, told, _ = answer(data)
    assert told == ["MSA", "AR", ""]


def test_an_answer_is_never_answered() -> None:
    made = answer_content(message(), outcome(message()), AT, "A1")
    assert made is not None
    assert answer_content(made, outcome(made), AT, "A2") is None
    assert answer_receipt(made, True, AT, "A2") is None


# Which answers are asked for


def told(made: bytes | None) -> str:
    return "" if made is None else made.split(b"\r")[1].split(b"|")[1].decode()


@pytest.mark.parametrize(
    ("accept", "application", "stored", "good", "receipt", "content"),
    [
        (None, None, True, True, "", "AA"), (None, None, False, False, "", "AE"),
        ("AL", "AL", True, True, "CA", "AA"), ("AL", "AL", False, False, "CR", "AE"),
        ("AL", "NE", True, True, "CA", ""), ("NE", "AL", True, False, "", "AE"),
        ("NE", "NE", True, True, "", ""), ("ER", "ER", True, True, "", ""),
        ("ER", "ER", False, False, "CR", "AE"), ("SU", "SU", True, True, "CA", "AA"),
        ("SU", "SU", False, False, "", ""), ("AL", None, True, True, "CA", ""),
        (None, "AL", True, True, "", "AA"), ("al", None, True, True, "CA", ""),
    ],
)  # fmt: skip
def test_modes(
    accept: str | None,
    application: str | None,
    stored: bool,
    good: bool,
    receipt: str,
    content: str,
) -> None:
    data = message(f15=accept, f16=application, f7="20260107" if good else "2026")
    assert told(answer_receipt(data, stored, AT, "A1")) == receipt
    assert told(answer_content(data, outcome(data), AT, "A1")) == content
    assert read_question(data).enhanced == bool(accept or application)


def test_of_several_messages_the_first_is_answered() -> None:
    data = hl7.batch(hl7.framed(message(f10="FIRST")), message())
    assert read_question(data).control_id == "FIRST"


# What is not kept


@pytest.mark.parametrize(
    ("accept", "application", "code"),
    [(None, None, "AR"), ("AL", "AL", "CR"), ("ER", "NE", "CR"), ("NE", "AL", "AR"),
     ("NE", "ER", "AR"), ("SU", "AL", "AR"), ("NE", "NE", ""), ("SU", None, "")],
)  # fmt: skip
def test_a_refusal_is_told_where_it_is_asked_for(
    accept: str | None, application: str | None, code: str
) -> None:
    data = message(f15=accept, f16=application)
    assert told(answer_refusal(data, "busy", AT, "A1")) == code


@pytest.mark.parametrize("refusal", sorted(list_refusals()))
@pytest.mark.parametrize("version", ["2.3", "2.5.1"])
def test_a_refusal_says_what_to_do_in_words(refusal: str, version: str) -> None:
    made = answer_refusal(message(f12=version), refusal, AT, "A1")
    assert made is not None
    _, said, error, _ = (line.split("|") for line in made.decode().split("\r"))
    assert said[:3] == ["MSA", "AR", "M1"] and said[3].startswith("Not kept: ")
    if version == "2.5.1":
        assert (error[5].partition("^")[0], error[8]) == (refusal, said[3])


@pytest.mark.parametrize("data", [b"", b"rubbish", message()[:60]])
def test_a_part_of_a_message_is_refused(data: bytes) -> None:
    made = answer_refusal(data, "unfinished", AT, "A1")
    assert made is not None and made.split(b"\r")[1].startswith(b"MSA|AR|")


def test_an_answer_is_not_refused_either() -> None:
    made = answer_content(message(), [], AT, "A1")
    assert made is not None and answer_refusal(made, "busy", AT, "A2") is None


# Batches


def test_answers_to_a_batch_are_a_batch() -> None:
    header = r"BHS|^~\&|LIS|LAB|VARDE|NIPH|2026||||B|7||"
    data = b"FHS|^~\\&|LIS\r" + header.encode() + b"\r" + message() + b"BTS|1\rFTS|1\r"
    assert is_batch(data)
    made = answer_batch(data, [b"MSH|1\r", b"MSH|2\r"], AT, "A1", "a|b")
    assert made.decode().split("\r") == [
        "BHS|^~\\&|VARDE|NIPH|LIS|LAB|20260108093000+0100||||A1|B",
        "MSH|1", "MSH|2", "BTS|2|a\\F\\b", "",
    ]  # fmt: skip


def test_several_messages_without_envelope_are_answered_as_a_batch_too() -> None:
    data = message(f3="LIS") + message(f10="M2")
    assert not is_batch(data)
    made = answer_batch(data, [], AT, "A1").decode().split("\r")
    assert made[0].startswith(r"BHS|^~\&|VARDE|NIPH|LIS|FJORDBY^2.16.578.1.12.4.1.2.91843^ISO|")
    assert made[1:] == ["BTS|0", ""]


def test_items_are_counted_for_each_message() -> None:
    two = hl7.message(hl7.pid(), hl7.obr("R1"), hl7.organism(), hl7.spm(), hl7.obr("R2"))
    data = hl7.batch(message(), two, message(f9="ADT^A01"))
    pieces = count_items(data, AT)
    assert [count for _, count in pieces] == [1, 2, 1]
    assert sum(count for _, count in pieces) == len(outcome(data))
    assert [read_question(piece).control_id for piece, _ in pieces] == ["M1", "M1", "M1"]


@given(st.text(max_size=40), st.sampled_from(sorted(reasons())), st.sampled_from(["2.3", "2.5.1"]))
def test_nothing_in_an_answer_becomes_structure(text: str, reason: str, version: str) -> None:
    data = message(f12=version)
    failure = Failure(item=0, reason=reason, place=text, detail=text)
    made = answer_content(data, [failure], AT, text)
    assert made is not None
    lines = made.decode().split("\r")
    assert [line[:4] for line in lines] == ["MSH|", "MSA|", "ERR|", ""]
    counts = [11, 2, 8, 0] if version == "2.5.1" else [11, 3, 1, 0]
    assert [line.count("|") for line in lines] == counts


def test_an_answer_is_in_utc_too() -> None:
    made = answer_content(message(), [], AT.astimezone(UTC), "A1")
    assert made is not None and b"|20260108083000+0000|" in made
