"""Bytes to a bundle: encodings, damage, depth, and the names of what cannot be read."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages import fhir_builder as fhir
from messages import fhir_gallery as gallery
from messages.numbers import some_number
from varde.messages import Failure, LabReport, MessageError
from varde.messages.fhir.reports import read_fhir
from varde.messages.fhir.salvage import salvage_bundle_names
from varde.messages.json_documents import MAX_DEPTH, begins_as_json, check_depth

GOOD = gallery.GOOD
TEXT = GOOD.decode()
NAMES = ("HER:91843", "M1", "R1")


def refused(data: bytes) -> MessageError:
    with pytest.raises(MessageError) as caught:
        list(read_fhir(data))
    return caught.value


@pytest.mark.parametrize(
    "data",
    [
        GOOD,
        b"\xef\xbb\xbf" + GOOD,
        b"\r\n\t " + GOOD + b"\n",
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        json.dumps(json.loads(GOOD), indent=4).encode(),
        json.dumps(json.loads(GOOD), sort_keys=True).encode(),
    ],
)
def test_every_encoding_and_order_of_json_is_read_alike(data: bytes) -> None:
    assert begins_as_json(data)
    assert list(read_fhir(data)) == list(read_fhir(GOOD))


@pytest.mark.parametrize(
    "data", [b"", b"<Bundle/>", b"[1]", b"a,b\n", b"\xff\xfe<\x00", b"\x00\x00"]
)
def test_other_formats_do_not_begin_as_json(data: bytes) -> None:
    assert not begins_as_json(data)


@pytest.mark.parametrize(
    ("data", "reason", "place"),
    [
        (GOOD.replace(b'"S1"', b'"S1\xe5"'), "wrong-encoding", "line 1"),
        (GOOD.replace(b'"S1"', b'"S\\u0000"'), "malformed-json", "line 1"),
        (GOOD.replace(b'"S1"', b'"S\\ud800"'), "malformed-json", ""),
        (GOOD.replace(b'"S1"', b'"S\n"'), "malformed-json", "line 1"),
        (GOOD.replace(b'"S1"', b"nul"), "malformed-json", "line 1"),
        (GOOD.replace(b'"S1"', b"NaN"), "malformed-json", "line 1"),
        (GOOD[:-1], "truncated", "line 1"),
        (GOOD[: len(GOOD) // 2], "truncated", "line 1"),
        (GOOD + b" x", "malformed-json", "line 1"),
        (GOOD + b"\n" + GOOD, "several-documents", "line 2, column 1"),
        (b"{}", "wrong-bundle", "resourceType"),
        (b'{"resourceType":"DiagnosticReport"}', "wrong-bundle", "resourceType"),
        (b'{"resourceType":"Bundle"}', "wrong-bundle", "Bundle.type"),
        (b"[" + GOOD + b"]", "wrong-bundle", ""),
        (GOOD.replace(b'"collection",', b'["collection"],'), "bad-field", "Bundle.type"),
        (b'{"resourceType":"Bundle","entry":[7]}', "bad-field", "Bundle.entry[0]"),
        (b"{" * 2000, "too-deep", ""),
        (b'{"x":' + b"[" * 400_000 + b"]" * 400_000 + b"}", "too-deep", ""),
    ],
)
def test_what_cannot_be_read_says_why_and_where(data: bytes, reason: str, place: str) -> None:
    error = refused(data)
    assert error.reason == reason
    assert error.place.startswith(place)


def test_an_escaped_backslash_is_no_control_character() -> None:
    data = GOOD.replace(b'"S1"', b'"S\\\\u0000"')
    (found,) = read_fhir(data)
    assert isinstance(found, LabReport)
    assert found.specimens[0].specimen_id == "S\\u0000"


@pytest.mark.parametrize("depth", [MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1])
@pytest.mark.parametrize("text", [b'""', b'"}{]["', b'"\\"}}{{"', b'"\\\\"'])
def test_depth_is_counted_exactly_whatever_stands_in_texts(depth: int, text: bytes) -> None:
    data = b'{"x":' * depth + text + b"}" * depth
    if depth <= MAX_DEPTH:
        check_depth(data)
    else:
        with pytest.raises(MessageError, match="too-deep"):
            check_depth(data)


@settings(deadline=None)
@given(st.recursive(st.text('{}[]"\\a', max_size=6), lambda inner: st.lists(inner) | st.dictionaries(st.text('{}"\\'), inner)))  # fmt: skip
def test_depth_is_that_of_the_json(value: object) -> None:
    def depth(part: object) -> int:
        inner = (
            part.values() if isinstance(part, dict) else part if isinstance(part, list) else None
        )
        return 0 if inner is None else 1 + max(map(depth, inner), default=0)

    data = b"[" * 60 + json.dumps(value).encode() + b"]" * 60
    try:
        check_depth(data)
    except MessageError:
        assert depth(value) + 60 > MAX_DEPTH
    else:
        assert depth(value) + 60 <= MAX_DEPTH


def test_the_last_of_two_equal_keys_counts() -> None:
    data = GOOD.replace(
        b'"status": "final", "category"', b'"status": "final", "status": "amended", "category"'
    )
    (found,) = read_fhir(data)
    assert isinstance(found, LabReport) and found.service_type == "M"


# The names of what cannot be read.

DAMAGED = {
    "truncated at the end": GOOD[:-2],
    "comma": GOOD.replace(b'"S1"}', b'"S1"},,'),
    "wrong encoding": GOOD.replace(b"Urin", b"Ur\xedn"),
    "two documents": GOOD + b"{}",
    "control": GOOD.replace(b"Urin", b"Ur\\u0001"),
    "wide": TEXT.replace('"S1"}', '"S1"},,').encode("utf-16"),
    "pretty": json.dumps(json.loads(GOOD), indent=1).encode()[:-3],
    "urn": fhir.as_fhir(fhir.numbered(some_number()), fhir.Shape("transaction", "urn"))[:-4],
    "search set": GOOD.replace(b'"collection"', b'"searchset"'),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_what_cannot_be_read_still_has_its_names(case: str) -> None:
    refused(DAMAGED[case])
    assert tuple(salvage_bundle_names(DAMAGED[case])) == NAMES


def test_what_is_lost_or_there_twice_is_empty() -> None:
    assert tuple(salvage_bundle_names(GOOD[: GOOD.index(b'"resourceType": "Organization"')])) == (
        "",
        "M1",
        "R1",
    )
    assert tuple(salvage_bundle_names(GOOD[: GOOD.index(b'"Patient"')])) == ("", "M1", "R1")
    two = fhir.write(fhir.bundle(fhir.report(), fhir.report(id="r2"), fhir.organization()))[:-1]
    assert tuple(salvage_bundle_names(two)) == ("", "M1", "")
    for data in (b"", b"{", b"\xff", b'{"entry":' * 9, b'{"identifier": {"value": 3}, "entry": ['):
        assert tuple(salvage_bundle_names(data)) == ("", "", "")


@pytest.mark.parametrize("piece", [b"{", b'"', b"[", b'{"resource":', b'"resource": {', b'"entry":', b"\\", b'"resource":{},', b'"fullUrl":"'])  # fmt: skip
def test_neither_reading_nor_salvage_takes_long(piece: bytes) -> None:
    data = GOOD[:-2] + piece * (2_000_000 // len(piece))
    started = time.perf_counter()
    refused(data)
    salvage_bundle_names(data)
    assert time.perf_counter() - started < 5


@settings(deadline=None)
@given(st.integers(0, len(GOOD)), st.sampled_from([b"{", b'"', b"\x00", b"}", b",", b"\\"]))
def test_damage_never_gives_another_name(at: int, piece: bytes) -> None:
    data = GOOD[:at] + piece + GOOD[at:]
    try:
        list(read_fhir(data, datetime(2026, 2, 1, tzinfo=UTC)))
    except MessageError:
        for found, true in zip(salvage_bundle_names(data), NAMES, strict=True):
            assert found in ("", true) or piece.decode() in found


def test_a_type_that_stands_twice_is_a_fault_of_its_entry_alone() -> None:
    """Which of the two counts is not for us to say, and the other entries go on."""
    twice = b'{"resourceType": "Patient", "resourceType": "DiagnosticReport"}'
    good = fhir.as_fhir(fhir.FULL)
    data = good.replace(b'"entry": [', b'"entry": [{"resource":' + twice + b"},", 1)
    assert data != good
    failure, report = read_fhir(data)
    assert isinstance(failure, Failure) and failure.reason == "bad-field"
    assert isinstance(report, LabReport)
