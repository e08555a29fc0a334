"""Whose a failure is: sender, message and report, also from what cannot be read as XML."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages import gallery
from messages import kith_builder as kith
from messages.numbers import some_number
from varde.messages import Failure, LabReport, read

PERSON = kith.patient(kith.specimen(free="Sårsekret"), kith.culture("Vekst"), number=some_number())
GOOD = kith.message(kith.report(PERSON))
TYPE = b'<?xml version="1.0"?>\n<!DOCTYPE Message [%s]>\n'
NAMES = ("HER:91843", "M1", "R1")


def failure(data: bytes, mapping: bytes | None = None) -> Failure:
    (record,) = read(data, mapping)
    assert isinstance(record, Failure), record
    return record


def names(data: bytes, mapping: bytes | None = None) -> tuple[str, str, str]:
    found = failure(data, mapping)
    return found.sender, found.message_id, found.report_id


def after_declaration(declaration: bytes, data: bytes = GOOD) -> bytes:
    return declaration + data.partition(b"\n")[2]


DAMAGED = {
    "not-well-formed": GOOD.replace(b"</Patient>", b"</Patent>"),
    "stray ampersand": GOOD.replace(b"Vekst", b"A & B"),
    "forbidden-xml": after_declaration(TYPE % b'<!ENTITY a "<MsgId>X</MsgId>">'),
    "plain document type": after_declaration(b"<!DOCTYPE Message>\n"),
    "wrong-encoding": GOOD.decode().encode("iso-8859-1"),
    "unsupported-encoding": GOOD.replace(b"utf-8", b"utf-7", 1),
    "control character": GOOD.replace(b"Vekst", b"\x01"),
    "truncated": GOOD.rpartition(b"</Message>")[0],
    "too-deep": GOOD.replace(b"Vekst", b"<a>" * 1000 + b"</a>" * 1000),
    "utf-16": GOOD.decode()
    .replace("</Patient>", "</P>")
    .replace("utf-8", "utf-16")
    .encode("utf-16"),
    "prefixed": GOOD.replace(b"<", b"<k:").replace(b"<k:/", b"</k:").replace(b"<k:?", b"<?"),
    "unknown-namespace": GOOD.replace(b"2012-02-15", b"2005-02-15"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_what_cannot_be_parsed_still_has_its_names(case: str) -> None:
    assert names(DAMAGED[case]) == NAMES
    if case != "utf-16":  # where its name is written in other bytes, nothing says what it is
        assert failure(DAMAGED[case]).kind == "laboratory"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (GOOD[: GOOD.index(b"<ServProvider>") + 60], ("", "M1", "R1")),
        (GOOD[: GOOD.index(b"<ServProvId>") + 14], ("", "M1", "")),
        (GOOD[: GOOD.index(b"<MsgId>") + 8], ("", "", "")),
        (b"<Message" + b"<" * 5000, ("", "", "")),
        (kith.message(), ("", "M1", "")),
    ],
)
def test_what_is_cut_off_is_empty(data: bytes, expected: tuple[str, str, str]) -> None:
    assert names(data) == expected


@pytest.mark.parametrize(
    "hidden",
    [
        b"<!-- <MsgId>X</MsgId><ServProvId>X</ServProvId> -->",
        b"<![CDATA[<ServProvId>X</ServProvId>]]>",
        b"<?note <ServProvider></ServProvider>?>",
    ],
)
def test_what_is_no_element_is_not_seen(hidden: bytes) -> None:
    data = DAMAGED["not-well-formed"]
    assert names(data.replace(b"<ServReport>", b"<ServReport>" + hidden)) == NAMES


def test_what_is_there_twice_is_not_chosen_between() -> None:
    broken = DAMAGED["not-well-formed"]
    assert (
        names(broken.replace(b"<ServProvId>", b"<ServProvId>X</ServProvId><ServProvId>"))[2] == ""
    )
    assert names(broken.replace(b"<MsgId>", b"<MsgId>X</MsgId><MsgId>"))[1] == ""
    two = kith.message(kith.report(own="A"), kith.report(own="B"), version="1.3")
    assert names(two.replace(b"</Patient>", b"</P>", 1)) == ("HER:91843", "M1", "")
    other = kith.report(own="B", sender=kith.provider("77"))
    mixed = kith.message(kith.report(own="A"), other, version="1.3")
    assert names(mixed.replace(b"</Patient>", b"</P>", 1)) == ("", "M1", "")


def test_a_document_type_that_hides_its_end_gives_nothing() -> None:
    hidden = TYPE % b'<!ENTITY a "]><Message><MsgId>X</MsgId>">'
    assert names(after_declaration(hidden)) == NAMES
    unclosed = b'<!DOCTYPE Message [<!ENTITY a "<MsgId>X</MsgId>"> '
    assert "X" not in names(after_declaration(unclosed))


def test_a_copy_of_the_message_id_is_no_report_id() -> None:
    assert names(DAMAGED["not-well-formed"].replace(b"R1<", b"M1<"))[2] == ""


def test_values_that_are_not_plain_are_left_out() -> None:
    broken = DAMAGED["not-well-formed"]
    assert names(broken.replace(b"M1<", b"&a;<"))[1] == ""
    assert names(broken.replace(b"M1<", b"\xe5<"))[1] == ""
    assert names(broken.replace(b"M1<", b"NULL<"))[1] == ""
    assert names(broken.replace(b"91843", b"&a;"))[0] == ""
    assert names(broken.replace(b"M1<", b"M</x>1<"))[1] == ""


@pytest.mark.parametrize(
    "piece",
    [b"<!--", b"<![CDATA[", b"<?", b"<!", b"<ServProvider>", b"<MsgId>", b"]", b"<a:", b"] "],
)
def test_salvage_is_quick(piece: bytes) -> None:
    data = b'<Message xmlns="http://www.kith.no/xmlstds/labsvar/2012-02-15">' + piece * 1_000_000
    started = time.perf_counter()
    failure(data)
    assert time.perf_counter() - started < 5


@given(st.integers(0, len(GOOD)), st.sampled_from([b"<", b"&", b"\x00", b"</x>", b"<!--", b"]]>"]))
def test_damage_never_gives_another_name(at: int, piece: bytes) -> None:
    (record,) = read(GOOD[:at] + piece + GOOD[at:])
    if isinstance(record, LabReport):
        return
    for found, true in zip(
        (record.sender, record.message_id, record.report_id), NAMES, strict=True
    ):
        assert found in ("", true) or piece.strip(b"<>&\x00") in found.encode()


@pytest.mark.parametrize(
    ("own", "request_id", "expected"),
    [("R1", None, "R1"), ("M1", "Q", "Q"), (None, "Q", "Q"), (None, None, "M1")],
)
def test_a_report_that_was_read_has_its_number(
    own: str | None, request_id: str | None, expected: str
) -> None:
    request = kith.element("ServReq", kith.text("Id", request_id))
    broken = kith.message(kith.report(own=own, request=request, status="X"))
    assert failure(broken).report_id == expected
    (good,) = read(kith.message(kith.report(own=own, request=request)))
    assert isinstance(good, LabReport) and good.report_id == expected


def test_a_row_has_its_isolate_id() -> None:
    assert names(*gallery.LISTS["bad-value"]) == ("LAB-A", "17", "17")
    assert names(*gallery.LISTS["missing-isolate-id"]) == ("LAB-A", "", "")


@pytest.mark.parametrize(
    ("data", "mapping"),
    [
        (b"", gallery.MAPPING),
        (b"\xff", gallery.MAPPING),
        (b"a,b,c\n", gallery.MAPPING),
        (b"a,b,c\n", b'sender = " LAB-A "\nwrong = 1\n'),
    ],
)
def test_a_list_that_cannot_be_read_has_the_sender_of_its_mapping(
    data: bytes, mapping: bytes
) -> None:
    assert names(data, mapping) == ("LAB-A", "", "")


@pytest.mark.parametrize("mapping", [b"\xff", b"sender = ", b"sender = 3", b"[sender]"])
def test_a_mapping_without_sender_gives_none(mapping: bytes) -> None:
    assert names(b"a,b,c\n", mapping) == ("", "", "")


def test_a_failure_says_what_it_would_have_been() -> None:
    bad_person = kith.patient(kith.specimen(free="Sårsekret"), "", number="12345678901")
    assert failure(kith.message(kith.report(bad_person))).kind == "laboratory"
    assert (
        failure(gallery.rows("1,not a date,E. coli,1,2,M,1,R,S"), gallery.MAPPING).kind
        == "laboratory"
    )
    assert failure(b"MSH|^~\\&|A|B\r").kind == "laboratory"
    assert failure(b"<letter/>").kind == ""
