"""The report around the results: ids, versions, sender, patient, specimens, times."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from messages import kith_builder as kith
from messages.numbers import some_number
from varde.messages import Failure, LabReport, Patient, PersonId, read


def only(data: bytes) -> LabReport:
    (report,) = read(data)
    assert isinstance(report, LabReport), report
    return report


def of_patient(**more: str | None) -> Patient:
    person = kith.patient(kith.specimen(), **more)  # type: ignore[arg-type]
    return only(kith.message(kith.report(person))).patient


@pytest.mark.parametrize("version", ["1.3", "1.4"])
def test_the_whole_of_a_small_report(version: str) -> None:
    number = some_number()
    person = kith.patient(
        kith.specimen("S1", free="Midtstråleurin"),
        kith.identification("Escherichia coli"),
        number=number, sex="2", born="1984-03-17", municipality="4601",
    )  # fmt: skip
    report = only(kith.message(kith.report(person, comments=["TA", "MSIS-M"]), version=version))
    assert report.sender == "HER:91843"
    assert report.sender_name == "Fjordby sykehus, Mikrobiologi"
    assert (report.message_id, report.report_id) == ("M1", "R1")
    assert (report.service_type, report.status, report.discipline) == ("N", "F", "MBIO")
    assert report.generated == datetime(2026, 1, 7, 11, tzinfo=UTC)
    assert report.notifiable == "MSIS-M"
    assert report.patient.identifier == PersonId(kind="FNR", value=number)
    assert report.patient.birth_date == date(1984, 3, 17)
    assert (report.patient.sex, report.patient.municipality) == ("F", "4601")
    (specimen,) = report.specimens
    assert specimen.collected == datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert [code.text for code in specimen.materials] == ["Urin", "Midtstråleurin"]
    assert specimen.materials[0].code == "U"
    assert len(report.findings) == 1


def test_several_reports_in_one_message() -> None:
    bad = kith.report(status="X")
    data = kith.message(kith.report(own="A"), bad, kith.report(own="C"), version="1.3")
    first, second, third = read(data)
    assert isinstance(first, LabReport) and isinstance(third, LabReport)
    assert (first.message_id, third.message_id) == ("M1", "M1#3")
    assert isinstance(second, Failure)
    assert (second.item, second.message_id, second.reason) == (1, "M1#2", "unknown-code")


@pytest.mark.parametrize(
    ("own", "request_id", "number", "expected"),
    [
        ("R1", "Q", "N", "R1"),
        ("M1", "Q", "N", "N"),
        ("M1", "Q", None, "Q"),
        (None, "NULL", "N", "N"),
        (None, None, None, "M1"),
        ("NULL", "NULL", None, "M1"),
    ],
)
def test_the_report_id(
    own: str | None, request_id: str | None, number: str | None, expected: str
) -> None:
    request = kith.element(
        "ServReq", kith.text("Id", request_id), kith.text("IdByServProvider", number)
    )
    assert only(kith.message(kith.report(own=own, request=request))).report_id == expected


@pytest.mark.parametrize(
    ("sent", "status"), [("F", "F"), ("P", "P"), ("A", "F"), ("S", "P"), ("f", "F")]
)
def test_status(sent: str, status: str) -> None:
    assert only(kith.message(kith.report(status=sent))).status == status


@pytest.mark.parametrize(
    ("service", "read_as"), [("N", "A"), ("M", "A"), ("A", "A"), ("C", "C"), ("K", "C"), ("H", "H")]
)
def test_an_addition_by_its_status_is_one(service: str, read_as: str) -> None:
    for status in ("A", "a"):
        report = only(kith.message(kith.report(service=service, status=status)))
        assert (report.service_type, report.status) == (read_as, "F")


@pytest.mark.parametrize("service", ["N", "M", "C", "H", "A"])
def test_service_types(service: str) -> None:
    assert only(kith.message(kith.report(service=service))).service_type == service


def test_a_cancelled_report_needs_no_patient_and_no_results() -> None:
    loose = kith.patient(kith.specimen(collected=None), kith.susceptibility(), number=some_number())
    report = only(kith.message(kith.report(loose, service="C")))
    assert (report.service_type, report.report_id, report.findings) == ("C", "R1", ())
    assert report.patient.identifier is not None


def test_a_cancelled_report_of_another_discipline_counts() -> None:
    """What it cancels may have been taken in for what was in it."""
    cancelled = only(kith.message(kith.report(service="C", discipline="CLIN")))
    assert (cancelled.service_type, cancelled.specimens) == ("C", ())


def test_another_discipline_with_a_culture_is_read() -> None:
    person = kith.patient(kith.specimen(), kith.culture("Ingen vekst"))
    assert only(kith.message(kith.report(person, discipline="CLIN"))).negative


def institution(*parts: str, name: str = "Fjordby sykehus") -> str:
    inside = kith.element("Inst", kith.text("Name", name), *parts)
    return kith.element("ServProvider", kith.element("HCP", inside))


def identifier(value: str, kind: str) -> str:
    return kith.text("Id", value) + kith.coded("TypeId", kind)


def additional(value: str, kind: str) -> str:
    return kith.element("AdditionalId", kith.text("Id", value), kith.coded("Type", kind))


def department(*parts: str) -> str:
    return kith.element("Dept", *parts)


@pytest.mark.parametrize(
    ("parts", "sender"),
    [
        ([identifier("13", "HER"), department(identifier("91843", "HER"))], "HER:91843"),
        ([identifier("13", "HER"), department(identifier("MIK", "LAV"))], "HER:13"),
        (
            [department(identifier("1", "HER")), department(identifier("2", "HER"))],
            "HER:2",
        ),
        (
            [
                identifier("894166762", "ENH"),
                department(identifier("MIK", "LAV"), additional("99392", "HER")),
                additional("84467", "HER"),
            ],
            "HER:99392",
        ),
        ([identifier("894166762", "ENH"), additional("84467", "HER")], "HER:84467"),
        ([identifier("894166762", "ENH"), department(identifier("M", "LAV"))], "ENH:894166762"),
        (
            [identifier("13", "HER"), "<Dept><Id>M</Id><AdditionalId>X</AdditionalId></Dept>"],
            "HER:13",
        ),
    ],
)
def test_the_sender_is_the_innermost_unit_with_a_national_id(parts: list[str], sender: str) -> None:
    assert only(kith.message(kith.report(sender=institution(*parts)))).sender == sender


def test_a_patient_without_number() -> None:
    found = of_patient(sex="1")
    assert found.described is not None
    assert found == Patient(sex="M", described=found.described)


def test_birth_date_and_sex_come_from_the_number_when_not_sent() -> None:
    person = of_patient(number=some_number(male=True))
    assert (person.birth_date, person.sex) == (date(1984, 3, 17), "M")


@pytest.mark.parametrize(("sent", "sex"), [("1", "M"), ("2", "F"), ("9", ""), ("0", ""), ("7", "")])
def test_sex(sent: str, sex: str) -> None:
    assert of_patient(sex=sent).sex == sex


def test_a_number_of_2032_says_nothing_of_sex() -> None:
    person = kith.patient(kith.specimen(), number=some_number(male=True, remainder=2), sex="2")
    said = kith.message(kith.report(person), generated="2032-01-07T12:00:00")
    assert only(said).patient.sex == "F"


@pytest.mark.parametrize(
    ("number", "sent", "kind", "issuer"),
    [
        (some_number(day=40), "DNR", "DNR", ""),
        (some_number(day=40), "FNR", "DNR", ""),
        (some_number(month=40), "HNR", "HNR", "HER:91843"),
        ("81234567890", "FHN", "FHN", ""),
        ("202612345678", "DUF", "DUF", ""),
        ("AB 1234", "XXX", "LOCAL", "HER:91843"),
    ],
)
def test_kinds_of_identifiers(number: str, sent: str, kind: str, issuer: str) -> None:
    found = of_patient(number=number, kind=sent).identifier
    assert found == PersonId(kind=kind, value=number.replace(" ", ""), issuer=issuer)


def test_blanks_in_a_number_are_removed() -> None:
    number = some_number()
    found = of_patient(number=f"{number[:6]} {number[6:]}").identifier
    assert found is not None and found.value == number


@pytest.mark.parametrize(
    ("sent", "found"), [("0301", "0301"), ("03", ""), ("NO", ""), ("030112", "")]
)
def test_municipality(sent: str, found: str) -> None:
    assert of_patient(municipality=sent).municipality == found


@pytest.mark.parametrize(
    ("sent", "utc"),
    [
        ("2026-01-05T10:00:00", datetime(2026, 1, 5, 9, tzinfo=UTC)),
        ("2025-07-05T10:00:00", datetime(2025, 7, 5, 8, tzinfo=UTC)),
        ("2026-01-05", datetime(2026, 1, 4, 23, tzinfo=UTC)),
        ("2026-01-05T10:00:00.1234567Z", datetime(2026, 1, 5, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2026-01-05T10:00:00+02:00", datetime(2026, 1, 5, 8, tzinfo=UTC)),
        ("2026-01-05T10:00", datetime(2026, 1, 5, 9, tzinfo=UTC)),
        ("2025-10-26T02:30:00", datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),
    ],
)
def test_times(sent: str, utc: datetime) -> None:
    report = only(kith.message(kith.report(kith.patient(kith.specimen(collected=sent)))))
    assert report.specimens[0].collected == utc


@pytest.mark.parametrize(
    "sent",
    [
        "2026",
        "2026-01",
        "05.01.2026",
        "10:00:00",
        "2026-02-30",
        "19xx-xx-xx",
        "0001-01-01T00:00:00+23:59",
    ],
)
def test_dates_that_are_none(sent: str) -> None:
    person = kith.patient(kith.specimen(collected=sent))
    (failure,) = read(kith.message(kith.report(person)))
    assert isinstance(failure, Failure) and failure.reason == "bad-date"


def test_a_specimen_may_be_stamped_a_little_later_than_the_answer() -> None:
    person = kith.patient(kith.specimen(collected="2026-01-07T15:00:00"))
    assert only(kith.message(kith.report(person))).specimens


def test_a_specimen_made_from_another_shares_its_time() -> None:
    inner = kith.specimen("S1b", collected=None)
    person = kith.patient(
        kith.specimen("S1", nested=inner), kith.identification("E. coli", specimen="S1b")
    )
    report = only(kith.message(kith.report(person)))
    assert [s.specimen_id for s in report.specimens] == ["S1", "S1b"]
    assert report.specimens[0].collected == report.specimens[1].collected
    assert report.findings[0].specimen == 2


def unit(*names: str) -> str:
    departments = [kith.element("Dept", kith.text("Name", name)) for name in names[1:]]
    return kith.element("Inst", kith.text("Name", names[0]), *departments)


@pytest.mark.parametrize(
    ("more", "ward"),
    [
        ("", ""),
        (kith.element("ResponsibleHcp", kith.coded("Relation", "REK"), kith.element("HCP", unit("Sykehus", "Post 2"))), "Post 2"),
        (kith.element("ResponsibleHcp", kith.coded("Relation", "REK"), kith.element("HCP", unit("Legekontor"))), "Legekontor"),
        (kith.element("ResponsibleHcp", kith.coded("Relation", "FAS"), kith.element("HCP", unit("Legekontor"))), ""),
        (kith.element("AdmLocation", kith.element("Location", kith.text("Description", "Intensiv"), unit("S"))), "Intensiv"),
        (kith.element("AdmLocation", kith.element("Location", unit("Sykehus", "Medisin"))), "Medisin"),
    ],
)  # fmt: skip
def test_the_ward_is_the_place_of_stay_or_the_requesting_unit(more: str, ward: str) -> None:
    report = only(kith.message(kith.report(kith.patient(kith.specimen(), more=more))))
    assert report.specimens[0].ward == ward


def test_no_identifier_in_any_representation() -> None:
    number = some_number()
    person = kith.patient(kith.specimen(), number=number)
    assert number not in repr(only(kith.message(kith.report(person))))


def test_no_identifier_in_a_failure() -> None:
    number = some_number()
    broken = kith.message(kith.report(own=number, status=number))
    (failure,) = read(broken)
    assert number[:6] not in repr(failure)


def test_stray_text_and_foreign_attachments_are_ignored() -> None:
    attachment = (
        '<RefDoc><Content><Base64Container xmlns="http://www.kith.no/xmlstds/base64container">'
        "JVBERi0xLjQK</Base64Container></Content></RefDoc>"
    )
    data = kith.message("&gt; \n", kith.report(request=attachment), version="1.3")
    assert only(data).report_id == "R1"


def test_prefixed_names_are_read_alike() -> None:
    plain = kith.simple(kith.culture("Escherichia coli"))
    prefixed = plain.replace(b"<", b"<k:").replace(b"<k:/", b"</k:").replace(b"<k:?", b"<?")
    prefixed = prefixed.replace(b"xmlns=", b"xmlns:k=")
    assert list(read(prefixed)) == list(read(plain))


@pytest.mark.parametrize("generated", ["1969-12-30T12:00:00", "2126-01-07T12:00:00"])
def test_an_answer_of_another_age_is_refused(generated: str) -> None:
    """A version dated far ahead would never be replaced."""
    (failure,) = read(kith.message(kith.report(), generated=generated))
    assert isinstance(failure, Failure) and failure.reason == "absurd-date"
