"""A damaged entry of a bundle takes no other with it, and no report that reaches it is taken."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages import fhir_builder as fhir
from varde.messages import Failure, LabReport, UnreadableMessage, read
from varde.messages.fhir.reports import read_fhir
from varde.messages.json_documents import LEADS, find_faults, mark_characters

TWO = fhir.bundle(
    fhir.report(), fhir.patient(), fhir.organization(), fhir.specimen(), fhir.organism("f1"),
    fhir.report(id="rep2", identifier=[{"system": "urn:lab:rapport", "value": "R2"}],
                result=[fhir.ref("Observation/f2")], specimen=[fhir.ref("Specimen/spm2")]),
    fhir.specimen("spm2"), fhir.organism("f2", "Klebsiella pneumoniae"),
    {"resourceType": "Provenance", "id": "prov"},
)  # fmt: skip
TWO["entry"][0]["resource"]["result"] = [fhir.ref("Observation/f1")]
FIRST, PATIENT, LABORATORY, SPECIMEN, RESULT, SECOND, SPECIMEN_2, RESULT_2, UNREAD = range(9)
CONTROL, SURROGATE, LOW = b"\\u0000", b"\\ud800", b"\\uDC00"
HERE = "HERE"


def damaged(entry: int, path: tuple[str, ...], written: bytes) -> bytes:
    """The bundle with something in a text of one entry."""
    changed = deepcopy(TWO)
    inner: Any = changed["entry"][entry]
    for step in path[:-1]:
        inner = inner.setdefault(step, {})
    inner[path[-1]] = HERE
    return fhir.write(changed).replace(HERE.encode(), written)


def doubled(entry: int, key: str, value: object = HERE) -> bytes:
    """The bundle with a key of one resource twice."""
    changed = deepcopy(TWO)
    resource = changed["entry"][entry]["resource"]
    changed["entry"][entry]["resource"] = {HERE: value, **resource}
    return fhir.write(changed).replace(HERE.encode(), key.encode(), 1)


def outcome(data: bytes) -> list[tuple[str, str]]:
    """Reports by their number, and failures with reason and place."""
    return [
        (record.report_id, "") if isinstance(record, LabReport) else (record.reason, record.place)
        for record in read(data)
        if isinstance(record, LabReport | Failure)
    ]


R1, R2 = ("R1", ""), ("R2", "")


def test_the_two_reports_are_good() -> None:
    assert outcome(fhir.write(TWO)) == [R1, R2]


@pytest.mark.parametrize("wrong", [None, 7, "x", []])
def test_what_is_no_entry_is_an_item_of_its_own(wrong: object) -> None:
    for at in (0, 3, 9):
        changed = deepcopy(TWO)
        changed["entry"].insert(at, wrong)
        found = list(read_fhir(fhir.write(changed)))
        assert outcome(fhir.write(changed)) == [R1, R2, ("bad-field", f"Bundle.entry[{at}]")]
        assert isinstance(found[2], Failure) and (found[2].item, found[2].message_id) == (2, "M1")


def test_an_address_that_is_none_spoils_what_may_mean_that_entry() -> None:
    changed = deepcopy(TWO)
    changed["entry"][SPECIMEN_2]["fullUrl"] = 7
    place = f"Bundle.entry[{SPECIMEN_2}].fullUrl (Specimen)"
    assert outcome(fhir.write(changed)) == [R1, ("bad-field", place)]


@pytest.mark.parametrize("written", [CONTROL, SURROGATE, LOW, b"\\ud800\\u0041", b"\\u001F"])
def test_a_character_that_no_text_holds_is_told_of_its_report(written: bytes) -> None:
    for entry in (SECOND, SPECIMEN_2, RESULT_2):
        data = damaged(entry, ("resource", "note"), b"x" + written)
        kind = TWO["entry"][entry]["resource"]["resourceType"]
        place = f"Bundle.entry[{entry}].resource.note ({kind})"
        assert outcome(data) == [R1, ("malformed-json", place)]
        (_, failure) = read(data)
        assert isinstance(failure, Failure)
        assert failure.detail.lower() == written[:6].decode().lower()
        assert (failure.sender, failure.message_id, failure.report_id) == (
            "HER:91843",
            "M1#2",
            "R2",
        )
        assert failure.kind == "laboratory"


def test_what_both_reach_is_told_of_both_and_what_none_reaches_by_itself() -> None:
    for entry, kind in ((PATIENT, "Patient"), (LABORATORY, "Organization")):
        place = f"Bundle.entry[{entry}].resource.note ({kind})"
        data = damaged(entry, ("resource", "note"), CONTROL)
        assert outcome(data) == [("malformed-json", place)] * 2
    data = damaged(UNREAD, ("resource", "note"), SURROGATE)
    place = f"Bundle.entry[{UNREAD}].resource.note (Provenance)"
    assert outcome(data) == [R1, R2, ("malformed-json", place)]
    assert outcome(damaged(SECOND, ("request", "url"), CONTROL)) == [
        R1, ("malformed-json", f"Bundle.entry[{SECOND}].request.url (DiagnosticReport)")
    ]  # fmt: skip


def test_a_damaged_name_is_not_used() -> None:
    (_, failure) = read(damaged(SECOND, ("resource", "identifier"), CONTROL))
    assert isinstance(failure, Failure) and (failure.report_id, failure.sender) == ("", "HER:91843")
    (_, failure) = read(doubled(SECOND, "identifier", [{"value": "other"}]))
    assert isinstance(failure, Failure) and failure.report_id == ""


@pytest.mark.parametrize("key", ["status", "note", "issued"])
def test_a_key_that_stands_twice_is_told_of_its_report(key: str) -> None:
    changed = deepcopy(TWO)
    changed["entry"][SECOND]["resource"].setdefault(key, "x")
    changed["entry"][SECOND]["resource"] = {HERE: 1, **changed["entry"][SECOND]["resource"]}
    data = fhir.write(changed).replace(HERE.encode(), key.encode())
    place = f"Bundle.entry[{SECOND}].resource.{key} (DiagnosticReport)"
    assert outcome(data) == [R1, ("duplicate-key", place)]


def test_a_key_of_an_entry_that_stands_twice_is_told_of_that_entry() -> None:
    text = fhir.write(TWO).decode()
    raw = json.dumps(TWO["entry"][SECOND]["resource"])
    data = text.replace(raw, f'{raw}, "resource": {raw}').encode()
    assert outcome(data) == [("R1", ""), ("duplicate-key", f"Bundle.entry[{SECOND}].resource")]


def test_a_report_that_has_all_there_is_does_not_pass_over_what_may_be_a_result() -> None:
    """A report without list of results has all Observations: one of which the type stands twice too."""
    made = fhir.simple(fhir.organism("f1"))
    report = made["entry"][0]["resource"]
    assert report["resourceType"] == "DiagnosticReport"
    report.pop("result")
    assert outcome(fhir.write(made)) == [R1]
    made["entry"].append({"resource": {HERE: "Basic", **fhir.organism("f2")}})
    place = f"Bundle.entry[{len(made['entry']) - 1}].resource.resourceType"
    data = fhir.write(made).replace(HERE.encode(), b"resourceType")
    assert outcome(data) == [("duplicate-key", place)] * 2
    made["entry"][-1] = None
    assert outcome(fhir.write(made)) == [R1, ("bad-field", place.partition(".resource")[0])]


def test_a_damaged_head_leaves_no_other_message_id() -> None:
    made = deepcopy(TWO) | {"id": "B1"}
    made.pop("identifier")
    made["entry"].append({"resource": {"resourceType": "MessageHeader", "id": "H1", "x": HERE}})
    data = fhir.write(made).replace(HERE.encode(), CONTROL)
    reasons = [reason for reason, _ in outcome(data)]
    assert reasons == ["missing-message-id", "missing-message-id", "malformed-json"]


@pytest.mark.parametrize(
    ("old", "new", "reason", "place"),
    [
        (b'"M1"', b'"M1\\u0000"', "malformed-json", "Bundle.identifier.value"),
        (b'"entry"', b'"x": {"\\ud800": 1}, "entry"', "malformed-json", "Bundle.x.\\ud800"),
        (b'"entry"', b'"x": {"a": 1, "a": 1}, "entry"', "duplicate-key", "Bundle.x.a"),
        (b'"type": "coll', b'"type": "batch", "type": "coll', "duplicate-key", "Bundle.type"),
        (b'"entry": [', b'"entry": {}, "entry": [', "bad-field", "Bundle.entry"),
    ],
)  # fmt: skip
def test_what_is_of_the_whole_refuses_the_whole(
    old: bytes, new: bytes, reason: str, place: str
) -> None:
    data = fhir.write(TWO).replace(old, new, 1)
    assert outcome(data) == [(reason, place)]


def test_a_vaccination_that_comes_alone_is_the_whole() -> None:
    for written in (CONTROL, SURROGATE):
        data = b'{"resourceType": "Immunization", "id": "1", "note": "' + written + b'"}'
        ((reason, _),) = outcome(data)
        assert reason == "malformed-json"


def test_damage_without_any_report_is_told_in_its_place() -> None:
    data = fhir.write(fhir.bundle(fhir.patient(note=HERE))).replace(HERE.encode(), CONTROL)
    assert outcome(data) == [("malformed-json", "Bundle.entry[0].resource.note (Patient)")]


# Marks.


def slowly_marked(text: str) -> list[str]:
    """The escapes that no text can hold, found by reading sign by sign."""
    found: list[str] = []
    at = 0
    while at < len(text):
        if text[at] != "\\":
            at += 1
        elif text[at + 1 : at + 2] != "u":
            at += 2
        else:
            code, after = int(text[at + 2 : at + 6], 16), text[at + 6 : at + 12]
            pair = after[:2] == "\\u" and 0xDC00 <= int(after[2:], 16) < 0xE000
            if 0xD800 <= code < 0xDC00 and pair:
                at += 12
                continue
            if 0xD800 <= code < 0xE000 or (code < 32 and code not in (9, 10, 13)):
                found.append(text[at : at + 6].lower())
            at += 6
    return found


PIECE = st.sampled_from(
    ["a", "\\\\", '\\"', "\\n", "\\u0000", "\\u001F", "\\u000a", "\\u0041", "\\ud83d", "\\uDE00", "å", *LEADS[:2]]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(PIECE, max_size=12))
def test_every_character_that_no_text_holds_is_marked_and_shown_as_it_was(
    pieces: list[str],
) -> None:
    inner = "".join(pieces)
    text = ('{"a": ["' + inner + '"]}').encode()
    marked = mark_characters(text)
    wanted = slowly_marked(inner)
    assert len(marked.text) == len(text)
    assert (marked.text == text) == (not wanted)
    read_back = json.loads(marked.text)["a"][0]
    read_back.encode()  # whole: no half of a pair is left
    assert [fault.said for fault in find_faults(marked)] == wanted[:1]
    plain = json.loads(text)["a"][0]
    for number in [*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000)]:
        plain = plain.replace(chr(number), f"\\u{number:04x}")
    assert marked.shown(read_back) == plain


def test_a_text_with_every_sign_for_marks_is_refused() -> None:
    with pytest.raises(UnreadableMessage, match="malformed-json"):
        mark_characters(f'"{"".join(LEADS)}\\u0000"'.encode())
    escaped = "".join(f"\\u{ord(lead):04X}" for lead in LEADS[1:])
    marked = mark_characters(f'"{escaped}\\u0000"'.encode())
    assert marked.lead == LEADS[0]


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(range(9)),
            st.sampled_from(["null", "control", "surrogate", "double", "address"]),
        ),
        max_size=3,
        unique_by=lambda each: each[0],
    )
)
def test_whatever_is_damaged_what_does_not_reach_it_is_taken(faults: list[tuple[int, str]]) -> None:
    changed = deepcopy(TWO)
    for entry, fault in faults:
        if fault == "null":
            changed["entry"][entry] = None
        elif fault == "address":
            changed["entry"][entry]["fullUrl"] = []
        else:
            changed["entry"][entry]["resource"][fault] = {"x": 1}
    data = fhir.write(changed)
    data = data.replace(b'"control": {"x"', b'"control": {"\\u0000"')
    data = data.replace(b'"surrogate": {"x": 1}', b'"surrogate": "\\udfff"')
    data = data.replace(b'"double": {"x"', b'"double": {"x": 0, "x"')
    hit = {entry for entry, _ in faults}
    reach = {"R1": {FIRST, PATIENT, LABORATORY, SPECIMEN, RESULT},
             "R2": {SECOND, PATIENT, LABORATORY, SPECIMEN_2, RESULT_2}}  # fmt: skip
    found = list(read_fhir(data))
    taken = {record.report_id for record in found if isinstance(record, LabReport)}
    assert taken == {name for name, entries in reach.items() if not entries & hit}
    told = [record.place for record in found if isinstance(record, Failure)]
    for entry in hit:
        named = any(place.startswith(f"Bundle.entry[{entry}]") for place in told)
        assert named
    assert [record.item for record in found if isinstance(record, Failure)] == [
        number for number, record in enumerate(found) if isinstance(record, Failure)
    ]
