"""Of whom a message says that it is: each rule with an example, and that nothing of it is ever shown."""

from __future__ import annotations

import logging
import re
import traceback
from datetime import UTC, date, datetime

import msgspec
import pytest

from messages import deidentified_lists as lists
from messages import fhir_builder as fhir
from messages import gallery
from messages import hl7v2_builder as hl7
from messages import kith_builder as kith
from messages import klinikermelding_builder as klinikermelding
from messages.described_reference import Said, as_said
from messages.numbers import some_number
from messages.vaccination_builder import Given, as_table, immunization
from varde.messages import Described, Failure, Patient, Statement, minimise, read, read_minimised
from varde.messages.persons import (
    MAX_ADDRESS,
    MAX_NAME,
    MAX_NUMBERS,
    MAX_PHONE,
    clean,
    describe,
    split_name,
)
from varde.messages.records import LabReport, Notification, Vaccination

NUMBER = some_number()
TEMPORARY = some_number(day=40)
SENDER = "HER:91843"


def patient_of(data: bytes) -> Patient:
    (record,) = read(data, None, gallery.RECEIVED)
    assert isinstance(record, LabReport | Notification | Vaccination), record
    return record.patient


def said(data: bytes) -> Said:
    return as_said(patient_of(data).described)


def of_kith(*inside: str, number: str | None = None) -> bytes:
    own = (kith.text("OffId", number), kith.coded("TypeOffId", "FNR")) if number else ()
    person = kith.element("Patient", *own, *inside, kith.specimen(), kith.culture("Ingen vekst"))
    return kith.message(kith.report(person))


def of_fhir(**person: object) -> bytes:
    found = fhir.culture(said="Ingen vekst")
    parts = (fhir.patient(**person), fhir.organization(), fhir.specimen(), found)  # type: ignore[arg-type]
    return fhir.write(fhir.bundle(fhir.report(found), *parts))


def of_hl7v2(number: str | None = None, **fields: str | None) -> bytes:
    cleared = {"f5": None, "f7": None, "f8": None} | fields
    return hl7.message(
        hl7.pid(number, **cleared), hl7.obr(), hl7.organism(("", "No growth")), hl7.spm()
    )


def of_form(**person: object) -> bytes:
    return klinikermelding.write(klinikermelding.whose(**person))


NOBODY = {
    "kith": of_kith(number=NUMBER),
    "kith, no number": of_kith(kith.text("Name", " ")),
    "fhir": of_fhir(number=NUMBER, birthDate="1984-03-17"),
    "fhir, a year that the number says better": of_fhir(number=NUMBER, birthDate="1984"),
    "fhir, by identifier alone": fhir.write(
        fhir.bundle(
            fhir.report(
                fhir.culture(), subject={"identifier": {"system": fhir.FNR, "value": NUMBER}}
            ),
            fhir.organization(), fhir.specimen(), fhir.culture(),
        )
    ),
    "hl7v2": of_hl7v2(f"{NUMBER}^^^^NNNOR"),
    "klinikermelding": of_form(fodselsnummer=NUMBER),
    "vaccinations": as_table(Given(number=NUMBER)),
}  # fmt: skip


@pytest.mark.parametrize("key", NOBODY)
def test_nothing_beyond_the_identifier_is_no_description(key: str) -> None:
    assert patient_of(NOBODY[key]).described is None


CASES: dict[str, tuple[bytes, Said]] = {
    "kith: one text": (of_kith(kith.text("Name", "Prøve, Paula Marie")), {"family": "Prøve", "given": "Paula Marie"}),
    "kith: parts": (
        of_kith("<Name><GivenName>Kari</GivenName><MiddleName>Moe</MiddleName><FamilyName>Lie</FamilyName></Name>"),
        {"family": "Moe Lie", "given": "Kari"},
    ),
    "kith: parts beside": (
        of_kith("<FamilyName>Lie</FamilyName><GivenName>Kari</GivenName>"), {"family": "Lie", "given": "Kari"}
    ),
    "kith: a placeholder stays": (of_kith(kith.text("Name", "Ukjent")), {"family": "Ukjent"}),
    "kith: numbers": (
        of_kith(
            *(kith.element("AdditionalId", kith.text("Id", value), kith.coded("Type", kind))
              for value, kind in ((TEMPORARY, "DNR"), ("12345678901", "FNR"), ("P 1", "PNR"), ("7", "XXX"), (NUMBER, "FNR"))),
            number=NUMBER,
        ),
        {"numbers": [("FNR", NUMBER, ""), ("DNR", TEMPORARY, ""), ("PASSPORT", "P1", ""), ("LOCAL", "7", f"{SENDER} XXX")]},
    ),
    "kith: where the person lives": (
        of_kith(*(
            kith.element("Address", kith.coded("Type", kind), kith.text("StreetAdr", street), kith.text("PostalCode", "5003"),
                         kith.text("City", "Bergen"), kith.element("TeleAddress", V=call))
            for kind, street, call in (("WP", "Jobb 1", "tel:1"), ("TMP", "Hytta 1", "mailto:a@b.no"), ("H", "Hjemme 1", "tel:123"))
        )),
        {"address": "Hjemme 1, Bergen", "postal_code": "5003", "phone": "123"},
    ),
    "kith: a workplace is none": (
        of_kith(kith.element("Address", kith.coded("Type", "WP"), kith.text("StreetAdr", "Jobb 1"))), {}
    ),
    "kith: abroad": (
        of_kith(kith.element("Address", kith.text("PostalCode", "1112"), kith.text("City", "Malmö"), kith.coded("Country", "SE"))),
        {"address": "Malmö"},
    ),
    "kith: death": (of_kith(kith.coded("DateOfDeath", "2026-01-06")), {"died": date(2026, 1, 6)}),
    "kith: death in a year": (of_kith(kith.coded("DateOfDeath", "2026")), {"dead": True}),
    "kith: death that is no day": (of_kith(kith.coded("DateOfDeath", "19xx-xx-xx")), {}),
    "fhir: official before usual": (
        of_fhir(name=[
            {"use": "old", "family": "Gift"}, {"use": "usual", "family": "Lie", "given": ["Kaja"]},
            {"use": "official", "family": "Lie", "given": ["Kari", "Moe"]},
        ]),
        {"family": "Lie", "given": "Kari Moe"},
    ),
    "fhir: never a former name": (of_fhir(name=[{"use": "maiden", "family": "Gift"}]), {}),
    "fhir: words": (of_fhir(name=[{"text": "Jan van der Berg"}]), {"family": "van der Berg", "given": "Jan"}),
    "fhir: numbers": (
        of_fhir(identifier=[
            {"system": fhir.FNR, "value": NUMBER}, {"system": f"{fhir.FNR[:-1]}2", "value": TEMPORARY, "use": "old"},
            {"system": "http://hl7.org/fhir/sid/passport-SWE", "value": "X1"},
            {"type": {"coding": [{"code": "PPN"}]}, "value": "X2"}, {"system": "urn:lab:pasient", "value": "7"},
        ]),
        {"numbers": [("FNR", NUMBER, ""), ("DNR", TEMPORARY, ""), ("PASSPORT", "X1", "SE"), ("PASSPORT", "X2", ""),
                     ("LOCAL", "7", f"{SENDER} urn:lab:pasient")]},
    ),
    "fhir: telephone": (
        of_fhir(telecom=[
            {"system": "email", "value": "a@b.no"}, {"system": "phone", "use": "work", "value": "1"},
            {"system": "phone", "value": "22 33"},
        ]),
        {"phone": "22 33"},
    ),
    "fhir: year": (of_fhir(birthDate="1984"), {"birth_year": 1984}),
    "fhir: month": (of_fhir(birthDate="1984-03"), {"birth_year": 1984}),
    "fhir: one of several": (of_fhir(multipleBirthInteger=2), {"birth_order": 2}),
    "fhir: several": (of_fhir(multipleBirthBoolean=True), {"born_multiple": True}),
    "fhir: not several": (of_fhir(multipleBirthBoolean=False), {"born_multiple": False}),
    "fhir: dead": (of_fhir(deceasedDateTime="2026-01-05T23:30:00Z"), {"died": date(2026, 1, 6)}),
    "fhir: dead, nobody knows when": (of_fhir(deceasedBoolean=True), {"dead": True}),
    "fhir: dead, a month": (of_fhir(deceasedDateTime="2026-01"), {"dead": True}),
    "fhir: not dead": (of_fhir(deceasedBoolean=False), {}),
    "fhir: dead, as a word": (of_fhir(deceasedBoolean="true"), {}),
    "fhir: values of wrong types spoil nothing": (
        of_fhir(name={"family": "x"}, telecom="1", multipleBirthInteger="2", deceasedDateTime=7,
                address=[{"line": "Veien", "city": 3, "postalCode": ["5003"], "country": {}}]),
        {},
    ),
    "hl7v2: the legal name first": (of_hl7v2(f5="Gift^Kari^^^^^M~Kaja^Lie~Lie&van^Kari^Moe^^^^L"), {"family": "Lie", "given": "Kari Moe"}),
    "hl7v2: one piece": (of_hl7v2(f5="Lie, Kari"), {"family": "Lie", "given": "Kari"}),
    "hl7v2: numbers": (
        of_hl7v2(f"{NUMBER}^^^^NNNOR~4711^^^LIS^MR~X1^^^^PPN^^^^SWE"),
        {"numbers": [("FNR", NUMBER, ""), ("LOCAL", "4711", f"{SENDER}/LIS"), ("PASSPORT", "X1", "SE")]},
    ),
    "hl7v2: home": (
        of_hl7v2(f11="Jobb 1^^Oslo^^0150^NOR^B~Veien 2^H0201^Bergen^^5003^NOR^H", f13="1^WPN~^NET^Internet^a@b.no~55 12^PRN"),
        {"address": "Veien 2, H0201, Bergen", "postal_code": "5003", "phone": "55 12"},
    ),
    "hl7v2: twin": (of_hl7v2(f24="Y", f25="2"), {"born_multiple": True, "birth_order": 2}),
    "hl7v2: year": (of_hl7v2(f7="1984"), {"birth_year": 1984}),
    "hl7v2: dead": (of_hl7v2(f29="20260106"), {"died": date(2026, 1, 6)}),
    "hl7v2: dead, and said twice": (of_hl7v2(f29="20260106", f30="Y"), {"died": date(2026, 1, 6)}),
    "hl7v2: dead, nobody knows when": (of_hl7v2(f30="Y"), {"dead": True}),
    "hl7v2: dead, a year": (of_hl7v2(f29="2026"), {"dead": True}),
    "hl7v2: not dead": (of_hl7v2(f30="N"), {}),
    "klinikermelding": (of_form(fodselsnummer="", etternavn=" Lie ", fornavn="Kari\tMoe"), {"family": "Lie", "given": "Kari Moe"}),
    "klinikermelding: no text": (of_form(etternavn=7, fornavn=["x"]), {}),
    "immunization": (
        fhir.write(fhir.bundle(immunization(), fhir.patient(NUMBER, name=[{"family": "Lie"}]), fhir.organization())),
        {"numbers": [("FNR", NUMBER, "")], "family": "Lie"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("key", CASES)
def test_what_is_said_of_a_person(key: str) -> None:
    data, expected = CASES[key]
    assert said(data) == expected


LONG = "Å" * 5000
TOO_LONG = {
    "kith": of_kith(
        kith.text("FamilyName", LONG), kith.text("GivenName", LONG),
        *[kith.element("AdditionalId", kith.text("Id", str(n)), kith.coded("Type", "XXX")) for n in range(60)],
        kith.element("Address", kith.text("StreetAdr", LONG), kith.text("City", LONG), kith.element("TeleAddress", V="7" * 900)),
    ),
    "fhir": of_fhir(
        name=[{"family": LONG, "given": [LONG] * 4}] * 12, telecom=[{"system": "phone", "value": "7" * 900}] * 12,
        address=[{"line": [LONG] * 4, "city": LONG}] * 12,
        identifier=[{"system": "urn:x", "value": str(n)} for n in range(60)],
    ),
    "hl7v2": of_hl7v2("~".join(f"{n}^^^LIS^MR" for n in range(49)), f5=f"{LONG}^{LONG}", f11=f"{LONG}^{LONG}^{LONG}", f13="7" * 900),
    "klinikermelding": of_form(etternavn=LONG, fornavn=LONG),
}  # fmt: skip


@pytest.mark.parametrize("key", TOO_LONG)
def test_what_is_too_long_is_cut_and_never_refused(key: str) -> None:
    found = patient_of(TOO_LONG[key]).described
    assert found is not None
    assert (len(found.family), len(found.given)) == (MAX_NAME, MAX_NAME)
    if key != "klinikermelding":
        assert (len(found.address), len(found.phone)) == (MAX_ADDRESS, MAX_PHONE)
        assert len(found.numbers) == MAX_NUMBERS


def test_control_characters_are_taken_out_and_letters_of_every_alphabet_stay() -> None:
    assert clean(" Å\x00se\x9f\u202e \u200bLi\ufeff\n", 99) == "Å se Li"
    assert clean("Łukasz  王小明 نور", 99) == "Łukasz 王小明 نور"
    assert clean("ab cd", 3) == "ab"
    record = patient_of(of_hl7v2(f5="Li\x07e^K\\X00\\ari"))
    assert record.described is not None
    assert (record.described.family, record.described.given) == ("Li e", "K ari")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hansen, Kari Marie", ("Hansen", "Kari Marie")), ("Kari Marie Hansen", ("Hansen", "Kari Marie")),
        ("Hansen", ("Hansen", "")), ("", ("", "")), (",", ("", "")), ("van Berg", ("Berg", "van")),
        ("Jan van der Berg", ("van der Berg", "Jan")), ("A, B, C", ("A", "B, C")),
    ],
)  # fmt: skip
def test_a_name_in_one_piece_is_taken_apart(text: str, expected: tuple[str, str]) -> None:
    assert split_name(text) == expected


def test_the_same_patient_in_other_words_is_another_content() -> None:
    """The fingerprint of a version is of everything: a name put right is a new version."""
    one, other = (
        patient_of(of_kith(kith.text("Name", name))) for name in ("Lie, Kari", "Li, Kari")
    )
    assert one != other
    assert msgspec.msgpack.encode(one) != msgspec.msgpack.encode(other)


# --- nothing of it is ever shown

FAMILY, GIVEN, STREET, PHONE = "Qvoldstrøm", "Xantippe", "Hemmelighetsstien", "00471876543"
SECRETS = (FAMILY, GIVEN, STREET, PHONE, "Qvoldstr", "Xantip")
KITH_PERSON = (
    f"<Name>{FAMILY}, {GIVEN}</Name>",
    f'<Address><Type V="H"/><StreetAdr>{STREET}</StreetAdr><TeleAddress V="tel:{PHONE}"/></Address>',
)
FHIR_PERSON = (
    f'"name": [{{"family": "{FAMILY}", "given": ["{GIVEN}"]}}], '
    f'"telecom": [{{"system": "phone", "value": "{PHONE}"}}], '
)


def with_secrets(data: bytes) -> bytes:
    """The same message about somebody with a name that nobody can mistake."""
    told = data.replace("<Name>Prøve, Paula</Name>".encode(), KITH_PERSON[0].encode())
    told = told.replace(
        "<Name>Prøve, Paula</Name>".encode("latin-1"), KITH_PERSON[0].encode("latin-1")
    )
    told = re.sub(rb"(?=<AnalysedSubject>)", KITH_PERSON[1].encode(), told, count=1)
    told = told.replace("Prøve^Paula".encode(), f"{FAMILY}^{GIVEN}".encode())
    told = told.replace(
        b'"resourceType": "Patient"', FHIR_PERSON.encode() + b'"resourceType": "Patient"'
    )
    form = f'"pasient": {{"etternavn": "{FAMILY}", "fornavn": "{GIVEN}", '
    return told.replace(b'"pasient": {"', form.encode() + b'"')


def is_hidden(text: str) -> bool:
    folded = text.casefold()
    return not any(secret.casefold() in folded for secret in SECRETS)


@pytest.mark.parametrize("reason", gallery.EVERY)
def test_no_failure_shows_who_it_is_about(reason: str, caplog: pytest.LogCaptureFixture) -> None:
    data, mapping = gallery.EVERY[reason]
    caplog.set_level(logging.DEBUG)
    shown = []
    for record in read(with_secrets(data), mapping, gallery.RECEIVED):
        shown += [repr(record), str(record)]
        if isinstance(record, Failure):
            shown += map(str, msgspec.structs.astuple(record))
    assert shown
    assert all(map(is_hidden, shown)), shown
    assert is_hidden(caplog.text)


def test_the_examples_of_reasons_have_somebody_to_hide() -> None:
    changed = [key for key, (data, _) in gallery.EVERY.items() if with_secrets(data) != data]
    assert len(changed) > 50


@pytest.mark.parametrize("key", [key for key in CASES if "wrong" not in key])
def test_a_record_shows_nobody(key: str) -> None:
    for record in read(CASES[key][0], None, gallery.RECEIVED):
        assert isinstance(record, Statement)
        found: Described | None = record.patient.described  # type: ignore[attr-defined]
        for text in (repr(record), str(record), f"{record}", repr([record])):
            assert found is None or "Described(•)" in text
            assert "Prøve" not in text and "Lie" not in text and "Veien 2" not in text


def test_an_exception_about_a_record_shows_nobody() -> None:
    found = describe(None, family=FAMILY, given=GIVEN, address=STREET, phone=PHONE)
    try:
        raise ValueError(found, Patient(described=found))
    except ValueError:
        assert is_hidden(traceback.format_exc())
    with pytest.raises(AttributeError) as refused:
        found.family = "x"  # type: ignore[union-attr, misc]
    assert is_hidden(str(refused.value))


# --- nobody is described in what is de-identified


@pytest.mark.parametrize("register", ["norm", "ravn"])
def test_a_de_identified_submission_describes_nobody(register: str) -> None:
    received = datetime(2026, 7, 2, 12, tzinfo=UTC)
    kept = minimise(register, lists.write(register, lists.row(register)), lists.keyed)  # type: ignore[arg-type]
    records = list(read_minimised(kept, received))
    assert records
    for record in records:
        assert isinstance(record, LabReport), record
        assert record.patient.described is None


@pytest.mark.parametrize("register", ["norm", "ravn"])
@pytest.mark.parametrize("heading", ["Navn", "Fornavn", "Adresse", "Telefon"])
def test_a_column_about_a_person_is_never_kept(register: str, heading: str) -> None:
    row = lists.row(register)
    head, *rest = lists.write(register, row).decode("utf-8-sig").splitlines()
    sign = ";" if ";" in head else ","
    data = "\n".join(
        [f"{head}{sign}{heading}", *(f"{each}{sign}{GIVEN} {FAMILY}" for each in rest)]
    )
    kept = minimise(register, data.encode(), lists.keyed)  # type: ignore[arg-type]
    assert is_hidden(kept.decode())
    for record in read_minimised(kept, datetime(2026, 7, 2, 12, tzinfo=UTC)):
        assert is_hidden(repr(record))
        assert isinstance(record, Failure) or record.patient.described is None  # type: ignore[attr-defined]
