"""The code lists and fields of notifications are checked when they are loaded; forms are written from them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

import msgspec
import pytest

from messages.klinikermelding_builder import RECEIVED, TREE
from messages.numbers import some_number
from varde.messages import (
    Code,
    NotificationEnvelope,
    list_notification_choices,
    read,
    write_notification,
)
from varde.messages.klinikermelding.lists import (
    check_fields,
    check_lists,
    code_lists,
    form_fields,
)
from varde.messages.records import Notification

LISTS = files("varde.messages.klinikermelding").joinpath("lists.json").read_bytes()
FIELDS = files("varde.messages.klinikermelding").joinpath("fields.json").read_bytes()
ENVELOPE = NotificationEnvelope(
    sender="ENH:985626154",
    sender_name="Fjordby kommune",
    message_id="M1",
    report_id="R1",
    generated=datetime(2026, 1, 7, 9, tzinfo=UTC),
)


def changed(data: bytes, change: Any) -> bytes:
    raw = json.loads(data)
    change(raw)
    return json.dumps(raw).encode()


def test_the_lists_that_are_published_as_a_whole_are_closed() -> None:
    closed = {number for number, each in code_lists().items() if each.closed}
    assert closed == {"3101", "80010", "80014", "80017", "80019", "80025", "80099", "80100"}
    assert code_lists()["80012"].takes("999") and not code_lists()["80017"].takes("4")


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        ("3101", "2", "Kvinne"),
        ("80017", "3", "Ukjent"),
        ("80012", "713", "Koronavirus med utbruddspotensial"),
        ("80000", "713000", "SARS-CoV-2"),
        ("80018", "70", "Luft/dråpesmitte"),
        ("80014", "46", "Rutineus, kontakt med helsevesenet i utlandet"),
        ("80015", "00", "Asymptomatisk"),
        ("80019", "5", "Hjembesøk"),
        ("80022", "1SA", "Sør- og Mellom-Amerika"),
        ("80010", "11", "Jobber med husdyr"),
        ("80025", "4", "Sykehjem"),
        ("80099", "15", "Forhøyet blodtrykk (hypertensjon)"),
        ("80100", "05", "Serveringssted/bar/utested - gjest"),
    ],
)
def test_codes_are_those_of_the_published_client(number: str, code: str, words: str) -> None:
    assert code_lists()[number].texts[code][0] == words


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.pop("as_of"),
        lambda raw: raw.update(as_of="i går"),
        lambda raw: raw.update(extra=1),
        lambda raw: raw["lists"]["80017"].pop("source"),
        lambda raw: raw["lists"]["80017"].update(codes={}),
        lambda raw: raw["lists"]["80017"]["codes"].update({"10": ["Ja"]}),
        lambda raw: raw["lists"]["80017"]["codes"].update({"4": []}),
        lambda raw: raw["lists"]["80017"]["codes"].update({"4": [" "]}),
        lambda raw: raw["lists"]["80017"].update(earlier=["7"]),
        lambda raw: raw["lists"].update(x=raw["lists"]["80017"]),
    ],
)
def test_a_wrong_list_stops_the_program(change: Any) -> None:
    with pytest.raises((ValueError, msgspec.ValidationError)):
        check_lists(changed(LISTS, change))


def test_a_code_that_stands_twice_stops_the_program() -> None:
    data = LISTS.replace(b'"2": ["Nei"]', b'"1": ["Nei"]')
    with pytest.raises(ValueError, match="1 stands there twice"):
        check_lists(data)


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw["fields"][4].update(record="nothing"),
        lambda raw: raw["fields"][4].update(path="pasient"),
        lambda raw: raw["fields"][4].update(lists=["1"]),
        lambda raw: raw["fields"][4].update(kind="other"),
        lambda raw: raw["fields"][4].update(lst=[]),
        lambda raw: raw["fields"].append(raw["fields"][4]),
    ],
)
def test_a_wrong_field_stops_the_program(change: Any) -> None:
    with pytest.raises((ValueError, msgspec.ValidationError)):
        check_fields(changed(FIELDS, change))


# Writing


def written(**values: Any) -> Notification:
    paths = {path.replace("_", ".", 1): value for path, value in values.items()}
    base = {"pasient.kjonn": "2", "diagnoseforhold.diagnose": "713"}
    (record,) = read(write_notification(ENVELOPE, {**base, **paths}), None, RECEIVED)
    assert isinstance(record, Notification), record
    return record


def test_what_a_form_writes_is_read() -> None:
    record = written(
        pasient_fodselsnummer=some_number(),
        pasient_bosted="4601",
        pasient_fornavn="SYNTETISK",
        pasient_yrkesgruppe="01",
        diagnoseforhold_smittestoff="713000",
        diagnoseforhold_provedato=date(2026, 1, 5),
        diagnoseforhold_innsykningsdato="03.01.2026",
        diagnoseforhold_underliggendeSykdom=["04", "", "15"],
        diagnoseforhold_erInnlagtPaaSykehus="1",
        diagnoseforhold_sykehus="Et sykehus",
        diagnoseforhold_annenKlinikk='Sa "au"\nto ganger',
        diagnoseforhold_utfallAvSykdommen="Frisk",
        diagnoseforhold_folgetilstander="Ingen",
        smitteforhold_smittested="80007:137",
        smitteforhold_harBekreftetNarkontakt=" ",
        rekvirent_hprNummer="9999999",
        rekvirent_navn="Kari",
    )
    assert (record.sender, record.sender_name) == ("ENH:985626154", "Fjordby kommune")
    assert (record.message_id, record.report_id) == ("M1", "R1")
    assert record.generated == ENVELOPE.generated and record.requester == "HPR:9999999"
    assert record.patient.identifier is not None and record.patient.municipality == "4601"
    assert record.occupation == Code(system=TREE + "80010", code="01", text="Helsepersonell")
    assert [each.code for each in record.underlying] == ["04", "15"]
    assert (record.onset, record.sampled) == (date(2026, 1, 3), date(2026, 1, 5))
    assert record.in_hospital == "yes" and record.hospital == Code(text="Et sykehus")
    assert record.other_picture == 'Sa "au" to ganger'
    assert record.outcome == Code(text="Frisk") and record.sequelae == Code(text="Ingen")
    assert record.infected_in == Code(system=TREE + "80007", code="137", text="Spania")
    assert record.close_contact == ""


@pytest.mark.parametrize(
    ("place", "number", "code"),
    [
        ("4601", "80006", "4601"),
        ("030101", "80006", "030101"),
        ("137", "80007", "137"),
        ("1UK", "80022", "1UK"),
        ("80022:ES", "80022", "ES"),
    ],
)
def test_the_list_of_a_code_is_found(place: str, number: str, code: str) -> None:
    found = written(smitteforhold_smittested=place).infected_in
    assert found is not None and (found.system, found.code) == (TREE + number, code)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("diagnoseforhold.indikasjon", "77", "unknown-code"),
        ("smitteforhold.smittested", "1:137", "unknown-code"),
        ("diagnoseforhold.provedato", "i går", "bad-date"),
        ("pasient.fodselsnummer", "12345678901", "invalid-identity-number"),
        ("diagnoseforhold.diagnose", "", "missing-diagnosis"),
    ],
)
def test_what_was_filled_in_wrongly_is_for_the_reader(path: str, value: str, reason: str) -> None:
    base = {"pasient.kjonn": "2", "diagnoseforhold.diagnose": "713"}
    (record,) = read(write_notification(ENVELOPE, base | {path: value}), None, RECEIVED)
    assert getattr(record, "reason", "") == reason


@pytest.mark.parametrize(
    ("path", "value", "error"),
    [
        ("pasient.skostørrelse", "43", KeyError),
        ("annet", "43", KeyError),
        ("diagnoseforhold.diagnose", ["713"], TypeError),
        ("diagnoseforhold.underliggendeSykdom", date(2026, 1, 1), TypeError),
    ],
)
def test_a_field_that_the_form_does_not_have_is_a_fault_of_the_program(
    path: str, value: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        write_notification(ENVELOPE, {path: value})


def test_every_choice_of_every_field_is_taken() -> None:
    offered = 0
    for field in form_fields():
        if field.kind not in ("coded", "answer", "several") or field.record == "patient":
            continue
        for code, words in list_notification_choices(field.path):
            assert words
            values = {"diagnoseforhold_diagnose": "713", field.path.replace(".", "_", 1): code}
            written(**values)
            offered += 1
    assert offered > 100


def test_codes_that_were_given_up_are_not_offered() -> None:
    offered = dict(list_notification_choices("pasient.arbeidsplasskategori"))
    assert offered["01"] == "Barnehage" and "1" not in offered
    assert dict(list_notification_choices("smitteforhold.smittested"))["80007:137"] == "Spania"
