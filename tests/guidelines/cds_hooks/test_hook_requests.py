"""Which requests are refused, and that each faulty field is named by its path and never by its value."""

from __future__ import annotations

import copy
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidelines.cds_hooks.hook_requests import (
    ANAPHYLAXIS,
    Json,
    allergy,
    collection,
    concept,
    condition,
    dosage,
    encode,
    hook_request,
    observation,
    order,
    person,
    searchset,
)
from guidelines.shipped import TODAY, publication_of
from varde.guidelines.cds_hooks import (
    HookRefused,
    InvalidRequest,
    PrefetchMissing,
    UnknownService,
    accept_feedback,
    answer,
    discover,
    encode_answer,
    services,
)

GOOD = hook_request(
    "order-select",
    {
        "patient": person("1984-05-17", "female"),
        "conditions": searchset(condition("ICPC-2 R81", recordedDate="2026-11-20")),
        "allergies": searchset(allergy("SNOMED 373270004", ANAPHYLAXIS)),
        "weight": searchset(observation("29463-7", 70.5, "kg", "2026-11-01")),
        "pregnancy": {
            "resourceType": "Observation",
            "status": "final",
            "code": concept("LOINC 82810-3"),
            "effectivePeriod": {"start": "2026-10-01"},
            "valueCodeableConcept": concept("LOINC LA26683-5"),
        },
        "gestation": None,
    },
    draftOrders=collection(
        order(
            "ATC J01CE02",
            dosage=dosage(1, "g", 4, 7),
            reasonReference=[{"reference": "Condition/c1"}],
        )
    ),
)


DOSE = "context/draftOrders/entry/0/resource/dosageInstruction/0/doseAndRate/0/doseQuantity"
DOSE_PATH = (
    "context.draftOrders.entry[0].resource.dosageInstruction[0].doseAndRate[0].doseQuantity.value"
)


def ask(request: Json | bytes, hook: str = "order-select", day: date = TODAY) -> Json:
    body = request if isinstance(request, bytes) else encode(request)
    service = f"varde-antibiotika-{hook}"
    return answer(service, body, publication_of(day), day, "https://varde.test")


def changed(path: str, value: Any) -> Json:
    """The good request with another value at a place; ``...`` takes the place away."""
    request = copy.deepcopy(GOOD)
    *way, last = path.split("/")
    inner: Any = request
    for name in way:
        inner = inner[int(name)] if isinstance(inner, list) else inner[name]
    key: Any = int(last) if isinstance(inner, list) else last
    if value is ...:
        del inner[key]
    else:
        inner[key] = value
    return request


def test_the_good_request_is_answered() -> None:
    assert ask(GOOD)["cards"]


@pytest.mark.parametrize(
    ("place", "value", "path"),
    [
        ("hook", ..., "hook"),
        ("hook", 3, "hook"),
        ("hook", "patient-view", "hook"),
        ("hookInstance", ..., "hookInstance"),
        ("hookInstance", "not-a-uuid", "hookInstance"),
        ("hookInstance", 17, "hookInstance"),
        ("fhirServer", "nowhere", "fhirServer"),
        ("fhirAuthorization", {"access_token": "x"}, "fhirServer"),
        ("context", ..., "context"),
        ("context", [], "context"),
        ("context/userId", ..., "context.userId"),
        ("context/userId", "1", "context.userId"),
        ("context/patientId", ..., "context.patientId"),
        ("context/patientId", "Patient/p1", "context.patientId"),
        ("context/patientId", "", "context.patientId"),
        ("context/encounterId", "Encounter/e1", "context.encounterId"),
        ("context/selections", ..., "context.selections"),
        ("context/selections/0", "m1", "context.selections[0]"),
        ("context/draftOrders", [], "context.draftOrders"),
        ("context/draftOrders/resourceType", "List", "context.draftOrders"),
        ("context/draftOrders/entry", {}, "context.draftOrders.entry"),
        ("context/draftOrders/entry/0", "x", "context.draftOrders.entry[0]"),
        ("context/draftOrders/entry/0/fullUrl", 7, "context.draftOrders.entry[0].fullUrl"),
        ("context/draftOrders/entry/0/resource", ..., "context.draftOrders.entry[0].resource"),
        ("context/draftOrders/entry/0/resource/resourceType", ..., "context.draftOrders.entry[0].resource"),
        ("prefetch", [], "prefetch"),
        ("prefetch/patient", "p1", "prefetch.patient"),
        ("prefetch/patient/resourceType", ..., "prefetch.patient"),
        ("prefetch/patient/id", "someone-else", "prefetch.patient.id"),
        ("prefetch/patient/birthDate", "in May", "prefetch.patient.birthDate"),
        ("prefetch/patient/birthDate", "2030-01-01", "prefetch.patient.birthDate"),
        ("prefetch/conditions/entry/0/resource", 5, "prefetch.conditions.entry[0].resource"),
        ("prefetch/patient/birthDate", "1850-01-01", "prefetch.patient.birthDate"),
        *(
            (f"{DOSE}/value", value, DOSE_PATH)
            for value in (-1, 0, 101, 10**400, 1e300, 1e-300)
        ),
    ],
)  # fmt: skip
def test_a_faulty_field_is_named(place: str, value: Any, path: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        ask(changed(place, value))
    assert [fault.path for fault in caught.value.faults] == [path]
    assert "someone-else" not in str(caught.value)
    assert "in May" not in str(caught.value)


def test_every_fault_is_named_at_once() -> None:
    request = changed("hookInstance", "x")
    request["context"]["patientId"] = "Patient/p1"
    request["prefetch"]["weight"] = 3
    with pytest.raises(InvalidRequest) as caught:
        ask(request)
    paths = [fault.path for fault in caught.value.faults]
    assert paths == ["hookInstance", "context.patientId", "prefetch.weight"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_request(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        ask(body)


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_a_draft_needs_no_address(hook: str) -> None:
    """`fullUrl` is 0..1 in FHIR R4, and the examples of CDS Hooks 2.0 have none."""
    request = changed("context/draftOrders/entry/0/fullUrl", ...) | {"hook": hook}
    assert ask(request, hook)["cards"]
    assert ask(request, hook) == ask(copy.deepcopy(GOOD) | {"hook": hook}, hook)


def test_unknown_members_and_extensions_are_passed_over() -> None:
    request = copy.deepcopy(GOOD)
    request["extension"] = {"somebody.else": {"x": [1, {}]}}
    request["context"]["more"] = "x"
    request["prefetch"]["outcome"] = {"resourceType": "OperationOutcome", "issue": []}
    assert ask(request) == ask(GOOD)


def test_without_drafts_there_is_nothing_to_advise_on() -> None:
    assert ask(changed("context/draftOrders", ...)) == {"cards": []}
    request = changed("context/draftOrders", ...)
    request["prefetch"] = {}
    assert ask(request) == {"cards": []}


def test_order_sign_without_drafts_is_refused() -> None:
    request = changed("context/draftOrders", ...) | {"hook": "order-sign"}
    with pytest.raises(InvalidRequest, match=r"context\.draftOrders"):
        ask(request, "order-sign")


def test_only_the_patient_is_needed() -> None:
    with pytest.raises(PrefetchMissing):
        ask(changed("prefetch/patient", None))
    request = copy.deepcopy(GOOD)
    request["prefetch"] = {"patient": GOOD["prefetch"]["patient"]}
    assert isinstance(ask(request)["cards"], list)


def test_resources_are_recognised_under_any_key() -> None:
    request = copy.deepcopy(GOOD)
    request["prefetch"] = {
        f"item{number}": value for number, value in enumerate(request["prefetch"].values())
    }
    assert ask(request)["cards"] == ask(GOOD)["cards"]


def test_an_empty_list_under_our_key_is_known_and_under_another_it_is_not() -> None:
    request = copy.deepcopy(GOOD)
    request["prefetch"]["allergies"] = searchset()
    known = ask(request)["cards"]
    request["prefetch"]["item9"] = request["prefetch"].pop("allergies")
    unknown = ask(request)["cards"]
    assert "kan ikke avgjøres" not in known[0]["detail"]
    assert "Penicillin straksreaksjon – ikke kjent: allergier" in unknown[0]["detail"]


def test_an_empty_search_says_by_its_link_what_was_searched() -> None:
    request = copy.deepcopy(GOOD)
    link = [{"relation": "self", "url": "https://ehr.test/AllergyIntolerance?patient=p1"}]
    request["prefetch"]["item9"] = searchset(link=link)
    del request["prefetch"]["allergies"]
    assert "ikke kjent: allergier" not in ask(request)["cards"][0]["detail"]


def test_a_page_with_a_next_page_is_not_the_whole_list() -> None:
    request = copy.deepcopy(GOOD)
    link = [{"relation": "next", "url": "https://ehr.test/?page=2"}]
    request["prefetch"]["allergies"] = searchset(link=link)
    assert "ikke kjent: allergier" in ask(request)["cards"][0]["detail"]


def test_records_about_another_person_are_left_out() -> None:
    request = copy.deepcopy(GOOD)
    mother = allergy("SNOMED 373270004", ANAPHYLAXIS, patient={"reference": "Patient/mother"})
    request["prefetch"]["allergies"] = searchset(mother)
    assert "Penicillin straksreaksjon" not in ask(request)["cards"][0]["summary"]


def test_only_the_selected_orders_are_judged_until_they_are_signed() -> None:
    request = changed("context/selections", ["MedicationRequest/another"])
    assert ask(request) == {"cards": []}
    request["hook"] = "order-sign"
    assert ask(request, "order-sign")["cards"]


@pytest.mark.parametrize(
    "members",
    [{"doNotPerform": True}, {"status": "cancelled"}, {"status": "entered-in-error"}],
)
def test_orders_that_are_not_to_be_carried_out_are_left_out(members: Json) -> None:
    drafts = collection(order("ATC J01CE02", **members))
    assert ask(changed("context/draftOrders", drafts)) == {"cards": []}


def test_the_drug_may_be_referred_to() -> None:
    plain = ask(GOOD)["cards"][0]["summary"]
    drug = {
        "resourceType": "Medication",
        "id": "d1",
        "code": order("ATC J01CE02")["medicationCodeableConcept"],
    }
    contained = order("ATC J01CE02", contained=[drug], medicationReference={"reference": "#d1"})
    referred = order("ATC J01CE02", medicationReference={"reference": "Medication/d1"})
    for one, others in ((contained, ()), (referred, (drug,))):
        del one["medicationCodeableConcept"]
        request = changed("context/draftOrders", collection(one, *others))
        assert ask(request)["cards"][0]["summary"] == plain


def test_an_unknown_service_is_not_found() -> None:
    with pytest.raises(UnknownService, match="varde-antibiotika-order-sign"):
        answer("opioids", b"{}", publication_of(), TODAY, "https://varde.test")


def test_feedback_is_accepted_and_its_shape_checked() -> None:
    service = services()[0].id
    accept_feedback(service, b'{"feedback": [{"card": "x", "outcome": "accepted"}]}')
    with pytest.raises(InvalidRequest, match="feedback"):
        accept_feedback(service, b"{}")
    with pytest.raises(UnknownService):
        accept_feedback("opioids", b'{"feedback": []}')


def test_discovery_says_all_that_the_standard_asks_for() -> None:
    found = discover()["services"]
    assert {one["hook"] for one in found} == {"patient-view", "order-select", "order-sign"}
    for one in found:
        assert set(one) == {"hook", "id", "title", "description", "prefetch", "usageRequirements"}
        assert one["prefetch"]["patient"] == "Patient/{{context.patientId}}"
        assert "412" in one["usageRequirements"]


ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1e308, 10**30, "", "x" * 500, [], {}, [None], [[]], {"a": None},
    "2026-02-31", "0000-00-00", "9999-12-31", "0001", [1, 2], {"coding": [None, {"code": 1}]},
    {"reference": 5}, {"coding": [{"system": "http://snomed.info/sct", "code": "1 2; x"}]},
    {"value": 1e308, "unit": "kg", "code": "kg"}, {"value": 0, "unit": "mg"},
)  # fmt: skip
"""Values that are something else than a reader would hope for."""


def places(value: Any, way: tuple[str, ...] = ()) -> list[str]:
    """Every place in a request, as `changed` takes it."""
    found = ["/".join(way)] if way else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += places(inner, (*way, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            found += places(inner, (*way, str(number)))
    return found


@settings(deadline=None, max_examples=300)
@given(
    place=st.sampled_from([one for one in places(GOOD) if one != "hook"]),
    value=st.sampled_from(ODD),
    hook=st.sampled_from(["patient-view", "order-select", "order-sign"]),
)
def test_whatever_stands_at_a_place_is_answered_or_refused(
    place: str, value: Any, hook: str
) -> None:
    with suppress(HookRefused):
        encode_answer(ask(changed(place, value) | {"hook": hook}, hook))


@settings(deadline=None, max_examples=200)
@given(body=st.binary(max_size=40))
def test_any_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        ask(body)
