"""Clinicians' notifications: every field goes where it belongs, and says what was sent."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from messages import klinikermelding_builder as build
from messages.klinikermelding_builder import (
    FULL,
    RECEIVED,
    TREE,
    bare,
    coded,
    envelope,
    form,
    told,
    whose,
)
from messages.numbers import make_number, some_number
from varde.messages import Code, Failure, PersonId, read
from varde.messages.klinikermelding.lists import form_fields
from varde.messages.records import Notification, Statement

STATED = set(Statement.__struct_fields__) | {"requester"}


def notified(whole: object, received: datetime | None = RECEIVED) -> Notification:
    (record,) = read(build.write(whole), None, received)
    assert isinstance(record, Notification), record
    return record


def failed(whole: object, received: datetime | None = RECEIVED) -> Failure:
    (record,) = read(build.write(whole), None, received)
    assert isinstance(record, Failure), record
    return record


def refused(whole: object) -> tuple[str, str, str]:
    failure = failed(whole)
    return failure.reason, failure.place, failure.detail


def code(number: str, verdi: str, text: str = "") -> Code:
    return Code(system=TREE + number, code=verdi, text=text)


def test_a_form_that_answers_everything_is_read_whole() -> None:
    record = notified(FULL)
    assert record == Notification(
        sender="HER:91843",
        sender_name="Fjordby legekontor",
        message_id="M1",
        report_id="R1",
        service_type="N",
        status="F",
        generated=datetime(2026, 1, 7, 9, tzinfo=UTC),
        patient=record.patient,
        born_in=code("80007", "131", "Polen"),
        occupation=code("80010", "1", "Helsepersonell"),
        stay=code("80006", "1103", "STAVANGER"),
        workplace=code("80025", "20", "Sykehjem"),
        diagnosis=code("80012", "713", "Koronavirus med utbruddspotensial"),
        agent=code("80000", "713000", "SARS-COV-2"),
        indication=code("80014", "10", "Symptomer eller tegn"),
        other_indication="Ønsket av pasienten også",
        clinical_picture=code("80015", "21", "Øvre LVI"),
        other_picture="Hoste i tre uker",
        underlying=(code("80099", "04", "Diabetes"), code("80099", "15", "Hypertensjon")),
        onset=date(2026, 1, 3),
        sampled=date(2026, 1, 5),
        in_hospital="yes",
        hospital=Code(system="MSIS-sykehus", code="36", text="Haukeland universitetssykehus"),
        in_nursing_home="no",
        nursing_home="Solgløtt",
        outcome=Code(code="5", text="Død"),
        died=date(2026, 1, 6),
        sequelae=Code(text="Nedsatt lungefunksjon"),
        transmission=code("80018", "70", "Luft/Dråpesmitte"),
        situation="På buss",
        infected_in=code("80007", "137", "Spania"),
        infected_in_other="Torremolinos",
        travel_reason=code("80019", "2", "Turisme"),
        returned=date(2026, 1, 2),
        close_contact="unknown",
        exposure=code("80100", "16", "Reise"),
        requester="HPR:9999999",
    )
    person = record.patient
    assert person.identifier == PersonId(kind="FNR", value=some_number())
    assert (person.sex, person.birth_date, person.municipality) == ("F", date(1984, 3, 17), "4601")


def test_every_field_of_the_record_has_a_field_of_the_form() -> None:
    filled = {field.record for field in form_fields()}
    assert filled | STATED == set(Notification.__struct_fields__)


@pytest.mark.parametrize(
    "path", [field.path for field in form_fields() if field.record not in ("patient", "diagnosis")]
)
def test_each_field_fills_its_own_and_no_other(path: str) -> None:
    """Two texts from one source was a fault of a client in use: what each field does is seen alone."""
    section, _, key = path.partition(".")
    value = FULL[section].get(key)
    if path == "pasient.arbeidsplass":
        value = coded("3", "Sykehus", 80025)
    fields = {field.path: field.record for field in form_fields()}
    alone = notified(form(**{section: {key: value}}))
    empty = notified(form(**{section: {key: None}}))
    changed = {
        name
        for name in Notification.__struct_fields__
        if getattr(alone, name) != getattr(empty, name)
    }
    assert changed == {fields[path]}


def test_names_and_the_name_of_a_workplace_are_not_in_the_record() -> None:
    shown = repr(notified(FULL))
    for hidden in ("SYNTETISK", "Person'", "Syntetisk sykehjem", some_number()):
        assert hidden not in shown


def test_a_category_counts_more_than_a_coded_workplace() -> None:
    both = whose(
        arbeidsplass=coded("3", "Sykehus", 80025),
        arbeidsplasskategori=coded("20", "Sykehjem", 80025),
    )
    assert notified(both).workplace == code("80025", "20", "Sykehjem")


# Codes


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("diagnoseforhold.indikasjon", coded("10", "", 80014), code("80014", "10")),
        ("diagnoseforhold.indikasjon", coded("10"), code("80014", "10")),
        ("diagnoseforhold.indikasjon", coded(10), code("80014", "10")),
        ("diagnoseforhold.indikasjon", coded(" 10 "), code("80014", "10")),
        ("diagnoseforhold.indikasjon", coded("10", "", "80014"), code("80014", "10")),
        ("diagnoseforhold.indikasjon", coded("10", "", TREE + "80014"), code("80014", "10")),
        ("diagnoseforhold.indikasjon", coded("10", "", f"urn:oid:{TREE}80014"), code("80014", "10")),
        ("diagnoseforhold.indikasjon", {"verdi": "10", "oId": 80014}, code("80014", "10")),
        ("diagnoseforhold.indikasjon", {"beskrivelse": "pasientens ØNSKE"}, code("80014", "30", "pasientens ØNSKE")),
        ("diagnoseforhold.indikasjon", coded("10", "Hoste og feber"), code("80014", "10", "Hoste og feber")),
        ("diagnoseforhold.indikasjon", {}, None),
        ("diagnoseforhold.indikasjon", None, None),
        ("diagnoseforhold.indikasjon", " ", None),
        ("diagnoseforhold.indikasjon", {"id": 3, "verdi": None, "beskrivelse": ""}, None),
        ("diagnoseforhold.sykdomsbilde", coded(0), code("80015", "00")),
        ("diagnoseforhold.sykdomsbilde", coded("44", "Noe vi ikke kjenner"), code("80015", "44", "Noe vi ikke kjenner")),
        ("diagnoseforhold.sykdomsbilde", {"beskrivelse": "Utslett"}, Code(text="Utslett")),
        ("antattSmittemate.smittemate", coded("31", "Mat"), code("80018", "31", "Mat")),
        ("pasient.yrkesgruppe", coded("01", "Helsepersonell"), code("80010", "01", "Helsepersonell")),
        ("pasient.yrkesgruppe", coded(1), code("80010", "1")),
        ("pasient.yrkesgruppe", coded(12), code("80010", "12")),
        ("pasient.arbeidsplasskategori", coded("1"), code("80025", "1")),
        ("pasient.arbeidsplasskategori", coded("01"), code("80025", "01")),
        ("pasient.arbeidsplasskategori", coded(1, "Barnehage"), code("80025", "01", "Barnehage")),
        ("pasient.arbeidsplasskategori", coded(1, "Grunnskole/videregående"), code("80025", "1", "Grunnskole/videregående")),
        ("pasient.arbeidsplasskategori", coded(20), code("80025", "20")),
        ("smitteforhold.eksponeringssted", coded("00", "Annet"), code("80100", "00", "Annet")),
        ("smitteforhold.eksponeringssted", coded("97", "Annet"), code("80100", "97", "Annet")),
        ("smitteforhold.smittested", coded("1UK", "Ukjent", 80022), code("80022", "1UK", "Ukjent")),
        ("smitteforhold.smittested", coded("1AF"), code("80022", "1AF")),
        ("smitteforhold.smittested", coded("ES", "Spania", 80022), code("80022", "ES", "Spania")),
        ("smitteforhold.smittested", coded("301", "Oslo", 80006) | {"verdi": 301}, code("80006", "0301", "Oslo")),
        ("smitteforhold.smittested", coded("4601"), code("80006", "4601")),
        ("smitteforhold.smittested", coded("030101", "Gamle Oslo", 80021), code("80021", "030101", "Gamle Oslo")),
        ("smitteforhold.smittested", coded("568"), code("80007", "568")),
        ("smitteforhold.smittested", {"beskrivelse": "Tyrkia"}, code("80007", "143", "Tyrkia")),
        ("smitteforhold.smittested", {"beskrivelse": "Andorra"}, Code(text="Andorra")),
        ("pasient.fodeland", coded("999", "Et nytt land", 80007), code("80007", "999", "Et nytt land")),
        ("diagnoseforhold.utfallAvSykdommen", coded("5", "Død", 80016), code("80016", "5", "Død")),
        ("diagnoseforhold.utfallAvSykdommen", coded("D", "Død", "1.2.3"), Code(system="1.2.3", code="D", text="Død")),
        ("diagnoseforhold.utfallAvSykdommen", {"beskrivelse": "Frisk"}, Code(text="Frisk")),
        ("diagnoseforhold.folgetilstander", coded("7", "Hjertesvikt"), Code(code="7", text="Hjertesvikt")),
        ("diagnoseforhold.sykehus", "Et sykehus", Code(text="Et sykehus")),
        ("diagnoseforhold.sykehus", {"navn": "Et sykehus"}, Code(text="Et sykehus")),
        ("diagnoseforhold.sykehus", {"id": "36"}, Code(system="MSIS-sykehus", code="36")),
        ("diagnoseforhold.sykehus", {"id": None, "navn": " "}, None),
    ],
)  # fmt: skip
def test_a_code_is_read_as_it_may_be_written(path: str, value: object, expected: object) -> None:
    fields = {field.path: field.record for field in form_fields()}
    section, _, key = path.partition(".")
    assert getattr(notified(form(**{section: {key: value}})), fields[path]) == expected


@pytest.mark.parametrize(
    ("path", "value", "reason", "place", "detail"),
    [
        ("diagnoseforhold.indikasjon", coded("77"), "unknown-code", ".verdi", "80014: 77"),
        ("diagnoseforhold.indikasjon", coded(1), "unknown-code", ".verdi", "80014: 1"),
        ("diagnoseforhold.indikasjon", coded("1"), "unknown-code", ".verdi", "80014: 1"),
        ("diagnoseforhold.indikasjon", coded("10", "", 80015), "unknown-code", ".oid", "80014: 80015"),
        ("diagnoseforhold.indikasjon", coded("10", "", "1.2.3"), "unknown-code", ".oid", "80014: 1.2.3"),
        ("diagnoseforhold.indikasjon", {"beskrivelse": "Vet ikke"}, "unknown-code", ".beskrivelse", "80014: Vet ikke"),
        ("diagnoseforhold.indikasjon", coded("10", "Obduksjon"), "contradictory-code", "", "10 ≠ Obduksjon"),
        ("diagnoseforhold.indikasjon", coded(-1), "bad-field", ".verdi", "1 × 0–9"),
        ("diagnoseforhold.indikasjon", coded(10**30), "bad-field", ".verdi", "31 × 0–9"),
        ("diagnoseforhold.indikasjon", coded(1.0), "bad-field", ".verdi", "float ≠ str"),
        ("diagnoseforhold.indikasjon", coded(True), "bad-field", ".verdi", "bool ≠ str"),
        ("diagnoseforhold.indikasjon", coded(["10"]), "bad-field", ".verdi", "array ≠ str"),
        ("diagnoseforhold.indikasjon", {"verdi": "10", "beskrivelse": {}}, "bad-field", ".beskrivelse", "object ≠ str"),
        ("diagnoseforhold.indikasjon", coded("10", "", [1]), "bad-field", ".oid", "array ≠ str"),
        ("diagnoseforhold.indikasjon", "10", "bad-field", "", "str ≠ object"),
        ("diagnoseforhold.indikasjon", [coded("10")], "bad-field", "", "array ≠ object"),
        ("diagnoseforhold.sykdomsbilde", coded("hoste"), "unknown-code", ".verdi", "80015: hoste"),
        ("diagnoseforhold.sykdomsbilde", coded("21", "Asymptomatisk"), "contradictory-code", "", "21 ≠ Asymptomatisk"),
        ("diagnoseforhold.diagnose", coded("covid"), "unknown-code", ".verdi", "80012: covid"),
        ("diagnoseforhold.erInnlagtPaaSykehus", coded("4"), "unknown-code", ".verdi", "80017: 4"),
        ("diagnoseforhold.erInnlagtPaaSykehus", True, "bad-field", "", "bool ≠ object"),
        ("pasient.arbeidsplasskategori", coded(1), "unknown-code", ".verdi", "80025: 1"),
        ("pasient.arbeidsplasskategori", coded(1, "Kontor"), "unknown-code", ".verdi", "80025: 1"),
        ("pasient.arbeidsplass", 3, "bad-field", "", "int ≠ object"),
        ("pasient.kjonn", coded("3", "Annet", 3101), "unknown-code", ".verdi", "3101: 3"),
        ("pasient.kjonn", coded("2", "Mann", 3101), "contradictory-code", "", "2 ≠ Mann"),
        ("pasient.bosted", coded("46011"), "unknown-code", ".verdi", "80006: 46011"),
        ("smitteforhold.smittested", coded("Spania", "", 80007), "unknown-code", ".verdi", "80007: Spania"),
        ("smitteforhold.smittested", coded("568", "Spania", 80007), "contradictory-code", "", "568 ≠ Spania"),
        ("diagnoseforhold.utfallAvSykdommen", coded("to ord"), "unknown-code", ".verdi", "to ord"),
        ("diagnoseforhold.underliggendeSykdom", coded("01"), "bad-field", "", "object ≠ array"),
        ("diagnoseforhold.underliggendeSykdom", [coded("01"), coded("55")], "unknown-code", "[1].verdi", "80099: 55"),
        ("diagnoseforhold.underliggendeSykdom", [coded("01"), 7], "bad-field", "[1]", "int ≠ object"),
        ("diagnoseforhold.underliggendeSykdom", [None] * 201, "too-large", "", "201 > 200"),
        ("diagnoseforhold.sykehus", 36, "bad-field", "", "int ≠ object"),
        ("diagnoseforhold.sykehus", {"navn": ["x"]}, "bad-field", ".navn", "array ≠ str"),
        ("diagnoseforhold.annenKlinikk", {"tekst": "x"}, "bad-field", "", "object ≠ str"),
        ("diagnoseforhold.innsykningsdato", 20260103, "bad-field", "", "int ≠ str"),
        ("diagnoseforhold.innsykningsdato", "i går", "bad-date", "", "i går"),
        ("diagnoseforhold.innsykningsdato", "2026-02-30", "bad-date", "", "2026-02-30"),
        ("diagnoseforhold.innsykningsdato", "31.04.2025", "bad-date", "", "31.04.2025"),
        ("smitteforhold.datoForHjemkomst", "2126-01-01", "absurd-date", "", "2126-01-01"),
        ("pasient.fodselsnummer", ["x"], "bad-field", "", "array ≠ str"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_value_of_its_field_is_refused_there(
    path: str, value: object, reason: str, place: str, detail: str
) -> None:
    section, _, key = path.partition(".")
    assert refused(form(**{section: {key: value}})) == (reason, path + place, detail)


def test_several_conditions_are_each_there_once_and_a_gap_is_no_fault() -> None:
    """The published client looks each condition up, and writes null for what it does not find."""
    several = [None, coded("04", "Diabetes"), coded(4), coded("04"), {}, coded("01", "Kreft")]
    found = notified(told(underliggendeSykdom=several)).underlying
    assert [each.code for each in found] == ["04", "01"]
    assert notified(told(underliggendeSykdom=[])).underlying == ()


@pytest.mark.parametrize(
    ("diagnosis", "agent", "fits"),
    [
        (coded("713"), coded("713000"), True),
        (coded(713), coded(713000), True),
        (coded("71"), coded("71300"), True),
        (coded("713"), coded("714000"), False),
        (coded("713"), coded("71300"), False),
        (coded("713"), coded("7130001"), False),
        ({"beskrivelse": "Kikhoste"}, coded("101001"), True),
        (coded("713"), {"beskrivelse": "Et nytt virus"}, True),
    ],
)
def test_an_agent_is_one_of_its_diagnosis(diagnosis: object, agent: object, fits: bool) -> None:
    whole = told(diagnose=diagnosis, smittestoff=agent)
    if fits:
        assert notified(whole).agent is not None
    else:
        reason, place, _ = refused(whole)
        assert (reason, place) == ("contradictory-code", "diagnoseforhold.smittestoff")


def test_the_agent_that_does_not_fit_is_shown() -> None:
    """A run of six digits would be masked."""
    assert refused(told(smittestoff=coded("714002")))[2] == "713 ≠ 714|002"


# Patients


def test_a_patient_without_number_is_taken() -> None:
    person = notified(whose(fodselsnummer=None, fodselsdato="17.03.1984")).patient
    assert (person.identifier, person.sex, person.birth_date) == (None, "F", date(1984, 3, 17))
    assert notified(whose(fodselsnummer=" ")).patient.identifier is None


@pytest.mark.parametrize(
    ("number", "kind", "issuer"),
    [
        (some_number(), "FNR", ""),
        (some_number(day=40), "DNR", ""),
        (some_number(month=40), "HNR", "HER:91843"),
        ("81234567890", "FHN", ""),
        ("201234567890", "DUF", ""),
    ],
)
def test_the_kind_of_a_number_is_seen_in_it(number: str, kind: str, issuer: str) -> None:
    person = notified(whose(fodselsnummer=f" {number[:6]} {number[6:]}", kjonn=None)).patient
    assert person.identifier == PersonId(kind=kind, value=number, issuer=issuer)


def test_a_number_that_was_sent_as_one_has_its_first_zero_again() -> None:
    number = some_number(date(1984, 3, 7))
    assert number[0] == "0"
    person = notified(whose(fodselsnummer=int(number))).patient
    assert person.identifier == PersonId(kind="FNR", value=number)


@pytest.mark.parametrize("number", ["1", "x", "12345678901", "1234567890123", 0, 12345678901])
def test_a_number_that_cannot_be_is_refused_and_never_shown(number: object) -> None:
    failure = failed(whose(fodselsnummer=number))
    assert failure.reason == "invalid-identity-number"
    assert failure.detail.startswith("• × ") and str(number) * 2 not in repr(failure)
    assert "12345678901" not in repr(failure)


def test_number_birth_date_and_sex_must_agree() -> None:
    assert refused(whose(fodselsdato="1984-03-18"))[0] == "contradictory-birth-date"
    assert refused(whose(fodselsnummer=some_number(male=True)))[0] == "contradictory-sex"
    unknown = whose(fodselsnummer=some_number(male=True), kjonn=coded("9", "Ikke kjent", 3101))
    assert notified(unknown).patient.sex == "M"


@pytest.mark.parametrize(
    ("home", "municipality"),
    [
        (coded("0301", "Oslo", 80006), "0301"),
        (coded(301), "0301"),
        (coded("030101", "Gamle Oslo", 80021), "0301"),
        (coded("9999", "Ukjent kommune"), ""),
        ({"beskrivelse": "Oslo"}, ""),
        (None, ""),
    ],
)
def test_home_is_a_municipality(home: object, municipality: str) -> None:
    assert notified(whose(bosted=home)).patient.municipality == municipality


# Days


@pytest.mark.parametrize(
    "written",
    [
        *("2026-01-03", "03.01.2026", "3.1.2026", "2026-01-03T08:00:00", "2026-01-03T00:00:00+01:00"),
        *("2026-01-02T23:00:00Z", "2026-01-02T23:00:00.000Z", " 2026-01-03 "),
    ],
)  # fmt: skip
def test_a_day_may_be_written_in_several_ways(written: str) -> None:
    assert notified(told(innsykningsdato=written)).onset == date(2026, 1, 3)


@pytest.mark.parametrize("key", ["innsykningsdato", "provedato", "dodsdato"])
@pytest.mark.parametrize(("day", "taken"), [("2026-01-08", True), ("2026-01-09", False)])
def test_nothing_is_of_a_day_after_it_was_written(key: str, day: str, taken: bool) -> None:
    """The form was made at ten o'clock on 7 January; clocks may differ by a day."""
    whole = told(**{key: day})
    if taken:
        notified(whole)
    else:
        reason = "future-collected" if key == "provedato" else "future-date"
        assert refused(whole) == (reason, f"diagnoseforhold.{key}", day)


def test_nothing_is_of_a_day_after_it_arrived() -> None:
    late = form(melding=envelope(tidspunkt="2026-01-07T10:00:00+01:00"))
    early = datetime(2026, 1, 6, 10, tzinfo=UTC)
    notified(late, early)
    assert failed(late, early - timedelta(days=1)).reason == "future-generated"
    bare_form = bare(diagnoseforhold={"innsykningsdato": "2026-01-08"})
    assert failed(bare_form, early).reason == "future-date"
    notified(bare_form, early + timedelta(days=1))


def test_days_must_follow_each_other() -> None:
    assert refused(told(innsykningsdato="2026-01-05", dodsdato="2026-01-04")) == (
        *("contradictory-values", "diagnoseforhold.dodsdato", "2026-01-04 < 2026-01-05"),
    )
    newborn = {"fodselsnummer": None, "fodselsdato": "2026-01-05"}
    early = form(pasient=newborn, diagnoseforhold={"provedato": "2026-01-04"})
    assert refused(early)[:2] == ("born-after-collected", "pasient.fodselsdato")
    ill = form(pasient=newborn, diagnoseforhold={"innsykningsdato": "2026-01-04"})
    assert refused(ill)[:2] == ("contradictory-values", "diagnoseforhold.innsykningsdato")
    later = {"fodselsnummer": None, "fodselsdato": "2027-01-05"}
    unborn = form(pasient=later, diagnoseforhold={"provedato": None})
    assert refused(unborn)[:2] == ("future-date", "pasient.fodselsdato")


def test_a_specimen_may_be_taken_before_symptoms_and_after_death() -> None:
    notified(told(innsykningsdato="2026-01-06", provedato="2026-01-02"))
    notified(told(dodsdato="2026-01-02", provedato="2026-01-05"))


@pytest.mark.parametrize("born", ["0001-01-01", "1850-05-05", "9999-12-31"])
def test_the_ends_of_the_calendar_give_a_record_or_a_failure(born: str) -> None:
    (record,) = read(build.write(whose(fodselsnummer=None, fodselsdato=born)), None, RECEIVED)
    assert not isinstance(record, Failure) or record.reason in (
        "future-date",
        "born-after-collected",
    )


# Names and versions


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ({"herId": "91843", "orgnr": "985626154"}, "HER:91843"),
        ({"herId": 91843}, "HER:91843"),
        ({"orgnr": "985 626 154"}, "ENH:985626154"),
        ({"herId": " ", "orgnr": 985626154}, "ENH:985626154"),
        ({"navn": "Fjordby"}, "HER:7"),
        (None, "HER:7"),
    ],
)
def test_who_sends(sender: object, expected: str) -> None:
    whole = form(melding=envelope(avsender=sender), rekvirent={"herId": "7"})
    assert notified(whole).sender == expected


@pytest.mark.parametrize(
    ("requester", "sender", "who", "name"),
    [
        ({"herId": "7", "hprNummer": "9999999", "virksomhet": "Fjordby", "navn": "Kari"}, "HER:7", "HPR:9999999", "Fjordby"),
        ({"herId": None, "orgnummer": "985626154"}, "ENH:985626154", "HPR:9999999", ""),
        ({"herId": None, "hprNummer": 9999998}, "HPR:9999998", "HPR:9999998", ""),
        ({"hprNummer": None}, "HER:91843", "HER:91843", ""),
    ],
)  # fmt: skip
def test_a_bare_form_is_sent_by_its_requester(
    requester: build.Json, sender: str, who: str, name: str
) -> None:
    record = notified(bare(rekvirent=requester))
    assert (record.sender, record.requester, record.sender_name) == (sender, who, name)
    assert "Kari" not in repr(record)


@pytest.mark.parametrize(
    ("sender", "place"),
    [
        ({"herId": "abc"}, "melding.avsender.herId"),
        ({"orgnr": "123"}, "melding.avsender.orgnr"),
        ({"herId": {}}, "melding.avsender.herId"),
        ("91843", "melding.avsender"),
    ],
)
def test_a_sender_that_cannot_be_is_refused(sender: object, place: str) -> None:
    assert refused(form(melding=envelope(avsender=sender)))[:2] == ("bad-field", place)


@pytest.mark.parametrize(
    ("changes", "service", "status"),
    [
        ({}, "N", "F"),
        ({"type": None, "status": None}, "N", "F"),
        ({"type": "m", "status": " p "}, "M", "P"),
        ({"type": "H"}, "H", "F"),
    ],
)
def test_versions_are_told(changes: build.Json, service: str, status: str) -> None:
    record = notified(form(melding=envelope(**changes)))
    assert (record.service_type, record.status) == (service, status)


@pytest.mark.parametrize("changes", [{"type": "A"}, {"type": "X"}, {"status": "S"}])
def test_an_unknown_version_is_refused(changes: build.Json) -> None:
    assert refused(form(melding=envelope(**changes)))[0] == "unknown-code"


def test_the_envelope_may_hold_numbers() -> None:
    record = notified(form(melding=envelope(id=17, nummer=18)))
    assert (record.message_id, record.report_id) == ("17", "18")
    assert refused(form(melding=envelope(id="x" * 101)))[:2] == ("too-large", "melding.id")


def test_a_cancelled_notification_is_read_for_its_identity() -> None:
    melding = envelope(type="C", id="M2")
    whole = notified({**deepcopy(FULL), "melding": melding})
    assert (whole.service_type, whole.report_id, whole.diagnosis.code) == ("C", "R1", "713")
    assert whole.patient.identifier is not None and whole.onset is None
    damaged = form(
        melding=melding,
        pasient={"fodselsnummer": "12345678901"},
        diagnoseforhold={"diagnose": coded("x"), "provedato": "2027-01-01"},
    )
    for poor in ({"melding": melding}, damaged):
        record = notified(poor)
        assert (record.sender, record.report_id, record.service_type) == ("HER:91843", "R1", "C")
        assert record.patient.identifier is None
        assert record.diagnosis == Code(system=TREE + "80012")


# A form without envelope


def test_a_bare_form_was_made_when_it_arrived() -> None:
    record = notified(bare())
    assert record.generated == RECEIVED
    failure = failed(bare(), None)
    assert (failure.reason, failure.place) == ("missing-generated", "melding.tidspunkt")
    assert (failure.sender, failure.report_id) == ("HER:91843", record.report_id)


def test_the_same_form_again_is_the_same_however_it_is_laid_out() -> None:
    whole = bare(pasient={"fornavn": "A", "etternavn": "B"})
    first = notified(whole)
    turned = {key: dict(reversed(value.items())) for key, value in reversed(whole.items())}
    assert notified(turned) == first
    (wide,) = read(build.write(whole).decode().encode("utf-16"), None, RECEIVED)
    assert wide == first


def test_sent_again_later_it_is_a_newer_version_of_the_same() -> None:
    """Not the same message id with another content, which would stand in quarantine."""
    first, later = notified(bare()), notified(bare(), RECEIVED + timedelta(hours=1))
    assert later.report_id == first.report_id
    assert later.message_id != first.message_id and later.generated > first.generated


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"diagnoseforhold": {"indikasjon": coded("20")}}, True),
        ({"diagnoseforhold": {"provedato": "05.01.2026"}}, True),
        ({"diagnoseforhold": {"diagnose": coded(713)}}, True),
        ({"pasient": {"fornavn": "Et annet"}}, True),
        ({"pasient": {"fodselsnummer": f" {some_number()[:6]} {some_number()[6:]}"}}, True),
        ({"diagnoseforhold": {"provedato": "2026-01-04"}}, False),
        ({"diagnoseforhold": {"diagnose": coded("101")}}, False),
        ({"pasient": {"fodselsnummer": make_number(date(1984, 3, 17), 102)}}, False),
        ({"rekvirent": {"herId": "7"}}, False),
    ],
)
def test_what_makes_two_bare_forms_one_case(changes: dict[str, build.Json], same: bool) -> None:
    assert (notified(bare(**changes)).report_id == notified(bare()).report_id) is same


def test_the_first_symptoms_stand_in_for_a_missing_specimen() -> None:
    ill = {"provedato": None, "innsykningsdato": "2026-01-03"}
    one = notified(bare(diagnoseforhold=ill))
    other = notified(bare(diagnoseforhold=ill | {"innsykningsdato": "2026-01-02"}))
    assert one.report_id != other.report_id


def test_patients_without_number_are_known_by_name_or_not_at_all() -> None:
    def report_id(**fields: object) -> str:
        nobody = {"fodselsnummer": None, "fodselsdato": None}
        return notified(bare(pasient={**nobody, **fields})).report_id

    named: dict[str, Any] = {"fornavn": "Ola", "etternavn": "Turist", "fodselsdato": "1990-01-01"}
    assert report_id(**named) == report_id(**named, fodeland=coded("137"))
    assert report_id(**named) == report_id(**named | {"fornavn": "OLA ", "fodselsdato": "1.1.1990"})
    assert report_id(**named) != report_id(**named | {"fornavn": "Kari"})
    # Two of whom nothing is known may be two: what they say keeps them apart.
    assert report_id(fodeland=coded("137")) != report_id(fodeland=coded("143"))
    assert report_id(fodeland=coded("137")) == report_id(fodeland=coded("137"))


def test_made_names_hold_no_digits() -> None:
    """Eleven digits in a row would be hidden as an identity number, and two cases become one."""
    record = notified(bare())
    for name in (record.message_id, record.report_id):
        assert name[0] == "#" and name[1:].isalpha() and name.islower() and len(name) == 41
        assert name not in (some_number(), "")


def test_a_correction_of_a_bare_form_has_the_report_id_of_what_it_corrects() -> None:
    wrong = failed(bare(diagnoseforhold={"indikasjon": coded("77")}))
    assert wrong.report_id == notified(bare()).report_id
    assert wrong.message_id == ""
