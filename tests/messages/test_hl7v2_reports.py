"""ORU^R01 to lab reports: sender, numbers, versions, times, patient, specimens, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from messages import hl7v2_builder as hl7
from messages.numbers import some_number
from varde.messages import Code, Failure, LabReport, PersonId
from varde.messages.hl7v2.reports import read_hl7v2

RECEIVED = datetime(2026, 1, 8, 12, tzinfo=UTC)
FNR = "2.16.578.1.12.4.1.4.1"
ISO = "NO&2.16.578.1.12.4.1.4.1&ISO"


def every(data: bytes, received: datetime | None = RECEIVED) -> list[LabReport | Failure]:
    return list(read_hl7v2(data, received))


def report(data: bytes, received: datetime | None = RECEIVED) -> LabReport:
    (record,) = read_hl7v2(data, received)
    assert isinstance(record, LabReport), record
    return record


def failure(data: bytes, received: datetime | None = RECEIVED) -> Failure:
    (record,) = read_hl7v2(data, received)
    assert isinstance(record, Failure), record
    return record


def of_header(**fields: str | None) -> bytes:
    return hl7.message(hl7.pid(), hl7.obr(), hl7.organism(), hl7.spm(), head=hl7.header(**fields))


def of_order(*results: str, **fields: str | None) -> bytes:
    filler = fields.pop("f3", "R1")
    return hl7.message(
        hl7.pid(), hl7.obr(filler, **fields), *(results or [hl7.organism()]), hl7.spm()
    )


def of_patient(number: str | None = "4711^^^FJORDBY^MR", **fields: str | None) -> bytes:
    head = fields.pop("head", None)
    segments = (hl7.pid(number, **fields), hl7.obr(), hl7.organism(), hl7.spm())
    return hl7.message(*segments, head=head)


def test_a_whole_report() -> None:
    data = hl7.message(
        hl7.pid(
            f"{some_number()}^^^{ISO}^NNNOR", f11="Gata 1^^Fjordby^^5000^NOR^H^^4601", f8="F"
        ),
        hl7.segment("PV1", f1="1", f2="I", f3="MED1^2^3^FJORDBY"),
        hl7.segment("ORC", f1="RE", f2="P1", f3="R1"),
        hl7.obr(), hl7.organism(), hl7.test(), hl7.spm(),
    )  # fmt: skip
    assert report(data) == LabReport(
        sender="HER:91843",
        sender_name="FJORDBY",
        message_id="M1",
        report_id="R1",
        generated=datetime(2026, 1, 7, 11, tzinfo=UTC),
        discipline="MB",
        patient=report(data).patient,
        specimens=report(data).specimens,
        findings=report(data).findings,
        looked_for=report(data).looked_for,
        scope="part",
    )
    patient = report(data).patient
    assert patient.identifier == PersonId(kind="FNR", value=some_number())
    assert (patient.sex, patient.birth_date) == ("F", date(1984, 3, 17))
    assert patient.municipality == "4601"
    (specimen,) = report(data).specimens
    assert (specimen.specimen_id, specimen.ward) == ("S1", "MED1")
    assert specimen.materials == (Code(system="8351", code="U", text="Urin"),)
    assert specimen.collected == datetime(2026, 1, 5, 9, tzinfo=UTC)


# Sender and numbers


@pytest.mark.parametrize(
    ("system", "institution", "sender", "name"),
    [
        ("LIS", "FJORDBY^2.16.578.1.12.4.1.2.91843^ISO", "HER:91843", "FJORDBY"),
        ("LIS", "91843^2.16.578.1.12.4.1.2^ISO", "HER:91843", "91843"),
        ("LIS", "^2.16.578.1.12.4.1.4.101.985626154^ISO", "ENH:985626154", "LIS"),
        ("X^2.16.578.1.12.4.1.2.7^ISO", "FJORDBY", "HER:7", "FJORDBY"),
        ("LIS", "KARO^1.2.752.129.2.1.4.1^ISO", "HL7:1.2.752.129.2.1.4.1", "KARO"),
        ("LIS", "KARO", "HL7:KARO", "KARO"),
        ("LIS", None, "HL7:LIS", "LIS"),
        ("LIS", '""', "HL7:LIS", "LIS"),
        (None, "^lab.example.se^DNS", "HL7:lab.example.se", ""),
    ],
)
def test_senders(system: str | None, institution: str | None, sender: str, name: str) -> None:
    found = report(of_header(f3=system, f4=institution))
    assert (found.sender, found.sender_name) == (sender, name)


@pytest.mark.parametrize(
    ("filler", "placer", "control", "number"),
    [
        ("R1^LAB", "P1", None, "R1"),
        (None, "P1^EPIC", None, "P1"),
        (None, None, hl7.segment("ORC", f1="RE", f2="P9", f3="R9"), "R9"),
        (None, None, None, "M1"),
        ('""', "P1", None, "P1"),
    ],
)
def test_numbers_of_reports(
    filler: str | None, placer: str | None, control: str | None, number: str
) -> None:
    before = [control] if control else []
    data = hl7.message(hl7.pid(), *before, hl7.obr(filler, f2=placer), hl7.organism(), hl7.spm())
    assert report(data).report_id == number


def test_several_reports_in_one_message() -> None:
    data = hl7.message(
        hl7.pid(), hl7.obr("R1"), hl7.organism(), hl7.spm(),
        hl7.obr("R2", f25="?"), hl7.organism(), hl7.spm(),
        hl7.obr("R3"), hl7.organism(hl7.AUREUS), hl7.spm(),
    )  # fmt: skip
    first, second, third = every(data)
    assert isinstance(first, LabReport) and isinstance(third, LabReport)
    assert isinstance(second, Failure)
    assert [r.message_id for r in (first, second, third)] == ["M1", "M1#2", "M1#3"]
    assert [r.report_id for r in (first, second, third)] == ["R1", "R2", "R3"]
    assert (second.item, second.reason, second.place) == (1, "unknown-code", "OBR[2]-25")


def test_items_count_over_messages() -> None:
    bad = of_order(f25="?")
    assert [r.item for r in every(bad + of_order() + bad) if isinstance(r, Failure)] == [0, 2]


def test_orders_with_one_number_are_one_report() -> None:
    data = hl7.message(
        hl7.pid(), hl7.obr("R1"), hl7.organism(), hl7.spm("A"),
        hl7.obr("R1"), hl7.organism(hl7.AUREUS), hl7.spm("B", collected="20260105110000"),
    )  # fmt: skip
    found = report(data)
    assert [s.specimen_id for s in found.specimens] == ["A", "B"]
    assert [f.specimen for f in found.findings] == [1, 2]


def test_one_number_for_two_patients_is_refused() -> None:
    data = hl7.message(
        hl7.pid("1^^^L^MR"), hl7.obr(), hl7.organism(), hl7.spm(),
        hl7.pid("2^^^L^MR"), hl7.obr(), hl7.organism(), hl7.spm(),
    )  # fmt: skip
    first, second = every(data)
    assert isinstance(first, LabReport)
    assert isinstance(second, Failure) and second.reason == "several-patients"


# Versions


@pytest.mark.parametrize(
    ("order", "results", "service", "status"),
    [
        ("F", "F", "N", "F"), ("P", "P", "N", "P"), ("P", "F", "N", "P"), ("C", "C", "M", "F"),
        ("F", "C", "M", "F"), ("X", "X", "C", "F"), ("A", "F", "N", "S"), ("R", "R", "N", "S"),
        ("S", "S", "N", "S"), ("I", "I", "N", "S"), ("O", "O", "N", "P"), ("M", "F", "M", "P"),
        ("f", "F", "N", "F"), ("F^Final^HL70123", "F", "N", "F"),
        (None, "F", "N", "F"), (None, "P", "N", "P"), (None, "C", "M", "F"), (None, "S", "N", "S"),
        (None, "U", "N", "F"),
    ],
)  # fmt: skip
def test_states(order: str | None, results: str, service: str, status: str) -> None:
    found = report(of_order(hl7.organism(f11=results), f25=order))
    assert (found.service_type, found.status) == (service, status)


def test_results_of_several_states_are_partial() -> None:
    found = report(of_order(hl7.organism(f11="F"), hl7.test(f11="P"), f25=None))
    assert (found.service_type, found.status) == ("N", "S")


@pytest.mark.parametrize("order", ["?", "Y", "Z"])
def test_unknown_states_are_refused(order: str) -> None:
    found = failure(of_order(f25=order))
    assert (found.reason, found.place, found.detail) == ("unknown-code", "OBR[1]-25", order)


def test_no_state_at_all_is_refused() -> None:
    assert failure(of_order(hl7.organism(f11=None), f25=None)).reason == "unknown-code"


@pytest.mark.parametrize(
    ("control", "order"), [("CA", None), ("OC", None), ("CR", None), ("RE", "X"), ("CA", "X")]
)
def test_cancelled_reports_keep_their_identity_alone(control: str, order: str | None) -> None:
    orc = hl7.segment("ORC", f1=control, f3="R1")
    data = hl7.message(hl7.pid(), orc, hl7.obr(f25=order), hl7.organism(), hl7.spm(collected="?"))
    found = report(data)
    assert (found.service_type, found.report_id) == ("C", "R1")
    assert not found.specimens and not found.findings and not found.negative


@pytest.mark.parametrize("control", ["CA", "OC", "CR", "ca"])
@pytest.mark.parametrize("order", ["F", "P", "C"])
def test_an_order_that_is_cancelled_and_answered_with_a_finding_waits(
    control: str, order: str
) -> None:
    """What was found is neither lost nor counted. A remark on why it was cancelled is no finding, and a result that is
    taken back none either."""
    orc = hl7.segment("ORC", f1=control, f3="R1")
    found = failure(hl7.message(hl7.pid(), orc, hl7.obr(f25=order), hl7.organism(), hl7.spm()))
    assert (found.reason, found.place) == ("contradictory-result", "ORC[1]-1")
    for result in (
        hl7.obx(("", "Kommentar", "L"), "Prøven er hemolysert", "ST"),
        hl7.organism(f11="X"),
        hl7.organism(("264868006", "No growth", "SCT")),
        *[()] * (order == "F"),
    ):
        data = hl7.message(hl7.pid(), orc, hl7.obr(f25=order), result, hl7.spm())
        assert report(data).service_type == "C"


def test_cancelled_by_order_status_where_the_order_says_nothing() -> None:
    orc = hl7.segment("ORC", f1="RE", f3="R1", f5="CA")
    assert report(hl7.message(hl7.pid(), orc, hl7.obr(f25=None))).service_type == "C"
    assert report(hl7.message(hl7.pid(), orc, hl7.obr(f25="F"))).service_type == "N"


def test_a_cancelled_report_needs_no_patient_and_no_line_end() -> None:
    data = hl7.message(hl7.obr(f25="X"))
    assert report(data).service_type == "C"
    assert report(data[:-1]).service_type == "C"


def test_a_pending_panel_makes_a_final_culture_partial() -> None:
    data = hl7.message(
        hl7.pid(), hl7.obr(), hl7.organism(), hl7.spm(),
        hl7.obr("R2", hl7.PANEL, **hl7.child(f25="P")),
    )  # fmt: skip
    assert report(data).status == "S"


def test_a_corrected_panel_modifies_and_a_cancelled_one_is_left_out() -> None:
    data = hl7.message(
        hl7.pid(), hl7.obr(), hl7.organism(), hl7.spm(),
        hl7.obr("R2", hl7.PANEL, **hl7.child(f25="C")), hl7.test(),
        hl7.obr("R3", hl7.PANEL, **hl7.child(f25="X")), hl7.test(hl7.CIPROFLOXACIN),
    )  # fmt: skip
    found = report(data)
    assert (found.service_type, found.status) == ("M", "F")
    assert [s.antibiotics[0].code for s in found.findings[0].susceptibilities] == ["18864-9"]


# Times


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("20260107120000", datetime(2026, 1, 7, 11, tzinfo=UTC)),
        ("202601071200", datetime(2026, 1, 7, 11, tzinfo=UTC)),
        ("2026010712", datetime(2026, 1, 7, 11, tzinfo=UTC)),
        ("20260107", datetime(2026, 1, 6, 23, tzinfo=UTC)),
        ("20260107120000.1234+0200", datetime(2026, 1, 7, 10, tzinfo=UTC)),
        ("20260107120000-0500", datetime(2026, 1, 7, 17, tzinfo=UTC)),
        ("20260107120000+0000^S", datetime(2026, 1, 7, 12, tzinfo=UTC)),
        ("2026-01-07T12:00:00", datetime(2026, 1, 7, 11, tzinfo=UTC)),
        ("2026-01-07T12:00:00Z", datetime(2026, 1, 7, 12, tzinfo=UTC)),
    ],
)
def test_times_of_versions(written: str, expected: datetime) -> None:
    assert report(of_header(f7=written)).generated == expected


def test_times_without_zone_are_in_the_zone_of_the_message() -> None:
    found = report(of_header(f7="20260107120000-0500"))
    assert found.specimens[0].collected == datetime(2026, 1, 5, 15, tzinfo=UTC)
    own = hl7.message(
        hl7.pid(), hl7.obr(), hl7.organism(), hl7.spm(collected="20260105100000+0200"),
        head=hl7.header(f7="20260107120000-0500"),
    )  # fmt: skip
    assert report(own).specimens[0].collected == datetime(2026, 1, 5, 8, tzinfo=UTC)


def test_a_day_without_hour_is_norwegian_midnight_in_any_zone() -> None:
    data = hl7.message(
        hl7.pid(), hl7.obr(), hl7.organism(), hl7.spm(collected="20260105"),
        head=hl7.header(f7="20260107120000-0500"),
    )  # fmt: skip
    assert report(data).specimens[0].collected == datetime(2026, 1, 4, 23, tzinfo=UTC)


def test_without_time_of_the_message_the_latest_change_counts() -> None:
    data = hl7.message(
        hl7.pid(), hl7.obr(f22="20260106120000"), hl7.organism(), hl7.spm(),
        hl7.obr("R2", hl7.PANEL, **hl7.child(f22="20260107130000+0100")), hl7.test(),
        head=hl7.header(f7=None),
    )  # fmt: skip
    assert report(data).generated == datetime(2026, 1, 7, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "reason", "place"),
    [
        ({"f7": "20261340"}, "bad-date", "MSH[1]-7"),
        ({"f7": "2026"}, "bad-date", "MSH[1]-7"),
        ({"f7": "20260107120000+9900"}, "bad-date", "MSH[1]-7"),
        ({"f7": "19260107"}, "absurd-date", "MSH[1]-7"),
        ({"f7": "20260110"}, "future-generated", "MSH[1]-7"),
        ({"f10": None}, "missing-message-id", "MSH[1]-10"),
        ({"f3": None, "f4": None}, "missing-sender", "MSH[1]-4"),
        ({"f11": "T"}, "test-message", "MSH[1]-11"),
        ({"f11": "D^T"}, "test-message", "MSH[1]-11"),
        ({"f9": "ORM^O01"}, "wrong-message-type", "MSH[1]-9"),
        ({"f9": "ORU^R30"}, "wrong-message-type", "MSH[1]-9"),
        ({"f9": None}, "wrong-message-type", "MSH[1]-9"),
    ],
)
def test_headers_that_are_refused(fields: dict[str, str | None], reason: str, place: str) -> None:
    found = failure(of_header(**fields))
    assert (found.reason, found.place) == (reason, place)
    assert found.report_id == "R1"
    assert found.message_id == ("" if reason == "missing-message-id" else "M1")
    assert found.sender == ("" if reason == "missing-sender" else "HER:91843")


@pytest.mark.parametrize("kind", ["ORU", "ORU^R01", "oru^r01", "ORU^R01^ORU_R01"])
def test_message_types(kind: str) -> None:
    assert report(of_header(f9=kind)).report_id == "R1"


def test_a_version_without_any_time_is_refused() -> None:
    data = hl7.message(
        hl7.pid(), hl7.obr(f22=None), hl7.organism(), hl7.spm(), head=hl7.header(f7=None)
    )
    assert failure(data).reason == "missing-generated"


def test_without_arrival_nothing_is_ahead() -> None:
    assert report(of_header(f7="20990101"), None).generated.year == 2098
    ahead = RECEIVED + timedelta(hours=24)
    stamp = ahead.strftime("%Y%m%d%H%M%S+0000")
    assert report(of_header(f7=stamp)).generated == ahead
    late = (ahead + timedelta(seconds=1)).strftime("%Y%m%d%H%M%S+0000")
    assert failure(of_header(f7=late)).reason == "future-generated"


# Patients


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (f"{some_number()}^^^{ISO}^NNNOR", PersonId(kind="FNR", value=some_number())),
        (f"{some_number()}^^^NO^NNNOR", PersonId(kind="FNR", value=some_number())),
        (f"{some_number()}^^^&{FNR}&ISO^NI", PersonId(kind="FNR", value=some_number())),
        (f"{some_number()}^^^{FNR}^PI", PersonId(kind="FNR", value=some_number())),
        (
            f"{some_number(day=40)}^^^{ISO}^NNNOR",
            PersonId(kind="DNR", value=some_number(day=40)),
        ),
        (
            "812345678901^^^&2.16.578.1.12.4.1.4.5&ISO^NI",
            PersonId(kind="DUF", value="812345678901"),
        ),
        (
            f"4711^^^L^MR~{some_number()[:6]} {some_number()[6:]}^^^{ISO}^NNNOR",
            PersonId(kind="FNR", value=some_number()),
        ),
        ("4711^^^L^MR", PersonId(kind="LOCAL", value="4711", issuer="HER:91843/L")),
        ("4711", PersonId(kind="LOCAL", value="4711", issuer="HER:91843")),
        (
            "191212121212^^^SE&1.2.752.129.2.1.3.1&ISO^NI",
            PersonId(kind="LOCAL", value="191212121212", issuer="1.2.752.129.2.1.3.1"),
        ),
        (
            "V1^^^L^VN~4711^^^L^MR~N1^^^S&1.2.3&ISO^NNSWE",
            PersonId(kind="LOCAL", value="N1", issuer="1.2.3"),
        ),
        ("V1^^^L^VN", None),
        ("^^^L^MR", None),
        ('""', None),
        (None, None),
    ],
)
def test_identifiers(field: str | None, expected: PersonId | None) -> None:
    assert report(of_patient(field)).patient.identifier == expected


def test_the_older_field_for_foreign_numbers() -> None:
    found = report(of_patient(None, f2="4711^^^L")).patient.identifier
    assert found == PersonId(kind="LOCAL", value="4711", issuer="HER:91843/L")


@pytest.mark.parametrize(
    ("address", "country", "expected"),
    [
        ("^^^^^NOR^H^^4601", None, "4601"),
        ("^^^^^^H^^4601", None, "4601"),
        ("^^^^^^H^^4601", "NOR", "4601"),
        ("^^^^^^H^^0180", "SWE", ""),
        ("^^^^^SE^H^^0180", "NOR", ""),
        ("^^^^^NOR^H^^Vestland", None, ""),
        ("^^^^^NOR^H", None, ""),
        ("^^^^^SE^B^^0180~^^^^^NO^H^^4601", None, "4601"),
        (None, None, ""),
    ],
)
def test_municipalities(address: str | None, country: str | None, expected: str) -> None:
    data = of_patient(f11=address, head=hl7.header(f17=country))
    assert report(data).patient.municipality == expected


@pytest.mark.parametrize(
    ("born", "expected"),
    [("19840317", date(1984, 3, 17)), ("198403170830", date(1984, 3, 17)), ("1984", None),
     ("198403", None), ("19841399", None), (None, None), ("0", None)],
)  # fmt: skip
def test_birth_dates(born: str | None, expected: date | None) -> None:
    assert report(of_patient(f7=born)).patient.birth_date == expected


@pytest.mark.parametrize(
    ("sex", "expected"), [("F", "F"), ("m", "M"), ("U", ""), ("O", ""), (None, ""), ("X", "")]
)
def test_sexes(sex: str | None, expected: str) -> None:
    assert report(of_patient(f8=sex)).patient.sex == expected


@pytest.mark.parametrize(
    ("data", "reason", "place"),
    [
        (of_patient(f"12345678901^^^{ISO}^NNNOR"), "invalid-identity-number", "PID[1]-3"),
        (
            of_patient(f"{some_number()}^^^{ISO}^NNNOR", f7="19840318"),
            "contradictory-birth-date",
            "PID[1]-7",
        ),
        (
            of_patient(f"{some_number()}^^^{ISO}^NNNOR", f8="M"),
            "contradictory-sex",
            "PID[1]-8",
        ),
        (of_patient(f7="20260106"), "born-after-collected", "PID[1]-7"),
        (of_patient(f35="448771007^Dog^SCT"), "not-human", "PID[1]-35"),
        (hl7.message(hl7.obr(), hl7.organism(), hl7.spm()), "missing-patient", "OBR[1]"),
    ],
)
def test_patients_that_are_refused(data: bytes, reason: str, place: str) -> None:
    found = failure(data)
    assert (found.reason, found.place) == (reason, place)
    assert "12345678901" not in repr(found)


def test_humans_are_human() -> None:
    assert report(of_patient(f35="337915000^Homo sapiens^SCT")).report_id == "R1"


# Specimens


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("U&Urin&8351", (Code(system="8351", code="U", text="Urin"),)),
        ("U&Urin&8351^^Midtstrøm", (Code(system="8351", code="U", text="Urin"), Code(text="Midtstrøm"))),
        ("^^Urine", (Code(text="Urine"),)),
        ("UR", (Code(code="UR"),)),
        ("UR^Urine^HL70070", (Code(system="HL70070", code="UR", text="Urine"),)),
        ("U&Urin&8351&UR&Urine&HL70070",
         (Code(system="8351", code="U", text="Urin"), Code(system="HL70070", code="UR", text="Urine"))),
        (None, ()),
    ],
)  # fmt: skip
def test_materials_before_2_5(source: str | None, expected: tuple[Code, ...]) -> None:
    data = hl7.message(hl7.pid(), hl7.obr(f15=source), hl7.organism(), head=hl7.header(f12="2.3"))
    (specimen,) = report(data).specimens
    assert specimen.materials == expected
    assert specimen.collected == datetime(2026, 1, 5, 9, tzinfo=UTC)


def of_specimen(*specimens: str, **order: str | None) -> bytes:
    return hl7.message(hl7.pid(), hl7.obr(**order), hl7.organism(), *specimens)


def test_a_specimen_without_time_has_the_orders() -> None:
    (found,) = report(of_specimen(hl7.spm(collected=None))).specimens
    assert found.collected == datetime(2026, 1, 5, 9, tzinfo=UTC)


def test_collection_may_be_an_interval() -> None:
    (found,) = report(of_specimen(hl7.spm(collected="202601051000^202601051030"))).specimens
    assert found.collected == datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "reason", "place"),
    [
        (of_specimen(hl7.spm(collected=None), f7=None), "missing-collected", "OBR[1]-7"),
        (of_specimen(hl7.spm(collected="2026")), "bad-date", "SPM[1]-17"),
        (of_specimen(hl7.spm(collected="19260105")), "absurd-date", "SPM[1]-17"),
        (of_specimen(hl7.spm(collected="20260109")), "future-collected", "SPM[1]-17"),
        (of_specimen(f7="20260109"), "future-collected", "OBR[1]-7"),
        (of_specimen(f7=None), "missing-specimen", "OBR[1]"),
        (of_specimen(hl7.spm("A"), hl7.spm("B")), "unknown-specimen", "OBR[1]"),
        (of_specimen(hl7.spm(f11="Q^Control^HL70369")), "not-human", "SPM[1]-11"),
        (of_specimen(*(hl7.spm(f"S{n}") for n in range(901))), "too-many-specimens", "OBR[1]"),
    ],
)
def test_specimens_that_are_refused(data: bytes, reason: str, place: str) -> None:
    found = failure(data)
    assert (found.reason, found.place) == (reason, place)


def test_the_same_specimen_twice_is_one() -> None:
    assert len(report(of_specimen(hl7.spm(), hl7.spm())).specimens) == 1


def test_several_specimens_without_finding_are_kept() -> None:
    data = hl7.message(
        hl7.pid(), hl7.obr(), hl7.organism(("", "No growth")), hl7.spm("A"), hl7.spm("B")
    )
    found = report(data)
    assert len(found.specimens) == 2 and found.negative


def test_a_panel_is_about_its_parents_specimen() -> None:
    data = hl7.message(
        hl7.pid(), hl7.obr(), hl7.organism(), hl7.spm(),
        hl7.obr("R2", hl7.PANEL, **hl7.child()), hl7.test(), hl7.spm("I1", ("ISO", "Isolate", "L")),
    )  # fmt: skip
    assert [s.specimen_id for s in report(data).specimens] == ["S1"]


@pytest.mark.parametrize(
    ("stay", "orc", "expected"),
    [
        ("MED1^2^3^HOSP", None, "MED1"),
        ("MED1^2^3^HOSP^^^^^Medisinsk post", None, "Medisinsk post"),
        (None, "Fjordby legesenter^L", "Fjordby legesenter"),
        (None, None, ""),
    ],
)
def test_wards(stay: str | None, orc: str | None, expected: str) -> None:
    before = [hl7.segment("PV1", f2="I", f3=stay)] if stay else []
    before += [hl7.segment("ORC", f1="RE", f21=orc)] if orc else []
    data = hl7.message(hl7.pid(), *before, hl7.obr(), hl7.organism(), hl7.spm())
    assert report(data).specimens[0].ward == expected


# Disciplines and order of segments


@pytest.mark.parametrize("section", ["CH", "HM", "RAD", None])
def test_other_disciplines_are_refused(section: str | None) -> None:
    data = hl7.message(
        hl7.pid(), hl7.obr("R1", ("718-7", "Hemoglobin", "LN"), f24=section),
        hl7.obx(("718-7", "Hemoglobin", "LN"), "14.1", "NM", f6="g/dL", f8="N"), hl7.spm(),
    )  # fmt: skip
    found = failure(data)
    assert (found.reason, found.detail) == ("not-microbiology", section or "")


@pytest.mark.parametrize("section", ["MB", "VR", "MBIO"])
def test_microbiology_without_culture_is_accepted(section: str) -> None:
    pcr = ("94500-6", "SARS-CoV-2 RNA", "LN")
    data = of_order(hl7.obx(pcr, "260373001^Detected^SCT"), f24=section)
    found = report(data)
    assert found.discipline == section and not found.negative
    assert [finding.method for finding in found.findings] == ["nucleic-acid"]


def test_a_culture_of_no_section_is_microbiology() -> None:
    assert report(of_order(f24=None)).findings


def test_segments_in_odd_order() -> None:
    usual = report(hl7.message(hl7.pid(), hl7.obr(), hl7.organism(), hl7.test(), hl7.spm()))
    for segments in (
        [hl7.obr(), hl7.organism(), hl7.test(), hl7.spm(), hl7.pid()],
        [hl7.pid(), hl7.spm(), hl7.obr(), hl7.organism(), hl7.test()],
        [hl7.pid(), hl7.organism(), hl7.obr(), hl7.test(), hl7.spm()],
        [hl7.spm(), hl7.obr(), hl7.pid(), hl7.organism(), hl7.test()],
        [hl7.pid(), hl7.pid(), hl7.obr(), hl7.pid(), hl7.organism(), hl7.test(), hl7.spm()],
    ):
        assert report(hl7.message(*segments)) == usual


def test_two_patients_in_one_message() -> None:
    data = hl7.message(
        hl7.pid("1"), hl7.obr("R1"), hl7.organism(), hl7.spm(),
        hl7.pid("2"), hl7.obr("R2"), hl7.organism(), hl7.spm(),
    )  # fmt: skip
    values = [r.patient.identifier for r in every(data) if isinstance(r, LabReport)]
    assert [v.value for v in values if v] == ["1", "2"]


def test_a_message_without_orders_has_no_report() -> None:
    found = failure(hl7.message(hl7.pid()))
    assert (found.reason, found.place, found.message_id) == ("no-report", "PID[1]", "M1")


def test_the_same_message_twice_is_given_twice() -> None:
    first, second = every(of_order() * 2)
    assert first == second


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("20261340", "2026-13-40"), ("202613", "2026-13"), ("2026134010", "2026-13-40 10"),
        ("202613401030", "2026-13-40 10:30"), ("20260105103099", "2026-01-05 10:30:99"),
        ("20260105103099.123456+0100", "2026-01-05 10:30:99 +0100"),
        ("202601051030+9900", "2026-01-05 10:30 +9900"), ("202601051030-9900", "2026-01-05 10:30 -9900"),
        ("12345678901", "••••••"), ("2026134", "••••••"), ("2026", "2026"), ("in 20261340", "in ••••••"),
    ],
)  # fmt: skip
def test_a_time_that_cannot_be_is_shown_and_any_other_number_is_not(
    written: str, shown: str
) -> None:
    order = (hl7.pid(), hl7.obr(), hl7.organism())
    at = hl7.message(*order, hl7.spm(collected=written))
    made = hl7.message(*order, hl7.spm(), head=hl7.header(f7=written))
    changed = hl7.message(
        hl7.pid(), hl7.obr(f22=written), hl7.organism(), hl7.spm(), head=hl7.header(f7=None)
    )
    for data, place in ((at, "SPM[1]-17"), (made, "MSH[1]-7"), (changed, "OBR[1]-22")):
        (found,) = read_hl7v2(data)
        assert isinstance(found, Failure)
        assert (found.reason, found.place, found.detail) == ("bad-date", place, shown)
