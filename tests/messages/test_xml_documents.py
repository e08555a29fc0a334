"""Bytes to a tree: encodings, damage, and constructs that are never accepted."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages import kith_builder as kith
from varde.messages import Failure, LabReport, UnreadableMessage, detect, read
from varde.messages.text import is_disguised_utf8
from varde.messages.xml_documents import parse_document

NORWEGIAN = kith.report(kith.patient(kith.specimen(free="Sårsekret fra øret"), number=None))


def only(data: bytes) -> LabReport | Failure:
    (record,) = read(data)
    return record


def material(data: bytes) -> str:
    record = only(data)
    assert isinstance(record, LabReport), record
    return record.specimens[0].materials[-1].text


def reason(data: bytes) -> str:
    record = only(data)
    assert isinstance(record, Failure), record
    return record.reason


UTF8 = kith.message(NORWEGIAN)
PLAIN = UTF8.decode().partition("\n")[2]


@pytest.mark.parametrize(
    "data",
    [
        UTF8,
        b"\xef\xbb\xbf" + UTF8,
        b"\n  " + UTF8,
        PLAIN.encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        ('<?xml version="1.0" encoding="ISO-8859-1"?>' + PLAIN).encode("iso-8859-1"),
        ('<?xml version="1.0" encoding="windows-1252" standalone="yes"?>' + PLAIN).encode("cp1252"),
        ("<?xml version='1.0' encoding='iso-8859-15'?>" + PLAIN).encode("iso-8859-15"),
        ('<?xml version="1.0" encoding="UTF-16"?>' + PLAIN).encode("utf-16"),
        b"\xff\xfe" + PLAIN.encode("utf-16-le"),
        b"\xfe\xff" + PLAIN.encode("utf-16-be"),
        ('<?xml version="1.0" encoding="UTF-16"?>' + PLAIN).encode("utf-16-le"),
        ('<?xml version="1.0" encoding="UTF-16"?>' + PLAIN).encode("utf-16-be"),
        PLAIN.encode("utf-16-le"),
        ('<?xml version="1.0" encoding="utf-16"?>' + PLAIN).encode("utf-8"),
        b"<!-- first --><?note x?>\n" + PLAIN.encode(),
    ],
    ids=range(16),
)
def test_the_same_text_in_every_accepted_encoding(data: bytes) -> None:
    assert detect(data) == "kith"
    assert material(data) == "Sårsekret fra øret"


def test_latin_1_declared_as_utf_8_is_refused_with_its_line() -> None:
    record = only(UTF8.decode().encode("iso-8859-1"))
    assert isinstance(record, Failure)
    assert record.reason == "wrong-encoding"
    first = next(at for at, byte in enumerate(UTF8) if byte > 127)
    line = UTF8[:first].count(b"\n") + 1
    column = first - UTF8.rfind(b"\n", 0, first)
    assert record.place == f"line {line}, column {column}"
    assert record.detail == "utf-8: F8"


@pytest.mark.parametrize("declared", ["ISO-8859-1", "windows-1252", "iso-8859-15"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_utf_8_declared_as_latin_1_is_refused_at_its_first_letter(
    declared: str, mark: bytes
) -> None:
    data = (f'<?xml version="1.0" encoding="{declared}"?>\n' + PLAIN).encode()
    record = only(mark + data)
    assert isinstance(record, Failure)
    assert (record.reason, record.sender) == ("wrong-encoding", "HER:91843")
    first = next(at for at, byte in enumerate(data) if byte > 127)
    line, column = data[:first].count(b"\n") + 1, first - data.rfind(b"\n", 0, first)
    assert record.place == f"line {line}, column {column}"
    assert record.detail == f"{declared.lower()} → utf-8"


@given(st.text(st.sampled_from("æøåÆØÅéöäüµ°·² abcr-Å\n"), min_size=1, max_size=80))
def test_norwegian_words_in_latin_1_are_not_taken_for_utf_8(words: str) -> None:
    """Signs such as ° come after a blank or a digit, never after a letter with a mark."""
    plain = re.sub("(?<=[æøåÆØÅéöäüµ°·²])[µ°·²]", "", words)
    assert not is_disguised_utf8(plain.encode("iso-8859-1"))
    assert is_disguised_utf8(plain.encode()) == (not plain.isascii())


@pytest.mark.parametrize(
    ("data", "place", "detail"),
    [
        (b"<a>\n <b></c></a>", "line 2, column 9", "<b> … </c>"),
        (b"<a>\n&xxe;</a>", "line 2, column 6", "&xxe;"),
        (b"<k:a></k:a>", "line 1, column 5", "k:"),
        (b"<a>\n\x01</a>", "line 2, column 1", "ERR_INVALID_CHAR"),
        (b"<a>\n<b x=1/></a>", "line 2, column 6", "ERR_ATTRIBUTE_NOT_STARTED"),
    ],
)
def test_the_place_is_exact_and_the_detail_is_what_stands_there(
    data: bytes, place: str, detail: str
) -> None:
    record = only(data)
    assert isinstance(record, Failure)
    assert (record.reason, record.place, record.detail) == ("not-well-formed", place, detail)


@pytest.mark.parametrize("declared", ["utf-7", "ebcdic-cp-us", "shift_jis", "x", "UTF-32"])
def test_other_encodings_are_refused(declared: str) -> None:
    assert reason(f'<?xml version="1.0" encoding="{declared}"?>{PLAIN}'.encode()) == (
        "unsupported-encoding"
    )


def test_utf_32_is_refused() -> None:
    with pytest.raises(UnreadableMessage, match="unsupported-encoding"):
        parse_document(PLAIN.encode("utf-32"))


def test_half_a_utf_16_character_is_refused() -> None:
    assert reason(b"\xff\xfe" + PLAIN.encode("utf-16-le")[:-1]) == "wrong-encoding"


DOCTYPES = [
    '<!DOCTYPE Message SYSTEM "http://localhost/x.dtd">',
    '<!DOCTYPE Message [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    "<!DOCTYPE Message [" + "".join(
        f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9)
    ) + '<!ENTITY a0 "ha">]>',
    "<!-- x --><!DOCTYPE Message>",
    "<?x?>\n<!DOCTYPE Message>",
    "<!ELEMENT x ANY>",
]  # fmt: skip


@pytest.mark.parametrize("doctype", DOCTYPES, ids=range(len(DOCTYPES)))
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_no_document_type_in_any_encoding(doctype: str, codec: str) -> None:
    body = PLAIN.replace("Sårsekret", "&a9;") if "a9" in doctype else PLAIN
    assert reason((doctype + body).encode(codec)) == "forbidden-xml"


def test_the_word_doctype_inside_the_message_is_harmless() -> None:
    body = PLAIN.replace("Sårsekret", "<![CDATA[<!DOCTYPE html>]]>")
    assert material(body.encode()) == "<!DOCTYPE html> fra øret"


def test_an_unknown_entity_is_refused() -> None:
    assert reason(PLAIN.replace("Sårsekret", "&xxe;").encode()) == "not-well-formed"


def test_standard_entities_are_read() -> None:
    assert material(PLAIN.replace("Sårsekret", "&lt;&#229;&amp;").encode()) == "<å& fra øret"


@pytest.mark.parametrize("cut", range(60, len(UTF8) - 12, 37))
def test_every_cut_is_truncated_or_broken(cut: int) -> None:
    assert reason(UTF8[:cut]) in ("truncated", "no-report", "unknown-namespace", "wrong-encoding")


def test_most_cuts_are_named_truncated() -> None:
    reasons = [reason(UTF8[:cut]) for cut in range(200, len(UTF8) - 12)]
    assert reasons.count("truncated") > 0.98 * len(reasons)


def test_deep_nesting_ends() -> None:
    inside = "<a>" * 100_000
    assert reason(PLAIN.replace("Sårsekret", inside).encode()) == "too-deep"


def test_a_huge_text_ends() -> None:
    assert reason(PLAIN.replace("Sårsekret", "x" * 11_000_000).encode()) == "too-large"


def test_an_attachment_of_some_megabytes_is_fine() -> None:
    attachment = "<RefDoc><Content>" + "JVBERi0x\n" * 600_000 + "</Content></RefDoc>"
    assert isinstance(only(kith.message(kith.report(request=attachment))), LabReport)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "unknown"),
        (b"<html></html>", "unknown"),
        (b'{"a": 1, "b": 2, "c": 3}', "unknown"),
        (b"%PDF-1.7,,,", "unknown"),
        (b"PK\x03\x04,,,", "unknown"),
        (b"a,b\x00,c", "unknown"),
        (b"one line of text", "unknown"),
        (b"one line, of text", "unknown"),
        (b"id;date;AMP\n1;2;3", "isolate-list"),
        (b"\xef\xbb\xbfid,date,AMP", "isolate-list"),
        (b"id\tdate\tAMP", "isolate-list"),
        ("prøve;dato;AMP".encode("cp1252"), "isolate-list"),
        (UTF8, "kith"),
    ],
)
def test_detection(data: bytes, found: str) -> None:
    assert detect(data) == found
