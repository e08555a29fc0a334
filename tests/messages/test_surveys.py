"""The surveys of NOIS: what a row states, what cannot be true, and versions in any order."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from messages.numbers import some_number
from messages.table_rows import FOLLOW_UP, PLACE, RECEIVED, SURGERY, TREATMENT, WARD, table
from varde.codes import CodeFileError
from varde.messages import Code, Failure, PersonId, read
from varde.messages.records import InfectionCount, Statement, Surgery, Treatment, WardPrevalence
from varde.messages.surveys import procedures as module
from varde.messages.surveys.forms import Values, write_surgery, write_treatments, write_ward
from varde.messages.surveys.prevalence import infection_columns
from varde.messages.surveys.procedures import group_of, procedures
from varde.messages.tables.definition import tables
from varde.register.standing import resolve
from varde.register.versions import version_key


def one(*rows: dict[str, str]) -> Any:
    (record,) = read(table(*rows).encode(), None, RECEIVED)
    return record


def refusal(row: dict[str, str]) -> tuple[str, str, str]:
    record = one(row)
    assert isinstance(record, Failure), record
    return record.reason, record.place.partition("column ")[2], record.detail


# Prevalence


def test_a_ward_states_its_counts() -> None:
    assert one(WARD) == WardPrevalence(
        sender="HER:91843",
        sender_name="Fjordby",
        message_id="avdeling/1",
        report_id="avdeling/1",
        generated=datetime(2026, 1, 20, 23, tzinfo=UTC),
        institution=Code(code="985626154", text="Fjordby sykehjem"),
        institution_kind="nursing-home",
        ward="2. etasje",
        ward_type="Langtid",
        municipality="4601",
        surveyed=date(2026, 1, 21),
        present=24,
        with_infection=2,
        on_antibiotics=3,
        infections=(
            InfectionCount(infection="uti-no-catheter", origin="own", count=1),
            InfectionCount(infection="skin", origin="own", count=1),
            InfectionCount(infection="skin", origin="other-hospital", count=0),
        ),
    )


def test_a_prescription_is_a_statement_that_counts_nobody() -> None:
    record = one(TREATMENT)
    assert (record.present, record.with_infection, record.on_antibiotics) == (0, None, None)
    assert record.infections == ()
    assert record.treatments == (
        Treatment(
            drugs=(Code(system="ATC", code="J01CA08", text="Pivmecillinam"),),
            indication="Nedre urinveisinfeksjon",
            classification="Helsetjenesteassosiert infeksjon",
            route="1",
            age=87,
            sex="F",
        ),
    )
    ward = one(WARD)
    shared = ("institution", "institution_kind", "ward", "ward_type", "municipality", "surveyed")
    assert all(getattr(record, name) == getattr(ward, name) for name in shared)


def test_hospitals_and_nursing_homes_are_asked_for_other_infections() -> None:
    hospital = {column.name for column in infection_columns("hospital")}
    home = {column.name for column in infection_columns("nursing-home")}
    assert len(hospital) == 21 and len(home) == 18 and len(hospital & home) == 9
    row = WARD | {"InstitusjonType": "Sykehus"}
    assert refusal(row) == (
        "contradictory-values",
        "AntallUrinveisInfeksjonerUtenUrinveiskateter_EgenInstitusjon",
        "hospital: 1",
    )


@pytest.mark.parametrize(
    ("changed", "heading", "detail"),
    [
        ({"AntallBeboereMedInfeksjon": "25"}, "AntallBeboereMedInfeksjon", "25 > 24"),
        ({"AntallBeboereSomGisAntibiotika": "25"}, "AntallBeboereSomGisAntibiotika", "25 > 24"),
        ({"AntallHudInfeksjoner_AnnetSykehus": "25"}, "AntallHudInfeksjoner_AnnetSykehus", "25 > 24"),
        ({"AntallBeboereMedInfeksjon": "0"}, "AntallBeboereMedInfeksjon", "0; 2"),
        ({"AntallPrimareBlodbaneinfeksjoner_AnnetSykehjem": "1"},
         "AntallPrimareBlodbaneinfeksjoner_AnnetSykehjem", "nursing-home: 1"),
    ],
)  # fmt: skip
def test_counts_that_cannot_be_true(changed: dict[str, str], heading: str, detail: str) -> None:
    assert refusal(WARD | changed) == ("contradictory-values", heading, detail)


def test_too_few_infections_are_a_fault_only_when_every_kind_is_counted() -> None:
    headings = [column.heading for column in infection_columns("nursing-home")]
    row = {name: value for name, value in WARD.items() if name not in headings}
    row |= {"AntallBeboereMedInfeksjon": "3", **dict.fromkeys(headings, "0"), headings[0]: "2"}
    assert refusal(row)[::2] == ("contradictory-values", "3; 2")
    assert one(row | {headings[1]: "1"}).with_infection == 3
    assert one(row | {headings[1]: ""}).with_infection == 3
    assert one(row | {headings[1]: "4"}).with_infection == 3, "one may have several infections"


def test_a_count_of_another_kind_of_institution_may_be_blank_or_zero() -> None:
    record = one(WARD | {"AntallPrimareBlodbaneinfeksjoner_EgenInstitusjon": "0"})
    assert {each.infection for each in record.infections} == {"uti-no-catheter", "skin"}


@pytest.mark.parametrize("row", [WARD, TREATMENT])
@pytest.mark.parametrize("heading", [*PLACE, "Avsendernavn", "Nummer", "Melding_id"])
def test_no_identity_comes_into_a_survey_of_wards(row: dict[str, str], heading: str) -> None:
    for cell in (some_number(), f"{some_number()[:6]} {some_number()[6:]}", f"x{some_number()}1"):
        record = one(row | {heading: cell})
        assert isinstance(record, Failure)
        assert some_number() not in repr(record) + record.report_id + record.message_id


# Surgery


def test_an_operation_states_itself() -> None:
    assert one(SURGERY) == Surgery(
        sender="HER:91843",
        sender_name="Fjordby",
        message_id="operasjon/1@2026-01-12T09:00:00+00:00",
        report_id="operasjon/1",
        status="P",
        generated=datetime(2026, 1, 12, 9, tzinfo=UTC),
        patient=one(SURGERY).patient,
        hospital=Code(code="974557746", text="Fjordby sykehus"),
        department="Ortopedi",
        procedure=Code(system="NCSP", code="NFB40"),
        procedure_group="hip-total",
        operated=date(2026, 1, 5),
        discharged=date(2026, 1, 10),
        urgent=False,
        asa=2,
        wound_class=1,
        minutes=85,
        prophylaxis=True,
        implant=True,
        at_discharge="none",
    )
    patient = one(SURGERY).patient
    assert patient.identifier == PersonId(kind="FNR", value=some_number())
    assert (patient.sex, patient.birth_date) == ("F", date(1984, 3, 17))


def test_a_patient_without_a_number_keeps_what_is_said() -> None:
    row = SURGERY | {"Fødselsnummer": "", "Fødselsdato": "17.03.1934", "Kjønn": "K", "Alder": "91", "Kommune": "301"}  # fmt: skip
    patient = one(row).patient
    assert (patient.identifier, patient.birth_date, patient.sex) == (None, date(1934, 3, 17), "F")
    assert (patient.age, patient.municipality) == (91, "0301")


@pytest.mark.parametrize(
    ("changed", "heading", "detail"),
    [
        ({"Utskrivningsdato": "2026-01-04"}, "Utskrivningsdato", "2026-01-04 < 2026-01-05"),
        ({"Oppfølgingsdato": "2026-01-04"}, "Oppfølgingsdato", "2026-01-04 < 2026-01-05"),
        ({"Dødsdato": "2026-01-04"}, "Dødsdato", "2026-01-04 < 2026-01-05"),
        ({"Infeksjonsdato": "2026-01-04"}, "Infeksjonsdato", "2026-01-04 < 2026-01-05"),
        ({"Infeksjonsdato": "2026-01-06"}, "Infeksjonsdato", "2026-01-06; none"),
        ({"Reoperasjon": "ja"}, "Reoperasjon", "none"),
        ({"InfeksjonOppfølging": "dyp"}, "Oppfølgingsdato", "deep"),
        ({"Fødselsnummer": "", "Fødselsdato": "2026-01-06"}, "Operasjonsdato", "2026-01-06 > 2026-01-05"),
    ],
)  # fmt: skip
def test_operations_that_cannot_be_true(changed: dict[str, str], heading: str, detail: str) -> None:
    every = dict.fromkeys(("Oppfølgingsdato", "Dødsdato", "Infeksjonsdato", "Reoperasjon"), "")
    assert refusal(SURGERY | every | changed) == ("contradictory-values", heading, detail)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, "P"),
        ({"InfeksjonUtskrivning": "dyp"}, "P"),
        ({"Oppfølgingsdato": "2026-01-30"}, "P"),
        ({"InfeksjonOppfølging": "ingen", "Oppfølgingsdato": "2026-01-20"}, "P"),
        ({"InfeksjonOppfølging": "ingen", "Oppfølgingsdato": "2026-01-30"}, "P"),
        ({"InfeksjonOppfølging": "ingen", "Oppfølgingsdato": "2026-01-31"}, "F"),
        ({"InfeksjonOppfølging": "overflatisk", "Oppfølgingsdato": "2026-01-12"}, "F"),
        ({"Dødsdato": "2026-01-09"}, "F"),
    ],
)
def test_an_operation_is_final_when_its_outcome_is_known(
    changed: dict[str, str], status: str
) -> None:
    row = SURGERY | {"Operasjonsdato": "2026-01-01"} | changed
    assert one(row).status == status


def current(records: list[Statement]) -> Statement:
    """What stands when all versions are known; the keys are those of the register."""
    encode = msgspec.msgpack.Encoder().encode
    found = resolve([(version_key(record, encode(record), encode), record) for record in records])
    assert found is not None
    return found[1]


def test_the_follow_up_stands_in_whatever_order_the_versions_come() -> None:
    first, followed = one(SURGERY), one(SURGERY | FOLLOW_UP)
    corrected = one(
        SURGERY | FOLLOW_UP | {"Tidspunkt": "2026-01-31", "InfeksjonOppfølging": "organ"}
    )
    assert first.report_id == followed.report_id == corrected.report_id
    assert [first.status, followed.status] == ["P", "F"]
    assert (followed.at_follow_up, followed.infected, followed.reoperated) == ("deep", date(2026, 1, 20), True)  # fmt: skip
    for versions in itertools.permutations([first, followed, corrected, first]):
        assert current(list(versions)) == corrected
    cancelled = one(SURGERY | {"Tidspunkt": "2026-01-31T12:00", "Type": "annullert"})
    for versions in itertools.permutations([first, cancelled, corrected]):
        assert current(list(versions)).service_type == "C"


# Procedures


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("FNC10", "cabg"), ("MCA10", "caesarean"), ("NFB00", "hip-hemi"), ("NFB12", "hip-hemi"),
        ("NFB20", "hip-total"), ("NFB40", "hip-total"), ("JFB30", "colon"), ("JFH00", "colon"),
        ("JKA21", "cholecystectomy"), ("JKA00", ""), ("JFB00", ""), ("NFC20", ""), ("NFB", ""),
    ],
)  # fmt: skip
def test_codes_are_of_the_surveyed_groups(code: str, group: str) -> None:
    assert group_of(code) == group


def test_an_operation_of_no_group_is_read_all_the_same() -> None:
    record = one(SURGERY | {"Prosedyrekode": "aaa 00"})
    assert (record.procedure.code, record.procedure_group) == ("AAA00", "")


def test_every_group_says_how_sure_its_codes_are() -> None:
    assert [group.key for group in procedures().groups] == [
        "cabg", "caesarean", "hip-hemi", "hip-total", "colon", "cholecystectomy",
    ]  # fmt: skip
    for group in procedures().groups:
        assert group.prefixes and all(3 <= len(each.prefix) <= 4 for each in group.prefixes)


@pytest.mark.parametrize(
    ("old", "new", "rule"), [('"FNB"', '"FNA1"', "begin with"), ('"certain"', '"sure"', "enum")]
)
def test_a_broken_list_of_procedures_stops_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, rule: str
) -> None:
    broken = tmp_path / "procedures.json"
    broken.write_text(module.FILE.read_text("utf-8").replace(old, new), "utf-8")
    monkeypatch.setattr(module, "FILE", broken)
    with pytest.raises(CodeFileError, match=rule):
        module.procedures.__wrapped__()


# Forms


SENT = datetime(2026, 1, 22, 9, 30, tzinfo=UTC)
FORM: Values = {
    "sender": "ENH:985626154", "report_id": "2026-1-A", "surveyed": date(2026, 1, 21),
    "institution_kind": "sykehjem", "institution": "985626154", "ward": 'Post "2"; øst',
    "municipality": "4601", "present": 24, "with_infection": "1", "on_antibiotics": None,
    "uti-catheter/own": 1,
}  # fmt: skip
PIVMECILLINAM: Values = {"atc": "J01CA08", "classification": "Medpro", "route": "PO", "age": 87}
METENAMIN: Values = {"atc": "J01XX05", "classification": "Medpro", "route": "1", "sex": "K"}


def accepted(data: bytes) -> list[Any]:
    found = list(read(data, None, RECEIVED))
    assert not [record for record in found if isinstance(record, Failure)], found
    return found


def test_a_form_of_a_ward_comes_in_by_the_door_of_all_others() -> None:
    (record,) = accepted(write_ward(FORM, SENT))
    assert (record.ward, record.present, record.with_infection) == ('Post "2"; øst', 24, 1)
    assert (record.generated, record.on_antibiotics) == (SENT, None)
    assert [(i.infection, i.origin, i.count) for i in record.infections] == [("uti-catheter", "own", 1)]  # fmt: skip
    assert write_ward(FORM, SENT) == write_ward(dict(reversed(FORM.items())), SENT)


def test_a_corrected_form_replaces_the_first() -> None:
    (first,) = accepted(write_ward(FORM, SENT))
    later = SENT + timedelta(minutes=1)
    (second,) = accepted(write_ward({**FORM, "present": 25}, later, "M"))
    assert current([second, first]) == current([first, second]) == second
    assert first.message_id != second.message_id


def test_the_prescriptions_of_a_form_are_numbered_and_can_be_withdrawn() -> None:
    first, second = accepted(write_treatments(FORM, [PIVMECILLINAM, METENAMIN], SENT))
    assert [first.report_id, second.report_id] == ["behandling/2026-1-A-1", "behandling/2026-1-A-2"]
    assert first.treatments[0].drugs[0].code == "J01CA08" and first.ward == 'Post "2"; øst'
    withdrawn = {"report_id": "2026-1-A-2", **METENAMIN}
    later = SENT + timedelta(minutes=1)
    one_left, gone = accepted(write_treatments(FORM, [PIVMECILLINAM], later, [withdrawn]))
    assert current([one_left, first]).service_type == "N"
    assert current([gone, second]).service_type == "C"


def test_a_form_of_an_operation_and_its_follow_up() -> None:
    operation: Values = {
        "sender": "HER:91843", "report_id": "77", "patient": some_number(), "hospital": "974557746",
        "procedure": "JKA21", "operated": date(2025, 12, 1), "urgent": True, "asa": 2,
    }  # fmt: skip
    (first,) = accepted(write_surgery(operation, SENT - timedelta(days=20)))
    outcome = {"at_follow_up": "ingen", "follow_up": date(2026, 1, 5)}
    (second,) = accepted(write_surgery({**operation, **outcome}, SENT, "M"))
    assert (first.urgent, first.status, second.status) == (True, "P", "F")
    assert current([second, first]) == second


def test_a_form_that_is_filled_in_wrongly_is_told_where() -> None:
    (record,) = read(write_ward({**FORM, "with_infection": "mange"}, SENT), None, RECEIVED)
    assert isinstance(record, Failure)
    assert (record.reason, record.place) == (
        "bad-value",
        "line 2, column AntallPasienterMedInfeksjon",
    )


def test_a_form_and_its_table_belong_together() -> None:
    with pytest.raises(KeyError):
        write_ward({**FORM, "colour": "red"}, SENT)
    with pytest.raises(ValueError, match="zone"):
        write_ward(FORM, SENT.replace(tzinfo=None))
    names = {column.name for column in tables()["nois-piah-behandling"].columns}
    assert names.issuperset({*FORM} - {"present", "with_infection", "on_antibiotics", "uti-catheter/own"})  # fmt: skip


@pytest.mark.parametrize("nasty", ["a\0b", "\ud800", "x\r\n;;;", '"', "=1+1", "a" * 81])
def test_whatever_is_typed_into_a_form_gives_one_answer(nasty: str) -> None:
    (record,) = read(write_ward({**FORM, "ward": nasty}, SENT), None, RECEIVED)
    assert isinstance(record, Failure) == (len(nasty) > 80)
