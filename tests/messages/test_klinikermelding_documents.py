"""Files of notifications: layouts, encodings, damage, and whose it is that cannot be read."""

from __future__ import annotations

import json
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages import klinikermelding_builder as build
from messages import klinikermelding_gallery as gallery
from messages.klinikermelding_builder import FULL, RECEIVED, bare, envelope, form, told, write
from varde.messages import Failure, detect, read, reasons
from varde.messages.json_documents import find_duplicates, may_hold_duplicates
from varde.messages.klinikermelding import documents
from varde.messages.klinikermelding.notifications import read_klinikermelding
from varde.messages.klinikermelding.salvage import salvage_names
from varde.messages.records import Notification

GOOD = gallery.GOOD
TEXT = GOOD.decode()
NAMES = ("HER:91843", "M1", "R1")
OTHER = write(form(melding=envelope(id="M2", nummer="R2")))
PLACE = re.compile(r"(melding|pasient|diagnoseforhold|rekvirent)[A-Za-z.]*(\[\d+\])?")


def records(data: bytes) -> list[object]:
    return list(read(data, None, RECEIVED))


def failure(data: bytes) -> Failure:
    (found,) = records(data)
    assert isinstance(found, Failure), found
    return found


def names(data: bytes) -> tuple[str, str, str]:
    found = failure(data)
    assert found.kind == "notification"
    return found.sender, found.message_id, found.report_id


(NOTIFICATION,) = records(GOOD)
(SECOND,) = records(OTHER)


@pytest.mark.parametrize("reason", sorted(gallery.UNREADABLE))
def test_a_file_that_cannot_be_used_at_all(reason: str) -> None:
    found = failure(gallery.UNREADABLE[reason])
    assert (found.reason, found.kind) == (reason, "notification")
    assert found.reason in reasons()


@pytest.mark.parametrize("reason", sorted(gallery.INVALID))
def test_a_notification_that_is_refused_says_where_and_whose_it_is(reason: str) -> None:
    found = failure(gallery.INVALID[reason])
    assert found.reason == reason and found.reason in reasons()
    assert PLACE.fullmatch(found.place), found.place
    assert not re.search(r"\b(the|not|in|of|and|expected)\b", found.detail)
    assert "12345678901" not in repr(found)
    assert found.kind == "notification"
    assert found.sender == ("" if reason == "missing-sender" else NAMES[0])
    assert found.message_id == ("" if reason == "missing-message-id" else NAMES[1])
    assert found.report_id == ("" if reason == "missing-report-id" else NAMES[2])


@pytest.mark.parametrize("reason", sorted(gallery.INVALID))
@pytest.mark.parametrize("layout", ["array", "lines"])
def test_one_bad_notification_takes_no_other_with_it(reason: str, layout: str) -> None:
    bad = json.loads(gallery.INVALID[reason])
    forms = [json.loads(GOOD), bad, json.loads(OTHER)]
    first, second, third = records(write(*forms, layout=layout))
    assert (first, third) == (NOTIFICATION, SECOND)
    assert isinstance(second, Failure)
    assert (second.item, second.reason) == (1, reason)
    assert second.place.startswith("[1]." if layout == "array" else "line 2, ")


@pytest.mark.parametrize(
    "data",
    [
        GOOD,
        b"\xef\xbb\xbf" + GOOD,
        b"\r\n\t " + GOOD + b"\n",
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        json.dumps(json.loads(GOOD), indent=4).encode(),
        json.dumps(json.loads(GOOD), indent=0).encode(),
        json.dumps(json.loads(GOOD), sort_keys=True).encode(),
        json.dumps(json.loads(GOOD), separators=(",", ":")).encode(),
        json.dumps(json.loads(GOOD), separators=(" ,", " : ")).encode(),
        b"[" + GOOD + b"]",
        f"[{TEXT}]".encode("utf-16"),
    ],
)
def test_every_encoding_and_layout_is_read_alike(data: bytes) -> None:
    assert detect(data) == "klinikermelding"
    assert records(data) == [NOTIFICATION]


@pytest.mark.parametrize(
    "data",
    [
        GOOD + b"\n" + OTHER,
        GOOD + b"\r\n" + OTHER + b"\r\n",
        b"\n\n" + GOOD + b"\n\n \n" + OTHER + b"\n",
        b"\xef\xbb\xbf" + GOOD + b"\n" + OTHER,
        (GOOD + b"\n" + OTHER).decode().encode("utf-16"),
        b"[" + GOOD + b",\n" + OTHER + b"]",
        json.dumps([json.loads(GOOD), json.loads(OTHER)], indent=2).encode(),
    ],
)
def test_several_may_stand_in_one_file(data: bytes) -> None:
    assert records(data) == [NOTIFICATION, SECOND]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b'{"resourceType":"Bundle","pasient":{}}', "fhir"),
        (b'{"pasient":{},"resourceType":"Bundle"}', "fhir"),
        (b'{"rekvirent" : 3}', "klinikermelding"),
        (b'{"pasient":"\\"resourceType\\": 1"}', "klinikermelding"),
        (b'{"note":"\\"pasient\\": 1"}', "unknown"),
        (b"[]", "unknown"),
        (b"[1,2]", "unknown"),
        (b"{}", "unknown"),
        (b'a,b,c\n"pasient":,2,3', "isolate-list"),
    ],
)
def test_notifications_are_told_from_other_formats(data: bytes, found: str) -> None:
    assert detect(data) == found


@pytest.mark.parametrize(
    ("data", "reason", "place"),
    [
        (GOOD.replace(b'"S', b'"\\u0000S').replace(b"Kvinne", b"\\u0000"), "malformed-json", "line 1"),
        (GOOD.replace(b"Kvinne", b"\\ud800"), "malformed-json", ""),
        (GOOD.replace(b"Kvinne", b"\n"), "malformed-json", "line 1"),
        (GOOD.replace(b"4711", b"NaN"), "malformed-json", "line 1"),
        (GOOD.replace(b"4711", b"Infinity"), "malformed-json", "line 1"),
        (GOOD.replace(b'"2026-01-05"', b"1e999"), "bad-field", "diagnoseforhold.provedato"),
        (GOOD.replace(b'"2026-01-05"', b"9" * 5000), "bad-field", "diagnoseforhold.provedato"),
        (GOOD.replace(b'"verdi": "713"', b'"verdi": 1e999'), "bad-field", "diagnoseforhold.diagnose"),
        (GOOD[:-1], "truncated", "line 1"),
        (GOOD + b" x", "malformed-json", "line 1"),
        (GOOD + b"\n" + GOOD[:-1], "truncated", "line 2"),
        (b"[" + GOOD, "truncated", "line 1"),
        (b"[" + GOOD + b",]", "malformed-json", "line 1"),
        (b'{"pasient": 1}', "bad-field", "pasient"),
        (b'{"pasient": []}', "bad-field", "pasient"),
        (b'{"melding": "x", "pasient": {}}', "bad-field", "melding"),
        (b'{"pasient":' + b"{" * 2000, "too-deep", ""),
        (b'{"pasient":' + b"[" * 400_000 + b"]" * 400_000 + b"}", "too-deep", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why_and_where(data: bytes, reason: str, place: str) -> None:
    found = records(data)[-1]
    assert isinstance(found, Failure)
    assert (found.reason, found.place[: len(place)]) == (reason, place)


def test_what_stands_beside_the_sections_is_passed_over() -> None:
    whole = {"skjema": "3.1", "vedlegg": None, **json.loads(GOOD), "smitteforhold": None, "x": [1]}
    assert records(write(whole)) == [NOTIFICATION]
    whole["pasient"] = {**whole["pasient"], "telefon": {"nummer": "x"}}
    assert records(write(whole)) == [NOTIFICATION]


@pytest.mark.parametrize("element", [1, "x", None, [], [1], True])
def test_what_is_no_object_is_refused_alone(element: object) -> None:
    first, second, third = records(
        write(json.loads(GOOD), element, json.loads(OTHER), layout="array")
    )
    assert (first, third) == (NOTIFICATION, SECOND)
    assert isinstance(second, Failure)
    assert (second.item, second.reason, second.place) == (1, "bad-field", "[1]")


DAMAGED_LINES = {
    "truncated": (GOOD[:-3], "line 2, column"),
    "malformed-json": (GOOD.replace(b'"pasient"', b"pasient"), "line 2, column"),
    "wrong-encoding": (GOOD.replace(b"Fjordby", b"F\xf8rde"), "line 2, column"),
    "too-deep": (b'{"pasient": ' + b"[" * 100 + b"]" * 100 + b"}", "line 2"),
    "duplicate-key": (gallery.UNREADABLE["duplicate-key"], "line 2"),
    "bad-field": (b'{"pasient": 7}', "line 2, pasient"),
    "several-documents": (GOOD + GOOD, "line 2, column"),
}


@pytest.mark.parametrize("reason", DAMAGED_LINES)
def test_a_damaged_line_takes_no_other_with_it(reason: str) -> None:
    line, place = DAMAGED_LINES[reason]
    first, second, third = records(GOOD + b"\n" + line + b"\n" + OTHER)
    assert (first, third) == (NOTIFICATION, SECOND)
    assert isinstance(second, Failure)
    assert (second.item, second.reason) == (1, reason)
    assert second.place.startswith(place)
    assert second.sender in ("HER:91843", "") and second.kind == "notification"


def test_a_line_that_is_no_object_is_refused_alone() -> None:
    found = records(GOOD + b"\nnoe annet\n" + OTHER + b"\n" + GOOD)
    assert [isinstance(each, Failure) for each in found] == [False, True, False, False]


def test_objects_laid_out_for_the_eye_are_not_lines() -> None:
    pretty = json.dumps(json.loads(GOOD), indent=1).encode()
    assert failure(pretty + b"\n" + pretty).reason == "several-documents"
    assert failure(pretty[:-1]).reason == "truncated"


# Keys that stand twice


@pytest.mark.parametrize(
    "data",
    [
        GOOD.replace(b'"pasient": {', b'"pasient": {"kjonn": null, '),
        GOOD.replace(b'"pasient":', b'"pasient": {}, "pasient":'),
        GOOD.replace(b'"pasient":', b'"p\\u0061sient": {}, "pasient":'),
        GOOD.replace(b'"pasient":', b'"pasient" : {}, "pasient":'),
        GOOD.replace(b'"verdi": "713"', b'"verdi": "713", "verdi": "714"'),
        GOOD.replace(b'"verdi": "713"', b'"verdi": "713", "verdi": "714", "x": "\\u003a"'),
        GOOD.replace(b'"herId": "91843"', b'"herId": "91843", "herId": "91843"'),
        GOOD.replace(b'"nummer": "R1"', b'"nummer": "R1", "nummer": "R2"'),
        GOOD.replace(b'"pasient"', b'"skjema": 1, "skjema": 2, "pasient"'),
        GOOD.replace(b'"pasient"', b'"skjema": 1, "pasient": {}, "pasient"'),
    ],
)
def test_a_key_that_stands_twice_is_refused(data: bytes) -> None:
    """Readers differ in which of the two they believe: what we kept would not be what was meant."""
    assert data != GOOD
    found = failure(data)
    assert found.reason == "duplicate-key" and found.detail
    assert found.report_id in ("R1", "")


@settings(max_examples=50, deadline=None)
@given(st.recursive(st.text('":\\{a', max_size=4) | st.integers(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('":\\ab', max_size=2), inner, max_size=3)))  # fmt: skip
def test_a_text_without_duplicates_has_none(value: object) -> None:
    text = json.dumps(value).encode()
    assert find_duplicates(text) == frozenset()
    if b"\\" not in text:
        assert not may_hold_duplicates(text, value)


@settings(deadline=None)
@given(st.lists(st.text('":\\ab\u003a', max_size=2), min_size=1, max_size=5), st.booleans())
def test_duplicates_are_never_missed(keys: list[str], ascii_only: bool) -> None:
    pairs = ", ".join(f'{json.dumps(key, ensure_ascii=ascii_only)}: "a:b"' for key in keys)
    text = f"{{{pairs}}}".encode()
    twice = {key for key in keys if keys.count(key) > 1}
    assert find_duplicates(text) == twice
    assert may_hold_duplicates(text, json.loads(text)) or not twice


# Limits


def test_a_file_of_too_many_notifications_is_refused() -> None:
    lines = failure(b'{"pasient":{}}\n' + b"{}\n" * 100_000)
    assert (lines.reason, lines.detail) == ("too-large", "> 10^5")
    array = failure(b'[{"pasient":{}}' + b",{}" * 100_000 + b"]")
    assert (array.reason, array.detail) == ("too-large", "> 10^5")
    values = failure(b'[{"pasient":{}}' + b",1" * (documents.MAX_VALUES + 1) + b"]")
    assert values.reason == "too-large"


@pytest.mark.parametrize(
    "piece",
    [b"{", b'"', b"[", b'{"melding":', b'"melding": {', b'"rekvirent":{},', b"\\", b'{"pasient":{}}\n', b'"a":1,'],
)  # fmt: skip
def test_neither_reading_nor_salvage_takes_long(piece: bytes) -> None:
    for start in (GOOD[:-2], b"[" + GOOD + b",", GOOD + b"\n"):
        data = start + piece * (150_000 // len(piece))
        started = time.process_time()
        assert all(isinstance(each, Notification | Failure) for each in read_klinikermelding(data))
        salvage_names(data)
        assert time.process_time() - started < 8


# The names of what cannot be read


DAMAGED = {
    "truncated": GOOD[:-2],
    "comma": GOOD.replace(b'"pasient": {', b'"pasient": {,,'),
    "wrong encoding": GOOD.replace(b"Kvinne", b"Kv\xednne"),
    "control": GOOD.replace(b"Kvinne", b"\\u0001"),
    "wide": TEXT.replace('"pasient": {', '"pasient": {,').encode("utf-16"),
    "pretty": json.dumps(json.loads(GOOD), indent=1).encode()[:-3],
    "duplicate": gallery.UNREADABLE["duplicate-key"],
    "in an array": b"[" + GOOD[:-2],
}


@pytest.mark.parametrize("case", DAMAGED)
def test_what_cannot_be_read_still_has_its_names(case: str) -> None:
    assert names(DAMAGED[case]) == NAMES


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (write(bare())[:-3], ("", "", "")),
        (write(bare()) + b"}", ("HER:91843", "", "")),
        (b"[" + GOOD + b"," + OTHER, ("HER:91843", "", "")),
        (b"[" + GOOD + b"," + OTHER.replace(b"91843", b"7"), ("", "", "")),
        (b"[" + write(bare()) + b"," + write(bare(rekvirent={"herId": "7"})), ("", "", "")),
        (GOOD.replace(b'"melding": {', b'"melding": {}, "melding": {')[:-1], ("", "", "")),
        (GOOD.replace(b'"melding": {', b'"melding": 3, "melding": {')[:-1], ("", "", "")),
        (GOOD.replace(b'"id": "M1"', b'"id": "M1", "id": "M2"'), ("", "", "")),
        (GOOD.replace(b'"M1"', b'"M\\u0000"'), ("HER:91843", "", "R1")),
        (GOOD.replace(b'"M1"', '"Må"'.encode())[:-1], ("HER:91843", "", "R1")),
        (GOOD[: GOOD.index(b'"avsender"')], ("", "", "")),
    ],
)
def test_what_is_lost_or_there_twice_is_empty(data: bytes, expected: tuple[str, str, str]) -> None:
    assert names(data) == expected


@given(st.integers(0, len(GOOD)), st.sampled_from([b"{", b'"', b"\x00", b"}", b",", b"\\", b"\n"]))
def test_damage_never_gives_another_name(at: int, piece: bytes) -> None:
    data = GOOD[:at] + piece + GOOD[at:]
    for record in read_klinikermelding(data, RECEIVED):
        if isinstance(record, Failure):
            said = (record.sender, record.message_id, record.report_id)
            for found, true in zip(said, NAMES, strict=True):
                assert found in ("", true) or piece.decode() in found or "bad" in record.reason


def test_every_field_of_a_full_form_may_be_cut_off() -> None:
    whole = write(FULL)
    for at in range(1, len(whole), 7):
        (record,) = read_klinikermelding(whole[:at], RECEIVED)
        assert isinstance(record, Failure), record
        assert record.reason in ("truncated", "wrong-encoding", "malformed-json"), record


def test_free_text_may_hold_what_looks_like_a_key() -> None:
    said = 'Sa "melding": {"id": "X"} og "rekvirent": {}'
    assert records(write(told(annenKlinikk=said)))[0].other_picture == said  # type: ignore[attr-defined]
    assert names(write(told(annenKlinikk=said))[:-1]) == NAMES


def test_builder_changes_only_what_it_is_told() -> None:
    assert build.write(form()) == GOOD
    assert build.without(form(), "melding") == bare()
