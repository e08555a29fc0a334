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
from varde.messages import Failure, LabReport, MessageError, read
from varde.messages.fhir.reports import read_fhir
from varde.messages.fhir.salvage import salvage_bundle_names
from varde.messages.json_documents import (
    MAX_DEPTH,
    begins_as_json,
    check_depth,
    refuse_duplicates,
)

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
        (GOOD.replace(b'"M1"', b'"M\\u0000"'), "malformed-json", "Bundle.identifier.value"),
        (GOOD.replace(b'"M1"', b'"M\\ud800"'), "malformed-json", "Bundle.identifier.value"),
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
        (b'{"resourceType":"Bundle","entry":7}', "bad-field", "Bundle.entry"),
        (b"{" * 2000, "too-deep", ""),
        (b'{"x":' + b"[" * 400_000 + b"]" * 400_000 + b"}", "too-deep", ""),
    ],
)
def test_what_cannot_be_read_says_why_and_where(data: bytes, reason: str, place: str) -> None:
    error = refused(data)
    assert error.reason == reason
    assert error.place.startswith(place)


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 1_000_000,
        b"\xef\xbb\xbf \n" + b"[" * 1_000_000 + b"]" * 1_000_000,
        ("[" * 10_000).encode("utf-16"),
        b'[{"x":' * 200 + b"1" + b"}]" * 200,
        b'{"resourceType": "Bundle", "x": ' + b"[" * 1_000_000,
        b'{"x":' * 1_000_000,
    ],
)
def test_what_is_nested_without_end_is_too_deep_whatever_it_is(data: bytes) -> None:
    (failure,) = read(data)
    assert isinstance(failure, Failure)
    assert (failure.reason, failure.detail) == ("too-deep", f"> {MAX_DEPTH}")


def test_another_array_is_of_no_known_format() -> None:
    for data in (b"[", b"[[1], [2]]", b"[" * MAX_DEPTH, b'["' + b"[" * 1000 + b'"]'):
        (failure,) = read(data)
        assert isinstance(failure, Failure) and failure.reason == "unknown-format"


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


SECOND = {
    "in a report": (b'"status": "final", "category"', b'"status": "final", "status": "cancelled", "category"'),
    "equal": (b'"status": "final", "category"', b'"status": "final", "status": "final", "category"'),
    "escaped": (b'"status": "final", "category"', b'"status": "final", "st\\u0061tus": "x:y", "category"'),
    "with blanks": (b'"status": "final", "category"', b'"status": "final", "status" \n : "final", "category"'),
    "beside an escaped colon": (b'"status": "final", "category"', b'"status": "final", "status": "\\u003a", "category"'),
    "beside a number of any size": (b'"status": "final", "category"', b'"x": 1e999, "status": "final", "status": "final", "category"'),
}  # fmt: skip


@pytest.mark.parametrize("case", SECOND)
def test_a_key_that_stands_twice_is_refused(case: str) -> None:
    data = GOOD.replace(*SECOND[case], 1)
    assert data != GOOD
    (failure,) = read(data)
    assert isinstance(failure, Failure)
    assert (failure.reason, failure.detail) == ("duplicate-key", "status")
    assert failure.place == "Bundle.entry[0].resource.status (DiagnosticReport)"
    assert (failure.sender, failure.message_id, failure.report_id) == NAMES


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (b'"type": "collection"', b'"type": "batch", "type": "collection"', "Bundle.type"),
        (b'"entry": [', b'"x": [0, {"a": {}, "a": 1}], "entry": [', "Bundle.x[1].a"),
        (b'"entry": [', b'"x": {"a": {"b": 1, "b": 2}}, "x": {}, "entry": [', "Bundle.x"),
        (b'"entry": [', b'"entry": [], "entry": [', "Bundle.entry"),
    ],
)  # fmt: skip
def test_a_key_of_the_whole_that_stands_twice_refuses_the_whole(
    old: bytes, new: bytes, place: str
) -> None:
    assert GOOD.count(old) == 1
    error = refused(GOOD.replace(old, new))
    assert (error.reason, error.place) == ("duplicate-key", place)


def test_a_resource_that_comes_alone_has_no_key_twice() -> None:
    data = b'{"resourceType": "Immunization", "status": "completed", "status": "not-done"}'
    error = refused(data)
    assert (error.reason, error.place) == ("duplicate-key", "Immunization.status")


def slow_duplicate(text: bytes) -> bool:
    found: list[bool] = []
    json.loads(text, object_pairs_hook=lambda pairs: found.append(len(dict(pairs)) < len(pairs)))
    return any(found)


class Pairs:
    """An object whose keys may stand twice."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        self.pairs = pairs

    def __repr__(self) -> str:
        return f"Pairs({self.pairs})"


KEY = st.text(':"\\ab', max_size=2)
VALUE = st.recursive(
    st.none() | st.text(':"\\ab ', max_size=4) | st.integers() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(KEY, inner), max_size=3).map(Pairs),
    max_leaves=12,
)  # fmt: skip


def written(value: object, colon: str, escaped: bool) -> str:
    def text(said: str) -> str:
        plain = json.dumps(said, ensure_ascii=False)
        if escaped:
            plain = '"' + "".join(f"\\u{ord(sign):04x}" for sign in said) + '"'
        return plain

    if isinstance(value, Pairs):
        inner = (f"{text(k)}{colon}{written(v, colon, escaped)}" for k, v in value.pairs)
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(each, colon, escaped) for each in value) + "]"
    return text(value) if isinstance(value, str) else json.dumps(value)


@settings(max_examples=400, deadline=None)
@given(VALUE, st.sampled_from([":", " : ", "\n:\t"]), st.booleans())
def test_keys_that_stand_twice_are_found_as_by_the_slow_exact_look(
    value: object, colon: str, escaped: bool
) -> None:
    data = written(Pairs([("x", value)]), colon, escaped).encode()
    try:
        refuse_duplicates(data, "X")
    except MessageError as error:
        assert error.reason == "duplicate-key" and slow_duplicate(data)
    else:
        assert not slow_duplicate(data)


def test_the_generated_documents_are_of_both_kinds() -> None:
    said: list[bool] = []

    @settings(max_examples=200, deadline=None, database=None, derandomize=True)
    @given(VALUE)
    def sort(value: object) -> None:
        said.append(slow_duplicate(written(value, ":", False).encode()))

    sort()
    assert 20 < sum(said) < 190


# The names of what cannot be read.

DAMAGED = {
    "truncated at the end": GOOD[:-2],
    "comma": GOOD.replace(b'"S1"}', b'"S1"},,'),
    "wrong encoding": GOOD.replace(b"Urin", b"Ur\xedn"),
    "two documents": GOOD + b"{}",
    "control": GOOD.replace(b'"timestamp"', b'"language": "\\u0001", "timestamp"'),
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


def test_a_type_that_stands_twice_is_refused() -> None:
    """Which of the two counts is not for us to say: it may be the report that others hang on."""
    twice = b'{"resourceType": "Patient", "resourceType": "DiagnosticReport"}'
    good = fhir.as_fhir(fhir.FULL)
    data = good.replace(b'"entry": [', b'"entry": [{"resource":' + twice + b"},", 1)
    assert data != good
    failure, found = read_fhir(data)
    assert isinstance(failure, Failure) and isinstance(found, LabReport)
    assert (failure.reason, failure.place, failure.kind) == (
        "duplicate-key", "Bundle.entry[0].resource.resourceType", ""
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["DiagnosticReport", "Observation", "Patient"])
def test_a_lone_resource_is_told_that_a_bundle_is_needed(kind: str) -> None:
    """Though its fields are none of a bundle's."""
    lone = {"resourceType": kind, "identifier": [{"value": "1"}], "status": "final"}
    with pytest.raises(MessageError) as caught:
        list(read_fhir(fhir.write(lone)))
    assert (caught.value.reason, caught.value.place) == ("wrong-bundle", "resourceType")
    assert caught.value.detail == kind
