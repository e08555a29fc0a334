"""HL7 version 2 as bytes: where messages and segments begin, how they are written, what is refused."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages import hl7v2_builder as hl7
from varde.messages import Failure, LabReport, MessageError, UnreadableMessage
from varde.messages.hl7v2.names import salvage_names
from varde.messages.hl7v2.reports import read_hl7v2
from varde.messages.hl7v2.segments import (
    Encoding,
    component,
    escape,
    is_hl7v2,
    read_message,
    repetitions,
    split_messages,
    text_of,
    unescape,
)

GOOD = hl7.simple(hl7.organism(), hl7.test())
OTHER = hl7.message(
    hl7.pid(), hl7.obr("R2"), hl7.organism(hl7.AUREUS), hl7.spm(), head=hl7.header(f10="M2")
)
(REPORT,) = read_hl7v2(GOOD)
(SECOND,) = read_hl7v2(OTHER)


def only(data: bytes) -> LabReport | Failure:
    (record,) = read_hl7v2(data)
    return record


def failure(data: bytes) -> Failure:
    record = only(data)
    assert isinstance(record, Failure), record
    return record


def refused(data: bytes) -> MessageError:
    with pytest.raises(UnreadableMessage) as caught:
        list(read_hl7v2(data))
    return caught.value


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\n\r", "\r\r\n", "\r\n\r\n", " \r\n"])
def test_any_line_end_will_do(end: str) -> None:
    assert only(GOOD.replace(b"\r", end.encode())) == REPORT


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\x0b", b"\x1c\r"),
        (b"\x0b", b"\x1c"),
        (b"\x0b\x0b", b"\x1c\r"),
        (b"\x1c\r\x0b", b"\x1c\r"),
        (b"\x1c\r", b""),
        (b"\x0b\r", b""),
        (b"\xef\xbb\xbf", b""),
        (b"\r\n \t\x00", b"\x00\x00\x1a"),
        (b"", b"\x1a"),
        (b"", b"--- end of file ---"),
        (b"\x0b", b"\x1c\rrubbish|that|follows\r"),
        (b"", b"\r\n\r\nZZZ|1\rtrailing"),
        (b"FHS|^~\\&\rBHS|^~\\&\r", b"BTS|1\rFTS|1\r"),
        (b"FHS|^~\\&\r", b"FTS"),
    ],
)
def test_what_stands_around_a_message_is_left_out(before: bytes, after: bytes) -> None:
    assert only(before + GOOD + after) == REPORT


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_wide_characters(codec: str) -> None:
    text = GOOD.decode().replace("|P|2.5.1", "|P|2.5.1||||||UNICODE UTF-16")
    assert only(text.encode(codec)) == REPORT
    assert is_hl7v2(text.encode(codec))
    assert refused(text.encode("utf-16") + b"\x00").reason == "wrong-encoding"


@pytest.mark.parametrize("between", [b"", b"\r\n", b"\x1c\r\x0b", b"\x1c\x0b", b"\xef\xbb\xbf"])
def test_several_messages_in_one_file(between: bytes) -> None:
    end = b"\x1c\r" if b"\x0b" in between else b""
    assert list(read_hl7v2(GOOD + between + OTHER + end)) == [REPORT, SECOND]


def test_a_batch() -> None:
    assert list(read_hl7v2(hl7.batch(GOOD, OTHER))) == [REPORT, SECOND]
    assert list(read_hl7v2(hl7.batch(hl7.framed(GOOD), OTHER) * 2)) == [REPORT, SECOND] * 2


def test_one_bad_message_among_good_ones() -> None:
    bad = OTHER.replace(b"ORU^R01", b"ADT^A01")
    first, second, third = read_hl7v2(hl7.batch(GOOD, bad, OTHER))
    assert (first, third) == (REPORT, SECOND)
    assert isinstance(second, Failure)
    assert (second.item, second.reason) == (1, "wrong-message-type")
    assert (second.sender, second.message_id, second.report_id) == ("HER:91843", "M2", "R2")


def test_a_batch_that_promises_more_was_cut_off() -> None:
    *records, last = read_hl7v2(hl7.batch(GOOD, OTHER, count=5))
    assert records == [REPORT, SECOND]
    assert isinstance(last, Failure)
    assert (last.reason, last.place, last.detail) == ("truncated", "BTS-1", "2 < 5")
    assert (last.item, last.sender) == (2, "HER:91843")


@pytest.mark.parametrize("signs", ["|^~\\&", "#*+!%", "$@-_:", "¤^~\\&", "|^~\\&¦"])
def test_separators_are_the_senders(signs: str) -> None:
    drug = ("X", "Amp", "LN")
    standard = only(hl7.simple(hl7.organism(), hl7.test(drug)))
    data = hl7.message(
        hl7.pid(), hl7.obr(), hl7.organism(), hl7.test(drug), hl7.spm(), signs=signs[:5]
    )
    if len(signs) > 5:
        data = data.replace(b"MSH|^~\\&|", b"MSH|^~\\&#|")
    record = only(data)
    if "-" in signs[:5]:  # the standard text of the messages holds hyphens: they became structure
        assert isinstance(record, LabReport)
        return
    assert record == standard


@pytest.mark.parametrize("head", ["MSH|^", "MSH|^~", "MSH|^~\\", "MSH|^~\\&#"])
def test_fewer_or_more_encoding_characters(head: str) -> None:
    text = GOOD.decode().replace("MSH|^~\\&", head, 1)
    assert isinstance(only(text.encode()), LabReport)


@pytest.mark.parametrize(
    "head", ["MSH||", "MSH|^^~\\|", "MSH|ab~\\|", "MSH|^~\\&^~\\&|", "MSH|\r", "MSH|^~\\&"]
)
def test_a_header_without_separators_is_refused(head: str) -> None:
    text = GOOD.decode().replace("MSH|^~\\&|", head, 1)
    found = failure(text.encode())
    assert (found.reason, found.place) == ("bad-header", "MSH[1]-2")


@pytest.mark.parametrize("data", [b"", b" \r\n", b"\x0b\x1c\r", b"\xef\xbb\xbf", b"\x00\x00"])
def test_nothing_is_empty(data: bytes) -> None:
    assert refused(data).reason == "empty"


def test_what_is_no_message() -> None:
    assert refused(b"BHS|^~\\&\rBTS|0\r").reason == "no-report"
    assert refused(b"PID|1||4711\r").reason == "unknown-format"
    assert refused(GOOD + b" " * (20 * 1024 * 1024)).reason == "too-large"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (GOOD, True), (b"\x0b" + GOOD, True), (b"\xef\xbb\xbf\r\n" + GOOD, True),
        (b"FHS|^~\\&", True), (b"BHS|", True), (b"MSH#", True),
        (b"MSHX|", False), (b"MSH", False), (b"MSH \r", False), (b"PID|1", False), (b"", False),
        (b"id,MSH|\n", False), (b"<MSH|", False),
    ],
)  # fmt: skip
def test_a_message_is_known_by_its_beginning(data: bytes, expected: bool) -> None:
    assert is_hl7v2(data) == expected


# Cut-off messages


def test_a_framed_message_without_end_was_cut_off() -> None:
    found = failure(b"\x0b" + GOOD)
    assert (found.reason, found.message_id, found.report_id) == ("truncated", "M1", "R1")
    assert (found.place, found.detail) == ("MSH[1]", "0B ≠ 0B … 1C")
    first, second = read_hl7v2(hl7.framed(GOOD) + b"\x0b" + OTHER)
    assert first == REPORT and isinstance(second, Failure) and second.reason == "truncated"


def test_a_cut_inside_a_result_shows() -> None:
    data = hl7.message(hl7.pid(), hl7.obr(), hl7.spm(), hl7.organism(), hl7.test())
    for size in range(data.index(b"Ampicillin"), len(data) - 4):
        assert failure(data[:size]).reason == "truncated", data[:size][-20:]
    assert isinstance(only(data[:-1]), LabReport)


@pytest.mark.parametrize("rest", ["O", "OB", "OBX"])
def test_a_cut_inside_a_name_shows(rest: str) -> None:
    assert failure(GOOD + rest.encode()).reason == "truncated"


def test_a_message_that_continues_elsewhere_is_not_whole() -> None:
    found = failure(GOOD + b"DSC|next|I\r")
    assert (found.reason, found.place) == ("truncated", "DSC[1]-1")
    assert only(GOOD + b"DSC|\r") == REPORT


def test_every_cut_is_a_report_or_a_failure() -> None:
    for size in range(4, len(GOOD)):
        record = only(GOOD[:size])
        if isinstance(record, Failure):
            names = (record.sender, record.message_id, record.report_id)
            assert all(a in ("", b) for a, b in zip(names, ("HER:91843", "M1", "R1"), strict=True))
        else:  # between segments nothing shows that others followed
            assert b"\r" in GOOD[size - 1 : size + 1] or size > GOOD.index(b"SPM")


# Line breaks inside segments


def test_a_line_break_inside_a_text_ends_nothing() -> None:
    for at in range(GOOD.index(b"OBX|1|CWE|630") + 12, GOOD.index(b"OBX|1|CWE|630") + 60):
        broken = GOOD[:at] + b"\n" + GOOD[at:]
        record = only(broken)
        assert isinstance(record, LabReport), broken
        assert record.findings[0].susceptibilities, broken


def test_a_broken_order_is_put_together() -> None:
    data = GOOD.replace(b"by Culture", b"by\r\nCulture", 1)
    assert b"by\r\nCulture" in data
    assert only(data) == REPORT


def test_a_text_over_several_lines_is_one_text() -> None:
    said = "Escherichia\r\n\r\n  coli"
    record = only(hl7.simple(hl7.obx(hl7.CULTURE, said, "FT")))
    assert isinstance(record, LabReport)
    assert record.findings[0].organisms[0].text == "Escherichia coli"


def test_added_segments_continue() -> None:
    data = hl7.simple(hl7.obx(hl7.CULTURE, "Escherichia", "ST", f11=None), "ADD| coli||||||F")
    record = only(data)
    assert isinstance(record, LabReport)
    assert record.findings[0].organisms[0].text == "Escherichia coli"


def test_segments_of_other_kinds_are_left_out() -> None:
    noise = ["ZPI|1|x", "NTE|1||free\ntext | with | signs", "NK1|1|A^B", "PV2", "Z01|2", "TQ1|1"]
    data = hl7.message(
        hl7.pid(), *noise, hl7.obr(), *noise, hl7.organism(), *noise, hl7.test(), *noise, hl7.spm()
    )
    assert only(data) == REPORT


# Character sets


def text_with(declared: str, codec: str, word: str = "Blåbærgjær") -> bytes:
    return hl7.message(
        hl7.pid(f5="Probe^Paula"), hl7.obr(), hl7.organism(("", word)), hl7.spm(),
        head=hl7.header(f18=declared or None), codec=codec,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("8859/1", "iso-8859-1"), ("UNICODE UTF-8", "utf-8"), ("UNICODE", "utf-8"),
        ("", "utf-8"), ("", "iso-8859-1"), ("ASCII", "iso-8859-1"), ("ASCII", "utf-8"),
        ("8859/1", "utf-8"), ("8859/15", "iso-8859-15"), ("8859/1~UNICODE UTF-8", "iso-8859-1"),
        ("ISO IR87", "utf-8"),
    ],
)  # fmt: skip
def test_character_sets(declared: str, codec: str) -> None:
    record = only(text_with(declared, codec))
    assert isinstance(record, LabReport), record
    assert record.findings[0].organisms[0].text == "Blåbærgjær"


@pytest.mark.parametrize(
    ("declared", "codec", "reason", "detail"),
    [
        ("UNICODE UTF-8", "iso-8859-1", "wrong-encoding", "UNICODE UTF-8: 0xE5"),
        ("BIG-5", "iso-8859-1", "unsupported-encoding", "BIG-5"),
    ],
)
def test_a_wrong_character_set_is_refused(
    declared: str, codec: str, reason: str, detail: str
) -> None:
    found = failure(text_with(declared, codec))
    assert (found.reason, found.place, found.detail) == (reason, "MSH[1]-18", detail)
    assert (found.sender, found.message_id, found.report_id) == ("HER:91843", "M1", "R1")


def test_an_unknown_set_does_not_matter_to_ascii() -> None:
    assert isinstance(only(text_with("BIG-5", "ascii", "E. coli")), LabReport)


def test_control_characters_become_blanks() -> None:
    record = only(text_with("", "utf-8", "E.\x00\x07\x1bcoli"))
    assert isinstance(record, LabReport)
    assert record.findings[0].organisms[0].text == "E. coli"


# Escapes

STANDARD = Encoding()


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"A\F\B\S\C\T\D\R\E\E\F", r"A|B^C&D~E\F"),
        (r"\X41\\X6263\ ", "Abc "),
        (r"\XC3A6\ ", "æ "),
        (r"\XE6\ ", "æ "),
        (r"\X00\ ", "  "),
        (r"one\.br\two\.sp+2\three", "one\ntwo\nthree"),
        (r"\H\bold\N\ \.in+4\ \.fi\ ", "bold     "),
        (r"\C2842\x\M2D424100\y", r"x\M2D424100\y"),
        (r"\Zlocal\z", "z"),
        (r"C:\temp\file", r"C:\temp\file"),
        (r"half \ of \F\ it", r"half \ of | it"),
        ("\\", "\\"),
        (r"\X4\ \X\ \.\ ", r"\X4\ \X\ \.\ "),
        (r"a\P\b", "a#b"),
    ],
)
def test_escapes(written: str, text: str) -> None:
    assert unescape(written, STANDARD) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_escapes_round_trip(text: str) -> None:
    plain = text.replace("\r", "\n")
    for encoding in (STANDARD, Encoding("#", "*", "+", "!", "%")):
        written = escape(plain, encoding)
        assert not set(written) & {*encoding[:3], encoding.subcomponent, "\n"}
        assert unescape(written, encoding) == plain
        assert unescape(hl7.escape(plain, "".join(encoding[:5])), encoding) == plain


@given(st.text(), st.sampled_from([STANDARD, Encoding("|", "^", "", "", "")]))
def test_any_text_can_be_read(text: str, encoding: Encoding) -> None:
    assert len(text_of(text, encoding)) <= max(len(text) * 2, 1)
    assert not set(escape(text, encoding)) & {"|", "^", "\r", "\n"}


def test_parts_of_a_field() -> None:
    assert component("a^b&c^d", 2, STANDARD) == "b"
    assert component("a", 2, STANDARD) == ""
    assert component("", 1, STANDARD) == ""
    assert component('""', 1, STANDARD) == ""
    assert repetitions("a~~b", STANDARD) == ["a", "b"]
    assert repetitions("a~b", Encoding("|", "^", "", "", "")) == ["a~b"]
    assert len(repetitions("a~" * 5000, STANDARD)) <= 51


def test_a_place_says_which_segment() -> None:
    message = read_message(hl7.simple(hl7.organism(), hl7.test(), hl7.test()))
    tests = [segment for segment in message.segments if segment[0] == "OBX"]
    assert message.place(tests[2], 5) == "OBX[3]-5"
    assert message.place(message.header) == "MSH[1]"


# Bounds


@pytest.mark.parametrize(
    "piece",
    [b"|", b"^", b"~", b"&", b"\\", b"\\F", b"\r", b"\nx", b"OBX|\r", b"OBR|\r", b"MSH|^~\\&|\r",
     b"PID|1||1\r", b"SPM|\r", b"x", b"\\X41\\", b"\xe5", b"\x1c", b"\x0bMSH", b"A\nB|"],
)  # fmt: skip
def test_much_of_anything_is_read_soon(piece: bytes) -> None:
    for data in (GOOD + piece * 300_000, hl7.simple(hl7.obx(hl7.CULTURE, "@", "ST"))):
        started = time.perf_counter()
        records = read_hl7v2(data.replace(b"@", piece * 300_000))
        for record in itertools.islice(records, 1000):
            assert isinstance(record, LabReport | Failure)
        assert time.perf_counter() - started < 8


def test_long_values_are_cut() -> None:
    long = "x" * 100_000
    record = only(
        hl7.message(
            hl7.pid(f"{long}^^^{long}^MR"), hl7.obr(long, (long, long, long)),
            hl7.obx((long, "organism", long), long, "ST"), hl7.spm(long, (long, long, long)),
            head=hl7.header(f3=long, f4=long, f10=long),
        )
    )  # fmt: skip
    assert isinstance(record, LabReport)
    assert len(repr(record)) < 4000


def test_names_in_what_cannot_be_read() -> None:
    names = ("HER:91843", "M1", "R1")
    assert salvage_names(GOOD) == names
    assert salvage_names(b"\x0b" + GOOD[: GOOD.index(b"SPM")]) == names
    assert salvage_names(GOOD + OTHER) == ("", "", "")
    assert salvage_names(b"MSH|") == ("", "", "")
    assert salvage_names(GOOD.decode().encode("utf-16")) == names
    two = hl7.message(hl7.pid(), hl7.obr("A"), hl7.obr("B"))
    assert salvage_names(two) == ("HER:91843", "M1", "")
    assert salvage_names(GOOD.replace(b"|M1|", b"|M\xe5|")) == ("HER:91843", "", "R1")
    assert split_messages(GOOD).messages == [GOOD]
