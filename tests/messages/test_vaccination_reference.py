"""The fast readers against plain ones that walk dictionaries, on generated bundles and tables.

The references say the rules in their simplest form, with JSON and CSV as Python reads them; every look-up
is a scan over all there is.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from messages import described_reference as described
from messages import fhir_builder as fhir
from messages.fhir_builder import Json, clean, concept
from messages.gallery import RECEIVED
from messages.numbers import control_digits, some_number
from messages.vaccination_builder import ATC, CVX, HEADER, ROLES, SYSVAK, address, immunization, row
from varde.messages import Failure, read
from varde.messages.records import Vaccination

OSLO = ZoneInfo("Europe/Oslo")
Found = tuple[Any, ...] | str
"""What a reference finds: the fields that `told` gives, or the reason to refuse."""


def told(record: object) -> Found:
    """A record as the references tell it."""
    if isinstance(record, Failure):
        return record.reason
    assert isinstance(record, Vaccination)
    patient = record.patient
    number = patient.identifier.value if patient.identifier else ""
    said = described.as_said(patient.described)
    who = (number, patient.sex, patient.birth_date, patient.municipality, said)
    if record.service_type == "C":
        return (record.sender, record.report_id, "C", record.generated)
    vaccines = [(code.system, code.code, code.text) for code in record.vaccines]
    programme = record.programme and (record.programme.code or record.programme.text)
    return (
        record.sender, record.report_id, record.service_type, record.generated, who, vaccines,
        record.given, record.dose, record.batch, programme, record.given_at,
    )  # fmt: skip


class Refused(Exception):
    """A reason, raised by a reference."""


def moment(text: str) -> datetime:
    """A time of the generated examples: a day, or a time with zone."""
    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), OSLO)
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT.*[Z0-9]", text):
        raise Refused("bad-date")
    return datetime.fromisoformat(text)


def person(number: str, born: str, sex: str) -> tuple[str, str, date | None]:
    """Number, sex and birth date, with what the number says added (persons of the 1900s only)."""
    day = date.fromisoformat(born) if len(born) == 10 else None
    if number:
        if len(number) != 11 or control_digits(number[:9]) != number[9:]:
            raise Refused("invalid-identity-number")
        told_day = date(1900 + int(number[4:6]), int(number[2:4]) - 80, int(number[:2]))
        told_sex = "M" if int(number[8]) % 2 else "F"
        if day and day != told_day:
            raise Refused("contradictory-birth-date")
        if sex and sex != told_sex:
            raise Refused("contradictory-sex")
        return number, told_sex, told_day
    if not (day and sex):
        raise Refused("missing-patient")
    return "", sex, day


def check_day(day: date, born: date | None, generated: datetime) -> None:
    if day < date(1900, 1, 1):
        raise Refused("absurd-date")
    start = datetime.combine(day, datetime.min.time(), OSLO)
    if start > RECEIVED + timedelta(days=1) or start > generated + timedelta(days=1):
        raise Refused("future-date")
    if born and day < born:
        raise Refused("born-after-vaccination")


class PlainBundle:
    """A bundle, asked the slow way."""

    def __init__(self, data: bytes) -> None:
        self.whole = json.loads(data)
        self.entries = self.whole["entry"]

    def target(self, reference: Json | None) -> Json:
        for entry in self.entries:
            resource = entry["resource"]
            names = (entry.get("fullUrl"), f"{resource['resourceType']}/{resource.get('id')}")
            if reference and reference.get("reference", "none") in names:
                return resource
        return {}

    def read(self) -> list[Found]:
        found: list[Found] = []
        for entry in self.entries:
            if entry["resource"]["resourceType"] == "Immunization":
                try:
                    found.append(self.vaccination(entry["resource"]))
                except Refused as refused:
                    found.append(str(refused))
        return found

    def vaccination(self, said: Json) -> Found:
        services = {"completed": "N", "entered-in-error": "C"}
        if said["status"] not in services:
            raise Refused("not-vaccinated" if said["status"] == "not-done" else "unknown-code")
        service = services[said["status"]]
        version = said.get("meta", {}).get("versionId", "")
        if service == "N" and version.isdigit() and int(version) > 1:
            service = "M"
        sender = self.sender(said)
        if not said.get("identifier"):
            raise Refused("missing-report-id")
        own = said["identifier"][0]["value"]
        generated = self.generated(said)
        if service == "C":
            return (sender, own, "C", generated)
        vaccines = codes(said.get("vaccineCode", {}))
        if not vaccines:
            raise Refused("missing-vaccine")
        who = self.who(said, sender)
        if not said.get("occurrenceDateTime"):
            raise Refused("missing-vaccination-date")
        day = moment(said["occurrenceDateTime"]).astimezone(OSLO).date()
        check_day(day, who[2], generated)
        reasons = [*said.get("programEligibility", []), *said.get("reasonCode", [])]
        spoken = [code or text for each in reasons for _, code, text in codes(each)]
        place = municipality(self.target(said.get("location")).get("address", {}))
        return (
            sender, own, service, generated, who, vaccines, day, self.dose(said),
            said.get("lotNumber", ""), spoken[0] if spoken else None, place,
        )  # fmt: skip

    def sender(self, said: Json) -> str:
        performers = said.get("performer", [])
        ordered = [
            each for each in performers
            if [c["code"] for c in each.get("function", {}).get("coding", [])] == ["OP"]
        ]  # fmt: skip
        for group in ([each for each in performers if each not in ordered], ordered):
            names = [self.name(self.target(each["actor"])) for each in group]
            for kind in ("HER", "ENH"):
                for name in names:
                    if name.startswith(kind):
                        return name
        raise Refused("missing-sender")

    def name(self, unit: Json) -> str:
        for kind, system in (("HER", fhir.HER), ("ENH", fhir.ENH)):
            for identifier in unit.get("identifier", []):
                if identifier["system"] == system:
                    return f"{kind}:{identifier['value']}"
        return ""

    def generated(self, said: Json) -> datetime:
        changed = said.get("meta", {}).get("lastUpdated", "")
        for text in (said.get("recorded", ""), changed, self.whole.get("timestamp", "")):
            if text:
                made = moment(text)
                if made > RECEIVED + timedelta(days=1):
                    raise Refused("future-generated")
                return made
        raise Refused("missing-generated")

    def who(self, said: Json, sender: str) -> tuple[str, str, date | None, str, described.Said]:
        if not said.get("patient"):
            raise Refused("missing-patient")
        found = self.target(said["patient"])
        if not found:
            raise Refused("dangling-reference")
        numbers = [each["value"] for each in found.get("identifier", [])]
        sex = {"male": "M", "female": "F"}.get(found.get("gender", ""), "")
        home = municipality((found.get("address") or [{}])[0])
        number, sex, born = person(numbers[0] if numbers else "", found.get("birthDate", ""), sex)
        return number, sex, born, home, described.read_fhir(found, sender)

    def dose(self, said: Json) -> int | None:
        numbers = set()
        for each in said.get("protocolApplied", []):
            number = each.get("doseNumberPositiveInt", each.get("doseNumberString"))
            if isinstance(number, str) and not number.isdigit():
                continue
            if number is not None:
                if not 1 <= int(number) <= 99:
                    raise Refused("bad-field")
                numbers.add(int(number))
        return min(numbers) if len(numbers) == 1 else None


def codes(said: Json) -> list[tuple[str, str, str]]:
    found = [
        (each.get("system", ""), each.get("code", ""), each.get("display", ""))
        for each in said.get("coding", [])
        if each.get("code") or each.get("display")
    ]
    text = said.get("text", "")
    if text and text not in [display for _, _, display in found]:
        found.append(("", "", text))
    return found


def municipality(said: Json) -> str:
    for extension in said.get("_district", {}).get("extension", []):
        return str(extension["valueCoding"]["code"])
    return ""


TIMES = [
    "",
    "2026-01-07T12:00:00+01:00",
    "2026-01-04T23:30:00Z",
    "2026-01-20",
    "2026-02-09",
    "2026-13-01x",
]
DAYS = [
    "2026-01-05", "2026-01-05", "2026-01-04T23:30:00Z", "2026-01-08", "2026-01-22", "1984-03-16",
    "1956-09-01", "1899-12-31", "2026-02", "",
]  # fmt: skip
CODES = [(SYSVAK, "MMR52", ""), (ATC, "J07BD52", "MMR"), (CVX, "03", "MMR"), ("", "", "")]
PERSONS = [
    {"number": some_number(), "gender": "female", "name": [{"family": "Lie", "given": ["Kari"]}], "multipleBirthInteger": 2},
    {"number": some_number(male=True), "telecom": [{"system": "phone", "value": "12 34"}]},
    {"number": some_number(), "gender": "male"}, {"birthDate": "1931-03-17", "gender": "male"},
    {"birthDate": "1931-03-17"}, {"number": some_number(), "birthDate": "1984-03-18"},
    {"number": "12345678901"}, {"birthDate": "1931", "gender": "female"}, {"gender": "other"},
]  # fmt: skip
UNITS = [
    fhir.organization("91843", id="u0"), fhir.organization(None, "985626154", id="u1"),
    fhir.organization("13", "985626154", id="u2"), fhir.organization(None, id="u3"),
]  # fmt: skip


SEEDS = st.integers(0, 2**64 - 1)
"""One draw makes a whole example: hundreds of draws for each would take most of the time."""


def make_immunization(number: int, dice: random.Random) -> Json:
    some = dice.choice
    performers = [
        clean(
            actor={"reference": f"Organization/u{some([0, 0, 1, 2, 3, 9])}"},
            function=some([None, {"coding": [{"system": ROLES, "code": some(["AP", "OP"])}]}]),
        )
        for _ in range(dice.randrange(4))
    ]
    doses = [{"doseNumberPositiveInt": n} for n in (1, 1, 2, 99, 100)]
    doses += [{"doseNumberString": words} for words in ("2", "x", "0")]
    references = [{"reference": f"Patient/p{n}"} for n in [0, 0, 0, *range(len(PERSONS)), 77]]
    return immunization(
        id=f"i{number}",
        meta=clean(versionId=some(["", "", "1", "2", "x"]), lastUpdated=some(["", "", "2026-01-08"])),
        identifier=some([[{"value": f"V{number}"}]] * 6 + [None]),
        status=some(["completed"] * 8 + ["entered-in-error", "entered-in-error", "not-done", "given"]),
        vaccineCode=concept(*dice.sample(CODES, dice.randrange(4)), text=some(["", "MMR", "Priorix"])),
        patient=some([*references, None]),
        occurrenceDateTime=some(DAYS),
        recorded=some(TIMES[:4] * 2 + TIMES),
        performer=performers or some([None, [{"actor": {"reference": "Organization/u0"}}]]),
        location=some([None, {"reference": "Location/l0"}, {"reference": "Location/l1"}, {"display": "x"}]),
        lotNumber=some(["", "A12"]),
        programEligibility=some([None, [{"text": "Barn"}], [{}], [concept(("urn:p", "B", "Barn"))]]),
        reasonCode=some([None, [{"text": "Reise"}]]),
        protocolApplied=[some(doses) for _ in range(dice.randrange(3))] or None,
    )  # fmt: skip


def make_bundle(dice: random.Random) -> bytes:
    made = [make_immunization(number, dice) for number in range(dice.randint(1, 4))]
    persons = [
        fhir.patient(id=f"p{n}", **{
            "identifier": [{"system": fhir.FNR, "value": each["number"]}] if "number" in each else [],
            "address": [address("0301")] if n == 0 else None,
        } | {k: v for k, v in each.items() if k != "number"})
        for n, each in enumerate(PERSONS)
    ]  # fmt: skip
    places = [
        clean(resourceType="Location", id="l0", address=address("4601")),
        clean(resourceType="Location", id="l1"),
    ]
    parts = [*made, *persons, *UNITS, *places]
    dice.shuffle(parts)
    whole = fhir.bundle(*parts, timestamp=dice.choice(["", "2026-01-06T10:00:00Z"]))
    return fhir.write(fhir.rename(whole, dice.choice(["relative", "urn", "absolute"])))


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_the_fast_reader_of_bundles_says_the_same_as_the_plain_one(seed: int) -> None:
    data = make_bundle(random.Random(seed))
    assert [told(record) for record in read(data, None, RECEIVED)] == PlainBundle(data).read()


def read_plainly(data: bytes) -> list[Found]:
    found: list[Found] = []
    for cells in csv.DictReader(io.StringIO(data.decode()), delimiter=";"):
        try:
            found.append(read_row(cells))
        except Refused as refused:
            found.append(str(refused))
    return found


def read_row(cells: dict[str, str]) -> Found:
    made = moment(cells["Tidspunkt"]) if cells["Tidspunkt"] else None
    if made and made > RECEIVED + timedelta(days=1):
        raise Refused("future-generated")
    number = cells["Fødselsnummer"]
    if number and (len(number) != 11 or control_digits(number[:9]) != number[9:]):
        raise Refused("invalid-identity-number")
    if cells["Vaksinekode"] and not re.fullmatch(r"[A-Za-z]{2,3}\d\d|Ukjent", cells["Vaksinekode"]):
        raise Refused("bad-value")
    if not cells["Vaksinasjonsdato"]:
        raise Refused("missing-value")
    day = date.fromisoformat(cells["Vaksinasjonsdato"])
    if day < date(1900, 1, 1):
        raise Refused("absurd-date")
    if day > date(2026, 2, 2):
        raise Refused("future-date")
    if cells["Dosenummer"] and not 1 <= int(cells["Dosenummer"]) <= 99:
        raise Refused("bad-value")
    service = cells["Type"] or "N"
    if made is None:
        if service != "N":
            raise Refused("missing-generated")
        made = moment(cells["Vaksinasjonsdato"])
    if service == "C":
        return (cells["Avsender"], cells["Nummer"], "C", made)
    sex = {"K": "F", "F": "F", "M": "M", "": ""}[cells["Kjønn"]]
    contradiction = who = None
    try:
        who = person(number, cells["Fødselsdato"], sex)
    except Refused as refused:
        contradiction = str(refused)
    if contradiction and contradiction != "missing-patient":
        raise Refused(contradiction)
    if cells["Hendelsetype"] == "I":
        raise Refused("not-vaccinated")
    code = cells["Vaksinekode"]
    said = [(SYSVAK, code if code == "Ukjent" else code.upper(), ""), (ATC, cells["ATC"], "")]
    vaccines = [each for each in said if each[1]]
    vaccines += [("", "", cells["Preparat"])] if cells["Preparat"] else []
    if not vaccines:
        raise Refused("missing-vaccine")
    if who is None:
        raise Refused("missing-patient")
    check_day(day, who[2], made)
    dose = int(cells["Dosenummer"]) if cells["Dosenummer"] else None
    programme = cells["Program"] or cells["Indikasjon"] or None
    return (
        cells["Avsender"], cells["Nummer"], service, made, (*who, cells["Bostedskommune"], {}), vaccines,
        day, dose, cells["Batchnummer"], programme, cells["Vaksinasjonskommune"],
    )  # fmt: skip


CELLS: dict[str, list[str]] = {
    "Tidspunkt": ["", "2026-01-07T12:00:00+01:00", "2026-01-20", "2026-02-09"],
    "Type": ["", "N", "M", "C"],
    "Fødselsnummer": [some_number(), some_number(), some_number(male=True), "", "12345678901"],
    "Fødselsdato": ["", "", "1984-03-17", "1931-03-17"],
    "Kjønn": ["", "", "K", "M"],
    "Bostedskommune": ["", "0301"],
    "Vaksinekode": ["MMR52", "dt51", "Ukjent", "", "", "M5"],
    "ATC": ["", "J07BD52"],
    "Preparat": ["", "Priorix"],
    "Hendelsetype": ["", "", "V", "I"],
    "Vaksinasjonsdato": ["2026-01-05", "2026-01-05", "2026-01-09", "1931-03-16", "1899-12-31", "2026-02-03", ""],
    "Dosenummer": ["", "1", "99", "100"],
    "Batchnummer": ["", "A12"],
    "Program": ["", "Barn"],
    "Indikasjon": ["", "Reise"],
    "Vaksinasjonskommune": ["", "4601"],
}  # fmt: skip


def make_file(dice: random.Random) -> bytes:
    lines = [
        row(
            Nummer=f"V{number}",
            Melding_id="",
            **{name: dice.choice(of) for name, of in CELLS.items()},
        )
        for number in range(dice.randint(1, 6))
    ]
    return "\n".join([HEADER, *lines, ""]).encode()


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_the_fast_reader_of_rows_says_the_same_as_the_plain_one(seed: int) -> None:
    data = make_file(random.Random(seed))
    assert [told(record) for record in read(data, None, RECEIVED)] == read_plainly(data)


def test_the_generated_examples_are_of_all_kinds() -> None:
    """Vaccinations, withdrawals and every reason: else the comparison would compare little."""
    kinds: dict[str, set[str]] = {"bundles": set(), "files": set()}

    for seed in range(250):
        dice = random.Random(seed)
        for name, data in (("bundles", make_bundle(dice)), ("files", make_file(dice))):
            for record in read(data, None, RECEIVED):
                found = told(record)
                kinds[name].add(found if isinstance(found, str) else str(found[2]))
    shared = {
        "N",
        "M",
        "C",
        "not-vaccinated",
        "missing-vaccine",
        "missing-patient",
        "future-date",
        "absurd-date",
    }
    shared |= {
        "contradictory-sex",
        "contradictory-birth-date",
        "invalid-identity-number",
        "future-generated",
    }
    assert kinds["files"] == shared | {
        "born-after-vaccination",
        "bad-value",
        "missing-value",
        "missing-generated",
    }
    assert kinds["bundles"] >= shared | {
        "missing-sender",
        "missing-report-id",
        "bad-date",
        "unknown-code",
        "bad-field",
    }
