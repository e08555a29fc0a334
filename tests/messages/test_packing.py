"""Archives: what is in them comes out, and nothing they hold can hurt."""

from __future__ import annotations

import gzip
import os
import random
import struct
import time
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages import packed_gallery as packed
from messages.test_fuzz import damage
from varde.messages import Failure, UnreadableMessage, read
from varde.messages.packing import Limits, is_archive, is_packed, unpack

COUNT = int(os.environ.get("VARDE_FUZZ", "300"))
ZEROS = bytes(40 << 20)
SMALL = Limits(total=10_000, members=20, ratio=5, unasked=2_000)
NAMES = st.text(
    st.characters(exclude_categories=["C"], exclude_characters="\\/"), min_size=1, max_size=9
)


def plain_zip(data: bytes) -> list[tuple[str, bytes]]:
    """The members of a zip, read by hand from its local headers (no data descriptors)."""
    found = []
    at = 0
    while data[at : at + 4] == b"PK\x03\x04":
        flags, method = struct.unpack_from("<HH", data, at + 6)
        packed_size, _, name_size, extra_size = struct.unpack_from("<IIHH", data, at + 18)
        at += 30
        name = data[at : at + name_size].decode("utf-8" if flags & 0x800 else "cp437")
        at += name_size + extra_size
        body = data[at : at + packed_size]
        found.append((name, zlib.decompress(body, -15) if method == 8 else body))
        at += packed_size
    return found


def refusal(data: bytes, limits: Limits = SMALL, name: str = "x.zip") -> UnreadableMessage:
    with pytest.raises(UnreadableMessage) as caught:
        list(unpack(name, data, limits))
    return caught.value


@settings(max_examples=50)
@given(
    st.lists(st.tuples(NAMES, st.binary(max_size=300)), max_size=8),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
)
def test_a_zip_gives_what_the_plain_reference_finds(
    members: list[tuple[str, bytes]], method: int
) -> None:
    data = packed.zipped(*members, method=method)
    assert [content for _, content in unpack("x.zip", data)] == [c for _, c in plain_zip(data)]
    assert [name for name, _ in unpack("x.zip", data)] == [
        "".join(c if c.isprintable() else "?" for c in name)[:300] for name, _ in plain_zip(data)
    ]


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4))
def test_a_gzip_is_its_parts_one_after_the_other(parts: list[bytes]) -> None:
    data = b"".join(map(gzip.compress, parts))
    assert list(unpack("svar.xml.gz", data)) == [("svar.xml", b"".join(parts))]


def test_folders_are_no_members_and_names_stay_names() -> None:
    data = packed.zipped(
        ("in/", b""), ("in/a", b"1"), ("../../b", b"2"), ("/c", b"3"), ("d\\e\n", b"4"), ("a" * 900, b"5")
    )  # fmt: skip
    names = ["in/a", "../../b", "/c", "d/e?", "a" * 300]
    assert [name for name, _ in unpack("x.zip", data)] == names


@pytest.mark.parametrize(
    ("name", "data", "opened"),
    [
        ("a.ZIP", packed.PLAIN, True), ("a.gz", packed.gzipped(b""), True), ("a.xlsx", packed.PLAIN, False),
        ("a.zip", b"a,b,c\n", False), ("a.gz", packed.PLAIN, True), ("", packed.PLAIN, False),
    ],
)  # fmt: skip
def test_an_archive_is_one_by_name_and_content(name: str, data: bytes, opened: bool) -> None:
    assert is_archive(name, data) is opened


# What is refused


@pytest.mark.parametrize("reason", sorted(packed.NEW))
def test_an_archive_read_as_a_message_says_why_it_was_kept(reason: str) -> None:
    [failure] = read(packed.NEW[reason])
    assert isinstance(failure, Failure) and failure.reason == reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [(packed.PLAIN, "unknown-format"), (packed.zipped(), "empty"), (packed.zipped(("a/", b"")), "empty")],
)  # fmt: skip
def test_an_archive_that_nobody_unpacked_is_no_message(data: bytes, reason: str) -> None:
    [failure] = read(data, b"sender = 'A'")
    assert isinstance(failure, Failure) and failure.reason == reason


@pytest.mark.parametrize(
    "data",
    [
        packed.PLAIN[:-30], b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", packed.gzipped(b"a" * 99)[:-4],
        packed.gzipped(b"a") + b"rest", b"",
        packed.claiming(packed.zipped(("a", b"x" * 500)), 400),
        packed.claiming(packed.zipped(("a", b"x" * 500)), 600),
        packed.zipped(("a", b"x" * 500), method=zipfile.ZIP_BZIP2),
        packed.zipped(("a", b"x" * 500), method=zipfile.ZIP_LZMA),
    ],
)  # fmt: skip
def test_what_cannot_be_unpacked(data: bytes) -> None:
    assert refusal(data).reason == "damaged-archive"


def test_a_changed_member_is_found_by_its_checksum() -> None:
    data = packed.zipped(("a.xml", b"<abc/>"), method=zipfile.ZIP_STORED)
    assert refusal(data.replace(b"<abc/>", b"<abd/>", 1)).reason == "damaged-archive"


def test_an_encrypted_member_is_named() -> None:
    error = refusal(packed.encrypted(packed.PLAIN))
    assert (error.reason, error.detail) == ("encrypted-archive", "a.xml")


@pytest.mark.parametrize("inner", [packed.PLAIN, packed.gzipped(b"a")])
def test_an_archive_in_an_archive_is_refused(inner: bytes) -> None:
    assert refusal(packed.zipped(("in/more.ZIP", inner))).reason == "nested-archive"
    assert refusal(packed.gzipped(inner), name="more.gz.gz").reason == "nested-archive"
    # A spreadsheet is a zip, and no archive of messages.
    assert list(unpack("x.zip", packed.zipped(("a.xlsx", inner)))) == [("a.xlsx", inner)]


def test_a_name_in_a_reason_has_no_identity_number() -> None:
    error = refusal(packed.encrypted(packed.zipped(("12345678901.xml", b""))))
    assert "12345678901" not in repr(error) and error.detail


# Bombs


@pytest.mark.parametrize(
    "data",
    [
        packed.zipped(("a", bytes(3_000))),  # 3,000 from some 120
        packed.gzipped(bytes(3_000)),
        packed.zipped(("a", bytes(1_500)), ("b", bytes(1_500))),
        packed.zipped(*[(str(n), b"") for n in range(21)]),
        packed.zipped(("a", packed.noise(10_001))),
        packed.gzipped(packed.noise(10_001)),
        packed.gzipped(b"") * 21,
        packed.claiming(packed.zipped(("a", b"")), 2**31),
    ],
)
def test_more_than_the_limits_is_refused(data: bytes) -> None:
    assert refusal(data).reason == "archive-too-large"


@pytest.mark.parametrize(
    "data",
    [
        packed.zipped(("a", bytes(2_000))), packed.gzipped(bytes(2_000)),
        packed.zipped(*[(str(n), b"x") for n in range(20)]), packed.gzipped(packed.noise(9_000)),
    ],
)  # fmt: skip
def test_up_to_the_limits_is_taken(data: bytes) -> None:
    assert list(unpack("x.zip", data, SMALL))


def overlapping(size: int, times: int) -> bytes:
    """A zip whose directory names one and the same body many times."""
    body = packed.zipped(("a", bytes(size)))
    start = body.index(b"PK\x01\x02")
    end = body.index(b"PK\x05\x06")
    entry, last = body[start:end], bytearray(body[end:])
    struct.pack_into("<HHII", last, 8, times, times, len(entry) * times, start)
    return body[:start] + entry * times + bytes(last)


def lying(size: int) -> bytes:
    """A zip whose one member is said to be small, and is not."""
    return packed.claiming(packed.zipped(("a", bytes(size))), 10)


@pytest.mark.parametrize(
    "data",
    [packed.zipped(("a", ZEROS)), packed.gzipped(ZEROS), overlapping(1 << 20, 4_000),
     overlapping(0, 60_000), lying(40 << 20), packed.gzipped(b"") * 60_000],
    ids=["zip", "gzip", "overlapping", "entries", "lying", "parts"],
)  # fmt: skip
def test_bombs_take_little_time_and_memory(data: bytes) -> None:
    began = time.perf_counter()
    tracemalloc.start()
    with pytest.raises(UnreadableMessage):
        for _ in unpack("x.zip", data):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert time.perf_counter() - began < 3
    assert peak < len(data) + (80 << 20)


def test_members_come_one_at_a_time() -> None:
    content = packed.noise(1 << 20)
    data = packed.zipped(*[(str(n), content) for n in range(30)], method=zipfile.ZIP_STORED)
    tracemalloc.start()
    assert sum(len(member) for _, member in unpack("x.zip", data)) == 30 << 20
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 << 20


# Anything


def check(data: bytes) -> None:
    try:
        for name, content in unpack("x.zip", data, SMALL):
            assert isinstance(content, bytes) and name.isprintable()
    except UnreadableMessage as error:
        assert error.reason in packed.NEW
    for record in read(data):
        assert not isinstance(record, Failure) or record.reason != "reader-fault", record


@pytest.mark.parametrize(
    "whole",
    [packed.zipped(*[(f"in/{n}.xml", b"<a>%d</a>" % n) for n in range(5)]),
     packed.zipped(("å", b"x" * 200), method=zipfile.ZIP_STORED), packed.gzipped(b"a;b\n" * 50)],
    ids=["deflated", "stored", "gzip"],
)  # fmt: skip
def test_fuzz_damaged_archives(whole: bytes) -> None:
    dice = random.Random(11)
    for _ in range(COUNT):
        check(damage(whole, dice))


@settings(max_examples=min(COUNT, 500))
@given(st.sampled_from([b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b\x08"]), st.binary(max_size=200))
def test_fuzz_any_bytes_after_a_signature(signature: bytes, rest: bytes) -> None:
    assert is_packed(signature + rest)
    check(signature + rest)
    check(signature + rest + packed.PLAIN)
