"""Archives as a sender packs them, and one for every reason to refuse an archive."""

from __future__ import annotations

import gzip
import io
import random
import struct
import warnings
import zipfile


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these members; a name may stand twice."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method) as archive:
        warnings.simplefilter("ignore")  # of a name that stands twice
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def encrypted(data: bytes) -> bytes:
    """A zip whose first member says that it is encrypted: bit 0 of the flags in both its headers."""
    local, central = data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8
    out = bytearray(data)
    out[local] |= 1
    out[central] |= 1
    return bytes(out)


def claiming(data: bytes, size: int) -> bytes:
    """A zip whose first member is said to have another size when unpacked."""
    at = data.index(b"PK\x01\x02") + 24
    return data[:at] + struct.pack("<I", size) + data[at + 4 :]


PLAIN = zipped(("a.xml", b"<a/>"), ("b.xml", b"<b/>"))

NEW: dict[str, bytes] = {
    "damaged-archive": PLAIN[:-30],
    "encrypted-archive": encrypted(PLAIN),
    "nested-archive": zipped(("a.xml", b"<a/>"), ("more.zip", PLAIN)),
    "archive-too-large": claiming(PLAIN, 1 << 30),
    "spreadsheet-file": zipped(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<a/>")),
    "document-file": b"%PDF-1.7 something",
    "mail-file": b"Received: from a\r\n by b\r\nFrom: lab@example.org\r\nSubject: Svar\r\n\r\nHei\r\n",
}


def gzipped(data: bytes) -> bytes:
    """The same whenever it is packed: the time is left out."""
    return gzip.compress(data, mtime=0)


def noise(size: int) -> bytes:
    """Bytes that cannot be packed smaller, the same every time."""
    return random.Random(1).randbytes(size)
