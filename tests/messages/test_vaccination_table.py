"""Rows of the table of vaccinations: headings, cells, versions, and damaged files."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from messages.numbers import some_number
from messages.vaccination_builder import ATC, HEADER, SYSVAK, Given, as_table, row, rows
from varde.messages import Failure, detect, read
from varde.messages.records import Code, Vaccination
from varde.messages.tables.definition import tables
from varde.messages.tables.writing import write_table, write_template

RECEIVED = datetime(2026, 2, 1, tzinfo=UTC)


def one(data: bytes) -> Vaccination:
    (found,) = read(data, None, RECEIVED)
    assert isinstance(found, Vaccination), found
    return found


def of(**more: str) -> Vaccination:
    return one(rows(row(**more)))


def test_every_field_of_a_row() -> None:
    found = one(as_table(Given(home="0301")))
    assert (found.sender, found.message_id, found.report_id) == ("HER:91843", "M1", "V1")
    assert (found.service_type, found.status) == ("N", "F")
    assert found.generated == datetime(2026, 1, 7, 11, tzinfo=UTC)
    assert found.patient.identifier is not None and found.patient.identifier.kind == "FNR"
    assert (found.patient.sex, found.patient.birth_date) == ("F", date(1984, 3, 17))
    assert (found.patient.municipality, found.given_at) == ("0301", "4601")
    assert found.given == date(2026, 1, 5) and found.dose == 1 and found.batch == "A12"
    assert found.vaccines == (
        Code(system=SYSVAK, code="MMR52"),
        Code(system=ATC, code="J07BD52"),
        Code(text="Priorix"),
    )
    assert found.programme == Code(text="Barnevaksinasjonsprogrammet")


def test_names_of_variables_in_extracts_of_the_register_are_known() -> None:
    header = "AVSENDER;NUMMER;FODSELSNUMMER;KONSULTASJONSDATO;VAKSINEKODE_VASKET;SYKDOMKODE;HENDELSETYPE;DOSENUMMER;PREPARATBESKRIVELSE"
    data = rows(
        f"HER:91843;7;{some_number()};2021-03-05;BNT03;COVID_19;V;1;Comirnaty", header=header
    )
    assert detect(data) == "table"
    found = one(data)
    assert found.vaccines == (Code(system=SYSVAK, code="BNT03"), Code(text="Comirnaty"))
    assert (found.given, found.dose) == (date(2021, 3, 5), 1)
    assert found.generated == datetime(2021, 3, 4, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cells", "vaccines"),
    [
        ({"Vaksinekode": "mmr52", "ATC": "", "Preparat": ""}, (Code(system=SYSVAK, code="MMR52"),)),
        ({"Vaksinekode": " DT51 ", "ATC": "", "Preparat": ""}, (Code(system=SYSVAK, code="DT51"),)),
        (
            {"Vaksinekode": "ukjent", "ATC": "", "Preparat": ""},
            (Code(system=SYSVAK, code="Ukjent"),),
        ),
        (
            {"Vaksinekode": "", "ATC": "j07 bd52", "Preparat": ""},
            (Code(system=ATC, code="J07BD52"),),
        ),
        ({"Vaksinekode": "", "ATC": "", "Preparat": "M-M-R  II"}, (Code(text="M-M-R II"),)),
    ],
)
def test_what_names_the_vaccine(cells: dict[str, str], vaccines: tuple[Code, ...]) -> None:
    assert of(**cells).vaccines == vaccines


@pytest.mark.parametrize("code", ["M52", "MMRV52", "MMR5", "MMR521", "52MMR", "MMR 52", "UKJENT?"])
def test_a_sysvak_code_is_two_or_three_letters_and_two_digits(code: str) -> None:
    (found,) = read(rows(row(Vaksinekode=code)), None, RECEIVED)
    assert isinstance(found, Failure)
    assert (found.reason, found.detail) == ("bad-value", code)


def test_a_person_without_number_needs_birth_date_and_sex() -> None:
    found = of(Fødselsnummer="", Fødselsdato="17.03.1931", Kjønn="k")
    assert (found.patient.identifier, found.patient.sex) == (None, "F")
    assert found.patient.birth_date == date(1931, 3, 17)
    for cells in ({"Kjønn": "M"}, {"Fødselsdato": "1931-03-17"}, {}):
        (failure,) = read(rows(row(Fødselsnummer="", **cells)), None, RECEIVED)
        assert isinstance(failure, Failure) and failure.reason == "missing-patient"


def test_a_duf_number_is_a_person() -> None:
    found = of(Fødselsnummer="202012345678")
    assert found.patient.identifier is not None and found.patient.identifier.kind == "DUF"


def test_vaccinations_of_long_ago_are_taken() -> None:
    assert of(Fødselsnummer="", Fødselsdato="1931-03-17", Kjønn="M", Vaksinasjonsdato="1956-09-01").given == date(1956, 9, 1)  # fmt: skip


def test_programme_comes_before_indication() -> None:
    assert of(Indikasjon="Reise").programme == Code(text="Barnevaksinasjonsprogrammet")
    assert of(Program="", Indikasjon="Reise").programme == Code(text="Reise")
    assert of(Program="").programme is None


def test_a_cancelled_row_need_not_be_right() -> None:
    found = of(Type="annullert", Vaksinekode="", ATC="", Preparat="", Fødselsnummer="")
    assert (found.service_type, found.vaccines) == ("C", ())
    assert of(Type="C", Kjønn="M").patient.identifier is None
    assert of(Type="C", Hendelsetype="I", Vaksinasjonsdato="2026-01-30").service_type == "C"


def test_versions_of_one_number() -> None:
    first, second = read(
        rows(row(Melding_id=""), row(Melding_id="", Type="M", Tidspunkt="2026-01-08T09:00:00Z")),
        None,
        RECEIVED,
    )
    assert isinstance(first, Vaccination) and isinstance(second, Vaccination)
    assert first.report_id == second.report_id and first.message_id != second.message_id
    assert first.generated < second.generated and second.service_type == "M"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_encodings_and_delimiters(encoding: str, delimiter: str) -> None:
    data = rows(row(Preparat="Sårvaksine")).decode().replace(";", delimiter).encode(encoding)
    assert one(data).vaccines[-1] == Code(text="Sårvaksine")


def test_a_column_that_nobody_published_is_refused() -> None:
    (failure,) = read(rows(row() + ";Kari", header=HEADER + ";Navn"), None, RECEIVED)
    assert isinstance(failure, Failure)
    assert (failure.reason, failure.detail) == ("wrong-columns", "unknown: Navn")


def test_batch_numbers_may_be_long_but_are_no_identity_numbers() -> None:
    assert of(Batchnummer="12345678901").batch == "12345678901"
    (failure,) = read(rows(row(Batchnummer=some_number())), None, RECEIVED)
    assert isinstance(failure, Failure) and failure.reason == "unexpected-identity"


def test_the_template_is_recognised_and_what_a_form_writes_is_read() -> None:
    table = tables()["sysvak"]
    assert detect(write_template(table)) == "table"
    values = {
        "sender": "HER:91843", "report_id": "V1", "patient": some_number(), "vaccine_code": "BCG01",
        "given": date(2026, 1, 5), "dose": 1, "given_at": "0301",
    }  # fmt: skip
    found = one(write_table(table, [values]))
    assert found.vaccines == (Code(system=SYSVAK, code="BCG01"),) and found.given_at == "0301"
