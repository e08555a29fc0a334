"""What is read of an Immunization, and how bundles hold them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from messages import fhir_builder as fhir
from messages import vaccination_gallery as gallery
from messages.fhir_builder import Json, concept, write
from messages.numbers import some_number
from messages.vaccination_builder import (
    ATC,
    CVX,
    HER,
    ROLES,
    Given,
    as_bundle,
    as_fhir,
    immunization,
    location,
    simple,
)
from varde.messages import Failure, LabReport, read
from varde.messages.fhir.salvage import salvage_bundle_names
from varde.messages.records import Code, Vaccination

RECEIVED = datetime(2026, 2, 1, tzinfo=UTC)


def one(whole: Json | bytes) -> Vaccination:
    (found,) = read(whole if isinstance(whole, bytes) else write(whole), None, RECEIVED)
    assert isinstance(found, Vaccination), found
    return found


def refused(whole: Json) -> Failure:
    (found,) = read(write(whole), None, RECEIVED)
    assert isinstance(found, Failure), found
    return found


def test_every_field_of_a_vaccination() -> None:
    found = one(as_fhir(Given(home="0301", indication="Reise")))
    assert (found.sender, found.message_id, found.report_id) == ("HER:91843", "M1", "V1")
    assert (found.service_type, found.status) == ("N", "F")
    assert found.generated == datetime(2026, 1, 7, 11, tzinfo=UTC)
    assert found.patient.identifier is not None and found.patient.identifier.kind == "FNR"
    assert (found.patient.sex, found.patient.birth_date) == ("F", date(1984, 3, 17))
    assert (found.patient.municipality, found.given_at) == ("0301", "4601")
    assert found.given == date(2026, 1, 5) and found.dose == 1 and found.batch == "A12"
    assert found.vaccines == (
        Code(system="SYSVAK", code="MMR52"),
        Code(system=ATC, code="J07BD52"),
        Code(text="Priorix"),
    )
    assert found.programme == Code(text="Barnevaksinasjonsprogrammet")


@pytest.mark.parametrize("kind", ["transaction", "batch", "collection", "document", "message"])
@pytest.mark.parametrize("names", ["relative", "urn", "absolute"])
def test_every_type_of_bundle_and_every_way_to_refer(kind: str, names: str) -> None:
    assert one(as_fhir(Given(), kind, names)) == one(as_fhir(Given()))


def test_contained_person_and_place() -> None:
    inside = [fhir.patient(some_number()), fhir.organization(), location("0301")]
    whole = simple(
        contained=inside, patient={"reference": "#pat"}, location={"reference": "#loc"},
        performer=[{"actor": {"reference": "#org"}}],
    )  # fmt: skip
    whole["entry"] = whole["entry"][:1]
    found = one(whole)
    assert found.sender == "HER:91843" and found.given_at == "0301"


def test_a_person_and_a_sender_named_by_number_alone() -> None:
    whole = simple(
        patient={"identifier": {"system": fhir.FNR, "value": some_number(male=True)}},
        performer=[{"actor": {"type": "Organization", "identifier": {"system": fhir.ENH, "value": "985626154"}}}],
    )  # fmt: skip
    whole["entry"] = whole["entry"][:1]
    found = one(whole)
    assert found.sender == "ENH:985626154" and found.patient.sex == "M"


def test_a_person_without_number_needs_birth_date_and_sex() -> None:
    def of(**more: str) -> Json:
        return fhir.bundle(immunization(), fhir.patient(None, **more), fhir.organization())

    found = one(of(birthDate="1940-02-29", gender="male"))
    assert (found.patient.identifier, found.patient.sex) == (None, "M")
    assert found.patient.birth_date == date(1940, 2, 29)
    for more in (
        {"birthDate": "1940-02-29"},
        {"gender": "male"},
        {"birthDate": "1940", "gender": "male"},
    ):
        assert refused(of(**more)).reason == "missing-patient"
    assert refused(of(birthDate="1940-02-29", gender="unknown")).reason == "missing-patient"


@pytest.mark.parametrize(
    ("fields", "when"),
    [
        ({}, datetime(2026, 1, 7, 11, tzinfo=UTC)),
        ({"recorded": "2026-01-06"}, datetime(2026, 1, 5, 23, tzinfo=UTC)),
        (
            {"recorded": "", "meta": {"lastUpdated": "2026-01-08T10:00:00Z"}},
            datetime(2026, 1, 8, 10, tzinfo=UTC),
        ),
        ({"recorded": ""}, datetime(2026, 1, 7, 11, 0, 5, tzinfo=UTC)),
    ],
)
def test_when_a_version_was_made(fields: Json, when: datetime) -> None:
    assert one(simple(**fields)).generated == when


@pytest.mark.parametrize(
    ("status", "version", "service"),
    [
        ("completed", "", "N"), ("completed", "1", "N"), ("completed", "2", "M"), ("completed", "17", "M"),
        ("completed", "a7f", "N"), ("completed", "9" * 40, "N"), ("entered-in-error", "", "C"),
        ("entered-in-error", "3", "C"),
    ],
)  # fmt: skip
def test_what_a_version_does(status: str, version: str, service: str) -> None:
    whole = simple(status=status, meta={"versionId": version} if version else None)
    assert one(whole).service_type == service


@pytest.mark.parametrize(
    "fields",
    [
        {"occurrenceDateTime": "2027-01-01"}, {"occurrenceDateTime": "x"}, {"occurrenceDateTime": ""},
        {"patient": {"reference": "Patient/gone"}}, {"patient": None}, {"vaccineCode": {}},
        {"protocolApplied": [{"doseNumberPositiveInt": 0}]}, {"location": {"reference": "Location/?"}},
    ],
)  # fmt: skip
def test_what_is_withdrawn_need_not_be_right(fields: Json) -> None:
    found = one(simple(status="entered-in-error", **fields))
    assert (found.service_type, found.report_id, found.dose) == ("C", "V1", None)


def test_what_is_withdrawn_must_say_what_and_when() -> None:
    assert refused(simple(status="entered-in-error", identifier=None)).reason == "missing-report-id"
    late = simple(status="entered-in-error", recorded="2026-02-03")
    assert refused(late).reason == "future-generated"
    unnamed = simple(status="entered-in-error", performer=None)
    assert refused(unnamed).reason == "missing-sender"


@pytest.mark.parametrize(
    ("protocols", "dose"),
    [
        ([], None), ([{"doseNumberPositiveInt": 3}], 3), ([{"doseNumberString": " 2 "}], 2),
        ([{"doseNumberString": "booster"}], None), ([{"doseNumberPositiveInt": 2}] * 3, 2),
        ([{"doseNumberPositiveInt": 2}, {"doseNumberPositiveInt": 3}], None),
        ([{"doseNumberString": "booster"}, {"doseNumberPositiveInt": 4}], 4),
        ([{"doseNumberPositiveInt": 99}], 99), ([{"series": "x"}], None),
    ],
)  # fmt: skip
def test_dose_numbers(protocols: list[Json], dose: int | None) -> None:
    assert one(simple(protocolApplied=protocols or None)).dose == dose


@pytest.mark.parametrize(
    "written", [0, -1, 100, 1.5, "2", None, True, [1], "<number 1e0>", "<number 1e999999>", 10**30]
)
def test_impossible_dose_numbers(written: Any) -> None:
    failure = refused(simple(protocolApplied=[{"doseNumberPositiveInt": written}]))
    place = "Bundle.entry[0].resource.protocolApplied[0].doseNumberPositiveInt (Immunization)"
    assert (failure.reason, failure.place) == ("bad-field", place)


def test_the_codes_of_a_vaccine_are_alternatives_in_their_order() -> None:
    found = one(simple(vaccineCode=concept((CVX, "03", "MMR"), (ATC, "J07BD52", ""), text="MMR")))
    assert found.vaccines == (
        Code(system=CVX, code="03", text="MMR"),
        Code(system=ATC, code="J07BD52"),
    )
    assert one(simple(vaccineCode={"text": "Priorix"})).vaccines == (Code(text="Priorix"),)


def organization(id_: str, value: str, system: str = HER) -> Json:
    return fhir.organization(id=id_, identifier=[{"system": system, "value": value}], name=id_)


def performer(id_: str, *roles: str) -> Json:
    function = {"coding": [{"system": ROLES, "code": role} for role in roles]}
    return {"actor": {"reference": f"Organization/{id_}"}} | (
        {"function": function} if roles else {}
    )


@pytest.mark.parametrize(
    ("performers", "sender"),
    [
        ([performer("a")], "HER:1"),
        ([performer("a", "OP"), performer("b", "AP")], "HER:2"),
        ([performer("a", "OP"), performer("b")], "HER:2"),
        ([performer("a", "OP")], "HER:1"),
        ([performer("a", "OP", "AP"), performer("c")], "HER:1"),
        ([performer("c"), performer("b")], "HER:2"),
        ([performer("c")], "ENH:985626154"),
        ([performer("nobody"), performer("a")], "HER:1"),
    ],
)
def test_who_vaccinated_is_the_sender(performers: list[Json], sender: str) -> None:
    units = [
        organization("a", "1"),
        organization("b", "2"),
        organization("c", "985626154", fhir.ENH),
    ]
    assert one(simple(*units, performer=performers)).sender == sender


def test_a_person_at_an_organisation_vaccinates_for_it() -> None:
    role = {
        "resourceType": "PractitionerRole",
        "id": "r",
        "organization": fhir.ref("Organization/org"),
    }
    found = one(simple(role, performer=[{"actor": {"reference": "PractitionerRole/r"}}]))
    assert found.sender == "HER:91843"


def test_who_wrote_the_document_sends_when_no_performer_is_an_organisation() -> None:
    first = {"resourceType": "Composition", "id": "c", "author": [fhir.ref("Organization/org")]}
    whole = simple(first, performer=[{"actor": {"reference": "Practitioner/p"}}], id="i")
    assert one(whole).sender == "HER:91843"


@pytest.mark.parametrize(
    ("fields", "programme"),
    [
        ({}, None),
        ({"reasonCode": [{"text": "Reise"}]}, Code(text="Reise")),
        (
            {
                "reasonCode": [{"text": "Reise"}],
                "programEligibility": [concept(("urn:p", "B", ""))],
            },
            Code(system="urn:p", code="B"),
        ),
        ({"programEligibility": [{}], "reasonCode": [{"text": "Reise"}]}, Code(text="Reise")),
    ],
)
def test_programme_or_reason(fields: Json, programme: Code | None) -> None:
    assert one(simple(**fields)).programme == programme


def test_the_place_of_vaccination() -> None:
    where = {"location": {"reference": "Location/loc"}}
    assert one(simple(location("1103"), **where)).given_at == "1103"
    assert one(simple(location("", address={"district": "0301"}), **where)).given_at == "0301"
    assert one(simple(location("", address={"district": "Oslo"}), **where)).given_at == ""
    assert one(simple(location(""), **where)).given_at == ""
    assert one(simple(location={"display": "Apoteket"})).given_at == ""
    failure = refused(simple(location("", address=[{"district": "0301"}]), **where))
    assert (failure.reason, failure.place) == (
        "bad-field",
        "Bundle.entry[3].resource.address (Location)",
    )


@pytest.mark.parametrize(
    ("given", "day"),
    [
        ("2026-01-05", date(2026, 1, 5)),
        ("2026-01-04T23:30:00Z", date(2026, 1, 5)),
        ("2026-01-05T00:10:00+01:00", date(2026, 1, 5)),
        ("1956-09-01", date(1956, 9, 1)),
        ("2026-01-08", date(2026, 1, 8)),
    ],
)
def test_the_day_is_the_norwegian_one(given: str, day: date) -> None:
    old = fhir.patient(some_number(date(1930, 5, 5)), gender="female")
    whole = fhir.bundle(immunization(occurrenceDateTime=given), old, fhir.organization())
    assert one(whole).given == day


def test_reports_and_vaccinations_in_one_bundle_in_its_order() -> None:
    person = fhir.patient(some_number())
    head, others = fhir.report(fhir.organism("f1")), [person, fhir.organization(), fhir.specimen()]
    others.append(fhir.organism("f1"))
    lab = fhir.bundle(head, *others)
    first, second = immunization(id="i1"), immunization(id="i2", identifier=[{"value": "V2"}])
    found = list(read(write(fhir.bundle(first, head, second, *others)), None, RECEIVED))
    assert [type(record) for record in found] == [Vaccination, LabReport, Vaccination]
    assert [record.message_id for record in found] == ["M1", "M1#2", "M1#3"]
    alone, _ = read(write(fhir.bundle(head, *others, first)), None, RECEIVED)
    assert alone == next(iter(read(write(lab), None, RECEIVED)))


def test_a_report_that_lists_no_results_still_has_all_beside_a_vaccination() -> None:
    lab = fhir.simple(fhir.organism("f1"), listed=0)
    lab["entry"].append({"resource": immunization(status="not-done")})
    report, _ = read(write(lab), None, RECEIVED)
    assert isinstance(report, LabReport) and len(report.findings) == 1


def test_a_bad_vaccination_takes_no_other_with_it() -> None:
    made = [immunization(id=f"i{n}", identifier=[{"value": f"V{n}"}]) for n in range(4)]
    made[1]["status"] = "not-done"
    made[2]["vaccineCode"] = 7
    whole = fhir.bundle(*made, fhir.patient(some_number()), fhir.organization())
    found = list(read(write(whole), None, RECEIVED))
    assert [getattr(record, "reason", "") for record in found] == [
        "",
        "not-vaccinated",
        "bad-field",
        "",
    ]
    assert [record.report_id for record in found] == ["V0", "V1", "V2", "V3"]


def test_a_bundle_with_neither_is_refused() -> None:
    (failure,) = read(write(fhir.bundle(fhir.patient())), None, RECEIVED)
    assert isinstance(failure, Failure) and failure.reason == "no-report"


def alone(**more: Any) -> Json:
    inside = [fhir.patient(some_number(), gender="female"), fhir.organization()]
    fields = {
        "contained": inside, "patient": {"reference": "#pat"}, "meta": {"versionId": "3"},
        "performer": [{"actor": {"reference": "#org"}}],
    } | more  # fmt: skip
    return immunization(**fields)


@pytest.mark.parametrize(
    ("meta", "message_id"),
    [
        ({"versionId": "3"}, "imm/_history/3"),
        ({"lastUpdated": "2026-01-07T12:00:00Z"}, "imm/_history/2026-01-07T12:00:00Z"),
        (None, "imm"),
    ],
)
def test_an_immunization_without_a_bundle(meta: Json | None, message_id: str) -> None:
    found = one(alone(meta=meta))
    assert (found.message_id, found.report_id, found.sender) == (message_id, "V1", "HER:91843")
    assert found.given == date(2026, 1, 5)


def test_an_immunization_without_bundle_and_id_is_refused() -> None:
    assert refused(alone(id=None)).reason == "missing-message-id"
    assert refused(alone(identifier={"value": "V1"})).reason == "bad-field"
    assert refused(fhir.patient(some_number())).reason in ("wrong-bundle", "bad-field")
    (failure,) = read(write(alone())[:-40], None, RECEIVED)
    assert isinstance(failure, Failure) and failure.reason == "truncated"


def test_names_of_a_damaged_bundle_with_one_vaccination() -> None:
    data = write(simple())
    names = salvage_bundle_names(data[:-3])
    assert names == ("HER:91843", "M1", "V1")
    two = write(fhir.bundle(immunization(), immunization(id="x"), fhir.organization()))
    assert salvage_bundle_names(two[:-3]) == ("", "M1", "")


def test_a_number_that_copies_the_message_id_stands_back() -> None:
    numbers = [{"value": "M1"}, {"use": "secondary", "value": "S"}, {"value": "V7"}]
    assert one(simple(identifier=numbers)).report_id == "V7"


SHARED: dict[str, Callable[[int], list[Json]]] = {
    "a sender with many numbers": lambda n: [
        fhir.organization(identifier=[{"system": "urn:x", "value": str(i)} for i in range(n)]),
        fhir.patient(some_number()),
    ],
    "a person with many numbers": lambda n: [
        fhir.organization(),
        fhir.patient(gender="male", identifier=[{"system": "urn:x", "value": str(i)} for i in range(n)]),
    ],
    "a document with many authors": lambda n: [
        fhir.organization(identifier=[{"value": "x"}]), fhir.patient(some_number()),
        {"resourceType": "Composition", "author": [{"reference": f"Organization/{i}"} for i in range(n)]},
    ],
    "a place with much in it": lambda n: [
        fhir.organization(), fhir.patient(some_number()),
        location(address={"line": ["x"] * n, "district": "0301"}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("case", SHARED)
def test_what_many_share_is_looked_through_once(case: str) -> None:
    def seconds(count: int) -> float:
        made = [
            immunization(identifier=[{"value": f"V{n}"}], location={"reference": "Location/loc"})
            for n in range(count)
        ]
        data = write(fhir.bundle(*made, *SHARED[case](5 * count)))
        started = time.process_time()
        assert len(list(read(data, None, RECEIVED))) == count
        return time.process_time() - started

    small = min(seconds(100) for _ in range(3))
    assert seconds(1600) < 60 * small + 0.5


def test_the_example_is_valid_json_of_one_entry_each() -> None:
    kinds = [entry["resource"]["resourceType"] for entry in json.loads(gallery.GOOD)["entry"]]
    assert kinds == ["Immunization", "Patient", "Organization"]
    assert len(as_bundle(Given())["entry"]) == 4
