"""`POST /fhir` against the real service: what becomes of each entry, of bundles that nobody can use, and of
what is no bundle."""

from __future__ import annotations

import gzip
import json
import os
import random
from datetime import UTC, datetime

import pytest

from messages import fhir_builder as fhir
from messages.fhir_builder import Json
from messages.test_fhir_fuzz import mutate
from register import answers
from varde.messages import Failure, read
from varde.register import ItemReceipt, MessageReceipt
from varde.web.intake.fhir import KINDS, Outline, read_outline, write_answer
from varde.web.intake.refusals import IntakeRefused
from web.intake.fhir_senders import GROUP, dose, report, run_service, whole
from web.intake.service import Answer, Sender, Service

RECEIVED = datetime(2026, 11, 1, 12, tzinfo=UTC)
WRONG_NUMBER = "01815000388"  # its checksum does not fit
COUNT = int(os.environ.get("VARDE_FUZZ", "300"))


pytestmark = GROUP


@pytest.fixture(scope="module")
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Service:
    return run_service(request.config, tmp_path_factory)[0]


@pytest.fixture(scope="module")
def senders(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Sender]:
    return run_service(request.config, tmp_path_factory)[1]


@pytest.fixture(scope="module")
def laboratory(senders: dict[str, Sender]) -> Sender:
    return senders["laboratory"]


@pytest.fixture(scope="module")
def nurse(senders: dict[str, Sender]) -> Sender:
    return senders["nurse"]


@pytest.fixture(scope="module")
def other(senders: dict[str, Sender]) -> Sender:
    return senders["other"]


def post(sender: Sender, bundle: Json | bytes, **headers: str) -> Answer:
    body = bundle if isinstance(bundle, bytes) else fhir.write(bundle)
    headers = {"Content_Type": "application/fhir+json"} | headers
    answer = sender.post("/fhir", body, **headers)
    assert answer.headers["content-type"] == "application/fhir+json; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    return answer


def statuses(answer: Answer) -> list[str]:
    return [entry["response"]["status"][:3] for entry in answer.json["entry"]]


def reasons_of(outcome: Json) -> list[str]:
    """The codes of an OperationOutcome, having seen that each says in words what to do."""
    assert outcome["resourceType"] == "OperationOutcome"
    for issue in outcome["issue"]:
        assert issue["severity"] == "error" and issue["code"]
        assert issue["details"]["text"] and issue["diagnostics"]
        assert issue["details"]["coding"][0]["display"]
    return [issue["details"]["coding"][0]["code"] for issue in outcome["issue"]]


def receipt(sender: Sender, answer: Answer) -> Json:
    found = sender.get(answer.headers["content-location"])
    assert found.status == 200
    return found.json


def number(answer: Answer) -> int:
    """The number of the message that something was kept as."""
    return int(answer.headers["content-location"].rpartition("/")[2])


# --- entry by entry -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "answered"),
    [
        ("transaction", "transaction-response"),
        ("batch", "batch-response"),
        ("document", "batch-response"),
        ("collection", "batch-response"),
        ("message", "batch-response"),
    ],
)
def test_every_type_of_bundle_is_answered_entry_by_entry(
    laboratory: Sender, kind: str, answered: str
) -> None:
    answer = post(laboratory, whole(f"T-{kind}", report(f"T-{kind}"), kind=kind))
    assert (answer.status, answer.json["type"]) == (200, answered)
    assert statuses(answer) == ["201"] + ["200"] * 5
    assert receipt(laboratory, answer)["counts"]["accepted"] == 1


def test_a_bad_one_among_good_ones_of_both_kinds(laboratory: Sender) -> None:
    made = whole(
        "MIX-1",
        dose("MIX-V1"),
        report("MIX-R1"),
        dose("MIX-V2", status="not-done"),
        report("MIX-R2", subject={"reference": "Patient/nobody"}),
        dose("MIX-V3"),
    )
    answer = post(laboratory, made)
    assert answer.status == 200
    assert statuses(answer) == ["201", "201", "422", "422", "201"] + ["200"] * 5
    bad = [entry["response"] for entry in answer.json["entry"][2:4]]
    assert reasons_of(bad[0]["outcome"]) == ["not-vaccinated"]
    assert bad[0]["outcome"]["issue"][0]["expression"] == ["Bundle.entry[2].resource.status"]
    assert reasons_of(bad[1]["outcome"]) == ["dangling-reference"]
    counts = receipt(laboratory, answer)["counts"]
    assert (counts["accepted"], counts["quarantined"], counts["received"]) == (3, 2, 5)


def test_an_identity_number_is_not_repeated_in_the_answer(laboratory: Sender) -> None:
    made = whole("ID-1", report("ID-R1"))
    made["entry"][1]["resource"]["identifier"][0]["value"] = WRONG_NUMBER
    answer = post(laboratory, made)
    assert reasons_of(answer.json["entry"][0]["response"]["outcome"]) == ["invalid-identity-number"]
    assert WRONG_NUMBER not in answer.body.decode()


def test_the_same_bundle_again_changes_nothing(laboratory: Sender) -> None:
    made = whole("AGAIN-1", report("AGAIN-R1"), dose("AGAIN-V1"), dose("AGAIN-V2", status="x"))
    first, again = post(laboratory, made), post(laboratory, made)
    assert statuses(first)[:3] == ["201", "201", "422"]
    assert again.json == first.json
    assert again.headers["content-location"] == first.headers["content-location"]
    # The same answers in other bytes are received anew, and are duplicates.
    other = post(laboratory, json.dumps(made, indent=1).encode())
    assert statuses(other)[:2] == ["200", "200"]
    assert receipt(laboratory, other)["counts"]["duplicate"] == 2


def test_entries_of_which_nobody_knows_what_they_are_take_no_other_with_them(
    laboratory: Sender,
) -> None:
    made = whole("ODD-1", report("ODD-R1"), kind="collection")
    made["entry"][1:1] = [
        {"resource": {"id": "no-type"}},
        {"fullUrl": "urn:uuid:5f2c0f1e-7a4f-4c0b-9a8c-0d9b4a1c2e3f"},
        {"resource": {"resourceType": "Bundle", "type": "collection"}},
        {"resource": 7},
        {"resource": dose("ODD-V1")},
    ]
    answer = post(laboratory, made)
    assert answer.status == 200
    assert statuses(answer) == ["201", "422", "200", "422", "422", "201"] + ["200"] * 5


def test_a_number_too_large_for_a_computer_spoils_its_own_report_alone(laboratory: Sender) -> None:
    made = whole("HUGE-1", report("HUGE-R1"), report("HUGE-R2"), dose("HUGE-V1"))
    made["entry"][1]["resource"]["result"] = [fhir.ref("Observation/huge")]
    huge = fhir.organism("huge", hasMember=[fhir.ref("Observation/mic")])
    mic = fhir.observation("mic", fhir.CIPRO, {"value": fhir.exactly("1e999999"), "unit": "mg/L"})
    dose_number = {"doseNumberPositiveInt": fhir.exactly("9" * 6000)}
    made["entry"][2]["resource"]["protocolApplied"] = [dose_number]
    made["entry"] += [{"resource": huge}, {"resource": mic}]
    answer = post(laboratory, made)
    assert statuses(answer)[:3] == ["201", "422", "422"]
    assert max(len(each) for each in answer.body.decode().split('"')) < 400


def test_an_item_that_the_receipt_does_not_list_is_not_given_the_state_of_another() -> None:
    outline = Outline("batch", 4, (0, 1, 3), frozenset({"Immunization"}))
    item = ItemReceipt(3, "quarantined", "vaccination", "M1#3", "not-vaccinated")
    short = MessageReceipt(1, RECEIVED, True, 3, 2, 0, 1, items=(item,))
    found = [entry["response"]["status"][:3] for entry in write_answer(outline, short)["entry"]]
    assert found == ["200", "200", "200", "422"]
    unsure = MessageReceipt(1, RECEIVED, True, 3, 1, 0, 2, items=(item,))
    found = [entry["response"]["status"][:3] for entry in write_answer(outline, unsure)["entry"]]
    assert found == ["202", "202", "200", "422"]


# --- a bundle that cannot be used as a whole ------------------------------------------------------

GOOD = fhir.write(whole("W", report("W")))
DEEP = b"[" * 200_000 + b"]" * 200_000
UNUSABLE: dict[str, tuple[bytes, str]] = {
    "truncated": (GOOD[:-40], "truncated"),
    "broken": (GOOD.replace(b'"entry": [', b'"entry": [,', 1), "malformed-json"),
    "deep": (GOOD.replace(b'"entry": [', b'"x": ' + DEEP + b', "entry": [', 1), "too-deep"),
    "two": (GOOD + GOOD, "several-documents"),
    "control": (GOOD.replace(b'"entry"', b'"x": "\\u0000", "entry"', 1), "malformed-json"),
    "latin-1": (GOOD.replace(b"dyrkning", b"dyrk\xf8", 1).replace(b"Urin", b"\xf8"), "wrong-encoding"),
    "searchset": (fhir.write(whole("W1", report("W1"), kind="searchset")), "wrong-bundle"),
    "no type": (fhir.write(whole("W2", report("W2"), kind="")), "wrong-bundle"),
    "type is a list": (GOOD.replace(b'"transaction"', b'["transaction"]', 1), "bad-field"),
    "type is an object": (GOOD.replace(b'"transaction"', b'{"a": 1}', 1), "bad-field"),
    "entry is an object": (b'{"resourceType": "Bundle", "type": "batch", "entry": {}}', "bad-field"),
    "entry is a number": (b'{"resourceType": "Bundle", "type": "batch", "entry": [1]}', "bad-field"),
    "no entries": (b'{"resourceType": "Bundle", "type": "batch"}', "no-report"),
    "nothing of use": (fhir.write(fhir.bundle(fhir.patient())), "no-report"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_bundle_that_nobody_can_use_is_kept_and_says_what_to_do(
    laboratory: Sender, case: str
) -> None:
    body, reason = UNUSABLE[case]
    answer = post(laboratory, body)
    assert (answer.status, reasons_of(answer.json)) == (422, [reason])
    kept = receipt(laboratory, answer)
    assert [item["state"] for item in kept["items"]] == ["quarantined"]


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_in_every_form_is_read(laboratory: Sender, codec: str) -> None:
    text = fhir.write(whole(f"E-{codec}", report(f"E-{codec}"))).decode()
    answer = post(laboratory, text.encode(codec))
    assert statuses(answer)[0] == "201"


def test_a_packed_bundle_is_unpacked(laboratory: Sender) -> None:
    packed = gzip.compress(fhir.write(whole("GZ-1", report("GZ-R1"))))
    assert statuses(post(laboratory, packed, Content_Encoding="gzip"))[0] == "201"


def test_order_of_keys_is_no_matter(laboratory: Sender) -> None:
    made = whole("KEYS-1", *(report(f"KEYS-R{number}") for number in range(9)))
    turned = dict(reversed(made.items()))
    assert list(turned)[-1] == "resourceType" and len(fhir.write(turned)) > 4096
    assert statuses(post(laboratory, turned))[:9] == ["201"] * 9


# --- what is not taken ----------------------------------------------------------------------------

XML = b'<?xml version="1.0"?><Bundle xmlns="http://hl7.org/fhir"><type value="batch"/></Bundle>'
REFUSED: dict[str, tuple[bytes, dict[str, str], int, str, str]] = {
    "another resource": (fhir.write(fhir.patient()), {}, 400, "not-a-bundle", "invalid"),
    "a vaccination alone": (fhir.write(dose("X")), {}, 400, "not-a-bundle", "invalid"),
    "a list": (b"[" + GOOD + b"]", {}, 400, "not-a-bundle", "invalid"),
    "no resource": (b'{"type": "batch"}', {}, 400, "not-a-bundle", "invalid"),
    "type is a number": (b'{"resourceType": 5}', {}, 400, "not-a-bundle", "invalid"),
    "broken": (b'{"resourceType"', {}, 400, "not-a-bundle", "invalid"),
    "deep": (DEEP, {}, 400, "not-a-bundle", "invalid"),
    "XML": (XML, {"Content_Type": "application/fhir+xml"}, 415, "not-json", "not-supported"),
    "KITH": (answers.answer("K1", "K1"), {}, 415, "not-json", "not-supported"),
    "text": (b"hello", {}, 415, "not-json", "not-supported"),
    "number": (b"7", {}, 415, "not-json", "not-supported"),
    "nothing": (b"", {}, 400, "empty", "invalid"),
    "bad gzip": (GOOD, {"Content_Encoding": "gzip"}, 400, "damaged-encoding", "invalid"),
    "brotli": (GOOD, {"Content_Encoding": "br"}, 415, "unknown-encoding", "not-supported"),
    "bomb": (gzip.compress(b" " * (65 << 20), 1), {"Content_Encoding": "gzip"}, 413, "too-large", "too-long"),
}  # fmt: skip


def test_what_is_no_bundle_is_refused_in_words_and_not_kept(laboratory: Sender) -> None:
    before = number(post(laboratory, whole("KEPT-1", report("KEPT-R1"))))
    for case, (body, headers, status, code, issue) in REFUSED.items():
        answer = post(laboratory, body, **headers)
        assert (case, answer.status, reasons_of(answer.json)) == (case, status, [code])
        assert answer.json["issue"][0]["code"] == issue, case
        assert "content-location" not in answer.headers
    # Messages are numbered as they are kept.
    assert number(post(laboratory, whole("KEPT-2", report("KEPT-R2")))) == before + 1


def test_the_answer_to_a_wrong_method_or_no_key_is_an_outcome_too(service: Service) -> None:
    wrong = service.ask("GET", "/fhir")
    assert (wrong.status, wrong.headers["allow"]) == (405, "POST")
    assert reasons_of(wrong.json) == ["wrong-method"]
    nobody = service.ask("POST", "/fhir", GOOD)
    assert (nobody.status, reasons_of(nobody.json)) == (401, ["no-credentials"])
    assert nobody.json["issue"][0]["code"] == "login"
    assert nobody.headers["www-authenticate"].startswith("Bearer")


def test_a_limit_says_when_to_try_again(senders: dict[str, Sender]) -> None:
    answer = post(
        senders["slow"], whole("L-1", report("L-R1"), her="70001")
    )  # the token was the one
    assert answer.status == 429
    assert answer.json["issue"][0]["code"] == "throttled"
    assert int(answer.headers["retry-after"]) > 0


# --- who may say what -----------------------------------------------------------------------------


def test_nobody_sends_what_he_may_not(other: Sender, nurse: Sender) -> None:
    mixed = whole("KIND-1", report("KIND-R1"), dose("KIND-V1"))
    for sender, bundle in (
        (other, mixed),
        (other, whole("KIND-2", dose("KIND-V2"))),
        (nurse, mixed),
        (nurse, whole("KIND-3", report("KIND-R3"))),
    ):
        answer = post(sender, bundle)
        assert (answer.status, reasons_of(answer.json)) == (403, ["not-allowed"])
        assert answer.json["issue"][0]["code"] == "forbidden"
    answer = post(nurse, whole("KIND-4", dose("KIND-V4")))
    assert statuses(answer)[0] == "201"
    assert answer.headers["content-location"].startswith("/intake/vaccination/")


@pytest.mark.parametrize("first", ["Patient", "Basic", "DiagnosticReport"])
@pytest.mark.parametrize("last", ["Patient", "Basic", "DiagnosticReport"])
def test_a_type_that_stands_twice_lets_nothing_in_that_may_not(
    nurse: Sender, first: str, last: str
) -> None:
    made = fhir.write(whole(f"TWICE-{first}-{last}", report(f"TWICE-{first}-{last}"))).decode()
    twice = f'"resourceType": "{first}", "resourceType": "{last}"'
    answer = post(nurse, made.replace('"resourceType": "DiagnosticReport"', twice, 1).encode())
    if answer.status != 403:
        assert receipt(nurse, answer)["counts"]["accepted"] == 0


def test_what_cannot_be_used_waits_under_a_kind_that_its_sender_may_send(nurse: Sender) -> None:
    answer = post(nurse, GOOD[:-30])
    assert answer.status == 422
    assert answer.headers["content-location"].startswith("/intake/vaccination/")
    assert receipt(nurse, answer)["items"][0]["problem"]["reason"] == "truncated"


def test_a_forged_organisation_is_not_believed(laboratory: Sender, other: Sender) -> None:
    forged = whole("FORGED-1", report("FORGED-R1"))
    answer = post(other, forged)
    assert statuses(answer)[0] == "422"
    assert reasons_of(answer.json["entry"][0]["response"]["outcome"]) == ["foreign-sender"]
    assert statuses(post(laboratory, forged))[0] == "201"
    assert laboratory.get(answer.headers["content-location"]).status == 404


def test_one_forged_entry_among_own_ones(laboratory: Sender) -> None:
    made = whole("FORGED-2", report("FORGED-R2"), report("FORGED-R3"))
    made["entry"][1]["resource"]["performer"] = [fhir.ref("Organization/stranger")]
    made["entry"].append({"resource": fhir.organization("99999", id="stranger")})
    assert statuses(post(laboratory, made))[:2] == ["201", "422"]


def test_a_damaged_entry_is_answered_in_its_place(laboratory: Sender) -> None:
    made = whole("DAM-1", report("DAM-R1"), report("DAM-R2"))
    second = next(
        number
        for number, entry in enumerate(made["entry"])
        if "DAM-R2" in json.dumps(entry["resource"].get("identifier", ""))
    )
    made["entry"][second]["resource"]["note"] = "NUL"
    made["entry"] += [None, {"resource": {"resourceType": "Basic", "note": "NUL"}}]
    data = fhir.write(made).replace(b'"NUL"', b'"\\u0000"')
    answer = post(laboratory, data)
    found = {
        number: reasons_of(entry["response"]["outcome"])
        for number, entry in enumerate(answer.json["entry"])
        if entry["response"]["status"].startswith("422")
    }
    last = len(made["entry"]) - 1
    assert found == {
        second: ["malformed-json"], last - 1: ["bad-field"], last: ["malformed-json"]
    }  # fmt: skip
    assert statuses(answer).count("201") == 1


# --- the outline and the reader see the same ------------------------------------------------------


def test_fuzz_the_outline_has_the_items_that_the_reader_gives() -> None:
    dice = random.Random(7)
    base = whole("FUZZ", report("F1"), dose("F2"), report("F3"), dose("F4"))
    usable = 0
    for _ in range(COUNT):
        damaged = mutate(base, dice)
        data = fhir.write(damaged) if isinstance(damaged, dict) else json.dumps(damaged).encode()
        found = list(read(data, None, RECEIVED))
        try:
            outline = read_outline(data)
        except IntakeRefused:
            assert not isinstance(damaged, dict) or damaged.get("resourceType") != "Bundle"
            continue
        if not outline.items:
            assert found and all(isinstance(record, Failure) for record in found)
            continue
        usable += 1
        # After the items those that are damaged and no item tells of.
        for record in found[len(outline.items) :]:
            assert isinstance(record, Failure) and record.place.startswith("Bundle.entry[")
        assert len(found) >= len(outline.items)
        for entry, record in zip(outline.items, found, strict=False):
            resource = damaged["entry"][entry]["resource"]
            kind = resource.get("resourceType") if isinstance(resource, dict) else None
            assert record.kind == (KINDS.get(kind, "") if isinstance(kind, str) else "")
            # The number stands in the entry itself, unless it is a copy of the message's.
            assert record.report_id in json.dumps(resource, ensure_ascii=False)
    assert usable > COUNT / 3
