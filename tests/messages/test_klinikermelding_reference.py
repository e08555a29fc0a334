"""A plain reading of one notification, written from docs/klinikermelding.md alone, beside the fast one."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from messages.klinikermelding_builder import RECEIVED, TREE, coded, write
from messages.numbers import control_digits, make_number, some_number
from varde.messages import Failure, PersonId
from varde.messages.klinikermelding.notifications import read_klinikermelding

LISTS = json.loads(files("varde.messages.klinikermelding").joinpath("lists.json").read_text())[
    "lists"
]
OSLO = ZoneInfo("Europe/Oslo")
DAY = timedelta(days=1)


class Refused(Exception):
    """The reason."""


def words_of(text: Any) -> str:
    if text is None:
        return ""
    if not isinstance(text, str):
        raise Refused("bad-field")
    return " ".join(text.split())


def plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".") or text


def number_or_words(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**18:
        return str(value)
    return words_of(value)


def is_member(code: str, number: str) -> bool:
    known = LISTS[number]
    if code in known["codes"]:
        return True
    return not known["closed"] and re.fullmatch(known["pattern"], code, re.ASCII) is not None


def codes_called(text: str, number: str) -> list[str]:
    return [
        code
        for code, texts in LISTS[number]["codes"].items()
        if plain(text) in [plain(each) for each in texts]
    ]


def from_number(value: int, text: str, number: str) -> str | None:
    """The code that has lost its zeros."""
    codes = LISTS[number]["codes"]
    same = [code for code in codes if code.isdigit() and int(code) == value]
    if len(same) > 1:
        if len({json.dumps(sorted(codes[code])) for code in same}) == 1:
            return same[0]
        same = [code for code in same if code in codes_called(text, number)]
        return same[0] if len(same) == 1 else None
    if same:
        return same[0]
    for width in range(1, 8):
        if not LISTS[number]["closed"] and is_member(str(value).zfill(width), number):
            return str(value).zfill(width)
    return None


def code_of(value: Any, *numbers: str) -> tuple[str, str, str] | None:
    """(system, code, words), as the document says."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if not isinstance(value, dict):
        raise Refused("bad-field")
    oid = value.get("oid") if value.get("oid") is not None else value.get("oId")
    text = words_of(value.get("beskrivelse"))
    verdi = value.get("verdi")
    if isinstance(verdi, bool | float):
        raise Refused("bad-field")
    if isinstance(verdi, int):
        if not 0 <= verdi < 10**9:
            raise Refused("bad-field")
    else:
        verdi = words_of(verdi)
    if verdi == "" and not text:
        return None
    named = (
        number_or_words(oid).removeprefix("urn:oid:").removeprefix(TREE) if oid is not None else ""
    )
    if named and named not in numbers:
        raise Refused("unknown-code")
    lists = [named] if named else list(numbers)
    if verdi == "":
        for number in lists:
            if len(codes_called(text, number)) == 1:
                return TREE + number, codes_called(text, number)[0], text
        if all(LISTS[number]["closed"] for number in lists):
            raise Refused("unknown-code")
        return "", "", text
    for number in lists:
        if isinstance(verdi, int):
            code = from_number(verdi, text, number)
        else:
            code = verdi if is_member(verdi, number) else None
        if code is not None:
            called = codes_called(text, number)
            if called and code not in called:
                raise Refused("contradictory-code")
            return TREE + number, code, text
    raise Refused("unknown-code")


def answer_of(value: Any) -> str:
    code = code_of(value, "80017")
    return "" if code is None else {"1": "yes", "2": "no", "3": "unknown"}[code[1]]


def day_of(value: Any) -> date | None:
    text = words_of(value)
    if not text:
        return None
    norwegian = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text)
    try:
        if norwegian:
            day, month, year = map(int, norwegian.groups())
            return date(year, month, day)
        if len(text) == 10:
            return date.fromisoformat(text)
        if len(text) < 16:
            raise Refused("bad-date")
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused("bad-date") from None
    return (moment if moment.tzinfo is None else moment.astimezone(OSLO)).date()


def sensible_day(value: Any) -> date | None:
    day = day_of(value)
    if day is not None and not 1970 <= day.year < 2100:
        raise Refused("absurd-date")
    return day


def several(value: Any) -> list[tuple[str, str, str]]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Refused("bad-field")
    found: dict[str, tuple[str, str, str]] = {}
    for each in value:
        code = code_of(each, "80099")
        if code is not None:
            found.setdefault(code[1], code)
    return list(found.values())


def place_of_infection(value: Any) -> tuple[str, str, str] | None:
    return code_of(value, "80006", "80021", "80007", "80022")


CONTENT: list[tuple[str, str, str, Callable[[Any], Any]]] = [
    ("pasient", "fodeland", "born_in", lambda v: code_of(v, "80007", "80022")),
    ("pasient", "oppholdskommune", "stay", lambda v: code_of(v, "80006", "80021")),
    ("pasient", "yrkesgruppe", "occupation", lambda v: code_of(v, "80010")),
    ("pasient", "arbeidsplasskategori", "workplace", lambda v: code_of(v, "80025")),
    ("diagnoseforhold", "diagnose", "diagnosis", lambda v: code_of(v, "80012")),
    ("diagnoseforhold", "smittestoff", "agent", lambda v: code_of(v, "80000")),
    ("diagnoseforhold", "indikasjon", "indication", lambda v: code_of(v, "80014")),
    ("diagnoseforhold", "annenIndikasjon", "other_indication", words_of),
    ("diagnoseforhold", "sykdomsbilde", "clinical_picture", lambda v: code_of(v, "80015")),
    ("diagnoseforhold", "annenKlinikk", "other_picture", words_of),
    ("diagnoseforhold", "underliggendeSykdom", "underlying", several),
    ("diagnoseforhold", "innsykningsdato", "onset", sensible_day),
    ("diagnoseforhold", "provedato", "sampled", sensible_day),
    ("diagnoseforhold", "erInnlagtPaaSykehus", "in_hospital", answer_of),
    ("diagnoseforhold", "dodsdato", "died", sensible_day),
    ("antattSmittemate", "smittemate", "transmission", lambda v: code_of(v, "80018")),
    ("antattSmittemate", "smittesituasjon", "situation", words_of),
    ("smitteforhold", "smittested", "infected_in", place_of_infection),
    ("smitteforhold", "datoForHjemkomst", "returned", sensible_day),
    ("smitteforhold", "harBekreftetNarkontakt", "close_contact", answer_of),
    ("smitteforhold", "eksponeringssted", "exposure", lambda v: code_of(v, "80100")),
]


def name_of(given: dict[str, Any], key: str) -> str:
    """A name as written; a value of another kind is none."""
    value = given.get(key)
    return " ".join(value.split())[:200].strip() if isinstance(value, str) else ""


def patient_of(given: dict[str, Any]) -> tuple[str, str, date | None, str, tuple[str, str]]:
    born = day_of(given.get("fodselsdato"))
    sex = {None: "", "1": "M", "2": "F"}.get(
        (code_of(given.get("kjonn"), "3101") or ("", None))[1], ""
    )
    number = "".join(number_or_words(given.get("fodselsnummer")).split())
    if number:
        if control_digits(number[:9]) != number[9:]:
            raise Refused("invalid-identity-number")
        day, month, year = int(number[:2]), int(number[2:4]) - 80, int(number[4:6])
        own = date((2000 if int(number[6:9]) >= 500 else 1900) + year, month, day)
        if born is not None and born != own:
            raise Refused("contradictory-birth-date")
        own_sex = "M" if int(number[8]) % 2 else "F"
        if sex and sex != own_sex:
            raise Refused("contradictory-sex")
        born, sex = own, own_sex
    home = code_of(given.get("bosted"), "80006", "80021")
    place = "" if home is None or home[1] == "9999" else home[1][:4]
    names = name_of(given, "etternavn"), name_of(given, "fornavn")
    return number, sex, born, place, names


def read_plainly(form: dict[str, Any]) -> dict[str, Any] | str:
    """The record as plain values, or the reason for which it is refused."""
    try:
        made = datetime.fromisoformat(form["melding"]["tidspunkt"])
        found: dict[str, Any] = {}
        for section, key, record, reader in CONTENT:
            found[record] = reader(form.get(section, {}).get(key))
        if found["diagnosis"] is None:
            raise Refused("missing-diagnosis")
        person = found["patient"] = patient_of(form["pasient"])
        agent, diagnosis = found["agent"], found["diagnosis"]
        if agent and agent[1] and diagnosis[1] and agent[1][:-3] != diagnosis[1]:
            raise Refused("contradictory-code")
        limit = min(made + DAY, RECEIVED + DAY).astimezone(OSLO).date()
        told = {key: found[key] for key in ("onset", "sampled", "died", "returned")}
        for key, day in told.items():
            if day is not None and day > limit:
                raise Refused("future-collected" if key == "sampled" else "future-date")
        born = person[2]
        if born is not None:
            if born > limit:
                raise Refused("future-date")
            days = sorted((day, key) for key, day in told.items() if day is not None)
            if days and days[0][0] < born:
                first = days[0][1] == "sampled"
                raise Refused("born-after-collected" if first else "contradictory-values")
        if found["onset"] and found["died"] and found["died"] < found["onset"]:
            raise Refused("contradictory-values")
        return found
    except Refused as refused:
        return str(refused)


def read_fast(form: dict[str, Any]) -> dict[str, Any] | str:
    (record,) = read_klinikermelding(write(form), RECEIVED)
    if isinstance(record, Failure):
        return record.reason
    return {
        name: as_plain(getattr(record, name)) for name in (*(row[2] for row in CONTENT), "patient")
    }


def as_plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [as_plain(each) for each in value]
    if hasattr(value, "system"):
        return value.system, value.code, value.text
    if hasattr(value, "municipality"):
        identifier: PersonId | None = value.identifier
        number = identifier.value if identifier else ""
        said = value.described
        names = (said.family, said.given) if said else ("", "")
        if said:
            assert said.numbers == ((identifier,) if identifier else ())
        return number, value.sex, value.birth_date, value.municipality, names
    return value


class Maker:
    """Forms of all kinds, mostly right, each a function of its seed: quicker than drawing every part."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def form(self) -> dict[str, Any]:
        melding = {"id": "M", "nummer": "R", "avsender": {"herId": "7"}}
        melding["tidspunkt"] = self.dice.choice(
            ["2026-01-07T10:00:00+01:00", "2026-01-06T23:30:00Z"]
        )
        place = self.dice.choice(["80006", "80007", "80021", "80022"])
        return {
            "melding": melding,
            "pasient": {"fodselsnummer": self.dice.choice(NUMBERS), **self.some({
                "kjonn": lambda: self.dice.choice([coded("2"), coded(2), coded("2"), coded("1", "Mann"), coded("9"), None]),
                "fodselsdato": lambda: self.dice.choice(["1984-03-17", "17.03.1984", "2026-01-03", None, "2026-02-09"]),
                "bosted": lambda: self.coded("80006"),
                "oppholdskommune": lambda: self.coded("80006"),
                "etternavn": self.name,
                "fornavn": self.name,
                "fodeland": lambda: self.coded("80007"),
                "yrkesgruppe": lambda: self.coded("80010"),
                "arbeidsplasskategori": lambda: self.coded("80025"),
            })},
            "diagnoseforhold": {"diagnose": self.dice.choice(DIAGNOSES), **self.some({
                "smittestoff": lambda: self.dice.choice(AGENTS),
                "indikasjon": lambda: self.coded("80014"),
                "annenIndikasjon": self.text,
                "sykdomsbilde": lambda: self.coded("80015"),
                "annenKlinikk": self.text,
                "underliggendeSykdom": lambda: [self.coded("80099") for _ in range(self.dice.randrange(4))],
                "innsykningsdato": self.day,
                "provedato": self.day,
                "erInnlagtPaaSykehus": lambda: self.coded("80017"),
                "dodsdato": self.day,
            })},
            "antattSmittemate": self.some({"smittemate": lambda: self.coded("80018"), "smittesituasjon": self.text}),
            "smitteforhold": self.some({
                "smittested": lambda: self.coded(place),
                "datoForHjemkomst": self.day,
                "harBekreftetNarkontakt": lambda: self.coded("80017"),
                "eksponeringssted": lambda: self.coded("80100"),
            }),
        }  # fmt: skip

    def some(self, fields: dict[str, Callable[[], Any]]) -> dict[str, Any]:
        return {key: make() for key, make in fields.items() if self.dice.random() < 0.5}

    def coded(self, number: str) -> Any:
        """A value of a list: mostly a code of it, in one of the ways in which it may be written."""
        known = LISTS[number]["codes"]
        if self.dice.random() < 0.04:
            return self.dice.choice(STRANGE)
        code = self.dice.choice(sorted(known) or ["030101"])
        text = self.dice.choice([*known.get(code, []), *known.get(code, []), "", "Noe annet"])
        if self.dice.random() < 0.02:
            text = "Ukjent"
        way = self.dice.randrange(8)
        value = coded(int(code) if way == 0 and code.isdigit() else code, text)
        if way == 1 and text:
            value = {"beskrivelse": text.upper()}
        oid = self.dice.choice([None, int(number), TREE + number, f"urn:oid:{TREE}{number}"])
        return value if oid is None else {**value, "oid": oid}

    def name(self) -> Any:
        return self.dice.choice(["Hansen", " Åse  Marie\n", "Ukjent", "", None, 7, {}, "x" * 300])

    def text(self) -> Any:
        return self.dice.choice([None, "", "Hoste i  tre uker\n", "På «buss»"])

    def day(self) -> Any:
        day = date(2025, 12, 27) + timedelta(days=self.dice.randrange(15))
        moment = datetime(
            day.year,
            day.month,
            day.day,
            self.dice.randrange(24),
            tzinfo=self.dice.choice([UTC, OSLO]),
        )
        plain = [
            day.isoformat(),
            day.isoformat(),
            f"{day.day}.{day.month}.{day.year}",
            moment.isoformat(),
            None,
        ]
        rare = ["2026-02-30", "1926-01-05", "i går", "", " ", "20260105"]
        return self.dice.choice(plain if self.dice.random() < 0.95 else rare)


NUMBERS = [
    *[None, some_number(), some_number(), some_number(), some_number(male=True)],
    *[make_number(date(2026, 1, 3), 502), "17838400222"],
]
DIAGNOSES = [
    coded("713"),
    coded(713),
    coded("713", "", 80012),
    coded("99"),
    {"beskrivelse": "Kikhoste"},
]
AGENTS = [coded("713000"), coded(713000), coded("713999", "Noe nytt"), coded("71300"), None]
STRANGE = [
    *[
        coded("7777777"),
        coded(55),
        coded("1", "Ukjent"),
        coded(1, "Annet"),
        coded(1.5),
        3,
        {},
        None,
        " ",
    ],
    *[coded(4601), coded("ES"), coded("10", "", 1)],
]


@settings(max_examples=250, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_fast_reader_says_the_same_as_the_plain_one(seed: int) -> None:
    form = Maker(seed).form()
    assert read_fast(form) == read_plainly(form), form


def test_the_generated_forms_are_of_all_kinds() -> None:
    """Records and most reasons to refuse one: else the comparison would compare little."""
    found = Counter(
        each if isinstance(each, str) else "record"
        for seed in range(1200)
        if (each := read_fast(Maker(seed).form())) is not None
    )
    assert found["record"] > 150
    assert found.keys() >= {
        *("unknown-code", "contradictory-code", "contradictory-values", "contradictory-sex"),
        *("contradictory-birth-date", "bad-date", "absurd-date", "bad-field", "future-collected"),
        *("future-date", "born-after-collected", "invalid-identity-number"),
    }, found
