"""Of whom a message says that it is: the readers against plain ones, on generated patients."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages import described_reference as plain
from messages import fhir_builder as fhir
from messages import hl7v2_builder as hl7
from messages import kith_builder as kith
from messages import klinikermelding_builder as klinikermelding
from messages.gallery import RECEIVED
from messages.numbers import some_number
from messages.vaccination_builder import immunization
from varde.messages import Failure, Statement, read

SENDER = "HER:91843"
SEEDS = st.integers(0, 2**64 - 1)
NAMES = [
    "", "", "Hansen", "Åse-Marie", "van der Berg", "Kari", " Ole  Jørgen\t", "Ukjent", "NN", "Nyfødt", "al-Sayed",
    "O'Neil", "Łukasz", "x" * 250, "Maria\u200b Elena\u202e", "王", "de", "Li",
]  # fmt: skip
WHOLE = [
    "", "Hansen, Kari", "Kari Hansen", "Hansen", "Jan van der Berg", "van Berg", ",", "Hansen,", ", Kari", "A, B, C",
    "x" * 300, f"{'y' * 210}, {'z' * 210}", " Kari \n Marie  Hansen ", "Von Trapp Maria", "de la",
]  # fmt: skip
FIRST, SECOND = some_number(), some_number(date(1990, 5, 17), male=True)
TEMPORARY = some_number(date(1979, 8, 2), day=40)
VALUES = [
    FIRST, FIRST, SECOND, TEMPORARY, f"{FIRST[:6]} {FIRST[6:]}", "12345678901", "85317400001", "202412345678",
    "P 4711", "4711", "C01X00T47", "y" * 120,
]  # fmt: skip
STREETS = ["", "Storgata 1", "Storgata 1", " H0201 ", "c/o Olsen", "x" * 400]
CITIES = ["", "Bergen", "Oslo"]
POSTAL = ["", "5003", "0150", "50033", "SE-111 22", "x", "٠١٥٠"]
PHONES = [
    "", "12345678", "+47 123 45 678", "kari@example.org", "(55) 12 34 56", "ingen", "1" * 60, " 00 46 1 2345 ",
]  # fmt: skip
DAYS = [
    "",
    "2026-01-03",
    "2026-01-04T23:30:00Z",
    "2026-01-04T10:00:00",
    "2026-02-30",
    "2026",
    "i går",
]


def outcome(data: bytes) -> plain.Said | None:
    """What the reader says; None for what is refused."""
    (record,) = read(data, None, RECEIVED)
    if isinstance(record, Failure):
        return None
    assert isinstance(record, Statement)
    return plain.as_said(record.patient.described)  # type: ignore[attr-defined]


def some(dice: random.Random, most: int, make: Callable[[], Any]) -> list[Any]:
    return [make() for _ in range(dice.choice([0, 1, 1, *range(most + 1)]))]


def make_kith(dice: random.Random) -> bytes:
    pick = dice.choice
    kinds = ["FNR", "DNR", "FHN", "DUF", "PNR", "XXX", "SEF", ""]

    def address() -> str:
        calls = [kith.element("TeleAddress", V=f"{pick(['tel:', 'mailto:', '', 'fax:', 'sms:'])}{pick(PHONES)}")
                 for _ in range(dice.randrange(3))]  # fmt: skip
        return kith.element(
            "Address",
            kith.coded("Type", pick(["H", "HP", "WP", "TMP", "BAD", None])),
            kith.text("StreetAdr", pick(STREETS)), kith.text("PostalCode", pick(POSTAL)),
            kith.text("City", pick(CITIES)), kith.coded("Country", pick([None, None, "NO", "SE"])), *calls,
        )  # fmt: skip

    def more() -> str:
        return kith.element(
            "AdditionalId",
            kith.text("Id", pick([*VALUES, "NULL"])),
            kith.coded("Type", pick(kinds)),
        )

    parts = [kith.text(name, pick(NAMES)) for name in ("FamilyName", "GivenName", "MiddleName")]
    named = [
        lambda: kith.text("Name", pick(WHOLE)), lambda: kith.text("Name", pick(WHOLE)),
        lambda: kith.element("Name", *dice.sample(parts, dice.randrange(1, 4))), lambda: "".join(parts), lambda: "",
    ]  # fmt: skip
    kind = pick(["FNR", "FNR", "XXX", "PNR", "DUF"])
    own = {"FNR": FIRST, "XXX": "4711", "PNR": "C01X00T47", "DUF": "202412345678"}[kind]
    person = kith.element(
        "Patient", kith.coded("DateOfDeath", pick([None, *DAYS])), pick(named)(),
        *pick([[kith.text("OffId", own), kith.coded("TypeOffId", kind)], []]),
        *some(dice, 3, more), *some(dice, 3, address),
        *[kith.element("TeleAddress", V=f"tel:{pick(PHONES)}") for _ in range(pick([0, 0, 1]))],
        kith.specimen(), kith.culture("Ingen vekst"),
    )  # fmt: skip
    return kith.message(kith.report(person))


def make_patient(dice: random.Random) -> dict[str, Any]:
    pick = dice.choice
    wrong = [None, 7, True, "x", {}, [1]]
    uses = ["", "official", "usual", "old", "maiden", "temp", "nickname"]

    def identifier() -> dict[str, Any]:
        system = pick(["", fhir.FNR, f"{fhir.FNR[:-1]}2", f"{fhir.FNR[:-1]}3", f"{fhir.FNR[:-1]}5", "urn:lab:pasient",
                       "http://hl7.org/fhir/sid/passport-SWE", "urn:oid:2.16.840.1.113883.4.330.616",
                       "http://hl7.org/fhir/sid/passport-XYZ"])  # fmt: skip
        kind = pick([None, None, None, "PPN", "MR", "FNR"])
        return fhir.clean(use=pick(["", "", "old", "official"]), system=system, value=pick(VALUES),
                          type={"coding": [{"code": kind}]} if kind else None)  # fmt: skip

    def name() -> Any:
        made = {
            "use": pick(uses), "family": pick(NAMES), "text": pick(WHOLE),
            "given": pick([[pick(NAMES)], [pick(NAMES), None, pick(NAMES)], []]),
        }  # fmt: skip
        made = {key: value for key, value in made.items() if dice.random() < 0.8}
        if dice.random() < 0.05:
            made[pick(list(made) or ["use"])] = pick(wrong)
        return made if dice.random() < 0.97 else pick(wrong)

    def contact() -> Any:
        made = {"system": pick(["phone", "phone", "email", "sms", "fax"]), "value": pick(PHONES),
                "use": pick(["home", "mobile", "work", "old", ""])}  # fmt: skip
        made = {key: value for key, value in made.items() if dice.random() < 0.9}
        return made if dice.random() < 0.97 else pick(wrong)

    def home() -> dict[str, Any]:
        made = {"use": pick(["home", "work", "old", "temp"]), "line": [pick(STREETS), pick(STREETS)],
                "city": pick(CITIES), "postalCode": pick(POSTAL), "country": pick(["", "NO", "SE", "Norge"])}  # fmt: skip
        made = {key: value for key, value in made.items() if dice.random() < 0.8}
        if dice.random() < 0.1:
            made[pick(["line", "city", "postalCode", "country"])] = pick(wrong)
        return made

    fields = {
        "identifier": some(dice, 4, identifier), "name": some(dice, 3, name), "telecom": some(dice, 3, contact),
        "address": some(dice, 3, home), "birthDate": pick(["", "1984-03-17", "1984", "1984-03", "0001"]),
        "multipleBirthBoolean": pick([True, False]), "multipleBirthInteger": pick([1, 2, 0, 99]),
        "deceasedDateTime": pick([*DAYS, "2026", "2026-01"]), "deceasedBoolean": pick([True, False]),
    }  # fmt: skip
    if dice.random() < 0.7:
        del fields["multipleBirthBoolean"], fields["multipleBirthInteger"]
    if dice.random() < 0.8:
        del fields[pick(["deceasedBoolean", "deceasedDateTime"])]
    for key in (
        "name",
        "telecom",
        "multipleBirthBoolean",
        "multipleBirthInteger",
        "deceasedDateTime",
        "deceasedBoolean",
    ):
        if dice.random() < 0.04:
            fields[key] = pick(wrong)
    return {"resourceType": "Patient", "id": "pat"} | {k: v for k, v in fields.items() if v != ""}


def make_fhir(dice: random.Random) -> bytes:
    found = fhir.culture(said="Ingen vekst")
    return fhir.write(
        fhir.bundle(
            fhir.report(found), make_patient(dice), fhir.organization(), fhir.specimen(), found
        )
    )


def make_immunization(dice: random.Random) -> bytes:
    return fhir.write(fhir.bundle(immunization(), make_patient(dice), fhir.organization()))


def make_hl7v2(dice: random.Random) -> bytes:
    pick = dice.choice
    root = "2.16.578.1.12.4.1.4."

    def written(value: str) -> str:
        return hl7.escape(value.translate({9: " ", 10: " "}))

    def number() -> str:
        held = pick([f"&{root}1&ISO", f"&{root}2&ISO", f"&{root}3&ISO", f"&{root}5&ISO", "LIS", "", "LIS&1.2.3&ISO",
                     "&2.16.840.1.113883.4.330.752&ISO"])  # fmt: skip
        return hl7.comps(pick([*VALUES, ""]), "", "", held, pick(["MR", "PI", "PPN", "VN", "NNNOR", ""]), "", "", "",
                         pick(["", "POL"]))  # fmt: skip

    def name() -> str:
        last = hl7.subs(*(written(pick(NAMES)) for _ in range(pick([1, 1, 2]))))
        kinds = ["", "L", "M", "B", "N", "D", "NB"]
        return pick([
            hl7.comps(last, written(pick(NAMES)), written(pick(NAMES)), "", "", "", pick(kinds)),
            hl7.comps(last, written(pick(NAMES))), written(pick(WHOLE)), '""',
        ])  # fmt: skip

    def address() -> str:
        return hl7.comps(*(written(pick(STREETS)) for _ in range(2)), pick(CITIES), "", written(pick(POSTAL)),
                         pick(["", "NOR", "SE"]), pick(["H", "B", "M", "", "BA", "C"]))  # fmt: skip

    def call() -> str:
        return pick([
            hl7.comps(written(pick(PHONES)), pick(["", "PRN", "WPN", "NET"]), pick(["", "PH", "FX", "Internet", "CP"])),
            hl7.comps("", "PRN", "PH", "", "47", "55", "123456"),
            hl7.comps(*[""] * 11, pick(PHONES)),
        ])  # fmt: skip

    def repeated(make: Callable[[], str], most: int) -> str | None:
        return "~".join(each for each in some(dice, most, make) if each) or None

    person = hl7.segment(
        "PID", f1="1", f3=repeated(number, 4), f5=repeated(name, 3), f11=repeated(address, 3), f13=repeated(call, 3),
        f7=pick([None, "19840317", "1984", "198403", "19840300", "19840000", "84"]),
        f24=pick([None, None, "Y", "N", "?"]), f25=pick([None, None, "1", "2", "0", "21", "x"]),
        f29=pick([None, None, "20260103", "202601041030", "20260230", "2026", "202601"]),
        f30=pick([None, None, "Y", "N", "U"]),
    )  # fmt: skip
    return hl7.message(person, hl7.obr(), hl7.organism(("", "No growth")), hl7.spm())


def make_form(dice: random.Random) -> bytes:
    names: list[Any] = [*NAMES, *NAMES, None, 7, ["x"], {}]
    fields = {"etternavn": dice.choice(names), "fornavn": dice.choice(names),
              "fodselsnummer": dice.choice([None, FIRST, "", "12345678901"])}  # fmt: skip
    kept = {key: value for key, value in fields.items() if dice.random() < 0.8}
    return klinikermelding.write(klinikermelding.whose(**(fields | kept)))


def of_bundle(data: bytes) -> plain.Said:
    return plain.read_fhir(plain.load(data), SENDER)


def of_form(data: bytes) -> plain.Said:
    import json

    return plain.read_form(json.loads(data)["pasient"])


FORMATS: dict[str, tuple[Callable[[random.Random], bytes], Callable[[bytes], plain.Said]]] = {
    "kith": (make_kith, lambda data: plain.read_kith(data, SENDER)),
    "fhir": (make_fhir, of_bundle),
    "immunization": (make_immunization, of_bundle),
    "hl7v2": (make_hl7v2, lambda data: plain.read_hl7v2(data, SENDER)),
    "klinikermelding": (make_form, of_form),
}


@pytest.mark.parametrize("key", FORMATS)
@settings(max_examples=250, deadline=None)
@given(seed=SEEDS)
def test_the_reader_says_the_same_of_a_person_as_the_plain_one(key: str, seed: int) -> None:
    make, plainly = FORMATS[key]
    data = make(random.Random(seed))
    found = outcome(data)
    if found is not None:
        assert found == plainly(data), data


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        ("kith", "numbers family given address postal_code phone died"),
        ("fhir", "numbers family given address postal_code phone died birth_year born_multiple birth_order"),
        ("immunization", "numbers family given address postal_code phone died born_multiple birth_order"),
        ("hl7v2", "numbers family given address postal_code phone died birth_year born_multiple birth_order"),
        ("klinikermelding", "numbers family given"),
    ],
)  # fmt: skip
def test_the_generated_patients_have_everything_that_a_format_can_say(
    key: str, fields: str
) -> None:
    """Every field often, several numbers and nothing too: else the comparison would compare little."""
    counted: Counter[str] = Counter()
    for seed in range(300):
        found = outcome(FORMATS[key][0](random.Random(seed)))
        counted.update(["refused"] if found is None else [*found] or ["nothing"])
        counted["several"] += found is not None and len(found.get("numbers", ())) > 1
    assert all(counted[field] >= 5 for field in fields.split()), counted
    assert key == "klinikermelding" or counted["several"] >= 10, counted
    assert counted["refused"] < 240, counted
