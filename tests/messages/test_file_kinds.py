"""Files that hold no message as such are called by what they are, in the register of persons and in the others."""

from __future__ import annotations

import pytest

from messages import deidentified_lists, table_gallery
from messages import packed_gallery as packed
from messages.gallery import INVALID
from varde.messages import Failure, minimise, read, read_minimised, reasons
from varde.messages.file_kinds import OLE, file_kinds, find_kind


def office(member: str) -> bytes:
    return packed.zipped(("[Content_Types].xml", b"<Types/>"), (member, b"<a/>"))


def open_document(kind: str) -> bytes:
    return packed.zipped(
        ("mimetype", f"application/vnd.oasis.opendocument.{kind}".encode()),
        ("content.xml", b"<a/>"),
    )


def compound(stream: str) -> bytes:
    return OLE + b"\x00" * 504 + stream.encode("utf-16-le").ljust(64, b"\x00")


KINDS = {
    "Excel (.xlsx)": (office("xl/workbook.xml"), "spreadsheet-file"),
    "Excel (.xlsb)": (office("xl/workbook.bin"), "spreadsheet-file"),
    "Word (.docx)": (office("word/document.xml"), "document-file"),
    "PowerPoint (.pptx)": (office("ppt/presentation.xml"), "document-file"),
    "Office (.docx, .xlsx)": (office("else.xml"), "document-file"),
    "OpenDocument (.ods)": (open_document("spreadsheet"), "spreadsheet-file"),
    "OpenDocument (.odt)": (open_document("text"), "document-file"),
    "OpenDocument": (open_document("graphics"), "document-file"),
    "Excel 97 (.xls)": (compound("Workbook"), "spreadsheet-file"),
    "Excel 95 (.xls)": (compound("Book"), "spreadsheet-file"),
    "Word 97 (.doc)": (compound("WordDocument"), "document-file"),
    "Outlook (.msg)": (compound("__properties_version1.0"), "mail-file"),
    "Office 97 (.doc, .xls)": (OLE + b"\x00" * 504, "document-file"),
    "PDF": (b"%PDF-1.7 something", "document-file"),
    "RTF": (rb"{\rtf1\ansi Svar}", "document-file"),
    "PNG": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "document-file"),
    "JPEG": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "document-file"),
    "GIF": (b"GIF89a\x01\x00", "document-file"),
    "TIFF": (b"II*\x00\x08\x00\x00\x00", "document-file"),
    "E-mail (.eml)": (
        b"Received: from a\r\n\tby b\r\nFrom: a@example.org\r\nSubject: Svar\r\n\r\nHei\r\n",
        "mail-file",
    ),
}


def test_every_kind_of_the_file_has_an_example() -> None:
    assert {kind.name for kind in file_kinds()} == set(KINDS)
    assert {kind.reason for kind in file_kinds()} <= set(reasons())


@pytest.mark.parametrize("name", KINDS)
def test_it_is_called_by_what_it_is(name: str) -> None:
    data, reason = KINDS[name]
    kind = find_kind(data)
    assert kind is not None and (kind.name, kind.reason) == (name, reason)
    if not data.startswith(b"{"):  # what begins as JSON does is told so
        (failure,) = read(data)
        assert isinstance(failure, Failure)
        assert (failure.reason, failure.detail) == (reason, name)
        kept = minimise("ravn", data, deidentified_lists.keyed)
        (refused,) = read_minimised(kept)
        assert isinstance(refused, Failure) and refused.reason == reason


def test_messages_and_their_archives_are_none_of_them() -> None:
    assert all(find_kind(data) is None for data in INVALID.values())
    assert find_kind(packed.PLAIN) is None
    inner = office("xl/workbook.xml")
    for outer in (packed.zipped(("a.xlsx", inner)), packed.zipped(("a.xlsx", inner), method=0)):
        assert find_kind(outer) is None, "an archive that holds a spreadsheet is an archive"
    for text in (b"", b"a;b;c\r\n1;2;3\r\n", b"From: a\r\n", b"Subject;Date\r\n", b"PK\x03\x04x"):
        assert find_kind(text) is None


def test_tables_are_none_of_them() -> None:
    assert all(find_kind(data) is None for data in table_gallery.NEW.values())
