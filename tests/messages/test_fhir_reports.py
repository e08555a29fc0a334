"""The report around the results: ids, versions, sender, patient, specimens, times, references."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages import fhir_builder as fhir
from messages.fhir_builder import Json, bundle, concept, organism, ref, report, specimen
from messages.numbers import some_number
from varde.messages import Code, Failure, LabReport, Patient, PersonId
from varde.messages.fhir.reports import read_fhir

RECEIVED = datetime(2026, 1, 7, 12, tzinfo=UTC)
FINDING = organism()


def only(whole: Json, received: datetime | None = None) -> LabReport:
    (found,) = read_fhir(fhir.write(whole), received)
    assert isinstance(found, LabReport), found
    return found


def failure(whole: Json, received: datetime | None = None) -> Failure:
    (found,) = read_fhir(fhir.write(whole), received)
    assert isinstance(found, Failure), found
    return found


def made(*more: Json, person: Json | None = None, **fields: Any) -> Json:
    """A bundle with one finding; `fields` are the report's."""
    head = report(FINDING, **fields)
    lab = (
        []
        if any(each["resourceType"] == "Organization" for each in more)
        else [fhir.organization()]
    )
    return bundle(head, person or fhir.patient(), *lab, specimen(), FINDING, *more)


def of_patient(number: str | None = None, **more: Any) -> Patient:
    return only(made(person=fhir.patient(number, **more))).patient


def test_the_whole_of_a_small_report() -> None:
    number = some_number()
    found = only(
        made(
            person=fhir.patient(number, gender="female", birthDate="1984-03-17"),
            conclusionCode=[concept((fhir.kith.OID + "8269", "MSIS-M", ""))],
        )
    )
    assert found.sender == "HER:91843"
    assert found.sender_name == "Mikrobiologi"
    assert (found.message_id, found.report_id) == ("M1", "R1")
    assert (found.service_type, found.status, found.discipline) == ("N", "F", "MBIO")
    assert found.generated == datetime(2026, 1, 7, 11, tzinfo=UTC)
    assert found.notifiable == "MSIS-M"
    assert found.patient.identifier == PersonId(kind="FNR", value=number)
    assert (found.patient.sex, found.patient.birth_date) == ("F", date(1984, 3, 17))
    (taken,) = found.specimens
    assert taken.collected == datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert taken.materials == (Code(system=fhir.MATERIAL, code="U", text="Urin"),)
    assert taken.specimen_id == "S1"
    assert found.findings[0].organisms == (Code(text="Escherichia coli"),)


@pytest.mark.parametrize("kind", ["transaction", "document", "message", "collection", "batch"])
def test_all_kinds_of_sent_bundles(kind: str) -> None:
    assert only(made() | {"type": kind}).report_id == "R1"


@pytest.mark.parametrize("kind", ["searchset", "history", "transaction-response", "", "Collection"])
def test_other_bundles_are_refused(kind: str) -> None:
    with pytest.raises(Exception, match="wrong-bundle"):
        list(read_fhir(fhir.write(made() | {"type": kind})))


def test_one_bad_report_stops_no_other() -> None:
    one, two, three = (
        report(FINDING, id=f"r{n}", identifier=[{"value": f"R{n}"}]) for n in range(3)
    )
    two["status"] = "ferdig"
    rest = [fhir.patient(), fhir.organization(), specimen(), FINDING]
    first, second, third = read_fhir(fhir.write(bundle(one, two, three, *rest)))
    assert isinstance(first, LabReport) and isinstance(third, LabReport)
    assert (first.message_id, third.message_id) == ("M1", "M1#3")
    assert isinstance(second, Failure)
    assert (second.item, second.message_id, second.reason) == (1, "M1#2", "unknown-code")
    assert second.place == "Bundle.entry[1].resource.status (DiagnosticReport)"
    assert (second.sender, second.report_id) == ("HER:91843", "R1")


@pytest.mark.parametrize(
    "broken",
    [
        {"resourceType": "DiagnosticReport", "identifier": [{"value": "R9"}], "status": ["final"],
         "performer": [{"reference": "Organization/org"}]},
        {"resourceType": "DiagnosticReport", "identifier": {"value": "R9"}},
        {"resourceType": "Bundle", "type": "message"},
        {"id": "typeless"}, {"resourceType": 7}, {"resourceType": ""}, [], "text", 7, True,
    ],
)  # fmt: skip
def test_what_may_be_a_report_is_never_passed_over(broken: Any) -> None:
    good, bad = read_fhir(fhir.write(made() | {"entry": [*made()["entry"], {"resource": broken}]}))
    assert isinstance(good, LabReport)
    assert isinstance(bad, Failure) and bad.message_id == "M1#2"
    assert bad.reason == (
        "wrong-bundle" if broken == {"resourceType": "Bundle", "type": "message"} else "bad-field"
    )
    assert bad.place.startswith("Bundle.entry[5].resource")


def test_a_broken_report_keeps_the_names_that_are_whole() -> None:
    bad = failure(made(status=["final"]))
    assert (bad.sender, bad.report_id) == ("HER:91843", "R1")
    bad = failure(made(identifier={"value": "R1"}))
    assert (bad.sender, bad.report_id) == ("HER:91843", "")


def test_a_broken_resource_spoils_only_the_reports_that_reach_it() -> None:
    bad = fhir.culture("bad", interpretation={"text": "not a list"})
    one, two = report(FINDING, id="r0"), report(bad, id="r1", identifier=[{"value": "R2"}])
    rest = [fhir.patient(), fhir.organization(), specimen(), FINDING, bad]
    first, second = read_fhir(fhir.write(bundle(one, two, *rest)))
    assert isinstance(first, LabReport)
    assert isinstance(second, Failure)
    assert second.place == "Bundle.entry[6].resource.interpretation (Observation)"
    assert second.detail == "object ≠ array"


def test_a_broken_result_that_is_derived_from_a_finding_spoils_its_report() -> None:
    bad = fhir.susceptibility("bad", derivedFrom=ref(FINDING), code="cipro")
    assert failure(made(bad)).reason == "bad-field"


def test_resources_of_other_kinds_are_passed_over() -> None:
    others = [
        {"resourceType": "Practitioner", "id": "p", "name": [{"family": "Prøve"}]},
        {"resourceType": "Provenance", "target": 7},
        {"resourceType": "Nothing"},
    ]
    assert only(made(*others)).findings
    assert only(made() | {"entry": [*made()["entry"], {}, {"resource": None}]}).findings


# Ids.


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "M1"),
        ({"identifier": {"value": " M7 "}}, "M7"),
        ({"identifier": None, "id": "b-1"}, "b-1"),
    ],
)
def test_the_message_id(fields: Json, expected: str) -> None:
    assert only(made() | fields).message_id == expected


def test_the_message_id_of_a_message_is_that_of_its_header() -> None:
    header = {"resourceType": "MessageHeader", "id": "h-1"}
    whole = bundle(
        *[e["resource"] for e in made(header)["entry"]], type="message", id="b-1", identifier=None
    )
    assert only(whole).message_id == "h-1"


@pytest.mark.parametrize(
    ("identifiers", "expected"),
    [
        ([{"value": "R1"}], "R1"),
        ([{"value": "M1", "use": "secondary"}, {"value": "R1"}], "R1"),
        ([{"value": "M1"}, {"value": "R1"}], "R1"),
        ([{"value": "R0", "use": "old"}, {"value": "R1"}], "R1"),
        ([{"value": "P", "type": concept(("", "PLAC", ""))}, {"value": "R1"}], "R1"),
        ([{"value": "X"}, {"value": "R1", "type": concept(("", "FILL", ""))}], "R1"),
        ([{"value": ""}, {"value": " R1 "}], "R1"),
        ([{"value": "M1"}], "M1"),
    ],
)
def test_the_report_id(identifiers: list[Json], expected: str) -> None:
    assert only(made(identifier=identifiers)).report_id == expected


def test_a_copy_of_the_message_id_gives_way_to_the_request() -> None:
    request = {"resourceType": "ServiceRequest", "id": "req", "requisition": {"value": "Q1"}}
    found = only(made(request, identifier=[{"value": "M1"}], basedOn=[ref("ServiceRequest/req")]))
    assert found.report_id == "Q1"


@pytest.mark.parametrize(
    ("status", "service", "letter"),
    [
        ("registered", "N", "S"), ("partial", "N", "S"), ("preliminary", "N", "P"),
        ("final", "N", "F"), ("amended", "M", "F"), ("corrected", "M", "F"), ("appended", "A", "F"),
        ("cancelled", "C", "F"), ("entered-in-error", "C", "F"),
    ],
)  # fmt: skip
def test_status(status: str, service: str, letter: str) -> None:
    found = only(made(status=status))
    assert (found.service_type, found.status) == (service, letter)


@pytest.mark.parametrize("status", ["unknown", "Final", "", "ferdig"])
def test_a_status_that_decides_nothing_is_refused(status: str) -> None:
    assert failure(made(status=status)).reason == "unknown-code"


def test_a_cancelled_report_needs_no_patient_and_no_results() -> None:
    gone = ref("Observation/gone")
    found = only(made(status="cancelled", subject=None, result=[gone], specimen=[]))
    assert (found.service_type, found.report_id, found.findings) == ("C", "R1", ())


def test_another_discipline_with_a_culture_is_read() -> None:
    assert only(made(category=[concept(("", "LAB", ""))])).discipline == "LAB"
    assert only(made(category=[])).discipline == ""
    assert only(made(category=[concept(("", "LAB", ""), ("", "MB", ""))])).discipline == "MB"


# Times.


@pytest.mark.parametrize(
    ("fields", "whole", "expected"),
    [
        ({}, {}, datetime(2026, 1, 7, 11, tzinfo=UTC)),
        ({"issued": None, "meta": {"lastUpdated": "2026-01-07T10:00:00Z"}}, {}, datetime(2026, 1, 7, 10, tzinfo=UTC)),
        ({"issued": None}, {}, datetime(2026, 1, 7, 11, 0, 5, tzinfo=UTC)),
        ({"issued": "2026-01-07T12:00:00"}, {}, datetime(2026, 1, 7, 11, tzinfo=UTC)),
        ({"issued": "2026-01-07T12:00:00.250-03:00"}, {}, datetime(2026, 1, 7, 15, 0, 0, 250000, tzinfo=UTC)),
        ({"issued": "2026-01-07"}, {}, datetime(2026, 1, 6, 23, tzinfo=UTC)),
        ({}, {"timestamp": "2036-01-07T12:00:00Z"}, datetime(2026, 1, 7, 11, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_when_the_version_was_made(fields: Json, whole: Json, expected: datetime) -> None:
    assert only(made(**fields) | whole).generated == expected


@pytest.mark.parametrize(
    ("sent", "utc"),
    [
        ("2026-01-05T10:00:00+01:00", datetime(2026, 1, 5, 9, tzinfo=UTC)),
        ("2025-07-05T10:00:00", datetime(2025, 7, 5, 8, tzinfo=UTC)),
        ("2026-01-05", datetime(2026, 1, 4, 23, tzinfo=UTC)),
        ("2026-01-05T10:00:00.1234567Z", datetime(2026, 1, 5, 10, 0, 0, 123456, tzinfo=UTC)),
    ],
)
def test_when_the_specimen_was_taken(sent: str, utc: datetime) -> None:
    for collection in ({"collectedDateTime": sent}, {"collectedPeriod": {"start": sent}}):
        whole = made()
        whole["entry"][3]["resource"]["collection"] = collection
        assert only(whole).specimens[0].collected == utc


@pytest.mark.parametrize(
    "sent", ["2026", "2026-01", "05.01.2026", "2026-02-30", "0001-01-01T00:00:00+23:59", "x" * 300]
)
def test_times_that_are_none(sent: str) -> None:
    whole = made()
    whole["entry"][3]["resource"]["collection"] = {"collectedDateTime": sent}
    assert failure(whole).reason == "bad-date"
    assert failure(made(issued=sent)).reason == "bad-date"


def test_a_specimen_shares_the_time_of_what_it_was_made_from_or_of_the_report() -> None:
    child = specimen("child", None, parent=[ref("Specimen/spm")])
    found = only(made(child, specimen=[ref(child)]))
    assert found.specimens[0].collected == datetime(2026, 1, 5, 9, tzinfo=UTC)
    loose = specimen("loose", None)
    for effective in (
        {"effectiveDateTime": "2026-01-04"},
        {"effectivePeriod": {"start": "2026-01-04"}},
    ):
        found = only(made(loose, specimen=[ref(loose)], **effective))
        assert found.specimens[0].collected == datetime(2026, 1, 3, 23, tzinfo=UTC)
    ring = specimen("ring", None, parent=[ref("Specimen/ring")])
    assert failure(made(ring, specimen=[ref(ring)])).reason == "missing-collected"


@settings(deadline=None)
@given(st.timedeltas(timedelta(days=-3), timedelta(days=3)))
def test_a_day_is_the_limit(ahead: timedelta) -> None:
    generated = (RECEIVED + ahead).replace(microsecond=0)
    (record,) = read_fhir(fhir.write(made(issued=generated.isoformat())), RECEIVED)
    late = generated - RECEIVED > timedelta(hours=24)
    early = datetime(2026, 1, 5, 9, tzinfo=UTC) - generated > timedelta(hours=24)
    assert isinstance(record, Failure) == (late or early)
    if late:
        assert isinstance(record, Failure) and record.reason == "future-generated"


@pytest.mark.parametrize("received", [datetime.max.replace(tzinfo=UTC), RECEIVED, None])
def test_any_clock_will_do(received: datetime | None) -> None:
    assert only(made(issued="2026-01-06T00:00:00Z"), received)


# Senders.


@pytest.mark.parametrize(
    ("units", "sender", "name"),
    [
        ([("org", "1", None, None)], "HER:1", "org"),
        ([("org", None, "985626154", None)], "ENH:985626154", "org"),
        ([("org", None, "985", "top"), ("top", "13", None, None)], "HER:13", "top"),
        ([("org", "1", None, "top"), ("top", "13", None, None)], "HER:1", "top, org"),
        ([("org", None, "985", "top"), ("top", None, "986", None)], "ENH:985", "top, org"),
        ([("org", None, None, "top"), ("top", None, None, "org")], "", ""),
    ],
)
def test_the_sender_is_the_innermost_unit_with_a_national_id(
    units: list[tuple[str, str | None, str | None, str | None]], sender: str, name: str
) -> None:
    resources = [
        fhir.organization(
            her, enh, id_, id=id_, partOf=ref(f"Organization/{above}") if above else None
        )
        for id_, her, enh, above in units
    ]
    if not sender:
        assert failure(made(*resources)).reason == "missing-sender"
        return
    found = only(made(*resources))
    assert (found.sender, found.sender_name) == (sender, name)


def test_the_sender_of_another_kind_of_number_is_named_with_its_system() -> None:
    lab = fhir.organization(
        None, identifier=[{"value": "1"}, {"system": "urn:oid:1.2.3", "value": "MIK"}]
    )
    assert only(made(lab)).sender == "1.2.3|MIK"


def test_a_person_at_a_laboratory_stands_for_the_laboratory() -> None:
    role = {
        "resourceType": "PractitionerRole",
        "id": "role",
        "organization": ref("Organization/org"),
    }
    person = {
        "resourceType": "Practitioner",
        "id": "doc",
        "identifier": [{"system": "x", "value": "1"}],
    }
    performers = [ref("Practitioner/doc"), ref("Practitioner/gone"), ref("PractitionerRole/role")]
    assert only(made(role, person, performer=performers)).sender == "HER:91843"


def test_a_laboratory_outside_the_bundle_is_known_by_its_identifier() -> None:
    alone = {
        "type": "Organization",
        "identifier": {"system": fhir.HER, "value": "7"},
        "display": "Lab",
    }
    found = only(made(performer=[alone]))
    assert (found.sender, found.sender_name) == ("HER:7", "Lab")
    del alone["type"]
    assert only(made(performer=[alone])).sender == "HER:7"


def test_who_wrote_the_document_or_sent_the_message_is_the_last_resort() -> None:
    composition = {"resourceType": "Composition", "id": "c", "author": [ref("Organization/org")]}
    assert only(made(composition, performer=[])).sender == "HER:91843"
    header = {"resourceType": "MessageHeader", "id": "h", "sender": ref("Organization/org")}
    assert only(made(header, performer=[])).sender == "HER:91843"
    assert failure(made(performer=[])).reason == "missing-sender"


# Patients.


def test_a_patient_without_number() -> None:
    assert of_patient(gender="male") == Patient(sex="M")


@pytest.mark.parametrize(
    ("sent", "sex"), [("male", "M"), ("female", "F"), ("other", ""), ("unknown", ""), ("K", "")]
)
def test_sex(sent: str, sex: str) -> None:
    assert of_patient(gender=sent).sex == sex


@pytest.mark.parametrize(
    ("system", "number", "kind", "issuer"),
    [
        (fhir.FNR, some_number(), "FNR", ""),
        (fhir.FNR.removeprefix("urn:oid:"), some_number(), "FNR", ""),
        (fhir.FNR.upper().replace("OID", "oid"), some_number(), "FNR", ""),
        (fhir.FNR[:-1] + "2", some_number(day=40), "DNR", ""),
        (fhir.FNR, some_number(month=40), "HNR", "HER:91843"),
        (fhir.FNR[:-1] + "3", "81234567890", "FHN", ""),
        (fhir.FNR[:-1] + "5", "202612345678", "DUF", ""),
        ("urn:oid:1.2.3", "AB 1234", "LOCAL", "HER:91843 1.2.3"),
        ("", "AB 1234", "LOCAL", "HER:91843"),
    ],
)
def test_kinds_of_identifiers(system: str, number: str, kind: str, issuer: str) -> None:
    person = of_patient(identifier=[{"system": system, "value": number}])
    assert person.identifier == PersonId(kind=kind, value=number.replace(" ", ""), issuer=issuer)


def test_the_kind_can_be_said_by_the_type() -> None:
    number = some_number()
    person = of_patient(identifier=[{"type": concept(("", "FNR", "")), "value": number}])
    assert person.identifier == PersonId(kind="FNR", value=number)


def test_of_several_numbers_the_one_that_holds_everywhere_counts() -> None:
    number = some_number()
    local, national = {"system": "urn:x", "value": "17"}, {"system": fhir.FNR, "value": number}
    old = {"system": fhir.FNR, "value": "12345678901", "use": "old"}
    person = of_patient(identifier=[old, local, national, national])
    assert person.identifier == PersonId(kind="FNR", value=number)


def test_two_identity_numbers_are_two_persons() -> None:
    numbers = [{"system": fhir.FNR, "value": some_number(male=male)} for male in (True, False)]
    whole = made(person=fhir.patient(identifier=numbers))
    assert failure(whole).reason == "several-patients"


def test_a_patient_outside_the_bundle_is_known_by_identifier_or_search() -> None:
    number = some_number()
    alone = {"identifier": {"system": fhir.FNR, "value": number}}
    assert only(made(subject=alone)).patient.identifier == PersonId(kind="FNR", value=number)
    search = {"reference": f"Patient?identifier={fhir.FNR}|{number}"}
    whole = made(person=fhir.patient(number), subject=search)
    assert only(whole).patient.identifier == PersonId(kind="FNR", value=number)
    assert failure(made(subject=search)).reason == "dangling-reference"


@pytest.mark.parametrize(
    ("sent", "born"),
    [("1984-03-17", date(1984, 3, 17)), ("1984", None), ("1984-03", None), ("", None)],
)
def test_birth_date(sent: str, born: date | None) -> None:
    assert of_patient(birthDate=sent).birth_date == born


def test_a_birth_date_that_is_none() -> None:
    assert failure(made(person=fhir.patient(birthDate="17.03.1984"))).reason == "bad-date"


def district(code: str, **more: Any) -> Json:
    extension = [{"url": fhir.MUNICIPALITY, "valueCoding": {"code": code}}]
    return {"_district": {"extension": extension}, **more}


@pytest.mark.parametrize(
    ("addresses", "found"),
    [
        ([district("0301")], "0301"),
        ([district("3005", use="temp"), district("0301", use="home")], "0301"),
        ([district("3005", use="old"), district("0301")], "0301"),
        ([{"district": "4601"}], "4601"),
        ([{"district": "Bergen"}], ""),
        ([district("03")], ""),
        ([{"extension": [{"url": fhir.MUNICIPALITY, "valueCodeableConcept": concept(("", "4601", ""))}]}], "4601"),
        ([{"extension": [{"url": "http://x/other", "valueCoding": {"code": "4601"}}]}], ""),
    ],
)  # fmt: skip
def test_municipality(addresses: list[Json], found: str) -> None:
    assert of_patient(address=addresses).municipality == found


def test_animals_and_things_are_no_patients() -> None:
    rosa = fhir.patient(
        extension=[{"url": "http://hl7.org/fhir/StructureDefinition/patient-animal"}]
    )
    assert failure(made(person=rosa)).reason == "not-human"
    assert failure(made(subject={"type": "Group", "reference": "urn:uuid:1"})).reason == "not-human"


def test_no_identifier_in_any_representation() -> None:
    number = some_number()
    assert number not in repr(only(made(person=fhir.patient(number))))
    bad = failure(made(person=fhir.patient(number), status=number, identifier=[{"value": number}]))
    assert number[:6] not in repr(bad)


# Wards.


@pytest.mark.parametrize(
    ("resources", "fields", "ward"),
    [
        ([], {}, ""),
        ([{"resourceType": "ServiceRequest", "id": "q", "requester": {"reference": "Organization/org"}}],
         {"basedOn": [ref("ServiceRequest/q")]}, "Mikrobiologi"),
        ([{"resourceType": "ServiceRequest", "id": "q", "requester": {"type": "Practitioner", "display": "Dr. Prøve"}}],
         {"basedOn": [ref("ServiceRequest/q")]}, ""),
        ([{"resourceType": "Encounter", "id": "e", "location": [{"location": {"display": "Post 2"}}]}],
         {"encounter": ref("Encounter/e")}, "Post 2"),
        ([{"resourceType": "Encounter", "id": "e", "location": [{"location": {"reference": "Location/l"}}]},
          {"resourceType": "Location", "id": "l", "name": "Intensiv"}], {"encounter": ref("Encounter/e")}, "Intensiv"),
        ([], {"encounter": ref("Encounter/e"), "basedOn": [ref("ServiceRequest/q")]}, ""),
    ],
)  # fmt: skip
def test_the_ward_is_the_place_of_stay_or_the_requesting_unit(
    resources: list[Json], fields: Json, ward: str
) -> None:
    assert only(made(*resources, fhir.organization(), **fields)).specimens[0].ward == ward


# References.


@pytest.mark.parametrize("names", ["relative", "urn", "absolute", "contained"])
@pytest.mark.parametrize("change", [str, str.upper])
def test_all_ways_to_refer(names: str, change: Any) -> None:
    whole = fhir.as_bundle(fhir.numbered(some_number()), fhir.Shape("transaction", names))
    plain = only(fhir.as_bundle(fhir.numbered(some_number())))
    if names == "urn":
        for entry in whole["entry"]:
            entry["fullUrl"] = change(entry["fullUrl"])
    assert only(whole) == plain


def test_a_version_in_a_reference_is_passed_over() -> None:
    assert only(made(specimen=[ref("Specimen/spm/_history/2")])).specimens


def test_a_logical_reference_finds_what_has_that_identifier() -> None:
    found = only(made(specimen=[{"type": "Specimen", "identifier": {"value": "S1"}}]))
    assert found.findings[0].specimen == 1


def test_an_address_used_twice_is_harmless_for_equal_resources_or_when_nobody_uses_it() -> None:
    assert only(made(specimen())).specimens
    unused = [organism("x", "A"), organism("x", "B")]
    assert len(only(made(*unused)).findings) == 1
    assert failure(made(specimen("spm", "2026-01-04"))).reason == "duplicate-resource"


@pytest.mark.parametrize("field", ["specimen", "result"])
def test_a_reference_to_nothing_says_which(field: str) -> None:
    bad = failure(
        made(**{field: [ref("Specimen/gone" if field == "specimen" else "Observation/gone")]})
    )
    assert (bad.reason, bad.detail.partition("/")[2]) == ("dangling-reference", "gone")


@pytest.mark.parametrize("empty", [{}, {"reference": ""}, {"reference": "#"}, {"display": "x"}])
def test_a_reference_that_says_nothing(empty: Json) -> None:
    assert failure(made(result=[empty])).reason in ("dangling-reference", "wrong-resource")
    assert failure(made(subject=empty)).reason in ("missing-patient", "wrong-resource")


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ({"conclusionCode": [concept(("urn:oid:" + fhir.kith.OID + "8269", "msis-um", ""))]}, "MSIS-UM"),
        ({"extension": [{"url": "x", "valueCodeableConcept": concept(("http://ehelse.no/fhir/CodeSystem/no-kodeverk-8269", "MSIS-AV", ""))}]}, "MSIS-AV"),
        ({"extension": [{"url": "x", "valueCoding": {"code": "MSIS-M"}}]}, "MSIS-M"),
        ({"conclusionCode": [concept((fhir.SNOMED, "MSIS-M", ""))]}, ""),
        ({"conclusionCode": [concept((fhir.kith.OID + "8269", "TA", ""))]}, ""),
    ],
)  # fmt: skip
def test_the_notifiable_code(where: Json, code: str) -> None:
    assert only(made(**where)).notifiable == code
